//! Cases that ended alike, in one line.

use std::time::Duration;

use super::{names, text};
use crate::record::{Case, CaseId, Ending};

/// Cases of one check that ended alike.
pub(super) struct Line<'r> {
    /// `oss-write[bucket a]`, `registry-pull[3 nodes]`, `registry-pull[2 of 3 nodes]`.
    pub name: String,
    /// At least one, in the report's order.
    pub cases: Vec<&'r Case>,
    /// The longest of them.
    pub took: Duration,
}

impl<'r> Line<'r> {
    /// The case that stands for all.
    pub(super) fn first(&self) -> &'r Case {
        self.cases[0]
    }
}

/// Cases in lines: the subjects of one check for which it ended alike share one. Cases of one check stand together.
pub(super) fn fold<'r>(cases: &[&'r Case]) -> Vec<Line<'r>> {
    let mut lines = Vec::new();
    let mut at = 0;
    while at < cases.len() {
        let of_check = cases[at..].iter().take_while(|case| case.id.check == cases[at].id.check).count();
        let group = &cases[at..at + of_check];
        at += of_check;
        let mut alike: Vec<Vec<&Case>> = Vec::new();
        for &case in group {
            let same = alike.iter_mut().find(|same| case.id.subject.is_some() && ends_alike(same[0], case));
            match same {
                Some(same) => same.push(case),
                None => alike.push(vec![case]),
            }
        }
        for same in alike {
            let name = match same.len() {
                1 => same[0].id.to_string(),
                some if some == group.len() => format!("{}[{}]", same[0].id.check, names::subjects(&same)),
                some => {
                    format!("{}[{some} of {}]", same[0].id.check, names::subjects(group))
                }
            };
            let took = same.iter().map(|case| case.took).max().unwrap_or_default();
            lines.push(Line { name: text::one_line(&name), cases: same, took });
        }
    }
    lines
}

fn ends_alike(one: &Case, other: &Case) -> bool {
    match (&one.ending, &other.ending) {
        (Ending::Warn(a), Ending::Warn(b)) | (Ending::Fail(a), Ending::Fail(b)) => a.code == b.code,
        (Ending::Waived { finding: a, waiver }, Ending::Waived { finding: b, waiver: other }) => {
            a.code == b.code && waiver == other
        }
        (Ending::Blocked { by: a }, Ending::Blocked { by: b }) => {
            let checks = |by: &[String]| by.iter().map(|name| CaseId::check_of(name).to_owned()).collect::<Vec<_>>();
            checks(a) == checks(b)
        }
        (a, b) => a == b,
    }
}
