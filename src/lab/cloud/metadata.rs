//! The ECS metadata service of the DSS host.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;

use serde_json::json;

use super::account::Account;
use crate::http::{Request, Response, response};
use ackcheck_core::sync::locked;

/// The service's address on every ECS instance.
pub(crate) const METADATA: &str = "100.100.100.200";

/// Whether a host is the service: by its address, or by a name under which a site file can have it.
pub(super) fn serves(host: &str) -> bool {
    host == METADATA || host == "metadata.lab.internal"
}

/// Longest life of a token, in seconds.
const LONGEST_LIFE: u64 = 21600;

/// The metadata service.
#[derive(Debug)]
pub(super) struct Metadata {
    /// By path below `/latest/`, without a leading slash; none if the host is not an ECS instance.
    files: Option<BTreeMap<String, String>>,
    role: Option<Credentials>,
    token_required: bool,
    /// Each token and when it ends.
    tokens: Mutex<HashMap<String, jiff::Timestamp>>,
}

#[derive(Debug)]
struct Credentials {
    path: String,
    key_id: String,
    secret: String,
    token: String,
}

impl Metadata {
    /// What the host's instance would read.
    pub(super) fn of(account: &Account) -> anyhow::Result<Metadata> {
        let files = match &account.host {
            Some(host) => Some(files(account, host)?),
            None => None,
        };
        let role = account.metadata.role.as_ref().map(|role| Credentials {
            path: format!("meta-data/ram/security-credentials/{}", role.name),
            key_id: role.key_id.clone(),
            secret: role.secret.clone(),
            token: role.token.clone(),
        });
        let token_required = account.metadata.token_required;
        Ok(Metadata { files, role, token_required, tokens: Mutex::default() })
    }

    /// Answers a request.
    pub(super) fn answer(&self, request: &Request) -> Response {
        // Not an ECS instance: nothing of Alibaba's is at that address.
        let Some(files) = &self.files else { return response(502, "text/plain", "no such host\n") };
        let path = request.uri().path();
        if path == "/latest/api/token" {
            return self.give_token(request);
        }
        if request.method() != http::Method::GET {
            return response(405, "text/html", "<h1>405 Method Not Allowed</h1>");
        }
        if !self.may(request) {
            return response(403, "text/html", "<h1>403 Forbidden</h1>");
        }
        let Some(below) = path.strip_prefix("/latest/") else { return not_found() };
        if let Some(role) = self.role.as_ref().filter(|role| role.path == below) {
            return response(200, "text/plain", role.document());
        }
        if let Some(text) = files.get(below) {
            return response(200, "text/plain", text.clone());
        }
        match children(files, below) {
            Some(listing) => response(200, "text/plain", listing),
            None => not_found(),
        }
    }

    fn give_token(&self, request: &Request) -> Response {
        if request.method() != http::Method::PUT {
            return response(405, "text/html", "<h1>405 Method Not Allowed</h1>");
        }
        if request.headers().contains_key("x-forwarded-for") {
            return response(403, "text/html", "<h1>403 Forbidden</h1>");
        }
        let ttl = request.headers().get("x-aliyun-ecs-metadata-token-ttl-seconds");
        let ttl = ttl.and_then(|ttl| ttl.to_str().ok()?.parse::<u64>().ok());
        let Some(ttl) = ttl.filter(|ttl| (1..=LONGEST_LIFE).contains(ttl)) else {
            return response(400, "text/html", "<h1>400 Bad Request</h1>");
        };
        let mut tokens = locked(&self.tokens);
        let token = format!("CANARYmetadataToken{:08}==", tokens.len() + 1);
        let ends = jiff::Timestamp::now() + std::time::Duration::from_secs(ttl);
        tokens.insert(token.clone(), ends);
        response(200, "text/plain", token)
    }

    fn may(&self, request: &Request) -> bool {
        let Some(token) = request.headers().get("x-aliyun-ecs-metadata-token") else { return !self.token_required };
        let tokens = locked(&self.tokens);
        let ends = token.to_str().ok().and_then(|token| tokens.get(token));
        ends.is_some_and(|ends| *ends > jiff::Timestamp::now())
    }
}

