//! The text of `iptables-save`.

use ackcheck_core::seat::Ports;
use ackcheck_core::seat::host::firewall::{Action, At, Chain, Condition, Hook, Rule, Ruleset};
use ipnet::IpNet;

/// Whether the rules are kept in nf_tables, so that `nft` lists them too.
pub(super) fn is_of_nf_tables(text: &str) -> bool {
    text.lines().take(5).any(|line| line.starts_with('#') && line.contains("(nf_tables)"))
}

/// Every chain of the tables that packets to the host pass.
pub(super) fn read(text: &str) -> Ruleset {
    let mut chains: Vec<Chain> = Vec::new();
    let mut table = "";
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('*') {
            table = name;
        } else if let Some(chain) = line.strip_prefix(':') {
            let mut words = chain.split_whitespace();
            let (name, policy) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let hook = hook(table, name).map(|(at, priority)| Hook { at, priority, drops: policy == "DROP" });
            chains.push(Chain { table: of_iptables(table), name: name.to_owned(), hook, rules: Vec::new() });
        } else if let Some(rule) = line.strip_prefix("-A ") {
            let (name, rest) = rule.split_once(' ').unwrap_or((rule, ""));
            let of_table =
                |chain: &&mut Chain| chain.name == name && chain.table.strip_prefix("iptables ") == Some(table);
            if let Some(chain) = chains.iter_mut().find(of_table) {
                chain.rules.push(rule_of(rest));
            }
        }
    }
    Ruleset { chains }
}

fn of_iptables(table: &str) -> String {
    format!("iptables {table}")
}

/// Where the kernel asks a built-in chain, and its priority there.
fn hook(table: &str, chain: &str) -> Option<(At, i64)> {
    Some(match (table, chain) {
        ("raw", "PREROUTING") => (At::Prerouting, -300),
        ("mangle", "PREROUTING") => (At::Prerouting, -150),
        ("nat", "PREROUTING") => (At::Prerouting, -100),
        ("mangle", "INPUT") => (At::Input, -150),
        ("filter", "INPUT") => (At::Input, 0),
        ("security", "INPUT") => (At::Input, 50),
        _ => return None,
    })
}

fn rule_of(text: &str) -> Rule {
    let words = words_of(text);
    let mut reader = Reader { words: &words, at: 0, conditions: Vec::new(), action: Action::Continue };
    while let Some(word) = reader.next() {
        let not = word == "!";
        let option = if not { reader.next().unwrap_or_default() } else { word };
        reader.option(option, not);
    }
    Rule { words: text.to_owned(), conditions: reader.conditions, action: reader.action }
}

