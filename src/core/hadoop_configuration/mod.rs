//! Hadoop's `Configuration` for one connection: what Hadoop, its file system for OSS and the OSS SDK would do with the
//! Hadoop keys of DSS's settings and the connection's own. Checks and the object store's seat ask this, never the text.
//!
//! Read in the sources of hadoop-common and hadoop-aliyun 3.2.1, 3.3.6 and 3.4.1, and held to them by `ci/oracles/`.

mod client;
mod endpoint;
mod expansion;
mod key;
mod provider;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use crate::java;
use crate::seat::dss::{HadoopConnection, HadoopKey, PropertyValue, read};

pub use self::client::{Client, Fault, Later, Problem, Proxy, Step};
pub use self::endpoint::accepted as endpoint_accepted;
pub use self::key::{Credentials, looks_like_an_id};
pub use self::provider::{Provider, VARIABLES};

/// Who set a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Administration → Settings → Hadoop, for every connection.
    Instance,
    /// The connection itself.
    Connection,
}

/// One setting as it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub value: PropertyValue,
    pub place: Place,
}

/// The settings of one connection. A name is trimmed when it is set; of equal names the last holds, and those of the
/// connection come after those of the instance.
#[derive(Debug, Clone, Default)]
pub struct Configuration {
    settings: BTreeMap<String, Setting>,
}

/// What a setting comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told<T> {
    Unset,
    Known(T),
    Unknown(Unknown),
    /// More variables in variables than Hadoop resolves: reading it throws.
    TooDeep,
}

impl<T> Told<T> {
    /// The value, where it is known.
    pub fn known(self) -> Option<T> {
        match self {
            Told::Known(value) => Some(value),
            _ => None,
        }
    }

    fn map<U>(self, change: impl FnOnce(T) -> U) -> Told<U> {
        match self {
            Told::Unset => Told::Unset,
            Told::Known(value) => Told::Known(change(value)),
            Told::Unknown(unknown) => Told::Unknown(unknown),
            Told::TooDeep => Told::TooDeep,
        }
    }
}

/// A setting whose value nobody tells, though it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    pub key: String,
    pub why: Why,
}

/// Why a value is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    Encrypted,
    /// In clear, and left in the seat.
    Secret,
    /// Only the running DSS resolves the variable of this name.
    Variable(String),
    /// `hadoop.security.credential.provider.path` is set: the value may come from there.
    CredentialStore,
    /// It is not among the settings that are read.
    Unread,
    /// It is a class that is not known here.
    Class,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = &self.key;
        match &self.why {
            Why::Encrypted => write!(f, "{key} is encrypted by DSS"),
            Why::Secret => write!(f, "{key} is a secret"),
            Why::Variable(name) => {
                write!(f, "{key} depends on the variable {name}, which only the running DSS resolves")
            }
            Why::CredentialStore => {
                write!(f, "{key} may come from the credential store that {} names", read::CREDENTIAL_STORE)
            }
            Why::Unread => write!(f, "the value of {key} is not read"),
            Why::Class => write!(f, "{key} names a class that is not known"),
        }
    }
}

/// The other name of a key that Hadoop has renamed; setting one sets both.
fn renamed(name: &str) -> Option<&'static str> {
    match name {
        "fs.default.name" => Some("fs.defaultFS"),
        "fs.defaultFS" => Some("fs.default.name"),
        _ => None,
    }
}

impl Configuration {
    /// Of a connection, above what DSS's settings have for all.
    pub fn of(instance: &[HadoopKey], connection: &HadoopConnection) -> Configuration {
        let mut configuration = Configuration::of_instance(instance);
        for (name, value) in &connection.properties {
            configuration.set(name, value.clone(), Place::Connection);
        }
        configuration
    }

    /// What DSS's settings have for every connection.
    pub fn of_instance(instance: &[HadoopKey]) -> Configuration {
        let mut configuration = Configuration::default();
        for key in instance {
            configuration.set(&key.key, key.value.clone(), Place::Instance);
        }
        configuration
    }

    /// Sets what holds from here on.
    pub fn set(&mut self, name: &str, value: PropertyValue, place: Place) {
        let name = java::trim(name);
        let setting = Setting { value, place };
        if let Some(other) = renamed(name) {
            self.settings.insert(other.to_owned(), setting.clone());
        }
        self.settings.insert(name.to_owned(), setting);
    }

    /// What was set, before Hadoop reads it.
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        debug_assert!(read::is_read(name), "{name} is not among the settings that are read");
        self.settings.get(name)
    }

    /// Every name that is set, with its setting.
    pub fn settings(&self) -> impl Iterator<Item = (&str, &Setting)> {
        self.settings.iter().map(|(name, setting)| (name.as_str(), setting))
    }

    /// `Configuration.get`.
    pub fn get(&self, name: &str) -> Told<String> {
        let unknown = |why| Told::Unknown(Unknown { key: name.to_owned(), why });
        let text = match self.settings.get(name).map(|setting| &setting.value) {
            None => return Told::Unset,
            Some(PropertyValue::Clear(text)) => text,
            // What names another setting is for Hadoop; every other variable, and `%{…}`, is for DSS.
            Some(PropertyValue::Variables { text, secret: false, .. }) if !text.contains("%{") => text,
            Some(PropertyValue::Variables { names, .. }) => {
                return unknown(Why::Variable(names.first().cloned().unwrap_or_default()));
            }
            Some(PropertyValue::Encrypted) => return unknown(Why::Encrypted),
            Some(PropertyValue::ClearSecret | PropertyValue::ClearId) => return unknown(Why::Secret),
            Some(PropertyValue::Unread) => return unknown(Why::Unread),
        };
        let expanded =
            expansion::expand(text, |variable| match self.settings.get(variable).map(|setting| &setting.value) {
                Some(PropertyValue::Clear(text) | PropertyValue::Variables { text, secret: false, .. }) => {
                    expansion::Variable::Text(text.clone())
                }
                _ => expansion::Variable::Unknown,
            });
        match expanded {
            expansion::Expanded::Text(text) => Told::Known(text),
            expansion::Expanded::Unknown(variable) => unknown(Why::Variable(variable)),
            expansion::Expanded::TooDeep => Told::TooDeep,
        }
    }

    /// `Configuration.getTrimmed`, which also reads classes.
    pub fn trimmed(&self, name: &str) -> Told<String> {
        self.get(name).map(|text| java::trim(&text).to_owned())
    }

    /// `Configuration.getBoolean`.
    pub fn boolean(&self, name: &str, default: bool) -> Told<bool> {
        match self.trimmed(name).map(|text| java::boolean(&text, default)) {
            Told::Unset => Told::Known(default),
            told => told,
        }
    }

    /// What a connection by these settings does: [`Client`].
    pub fn client(&self) -> Client {
        Client::of(self)
    }

    /// The key that it asks with.
    pub fn credentials(&self) -> Credentials {
        Credentials::of(self)
    }
}
