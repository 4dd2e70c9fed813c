//! What releases of DSS ask of their host: `fixtures/dss/facts.json`, and nothing that is not there.

mod kubernetes;
mod linux;

use std::sync::LazyLock;

use serde::Deserialize;

use crate::seat::dss::DssVersion;

pub use kubernetes::{Kubernetes, Minor};
pub use linux::{Distribution, Linux};

/// How well a fact is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sureness {
    /// Dataiku says so of that release.
    Confirmed,
    /// It follows from neighbouring releases: it can let a host pass, and cannot make one fail.
    Inferred,
}

/// A fact, how well it is known, and from where.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact<T> {
    pub value: T,
    pub sure: Sureness,
    /// A key of [`Facts::sources`].
    source: String,
}

/// What releases ask for, from one version on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    from: String,
    /// The distributions that are supported, deprecated ones included.
    pub linux: Option<Fact<Linux>>,
    /// Major versions of Java for DSS itself.
    pub java: Option<Fact<Vec<u32>>>,
    pub kubernetes: Option<Fact<Kubernetes>>,
    /// Versions of Python for DSS itself, as `3.9`.
    pub python: Option<Fact<Vec<String>>>,
    /// In GB.
    pub memory_gb: Option<Fact<u64>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Source {
    what: String,
    /// The day on which it was read.
    read: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SparkClients {
    /// A key of [`Facts::sources`].
    #[cfg_attr(not(test), expect(dead_code, reason = "it is there for whoever keeps the file"))]
    source: String,
    /// The oldest first.
    versions: Vec<kubernetes::Client>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Facts {
    #[serde(rename = "comment")]
    _comment: String,
    newest: String,
    sources: std::collections::BTreeMap<String, Source>,
    spark_clients: SparkClients,
    /// The oldest first.
    releases: Vec<Release>,
}

/// What is known of a version of DSS.
#[derive(Debug, Clone, Copy)]
pub enum Known {
    Release(&'static Release),
    /// It is older than every release that is known.
    Older,
    /// It is newer than every release that is known.
    Newer,
}

impl Release {
    /// The version that its entry begins with.
    pub fn from(&self) -> &str {
        &self.from
    }
}

/// A test reads the file; what cannot be read is not known of any release.
static FACTS: LazyLock<Option<Facts>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../../fixtures/dss/facts.json")).ok());

/// What is known of this version.
pub fn of(version: &DssVersion) -> Known {
    let newest = DssVersion::parse(newest());
    if newest.is_none_or(|newest| !newest.at_least(&version.parts)) {
        return Known::Newer;
    }
    let holds = |release: &&Release| DssVersion::parse(&release.from).is_some_and(|from| version.at_least(&from.parts));
    releases().iter().rev().find(holds).map_or(Known::Older, Known::Release)
}

/// Every entry, the oldest first.
pub fn releases() -> &'static [Release] {
    FACTS.as_ref().map_or(&[], |facts| facts.releases.as_slice())
}

/// The version of Kubernetes that a client of Spark (`6.4.1`) was made for; none where that is not known.
pub fn spark_client_made_for(client: &str) -> Option<Minor> {
    kubernetes::made_for(&FACTS.as_ref()?.spark_clients.versions, client)
}

/// The newest version of DSS that something is known of.
pub fn newest() -> &'static str {
    FACTS.as_ref().map_or("", |facts| facts.newest.as_str())
}

impl<T> Fact<T> {
    /// Where it is from, and when that was read, for people.
    pub fn source(&self) -> String {
        let source = FACTS.as_ref().and_then(|facts| facts.sources.get(&self.source));
        source.map_or_else(|| self.source.clone(), |source| format!("{}, read {}", source.what, source.read))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(text: &str) -> Known {
        of(&DssVersion::parse(text).unwrap())
    }

    fn from(text: &str) -> &'static str {
        match known(text) {
            Known::Release(release) => &release.from,
            Known::Older => "older",
            Known::Newer => "newer",
        }
    }

    #[test]
    fn the_file_is_read_and_in_order() {
        let facts: Facts = serde_json::from_str(include_str!("../../../fixtures/dss/facts.json")).unwrap();
        let versions: Vec<DssVersion> =
            facts.releases.iter().map(|release| DssVersion::parse(&release.from).unwrap()).collect();
        assert!(versions.windows(2).all(|pair| !pair[0].at_least(&pair[1].parts)), "{versions:?}");
        assert_eq!(versions[0].parts, [8, 0, 4]);
        let clients = &facts.spark_clients.versions;
        assert!(clients.windows(2).all(|pair| pair[0].from < pair[1].from && pair[0].made_for < pair[1].made_for));
        assert!(facts.sources.contains_key(&facts.spark_clients.source));
        let date = |text: &str| text.split('-').map(|part| part.parse::<u32>()).all(|part| part.is_ok());
        assert!(facts.sources.values().all(|source| !source.what.is_empty() && date(&source.read)));
        for release in &facts.releases {
            let sources = [
                release.linux.as_ref().map(|fact| &fact.source),
                release.java.as_ref().map(|fact| &fact.source),
                release.kubernetes.as_ref().map(|fact| &fact.source),
                release.python.as_ref().map(|fact| &fact.source),
                release.memory_gb.as_ref().map(|fact| &fact.source),
            ];
            for source in sources.into_iter().flatten() {
                assert!(facts.sources.contains_key(source), "{}: {source}", release.from);
            }
        }
    }

    #[test]
    fn a_version_is_in_its_range_and_what_is_beyond_is_not_guessed() {
        for (version, entry) in [
            ("8.0.3", "older"),
            ("8.0.4", "8.0.4"),
            ("8.0.7", "8.0.4"),
            ("9.0.0", "9.0"),
            ("13.2.2", "13.0"),
            ("13.10", "13.2.3"),
            ("14.2", "14.0"),
            ("14.5.1", "14.4.2"),
            ("14.7.7", "14.5.2"),
            ("15.2.1", "15.0"),
            ("15.2.2", "newer"),
            ("16", "newer"),
        ] {
            assert_eq!(from(version), entry, "{version}");
        }
        let made_for = |client: &str| spark_client_made_for(client).map(|minor| minor.to_string());
        assert_eq!(made_for("4.6.1").as_deref(), Some("1.15"));
        assert_eq!(made_for("4.12.0").as_deref(), Some("1.18"));
        assert_eq!((made_for("6.4.1").as_deref(), made_for("3.0.0")), (Some("1.25"), None));
        let Known::Release(ten) = known("10.0.7") else { panic!() };
        assert!(ten.memory_gb.is_none());
    }
}
