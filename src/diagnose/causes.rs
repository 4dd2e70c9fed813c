//! What belongs together: one cause, however often and wherever it was met, and what follows from it below it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use jiff::Timestamp;
use serde::Serialize;

use ackcheck_core::secret::Scrubber;
use ackcheck_core::template;

use crate::folder::files_below;
use crate::open::{self, NotOpened, NotRead};
use crate::patterns::Patterns;
use crate::quote::{quote, without_secrets};
use crate::scan::Found;
use crate::stamp::Reading;
use crate::stream;

/// The most different causes that are kept; what is beyond is counted.
const MOST_CAUSES: usize = 1000;

/// A line of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The input, as it was named.
    pub input: String,
    /// Counted from 1.
    pub line: u64,
    /// When it was written, where that is known.
    pub at: Option<Timestamp>,
    /// What stands there, fit to show.
    pub quote: String,
}

/// A cause, and where it was met.
#[derive(Debug, Clone, Serialize)]
pub struct Cause {
    /// The pattern that it was recognised by, `FAMILY/ID`.
    pub pattern: String,
    /// One line.
    pub cause: String,
    /// The findings that would prove it, `CHECK/FINDING`, the likeliest first.
    pub proof: Vec<String>,
    pub count: u64,
    /// How many inputs it was met in.
    pub inputs: usize,
    pub first: Place,
    pub last: Place,
    pub consequences: Vec<Consequence>,
}

/// What a cause brought about.
#[derive(Debug, Clone, Serialize)]
pub struct Consequence {
    pub pattern: String,
    pub cause: String,
    pub count: u64,
    pub first: Place,
}

/// All that was read, and what it tells.
#[derive(Debug, Default, Serialize)]
pub struct Diagnosis {
    /// What brought about most comes first.
    #[serde(skip)]
    pub causes: Vec<Cause>,
    /// Places of causes beyond the most that are kept apart.
    pub beyond: u64,
    pub inputs: usize,
    pub bytes: u64,
    pub lines: u64,
    /// Inputs of which no line has a time, so that their age is not known.
    pub without_times: Vec<String>,
    /// Files below folders that hold no text, such as archives.
    pub passed_over: u64,
    /// Files below folders that were last written before what was asked for.
    pub older: u64,
    /// Only what is younger than this was read.
    pub since: Option<Timestamp>,
    pub not_read: Vec<NotRead>,
}

/// Which cause: the pattern, and its line with the groups filled in.
type Key = (usize, String);

/// A cause while it is met.
#[derive(Debug)]
struct Met {
    groups: BTreeMap<String, String>,
    /// On its own, and as the consequence of another.
    alone: Places,
    below: BTreeMap<Key, Places>,
}

/// Where something was met.
#[derive(Debug, Clone, Default)]
struct Places {
    count: u64,
    inputs: BTreeSet<usize>,
    first: Option<Place>,
    last: Option<Place>,
}

impl Places {
    fn add(&mut self, input: usize, place: Place) {
        self.merge(Places { count: 1, inputs: BTreeSet::from([input]), first: Some(place.clone()), last: Some(place) });
    }

    fn merge(&mut self, other: Places) {
        self.count += other.count;
        self.inputs.extend(other.inputs);
        // Where times are not known on both sides, the order of reading counts.
        let before = |one: &Place, other: &Place| one.at.is_some() && other.at.is_some() && one.at < other.at;
        if let Some(place) = other.first
            && self.first.as_ref().is_none_or(|first| before(&place, first))
        {
            self.first = Some(place);
        }
        if let Some(place) = other.last
            && self.last.as_ref().is_none_or(|last| !before(&place, last))
        {
            self.last = Some(place);
        }
    }
}

/// Reads inputs, one after another, and joins what they tell.
pub struct Collector {
    patterns: &'static Patterns,
    reading: Reading,
    scrubber: Scrubber,
    met: BTreeMap<Key, Met>,
    /// In the order they were met first.
    order: Vec<Key>,
    told: Diagnosis,
}

impl Collector {
    /// Nothing read yet. The scrubber takes what it knows out of all that is kept.
    pub fn new(reading: Reading, scrubber: Scrubber) -> Collector {
        let (met, order) = (BTreeMap::new(), Vec::new());
        let told = Diagnosis { since: reading.begin(), ..Diagnosis::default() };
        Collector { patterns: Patterns::known(), reading, scrubber, met, order, told }
    }

    fn read(&mut self, name: &str, input: impl Read) {
        let place = self.told.inputs;
        self.told.inputs += 1;
        let reading = self.reading.clone();
        let (amount, ended) = stream::read(input, &reading, &mut |found| self.add(place, name, found));
        self.told.bytes += amount.bytes;
        self.told.lines += amount.lines;
        if amount.lines > 0 && !amount.timed {
            self.told.without_times.push(without_secrets(name, &self.scrubber));
        }
        if let Err(error) = ended {
            self.not_read(NotRead::broken_off(name, amount.lines, &error));
        }
    }

    /// Reads a file, or what the shell hands over as one. One that somebody named must be a log; one below a folder may be
    /// anything.
    pub fn read_file(&mut self, path: &Path, named: bool) {
        let name = path.display().to_string();
        match open::file(path) {
            Ok(input) => self.read(&name, input),
            Err(NotOpened::NoText(_)) if !named => self.told.passed_over += 1,
            Err(NotOpened::NoText(why) | NotOpened::Refused(why)) => self.not_read(NotRead { name, why }),
        }
    }

