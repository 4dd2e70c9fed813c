//! What policies surely deny, against readings of one port at a time.

use std::collections::BTreeSet;

use ackcheck_core::seat::pod::{KUBERNETES_ORDER, Unread};
use proptest::prelude::*;

use super::*;

const TO: &str = "10.0.0.20";

fn ports(first: u16, last: u16) -> Ports {
    Ports::new(first, last).unwrap()
}

fn to_ports(first: u16, last: u16) -> Condition {
    Condition::Ports { ports: vec![ports(first, last)], not: false }
}

fn to_range(text: &str) -> Condition {
    Condition::Destination { ranges: vec![text.parse().unwrap()], not: false }
}

fn one(does: RuleAction, conditions: Vec<Condition>) -> EgressRule {
    EgressRule { place: format!("{does:?}"), conditions, does }
}

fn policy(kind: PolicyKind, name: &str, rules: Vec<EgressRule>) -> EgressPolicy {
    EgressPolicy {
        kind,
        api_version: "group/v1",
        name: name.to_owned(),
        pods: "{}".to_owned(),
        surely: true,
        isolates: true,
        tier: DEFAULT_TIER.to_owned(),
        order: (kind == PolicyKind::Kubernetes).then_some(KUBERNETES_ORDER),
        rules,
    }
}

fn all(policies: Vec<EgressPolicy>) -> EgressPolicies {
    let mut all = EgressPolicies::default();
    policies.iter().filter(|policy| policy.kind != PolicyKind::Kubernetes).for_each(|one| all.has(one.kind.engine()));
    EgressPolicies { policies, ..all }
}

/// What is denied of ports 1 to 100, by names of policies and places of rules.
fn told(policies: &EgressPolicies) -> Vec<(Vec<Ports>, String)> {
    let words = |by: By| match by {
        By::Isolation(policies) => policies.into_iter().map(|policy| policy.name).collect::<Vec<_>>().join("+"),
        By::Rule(policy, place) => format!("{place} of {}", policy.name),
    };
    let denied = denied(policies, TO.parse().unwrap(), &[ports(1, 100)]);
    denied.into_iter().map(|denied| (denied.ports, words(denied.by))).collect()
}

use PolicyKind::{Calico, CalicoGlobal, Cilium, CiliumClusterwide, Kubernetes};
use RuleAction::{Allow, Deny, Pass};

#[test]
fn what_no_policy_allows_is_denied_once_one_selects_the_pods() {
    assert!(told(&all(vec![])).is_empty());
    let nothing = || policy(Kubernetes, "nothing", vec![]);
    let web = |range: &str| policy(Kubernetes, "web", vec![one(Allow, vec![to_range(range), to_ports(80, 90)])]);
    assert_eq!(told(&all(vec![nothing()])), [(vec![ports(1, 100)], "nothing".to_owned())]);
    let both = (vec![ports(1, 79), ports(91, 100)], "nothing+web".to_owned());
    assert_eq!(told(&all(vec![nothing(), web("10.0.0.0/8")])), [both]);
    assert_eq!(told(&all(vec![web("192.168.0.0/16")])), [(vec![ports(1, 100)], "web".to_owned())]);
}

#[test]
fn those_of_cilium_add_up_with_kubernetes_and_what_denies_wins() {
    let deny = || one(Deny, vec![to_ports(20, 29)]);
    let everything = || policy(Kubernetes, "all", vec![one(Allow, vec![])]);
    let denying = |kind| all(vec![everything(), policy(kind, "no", vec![deny()])]);
    for kind in [Cilium, CiliumClusterwide] {
        assert_eq!(told(&denying(kind)), [(vec![ports(20, 29)], "Deny of no".to_owned())]);
    }
    // A rule that denies is no isolation where the policy says so.
    let lenient = EgressPolicy { isolates: false, ..policy(Cilium, "no", vec![deny()]) };
    assert_eq!(told(&all(vec![lenient])), [(vec![ports(20, 29)], "Deny of no".to_owned())]);
    let isolated = told(&all(vec![policy(Cilium, "no", vec![deny()])]));
    assert_eq!(isolated[0], (vec![ports(1, 19), ports(30, 100)], "no".to_owned()));
    assert_eq!(isolated[1], (vec![ports(20, 29)], "Deny of no".to_owned()));
    // One that Cilium allows although Kubernetes' isolates.
    let allowed = policy(Cilium, "yes", vec![one(Allow, vec![to_ports(1, 100)])]);
    assert!(told(&all(vec![policy(Kubernetes, "nothing", vec![]), allowed])).is_empty());
}

