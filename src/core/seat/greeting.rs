//! What answers at ports where ackcheck itself listens, and hands every caller a token of this run.

use std::fmt;
use std::net::IpAddr;

pub use ackcheck_probe_protocol::Greeting;
use ackcheck_probe_protocol::Ports;

/// Who answered at a port of the DSS host where ackcheck listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// ackcheck.
    Own,
    /// Somebody refused by a reset in its stead, each time.
    Refused,
    /// Somebody accepted in its stead, each time.
    Accepted,
    /// Nobody, each time: silence, or no way there.
    Nobody,
    /// One of these, but not each time.
    Unclear(Greeting),
}

/// Ports of the DSS host that ackcheck is to listen on, and the address at which a pod is to call them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalledPorts {
    /// What the pod calls.
    pub address: IpAddr,
    /// The address of the DSS host that ackcheck listens on. It is another one where something forwards connections.
    pub listens_on: IpAddr,
    /// Of these the ones that are free.
    pub ports: Vec<Ports>,
    /// Whether the first pod of the run that is asked so calls all of them, and every other a sample that meets every range of
    /// 128 ports; else each pod calls a handful.
    pub all: bool,
}

/// Ports that follow each other among those that listened, and were answered alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnsweredPorts {
    pub first: u16,
    pub last: u16,
    /// How many of them were called.
    pub count: usize,
    pub by: Answered,
}

/// What pods on a node hear at ports of the DSS host where ackcheck listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostGreeting {
    /// In order. Empty where no port could be opened.
    pub ranges: Vec<AnsweredPorts>,
    /// Whether these are all ports that were free, and not a sample of them.
    pub whole: bool,
    /// Ports that were not opened, with why, for people.
    pub not_opened: Vec<String>,
    /// The addresses of the pod.
    pub pod: Vec<IpAddr>,
    /// The addresses that its connections came from.
    pub callers: Vec<IpAddr>,
}

/// What became of a connection from the DSS host to a pod that listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodGreeting {
    /// The pod's address, as Kubernetes has it.
    pub address: IpAddr,
    pub port: u16,
    pub greeting: Greeting,
    /// The addresses that called the pod, as it saw them.
    pub callers: Vec<IpAddr>,
}

impl AnsweredPorts {
    /// Ports in their order with who answered, as ranges.
    pub fn of(each: impl IntoIterator<Item = (u16, Answered)>) -> Vec<AnsweredPorts> {
        let mut ranges: Vec<AnsweredPorts> = Vec::new();
        for (port, by) in each {
            match ranges.last_mut().filter(|last| last.by == by) {
                Some(last) => (last.last, last.count) = (port, last.count + 1),
                None => ranges.push(AnsweredPorts { first: port, last: port, count: 1, by }),
            }
        }
        ranges
    }
}

impl HostGreeting {
    /// Where packets of the pod come from, in words.
    pub fn source(&self) -> String {
        let list = |addresses: &[IpAddr]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        match self.callers.iter().all(|caller| self.pod.contains(caller)) {
            _ if self.callers.is_empty() => "no connection arrived".to_owned(),
            true => format!("connections come from {}, the pod's own address", list(&self.callers)),
            false => format!(
                "connections of the pod ({}) come from {}: its address is translated on the way",
                list(&self.pod),
                list(&self.callers)
            ),
        }
    }
}

impl fmt::Display for AnsweredPorts {
    /// `22`, or `20000-59999 (39990 called)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spanned = usize::from(self.last - self.first) + 1;
        match Ports::new(self.first, self.last) {
            Ok(ports) if spanned == self.count => write!(f, "{ports}"),
            _ => write!(f, "{}-{} ({} of them called)", self.first, self.last, self.count),
        }
    }
}

impl fmt::Display for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answered::Own => f.write_str("answered by this ackcheck"),
            Answered::Refused => f.write_str("refused by another"),
            Answered::Accepted => f.write_str("accepted by another"),
            Answered::Nobody => f.write_str("not answered"),
            Answered::Unclear(greeting) => write!(f, "{greeting}"),
        }
    }
}

impl fmt::Display for HostGreeting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told: Vec<String> = self.ranges.iter().map(|range| format!("{range} {}", range.by)).collect();
        if !self.whole {
            told.push("these are a sample of the free ports".to_owned());
        }
        told.extend(self.not_opened.iter().cloned());
        told.push(self.source());
        f.write_str(&told.join("; "))
    }
}

impl fmt::Display for PodGreeting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "port {} of {} {}", self.port, self.address, self.greeting)?;
        match self.callers.as_slice() {
            [] => Ok(()),
            callers => {
                let callers: Vec<String> = callers.iter().map(ToString::to_string).collect();
                write!(f, "; the pod was called from {}", callers.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_that_were_not_called_do_not_cut_a_range() {
        let each = [(5, Answered::Own), (7, Answered::Refused), (8, Answered::Refused), (20, Answered::Refused)];
        let told: Vec<String> = AnsweredPorts::of(each).iter().map(|one| format!("{one} {}", one.by)).collect();
        assert_eq!(told, ["5 answered by this ackcheck", "7-20 (3 of them called) refused by another"]);
    }
}
