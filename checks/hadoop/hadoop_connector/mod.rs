//! Classes, jars and settings are those of one connector for OSS.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::hadoop_configuration::Configuration;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::read::{ABSTRACT_FILE_SYSTEM, FILE_SYSTEM};
use ackcheck_core::seat::dss::{HadoopConnection, HadoopKey, Jar, JarState};
use ackcheck_core::verdict::{Code, Judgement, Verdict};

use super::connector::Connector;

mod trials;

static MIXED: Code = Code::fail("mixed", "the Hadoop keys, the jars and the connections are for different connectors");

pub(crate) static CHECK: Check = Check {
    id: "hadoop-connector",
    title: "The Hadoop keys, the jars and the connections are for the same connector",
    stage: Stage::Acceptance,
    needs: &[],
    uses: &[],
    deadline: Duration::from_secs(60),
    findings: &[&MIXED],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|_, dss| Box::pin(judge(dss))),
};

async fn judge(dss: &dyn Dss) -> Judgement {
    let keys = dss.hadoop_keys().await?;
    let mut connections = dss.connections().await?;
    connections.retain(HadoopConnection::is_oss);
    let named = named(&keys, &connections);
    if named.iter().all(|(_, connector)| *connector == Connector::HadoopAliyun) {
        // Whether its jars are there, hadoop-jars says.
        return Ok(Verdict::Pass);
    }
    let jars = dss.hadoop_jars().await?.jars;
    for (place, connector) in &named {
        if let Some(why) = lacks(*connector, &jars) {
            return Ok(mixed(format!("{place} is a class of {}, {why}", connector.name()), *connector, &jars));
        }
    }
    match named.iter().find(|(_, connector)| *connector != named[0].1) {
        Some((place, connector)) => {
            let (first, other) = (&named[0].0, named[0].1.name());
            let seen = format!("{first} is a class of {other}, and {place} one of {}", connector.name());
            Ok(mixed(seen, *connector, &jars))
        }
        None => Ok(Verdict::Pass),
    }
}

fn mixed(seen: String, connector: Connector, jars: &[Jar]) -> Verdict {
    let there = if lacks(Connector::HadoopAliyun, jars).is_none() { "are there" } else { "are not there either" };
    let needed = connector.jars().iter().map(|jar| format!("{jar}*.jar")).collect::<Vec<_>>().join("\n");
    MIXED.found(seen).with("connector", connector.name()).with("jars", needed).with("hadoop_aliyun", there).into()
}

/// Every class of a known connector that the settings name, with its place; the instance's first.
fn named(keys: &[HadoopKey], connections: &[HadoopConnection]) -> Vec<(String, Connector)> {
    let instance = Configuration::of_instance(keys);
    let mut named = Vec::new();
    let mut look = |configuration: &Configuration, of: &str| {
        for key in [FILE_SYSTEM, ABSTRACT_FILE_SYSTEM] {
            let connector = configuration.trimmed(key).known().and_then(|class| Connector::of_class(&class));
            named.extend(connector.map(|connector| (format!("{key}{of}"), connector)));
        }
    };
    look(&instance, "");
    for connection in connections {
        look(&Configuration::of(keys, connection), &format!(" of the connection {}", connection.name));
    }
    named
}

/// Why a connector cannot work with what is there.
fn lacks(connector: Connector, jars: &[Jar]) -> Option<String> {
    if connector == Connector::S3a {
        return Some("which reads the settings fs.s3a.* and not fs.oss.*".to_owned());
    }
    let whole =
        |start: &str| jars.iter().any(|jar| jar.name.starts_with(start) && matches!(jar.state, JarState::Whole { .. }));
    let missing: Vec<String> =
        connector.jars().iter().filter(|start| !whole(start)).map(|start| format!("{start}*.jar")).collect();
    (!missing.is_empty()).then(|| format!("and DSS does not have {}", missing.join(" and ")))
}
