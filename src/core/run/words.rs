//! Outcomes in words for the report: remedies filled with this deployment's own values, secrets removed.

use crate::check::Check;
use crate::config::Config;
use crate::evidence::Evidence;
use crate::record::{Case, Ending, FindingRecord, WaiverRecord};
use crate::remedy::{Block, Remedy};
use crate::secret::Scrubber;
use crate::shell::fill_shell;
use crate::template::{fact, fill, placeholders};
use crate::verdict::{Finding, Outcome, Verdict};

/// The site-wide facts that every remedy can name. A fact that the site file does not describe is shown as its name in
/// capitals.
pub const SITE_FACTS: [&str; 10] = [
    "site_file",
    "data_dir",
    "install_dir",
    "kubeconfig",
    "context",
    "namespace",
    "cluster_id",
    "repository",
    "region",
    "host_name",
];

/// The [`SITE_FACTS`] that the site file describes, with their values.
pub fn described_facts(config: &Config) -> Vec<(&'static str, String)> {
    SITE_FACTS.into_iter().filter_map(|name| Some((name, described_fact(config, name)?))).collect()
}

fn described_fact(config: &Config, name: &str) -> Option<String> {
    let (dss, cluster) = (config.dss.as_ref(), config.cluster.as_ref());
    let path = |path: &std::path::Path| path.display().to_string();
    match name {
        "site_file" => Some(path(&config.file)).filter(|file| !file.is_empty()),
        "data_dir" => dss.and_then(|dss| dss.data_dir.as_deref()).map(path),
        "install_dir" => dss.and_then(|dss| dss.install_dir.as_deref()).map(path),
        "kubeconfig" => cluster.map(|cluster| path(&cluster.kubeconfig)),
        "context" => cluster.and_then(|cluster| cluster.context.clone()),
        "namespace" => {
            cluster.map(|cluster| cluster.namespaces.first().cloned().unwrap_or_else(|| "default".to_owned()))
        }
        "cluster_id" => cluster.and_then(|cluster| cluster.id.clone()),
        "repository" => config.registry.as_ref().map(|registry| registry.url.clone()),
        "region" => config.cloud.as_ref().and_then(|cloud| cloud.region.clone()),
        "host_name" => config.host.name.clone(),
        _ => None,
    }
}

