//! The command line, as data.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::help::{
    CLEANUP, COMPARE, COMPLETIONS, DIAGNOSE, EXIT_CODES, EXPLAIN, GRAPH, IMAGE, INIT, LAB, LIST, PROGRAM, REPORT,
    RIGHTS, RUN,
};
use super::target::Target;
use ackcheck_core::catalogue::{Selection, Skip};
use ackcheck_core::compare;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Ports;
use ackcheck_core::seat::cloud::PodNetwork;
use ackcheck_lab::tree::RELEASES;

/// Says, with proof, whether a Dataiku DSS deployment on Alibaba Cloud works, and if not, what to fix.
#[derive(Debug, Parser)]
#[command(name = "ackcheck", version, propagate_version = true, after_help = EXIT_CODES, after_long_help = PROGRAM)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    /// When to colour the report for people and the progress
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
    #[command(after_help = LIST)]
    List(List),
    /// Explain a check or one of its findings: what it means and how to fix it
    #[command(after_help = EXPLAIN)]
    Explain(Explain),
    /// Show which check depends on which
    #[command(after_help = GRAPH)]
    Graph(Graph),
    /// Print the smallest RBAC roles and RAM policies for the selected checks, without contacting anything
    #[command(after_help = RIGHTS)]
    Rights(Rights),
    /// Write a site file from what can be discovered on the DSS host, and say what could not
    #[command(after_help = INIT)]
    Init(Init),
    /// Serve the simulated deployment until Ctrl-C, and print how to reach each of its services
    #[command(after_help = LAB)]
    Lab(Lab),
    /// Look at the network from here, as the probe does from a pod: resolve, dial, sweep, http, oss
    #[command(disable_help_flag = true, disable_version_flag = true)]
    Probe {
        /// What to look at; see `ackcheck probe --help`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "WORDS")]
        words: Vec<String>,
    },
    /// Remove what killed runs left behind: probe pods, their owner, objects in buckets
    #[command(after_help = CLEANUP)]
    Cleanup(Cleanup),
    /// Write the probe's image as an archive that docker, skopeo, crane and ctr can load
    #[command(after_help = IMAGE)]
    Image(Image),
    /// Recognise in logs and events what failed, and name the checks that prove it
    #[command(after_help = DIAGNOSE)]
    Diagnose(Box<Diagnose>),
    /// Compare two saved runs: what fails now and did not, what is mended, what else is different
    #[command(after_help = COMPARE)]
    Compare(Compare),
    /// Write the reports of a saved run again
    #[command(after_help = REPORT)]
    Report(Rerender),
    /// Print the completion script of a shell
    #[command(after_help = COMPLETIONS)]
    Completions {
        /// The shell to complete for
        shell: clap_complete::Shell,
    },
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
    /// Check the built-in simulated deployment instead of a real one
    #[arg(long)]
    pub lab: bool,
    #[command(flatten)]
    pub world: World,
    #[command(flatten)]
    pub checks: Checks,
    /// What must be judged, so that a run that could not ask it ends with 2; also `[run] require`; repeatable
    #[arg(long, value_name = "ID|AREA/|GLOB")]
    pub require: Vec<String>,
    /// Write a report to a file or to standard output, as terminal, short, markdown, html, junit, json, github, gitlab or
    /// prometheus; repeatable
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub report: Vec<Target>,
    /// Compare with an earlier run, saved with `--report json=RUN.json`: what is new and what is mended is printed at the
    /// end, and reports say since when a failure is known. The exit code is that of the run
    #[arg(long, value_name = "RUN.json")]
    pub baseline: Option<PathBuf>,
    /// Use this image for probe pods; it must already be on the nodes, and pulling is not checked
    #[arg(long, value_name = "REFERENCE")]
    pub probe_image: Option<String>,
    /// The TCP ports that DSS is kept to, such as 30000-30999, in place of `[network] ports`: pods have to reach these and
    /// those of DSS itself, and others are only told about; repeatable
    #[arg(long, value_name = "PORT|FIRST-LAST", value_parser = ports)]
    pub ports: Vec<Ports>,
    /// Stop the run after this time, such as 90s, 10m or 1h [default: `[limits] run`, or 10m]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// How many cases to ask at once
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: u16,
    /// Show no progress, and print only what --report asks for
    #[arg(long)]
    pub quiet: bool,
}

