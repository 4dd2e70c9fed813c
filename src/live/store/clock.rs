//! OSS's clock against this host's, from the `Date` of an answer.

use jiff::Timestamp;

use ackcheck_core::seat::HttpReply;
use ackcheck_core::seat::store::ClockGap;

/// An answer, with when its request was sent and when it was there, by this host's clock.
pub(super) struct Timed {
    pub http: HttpReply,
    pub sent: Timestamp,
    pub heard: Timestamp,
}

/// How far OSS's clock is ahead. It was read somewhere between sending and hearing, and is told in whole seconds.
pub(super) fn gap(answer: &Timed) -> Option<ClockGap> {
    let date = jiff::fmt::rfc2822::parse(answer.http.header("date")?).ok()?.timestamp().as_second();
    let (sent, heard) = (answer.sent.as_second(), answer.heard.as_second());
    // Each of the three stands for any instant of its second.
    Some(ClockGap { least: date - heard - 1, most: date - sent + 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(date: Option<&str>, took: i64) -> Option<ClockGap> {
        let sent = Timestamp::from_second(1_700_000_000).unwrap();
        let headers = date.map(|date| ("date".to_owned(), date.to_owned())).into_iter().collect();
        let http = HttpReply { status: 200, headers, body: String::new() };
        gap(&Timed { http, sent, heard: Timestamp::from_second(1_700_000_000 + took).unwrap() })
    }

    #[test]
    fn a_slow_answer_leaves_the_gap_uncertain_by_as_much() {
        // 1700000000 is 22:13:20.
        let date = "Tue, 14 Nov 2023 22:13:20 GMT";
        assert_eq!(seen(Some(date), 0), Some(ClockGap { least: -1, most: 1 }));
        assert_eq!(seen(Some(date), 30), Some(ClockGap { least: -31, most: 1 }));
        assert_eq!(seen(Some("Tue, 14 Nov 2023 22:33:20 GMT"), 2), Some(ClockGap { least: 1197, most: 1201 }));
        assert_eq!(seen(Some("yesterday"), 0), None);
        assert_eq!(seen(None, 0), None);
    }
}
