//! What network ACLs drop, in words, and the entries that let it pass.

use ackcheck_core::required_ports::RequiredPorts;
use ackcheck_core::seat::Ports;
use ackcheck_core::seat::cloud::VSwitchAcl;

use crate::network::prediction::acl::{Dropping, Pass};
use crate::network::prediction::words::{MOST_NAMED, dropped_by};

/// What is dropped, each with the senders it is dropped for.
pub(super) fn in_words(dropped: &[Dropping<'_>]) -> String {
    let mut lines: Vec<(String, Vec<&str>)> = Vec::new();
    for dropping in dropped {
        let what = dropping.source.what.as_str();
        let line = of_pass(dropping);
        match lines.iter_mut().find(|(known, _)| *known == line) {
            Some((_, sources)) if sources.contains(&what) => {}
            Some((_, sources)) => sources.push(what),
            None => lines.push((line, vec![what])),
        }
    }
    let said = lines.iter().take(MOST_NAMED).map(|(line, sources)| match sources.as_slice() {
        [first, rest @ ..] if !rest.is_empty() => format!("{line} (for {first} and {} more)", rest.len()),
        sources => format!("{line} (for {})", sources.concat()),
    });
    let mut said = said.collect::<Vec<_>>().join("; ");
    if lines.len() > MOST_NAMED {
        said.push_str(&format!("; and {} more", lines.len() - MOST_NAMED));
    }
    said
}

fn of_pass(dropping: &Dropping<'_>) -> String {
    let ports = match dropping.ports {
        Ports::ALL => format!("{} (every port)", dropping.ports),
        ports => ports.to_string(),
    };
    let what = match dropping.pass {
        Pass::Out => format!("connections to TCP {ports} out of"),
        Pass::In => format!("connections to TCP {ports} into"),
        Pass::AnswerOut => format!("answers to the source ports {ports} out of"),
        Pass::AnswerIn => format!("answers to the source ports {ports} into"),
    };
    format!("{what} {}: {}", dropping.vswitch, dropped_by(dropping))
}

/// The entries to add, a line each.
pub(super) fn entries(dropped: &[Dropping<'_>], required: &RequiredPorts) -> String {
    let mut lines: Vec<String> = Vec::new();
    for dropping in dropped {
        let (direction, side) = match dropping.pass.inward() {
            true => ("inbound", "source"),
            false => ("outbound", "destination"),
        };
        // Of senders the range that admits the next node too; of the host its own address.
        let peer = if dropping.pass.at_sender() { dropping.peer } else { dropping.source.to_admit };
        let ports: Vec<String> = match dropping.pass.of_answers() {
            true => vec!["1024/65535".to_owned()],
            false => required.ranges().iter().map(|ports| format!("{}/{}", ports.first(), ports.last())).collect(),
        };
        for ports in ports {
            let line = format!("{}: {direction} rule, allow, TCP, {side} {peer}, ports {ports}", dropping.acl.id);
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    lines.join("\n")
}

/// The ACLs that drop something, as arguments of a loop.
pub(super) fn acls(dropped: &[Dropping<'_>]) -> String {
    let mut ids: Vec<&str> = dropped.iter().map(|dropping| dropping.acl.id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.join(" ")
}

/// The entries that are not decided, and why.
pub(super) fn undecided(acls: &[VSwitchAcl]) -> String {
    let mut named: Vec<String> = Vec::new();
    for acl in acls.iter().filter_map(|of| of.acl.as_ref()) {
        let entries = acl.ingress.iter().chain(&acl.egress);
        let unread =
            entries.filter_map(|entry| Some(format!("{} of {}: {}", entry.id, acl.id, entry.unread.as_ref()?)));
        named.extend(unread);
    }
    named.sort();
    named.dedup();
    named.truncate(MOST_NAMED);
    named.join("; ")
}
