//! Who refused a connection: the machine that was called, by a reset, or a firewall on the way or on that machine, by an
//! ICMP answer. `iptables -j REJECT` answers "port unreachable", which the kernel hands on as the very error of a reset;
//! the error queue of the socket tells the two apart. Kernels before Linux 5.8 queue nothing while a TCP connection is
//! begun: there, such an answer still looks like a reset.

use std::io;
use std::net::SocketAddr;

use ackcheck_probe_protocol::{CannotLook, PortState};
use nix::errno::Errno;
use socket2::{Domain, Protocol, Socket, Type};

use crate::sweep::{Step, classify, open_state};

/// A TCP socket that keeps what ICMP says of its connection.
///
/// # Errors
/// If this machine gives no socket.
pub(crate) fn socket(target: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(target), Type::STREAM, Some(Protocol::TCP))?;
    queue::keep(&socket, target);
    Ok(socket)
}

/// What an error of a connection says that was begun on this socket.
///
/// # Errors
/// If it is none that a connection can end with.
pub(crate) fn failed(socket: &Socket, error: &io::Error, port: u16) -> Result<Step, CannotLook> {
    let number = error.raw_os_error().map(Errno::from_raw);
    // Without a number: the ICMP answer is in the queue a moment before its error is set.
    if matches!(number, None | Some(Errno::ECONNREFUSED)) && queue::holds_icmp(socket) {
        return Ok(Step::Known(PortState::Unreachable));
    }
    classify(error, port)
}

/// What became of a connection, once something happened to it.
///
/// # Errors
/// If it ended with an error that no connection can end with.
pub(crate) fn ended(socket: &Socket, port: u16) -> Result<Step, CannotLook> {
    match socket.take_error() {
        Ok(None) if socket.peer_addr().is_ok() => Ok(Step::Known(open_state(socket))),
        Ok(None) if queue::holds_icmp(socket) => Ok(Step::Known(PortState::Unreachable)),
        Ok(None) => Ok(Step::Pending),
        Ok(Some(error)) | Err(error) => failed(socket, &error, port),
    }
}

#[cfg(target_os = "linux")]
mod queue {
    use std::io::IoSliceMut;
    use std::net::SocketAddr;
    use std::os::fd::AsRawFd as _;

    use nix::libc::{SO_EE_ORIGIN_ICMP, SO_EE_ORIGIN_ICMP6, sock_extended_err, sockaddr_in6};
    use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt};
    use socket2::Socket;

    /// Has ICMP errors kept. A kernel that does not keep them loses nothing but the difference.
    pub(super) fn keep(socket: &Socket, target: SocketAddr) {
        let _ = match target {
            SocketAddr::V4(_) => setsockopt(socket, sockopt::Ipv4RecvErr, &true),
            SocketAddr::V6(_) => setsockopt(socket, sockopt::Ipv6RecvErr, &true),
        };
    }

    /// Whether the first error that was kept came by ICMP: the one that ended the connection. It is taken out.
    pub(super) fn holds_icmp(socket: &Socket) -> bool {
        let mut packet = [0; 64];
        let mut slices = [IoSliceMut::new(&mut packet)];
        let mut control = nix::cmsg_space!(sock_extended_err, sockaddr_in6);
        let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
        let Ok(kept) = recvmsg::<()>(socket.as_raw_fd(), &mut slices, Some(&mut control), flags) else { return false };
        let Ok(mut messages) = kept.cmsgs() else { return false };
        messages.any(|message| match message {
            ControlMessageOwned::Ipv4RecvErr(error, _) => error.ee_origin == SO_EE_ORIGIN_ICMP,
            ControlMessageOwned::Ipv6RecvErr(error, _) => error.ee_origin == SO_EE_ORIGIN_ICMP6,
            _ => false,
        })
    }
}

#[cfg(not(target_os = "linux"))]
mod queue {
    use std::net::SocketAddr;

    use socket2::Socket;

    pub(super) fn keep(_: &Socket, _: SocketAddr) {}

    pub(super) fn holds_icmp(_: &Socket) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    #[test]
    fn a_reset_is_no_icmp_answer_and_what_is_not_connected_is_not_open() {
        let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|gone| gone.local_addr()).expect("a port");
        let refused = socket(closed).expect("a socket");
        let error = refused.connect(&closed.into()).expect_err("nobody listens");
        let step = failed(&refused, &error, closed.port()).expect("an answer");
        assert!(matches!(step, Step::Known(PortState::Closed)));
        let unused = socket(closed).expect("a socket");
        assert!(matches!(ended(&unused, closed.port()), Ok(Step::Pending)));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let open = listener.local_addr().expect("its address");
        let connected = socket(open).expect("a socket");
        connected.connect(&open.into()).expect("a connection");
        assert!(matches!(ended(&connected, open.port()), Ok(Step::Known(PortState::Open))));
    }
}
