//! A site file as `ackcheck init` writes it: what was found, what was not and how to fill it in; never a secret.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use toml_writer::{ToTomlValue as _, TomlStringBuilder};

use super::{Config, ConfigErrors, Connections, SecretSource, parse};
use crate::secret::Scrubber;

/// Something that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought<T> {
    /// It was found there.
    Found { value: T, there: String },
    /// DSS tells it there at each run: the file refers to it, and does not copy it.
    Told { value: T, there: String },
    /// It was not, for this reason.
    NotFound { why: String },
}

impl<T> Sought<T> {
    /// Found, and where.
    pub fn found(value: T, there: impl Into<String>) -> Sought<T> {
        Sought::Found { value, there: there.into() }
    }
    /// Told by DSS at each run, and where.
    pub fn told(value: T, there: impl Into<String>) -> Sought<T> {
        Sought::Told { value, there: there.into() }
    }
    /// Not found, and why.
    pub fn not_found(why: impl Into<String>) -> Sought<T> {
        Sought::NotFound { why: why.into() }
    }
    /// Takes what was found for not found; false where it was not anyway.
    fn give_up(&mut self, why: &str) -> bool {
        let Sought::Found { there, .. } = self else { return false };
        *self = Sought::NotFound { why: format!("{there} has a value that this file cannot take: {why}") };
        true
    }
    /// The value, where it was found.
    pub fn value(&self) -> Option<&T> {
        match self {
            Sought::Found { value, .. } | Sought::Told { value, .. } => Some(value),
            Sought::NotFound { .. } => None,
        }
    }
    /// The value, where the file holds it.
    fn written(&self) -> Option<&T> {
        match self {
            Sought::Found { value, .. } => Some(value),
            Sought::Told { .. } | Sought::NotFound { .. } => None,
        }
    }
    /// True where the file refers to DSS for it.
    fn is_told(&self) -> bool {
        matches!(self, Sought::Told { .. })
    }
}

/// What can be known of a deployment from the DSS host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What `hostname -f` prints, or DKU_BACKEND_EXT_HOST where it is set.
    pub host_name: Sought<String>,
    pub host_addresses: Sought<Vec<IpAddr>>,
    pub data_dir: Sought<PathBuf>,
    pub install_dir: Sought<PathBuf>,
    /// The base URL of the instance.
    pub url: Sought<String>,
    pub kubeconfig: Sought<PathBuf>,
    /// Its current context.
    pub context: Sought<String>,
    pub namespaces: Sought<Vec<String>>,
    /// Every repository URL of DSS's container and Spark configurations.
    pub repositories: Sought<Vec<String>>,
    /// The OSS connections of DSS, each with its AccessKey id where DSS has it in clear.
    pub connections: Sought<Vec<(String, Option<String>)>>,
    pub region: Sought<String>,
}

/// A text as TOML writes it on one line, line feeds and quotes escaped: many of these stand in comments, which end with
/// their line.
fn quoted(text: &str) -> String {
    TomlStringBuilder::new(text).as_basic().to_toml_value()
}

fn list(texts: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|text| quoted(text.as_ref())).collect();
    format!("[{}]", texts.join(", "))
}

/// One line of plain text, for a comment or a terminal: what came from outside neither ends it nor turns it around.
fn one_line(text: &str) -> String {
    let moves =
        |c| matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    text.chars().map(|c| if c.is_control() || moves(c) { ' ' } else { c }).collect()
}

impl Draft {
    /// The draft as its reader takes it: what would be refused when the file is read, or read as something else, is given
    /// up, and stands among what was not found, with the reason.
    ///
    /// # Errors
    /// Where the file cannot be read whatever is given up, which is a mistake of this program.
    pub fn read_back(mut self, file: &Path) -> Result<Draft, ConfigErrors> {
        // Each round gives up at least one of a dozen keys, or is the last.
        loop {
            match parse(file, &self.render(), &NoSecrets::default()) {
                Ok(config) => {
                    let other = self.read_otherwise(&config).into_iter();
                    if other.filter(|key| self.give_up(key, "it would be read as something else")).count() == 0 {
                        return Ok(self);
                    }
                }
                Err(errors) => {
                    if errors.0.iter().filter(|error| self.give_up(&error.key, &error.why)).count() == 0 {
                        return Err(errors);
                    }
                }
            }
        }
    }

