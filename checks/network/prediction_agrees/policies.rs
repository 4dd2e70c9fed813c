//! Which ports of the DSS host network policies surely keep the pods from, and which policies they are.
//!
//! Who enforces policies reads those of Kubernetes and its own kinds. Which of them does is not asked: where there are
//! policies of several, a port is denied if each of them would deny it. Their rules are put into chains, as those of a
//! firewall are, so that the same walk follows both ways where ackcheck does not know whether something holds.

use std::net::{IpAddr, Ipv4Addr};

use ackcheck_core::seat::Ports;
use ackcheck_core::seat::host::firewall::{Action, At, Chain, Condition, Hook, Rule, Ruleset};
use ackcheck_core::seat::pod::{
    DEFAULT_TIER, EgressPolicies, EgressPolicy, EgressRule, Engine, PolicyKind, RuleAction, Tier,
};
use ipnet::{IpNet, Ipv4Net};

use super::walk::{Packets, closed, tidy, without};

/// What policies keep pods from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Denied {
    pub(crate) ports: Vec<Ports>,
    pub(crate) by: By,
}

/// Why ports are denied.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum By {
    /// These policies select the pods, and no policy allows the ports.
    Isolation(Vec<Policy>),
    /// A rule of this policy denies them; the place of the rule in it.
    Rule(Policy, String),
}

/// A policy that surely selects the pods.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Policy {
    pub(crate) kind: PolicyKind,
    pub(crate) api_version: &'static str,
    pub(crate) name: String,
    /// The selector of the pods that it is for.
    pub(crate) pods: String,
    pub(crate) tier: String,
    /// An order that is lower than that of every policy of Calico's in the tier.
    pub(crate) before: f64,
}

impl By {
    /// Whether another policy can allow what is denied: Cilium's rules that deny win over all that allow.
    pub(crate) fn can_be_allowed(&self) -> bool {
        match self {
            By::Isolation(_) => true,
            By::Rule(policy, _) => policy.kind.engine() == Engine::Calico,
        }
    }

    /// Every policy of it.
    pub(crate) fn policies(&self) -> &[Policy] {
        match self {
            By::Isolation(policies) => policies,
            By::Rule(policy, _) => std::slice::from_ref(policy),
        }
    }
}

impl std::fmt::Display for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

/// Of these ports those that are surely denied, by what denies them.
pub(super) fn denied(policies: &EgressPolicies, to: IpAddr, of: &[Ports]) -> Vec<Denied> {
    let each = engines(policies).into_iter().map(|engine| by_engine(policies, engine, to));
    let mut each = each.collect::<Vec<_>>().into_iter();
    let first = each.next().unwrap_or_default();
    let others: Vec<Vec<Ports>> =
        each.map(|denied| tidy(denied.into_iter().flat_map(|denied| denied.ports).collect())).collect();
    let within = |ports: Vec<Ports>, these: &[Ports]| without(ports, &without(vec![Ports::ALL], these));
    let cut = first.into_iter().map(|denied| {
        let all = others.iter().map(Vec::as_slice).chain([of]);
        Denied { ports: all.fold(denied.ports, within), ..denied }
    });
    cut.filter(|denied| !denied.ports.is_empty()).collect()
}

/// Who may enforce the policies: those that have some of their own, or perhaps do.
fn engines(policies: &EgressPolicies) -> Vec<Engine> {
    let there = |engine: &Engine| {
        policies.engines.contains(engine) || policies.unread.iter().any(|unread| unread.of == *engine)
    };
    let own: Vec<Engine> = [Engine::Cilium, Engine::Calico].into_iter().filter(there).collect();
    if own.is_empty() { vec![Engine::Kubernetes] } else { own }
}

/// Why a rule drops.
#[derive(Debug, Clone)]
enum Cause<'p> {
    Isolation(Vec<&'p EgressPolicy>),
    Rule(&'p EgressPolicy, &'p EgressRule),
}

