//! What seats see, in the words that evidence and messages tell it in.

use std::fmt::{Display, Formatter, Result};

use super::dss::{ExtHost, HadoopConnection, HadoopIntegration, PropertyValue, VersionFile, Versions};
use super::host::Ended;
use super::keyring::{PullSecret, SecretState};
use super::pod::{CredentialHelper, DssHost, PodStart};

impl Display for Ended {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Ended::Exit(code) => write!(f, "it exited with code {code}"),
            Ended::Killed { why } | Ended::Late { why } => write!(f, "it was stopped: {why}"),
            Ended::NotFound => f.write_str("it is not installed on the host"),
        }
    }
}

impl Display for PodStart {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            PodStart::Running => f.write_str("it is running"),
            PodStart::NotAdmitted { why } => write!(f, "the API does not take ackcheck's probe: {why}"),
            PodStart::NotScheduled { why } => write!(f, "not scheduled: {why}"),
            PodStart::NotStarted { why } => write!(f, "not started: {why}"),
            PodStart::NotPulled(failure) => match failure.pull_secrets.as_slice() {
                [] => write!(f, "its image was not pulled, without a pull secret: {}", failure.why()),
                secrets => {
                    let secrets = secrets.join(", ");
                    write!(f, "its image was not pulled, with the pull secret {secrets}: {}", failure.why())
                }
            },
            PodStart::OtherNotPulled { failure, .. } => {
                let (image, container) = (&failure.image, &failure.container);
                write!(f, "the image {image} of its container {container} was not pulled: {}", failure.why())
            }
            PodStart::WrongPlatform { why } => write!(f, "its image is for another platform: {why}"),
        }
    }
}

impl Display for PullSecret {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}: ", self.name)?;
        match &self.state {
            SecretState::NotThere => f.write_str("it does not exist"),
            SecretState::NotShown { why } => write!(f, "it cannot be read: {why}"),
            SecretState::PassedOver { why } => write!(f, "it is not a pull secret: {why}"),
            SecretState::Malformed { why, .. } => write!(f, "it is malformed: {why}"),
            SecretState::Logins(logins) if logins.is_empty() => f.write_str("it has no login"),
            SecretState::Logins(logins) => {
                let told = logins.iter().map(|login| match login.is_complete() {
                    true => format!("{} as {}", login.location, login.username),
                    false => format!("{} without user or password", login.location),
                });
                f.write_str(&told.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl Display for DssHost {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let addresses: Vec<String> = self.addresses.iter().map(ToString::to_string).collect();
        write!(f, "{}, from {}; its own addresses: {}", self.name, self.origin, addresses.join(", "))?;
        if let Some(port) = self.backend_port {
            write!(f, "; the backend's port: {port}")?;
        }
        self.version.iter().try_for_each(|version| write!(f, "; DSS {version}"))
    }
}

impl Display for CredentialHelper {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let (namespaces, accounts) = (self.watch_namespaces.join(", "), self.service_accounts.join(", "));
        write!(f, "it covers the service accounts {accounts} in the namespaces {namespaces}")
    }
}

impl Display for VersionFile {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            VersionFile::Version(version) => f.write_str(&version.text),
            VersionFile::Unreadable { file, why } => write!(f, "{file}: {why}"),
            VersionFile::Missing { file } => write!(f, "{file} does not exist"),
        }
    }
}

impl Display for Versions {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "the data directory: {}", self.data)?;
        self.install.iter().try_for_each(|install| write!(f, "; the install directory: {install}"))
    }
}

impl Display for ExtHost {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            ExtHost::Unset => f.write_str("DKU_BACKEND_EXT_HOST is not set"),
            ExtHost::Exported { value, line } => write!(f, "line {line} exports DKU_BACKEND_EXT_HOST={value}"),
            ExtHost::NotExported { value, line } => {
                write!(f, "line {line} sets DKU_BACKEND_EXT_HOST={value} but does not export it")
            }
            ExtHost::Dynamic { text, line } => write!(f, "line {line} is only determined when the script runs: {text}"),
            ExtHost::Malformed { why, line } => write!(f, "line {line} is not valid shell: {why}"),
        }
    }
}

impl Display for HadoopIntegration {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if !self.installed {
            return write!(f, "{} does not exist", self.file);
        }
        let enabled = if self.disabled.is_none() { "enables it" } else { "does not enable it" };
        let libraries = if self.libs_exist { "exists" } else { "does not exist" };
        write!(f, "{} {enabled}; {} {libraries}", self.file, self.libs)?;
        write!(f, "; hadoop-common in it: {}", list(&self.hadoop_common))?;
        write!(f, "; paths of another install directory than {}: {}", self.install_dir, list(&self.foreign_paths))
    }
}

impl Display for PropertyValue {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            PropertyValue::Clear(text) | PropertyValue::Variables { text, .. } => f.write_str(text),
            PropertyValue::Encrypted => f.write_str("(encrypted by DSS)"),
            PropertyValue::ClearSecret | PropertyValue::ClearId => f.write_str("(not encrypted, not shown)"),
            PropertyValue::Unread => f.write_str("(not shown: no check reads it)"),
        }
    }
}

impl Display for HadoopConnection {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if !self.is_oss() {
            return write!(f, "{}: not on OSS", self.name);
        }
        let root = if self.root.is_empty() { "no root" } else { &self.root };
        write!(f, "{}: {root}", self.name)?;
        if self.per_user {
            f.write_str(", each user with their own credentials")?;
        }
        if let Some(groups) = &self.usable_by {
            write!(f, ", for the groups {}", list(groups))?;
        }
        self.properties.iter().try_for_each(|(key, value)| write!(f, "\n  {key} = {value}"))
    }
}

fn list(items: &[String]) -> String {
    if items.is_empty() { "none".to_owned() } else { items.join(", ") }
}