    /// The keys under which the file would be read with another value than was found.
    fn read_otherwise(&self, config: &Config) -> Vec<&'static str> {
        let dss = config.dss.as_ref();
        let cluster = config.cluster.as_ref();
        let as_found = [
            ("host.name", same(&self.host_name, config.host.name.as_ref())),
            ("host.addresses", same(&self.host_addresses, Some(&config.host.addresses))),
            ("dss.data_dir", same(&self.data_dir, dss.and_then(|dss| dss.data_dir.as_ref()))),
            ("cluster.kubeconfig", same(&self.kubeconfig, cluster.map(|cluster| &cluster.kubeconfig))),
            // Without their section they are comments.
            ("cluster.context", cluster.is_none() || same(&self.context, cluster.and_then(|it| it.context.as_ref()))),
            ("cluster.namespaces", cluster.is_none() || same(&self.namespaces, cluster.map(|it| &it.namespaces))),
            (
                "registry.url",
                self.repositories
                    .written()
                    .and_then(|urls| urls.first())
                    .is_none_or(|url| config.registry.as_ref().is_some_and(|registry| registry.url == *url)),
            ),
            (
                "storage.connections",
                self.connections.value().map(|_| &Connections::All)
                    == config.storage.as_ref().map(|storage| &storage.connections),
            ),
            ("cloud.region", same(&self.region, config.cloud.as_ref().and_then(|cloud| cloud.region.as_ref()))),
        ];
        as_found.into_iter().filter(|(_, same)| !same).map(|(key, _)| key).collect()
    }

    /// Takes what was found for a key for not found; false where there was nothing to give up.
    fn give_up(&mut self, key: &str, why: &str) -> bool {
        match key {
            "host.name" => self.host_name.give_up(why),
            "host.addresses" => self.host_addresses.give_up(why),
            "dss.data_dir" => self.data_dir.give_up(why),
            "dss.install_dir" => self.install_dir.give_up(why),
            "cluster.kubeconfig" => self.kubeconfig.give_up(why),
            "cluster.context" => self.context.give_up(why),
            "cluster.namespaces" => self.namespaces.give_up(why),
            "registry.url" => self.repositories.give_up(why),
            "storage.connections" => self.connections.give_up(why),
            "cloud.region" => self.region.give_up(why),
            _ => false,
        }
    }

    /// What was not found, as `section.key`, why, and an example.
    pub fn open_ends(&self) -> Vec<(&'static str, String, &'static str)> {
        let mut open = Vec::new();
        let mut ask = |key, why: Option<&String>, example| {
            if let Some(why) = why {
                open.push((key, one_line(why), example));
            }
        };
        ask("host.name", why(&self.host_name), "\"dss.vpc.example\"");
        ask("host.addresses", why(&self.host_addresses), "[\"10.0.0.20\"]");
        ask("dss.data_dir", why(&self.data_dir), "\"/data/dataiku\"");
        ask("dss.install_dir", why(&self.install_dir), "\"/opt/dataiku-dss-14.2.0\"");
        ask("dss.url", why(&self.url), "\"http://127.0.0.1:11200\"");
        ask("cluster.kubeconfig", why(&self.kubeconfig), "\"/home/dataiku/.kube/config\"");
        ask("cluster.context", why(&self.context), "\"my-ack\"");
        ask("cluster.namespaces", why(&self.namespaces), "[\"dss\"]");
        ask("registry.url", why(&self.repositories), "\"my-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss\"");
        ask("storage.connections", why(&self.connections), "\"all\"");
        ask("cloud.region", why(&self.region), "\"cn-hangzhou\"");
        open
    }

    /// The site file: sections of what was found; the rest as comments that show what to write.
    pub fn render(&self) -> String {
        let mut out = String::from(
            "# The deployment that ackcheck looks at, as `ackcheck init` found it.\n\
             # What is not described here is not looked at. Secrets are never written into this file: they are referred to,\n\
             # as { env = \"NAME\" } or { file = \"PATH\" } (a file of mode 600).\n",
        );
        section(&mut out, "host", "The ECS machine under DSS. ackcheck runs on it; `local = false` where it does not.");
        line(&mut out, "name", &self.host_name, |name| quoted(name), "\"dss.vpc.example\"", true);
        let addresses = |found: &Vec<IpAddr>| list(found.iter().map(IpAddr::to_string));
        line(&mut out, "addresses", &self.host_addresses, addresses, "[\"10.0.0.20\"]", true);

        let described = self.data_dir.value().is_some();
        head(&mut out, "dss", "The instance: its data directory, its REST API, or both.", described);
        let path = |path: &PathBuf| quoted(&path.display().to_string());
        line(&mut out, "data_dir", &self.data_dir, path, "\"/data/dataiku\"", described);
        // It changes with each upgrade of DSS, and the data directory follows it.
        line(&mut out, "install_dir", &self.install_dir, path, "\"/opt/dataiku-dss-14.2.0\"", false);
        // A URL without a key asks nothing; a key without a URL is an error.
        let url = self.url.value().map_or_else(|| "\"http://127.0.0.1:11200\"".to_owned(), |url| quoted(url));
        let _ = writeln!(out, "# url = {url}\n# api_key = {{ env = \"DSS_API_KEY\" }}  # a key with admin rights");

        let described = self.kubeconfig.value().is_some();
        head(&mut out, "cluster", "The ACK cluster, as DSS's account reaches it.", described);
        from_dss(&mut out, described, self.kubeconfig.is_told() || self.namespaces.is_told());
        line(&mut out, "kubeconfig", &self.kubeconfig, path, "\"/home/dataiku/.kube/config\"", described);
        line(&mut out, "context", &self.context, |name| quoted(name), "\"my-ack\"", described);
        line(&mut out, "namespaces", &self.namespaces, |names| list(names), "[\"dss\"]", described);
        out.push_str("# id = \"c0123456789abcdef0123456789abcdef\"  # of the console's list of clusters; network checks need it\n");
        out.push_str(
            "# probe_image = \"ackcheck-probe:TAG\"  # where `ackcheck image` was brought to the nodes by hand\n",
        );

        let repositories = self.repositories.value();
        head(&mut out, "registry", "The repository DSS pushes its images to.", repositories.is_some());
        from_dss(&mut out, repositories.is_some(), self.repositories.is_told());
        let first = |urls: &Vec<String>| quoted(urls.first().map_or("", String::as_str));
        let example = "\"my-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss\"";
        line(&mut out, "url", &self.repositories, first, example, repositories.is_some());
        for other in repositories.into_iter().flatten().skip(1) {
            let _ = writeln!(out, "# url = {}  # another configuration of DSS pushes there", quoted(other));
        }
        out.push_str("# username = \"user@account\"\n# password = { env = \"ACR_PASSWORD\" }\n");

        let described = self.connections.value().is_some();
        head(&mut out, "storage", "The buckets, taken from DSS's connections.", described);
        if let Sought::Found { value, there } | Sought::Told { value, there } = &self.connections {
            let now = list(value.iter().map(|(name, _)| name));
            let _ = writeln!(out, "connections = \"all\"  # {}, now {now}", one_line(there));
        } else {
            line(&mut out, "connections", &self.connections, |_| String::new(), "\"all\"", described);
        }
        out.push_str("# DSS keeps the secrets of its connections encrypted: the same AccessKey is needed here.\n");
        let ids = self.connections.value().into_iter().flatten().filter_map(|(_, id)| id.as_deref());
        let id = ids.map(quoted).next().unwrap_or_else(|| "\"LTAI…\"".to_owned());
        let _ = writeln!(out, "# access_key_id = {id}\n# access_key_secret = {{ env = \"OSS_ACCESS_KEY_SECRET\" }}",);

        let described = self.region.value().is_some();
        head(
            &mut out,
            "cloud",
            "The account. Without an access key the RAM role of the ECS instance is used.",
            described,
        );
        line(&mut out, "region", &self.region, |region| quoted(region), "\"cn-hangzhou\"", described);
        out.push_str(
            "# access_key_id = \"LTAI…\"\n# access_key_secret = { env = \"ALIBABA_CLOUD_ACCESS_KEY_SECRET\" }\n",
        );
        out
    }
}

