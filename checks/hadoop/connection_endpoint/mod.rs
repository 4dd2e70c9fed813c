//! The connection sets its endpoint (HOWTO 3.2). Whether it is the right one, oss-endpoint asks OSS.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::read::ENDPOINT;
use ackcheck_core::seat::dss::{HadoopConnection, PropertyValue};
use ackcheck_core::seat::store::Endpoint;
use ackcheck_core::verdict::{Code, Finding, Judgement, Verdict};

mod trials;

static MISSING: Code = Code::fail("missing", "the connection does not set fs.oss.endpoint");
static MALFORMED: Code = Code::fail("malformed", "the connection's fs.oss.endpoint is not a host name");

pub(crate) static CHECK: Check = Check {
    id: "connection-endpoint",
    title: "The connection sets its endpoint",
    stage: Stage::Acceptance,
    needs: &[],
    uses: &[],
    deadline: Duration::from_secs(30),
    findings: &[&MISSING, &MALFORMED],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachConnection(|context, dss, connection| Box::pin(judge(context, dss, connection))),
};

async fn judge(context: &Context, dss: &dyn Dss, connection: &HadoopConnection) -> Judgement {
    let name = connection.name.as_str();
    let region = context.region().unwrap_or("REGION");
    let described = |finding: Finding| {
        let right = format!("oss-{region}-internal.aliyuncs.com");
        finding.with("connection", name).with("right_endpoint", right)
    };
    let value = match connection.property(ENDPOINT) {
        Some(PropertyValue::Clear(value)) => value.as_str(),
        // Variables and encrypted values count as set; whether they are right, oss-endpoint asks OSS.
        Some(_) => return Ok(Verdict::Pass),
        None => "",
    };
    if value.trim().is_empty() {
        // A key set for the whole instance applies to every connection without its own.
        if dss.hadoop_keys().await?.iter().any(|key| key.key == ENDPOINT && key.value.is_given()) {
            return Ok(Verdict::Pass);
        }
        return Ok(described(MISSING.found(format!("the connection {name} does not set {ENDPOINT}"))).into());
    }
    match host_name(value) {
        Ok(()) => Ok(Verdict::Pass),
        Err(why) => {
            let seen = format!("the {ENDPOINT} of the connection {name} is {value:?}: {why}");
            Ok(described(MALFORMED.found(seen)).into())
        }
    }
}

/// Says why the text is not the host name of an endpoint. White space around it is allowed, because Hadoop trims it.
fn host_name(text: &str) -> Result<(), String> {
    let endpoint = Endpoint::parse(text.trim())?;
    if endpoint.host.split('.').any(|label| label.is_empty() || label.len() > 63) {
        return Err("a part of the host name is empty or too long".to_owned());
    }
    if !endpoint.host.contains('.') && endpoint.host != "localhost" {
        return Err("a single word is not a host name".to_owned());
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