/// The outcome in words.
pub fn ending(check: &Check, outcome: Outcome, facts: &[(&'static str, String)]) -> Ending {
    match outcome {
        Outcome::Judged(Verdict::Pass) => Ending::Pass,
        Outcome::Judged(Verdict::Warn(finding)) => Ending::Warn(Box::new(finding_record(check, finding, facts))),
        Outcome::Judged(Verdict::Fail(finding)) => Ending::Fail(Box::new(finding_record(check, finding, facts))),
        Outcome::Judged(Verdict::NotApplicable(reason)) => Ending::NotApplicable { reason: reason.into_owned() },
        Outcome::Blocked { by } => Ending::Blocked { by },
        Outcome::Broken(broken) => Ending::Broken { why: broken.to_string() },
        Outcome::TimedOut { after } => Ending::TimedOut { after },
        Outcome::Skipped { reason } => Ending::Skipped { reason },
    }
}

fn finding_record(check: &Check, finding: Finding, site: &[(&'static str, String)]) -> FindingRecord {
    // `fill` uses the last value of a name, so the finding's own facts override the site's.
    let facts: Vec<(&str, String)> = site.iter().cloned().chain(finding.facts).collect();
    let remedy = Remedy::parse(check.remedy);
    let section = remedy.section(finding.code.name);
    let fix = section.map(|section| section.fix.as_slice()).unwrap_or_default();
    let confirm = section.and_then(|section| section.confirm.as_deref());
    FindingRecord {
        code: finding.code.name.to_owned(),
        severity: finding.code.severity,
        summary: finding.code.summary.to_owned(),
        seen: finding.seen,
        why: filled(&remedy.why, &facts, fill),
        remedy: fix.iter().map(|block| fill_block(block, &facts)).collect(),
        confirm: confirm.map(|commands| fill_commands(commands, &facts)),
        explained_by: finding.explained_by.into_iter().map(str::to_owned).collect(),
        known_since: None,
        ended_waiver: None,
    }
}

/// A block with every placeholder filled: by its fact, or, for a site-wide one, by its name in capitals.
fn fill_block(block: &Block, facts: &[(&str, String)]) -> Block {
    block.map(|text| match block {
        Block::Commands { shell: true, .. } => fill_commands(text, facts),
        Block::Commands { shell: false, .. } | Block::Text(_) => filled(text, facts, fill),
    })
}

/// Commands for a shell filled like any block, each value quoted as its place requires.
fn fill_commands(commands: &str, facts: &[(&str, String)]) -> String {
    on_this_site(&filled(commands, facts, fill_shell), facts)
}

/// The fact that says how the site was chosen: `--lab`, `--site FILE`, or nothing for the default.
pub const SITE_OPTION: &str = "site_option";

/// ackcheck's own commands with the option for the same site, so that they can be pasted as they are.
fn on_this_site(commands: &str, facts: &[(&str, String)]) -> String {
    let option = fact(facts, SITE_OPTION).unwrap_or_default();
    if option.is_empty() {
        return commands.to_owned();
    }
    let line = |line: &str| match line.strip_prefix("ackcheck run ") {
        Some(rest) => format!("ackcheck run {option} {rest}"),
        None => line.to_owned(),
    };
    commands.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn filled(text: &str, facts: &[(&str, String)], fill: fn(&str, &[(&str, String)]) -> String) -> String {
    let unknown: Vec<&str> = placeholders(text)
        .into_iter()
        .filter(|name| SITE_FACTS.contains(name) && fact(facts, name).is_none())
        .collect();
    let words = unknown.into_iter().map(|name| (name, name.to_uppercase()));
    let facts: Vec<(&str, String)> = words.chain(facts.iter().map(|(name, value)| (*name, value.clone()))).collect();
    fill(text, &facts)
}

/// The longest answer that is kept of such a case, in bytes.
const SHORT_ANSWER: usize = 256;

/// Keeps the latest entry, which says how many came before it.
pub fn shorten(evidence: &mut Vec<Evidence>) {
    let before = evidence.len().saturating_sub(1);
    if before == 0 {
        return;
    }
    *evidence = evidence.split_off(before);
    if let Some(latest) = evidence.first_mut() {
        latest.asked = format!("(after {before} more) {}", latest.asked);
        let cut = latest.answered.floor_char_boundary(SHORT_ANSWER);
        let more = latest.answered.len() - cut;
        if more > 0 {
            latest.answered = format!("{}… ({more} bytes more)", &latest.answered[..cut]);
        }
    }
}

/// Removes every secret known by now from a case. Seats scrub what they write; this is for the words of checks, and for
/// secrets that were learned later.
pub fn scrub_case(case: &mut Case, scrubber: &Scrubber) {
    let clean = |text: &mut String| scrubber.scrub_in_place(text);
    let waiver = |waiver: &mut WaiverRecord| {
        clean(&mut waiver.reason);
        waiver.ticket.iter_mut().for_each(clean);
    };
    if let Some(finding) = case.ending.finding_mut() {
        clean(&mut finding.seen);
        clean(&mut finding.why);
        for block in &mut finding.remedy {
            let (Block::Text(text) | Block::Commands { text, .. }) = block;
            clean(text);
        }
        finding.confirm.iter_mut().for_each(clean);
        finding.ended_waiver.iter_mut().for_each(waiver);
    }
    match &mut case.ending {
        Ending::Pass | Ending::TimedOut { .. } | Ending::Warn(_) | Ending::Fail(_) => {}
        Ending::Waived { waiver: record, .. } => waiver(record),
        Ending::NotApplicable { reason } | Ending::Skipped { reason } => clean(reason),
        Ending::Broken { why } => clean(why),
        Ending::Blocked { by } => by.iter_mut().for_each(clean),
    }
    for Evidence { asked, answered, .. } in &mut case.evidence {
        clean(asked);
        clean(answered);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::place::Vantage;

    #[test]
    fn of_very_many_cases_each_keeps_its_latest_entry_and_says_so() {
        let entry = |asked: &str| Evidence {
            vantage: Vantage::Node,
            asked: asked.to_owned(),
            answered: String::new(),
            took: Duration::ZERO,
        };
        let asked = |of: &[&str]| {
            let mut evidence: Vec<Evidence> = of.iter().map(|asked| entry(asked)).collect();
            shorten(&mut evidence);
            evidence.into_iter().map(|entry| entry.asked).collect::<Vec<_>>()
        };
        assert_eq!(asked(&["a"]), ["a"]);
        assert_eq!(asked(&["a", "b", "c", "d"]), ["(after 3 more) d"]);
        assert!(asked(&[]).is_empty());
    }

    #[test]
    fn its_own_commands_look_at_the_same_site() {
        let commands = "ackcheck run --only x\naliyun ackcheck run --only x";
        let told = |option: &str| fill_commands(commands, &[(SITE_OPTION, option.to_owned())]);
        assert_eq!(
            told("--site /tmp/a.toml"),
            "ackcheck run --site /tmp/a.toml --only x\naliyun ackcheck run --only x"
        );
        assert_eq!(told(""), commands);
    }

    #[test]
    fn a_site_fact_that_is_not_described_reads_as_its_name_in_capitals() {
        let facts = [("data_dir", "/data/dss".to_owned()), ("key", "fs.oss.impl".to_owned())];
        let text = "{data_dir} {install_dir} {key} {other} ${region} {region}";
        assert_eq!(filled(text, &facts, fill), "/data/dss INSTALL_DIR fs.oss.impl {other} ${region} REGION");
    }
}