struct Reader<'a> {
    words: &'a [String],
    at: usize,
    conditions: Vec<Condition>,
    action: Action,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let word = self.words.get(self.at)?;
        self.at += 1;
        Some(word)
    }

    fn option(&mut self, option: &str, not: bool) {
        let holds = |holds: bool| (holds == not).then_some(Condition::Never);
        let condition = match option {
            // A module is named before its options, which say what it asks.
            "-m" | "--match" => {
                let module = self.next().unwrap_or_default();
                const ONLY_OPTIONS: [&str; 9] =
                    ["tcp", "comment", "conntrack", "state", "multiport", "addrtype", "iprange", "limit", "mark"];
                (!ONLY_OPTIONS.contains(&module)).then_some(Condition::Perhaps)
            }
            "--comment" => {
                self.next();
                None
            }
            "-s" | "--source" => Some(self.ranges(|ranges| Condition::Source { ranges, not })),
            "-d" | "--destination" => Some(self.ranges(|ranges| Condition::Destination { ranges, not })),
            "--dport" | "--dports" | "--destination-port" | "--destination-ports" => {
                Some(self.ports(|ports| Condition::Ports { ports, not }))
            }
            "--sport" | "--sports" | "--source-port" | "--source-ports" => {
                Some(self.ports(|ports| Condition::SourcePorts { ports, not }))
            }
            "-p" | "--protocol" => {
                let protocol = self.next().unwrap_or_default();
                holds(["tcp", "6", "all", "0", "ip"].contains(&protocol))
            }
            "-i" | "--in-interface" => match is_outward(self.next().unwrap_or_default()) {
                Some(outward) => holds(outward),
                None => Some(Condition::Perhaps),
            },
            "--ctstate" | "--state" => holds(self.next().unwrap_or_default().split(',').any(|state| state == "NEW")),
            "--dst-type" => match self.next().unwrap_or_default() {
                "LOCAL" | "UNICAST" => holds(true),
                "BROADCAST" | "MULTICAST" | "ANYCAST" => holds(false),
                _ => Some(Condition::Perhaps),
            },
            "--syn" => holds(true),
            "--tcp-flags" => {
                let (mask, set) = (self.next().unwrap_or_default(), self.next().unwrap_or_default());
                holds(is_of_syn(mask, set))
            }
            "-j" | "--jump" => return self.target(Action::Jump),
            "-g" | "--goto" => return self.target(Action::Goto),
            // A condition with what it asks for, however many words that is.
            _ => Some(Condition::Perhaps),
        };
        self.conditions.extend(condition);
    }

    /// What follows a target are its own options.
    fn target(&mut self, chain: fn(String) -> Action) {
        self.action = match self.next().unwrap_or_default() {
            "ACCEPT" => Action::Accept,
            "DROP" => Action::Drop,
            "REJECT" => Action::Reject,
            "RETURN" => Action::Return,
            "LOG" | "NFLOG" | "ULOG" | "MARK" | "CONNMARK" | "TRACE" | "TCPMSS" | "DSCP" | "TOS" | "TTL" | "SET"
            | "CT" | "NOTRACK" | "AUDIT" | "CLASSIFY" | "CHECKSUM" | "SECMARK" | "CONNSECMARK" => Action::Continue,
            "DNAT" | "REDIRECT" | "TPROXY" | "NETMAP" => Action::Divert,
            name if name.chars().all(|c| c.is_ascii_uppercase()) && BUILT_IN.contains(&name) => Action::Unknown,
            name => chain(name.to_owned()),
        };
        self.at = self.words.len();
    }

    fn ranges(&mut self, condition: impl Fn(Vec<IpNet>) -> Condition) -> Condition {
        let read =
            |text: &str| text.parse::<IpNet>().ok().or_else(|| Some(text.parse::<std::net::IpAddr>().ok()?.into()));
        match self.next().and_then(read) {
            Some(range) => condition(vec![range]),
            None => Condition::Perhaps,
        }
    }

    fn ports(&mut self, condition: impl Fn(Vec<Ports>) -> Condition) -> Condition {
        let read = |text: &str| -> Option<Vec<Ports>> { text.split(',').map(ports).collect() };
        match self.next().and_then(read) {
            Some(ports) => condition(ports),
            None => Condition::Perhaps,
        }
    }
}

/// Targets of extensions that decide for themselves.
const BUILT_IN: [&str; 4] = ["NFQUEUE", "QUEUE", "SYNPROXY", "CLUSTERIP"];

/// `20000:59999`, `22`, `:1023`, `1024:`.
fn ports(text: &str) -> Option<Ports> {
    let end = |text: &str, open: u16| if text.is_empty() { Some(open) } else { text.parse::<u16>().ok() };
    let (first, last) = match text.split_once(':') {
        Some((first, last)) => (end(first, 0)?, end(last, u16::MAX)?),
        None => (text.parse().ok()?, text.parse().ok()?),
    };
    Ports::new(first.max(1), last).ok()
}

/// Whether packets from another machine come in there; none where that is not known. A bridge of containers carries what
/// the containers of this host send.
pub(super) fn is_outward(interface: &str) -> Option<bool> {
    let inward = ["docker", "veth", "virbr", "cni", "podman"].iter().any(|name| interface.starts_with(name));
    // Docker names bridges after the id of their network; `br-ex` or `br-lan` may hold the host's own card.
    let of_network =
        interface.strip_prefix("br-").is_some_and(|id| id.len() == 12 && id.bytes().all(|c| c.is_ascii_hexdigit()));
    match interface {
        "lo" => Some(false),
        "+" | "*" => Some(true),
        _ if inward || of_network => Some(false),
        _ => None,
    }
}

/// Whether a packet with SYN alone has, of the flags of a mask, exactly these set.
fn is_of_syn(mask: &str, set: &str) -> bool {
    let has = |list: &str, flag: &str| list.split(',').any(|one| one == flag || one == "ALL");
    let others = ["FIN", "RST", "PSH", "ACK", "URG"];
    has(mask, "SYN") == (has(set, "SYN") && has(mask, "SYN"))
        && others.iter().all(|flag| !has(set, flag) || !has(mask, flag))
        && (has(mask, "SYN") || !has(set, "SYN"))
}

/// Words as iptables-save quotes them.
fn words_of(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut any) = (Vec::new(), String::new(), false, false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => (quoted, any) = (!quoted, true),
            '\\' if quoted => word.extend(chars.next()),
            ' ' if !quoted => {
                if any || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                any = false;
            }
            other => word.push(other),
        }
    }
    if any || !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
#[path = "iptables_tests.rs"]
mod tests;
