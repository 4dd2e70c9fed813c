//! Thousands of connections at once, each begun, waited for and dropped.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsRawFd as _;
use std::time::{Duration, Instant};

use ackcheck_probe_protocol::{CannotLook, PortState};
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use socket2::Socket;

use super::board::Board;
use super::pace::{LOOK_AGAIN, Pace};
use super::patience::{Patience, Wait};
use super::{Step, classify};
use crate::refusal;

/// Connections at once, at the most: with what the kernel keeps of each (a socket, its file, a packet: about 5 KiB) within
/// the memory of the probe's pod.
const MOST_AT_ONCE: u16 = 8_192;
/// Connections at once to begin with; doubled whenever so many were waited for without trouble.
const AT_ONCE_AT_FIRST: usize = 2_048;
/// Connections begun before answers are looked at again: those that arrive meanwhile seem slower than they are.
const BATCH: usize = 128;
/// How often a limit of this machine may stop all progress before the sweep gives up, 20 ms each.
const STALLS: usize = 250;
const STALL: Duration = Duration::from_millis(20);

/// One port to dial, and how long to wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dial {
    pub port: u16,
    pub wait: Wait,
}

struct Flight {
    socket: Socket,
    dial: Dial,
    begun: Instant,
    /// Whether it costs those who track connections a new entry: it is not from the port of an earlier one.
    new: bool,
    /// Which of the flights of its place this is: deadlines of earlier ones mean nothing.
    number: u64,
}

/// What came of beginning some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begun {
    /// Those that there were places for.
    All,
    /// Fewer: the pace allows no more for now.
    Paced,
    /// Fewer: a limit of this machine.
    HeldUp,
}

/// What dials the ports of one address.
pub(super) struct Dialler {
    address: IpAddr,
    pace: Pace,
    poll: Poll,
    flights: Vec<Option<Flight>>,
    free: Vec<usize>,
    deadlines: BinaryHeap<Reverse<(Instant, usize, u64)>>,
    begun: u64,
    /// Flights that cost a new entry.
    new: usize,
    at_once: usize,
    /// What this machine was seen to have room for.
    most: usize,
}

impl Dialler {
    /// For 1 to 8192 connections at once.
    ///
    /// # Errors
    /// If this machine has no more of what it takes to wait for them.
    pub(super) fn new(address: IpAddr, at_once: u16, pace: Pace) -> Result<Dialler, CannotLook> {
        let poll = Poll::new().map_err(|error| CannotLook::because(format!("waiting for sockets: {error}")))?;
        let most = usize::from(at_once.clamp(1, MOST_AT_ONCE));
        Ok(Dialler {
            address,
            pace,
            poll,
            flights: (0..most).map(|_| None).collect(),
            free: (0..most).rev().collect(),
            deadlines: BinaryHeap::new(),
            begun: 0,
            new: 0,
            at_once: most.min(AT_ONCE_AT_FIRST),
            most,
        })
    }

