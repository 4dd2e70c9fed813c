//! Ports where ackcheck itself listens, each called once for its token.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{ErrorKind, Read as _};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsRawFd as _;
use std::time::{Duration, Instant};

use ackcheck_probe_protocol::{CannotLook, Greet, Greeted, Greeting, MOST_GREETED, PortState};
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use nix::errno::Errno;
use socket2::Socket;

use crate::refusal;
use crate::sweep::{Step, classify, raise_file_limit};

/// Connections begun before answers are looked at again.
const BATCH: usize = 64;
/// How often a limit of this machine may stop all progress before it gives up, 20 ms each.
const STALLS: usize = 250;
const STALL: Duration = Duration::from_millis(20);
/// The longest token that is waited for, in bytes.
const LONGEST_TOKEN: usize = 256;

/// One connection.
struct Call {
    socket: Socket,
    port: u16,
    until: Instant,
    accepted: bool,
    heard: Vec<u8>,
}

/// What calls the ports of one question.
struct Caller<'a> {
    question: &'a Greet,
    timeout: Duration,
    poll: Poll,
    calls: BTreeMap<usize, Call>,
    /// Calls in the order in which their time is over; all have the same time.
    order: VecDeque<(usize, Instant)>,
    next: usize,
    at_once: usize,
    greetings: BTreeMap<u16, Greeting>,
    own: BTreeSet<IpAddr>,
}

/// Calls each port once. A connection may take 10 ms to 30 s.
///
/// # Errors
/// If there are too many ports, or this machine lacks what it takes to call them.
pub fn greet(question: &Greet) -> Result<Greeted, CannotLook> {
    let count = question.ports.iter().map(|ports| ports.count()).sum::<usize>();
    if count > MOST_GREETED || question.token.is_empty() || question.token.len() > LONGEST_TOKEN {
        return Err(CannotLook::because(format!("{count} ports, and a token of {} bytes", question.token.len())));
    }
    raise_file_limit();
    let poll = Poll::new().map_err(|error| CannotLook::because(format!("waiting for sockets: {error}")))?;
    let mut caller = Caller {
        question,
        timeout: question.timeout().clamp(Duration::from_millis(10), Duration::from_secs(30)),
        poll,
        calls: BTreeMap::new(),
        order: VecDeque::new(),
        next: 0,
        at_once: MOST_GREETED,
        greetings: BTreeMap::new(),
        own: BTreeSet::new(),
    };
    caller.all()?;
    Ok(Greeted::of(caller.greetings, caller.own.into_iter().collect()))
}