/// Which checks.
#[derive(Debug, Clone, Args)]
pub(super) struct Checks {
    /// What can be checked before DSS is installed (preflight), or everything (acceptance)
    #[arg(long, value_name = "STAGE", value_parser = stage)]
    pub stage: Option<Stage>,
    /// Only this check and those it depends on: an id, AREA/ or a glob of ids; repeatable
    #[arg(long, value_name = "ID|AREA/|GLOB")]
    pub only: Vec<String>,
    /// Skip this check, with a reason; its dependents still run; repeatable
    #[arg(long, value_name = "ID=REASON")]
    pub skip: Vec<Skip>,
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
    /// Break the simulated deployment so that this finding comes up; repeatable
    #[arg(long, value_name = "CHECK/FINDING")]
    pub fault: Vec<String>,
    /// The DSS release of the simulated deployment
    #[arg(long, value_name = "RELEASE", value_parser = RELEASES)]
    pub dss_release: Option<String>,
    /// The network plugin of the simulated cluster
    #[arg(long, value_name = "PLUGIN", value_parser = pod_network())]
    pub pod_network: Option<PodNetwork>,
    /// The number of nodes of the simulated cluster
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub nodes: Option<u16>,
}

impl World {
    /// The options as they were given.
    pub(super) fn given(&self) -> Vec<(&'static str, String)> {
        let fault = self.fault.iter().map(|fault| ("--fault", fault.clone()));
        let release = self.dss_release.iter().map(|release| ("--dss-release", release.clone()));
        let plugin = self.pod_network.iter().map(|plugin| ("--pod-network", plugin.name().to_owned()));
        let nodes = self.nodes.iter().map(|nodes| ("--nodes", nodes.to_string()));
        fault.chain(release).chain(plugin).chain(nodes).collect()
    }
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// How to print the list
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
    /// How to print the graph
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
#[command(group = clap::ArgGroup::new("subject").args(["user", "group", "service_account"]))]
pub(super) struct Rights {
    /// The file that describes the deployment; its secrets are not read
    #[arg(long, value_name = "FILE", default_value = SITE_FILE, conflicts_with = "lab")]
    pub site: PathBuf,
    /// For the built-in simulated deployment instead of a real one
    #[arg(long)]
    pub lab: bool,
    #[command(flatten)]
    pub checks: Checks,
    /// What to print
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: RightsFormat,
    /// Bind the roles to this user of Kubernetes
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// Bind the roles to this group
    #[arg(long, value_name = "NAME")]
    pub group: Option<String>,
    /// Bind the roles to this service account
    #[arg(long, value_name = "NAMESPACE/NAME", value_parser = service_account)]
    pub service_account: Option<(String, String)>,
    /// With --format ram: the policy of this holder alone, an AccessKey id or `instance-role`
    #[arg(long, value_name = "HOLDER")]
    pub holder: Option<String>,
    /// Leave out `pods/exec`: probes then run in a pod for each question and are read from its log, which is slower
    #[arg(long)]
    pub no_exec: bool,
    /// Include the rights that ackcheck can do without, but says more with
    #[arg(long)]
    pub optional: bool,
}

/// The formats of rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RightsFormat {
    /// Every document, with whom it is for
    Text,
    /// RBAC alone, as YAML that kubectl takes
    Kubernetes,
    /// A RAM policy alone, as JSON
    Ram,
    /// A line for each right
    Table,
    /// All of it, for scripts
    Json,
}

