//! Both ends on loopback.

use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};

use ackcheck_probe_protocol::{Listen, Listened, Ports};

use super::*;
use crate::deaf::Deaf;
use crate::listen::{NotOpened, Opened, listen};

const TOKEN: &str = "ackcheck-0123456789abcdef\n";

fn greeted(address: IpAddr, ports: &[u16], timeout_ms: u64) -> Vec<(u16, Greeting)> {
    let ports = ports.iter().filter_map(|port| Ports::one(*port)).collect();
    let question = Greet { timeout_ms, ..Greet::new(address, ports, TOKEN) };
    greet(&question).expect("greetings").each().collect()
}

/// Calls these ports while the listeners are served.
fn served(opened: &mut Opened, address: IpAddr, ports: &[u16]) -> Vec<(u16, Greeting)> {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let called = scope.spawn(|| {
            let called = greeted(address, ports, 10_000);
            over.store(true, Ordering::SeqCst);
            called
        });
        let served = opened.listeners.serve(TOKEN.as_bytes(), |_| over.load(Ordering::SeqCst));
        served.expect("served");
        called.join().expect("called")
    })
}

#[test]
fn whoever_calls_a_port_that_listens_is_greeted_and_counted() {
    let address: IpAddr = "127.0.0.91".parse().expect("an address");
    // Those of programs of this machine that listen on every address are left alone.
    let mut opened = Opened::on(address, 21_000..22_000).expect("ports");
    let ports: Vec<u16> = opened.listeners.ports().collect();
    assert!(ports.len() > 900, "{}", ports.len());
    let greetings = served(&mut opened, address, &ports);
    assert!(greetings.iter().all(|(_, greeting)| *greeting == Greeting::Token), "{greetings:?}");
    assert_eq!(greetings.len(), ports.len());
    assert!(ports.iter().all(|port| opened.listeners.called().contains(port)));
    assert!(opened.listeners.callers().iter().all(IpAddr::is_loopback));
}

#[test]
fn what_is_taken_is_left_alone_and_what_is_not_here_is_told() {
    let address: IpAddr = "127.0.0.92".parse().expect("an address");
    let theirs = TcpListener::bind((address, 0)).expect("a port");
    let port = theirs.local_addr().expect("its address").port();
    let opened = Opened::on(address, [port]).expect("an answer");
    assert_eq!((opened.taken, opened.listeners.ports().count()), (vec![port], 0));
    assert!(matches!(Opened::on("192.0.2.1".parse().expect("an address"), [port]), Err(NotOpened::NotHere)));
}

#[test]
fn who_answers_in_its_stead_is_told_apart() {
    let address: IpAddr = "127.0.0.93".parse().expect("an address");
    let bind = || TcpListener::bind((address, 0)).expect("a port");
    let port = |listener: &TcpListener| listener.local_addr().expect("its address").port();
    let (other, closing, mute) = (bind(), bind(), bind());
    let refused = port(&bind());
    let deaf = Deaf::on("127.0.0.94".parse().expect("an address"));
    let ports = [port(&other), port(&closing), port(&mute), refused];
    let greetings = std::thread::scope(|scope| {
        scope.spawn(|| {
            let (mut stream, _) = other.accept().expect("a caller");
            std::io::Write::write_all(&mut stream, b"SSH-2.0-other\r\n").expect("written");
            drop(closing.accept().expect("a caller"));
        });
        greeted(address, &ports, 1_500)
    });
    let of = |port: u16| greetings.iter().find(|(one, _)| *one == port).map(|(_, greeting)| *greeting);
    let expected = [Greeting::Other, Greeting::Closed, Greeting::Nothing, Greeting::Refused];
    for (port, expected) in ports.into_iter().zip(expected) {
        assert_eq!(of(port), Some(expected), "{greetings:?}");
    }
    assert_eq!(greeted("127.0.0.94".parse().expect("an address"), &[deaf.port], 60), [(deaf.port, Greeting::Silent)]);
}

#[test]
fn a_pod_listens_until_it_was_called() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|gone| gone.local_addr()).expect("a port").port();
    let question = Listen { port, token: TOKEN.to_owned(), for_ms: 30_000 };
    let listened = std::thread::scope(|scope| {
        let listens = scope.spawn(|| listen(&question));
        // It may not listen yet.
        while greeted([127, 0, 0, 1].into(), &[port], 5_000) != [(port, Greeting::Token)] {}
        listens.join().expect("listened")
    });
    assert_eq!(listened, Ok(Listened { callers: vec![[127, 0, 0, 1].into()] }));
    let in_vain = Listen { for_ms: 0, ..question };
    assert_eq!(listen(&in_vain), Ok(Listened { callers: Vec::new() }));
}

#[test]
fn more_than_a_batch_is_not_called() {
    let question = Greet::new([127, 0, 0, 1].into(), vec![Ports::ALL], TOKEN);
    assert!(greet(&question).is_err());
}
