//! What a run tells while it goes: a live line where the user watches, plain lines in a log, or nothing.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use ackcheck_core::record::{Ending, Event};
use ackcheck_core::report::{line, one_line};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shows the events of a run. Writing is best effort: a closed stream must not end a run.
pub(super) struct Progress {
    kind: Kind,
    planned: usize,
    ended: usize,
    running: BTreeMap<String, String>,
}

enum Kind {
    Silent,
    Lines(Box<dyn Write + Send>),
    Bar(ProgressBar),
}

impl Progress {
    /// Shows nothing: `--quiet`.
    pub(super) fn silent() -> Progress {
        Progress::new(Kind::Silent)
    }

    /// A line for every case that ends, as suits a log.
    pub(super) fn lines(to: impl Write + Send + 'static) -> Progress {
        Progress::new(Kind::Lines(Box::new(to)))
    }

    /// A bar that moves, and a line above it for every case that needs attention. `target` is a terminal; on anything
    /// else indicatif shows nothing.
    pub(super) fn live(target: ProgressDrawTarget) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let style = ProgressStyle::with_template("{spinner} {pos}/{len} {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Progress::new(Kind::Bar(bar))
    }

    fn new(kind: Kind) -> Progress {
        Progress { kind, planned: 0, ended: 0, running: BTreeMap::new() }
    }

    /// Takes in one event and shows it.
    pub(super) fn on(&mut self, event: &Event) {
        match event {
            Event::Planned { cases } => self.planned = *cases,
            Event::Started { case, title } => {
                self.running.insert(one_line(&case.to_string()), one_line(title));
            }
            Event::Ended { case } => {
                self.ended += 1;
                self.running.remove(&one_line(&case.id.to_string()));
            }
            Event::CleaningUp => self.running.clear(),
        }
        let message = self.message(matches!(event, Event::CleaningUp));
        match &mut self.kind {
            Kind::Silent => {}
            Kind::Lines(to) => {
                let line = match event {
                    Event::Ended { case } => format!("[{}/{}] {}", self.ended, self.planned, line(case)),
                    Event::CleaningUp => "removing what this run created".to_owned(),
                    Event::Planned { .. } | Event::Started { .. } => return,
                };
                let _ = writeln!(to, "{line}").and_then(|()| to.flush());
            }
            Kind::Bar(bar) => {
                if let Event::Planned { .. } = event {
                    // Not before: there would be nothing to tell.
                    bar.enable_steady_tick(Duration::from_millis(120));
                }
                bar.set_length(self.planned as u64);
                bar.set_position(self.ended as u64);
                bar.set_message(message);
                if let Event::Ended { case } = event
                    && matches!(
                        case.ending,
                        Ending::Fail(_) | Ending::Warn(_) | Ending::Broken { .. } | Ending::TimedOut { .. }
                    )
                {
                    bar.println(line(case));
                }
            }
        }
    }

    /// Takes the live line away, so that the report has the screen to itself.
    pub(super) fn finish(self) {
        if let Kind::Bar(bar) = self.kind {
            bar.finish_and_clear();
        }
    }

    /// What is under way: one case with its claim, or several by name.
    fn message(&self, cleaning_up: bool) -> String {
        let mut names = self.running.iter();
        match (cleaning_up, names.next(), self.running.len()) {
            (true, ..) => "removing what this run created".to_owned(),
            (_, None, _) => String::new(),
            (_, Some((name, title)), 1) => format!("{name}: {title}"),
            (_, Some((name, _)), _) => {
                let others: Vec<&str> = names.map(|(name, _)| name.as_str()).collect();
                format!("{name}, {}", others.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use ackcheck_core::place::{Area, Stage, Vantage};
    use ackcheck_core::record::{Case, CaseId};

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn ended(check: &str, ending: Ending) -> Event {
        let case = Case {
            id: CaseId { check: check.to_owned(), subject: None },
            title: "A claim".into(),
            area: Area::Host,
            stage: Stage::Preflight,
            vantage: Vantage::Host,
            required: false,
            ending,
            evidence: Vec::new(),
            took: Duration::ZERO,
        };
        Event::Ended { case: Arc::new(case) }
    }

    #[test]
    fn tells_a_line_for_every_case_that_ended_and_none_that_acts_on_a_terminal() {
        let written = Shared::default();
        let mut progress = Progress::lines(written.clone());
        let started = CaseId { check: "host-name".to_owned(), subject: None };
        progress.on(&Event::Planned { cases: 2 });
        progress.on(&Event::Started { case: started, title: "A claim".into() });
        progress.on(&ended("host-name", Ending::Pass));
        progress.on(&ended("host-docker", Ending::Broken { why: "no\n\u{1b}[2Jdaemon".to_owned() }));
        progress.on(&Event::CleaningUp);
        progress.finish();
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let lines =
            ["[1/2] pass host-name", "[2/2] BROKEN host-docker: no \\u{1b}[2Jdaemon", "removing what this run created"];
        assert_eq!(text.lines().collect::<Vec<_>>(), lines);
    }

    #[test]
    fn names_what_is_under_way() {
        let mut progress = Progress::live(ProgressDrawTarget::hidden());
        let start = |check: &str| Event::Started {
            case: CaseId { check: check.to_owned(), subject: None },
            title: "A claim".into(),
        };
        progress.on(&start("host-name"));
        assert_eq!(progress.message(false), "host-name: A claim");
        progress.on(&start("host-docker"));
        assert_eq!(progress.message(false), "host-docker, host-name");
        progress.on(&ended("host-docker", Ending::Pass));
        progress.on(&ended("host-name", Ending::Pass));
        assert_eq!(progress.message(false), "");
        progress.finish();
    }
}
