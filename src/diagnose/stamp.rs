//! When a line was written: the times that the known logs begin their lines with.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use regex::bytes::{Captures, Regex};

/// The present, and the zone that times without one are in.
#[derive(Debug, Clone)]
pub struct Clock {
    pub now: Timestamp,
    pub zone: TimeZone,
}

/// How far into a line a time is looked for, in bytes: what wraps a line may stand before its own time.
const HEAD: usize = 120;

/// Each form with the groups year, month, day, hour, minute, second, and zone where it has one. DSS, Spark and log4j,
/// ISO 8601 (kubectl, containerd, Hadoop), klog, syslog.
static FORMS: LazyLock<[Regex; 5]> = LazyLock::new(|| {
    let day = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})";
    let form = |text: String| Regex::new(&text).expect("the laws compile it");
    [
        form(format!(r"\[(?P<year>[0-9]{{4}})/(?P<month>[0-9]{{2}})/(?P<day>[0-9]{{2}})-{day}")),
        form(format!(r"(?:^|[^0-9/])(?P<year>[0-9]{{2}})/(?P<month>[0-9]{{2}})/(?P<day>[0-9]{{2}}) {day}")),
        form(format!(
            r"(?P<year>[0-9]{{4}})-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}})[T ]{day}(?:[.,][0-9]+)?(?P<zone>Z|[+-][0-9]{{2}}:?[0-9]{{2}})?"
        )),
        form(format!(r"\b[IWEF](?P<month>[0-9]{{2}})(?P<day>[0-9]{{2}}) {day}\.[0-9]+ ")),
        form(format!(r"(?:^|\s)(?P<name>[JFMASOND][a-z]{{2}}) +(?P<day>[0-9]{{1,2}}) {day} ")),
    ]
});

/// Docker's own log has the time of a line at its end.
static AT_THE_END: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#""time":"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?:\.[0-9]+)?(?P<zone>Z)"\}\s*$"#)
        .expect("the laws compile it")
});

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Clock {
    /// The time that a line begins with; none where it has none.
    pub(crate) fn read(&self, line: &[u8]) -> Option<Timestamp> {
        if line.starts_with(br#"{"log":""#) {
            return AT_THE_END.captures(line).and_then(|captures| self.time(&captures));
        }
        let head = &line[..line.len().min(HEAD)];
        if !head.iter().any(u8::is_ascii_digit) {
            return None;
        }
        // The one that stands first: what a line tells of may have a time too.
        let found = FORMS.iter().filter_map(|form| form.captures(head));
        let first = found.min_by_key(|captures| captures.get(0).map_or(0, |whole| whole.start()))?;
        self.time(&first)
    }

    fn time(&self, captures: &Captures<'_>) -> Option<Timestamp> {
        let group = |name: &str| captures.name(name).and_then(|group| std::str::from_utf8(group.as_bytes()).ok());
        let number = |name: &str| group(name)?.parse::<i8>().ok();
        let month = match group("name") {
            Some(name) => i8::try_from(MONTHS.iter().position(|known| *known == name)? + 1).ok()?,
            None => number("month")?,
        };
        // A leap second is no second of a clock.
        let time = Time::new(number("hour")?, number("minute")?, number("second")?.min(59), 0).ok()?;
        let date = |year: i16| Date::new(year, month, number("day")?).ok();
        let Some(year) = group("year") else { return self.without_year(|year| Some(date(year)?.to_datetime(time))) };
        let year: i16 = year.parse().ok()?;
        let written = date(if year < 100 { 2000 + year } else { year })?.to_datetime(time);
        match group("zone") {
            Some(zone) => offset(zone)?.to_timestamp(written).ok(),
            None => self.here(written),
        }
    }

    /// Of this year, or of the last where that is yet to come.
    fn without_year(&self, of: impl Fn(i16) -> Option<DateTime>) -> Option<Timestamp> {
        let tomorrow = self.now + jiff::SignedDuration::from_hours(24);
        let year = self.now.to_zoned(self.zone.clone()).year();
        let this = self.here(of(year)?)?;
        if this <= tomorrow { Some(this) } else { self.here(of(year - 1)?) }
    }

    fn here(&self, written: DateTime) -> Option<Timestamp> {
        self.zone.to_timestamp(written).ok()
    }
}

/// `Z`, `+08:00` or `+0800`.
fn offset(zone: &str) -> Option<Offset> {
    if zone == "Z" {
        return Some(Offset::UTC);
    }
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let seconds = digits[..2].parse::<i32>().ok()? * 3600 + digits[2..].parse::<i32>().ok()? * 60;
    Offset::from_seconds(if zone.starts_with('-') { -seconds } else { seconds }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_times_of_every_known_log() {
        let zone = TimeZone::fixed(Offset::from_hours(8).unwrap());
        let clock = Clock { now: "2026-02-01T00:00:00Z".parse().unwrap(), zone };
        for (line, time) in [
            ("[2026/01/02-11:04:05.678] [Thread-7] [INFO] [dku.jobs]  - started", "2026-01-02T03:04:05Z"),
            ("26/01/02 11:04:05 INFO SparkContext: Running Spark version 3.4.1", "2026-01-02T03:04:05Z"),
            ("2026-01-02T03:04:05.123456789Z stdout F 26/01/02 11:04:05 INFO x", "2026-01-02T03:04:05Z"),
            ("2026-01-02T12:04:05.1+09:00 x", "2026-01-02T03:04:05Z"),
            ("2026-01-02 11:04:05,678 WARN [main] util.NativeCodeLoader: x", "2026-01-02T03:04:05Z"),
            ("E0102 11:04:05.678901    1234 pod_workers.go:951] x", "2026-01-02T03:04:05Z"),
            ("Jan  2 11:04:05 node-1 kubelet[811]: E0103 01:02:03.000000 811 x.go:1] x", "2026-01-02T03:04:05Z"),
            ("Dec 31 11:04:05 node-1 kubelet[811]: of the year before", "2025-12-31T03:04:05Z"),
            (r#"{"log":"26/01/01 x\n","stream":"stderr","time":"2026-01-02T03:04:05.99Z"}"#, "2026-01-02T03:04:05Z"),
            ("[pod/a/b] 26/01/02 11:04:60 INFO a leap second", "2026-01-02T03:04:59Z"),
        ] {
            assert_eq!(clock.read(line.as_bytes()), Some(time.parse().unwrap()), "{line}");
        }
        for none in [
            "\tat a.B.c(D.java:12)",
            "Caused by: x",
            "  Warning  Failed  10s (x3 over 60s)  kubelet  y",
            "99/99/99 99:99:99 x",
            "",
        ] {
            assert_eq!(clock.read(none.as_bytes()), None, "{none}");
        }
    }
}
