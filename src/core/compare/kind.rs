//! What can become of a case between two runs, in words.

/// What became of a case between two runs. In the order in which reports tell it, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// It fails, and did not.
    NewFailure,
    /// It held, and could not be judged.
    NoLongerJudged,
    /// It was judged, or could not be, and was not asked.
    NoLongerAsked,
    /// It fails, with another finding than before.
    OtherFailure,
    /// It fails with the same finding.
    StillFailing,
    /// It failed, and could not be judged.
    FailedAndNotJudged,
    /// It has a finding that is waived, and was not waived before.
    NewlyWaived,
    /// It could not be judged either time.
    StillNotJudged,
    /// It holds with a flaw, and held.
    NewWarning,
    /// It holds with a flaw, another one than before or one that shows differently.
    OtherWarning,
    /// It holds, and failed.
    Mended,
    /// It holds, and could not be judged.
    JudgedAgain,
    /// It holds without the flaw it had.
    WarningGone,
    /// It was asked and does not fail, and was not asked before.
    NewlyAsked,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 14] = [
        Kind::NewFailure,
        Kind::NoLongerJudged,
        Kind::NoLongerAsked,
        Kind::OtherFailure,
        Kind::StillFailing,
        Kind::FailedAndNotJudged,
        Kind::NewlyWaived,
        Kind::StillNotJudged,
        Kind::NewWarning,
        Kind::OtherWarning,
        Kind::Mended,
        Kind::JudgedAgain,
        Kind::WarningGone,
        Kind::NewlyAsked,
    ];

    /// The name that scripts see.
    pub fn name(self) -> &'static str {
        match self {
            Kind::NewFailure => "new-failure",
            Kind::NoLongerJudged => "no-longer-judged",
            Kind::NoLongerAsked => "no-longer-asked",
            Kind::OtherFailure => "other-failure",
            Kind::StillFailing => "still-failing",
            Kind::FailedAndNotJudged => "failed-and-not-judged",
            Kind::NewlyWaived => "newly-waived",
            Kind::StillNotJudged => "still-not-judged",
            Kind::NewWarning => "new-warning",
            Kind::OtherWarning => "other-warning",
            Kind::Mended => "mended",
            Kind::JudgedAgain => "judged-again",
            Kind::WarningGone => "warning-gone",
            Kind::NewlyAsked => "newly-asked",
        }
    }

    /// The heading that people see.
    pub fn heading(self) -> &'static str {
        match self {
            Kind::NewFailure => "New failures",
            Kind::NoLongerJudged => "Held before, and could not be judged now",
            Kind::NoLongerAsked => "No longer asked",
            Kind::OtherFailure => "Failing with another finding",
            Kind::StillFailing => "Still failing",
            Kind::FailedAndNotJudged => "Failed before, and could not be judged now",
            Kind::NewlyWaived => "Newly waived",
            Kind::StillNotJudged => "Still could not be judged",
            Kind::NewWarning => "New warnings",
            Kind::OtherWarning => "Warnings that differ",
            Kind::Mended => "Mended",
            Kind::JudgedAgain => "Judged again, and holding",
            Kind::WarningGone => "Warnings that are gone",
            Kind::NewlyAsked => "Newly asked",
        }
    }

    /// Whether each of its cases has something to tell of its own: a finding. The others are told by the way they went.
    pub(super) fn has_findings(self) -> bool {
        match self {
            Kind::NewFailure | Kind::OtherFailure | Kind::StillFailing | Kind::NewlyWaived => true,
            Kind::NewWarning | Kind::OtherWarning | Kind::WarningGone | Kind::Mended => true,
            Kind::NoLongerJudged | Kind::FailedAndNotJudged | Kind::StillNotJudged | Kind::JudgedAgain => false,
            Kind::NoLongerAsked | Kind::NewlyAsked => false,
        }
    }

    /// The name of its count: `3 new failures`.
    pub(super) fn counted(self, cases: usize) -> String {
        let one = cases == 1;
        let what = match self {
            Kind::NewFailure if one => "new failure",
            Kind::NewFailure => "new failures",
            Kind::NoLongerJudged => "no longer judged",
            Kind::NoLongerAsked => "no longer asked",
            Kind::OtherFailure => "failing with another finding",
            Kind::StillFailing => "still failing",
            Kind::FailedAndNotJudged => "failed before and not judged now",
            Kind::NewlyWaived => "newly waived",
            Kind::StillNotJudged => "still not judged",
            Kind::NewWarning if one => "new warning",
            Kind::NewWarning => "new warnings",
            Kind::OtherWarning if one => "warning that differs",
            Kind::OtherWarning => "warnings that differ",
            Kind::Mended => "mended",
            Kind::JudgedAgain => "judged again",
            Kind::WarningGone if one => "warning gone",
            Kind::WarningGone => "warnings gone",
            Kind::NewlyAsked => "newly asked",
        };
        format!("{cases} {what}")
    }
}
