//! What a site file leaves to DSS: in `[registry]` and `[cluster]`, `from = "dss"` takes the keys that are not given from
//! DSS's own container and Spark configurations, at each run anew.

use std::path::PathBuf;

use super::{Config, ConfigError, ConfigErrors};

/// A key that is filled in at each run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FromDss {
    pub key: DssKey,
    /// Where the site file says `from`, from 1.
    pub line: usize,
}

/// The keys that DSS can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DssKey {
    /// `[registry] url`: where DSS pushes its images.
    Repository,
    /// `[cluster] kubeconfig`, and with it `context`.
    Kubeconfig,
    /// `[cluster] namespaces`: where DSS starts pods.
    Namespaces,
}

impl DssKey {
    /// The full key: `registry.url`.
    pub fn name(self) -> &'static str {
        match self {
            DssKey::Repository => "registry.url",
            DssKey::Kubeconfig => "cluster.kubeconfig",
            DssKey::Namespaces => "cluster.namespaces",
        }
    }
}

/// What DSS tells of such keys. What it does not tell is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToldByDss {
    pub repositories: Vec<String>,
    pub namespaces: Vec<String>,
    /// The first kubeconfig that a configuration names, and its context.
    pub kubeconfig: Option<(PathBuf, Option<String>)>,
}

impl Config {
    /// Fills in every key that the site file leaves to DSS; the error of `told` says why DSS cannot be asked.
    ///
    /// # Errors
    /// Where DSS does not tell one, with its place in the site file.
    pub fn fill_from_dss(&mut self, told: Result<ToldByDss, String>) -> Result<(), ConfigErrors> {
        let mut errors = Vec::new();
        for FromDss { key, line } in std::mem::take(&mut self.from_dss) {
            let filled = told.as_ref().map_err(|why| format!("DSS does not tell it: {why}")).and_then(|told| {
                let nothing = "no container or Spark configuration of DSS has one that is written out: give it here";
                self.fill(key, told).then_some(()).ok_or_else(|| nothing.to_owned())
            });
            if let Err(why) = filled {
                errors.push(ConfigError { file: self.file.clone(), line, key: key.name().to_owned(), why });
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(ConfigErrors(errors)) }
    }

    /// Fills in one key; false where DSS tells nothing for it.
    fn fill(&mut self, key: DssKey, told: &ToldByDss) -> bool {
        match key {
            DssKey::Repository => match (&mut self.registry, told.repositories.first()) {
                (Some(registry), Some(url)) => registry.url.clone_from(url),
                _ => return false,
            },
            DssKey::Namespaces => match &mut self.cluster {
                Some(cluster) if !told.namespaces.is_empty() => cluster.namespaces.clone_from(&told.namespaces),
                _ => return false,
            },
            DssKey::Kubeconfig => match (&mut self.cluster, &told.kubeconfig) {
                (Some(cluster), Some((path, context))) => {
                    cluster.kubeconfig.clone_from(path);
                    cluster.context = cluster.context.take().or_else(|| context.clone());
                }
                _ => return false,
            },
        }
        true
    }
}

#[cfg(test)]
#[path = "from_dss_tests.rs"]
mod tests;
