//! An answer as the probe prints it, and as it is read again.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::CannotLook;

/// The protocol that this crate speaks. It changes whenever a probe of before would be misunderstood, or would
/// misunderstand: `--probe-image` may name an image that an older ackcheck wrote.
pub const VERSION: u32 = 2;

/// How many characters are shown of a text that is not an answer.
const SHOWN: usize = 200;

/// What the probe prints: one line of JSON, with the protocol that it speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// It ends in a line feed, and has no other.
    pub text: String,
    /// Whether the probe could look.
    pub looked: bool,
}

#[derive(Serialize)]
struct Printed<'a, T> {
    protocol: u32,
    #[serde(flatten)]
    told: &'a T,
}

/// What every line has.
#[derive(Deserialize)]
struct Head {
    protocol: Option<u32>,
    answer: String,
}

impl<A: Serialize> From<Result<A, CannotLook>> for Line {
    fn from(outcome: Result<A, CannotLook>) -> Line {
        match &outcome {
            Ok(answer) => Line { text: print(answer), looked: true },
            Err(cannot) => Line { text: print(cannot), looked: false },
        }
    }
}

fn print<T: Serialize>(told: &T) -> String {
    // Strings, numbers and lists alone: this cannot fail, and no reader would take what it printed for an answer.
    let text = serde_json::to_string(&Printed { protocol: VERSION, told }).unwrap_or_else(|error| error.to_string());
    text + "\n"
}

/// Why what a probe printed holds no answer to the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswer {
    /// It could not look.
    CannotLook { why: String },
    /// It speaks another protocol; probes of before there were numbers name none.
    OtherProtocol { theirs: Option<u32> },
    /// It is not an answer, or the answer to another question; how the text begins.
    Unreadable { why: String, begins: String },
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoAnswer::CannotLook { why } => f.write_str(why),
            NoAnswer::OtherProtocol { theirs } => {
                let theirs = theirs.map_or("an older one, without a number".to_owned(), |theirs| theirs.to_string());
                write!(
                    f,
                    "the probe image speaks another protocol ({theirs}); this ackcheck speaks {VERSION}; load the \
                     image that `ackcheck image` writes"
                )
            }
            NoAnswer::Unreadable { why, begins } => write!(f, "what it printed is not an answer ({why}): {begins}"),
        }
    }
}

impl std::error::Error for NoAnswer {}

/// Reads the answer from what a probe printed; its last line counts.
///
/// # Errors
/// Why it holds none.
pub fn read<A: DeserializeOwned>(printed: &[u8]) -> Result<A, NoAnswer> {
    let mut lines = printed.rsplit(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let line = lines.find(|line| !line.is_empty()).unwrap_or_default();
    let unreadable = |error: serde_json::Error| NoAnswer::Unreadable {
        why: error.to_string(),
        begins: String::from_utf8_lossy(line).chars().take(SHOWN).collect(),
    };
    let head: Head = serde_json::from_slice(line).map_err(unreadable)?;
    if head.protocol != Some(VERSION) {
        return Err(NoAnswer::OtherProtocol { theirs: head.protocol });
    }
    if head.answer == "broken" {
        let CannotLook { why } = serde_json::from_slice(line).map_err(unreadable)?;
        return Err(NoAnswer::CannotLook { why });
    }
    serde_json::from_slice(line).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dialled, Exchange, Exchanges, Failure, PortState, Ports, Resolved, Swept, SweptPorts};

    fn both_ways<A: Serialize + DeserializeOwned + PartialEq + fmt::Debug + Clone>(answer: A, text: &str) {
        let line = Line::from(Ok(answer.clone()));
        assert_eq!(line, Line { text: format!("{text}\n"), looked: true });
        assert_eq!(read::<A>(line.text.as_bytes()), Ok(answer));
    }

    #[test]
    fn every_answer_is_read_as_it_was_printed() {
        both_ways(
            Resolved::Addresses { addresses: vec![[10, 0, 0, 20].into()] },
            r#"{"protocol":2,"answer":"addresses","addresses":["10.0.0.20"]}"#,
        );
        both_ways(Dialled::NoServer { said: "s".to_owned() }, r#"{"protocol":2,"answer":"no-server","said":"s"}"#);
        both_ways(
            Swept { ranges: vec![SweptPorts { ports: Ports::ALL, state: PortState::Filtered }] },
            r#"{"protocol":2,"answer":"ports","ranges":[{"first":1,"last":65535,"state":"filtered"}]}"#,
        );
        let refused = Exchange::NoHttp { failure: Failure::TimedOut, said: "s".to_owned(), took_ms: 7 };
        let as_json = r#"{"answer":"no-http","failure":"timed-out","said":"s","took_ms":7}"#;
        both_ways(
            Exchanges { put: refused, get: None, delete: None },
            &format!(r#"{{"protocol":2,"answer":"oss","put":{as_json},"get":null,"delete":null}}"#),
        );
    }

    #[test]
    fn what_is_not_the_answer_is_told_apart() {
        let read = |text: &str| read::<Resolved>(text.as_bytes()).unwrap_err();
        let broken = Line::from(Err::<Resolved, _>(CannotLook::because("no sockets")));
        assert!(!broken.looked);
        assert_eq!(read(&broken.text), NoAnswer::CannotLook { why: "no sockets".to_owned() });
        for (text, theirs) in [
            (r#"{"answer":"addresses","addresses":[]}"#, None),
            (r#"{"answer":"broken","why":"unknown field"}"#, None),
            (r#"{"protocol":1,"answer":"found","at":[]}"#, Some(1)),
        ] {
            assert_eq!(read(text), NoAnswer::OtherProtocol { theirs }, "{text}");
        }
        let said = NoAnswer::OtherProtocol { theirs: Some(1) }.to_string();
        assert!(said.contains("(1); this ackcheck speaks 2; load the image"), "{said}");
        for text in ["", "Segmentation fault\n", "[]", r#"{"protocol":2,"answer":"ports","ranges":[]}"#] {
            assert!(matches!(read(text), NoAnswer::Unreadable { .. }), "{text}");
        }
        let long = format!("{}\n", "x".repeat(1000));
        assert!(matches!(read(&long), NoAnswer::Unreadable { begins, .. } if begins.len() == SHOWN));
    }

    #[test]
    fn the_last_line_counts() {
        let line = Line::from(Ok(Resolved::NoServer { said: "s".to_owned() })).text;
        let noisy = format!("WARNING: a shim's words\n{line}\n");
        assert_eq!(read::<Resolved>(noisy.as_bytes()), Ok(Resolved::NoServer { said: "s".to_owned() }));
    }
}
