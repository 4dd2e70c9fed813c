//! What the name servers' answers come to.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use ackcheck_core::seat::{AskedName, AskedServer, AskedServers, NameHeard};
use ackcheck_core::verdict::Finding;

use super::{AAAA_UNANSWERED, ANSWERS_DIFFER, SEARCH_WILDCARD, SERVER_DEAD, SLOW};

/// The shortest time that resolv.conf can have a resolver wait (`options timeout:1`): where each answer takes longer,
/// such a resolver finds nothing, and every other one waits for each name of the search list.
const SLOWEST: Duration = Duration::from_secs(1);

/// What was asked from one node, and what came.
pub(super) struct Answers<'a> {
    pub(super) node: &'a str,
    /// The name of the DSS host; one of `names`.
    pub(super) dss: Option<&'a str>,
    /// The names that DSS needs.
    pub(super) names: &'a [String],
    pub(super) asked: &'a AskedServers,
}

impl<'a> Answers<'a> {
    /// The servers that answer at all.
    pub(super) fn living(&self) -> impl Iterator<Item = &'a AskedServer> {
        self.asked.servers.iter().filter(|server| server.asked.iter().any(|asked| asked.heard.addresses().is_some()))
    }

    /// Names with few dots are tried below each domain of the search list first: one that knows every name has them all.
    pub(super) fn wildcard(&self) -> Option<Finding> {
        let ndots = usize::from(self.asked.ndots);
        let caught = self.names.iter().find(|name| !name.ends_with('.') && name.matches('.').count() < ndots)?;
        let nobodys = |asked: &&AskedName| !self.names.contains(&asked.name);
        let known = |asked: &AskedName| asked.heard.addresses().and_then(<[IpAddr]>::first).copied();
        let asked = self.living().flat_map(|server| &server.asked).filter(nobodys);
        let (made_up, address) = asked.filter_map(|asked| Some((&asked.name, known(asked)?))).next()?;
        let domain = made_up.split_once('.').map_or(made_up.as_str(), |(_, domain)| domain);
        let seen = format!(
            "{made_up}, which nobody has, resolves to {address} for pods on {}: with ndots:{ndots}, {caught} is tried as \
             {caught}.{domain} first, which then has that address as well",
            self.node
        );
        Some(SEARCH_WILDCARD.found(seen).with("domain", domain).with("name", caught.as_str()))
    }

    /// Of the DSS host's name every server must have the same addresses; of others, which may have many, each must have
    /// some.
    pub(super) fn differ(&self) -> Option<Finding> {
        self.names.iter().find_map(|name| {
            let said: Vec<(&str, BTreeSet<IpAddr>)> =
                self.living().filter_map(|server| Some((server.address.as_str(), answer(server, name)?))).collect();
            let (first, rest) = said.split_first()?;
            let alike = |other: &BTreeSet<IpAddr>| match self.dss == Some(name) {
                true => *other == first.1,
                false => other.is_empty() == first.1.is_empty(),
            };
            let other = rest.iter().find(|(_, other)| !alike(other))?;
            let told = |(server, addresses): &(&str, BTreeSet<IpAddr>)| format!("{} from {server}", list(addresses));
            let seen = format!("for pods on {}, {name} is {}, but {}", self.node, told(first), told(other));
            Some(ANSWERS_DIFFER.found(seen).with("name", name.as_str()).with("one", first.0).with("other", other.0))
        })
    }

    /// A server that is silent costs each look-up the time that a resolver waits for it.
    pub(super) fn dead(&self) -> Option<Finding> {
        let may_come_first = if self.asked.rotate { self.asked.servers.len() } else { 1 };
        let silent = |server: &&AskedServer| {
            !server.asked.is_empty() && server.asked.iter().all(|asked| asked.heard == NameHeard::Silence)
        };
        let dead = self.asked.servers.iter().take(may_come_first).find(silent)?;
        let seen = format!(
            "{}: no answer within {:.0} s from the name server {}, which pods ask first; {} answers",
            self.node,
            Duration::from_millis(self.asked.waited_ms).as_secs_f64(),
            dead.address,
            self.living().next().map_or("another", |server| server.address.as_str())
        );
        Some(SERVER_DEAD.found(seen).with("server", dead.address.as_str()))
    }

    /// The C library asks for both at once, and waits for both.
    pub(super) fn without_aaaa(&self) -> Option<Finding> {
        self.living().find_map(|server| {
            let fourth = server.asked.iter().filter(|asked| !asked.sixth && asked.heard.addresses().is_some());
            let unanswered = |asked: &&AskedName| {
                let sixth = server.asked.iter().find(|other| other.sixth && other.name == asked.name);
                sixth.is_some_and(|sixth| sixth.heard == NameHeard::Silence)
            };
            let name = &fourth.into_iter().find(unanswered)?.name;
            let seen = format!(
                "{}: the name server {} answers queries for the IPv4 addresses of {name} and not those for its IPv6 \
                 addresses (AAAA), although it was asked again for {:.0} s",
                self.node,
                server.address,
                Duration::from_millis(self.asked.waited_ms).as_secs_f64()
            );
            Some(AAAA_UNANSWERED.found(seen).with("server", server.address.as_str()).with("name", name.as_str()))
        })
    }

    /// Judged by the quickest answer: a name that has to be looked up far away may take its time.
    pub(super) fn slow(&self) -> Option<Finding> {
        let server = self.living().next()?;
        let quickest = server.asked.iter().filter_map(|asked| asked.heard.took()).min()?;
        (quickest > SLOWEST).then(|| {
            let seen = format!(
                "{}: the quickest of {} answers of the name server {} took {:.1} s",
                self.node,
                server.asked.len(),
                server.address,
                quickest.as_secs_f64()
            );
            SLOW.found(seen).with("server", server.address.as_str())
        })
    }
}

/// The IPv4 addresses that a server gives for a name; none where it did not answer, or could not.
fn answer(server: &AskedServer, name: &str) -> Option<BTreeSet<IpAddr>> {
    let asked = server.asked.iter().find(|asked| !asked.sixth && asked.name == name)?;
    Some(asked.heard.addresses()?.iter().copied().collect())
}

fn list(addresses: &BTreeSet<IpAddr>) -> String {
    match addresses.is_empty() {
        true => "unknown".to_owned(),
        false => addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}
