//! `ackcheck cleanup`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::arguments::Cleanup;
use super::output::print;
use crate::site::{Overrides, Site};
use ackcheck_live::survey::{Leftover, Survey};

/// Something is left, or could not be looked for.
const LEFT: u8 = 2;
/// There was nowhere to look.
const NOTHING: u8 = 4;
/// Things of one run that are named one by one.
const MOST_NAMED: usize = 20;

/// Removes what earlier runs left, and proves it by looking again.
pub(super) async fn clean_up(options: Cleanup) -> anyhow::Result<u8> {
    let site = Site::live(&options.site, Overrides::default()).await?;
    let run = options.run.as_deref();
    let before = site.leftovers(run).await;
    let mut said = by_run(&before.found);
    if options.dry_run || before.found.is_empty() {
        said.push_str(&verdict(&before));
        print(site.scrubber.scrub(&said))?;
        let shown = options.dry_run && before.unseen.is_empty() && !before.looked.is_empty();
        return Ok(if shown { 0 } else { code(&before) });
    }
    print(site.scrubber.scrub(&said))?;
    site.remove_leftovers(run).await;
    let after = site.leftovers(run).await;
    let gone = before.found.iter().filter(|leftover| !after.found.contains(leftover)).count();
    let mut said = format!("{gone} of {} removed.\n", before.found.len());
    said.push_str(&by_run(&after.found));
    said.push_str(&verdict(&after));
    print(site.scrubber.scrub(&said))?;
    Ok(code(&after))
}

fn code(survey: &Survey) -> u8 {
    match survey.found.is_empty() && survey.unseen.is_empty() {
        true if survey.looked.is_empty() => NOTHING,
        true => 0,
        false => LEFT,
    }
}

fn by_run(found: &[Leftover]) -> String {
    let mut runs: BTreeMap<&str, Vec<&Leftover>> = BTreeMap::new();
    for leftover in found {
        runs.entry(&leftover.run).or_default().push(leftover);
    }
    let mut said = String::new();
    for (run, left) in runs {
        let since = left.iter().filter_map(|leftover| leftover.since).min();
        let since = since.map(|since| format!(", since {}", since.strftime("%Y-%m-%d %H:%M:%SZ"))).unwrap_or_default();
        let _ = writeln!(said, "run {run}{since}: {} left", left.len());
        for leftover in left.iter().take(MOST_NAMED) {
            let _ = writeln!(said, "  {}", leftover.name);
        }
        if left.len() > MOST_NAMED {
            let _ = writeln!(said, "  and {} more", left.len() - MOST_NAMED);
        }
    }
    said
}

fn verdict(survey: &Survey) -> String {
    let mut said = String::new();
    for unseen in &survey.unseen {
        let _ = writeln!(said, "not looked at: {unseen}");
    }
    if !survey.looked.is_empty() {
        let left = survey.found.len();
        let _ = writeln!(said, "{left} left of what ackcheck creates: looked at {}", survey.looked.join(", "));
    }
    if survey.looked.is_empty() && survey.unseen.is_empty() {
        said.push_str("The site file describes neither a cluster nor buckets: there is nothing to look at.\n");
    }
    said
}
