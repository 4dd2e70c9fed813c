//! The published schema.

use std::collections::BTreeSet;

use ackcheck_core::report::Format;

use super::{RUNS, plain, report};

/// The published schema and the program agree on every name: nothing is written that it does not describe, and nothing
/// it requires is missing. `ci/junit` validates real reports against it with a validator.
#[test]
fn the_schema_names_what_is_written() {
    let file = format!("{}/fixtures/report.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut met = BTreeSet::new();
    for run in RUNS {
        let json: serde_json::Value = serde_json::from_str(&plain(Format::Json, &report(run))).unwrap();
        agree(&schema, &schema, &json, run, &mut met);
    }
    let mut described = BTreeSet::new();
    properties(&schema, &mut described);
    assert_eq!(met, described, "every property the schema describes is written by one of the runs");
}

pub(crate) fn agree(
    root: &serde_json::Value,
    schema: &serde_json::Value,
    value: &serde_json::Value,
    at: &str,
    met: &mut BTreeSet<String>,
) {
    // Something or null.
    let schema = schema["oneOf"].get(0).unwrap_or(schema);
    let schema = match schema["$ref"].as_str() {
        Some(reference) => root.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    match value {
        serde_json::Value::Object(fields) => {
            let known = schema["properties"].as_object().unwrap_or_else(|| panic!("{at}: no properties in the schema"));
            for (name, value) in fields {
                assert!(known.contains_key(name), "{at}/{name} is not in the schema");
                met.insert(name.clone());
                agree(root, &known[name], value, &format!("{at}/{name}"), met);
            }
            for required in schema["required"].as_array().into_iter().flatten() {
                let required = required.as_str().unwrap();
                assert!(fields.contains_key(required), "{at} has no {required}, which the schema requires");
            }
        }
        serde_json::Value::Array(values) => {
            for value in values {
                agree(root, &schema["items"], value, &format!("{at}[]"), met);
            }
        }
        _ => {}
    }
}

pub(crate) fn properties(schema: &serde_json::Value, described: &mut BTreeSet<String>) {
    match schema {
        serde_json::Value::Object(fields) => {
            if let Some(properties) = schema["properties"].as_object() {
                described.extend(properties.keys().cloned());
            }
            fields.values().for_each(|schema| properties(schema, described));
        }
        serde_json::Value::Array(schemas) => schemas.iter().for_each(|schema| properties(schema, described)),
        _ => {}
    }
}
