//! What a rule asks of a packet, and whether a new TCP connection's first packet from another machine has it.

use std::net::IpAddr;

use ackcheck_core::seat::Ports;
use ackcheck_core::seat::host::firewall::Condition;
use ipnet::IpNet;
use serde_json::Value;

use super::Table;
use crate::host::firewall::iptables::is_outward;
use crate::host::firewall::nft::text_of;

/// A question, and what it comes to; none where it always holds.
pub(super) struct Asked {
    pub(super) words: String,
    pub(super) condition: Option<Condition>,
}

/// A `match` statement.
pub(super) fn asked(inner: &Value, table: Table<'_>) -> Asked {
    let (Some(left), Some(right)) = (inner.get("left"), inner.get("right")) else {
        return Asked { words: "a match".to_owned(), condition: Some(Condition::Perhaps) };
    };
    let not = match text_of(inner, "op") {
        "==" | "in" => false,
        "!=" => true,
        operator => {
            let words = format!("{} {operator} {}", subject(left), value(right));
            return Asked { words, condition: Some(compared(left, operator, right)) };
        }
    };
    let words = format!("{}{} {}", subject(left), if not { " !=" } else { "" }, value(right));
    Asked { words, condition: holds(left, right, not, table) }
}

/// A key that has this value.
pub(super) fn equals(key: &Value, wanted: &Value, table: Table<'_>) -> Asked {
    let wanted = wanted.pointer("/elem/val").unwrap_or(wanted);
    // The default of a map.
    if wanted == "*" {
        return Asked { words: "else".to_owned(), condition: None };
    }
    Asked { words: format!("{} {}", subject(key), value(wanted)), condition: holds(key, wanted, false, table) }
}

/// What is asked about, in nft's words: `tcp dport`, `iifname`, `ct state`.
fn subject(left: &Value) -> String {
    if let Some(payload) = left.get("payload") {
        return format!("{} {}", text_of(payload, "protocol"), text_of(payload, "field"));
    }
    if let Some(meta) = left.get("meta") {
        return text_of(meta, "key").to_owned();
    }
    if let Some(ct) = left.get("ct") {
        return format!("ct {}", text_of(ct, "key"));
    }
    left.as_object().and_then(|left| left.keys().next()).cloned().unwrap_or_else(|| "something".to_owned())
}

fn value(right: &Value) -> String {
    match right {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(value).collect::<Vec<_>>().join(", "),
        Value::Object(object) => match object.iter().next() {
            Some((kind, inner)) if kind == "range" => {
                inner.as_array().map(|ends| ends.iter().map(value).collect::<Vec<_>>().join("-")).unwrap_or_default()
            }
            Some((kind, inner)) if kind == "prefix" => {
                format!("{}/{}", text_of(inner, "addr"), inner.get("len").map(value).unwrap_or_default())
            }
            Some((kind, inner)) if kind == "set" => {
                let all = inner.as_array().map(|all| all.iter().take(8).map(value).collect::<Vec<_>>().join(", "));
                format!("{{ {} }}", all.unwrap_or_default())
            }
            Some((_, inner)) => inner.get("val").map(value).unwrap_or_default(),
            None => String::new(),
        },
        other => other.to_string(),
    }
}

fn holds(left: &Value, right: &Value, not: bool, table: Table<'_>) -> Option<Condition> {
    let decided = |holds: Option<bool>| match holds {
        Some(holds) => (holds == not).then_some(Condition::Never),
        None => Some(Condition::Perhaps),
    };
    let Some(values) = values(right, table) else { return Some(Condition::Perhaps) };
    let among = |names: &[&str]| Some(values.iter().any(|value| names.iter().any(|name| *value == name)));
    match subject(left).as_str() {
        "ip saddr" => Some(ranges(&values).map_or(Condition::Perhaps, |ranges| Condition::Source { ranges, not })),
        "ip daddr" => Some(ranges(&values).map_or(Condition::Perhaps, |ranges| Condition::Destination { ranges, not })),
        "tcp dport" | "th dport" => {
            Some(ports(&values).map_or(Condition::Perhaps, |ports| Condition::Ports { ports, not }))
        }
        "tcp sport" | "th sport" => {
            Some(ports(&values).map_or(Condition::Perhaps, |ports| Condition::SourcePorts { ports, not }))
        }
        "l4proto" | "ip protocol" => decided(of_protocol(&values)),
        "nfproto" | "protocol" => decided(among(&["ipv4", "ip"])),
        "iifname" | "iif" => decided(of_interface(&values)),
        "iiftype" => decided(Some(values.iter().all(|value| *value != "loopback"))),
        "pkttype" => decided(among(&["host", "unicast"])),
        "ct state" => decided(among(&["new"])),
        "ct status" if values.iter().all(|value| *value == "dnat") => decided(Some(false)),
        "fib" if of_destination(left) => decided(among(&["local"])),
        "&" => flags(left, &values).map_or(Some(Condition::Perhaps), |holds| decided(Some(holds))),
        other if is_of_another_protocol(other) => Some(Condition::Never),
        _ => Some(Condition::Perhaps),
    }
}

/// Nothing of UDP, ICMP or IPv6 holds for a TCP packet over IPv4, negated or not: it does not have the field.
fn is_of_another_protocol(subject: &str) -> bool {
    ["udp ", "udplite ", "icmp ", "icmpv6 ", "ip6 ", "sctp ", "dccp ", "ah ", "esp ", "arp ", "igmp "]
        .iter()
        .any(|other| subject.starts_with(other))
}

