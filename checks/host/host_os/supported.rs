//! The versions of Linux distributions that releases of DSS support, from 8.0.4 on.
//!
//! Sources, as of 2025-11-21: the requirements of DSS 14
//! (<https://doc.dataiku.com/dss/latest/installation/custom/requirements.html>) and what the release notes of 9, 10, 11,
//! 12, 13 and 14 add and remove (<https://doc.dataiku.com/dss/latest/release_notes/>); for 8 and 9 also what the installer
//! of 9.0.5 takes. A release is a major one: the minor release that added a version within it is left out, and so is that
//! DSS 14 wants the last minor version, 8.10, of Red Hat Enterprise Linux 8 and Oracle Linux 8.

use std::fmt;

/// The newest release of DSS whose requirements are in this table.
pub(super) const NEWEST: u32 = 14;

/// A distribution.
pub(super) struct Distribution {
    /// The `ID` of its `/etc/os-release`.
    id: &'static str,
    name: &'static str,
    /// In order, the oldest first.
    versions: &'static [Version],
}

/// A version of it.
struct Version {
    /// As its `VERSION_ID` has it.
    number: &'static str,
    /// Whether every minor version of it counts; else this very number.
    minors: bool,
    /// The first major release of DSS that supports it, where that is known; 8 for what 8.0.4 supports.
    first: Option<u32>,
    last: u32,
}

/// How a version stands to the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// A release of DSS supports it.
    Supported,
    /// None does.
    Unsupported,
    /// It is later than every version of the table: releases of DSS after [`NEWEST`] may support it.
    Newer,
    /// It is not a number.
    Unknown,
}

const fn exactly(number: &'static str, first: u32, last: u32) -> Version {
    Version { number, minors: false, first: Some(first), last }
}

const fn all_of(number: &'static str, first: u32, last: u32) -> Version {
    Version { number, minors: true, first: Some(first), last }
}

/// Supported up to a release; since when is not known.
const fn until(number: &'static str, last: u32) -> Version {
    Version { number, minors: false, first: None, last }
}

static DISTRIBUTIONS: &[Distribution] = &[
    Distribution {
        id: "rhel",
        name: "Red Hat Enterprise Linux",
        versions: &[all_of("6", 8, 8), all_of("7", 8, 13), all_of("8", 8, 14), all_of("9", 13, 14)],
    },
    Distribution { id: "almalinux", name: "AlmaLinux", versions: &[exactly("8.10", 12, 14), all_of("9", 13, 14)] },
    Distribution { id: "rocky", name: "Rocky Linux", versions: &[exactly("8.10", 12, 14), all_of("9", 13, 14)] },
    Distribution {
        id: "ol",
        name: "Oracle Linux",
        versions: &[all_of("6", 8, 8), all_of("7", 8, 13), all_of("8", 8, 14), all_of("9", 13, 14)],
    },
    Distribution {
        id: "centos",
        name: "CentOS",
        versions: &[all_of("6", 8, 8), all_of("7", 8, 13), all_of("8", 8, 12)],
    },
    Distribution {
        id: "ubuntu",
        name: "Ubuntu",
        versions: &[exactly("16.04", 8, 9), exactly("18.04", 8, 13), exactly("20.04", 8, 14), exactly("22.04", 13, 14)],
    },
    Distribution {
        id: "debian",
        name: "Debian",
        versions: &[all_of("9", 8, 9), all_of("10", 8, 13), all_of("11", 13, 14), all_of("12", 14, 14)],
    },
    Distribution {
        id: "amzn",
        name: "Amazon Linux",
        // By its own numbers 2018.03 is later than 2; by time it is the first.
        versions: &[exactly("2018.03", 8, 9), all_of("2", 8, 14), all_of("2023", 13, 14)],
    },
    Distribution {
        id: "sles",
        name: "SUSE Linux Enterprise Server",
        versions: &[
            exactly("12.2", 8, 9),
            exactly("12.3", 8, 9),
            exactly("12.4", 8, 9),
            exactly("12.5", 8, 13),
            exactly("15", 8, 12),
            exactly("15.1", 8, 12),
            exactly("15.2", 8, 12),
            until("15.3", 13),
            until("15.4", 13),
            exactly("15.5", 13, 14),
            exactly("15.6", 13, 14),
        ],
    },
];

