//! What is known of a pod's labels, and whether label selectors hold for it.

use std::collections::BTreeMap;

use ackcheck_core::seat::host::firewall::Holds;
use ipnet::IpNet;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

/// What is known of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label<'a> {
    Is(&'a str),
    Absent,
    Unknown,
}

/// The pod that policies select, or not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Selected<'a> {
    pub(super) namespace: &'a str,
    pub(super) labels: &'a BTreeMap<String, String>,
}

impl Selected<'_> {
    /// A label of its own.
    pub(super) fn label(&self, key: &str) -> Label<'_> {
        self.labels.get(key).map_or(Label::Absent, |value| Label::Is(value))
    }
}

impl Label<'_> {
    /// Whether it is there, with a value for which this holds.
    pub(super) fn holds(self, of: impl FnOnce(&str) -> bool) -> Holds {
        match self {
            Label::Is(value) => of(value).into(),
            Label::Absent => Holds::No,
            Label::Unknown => Holds::Perhaps,
        }
    }
}

/// By the rules of Kubernetes' label selectors: everything that it names must hold.
pub(super) fn selects<'a>(selector: &LabelSelector, label: impl Fn(&str) -> Label<'a>) -> Holds {
    let equal = selector.match_labels.iter().flatten().map(|(key, value)| label(key).holds(|is| is == value));
    let expressions = selector.match_expressions.iter().flatten().map(|one| {
        let values = one.values.as_deref().unwrap_or_default();
        let label = label(&one.key);
        match one.operator.as_str() {
            "In" => label.holds(|is| values.iter().any(|value| value == is)),
            "NotIn" => label.holds(|is| values.iter().any(|value| value == is)).negated(true),
            "Exists" => label.holds(|_| true),
            "DoesNotExist" => label.holds(|_| true).negated(true),
            _ => Holds::Perhaps,
        }
    });
    equal.chain(expressions).fold(Holds::Yes, Holds::and)
}

/// A range of addresses, or a single one.
pub(super) fn range(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
}
