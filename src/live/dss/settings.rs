//! DSS's settings as JSON, from files or from the REST API alike, into observations. Secrets are learnt and left behind.

use serde_json::Value;

use ackcheck_core::hadoop_configuration::{Configuration, Place, looks_like_an_id};
use ackcheck_core::java;
use ackcheck_core::seat::dss::{DssUser, HadoopConnection, HadoopKey, PropertyValue, read};
use ackcheck_core::secret::{Scrubber, recognition};

/// Settings whose shape is not DSS's; says what stands where.
pub(super) type Misshapen = String;

/// One `{key or name, value, secret}` of a list of properties.
struct Property {
    name: String,
    value: String,
    secret: bool,
}

/// The list at a pointer; an absent one is empty.
pub(super) fn list<'a>(document: &'a Value, pointer: &str) -> Result<&'a [Value], Misshapen> {
    match document.pointer(pointer) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(_) => Err(format!("{pointer} is no list")),
    }
}

pub(super) fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

fn properties(document: &Value, pointer: &str) -> Result<Vec<Property>, Misshapen> {
    let mut properties = Vec::new();
    for (at, item) in list(document, pointer)?.iter().enumerate() {
        // General settings say `key` and connections `name`, whatever the release.
        let name = text(item.get("key")).or_else(|| text(item.get("name")));
        let name = name.ok_or_else(|| format!("{pointer}/{at} has no key"))?;
        let marked = item.get("secret").and_then(Value::as_bool).unwrap_or(false);
        let value = text(item.get("value")).unwrap_or_default();
        let secret = marked || recognition::is_secret(&name, &value);
        properties.push(Property { name, value, secret });
    }
    Ok(properties)
}

/// The names between `${` (or `%{`) and `}`.
fn variables(value: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = value;
    while let Some(at) = rest.find("${").into_iter().chain(rest.find("%{")).min() {
        let Some((name, after)) = rest[at + 2..].split_once('}') else { break };
        names.push(name.trim().to_owned());
        rest = after;
    }
    names
}

/// The value as it is told. A secret is learnt whatever is told of it: DSS may repeat it elsewhere. What is blank for
/// Hadoop is no secret, whatever marks it as one.
fn kept(property: &Property, scrubber: &Scrubber) -> PropertyValue {
    if recognition::is_encrypted(&property.value) {
        return PropertyValue::Encrypted;
    }
    let names = variables(&property.value);
    let blank = java::trim(&property.value).is_empty();
    if property.secret && names.is_empty() && !blank {
        scrubber.secret(property.value.as_str());
        return match looks_like_an_id(&property.value) {
            true => PropertyValue::ClearId,
            false => PropertyValue::ClearSecret,
        };
    }
    if !read::is_read(&property.name) {
        return PropertyValue::Unread;
    }
    let secret = property.secret;
    match (names.is_empty(), secret) {
        (true, _) => PropertyValue::Clear(scrubber.without_secrets(&property.value)),
        (false, false) => PropertyValue::Variables { text: scrubber.without_secrets(&property.value), names, secret },
        (false, true) => {
            PropertyValue::Variables { text: variables_alone(&property.value, &names, scrubber), names, secret }
        }
    }
}

/// The variables of a secret; what stands around them may be part of it.
fn variables_alone(value: &str, names: &[String], scrubber: &Scrubber) -> String {
    for part in value.split(['}', '{']).filter(|part| !names.iter().any(|name| name == part.trim())) {
        scrubber.secret(part.trim_end_matches(['$', '%']));
    }
    names.iter().map(|name| format!("${{{name}}}")).collect::<Vec<_>>().join(" ")
}

/// `hadoopSettings.extraConf` of the general settings.
///
/// # Errors
/// Where it is not the list that DSS writes.
pub(super) fn hadoop_keys(general: &Value, scrubber: &Scrubber) -> Result<Vec<HadoopKey>, Misshapen> {
    let properties = properties(general, "/hadoopSettings/extraConf")?;
    Ok(properties
        .into_iter()
        .map(|property| HadoopKey { value: kept(&property, scrubber), key: property.name })
        .collect())
}

/// The properties at a pointer, in order, each with how its value is kept.
///
/// # Errors
/// Where there is no list of properties.
pub(super) fn kept_properties(
    document: &Value,
    pointer: &str,
    scrubber: &Scrubber,
) -> Result<Vec<(String, PropertyValue)>, Misshapen> {
    let properties = properties(document, pointer)?;
    Ok(properties.into_iter().map(|property| (property.name.clone(), kept(&property, scrubber))).collect())
}

