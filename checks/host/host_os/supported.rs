//! How a version of a Linux distribution stands to what releases of DSS support, as [`dss_facts`] has it.

use ackcheck_core::dss_facts::{self, Distribution, Release, Sureness};

/// How a version stands to all releases that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// A release of DSS supports it.
    Supported,
    /// None does.
    Unsupported,
    /// It is later than every version that any release names: later releases may support it.
    Newer,
    /// It is not a number.
    Unknown,
}

/// How a `VERSION_ID` of the distribution with this `ID` stands; none where no release names the distribution.
pub(super) fn standing(id: &str, version: &str) -> Option<Standing> {
    let lists: Vec<&Distribution> = dss_facts::releases().iter().filter_map(|release| of(release, id)).collect();
    if lists.is_empty() {
        return None;
    }
    let has = |list: &&Distribution| list.has(version);
    Some(match lists.iter().map(has).collect::<Option<Vec<bool>>>() {
        None => Standing::Unknown,
        Some(each) if each.contains(&true) => Standing::Supported,
        Some(_) if lists.iter().all(|list| list.is_before(version)) => Standing::Newer,
        Some(_) => Standing::Unsupported,
    })
}

fn of<'a>(release: &'a Release, id: &str) -> Option<&'a Distribution> {
    release.linux.as_ref()?.value.distribution(id)
}

/// What releases support of a distribution, each from where it differs from the one before: `10 (from DSS 10.0 on); 11, 12 (from
/// DSS 14.0 on)`.
pub(super) fn in_words(id: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut before = None;
    for release in dss_facts::releases() {
        let now = of(release, id);
        // That it is left out only counts where Dataiku's whole list is known.
        let whole = release.linux.as_ref().is_some_and(|linux| linux.sure == Sureness::Confirmed);
        if now == before || now.is_none() && !whole {
            continue;
        }
        let versions = now.map_or_else(|| "none".to_owned(), ToString::to_string);
        words.push(format!("{versions} (from DSS {} on)", release.from()));
        before = now;
    }
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_is_supported_what_is_not_and_what_it_cannot_know() {
        for (id, version, stands) in [
            ("rhel", "7.9", Standing::Supported),
            ("rhel", "9.4", Standing::Supported),
            ("rocky", "8.4", Standing::Supported),
            ("rocky", "8.3", Standing::Unsupported),
            ("centos", "7", Standing::Supported),
            ("ubuntu", "22.04", Standing::Supported),
            ("ubuntu", "21.10", Standing::Unsupported),
            ("debian", "12", Standing::Supported),
            ("debian", "8", Standing::Unsupported),
            ("amzn", "2", Standing::Supported),
            ("amzn", "2023", Standing::Supported),
            ("amzn", "2018.03", Standing::Supported),
            ("sles", "15.4", Standing::Supported),
            ("sles", "12.1", Standing::Unsupported),
            ("rhel", "10.0", Standing::Newer),
            ("ubuntu", "24.04", Standing::Newer),
            ("debian", "13", Standing::Newer),
            ("sles", "15.8", Standing::Newer),
            ("debian", "sid", Standing::Unknown),
        ] {
            assert_eq!(standing(id, version), Some(stands), "{id} {version}");
        }
        assert_eq!(standing("fedora", "42"), None);
    }

    #[test]
    fn tells_from_which_release_on_what_is_supported() {
        let told = in_words("debian");
        let begins = "9, 10 (from DSS 8.0.4 on); 10 (from DSS 10.0 on); 10, 11 (from DSS 13.0 on);";
        assert!(told.starts_with(begins), "{told}");
        let told = in_words("centos");
        assert!(told.ends_with("; none (from DSS 14.0 on)"), "{told}");
    }
}
