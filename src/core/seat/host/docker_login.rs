//! The login that the docker command has for a registry, found as the command itself finds it.

use std::fmt::{Display, Formatter, Result};

use crate::secret::Secret;

/// What the docker command would send to a registry.
#[derive(Debug, Clone)]
pub enum DockerLogin {
    /// Nothing: it pushes without a login.
    None { looked_in: String },
    /// A user and a password, from the file or from a credential helper.
    Password { user: String, password: Secret, stored_in: String },
    /// A token in the place of a password.
    Token { stored_in: String },
    /// The helper that its settings name is not on the path.
    HelperMissing { program: String, named_in: String },
    /// The helper is there and gives nothing.
    HelperFails { program: String, said: String },
    /// Its settings cannot be read, so that no login in them counts.
    Unreadable { file: String, why: String },
}

impl Display for DockerLogin {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            DockerLogin::None { looked_in } => write!(f, "none in {looked_in}"),
            DockerLogin::Password { user, stored_in, .. } => write!(f, "a password of {user}, from {stored_in}"),
            DockerLogin::Token { stored_in } => write!(f, "a token, from {stored_in}"),
            DockerLogin::HelperMissing { program, named_in } => {
                write!(f, "{named_in} names {program}, which is not on the path")
            }
            DockerLogin::HelperFails { program, said } => write!(f, "{program} gives no login: {said}"),
            DockerLogin::Unreadable { file, why } => write!(f, "{file} cannot be read: {why}"),
        }
    }
}
