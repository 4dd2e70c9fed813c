//! The walk through a firewall's chains, against a packet-by-packet one that follows every choice.

use std::collections::BTreeSet;

use ackcheck_core::seat::host::firewall::{Action, At, Condition, Hook, Rule};
use proptest::prelude::*;

use super::super::walk::{DEEPEST, tidy};
use super::*;

const FROM: &str = "10.0.128.0/24";
const TO: &str = "10.0.0.20";

fn packets() -> Packets {
    Packets { from: FROM.parse().unwrap(), to: TO.parse().unwrap() }
}

fn ports(first: u16, last: u16) -> Ports {
    Ports::new(first, last).unwrap()
}

fn rule(conditions: Vec<Condition>, action: Action) -> Rule {
    Rule { words: format!("{action:?}"), conditions, action }
}

fn to_ports(first: u16, last: u16) -> Condition {
    Condition::Ports { ports: vec![ports(first, last)], not: false }
}

fn chain(name: &str, hook: Option<(At, i64, bool)>, rules: Vec<Rule>) -> Chain {
    let hook = hook.map(|(at, priority, drops)| Hook { at, priority, drops });
    Chain { table: "inet filter".to_owned(), name: name.to_owned(), hook, rules }
}

fn closed(chains: Vec<Chain>) -> Vec<Ports> {
    tidy(dropped(&Ruleset { chains }, packets()).into_iter().map(|dropped| dropped.ports).collect())
}

const INPUT: Option<(At, i64, bool)> = Some((At::Input, 0, false));

#[test]
fn the_first_rule_that_decides_counts_and_accepting_hands_on_to_the_next_hook() {
    let first = chain("a", Some((At::Input, -10, false)), vec![rule(vec![to_ports(1, 100)], Action::Accept)]);
    let then = chain(
        "b",
        INPUT,
        vec![rule(vec![to_ports(50, 60)], Action::Accept), rule(vec![to_ports(40, 70)], Action::Reject)],
    );
    assert_eq!(closed(vec![then, first]), [ports(40, 49), ports(61, 70)]);
}

#[test]
fn a_policy_drops_what_nothing_accepts_and_a_jump_returns() {
    let input = chain(
        "input",
        Some((At::Input, 0, true)),
        vec![rule(vec![], Action::Jump("user".to_owned())), rule(vec![to_ports(30, 30)], Action::Accept)],
    );
    let user = chain(
        "user",
        None,
        vec![
            rule(vec![to_ports(22, 22)], Action::Accept),
            rule(vec![to_ports(30, 30)], Action::Return),
            rule(vec![to_ports(25, 35)], Action::Drop),
        ],
    );
    let names: Vec<String> = dropped(&Ruleset { chains: vec![input, user] }, packets())
        .into_iter()
        .map(|dropped| format!("{} {}", dropped.ports, dropped.rule))
        .collect();
    let policy = "table inet filter, chain input: its policy is to drop what no rule accepts";
    let user = "table inet filter, chain user: Drop";
    let expected = [
        format!("1-21 {policy}"),
        format!("23-24 {policy}"),
        format!("25-29 {user}"),
        format!("31-35 {user}"),
        format!("36-65535 {policy}"),
    ];
    assert_eq!(names, expected);
}

#[test]
fn what_may_be_let_through_or_sent_elsewhere_is_not_surely_closed() {
    let perhaps = vec![to_ports(10, 20), Condition::Perhaps];
    let all = || rule(vec![], Action::Drop);
    let open = |first| closed(vec![chain("input", INPUT, vec![first, all()])]);
    let around = [ports(1, 9), ports(21, 65_535)];
    assert_eq!(open(rule(perhaps.clone(), Action::Accept)), around);
    assert_eq!(open(rule(perhaps.clone(), Action::Return)), around);
    assert_eq!(open(rule(vec![to_ports(10, 20)], Action::Unknown)), around);
    assert_eq!(open(rule(vec![to_ports(10, 20)], Action::Jump("gone".to_owned()))), around);
    // Dropped either way.
    assert_eq!(open(rule(perhaps, Action::Drop)), [Ports::ALL]);
    // Docker's published port: not a process of the host's.
    let nat = chain("nat", Some((At::Prerouting, -100, false)), vec![rule(vec![to_ports(8080, 8080)], Action::Divert)]);
    let input = chain("input", INPUT, vec![all()]);
    assert_eq!(closed(vec![input, nat]), [ports(1, 8079), ports(8081, 65_535)]);
}

#[test]
fn addresses_of_which_a_rule_has_a_part_are_not_surely_closed() {
    let drop_from = |range: &str, not| {
        let ranges = vec![range.parse().unwrap()];
        closed(vec![chain("input", INPUT, vec![rule(vec![Condition::Source { ranges, not }], Action::Drop)])])
    };
    assert_eq!(drop_from("10.0.0.0/8", false), [Ports::ALL]);
    assert_eq!(drop_from("10.0.128.16/28", false), []);
    assert_eq!(drop_from("192.168.0.0/16", false), []);
    assert_eq!(drop_from("192.168.0.0/16", true), [Ports::ALL]);
    let to_other = Condition::Destination { ranges: vec!["10.0.0.21/32".parse().unwrap()], not: false };
    assert_eq!(closed(vec![chain("input", INPUT, vec![rule(vec![to_other], Action::Drop)])]), []);
}

#[test]
fn chains_in_a_circle_end() {
    let to = |name: &str| rule(vec![Condition::Perhaps], Action::Jump(name.to_owned()));
    let many = |name: &str| (0..8).map(|_| to(name)).collect::<Vec<_>>();
    let chains = vec![chain("input", INPUT, many("a")), chain("a", None, many("b")), chain("b", None, many("a"))];
    assert_eq!(closed(chains), []);
}

