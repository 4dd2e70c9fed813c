//! `ackcheck-probe`: stays in its pod until it is told to go, answers one ask, or is used by hand.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use ackcheck_probe::{ASK, Answer, Ask, HOLD, LONGEST_ASK, answer};
use nix::sys::signal::{SigSet, Signal};

const USAGE: &str = "\
usage: ackcheck-probe hold                        stay until SIGTERM
       ackcheck-probe ask                         answer one JSON object given on standard input
       ackcheck-probe resolve NAME                resolve a name with this pod's resolver
       ackcheck-probe sweep ADDRESS FIRST-LAST    dial TCP ports
       ackcheck-probe http METHOD URL             make one HTTP request, certificate unverified
Each prints one JSON object.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ask = match words.as_slice() {
        [HOLD] => return hold(),
        [ASK] => match read_ask() {
            Ok(ask) => ask,
            Err(why) => return print(&Answer::Broken { why }),
        },
        ["resolve", name] => Ask::Resolve { name: (*name).to_owned() },
        ["sweep", address, range] => match sweep_by_hand(address, range) {
            Ok(ask) => ask,
            Err(why) => return misused(&why),
        },
        ["http", method, url] => Ask::Http {
            method: (*method).to_owned(),
            url: (*url).to_owned(),
            headers: Vec::new(),
            body: String::new(),
            trust_any: true,
            ca_pem: None,
            timeout_ms: 15_000,
        },
        _ => return misused("what to do?"),
    };
    print(&answer(ask))
}

fn misused(why: &str) -> ExitCode {
    eprintln!("ackcheck-probe: {why}\n{USAGE}");
    ExitCode::from(2)
}

fn print(answer: &Answer) -> ExitCode {
    let printed = serde_json::to_string(answer).map_err(std::io::Error::from).and_then(|text| {
        let mut output = std::io::stdout().lock();
        writeln!(output, "{text}").and_then(|()| output.flush())
    });
    // Who asked may have gone.
    if let Err(error) = printed {
        eprintln!("ackcheck-probe: {error}");
        return ExitCode::FAILURE;
    }
    if matches!(answer, Answer::Broken { .. }) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn sweep_by_hand(address: &str, range: &str) -> Result<Ask, String> {
    let address = address.parse().map_err(|_| format!("{address} is no IP address"))?;
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let port = |text: &str| text.parse().map_err(|_| format!("{text} is no port"));
    Ok(Ask::Sweep { address, first: port(first)?, last: port(last)?, timeout_ms: 500, concurrency: 512 })
}

/// Reads one JSON object and no further: standard input may never end.
fn read_ask() -> Result<Ask, String> {
    let input = std::io::stdin().lock().take(LONGEST_ASK);
    let mut objects = serde_json::Deserializer::from_reader(input).into_iter::<Ask>();
    match objects.next() {
        Some(Ok(ask)) => Ok(ask),
        Some(Err(error)) => Err(format!("the ask cannot be read: {error}")),
        None => Err("nothing was asked".to_owned()),
    }
}

/// Stays until SIGTERM or SIGINT. The first process of a container has no default for them, so they are blocked and
/// waited for; it has no children, so there is nothing to reap.
fn hold() -> ExitCode {
    let mut ends = SigSet::empty();
    ends.add(Signal::SIGTERM);
    ends.add(Signal::SIGINT);
    if let Err(error) = ends.thread_block() {
        eprintln!("ackcheck-probe: the signals cannot be blocked: {error}");
        return ExitCode::FAILURE;
    }
    loop {
        match ends.wait() {
            Ok(_) => return ExitCode::SUCCESS,
            // A stop and continue interrupts the wait on some kernels.
            Err(nix::errno::Errno::EINTR) => std::thread::sleep(Duration::from_millis(10)),
            Err(error) => {
                eprintln!("ackcheck-probe: the signals cannot be waited for: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
}
