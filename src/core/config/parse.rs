//! Reads a site file. All that is wrong is said at once, each with its file, line and key.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::section::Section;
use super::source::{ConfigError, ConfigErrors, SecretSource, Source};
use super::waiver::waivers;
use super::{
    AccessKey, BucketConfig, CloudConfig, ClusterConfig, Config, ConnectionConfig, Connections, DssConfig, DssKey,
    FromDss, HostConfig, Limits, NetworkConfig, RegistryConfig, RunConfig, StorageConfig, SweepFrom,
};

/// Reads the text of the site file `file`. The source's scrubber knows every secret of it from then on.
///
/// # Errors
/// Everything that is wrong in it.
pub fn parse(file: &Path, text: &str, secrets: &dyn SecretSource) -> Result<Config, ConfigErrors> {
    let source = Source { file, text, secrets, errors: RefCell::default() };
    let (table, syntax) = DeTable::parse_recoverable(text);
    for error in &syntax {
        source.error(error.span().map_or(0, |span| span.start), "", error.message());
    }
    // What follows a syntax error is guesswork: complaints about it would mislead.
    let config = syntax.is_empty().then(|| read(&source, table.get_ref()));
    let mut errors = source.errors.into_inner();
    match config {
        Some(config) if errors.is_empty() => Ok(config),
        _ => {
            errors.sort_by_key(|error: &ConfigError| error.line);
            Err(ConfigErrors(errors))
        }
    }
}

fn read<'a>(source: &'a Source<'a>, table: &'a DeTable<'a>) -> Config {
    let whole = Section::new(source, String::new(), 0, table);
    let described = table.contains_key("dss");
    let from = &mut FromDssKeys { described, keys: Vec::new() };
    let mut config = Config {
        file: source.file.to_owned(),
        host: whole.section("host").map_or_else(HostConfig::local, host),
        dss: whole.section("dss").map(dss),
        cluster: whole.section("cluster").and_then(|section| cluster(section, from)),
        registry: whole.section("registry").and_then(|section| registry(section, from)),
        storage: whole.section("storage").map(storage),
        cloud: whole.section("cloud").map(cloud),
        network: whole.section("network").map(network).unwrap_or_default(),
        limits: whole.section("limits").map(limits).unwrap_or_default(),
        run: whole.section("run").map(run).unwrap_or_default(),
        waivers: waivers(whole.sections("waiver")),
        from_dss: Vec::new(),
    };
    config.from_dss = std::mem::take(&mut from.keys);
    whole.finish();
    config
}

impl HostConfig {
    /// What holds where the site file says nothing of the host: that ackcheck runs on it.
    fn local() -> HostConfig {
        HostConfig { local: true, ..HostConfig::default() }
    }
}

fn host(section: Section<'_>) -> HostConfig {
    let host = HostConfig {
        local: section.boolean("local").unwrap_or(true),
        name: section.string("name"),
        addresses: section.addresses("addresses"),
        command_path: section.paths("command_path"),
        listen_ports: section.has("listen_ports").then(|| section.ports("listen_ports")),
        metadata: section.url("metadata"),
    };
    section.finish();
    host
}

fn dss(section: Section<'_>) -> DssConfig {
    let dss = DssConfig {
        data_dir: section.path("data_dir"),
        install_dir: section.path("install_dir"),
        url: section.url("url"),
        api_key: section.secret("api_key"),
    };
    if dss.data_dir.is_none() && dss.url.is_none() {
        section.complain("data_dir", "is required, unless url and api_key are given");
    }
    if dss.api_key.is_some() && dss.url.is_none() {
        section.complain("url", "is required when api_key is given");
    }
    section.finish();
    dss
}

/// The keys that are left to DSS.
struct FromDssKeys {
    /// There is a `[dss]` section.
    described: bool,
    keys: Vec<FromDss>,
}

impl FromDssKeys {
    /// Where a section leaves what it does not give to DSS: the line of its `from`.
    fn line(&self, section: &Section<'_>) -> Option<usize> {
        let line = section.left_to_dss("from")?;
        if !self.described {
            section.complain_of("from", "needs a [dss] section, which says where DSS is");
        }
        Some(line)
    }

    fn fill(&mut self, key: DssKey, line: usize) {
        self.keys.push(FromDss { key, line });
    }
}

fn cluster(section: Section<'_>, from: &mut FromDssKeys) -> Option<ClusterConfig> {
    let left = from.line(&section);
    let kubeconfig = match (section.path_list("kubeconfig"), left) {
        (None, Some(line)) if !section.has("kubeconfig") => {
            from.fill(DssKey::Kubeconfig, line);
            Some(PathBuf::new())
        }
        (given, _) => section.required("kubeconfig", given),
    };
    let context = section.string("context");
    let namespaces = section.strings("namespaces");
    if let Some(line) = left.filter(|_| !section.has("namespaces")) {
        from.fill(DssKey::Namespaces, line);
    }
    let id = section.string("id");
    let pull_secret = section.string("pull_secret");
    let probe_image = section.string("probe_image");
    let tolerations = section.tolerations("tolerations");
    section.finish();
    Some(ClusterConfig { kubeconfig: kubeconfig?, context, namespaces, id, pull_secret, probe_image, tolerations })
}

