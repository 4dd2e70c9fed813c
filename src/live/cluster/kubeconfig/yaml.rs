//! The text of a kubeconfig as client-go decodes it (`clientcmd.Load`: YAML to JSON, then JSON to its types): the first
//! document counts, the last of two equal keys, names are case-sensitive, unknown keys are ignored, and nothing is made
//! of a value of another type.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use kube::config::{Kubeconfig, NamedAuthInfo, NamedCluster, NamedContext};
use serde_json::Value;

/// The lists of a kubeconfig, what each entry holds, and which of its keys are base64.
const LISTS: [(&str, &str, &[&str]); 3] = [
    ("clusters", "cluster", &["certificate-authority-data"]),
    ("users", "user", &["client-certificate-data", "client-key-data"]),
    ("contexts", "context", &[]),
];

/// As Go's `encoding/base64` decodes: padded, and bits beyond the last byte are ignored.
const GO_BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// Decodes a kubeconfig.
///
/// # Errors
/// In words, without any value of the file: those may be tokens and keys. A mistake in YAML comes with its line, any
/// other with the entry and the key.
pub(super) fn decoded(text: &str) -> Result<Kubeconfig, String> {
    let mut document = first_document(text)?;
    of_kind_config(&document)?;
    for (list, holder, binary) in LISTS {
        let Some(entries) = document.get_mut(list).and_then(Value::as_array_mut) else { continue };
        for (at, entry) in entries.iter_mut().enumerate() {
            let place = place(list, at, entry);
            complete(entry, holder);
            for key in binary {
                unwrapped(entry, holder, key).map_err(|why| format!("{place}, {key}: {why}"))?;
            }
        }
        if let Some(twice) = first_double(entries) {
            return Err(format!("{list}: two entries have the name {twice}, which kubectl refuses"));
        }
    }
    serde_json::from_value(document.clone()).map_err(|_| misfit(&document))
}

fn first_document(text: &str) -> Result<Value, String> {
    let options = serde_saphyr::options! {
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::LastWins,
        with_snippet: false,
    };
    let documents: Vec<Value> =
        serde_saphyr::from_multiple_with_options(text, options).map_err(|error| match error.location() {
            // The parser's own words quote the lines around a mistake.
            Some(at) => format!("line {}, column {}: not YAML", at.line(), at.column()),
            None => "not YAML".to_owned(),
        })?;
    match documents.into_iter().next() {
        Some(document @ Value::Object(_)) => Ok(document),
        // An empty file is one that says nothing.
        None | Some(Value::Null) => Ok(Value::Object(serde_json::Map::new())),
        Some(_) => Err("it is not a kubeconfig: its top level is not a map".to_owned()),
    }
}

/// Both may be left out; if they are there, client-go decodes nothing else.
fn of_kind_config(document: &Value) -> Result<(), String> {
    for (key, right) in [("kind", "Config"), ("apiVersion", "v1")] {
        match document.get(key) {
            None | Some(Value::Null) => {}
            Some(Value::String(given)) if given.is_empty() || given == right => {}
            Some(_) => return Err(format!("it is not a kubeconfig: its {key} is not {right}")),
        }
    }
    Ok(())
}

/// Go leaves out what is missing; kube wants the names.
fn complete(entry: &mut Value, holder: &str) {
    let Some(fields) = entry.as_object_mut() else { return };
    fields.entry("name").or_insert_with(|| Value::String(String::new()));
    if holder == "context"
        && let Some(context) = fields.get_mut(holder).and_then(Value::as_object_mut)
    {
        context.entry("cluster").or_insert_with(|| Value::String(String::new()));
    }
}

/// Takes the line breaks out of base64, as Go skips them, and refuses what is not base64.
fn unwrapped(entry: &mut Value, holder: &str, key: &str) -> Result<(), &'static str> {
    let Some(Value::String(text)) = entry.get_mut(holder).and_then(|fields| fields.get_mut(key)) else { return Ok(()) };
    text.retain(|c| c != '\n' && c != '\r');
    let Ok(bytes) = GO_BASE64.decode(text.as_bytes()) else { return Err("not base64") };
    *text = base64::engine::general_purpose::STANDARD.encode(bytes);
    Ok(())
}

fn first_double(entries: &[Value]) -> Option<&str> {
    let name = |entry: &'_ Value| entry.get("name").and_then(Value::as_str).map(str::to_owned);
    let double = |at: &usize| entries[..*at].iter().any(|earlier| name(earlier) == name(&entries[*at]));
    (0..entries.len()).find(double).and_then(|at| entries[at].get("name")?.as_str())
}

/// `users[1] (admin)`.
fn place(list: &str, at: usize, entry: &Value) -> String {
    match entry.get("name").and_then(Value::as_str) {
        Some(name) => format!("{list}[{at}] ({name})"),
        None => format!("{list}[{at}]"),
    }
}

/// Which key has a value of another type than it must have.
fn misfit(document: &Value) -> String {
    let wrong = "has a value of another type than kubectl takes";
    for (list, holder, _) in LISTS {
        let entries = match document.get(list) {
            None | Some(Value::Null) => continue,
            Some(Value::Array(entries)) => entries,
            Some(_) => return format!("{list}: it is not a list"),
        };
        let Some((at, entry)) = entries.iter().enumerate().find(|(_, entry)| !fits(list, (*entry).clone())) else {
            continue;
        };
        let alone = |key: &str, value: &Value| {
            let mut fields = serde_json::Map::from_iter([(key.to_owned(), value.clone())]);
            fields.entry("cluster").or_insert_with(|| Value::String(String::new()));
            fits(list, serde_json::json!({ "name": "", holder: fields }))
        };
        let fields = entry.get(holder).and_then(Value::as_object).into_iter().flatten();
        let key = fields.into_iter().find(|(key, value)| !alone(key, value)).map(|(key, _)| key.as_str());
        return format!("{}, {}: it {wrong}", place(list, at, entry), key.unwrap_or(holder));
    }
    format!("one of its own keys {wrong}")
}

/// True if an entry of this list can be decoded.
fn fits(list: &str, entry: Value) -> bool {
    match list {
        "clusters" => serde_json::from_value::<NamedCluster>(entry).is_ok(),
        "users" => serde_json::from_value::<NamedAuthInfo>(entry).is_ok(),
        _ => serde_json::from_value::<NamedContext>(entry).is_ok(),
    }
}
