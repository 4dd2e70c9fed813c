//! A site is live or lab: seats for either, chosen once. A lab leaves a site file, and from there on it is as live.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

use ackcheck_core::config::{AccessKey, Config, SecretSource};
use ackcheck_core::evidence::{Scrubber, Secret};
use ackcheck_core::seat::Seats;
use ackcheck_core::seat::store::StoreTarget;
use ackcheck_core::text_file;
use ackcheck_lab::{Lab, LabOptions};
use ackcheck_live::LiveSeats;
use ackcheck_live::survey::Survey;

/// A deployment that can be looked at.
pub struct Site {
    /// As its owner describes it.
    pub config: Arc<Config>,
    /// Knows every secret the site file refers to.
    pub scrubber: Scrubber,
    /// Looks at it.
    pub seats: Arc<dyn Seats>,
    /// What it is called in reports.
    pub label: String,
    live: Arc<LiveSeats>,
    /// Kept for as long as it is looked at.
    _lab: Option<Lab>,
}

/// What the command line says in place of the site file.
#[derive(Debug, Default)]
pub struct Overrides {
    /// `[cluster] probe_image`
    pub probe_image: Option<String>,
    /// `[limits] run`
    pub run: Option<Duration>,
}

impl Site {
    /// Opens the deployment that a site file describes.
    ///
    /// # Errors
    /// Where the file cannot be read or is wrong; every mistake with its file, line and key.
    pub fn live(file: &Path, overrides: Overrides) -> anyhow::Result<Site> {
        Site::open(file, file.display().to_string(), overrides, None)
    }

    /// Starts a lab and opens it.
    ///
    /// # Errors
    /// Where the lab cannot be started: no loopback, a full disk, faults that do not fit together.
    pub async fn lab(options: &LabOptions, label: String, overrides: Overrides) -> anyhow::Result<Site> {
        let lab = Lab::start(options).await.context("the lab cannot be started")?;
        let file = lab.site_file().to_owned();
        Site::open(&file, label, overrides, Some(lab))
    }

    /// Facts for the remedies that the site file does not tell but the deployment does, each where it can be seen.
    pub async fn facts(&self) -> Vec<(&'static str, String)> {
        self.live.facts().await
    }

    /// What earlier runs left: all of them, or one.
    pub async fn leftovers(&self, run: Option<&str>) -> Survey {
        self.live.leftovers(run).await
    }

    /// Removes what earlier runs left, within `[limits] clean_up`.
    pub async fn remove_leftovers(&self, run: Option<&str>) {
        self.live.remove_leftovers(run).await;
    }

    fn open(file: &Path, label: String, overrides: Overrides, lab: Option<Lab>) -> anyhow::Result<Site> {
        let text = text_file::read(file, LONGEST_SITE_FILE)?;
        let mut config = ackcheck_core::config::parse(file, &text, &Secrets)?;
        if let Some(run) = overrides.run {
            config.limits.run = run;
        }
        if overrides.probe_image.is_some() {
            let cluster = config.cluster.as_mut();
            let cluster = cluster.with_context(|| format!("--probe-image: {} has no [cluster]", file.display()))?;
            cluster.probe_image = overrides.probe_image;
        }
        let config = Arc::new(config);
        let scrubber = Scrubber::default();
        learn(&scrubber, &config);
        let run_id: String = std::iter::repeat_with(|| fastrand::char('a'..='z')).take(8).collect();
        let seats = LiveSeats::open(config.clone(), scrubber.clone(), &run_id)
            .map_err(|broken| anyhow::anyhow!("{}: {broken}", file.display()))?;
        let live = Arc::new(seats);
        Ok(Site { config, scrubber, seats: live.clone(), label, live, _lab: lab })
    }
}

/// A site as it is described, with nothing opened, asked or decrypted.
pub struct Described {
    pub config: Config,
    /// Its buckets, those of DSS's connections included where DSS's files are on this host.
    pub targets: Vec<StoreTarget>,
    /// What could not be found out about them.
    pub unknown: Vec<String>,
}

impl Described {
    /// Reads a site file; the secrets it refers to need not be there.
    ///
    /// # Errors
    /// Where the file cannot be read or is wrong; every mistake with its file, line and key.
    pub async fn read(file: &Path) -> anyhow::Result<Described> {
        let config = ackcheck_core::config::parse(file, &text_file::read(file, LONGEST_SITE_FILE)?, &Unread)?;
        let (targets, unknown) =
            ackcheck_live::store::described(&config).await.map_err(|broken| anyhow::anyhow!("{broken}"))?;
        Ok(Described { config, targets, unknown })
    }
}

/// Secrets that nobody will use.
struct Unread;

impl SecretSource for Unread {
    fn environment(&self, name: &str) -> Result<String, String> {
        Ok(name.to_owned())
    }
    fn file(&self, path: &Path) -> Result<String, String> {
        Ok(path.display().to_string())
    }
}

