//! Every TCP port of an address, dialled. A reset is as good as an open port: the packet arrived. Silence is called
//! filtered only after two slower tries, and what this machine lacks is never counted against the network.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use ackcheck_probe_protocol::{CannotLook, PortState, Ports, Sweep, Swept, SweptPorts};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{Domain, Protocol, Socket, Type};

/// A run of silent ports longer than this is asked again by sample: what loses packets at random leaves no such runs,
/// and one sample that answers has the whole run asked again.
const LONG_RUN: usize = 128;
/// Samples of a long run, its ends among them.
const SAMPLES: usize = 32;
/// How often a silent port is asked before it is called filtered, each time waiting longer.
const TRIES: u32 = 3;
/// The same for a port of a short run: what loses packets at random leaves those, and they are few.
const TRIES_OF_SHORT_RUNS: u32 = 6;
/// Rounds at the most: each answer inside a silent run has what is left of that run asked again.
const ROUNDS: u32 = 8;
/// How often a local limit may stop all progress before the sweep gives up, 20 ms each.
const STALLS: usize = 250;

/// Dials every port of a range. At first one connection may take 10 ms to 30 s, and there are 1 to 4096 at once; later
/// tries wait two and three times as long at a quarter of the speed.
///
/// # Errors
/// If this machine lacks what it takes to dial.
pub(crate) fn sweep(question: &Sweep) -> Result<Swept, CannotLook> {
    let asked = question.ports;
    let timeout = question.timeout().clamp(Duration::from_millis(10), Duration::from_secs(30));
    let at_once = usize::from(question.concurrency).clamp(1, 4096);
    raise_file_limit();
    let mut states: HashMap<u16, PortState> = HashMap::new();
    let mut tries: HashMap<u16, u32> = HashMap::new();
    let mut ports: Vec<u16> = spread(asked);
    for round in 1..=ROUNDS {
        let slower = round.min(TRIES);
        let at_once = if round == 1 { at_once } else { at_once.div_ceil(4) };
        let silent = dial(question.address, &ports, timeout * slower, at_once, &mut states)?;
        for port in silent {
            *tries.entry(port).or_default() += 1;
        }
        ports = to_ask_again(&states, &tries, asked);
        if ports.is_empty() {
            break;
        }
    }
    Ok(ranges(&states, asked))
}

/// The ports in an order that spreads neighbours over the whole sweep, so that a moment's trouble on the way leaves
/// scattered ports silent and not a run that looks like a rule.
fn spread(ports: Ports) -> Vec<u16> {
    const STEP: u16 = 251;
    (0..STEP)
        .filter_map(|at| ports.first().checked_add(at))
        .flat_map(|first| (first..=ports.last()).step_by(usize::from(STEP)))
        .collect()
}

/// The silent ports to ask again, where they were not asked often enough: all of a short run, samples of a long one. A
/// sample that answers cuts its run in two, and each part is sampled anew. An ICMP rejection cuts nothing: kernels send
/// few of them a second, so most ports of a rejected range stay silent.
fn to_ask_again(states: &HashMap<u16, PortState>, tries: &HashMap<u16, u32>, asked: Ports) -> Vec<u16> {
    let lost = |state: PortState| matches!(state, PortState::Filtered | PortState::Unreachable);
    let joined: HashMap<u16, PortState> =
        states.iter().map(|(port, state)| (*port, if lost(*state) { PortState::Filtered } else { *state })).collect();
    let mut ports = Vec::new();
    for range in ranges(&joined, asked).ranges.into_iter().filter(|range| range.state == PortState::Filtered) {
        let length = range.ports.count();
        let long = length > LONG_RUN;
        let chosen: Vec<u16> = if long {
            (0..SAMPLES).filter_map(|at| range.ports.each().nth(at * (length - 1) / (SAMPLES - 1))).collect()
        } else {
            range.ports.each().collect()
        };
        let enough = if long { TRIES } else { TRIES_OF_SHORT_RUNS };
        let again = |port: &u16| {
            states.get(port) != Some(&PortState::Unreachable) && tries.get(port).copied().unwrap_or(0) < enough
        };
        ports.extend(chosen.into_iter().filter(again));
    }
    ports
}

/// The states as ranges in order; a port without one is silent.
fn ranges(states: &HashMap<u16, PortState>, asked: Ports) -> Swept {
    let state = |port| states.get(&port).copied().unwrap_or(PortState::Filtered);
    let each = asked.each().filter_map(|port| Some(SweptPorts { ports: Ports::one(port)?, state: state(port) }));
    Swept::of(each)
}

struct Flight {
    socket: Socket,
    port: u16,
    until: Instant,
}

/// What came of starting or ending one connection.
pub(crate) enum Step {
    Known(PortState),
    Pending,
    /// This machine has no more of something: try later, with fewer at once.
    LocalLimit,
}

