//! Classes, jars and settings are those of one connector for OSS.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::hadoop_configuration::Configuration;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::read::{ABSTRACT_FILE_SYSTEM, FILE_SYSTEM};
use ackcheck_core::seat::dss::{HadoopConnection, HadoopKey};
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
    if named.iter().all(|named| named.connector == Connector::HadoopAliyun) {
        // Whether its jars are there, hadoop-jars says.
        return Ok(Verdict::Pass);
    }
    let classes: Vec<String> = named.iter().map(|named| named.class.clone()).collect();
    let missing = dss.classes_missing(&classes).await?;
    let others = named.iter().filter(|named| named.connector != Connector::HadoopAliyun);
    for Named { place, connector, class } in others {
        let name = connector.name();
        if *connector == Connector::S3a {
            let seen = format!("{place} is a class of {name}, which reads the settings fs.s3a.* and not fs.oss.*");
            return Ok(mixed(seen, *connector));
        }
        if missing.contains(class) {
            return Ok(mixed(format!("{place} is a class of {name}, and no jar of DSS has it"), *connector));
        }
    }
    let Some(first) = named.first() else { return Ok(Verdict::Pass) };
    match named.iter().find(|named| named.connector != first.connector) {
        Some(Named { place, connector, .. }) => {
            let (there, other) = (&first.place, first.connector.name());
            let seen = format!("{there} is a class of {other}, and {place} one of {}", connector.name());
            Ok(mixed(seen, *connector))
        }
        None => Ok(Verdict::Pass),
    }
}

fn mixed(seen: String, connector: Connector) -> Verdict {
    // The one for S3 is none for `oss://`, whatever jars there are.
    let connector = if connector == Connector::S3a { Connector::HadoopAliyun } else { connector };
    let needed = connector.jars().iter().map(|jar| format!("{jar}*.jar")).collect::<Vec<_>>().join("\n");
    MIXED.found(seen).with("connector", connector.name()).with("jars", needed).into()
}

/// A class of a known connector that the settings name, and where.
struct Named {
    place: String,
    connector: Connector,
    class: String,
}

/// Every class of a known connector that the settings name, with its place; the instance's first.
fn named(keys: &[HadoopKey], connections: &[HadoopConnection]) -> Vec<Named> {
    let instance = Configuration::of_instance(keys);
    let mut named = Vec::new();
    let mut look = |configuration: &Configuration, of: &str| {
        for key in [FILE_SYSTEM, ABSTRACT_FILE_SYSTEM] {
            let class = configuration.trimmed(key).known();
            named.extend(class.and_then(|class| {
                Some(Named { place: format!("{key}{of}"), connector: Connector::of_class(&class)?, class })
            }));
        }
    };
    look(&instance, "");
    for connection in connections {
        look(&Configuration::of(keys, connection), &format!(" of the connection {}", connection.name));
    }
    named
}