impl Caller<'_> {
    fn all(&mut self) -> Result<(), CannotLook> {
        let mut waiting: VecDeque<u16> = self.question.ports.iter().flat_map(|ports| ports.each()).collect();
        let mut events = Events::with_capacity(1_024);
        let mut stalls = 0;
        while !waiting.is_empty() || !self.calls.is_empty() {
            let held_up = self.begin_some(&mut waiting)?;
            if held_up && self.calls.is_empty() {
                stalls += 1;
                if stalls > STALLS {
                    return Err(CannotLook::because("this machine has no sockets or local ports left to call with"));
                }
                std::thread::sleep(STALL);
                continue;
            }
            stalls = 0;
            let more = !held_up && !waiting.is_empty() && self.calls.len() < self.at_once;
            let first = self.order.front().map_or(STALL, |(_, until)| until.saturating_duration_since(Instant::now()));
            let wait = if more { Duration::ZERO } else { first.min(STALL) + Duration::from_millis(1) };
            match self.poll.poll(&mut events, Some(wait)) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(CannotLook::because(format!("waiting for sockets: {error}"))),
            }
            for event in &events {
                self.hear(event.token().0, &mut waiting)?;
            }
            self.expire(&mut waiting)?;
        }
        Ok(())
    }

    /// Begins as many as there is room for; true where a limit of this machine stopped it.
    fn begin_some(&mut self, waiting: &mut VecDeque<u16>) -> Result<bool, CannotLook> {
        for _ in 0..BATCH.min(self.at_once.saturating_sub(self.calls.len())) {
            let Some(port) = waiting.pop_front() else { break };
            match self.begin(port)? {
                Step::Known(state) => self.ended(port, greeting_of(state)),
                Step::Pending => {}
                Step::LocalLimit => {
                    waiting.push_front(port);
                    self.at_once = (self.calls.len() * 3 / 4).max(1);
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn begin(&mut self, port: u16) -> Result<Step, CannotLook> {
        let target = SocketAddr::new(self.question.address, port);
        let opened = refusal::socket(target).and_then(|socket| socket.set_nonblocking(true).map(|()| socket));
        let socket = match opened {
            Ok(socket) => socket,
            Err(error) => return classify(&error, port),
        };
        if let Err(error) = socket.connect(&target.into()) {
            match refusal::failed(&socket, &error, port)? {
                Step::Pending => {}
                other => return Ok(other),
            }
        }
        let descriptor = socket.as_raw_fd();
        let interest = Interest::READABLE | Interest::WRITABLE;
        if self.poll.registry().register(&mut SourceFd(&descriptor), Token(self.next), interest).is_err() {
            return Ok(Step::LocalLimit);
        }
        let until = Instant::now() + self.timeout;
        self.order.push_back((self.next, until));
        self.calls.insert(self.next, Call { socket, port, until, accepted: false, heard: Vec::new() });
        self.next += 1;
        Ok(Step::Pending)
    }

    fn ended(&mut self, port: u16, greeting: Greeting) {
        self.greetings.insert(port, greeting);
    }

    /// Something happened to a call.
    fn hear(&mut self, place: usize, waiting: &mut VecDeque<u16>) -> Result<(), CannotLook> {
        let Some(mut call) = self.calls.remove(&place) else { return Ok(()) };
        match call.look(self.question.token.as_bytes())? {
            Look::Not => {
                self.calls.insert(place, call);
            }
            Look::Again => waiting.push_back(call.port),
            Look::Over(greeting) => self.end(&call, greeting),
        }
        Ok(())
    }

    /// Ends the calls whose time is over. What arrived in time counts, however late it is looked at.
    fn expire(&mut self, waiting: &mut VecDeque<u16>) -> Result<(), CannotLook> {
        let now = Instant::now();
        while self.order.front().is_some_and(|(_, until)| *until <= now) {
            let Some((place, _)) = self.order.pop_front() else { break };
            self.hear(place, waiting)?;
            if let Some(call) = self.calls.remove(&place) {
                debug_assert!(call.until <= now, "calls are ordered by their time");
                let greeting = if call.accepted { Greeting::Nothing } else { Greeting::Silent };
                self.end(&call, greeting);
            }
        }
        Ok(())
    }

    fn end(&mut self, call: &Call, greeting: Greeting) {
        if call.accepted
            && let Some(own) = call.own()
        {
            self.own.insert(own);
        }
        let _ = call.socket.set_linger(Some(Duration::ZERO));
        self.ended(call.port, greeting);
    }
}

/// What a look at a call says.
enum Look {
    Not,
    /// A limit of this machine ended it.
    Again,
    Over(Greeting),
}

impl Call {
    fn own(&self) -> Option<IpAddr> {
        self.socket.local_addr().ok()?.as_socket().map(|own| own.ip().to_canonical())
    }

    /// Reads first: a reset that follows the token comes at the same time, and what lies in the queue is still there.
    fn look(&mut self, token: &[u8]) -> Result<Look, CannotLook> {
        let mut buffer = [0; LONGEST_TOKEN];
        loop {
            match (&self.socket).read(&mut buffer) {
                Ok(0) => return Ok(Look::Over(self.closed())),
                Ok(read) => {
                    self.accepted = true;
                    self.heard.extend_from_slice(&buffer[..read]);
                    if !token.starts_with(&self.heard) {
                        return Ok(Look::Over(Greeting::Other));
                    }
                    if self.heard.len() == token.len() {
                        return Ok(Look::Over(Greeting::Token));
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.accepted |= self.socket.peer_addr().is_ok();
                    return Ok(if self.met_itself() { Look::Over(Greeting::Refused) } else { Look::Not });
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return self.failed(&error),
            }
        }
    }

    fn closed(&mut self) -> Greeting {
        self.accepted = true;
        Greeting::Closed
    }

    fn failed(&mut self, error: &std::io::Error) -> Result<Look, CannotLook> {
        // A reset of what was accepted is another than that of a first packet, which is ECONNREFUSED.
        if matches!(error.raw_os_error().map(Errno::from_raw), Some(Errno::ECONNRESET | Errno::EPIPE)) {
            return Ok(Look::Over(self.closed()));
        }
        Ok(match refusal::failed(&self.socket, error, self.port)? {
            Step::Known(_) if self.accepted => Look::Over(Greeting::Nothing),
            Step::Known(state) => Look::Over(greeting_of(state)),
            Step::Pending => Look::Not,
            Step::LocalLimit => Look::Again,
        })
    }

    /// On a loopback address a call from the very port it calls succeeds though nobody listens.
    fn met_itself(&self) -> bool {
        let own = self.socket.local_addr().ok().and_then(|own| own.as_socket());
        own.is_some() && own == self.socket.peer_addr().ok().and_then(|peer| peer.as_socket())
    }
}

fn greeting_of(state: PortState) -> Greeting {
    match state {
        PortState::Open => Greeting::Nothing,
        PortState::Closed => Greeting::Refused,
        PortState::Filtered => Greeting::Silent,
        PortState::Unreachable => Greeting::Unreachable,
    }
}

#[cfg(test)]
#[path = "greet_tests.rs"]
mod tests;
