//! The command line, as data.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::help::{CLEANUP, EXIT_CODES, PROGRAM, RUN};
use super::rights::Rights;
use super::target::Target;
use ackcheck_core::catalogue::{Selection, Waiver};
use ackcheck_core::place::Stage;
use ackcheck_core::seat::cloud::PodNetwork;
use ackcheck_lab::tree::RELEASES;

/// Says, with proof, whether a Dataiku DSS deployment on Alibaba Cloud works, and if not, what to fix.
#[derive(Debug, Parser)]
#[command(name = "ackcheck", version, propagate_version = true, after_help = EXIT_CODES, after_long_help = PROGRAM)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    /// When to colour what is printed for people
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// The site file where none is named.
pub(super) const SITE_FILE: &str = "ackcheck.toml";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check a deployment and report
    #[command(after_help = EXIT_CODES, after_long_help = RUN)]
    Run(Box<Run>),
    /// List every check
    List(List),
    /// Explain a check or one of its findings: what it means and how to mend it
    Explain(Explain),
    /// Show which check stands on which
    Graph(Graph),
    /// Print the smallest RBAC roles and RAM policies for the selected checks; nothing is contacted
    #[command(after_long_help = super::rights::HELP)]
    Rights(Rights),
    /// Write ackcheck.toml by discovering what can be, and say what could not
    Init(Init),
    /// Serve the simulated deployment until Ctrl-C, and print how to reach each service
    Lab(Lab),
    /// Look at the network from here, as the probe does from a pod: resolve, dial, sweep, http, oss
    #[command(disable_help_flag = true, disable_version_flag = true)]
    Probe {
        /// What to look at; `ackcheck probe --help` tells
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "WORDS")]
        words: Vec<String>,
    },
    /// Remove what runs left that were killed: probe pods, their owner, objects in the buckets
    #[command(after_help = CLEANUP)]
    Cleanup(Cleanup),
    /// Write the probe's image as one archive, an OCI image layout and a docker-archive in one
    Image(Image),
    /// Render a saved run again
    #[command(
        after_help = "Exits 0 when the reports are written, whatever the run found, 3 when the file is no saved run."
    )]
    Report(Rerender),
    /// Print the completions of a shell
    Completions { shell: clap_complete::Shell },
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Args)]
pub(super) struct Run {
    /// The file that describes the deployment
    #[arg(long, value_name = "FILE", default_value = SITE_FILE, conflicts_with = "lab")]
    pub site: PathBuf,
    /// Check the built-in simulated deployment instead
    #[arg(long)]
    pub lab: bool,
    #[command(flatten)]
    pub world: World,
    #[command(flatten)]
    pub checks: Checks,
    /// What must be judged, so that a run that could not ask it ends with 2; also `[run] require`; repeatable
    #[arg(long, value_name = "ID|AREA/|GLOB")]
    pub require: Vec<String>,
    /// Write a report: terminal, junit or json; repeatable
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub report: Vec<Target>,
    /// The probe's image, where it is on the nodes already: pods take it, and no pull is checked
    #[arg(long, value_name = "REFERENCE")]
    pub probe_image: Option<String>,
    /// The time for the whole run: 90s, 10m, 1h [default: `[limits] run`, or 10m]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// Checks at once
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: u16,
    /// Show no progress, and print no report but those that --report asks for
    #[arg(long)]
    pub quiet: bool,
}

/// Which checks.
#[derive(Debug, Clone, Args)]
pub(super) struct Checks {
    /// What can be checked before DSS is installed (preflight), or everything (acceptance)
    #[arg(long, value_name = "STAGE", value_parser = stage)]
    pub stage: Option<Stage>,
    /// Only this check, and what it stands on: an id, AREA/, or a glob of ids; repeatable
    #[arg(long, value_name = "ID|AREA/|GLOB")]
    pub only: Vec<String>,
    /// Not this check, for this reason; what stands on it is asked all the same; repeatable
    #[arg(long, value_name = "ID=REASON")]
    pub skip: Vec<Waiver>,
}

impl Checks {
    /// As the catalogue takes it.
    pub(super) fn selection(&self) -> Selection {
        Selection { only: self.only.clone(), skip: self.skip.clone(), require: Vec::new(), stage: self.stage }
    }

