//! Whether DSS can be kept to a range of ports.

/// `dku.feature.portRangeLimitation.enabled`: without it, DSS's settings offer no range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortLimit {
    /// Where it is said, for messages: `…/config/dip.properties`.
    pub file: String,
    /// It is `true` there.
    pub possible: bool,
}

impl std::fmt::Display for PortLimit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let can = if self.possible { "can" } else { "cannot" };
        write!(f, "DSS {can} be kept to a range of ports, as {} has it", self.file)
    }
}
