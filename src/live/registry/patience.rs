//! How long a conversation waits for a registry that asks to be asked later.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;

use ackcheck_core::seat::HttpReply;
use ackcheck_core::seat::registry::throttles;

/// All that one conversation waits: well below the deadlines of the checks that hold one.
const IN_ALL: Duration = Duration::from_secs(30);
/// How often one request is sent in all.
const MOST_TRIES: u32 = 5;
/// How often one is that met an error of the server's own.
const TRIES_AFTER_AN_ERROR: u32 = 3;
/// The wait after such an error.
const PAUSE: Duration = Duration::from_millis(250);
/// The first wait for a registry that throttles and does not say for how long; it doubles.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// What is left of the patience of a conversation.
pub(super) struct Patience {
    left: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience { left: IN_ALL }
    }
}

impl Patience {
    /// How long to wait before a request is sent again that was answered so at its `tries`th time; none where the answer
    /// is final, or would be waited for too long. `looks`: the request changes nothing.
    pub(super) fn again_after(
        &mut self,
        reply: &HttpReply,
        tries: u32,
        looks: bool,
        now: Timestamp,
    ) -> Option<Duration> {
        let asked_for = || reply.header("retry-after").and_then(|value| retry_after(value, reply, now));
        // A registry answers 500 while another client writes or removes the same tag.
        let (wait, most) = match reply.status {
            _ if throttles(reply) => (asked_for().unwrap_or(FIRST_WAIT * 2u32.pow(tries.min(8) - 1)), MOST_TRIES),
            503 => match asked_for() {
                Some(wait) => (wait, MOST_TRIES),
                None => (PAUSE, TRIES_AFTER_AN_ERROR),
            },
            500.. if looks => (PAUSE, TRIES_AFTER_AN_ERROR),
            _ => return None,
        };
        if tries >= most {
            return None;
        }
        self.left = self.left.checked_sub(wait)?;
        Some(wait)
    }
}

/// `Retry-After`: seconds, or a date (RFC 9110 10.2.3), which is by the server's clock.
fn retry_after(value: &str, reply: &HttpReply, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = |text: &str| rfc2822::DateTimeParser::new().parse_timestamp(text.trim()).ok();
    let then = date(value)?;
    let now = reply.header("date").and_then(date).unwrap_or(now);
    // A date that is over has been waited for.
    Some(Duration::try_from(then.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, headers: &[(&str, &str)]) -> HttpReply {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        HttpReply { status, headers, body: String::new() }
    }

    fn now() -> Timestamp {
        "2026-01-02T03:04:05Z".parse().unwrap()
    }

    #[test]
    fn waits_as_long_as_it_is_told_to_and_no_longer_than_it_may() {
        let wait = |status, headers: &[(&str, &str)]| {
            Patience::default().again_after(&reply(status, headers), 1, false, now()).map(|wait| wait.as_millis())
        };
        assert_eq!(wait(429, &[("retry-after", "7")]), Some(7000));
        assert_eq!(wait(503, &[("retry-after", "0")]), Some(0));
        assert_eq!(wait(429, &[("retry-after", "31")]), None);
        assert_eq!(wait(429, &[("retry-after", "Fri, 02 Jan 2026 03:04:15 GMT")]), Some(10_000));
        assert_eq!(wait(429, &[("retry-after", "Fri, 02 Jan 2026 03:04:04 GMT")]), Some(0));
        assert_eq!(wait(429, &[("retry-after", "Fri, 02 Jan 2026 05:04:15 GMT")]), None);
        // Our clock is an hour behind the server's.
        let ahead = [("retry-after", "Fri, 02 Jan 2026 04:04:15 GMT"), ("date", "Fri, 02 Jan 2026 04:04:05 GMT")];
        assert_eq!(wait(429, &ahead), Some(10_000));
        for unclear in ["soon", "-1", "", "99999999999999999999999"] {
            assert_eq!(wait(429, &[("retry-after", unclear)]), Some(1000), "{unclear}");
        }
        for status in [200, 202, 307, 401, 404, 500, 502] {
            assert_eq!(wait(status, &[("retry-after", "1")]), None, "{status}");
        }
        assert_eq!(wait(503, &[]), Some(250));
    }

    #[test]
    fn what_only_looks_is_sent_again_after_an_error_of_the_servers_own() {
        let mut patience = Patience::default();
        for (tries, again) in [(1, true), (2, true), (3, false)] {
            assert_eq!(patience.again_after(&reply(500, &[]), tries, true, now()).is_some(), again, "{tries}");
        }
    }

    #[test]
    fn one_conversation_waits_so_long_in_all_and_asks_so_often() {
        let mut patience = Patience::default();
        let mut waits =
            |tries, headers: &[(&str, &str)]| patience.again_after(&reply(429, headers), tries, true, now());
        assert_eq!([1, 2, 3, 4].map(|tries| waits(tries, &[]).map(|wait| wait.as_secs())), [1, 2, 4, 8].map(Some));
        assert_eq!(waits(5, &[]), None);
        assert_eq!(waits(1, &[("retry-after", "16")]), None);
        assert_eq!(waits(1, &[("retry-after", "15")]), Some(Duration::from_secs(15)));
        assert_eq!(waits(1, &[("retry-after", "1")]), None);
    }
}
