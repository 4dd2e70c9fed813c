//! Which TCP ports of the DSS host pods have to reach.
//!
//! All of them, since every job opens random ones; unless the site file names the range that DSS is kept to, and DSS can
//! be kept to one. Where DSS has that range is not documented, so the site file alone can name it.

use std::fmt::{Display, Formatter};

use crate::seat::Ports;
use crate::seat::dss::PortLimit;

/// From the backend's port down to the base port (nginx), and up to the event server's.
const BELOW_THE_BACKEND: u16 = 1;
const ABOVE_THE_BACKEND: u16 = 3;

/// The ports that pods have to reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredPorts {
    /// In order, apart from each other.
    ranges: Vec<Ports>,
    /// Why the range that the site file names does not count.
    pub ignored: Option<String>,
}

impl RequiredPorts {
    /// With the range that the site file names, what DSS's own files say of it where they can be looked at, and the
    /// backend's port where it is known.
    pub fn of(named: &[Ports], limit: Option<&PortLimit>, backend: Option<u16>) -> RequiredPorts {
        let all = |ignored| RequiredPorts { ranges: vec![Ports::ALL], ignored };
        match limit {
            _ if named.is_empty() => all(None),
            Some(PortLimit { possible: false, file }) => all(Some(format!(
                "the range of network.ports does not count: without dku.feature.portRangeLimitation.enabled=true in \
                 {file} DSS takes any port"
            ))),
            _ => {
                let own = RequiredPorts::own(backend);
                RequiredPorts { ranges: joined(named.iter().copied().chain(own)), ignored: None }
            }
        }
    }

    /// The ports that DSS itself listens on, where the backend's is known.
    pub fn own(backend: Option<u16>) -> Option<Ports> {
        let backend = backend?;
        let first = backend.saturating_sub(BELOW_THE_BACKEND).max(1);
        Ports::new(first, backend.saturating_add(ABOVE_THE_BACKEND)).ok()
    }

    /// For the end of a sentence about ports: why the range that the site file names does not count; empty where it does.
    pub fn why_all(&self) -> String {
        self.ignored.as_ref().map(|ignored| format!("; {ignored}")).unwrap_or_default()
    }

    /// In order, apart from each other; at least one.
    pub fn ranges(&self) -> &[Ports] {
        &self.ranges
    }

    /// Those of these ports that pods have to reach.
    pub fn within(&self, ports: Ports) -> impl Iterator<Item = Ports> {
        self.ranges.iter().filter_map(move |range| range.intersection(ports))
    }

    /// Those that they do not have to.
    pub fn beyond(&self, ports: Ports) -> Vec<Ports> {
        let cut = |rest: Vec<Ports>, range: &Ports| rest.iter().flat_map(|rest| rest.without(*range)).collect();
        self.ranges.iter().fold(vec![ports], cut)
    }
}

/// In order, and those that touch or overlap as one.
fn joined(ranges: impl Iterator<Item = Ports>) -> Vec<Ports> {
    let mut sorted: Vec<Ports> = ranges.collect();
    sorted.sort();
    let mut joined: Vec<Ports> = Vec::new();
    for next in sorted {
        match joined.last_mut() {
            Some(last) if next.first() <= last.last().saturating_add(1) => {
                let whole = Ports::new(last.first(), last.last().max(next.last()));
                *last = whole.unwrap_or(*last);
            }
            _ => joined.push(next),
        }
    }
    joined
}

impl Display for RequiredPorts {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let ranges: Vec<String> = self.ranges.iter().map(ToString::to_string).collect();
        f.write_str(&ranges.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(text: &str) -> Ports {
        text.parse().unwrap()
    }

    fn limit(possible: bool) -> PortLimit {
        PortLimit { file: "dip.properties".to_owned(), possible }
    }

    #[test]
    fn all_are_required_unless_dss_is_kept_to_a_range() {
        let named = [ports("30000-30999"), ports("11205-11300"), ports("30500-31000")];
        let required =
            |named: &[Ports], limit: Option<&PortLimit>, backend| RequiredPorts::of(named, limit, backend).to_string();
        assert_eq!(required(&[], Some(&limit(true)), Some(11201)), "1-65535");
        assert_eq!(required(&named, Some(&limit(false)), Some(11201)), "1-65535");
        assert_eq!(required(&named, Some(&limit(true)), Some(11201)), "11200-11300, 30000-31000");
        assert_eq!(required(&named, None, None), "11205-11300, 30000-31000");
        assert_eq!(required(&[ports("65535"), ports("1-9")], None, Some(65534)), "1-9, 65533-65535");
        assert!(RequiredPorts::of(&named, Some(&limit(false)), None).ignored.unwrap().contains("DSS takes any port"));
    }

    #[test]
    fn every_port_is_within_or_beyond() {
        let required = RequiredPorts::of(&[ports("100-199"), ports("300-399")], None, None);
        for (of, within, beyond) in [
            ("1-65535", vec!["100-199", "300-399"], vec!["1-99", "200-299", "400-65535"]),
            ("150-350", vec!["150-199", "300-350"], vec!["200-299"]),
            ("200-299", vec![], vec!["200-299"]),
            ("120-130", vec!["120-130"], vec![]),
        ] {
            let told = |ports: Vec<Ports>| ports.iter().map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!(told(required.within(ports(of)).collect()), within, "{of}");
            assert_eq!(told(required.beyond(ports(of))), beyond, "{of}");
        }
    }
}