    /// Dials these once and writes down what answered and what did not.
    ///
    /// # Errors
    /// If this machine lacks what it takes to dial.
    pub(super) fn dial(
        &mut self,
        dials: &[Dial],
        patience: &mut Patience,
        board: &mut Board,
    ) -> Result<(), CannotLook> {
        let mut waiting: VecDeque<Dial> = dials.iter().copied().collect();
        let mut events = Events::with_capacity(1_024);
        let mut stalls = 0;
        while !waiting.is_empty() || self.in_flight() > 0 {
            let begun = self.begin_some(&mut waiting, patience, board)?;
            if begun == Begun::HeldUp && self.in_flight() == 0 {
                stalls += 1;
                if stalls > STALLS {
                    let why = format!("{}: this pod has no sockets or local ports left to dial with", self.address);
                    return Err(CannotLook::because(why));
                }
                std::thread::sleep(STALL);
                continue;
            }
            stalls = 0;
            let room = !waiting.is_empty() && self.in_flight() < self.at_once;
            let wait = match begun {
                Begun::All if room => Duration::ZERO,
                Begun::Paced => self.until_next().min(LOOK_AGAIN),
                Begun::All | Begun::HeldUp => self.until_next(),
            };
            match self.poll.poll(&mut events, Some(wait)) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(CannotLook::because(format!("waiting for sockets: {error}"))),
            }
            for event in &events {
                self.land(event.token().0, &mut waiting, patience, board)?;
            }
            self.expire(board);
        }
        Ok(())
    }

    fn in_flight(&self) -> usize {
        self.flights.len() - self.free.len()
    }

    fn until_next(&self) -> Duration {
        let next = self.deadlines.peek().map(|Reverse((until, ..))| *until);
        // A millisecond more: what polls rounds down.
        next.map_or(STALL, |next| next.saturating_duration_since(Instant::now()) + Duration::from_millis(1))
    }

    /// Begins as many as there is room for and the pace allows.
    fn begin_some(
        &mut self,
        waiting: &mut VecDeque<Dial>,
        patience: &Patience,
        board: &mut Board,
    ) -> Result<Begun, CannotLook> {
        let now = Instant::now();
        let places = BATCH.min(self.at_once.saturating_sub(self.in_flight()));
        let allowed = self.pace.may_begin(now)?;
        let mut room = self.pace.table.room(now, self.new)?;
        for _ in 0..places.min(allowed) {
            let Some(dial) = waiting.pop_front() else { break };
            let source = board.source(dial.port);
            if source.is_none() && room == 0 {
                waiting.push_front(dial);
                break;
            }
            room = room.saturating_sub(usize::from(source.is_none()));
            if !self.begin_one(dial, source, patience, board)? {
                waiting.push_front(dial);
                return Ok(Begun::HeldUp);
            }
            self.pace.began();
        }
        let needs_room = waiting.front().is_some_and(|dial| board.source(dial.port).is_none());
        let paced = !waiting.is_empty() && (allowed < places || (needs_room && room == 0));
        if paced && self.in_flight() == 0 {
            self.pace.starves(now, room)?;
        }
        Ok(if paced { Begun::Paced } else { Begun::All })
    }

    /// Begins one; false where a limit of this machine stopped it.
    fn begin_one(
        &mut self,
        dial: Dial,
        source: Option<u16>,
        patience: &Patience,
        board: &mut Board,
    ) -> Result<bool, CannotLook> {
        let begun = Instant::now();
        let (step, new) = match self.begin(dial.port, source)? {
            // The port may be somebody else's by now.
            (Step::LocalLimit, _) if source.is_some() => (self.begin(dial.port, None)?, true),
            other => (other, source.is_none()),
        };
        match step {
            (Step::Known(PortState::Filtered), _) => {
                self.pace.table.stayed_silent(begun, new);
                board.stayed_silent(dial.port, None);
            }
            (Step::Known(state), _) => {
                self.pace.table.answered(begun, state);
                board.answered(dial.port, state);
            }
            (Step::Pending, Some(socket)) => {
                let until = begun + patience.wait(dial.wait);
                return Ok(self.take_off(Flight { socket, dial, begun, new, number: self.begun }, until));
            }
            (Step::LocalLimit | Step::Pending, _) => {
                self.fewer();
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Fewer at once, from what is in flight now; what this machine does not have is not asked of it over and over.
    fn fewer(&mut self) {
        self.most = (self.in_flight() * 3 / 4).max(1);
        self.at_once = self.most;
    }

    /// Begins one connection, from the same port as before if it can be had.
    fn begin(&self, port: u16, source: Option<u16>) -> Result<(Step, Option<Socket>), CannotLook> {
        let target = SocketAddr::new(self.address, port);
        let opened = refusal::socket(target).and_then(|socket| socket.set_nonblocking(true).map(|()| socket));
        let socket = match opened {
            Ok(socket) => socket,
            Err(error) => return Ok((classify(&error, port)?, None)),
        };
        if let Some(source) = source {
            // If somebody has it by now, any other will do.
            let _ = socket.bind(&SocketAddr::new(any(self.address), source).into());
        }
        match socket.connect(&target.into()) {
            Ok(()) => Ok((landed(&socket, port)?, None)),
            Err(error) => match refusal::failed(&socket, &error, port)? {
                Step::Pending => Ok((Step::Pending, Some(socket))),
                other => Ok((other, None)),
            },
        }
    }

    /// Has a connection waited for; false where the machine cannot wait for one more.
    fn take_off(&mut self, flight: Flight, until: Instant) -> bool {
        let Some(place) = self.free.pop() else { return false };
        let descriptor = flight.socket.as_raw_fd();
        if self.poll.registry().register(&mut SourceFd(&descriptor), Token(place), Interest::WRITABLE).is_err() {
            self.free.push(place);
            self.fewer();
            return false;
        }
        self.deadlines.push(Reverse((until, place, flight.number)));
        self.begun += 1;
        self.new += usize::from(flight.new);
        self.flights[place] = Some(flight);
        true
    }

    /// One that ended.
    fn land(
        &mut self,
        place: usize,
        waiting: &mut VecDeque<Dial>,
        patience: &mut Patience,
        board: &mut Board,
    ) -> Result<(), CannotLook> {
        let Some(Flight { socket, dial, begun, new, .. }) = self.flights.get_mut(place).and_then(Option::take) else {
            return Ok(());
        };
        self.free.push(place);
        self.new -= usize::from(new);
        match landed(&socket, dial.port)? {
            Step::Known(PortState::Filtered) => {
                self.pace.table.stayed_silent(begun, new);
                board.stayed_silent(dial.port, source_of(&socket));
            }
            Step::Known(state) => {
                self.pace.table.answered(Instant::now(), state);
                if state != PortState::Unreachable {
                    patience.saw(begun.elapsed());
                }
                board.answered(dial.port, state);
            }
            Step::Pending | Step::LocalLimit => {
                waiting.push_back(dial);
                self.fewer();
            }
        }
        Ok(())
    }

    /// Gives up those whose time is over.
    fn expire(&mut self, board: &mut Board) {
        let now = Instant::now();
        let mut over = 0;
        while let Some(Reverse((until, place, number))) = self.deadlines.peek().copied() {
            let theirs = self.flights[place].as_ref().is_some_and(|flight| flight.number == number);
            if theirs && until > now {
                break;
            }
            self.deadlines.pop();
            if theirs && let Some(flight) = self.flights[place].take() {
                self.free.push(place);
                self.new -= usize::from(flight.new);
                self.pace.table.stayed_silent(now, flight.new);
                board.stayed_silent(flight.dial.port, source_of(&flight.socket));
                over += 1;
            }
        }
        // So many at once were no trouble.
        if over > 0 && self.in_flight() + over >= self.at_once {
            self.at_once = (self.at_once * 2).min(self.most);
        }
    }
}

/// What became of a connection. One that came about is ended by a reset, so that neither side keeps anything of it.
fn landed(socket: &Socket, port: u16) -> Result<Step, CannotLook> {
    let ended = refusal::ended(socket, port)?;
    let _ = socket.set_linger(Some(Duration::ZERO));
    Ok(ended)
}

fn source_of(socket: &Socket) -> Option<u16> {
    socket.local_addr().ok().and_then(|address| address.as_socket()).map(|address| address.port())
}

fn any(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    }
}
