//! For tests: a port that is silent, by the kernel's own doing.

use std::net::{IpAddr, SocketAddr};

use socket2::{Domain, Socket, Type};

/// A listener whose queue is full: the kernel drops what comes.
pub(crate) struct Deaf {
    pub(crate) port: u16,
    _held: Vec<Socket>,
}

impl Deaf {
    /// On a loopback address that no other test has.
    pub(crate) fn on(address: IpAddr) -> Deaf {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        listener.bind(&SocketAddr::new(address, 0).into()).expect("bound");
        listener.listen(0).expect("listening");
        let port = listener.local_addr().expect("an address").as_socket().expect("of IP").port();
        let mut held = vec![listener];
        for _ in 0..4 {
            let client = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
            client.set_nonblocking(true).expect("nonblocking");
            let _ = client.connect(&SocketAddr::new(address, port).into());
            held.push(client);
        }
        Deaf { port, _held: held }
    }
}
