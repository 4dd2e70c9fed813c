//! The two Hadoop config keys that make `oss://` a file system name the right classes (HOWTO 3.2).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::hadoop_configuration::{Configuration, Told};
use ackcheck_core::java;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::read::{ABSTRACT_FILE_SYSTEM, FILE_SYSTEM, is_read};
use ackcheck_core::seat::dss::{HadoopConnection, HadoopKey, PropertyValue};
use ackcheck_core::verdict::{Code, Judgement, Unseen, Verdict};

use super::connector::Connector;

pub(super) mod spelling;
mod trials;

static MISSING: Code = Code::fail("missing", "a Hadoop config key needed for OSS is not set");
static MISSPELT: Code = Code::fail("misspelt", "a Hadoop config key is misspelt");
static WHITESPACE: Code = Code::fail(
    "whitespace",
    "a Hadoop config key or its value has an invisible character around it that Hadoop does not trim",
);
static WRONG_CLASS: Code = Code::fail("wrong-class", "a Hadoop config key names a class other than the one for OSS");
static SHADOWED: Code =
    Code::fail("shadowed", "a Hadoop config key is set twice, and the last value, which wins, is wrong");
static PLAIN_TEXT: Code = Code::warn("plain-text", "a Hadoop config key holds a secret that is not encrypted");

/// The keys and their classes.
const WANTED: [(&str, &str); 2] = [
    (FILE_SYSTEM, "org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem"),
    (ABSTRACT_FILE_SYSTEM, "org.apache.hadoop.fs.aliyun.oss.OSS"),
];

pub(crate) static CHECK: Check = Check {
    id: "hadoop-keys",
    title: "The Hadoop config keys for OSS name the right classes",
    stage: Stage::Acceptance,
    needs: &[],
    uses: &[],
    deadline: Duration::from_secs(30),
    findings: &[&MISSING, &MISSPELT, &WHITESPACE, &WRONG_CLASS, &SHADOWED, &PLAIN_TEXT],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|context, dss| Box::pin(judge(context, dss))),
};

/// What is wrong with one key.
struct Problem {
    code: &'static Code,
    seen: String,
    /// The value or the key that stands there.
    found: String,
}

async fn judge(_: &Context, dss: &dyn Dss) -> Judgement {
    let keys = dss.hadoop_keys().await?;
    let instance = Configuration::of_instance(&keys);
    let mut connections = Vec::new();
    // They are only asked for where they may make up for what the instance lacks.
    if WANTED.iter().any(|(name, _)| instance.setting(name).is_none()) {
        connections = dss.connections().await?;
        connections.retain(HadoopConnection::is_oss);
    }
    let mut problems = Vec::new();
    let mut unseen = None;
    for (name, class) in WANTED {
        match problem(&keys, &connections, name, class) {
            Ok(Some(problem)) => problems.push((problem, name, class)),
            Ok(None) => {}
            Err(why) => unseen = Some(why),
        }
    }
    if let Some((Problem { code, found, .. }, name, _)) = problems.first() {
        let seen = problems.iter().map(|(problem, ..)| problem.seen.as_str()).collect::<Vec<_>>().join("; ");
        let lines = problems.iter().map(|(_, name, class)| format!("{name} = {class}")).collect::<Vec<_>>().join("\n");
        return Ok(code.found(seen).with("key", *name).with("lines", lines).with("found", found.as_str()).into());
    }
    if let Some(unseen) = unseen {
        return Err(unseen);
    }
    // The secrets of other clouds are not OSS's business.
    let in_clear = |key: &&HadoopKey| key.value == PropertyValue::ClearSecret && is_read(&key.key);
    Ok(match keys.iter().find(in_clear) {
        Some(key) => {
            PLAIN_TEXT.found(format!("{} is not encrypted", java::trim(&key.key))).with("key", key.key.as_str()).into()
        }
        None => Verdict::Pass,
    })
}

/// What is wrong with one key for connections that do not set it themselves; an error where its value is not told.
fn problem(
    keys: &[HadoopKey],
    connections: &[HadoopConnection],
    name: &str,
    class: &str,
) -> Result<Option<Problem>, Unseen> {
    let problem = |code, seen, found: &str| Ok(Some(Problem { code, seen, found: found.to_owned() }));
    let value = match Configuration::of_instance(keys).trimmed(name) {
        Told::Known(value) => value,
        Told::Unknown(unknown) => return Err(Unseen::unreadable(name, unknown.to_string())),
        Told::TooDeep => return problem(&WRONG_CLASS, format!("{name} has more variables than Hadoop resolves"), ""),
        Told::Unset => return Ok(unset(keys, connections, name)),
    };
    if value == class || Connector::of_class(&value).is_some_and(|connector| connector != Connector::HadoopAliyun) {
        // Whose jars another connector needs, hadoop-connector says.
        return Ok(None);
    }
    let earlier = |key: &&HadoopKey| java::trim(&key.key) == name && clear(&key.value) == Some(class);
    let times = keys.iter().filter(|key| java::trim(&key.key) == name).count();
    if value.trim_matches(|c: char| java::is_unseen(c)) == class {
        let value = java::quoted(&value);
        return problem(&WHITESPACE, format!("the value of {name} is {value}"), &value);
    }
    if keys.iter().find(earlier).is_some() {
        return problem(&SHADOWED, format!("{name} is set {times} times, the last time to {value:?}"), &value);
    }
    problem(&WRONG_CLASS, format!("{name} is {value:?}"), &value)
}

fn clear(value: &PropertyValue) -> Option<&str> {
    match value {
        PropertyValue::Clear(text) => Some(java::trim(text)),
        _ => None,
    }
}

/// Why a key is unset, unless every connection sets it itself.
fn unset(keys: &[HadoopKey], connections: &[HadoopConnection], name: &str) -> Option<Problem> {
    let problem = |code, seen, found: &str| Some(Problem { code, seen, found: found.to_owned() });
    let sets = |connection: &HadoopConnection| Configuration::of(keys, connection).setting(name).is_some();
    if !connections.is_empty() && connections.iter().all(sets) {
        return None;
    }
    if let Some(key) = keys.iter().find(|key| key.key.trim_matches(|c: char| c <= ' ' || java::is_unseen(c)) == name) {
        let key = java::quoted(&key.key);
        return problem(&WHITESPACE, format!("the key {key} has an invisible character around {name}"), &key);
    }
    if let Some(key) = keys.iter().find(|key| spelling::is_meant(&key.key, name)) {
        return problem(&MISSPELT, format!("{name} is not set, but {:?} is", key.key), &key.key);
    }
    problem(&MISSING, format!("{name} is not set"), "")
}
