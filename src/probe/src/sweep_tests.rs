//! Sweeps of real loopback ports.

use std::net::{IpAddr, TcpListener};

use ackcheck_probe_protocol::SweptPorts;

use super::*;
use crate::deaf::Deaf;

fn swept(address: IpAddr, ports: Ports, timeout_ms: u64) -> Vec<SweptPorts> {
    sweep(&Sweep { timeout_ms, ..Sweep::new(address, ports) }).expect("a sweep").ranges
}

#[test]
fn finds_the_one_open_port_of_a_loopback_address() {
    let address: IpAddr = "127.0.0.77".parse().expect("an address");
    let listener = TcpListener::bind((address, 0)).expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let ranges = swept(address, Ports::ALL, 500);
    // Programs of this machine may listen on every address: on a neighbour they are the same.
    let elsewhere = swept(IpAddr::from([127, 0, 0, 79]), Ports::ALL, 500);
    let open = |ranges: &[SweptPorts]| -> Vec<u16> {
        ranges.iter().filter(|range| range.state == PortState::Open).flat_map(|range| range.ports.each()).collect()
    };
    let mut own = open(&ranges);
    own.retain(|port| !open(&elsewhere).contains(port));
    assert_eq!(own, [port]);
    assert!(ranges.iter().all(|range| matches!(range.state, PortState::Open | PortState::Closed)), "{ranges:?}");
    assert!(Swept { ranges }.covers(Ports::ALL));
}

#[test]
fn a_full_queue_is_silence_and_not_an_answer() {
    let address: IpAddr = "127.0.0.78".parse().expect("an address");
    let deaf = Deaf::on(address);
    let ports = Ports::one(deaf.port).expect("a port");
    assert_eq!(swept(address, ports, 60), [SweptPorts { ports, state: PortState::Filtered }]);
}

#[test]
fn samples_long_silent_runs_and_asks_short_ones_whole() {
    let mut board = Board::new(Ports::ALL);
    let silent = |port: &u16| (100..=102).contains(port) || (20_000..=59_999).contains(port);
    for port in Ports::ALL.each() {
        match silent(&port) {
            true => board.stayed_silent(port, None),
            false => board.answered(port, PortState::Closed),
        }
    }
    let again = to_ask_again(&board);
    assert_eq!(again.len(), 3 + SAMPLES);
    let asked = |again: &[Dial], port| again.iter().any(|dial| dial.port == port);
    assert!([100, 101, 102, 20_000, 59_999].iter().all(|port| asked(&again, *port)));
    assert!(again.iter().all(|dial| dial.wait == Wait::Twice), "not the last try of any");
    for round in 0.. {
        let dials = to_ask_again(&board);
        if dials.is_empty() {
            break;
        }
        assert!(round < 4, "settled by now: {dials:?}");
        dials.iter().for_each(|dial| board.stayed_silent(dial.port, None));
    }
    // One sample inside the run answers: what is left of the run is not settled any more.
    let inside = again.iter().find(|dial| (30_000..50_000).contains(&dial.port)).expect("a sample");
    board.answered(inside.port, PortState::Open);
    assert!(to_ask_again(&board).len() > SAMPLES);
}

#[test]
fn where_packets_get_lost_every_silent_port_is_asked_again() {
    let mut board = Board::new(Ports::ALL);
    for port in Ports::ALL.each() {
        if port % 20 == 0 || port > 60_000 {
            board.stayed_silent(port, None);
        }
        if port <= 60_000 {
            board.answered(port, PortState::Closed);
        }
    }
    assert!((0.04..0.06).contains(&board.loss()), "{}", board.loss());
    let again = to_ask_again(&board);
    assert_eq!(again.len(), 5_535);
}

#[test]
fn spreads_every_port_once() {
    let mut ports = spread(Ports::ALL);
    assert_eq!(ports.len(), 65_535);
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 65_535);
    assert_eq!(spread(Ports::one(80).expect("a port")), [80]);
    assert_eq!(spread(Ports::new(65_000, 65_001).expect("ports")), [65_000, 65_001]);
}