/// The distribution of an `ID`.
pub(super) fn distribution(id: &str) -> Option<&'static Distribution> {
    DISTRIBUTIONS.iter().find(|distribution| distribution.id == id)
}

impl Distribution {
    /// How a `VERSION_ID` of it stands.
    pub(super) fn standing(&self, version: &str) -> Standing {
        let Some(number) = numbers(version) else { return Standing::Unknown };
        let fits = |known: &Version| match (numbers(known.number), known.minors) {
            (Some(known), true) => number.starts_with(&known),
            (Some(known), false) => number == known,
            (None, _) => false,
        };
        let later = |known: &Version| numbers(known.number) < Some(number.clone());
        match (self.versions.iter().any(fits), self.versions.iter().all(later)) {
            (true, _) => Standing::Supported,
            (false, true) => Standing::Newer,
            (false, false) => Standing::Unsupported,
        }
    }
}

/// `8.10` as numbers.
fn numbers(version: &str) -> Option<Vec<u32>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

/// `Debian 9 (DSS 8 to 9), 10 (DSS 8 to 13)`.
impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        for (at, version) in self.versions.iter().enumerate() {
            write!(f, "{} {version}", if at == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.number)?;
        match self.first {
            Some(first) if first == self.last => write!(f, " (DSS {first})"),
            Some(first) => write!(f, " (DSS {first} to {})", self.last),
            None => write!(f, " (DSS up to {})", self.last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_is_supported_what_is_not_and_what_it_cannot_know() {
        let standing = |id: &str, version: &str| distribution(id).unwrap().standing(version);
        for (id, version) in [
            ("rhel", "7.9"),
            ("rhel", "9.4"),
            ("almalinux", "8.10"),
            ("centos", "7"),
            ("ubuntu", "22.04"),
            ("debian", "12"),
            ("amzn", "2"),
            ("amzn", "2023"),
            ("amzn", "2018.03"),
            ("sles", "15"),
            ("sles", "15.4"),
        ] {
            assert_eq!(standing(id, version), Standing::Supported, "{id} {version}");
        }
        for (id, version) in
            [("almalinux", "8.9"), ("ubuntu", "21.10"), ("debian", "8"), ("sles", "12.1"), ("rocky", "8")]
        {
            assert_eq!(standing(id, version), Standing::Unsupported, "{id} {version}");
        }
        for (id, version) in [("rhel", "10.0"), ("ubuntu", "24.04"), ("debian", "13"), ("sles", "15.7")] {
            assert_eq!(standing(id, version), Standing::Newer, "{id} {version}");
        }
        assert_eq!(standing("debian", "sid"), Standing::Unknown);
        assert!(distribution("fedora").is_none());
    }

    #[test]
    fn tells_which_release_supports_what() {
        let words = |id: &str| distribution(id).unwrap().to_string();
        assert_eq!(words("rocky"), "Rocky Linux 8.10 (DSS 12 to 14), 9 (DSS 13 to 14)");
        assert!(words("ubuntu").contains("20.04 (DSS 8 to 14)") && words("debian").ends_with("12 (DSS 14)"));
        assert!(words("amzn").contains("2018.03 (DSS 8 to 9)") && words("sles").contains("15.3 (DSS up to 13)"));
        let releases = DISTRIBUTIONS.iter().flat_map(|distribution| distribution.versions);
        for version in releases {
            assert!(version.last <= NEWEST && version.first <= Some(version.last), "{version}");
            assert!(numbers(version.number).is_some(), "{version}");
        }
    }
}
