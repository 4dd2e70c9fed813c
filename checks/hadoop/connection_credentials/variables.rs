//! The variables that a key is made of.

use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::HadoopConnection;
use ackcheck_core::verdict::{Finding, Unseen};

use super::{PER_USER_UNSET, UNRESOLVED_VARIABLE, users};

/// Why DSS cannot resolve a variable of a key, if it cannot.
pub(super) async fn unresolved(
    dss: &dyn Dss,
    connection: &HadoopConnection,
    key: &str,
    variable: &str,
) -> Result<Option<Finding>, Unseen> {
    let of = format!("{key} of the connection {} is ${{{variable}}}", connection.name);
    if users::is_users_own(variable) {
        let users = dss.users().await?;
        let (having, lacking): (Vec<_>, Vec<_>) =
            users::who_may_use(connection, &users).partition(|user| user.variables.iter().any(|own| own == variable));
        if lacking.is_empty() {
            return Ok(None);
        }
        if having.is_empty() {
            return Ok(Some(UNRESOLVED_VARIABLE.found(format!("{of}, which is not set for any user"))));
        }
        let lacking = lacking.into_iter().map(|user| user.login.clone()).collect::<Vec<_>>();
        let seen = format!("{of}, which is not set for {}", lacking.join(", "));
        return Ok(Some(PER_USER_UNSET.found(seen).with("users", lacking.join("\n"))));
    }
    if users::is_built_in(variable) || dss.global_variables().await?.iter().any(|known| known == variable) {
        return Ok(None);
    }
    if variable.starts_with("env.") {
        return Err(Unseen::unreadable(of, "the environment of the running DSS is not read"));
    }
    Ok(Some(UNRESOLVED_VARIABLE.found(format!("{of}, which is not defined in DSS"))))
}
