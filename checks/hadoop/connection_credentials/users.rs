//! Which users may use a connection, and the credentials they set themselves.

use ackcheck_core::seat::dss::{DssUser, HadoopConnection};
use ackcheck_core::seat::{Dss, Seen};

/// The users who are allowed to use the connection.
pub(super) fn who_may_use<'a>(
    connection: &'a HadoopConnection,
    users: &'a [DssUser],
) -> impl Iterator<Item = &'a DssUser> + 'a {
    users.iter().filter(|user| match &connection.usable_by {
        None => true,
        Some(groups) => user.groups.iter().any(|group| groups.contains(group)),
    })
}

/// True for `userProperty:X` and `adminProperty:X`, which differ from user to user.
pub(super) fn is_users_own(variable: &str) -> bool {
    variable.starts_with("userProperty:") || variable.starts_with("adminProperty:")
}

/// True for the variables that DSS sets itself.
pub(super) fn is_built_in(variable: &str) -> bool {
    ["dssUserLogin", "dssUserDisplayName", "projectKey", "dip.home", "dku.install.dir"].contains(&variable)
}

/// Those who may use the connection and have not entered credentials for it, by login; none where all have.
pub(super) async fn without_credentials(dss: &dyn Dss, connection: &HadoopConnection) -> Seen<Option<String>> {
    let users = dss.users().await?;
    let lacking: Vec<&str> = who_may_use(connection, &users)
        .filter(|user| !user.credentials_for.contains(&connection.name))
        .map(|user| user.login.as_str())
        .collect();
    Ok((!lacking.is_empty()).then(|| lacking.join(", ")))
}
