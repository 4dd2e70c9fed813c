//! Every TCP port of an address, dialled. A reset is as good as an open port: the packet arrived. Silence is called
//! filtered only after slower tries, as many as the losses on the way ask for; what this machine lacks is never counted
//! against the network.

use std::io;

use ackcheck_probe_protocol::{CannotLook, PortState, Ports, Sweep, Swept};
use nix::errno::Errno;
use socket2::Socket;

mod board;
mod dialler;
mod pace;
mod patience;
mod table;

use board::Board;
use dialler::{Dial, Dialler};
use pace::Pace;
use patience::{Patience, Wait};

/// A run of silent ports longer than this is asked again by sample: what loses packets at random leaves no such runs,
/// and one sample that answers has the whole run asked again.
const LONG_RUN: usize = 128;
/// Samples of a long run, its ends among them.
const SAMPLES: usize = 32;
/// How often a sample is asked before it is called filtered.
const TRIES_OF_SAMPLES: u32 = 3;
/// Rounds at the most: each answer inside a silent run has what is left of that run asked again.
const ROUNDS: u32 = 32;

/// Dials every port of a range. At first one connection may take 10 ms to 30 s, until round trips are known, and there are
/// 1 to 8192 at once; later tries wait longer, the last the longest.
///
/// # Errors
/// If this machine lacks what it takes to dial.
pub(crate) fn sweep(question: &Sweep) -> Result<Swept, CannotLook> {
    raise_file_limit();
    let mut board = Board::new(question.ports);
    let mut patience = Patience::new(question.timeout());
    let mut dialler = Dialler::new(question.address, question.concurrency, Pace::of(question))?;
    let first = |port| Dial { port, wait: Wait::Once };
    let mut dials: Vec<Dial> = spread(question.ports).into_iter().map(first).collect();
    for _ in 0..ROUNDS {
        dialler.dial(&dials, &mut patience, &mut board)?;
        dials = to_ask_again(&board);
        if dials.is_empty() {
            break;
        }
    }
    Ok(board.ranges())
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

/// The silent ports to ask again, where they were not asked often enough: all of a short run; of a long one its ends,
/// samples, and all of it where packets get lost, since one that answers may be among them. A sample that answers cuts
/// its run in two, and each part is sampled anew. An ICMP rejection cuts nothing: kernels send few of them a second, so
/// most ports of a rejected range stay silent.
fn to_ask_again(board: &Board) -> Vec<Dial> {
    let tries = patience::tries(board.loss(), board.any_answer());
    let mut dials = Vec::new();
    for run in board.silent_runs() {
        let mut add = |port: u16, enough: u32| {
            let asked = board.tries(port);
            let wait = match enough {
                _ if asked + 1 == enough => Wait::Last,
                _ if asked < enough => Wait::Twice,
                _ if asked < tries.of_all && run.count() > LONG_RUN => Wait::Once,
                _ => return,
            };
            if board.state(port) == PortState::Filtered {
                dials.push(Dial { port, wait });
            }
        };
        let length = run.count();
        if length <= LONG_RUN {
            run.each().for_each(|port| add(port, tries.of_each));
            continue;
        }
        let sample = |port: u16| {
            let at = usize::from(port - run.first());
            // The one at or after each of SAMPLES - 1 equal steps.
            (at * (SAMPLES - 1)).div_ceil(length - 1) * (length - 1) / (SAMPLES - 1) == at
        };
        for port in run.each() {
            let of_ends = if port == run.first() || port == run.last() { tries.of_each } else { 0 };
            let of_samples = if sample(port) { TRIES_OF_SAMPLES } else { 0 };
            add(port, of_ends.max(of_samples));
        }
    }
    // Neighbours apart, as in the first round.
    dials.sort_by_key(|dial| (dial.port % 251, dial.port));
    dials
}

/// What came of starting or ending one connection.
pub(crate) enum Step {
    Known(PortState),
    Pending,
    /// This machine has no more of something: try later, with fewer at once.
    LocalLimit,
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
pub fn raise_file_limit() {
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
