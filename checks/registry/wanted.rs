//! The images that DSS's container and Spark configurations start pods from, by the names that DSS gives them.
//!
//! A base image that is not named in a configuration is `dku-exec-base-ID:dss-VERSION` or `dku-spark-base-ID:dss-VERSION`,
//! with the id of the instance in lower case (Dataiku, "Customization of base images"; `compute_default_tag` of 9.0.5).
//! Those of code studios, API nodes and containerized DSS engines (CDE) are not named by a configuration, and not here.

use ackcheck_core::dss_facts::{self, Known};
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::cluster::scheduling::Placement;
use ackcheck_core::seat::dss::containers::{Configuration, ConfigurationKind, Configurations, spark};
use ackcheck_core::seat::dss::pods::PodOfDss;
use ackcheck_core::seat::dss::{DssVersion, PropertyValue, VersionFile};
use ackcheck_core::verdict::{Broken, Unseen};

/// An image, and who uses it.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// The configurations: `container configuration ack`.
    pub(super) of: Vec<String>,
    pub(super) kind: ConfigurationKind,
    /// The repository on the registry's host: `dss/dku-exec-base-ID`.
    pub(super) repository: String,
    pub(super) tag: String,
    /// Whether DSS gave it its name.
    pub(super) by_default: bool,
    /// What its repository is to Docker on the DSS host: `dku-exec-base-ID`.
    pub(super) local: String,
    /// Something of its pods is not clear, which may be where they are scheduled.
    pub(super) unsure: bool,
    /// Where the pods of each configuration are scheduled.
    pub(super) placements: Vec<Placement>,
}

/// What a configuration names as an image.
struct Name {
    repository: String,
    tag: String,
    by_default: bool,
    local: String,
}

/// The images, as far as they can be told.
#[derive(Debug, Default)]
pub(super) struct AllWanted {
    /// Those in the registry that the site file describes.
    pub(super) here: Vec<Wanted>,
    /// Configurations whose images are in another registry, with it.
    pub(super) elsewhere: Vec<String>,
    /// Why it cannot be told what some configuration uses.
    pub(super) unclear: Vec<Unseen>,
}

/// The instance, as its images are named after it.
pub(super) struct Instance {
    pub(super) id: String,
    pub(super) version: DssVersion,
}

impl Instance {
    /// Asks DSS.
    pub(super) async fn of(dss: &dyn Dss) -> Result<Instance, Unseen> {
        let version = match dss.versions().await?.data {
            VersionFile::Version(version) => version,
            VersionFile::Missing { file } => return Err(Unseen::unreadable(file, "it does not exist")),
            VersionFile::Unreadable { file, why } => return Err(Unseen::unreadable(file, why)),
        };
        let id = dss.install_id().await?.filter(|id| !id.trim().is_empty());
        let missing = || Unseen::unreadable("the id of the DSS instance", "neither install.ini nor the API states it");
        Ok(Instance { id: id.ok_or_else(missing)?.trim().to_lowercase(), version })
    }

    /// The name that DSS gives the base image of a kind.
    pub(super) fn default_name(&self, kind: ConfigurationKind) -> String {
        let base = match kind {
            ConfigurationKind::Container => "dku-exec-base",
            ConfigurationKind::Spark => "dku-spark-base",
        };
        format!("{base}-{}", self.id)
    }

    /// The tag that DSS gives its base images.
    pub(super) fn default_tag(&self) -> String {
        format!("dss-{}", self.version.text.to_lowercase().replace('/', "_"))
    }

    /// Whether it is known how this version names its images.
    fn names_are_known(&self) -> bool {
        matches!(dss_facts::of(&self.version), Known::Release(_))
    }
}

impl AllWanted {
    /// The images of all configurations. `site` is the URL of `[registry]`.
    pub(super) fn of(found: &Configurations, instance: &Instance, site: &str) -> AllWanted {
        let mut all = AllWanted::default();
        for one in &found.list {
            let Some(pod) = PodOfDss::of(one) else { continue };
            match names(one, instance) {
                Err(why) => all.unclear.push(Unseen::unreadable(pod.of.clone(), why)),
                Ok(named) => named.into_iter().for_each(|(host, name)| match same_host(&host, site) {
                    true => all.add(&pod, name),
                    false => all.elsewhere.push(format!("{} ({host})", pod.of)),
                }),
            }
        }
        all
    }

    fn add(&mut self, pod: &PodOfDss, name: Name) {
        let (placement, unsure) = (pod.settings.placement.clone(), !pod.settings.unclear.is_empty());
        let is_it = |known: &&mut Wanted| known.repository == name.repository && known.tag == name.tag;
        match self.here.iter_mut().find(is_it) {
            Some(known) => {
                known.of.push(pod.of.clone());
                known.placements.push(placement);
                known.unsure |= unsure;
            }
            None => self.here.push(Wanted {
                of: vec![pod.of.clone()],
                kind: pod.kind,
                repository: name.repository,
                tag: name.tag,
                by_default: name.by_default,
                local: name.local,
                unsure,
                placements: vec![placement],
            }),
        }
    }

    /// What cannot be told, where there is some.
    pub(super) fn unclear(&self) -> Option<Unseen> {
        let first = self.unclear.first()?;
        let all: Vec<String> = self.unclear.iter().map(ToString::to_string).collect();
        Some(if all.len() == 1 { first.clone() } else { Broken::unreadable("DSS's images", all.join("; ")).into() })
    }
}

