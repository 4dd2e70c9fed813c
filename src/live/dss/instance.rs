//! What other seats need to know of the instance: its ports and names.

use std::path::Path;

use serde_json::Value;

use super::files;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::dss::{DssVersion, ExtHost};
use ackcheck_core::verdict::Unseen;

/// An instance, as far as it is described; what neither its files nor its API tell is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Instance {
    /// The port users browse to (`[server] port` of install.ini).
    pub base_port: Option<u16>,
    /// The backend's: the base port + 1.
    pub backend_port: Option<u16>,
    pub version: Option<DssVersion>,
    /// 24 letters and digits; the image names hold it.
    pub install_id: Option<String>,
    /// `design`, `automation`, `deployer`, `api`, in lower case.
    pub node_type: Option<String>,
    /// True where nginx serves TLS on the base port.
    pub https: bool,
    /// Whether and how `DKU_BACKEND_EXT_HOST` is set; none without a data directory.
    pub ext_host: Option<ExtHost>,
}

/// `install.ini`, as far as it is read here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct InstallIni {
    pub port: Option<u16>,
    pub install_id: Option<String>,
    pub node_type: Option<String>,
    pub ssl: bool,
}

impl InstallIni {
    /// The backend listens on the port after the one that users browse to.
    pub(super) fn backend_port(&self) -> Option<u16> {
        self.port.and_then(|port| port.checked_add(1))
    }
}

impl std::fmt::Display for InstallIni {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let port = self.port.map_or("no port".to_owned(), |port| format!("port {port}"));
        let tls = if self.ssl { "HTTPS" } else { "HTTP" };
        write!(f, "{port}, {tls}")?;
        self.node_type.iter().try_for_each(|node_type| write!(f, ", a {node_type} node"))?;
        self.install_id.iter().try_for_each(|id| write!(f, ", installid {id}"))
    }
}

/// Reads an `install.ini`; none where there is none.
///
/// # Errors
/// Where it cannot be read, or its port is none; names the line.
pub(super) fn install_ini(path: &Path) -> Seen<Option<InstallIni>> {
    let Some(text) = files::text(path)? else { return Ok(None) };
    let mut ini = InstallIni { node_type: Some("design".to_owned()), ..InstallIni::default() };
    let mut section = String::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.trim().to_owned();
            continue;
        }
        let Some((key, value)) = line.split_once(['=', ':']) else { continue };
        let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
        match (section.as_str(), key.as_str()) {
            ("server", "port") => {
                let port = value.parse().ok().filter(|port| *port >= 1024);
                ini.port = Some(port.ok_or_else(|| {
                    let why = format!("line {}: [server] port is not a number from 1024 to 65535", at + 1);
                    Unseen::unreadable(path.display().to_string(), why)
                })?);
            }
            ("server", "ssl") => ini.ssl = value.eq_ignore_ascii_case("true"),
            ("general", "installid") => ini.install_id = Some(value.to_owned()),
            ("general", "nodetype") => ini.node_type = Some(value.to_ascii_lowercase()),
            _ => {}
        }
    }
    Ok(Some(ini))
}

/// Fills in what `/instance-info` tells and files did not; the version is asked for where every release has it.
pub(super) fn fill_from_api(instance: &mut Instance, info: &Value) {
    let text = |key: &str| info.get(key).and_then(Value::as_str).map(str::to_owned);
    instance.install_id = instance.install_id.take().or_else(|| text("installId"));
    instance.node_type = instance.node_type.take().or_else(|| text("nodeType").map(|kind| kind.to_ascii_lowercase()));
}
