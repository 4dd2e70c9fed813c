//! The walk through chains of rules, for every port at once.
//!
//! Where a condition can hold or not, both ways are followed: a port is surely closed where every way ends in a drop, and
//! what any of them lets through is not. The kernel asks the chains of a hook by their priority; one that accepts hands
//! the packet to the next, one that drops ends it.

use std::net::IpAddr;

use ackcheck_core::seat::Ports;
use ackcheck_core::seat::host::firewall::{Action, Chain, Condition, Holds, Rule, Ruleset};
use ipnet::IpNet;

/// The most rules that are asked, jumps followed: what takes more is not judged.
const MOST_STEPS: u32 = 200_000;
/// The kernel's own limit on jumps within jumps.
pub(super) const DEEPEST: u32 = 16;
/// The ports that a connection can come from.
const SOURCE_PORTS: (u16, u16) = (1024, 65_535);

/// The packets: from one of `from`, to `to`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Packets {
    pub(crate) from: IpNet,
    pub(crate) to: IpAddr,
}

/// Ports that are closed in a chain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Closed<'a> {
    pub(super) ports: Ports,
    pub(super) chain: &'a Chain,
    /// Which of its rules it is; none where no rule decided, and what the chain does with the rest.
    pub(super) rule: Option<usize>,
}

/// The ports that the rules surely close for such packets, in order, each once.
pub(super) fn closed(ruleset: &Ruleset, packets: Packets) -> Vec<Closed<'_>> {
    let mut walk = Walk { ruleset, packets, steps: 0, drops: Vec::new() };
    let mut base: Vec<&Chain> = ruleset.chains.iter().filter(|chain| chain.hook.is_some()).collect();
    base.sort_by_key(|chain| chain.hook.map(|hook| (hook.at, hook.priority)));
    let (mut alive, mut diverted) = (vec![Ports::ALL], Vec::new());
    for chain in base {
        let ended = walk.chain(chain, alive, 0);
        let mut passed = ended.accepted;
        match chain.hook {
            Some(hook) if hook.drops => walk.drop_all(ended.fallen, chain, None),
            _ => passed.extend(ended.fallen),
        }
        diverted.extend(ended.diverted);
        alive = tidy(passed);
    }
    if walk.steps > MOST_STEPS {
        return Vec::new();
    }
    let survivors = tidy([alive, diverted].concat());
    let surely = walk.drops.into_iter().flat_map(|drop| {
        let parts = without(vec![drop.ports], &survivors);
        parts.into_iter().map(move |ports| Closed { ports, ..drop })
    });
    let (mut all, mut known): (Vec<Closed<'_>>, Vec<Ports>) = (Vec::new(), Vec::new());
    // Where several rules may be the one, the first is told.
    for drop in surely {
        all.extend(without(vec![drop.ports], &known).into_iter().map(|ports| Closed { ports, ..drop }));
        known = tidy([known, vec![drop.ports]].concat());
    }
    all.sort_by_key(|closed| closed.ports);
    all
}

/// What became of the ports that were put into a chain. A port can be in several: each is possible.
#[derive(Debug, Default)]
struct Ended {
    accepted: Vec<Ports>,
    /// Returned, or at the end of the chain.
    fallen: Vec<Ports>,
    /// Sent elsewhere, or to what is not known.
    diverted: Vec<Ports>,
}

struct Walk<'a> {
    ruleset: &'a Ruleset,
    packets: Packets,
    steps: u32,
    drops: Vec<Closed<'a>>,
}

impl<'a> Walk<'a> {
    fn chain(&mut self, chain: &'a Chain, mut alive: Vec<Ports>, depth: u32) -> Ended {
        let mut ended = Ended::default();
        for (at, rule) in chain.rules.iter().enumerate() {
            self.steps += 1;
            if alive.is_empty() || self.steps > MOST_STEPS {
                break;
            }
            let (hit, surely) = self.hit(rule, &alive);
            if hit.is_empty() {
                continue;
            }
            if surely && rule.action != Action::Continue {
                alive = without(alive, &hit);
            }
            match &rule.action {
                Action::Continue => {}
                Action::Accept => ended.accepted.extend(hit),
                Action::Drop | Action::Reject => self.drop_all(hit, chain, Some(at)),
                Action::Return => ended.fallen.extend(hit),
                Action::Divert | Action::Unknown => ended.diverted.extend(hit),
                Action::Jump(to) | Action::Goto(to) => {
                    let sub = self.follow(chain, to, hit, depth);
                    ended.accepted.extend(sub.accepted);
                    ended.diverted.extend(sub.diverted);
                    match rule.action {
                        Action::Goto(_) => ended.fallen.extend(sub.fallen),
                        _ => alive = tidy([alive, sub.fallen].concat()),
                    }
                }
            }
        }
        ended.fallen.extend(alive);
        ended
    }

