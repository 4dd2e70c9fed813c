//! Every pattern, read from the families' files once.

use std::sync::LazyLock;

use crate::family::{Family, Pattern};
use crate::matcher::Matcher;

/// The families' files, by the name of each.
pub(crate) const FILES: [(&str, &str); 9] = [
    ("hadoop", include_str!("patterns/hadoop.toml")),
    ("linkage", include_str!("patterns/linkage.toml")),
    ("oss", include_str!("patterns/oss.toml")),
    ("spark", include_str!("patterns/spark.toml")),
    ("kubelet", include_str!("patterns/kubelet.toml")),
    ("pull", include_str!("patterns/pull.toml")),
    ("registry", include_str!("patterns/registry.toml")),
    ("dss", include_str!("patterns/dss.toml")),
    ("network", include_str!("patterns/network.toml")),
];

/// Patterns of all families, in the order of their files. A pattern is named by its place here.
pub(crate) struct Patterns {
    pub(crate) all: Vec<Known>,
    pub(crate) matcher: Matcher,
}

/// A pattern with the family that it is of.
pub(crate) struct Known {
    pub(crate) family: &'static str,
    pub(crate) pattern: Pattern,
    /// Places of the patterns that it yields to, and of those that it follows from.
    pub(crate) yields_to: Vec<usize>,
    pub(crate) follows: Vec<usize>,
}

impl Patterns {
    /// Those of this program.
    pub(crate) fn known() -> &'static Patterns {
        // The laws read each of them: what is wrong in a file fails there.
        static KNOWN: LazyLock<Patterns> =
            LazyLock::new(|| Patterns::read(&FILES).unwrap_or_else(|wrong| panic!("patterns: {wrong}")));
        &KNOWN
    }

    fn read(files: &[(&'static str, &str)]) -> Result<Patterns, String> {
        let mut all = Vec::new();
        let mut pull_texts = Vec::new();
        for (name, text) in files {
            let family: Family = toml::from_str(text).map_err(|error| format!("{name}.toml: {error}"))?;
            pull_texts.extend(family.pull_texts);
            all.extend(family.pattern.into_iter().map(|pattern| (*name, pattern)));
        }
        let ids: Vec<String> = all.iter().map(|(_, pattern)| pattern.id.clone()).collect();
        let places = |of: &Pattern, named: &[String]| -> Result<Vec<usize>, String> {
            let place = |id: &String| {
                ids.iter().position(|known| known == id).ok_or_else(|| format!("{}: there is no pattern `{id}`", of.id))
            };
            named.iter().map(place).collect()
        };
        let known = |(family, pattern): (&'static str, Pattern)| {
            let (yields_to, follows) = (places(&pattern, &pattern.yields_to)?, places(&pattern, &pattern.follows)?);
            Ok(Known { family, pattern, yields_to, follows })
        };
        let all: Vec<Known> = all.into_iter().map(known).collect::<Result<_, String>>()?;
        let matcher = Matcher::of(all.iter().map(|known| &known.pattern), &pull_texts)?;
        Ok(Patterns { all, matcher })
    }
}
