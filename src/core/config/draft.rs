//! A site file as `ackcheck init` writes it: what was found, what was not and how to fill it in; never a secret.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::PathBuf;

/// Something that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought<T> {
    /// It was found there.
    Found { value: T, there: String },
    /// It was not, for this reason.
    NotFound { why: String },
}

impl<T> Sought<T> {
    /// Found, and where.
    pub fn found(value: T, there: impl Into<String>) -> Sought<T> {
        Sought::Found { value, there: there.into() }
    }
    /// Not found, and why.
    pub fn not_found(why: impl Into<String>) -> Sought<T> {
        Sought::NotFound { why: why.into() }
    }
    /// The value, where it was found.
    pub fn value(&self) -> Option<&T> {
        match self {
            Sought::Found { value, .. } => Some(value),
            Sought::NotFound { .. } => None,
        }
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

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn list(texts: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|text| quoted(text.as_ref())).collect();
    format!("[{}]", texts.join(", "))
}

/// One line of a comment: what came from outside cannot end it.
fn comment(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

impl Draft {
    /// What was not found, as `section.key`, why, and an example.
    pub fn open_ends(&self) -> Vec<(&'static str, String, &'static str)> {
        let mut open = Vec::new();
        let mut ask = |key, why: Option<&String>, example| {
            if let Some(why) = why {
                open.push((key, why.clone(), example));
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
        line(&mut out, "kubeconfig", &self.kubeconfig, path, "\"/home/dataiku/.kube/config\"", described);
        line(&mut out, "context", &self.context, |name| quoted(name), "\"my-ack\"", described);
        line(&mut out, "namespaces", &self.namespaces, |names| list(names), "[\"dss\"]", described);
        out.push_str("# id = \"c0123456789abcdef0123456789abcdef\"  # of the console's list of clusters; network checks need it\n");
        out.push_str(
            "# probe_image = \"ackcheck-probe:TAG\"  # where `ackcheck image` was brought to the nodes by hand\n",
        );

        let repositories = self.repositories.value();
        head(&mut out, "registry", "The repository DSS pushes its images to.", repositories.is_some());
        let first = |urls: &Vec<String>| quoted(urls.first().map_or("", String::as_str));
        let example = "\"my-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss\"";
        line(&mut out, "url", &self.repositories, first, example, repositories.is_some());
        for other in repositories.into_iter().flatten().skip(1) {
            let _ = writeln!(out, "# url = {}  # another configuration of DSS pushes there", comment(&quoted(other)));
        }
        out.push_str("# username = \"user@account\"\n# password = { env = \"ACR_PASSWORD\" }\n");

        let described = self.connections.value().is_some();
        head(&mut out, "storage", "The buckets, taken from DSS's connections.", described);
        let names = |found: &Vec<(String, Option<String>)>| list(found.iter().map(|(name, _)| name));
        line(&mut out, "connections", &self.connections, names, "\"all\"", described);
        out.push_str("# DSS keeps the secrets of its connections encrypted: the same AccessKey is needed here.\n");
        let ids = self.connections.value().into_iter().flatten().filter_map(|(_, id)| id.as_deref());
        let id = ids.map(quoted).next().unwrap_or_else(|| "\"LTAI…\"".to_owned());
        let _ = writeln!(
            out,
            "# access_key_id = {}\n# access_key_secret = {{ env = \"OSS_ACCESS_KEY_SECRET\" }}",
            comment(&id)
        );

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

fn why<T>(sought: &Sought<T>) -> Option<&String> {
    match sought {
        Sought::NotFound { why } => Some(why),
        Sought::Found { .. } => None,
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
        Sought::Found { value, there } => writeln!(out, "{mark}{key} = {}  # {}", write(value), comment(there)),
        Sought::NotFound { why } => writeln!(out, "# {key} = {example}  # not found: {}", comment(why)),
    };
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{Connections, SecretSource, parse};

    struct NoSecrets;
    impl SecretSource for NoSecrets {
        fn environment(&self, name: &str) -> Result<String, String> {
            Err(format!("{name} is not set"))
        }
        fn file(&self, path: &Path) -> Result<String, String> {
            Err(format!("{} is not there", path.display()))
        }
    }

    fn nothing() -> Draft {
        fn no<T>() -> Sought<T> {
            Sought::not_found("nobody\nknows")
        }
        Draft {
            host_name: no(),
            host_addresses: no(),
            data_dir: no(),
            install_dir: no(),
            url: no(),
            kubeconfig: no(),
            context: no(),
            namespaces: no(),
            repositories: no(),
            connections: no(),
            region: no(),
        }
    }

    #[test]
    fn what_was_found_is_read_again() {
        let yes = "there\n[evil]";
        let draft = Draft {
            host_name: Sought::found("dss.vpc".to_owned(), yes),
            host_addresses: Sought::found(vec!["10.0.0.20".parse().unwrap()], yes),
            data_dir: Sought::found("/data/a \"b\" \\c".into(), yes),
            install_dir: Sought::found("/opt/dss".into(), yes),
            url: Sought::found("http://127.0.0.1:11200".to_owned(), yes),
            kubeconfig: Sought::found("/home/dss/.kube/config".into(), yes),
            context: Sought::found("ack".to_owned(), yes),
            namespaces: Sought::found(vec!["dss".to_owned()], yes),
            repositories: Sought::found(vec!["r/a".to_owned(), "r/b\n".to_owned()], yes),
            connections: Sought::found(vec![("oss".to_owned(), Some("LTAI1".to_owned()))], yes),
            region: Sought::found("cn-hangzhou".to_owned(), yes),
        };
        let text = draft.render();
        let config = parse(Path::new("ackcheck.toml"), &text, &NoSecrets).unwrap_or_else(|e| panic!("{e}\n{text}"));
        assert_eq!(config.dss.unwrap().data_dir.unwrap(), Path::new("/data/a \"b\" \\c"));
        assert_eq!(config.registry.unwrap().url, "r/a");
        assert_eq!(config.storage.unwrap().connections, Connections::Named(vec!["oss".to_owned()]));
        assert_eq!(config.cluster.unwrap().namespaces, ["dss"]);
        assert!(draft.open_ends().is_empty());
    }

    #[test]
    fn what_was_not_found_is_a_comment() {
        let draft = nothing();
        let text = draft.render();
        let config = parse(Path::new("ackcheck.toml"), &text, &NoSecrets).unwrap_or_else(|e| panic!("{e}\n{text}"));
        assert!(config.dss.is_none() && config.cluster.is_none() && config.registry.is_none());
        assert!(config.storage.is_none() && config.cloud.is_none());
        assert_eq!(draft.open_ends().len(), 11);
    }
}