/// A chain with what its rules that drop stand for.
struct Part<'p> {
    name: String,
    hook: Option<Hook>,
    rules: Vec<(Rule, Option<Cause<'p>>)>,
}

/// Where policies are asked.
const HOOK: Hook = Hook { at: At::Input, priority: 0, drops: false };
/// The chain that is asked first; no tier has an empty name.
const FIRST: &str = "";

fn by_engine(policies: &EgressPolicies, engine: Engine, to: IpAddr) -> Vec<Denied> {
    let parts = match engine {
        Engine::Kubernetes | Engine::Cilium => vec![that_add_up(policies, engine)],
        Engine::Calico => in_tiers(policies),
    };
    let chain = |part: &Part<'_>| Chain {
        table: String::new(),
        name: part.name.clone(),
        hook: part.hook,
        rules: part.rules.iter().map(|(rule, _)| rule.clone()).collect(),
    };
    let ruleset = Ruleset { chains: parts.iter().map(chain).collect() };
    // No policy asks for the pod's own address.
    let from = IpNet::V4(Ipv4Net::from(Ipv4Addr::UNSPECIFIED));
    let mut all: Vec<Denied> = Vec::new();
    for closed in closed(&ruleset, Packets { from, to }) {
        let part = parts.iter().find(|part| part.name == closed.chain.name);
        let cause = part.and_then(|part| part.rules.get(closed.rule?)?.1.as_ref());
        let Some(by) = cause.map(|cause| by(cause, policies)) else { continue };
        match all.iter_mut().find(|denied| denied.by == by) {
            Some(denied) => denied.ports = tidy([denied.ports.as_slice(), &[closed.ports]].concat()),
            None => all.push(Denied { ports: vec![closed.ports], by }),
        }
    }
    all
}

fn by(cause: &Cause<'_>, all: &EgressPolicies) -> By {
    let policy = |policy: &EgressPolicy| {
        let of_tier =
            all.policies.iter().filter(|other| other.kind.engine() == Engine::Calico && other.tier == policy.tier);
        let lowest = of_tier.filter_map(|other| other.order).fold(f64::INFINITY, f64::min);
        Policy {
            kind: policy.kind,
            api_version: policy.api_version,
            name: policy.name.clone(),
            pods: policy.pods.clone(),
            tier: policy.tier.clone(),
            // Those without an order are asked at last.
            before: if lowest.is_finite() { lowest - 1.0 } else { 1.0 },
        }
    };
    match cause {
        Cause::Isolation(policies) => By::Isolation(policies.iter().map(|one| policy(one)).collect()),
        Cause::Rule(one, rule) => By::Rule(policy(one), rule.place.clone()),
    }
}

/// Not all policies are known that this engine reads.
fn knows_not_all(policies: &EgressPolicies, engine: Engine) -> bool {
    policies.unread.iter().any(|unread| [Engine::Kubernetes, engine].contains(&unread.of))
}

fn rule(conditions: Vec<Condition>, action: Action) -> Rule {
    Rule { words: String::new(), conditions, action }
}

/// What may be allowed by a policy that is not known.
fn perhaps_allowed<'p>() -> (Rule, Option<Cause<'p>>) {
    (rule(vec![Condition::Perhaps], Action::Accept), None)
}

/// What is left where a policy isolates the pod.
fn isolation<'p>(policies: &[&'p EgressPolicy]) -> Option<(Rule, Option<Cause<'p>>)> {
    let isolating: Vec<&EgressPolicy> =
        policies.iter().copied().filter(|policy| policy.surely && policy.isolates).collect();
    (!isolating.is_empty()).then(|| (rule(Vec::new(), Action::Drop), Some(Cause::Isolation(isolating))))
}

