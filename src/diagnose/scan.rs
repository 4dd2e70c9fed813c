//! What stands in a log, line by line where something was recognised, and in leaps where nothing is.

use jiff::Timestamp;

use crate::envelope;
use crate::matcher::Match;
use crate::patterns::Patterns;
use crate::reading::Reading;
use crate::stamp::Clock;

/// The most of a line that is matched at once, in bytes before and after a literal.
const BEFORE: usize = 4 << 10;
const AFTER: usize = 8 << 10;
/// How many lines are gone back for a time, and how many go on with one entry.
const MOST_LINES_BACK: usize = 200;
const MOST_LINES_OF_ENTRY: u64 = 5000;
/// How many places in one line are looked at.
const MOST_WINDOWS: usize = 16;

/// A pattern that was recognised somewhere.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) matched: Match,
    /// Counted from 1.
    pub(crate) line: u64,
    pub(crate) at: Option<Timestamp>,
    /// The line, or what of it was matched.
    pub(crate) text: String,
    /// Whether it stands behind `Caused by:`.
    cause: bool,
    /// What was recognised in the same entry, and is brought about by this.
    pub(crate) consequences: Vec<Found>,
}

pub(crate) struct Scan<'a> {
    patterns: &'static Patterns,
    clock: &'a Clock,
    /// Nothing before it is told.
    begin: Option<Timestamp>,
    tell: &'a mut dyn FnMut(Found),
    /// Lines that are done with.
    done: u64,
    /// The time of the last line that had one, and how far into these lines one was looked for.
    last: Option<Timestamp>,
    looked: usize,
    timed: bool,
    /// What was recognised in an entry that may go on, and the line that it began with.
    entry: Option<(u64, Vec<Found>)>,
    /// The line that goes on is one whose beginning was read already.
    within: bool,
}