    /// Reads standard input, or another stream, to its end.
    pub fn read_stream(&mut self, name: &str, input: impl Read + 'static) {
        match open::stream(input) {
            Ok(input) => self.read(name, input),
            Err(NotOpened::NoText(why) | NotOpened::Refused(why)) => {
                self.not_read(NotRead { name: name.to_owned(), why })
            }
        }
    }

    /// Reads every file below a folder that is young enough and is text.
    pub fn read_folder(&mut self, folder: &Path) {
        let below = files_below(folder, self.told.since.map(SystemTime::from));
        self.told.older += below.older;
        below.not_read.into_iter().for_each(|what| self.not_read(what));
        let stop = self.reading.stop.clone();
        let wanted = below.files.iter().take_while(|_| !stop.load(Ordering::Relaxed));
        wanted.for_each(|file| self.read_file(file, false));
    }

    /// Tells of an input that cannot be read.
    pub fn not_read(&mut self, what: NotRead) {
        let clean = |text: &str| without_secrets(text, &self.scrubber);
        self.told.not_read.push(NotRead { name: clean(&what.name), why: clean(&what.why) });
    }

    fn add(&mut self, input: usize, name: &str, mut found: Found) {
        let consequences = std::mem::take(&mut found.consequences);
        let (root, place) = (self.key(&found), self.place(name, &found));
        if !self.meet(&root, &found) {
            return;
        }
        if let Some(met) = self.met.get_mut(&root) {
            met.alone.add(input, place);
        }
        for consequence in consequences {
            let (key, place) = (self.key(&consequence), self.place(name, &consequence));
            if key != root
                && self.meet(&key, &consequence)
                && let Some(met) = self.met.get_mut(&key)
            {
                met.below.entry(root.clone()).or_default().add(input, place);
            }
        }
    }

    /// Makes room for a cause; false where there is none.
    fn meet(&mut self, key: &Key, found: &Found) -> bool {
        if self.met.contains_key(key) {
            return true;
        }
        if self.met.len() == MOST_CAUSES {
            self.told.beyond += 1;
            return false;
        }
        let groups = found.matched.groups.clone();
        self.met.insert(key.clone(), Met { groups, alone: Places::default(), below: BTreeMap::new() });
        self.order.push(key.clone());
        true
    }

    fn key(&self, found: &Found) -> Key {
        let groups = found.matched.groups.iter();
        let facts: Vec<(&str, String)> =
            groups.map(|(name, value)| (name.as_str(), quote(value, "", &self.scrubber))).collect();
        let pattern = found.matched.pattern;
        (pattern, template::fill(&self.patterns.all[pattern].pattern.cause, &facts))
    }

    fn place(&self, name: &str, found: &Found) -> Place {
        let matched = &found.text[found.matched.span.clone()];
        let quote = quote(&found.text, matched, &self.scrubber);
        let input = without_secrets(name, &self.scrubber);
        Place { input, line: found.line, at: found.at, quote }
    }

    /// What all of it tells.
    pub fn finish(mut self) -> Diagnosis {
        // What follows from another wherever that is, with the cause that it follows from.
        let roots: BTreeMap<Key, Key> =
            self.order.iter().filter_map(|key| Some((key.clone(), self.brought_about_by(key)?))).collect();
        for (key, met) in &mut self.met {
            if let Some(root) = roots.get(key) {
                let alone = std::mem::take(&mut met.alone);
                met.below.entry(root.clone()).or_default().merge(alone);
            }
            // What followed from a cause that follows from another is told below that one.
            for (root, places) in std::mem::take(&mut met.below) {
                let root = roots.get(&root).unwrap_or(&root);
                let of = if root == key { &mut met.alone } else { met.below.entry(root.clone()).or_default() };
                of.merge(places);
            }
        }
        let mut causes: Vec<Cause> = self.order.iter().filter_map(|key| self.cause(key)).collect();
        causes.sort_by_key(|cause| std::cmp::Reverse(cause.consequences.len()));
        Diagnosis { causes, ..self.told }
    }

    /// The cause whose being there explains this one, by what its pattern says of itself. One that itself follows from
    /// another explains nothing.
    fn brought_about_by(&self, key: &Key) -> Option<Key> {
        let met = self.met.get(key).filter(|met| met.alone.count > 0)?;
        let explains = |other: &&Key| {
            let agree =
                |(name, value): (&String, &String)| self.met[*other].groups.get(name).is_none_or(|of| of == value);
            self.patterns.all[key.0].follows.contains(&other.0)
                && self.met[*other].alone.count > 0
                && met.groups.iter().all(agree)
        };
        let candidates: Vec<&Key> = self.order.iter().filter(explains).collect();
        let last = candidates.iter().find(|other| self.brought_about_by(other).is_none());
        last.or(candidates.first()).map(|other| self.brought_about_by(other).unwrap_or_else(|| (*other).clone()))
    }

    fn cause(&self, key: &Key) -> Option<Cause> {
        let alone = &self.met.get(key)?.alone;
        let (first, last) = (alone.first.clone()?, alone.last.clone()?);
        let known = &self.patterns.all[key.0];
        let consequences = self.order.iter().filter_map(|other| {
            let places = self.met.get(other)?.below.get(key)?;
            let (pattern, cause) = (self.name(other.0), other.1.clone());
            Some(Consequence { pattern, cause, count: places.count, first: places.first.clone()? })
        });
        Some(Cause {
            pattern: self.name(key.0),
            cause: key.1.clone(),
            proof: known.pattern.proof.clone(),
            count: alone.count,
            inputs: alone.inputs.len(),
            first,
            last,
            consequences: consequences.collect(),
        })
    }

    fn name(&self, pattern: usize) -> String {
        let known = &self.patterns.all[pattern];
        format!("{}/{}", known.family, known.pattern.id)
    }
}
