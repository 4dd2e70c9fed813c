//! The command line of the probe: of `ackcheck-probe` in a pod, and of `ackcheck probe` on any host.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::str::FromStr;
use std::time::Duration;

use nix::sys::signal::{SigSet, Signal};

use crate::{ASK, Answer, Ask, HOLD, LONGEST_ASK, answer};

/// The exit code after an answer, whatever it says.
pub const ANSWERED: u8 = 0;
/// The exit code where the probe could not look; its answer is `broken`.
pub const BROKEN: u8 = 2;
/// The exit code after bad usage.
pub const USAGE: u8 = 3;

const HELP: &str = "\
Looks at the network from where it runs, and prints what it sees as one JSON object; no judgement is made.

Usage: PROGRAM resolve NAME                         a name, with the resolver of this host or pod
       PROGRAM dial ADDRESS|NAME PORT [PORT...]     a few TCP ports, once each, with the time each took
       PROGRAM sweep ADDRESS FIRST-LAST             a range of TCP ports; what is silent is asked again
       PROGRAM http METHOD URL                      one HTTP request, no redirect followed
       PROGRAM oss PUT_URL GET_URL DELETE_URL       an object to OSS and back, by signed URLs
       PROGRAM ask [JSON]                           one question as JSON, an argument or on standard input
       PROGRAM hold                                 stay until SIGTERM: a pod that waits to be asked

Options:
  --timeout-ms N      dial: for a connection [3000]; sweep: for one, at first [500]; http, oss: for a request [15000]
  --concurrency N     sweep: connections at once [512]
  --header 'N: V'     http: a header; repeatable
  --body TEXT         http, oss: what to send [oss: a line of text]
  --ca FILE           http, oss: certificates (PEM) to trust besides the built-in roots
  --trust-any         http, oss: do not verify the certificate
  -h, --help          print this
  -V, --version       print the version

Exit codes:
  0    it was answered, whatever the answer
  2    it could not look: the answer is `broken`, with the reason
  3    bad usage
";

/// What the words of a command line want.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// To stay until it is told to go.
    Hold,
    /// The answer to one ask.
    Answer(Ask),
    /// The answer to the ask that comes on standard input.
    AnswerToInput,
    /// The answer to something that is no ask, for this reason.
    NoAsk(String),
    Help,
    Version,
}

/// The help, for a program of this name.
pub fn help(program: &str) -> String {
    HELP.replace("PROGRAM", program)
}

/// Does what the words want, as a program of this name, and gives its exit code.
pub fn main(program: &str, words: &[String]) -> u8 {
    let wanted = match parse(words) {
        Ok(wanted) => wanted,
        Err(why) => {
            eprintln!("{program}: {why}\n\nFor more, try `{program} --help`.");
            return USAGE;
        }
    };
    match wanted {
        Wanted::Hold => hold(program),
        Wanted::Help => print(program, &help(program), ANSWERED),
        Wanted::Version => print(program, concat!("ackcheck-probe ", env!("CARGO_PKG_VERSION"), "\n"), ANSWERED),
        Wanted::Answer(ask) => tell(program, &answer(ask)),
        Wanted::NoAsk(why) => tell(program, &Answer::Broken { why }),
        Wanted::AnswerToInput => match read_ask() {
            Ok(ask) => tell(program, &answer(ask)),
            Err(why) => tell(program, &Answer::Broken { why }),
        },
    }
}

/// Reads the words of a command line.
///
/// # Errors
/// What is wrong with them.
pub fn parse(words: &[String]) -> Result<Wanted, String> {
    let mut given = Given::of(words)?;
    if given.help {
        return Ok(Wanted::Help);
    }
    if given.version {
        return Ok(Wanted::Version);
    }
    let plain = std::mem::take(&mut given.plain);
    let wanted = match plain.as_slice() {
        [] => return Err("say what to do: resolve, dial, sweep, http, oss, ask or hold".to_owned()),
        ["help"] => Wanted::Help,
        [HOLD] => Wanted::Hold,
        [ASK] => Wanted::AnswerToInput,
        [ASK, json] => match serde_json::from_str(json) {
            Ok(ask) => Wanted::Answer(ask),
            Err(error) => Wanted::NoAsk(unreadable(&error)),
        },
        ["resolve", name] => Wanted::Answer(Ask::Resolve { name: (*name).to_owned() }),
        ["dial", host, ports @ ..] if !ports.is_empty() => {
            let ports = ports.iter().map(|text| port(text)).collect::<Result<_, _>>()?;
            let timeout_ms = given.number("--timeout-ms")?.unwrap_or(3_000);
            Wanted::Answer(Ask::Dial { host: (*host).to_owned(), ports, timeout_ms })
        }
        ["sweep", address, range] => Wanted::Answer(sweep(&mut given, address, range)?),
        ["http", method, url] => Wanted::Answer(http(&mut given, method, url)?),
        ["oss", put, get, delete] => Wanted::Answer(Ask::Oss {
            put: (*put).to_owned(),
            get: (*get).to_owned(),
            delete: (*delete).to_owned(),
            body: given.value("--body").unwrap_or("written by ackcheck-probe\n").to_owned(),
            trust_any: given.trust_any(),
            ca_pem: given.ca()?,
            timeout_ms: given.number("--timeout-ms")?.unwrap_or(15_000),
        }),
        [verb @ ("resolve" | "dial" | "sweep" | "http" | "oss" | ASK | HOLD), ..] => {
            return Err(format!("{verb} takes other words: see its line in the help"));
        }
        [other, ..] => return Err(format!("{other} is none of resolve, dial, sweep, http, oss, ask and hold")),
    };
    match given.options.first() {
        Some((option, _)) => Err(format!("{} takes no further {option}", plain.first().unwrap_or(&""))),
        None => Ok(wanted),
    }
}