#[test]
fn the_first_of_calico_decides_by_its_order_and_the_end_of_a_tier_denies() {
    let order = |order, policy| EgressPolicy { order: Some(order), ..policy };
    let deny = |name: &str| policy(CalicoGlobal, name, vec![one(Deny, vec![to_ports(10, 19)])]);
    let allow = |name: &str| policy(Calico, name, vec![one(Allow, vec![to_ports(1, 100)])]);
    let first = all(vec![order(200.0, allow("yes")), order(100.0, deny("no"))]);
    assert_eq!(told(&first), [(vec![ports(10, 19)], "Deny of no".to_owned())]);
    assert_eq!(denied(&first, TO.parse().unwrap(), &[Ports::ALL])[0].by.policies()[0].before, 99.0);
    assert!(told(&all(vec![order(100.0, allow("yes")), order(200.0, deny("no"))])).is_empty());
    // Without an order it is asked at last; those of Kubernetes have one.
    let everything = policy(Kubernetes, "all", vec![one(Allow, vec![])]);
    assert!(told(&all(vec![deny("no"), everything.clone()])).is_empty());
    let early = order(999.0, deny("no"));
    assert_eq!(told(&all(vec![everything, early])), [(vec![ports(10, 19)], "Deny of no".to_owned())]);
    let end = told(&all(vec![order(1.0, deny("no")), policy(Kubernetes, "nothing", vec![])]));
    assert_eq!(end[0], (vec![ports(1, 9), ports(20, 100)], "no+nothing".to_owned()));
}

#[test]
fn what_passes_is_for_the_next_tier_and_ends_at_none() {
    let tier = |name: &str, passes| Tier { name: name.to_owned(), passes };
    let passing = |passes| {
        let mut read = all(vec![
            EgressPolicy {
                tier: "security".to_owned(),
                ..policy(CalicoGlobal, "first", vec![one(Pass, vec![to_ports(50, 100)])])
            },
            policy(Calico, "then", vec![one(Deny, vec![to_ports(90, 100)]), one(Allow, vec![])]),
        ]);
        read.tiers = vec![tier("security", passes), tier(DEFAULT_TIER, false)];
        told(&read)
    };
    let then = (vec![ports(90, 100)], "Deny of then".to_owned());
    assert_eq!(passing(true), std::slice::from_ref(&then));
    assert_eq!(passing(false), [(vec![ports(1, 49)], "first".to_owned()), then]);
}

#[test]
fn what_is_not_known_is_never_denied() {
    let nothing = |kind| policy(kind, "nothing", vec![]);
    let denies = policy(Cilium, "no", vec![one(Deny, vec![to_ports(1, 5)])]);
    let unread = |of, mut read: EgressPolicies| {
        read.unread.push(Unread { of, why: "w".to_owned() });
        told(&read)
    };
    // Another may allow; nothing wins over what Cilium denies.
    assert!(unread(Engine::Kubernetes, all(vec![nothing(Cilium)])).is_empty());
    assert!(unread(Engine::Cilium, all(vec![nothing(Kubernetes)])).is_empty());
    assert!(unread(Engine::Calico, all(vec![nothing(Calico)])).is_empty());
    assert_eq!(unread(Engine::Cilium, all(vec![denies])), [(vec![ports(1, 5)], "Deny of no".to_owned())]);
    // Of two engines with policies either may be the one that enforces them.
    assert!(unread(Engine::Calico, all(vec![nothing(Cilium)])).is_empty());
    assert_eq!(told(&all(vec![nothing(Kubernetes), nothing(Cilium), nothing(Calico)])).len(), 1);
    let perhaps = EgressPolicy { surely: false, ..nothing(Cilium) };
    assert!(told(&all(vec![perhaps])).is_empty());
    let by_name = policy(Cilium, "name", vec![one(Allow, vec![Condition::Perhaps])]);
    assert!(told(&all(vec![by_name])).is_empty());
    // Of the same order, and of kinds that no rule sorts.
    let tied = vec![
        policy(Calico, "yes", vec![one(Allow, vec![])]),
        policy(CalicoGlobal, "no", vec![one(Deny, vec![to_ports(1, 9)])]),
    ];
    assert!(told(&all(tied)).is_empty());
}

/// Whether a rule holds for a port: yes, no, or both are possible.
fn possible(policy: &EgressPolicy, rule: &EgressRule, port: u16) -> (bool, bool) {
    let (mut yes, mut no) = (true, !policy.surely);
    for condition in &rule.conditions {
        match condition {
            Condition::Perhaps => no = true,
            Condition::Ports { ports, .. } => {
                let inside = ports.iter().any(|ports| (ports.first()..=ports.last()).contains(&port));
                (yes, no) = (yes && inside, no || !inside);
            }
            other => panic!("{other:?} is not made here"),
        }
    }
    (yes, no)
}

/// Cilium's and Kubernetes', read rule by rule.
fn adds_up(read: &EgressPolicies, port: u16) -> bool {
    let of = || read.policies.iter().filter(|policy| policy.kind.engine() != Engine::Calico);
    let rules = |does| {
        of().flat_map(|policy| policy.rules.iter().map(move |rule| (policy, rule)))
            .filter(move |(_, rule)| rule.does == does)
    };
    let surely = rules(Deny).any(|(policy, rule)| possible(policy, rule, port) == (true, false));
    let allowed = rules(Allow).any(|(policy, rule)| possible(policy, rule, port).0);
    surely || (!allowed && of().any(|policy| policy.surely && policy.isolates))
}

