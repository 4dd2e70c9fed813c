//! The model of Hadoop's Configuration by itself: reads cases as lines of JSON from standard input and prints a line for
//! each, as `ci/oracles/hadoop/Oracle.java` prints it of the real one.

use std::io::{BufRead as _, Write as _};

use ackcheck_core::hadoop_configuration::{Configuration, Fault, Place, Problem, Step, Told};
use ackcheck_core::seat::dss::PropertyValue;
use ackcheck_core::seat::dss::read::FILE_SYSTEM;
use serde_json::{Map, Value, json};

fn main() -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line?)?;
        let mut configuration = Configuration::default();
        for (place, name) in [(Place::Instance, "instance"), (Place::Connection, "connection")] {
            for setting in list(&question[name]) {
                let value = PropertyValue::Clear(text(&setting[1]).to_owned());
                configuration.set(text(&setting[0]), value, place);
            }
        }
        let mut values = Map::new();
        for key in list(&question["keys"]).iter().map(text) {
            values.insert(key.to_owned(), told(&configuration, key));
        }
        let failures = configuration.client().problems().map(|problem| json!([problem.key, kind(problem)])).collect();
        let answer = json!({
            "values": values,
            "failure": failure(&configuration),
            "failures": Value::Array(failures),
        });
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn told(configuration: &Configuration, key: &str) -> Value {
    match (configuration.get(key), configuration.trimmed(key)) {
        (Told::Known(get), Told::Known(trimmed)) => json!({ "get": get, "trimmed": trimmed }),
        (Told::Unset, _) => json!({ "get": null, "trimmed": null }),
        (Told::TooDeep, _) => json!({ "fails": "too-deep" }),
        (Told::Unknown(unknown), _) => json!({ "unknown": unknown.to_string() }),
        (Told::Known(_), other) => json!({ "differs": format!("{other:?}") }),
    }
}

/// The first thing that goes wrong, up to the first request.
fn failure(configuration: &Configuration) -> String {
    match configuration.trimmed(FILE_SYSTEM) {
        Told::Unset => return "no-file-system".to_owned(),
        Told::TooDeep => return "too-deep".to_owned(),
        Told::Unknown(unknown) => return format!("unknown: {unknown}"),
        // Whether a class is there, the jars say.
        Told::Known(class) if class != "org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem" => {
            return format!("unknown: {class:?}");
        }
        Told::Known(_) => {}
    }
    match configuration.client().steps.first() {
        None | Some(Step::Request) => "none".to_owned(),
        Some(Step::Unknown(unknown)) => format!("unknown: {unknown}"),
        Some(Step::Fails(problem)) => kind(problem).to_owned(),
    }
}

fn kind(problem: &Problem) -> &'static str {
    match &problem.fault {
        Fault::NotANumber { .. } => "not-a-number",
        Fault::TooSmall { .. } => "too-small",
        Fault::TooLarge { .. } => "too-large",
        Fault::TooDeep => "too-deep",
        Fault::ProxyWithoutHost => "proxy-without-host",
        Fault::ProxyHost { .. } => "proxy-host",
        Fault::ProxyLacks(_) => "proxy-lacks",
        Fault::EndpointMissing => "endpoint-missing",
        Fault::EndpointMalformed { .. } => "endpoint-malformed",
        Fault::KeyMissing => "key-missing",
        Fault::StoreEmpty => "credential-store-empty",
        Fault::ProviderConstructor { .. } => "provider-constructor",
        Fault::Acl { .. } => "acl",
    }
}