impl Credentials {
    fn document(&self) -> String {
        let now = jiff::Timestamp::now();
        let at = |time: jiff::Timestamp| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        json!({
            "AccessKeyId": self.key_id,
            "AccessKeySecret": self.secret,
            "Expiration": at(now + std::time::Duration::from_secs(6 * 3600)),
            "SecurityToken": self.token,
            "LastUpdated": at(now),
            "Code": "Success",
        })
        .to_string()
    }
}

fn not_found() -> Response {
    let page = "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<html><head><title>404 - Not Found</title></head>\
                <body><h1>404 - Not Found</h1></body></html>\n";
    response(404, "text/html", page)
}

/// The names one below a directory, a line each, directories with a slash; none if that directory does not exist.
fn children(files: &BTreeMap<String, String>, directory: &str) -> Option<String> {
    let inside = directory.trim_end_matches('/');
    let inside = if inside.is_empty() { String::new() } else { format!("{inside}/") };
    let names: BTreeSet<String> = files
        .keys()
        .filter_map(|path| path.strip_prefix(&inside))
        .map(|rest| rest.split_once('/').map_or(rest.to_owned(), |(first, _)| format!("{first}/")))
        .collect();
    (!names.is_empty()).then(|| names.into_iter().collect::<Vec<_>>().join("\n"))
}

fn files(account: &Account, host: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let missing = || anyhow::anyhow!("the account has no instance {host}");
    let instance = account.instances.iter().find(|instance| instance.id == host).ok_or_else(missing)?;
    let eni = account.interfaces.iter().find(|eni| eni.instance == host).ok_or_else(missing)?;
    let (vswitch, vpc) = (account.vswitch(&instance.vswitch)?, account.vpc(&instance.vpc)?);
    let address = eni.addresses.first().map(ToString::to_string).unwrap_or_default();
    let mac = "00:16:3e:0a:00:14";
    let document = json!({
        "zone-id": instance.zone, "serial-number": "9b1deb4d-0000-4000-8000-000000000001", "instance-id": instance.id,
        "region-id": instance.region, "private-ipv4": address, "owner-account-id": account.id, "mac": mac,
        "image-id": "aliyun_3_x64_20G_alibase.vhd", "instance-type": "ecs.g7.2xlarge",
    });
    let mut files: BTreeMap<String, String> = [
        ("meta-data/instance-id", instance.id.clone()),
        ("meta-data/hostname", instance.host_name.clone()),
        ("meta-data/region-id", instance.region.clone()),
        ("meta-data/zone-id", instance.zone.clone()),
        ("meta-data/vpc-id", vpc.id.clone()),
        ("meta-data/vpc-cidr-block", vpc.range.to_string()),
        ("meta-data/vswitch-id", vswitch.id.clone()),
        ("meta-data/vswitch-cidr-block", vswitch.range.to_string()),
        ("meta-data/private-ipv4", address.clone()),
        ("meta-data/mac", mac.to_owned()),
        ("meta-data/network-type", "vpc".to_owned()),
        ("meta-data/owner-account-id", account.id.clone()),
        ("meta-data/instance/instance-type", "ecs.g7.2xlarge".to_owned()),
        ("meta-data/dns-conf/nameservers", "100.100.2.136\n100.100.2.138".to_owned()),
        ("dynamic/instance-identity/document", document.to_string()),
    ]
    .into_iter()
    .map(|(path, text)| (path.to_owned(), text))
    .collect();
    let interface = format!("meta-data/network/interfaces/macs/{mac}");
    for (name, text) in [
        ("network-interface-id", eni.id.clone()),
        ("vswitch-id", vswitch.id.clone()),
        ("vswitch-cidr-block", vswitch.range.to_string()),
        ("vpc-id", vpc.id.clone()),
        ("vpc-cidr-block", vpc.range.to_string()),
        ("netmask", vswitch.range.netmask().to_string()),
        ("primary-ip-address", address),
        ("private-ipv4s", json!(eni.addresses).to_string()),
    ] {
        files.insert(format!("{interface}/{name}"), text);
    }
    if let Some(role) = &account.metadata.role {
        files.insert(format!("meta-data/ram/security-credentials/{}", role.name), String::new());
    }
    Ok(files)
}
