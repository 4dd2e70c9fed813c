//! Ports that listen for a short while, hand each caller a token and close by a reset, so that neither side keeps anything
//! of it. Used on the DSS host, and in pods.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::os::fd::AsRawFd as _;
use std::time::{Duration, Instant};

use ackcheck_probe_protocol::{CannotLook, Listen, Listened};
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use nix::errno::Errno;
use socket2::{Domain, Protocol, Socket, Type};

/// Callers that wait on one port. Each is greeted at once.
const BACKLOG: i32 = 128;
/// Connections of one port accepted in a row, before others have their turn.
const IN_A_ROW: usize = 64;
/// How often it is asked whether it is over.
const TICK: Duration = Duration::from_millis(20);
/// Files left to the rest of the program where there are no more.
const ROOM: usize = 64;
/// The most callers that are told apart.
const MOST_CALLERS: usize = 64;
/// The longest that a pod listens.
const LONGEST: Duration = Duration::from_secs(60);

/// What became of the ports that were to be opened.
pub struct Opened {
    /// Those that listen.
    pub listeners: Listeners,
    /// Ports that somebody else uses.
    pub taken: Vec<u16>,
    /// Ports that the kernel keeps for others, such as those below 1024 for root.
    pub denied: Vec<u16>,
    /// Ports that were not tried: this machine has no more sockets.
    pub left: Vec<u16>,
}

/// Why no port can be opened.
#[derive(Debug)]
pub enum NotOpened {
    /// The address is not one of this machine's.
    NotHere,
    /// This machine lacks what it takes.
    Broken(String),
}

struct Listening {
    port: u16,
    socket: Socket,
    calls: u32,
}

/// Ports that listen until this is dropped.
pub struct Listeners {
    poll: Poll,
    each: Vec<Listening>,
    callers: BTreeSet<IpAddr>,
    /// Those with a caller for whom there was no file.
    held_up: BTreeSet<usize>,
}

impl Opened {
    /// Opens these ports of one address. A port that anybody uses is left alone: without `SO_REUSEADDR` the kernel gives
    /// none that is bound, be it for listening or not.
    ///
    /// # Errors
    /// If the address is not of this machine, or nothing can wait for callers.
    pub fn on(address: IpAddr, ports: impl IntoIterator<Item = u16>) -> Result<Opened, NotOpened> {
        let poll = Poll::new().map_err(|error| NotOpened::Broken(format!("waiting for callers: {error}")))?;
        let listeners = Listeners { poll, each: Vec::new(), callers: BTreeSet::new(), held_up: BTreeSet::new() };
        let mut opened = Opened { listeners, taken: Vec::new(), denied: Vec::new(), left: Vec::new() };
        crate::sweep::raise_file_limit();
        let mut ports = ports.into_iter();
        while let Some(port) = ports.next() {
            match opened.listeners.open(address, port).map_err(|error| errno(&error)) {
                Ok(()) => {}
                Err(Errno::EADDRINUSE) => opened.taken.push(port),
                Err(Errno::EADDRNOTAVAIL) => return Err(NotOpened::NotHere),
                Err(Errno::EMFILE | Errno::ENFILE | Errno::ENOBUFS | Errno::ENOMEM) => {
                    opened.left.push(port);
                    opened.left.extend(ports.by_ref());
                    let keep = opened.listeners.each.len().saturating_sub(ROOM);
                    opened.left.extend(opened.listeners.each.drain(keep..).map(|one| one.port));
                }
                Err(_) => opened.denied.push(port),
            }
        }
        Ok(opened)
    }
}

fn errno(error: &std::io::Error) -> Errno {
    Errno::from_raw(error.raw_os_error().unwrap_or_default())
}

impl Listeners {
    fn open(&mut self, address: IpAddr, port: u16) -> std::io::Result<()> {
        let at = SocketAddr::new(address, port);
        let socket = Socket::new(Domain::for_address(at), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        if at.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.bind(&at.into())?;
        socket.listen(BACKLOG)?;
        let (descriptor, place) = (socket.as_raw_fd(), self.each.len());
        self.poll.registry().register(&mut SourceFd(&descriptor), Token(place), Interest::READABLE)?;
        self.each.push(Listening { port, socket, calls: 0 });
        Ok(())
    }

    /// The ports that listen, in the order they were opened.
    pub fn ports(&self) -> impl Iterator<Item = u16> + '_ {
        self.each.iter().map(|one| one.port)
    }

