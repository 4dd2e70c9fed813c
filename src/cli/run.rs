//! `ackcheck run`.

use std::io::IsTerminal as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::INTERRUPTED;
use super::arguments::{Color, Run, SITE_FILE, World};
use super::outcome::Outcome;
use super::output::say;
use super::progress::Progress;
use super::signals::Signals;
use crate::site::{Overrides, Site};
use ackcheck_core::catalogue::{Catalogue, Plan, Selection};
use ackcheck_core::run::{self, Asked};
use ackcheck_lab::LabOptions;

/// How long the reports of a run that was stopped may take, so that the removal is not put off for long.
const FIRST_REPORTS: Duration = Duration::from_secs(10);

/// Checks a deployment and writes the reports.
pub(super) async fn run(catalogue: &'static Catalogue, arguments: Run, color: Color) -> anyhow::Result<u8> {
    let selection = Selection { require: arguments.require.clone(), ..arguments.checks.selection() };
    let mut plan = selection.plan(catalogue)?;
    for selector in &plan.idle {
        say(&format!("note: --only {selector} selects no check{}", stage_note(&arguments)));
    }
    let lab = lab_options(catalogue, &arguments.world)?;
    let outcome = Outcome::to(&arguments, color)?;
    let signals = Signals::heed()?;
    let overrides = Overrides {
        probe_image: arguments.probe_image.clone(),
        run: arguments.timeout,
        ports: arguments.ports.clone(),
    };
    let site = match arguments.lab {
        true => Site::lab(&lab, lab_label(&arguments.world), overrides).await?,
        false => Site::live(&arguments.site, overrides).await.map_err(|error| explain_missing(error, &arguments))?,
    };
    catalogue.check_waivers(&site.config.file, &site.config.waivers).map_err(anyhow::Error::msg)?;
    for required in &site.config.run.require {
        let place = format!("{}:{}: run.require", site.config.file.display(), required.line);
        // What the command line leaves out is left out: --only confirms one fix and asks no more.
        plan.require(catalogue, &required.selector).map_err(|why| anyhow::anyhow!("{place}: {why}"))?;
    }
    let options = run::Options {
        jobs: arguments.jobs.into(),
        site: site.label.clone(),
        facts: facts(&site, &arguments).await,
        shown: shown(&arguments, &plan),
        ..run::Options::new(site.config.clone(), site.scrubber.clone(), jiff::Timestamp::now)
    };
    let (watch, mut events) = mpsc::unbounded_channel();
    let mut progress = progress(arguments.quiet, color);
    let watching = tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            progress.on(&event);
        }
        progress.finish();
    });
    signals.owe_reports();
    let asked = run::ask(&plan, site.seats.clone(), options, watch, signals.stop().clone()).await;
    let code = conclude(asked, outcome, &signals, watching).await?;
    if plan.checks.is_empty() {
        say("nothing was selected");
    }
    Ok(code)
}

/// Removes what the run created and writes the reports. Where somebody waits for the end, or may end this program at any
/// moment, the reports come first, and those in files are written again when it is known what is left.
async fn conclude(
    asked: Asked<'_>,
    outcome: Outcome,
    signals: &Signals,
    watching: JoinHandle<()>,
) -> anyhow::Result<u8> {
    let mut removal = Box::pin(asked.remove());
    let mut ended = None;
    if !asked.interrupted() {
        tokio::select! {
            left_behind = &mut removal => ended = Some(left_behind),
            () = signals.stop().cancelled() => {}
        }
    }
    if let Some(left_behind) = ended {
        drop(removal);
        let report = outcome.compared(asked.finish(left_behind));
        // The last line of the progress comes before the report.
        let _ = watching.await;
        signals.next_ends();
        let code = report.exit_code();
        let limit = signals.stop().is_cancelled().then_some(FIRST_REPORTS);
        written(signals.write(limit, move || outcome.write(&report)).await)?;
        return Ok(code);
    }
    let (again, early) = (outcome.clone(), outcome.compared(asked.report()));
    let first = written(signals.write(Some(FIRST_REPORTS), move || outcome.write(&early)).await);
    let left_behind = removal.await;
    let report = again.compared(asked.finish(left_behind));
    let _ = watching.await;
    match report.left_behind.as_slice() {
        [] => say("everything that this run created is removed"),
        left => say(&format!("this run created it and could not remove it:\n{}", left.join("\n"))),
    }
    let second = written(signals.write(Some(FIRST_REPORTS), move || again.write_files_again(&report)).await);
    first.and(second)?;
    Ok(INTERRUPTED)
}

