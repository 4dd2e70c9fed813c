//! The command line of the probe: of `ackcheck-probe` in a pod, and of `ackcheck probe` on any host.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::time::Duration;

use ackcheck_probe_protocol::{
    ASK, AnyQuestion, CannotLook, DIALS_WITHIN, Dial, HOLD, Http, LONGEST_QUESTION, Line, Oss, REQUEST_WITHIN, Resolve,
    Resolved, SWEEP_AT_ONCE, SWEEP_DIALS_WITHIN, Sweep, milliseconds,
};
use nix::sys::signal::{SigSet, Signal};

use crate::answer;

/// The longest file of certificates that is read, in bytes.
const LONGEST_CA: u64 = 1 << 20;

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
  --timeout-ms N      dial: for a connection [DIAL_MS]; sweep: for one, at first [SWEEP_MS]; http, oss: for a request
                      [REQUEST_MS]
  --concurrency N     sweep: connections at once [AT_ONCE]
  --rate N            sweep: connections begun in a second [as fast as can be]
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
    /// To stay until it is asked to leave.
    Hold,
    /// The answer to one question.
    Answer(AnyQuestion),
    /// The answer to the question that comes on standard input.
    AnswerToInput,
    /// The answer to JSON that is not a question, for this reason.
    NotAQuestion(String),
    Help,
    Version,
}

/// The help, for a program of this name.
pub fn help(program: &str) -> String {
    HELP.replace("PROGRAM", program)
        .replace("DIAL_MS", &milliseconds(DIALS_WITHIN).to_string())
        .replace("SWEEP_MS", &milliseconds(SWEEP_DIALS_WITHIN).to_string())
        .replace("REQUEST_MS", &milliseconds(REQUEST_WITHIN).to_string())
        .replace("AT_ONCE", &SWEEP_AT_ONCE.to_string())
}

/// Does what the words want, as a program of this name, and gives its exit code.
pub fn main(program: &str, words: &[String]) -> u8 {
    let wanted = match parse(words) {
        Ok(wanted) => wanted,
        Err(why) => {
            eprintln!("{program}: {why}; see `{program} --help`");
            return USAGE;
        }
    };
    match wanted {
        Wanted::Hold => hold(program),
        Wanted::Help => print(program, &help(program), ANSWERED),
        Wanted::Version => print(program, concat!("ackcheck-probe ", env!("CARGO_PKG_VERSION"), "\n"), ANSWERED),
        Wanted::Answer(question) => tell(program, &answer(&question)),
        Wanted::NotAQuestion(why) => tell(program, &cannot_look(why)),
        Wanted::AnswerToInput => match read_question() {
            Ok(question) => tell(program, &answer(&question)),
            Err(why) => tell(program, &cannot_look(why)),
        },
    }
}

/// The line that says why nothing was looked at, whatever the question.
pub fn cannot_look(why: String) -> Line {
    Err::<Resolved, _>(CannotLook { why }).into()
}

/// The exit code after a line.
pub fn code(line: &Line) -> u8 {
    if line.looked { ANSWERED } else { BROKEN }
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
        [] => return Err(format!("no command; expected one of {COMMANDS}")),
        ["help"] => Wanted::Help,
        [HOLD] => Wanted::Hold,
        [ASK] => Wanted::AnswerToInput,
        [ASK, json] => match serde_json::from_str(json) {
            Ok(question) => Wanted::Answer(question),
            Err(error) => Wanted::NotAQuestion(unreadable(&error)),
        },
        [HOLD | ASK, ..] => return Err(format!("wrong arguments for {}", plain[0])),
        [verb, arguments @ ..] => Wanted::Answer(question(verb, arguments, &mut given)?),
    };
    given.none_left(plain.first().unwrap_or(&""))?;
    Ok(wanted)
}

const COMMANDS: &str = "resolve, dial, sweep, http, oss, ask, hold";

