//! Versions of Kubernetes, and the clients of Spark that talk to it.

use std::fmt;

use serde::Deserialize;

/// A minor version of Kubernetes: `1.32`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Minor {
    pub major: u32,
    pub minor: u32,
}

/// What a release of DSS is known to work with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kubernetes {
    /// The oldest that Dataiku supports.
    pub least: Minor,
    /// The newest that Dataiku says it tested with.
    pub tested: Option<Minor>,
}

/// A version of the client that Spark brings (fabric8), from which on it was made for a version of Kubernetes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Client {
    pub from: Minor,
    pub made_for: Minor,
}

impl Minor {
    /// Of `v1.32.1-aliyun.1`, `1.32` or `6.4.1`; none where it does not begin with two numbers.
    pub fn parse(text: &str) -> Option<Minor> {
        let text = text.trim();
        let mut parts = text.strip_prefix('v').unwrap_or(text).split(['.', '-', '+']);
        Some(Minor { major: parts.next()?.parse().ok()?, minor: parts.next()?.parse().ok()? })
    }
}

impl TryFrom<String> for Minor {
    type Error = String;

    fn try_from(text: String) -> Result<Minor, String> {
        Minor::parse(&text).ok_or_else(|| format!("{text:?} is not a version"))
    }
}

impl fmt::Display for Minor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// What a client of this version was made for; none of one that is older than all that are known.
pub(super) fn made_for(clients: &[Client], version: &str) -> Option<Minor> {
    let version = Minor::parse(version)?;
    clients.iter().rev().find(|client| client.from <= version).map(|client| client.made_for)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        let minor = |text: &str| Minor::parse(text).unwrap();
        assert!(minor("v1.9.11") < minor("v1.20.2-aliyun.1") && minor("1.32") == minor("v1.32.1+k3s1"));
        assert_eq!(minor("v1.32.1").to_string(), "1.32");
        assert_eq!((Minor::parse("v1"), Minor::parse("latest")), (None, None));
    }
}