/// The map of connections: of the file below `connections`, of the REST API as it is.
pub(super) fn connection_map(document: &Value) -> Result<&serde_json::Map<String, Value>, Misshapen> {
    match document.get("connections").unwrap_or(document) {
        Value::Object(map) => Ok(map),
        _ => Err("/connections is no object".to_owned()),
    }
}

/// Every connection of type HDFS.
///
/// # Errors
/// Where the document is not the map of connections that DSS writes.
pub(super) fn connections(document: &Value, scrubber: &Scrubber) -> Result<Vec<HadoopConnection>, Misshapen> {
    let mut found = Vec::new();
    for (name, connection) in connection_map(document)? {
        if connection.get("type").and_then(Value::as_str) != Some("HDFS") {
            continue;
        }
        let at = |problem: Misshapen| format!("connection {name}: {problem}");
        let properties = properties(connection, "/params/extraConf").map_err(at)?;
        let usable_by = match connection.get("usableBy").and_then(Value::as_str) {
            Some("ALLOWED") => {
                let groups = list(connection, "/allowedGroups").map_err(at)?;
                Some(groups.iter().filter_map(|group| text(Some(group))).collect())
            }
            _ => None,
        };
        found.push(HadoopConnection {
            name: name.clone(),
            root: scrubber.without_secrets(&text(connection.pointer("/params/root")).unwrap_or_default()),
            properties: properties.iter().map(|p| (p.name.clone(), kept(p, scrubber))).collect(),
            per_user: connection.get("credentialsMode").and_then(Value::as_str) == Some("PER_USER"),
            usable_by,
        });
    }
    Ok(found)
}

/// What Hadoop would read for a connection, secrets and all: for the seats that ask with it, never for a report. None
/// where there is no such connection.
///
/// # Errors
/// As [`connections`] and [`hadoop_keys`].
pub(super) fn configuration(
    general: &Value,
    connections: &Value,
    connection: &str,
) -> Result<Option<Configuration>, Misshapen> {
    let Some(connection) = connection_map(connections)?.get(connection) else { return Ok(None) };
    let mut configuration = Configuration::default();
    let places = [
        (Place::Instance, properties(general, "/hadoopSettings/extraConf")?),
        (Place::Connection, properties(connection, "/params/extraConf")?),
    ];
    for (place, properties) in places {
        for property in properties {
            let names = variables(&property.value);
            let value = match (recognition::is_encrypted(&property.value), names.is_empty()) {
                (true, _) => PropertyValue::Encrypted,
                (false, true) => PropertyValue::Clear(property.value),
                (false, false) => PropertyValue::Variables { text: property.value, names, secret: false },
            };
            configuration.set(&property.name, value, place);
        }
    }
    Ok(Some(configuration))
}

/// The names of the global variables: of `config/variables.json`, or as the REST API tells them.
///
/// # Errors
/// Where it is no object.
pub(super) fn global_variables(document: &Value) -> Result<Vec<String>, Misshapen> {
    match document {
        Value::Object(map) => Ok(map.keys().cloned().collect()),
        _ => Err("no object of variables".to_owned()),
    }
}

/// Every enabled user: of `config/users.json` below `users`, of the REST API as it is.
///
/// # Errors
/// Where it is no list of users.
pub(super) fn users(document: &Value) -> Result<Vec<DssUser>, Misshapen> {
    let Value::Array(users) = document.get("users").unwrap_or(document) else {
        return Err("no list of users".to_owned());
    };
    let mut found = Vec::new();
    for (at, user) in users.iter().enumerate() {
        let login = text(user.get("login")).ok_or_else(|| format!("user {at} has no login"))?;
        if user.get("enabled").and_then(Value::as_bool) == Some(false) {
            continue;
        }
        let names = |key: &str| -> Vec<String> {
            user.get(key).and_then(Value::as_object).map(|map| map.keys().cloned().collect()).unwrap_or_default()
        };
        let groups = list(user, "/groups").map_err(|problem| format!("user {login}: {problem}"))?;
        let variables = ["userProperties", "adminProperties"].into_iter().flat_map(|key| {
            let kind = if key == "userProperties" { "userProperty" } else { "adminProperty" };
            names(key).into_iter().map(move |name| format!("{kind}:{name}"))
        });
        found.push(DssUser {
            variables: variables.collect(),
            credentials_for: names("credentials"),
            groups: groups.iter().filter_map(|group| text(Some(group))).collect(),
            login,
        });
    }
    Ok(found)
}