/// The question that a verb and its arguments put.
fn question(verb: &str, arguments: &[&str], given: &mut Given<'_>) -> Result<AnyQuestion, String> {
    Ok(match (verb, arguments) {
        ("resolve", [name]) => Resolve { name: (*name).to_owned() }.into(),
        ("dial", [host, ports @ ..]) if !ports.is_empty() => {
            let mut dial = Dial::new(*host, ports.iter().map(|text| port(text)).collect::<Result<_, _>>()?);
            given.number("--timeout-ms", &mut dial.timeout_ms)?;
            dial.into()
        }
        ("sweep", [address, ports]) => {
            let address = address.parse().map_err(|_| format!("{address} is not an IP address"))?;
            let ports = ports.parse().map_err(|error| format!("{error}"))?;
            let mut sweep = Sweep::new(address, ports);
            given.number("--timeout-ms", &mut sweep.timeout_ms)?;
            given.number("--concurrency", &mut sweep.concurrency)?;
            let mut rate = 0;
            given.number("--rate", &mut rate)?;
            sweep.rate = (rate > 0).then_some(rate);
            sweep.into()
        }
        ("http", [method, url]) => {
            let mut http = Http::new(*method, *url);
            while let Some(header) = given.value("--header") {
                let header = header.split_once(':').ok_or(format!("--header {header}: expected NAME: VALUE"))?;
                http.headers.push((header.0.trim().to_owned(), header.1.trim().to_owned()));
            }
            given.value("--body").unwrap_or_default().clone_into(&mut http.body);
            http.trust_any = given.value("--trust-any").is_some();
            http.ca_pem = given.ca()?;
            given.number("--timeout-ms", &mut http.timeout_ms)?;
            http.into()
        }
        ("oss", [put, get, delete]) => {
            let body = given.value("--body").unwrap_or("written by ackcheck-probe\n").to_owned();
            let mut oss = Oss::new(*put, *get, *delete, body);
            oss.trust_any = given.value("--trust-any").is_some();
            oss.ca_pem = given.ca()?;
            given.number("--timeout-ms", &mut oss.timeout_ms)?;
            oss.into()
        }
        ("resolve" | "dial" | "sweep" | "http" | "oss", _) => return Err(format!("wrong arguments for {verb}")),
        _ => return Err(format!("{verb} is not a command; expected one of {COMMANDS}")),
    })
}

fn port(text: &str) -> Result<u16, String> {
    text.parse().ok().filter(|port| *port != 0).ok_or(format!("{text} is not a port"))
}

/// The words, sorted.
#[derive(Default)]
struct Given<'a> {
    plain: Vec<&'a str>,
    /// Options with their values, in order; what takes none has an empty one.
    options: Vec<(&'a str, &'a str)>,
    /// Options whose value was taken: another of the same name is one too many.
    taken: Vec<&'a str>,
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
                "--timeout-ms" | "--concurrency" | "--rate" | "--header" | "--body" | "--ca" => {
                    let value = value.or_else(|| words.next()).ok_or(format!("{option} needs a value"))?;
                    given.options.push((option, value));
                }
                _ if word.starts_with("--") => return Err(format!("unknown option {option}")),
                _ => given.plain.push(word),
            }
        }
        Ok(given)
    }

    /// Takes the first value of an option.
    fn value(&mut self, option: &str) -> Option<&'a str> {
        let at = self.options.iter().position(|(name, _)| *name == option)?;
        let (name, value) = self.options.remove(at);
        self.taken.push(name);
        Some(value)
    }

    /// Takes a number, where one is given, in place of the usual one.
    fn number<T: TryFrom<u64>>(&mut self, option: &str, usual: &mut T) -> Result<(), String> {
        let Some(text) = self.value(option) else { return Ok(()) };
        let number: u64 = text.parse().map_err(|_| format!("{option} {text}: not a number"))?;
        *usual = T::try_from(number).map_err(|_| format!("{option} {text}: too large"))?;
        Ok(())
    }

    /// Reads the file of certificates.
    fn ca(&mut self) -> Result<Option<String>, String> {
        let read = |file: &str| read_ca(file).map_err(|why| format!("--ca {file}: {why}"));
        self.value("--ca").map(read).transpose()
    }

    /// Every option was one of the command's.
    fn none_left(&self, command: &str) -> Result<(), String> {
        match self.options.first() {
            None => Ok(()),
            Some((option, _)) if self.taken.contains(option) => Err(format!("{option} is given twice")),
            Some((option, _)) => Err(format!("{option} is not an option of {command}")),
        }
    }
}

/// Reads a file of at most [`LONGEST_CA`] bytes.
fn read_ca(file: &str) -> Result<String, String> {
    // Asked of the path, before it is opened: opening a pipe would wait for whoever writes it.
    let metadata = std::fs::metadata(file).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("not a file".to_owned());
    }
    let mut pem = String::new();
    let read = File::open(file).and_then(|file| file.take(LONGEST_CA + 1).read_to_string(&mut pem));
    match read.map_err(|error| error.to_string())? as u64 > LONGEST_CA {
        true => Err(format!("larger than {LONGEST_CA} bytes; give only the certificates that are needed")),
        false => Ok(pem),
    }
}

fn tell(program: &str, line: &Line) -> u8 {
    print(program, &line.text, code(line))
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
    format!("the question cannot be read: {error}")
}

/// Reads one JSON object and no further: standard input may never end.
fn read_question() -> Result<AnyQuestion, String> {
    let mut input = std::io::stdin().lock().take(LONGEST_QUESTION as u64);
    let question = serde_json::Deserializer::from_reader(&mut input).into_iter().next();
    match question {
        Some(Ok(question)) => Ok(question),
        Some(Err(error)) if error.is_eof() && input.limit() == 0 => {
            Err(format!("the question is longer than {LONGEST_QUESTION} bytes"))
        }
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
