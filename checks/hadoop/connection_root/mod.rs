//! The connection's root has the form `oss://bucket/path` (HOWTO 3.2).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::config::ConnectionConfig;
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::dss::HadoopConnection;
use ackcheck_core::verdict::{Code, Judgement, Unseen, Verdict};

mod root;
mod trials;

use root::{Bucket, Mistake};

static MISSING: Code = Code::fail("missing", "the connection has OSS properties but no root path");
static SCHEME: Code = Code::fail("scheme", "the connection's root does not start with oss://");
static BUCKET_NAME: Code = Code::fail("bucket-name", "the connection's root does not name a valid bucket");
static KEY_INSIDE: Code = Code::fail(
    "key-inside",
    "the connection's root has the AccessKey in it, a form that only E-MapReduce's connector understands",
);
static OSS_HDFS: Code = Code::fail("oss-hdfs", "the connection's root is on OSS-HDFS, which needs JindoSDK");
static TRAILING: Code =
    Code::warn("trailing", "the connection's root has a stray slash or space, which ends up in paths");

pub(crate) static CHECK: Check = Check {
    id: "connection-root",
    title: "The connection's root has the form oss://bucket/path",
    stage: Stage::Acceptance,
    needs: &[],
    uses: &[],
    deadline: Duration::from_secs(30),
    findings: &[&MISSING, &SCHEME, &BUCKET_NAME, &KEY_INSIDE, &OSS_HDFS, &TRAILING],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachConnection(|context, _, connection| Box::pin(judge(context, connection))),
};

pub(super) async fn judge(context: &Context, connection: &HadoopConnection) -> Judgement {
    let name = connection.name.as_str();
    let mistake = match root::read(&connection.root) {
        Ok(Bucket::Written) => return Ok(Verdict::Pass),
        Ok(Bucket::Variable) => return of_variable(context, connection),
        Err(mistake) => mistake,
    };
    let (code, why) = match mistake {
        Mistake::Missing => (&MISSING, "it is empty".to_owned()),
        Mistake::Scheme => (&SCHEME, "it does not start with oss://".to_owned()),
        Mistake::Bucket(why) => (&BUCKET_NAME, why),
        Mistake::KeyInside => (
            &KEY_INSIDE,
            "it has E-MapReduce's form oss://ID:SECRET@BUCKET.ENDPOINT/PATH, which Hadoop's own connector does not take \
             apart"
                .to_owned(),
        ),
        Mistake::OssHdfs => (&OSS_HDFS, "the HOWTO's jars do not speak OSS-HDFS".to_owned()),
        Mistake::Trailing(why) => (&TRAILING, why.to_owned()),
    };
    let seen = format!("the root of the connection {name} is {:?}: {why}", connection.root);
    let right = root::right(&connection.root);
    Ok(code.found(seen).with("connection", name).with("right_root", right).into())
}

/// DSS resolves the bucket itself, so the root that the site file gives instead is judged.
fn of_variable(context: &Context, connection: &HadoopConnection) -> Judgement {
    let name = connection.name.as_str();
    let storage = context.config().storage.as_ref();
    let given = storage.and_then(|storage| storage.connection(name)).and_then(|known| known.root.as_deref());
    match given.map(root::read) {
        Some(Ok(Bucket::Written)) => Ok(Verdict::Pass),
        Some(_) => Err(Unseen::unreadable(
            format!("the root that the site file gives for the connection {name}"),
            "it is not of the form oss://bucket/path",
        )),
        None => Err(Unseen::not_given(
            format!("only DSS can resolve the bucket in the root {} of the connection {name}", connection.root),
            ConnectionConfig::lines(name, "root = \"oss://BUCKET/PATH\""),
        )),
    }
}
