//! What DSS builds its images from.

use ackcheck_core::seat::dss::{DssVersion, PackageSources};

/// The image at the bottom of DSS's own ones.
pub(super) struct Base {
    /// As a Dockerfile has it: `almalinux:9`.
    pub(super) named: &'static str,
    /// As Docker Hub has it.
    pub(super) image: &'static str,
    pub(super) tag: &'static str,
    /// Where its package manager begins.
    packages: &'static str,
}

/// <https://doc.dataiku.com/dss/latest/release_notes/>: "OS of images" under 13.0 and 14.0; `--build-from-image` of
/// `dssadmin build-base-image` in the kit of 9.0.5. The mirrors of CentOS 7 were taken down in July 2024, and all it had is
/// in the vault.
const BASES: [(&[u32], Base); 3] = [
    (
        &[14],
        Base {
            named: "almalinux:9",
            image: "library/almalinux",
            tag: "9",
            packages: "https://mirrors.almalinux.org/mirrorlist/9/baseos",
        },
    ),
    (
        &[13],
        Base {
            named: "almalinux:8",
            image: "library/almalinux",
            tag: "8",
            packages: "https://mirrors.almalinux.org/mirrorlist/8/baseos",
        },
    ),
    (
        &[0],
        Base {
            named: "centos:7",
            image: "library/centos",
            tag: "7",
            packages: "https://vault.centos.org/7.9.2009/os/x86_64/repodata/repomd.xml",
        },
    ),
];

/// The one of a version; of the newest where none is known.
pub(super) fn base(version: Option<&DssVersion>) -> &'static Base {
    let fits = |(from, _): &&(&[u32], Base)| version.is_none_or(|version| version.at_least(from));
    &BASES.iter().find(fits).unwrap_or(&BASES[0]).1
}

/// What must be there for a source to be of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// What stands at the URL.
    Page,
    /// The same, and no page of HTML in its place.
    Manifest,
    /// The host: nothing of its own is known to stand at the URL.
    Host,
}

/// Where the builds of images have packages from: the base's own, and those of Python and R where DSS names their mirror. What
/// pip asks without one is not asked.
pub(super) fn packages(base: &Base, settings: &PackageSources) -> Vec<(String, Wanted)> {
    let mut sources = vec![(base.packages.to_owned(), Wanted::Page)];
    let below = |index: &str, path: &str| format!("{}/{path}", index.trim_end_matches('/'));
    if !settings.no_index {
        sources.extend(settings.index.iter().map(|index| (below(index, "pip/"), Wanted::Page)));
        // One that does not have a package is passed over; one that does not answer holds pip up.
        sources.extend(settings.more.iter().map(|index| (below(index, ""), Wanted::Host)));
    }
    sources.extend(settings.cran.iter().map(|mirror| (below(mirror, "src/contrib/PACKAGES.gz"), Wanted::Page)));
    sources.truncate(MOST);
    sources
}

/// The most sources of packages that are asked.
const MOST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_follows_from_the_version() {
        let of = |text: &str| base(DssVersion::parse(text).as_ref()).named;
        let told = ["8.0.4", "12.6.5", "13.0.0", "13.5.1", "14.0", "15.2"].map(of);
        assert_eq!(told, ["centos:7", "centos:7", "almalinux:8", "almalinux:8", "almalinux:9", "almalinux:9"]);
        assert_eq!(base(None).named, "almalinux:9");
    }

    #[test]
    fn the_mirrors_that_dss_names_are_asked() {
        let urls = |settings: PackageSources| -> Vec<String> {
            packages(base(None), &settings).into_iter().skip(1).map(|(url, _)| url).collect()
        };
        assert!(urls(PackageSources::default()).is_empty());
        let own = PackageSources {
            index: Some("https://pypi.corp.example/simple/".to_owned()),
            cran: Some("https://cran.corp.example".to_owned()),
            ..PackageSources::default()
        };
        assert_eq!(
            urls(own),
            ["https://pypi.corp.example/simple/pip/", "https://cran.corp.example/src/contrib/PACKAGES.gz"]
        );
        let none = PackageSources {
            no_index: true,
            index: Some("https://pypi.corp.example".to_owned()),
            ..PackageSources::default()
        };
        assert!(urls(none).is_empty());
    }
}
