//! A site is live or lab: seats for either, chosen once. A lab leaves a site file, and from there on it is as live.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

use ackcheck_core::config::{Config, SecretSource};
use ackcheck_core::seat::store::StoreTarget;
use ackcheck_core::seat::{Ports, Seats};
use ackcheck_core::secret::{Scrubber, recognition};
use ackcheck_core::text_file;
use ackcheck_lab::{Lab, LabOptions};
use ackcheck_live::LiveSeats;
use ackcheck_live::cluster::Told;
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
    /// `[network] ports`, where there are any
    pub ports: Vec<Ports>,
}

impl Site {
    /// Opens the deployment that a site file describes.
    ///
    /// # Errors
    /// Where the file cannot be read or is wrong; every mistake with its file, line and key.
    pub async fn live(file: &Path, overrides: Overrides) -> anyhow::Result<Site> {
        Site::open(file, file.display().to_string(), overrides, None).await
    }

    /// Starts a lab and opens it.
    ///
    /// # Errors
    /// Where the lab cannot be started: no loopback, a full disk, faults that do not fit together.
    pub async fn lab(options: &LabOptions, label: String, overrides: Overrides) -> anyhow::Result<Site> {
        let lab = Lab::start(options).await.context("the lab cannot be started")?;
        let file = lab.site_file().to_owned();
        Site::open(&file, label, overrides, Some(lab)).await
    }

    /// Facts for the remedies that the site file does not tell but the deployment does, each where it can be seen.
    pub async fn facts(&self) -> Vec<(&'static str, String)> {
        self.live.facts().await
    }

    /// What a namespace of its cluster tells of itself; of logs only what is younger than `since`.
    pub async fn told_in(&self, namespace: &str, since: Option<Duration>) -> Told {
        self.live.told_in(namespace, since).await
    }

    /// What earlier runs left: all of them, or one.
    pub async fn leftovers(&self, run: Option<&str>) -> Survey {
        self.live.leftovers(run).await
    }

    /// Removes what earlier runs left, within `[limits] clean_up`.
    pub async fn remove_leftovers(&self, run: Option<&str>) {
        self.live.remove_leftovers(run).await;
    }

    async fn open(file: &Path, label: String, overrides: Overrides, lab: Option<Lab>) -> anyhow::Result<Site> {
        let text = text_file::read(file, LONGEST_SITE_FILE)?;
        let scrubber = Scrubber::default();
        let mut config = ackcheck_core::config::parse(file, &text, &Secrets(scrubber.clone()))?;
        ackcheck_live::from_dss::fill(&mut config, &scrubber).await?;
        if let Some(run) = overrides.run {
            config.limits.run = run;
        }
        if !overrides.ports.is_empty() {
            config.network.ports = overrides.ports;
        }
        if overrides.probe_image.is_some() {
            let cluster = config.cluster.as_mut();
            let cluster = cluster.with_context(|| format!("--probe-image: {} has no [cluster]", file.display()))?;
            cluster.probe_image = overrides.probe_image;
        }
        let config = Arc::new(config);
        let run_id: String = std::iter::repeat_with(|| fastrand::char('a'..='z')).take(8).collect();
        let seats = LiveSeats::open(config.clone(), scrubber.clone(), &run_id)
            .map_err(|broken| anyhow::anyhow!("{}: {broken}", file.display()))?;
        let live = Arc::new(seats);
        Ok(Site { config, scrubber, seats: live.clone(), label, live, _lab: lab })
    }
}

/// DSS on this host, as a site file names it, for what is read of it without a run.
pub struct DssOnThisHost {
    data_dir: PathBuf,
}

impl DssOnThisHost {
    /// How far back the logs of DSS are of interest where nobody says.
    pub const RECENT: Duration = Duration::from_secs(24 * 3600);

    /// Reads a site file. Secrets that it refers to are learnt where they are there, and are not missed where not.
    ///
    /// # Errors
    /// Where the file cannot be read or is wrong, or names no data directory.
    pub fn read(file: &Path, scrubber: &Scrubber) -> anyhow::Result<DssOnThisHost> {
        let secrets = IfThere(Secrets(scrubber.clone()));
        let config = ackcheck_core::config::parse(file, &text_file::read(file, LONGEST_SITE_FILE)?, &secrets)?;
        let data_dir = config.dss.and_then(|dss| dss.data_dir);
        let data_dir = data_dir.with_context(|| format!("{}: [dss] data_dir is not given", file.display()))?;
        Ok(DssOnThisHost { data_dir })
    }

    /// The folders of its jobs and of its own logs.
    pub fn logs(&self) -> Vec<PathBuf> {
        ["jobs", "run"].map(|folder| self.data_dir.join(folder)).into()
    }
}

