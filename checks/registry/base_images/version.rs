//! Which DSS built an image, as far as its name says.

use super::super::wanted::{Instance, Wanted};

/// Which version of DSS built an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BuiltBy {
    This,
    Other(String),
    Unknown,
}

/// The tag that DSS gives holds its version; of an image that has another name, as Dataiku advises, the tag may.
pub(super) fn built_by(image: &Wanted, instance: &Instance) -> BuiltBy {
    if image.by_default || image.tag == instance.default_tag() {
        return BuiltBy::This;
    }
    let version = &instance.version.text.to_lowercase();
    if holds(&image.tag, version) {
        return BuiltBy::This;
    }
    let of_this_instance = image.repository.rsplit('/').next() == Some(&instance.default_name(image.kind));
    match image.tag.strip_prefix("dss-") {
        Some(other) if of_this_instance && other.starts_with(|c: char| c.is_ascii_digit()) => {
            BuiltBy::Other(other.to_owned())
        }
        _ => BuiltBy::Unknown,
    }
}

/// True where a tag has the version as a whole, and not as a part of another one.
fn holds(tag: &str, version: &str) -> bool {
    let part = |c: char| c.is_ascii_digit() || c == '.';
    tag.match_indices(version).any(|(at, _)| !tag[..at].ends_with(part) && !tag[at + version.len()..].starts_with(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackcheck_core::seat::dss::DssVersion;

    fn built(by_default: bool, repository: &str, tag: &str) -> BuiltBy {
        let image = Wanted { by_default, ..Wanted::for_tests(repository, tag) };
        let version = DssVersion::parse("14.2.0").unwrap();
        built_by(&image, &Instance { id: "abc".to_owned(), version })
    }

    #[test]
    fn a_name_says_which_dss_built_it_or_does_not() {
        let own = "dss/dku-exec-base-abc";
        let other = |version: &str| BuiltBy::Other(version.to_owned());
        for (by_default, repository, tag, expected) in [
            (true, own, "dss-14.2.0", BuiltBy::This),
            (false, own, "dss-14.2.0", BuiltBy::This),
            (false, own, "dss-9.0.5", other("9.0.5")),
            (false, own, "dss-14.2.00", other("14.2.00")),
            (false, "dss/exec-cuda", "14.2.0", BuiltBy::This),
            (false, "dss/exec-cuda", "dss-14.2.0-cuda11.8", BuiltBy::This),
            (false, "dss/exec-cuda", "114.2.0", BuiltBy::Unknown),
            (false, "dss/exec-cuda", "14.2.0.1", BuiltBy::Unknown),
            // Of another instance, or of another's choice: its digits may mean anything.
            (false, "dss/exec-cuda", "dss-9.0.5", BuiltBy::Unknown),
            (false, "dss/exec-cuda", "latest", BuiltBy::Unknown),
            (false, own, "dss-latest", BuiltBy::Unknown),
        ] {
            assert_eq!(built(by_default, repository, tag), expected, "{repository}:{tag}");
        }
    }
}
