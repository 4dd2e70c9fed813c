//! The clock of the DSS host is right: OSS refuses what is signed for another time.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Store;
use ackcheck_core::seat::store::{ClockGap, StoreRequest};
use ackcheck_core::verdict::{Code, Judgement, Unseen, Verdict};

use super::bucket::{about, ask, said};

mod trials;

static SKEWED: Code = Code::fail("skewed", "the host's clock is so wrong that OSS refuses every request");
static DRIFTING: Code = Code::warn("drifting", "the host's clock is wrong and nothing sets it right");

pub(crate) static CHECK: Check = Check {
    id: "host-clock",
    title: "The clock of the DSS host agrees with that of OSS",
    stage: Stage::Preflight,
    needs: &[&super::oss_endpoint::CHECK],
    uses: &[],
    deadline: Duration::from_secs(90),
    findings: &[&SKEWED, &DRIFTING],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::EachStore(|_, store| Box::pin(judge(store))),
};

/// OSS refuses what is signed further away from its own time, in seconds.
const REFUSED: i64 = 15 * 60;
/// A clock that NTP sets is never this wrong, in seconds.
const WRONG: i64 = 60;

async fn judge(store: &dyn Store) -> Judgement {
    let target = &store.target().await?;
    let reply = ask(store, target, StoreRequest::List).await?;
    let refused = reply.code.as_deref() == Some("RequestTimeTooSkewed");
    let wrong = reply.clock.map_or(0, wrong_by);
    let code = match wrong.abs() {
        _ if refused => &SKEWED,
        off if off > REFUSED => &SKEWED,
        off if off > WRONG => &DRIFTING,
        _ if reply.clock.is_none() => {
            let why = "the answer of OSS has no Date that can be read";
            return Err(Unseen::unreadable("the clock of the DSS host", why));
        }
        _ => return Ok(Verdict::Pass),
    };
    let by = match wrong {
        0 => "is wrong".to_owned(),
        behind if behind > 0 => format!("is at least {behind} s behind that of OSS"),
        ahead => format!("is at least {} s ahead of that of OSS", -ahead),
    };
    let seen = match refused {
        true => format!("the host's clock {by}: {}", said(&reply)),
        false => format!("the host's clock {by}"),
    };
    Ok(about(code.found(seen), target).with("by", by).into())
}

/// How many seconds the host is certainly behind OSS; negative where it is ahead.
fn wrong_by(gap: ClockGap) -> i64 {
    match gap {
        ClockGap { least, .. } if least > 0 => least,
        ClockGap { most, .. } if most < 0 => most,
        ClockGap { .. } => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_slow_answer_leaves_open_is_not_held_against_the_clock() {
        assert_eq!(wrong_by(ClockGap { least: -90, most: 1 }), 0);
        assert_eq!(wrong_by(ClockGap { least: 899, most: 901 }), 899);
        assert_eq!(wrong_by(ClockGap { least: -130, most: -118 }), -118);
    }
}