/// A rule of a policy, as one of a chain. What denies only perhaps is left out: what surely does is told.
fn of_policy<'p>(policy: &'p EgressPolicy, one: &'p EgressRule, surely: bool) -> Option<(Rule, Option<Cause<'p>>)> {
    let mut conditions = one.conditions.clone();
    if !(surely && policy.surely) {
        conditions.push(Condition::Perhaps);
    }
    let perhaps = conditions.contains(&Condition::Perhaps);
    match one.does {
        RuleAction::Allow => Some((rule(conditions, Action::Accept), None)),
        RuleAction::Pass => Some((rule(conditions, Action::Return), None)),
        RuleAction::Deny if perhaps => None,
        RuleAction::Deny => Some((rule(conditions, Action::Drop), Some(Cause::Rule(policy, one)))),
    }
}

/// Kubernetes' and Cilium's: what denies wins, what any of them allows passes, and where one isolates the rest is dropped.
fn that_add_up(policies: &EgressPolicies, engine: Engine) -> Part<'_> {
    let read = |policy: &&EgressPolicy| [Engine::Kubernetes, engine].contains(&policy.kind.engine());
    let all: Vec<&EgressPolicy> = policies.policies.iter().filter(read).collect();
    let of = |does: RuleAction| {
        let rules = all.iter().flat_map(|policy| policy.rules.iter().map(move |one| (*policy, one)));
        rules.filter(move |(_, one)| one.does == does).filter_map(|(policy, one)| of_policy(policy, one, true))
    };
    let unknown = knows_not_all(policies, engine).then(perhaps_allowed);
    let rules = of(RuleAction::Deny).chain(of(RuleAction::Allow)).chain(unknown).chain(isolation(&all));
    Part { name: FIRST.to_owned(), hook: Some(HOOK), rules: rules.collect() }
}

/// Calico's, with Kubernetes' in its default tier: the first rule that matches decides.
fn in_tiers(policies: &EgressPolicies) -> Vec<Part<'_>> {
    let default = [Tier { name: DEFAULT_TIER.to_owned(), passes: false }];
    let tiers = if policies.tiers.is_empty() { &default } else { policies.tiers.as_slice() };
    let unknown = knows_not_all(policies, Engine::Calico).then(perhaps_allowed);
    let jumps = tiers.iter().map(|tier| (rule(Vec::new(), Action::Jump(tier.name.clone())), None));
    let first = Part { name: FIRST.to_owned(), hook: Some(HOOK), rules: unknown.into_iter().chain(jumps).collect() };
    std::iter::once(first).chain(tiers.iter().map(|tier| of_tier(policies, tier))).collect()
}

fn of_tier<'p>(policies: &'p EgressPolicies, tier: &Tier) -> Part<'p> {
    let read = |policy: &&EgressPolicy| policy.kind.engine() != Engine::Cilium && policy.tier == tier.name;
    let mut all: Vec<&EgressPolicy> = policies.policies.iter().filter(read).collect();
    let order = |policy: &EgressPolicy| policy.order.unwrap_or(f64::INFINITY);
    all.sort_by(|one, other| {
        order(one).total_cmp(&order(other)).then(one.kind.cmp(&other.kind)).then_with(|| one.name.cmp(&other.name))
    });
    let same_order = all.chunk_by(|one, other| order(one).total_cmp(&order(other)).is_eq());
    let rules = same_order.flat_map(|tied| {
        // Of one kind the name decides; how kinds are sorted among each other differs from version to version.
        let does = tied.iter().flat_map(|policy| policy.rules.iter().map(|one| one.does));
        let surely = tied.iter().all(|policy| policy.kind == tied[0].kind) || all_same(does);
        let rules = tied.iter().flat_map(|policy| policy.rules.iter().map(move |one| (*policy, one)));
        rules.filter_map(move |(policy, one)| of_policy(policy, one, surely))
    });
    let rest = isolation(&all).filter(|_| !tier.passes);
    Part { name: tier.name.clone(), hook: None, rules: rules.chain(rest).collect() }
}

fn all_same(mut all: impl Iterator<Item = RuleAction>) -> bool {
    let first = all.next();
    all.all(|one| Some(one) == first)
}

#[cfg(test)]
#[path = "policies_tests.rs"]
mod tests;
