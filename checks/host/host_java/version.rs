//! What `java -version` prints, and how it stands to what a release of DSS takes.

use ackcheck_core::dss_facts::{Fact, Sureness};

/// How a version stands to those that a release of DSS takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Listed,
    /// Dataiku says which it takes, and all of them are later: classes made for those do not load.
    TooOld,
    /// Dataiku does not list it, or its list for this release is not known.
    Unlisted,
}

pub(super) fn standing(feature: u32, fact: &Fact<Vec<u32>>) -> Standing {
    if fact.value.contains(&feature) {
        return Standing::Listed;
    }
    match fact.sure {
        Sureness::Confirmed if fact.value.iter().all(|listed| feature < *listed) => Standing::TooOld,
        Sureness::Confirmed | Sureness::Inferred => Standing::Unlisted,
    }
}

/// The version as printed, and its feature release: `1.8.0_432` is 8. Other lines may stand before it
/// (`Picked up JAVA_TOOL_OPTIONS: …`).
pub(super) fn of(said: &str) -> Option<(String, u32)> {
    let line =
        said.lines().find(|line| line.starts_with("openjdk version \"") || line.starts_with("java version \""))?;
    let version = line.split('"').nth(1)?;
    let mut numbers = version.split(['.', '-', '+', '_']).map(|part| part.parse::<u32>().ok());
    let feature = match numbers.next()?? {
        1 => numbers.next()??,
        feature => feature,
    };
    Some((version.to_owned(), feature))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackcheck_core::dss_facts::{Known, of as release};
    use ackcheck_core::seat::dss::DssVersion;

    #[test]
    fn only_what_dataiku_says_makes_a_version_too_old() {
        for (dss, feature, stands) in [
            ("14.2.0", 17, Standing::Listed),
            ("14.2.0", 11, Standing::TooOld),
            ("14.2.0", 21, Standing::Unlisted),
            ("12.0.0", 9, Standing::Unlisted),
            ("15.1.0", 11, Standing::Unlisted),
        ] {
            let Known::Release(known) = release(&DssVersion::parse(dss).unwrap()) else { panic!("{dss}") };
            assert_eq!(standing(feature, known.java.as_ref().unwrap()), stands, "{dss} {feature}");
        }
    }

    #[test]
    fn versions_are_read_as_each_java_writes_them() {
        for (said, feature) in [
            ("openjdk version \"1.8.0_432\"\nOpenJDK Runtime Environment", 8),
            ("java version \"1.7.0_80\"", 7),
            ("openjdk version \"11.0.25\" 2024-10-15", 11),
            ("Picked up JAVA_TOOL_OPTIONS: -Dversion=\"9\"\nopenjdk version \"17.0.13\" 2024-10-15 LTS", 17),
            ("openjdk version \"21\" 2023-09-19", 21),
            ("openjdk version \"24-ea\" 2025-03-18", 24),
        ] {
            assert_eq!(of(said).map(|(_, feature)| feature), Some(feature), "{said}");
        }
        assert_eq!((of(""), of("openjdk version \"x\""), of("java: cannot execute")), (None, None, None));
    }
}
