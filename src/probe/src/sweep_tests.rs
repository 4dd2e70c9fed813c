//! Sweeps of real loopback ports.

use std::net::TcpListener;

use super::*;
use crate::deaf::Deaf;

fn limits() -> Limits {
    Limits::new(Duration::from_millis(500), 512)
}

#[test]
fn finds_the_one_open_port_of_a_loopback_address() {
    let address: IpAddr = "127.0.0.77".parse().expect("an address");
    let listener = TcpListener::bind((address, 0)).expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let Answer::Ports { ranges } = sweep(address, 1, u16::MAX, limits()) else { panic!("no ports") };
    // Programs of this machine may listen on every address: on a neighbour they are the same.
    let Answer::Ports { ranges: elsewhere } = sweep(IpAddr::from([127, 0, 0, 79]), 1, u16::MAX, limits()) else {
        panic!("no ports")
    };
    let open = |ranges: &[Ports]| -> Vec<u16> {
        ranges.iter().filter(|range| range.state == State::Open).flat_map(|range| range.first..=range.last).collect()
    };
    let mut own = open(&ranges);
    own.retain(|port| !open(&elsewhere).contains(port));
    assert_eq!(own, [port]);
    assert!(ranges.iter().all(|range| matches!(range.state, State::Open | State::Closed)), "{ranges:?}");
    let asked: u32 = ranges.iter().map(|range| u32::from(range.last) - u32::from(range.first) + 1).sum();
    assert_eq!(asked, 65_535);
}

#[test]
fn a_full_queue_is_silence_and_not_an_answer() {
    let address: IpAddr = "127.0.0.78".parse().expect("an address");
    let deaf = Deaf::on(address);
    let port = deaf.port;
    let answer = sweep(address, port, port, Limits::new(Duration::from_millis(60), 8));
    assert_eq!(answer, Answer::Ports { ranges: vec![Ports { first: port, last: port, state: State::Filtered }] });
}

#[test]
fn samples_long_silent_runs_and_asks_short_ones_whole() {
    let mut states: HashMap<u16, State> = (1..=u16::MAX).map(|port| (port, State::Closed)).collect();
    for port in (100..=102).chain(20_000..=59_999) {
        states.insert(port, State::Filtered);
    }
    let mut tries: HashMap<u16, u32> = HashMap::new();
    let again = to_ask_again(&states, &tries, 1, u16::MAX);
    assert_eq!(again.len(), 3 + SAMPLES);
    assert!([100, 101, 102, 20_000, 59_999].iter().all(|port| again.contains(port)));
    tries.extend(again.iter().map(|port| (*port, TRIES_OF_SHORT_RUNS)));
    assert!(to_ask_again(&states, &tries, 1, u16::MAX).is_empty(), "settled");
    // One sample inside the run answers: what is left of the run is not settled any more.
    states.insert(again[10], State::Open);
    assert!(to_ask_again(&states, &tries, 1, u16::MAX).len() > SAMPLES);
}

#[test]
fn spreads_every_port_once() {
    let mut ports = spread(1, u16::MAX);
    assert_eq!(ports.len(), 65_535);
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 65_535);
    assert_eq!(spread(80, 80), [80]);
    assert!(matches!(sweep(IpAddr::from([127, 0, 0, 1]), 9, 8, limits()), Answer::Broken { .. }));
}
