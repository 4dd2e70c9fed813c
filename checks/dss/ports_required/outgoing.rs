//! The ports that Linux gives to connections that the host opens: those of `ip_local_port_range`, without those of
//! `ip_local_reserved_ports` (ip-sysctl.rst of the kernel).

use ackcheck_core::seat::{Host, Ports, Seen};
use ackcheck_core::verdict::Unseen;

const RANGE: &str = "/proc/sys/net/ipv4/ip_local_port_range";
const RESERVED: &str = "/proc/sys/net/ipv4/ip_local_reserved_ports";

/// The two settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outgoing {
    pub(super) range: Ports,
    pub(super) reserved: Vec<Ports>,
}

impl Outgoing {
    /// As the host has them now.
    pub(super) async fn of(host: &dyn Host) -> Seen<Outgoing> {
        let (range, reserved) = (host.read(RANGE).await?, host.read(RESERVED).await?);
        let not_read = |file: &str, text: &str| Unseen::unreadable(file, format!("{:?} is not ports", text.trim()));
        Ok(Outgoing {
            range: range_of(&range).ok_or_else(|| not_read(RANGE, &range))?,
            reserved: list_of(&reserved).ok_or_else(|| not_read(RESERVED, &reserved))?,
        })
    }

    /// Those of these ports that a connection of the host can have.
    pub(super) fn can_take(&self, ports: Ports) -> Vec<Ports> {
        let within: Vec<Ports> = self.range.intersection(ports).into_iter().collect();
        let cut = |rest: Vec<Ports>, reserved: &Ports| rest.iter().flat_map(|rest| rest.without(*reserved)).collect();
        self.reserved.iter().fold(within, cut)
    }

    /// The value of `ip_local_reserved_ports` that reserves these ports too.
    pub(super) fn reserving(&self, ports: Ports) -> String {
        let all: Vec<String> = self.reserved.iter().chain([&ports]).map(ToString::to_string).collect();
        all.join(",")
    }
}

/// Two numbers: the first port and the last.
fn range_of(text: &str) -> Option<Ports> {
    let mut numbers = text.split_whitespace().map(str::parse::<u16>);
    let (first, last) = (numbers.next()?.ok()?, numbers.next()?.ok()?);
    numbers.next().is_none().then(|| Ports::new(first, last).ok())?
}

/// Ports and ranges with commas between them; an empty line for none.
fn list_of(text: &str) -> Option<Vec<Ports>> {
    match text.trim() {
        "" => Some(Vec::new()),
        // Linux lists port 0 where it was reserved, which no connection has.
        list => list.split(',').filter(|part| *part != "0").map(|part| part.trim().parse().ok()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_ports_are_not_given_to_connections() {
        let told = |range: &str, reserved: &str| {
            let outgoing = Outgoing { range: range_of(range).unwrap(), reserved: list_of(reserved).unwrap() };
            let taken = outgoing.can_take(Ports::new(40_000, 40_004).unwrap());
            taken.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(told("32768\t60999\n", "\n"), "40000-40004");
        assert_eq!(told("40003\t60999\n", "\n"), "40003-40004");
        assert_eq!(told("32768\t39999\n", "\n"), "");
        assert_eq!(told("32768\t60999\n", "8080,40000-40004\n"), "");
        assert_eq!(told("32768\t60999\n", "0,40001,40003\n"), "40000, 40002, 40004");
        for text in ["", "32768", "a b", "1 2 3", "60999 32768"] {
            assert_eq!(range_of(text), None, "{text}");
        }
        assert_eq!(list_of("1,x"), None);
    }

    #[test]
    fn what_is_reserved_already_stays_so() {
        let outgoing = Outgoing { range: Ports::ALL, reserved: list_of("8080,9000-9010").unwrap() };
        assert_eq!(outgoing.reserving(Ports::new(40_000, 40_004).unwrap()), "8080,9000-9010,40000-40004");
    }
}