#[derive(Debug, Args)]
pub(super) struct Init {
    /// The data directory of the DSS instance on this host
    #[arg(long, value_name = "DATA_DIR")]
    pub from: Option<PathBuf>,
    /// Where to write the site file; an existing file is kept unless --force is given
    #[arg(long, value_name = "FILE", default_value = "ackcheck.toml")]
    pub site: PathBuf,
    /// Overwrite an existing site file
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub(super) struct Cleanup {
    /// The file that describes the deployment
    #[arg(long, value_name = "FILE", default_value = SITE_FILE)]
    pub site: PathBuf,
    /// Only what this run left: the eight letters at the end of the names of its pods and objects
    #[arg(long, value_name = "ID", value_parser = run_id)]
    pub run: Option<String>,
    /// Print what would be removed, and remove nothing
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
    /// Where to write the archive [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Compare {
    /// The earlier run, saved with `--report json=BEFORE.json`; `-` reads one of the two from standard input
    #[arg(value_name = "BEFORE.json")]
    pub before: PathBuf,
    /// The later run
    #[arg(value_name = "AFTER.json")]
    pub after: PathBuf,
    /// Write the comparison as terminal, markdown or json, to a file or to standard output; repeatable
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub report: Vec<Target<compare::Format>>,
}

#[derive(Debug, Args)]
pub(super) struct Rerender {
    /// A run saved with `--report json=RUN.json`; `-` reads standard input
    #[arg(value_name = "RUN.json")]
    pub file: PathBuf,
    /// Write a report to a file or to standard output, as terminal, short, markdown, html, junit, json, github, gitlab or
    /// prometheus; repeatable
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub report: Vec<Target>,
}

#[derive(Debug, Args)]
pub(super) struct Diagnose {
    /// Logs, folders of logs, or `-` for standard input [default: jobs and logs of the last 24 hours in DSS's data directory]
    #[arg(value_name = "FILE|DIR|-")]
    pub inputs: Vec<PathBuf>,
    /// Read the events, pods and logs of this namespace of the site's cluster; repeatable
    #[arg(long, value_name = "NAMESPACE")]
    pub namespace: Vec<String>,
    /// Only what is younger than this, such as 30m, 2h or 72h
    #[arg(long, value_name = "DURATION", value_parser = since)]
    pub since: Option<Duration>,
    /// Run the checks that prove what was recognised; the exit code is then that of the run
    #[arg(long)]
    pub prove: bool,
    /// The file that describes the deployment
    #[arg(long, value_name = "FILE", default_value = SITE_FILE, conflicts_with = "lab")]
    pub site: PathBuf,
    /// Ask the built-in simulated deployment instead of a real one
    #[arg(long)]
    pub lab: bool,
    #[command(flatten)]
    pub world: World,
    /// How to write what was recognised
    #[arg(long, value_name = "FORMAT", default_value = "terminal")]
    pub report: DiagnoseFormat,
}

/// The formats of what was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DiagnoseFormat {
    /// For people
    Terminal,
    /// For a ticket
    Markdown,
    /// For scripts
    Json,
}

fn ports(text: &str) -> Result<Ports, String> {
    text.parse().map_err(|_| String::from("write a port or a range of ports from 1 to 65535, such as 30000-30999"))
}

fn service_account(text: &str) -> Result<(String, String), String> {
    match text.split_once('/') {
        Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() && !name.contains('/') => {
            Ok((namespace.to_owned(), name.to_owned()))
        }
        _ => Err(String::from("write NAMESPACE/NAME, such as dataiku/ackcheck")),
    }
}

fn stage(text: &str) -> Result<Stage, String> {
    [Stage::Preflight, Stage::Acceptance]
        .into_iter()
        .find(|stage| stage.name() == text)
        .ok_or_else(|| String::from("the stages are preflight and acceptance"))
}

fn run_id(text: &str) -> Result<String, String> {
    match ackcheck_live::survey::is_run_id(text) {
        true => Ok(text.to_owned()),
        false => Err(String::from("the id of a run is eight lower-case letters, as in ackcheck-abcdefgh")),
    }
}

/// The longest time that a run can be given.
const LONGEST_RUN: Duration = Duration::from_secs(24 * 3600);

fn duration(text: &str) -> Result<Duration, String> {
    let mistake = "write a duration such as 90s, 10m or 1h, greater than zero and at most 24h";
    up_to(LONGEST_RUN, text).ok_or_else(|| mistake.to_owned())
}

/// The longest time that logs are looked back, ten years.
const LONGEST_SINCE: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

fn since(text: &str) -> Result<Duration, String> {
    let mistake = "write a duration such as 30m, 2h or 72h, greater than zero and at most ten years";
    up_to(LONGEST_SINCE, text).ok_or_else(|| mistake.to_owned())
}

fn up_to(most: Duration, text: &str) -> Option<Duration> {
    let duration = Duration::try_from(text.parse::<jiff::SignedDuration>().ok()?).ok()?;
    (Duration::from_nanos(1)..=most).contains(&duration).then_some(duration)
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
        for wrong in ["", "0s", "-1s", "10", "soon", "25h", "99999999999h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