impl Wanted {
    /// `dss/dku-exec-base-ID:dss-14.2.0`.
    pub(super) fn name(&self) -> String {
        let between = if self.tag.contains(':') { '@' } else { ':' };
        format!("{}{between}{}", self.repository, self.tag)
    }

    /// What builds it on the DSS host, below the data directory: under its own name where DSS did not give it one.
    pub(super) fn build_command(&self, tag: &str) -> String {
        let kind = match self.kind {
            ConfigurationKind::Container => "container-exec",
            ConfigurationKind::Spark => "spark",
        };
        let named = if self.by_default { String::new() } else { format!(" --tag {}:{tag}", self.local) };
        format!("dssadmin build-base-image --type {kind}{named}")
    }
}

#[cfg(test)]
impl Wanted {
    /// One of a container configuration, named by it.
    pub(super) fn for_tests(repository: &str, tag: &str) -> Wanted {
        Wanted {
            of: vec!["container configuration ack".to_owned()],
            kind: ConfigurationKind::Container,
            repository: repository.to_owned(),
            tag: tag.to_owned(),
            by_default: false,
            local: repository.to_owned(),
            unsure: false,
            placements: Vec::new(),
        }
    }
}

/// Where in DSS the configurations of a kind are.
pub(super) fn place_in_dss(kind: ConfigurationKind) -> &'static str {
    match kind {
        ConfigurationKind::Container => "Administration → Settings → Containerized execution",
        ConfigurationKind::Spark => "Administration → Settings → Spark",
    }
}

/// The images of a configuration, each with its registry's host; or why they are not known.
fn names(one: &Configuration, instance: &Instance) -> Result<Vec<(String, Name)>, String> {
    if one.kind == ConfigurationKind::Spark && !one.managed {
        return names_of_spark(one);
    }
    if one.repositories.is_empty() {
        return Err("it does not name the repository of its images".to_owned());
    }
    let base = match &one.base_image {
        Some(own) => own_name(own.trim())?,
        None if instance.names_are_known() => {
            let (repository, tag) = (instance.default_name(one.kind), instance.default_tag());
            Name { local: repository.clone(), repository, tag, by_default: true }
        }
        None => return Err(format!("how DSS {} names its base images is not known", instance.version.text)),
    };
    let of = |url: &String| {
        if is_filled_in(url) {
            return Err(format!("its repository {url} depends on a variable"));
        }
        let url = url.trim().trim_end_matches('/');
        let url = url.split_once("://").map_or(url, |(_, rest)| rest);
        let (host, root) = url.split_once('/').unwrap_or((url, ""));
        let below = if root.is_empty() { base.repository.clone() } else { format!("{root}/{}", base.repository) };
        let (tag, local) = (base.tag.clone(), base.local.clone());
        let name = Name { repository: below, tag, by_default: base.by_default, local };
        Ok((host.to_owned(), name))
    };
    one.repositories.iter().map(of).collect()
}

/// A Spark that DSS does not manage takes the image of its own properties, the executors' before that of both.
fn names_of_spark(one: &Configuration) -> Result<Vec<(String, Name)>, String> {
    let keys = [spark::EXECUTOR_IMAGE, spark::IMAGE];
    // Without an image Spark starts no pods at all: spark-conf says so.
    let Some(key) = keys.into_iter().find(|key| one.property(key).is_some_and(PropertyValue::is_given)) else {
        return Ok(Vec::new());
    };
    let image = one.text(key).ok_or_else(|| format!("the value of {key} is not known"))?;
    // The first part is a host where it looks like one, as Docker has it.
    let host = |first: &str| first.contains(['.', ':']) || first == "localhost";
    let (host, rest) = image.split_once('/').filter(|(first, _)| host(first)).unwrap_or(("docker.io", image));
    let name = own_name_below(rest)?;
    let local = format!("{host}/{}", name.local);
    Ok(vec![(host.to_owned(), Name { local, ..name })])
}

/// A base image that a configuration names; DSS puts the repository before it.
fn own_name(text: &str) -> Result<Name, String> {
    let first = text.split('/').next().unwrap_or_default();
    match text.contains('/') && first.contains(['.', ':']) {
        true => Err(format!("its base image {text} names a registry, which DSS has in a field of its own")),
        false => own_name_below(text),
    }
}

fn own_name_below(text: &str) -> Result<Name, String> {
    if is_filled_in(text) {
        return Err(format!("its image {text} depends on a variable"));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:@".contains(c);
    if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) || !text.chars().all(plain) {
        return Err(format!("its image {text:?} is not the name of an image"));
    }
    let (name, digest) = text.split_once('@').map_or((text, None), |(name, digest)| (name, Some(digest)));
    let (repository, tag) = name.rsplit_once(':').unwrap_or((name, "latest"));
    let (repository, tag) = (repository.to_owned(), digest.unwrap_or(tag).to_owned());
    Ok(Name { local: repository.clone(), repository, tag, by_default: false })
}

/// True for a text that DSS fills in when it uses it.
fn is_filled_in(text: &str) -> bool {
    text.contains("${") || text.contains("%{")
}

/// A host's name has no case, and 443 is the port that it has anyway.
fn same_host(host: &str, site: &str) -> bool {
    let plain = |text: &str| text.strip_suffix(":443").unwrap_or(text).to_ascii_lowercase();
    plain(host) == plain(site.trim().split('/').next().unwrap_or_default())
}

#[cfg(test)]
#[path = "wanted_tests.rs"]
mod tests;
