//! What wraps a line of a log on its way: colours, the prefixes of kubectl, containerd, Docker and DSS, escapes of JSON.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// What stands before the line itself, any of them after another: DSS writes what Spark's driver says with a prefix of its
/// own, and a container runtime writes one before that.
static PREFIX: LazyLock<Regex> = LazyLock::new(|| {
    let iso = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,18}(?:Z|[+-][0-9]{2}:?[0-9]{2}) (?:(?:stdout|stderr) [FP] )?";
    let dss = r"\[[0-9]{4}/[0-9]{2}/[0-9]{2}-[0-9:.]{8,12}\](?: \[[^\]]*\])+\s(?:\s*- ?)?";
    Regex::new(&format!(r#"^(?:\[pod/[^\]]*\] |\{{"log":"|{iso}|{dss}){{1,4}}"#)).expect("the laws compile it")
});

/// What continues what was logged before: frames and causes of Java, what OSS's client tells in lines of its own, and the
/// parts of Python's tracebacks.
static CONTINUES: LazyLock<Regex> = LazyLock::new(|| {
    let java = r"\s*at \S|\s*(?:Caused by|Suppressed): |\s*\.\.\. [0-9]+ (?:more|common frames)";
    let oss = r"\[(?:ErrorCode|RequestId|HostId|ResponseError)\]:|\s*</?[?A-Za-z]";
    let python = r#"Traceback \(most recent call last\):|  +File ""#;
    let between = "During handling of the above exception|The above exception was the direct cause";
    Regex::new(&format!("^(?:{java}|{oss}|{python}|{between})")).expect("the laws compile it")
});

/// The line as it was written, with what is not text replaced: no colours, no NUL, quotes without the backslashes that JSON
/// and logfmt put before them.
pub(crate) fn unwrapped(line: &[u8]) -> String {
    let plain = if line.contains(&0x1b) { Cow::Owned(strip_ansi_escapes::strip(line)) } else { Cow::Borrowed(line) };
    let mut text = String::from_utf8_lossy(&plain).replace(['\0', '\r'], "");
    if text.contains('\\') {
        text = text.replace("\\\"", "\"").replace("\\t", "\t");
        for (escaped, letter) in [("\\u003c", "<"), ("\\u003e", ">"), ("\\u0026", "&")] {
            text = text.replace(escaped, letter);
        }
    }
    text
}

/// What comes after the prefixes.
pub(crate) fn body(line: &str) -> &str {
    PREFIX.find(line).map_or(line, |prefix| &line[prefix.end()..])
}

/// Whether the line goes on with what the line before began.
pub(crate) fn continues(line: &[u8]) -> bool {
    /// What decides stands at the beginning.
    const HEAD: usize = 512;
    let text = unwrapped(&line[..line.len().min(HEAD)]);
    let body = body(&text);
    body.trim().is_empty() || CONTINUES.is_match(body)
}

/// Whether the line names what brought about the one before it.
pub(crate) fn is_cause(line: &str) -> bool {
    body(line).trim_start().starts_with("Caused by: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_in_whatever_wraps_it() {
        for line in [
            "Caused by: a.B: c",
            "\u{1b}[31mCaused \u{1b}[01;31m\u{1b}[Kby\u{1b}[m\u{1b}[K: a.B: c\u{1b}[0m\r",
            "2026-01-02T03:04:05.123456789Z stdout F Caused by: a.B: c",
            "2026-01-02T03:04:05+08:00 Caused by: a.B: c",
            "[pod/dataiku-exec-a/c] 2026-01-02T03:04:05Z Caused by: a.B: c",
            "[2026/01/02-03:04:05.678] [Exec-66] [INFO] [dku.utils]  - Caused by: a.B: c",
            "[2026/01/02-03:04:05.678] [7/MainThread] [ERROR] [root] Caused by: a.B: c",
            "\0\0Caused by: a.B: c",
        ] {
            let text = unwrapped(line.as_bytes());
            assert_eq!(body(&text), "Caused by: a.B: c", "{line}");
            assert!(is_cause(&text) && continues(line.as_bytes()), "{line}");
        }
        let docker = unwrapped(br#"{"log":"image \"a\" \u003cnone\u003e\n","stream":"stderr"}"#);
        assert!(body(&docker).starts_with(r#"image "a" <none>"#), "{docker}");
    }

    #[test]
    fn frames_go_on_and_what_comes_after_begins_again() {
        for goes_on in [
            "\tat org.apache.spark.rpc.RpcTimeout.awaitResult(RpcTimeout.scala:101)",
            "\t... 12 more",
            "[ErrorCode]: AccessDenied",
            "  <Code>AccessDenied</Code>",
            "  File \"/opt/dataiku/python/dataiku/container/runner.py\", line 488, in <module>",
            "",
            "[2026/01/02-03:04:05.678] [Exec-66] [INFO] [dku.utils]  - \tat a.B.c(D.java:1)",
        ] {
            assert!(continues(goes_on.as_bytes()), "{goes_on}");
        }
        for begins in [
            "26/01/02 03:04:05 ERROR SparkContext: Error initializing SparkContext.",
            "  Warning  Failed     10s   kubelet  Error: ErrImagePull",
            "attempt 3 of 5",
            "[2026/01/02-03:04:05.678] [Exec-66] [INFO] [dku.utils]  - next",
        ] {
            assert!(!continues(begins.as_bytes()), "{begins}");
        }
    }
}