/// What became of the reports; none where their time was up.
fn written(result: Option<anyhow::Result<()>>) -> anyhow::Result<()> {
    result.unwrap_or_else(|| bail!("not every report was written within {} s", FIRST_REPORTS.as_secs()))
}

/// What remedies can name besides the site file's own words.
async fn facts(site: &Site, arguments: &Run) -> Vec<(&'static str, String)> {
    let default = arguments.site == Path::new(SITE_FILE);
    let option = match (arguments.lab, default) {
        (true, _) => String::from("--lab"),
        (false, true) => String::new(),
        (false, false) => format!("--site {}", arguments.site.display()),
    };
    let mut facts = site.facts().await;
    facts.push((run::words::SITE_OPTION, option));
    facts
}

fn stage_note(arguments: &Run) -> String {
    arguments.checks.stage.map(|stage| format!(" of the stage {stage}")).unwrap_or_default()
}

/// The lab with the faults of the findings that were named.
pub(super) fn lab_options(catalogue: &Catalogue, world: &World) -> anyhow::Result<LabOptions> {
    let mut faults = Vec::new();
    for name in &world.fault {
        let found = catalogue.find_finding(name).map_err(|error| anyhow::anyhow!("--fault {name}: {error}"))?;
        let (_, check, code) = found;
        let trial = check.trials.iter().find(|trial| trial.finding == code);
        let trial = trial.with_context(|| format!("--fault {name}: no simulated deployment has this finding"))?;
        faults.extend(trial.faults.iter().copied());
    }
    Ok(LabOptions {
        faults,
        nodes: world.nodes.map(usize::from),
        dss_release: world.dss_release.clone(),
        pod_network: world.pod_network,
    })
}

fn lab_label(world: &World) -> String {
    match world.fault.is_empty() {
        true => String::from("the lab, healthy"),
        false => format!("the lab, broken by {}", world.fault.join(", ")),
    }
}

/// A first run has no site file yet: the error says how to come by one.
fn explain_missing(error: anyhow::Error, arguments: &Run) -> anyhow::Error {
    if arguments.site.exists() {
        return error;
    }
    error.context(
        "there is no site file: `ackcheck init` writes one, --site names another, --lab checks the simulated deployment",
    )
}

/// The options that shaped the run, as given.
fn shown(arguments: &Run, plan: &Plan) -> Vec<(String, String)> {
    let mut shown: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, value: String| shown.push((name.to_owned(), value));
    arguments.checks.given().into_iter().for_each(|(option, value)| add(option, value));
    arguments.require.iter().for_each(|require| add("--require", require.clone()));
    let needed = plan.needed_only();
    if !needed.is_empty() {
        add("asked because needed", needed.join(", "));
    }
    arguments.world.given().into_iter().for_each(|(option, value)| add(option, value));
    arguments.probe_image.iter().for_each(|image| add("--probe-image", image.clone()));
    arguments.ports.iter().for_each(|ports| add("--ports", ports.to_string()));
    arguments.timeout.iter().for_each(|limit| add("--timeout", format!("{limit:?}")));
    add("--jobs", arguments.jobs.to_string());
    shown
}

fn progress(quiet: bool, color: Color) -> Progress {
    match (quiet, std::io::stderr().is_terminal()) {
        (true, _) => Progress::silent(),
        (false, true) if color != Color::Never => Progress::live(indicatif::ProgressDrawTarget::stderr()),
        (false, _) => Progress::lines(std::io::stderr()),
    }
}