/// The single values of the right side; none where they are not known.
fn values<'v>(right: &'v Value, table: Table<'v>) -> Option<Vec<&'v Value>> {
    let plain = |value: &'v Value| value.pointer("/elem/val").unwrap_or(value);
    let is_name = |text: &str| text.starts_with('@');
    match right {
        Value::String(name) if is_name(name) => Some(table.elements(right)?.iter().map(plain).collect()),
        Value::Object(object) if object.contains_key("set") => match object.get("set") {
            Some(Value::Array(all)) => Some(all.iter().map(plain).collect()),
            Some(one) => Some(vec![plain(one)]),
            None => None,
        },
        Value::Array(all) => Some(all.iter().collect()),
        one => Some(vec![one]),
    }
}

fn ranges(values: &[&Value]) -> Option<Vec<IpNet>> {
    let mut ranges = Vec::new();
    for value in values {
        if let Some(address) = value.as_str() {
            ranges.push(address.parse::<IpAddr>().ok()?.into());
        } else if let Some(prefix) = value.get("prefix") {
            let length = u8::try_from(prefix.get("len")?.as_u64()?).ok()?;
            ranges.push(IpNet::new(text_of(prefix, "addr").parse().ok()?, length).ok()?);
        } else {
            let ends = value.get("range")?.as_array()?;
            let [first, last] = ends.as_slice() else { return None };
            let (first, last) = (first.as_str()?.parse().ok()?, last.as_str()?.parse().ok()?);
            ranges.extend(ipnet::Ipv4Subnets::new(first, last, 0).map(IpNet::V4));
        }
    }
    Some(ranges)
}

fn ports(values: &[&Value]) -> Option<Vec<Ports>> {
    let number = |value: &Value| value.as_u64().and_then(|port| u16::try_from(port).ok());
    let mut ports = Vec::new();
    for value in values {
        let (first, last) = match value.get("range").and_then(Value::as_array).map(Vec::as_slice) {
            Some([first, last]) => (number(first)?, number(last)?),
            Some(_) => return None,
            None => (number(value)?, number(value)?),
        };
        // Port 0 is not one that is dialled.
        ports.extend((last > 0).then(|| Ports::new(first.max(1), last).ok()).flatten());
    }
    Some(ports)
}

/// `tcp`, or 6 where it is written as a number.
fn of_protocol(values: &[&Value]) -> Option<bool> {
    let is_tcp = |value: &&Value| **value == "tcp" || **value == 6;
    let within = |value: &Value| value.get("range").is_some() || value.get("prefix").is_some();
    if values.iter().any(is_tcp) {
        return Some(true);
    }
    (!values.iter().any(|value| within(value))).then_some(false)
}

fn of_interface(values: &[&Value]) -> Option<bool> {
    let each: Vec<Option<bool>> = values.iter().map(|value| is_outward(value.as_str().unwrap_or("?"))).collect();
    match each.as_slice() {
        all if all.contains(&Some(true)) => Some(true),
        all if all.iter().all(|one| *one == Some(false)) => Some(false),
        _ => None,
    }
}

/// `fib daddr type`, on its own: a packet for the host has a local destination.
fn of_destination(left: &Value) -> bool {
    let fib = left.get("fib").unwrap_or(&Value::Null);
    let flags = fib.get("flags").map(|flags| match flags {
        Value::Array(all) => all.iter().map(value).collect::<Vec<_>>(),
        one => vec![value(one)],
    });
    text_of(fib, "result") == "type" && flags == Some(vec!["daddr".to_owned()])
}

/// `tcp flags & (fin | syn | rst | ack) == syn`: whether a packet with SYN alone has it.
fn flags(left: &Value, wanted: &[&Value]) -> Option<bool> {
    let sides = left.get("&")?.as_array()?;
    let [field, mask] = sides.as_slice() else { return None };
    if subject(field) != "tcp flags" {
        return None;
    }
    let mask = names(mask)?;
    let wanted: Vec<String> = wanted.iter().map(|one| names(one)).collect::<Option<Vec<_>>>()?.concat();
    let of_syn: Vec<&String> = mask.iter().filter(|flag| *flag == "syn").collect();
    Some(wanted.len() == of_syn.len() && wanted.iter().all(|flag| flag == "syn"))
}

/// The names of flags, however they are joined.
fn names(flags: &Value) -> Option<Vec<String>> {
    match flags {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(all) => Some(all.iter().map(names).collect::<Option<Vec<_>>>()?.concat()),
        Value::Object(object) => names(object.get("|")?),
        Value::Number(zero) if zero.as_u64() == Some(0) => Some(Vec::new()),
        _ => None,
    }
}

/// `<`, `>` and their like, of destination ports.
fn compared(left: &Value, operator: &str, right: &Value) -> Condition {
    let port = right.as_u64().and_then(|port| u16::try_from(port).ok());
    let Some(port) = port.filter(|_| ["tcp dport", "th dport"].contains(&subject(left).as_str())) else {
        return Condition::Perhaps;
    };
    let range = match operator {
        "<" => (1, port.saturating_sub(1)),
        "<=" => (1, port),
        ">" => (port.saturating_add(1), u16::MAX),
        ">=" => (port.max(1), u16::MAX),
        _ => return Condition::Perhaps,
    };
    match Ports::new(range.0, range.1) {
        Ok(ports) if operator != ">" || port < u16::MAX => Condition::Ports { ports: vec![ports], not: false },
        _ => Condition::Never,
    }
}
