//! `ackcheck diagnose`.

use std::ffi::OsString;
use std::io::{Cursor, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, bail};
use clap::Parser as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::signal::unix::{SignalKind, signal};

use super::arguments::{Arguments, Color, Command, Diagnose, DiagnoseFormat, Run, SITE_FILE};
use super::output::{print, say};
use super::reports::colored;
use super::run::lab_options;
use super::{INTERRUPTED, USAGE, run};
use crate::site::{DssOnThisHost, Overrides, Site};
use ackcheck_core::catalogue::Catalogue;
use ackcheck_core::secret::Scrubber;
use ackcheck_core::shell::shell_word;
use ackcheck_diagnose::{Clock, Collector, Diagnosis, Format, Looks, NotRead, Reading, checks, render};

/// Something was recognised.
const RECOGNISED: u8 = 1;
const STANDARD_INPUT: &str = "standard input";

/// Reads logs, tells what they tell of, and runs the checks that prove it where that is asked for.
pub(super) async fn diagnose(catalogue: &'static Catalogue, options: Diagnose, color: Color) -> anyhow::Result<u8> {
    let zone = TimeZone::system();
    let clock = Clock { now: Timestamp::now(), zone: zone.clone() };
    let stopped = Stop::heed()?;
    let diagnosis = read(catalogue, &options, clock, &stopped).await?;
    for input in &diagnosis.not_read {
        say(&format!("{}: {}", input.name, input.why));
    }
    let looks = Looks {
        color: options.report == DiagnoseFormat::Terminal && colored(color, std::io::stdout().is_terminal()),
        zone,
        site_option: site_option(&options),
    };
    print(render(&diagnosis, options.report.format(), &looks))?;
    if stopped.asked() {
        say("stopped: what was recognised until then is printed");
        return Ok(INTERRUPTED);
    }
    let code = match (diagnosis.not_read.is_empty(), diagnosis.causes.is_empty()) {
        (false, _) => USAGE,
        (true, true) => 0,
        (true, false) => RECOGNISED,
    };
    if !options.prove || diagnosis.causes.is_empty() {
        return Ok(code);
    }
    let proof = run::run(catalogue, proof(&options, &diagnosis)?, color).await?;
    Ok(if code == USAGE { code } else { proof })
}

async fn read(catalogue: &Catalogue, options: &Diagnose, clock: Clock, stop: &Stop) -> anyhow::Result<Diagnosis> {
    let mut since = options.since;
    let mut inputs = options.inputs.clone();
    if inputs.iter().filter(|input| is_standard_input(input)).count() > 1 {
        bail!("standard input can be read once: `-` is given several times");
    }
    let site = match options.namespace.is_empty() {
        true => None,
        false => Some(site(catalogue, options).await?),
    };
    let scrubber = site.as_ref().map_or_else(Scrubber::default, |site| site.scrubber.clone());
    if inputs.is_empty() && site.is_none() {
        inputs = of_the_site(options, &scrubber)?;
        // Jobs of years lie there.
        since = since.or(Some(DssOnThisHost::RECENT));
    }
    let mut collector = Collector::new(Reading { clock, since, stop: stop.0.clone() }, scrubber);
    if let Some(site) = site {
        for namespace in &options.namespace {
            let told = site.told_in(namespace, since).await;
            told.texts.into_iter().for_each(|(name, text)| collector.read_stream(&name, Cursor::new(text)));
            told.unseen.into_iter().for_each(|(name, why)| collector.not_read(NotRead { name, why }));
        }
    }
    for input in &inputs {
        if is_standard_input(input) {
            if std::io::stdin().is_terminal() {
                say("reading standard input; Ctrl-D ends it");
            }
            collector.read_stream(STANDARD_INPUT, std::io::stdin());
        } else if input.is_dir() {
            collector.read_folder(input);
        } else {
            collector.read_file(input, true);
        }
    }
    Ok(collector.finish())
}

async fn site(catalogue: &Catalogue, options: &Diagnose) -> anyhow::Result<Site> {
    match options.lab {
        true => Site::lab(&lab_options(catalogue, &options.world)?, "the lab".to_owned(), Overrides::default()).await,
        false => Site::live(&options.site, Overrides::default()).await,
    }
}

/// Whether somebody wants it to end. The first Ctrl-C ends the reading, a second one the program.
struct Stop(Arc<AtomicBool>);

impl Stop {
    fn heed() -> anyhow::Result<Stop> {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = stop.clone();
        // From here on, and not from when the task below first runs.
        let mut interrupts = signal(SignalKind::interrupt()).context("Ctrl-C cannot be heeded")?;
        tokio::spawn(async move {
            while interrupts.recv().await.is_some() {
                if asked.swap(true, Ordering::Relaxed) {
                    std::process::exit(INTERRUPTED.into());
                }
            }
        });
        Ok(Stop(stop))
    }

    fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

fn is_standard_input(input: &Path) -> bool {
    input == Path::new("-")
}

/// Where DSS keeps its logs, as the site file has it.
fn of_the_site(options: &Diagnose, scrubber: &Scrubber) -> anyhow::Result<Vec<PathBuf>> {
    let named = || "name the logs or folders to read, or `-` for standard input; without any, the site file has to name DSS's data directory";
    let dss = DssOnThisHost::read(&options.site, scrubber).with_context(named)?;
    Ok(dss.logs())
}

/// What the commands that are proposed need to know the deployment by.
fn site_option(options: &Diagnose) -> String {
    match (options.lab, options.site == Path::new(SITE_FILE)) {
        (true, _) => String::from("--lab"),
        (false, true) => String::new(),
        (false, false) => format!("--site {}", shell_word(&options.site.display().to_string())),
    }
}

/// The run of the checks that prove it, as if it had been typed.
fn proof(options: &Diagnose, diagnosis: &Diagnosis) -> anyhow::Result<Run> {
    let mut words: Vec<OsString> = vec!["ackcheck".into(), "run".into()];
    for check in checks(&diagnosis.causes) {
        words.extend(["--only".into(), check.into()]);
    }
    match options.lab {
        true => words.push("--lab".into()),
        false => words.extend(["--site".into(), options.site.clone().into_os_string()]),
    }
    for (option, value) in options.world.given() {
        words.extend([option.into(), value.into()]);
    }
    match Arguments::try_parse_from(words)?.command {
        Command::Run(run) => Ok(*run),
        _ => bail!("`ackcheck run` is not a run"),
    }
}

impl DiagnoseFormat {
    fn format(self) -> Format {
        match self {
            DiagnoseFormat::Terminal => Format::Terminal,
            DiagnoseFormat::Markdown => Format::Markdown,
            DiagnoseFormat::Json => Format::Json,
        }
    }
}
