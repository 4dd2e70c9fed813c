//! Answers in the words that evidence tells them in.

use std::fmt::{Display, Formatter, Result};

use crate::{Dialled, Exchange, Exchanges, Resolved, Swept};

impl Display for Resolved {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Resolved::Addresses { addresses } => list(f, addresses),
            Resolved::NoSuchName { said } | Resolved::NoServer { said } => f.write_str(said),
        }
    }
}

impl Display for Dialled {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Dialled::Dialled { ports } => {
                list(f, ports.iter().map(|one| format!("{} port {} {}", one.address, one.port, one.state)))
            }
            Dialled::NoSuchName { said } | Dialled::NoServer { said } => f.write_str(said),
        }
    }
}

impl Display for Swept {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        list(f, self.ranges.iter().map(|range| format!("{} {}", range.ports, range.state)))
    }
}

impl Display for Exchange {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Exchange::Http { status, body, .. } => write!(f, "{status} {body}"),
            Exchange::NoHttp { said, .. } => write!(f, "no answer: {said}"),
        }
    }
}

impl Display for Exchanges {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        list(f, [Some(&self.put), self.get.as_ref(), self.delete.as_ref()].into_iter().flatten())
    }
}

fn list<T: Display>(f: &mut Formatter<'_>, items: impl IntoIterator<Item = T>) -> Result {
    items.into_iter().enumerate().try_for_each(|(at, item)| write!(f, "{}{item}", if at == 0 { "" } else { ", " }))
}