/// Secrets where they are there; a stand-in that says nothing where they are not.
struct IfThere(Secrets);

impl SecretSource for IfThere {
    fn scrubber(&self) -> &Scrubber {
        self.0.scrubber()
    }
    fn environment(&self, name: &str) -> Result<String, String> {
        self.0.environment(name).or_else(|_| Ok(name.to_owned()))
    }
    fn file(&self, path: &Path) -> Result<String, String> {
        self.0.file(path).or_else(|_| Ok(path.display().to_string()))
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
        let secrets = Unread::default();
        let mut config = ackcheck_core::config::parse(file, &text_file::read(file, LONGEST_SITE_FILE)?, &secrets)?;
        // Without its URL DSS is its files: nothing is asked over the network.
        let api = config.dss.as_mut().map(|dss| (dss.url.take(), dss.api_key.take()));
        ackcheck_live::from_dss::fill(&mut config, &secrets.0).await?;
        if let (Some(dss), Some((url, api_key))) = (&mut config.dss, api) {
            (dss.url, dss.api_key) = (url, api_key);
        }
        let (targets, unknown) =
            ackcheck_live::store::described(&config).await.map_err(|broken| anyhow::anyhow!("{broken}"))?;
        Ok(Described { config, targets, unknown })
    }
}

/// Secrets that nobody will use.
#[derive(Default)]
struct Unread(Scrubber);

impl SecretSource for Unread {
    fn scrubber(&self) -> &Scrubber {
        &self.0
    }
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
struct Secrets(Scrubber);

impl SecretSource for Secrets {
    fn scrubber(&self) -> &Scrubber {
        &self.0
    }
    fn environment(&self, name: &str) -> Result<String, String> {
        let shown = variable_in_words(name);
        match std::env::var(name) {
            Ok(value) if value.is_empty() => Err(format!("{shown} is empty")),
            Ok(value) => Ok(value),
            Err(std::env::VarError::NotPresent) => Err(format!("{shown} is not set")),
            Err(std::env::VarError::NotUnicode(_)) => Err(format!("{shown} is not text")),
        }
    }

    fn file(&self, path: &Path) -> Result<String, String> {
        // Somebody may have given the secret itself in the place of its file's name.
        let named = path.file_name().is_none_or(|name| recognition::may_be_quoted(&name.to_string_lossy()));
        let shown =
            if named { path.display().to_string() } else { "the file (its name looks like a secret)".to_owned() };
        let metadata = std::fs::metadata(path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & 0o077 != 0 {
            return Err(format!("{shown} can be read by others (mode {mode:04o}); run `chmod 600 {shown}`"));
        }
        let text = text_file::read(path, LONGEST_SECRET)
            .map_err(|error| if named { format!("{error:#}") } else { shown.clone() })?;
        // Editors and `echo` end a file with a line feed that is no part of the secret.
        match text.trim_end_matches(['\n', '\r']) {
            "" => Err(format!("{shown} is empty")),
            secret => Ok(secret.to_owned()),
        }
    }
}

/// A variable as messages name it. By custom their names are capitals; what is written otherwise may be the secret
/// itself, given in the place of its variable's name, and is not repeated.
fn variable_in_words(name: &str) -> String {
    let customary = name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    match customary && recognition::may_be_quoted(name) {
        true => format!("the environment variable {name}"),
        false => "the environment variable (its name is not in capitals, and not repeated here)".to_owned(),
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
        let scrubber = Scrubber::default();
        let secrets = Secrets(scrubber.clone());
        let config = ackcheck_core::config::parse(&folder.path().join("ackcheck.toml"), text, &secrets).unwrap();
        assert!(!format!("{config:?}").contains("CANARY"), "{config:?}");
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
        let secrets = Secrets(Scrubber::default());
        assert!(secrets.file(&path).unwrap_err().contains("chmod 600"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o400)).unwrap();
        assert_eq!(secrets.file(&path).unwrap(), "value");
        assert!(secrets.file(folder.path()).is_err());
    }

    #[test]
    fn a_secret_in_the_place_of_its_reference_is_not_repeated() {
        const SECRET: &str = "CANARYinPlaceOfItsReferenceA1b";
        let secrets = Secrets(Scrubber::default());
        for said in [
            secrets.environment(SECRET).unwrap_err(),
            secrets.environment("CANARY-short").unwrap_err(),
            secrets.file(&Path::new("/etc").join(SECRET)).unwrap_err(),
        ] {
            assert!(!said.contains("CANARY"), "{said}");
        }
        assert!(secrets.environment("ACKCHECK_NO_SUCH").unwrap_err().contains("ACKCHECK_NO_SUCH is not set"));
        assert!(secrets.file(Path::new("/etc/no-such-file")).unwrap_err().contains("/etc/no-such-file"));
    }
}
