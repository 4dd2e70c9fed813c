//! Until when what stands in a kubeconfig counts, by what it says itself.

use std::fmt;

use jiff::{SignedDuration, Timestamp};

/// Something in a kubeconfig that says when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    pub of: Ending,
    pub ends: Timestamp,
}

/// What ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The user's token, a JWT (`exp`).
    Token,
    /// The user's certificate.
    ClientCertificate,
    /// The cluster's authority: of several the one that ends last.
    Authority,
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Ending::Token => "the token",
            Ending::ClientCertificate => "the client certificate",
            Ending::Authority => "the certificate of the authority",
        })
    }
}

impl Lifetime {
    /// When it ends, in words.
    pub fn moment(&self) -> String {
        self.ends.strftime("%Y-%m-%d %H:%M UTC").to_string()
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ends at {}", self.of, self.moment())
    }
}

/// What ends, and the time to hold it against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifetimes {
    pub list: Vec<Lifetime>,
    pub now: Timestamp,
    /// The time is the server's; where it does not answer, it is this host's.
    pub by_server: bool,
}

impl Lifetimes {
    /// The first of these that has ended.
    pub fn ended(&self, of: &[Ending]) -> Option<&Lifetime> {
        self.list.iter().find(|one| of.contains(&one.of) && one.ends < self.now)
    }

    /// What ends next, if that is within so many days.
    pub fn ends_within(&self, days: i64) -> Option<&Lifetime> {
        let until = self.now.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX);
        let soon = self.list.iter().filter(|one| self.now <= one.ends && one.ends <= until);
        soon.min_by_key(|one| one.ends)
    }
}
