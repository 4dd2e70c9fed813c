//! A program that DSS starts with the path in a variable of its shell files, and what it says of its version.

use std::fmt::Display;

use ackcheck_core::context::Context;
use ackcheck_core::seat::dss::{NamedProgram, ScriptPlace};
use ackcheck_core::seat::host::Ended;
use ackcheck_core::seat::{Host, Seen};
use ackcheck_core::verdict::Unseen;

/// The program, where it is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    pub path: String,
    /// Which script names it; none where DSS takes it without.
    named_in: Option<ScriptPlace>,
    assumed: Option<String>,
}

/// What came of starting it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Started {
    /// What it printed, on both of its streams.
    Said(String),
    /// It is not there, or what it calls is not; why.
    Missing(String),
}

impl Program {
    /// What the scripts name in the variable, or else what DSS takes without it; none where it takes nothing.
    pub(super) async fn of(
        context: &Context,
        variable: &'static str,
        otherwise: Option<String>,
    ) -> Seen<Option<Program>> {
        match context.dss()?.named_program(variable).await? {
            NamedProgram::Named { path, place, assumed } if !path.is_empty() => {
                Ok(Some(Program { path, named_in: Some(place), assumed }))
            }
            NamedProgram::Named { assumed: Some(assumed), .. } => Err(uncertain(variable, &assumed)),
            NamedProgram::Named { .. } | NamedProgram::Unset => {
                Ok(otherwise.map(|path| Program { path, named_in: None, assumed: None }))
            }
            NamedProgram::Uncertain { why, place } => {
                Err(Unseen::unreadable(variable, format!("{place} leaves it to the shell: {why}")))
            }
        }
    }

    /// Starts it and hears what it says.
    pub(super) async fn start(&self, host: &dyn Host, arguments: &[&str]) -> Seen<Started> {
        let output = host.run(&self.path, arguments).await?;
        let said = [output.stdout.trim(), output.stderr.trim()].join("\n").trim().to_owned();
        let unreadable = |why: String| Err(Unseen::unreadable(self.path.as_str(), why));
        match output.ended {
            Ended::Exit(0) => Ok(Started::Said(said)),
            // A script says so of what it calls.
            Ended::Exit(127) => Ok(Started::Missing(said)),
            Ended::Exit(code) => unreadable(format!("it ended with {code}: {said}")),
            Ended::Killed { why } | Ended::Late { why } => unreadable(why),
            Ended::NotFound if !self.path.contains('/') => {
                unreadable("it is not on the path of ackcheck, and may be on that of DSS".to_owned())
            }
            Ended::NotFound => self.why_not_found(host).await,
        }
    }

    /// Whether the file is not there, or ackcheck's account is not let at it.
    async fn why_not_found(&self, host: &dyn Host) -> Seen<Started> {
        let output = host.run("cat", &["--", &self.path]).await?;
        let said = output.stderr.trim();
        match output.ended {
            Ended::Exit(0) => Err(Unseen::unreadable(&*self.path, "the account of ackcheck cannot execute it")),
            Ended::Exit(_) if said.contains("No such file or directory") => Ok(Started::Missing(said.to_owned())),
            _ => Err(Unseen::unreadable(&*self.path, said)),
        }
    }

    /// For people: the path, and where it comes from.
    pub(super) fn in_words(&self) -> String {
        match &self.named_in {
            Some(place) => format!("{} ({place})", self.path),
            None => self.path.clone(),
        }
    }

    /// Whether it is another than DSS takes by itself.
    pub(super) fn is_chosen(&self) -> bool {
        self.named_in.is_some()
    }

    /// That it is not right can only be said where it is certain that DSS starts this one.
    ///
    /// # Errors
    /// Where that is not certain.
    pub(super) fn is_certain(&self) -> Seen<()> {
        self.assumed.as_ref().map_or(Ok(()), |assumed| Err(uncertain(&self.path, assumed)))
    }
}

fn uncertain(what: &str, assumed: &str) -> Unseen {
    Unseen::unreadable(format!("whether DSS starts {what}"), format!("it does if {assumed}"))
}

/// `8, 10 or 11`.
pub(super) fn alternatives(versions: &[impl Display]) -> String {
    let words: Vec<String> = versions.iter().map(ToString::to_string).collect();
    match words.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        Some((only, _)) => only.clone(),
        None => String::new(),
    }
}
