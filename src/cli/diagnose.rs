//! `ackcheck diagnose`.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Parser as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::arguments::{Arguments, Color, Command, Diagnose, DiagnoseFormat, Run, SITE_FILE};
use super::output::{print, say};
use super::reports::colored;
use super::{USAGE, run};
use crate::site::DssOnThisHost;
use ackcheck_core::catalogue::Catalogue;
use ackcheck_core::secret::Scrubber;
use ackcheck_core::shell::shell_word;
use ackcheck_diagnose::{Clock, Collector, Diagnosis, Format, Looks, Reading, checks, render};

/// Something was recognised.
const RECOGNISED: u8 = 1;
const STANDARD_INPUT: &str = "standard input";

/// Reads logs, tells what they tell of, and runs the checks that prove it where that is asked for.
pub(super) async fn diagnose(catalogue: &'static Catalogue, options: Diagnose, color: Color) -> anyhow::Result<u8> {
    let zone = TimeZone::system();
    let clock = Clock { now: Timestamp::now(), zone: zone.clone() };
    let diagnosis = read(&options, clock)?;
    for input in &diagnosis.not_read {
        say(&format!("{}: {}", input.name, input.why));
    }
    let looks = Looks {
        color: options.report == DiagnoseFormat::Terminal && colored(color, std::io::stdout().is_terminal()),
        zone,
        site_option: site_option(&options),
    };
    print(render(&diagnosis, options.report.format(), &looks))?;
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

fn read(options: &Diagnose, clock: Clock) -> anyhow::Result<Diagnosis> {
    let scrubber = Scrubber::default();
    let mut since = options.since;
    let mut inputs = options.inputs.clone();
    if inputs.iter().filter(|input| is_standard_input(input)).count() > 1 {
        anyhow::bail!("standard input can be read once: `-` is given several times");
    }
    if inputs.is_empty() {
        inputs = of_the_site(options, &scrubber)?;
        // Jobs of years lie there.
        since = since.or(Some(DssOnThisHost::RECENT));
    }
    let mut collector = Collector::new(Reading { clock, since }, scrubber);
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
        _ => anyhow::bail!("`ackcheck run` is not a run"),
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
