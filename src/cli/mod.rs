//! Arguments in, streams and an exit code out; the only part that prints.

mod arguments;
mod cleanup;
mod compare;
mod diagnose;
mod help;
mod image;
mod init;
mod lab;
mod outcome;
mod output;
mod progress;
mod reports;
mod rerender;
mod rights;
mod run;
mod saved;
mod signals;
mod stream;
mod target;
mod together;

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};

use ackcheck_core::catalogue::Catalogue;
use ackcheck_core::secret::recognition;
use arguments::{Arguments, Command, Explain, GraphFormat, ListFormat};
use output::{print, say};

/// Bad usage or configuration.
const USAGE: u8 = 3;
/// Interrupted, the reports written.
const INTERRUPTED: u8 = 130;

/// Runs the program.
pub fn main(catalogue: &'static Catalogue) -> ExitCode {
    // One provider for every TLS client and server; a second caller in one process changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            // An error repeats what was typed, which may hold a password: `http://user:password@proxy`.
            // Nothing is left to say it to where standard error has gone.
            let _ = match recognition::hidden(&error.to_string()) {
                Some(told) if !asked => std::io::stderr().lock().write_all(told.as_bytes()),
                _ => error.print(),
            };
            return ExitCode::from(if asked { 0 } else { USAGE });
        }
    };
    match command(catalogue, arguments) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::from(USAGE)
        }
    }
}

fn command(catalogue: &'static Catalogue, arguments: Arguments) -> anyhow::Result<u8> {
    together::check(&arguments.command)?;
    let color = arguments.color;
    match arguments.command {
        Command::Run(options) => in_runtime(run::run(catalogue, *options, color))?,
        Command::Lab(options) => in_runtime(lab::serve(catalogue, options))?,
        Command::List(options) => print(match options.format {
            ListFormat::Table => catalogue.table(),
            ListFormat::Json => catalogue.json(),
            ListFormat::Markdown => catalogue.markdown(),
        }),
        Command::Explain(options) => print(explain(catalogue, &options)?),
        Command::Graph(options) => print(match options.format {
            GraphFormat::Text => catalogue.graph_text(),
            GraphFormat::Dot => catalogue.graph_dot(),
        }),
        Command::Rights(options) => in_runtime(rights::rights(catalogue, options))?,
        Command::Init(options) => in_runtime(init::init(options))?,
        Command::Probe { words } => Ok(ackcheck_probe::command::main("ackcheck probe", &words)),
        Command::Cleanup(options) => in_runtime(cleanup::clean_up(options))?,
        Command::Image(options) => image::image(&options),
        Command::Compare(options) => compare::compare(options, color),
        Command::Diagnose(options) => in_runtime(diagnose::diagnose(catalogue, *options, color))?,
        Command::Report(options) => rerender::rerender(options, color),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "ackcheck", &mut script);
            print(script)
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
    match catalogue.find(&options.what) {
        Ok((_, check)) => Ok(catalogue.explain(check, None)),
        Err(_) if options.what.contains('/') => {
            let (_, check, code) = catalogue.find_finding(&options.what).map_err(anyhow::Error::msg)?;
            Ok(catalogue.explain(check, Some(code)))
        }
        Err(unknown) => Err(anyhow::Error::msg(unknown)),
    }
}
