//! The classes that a connection names: whether DSS has them, and what they need.

use ackcheck_core::hadoop_configuration::{Configuration, Credentials, Place, Provider, Told, VARIABLES};
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::read::{FILE_SYSTEM, KEY_PROVIDER};
use ackcheck_core::verdict::{Finding, Unseen};

use super::super::connector::Connector;
use super::{CLASS_MISSING, PROVIDER_INPUT_MISSING, PROVIDER_NOT_USABLE};

/// The connector that opens the connection, where it is known and not Hadoop's own.
pub(super) fn other_connector(configuration: &Configuration) -> Option<Connector> {
    let class = configuration.trimmed(FILE_SYSTEM).known()?;
    Connector::of_class(&class).filter(|connector| *connector != Connector::HadoopAliyun)
}

/// The connection's own file system, which comes before the one of DSS's settings.
pub(super) async fn file_system(
    dss: &dyn Dss,
    connection: &str,
    configuration: &Configuration,
) -> Result<Option<Finding>, Unseen> {
    if configuration.setting(FILE_SYSTEM).is_none_or(|setting| setting.place != Place::Connection) {
        return Ok(None);
    }
    let class = match configuration.trimmed(FILE_SYSTEM) {
        Told::Known(class) => class,
        Told::Unknown(unknown) => return Err(Unseen::unreadable(FILE_SYSTEM, unknown.to_string())),
        Told::TooDeep | Told::Unset => return Ok(None),
    };
    // Of a known connector, hadoop-jars and hadoop-connector look for the jars.
    if Connector::of_class(&class).is_some() || dss.classes_missing(std::slice::from_ref(&class)).await?.is_empty() {
        return Ok(None);
    }
    let seen = format!("{FILE_SYSTEM} of the connection {connection} is {class:?}, which no jar of DSS has");
    Ok(Some(CLASS_MISSING.found(seen)))
}

/// The class that brings the key.
pub(super) async fn provider(
    dss: &dyn Dss,
    connection: &str,
    configuration: &Configuration,
) -> Result<Option<Finding>, Unseen> {
    let class = match configuration.credentials() {
        Credentials::Provider(class) => class,
        Credentials::Unknown(unknown) => return Err(Unseen::unreadable(KEY_PROVIDER, unknown.to_string())),
        Credentials::Key { .. } | Credentials::TooDeep => return Ok(None),
    };
    let of = format!("{KEY_PROVIDER} of the connection {connection} is {class}");
    match Provider::of(&class) {
        Provider::Environment => {
            let missing = dss.variables_missing(&VARIABLES).await?;
            Ok((!missing.is_empty()).then(|| {
                let seen = format!("{of}, and DSS's environment does not have {}", missing.join(" and "));
                let lines = missing.iter().map(|name| format!("export {name}=\"…\"")).collect::<Vec<_>>().join("\n");
                PROVIDER_INPUT_MISSING.found(seen).with("lines", lines)
            }))
        }
        Provider::SystemProperties => Err(Unseen::unreadable(of, "the system properties of DSS's JVM are not read")),
        Provider::Profile => Err(Unseen::unreadable(of, "the profile in the home directory of DSS is not read")),
        // The first problem that the model tells.
        Provider::NoConstructor => Ok(None),
        Provider::Other => match dss.classes_missing(std::slice::from_ref(&class)).await?.is_empty() {
            true => Err(Unseen::unreadable(of, "what this class needs is not known")),
            false => {
                Ok(Some(PROVIDER_NOT_USABLE.found(format!("{of}, which no jar of DSS has")).with("key", KEY_PROVIDER)))
            }
        },
    }
}
