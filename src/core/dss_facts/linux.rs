//! Versions of Linux distributions, as `fixtures/dss/facts.json` writes them.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Distributions by the `ID` of their `/etc/os-release`, with the versions of each.
#[derive(Debug, Deserialize)]
pub struct Linux(BTreeMap<String, Distribution>);

/// The versions of one distribution: `8` is every 8.x, `8.4+` is 8.4 and later 8.x, `=15` is exactly 15.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Distribution(Vec<String>);

impl Linux {
    /// The versions of a distribution; none where it is not supported.
    pub fn distribution(&self, id: &str) -> Option<&Distribution> {
        self.0.get(id)
    }
}

impl Distribution {
    /// Whether a version, as its `VERSION_ID` has it, is one of these; none where it is not a number.
    pub fn has(&self, version: &str) -> Option<bool> {
        let version = numbers(version)?;
        Some(self.0.iter().any(|pattern| fits(pattern, &version)))
    }

    /// Whether a version is later than each of these: a later release of DSS may support it.
    pub fn is_before(&self, version: &str) -> bool {
        // 2018 is the year of a release that came before version 2 of the same distribution.
        let rank = |numbers: Vec<u32>| if matches!(numbers.first(), Some(2000..=2020)) { Vec::new() } else { numbers };
        let Some(version) = numbers(version).map(rank) else { return false };
        let known = |pattern: &String| numbers(pattern.trim_matches(['=', '+'])).map(rank);
        self.0.iter().all(|pattern| known(pattern) < Some(version.clone()))
    }
}

fn fits(pattern: &str, version: &[u32]) -> bool {
    let Some(known) = numbers(pattern.trim_matches(['=', '+'])) else { return false };
    match (pattern.starts_with('='), pattern.ends_with('+')) {
        (true, _) => version == known,
        (false, true) => version.first() == known.first() && version >= known.as_slice(),
        (false, false) => version.starts_with(&known),
    }
}

/// `8.10` as numbers.
fn numbers(version: &str) -> Option<Vec<u32>> {
    version.split('.').map(|part| part.parse().ok()).collect()
}

/// `7, 8.4 and later 8.x, 15.1`.
impl std::fmt::Display for Distribution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, pattern) in self.0.iter().enumerate() {
            let number = pattern.trim_matches(['=', '+']);
            let comma = if at == 0 { "" } else { ", " };
            match number.split_once('.').filter(|_| pattern.ends_with('+')) {
                Some((major, _)) => write!(f, "{comma}{number} and later {major}.x")?,
                None => write!(f, "{comma}{number}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(patterns: &[&str]) -> Distribution {
        Distribution(patterns.iter().map(|pattern| (*pattern).to_owned()).collect())
    }

    #[test]
    fn versions_are_compared_by_number() {
        let el = versions(&["7", "8.4+"]);
        for (version, has) in
            [("7.9", true), ("7", true), ("8.10", true), ("8.4", true), ("8.3", false), ("8", false), ("9.1", false)]
        {
            assert_eq!(el.has(version), Some(has), "{version}");
        }
        assert_eq!(el.has("rawhide"), None);
        let sles = versions(&["=15", "=15.2"]);
        assert_eq!([sles.has("15"), sles.has("15.1"), sles.has("15.2")], [Some(true), Some(false), Some(true)]);
        let ubuntu = versions(&["20.04", "22.04"]);
        assert_eq!([ubuntu.has("22.04"), ubuntu.has("21.10")], [Some(true), Some(false)]);
        assert!(ubuntu.is_before("24.04") && !ubuntu.is_before("21.10") && !el.is_before("8.3"));
        let amazon = versions(&["2018", "2"]);
        assert!(!amazon.is_before("1") && amazon.is_before("2023") && !amazon.is_before("2017.09"));
        assert_eq!(el.to_string(), "7, 8.4 and later 8.x");
    }
}
