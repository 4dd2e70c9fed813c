//! Each OSS connection's root is `oss://bucket/path` (HOWTO 3.2).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::verdict::{Code, Judgement, Verdict};

mod root;
mod trials;

use root::Mistake;

static MISSING: Code = Code::fail("missing", "a connection with OSS properties has no root path");
static SCHEME: Code = Code::fail("scheme", "a connection's root does not start with oss://");
static BUCKET_NAME: Code = Code::fail("bucket-name", "what follows oss:// is no name a bucket can have");
static TRAILING: Code =
    Code::warn("trailing", "a connection's root ends in a slash or a space, which becomes part of paths");

pub(crate) static CHECK: Check = Check {
    id: "connection-root",
    title: "Each OSS connection's root is of the form oss://bucket/path",
    stage: Stage::Acceptance,
    needs: &[],
    uses: &[],
    deadline: Duration::from_secs(30),
    findings: &[&MISSING, &SCHEME, &BUCKET_NAME, &TRAILING],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|context, dss| Box::pin(judge(context, dss))),
};

async fn judge(_: &Context, dss: &dyn Dss) -> Judgement {
    let connections = super::oss_connections(dss).await?;
    let mut flaw = None;
    let mut decided = 0;
    for connection in &connections {
        let mistake = match root::read(&connection.root) {
            Ok(decidable) => {
                decided += usize::from(decidable);
                continue;
            }
            Err(mistake) => mistake,
        };
        let (code, why) = match mistake {
            Mistake::Missing => (&MISSING, "it is empty".to_owned()),
            Mistake::Scheme => (&SCHEME, "it does not start with oss://".to_owned()),
            Mistake::Bucket(why) => (&BUCKET_NAME, why),
            Mistake::Trailing(why) => (&TRAILING, why.to_owned()),
        };
        let seen = format!("the root of the connection {} is {:?}: {why}", connection.name, connection.root);
        let right = root::right(&connection.root);
        let finding = code.found(seen).with("connection", connection.name.as_str()).with("right_root", right);
        if code.severity == TRAILING.severity {
            flaw.get_or_insert(finding);
        } else {
            return Ok(finding.into());
        }
    }
    match flaw {
        Some(finding) => Ok(finding.into()),
        None if decided == 0 => Ok(Verdict::NotApplicable(
            "every OSS connection takes its bucket from a variable, which DSS fills in".into(),
        )),
        None => Ok(Verdict::Pass),
    }
}