/// All that can become of a port from this rule on: true where it is denied. `order` is one in which kinds may be sorted.
fn outcomes(read: &EgressPolicies, order: [PolicyKind; 3], port: u16) -> BTreeSet<bool> {
    let mut outcomes = BTreeSet::new();
    let mut alive = true;
    for tier in &read.tiers {
        let mut of_tier: Vec<&EgressPolicy> = read
            .policies
            .iter()
            .filter(|policy| policy.kind.engine() != Engine::Cilium && policy.tier == tier.name)
            .collect();
        let place = |policy: &EgressPolicy| order.iter().position(|kind| *kind == policy.kind);
        of_tier.sort_by(|one, other| {
            let number = |policy: &EgressPolicy| policy.order.unwrap_or(f64::MAX);
            number(one).total_cmp(&number(other)).then(place(one).cmp(&place(other))).then(one.name.cmp(&other.name))
        });
        let mut passed = false;
        for (policy, rule) in of_tier.iter().flat_map(|policy| policy.rules.iter().map(move |rule| (policy, rule))) {
            let (yes, no) = possible(policy, rule, port);
            if alive && yes {
                match rule.does {
                    Allow => _ = outcomes.insert(false),
                    Deny => _ = outcomes.insert(true),
                    Pass => passed = true,
                }
            }
            alive = alive && no;
        }
        if alive && !tier.passes && of_tier.iter().any(|policy| policy.surely && policy.isolates) {
            outcomes.insert(true);
            alive = false;
        }
        alive = alive || passed;
    }
    if alive {
        outcomes.insert(false);
    }
    outcomes
}

fn orders() -> [[PolicyKind; 3]; 6] {
    let [a, b, c] = [Kubernetes, Calico, CalicoGlobal];
    [[a, b, c], [a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]]
}

fn any_rule() -> impl Strategy<Value = (usize, u16, u16, bool)> {
    (0..3_usize, 1..20_u16, 0..10_u16, prop::bool::weighted(0.2))
}

fn any_policies(kinds: &'static [PolicyKind]) -> impl Strategy<Value = EgressPolicies> {
    let rules = prop::collection::vec(any_rule(), 0..4);
    let one_policy = (0..kinds.len(), prop::bool::weighted(0.8), 0..4_u8, any::<bool>(), rules);
    (prop::collection::vec(one_policy, 0..5), any::<bool>()).prop_map(|(made, passes)| {
        let policies = made.into_iter().enumerate().map(|(at, (kind, surely, order, first, rules))| {
            let kind = kinds[kind];
            let rules = rules.into_iter().map(|(does, from, more, perhaps)| {
                let does = match (kind.engine(), does) {
                    (Engine::Kubernetes, _) | (_, 0) => Allow,
                    (Engine::Calico, 1) => Pass,
                    _ => Deny,
                };
                let perhaps = perhaps.then_some(Condition::Perhaps);
                one(does, std::iter::once(to_ports(from, from + more)).chain(perhaps).collect())
            });
            let mut policy = policy(kind, &format!("p{at}"), rules.collect());
            policy.surely = surely;
            if kind.engine() == Engine::Calico {
                policy.order = [None, Some(1.0), Some(2.0), Some(KUBERNETES_ORDER)][usize::from(order)];
                policy.tier = if first { "first".to_owned() } else { DEFAULT_TIER.to_owned() };
            }
            policy
        });
        let tier = |name: &str, passes| Tier { name: name.to_owned(), passes };
        let tiers = vec![tier("first", passes), tier(DEFAULT_TIER, false)];
        EgressPolicies { tiers, ..all(policies.collect()) }
    })
}

fn by_walk(read: &EgressPolicies, engine: Engine) -> Vec<Ports> {
    tidy(by_engine(read, engine, TO.parse().unwrap()).into_iter().flat_map(|denied| denied.ports).collect())
}

fn holds(all: &[Ports], port: u16) -> bool {
    all.iter().any(|ports| (ports.first()..=ports.last()).contains(&port))
}

proptest! {
    #[test]
    fn those_that_add_up_are_read_as_one_port_at_a_time_is(
        read in any_policies(&[Kubernetes, Cilium, CiliumClusterwide])
    ) {
        let walked = by_walk(&read, Engine::Cilium);
        for port in 1..=32 {
            prop_assert_eq!(holds(&walked, port), adds_up(&read, port), "{} of {:#?}", port, read);
        }
    }

    #[test]
    fn tiers_are_read_as_one_port_at_a_time_is(read in any_policies(&[Calico])) {
        let walked = by_walk(&read, Engine::Calico);
        for port in 1..=32 {
            let surely = outcomes(&read, orders()[0], port) == BTreeSet::from([true]);
            prop_assert_eq!(holds(&walked, port), surely, "{} of {:#?}", port, read);
        }
    }

    #[test]
    fn whatever_sorts_kinds_of_the_same_order_what_is_told_is_denied(
        read in any_policies(&[Kubernetes, Calico, CalicoGlobal])
    ) {
        let walked = by_walk(&read, Engine::Calico);
        for port in (1..=32).filter(|port| holds(&walked, *port)) {
            for order in orders() {
                prop_assert_eq!(outcomes(&read, order, port), BTreeSet::from([true]), "{} of {:#?}", port, read);
            }
        }
    }
}