    /// The options as they were given.
    pub(super) fn given(&self) -> Vec<(&'static str, String)> {
        let stage = self.stage.iter().map(|stage| ("--stage", stage.to_string()));
        let only = self.only.iter().map(|only| ("--only", only.clone()));
        let skip = self.skip.iter().map(|skip| ("--skip", format!("{}={}", skip.id, skip.reason)));
        stage.chain(only).chain(skip).collect()
    }
}

/// A pod network by its name.
fn pod_network() -> impl TypedValueParser<Value = PodNetwork> {
    PossibleValuesParser::new(PodNetwork::ALL.map(PodNetwork::name)).try_map(|name| name.parse())
}

/// What lab to start.
#[derive(Debug, Clone, Args)]
pub(super) struct World {
    /// Break the lab so that this finding comes up; repeatable
    #[arg(long, value_name = "CHECK/FINDING")]
    pub fault: Vec<String>,
    /// The release of DSS in the lab
    #[arg(long, value_name = "RELEASE", value_parser = RELEASES)]
    pub dss_release: Option<String>,
    /// How pods of the lab get their addresses
    #[arg(long, value_name = "PLUGIN", value_parser = pod_network())]
    pub pod_network: Option<PodNetwork>,
    /// How many nodes the lab has
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub nodes: Option<u16>,
}

impl World {
    /// The options as they were given.
    pub(super) fn given(&self) -> Vec<(&'static str, String)> {
        let fault = self.fault.iter().map(|fault| ("--fault", fault.clone()));
        let release = self.dss_release.iter().map(|release| ("--dss-release", release.clone()));
        let plugin = self.pod_network.iter().map(|plugin| ("--pod-network", plugin.clone()));
        let nodes = self.nodes.iter().map(|nodes| ("--nodes", nodes.to_string()));
        fault.chain(release).chain(plugin).chain(nodes).collect()
    }
}

#[derive(Debug, Args)]
pub(super) struct List {
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: ListFormat,
}

/// The formats of the list of checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    Table,
    Json,
    Markdown,
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A check, or one of its findings: `oss-write`, `oss-write/denied`
    #[arg(value_name = "ID[/FINDING]")]
    pub what: String,
}

#[derive(Debug, Args)]
pub(super) struct Graph {
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: GraphFormat,
}

/// The formats of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum GraphFormat {
    Text,
    Dot,
}

#[derive(Debug, Args)]
pub(super) struct Init {
    /// The data directory of the DSS instance on this host
    #[arg(long, value_name = "DATA_DIR")]
    pub from: Option<PathBuf>,
    /// Where to write the site file; what is there is not overwritten
    #[arg(long, value_name = "FILE", default_value = "ackcheck.toml")]
    pub site: PathBuf,
    /// Overwrite the site file that is there
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub(super) struct Cleanup {
    /// The file that describes the deployment
    #[arg(long, value_name = "FILE", default_value = SITE_FILE)]
    pub site: PathBuf,
    /// Only what this run left: the eight letters in the names of its pods
    #[arg(long, value_name = "ID", value_parser = run_id)]
    pub run: Option<String>,
    /// Say what would be removed, and remove nothing
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Args)]
pub(super) struct Lab {
    #[command(flatten)]
    pub world: World,
}

#[derive(Debug, Args)]
pub(super) struct Image {
    /// Where to write it; standard output where not given
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Rerender {
    /// A run saved by `--report json=RUN.json`
    #[arg(value_name = "RUN.json")]
    pub file: PathBuf,
    /// Write a report: terminal, junit or json; repeatable
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub report: Vec<Target>,
}

fn stage(text: &str) -> Result<Stage, String> {
    [Stage::Preflight, Stage::Acceptance]
        .into_iter()
        .find(|stage| stage.name() == text)
        .ok_or_else(|| String::from("the stages are preflight and acceptance"))
}

fn run_id(text: &str) -> Result<String, String> {
    match ackcheck_live::leftovers::is_run_id(text) {
        true => Ok(text.to_owned()),
        false => Err(String::from("the id of a run is eight small letters, as in ackcheck-abcdefgh")),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let mistake = || String::from("write a duration such as 90s, 10m or 1h, greater than nothing");
    let span: jiff::SignedDuration = text.parse().map_err(|_| mistake())?;
    Duration::try_from(span).ok().filter(|duration| !duration.is_zero()).ok_or_else(mistake)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn durations_are_read_as_people_write_them() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        for wrong in ["", "0s", "-1s", "10", "soon"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
