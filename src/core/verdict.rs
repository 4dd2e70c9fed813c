//! What a check may say, and what only a run may record.

use std::borrow::Cow;

use crate::right::Right;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// The deployment does not work.
    Fail,
    /// It works, but not as it should.
    Warn,
}

impl Severity {
    /// The name reports print.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Fail => "fail",
            Severity::Warn => "warn",
        }
    }
}

/// One way a check can fail, by name. The remedy has a section of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// Lower case, hyphened: `wrong-region`.
    pub name: &'static str,
    /// Whether the deployment breaks on it.
    pub severity: Severity,
    /// One line: what is wrong.
    pub summary: &'static str,
}

impl Code {
    /// A way to fail that breaks the deployment.
    pub const fn fail(name: &'static str, summary: &'static str) -> Code {
        Code { name, severity: Severity::Fail, summary }
    }

    /// A way to fail that the deployment survives.
    pub const fn warn(name: &'static str, summary: &'static str) -> Code {
        Code { name, severity: Severity::Warn, summary }
    }

    /// The finding: this code, with what was seen, in words that name the thing looked at.
    pub fn found(&'static self, seen: impl Into<String>) -> Finding {
        Finding { code: self, seen: seen.into(), facts: Vec::new(), explained_by: Vec::new() }
    }
}

/// What a check found wrong.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Which of the check's ways to fail.
    pub code: &'static Code,
    /// What was seen, naming the ids of this deployment.
    pub seen: String,
    /// Values for the placeholders of the remedy, by name.
    pub facts: Vec<(&'static str, String)>,
    /// The ids of the checks whose own failures together bring all of it about.
    pub explained_by: Vec<&'static str>,
}

impl Finding {
    /// The failures of these checks are its cause: where all of them failed in the same run, a report has it as their
    /// consequence. For a check that compared what it saw with what they say, never because both failed.
    pub fn explained_by(mut self, checks: impl IntoIterator<Item = &'static str>) -> Finding {
        self.explained_by = checks.into_iter().collect();
        self
    }

    /// Gives the remedy's placeholder `{name}` its value.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Finding {
        self.facts.push((name, value.into()));
        self
    }

    /// Of several findings the gravest, of equals the first, with what the others saw in its words; none of none.
    pub fn gravest(mut findings: Vec<Finding>) -> Option<Finding> {
        findings.sort_by_key(|finding| finding.code.severity == Severity::Warn);
        let mut findings = findings.into_iter();
        let mut first = findings.next()?;
        let others: Vec<String> = findings.map(|other| format!("; also, {}", other.seen)).collect();
        first.seen.push_str(&others.concat());
        Some(first)
    }

    /// The verdict: a failure or a warning, as the code says.
    pub fn verdict(self) -> Verdict {
        match self.code.severity {
            Severity::Fail => Verdict::Fail(self),
            Severity::Warn => Verdict::Warn(self),
        }
    }
}

impl From<Finding> for Verdict {
    fn from(finding: Finding) -> Verdict {
        finding.verdict()
    }
}

/// Why a check does not apply to this deployment.
pub type Reason = Cow<'static, str>;

/// What a check may say.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// The claim holds.
    Pass,
    /// The claim holds, with a flaw.
    Warn(Finding),
    /// The claim does not hold.
    Fail(Finding),
    /// The claim cannot be asked of this deployment as it is described.
    NotApplicable(Reason),
}

/// Nothing could be observed, so nothing can be judged. Never a pass, never a failure of the deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// A right is missing to look.
    Denied {
        /// The right; several where the refusal does not say which of them is missing. Never empty.
        rights: Vec<Right>,
        /// What the other side said.
        said: String,
    },
    /// The way to look did not work: a file that cannot be read, a service that answers nonsense.
    Unreadable {
        /// What was to be read.
        what: String,
        /// Why it could not be.
        why: String,
    },
    /// The deployment has it, but it takes more than the site file gives to look at it.
    NotGiven {
        /// What cannot be looked at, and why.
        what: String,
        /// What to add to the site file, as lines of TOML.
        add: String,
    },
    /// The harness itself failed, a panic included.
    Internal(String),
}

