//! What ackcheck asks of its probe, and what comes back. Each question is a type that names the type of its answer, so
//! that whoever asks, the program in the pod and the lab in its stead cannot disagree about what belongs together.
//!
//! On the wire both are one JSON object: `{"verb":"resolve",…}` and `{"protocol":2,"answer":"addresses",…}`.

mod answers;
mod greeting;
mod line;
mod ports;
mod questions;
mod servers;
mod words;

use std::time::Duration;

pub use answers::{CannotLook, Dialled, DialledPort, Exchange, Exchanges, Failure, Resolved, Swept, SweptPorts};
pub use greeting::{GREETED_WITHIN, Greet, Greeted, GreetedPorts, Greeting, Listen, Listened, MOST_GREETED};
pub use line::{Line, NoAnswer, VERSION, read};
pub use ports::{NotPorts, PortState, Ports};
pub use questions::{AnyQuestion, Dial, Http, Oss, Question, Resolve, Sweep};
pub use servers::{AskServers, AskedName, AskedServer, AskedServers, NameHeard};

/// What is said of a server that answers a TLS handshake in plain text.
pub const NOT_TLS: &str = "it does not speak TLS on this port";

/// Where the probe lies in its image.
pub const PATH: &str = "/ackcheck-probe";
/// The argument that makes the container stay until it is ended.
pub const HOLD: &str = "hold";
/// The argument that makes the probe print one [`Line`]: the answer to the question that follows it as JSON or, where
/// none does, to the one that it reads on its standard input. It reads no further than the end of that object: older
/// Kubernetes versions cannot close an exec's standard input.
pub const ASK: &str = "ask";

/// The longest question the probe reads, in bytes.
pub const LONGEST_QUESTION: usize = 1 << 20;
/// The longest HTTP body an answer carries, in bytes; the rest is left unread.
pub const LONGEST_BODY: usize = 64 << 10;

/// How long a name may take to resolve. One silent name server costs the resolver two tries of 5 s.
pub const RESOLVES_WITHIN: Duration = Duration::from_secs(12);
/// How long one connection may take, unless the question says otherwise.
pub const DIALS_WITHIN: Duration = Duration::from_secs(3);
/// The same for a connection of a sweep, at first: silent ports are dialled again, and waited for longer.
pub const SWEEP_DIALS_WITHIN: Duration = Duration::from_millis(250);
/// Connections of a sweep at once, unless the question says otherwise.
pub const SWEEP_AT_ONCE: u16 = 8_192;
/// The longest line that gives a sweep another rate, in bytes, the line feed included.
pub const LONGEST_RATE: u64 = 16;
/// How long one HTTP request may take to be answered whole, unless the question says otherwise.
pub const REQUEST_WITHIN: Duration = Duration::from_secs(15);

/// How long the connection of a request may take that may take so long as a whole: less, so that it is seen which of the
/// two did not come, the connection or the answer.
pub fn connects_within(request: Duration) -> Duration {
    request.mul_f64(0.75)
}

/// A duration as it goes over the wire. Longer than 580 million years is that long.
pub fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