/// A site file is a page of text; more is another file by mistake.
const LONGEST_SITE_FILE: u64 = 1 << 20;
/// Keys, passwords and tokens are a few lines at the most.
const LONGEST_SECRET: u64 = 64 << 10;

/// The environment of this process and files of this host.
struct Secrets;

impl SecretSource for Secrets {
    fn environment(&self, name: &str) -> Result<String, String> {
        match std::env::var(name) {
            Ok(value) if value.is_empty() => Err(format!("the environment variable {name} is empty")),
            Ok(value) => Ok(value),
            Err(std::env::VarError::NotPresent) => Err(format!("the environment variable {name} is not set")),
            Err(std::env::VarError::NotUnicode(_)) => Err(format!("the environment variable {name} is not text")),
        }
    }

    fn file(&self, path: &Path) -> Result<String, String> {
        let shown = path.display();
        let metadata = std::fs::metadata(path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(format!("{shown} can be read by others (mode {mode:04o}); run `chmod 600 {shown}`"));
        }
        let text = text_file::read(path, LONGEST_SECRET).map_err(|error| format!("{error:#}"))?;
        // Editors and `echo` end a file with a line feed that is no part of the secret.
        match text.trim_end_matches(['\n', '\r']) {
            "" => Err(format!("{shown} is empty")),
            secret => Ok(secret.to_owned()),
        }
    }
}

/// Teaches the scrubber every secret of the site, before anything runs.
fn learn(scrubber: &Scrubber, config: &Config) {
    let keys = |key: &AccessKey| {
        scrubber.learn(&key.secret);
        key.token.iter().for_each(|token| scrubber.learn(token));
    };
    config.dss.iter().filter_map(|dss| dss.api_key.as_ref()).for_each(|key| {
        // DSS takes its API key as the user of HTTP Basic, without a password.
        scrubber.learn_pair("", key);
        scrubber.learn(&Secret::new(format!("{}:", key.expose())));
    });
    if let Some(registry) = &config.registry {
        match (&registry.username, &registry.password) {
            (Some(user), Some(password)) => scrubber.learn_pair(user, password),
            (None, Some(password)) => scrubber.learn(password),
            (_, None) => {}
        }
    }
    if let Some(storage) = &config.storage {
        storage.access_key.iter().for_each(keys);
        storage.buckets.iter().filter_map(|bucket| bucket.access_key.as_ref()).for_each(keys);
    }
    config.cloud.iter().filter_map(|cloud| cloud.access_key.as_ref()).for_each(keys);
    if let Some(proxy) = &config.network.proxy {
        proxy.password().into_iter().for_each(|password| scrubber.learn_pair(proxy.username(), &Secret::new(password)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_secret_of_the_site_file_is_known_to_the_scrubber() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["api", "registry", "oss", "oss-token", "bucket", "cloud", "cloud-token"];
        for name in names {
            let path = folder.path().join(name);
            std::fs::write(&path, format!("CANARY-{name}\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        let text = r#"
            [dss]
            url = "http://dss:11200"
            api_key = { file = "api" }
            [registry]
            url = "registry/dss"
            username = "robot"
            password = { file = "registry" }
            [storage]
            access_key_id = "STS.a"
            access_key_secret = { file = "oss" }
            security_token = { file = "oss-token" }
            [[storage.bucket]]
            name = "bucket"
            endpoint = "oss-cn-hangzhou.aliyuncs.com"
            access_key_id = "LTAIb"
            access_key_secret = { file = "bucket" }
            [cloud]
            region = "cn-hangzhou"
            access_key_id = "STS.c"
            access_key_secret = { file = "cloud" }
            security_token = { file = "cloud-token" }
            [network]
            proxy = "http://someone:CANARY-proxy@proxy:3128"
        "#;
        let config = ackcheck_core::config::parse(&folder.path().join("ackcheck.toml"), text, &Secrets).unwrap();
        let scrubber = Scrubber::default();
        learn(&scrubber, &config);
        for name in names.iter().chain(&["proxy"]) {
            assert!(!scrubber.scrub(&format!("a CANARY-{name} b")).contains("CANARY"), "{name}");
        }
        // `curl -u robot:…` and `curl -u KEY:` as they travel.
        for pair in ["cm9ib3Q6Q0FOQVJZLXJlZ2lzdHJ5", "Q0FOQVJZLWFwaTo="] {
            assert!(!scrubber.scrub(&format!("Basic {pair}")).contains(&pair[8..]), "{pair}");
        }
    }

    #[test]
    fn a_secret_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "value\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(Secrets.file(&path).unwrap_err().contains("chmod 600"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o400)).unwrap();
        assert_eq!(Secrets.file(&path).unwrap(), "value");
        assert!(Secrets.file(folder.path()).is_err());
    }
}