impl Broken {
    /// One of these rights is missing.
    pub fn denied(rights: impl Into<Vec<Right>>, said: impl Into<String>) -> Broken {
        Broken::Denied { rights: rights.into(), said: said.into() }
    }
    /// It could not be read.
    pub fn unreadable(what: impl Into<String>, why: impl Into<String>) -> Broken {
        Broken::Unreadable { what: what.into(), why: why.into() }
    }
    /// ackcheck itself did not run for so long while it waited for an answer.
    pub fn stopped(stopped: std::time::Duration) -> Broken {
        let why = format!("ackcheck itself was stopped or busy for {:.1} s while it waited", stopped.as_secs_f64());
        Broken::unreadable("the answers to this check", why)
    }
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Broken::Denied { rights, said } => match rights.as_slice() {
                [] => write!(f, "a right is missing: {said}"),
                [right] => write!(f, "the right `{right}` is missing: {said}"),
                [first @ .., last] => {
                    let first: Vec<String> = first.iter().map(|right| format!("`{right}`")).collect();
                    write!(f, "one of the rights {} or `{last}` is missing: {said}", first.join(", "))
                }
            },
            Broken::Unreadable { what, why } => write!(f, "{what}: {why}"),
            Broken::NotGiven { what, add } => write!(f, "{what}; add to the site file:\n{add}"),
            Broken::Internal(why) => write!(f, "ackcheck itself failed: {why}"),
        }
    }
}

/// Why a seat brought no observation. With `?` in a check both cases end it with the right outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unseen {
    /// The site does not describe what would have to be looked at, or the deployment does not have it.
    NotDescribed(Reason),
    /// It is described, but could not be looked at.
    Broken(Broken),
}

impl Unseen {
    /// The site does not describe it.
    pub fn not_described(reason: impl Into<Reason>) -> Unseen {
        Unseen::NotDescribed(reason.into())
    }
    /// It is there, and the site file does not give what it takes to look at it; `add` is what to add, in TOML.
    pub fn not_given(what: impl Into<String>, add: impl Into<String>) -> Unseen {
        Unseen::Broken(Broken::NotGiven { what: what.into(), add: add.into() })
    }
    /// One of these rights is missing.
    pub fn denied(rights: impl Into<Vec<Right>>, said: impl Into<String>) -> Unseen {
        Unseen::Broken(Broken::denied(rights, said))
    }
    /// It could not be read.
    pub fn unreadable(what: impl Into<String>, why: impl Into<String>) -> Unseen {
        Unseen::Broken(Broken::unreadable(what, why))
    }
}

impl std::fmt::Display for Unseen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unseen::NotDescribed(reason) => f.write_str(reason),
            Unseen::Broken(broken) => broken.fmt(f),
        }
    }
}

impl From<Broken> for Unseen {
    fn from(broken: Broken) -> Unseen {
        Unseen::Broken(broken)
    }
}

/// What a check's function returns.
pub type Judgement = Result<Verdict, Unseen>;

/// What became of one case of a check. Only a run makes these.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The check judged.
    Judged(Verdict),
    /// Not asked, because a check that it depends on failed.
    Blocked {
        /// The cases it waited for that did not hold: `check` or `check[subject]`.
        by: Vec<String>,
    },
    /// Asked, but nothing could be observed.
    Broken(Broken),
    /// No answer within the deadline.
    TimedOut {
        /// How long it was given.
        after: std::time::Duration,
    },
    /// Not asked: the user said so, or the run was stopped first.
    Skipped {
        /// The user's reason, or `interrupted`.
        reason: String,
    },
}

/// What an outcome keeps from being asked. A later one keeps more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Holds {
    /// Nothing: its dependents go on.
    Nothing,
    /// What depends on it for the same subject; what looks at the whole goes on.
    Subject,
    /// Everything that depends on it.
    Everything,
}

impl Outcome {
    /// What depends on this case and cannot go on. Nothing is held where the claim holds, does not apply or was skipped;
    /// or where a right is missing to look at it, which says nothing about its dependents, and they need rights of
    /// their own. Where the site file gives too little to look at one subject, the others are still asked.
    pub fn holds(&self) -> Holds {
        match self {
            Outcome::Judged(Verdict::Pass | Verdict::Warn(_) | Verdict::NotApplicable(_)) => Holds::Nothing,
            Outcome::Skipped { .. } | Outcome::Broken(Broken::Denied { .. }) => Holds::Nothing,
            Outcome::Broken(Broken::NotGiven { .. }) => Holds::Subject,
            Outcome::Judged(Verdict::Fail(_)) | Outcome::Blocked { .. } => Holds::Everything,
            Outcome::Broken(_) | Outcome::TimedOut { .. } => Holds::Everything,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_right_is_named_and_so_is_each_that_may_be() {
        let one = Broken::denied([Right::open_api("ecs:DescribeInstances")], "403 Forbidden.RAM");
        assert_eq!(one.to_string(), "the right `ecs:DescribeInstances` is missing: 403 Forbidden.RAM");
        let exec = ["get", "create"].map(|verb| Right::of_probes(verb, "", "pods/exec").in_namespace("dss"));
        assert_eq!(
            Broken::denied(exec, "no").to_string(),
            "one of the rights `get pods/exec in dss` or `create pods/exec in dss` is missing: no"
        );
    }
}
