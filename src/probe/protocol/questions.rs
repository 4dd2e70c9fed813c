//! The questions, and which answer each has.

use std::net::IpAddr;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{
    AskServers, AskedServers, DIALS_WITHIN, Dialled, Exchange, Exchanges, Greet, Greeted, Listen, Listened, Ports,
    REQUEST_WITHIN, Resolved, SWEEP_AT_ONCE, SWEEP_DIALS_WITHIN, Swept, milliseconds,
};

/// One thing to ask from inside a pod.
pub trait Question: Into<AnyQuestion> {
    /// What comes back, where the probe could look.
    type Answer: Serialize + DeserializeOwned;
}

/// A question as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum AnyQuestion {
    Resolve(Resolve),
    Dial(Dial),
    Sweep(Sweep),
    Http(Http),
    Oss(Oss),
    AskServers(AskServers),
    Greet(Greet),
    Listen(Listen),
}

/// Resolve a name with the pod's resolver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resolve {
    pub name: String,
}

/// Dial these TCP ports of a host once each: of its address, or of every address its name resolves to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dial {
    /// An address or a name.
    pub host: String,
    pub ports: Vec<u16>,
    /// For one connection, in milliseconds.
    pub timeout_ms: u64,
}

/// Dial every port of a range. Ports that stay silent are dialled again before they are called filtered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sweep {
    pub address: IpAddr,
    #[serde(flatten)]
    pub ports: Ports,
    /// For one connection, at first, in milliseconds.
    pub timeout_ms: u64,
    /// Connections at once.
    pub concurrency: u16,
    /// Connections begun in a second, at the most; none: as fast as can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<u32>,
    /// Further rates follow on the standard input, a line of at most [`LONGEST_RATE`](crate::LONGEST_RATE) bytes each, of
    /// which each holds for 3 s; 0 has the sweep wait for the next. Where the input ends the sweep does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub steered: bool,
}

/// Make one HTTP request; redirects are not followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    pub method: String,
    /// `http` or `https`.
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// Do not verify the certificate.
    pub trust_any: bool,
    /// Certificates (PEM) to trust besides the built-in roots.
    pub ca_pem: Option<String>,
    /// For the whole exchange, in milliseconds.
    pub timeout_ms: u64,
}

/// Put an object by a signed URL; if that succeeds get it and delete it by two others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oss {
    pub put: String,
    pub get: String,
    pub delete: String,
    /// What to put.
    pub body: String,
    /// As of [`Http`].
    pub trust_any: bool,
    pub ca_pem: Option<String>,
    /// For each of the three, in milliseconds.
    pub timeout_ms: u64,
}

impl Dial {
    /// With the time for a connection that is usual.
    pub fn new(host: impl Into<String>, ports: Vec<u16>) -> Dial {
        Dial { host: host.into(), ports, timeout_ms: milliseconds(DIALS_WITHIN) }
    }

    /// For one connection.
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }
}

impl Sweep {
    /// As fast as can be.
    pub fn new(address: IpAddr, ports: Ports) -> Sweep {
        let (timeout_ms, concurrency) = (milliseconds(SWEEP_DIALS_WITHIN), SWEEP_AT_ONCE);
        Sweep { address, ports, timeout_ms, concurrency, rate: None, steered: false }
    }

    /// For one connection, at first.
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }
}

impl Http {
    /// Without headers or a body, certificates verified, with the time that is usual.
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Http {
        Http {
            method: method.into(),
            url: url.into(),
            headers: Vec::new(),
            body: String::new(),
            trust_any: false,
            ca_pem: None,
            timeout_ms: milliseconds(REQUEST_WITHIN),
        }
    }

    /// For the whole exchange.
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }
}

impl Oss {
    /// By these URLs, with the time for a request that is usual.
    pub fn new(put: impl Into<String>, get: impl Into<String>, delete: impl Into<String>, body: String) -> Oss {
        let (put, get, delete) = (put.into(), get.into(), delete.into());
        Oss { put, get, delete, body, trust_any: false, ca_pem: None, timeout_ms: milliseconds(REQUEST_WITHIN) }
    }

    /// The put: with no header, as the URL's signature covers none.
    pub fn putting(&self) -> Http {
        Http { body: self.body.clone(), ..self.part("PUT", &self.put) }
    }

    /// The get.
    pub fn getting(&self) -> Http {
        self.part("GET", &self.get)
    }

    /// The delete.
    pub fn deleting(&self) -> Http {
        self.part("DELETE", &self.delete)
    }

    fn part(&self, method: &str, url: &str) -> Http {
        let (ca_pem, timeout_ms) = (self.ca_pem.clone(), self.timeout_ms);
        Http { trust_any: self.trust_any, ca_pem, timeout_ms, ..Http::new(method, url) }
    }
}

/// Which answer a question has, and which variant it is on the wire.
macro_rules! questions {
    ($($question:ident -> $answer:ident),* $(,)?) => {$(
        impl From<$question> for AnyQuestion {
            fn from(question: $question) -> AnyQuestion {
                AnyQuestion::$question(question)
            }
        }

        impl Question for $question {
            type Answer = $answer;
        }
    )*};
}

questions! {
    Resolve -> Resolved,
    Dial -> Dialled,
    Sweep -> Swept,
    Http -> Exchange,
    Oss -> Exchanges,
    AskServers -> AskedServers,
    Greet -> Greeted,
    Listen -> Listened,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_one_flat_object_each() {
        let sweep = Sweep { timeout_ms: 40, concurrency: 8, ..Sweep::new([10, 0, 0, 20].into(), Ports::ALL) };
        let text = serde_json::to_string(&AnyQuestion::from(sweep.clone())).unwrap();
        let expected =
            r#"{"verb":"sweep","address":"10.0.0.20","first":1,"last":65535,"timeout_ms":40,"concurrency":8}"#;
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<AnyQuestion>(&text).unwrap(), sweep.clone().into());
        let steered = AnyQuestion::from(Sweep { rate: Some(900), steered: true, ..sweep });
        let text = serde_json::to_string(&steered).unwrap();
        assert!(text.ends_with(r#","rate":900,"steered":true}"#), "{text}");
        assert_eq!(serde_json::from_str::<AnyQuestion>(&text).unwrap(), steered);
        for wrong in [
            r#"{"verb":"sweep","address":"10.0.0.20","first":9,"last":8,"timeout_ms":40,"concurrency":8}"#,
            r#"{"verb":"resolve","name":"a","nmae":"b"}"#,
            r#"{"verb":"look"}"#,
            "{}",
        ] {
            assert!(serde_json::from_str::<AnyQuestion>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_parts_of_an_objects_way_differ_in_method_url_and_body_alone() {
        let oss = Oss { trust_any: true, timeout_ms: 9, ..Oss::new("p", "g", "d", "hello".to_owned()) };
        let parts = [oss.putting(), oss.getting(), oss.deleting()];
        let told: Vec<_> = parts.iter().map(|part| (&*part.method, &*part.url, &*part.body)).collect();
        assert_eq!(told, [("PUT", "p", "hello"), ("GET", "g", ""), ("DELETE", "d", "")]);
        assert!(parts.iter().all(|part| part.trust_any && part.timeout_ms == 9 && part.headers.is_empty()));
    }
}
