//! The reports of a run or of a comparison, each where it was asked for.

use std::io::IsTerminal as _;

use super::arguments::Color;
use super::output::print;
use super::target::{self, Target};
use ackcheck_core::report::{self, Format};

/// What to write, and where to.
#[derive(Debug, Clone)]
pub(super) struct Reports<F = Format> {
    targets: Vec<Target<F>>,
    color: Color,
}

impl<F: Copy + PartialEq> Reports<F> {
    /// The targets as they were given, looked at before there is anything to write. Where none is standard output,
    /// `for_people` goes there.
    ///
    /// # Errors
    /// Where two go to one place, or one could not be written.
    pub(super) fn to(targets: Vec<Target<F>>, for_people: Option<F>, color: Color) -> anyhow::Result<Reports<F>> {
        Ok(Reports { targets: target::checked(targets, for_people)?, color })
    }

    /// Writes every report; one that fails does not keep the others.
    ///
    /// # Errors
    /// Each that was not written, in a line.
    pub(super) fn write(&self, render: impl Fn(F, report::Options) -> String) -> anyhow::Result<()> {
        let mut wrong = self.wrong_files(&render, |_| true);
        // Files first: a reader of standard output may have gone, or read nothing.
        for target in self.targets.iter().filter(|target| target.file.is_none()) {
            wrong.extend(print(render(target.format, looks(self.color))).err());
        }
        one_error(&wrong)
    }

    /// Writes again the reports that stand in files; what went into a pipe cannot be called back.
    ///
    /// # Errors
    /// Each that was not written, in a line.
    pub(super) fn write_files_again(&self, render: impl Fn(F, report::Options) -> String) -> anyhow::Result<()> {
        one_error(&self.wrong_files(&render, |target| !target.is_stream()))
    }

    /// Whether a report of this format goes to standard output.
    pub(super) fn prints(&self, format: F) -> bool {
        self.targets.iter().any(|target| target.file.is_none() && target.format == format)
    }

    fn wrong_files(
        &self,
        render: &impl Fn(F, report::Options) -> String,
        wanted: impl Fn(&Target<F>) -> bool,
    ) -> Vec<anyhow::Error> {
        let looks = report::Options { color: self.color == Color::Always, ..report::Options::default() };
        let mut targets: Vec<&Target<F>> = self.targets.iter().filter(|target| wanted(target)).collect();
        // A pipe may have to be waited for.
        targets.sort_by_key(|target| target.is_stream());
        let files = targets.into_iter().filter_map(|target| Some((target.format, target.file.as_ref()?)));
        files.filter_map(|(format, file)| target::write(file, render(format, looks)).err()).collect()
    }
}

/// How a report for people on standard output looks: coloured and as wide as the terminal, where it is one.
pub(super) fn looks(color: Color) -> report::Options {
    let plain = report::Options::default();
    let width = terminal_size::terminal_size_of(std::io::stdout()).map_or(plain.width, |(width, _)| width.0.into());
    report::Options { color: colored(color, std::io::stdout().is_terminal()), width }
}

fn one_error(wrong: &[anyhow::Error]) -> anyhow::Result<()> {
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(anyhow::anyhow!(wrong.iter().map(|error| format!("{error:#}")).collect::<Vec<_>>().join("\n"))),
    }
}

/// Whether to colour a stream: as asked, or where it is a terminal and the user's environment has nothing against it.
pub(super) fn colored(color: Color, terminal: bool) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
    }
}
