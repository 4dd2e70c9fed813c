//! What belongs together: one cause, however often and wherever it was met, and what follows from it below it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use jiff::Timestamp;

use ackcheck_core::secret::Scrubber;
use ackcheck_core::template;

use crate::diagnosis::{Cause, Consequence, Diagnosis, Place};
use crate::folder::files_below;
use crate::open::{self, NotOpened, NotRead};
use crate::patterns::Patterns;
use crate::quote::{around, quote, without_secrets};
use crate::reading::Reading;
use crate::scan::Found;
use crate::stream;

/// The most different causes that are kept; what is beyond is counted.
const MOST_CAUSES: usize = 200;

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
    first: Option<Spot>,
    last: Option<Spot>,
}

/// A line of an input as it was met. It is made fit to show at the end: most are forgotten before.
#[derive(Debug, Clone)]
struct Spot {
    input: usize,
    line: u64,
    at: Option<Timestamp>,
    text: String,
    matched: String,
}

impl Spot {
    fn is_before(&self, other: &Spot) -> bool {
        // Where times are not known on both sides, the order of reading counts.
        self.at.is_some() && other.at.is_some() && self.at < other.at
    }
}

impl Places {
    fn add(&mut self, spot: Spot) {
        self.count += 1;
        self.inputs.insert(spot.input);
        if self.first.as_ref().is_none_or(|first| spot.is_before(first)) {
            self.first = Some(spot.clone());
        }
        if self.last.as_ref().is_none_or(|last| !spot.is_before(last)) {
            self.last = Some(spot);
        }
    }

    fn merge(&mut self, other: Places) {
        self.count += other.count;
        self.inputs.extend(other.inputs);
        if let Some(spot) = other.first
            && self.first.as_ref().is_none_or(|first| spot.is_before(first))
        {
            self.first = Some(spot);
        }
        if let Some(spot) = other.last
            && self.last.as_ref().is_none_or(|last| !spot.is_before(last))
        {
            self.last = Some(spot);
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
    /// Which cause it is, by the pattern and what its groups matched: a text is searched for secrets once.
    keys: BTreeMap<(usize, Vec<String>), Key>,
    /// The names of the inputs, fit to show.
    names: Vec<String>,
    told: Diagnosis,
}

impl Collector {
    /// Nothing read yet. The scrubber takes what it knows out of all that is kept.
    pub fn new(reading: Reading, scrubber: Scrubber) -> Collector {
        let told = Diagnosis { since: reading.begin(), ..Diagnosis::default() };
        Collector {
            patterns: Patterns::known(),
            reading,
            scrubber,
            met: BTreeMap::new(),
            order: Vec::new(),
            keys: BTreeMap::new(),
            names: Vec::new(),
            told,
        }
    }

    fn read(&mut self, name: &str, input: impl Read) {
        let place = self.told.inputs;
        self.told.inputs += 1;
        self.names.push(without_secrets(name, &self.scrubber));
        let reading = self.reading.clone();
        let (amount, ended) = stream::read(input, &reading, &mut |found| self.add(place, found));
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

    fn add(&mut self, input: usize, mut found: Found) {
        let consequences = std::mem::take(&mut found.consequences);
        let Some(root) = self.meet(&found) else {
            self.told.beyond += 1;
            return;
        };
        if let Some(met) = self.met.get_mut(&root) {
            met.alone.add(spot(input, found));
        }
        for consequence in consequences {
            let Some(key) = self.meet(&consequence).filter(|key| *key != root) else { continue };
            if let Some(met) = self.met.get_mut(&key) {
                met.below.entry(root.clone()).or_default().add(spot(input, consequence));
            }
        }
    }

    /// Which cause it is; none where there is no room for another.
    fn meet(&mut self, found: &Found) -> Option<Key> {
        let pattern = found.matched.pattern;
        let cause = &self.patterns.all[pattern].pattern.cause;
        let groups = &found.matched.groups;
        let names = template::placeholders(cause);
        let values: Vec<String> = names.iter().filter_map(|name| Some(as_shown(name, groups.get(*name)?))).collect();
        if let Some(key) = self.keys.get(&(pattern, values.clone())) {
            return Some(key.clone());
        }
        if self.met.len() == MOST_CAUSES {
            return None;
        }
        let shown = values.iter().map(|value| quote(value, "", &self.scrubber));
        let facts: Vec<(&str, String)> = names.into_iter().zip(shown).collect();
        let key = (pattern, template::fill(cause, &facts));
        self.keys.insert((pattern, values), key.clone());
        if !self.met.contains_key(&key) {
            let met = Met { groups: groups.clone(), alone: Places::default(), below: BTreeMap::new() };
            self.met.insert(key.clone(), met);
            self.order.push(key.clone());
        }
        Some(key)
    }

    fn place(&self, spot: &Spot) -> Place {
        let quote = quote(&spot.text, &spot.matched, &self.scrubber);
        Place { input: self.names[spot.input].clone(), line: spot.line, at: spot.at, quote }
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
        // Rather one of the same log, rather one that nothing else explains, rather one that was met before.
        let together = |other: &Key| !self.met[other].alone.inputs.is_disjoint(&met.alone.inputs);
        let candidates = self.order.iter().filter(explains).enumerate();
        let (_, best) = candidates.max_by_key(|(at, other)| {
            (together(other), self.brought_about_by(other).is_none(), std::cmp::Reverse(*at))
        })?;
        Some(self.brought_about_by(best).unwrap_or_else(|| best.clone()))
    }

    fn cause(&self, key: &Key) -> Option<Cause> {
        let alone = &self.met.get(key)?.alone;
        let (first, last) = (self.place(alone.first.as_ref()?), self.place(alone.last.as_ref()?));
        let known = &self.patterns.all[key.0];
        let consequences = self.order.iter().filter_map(|other| {
            let places = self.met.get(other)?.below.get(key)?;
            let (pattern, cause) = (self.name(other.0), other.1.clone());
            Some(Consequence { pattern, cause, count: places.count, first: self.place(places.first.as_ref()?) })
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

/// Where it was met, with as much of the line as may be shown.
fn spot(input: usize, found: Found) -> Spot {
    let Found { matched, line, at, text, .. } = found;
    let text_around = around(&text, &matched.span);
    Spot { input, line, at, text: text_around.to_owned(), matched: text[matched.span].to_owned() }
}

/// The JVM writes a class with slashes where it does not find it, and with dots where it says why: it is one class.
fn as_shown(group: &str, value: &str) -> String {
    if group == "class" { value.replace('/', ".") } else { value.to_owned() }
}
