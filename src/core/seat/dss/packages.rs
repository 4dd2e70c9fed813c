//! Where DSS has packages from, for code environments and their images.

use std::fmt::{Display, Formatter, Result};

/// What the general settings say of it; where they say nothing, pip and R have their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackageSources {
    /// The index that pip is to ask instead of PyPI; without a user and password.
    pub index: Option<String>,
    /// Those that it is to ask besides.
    pub more: Vec<String>,
    /// pip is to ask none.
    pub no_index: bool,
    /// The mirror of CRAN.
    pub cran: Option<String>,
}

impl Display for PackageSources {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match (&self.index, self.no_index) {
            (_, true) => f.write_str("pip: no index")?,
            (Some(index), false) => write!(f, "pip: {index}")?,
            (None, false) => f.write_str("pip: its own index")?,
        }
        self.more.iter().try_for_each(|index| write!(f, ", {index}"))?;
        match &self.cran {
            Some(mirror) => write!(f, "; CRAN: {mirror}"),
            None => f.write_str("; CRAN: not set"),
        }
    }
}
