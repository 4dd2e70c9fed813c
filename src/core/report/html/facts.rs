//! What a record knows of the deployment itself: which nodes and buckets its cases are about, and the names of VPC and
//! vSwitches where the cloud was asked. What it does not know is not drawn.

use std::collections::BTreeMap;

use crate::evidence::Evidence;
use crate::place::Vantage;
use crate::record::Report;
use crate::report::outcome::Outcome;
use crate::subject::{Kind, Subject};

/// The most names of one kind that are taken from evidence.
const MOST: usize = 4;

/// The names that the cloud gave.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Networks {
    pub vpcs: Vec<String>,
    pub vswitches_of_host: Vec<String>,
    pub vswitches_of_cluster: Vec<String>,
}

impl Networks {
    /// From the answers of Alibaba's API: of the cluster what `DescribeClusterDetail` says, of the DSS host what its own
    /// network interfaces say.
    pub(super) fn of(report: &Report) -> Networks {
        let mut networks = Networks::default();
        let asked = report.cases.iter().flat_map(|case| &case.evidence);
        for Evidence { asked, answered, .. } in asked.filter(|entry| entry.vantage == Vantage::Cloud) {
            if asked.contains("DescribeClusterDetail") {
                collect(&mut networks.vpcs, answered, "vpc_id");
                collect(&mut networks.vswitches_of_cluster, answered, "vswitch_ids");
            } else if asked.contains("DescribeNetworkInterfaces") && asked.contains("InstanceId=") {
                collect(&mut networks.vpcs, answered, "VpcId");
                collect(&mut networks.vswitches_of_host, answered, "VSwitchId");
            }
        }
        networks
    }
}

/// Adds the values of a key of JSON that may be cut short: `"key":"value"`, `"key":["value","value"]`.
fn collect(names: &mut Vec<String>, answer: &str, key: &str) {
    let key = format!("\"{key}\":");
    for (at, _) in answer.match_indices(&key) {
        let value = answer[at + key.len()..].trim_start();
        let strings: Vec<&str> = match value.strip_prefix('[') {
            Some(list) => list.split(']').next().unwrap_or_default().split('"').skip(1).step_by(2).collect(),
            None => value.strip_prefix('"').and_then(|value| value.split('"').next()).into_iter().collect(),
        };
        let whole = |name: &&str| name.starts_with('v') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        for name in strings.into_iter().filter(whole) {
            if names.len() < MOST && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
}

/// Subjects that ended alike in all their cases.
#[derive(Debug)]
pub(super) struct Alike<'r> {
    /// At least one, in order.
    pub names: Vec<&'r str>,
    /// The gravest of their cases.
    pub outcome: &'static Outcome,
}

/// The subjects of some kinds; where there are more than `most`, those that ended alike as one. The gravest come first,
/// then the largest.
pub(super) fn subjects<'r>(report: &'r Report, kinds: &[Kind], most: usize) -> Vec<Alike<'r>> {
    let mut ended: BTreeMap<&Subject, Vec<(&str, &'static Outcome)>> = BTreeMap::new();
    for case in &report.cases {
        let Some(subject) = case.id.subject.as_ref().filter(|subject| kinds.contains(&subject.kind)) else { continue };
        ended.entry(subject).or_default().push((&case.id.check, Outcome::of(&case.ending)));
    }
    if ended.len() <= most {
        let alone = |(subject, ended): (&&'r Subject, &Vec<(&str, &'static Outcome)>)| {
            Some(Alike { names: vec![subject.name.as_str()], outcome: gravest(ended)? })
        };
        return ended.iter().filter_map(alone).collect();
    }
    let mut alike: BTreeMap<Vec<(&str, &str)>, Alike<'r>> = BTreeMap::new();
    for (subject, ended) in &ended {
        let Some(outcome) = gravest(ended) else { continue };
        let key = ended.iter().map(|(check, outcome)| (*check, outcome.word)).collect();
        alike.entry(key).or_insert_with(|| Alike { names: Vec::new(), outcome }).names.push(&subject.name);
    }
    let mut alike: Vec<Alike> = alike.into_values().collect();
    alike.sort_by_key(|same| (same.outcome.gravity(), std::cmp::Reverse(same.names.len())));
    alike
}

fn gravest(ended: &[(&str, &'static Outcome)]) -> Option<&'static Outcome> {
    ended.iter().map(|(_, outcome)| *outcome).min_by_key(|outcome| outcome.gravity())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_answers_that_are_cut_short() {
        let mut names = Vec::new();
        collect(&mut names, r#"200 {"vpc_id":"vpc-1","vswitch_ids":["vsw-1","vsw-2"],"x":1,"vpc_i"#, "vswitch_ids");
        assert_eq!(names, ["vsw-1", "vsw-2"]);
        collect(&mut names, r#"{"vswitch_ids":["vsw-2","vsw-3"#, "vswitch_ids");
        assert_eq!(names, ["vsw-1", "vsw-2", "vsw-3"]);
        collect(&mut names, r#"{"vswitch_ids":"<script>"#, "vswitch_ids");
        collect(&mut names, r#"{"vswitch_ids":7}"#, "vswitch_ids");
        assert_eq!(names.len(), 3);
    }
}
