//! A connection that speaks S3 to OSS does so in a way that OSS answers.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::verdict::{Code, Judgement, Verdict};

mod trials;

static PATH_STYLE: Code =
    Code::warn("path-style", "an S3 connection of DSS asks OSS with the bucket in the path, which OSS refuses");

pub(crate) static CHECK: Check = Check {
    id: "s3-connection",
    title: "S3 connections of DSS that are aimed at OSS put the bucket in the host name",
    stage: Stage::Acceptance,
    needs: &[],
    uses: &[],
    deadline: Duration::from_secs(30),
    findings: &[&PATH_STYLE],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|_, dss| Box::pin(judge(dss))),
};

async fn judge(dss: &dyn Dss) -> Judgement {
    let mut connections = dss.s3_connections().await?;
    connections.retain(|connection| connection.is_oss() && connection.path_style);
    let Some(first) = connections.first() else { return Ok(Verdict::Pass) };
    let seen = connections
        .iter()
        .map(|connection| format!("{} asks {} in path style", connection.name, connection.endpoint))
        .collect::<Vec<_>>()
        .join("; ");
    let names = connections.iter().map(|connection| connection.name.as_str()).collect::<Vec<_>>().join("\n");
    Ok(PATH_STYLE.found(seen).with("connection", first.name.as_str()).with("connections", names).into())
}
