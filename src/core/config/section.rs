//! One table of the site file, read key by key.

use std::cell::{Cell, RefCell};
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ackcheck_probe_protocol::Ports;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use url::Url;

use super::Proxy;
use super::source::Source;
use crate::secret::{Secret, recognition};

/// A table being read.
pub(super) struct Section<'a> {
    source: &'a Source<'a>,
    /// `registry`, `storage.bucket[2]`; empty for the whole file.
    name: String,
    /// Where its header stands.
    at: usize,
    table: &'a DeTable<'a>,
    asked: RefCell<Vec<&'static str>>,
    any_key: Cell<bool>,
}

type Value<'a> = &'a Spanned<DeValue<'a>>;

impl<'a> Section<'a> {
    pub(super) fn new(source: &'a Source<'a>, name: String, at: usize, table: &'a DeTable<'a>) -> Section<'a> {
        Section { source, name, at, table, asked: RefCell::default(), any_key: Cell::new(false) }
    }

    fn key(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    fn get(&self, key: &'static str) -> Option<Value<'a>> {
        self.asked.borrow_mut().push(key);
        self.table.get(key)
    }

    fn wrong(&self, key: &str, value: Value<'_>, why: impl Into<String>) {
        self.source.error(value.span().start, &self.key(key), why);
    }

    /// Says what is wrong with a key that is there, at its value.
    pub(super) fn complain_of(&self, key: &str, why: impl Into<String>) {
        let at = self.table.get(key).map_or(self.at, |value| value.span().start);
        self.source.error(at, &self.key(key), why);
    }

    /// Says that a key is missing or ill-matched, at the section's header.
    pub(super) fn complain(&self, key: &str, why: impl Into<String>) {
        self.source.error(self.at, &self.key(key), why);
    }

    fn text(&self, key: &str, value: Value<'a>) -> Option<&'a str> {
        match value.get_ref().as_str() {
            Some("") => {
                self.wrong(key, value, "must not be empty");
                None
            }
            Some(text) => {
                self.learn(key, text);
                Some(text)
            }
            None => {
                self.wrong(key, value, format!("must be a string, not {}", value.get_ref().type_str()));
                None
            }
        }
    }

    /// Secrets belong into no site file; where one stands in it all the same, such as the password of a URL or a key's
    /// secret in the place of its id, no report repeats it.
    fn learn(&self, key: &str, text: &str) {
        let scrubber = self.source.secrets.scrubber();
        if recognition::is_secret(key, text) {
            scrubber.secret(text.trim());
        }
        recognition::secrets_in(text).into_iter().for_each(|part| drop(scrubber.secret(part)));
    }

    fn parsed<T>(&self, key: &'static str, wanted: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = self.get(key)?;
        let text = self.text(key, value)?;
        let parsed = parse(text);
        if parsed.is_none() {
            self.wrong(key, value, format!("must be {wanted}, not \"{text}\""));
        }
        parsed
    }

    pub(super) fn string(&self, key: &'static str) -> Option<String> {
        let value = self.get(key)?;
        self.text(key, value).map(str::to_owned)
    }

    /// A string that may hold anything, the empty one included: what is wrong with it is a check's to say.
    pub(super) fn raw_string(&self, key: &'static str) -> Option<String> {
        let value = self.get(key)?;
        match value.get_ref().as_str() {
            Some(text) => {
                self.learn(key, text);
                Some(text.to_owned())
            }
            None => self.text(key, value).map(str::to_owned),
        }
    }

    /// True where the key is there, whatever its value.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.table.contains_key(key)
    }

    /// The line of a key that says `"dss"`.
    pub(super) fn left_to_dss(&self, key: &'static str) -> Option<usize> {
        let value = self.get(key)?;
        if value.get_ref().as_str() != Some("dss") {
            self.wrong(key, value, "must be \"dss\"");
            return None;
        }
        Some(self.source.line(value.span().start))
    }

    pub(super) fn required<T>(&self, key: &'static str, value: Option<T>) -> Option<T> {
        if !self.table.contains_key(key) {
            self.complain(key, "is required in this section");
        }
        value
    }

    pub(super) fn boolean(&self, key: &'static str) -> Option<bool> {
        let value = self.get(key)?;
        let boolean = value.get_ref().as_bool();
        if boolean.is_none() {
            self.wrong(key, value, "must be true or false");
        }
        boolean
    }

    /// A whole number of this range, `wanted` in words.
    pub(super) fn number(&self, key: &'static str, wanted: &str, range: RangeInclusive<u32>) -> Option<u32> {
        let value = self.get(key)?;
        let number = value.get_ref().as_integer();
        let number = number.and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok());
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            self.wrong(key, value, format!("must be {wanted}"));
        }
        number
    }

    /// A path; a relative one is meant from the site file's folder.
    pub(super) fn path(&self, key: &'static str) -> Option<PathBuf> {
        let text = self.string(key)?;
        Some(self.source.file.parent().unwrap_or(Path::new("")).join(text))
    }

    /// Paths as `PATH` has them, each of them relative to the site file's folder; nothing stands for no path.
    pub(super) fn path_list(&self, key: &'static str) -> Option<PathBuf> {
        let text = self.string(key)?;
        let folder = self.source.file.parent().unwrap_or(Path::new(""));
        let whole = |path: &str| if path.is_empty() { String::new() } else { folder.join(path).display().to_string() };
        Some(text.split(':').map(whole).collect::<Vec<_>>().join(":").into())
    }

    /// A URL that nobody signs in to by a user and a password: those would be sent, and written down, with it.
    pub(super) fn url(&self, key: &'static str) -> Option<Url> {
        let url = self.parsed(key, "an http or https URL", http_url)?;
        if !url.username().is_empty() || url.password().is_some() {
            self.complain_of(key, "must be a URL without a user and a password");
            return None;
        }
        Some(url)
    }

    /// A proxy, with the user and the password that its URL may hold.
    pub(super) fn proxy(&self, key: &'static str) -> Option<Proxy> {
        let url = self.parsed(key, "an http or https URL", http_url)?;
        Some(Proxy::of(url, self.source.secrets.scrubber()))
    }

    /// One of these names, each with what it stands for.
    pub(super) fn one_of<T: Copy>(&self, key: &'static str, names: &[(&str, T)]) -> Option<T> {
        let known: Vec<String> = names.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        let of = |text: &str| names.iter().find(|(name, _)| *name == text).map(|(_, stands_for)| *stands_for);
        self.parsed(key, &known.join(" or "), of)
    }

    pub(super) fn duration(&self, key: &'static str) -> Option<Duration> {
        self.parsed(key, "a duration between 10ms and 1h, such as 5s or 500ms", |text| {
            let span: jiff::SignedDuration = text.parse().ok()?;
            let duration: Duration = span.try_into().ok()?;
            (Duration::from_millis(10)..=Duration::from_secs(3600)).contains(&duration).then_some(duration)
        })
    }

    /// A size in bytes.
    pub(super) fn size(&self, key: &'static str) -> Option<u64> {
        self.parsed(key, "a size between 1MiB and 8GiB, such as 500MiB", |text| {
            let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
            let unit = match unit.trim_start() {
                "MiB" => 1 << 20,
                "GiB" => 1 << 30,
                _ => return None,
            };
            let size = number.parse::<u64>().ok()?.checked_mul(unit)?;
            ((1 << 20)..=(8 << 30)).contains(&size).then_some(size)
        })
    }

    fn list<T>(&self, key: &'static str, wanted: &str, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            self.wrong(key, value, format!("must be a list of {wanted}"));
            return Vec::new();
        };
        let mut list = Vec::new();
        for item in items.iter() {
            let Some(text) = self.text(key, item) else { continue };
            match parse(text) {
                Some(parsed) => list.push(parsed),
                None => {
                    self.wrong(key, item, format!("must be a list of {wanted}, and \"{text}\" is not one of those"))
                }
            }
        }
        list
    }

    pub(super) fn strings(&self, key: &'static str) -> Vec<String> {
        self.list(key, "strings", |text| Some(text.to_owned()))
    }

    /// A text with its line.
    pub(super) fn placed(&self, key: &'static str) -> Option<super::Placed> {
        let text = self.string(key)?;
        let line = self.table.get(key).map_or(0, |value| self.source.line(value.span().start));
        Some(super::Placed { text, line })
    }

    /// A day, as TOML's own or as a text: `2026-12-31`.
    pub(super) fn date(&self, key: &'static str) -> Option<jiff::civil::Date> {
        let value = self.get(key)?;
        let text = match value.get_ref() {
            DeValue::Datetime(date) => date.to_string(),
            other => other.as_str().unwrap_or_default().to_owned(),
        };
        // As long as YYYY-MM-DD: jiff also reads days without hyphens, and those within a time.
        let day = text.parse().ok().filter(|_| text.len() == 10 && !text.contains(':'));
        if day.is_none() {
            self.wrong(key, value, "must be a day, written YYYY-MM-DD: until = \"2026-12-31\"");
        }
        day
    }

    /// The line of its header, from 1.
    pub(super) fn line(&self) -> usize {
        self.source.line(self.at)
    }

    /// Checks and areas that must be judged, each with its line.
    pub(super) fn required_checks(&self, key: &'static str) -> Vec<super::Required> {
        let selectors = self.strings(key);
        let items = self.table.get(key).and_then(|value| value.get_ref().as_array()).into_iter().flatten();
        let lines = items.map(|item| self.source.line(item.span().start));
        selectors.into_iter().zip(lines).map(|(selector, line)| super::Required { selector, line }).collect()
    }

    /// Taints as `kubectl taint` writes them.
    pub(super) fn tolerations(&self, key: &'static str) -> Vec<super::Toleration> {
        self.list(key, "taints: KEY, KEY:EFFECT or KEY=VALUE:EFFECT", super::Toleration::read)
    }

    pub(super) fn addresses(&self, key: &'static str) -> Vec<IpAddr> {
        self.list(key, "IP addresses", |text| text.parse().ok())
    }

    pub(super) fn ports(&self, key: &'static str) -> Vec<Ports> {
        self.list(key, "ports or ranges of ports: \"30000-30999\"", |text| text.parse().ok())
    }

    /// Addresses with a port; `port` where one has none.
    pub(super) fn sockets(&self, key: &'static str, port: u16) -> Vec<SocketAddr> {
        self.list(key, "addresses, with or without :PORT", |text| {
            text.parse().ok().or_else(|| text.parse().ok().map(|ip: IpAddr| SocketAddr::new(ip, port)))
        })
    }

    pub(super) fn paths(&self, key: &'static str) -> Vec<PathBuf> {
        let folder = self.source.file.parent().unwrap_or(Path::new(""));
        self.strings(key).into_iter().map(|text| folder.join(text)).collect()
    }

    /// `all`, or a list of names.
    pub(super) fn all_or_names(&self, key: &'static str) -> Option<super::Connections> {
        let value = self.table.get(key)?;
        if value.get_ref().as_str() == Some("all") {
            self.get(key);
            return Some(super::Connections::All);
        }
        if value.get_ref().is_array() {
            return Some(super::Connections::Named(self.strings(key)));
        }
        self.get(key);
        self.wrong(key, value, "must be \"all\" or a list of connection names");
        None
    }

    /// A secret, by reference: `{ env = "NAME" }` or `{ file = "PATH" }`.
    pub(super) fn secret(&self, key: &'static str) -> Option<Secret> {
        let value = self.get(key)?;
        let reference = "give a reference: { env = \"NAME\" } or { file = \"PATH\" }";
        let Some(table) = value.get_ref().as_table() else {
            // The text is not repeated: it may be the secret itself.
            self.wrong(key, value, format!("secrets are never written into this file; {reference}"));
            return None;
        };
        let mut entries = table.iter();
        let found = match (entries.next(), entries.next()) {
            (Some((kind, target)), None) => {
                let text = target.get_ref().as_str().filter(|text| !text.is_empty());
                match (kind.get_ref().as_ref(), text) {
                    ("env", Some(name)) => self.source.secrets.environment(name),
                    ("file", Some(path)) => {
                        let path = self.source.file.parent().unwrap_or(Path::new("")).join(path);
                        self.source.secrets.file(&path)
                    }
                    _ => Err(reference.to_owned()),
                }
            }
            _ => Err(reference.to_owned()),
        };
        match found {
            Ok(text) => Some(self.source.secrets.scrubber().secret(text)),
            Err(why) => {
                self.wrong(key, value, why);
                None
            }
        }
    }

    pub(super) fn section(&self, key: &'static str) -> Option<Section<'a>> {
        let value = self.get(key)?;
        match value.get_ref().as_table() {
            Some(table) => Some(Section::new(self.source, self.key(key), value.span().start, table)),
            None => {
                self.wrong(key, value, format!("must be a section, [{}]", self.key(key)));
                None
            }
        }
    }

    pub(super) fn sections(&self, key: &'static str) -> Vec<Section<'a>> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let tables = value.get_ref().as_array().map(|items| {
            let tables = items.iter().enumerate().filter_map(|(at, item)| {
                let name = format!("{}[{}]", self.key(key), at + 1);
                item.get_ref().as_table().map(|table| Section::new(self.source, name, item.span().start, table))
            });
            tables.collect::<Vec<_>>()
        });
        match tables {
            Some(tables) if tables.len() == value.get_ref().as_array().map_or(0, |items| items.len()) => tables,
            _ => {
                self.wrong(key, value, format!("must be sections, [[{}]]", self.key(key)));
                Vec::new()
            }
        }
    }

    /// Every entry of a table whose keys are the user's own: names to strings.
    pub(super) fn entries(&self) -> Vec<(String, String, usize)> {
        self.any_key.set(true);
        let mut entries = Vec::new();
        for (name, value) in self.table.iter() {
            if let Some(text) = self.text(name.get_ref(), value) {
                entries.push((name.get_ref().to_string(), text.to_owned(), value.span().start));
            }
        }
        entries
    }

    pub(super) fn wrong_entry(&self, key: &str, at: usize, why: impl Into<String>) {
        self.source.error(at, &self.key(key), why);
    }

    /// Complains about every key that was not asked for.
    pub(super) fn finish(self) {
        if self.any_key.get() {
            return;
        }
        let asked = self.asked.borrow();
        for (name, _) in self.table.iter() {
            let key = name.get_ref().as_ref();
            if asked.contains(&key) {
                continue;
            }
            let near = asked.iter().map(|known| (strsim::osa_distance(known, key), *known)).min();
            let why = match near {
                Some((distance, known)) if distance <= 2.max(key.len() / 3) => {
                    format!("unknown key; did you mean \"{known}\"?")
                }
                _ => format!("unknown key; expected one of {}", asked.join(", ")),
            };
            self.source.error(name.span().start, &self.key(key), why);
        }
    }
}

fn http_url(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}
