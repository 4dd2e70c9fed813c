//! What others must allow: an operation of a seat, as a value that stands beside the seat's method. A check names the
//! ones it uses; `ackcheck rights` prints what they need, and `tests/rights.rs` runs the checks with these rights alone
//! and takes each of them away.

use crate::place::Vantage;
use crate::right::Right;

/// An operation of a seat that others must allow. `seat::operations` lists them all.
#[derive(Debug)]
pub struct Operation {
    /// The seat's method, and what it is asked for: `Cloud::host_instance`.
    pub name: &'static str,
    /// The seat that is asked.
    pub seat: Vantage,
    /// What the site file must describe besides for it to be asked; elsewhere its checks do not apply.
    pub also: Option<Part>,
    /// The rights it needs itself.
    pub needs: &'static [Need],
    /// Operations that are part of it; of another seat where one seat reaches through the other.
    pub takes: &'static [&'static Operation],
}

impl Operation {
    /// An operation of a seat by its name, to be given what it needs and takes.
    pub const fn on(seat: Vantage, name: &'static str) -> Operation {
        Operation { name, seat, also: None, needs: &[], takes: &[] }
    }

    /// It and all that it takes.
    pub fn whole(&'static self) -> Vec<&'static Operation> {
        let mut whole = vec![self];
        self.takes.iter().for_each(|taken| whole.extend(taken.whole()));
        whole
    }
}

/// A part of the site that has no seat of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The ACK cluster's id.
    ClusterId,
}

/// A right, and what becomes of a run without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    pub right: Right,
    pub without: Without,
    pub when: When,
}

impl Need {
    /// Without it the checks cannot be judged.
    pub const fn of(right: Right) -> Need {
        Need { right, without: Without::Unjudged, when: When::Always }
    }

    /// Without it everything is judged, and this is lost.
    pub const fn better_with(right: Right, lost: &'static str) -> Need {
        Need { right, without: Without::Less(lost), when: When::Always }
    }

    /// Without it what the run created stays.
    pub const fn to_tidy_up(right: Right) -> Need {
        Need { right, without: Without::LeftBehind, when: When::Always }
    }
}

/// How pods are asked where a right is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Always,
    /// Where the probe is asked in its pod, by `pods/exec`.
    ByExec,
    /// Where that is not to be granted: asked by pods of their own, whose logs are read.
    ByLogs,
}

/// What becomes of a run without a right. The later is the graver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Without {
    /// Everything is judged, and this is lost.
    Less(&'static str),
    /// What the run created stays, and is named at its end.
    LeftBehind,
    /// Checks that need it cannot be judged where ackcheck runs on another machine than the DSS host; elsewhere this is
    /// lost.
    UnjudgedElsewhere(&'static str),
    /// Checks that need it cannot be judged.
    Unjudged,
}
