//! The two Hadoop config keys that make `oss://` a file system name the right classes (HOWTO 3.2).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::HadoopKey;
use ackcheck_core::seat::dss::read::{ABSTRACT_FILE_SYSTEM, FILE_SYSTEM};
use ackcheck_core::verdict::{Code, Judgement, Verdict};

mod spelling;
mod trials;

static MISSING: Code = Code::fail("missing", "a Hadoop config key needed for OSS is not set");
static MISSPELT: Code = Code::fail("misspelt", "a Hadoop config key is misspelt");
static WHITESPACE: Code = Code::fail("whitespace", "a Hadoop config key or its value has white space around it");
static WRONG_CLASS: Code = Code::fail("wrong-class", "a Hadoop config key names a class other than the one for OSS");
static SHADOWED: Code =
    Code::fail("shadowed", "a Hadoop config key is set twice, and the last value, which wins, is wrong");

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
    findings: &[&MISSING, &MISSPELT, &WHITESPACE, &WRONG_CLASS, &SHADOWED],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|context, dss| Box::pin(judge(context, dss))),
};

async fn judge(_: &Context, dss: &dyn Dss) -> Judgement {
    let keys = dss.hadoop_keys().await?;
    let problems: Vec<_> = WANTED
        .into_iter()
        .filter_map(|(name, class)| {
            problem(&keys, name, class).map(|(code, seen, found)| (code, seen, found, name, class))
        })
        .collect();
    let Some((code, _, found, name, _)) = problems.first() else { return Ok(Verdict::Pass) };
    let seen = problems.iter().map(|(_, seen, ..)| seen.as_str()).collect::<Vec<_>>().join("; ");
    let lines =
        problems.iter().map(|(_, _, _, name, class)| format!("{name} = {class}")).collect::<Vec<_>>().join("\n");
    Ok(code.found(seen).with("key", *name).with("lines", lines).with("found", found.as_str()).into())
}

/// What is wrong with one key: the code, what was seen, and the value or key found.
fn problem(keys: &[HadoopKey], name: &str, class: &str) -> Option<(&'static Code, String, String)> {
    let values: Vec<String> = keys.iter().filter(|key| key.key == name).map(|key| key.value.to_string()).collect();
    if let Some(last) = values.last() {
        // If a key is set several times, Hadoop uses the last value.
        return match last.as_str() {
            value if value == class => None,
            value if value.trim() == class => {
                Some((&WHITESPACE, format!("the value of {name} is {value:?}"), value.to_owned()))
            }
            value if values.iter().any(|value| value == class) => {
                let seen = format!("{name} is set {} times, the last time to {value:?}", values.len());
                Some((&SHADOWED, seen, value.to_owned()))
            }
            value => Some((&WRONG_CLASS, format!("{name} is {value:?}"), value.to_owned())),
        };
    }
    if let Some(key) = keys.iter().find(|key| key.key.trim() == name) {
        return Some((&WHITESPACE, format!("the key {:?} has white space around {name}", key.key), key.key.clone()));
    }
    if let Some(key) = keys.iter().find(|key| spelling::is_meant(&key.key, name)) {
        return Some((&MISSPELT, format!("{name} is not set, but {:?} is", key.key), key.key.clone()));
    }
    Some((&MISSING, format!("{name} is not set"), String::new()))
}