#[test]
fn the_owner_is_known_by_the_names_of_chains() {
    let owner_of = |table: &str, name: &str| owner(&Chain { table: table.to_owned(), ..chain(name, None, Vec::new()) });
    assert_eq!(owner_of("inet firewalld", "filter_INPUT"), Owner::Firewalld);
    assert_eq!(owner_of("iptables filter", "IN_public_deny"), Owner::Firewalld);
    assert_eq!(owner_of("iptables filter", "ufw-user-input"), Owner::Ufw);
    assert_eq!(owner_of("iptables filter", "INPUT"), Owner::Other);
    assert_eq!(zone(&chain("filter_IN_public_allow", None, Vec::new())), Some("public"));
    assert_eq!(zone(&chain("IN_dmz", None, Vec::new())), Some("dmz"));
}

/// What can become of one packet: every choice followed, no intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Accepted,
    Fallen,
    Diverted,
    Dropped,
}

/// The packet does not go on in this chain.
fn ends(fates: &mut BTreeSet<Fate>, fate: Fate) -> bool {
    fates.insert(fate);
    false
}

fn fates(all: &[Chain], of: &Chain, port: u16, depth: u32) -> BTreeSet<Fate> {
    let mut fates = BTreeSet::new();
    for rule in &of.rules {
        let (mut matches, mut perhaps) = (true, false);
        for condition in &rule.conditions {
            match condition {
                Condition::Ports { ports, not } => {
                    matches &= ports.iter().any(|ports| (ports.first()..=ports.last()).contains(&port)) != *not;
                }
                Condition::Never => matches = false,
                _ => perhaps = true,
            }
        }
        if !matches {
            continue;
        }
        let goes_on = match &rule.action {
            Action::Continue => true,
            Action::Accept => ends(&mut fates, Fate::Accepted),
            Action::Drop | Action::Reject => ends(&mut fates, Fate::Dropped),
            Action::Return => ends(&mut fates, Fate::Fallen),
            Action::Divert | Action::Unknown => ends(&mut fates, Fate::Diverted),
            Action::Jump(to) | Action::Goto(to) => {
                let sub = match all.iter().find(|chain| chain.name == *to).filter(|_| depth < DEEPEST) {
                    Some(target) => self::fates(all, target, port, depth + 1),
                    None => BTreeSet::from([Fate::Diverted]),
                };
                let falls = sub.contains(&Fate::Fallen);
                let goes_to = matches!(rule.action, Action::Goto(_));
                fates.extend(sub.into_iter().filter(|fate| *fate != Fate::Fallen || goes_to));
                falls && !goes_to
            }
        };
        if !goes_on && !perhaps {
            return fates;
        }
    }
    fates.insert(Fate::Fallen);
    fates
}

/// Whether a packet is surely dropped by these base chains, in order.
fn surely_dropped(all: &[Chain], port: u16) -> bool {
    let mut base: Vec<&Chain> = all.iter().filter(|chain| chain.hook.is_some()).collect();
    base.sort_by_key(|chain| chain.hook.map(|hook| (hook.at, hook.priority)));
    for chain in base {
        let fates = fates(all, chain, port, 0);
        if fates.contains(&Fate::Diverted) {
            return false;
        }
        let drops = chain.hook.is_some_and(|hook| hook.drops);
        let passes = fates.contains(&Fate::Accepted) || (fates.contains(&Fate::Fallen) && !drops);
        if !passes {
            return true;
        }
    }
    false
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let condition = prop_oneof![
        6 => (1u16..20, 0u16..10, any::<bool>())
            .prop_map(|(first, more, not)| Condition::Ports { ports: vec![ports(first, first + more)], not }),
        1 => Just(Condition::Perhaps),
        1 => Just(Condition::Never),
    ];
    let to = || prop::sample::select(vec!["one", "two", "gone"]);
    let action = prop_oneof![
        1 => Just(Action::Continue),
        3 => Just(Action::Accept),
        3 => Just(Action::Drop),
        1 => Just(Action::Reject),
        2 => Just(Action::Return),
        1 => Just(Action::Divert),
        2 => to().prop_map(|name| Action::Jump(name.to_owned())),
        1 => to().prop_map(|name| Action::Goto(name.to_owned())),
    ];
    (prop::collection::vec(condition, 0..3), action).prop_map(|(conditions, action)| rule(conditions, action))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]
    #[test]
    fn intervals_say_of_every_packet_what_the_chains_say(
        rules in prop::collection::vec(prop::collection::vec(any_rule(), 0..6), 4),
        drops in any::<(bool, bool)>(),
    ) {
        let names = ["pre", "input", "one", "two"];
        let hooks = [Some((At::Prerouting, -300, drops.0)), Some((At::Input, 0, drops.1)), None, None];
        // The third can jump to the fourth alone, so that there is no circle.
        let mut rules = rules;
        for (at, name) in [(2, "one"), (3, "one"), (3, "two")] {
            for rule in &mut rules[at] {
                if matches!(&rule.action, Action::Jump(to) | Action::Goto(to) if to == name) {
                    rule.action = Action::Accept;
                }
            }
        }
        let named = names.iter().zip(hooks).zip(rules);
        let chains: Vec<Chain> = named.map(|((name, hook), rules)| chain(name, hook, rules)).collect();
        let closed = closed(chains.clone());
        for port in (1..32).chain([1000, 65_535]) {
            let found = closed.iter().any(|ports| ports.contains(port));
            prop_assert_eq!(found, surely_dropped(&chains, port), "port {}", port);
        }
    }
}