impl<'a> Scan<'a> {
    pub(crate) fn new(reading: &'a Reading, tell: &'a mut dyn FnMut(Found)) -> Scan<'a> {
        Scan {
            patterns: Patterns::known(),
            clock: &reading.clock,
            begin: reading.begin(),
            tell,
            done: 0,
            last: None,
            looked: 0,
            timed: false,
            entry: None,
            within: false,
        }
    }

    /// Whole lines.
    pub(crate) fn lines(&mut self, lines: &[u8]) {
        // Only an entry that began in a line which was too long goes on with the rest of it.
        self.within &= self.entry.is_some();
        let mut at = 0;
        // Lines before `at` that are not in `done` yet are between these two.
        let mut counted = 0;
        while at < lines.len() {
            if self.entry.is_some() {
                self.done += newlines(&lines[counted..at]);
                at = self.go_on(lines, at);
                counted = at;
                continue;
            }
            let Some(place) = self.patterns.matcher.first(&lines[at..]).map(|place| at + place) else { break };
            let begin = memchr::memrchr(b'\n', &lines[at..place]).map_or(at, |newline| at + newline + 1);
            let end = end_of_line(lines, place);
            self.done += newlines(&lines[counted..begin]);
            counted = begin;
            let found = self.recognise(&lines[begin..end]);
            if !found.is_empty() {
                self.look_for_time(lines, end);
                self.entry = Some((self.done + 1, at_time(found, self.last)));
                self.done += 1;
                counted = (end + 1).min(lines.len());
            }
            at = (end + 1).min(lines.len());
        }
        self.done += newlines(&lines[counted..]);
        if lines.last().is_some_and(|last| *last != b'\n') && counted < lines.len() {
            self.done += 1;
        }
        self.look_for_time(lines, lines.strip_suffix(b"\n").unwrap_or(lines).len());
        self.looked = 0;
        self.within = false;
    }

    /// A part of a line that does not end in it.
    pub(crate) fn part(&mut self, part: &[u8]) {
        if !self.within {
            self.close();
            self.look_for_time(part, part.len());
            self.looked = 0;
        }
        self.within = true;
        let found = at_time(self.recognise(part), self.last);
        match &mut self.entry {
            Some((_, entry)) => entry.extend(found),
            None if found.is_empty() => {}
            None => self.entry = Some((self.done + 1, found)),
        }
    }

    /// How many lines there were, and whether any had a time.
    pub(crate) fn finish(mut self) -> (u64, bool) {
        self.close();
        (self.done, self.timed)
    }

    /// Goes on with the entry as far as it reaches; where it ended.
    fn go_on(&mut self, lines: &[u8], from: usize) -> usize {
        let mut at = from;
        while at < lines.len() {
            let end = end_of_line(lines, at);
            let line = &lines[at..end];
            let Some((began, entry)) = &self.entry else { return at };
            let began_at = entry.first().and_then(|found| found.at);
            let ends = self.done >= began + MOST_LINES_OF_ENTRY;
            if ends || !(self.within || envelope::continues(line)) {
                self.close();
                return at;
            }
            self.within = false;
            let found = match self.patterns.matcher.first(line) {
                Some(_) => at_time(self.recognise(line), self.clock.read(line).or(began_at)),
                None => Vec::new(),
            };
            if let Some((_, entry)) = &mut self.entry {
                entry.extend(found);
            }
            self.done += 1;
            at = (end + 1).min(lines.len());
        }
        at
    }

    /// What a line holds.
    fn recognise(&self, line: &[u8]) -> Vec<Found> {
        let mut all: Vec<Found> = Vec::new();
        for window in self.windows(line) {
            let text = envelope::unwrapped(window);
            for matched in self.patterns.matcher.matches(&text) {
                if all.iter().any(|found| found.matched.pattern == matched.pattern) {
                    continue;
                }
                let (text, cause) = (text.clone(), envelope::is_cause(&text));
                let line = self.done + 1;
                all.push(Found { matched, line, at: None, text, cause, consequences: Vec::new() });
            }
        }
        all
    }

    /// The parts of a line that are matched: all of it, or what is around each literal of a long one.
    fn windows<'l>(&self, line: &'l [u8]) -> Vec<&'l [u8]> {
        if line.len() <= BEFORE + AFTER {
            return vec![line];
        }
        let mut windows: Vec<&[u8]> = Vec::new();
        let mut end = 0;
        for place in self.patterns.matcher.places(line) {
            if place.end < end.max(AFTER) - AFTER / 2 && !windows.is_empty() {
                continue;
            }
            let begin = place.start.saturating_sub(BEFORE);
            end = (place.end + AFTER).min(line.len());
            windows.push(&line[begin..end]);
            if windows.len() == MOST_WINDOWS {
                break;
            }
        }
        windows
    }

    /// Looks for the last time that stands in these lines before `end`. No line is looked at twice.
    fn look_for_time(&mut self, lines: &[u8], end: usize) {
        let mut rest = &lines[self.looked.min(end)..end];
        for _ in 0..MOST_LINES_BACK {
            let begin = memchr::memrchr(b'\n', rest).map_or(0, |newline| newline + 1);
            if let Some(time) = self.clock.read(&rest[begin..]) {
                self.last = Some(time);
                self.timed = true;
                break;
            }
            match begin {
                0 => break,
                _ => rest = &rest[..begin - 1],
            }
        }
        self.looked = end;
    }

    /// Tells what the entry came to: its root, with the rest as what follows from it.
    fn close(&mut self) {
        let Some((_, mut found)) = self.entry.take() else { return };
        if let (Some(begin), Some(at)) = (self.begin, found.first().and_then(|found| found.at))
            && at < begin
        {
            return;
        }
        let root = found.remove(self.root(&found));
        let known = |found: &Found| &self.patterns.all[found.matched.pattern];
        // What says less of the same is no consequence.
        found.retain(|found| !known(found).yields_to.contains(&root.matched.pattern));
        // Two texts of one line are two causes, where neither says more of the other: a scheduler names all it met.
        let (apart, consequences): (Vec<Found>, Vec<Found>) =
            found.into_iter().partition(|other| other.line == root.line);
        (self.tell)(Found { consequences, ..root });
        apart.into_iter().for_each(|found| (self.tell)(found));
    }

    /// Which of them brought about the others: none that yields to another; behind the last `Caused by:` before the others,
    /// else the first.
    fn root(&self, found: &[Found]) -> usize {
        let yields = |found: &Found, other: &Found| {
            self.patterns.all[found.matched.pattern].yields_to.contains(&other.matched.pattern)
        };
        let stands = |at: &usize| !found.iter().any(|other| yields(&found[*at], other));
        let standing: Vec<usize> = (0..found.len()).filter(stands).collect();
        let innermost = standing.iter().rev().find(|at| found[**at].cause);
        // Several patterns of the last cause: the first of them, in the order of the families' files.
        let innermost = innermost.and_then(|at| standing.iter().find(|other| found[**other].line == found[*at].line));
        innermost.or(standing.first()).copied().unwrap_or(0)
    }
}

fn at_time(found: Vec<Found>, at: Option<Timestamp>) -> Vec<Found> {
    found.into_iter().map(|found| Found { at, ..found }).collect()
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

fn end_of_line(lines: &[u8], from: usize) -> usize {
    memchr::memchr(b'\n', &lines[from..]).map_or(lines.len(), |length| from + length)
}