fn registry(section: Section<'_>, from: &mut FromDssKeys) -> Option<RegistryConfig> {
    let url = match (section.raw_string("url"), from.line(&section)) {
        (None, Some(line)) if !section.has("url") => {
            from.fill(DssKey::Repository, line);
            Some(String::new())
        }
        (given, _) => section.required("url", given),
    };
    let username = section.string("username");
    let password = section.secret("password");
    if username.is_some() != password.is_some() {
        section.complain("password", "give username and password together, or neither");
    }
    let region = section.string("region");
    let try_layer_of = section.size("try_layer_of");
    section.finish();
    url.map(|url| RegistryConfig { url, region, username, password, try_layer_of })
}

fn access_key(section: &Section<'_>) -> Option<AccessKey> {
    let id = section.string("access_key_id");
    let secret = section.secret("access_key_secret");
    let token = section.secret("security_token");
    match (id, secret) {
        (Some(id), Some(secret)) => Some(AccessKey { id, secret, token }),
        (None, None) if token.is_none() => None,
        (None, _) => {
            section.complain("access_key_id", "is required when access_key_secret is given");
            None
        }
        (Some(_), None) => {
            section.complain("access_key_secret", "is required when access_key_id is given");
            None
        }
    }
}

fn storage(section: Section<'_>) -> StorageConfig {
    let mut buckets = Vec::new();
    for bucket in section.sections("bucket") {
        let name = bucket.required("name", bucket.string("name"));
        let endpoint = bucket.required("endpoint", bucket.raw_string("endpoint"));
        let prefix = bucket.raw_string("prefix").unwrap_or_default().trim_matches('/').to_owned();
        let access_key = access_key(&bucket);
        if let (Some(name), Some(endpoint)) = (name, endpoint) {
            if buckets.iter().any(|known: &BucketConfig| known.name == name && known.prefix == prefix) {
                bucket.complain("name", format!("the bucket \"{name}\" is described twice with the same prefix"));
            }
            buckets.push(BucketConfig { name, prefix, endpoint, access_key });
        }
        bucket.finish();
    }
    let connections = section.all_or_names("connections").unwrap_or(Connections::None);
    let mut known = Vec::new();
    for connection in section.sections("connection") {
        let name = connection.required("name", connection.string("name"));
        let root = connection.string("root");
        if let Some(root) = root.as_deref().filter(|root| !root.starts_with("oss://")) {
            connection.complain("root", format!("must be oss://BUCKET/PATH, not \"{root}\""));
        }
        let endpoint = connection.raw_string("endpoint");
        let access_key = access_key(&connection);
        if let Some(name) = name {
            if known.iter().any(|other: &ConnectionConfig| other.name == name) {
                connection.complain("name", format!("the connection \"{name}\" is described twice"));
            }
            let asked = match &connections {
                Connections::None => false,
                Connections::All => true,
                Connections::Named(names) => names.contains(&name),
            };
            if !asked {
                connection
                    .complain("name", format!("storage.connections does not select \"{name}\", so this has no use"));
            }
            known.push(ConnectionConfig { name, root, endpoint, access_key });
        }
        connection.finish();
    }
    let storage = StorageConfig { buckets, connections, known, access_key: access_key(&section) };
    section.finish();
    storage
}

/// The products of the OpenAPI that ackcheck speaks to.
const PRODUCTS: [&str; 5] = ["ecs", "vpc", "cs", "cr", "sts"];

fn cloud(section: Section<'_>) -> CloudConfig {
    let mut endpoints = Vec::new();
    if let Some(table) = section.section("endpoints") {
        for (product, host, at) in table.entries() {
            if PRODUCTS.contains(&product.as_str()) {
                endpoints.push((product, host));
            } else {
                table.wrong_entry(&product, at, format!("unknown product; expected one of {}", PRODUCTS.join(", ")));
            }
        }
        table.finish();
    }
    let cloud = CloudConfig { region: section.string("region"), access_key: access_key(&section), endpoints };
    section.finish();
    cloud
}

fn network(section: Section<'_>) -> NetworkConfig {
    let mut connect = Vec::new();
    if let Some(table) = section.section("connect") {
        for (name, address, at) in table.entries() {
            match address.parse() {
                Ok(address) => connect.push((name, address)),
                Err(_) => table.wrong_entry(&name, at, format!("must be ADDRESS:PORT, not \"{address}\"")),
            }
        }
        table.finish();
    }
    // Tables have no order: the most exact name first, `*` last.
    connect.sort_by_key(|(name, _)| (name.starts_with('*'), std::cmp::Reverse(name.len())));
    let network = NetworkConfig {
        ca_file: section.path("ca_file"),
        dns_servers: section.sockets("dns_servers", 53),
        connect,
        proxy: section.proxy("proxy"),
        sweep: section.one_of("sweep", &SweepFrom::NAMES),
        ports: section.ports("ports"),
    };
    section.finish();
    network
}

fn run(section: Section<'_>) -> RunConfig {
    let run = RunConfig { require: section.required_checks("require") };
    section.finish();
    run
}

fn limits(section: Section<'_>) -> Limits {
    let default = Limits::default();
    let limits = Limits {
        run: section.duration("run").unwrap_or(default.run),
        connect: section.duration("connect").unwrap_or(default.connect),
        request: section.duration("request").unwrap_or(default.request),
        command: section.duration("command").unwrap_or(default.command),
        schedule: section.duration("schedule").unwrap_or(default.schedule),
        start: section.duration("start").unwrap_or(default.start),
        pull: section.duration("pull").unwrap_or(default.pull),
        clean_up: section.duration("clean_up").unwrap_or(default.clean_up),
        sweep_rate: section.number("sweep_rate", "a number of dials a second between 10 and 1000000", 10..=1_000_000),
    };
    section.finish();
    limits
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