    /// The ports that had a caller.
    pub fn called(&self) -> BTreeSet<u16> {
        self.each.iter().filter(|one| one.calls > 0).map(|one| one.port).collect()
    }

    /// The addresses of the callers.
    pub fn callers(&self) -> Vec<IpAddr> {
        self.callers.iter().copied().collect()
    }

    /// Greets every caller until it is over; whoever had come by then is greeted and counted too.
    ///
    /// # Errors
    /// If callers cannot be waited for.
    pub fn serve(&mut self, token: &[u8], over: impl Fn(&Listeners) -> bool) -> std::io::Result<()> {
        let mut events = Events::with_capacity(1_024);
        while !over(self) {
            match self.poll.poll(&mut events, Some(TICK)) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            let mut places = std::mem::take(&mut self.held_up);
            places.extend(events.iter().map(|event| event.token().0));
            places.into_iter().for_each(|place| self.greet(place, token));
        }
        (0..self.each.len()).for_each(|place| self.greet(place, token));
        Ok(())
    }

    /// Greets whoever waits at one port.
    fn greet(&mut self, place: usize, token: &[u8]) {
        let Some(one) = self.each.get_mut(place) else { return };
        for _ in 0..IN_A_ROW {
            match one.socket.accept() {
                Ok((stream, peer)) => {
                    one.calls = one.calls.saturating_add(1);
                    if let Some(peer) = peer.as_socket().filter(|_| self.callers.len() < MOST_CALLERS) {
                        self.callers.insert(peer.ip().to_canonical());
                    }
                    let _ = stream.set_nonblocking(true);
                    let _ = stream.set_linger(Some(Duration::ZERO));
                    // Who has gone already needs no greeting.
                    let _ = TcpStream::from(stream).write_all(token);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if matches!(errno(&error), Errno::EMFILE | Errno::ENFILE | Errno::ENOBUFS) => break,
                // A caller that went away while it waited.
                Err(_) => {}
            }
        }
        self.held_up.insert(place);
    }
}

/// Listens on a port of every address of this pod until one caller was greeted, or the time is over.
///
/// # Errors
/// If the port cannot be opened.
pub(crate) fn listen(question: &Listen) -> Result<Listened, CannotLook> {
    let on = |address: IpAddr| Opened::on(address, [question.port]);
    let mut each: Vec<Opened> = Vec::new();
    let mut why = String::new();
    for address in [IpAddr::from(Ipv4Addr::UNSPECIFIED), IpAddr::from(Ipv6Addr::UNSPECIFIED)] {
        match on(address) {
            Ok(opened) if opened.listeners.each.is_empty() => "it is in use, or cannot be opened".clone_into(&mut why),
            Ok(opened) => each.push(opened),
            // A pod without one of the two families.
            Err(NotOpened::NotHere) => {}
            Err(NotOpened::Broken(said)) => why = said,
        }
    }
    if each.is_empty() {
        return Err(CannotLook::because(format!("port {} of the pod: {why}", question.port)));
    }
    // From here on, whatever it took to come here: who called meanwhile relies on the whole of it.
    let until = Instant::now() + question.duration().min(LONGEST);
    let mut callers = Vec::new();
    while callers.is_empty() && Instant::now() < until {
        for opened in &mut each {
            let end = Instant::now() + TICK;
            let served = opened
                .listeners
                .serve(question.token.as_bytes(), |listeners| !listeners.callers.is_empty() || Instant::now() >= end);
            served.map_err(|error| CannotLook::because(format!("port {}: {error}", question.port)))?;
            callers.extend(opened.listeners.callers());
        }
    }
    // Those who came while this program did not run were accepted by the kernel, in its name.
    for opened in each.iter_mut().filter(|_| callers.is_empty()) {
        let served = opened.listeners.serve(question.token.as_bytes(), |_| true);
        served.map_err(|error| CannotLook::because(format!("port {}: {error}", question.port)))?;
    }
    if callers.is_empty() {
        callers.extend(each.iter().flat_map(|opened| opened.listeners.callers()));
    }
    Ok(Listened { callers })
}