fn same<T: PartialEq>(found: &Sought<T>, read: Option<&T>) -> bool {
    found.written().is_none_or(|found| Some(found) == read)
}

/// A draft refers to no secret outside its comments.
#[derive(Default)]
struct NoSecrets(Scrubber);

impl SecretSource for NoSecrets {
    fn scrubber(&self) -> &Scrubber {
        &self.0
    }
    fn environment(&self, name: &str) -> Result<String, String> {
        Err(format!("{name} is not asked for"))
    }
    fn file(&self, path: &Path) -> Result<String, String> {
        Err(format!("{} is not asked for", path.display()))
    }
}

fn why<T>(sought: &Sought<T>) -> Option<&String> {
    match sought {
        Sought::NotFound { why } => Some(why),
        Sought::Found { .. } | Sought::Told { .. } => None,
    }
}

fn section(out: &mut String, name: &str, about: &str) {
    let _ = writeln!(out, "\n# {about}\n[{name}]");
}

/// A section, or the comment of one where nothing of it was found.
fn head(out: &mut String, name: &str, about: &str, described: bool) {
    let mark = if described { "" } else { "# " };
    let _ = writeln!(out, "\n# {about}\n{mark}[{name}]");
}

/// What a section leaves to DSS.
fn from_dss(out: &mut String, described: bool, told: bool) {
    if told {
        let mark = if described { "" } else { "# " };
        let _ =
            writeln!(out, "{mark}from = \"dss\"  # what is not given here is what DSS's own settings say, at each run");
    }
}

/// A key with its value and where it came from; or, as a comment, why it was not found and an example. In a section
/// that is a comment itself, `described` is false and the key is one too.
fn line<T>(
    out: &mut String,
    key: &str,
    sought: &Sought<T>,
    write: impl Fn(&T) -> String,
    example: &str,
    described: bool,
) {
    let mark = if described { "" } else { "# " };
    let _ = match sought {
        Sought::Found { value, there } => writeln!(out, "{mark}{key} = {}  # {}", write(value), one_line(there)),
        Sought::Told { value, there } => writeln!(out, "# {key} = {}  # now, by {}", write(value), one_line(there)),
        Sought::NotFound { why } => writeln!(out, "# {key} = {example}  # not found: {}", one_line(why)),
    };
}

#[cfg(test)]
#[path = "draft_tests.rs"]
mod tests;