/// Dials these ports once and writes what answered; gives those that stayed silent.
fn dial(
    address: IpAddr,
    ports: &[u16],
    timeout: Duration,
    concurrency: usize,
    states: &mut HashMap<u16, PortState>,
) -> Result<Vec<u16>, CannotLook> {
    let mut waiting: VecDeque<u16> = ports.iter().copied().collect();
    let mut flights: Vec<Flight> = Vec::with_capacity(concurrency);
    let mut silent = Vec::new();
    let mut at_once = concurrency;
    let mut stalls = 0;
    while !waiting.is_empty() || !flights.is_empty() {
        let mut held_up = false;
        while flights.len() < at_once {
            let Some(port) = waiting.pop_front() else { break };
            let target = SocketAddr::new(address, port);
            let (step, socket) = start(target)?;
            match (step, socket) {
                (Step::Known(state), _) => {
                    states.insert(port, state);
                    stalls = 0;
                }
                (Step::Pending, Some(socket)) => {
                    flights.push(Flight { socket, port, until: Instant::now() + timeout });
                }
                (Step::LocalLimit | Step::Pending, _) => {
                    waiting.push_back(port);
                    at_once = (flights.len() * 3 / 4).max(1);
                    held_up = true;
                    break;
                }
            }
        }
        if flights.is_empty() {
            if held_up {
                stalls += 1;
                if stalls > STALLS {
                    let why = format!("{address}: this pod has no sockets or local ports left to dial with");
                    return Err(CannotLook::because(why));
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            continue;
        }
        land(&mut flights, &mut waiting, &mut silent, states, &mut at_once)?;
        stalls = 0;
    }
    for port in &silent {
        states.insert(*port, PortState::Filtered);
    }
    Ok(silent)
}

/// Waits for the flights and takes out those that ended.
fn land(
    flights: &mut Vec<Flight>,
    waiting: &mut VecDeque<u16>,
    silent: &mut Vec<u16>,
    states: &mut HashMap<u16, PortState>,
    at_once: &mut usize,
) -> Result<(), CannotLook> {
    let now = Instant::now();
    let next = flights.iter().map(|flight| flight.until).min().unwrap_or(now);
    let wait = next.saturating_duration_since(now).as_millis() + 1;
    let ready: Vec<bool> = {
        let mut fds: Vec<PollFd<'_>> =
            flights.iter().map(|flight| PollFd::new(flight.socket.as_fd(), PollFlags::POLLOUT)).collect();
        match poll(&mut fds, PollTimeout::try_from(wait).unwrap_or(PollTimeout::MAX)) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(CannotLook::because(format!("poll: {errno}"))),
        }
        fds.iter().map(|fd| fd.revents().is_some_and(|events| !events.is_empty())).collect()
    };
    let now = Instant::now();
    let mut still = Vec::with_capacity(flights.len());
    for (flight, ready) in flights.drain(..).zip(ready) {
        if !ready {
            if flight.until <= now {
                silent.push(flight.port);
            } else {
                still.push(flight);
            }
            continue;
        }
        let ended = match flight.socket.take_error() {
            Ok(None) => Step::Known(open_state(&flight.socket)),
            Ok(Some(error)) | Err(error) => classify(&error, flight.port)?,
        };
        match ended {
            Step::Known(PortState::Filtered) => silent.push(flight.port),
            Step::Known(state) => {
                states.insert(flight.port, state);
            }
            Step::Pending | Step::LocalLimit => {
                waiting.push_back(flight.port);
                *at_once = (*at_once * 3 / 4).max(1);
            }
        }
    }
    *flights = still;
    Ok(())
}

/// Starts one connection.
fn start(target: SocketAddr) -> Result<(Step, Option<Socket>), CannotLook> {
    let opened = Socket::new(Domain::for_address(target), Type::STREAM, Some(Protocol::TCP))
        .and_then(|socket| socket.set_nonblocking(true).map(|()| socket));
    let socket = match opened {
        Ok(socket) => socket,
        Err(error) => return Ok((classify(&error, target.port())?, None)),
    };
    match socket.connect(&target.into()) {
        Ok(()) => Ok((Step::Known(open_state(&socket)), None)),
        Err(error) => match classify(&error, target.port())? {
            Step::Pending => Ok((Step::Pending, Some(socket))),
            other => Ok((other, None)),
        },
    }
}

/// Open, unless the socket met itself: on a loopback address a dial from the very port it dials succeeds though
/// nobody listens.
pub(crate) fn open_state(socket: &Socket) -> PortState {
    let own = socket.local_addr().ok().and_then(|address| address.as_socket());
    let peer = socket.peer_addr().ok().and_then(|address| address.as_socket());
    if own.is_some() && own == peer { PortState::Closed } else { PortState::Open }
}

/// What an error of a socket says, by the number Linux and macOS share a name for.
pub(crate) fn classify(error: &io::Error, port: u16) -> Result<Step, CannotLook> {
    let Some(number) = error.raw_os_error() else { return Err(CannotLook::because(format!("port {port}: {error}"))) };
    Ok(match Errno::from_raw(number) {
        Errno::EINPROGRESS | Errno::EALREADY | Errno::EINTR => Step::Pending,
        Errno::ECONNREFUSED | Errno::ECONNRESET | Errno::EPIPE => Step::Known(PortState::Closed),
        Errno::ETIMEDOUT => Step::Known(PortState::Filtered),
        Errno::EHOSTUNREACH | Errno::ENETUNREACH | Errno::EHOSTDOWN | Errno::ENETDOWN => {
            Step::Known(PortState::Unreachable)
        }
        Errno::EACCES | Errno::EPERM | Errno::ENOPROTOOPT | Errno::EPROTO => Step::Known(PortState::Unreachable),
        Errno::EMFILE | Errno::ENFILE | Errno::ENOBUFS | Errno::ENOMEM => Step::LocalLimit,
        Errno::EADDRNOTAVAIL | Errno::EADDRINUSE | Errno::EAGAIN => Step::LocalLimit,
        _ => return Err(CannotLook::because(format!("port {port}: {error}"))),
    })
}

/// Lets this process open as many files as it may; if it may not, the sweep goes slower.
fn raise_file_limit() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
    {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard.min(65_536).max(soft), hard);
    }
}

#[cfg(test)]
#[path = "sweep_tests.rs"]
mod tests;
