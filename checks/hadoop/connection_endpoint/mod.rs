//! The connection sets its endpoint (HOWTO 3.2). Whether it is the right one, oss-endpoint asks OSS.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::config::ConnectionConfig;
use ackcheck_core::context::Context;
use ackcheck_core::hadoop_configuration::{Configuration, Told, Unknown};
use ackcheck_core::java;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::HadoopConnection;
use ackcheck_core::seat::dss::read::ENDPOINT;
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

pub(crate) mod endpoint;
mod trials;

static MISSING: Code = Code::fail("missing", "the connection does not set fs.oss.endpoint");
static MALFORMED: Code = Code::fail("malformed", "the connection's fs.oss.endpoint is not an endpoint of OSS");

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

pub(super) async fn judge(context: &Context, dss: &dyn Dss, connection: &HadoopConnection) -> Judgement {
    let name = connection.name.as_str();
    let region = context.region().unwrap_or("REGION");
    let described = |finding: Finding| {
        let right = format!("oss-{region}-internal.aliyuncs.com");
        finding.with("connection", name).with("right_endpoint", right)
    };
    let endpoint = Configuration::of(&dss.hadoop_keys().await?, connection).trimmed(ENDPOINT);
    let malformed = |why: String| Ok(described(MALFORMED.found(why)).into());
    let text = match endpoint {
        Told::Known(text) if !text.is_empty() => text,
        Told::Known(_) | Told::Unset => {
            return Ok(described(MISSING.found(format!("the connection {name} does not set {ENDPOINT}"))).into());
        }
        Told::TooDeep => return malformed(format!("the {ENDPOINT} of the connection {name} refers to itself")),
        Told::Unknown(unknown) => return of_unknown(context, name, &unknown),
    };
    let bucket = java::trim(&connection.root).strip_prefix("oss://").and_then(|rest| rest.split('/').next());
    match endpoint::asked(&text, bucket.filter(|bucket| !bucket.is_empty())) {
        Ok(()) => Ok(Verdict::Pass),
        Err(why) => malformed(format!("the {ENDPOINT} of the connection {name} is {}: {why}", java::quoted(&text))),
    }
}

/// DSS resolves it; where the site file gives it instead, oss-endpoint asks OSS whether it is right.
fn of_unknown(context: &Context, name: &str, unknown: &Unknown) -> Judgement {
    let storage = context.config().storage.as_ref();
    let given = storage.and_then(|storage| storage.connection(name)).and_then(|known| known.endpoint.as_deref());
    match given.map(|given| endpoint::asked(given, None)) {
        Some(Ok(())) => Ok(Verdict::Pass),
        Some(Err(why)) => {
            Err(Unseen::unreadable(format!("the endpoint that the site file gives for the connection {name}"), why))
        }
        None => Err(Unseen::not_given(
            format!("the {ENDPOINT} of the connection {name} is not known: {unknown}"),
            ConnectionConfig::lines(name, "endpoint = \"oss-REGION-internal.aliyuncs.com\""),
        )),
    }
}
