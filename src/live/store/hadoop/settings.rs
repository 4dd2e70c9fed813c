//! The settings that Hadoop is given: all that DSS gives it for a connection, the key in clear, and a few of ackcheck's.

use std::fmt::Write as _;

use ackcheck_core::config::AccessKey;
use ackcheck_core::hadoop_configuration::{Configuration, Told};
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::dss::PropertyValue;
use ackcheck_core::seat::dss::read::{
    ATTEMPTS, KEY_ID, KEY_SECRET, PROXY_PASSWORD, PROXY_USER, SECURITY_TOKEN, is_read,
};
use ackcheck_core::verdict::Unseen;

/// How often a request is tried at the most: ten times, as Hadoop does of itself, takes minutes where nobody answers.
const MOST_ATTEMPTS: i32 = 2;

/// Names and values, secrets and all: to be written into a file, and never printed.
pub(super) struct Settings(Vec<(String, String)>);

/// Of a connection.
///
/// # Errors
/// Where only DSS knows a value that Hadoop reads.
pub(super) fn of(configuration: &Configuration, key: &AccessKey) -> Seen<Settings> {
    let of_key = [KEY_ID, KEY_SECRET, SECURITY_TOKEN];
    let mut set = Vec::new();
    for (name, setting) in configuration.settings().filter(|(name, _)| !of_key.contains(name)) {
        match &setting.value {
            PropertyValue::Clear(text) => set.push((name.to_owned(), text.clone())),
            PropertyValue::Variables { text, .. } => match configuration.get(name) {
                // Hadoop resolves them, or refuses to.
                Told::Known(_) | Told::TooDeep => set.push((name.to_owned(), text.clone())),
                Told::Unknown(unknown) if is_read(name) => {
                    return Err(Unseen::unreadable("the settings of the connection", unknown.to_string()));
                }
                Told::Unknown(_) | Told::Unset => {}
            },
            // Without a user Hadoop does not read the password.
            PropertyValue::Encrypted if name == PROXY_PASSWORD && configuration.trimmed(PROXY_USER) == Told::Unset => {}
            PropertyValue::Encrypted if is_read(name) => {
                return Err(Unseen::unreadable(
                    "the settings of the connection",
                    format!("{name} is encrypted by DSS"),
                ));
            }
            PropertyValue::Encrypted | PropertyValue::ClearSecret | PropertyValue::ClearId | PropertyValue::Unread => {}
        }
    }
    set.push((KEY_ID.to_owned(), key.id.clone()));
    set.push((KEY_SECRET.to_owned(), key.secret.expose().to_owned()));
    set.extend(key.token.as_ref().map(|token| (SECURITY_TOKEN.to_owned(), token.expose().to_owned())));
    // One that is not a number is for Hadoop to refuse.
    let fewer = match configuration.trimmed(ATTEMPTS) {
        Told::Known(text) => text.parse().is_ok_and(|attempts: i32| attempts > MOST_ATTEMPTS),
        _ => true,
    };
    if fewer {
        set.retain(|(name, _)| name != ATTEMPTS);
        set.push((ATTEMPTS.to_owned(), MOST_ATTEMPTS.to_string()));
    }
    Ok(Settings(set))
}

impl Settings {
    /// Sets one more, in place of what DSS sets.
    pub(super) fn set(&mut self, name: &str, value: String) {
        self.0.retain(|(other, _)| other != name);
        self.0.push((name.to_owned(), value));
    }

    /// As a file that `java.util.Properties` reads: `set.NAME` for Hadoop, `system.NAME` for the JVM.
    pub(super) fn file(&self, system: &[(String, String)]) -> String {
        let mut file = String::new();
        for (place, all) in [("set", &self.0[..]), ("system", system)] {
            for (name, value) in all {
                let _ = writeln!(file, "{place}.{}={}", escaped(name), escaped(value));
            }
        }
        file
    }
}

/// Whatever means something there, and all that is not ASCII, as `\uXXXX`.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    let mut units = [0; 2];
    for c in text.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' | '/' | '+' | ',' | '$' | '{' | '}' => escaped.push(c),
            c => {
                for unit in c.encode_utf16(&mut units) {
                    let _ = write!(escaped, "\\u{unit:04x}");
                }
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use ackcheck_core::hadoop_configuration::Place;
    use ackcheck_core::secret::Scrubber;

    fn key() -> AccessKey {
        AccessKey { id: "LTAI".to_owned(), secret: Scrubber::default().secret("a=b: c"), token: None }
    }

    fn configuration(set: &[(&str, PropertyValue)]) -> Configuration {
        let mut configuration = Configuration::default();
        set.iter().for_each(|(name, value)| configuration.set(name, value.clone(), Place::Connection));
        configuration
    }

    fn clear(text: &str) -> PropertyValue {
        PropertyValue::Clear(text.to_owned())
    }

    #[test]
    fn the_file_holds_the_settings_and_the_key() {
        let known = configuration(&[
            ("fs.oss.endpoint", clear("oss.example\u{a0}")),
            ("fs.oss.accessKeySecret", PropertyValue::Encrypted),
            ("fs.oss.proxy.password", PropertyValue::Encrypted),
            ("fs.s3a.secret.key", PropertyValue::Encrypted),
            (ATTEMPTS, clear("20")),
        ]);
        let mut settings = of(&known, &key()).unwrap();
        settings.set("fs.oss.endpoint", "other\u{a0}".to_owned());
        let file = settings.file(&[("https.proxyHost".to_owned(), "é😀".to_owned())]);
        assert_eq!(
            file.lines().collect::<Vec<_>>(),
            [
                "set.fs.oss.accessKeyId=LTAI",
                "set.fs.oss.accessKeySecret=a\\u003db\\u003a\\u0020c",
                "set.fs.oss.attempts.maximum=2",
                "set.fs.oss.endpoint=other\\u00a0",
                "system.https.proxyHost=\\u00e9\\ud83d\\ude00",
            ]
        );
    }

    #[test]
    fn what_only_dss_knows_is_not_guessed() {
        let variable = |text: &str| PropertyValue::Variables {
            text: text.to_owned(),
            names: vec!["user".to_owned()],
            secret: false,
        };
        let of_user = configuration(&[("fs.oss.endpoint", variable("%{user}"))]);
        assert!(of(&of_user, &key()).is_err());
        let password =
            configuration(&[("fs.oss.proxy.username", clear("me")), (PROXY_PASSWORD, PropertyValue::Encrypted)]);
        assert!(of(&password, &key()).is_err());
        let odd = configuration(&[(ATTEMPTS, clear("ten")), ("some.other", variable("%{user}"))]);
        assert!(of(&odd, &key()).unwrap().file(&[]).contains("attempts.maximum=ten"));
    }
}
