//! What came of comparing, item by item.

use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

/// The items compared so far. One that could not be looked at ends no other.
#[derive(Default)]
pub(super) struct Comparison {
    /// How many values both sides state.
    compared: usize,
    differences: Vec<Finding>,
    broken: Option<Unseen>,
}

impl Comparison {
    /// Both sides state this, and it is the same.
    pub(super) fn same(&mut self) {
        self.compared += 1;
    }

    /// Both sides state this, and it differs: `dss` at `place`, `site` under `key` of the site file.
    pub(super) fn differs(&mut self, code: &'static Code, seen: String) -> &mut Finding {
        self.compared += 1;
        self.differences.push(code.found(seen));
        let last = self.differences.len() - 1;
        &mut self.differences[last]
    }

    /// This could not be looked at, or is not described.
    pub(super) fn unseen(&mut self, unseen: Unseen) {
        if matches!(unseen, Unseen::Broken(_)) {
            self.broken.get_or_insert(unseen);
        }
    }

    /// The gravest difference, with the others in its words; a pass only where everything could be looked at.
    pub(super) fn judgement(self) -> Judgement {
        match (Finding::gravest(self.differences), self.broken) {
            (Some(gravest), _) => Ok(gravest.into()),
            (None, Some(broken)) => Err(broken),
            (None, None) if self.compared == 0 => {
                Ok(Verdict::NotApplicable("the site file and DSS's settings state nothing in common".into()))
            }
            (None, None) => Ok(Verdict::Pass),
        }
    }
}

/// Adds values for the remedy's placeholders.
pub(super) fn describe(finding: &mut Finding, facts: &[(&'static str, &str)]) {
    finding.facts.extend(facts.iter().map(|(name, value)| (*name, (*value).to_owned())));
}

#[cfg(test)]
mod tests {
    use super::*;

    static GRAVE: Code = Code::fail("grave", "a");
    static LIGHT: Code = Code::warn("light", "b");

    #[test]
    fn the_gravest_is_told_first_and_nothing_unseen_is_a_pass() {
        let mut all = Comparison::default();
        all.differs(&LIGHT, "one".to_owned());
        all.differs(&GRAVE, "two".to_owned());
        all.unseen(Unseen::unreadable("x", "y"));
        let Ok(Verdict::Fail(finding)) = all.judgement() else { panic!("no failure") };
        assert_eq!((finding.code.name, finding.seen.as_str()), ("grave", "two; also, one"));

        let mut broken = Comparison::default();
        broken.same();
        broken.unseen(Unseen::not_described("x"));
        broken.unseen(Unseen::unreadable("x", "y"));
        assert!(matches!(broken.judgement(), Err(Unseen::Broken(_))));

        assert!(matches!(Comparison::default().judgement(), Ok(Verdict::NotApplicable(_))));
        let mut same = Comparison::default();
        same.same();
        assert!(matches!(same.judgement(), Ok(Verdict::Pass)));
    }
}
