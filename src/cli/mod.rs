//! Arguments in, streams and an exit code out; the only part that prints.

mod arguments;
mod cleanup;
mod help;
mod image;
mod init;
mod lab;
mod progress;
mod rights;
mod run;
mod target;

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};

use ackcheck_core::catalogue::Catalogue;
use ackcheck_core::report::{self, Format};
use arguments::{Arguments, Color, Command, Explain, GraphFormat, ListFormat, Rerender};
use target::Target;

/// Bad usage or configuration.
const USAGE: u8 = 3;
/// Interrupted, the reports written.
const INTERRUPTED: u8 = 130;

/// Runs the program.
pub fn main(catalogue: &'static Catalogue) -> ExitCode {
    // One provider for every TLS client and server; a second caller in one process changes nothing.
    drop(rustls::crypto::ring::default_provider().install_default());
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            drop(error.print());
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return ExitCode::from(if asked { 0 } else { USAGE });
        }
    };
    match command(catalogue, arguments) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            for (at, line) in format!("{error:#}").lines().enumerate() {
                eprintln!("{}{line}", if at == 0 { "ackcheck: " } else { "          " });
            }
            ExitCode::from(USAGE)
        }
    }
}

fn command(catalogue: &'static Catalogue, arguments: Arguments) -> anyhow::Result<u8> {
    let color = arguments.color;
    match arguments.command {
        Command::Run(options) => in_runtime(run::run(catalogue, *options, color))?,
        Command::Lab(options) => in_runtime(lab::serve(catalogue, options))?,
        Command::List(options) => print(&match options.format {
            ListFormat::Table => catalogue.table(),
            ListFormat::Json => catalogue.json(),
            ListFormat::Markdown => catalogue.markdown(),
        }),
        Command::Explain(options) => print(&explain(catalogue, &options)?),
        Command::Graph(options) => print(&match options.format {
            GraphFormat::Text => catalogue.graph_text(),
            GraphFormat::Dot => catalogue.graph_dot(),
        }),
        Command::Rights(options) => in_runtime(rights::rights(catalogue, options))?,
        Command::Init(options) => in_runtime(init::init(options))?,
        Command::Probe { words } => Ok(ackcheck_live::probe::command::main("ackcheck probe", &words)),
        Command::Cleanup(options) => in_runtime(cleanup::clean_up(options))?,
        Command::Image(options) => image::image(&options),
        Command::Report(options) => rerender(options, color),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "ackcheck", &mut script);
            print(&String::from_utf8_lossy(&script))
        }
    }
}

/// A runtime for what waits. What never yields cannot hold the program's end up.
fn in_runtime<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(Duration::from_millis(200));
    Ok(done)
}

fn explain(catalogue: &Catalogue, options: &Explain) -> anyhow::Result<String> {
    // `storage/oss-write` is a check too: what is a check is not looked for as a finding.
    if let Ok((_, check)) = catalogue.find(&options.what) {
        return Ok(catalogue.explain(check, None));
    }
    match options.what.contains('/') {
        true => {
            let (_, check, code) = catalogue.find_finding(&options.what).map_err(anyhow::Error::msg)?;
            Ok(catalogue.explain(check, Some(code)))
        }
        false => Err(catalogue.find(&options.what).map(|_| ()).map_err(anyhow::Error::msg).unwrap_err()),
    }
}

fn rerender(options: Rerender, color: Color) -> anyhow::Result<u8> {
    let shown = options.file.display();
    let text = std::fs::read_to_string(&options.file).map_err(|error| anyhow::anyhow!("{shown}: {error}"))?;
    let saved = report::read(&text).map_err(|error| anyhow::anyhow!("{shown}: {error}"))?;
    let targets = target::checked(options.report, false)?;
    write_reports(&targets, &saved, color)?;
    Ok(0)
}

/// Writes every report that was asked for; one that fails does not keep the others.
fn write_reports(targets: &[Target], report: &ackcheck_core::record::Report, color: Color) -> anyhow::Result<()> {
    let mut wrong = Vec::new();
    // Files first: a reader of standard output may have gone.
    for target in targets {
        if let Some(file) = &target.file {
            let looks = report::Options { color: color == Color::Always, ..report::Options::default() };
            wrong.extend(target::write(file, report::render(target.format, report, looks)).err());
        }
    }
    for target in targets.iter().filter(|target| target.file.is_none()) {
        wrong.extend(print(&report::render(target.format, report, looks(target.format, color))).err());
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(anyhow::anyhow!(wrong.iter().map(|error| format!("{error:#}")).collect::<Vec<_>>().join("\n"))),
    }
}

/// How a report for standard output looks: coloured and as wide as the terminal, where it is one.
fn looks(format: Format, color: Color) -> report::Options {
    let plain = report::Options::default();
    if format != Format::Terminal {
        return plain;
    }
    let width = terminal_size::terminal_size_of(std::io::stdout()).map_or(plain.width, |(width, _)| width.0.into());
    report::Options { color: colored(color, std::io::stdout().is_terminal()), width }
}

/// Whether to colour a stream: as asked, or where it is a terminal and the user's environment has nothing against it.
fn colored(color: Color, terminal: bool) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
    }
}

/// Prints to standard output. A reader that has gone is no error: `ackcheck list | head`.
fn print(text: &str) -> anyhow::Result<u8> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(anyhow::Error::new(error).context("standard output"))
        }
        _ => Ok(0),
    }
}