fn sweep(given: &mut Given, address: &str, range: &str) -> Result<Ask, String> {
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let (first, last) = (port(first)?, port(last)?);
    let address = address.parse().map_err(|_| format!("{address} is no IP address"))?;
    let timeout_ms = given.number("--timeout-ms")?.unwrap_or(500);
    let concurrency = given.number("--concurrency")?.unwrap_or(512);
    Ok(Ask::Sweep { address, first, last, timeout_ms, concurrency })
}

fn http(given: &mut Given, method: &str, url: &str) -> Result<Ask, String> {
    let mut headers = Vec::new();
    while let Some(header) = given.value("--header") {
        let (name, value) = header.split_once(':').ok_or(format!("--header {header}: write NAME: VALUE"))?;
        headers.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    Ok(Ask::Http {
        method: method.to_owned(),
        url: url.to_owned(),
        headers,
        body: given.value("--body").unwrap_or_default().to_owned(),
        trust_any: given.trust_any(),
        ca_pem: given.ca()?,
        timeout_ms: given.number("--timeout-ms")?.unwrap_or(15_000),
    })
}

fn port(text: &str) -> Result<u16, String> {
    text.parse().ok().filter(|port| *port != 0).ok_or(format!("{text} is no port"))
}

/// The words, sorted.
#[derive(Default)]
struct Given<'a> {
    plain: Vec<&'a str>,
    /// Options with their values, in order; what takes none has an empty one.
    options: Vec<(&'a str, &'a str)>,
    help: bool,
    version: bool,
}

impl<'a> Given<'a> {
    fn of(words: &'a [String]) -> Result<Given<'a>, String> {
        let mut given = Given::default();
        let mut words = words.iter().map(String::as_str);
        while let Some(word) = words.next() {
            let (option, value) = word.split_once('=').map_or((word, None), |(option, value)| (option, Some(value)));
            match option {
                "-h" | "--help" => given.help = true,
                "-V" | "--version" => given.version = true,
                "--trust-any" => given.options.push((option, "")),
                "--timeout-ms" | "--concurrency" | "--header" | "--body" | "--ca" => {
                    let value = value.or_else(|| words.next()).ok_or(format!("{option} needs a value"))?;
                    given.options.push((option, value));
                }
                _ if word.starts_with("--") => return Err(format!("there is no option {option}")),
                _ => given.plain.push(word),
            }
        }
        Ok(given)
    }

    /// Takes the first value of an option.
    fn value(&mut self, option: &str) -> Option<&'a str> {
        let at = self.options.iter().position(|(name, _)| *name == option)?;
        Some(self.options.remove(at).1)
    }

    fn trust_any(&mut self) -> bool {
        self.value("--trust-any").is_some()
    }

    fn number<T: FromStr>(&mut self, option: &str) -> Result<Option<T>, String> {
        let read = |text: &str| text.parse().map_err(|_| format!("{option} {text}: is no such number"));
        self.value(option).map(read).transpose()
    }

    fn ca(&mut self) -> Result<Option<String>, String> {
        let read = |file: &str| {
            let mut pem = String::new();
            let whole = File::open(file).and_then(|file| file.take(LONGEST_ASK).read_to_string(&mut pem));
            whole.map(|_| pem).map_err(|error| format!("--ca {file}: {error}"))
        };
        self.value("--ca").map(read).transpose()
    }
}

fn tell(program: &str, answer: &Answer) -> u8 {
    let code = if matches!(answer, Answer::Broken { .. }) { BROKEN } else { ANSWERED };
    match serde_json::to_string(answer) {
        Ok(text) => print(program, &format!("{text}\n"), code),
        Err(error) => {
            eprintln!("{program}: {error}");
            BROKEN
        }
    }
}

fn print(program: &str, text: &str, code: u8) -> u8 {
    let mut output = std::io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Ok(()) => code,
        // Who asked may have gone.
        Err(error) => {
            eprintln!("{program}: {error}");
            BROKEN
        }
    }
}

fn unreadable(error: &serde_json::Error) -> String {
    format!("the ask cannot be read: {error}")
}

/// Reads one JSON object and no further: standard input may never end.
fn read_ask() -> Result<Ask, String> {
    let input = std::io::stdin().lock().take(LONGEST_ASK);
    let mut objects = serde_json::Deserializer::from_reader(input).into_iter::<Ask>();
    match objects.next() {
        Some(Ok(ask)) => Ok(ask),
        Some(Err(error)) => Err(unreadable(&error)),
        None => Err("nothing was asked".to_owned()),
    }
}

/// Stays until SIGTERM or SIGINT. The first process of a container has no default for them, so they are blocked and
/// waited for; it has no children, so there is nothing to reap.
fn hold(program: &str) -> u8 {
    let mut ends = SigSet::empty();
    ends.add(Signal::SIGTERM);
    ends.add(Signal::SIGINT);
    if let Err(error) = ends.thread_block() {
        eprintln!("{program}: the signals cannot be blocked: {error}");
        return BROKEN;
    }
    loop {
        match ends.wait() {
            Ok(_) => return ANSWERED,
            // A stop and continue interrupts the wait on some kernels.
            Err(nix::errno::Errno::EINTR) => std::thread::sleep(Duration::from_millis(10)),
            Err(error) => {
                eprintln!("{program}: the signals cannot be waited for: {error}");
                return BROKEN;
            }
        }
    }
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
