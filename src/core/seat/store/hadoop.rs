//! What Hadoop itself does with a bucket, in a JVM of its own.

use std::fmt;

/// One connection of DSS that works in a place of the object store, and what its Hadoop did there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HadoopRun {
    /// The connection, by its name in DSS.
    pub connection: String,
    /// The id of the AccessKey that it asked with.
    pub access_key_id: String,
    /// The Java that was started.
    pub java: String,
    /// The proxy that the connection's settings name, as `HOST:PORT`.
    pub proxy: Option<String>,
    pub did: HadoopDid,
}

/// How far Hadoop came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HadoopDid {
    /// Through every step: `init`, `mkdir`, `write`, `list`, `read`, `rename`, `delete`.
    Everything,
    /// A step was ended by this.
    Threw { step: String, trace: Trace },
    /// A step ended, and not as it must.
    Wrong { step: String, what: String },
    /// The JVM did not come as far as the first step; what it said.
    NotStarted { said: String },
}

/// What a JVM threw.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trace {
    /// What was thrown, and then its causes.
    pub thrown: Vec<Thrown>,
    /// What OSS itself answered, where Hadoop said that an object that it had written is not there.
    pub beneath: Vec<Thrown>,
}

/// One throwable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thrown {
    /// `java.lang.NoClassDefFoundError`.
    pub class: String,
    pub message: String,
    /// The first frames of its stack.
    pub at: Vec<String>,
}

impl Thrown {
    /// Its class without the package.
    pub fn name(&self) -> &str {
        self.class.rsplit('.').next().unwrap_or(&self.class)
    }
}

impl fmt::Display for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.class, self.message)?;
        self.at.first().map_or(Ok(()), |frame| write!(f, " (at {frame})"))
    }
}

impl fmt::Display for HadoopDid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HadoopDid::Everything => f.write_str("it makes a folder, writes, lists, reads, renames and deletes"),
            HadoopDid::Wrong { step, what } => write!(f, "{step}: {what}"),
            HadoopDid::NotStarted { said } => write!(f, "Java does not start it: {said}"),
            HadoopDid::Threw { step, trace } => {
                write!(f, "{step} fails")?;
                trace.thrown.iter().try_for_each(|thrown| write!(f, "\n{thrown}"))?;
                trace.beneath.iter().try_for_each(|thrown| write!(f, "\nOSS itself: {thrown}"))
            }
        }
    }
}
