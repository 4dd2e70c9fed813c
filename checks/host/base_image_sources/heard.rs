//! What an answer to HEAD is worth to whoever would fetch the thing itself.

use ackcheck_core::seat::{Heard, HttpReply, NoReply};

use super::facts::Wanted;

/// What became of one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// It gives what is wanted; the digest, of a manifest.
    Gives(Option<String>),
    /// It answers that there is no such thing.
    Lacks(String),
    /// It has had too many requests, in its words.
    Throttles(String),
    /// Nothing of use came.
    Silent(String),
    /// What stands in the way may only stand in ackcheck's.
    Unclear(String),
}

impl Source {
    pub(super) fn of(heard: &Heard<HttpReply>, wanted: Wanted) -> Source {
        match heard {
            Ok(reply) => answered(reply, wanted),
            // Docker trusts what the host does, and ackcheck what the site file says.
            Err(no_reply @ NoReply::Tls { .. }) if !no_reply.is_not_tls() => Source::Unclear(no_reply.to_string()),
            // A connection that is not made is waited for by everyone; a slow answer may come to whoever waits longer.
            Err(no_reply @ NoReply::TimedOut { .. }) => Source::Unclear(no_reply.to_string()),
            Err(no_reply) => Source::Silent(no_reply.to_string()),
        }
    }
}

fn answered(reply: &HttpReply, wanted: Wanted) -> Source {
    let header = |name: &str| reply.header(name).map(|value| format!("{name}: {value}"));
    let told: Vec<String> =
        ["ratelimit-limit", "ratelimit-remaining", "retry-after"].iter().filter_map(|name| header(name)).collect();
    let said = [vec![reply.status.to_string()], told].concat().join(", ");
    // `0;w=21600`: HEAD is not counted, and so not refused when nothing is left.
    let spent = reply.header("ratelimit-remaining").is_some_and(|left| left.split(';').next() == Some("0"));
    let html = reply
        .header("content-type")
        .is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"));
    match (reply.status, wanted) {
        // A portal or a web server that answers everything: Docker takes no HTML for a manifest.
        (200..=299, Wanted::Manifest) if html => Source::Silent(format!("{said}: a page of HTML and no manifest")),
        (429, _) => Source::Throttles(said),
        (200..=399, _) if spent => Source::Throttles(said),
        // Some answer GET alone.
        (200..=399 | 405 | 501, _) => Source::Gives(reply.header("docker-content-digest").map(str::to_owned)),
        (407, _) => Source::Silent(format!("{said}: a proxy wants a login")),
        (404, Wanted::Page | Wanted::Manifest) => Source::Lacks(said),
        (400..=499, Wanted::Host) => Source::Gives(None),
        _ => Source::Silent(said),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_would_be_fetched_decides() {
        let of = |status: u16, headers: &[(&str, &str)], wanted| {
            let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Source::of(&Ok(HttpReply { status, headers, body: String::new() }), wanted)
        };
        assert_eq!(of(200, &[], Wanted::Page), Source::Gives(None));
        assert_eq!(
            of(200, &[("docker-content-digest", "sha256:1")], Wanted::Page),
            Source::Gives(Some("sha256:1".into()))
        );
        assert_eq!(of(302, &[], Wanted::Page), Source::Gives(None));
        for (kind, manifest) in [
            ("text/html", false),
            ("Text/HTML; charset=utf-8", false),
            ("application/vnd.oci.image.index.v1+json", true),
            ("application/json", true),
        ] {
            let gives = |wanted| matches!(of(200, &[("content-type", kind)], wanted), Source::Gives(_));
            assert_eq!((gives(Wanted::Page), gives(Wanted::Manifest)), (true, manifest), "{kind}");
        }
        assert!(matches!(of(404, &[], Wanted::Manifest), Source::Lacks(_)));
        assert_eq!(of(405, &[], Wanted::Page), Source::Gives(None));
        assert_eq!(of(404, &[], Wanted::Host), Source::Gives(None));
        assert!(matches!(of(404, &[], Wanted::Page), Source::Lacks(_)));
        assert!(matches!(of(403, &[], Wanted::Page), Source::Silent(_)));
        assert!(matches!(of(502, &[], Wanted::Host), Source::Silent(_)));
        assert!(matches!(of(407, &[], Wanted::Host), Source::Silent(_)));
        let spent = of(200, &[("ratelimit-limit", "100;w=21600"), ("ratelimit-remaining", "0;w=21600")], Wanted::Page);
        assert_eq!(
            spent,
            Source::Throttles("200, ratelimit-limit: 100;w=21600, ratelimit-remaining: 0;w=21600".to_owned())
        );
        assert!(matches!(of(200, &[("ratelimit-remaining", "10;w=21600")], Wanted::Page), Source::Gives(_)));
        assert_eq!(
            of(429, &[("retry-after", "30")], Wanted::Page),
            Source::Throttles("429, retry-after: 30".to_owned())
        );
    }

    #[test]
    fn what_only_ackcheck_may_meet_is_not_judged() {
        let of = |no_reply| Source::of(&Err(no_reply), Wanted::Page);
        let after = Duration::from_secs(5);
        let tls =
            NoReply::Tls { said: "its certificate is not signed by an authority that is trusted here".to_owned() };
        assert!(matches!(of(tls), Source::Unclear(_)));
        assert!(matches!(of(NoReply::TimedOut { after }), Source::Unclear(_)));
        assert!(matches!(of(NoReply::NotConnected { after }), Source::Silent(_)));
        assert!(matches!(of(NoReply::Refused { address: "a:443".to_owned() }), Source::Silent(_)));
    }
}
