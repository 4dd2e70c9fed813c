//! Each OSS connection names its endpoint (HOWTO 3.2). Whether it is the bucket's own is asked of OSS.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::PropertyValue;
use ackcheck_core::seat::store::Endpoint;
use ackcheck_core::verdict::{Code, Judgement, Verdict};

mod trials;

static MISSING: Code = Code::fail("missing", "an OSS connection has no fs.oss.endpoint");
static MALFORMED: Code = Code::fail("malformed", "an OSS connection's fs.oss.endpoint is no host name");

const KEY: &str = "fs.oss.endpoint";

pub(crate) static CHECK: Check = Check {
    id: "connection-endpoint",
    title: "Each OSS connection names its endpoint",
    stage: Stage::Acceptance,
    needs: &[],
    uses: &[],
    deadline: Duration::from_secs(30),
    findings: &[&MISSING, &MALFORMED],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|context, dss| Box::pin(judge(context, dss))),
};

async fn judge(context: &Context, dss: &dyn Dss) -> Judgement {
    let connections = super::oss_connections(dss).await?;
    let region = context.region().unwrap_or("REGION");
    let right = format!("oss-{region}-internal.aliyuncs.com");
    let described = |finding: ackcheck_core::verdict::Finding, connection: &str| {
        finding.with("connection", connection).with("right_endpoint", right.as_str())
    };
    for connection in &connections {
        let value = match connection.property(KEY) {
            Some(PropertyValue::Clear(value)) => value.clone(),
            // What DSS fills in or hides is there; what it comes to is asked of OSS.
            Some(_) => continue,
            None => String::new(),
        };
        let name = &connection.name;
        if value.trim().is_empty() {
            // A key of the whole instance serves every connection that has none of its own.
            if dss.hadoop_keys().await?.iter().any(|key| key.key == KEY && !key.value.trim().is_empty()) {
                continue;
            }
            return Ok(described(MISSING.found(format!("the connection {name} has no {KEY}")), name).into());
        }
        if let Err(why) = host_name(&value) {
            let seen = format!("the {KEY} of the connection {name} is {value:?}: {why}");
            return Ok(described(MALFORMED.found(seen), name).into());
        }
    }
    Ok(Verdict::Pass)
}

/// Says why the text is no endpoint's; Hadoop trims it.
fn host_name(text: &str) -> Result<(), String> {
    let endpoint = Endpoint::parse(text.trim())?;
    if endpoint.host.split('.').any(|label| label.is_empty() || label.len() > 63) {
        return Err("a part of the host name is empty or too long".to_owned());
    }
    if !endpoint.host.contains('.') && endpoint.host != "localhost" {
        return Err("a region or a word alone is no host name".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::host_name;

    #[test]
    fn tells_endpoints_from_other_texts() {
        for fine in
            ["oss-cn-hangzhou-internal.aliyuncs.com", "https://oss-cn-hangzhou.aliyuncs.com/", " oss.corp.example "]
        {
            assert!(host_name(fine).is_ok(), "{fine}");
        }
        for other in
            ["cn-hangzhou", "OSS_ENDPOINT_DOMAIN_NAME", "oss cn hangzhou.aliyuncs.com", "oss://b.x", "a..b", "https://"]
        {
            assert!(host_name(other).is_err(), "{other}");
        }
    }
}