    /// Another chain of the same table; one that is not there, or too deep, is what ackcheck does not know.
    fn follow(&mut self, from: &Chain, to: &str, ports: Vec<Ports>, depth: u32) -> Ended {
        let ruleset = self.ruleset;
        let target = ruleset.chains.iter().find(|chain| chain.table == from.table && chain.name == *to);
        match target {
            Some(target) if depth < DEEPEST => self.chain(target, ports, depth + 1),
            _ => Ended { diverted: ports, ..Ended::default() },
        }
    }

    fn drop_all(&mut self, ports: Vec<Ports>, chain: &'a Chain, rule: Option<usize>) {
        self.drops.extend(ports.into_iter().map(|ports| Closed { ports, chain, rule }));
    }

    /// The ports for which a rule's conditions hold, and whether they surely do.
    fn hit(&self, rule: &Rule, alive: &[Ports]) -> (Vec<Ports>, bool) {
        let (mut hit, mut surely) = (alive.to_vec(), true);
        for condition in &rule.conditions {
            let holds = match condition {
                Condition::Never => Holds::No,
                Condition::Perhaps => Holds::Perhaps,
                Condition::Source { ranges, not } => of_range(ranges, self.packets.from).negated(*not),
                Condition::Destination { ranges, not } => of_range(ranges, self.packets.to.into()).negated(*not),
                Condition::SourcePorts { ports, not } => of_source_ports(ports).negated(*not),
                Condition::Ports { ports, not } => {
                    let inside = without(hit.clone(), &without(vec![Ports::ALL], ports));
                    hit = if *not { without(hit, ports) } else { inside };
                    Holds::Yes
                }
            };
            match holds {
                Holds::Yes => {}
                Holds::Perhaps => surely = false,
                Holds::No => return (Vec::new(), true),
            }
        }
        (hit, surely)
    }
}

/// Whether the address of all of the packets is in one of the ranges.
fn of_range(ranges: &[IpNet], packets: IpNet) -> Holds {
    let overlaps = |range: &IpNet| range.contains(&packets) || packets.contains(range);
    if ranges.iter().any(|range| range.contains(&packets)) {
        Holds::Yes
    } else if ranges.iter().any(overlaps) {
        Holds::Perhaps
    } else {
        Holds::No
    }
}

fn of_source_ports(ports: &[Ports]) -> Holds {
    let Ok(possible) = Ports::new(SOURCE_PORTS.0, SOURCE_PORTS.1) else { return Holds::Perhaps };
    if without(vec![possible], ports).is_empty() {
        Holds::Yes
    } else if ports.iter().any(|ports| ports.intersection(possible).is_some()) {
        Holds::Perhaps
    } else {
        Holds::No
    }
}

/// What of `all` is in none of `these`.
pub(super) fn without(all: Vec<Ports>, these: &[Ports]) -> Vec<Ports> {
    these.iter().fold(all, |left, ports| left.into_iter().flat_map(|range| range.without(*ports)).collect())
}

/// The same ports in order, none twice.
pub(super) fn tidy(mut all: Vec<Ports>) -> Vec<Ports> {
    all.sort_unstable();
    let mut tidy: Vec<Ports> = Vec::new();
    for next in all {
        match tidy.last_mut() {
            Some(last) if u32::from(next.first()) <= u32::from(last.last()) + 1 => {
                if let Ok(both) = Ports::new(last.first(), last.last().max(next.last())) {
                    *last = both;
                }
            }
            _ => tidy.push(next),
        }
    }
    tidy
}
