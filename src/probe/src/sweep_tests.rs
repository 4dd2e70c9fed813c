//! Sweeps of real loopback ports.

use std::net::TcpListener;

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
    let mut states: HashMap<u16, PortState> = (1..=u16::MAX).map(|port| (port, PortState::Closed)).collect();
    for port in (100..=102).chain(20_000..=59_999) {
        states.insert(port, PortState::Filtered);
    }
    let mut tries: HashMap<u16, u32> = HashMap::new();
    let again = to_ask_again(&states, &tries, Ports::ALL);
    assert_eq!(again.len(), 3 + SAMPLES);
    assert!([100, 101, 102, 20_000, 59_999].iter().all(|port| again.contains(port)));
    tries.extend(again.iter().map(|port| (*port, TRIES_OF_SHORT_RUNS)));
    assert!(to_ask_again(&states, &tries, Ports::ALL).is_empty(), "settled");
    // One sample inside the run answers: what is left of the run is not settled any more.
    states.insert(again[10], PortState::Open);
    assert!(to_ask_again(&states, &tries, Ports::ALL).len() > SAMPLES);
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
