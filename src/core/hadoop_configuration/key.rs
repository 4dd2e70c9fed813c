//! The AccessKey of a connection, as `AliyunCredentialsProvider` reads it.

use super::{Configuration, Told, Unknown, Why};
use crate::java;
use crate::seat::dss::read::{CLEAR_TEXT_FALLBACK, CREDENTIAL_STORE, KEY_ID, KEY_PROVIDER, KEY_SECRET, SECURITY_TOKEN};

/// Where a connection has its key from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// From the settings, each part trimmed; a blank part is as good as unset.
    Key { id: Told<String>, secret: Told<String>, token: Told<String> },
    /// From a class.
    Provider(String),
    /// Nobody tells which of the two.
    Unknown(Unknown),
    /// Hadoop cannot read which of the two.
    TooDeep,
}

impl Credentials {
    pub(super) fn of(configuration: &Configuration) -> Credentials {
        match configuration.trimmed(KEY_PROVIDER) {
            Told::Known(class) if !class.is_empty() => Credentials::Provider(class),
            Told::Unknown(unknown) => Credentials::Unknown(unknown),
            Told::TooDeep => Credentials::TooDeep,
            Told::Known(_) | Told::Unset => {
                let part = |key| part(configuration, key);
                Credentials::Key { id: part(KEY_ID), secret: part(KEY_SECRET), token: part(SECURITY_TOKEN) }
            }
        }
    }

    /// The part of the key that is certainly missing: every request fails without it.
    pub fn missing(&self) -> Option<&'static str> {
        match self {
            Credentials::Key { id: Told::Unset, .. } => Some(KEY_ID),
            Credentials::Key { secret: Told::Unset, .. } => Some(KEY_SECRET),
            _ => None,
        }
    }

    /// True for a temporary key (`STS.…`), which is worth nothing without its token.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Credentials::Key { id: Told::Known(id), .. } if id.starts_with("STS."))
    }

    /// True where the token of a temporary key is certainly missing.
    pub fn lacks_token(&self) -> bool {
        self.is_temporary() && matches!(self, Credentials::Key { token: Told::Unset, .. })
    }
}

/// `Configuration.getPassword`, trimmed: a credential store comes first, and then the settings, unless they are closed.
fn part(configuration: &Configuration, key: &str) -> Told<String> {
    let store = match configuration.trimmed(CREDENTIAL_STORE) {
        Told::Known(path) => !path.is_empty(),
        Told::Unset => false,
        Told::Unknown(_) | Told::TooDeep => true,
    };
    if store {
        return Told::Unknown(Unknown { key: key.to_owned(), why: Why::CredentialStore });
    }
    match configuration.boolean(CLEAR_TEXT_FALLBACK, true) {
        Told::Known(false) => Told::Unset,
        Told::Unknown(unknown) => Told::Unknown(unknown),
        _ => match configuration.trimmed(key) {
            Told::Known(text) if text.is_empty() => Told::Unset,
            told => told,
        },
    }
}

/// True for a text of the form of an AccessKey's id, which is no secret: `LTAI` and 12 to 22 letters and digits.
pub fn looks_like_an_id(text: &str) -> bool {
    let text = java::trim(text);
    text.starts_with("LTAI") && (16..=26).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
