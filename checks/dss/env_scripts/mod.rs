//! The shell files that DSS's start scripts source are valid, and set what they seem to set (HOWTO 2.1).

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::Dss;
use ackcheck_core::seat::dss::{AssignedName, EnvScripts, Script, VainAssignment};
use ackcheck_core::verdict::{Code, Judgement, Verdict};

mod names;
mod trials;

static NOT_VALID_SHELL: Code =
    Code::fail("not-valid-shell", "bash stops in one of DSS's shell files, so DSS does not start");
static SETS_NOTHING: Code =
    Code::fail("sets-nothing", "a line that looks like the assignment of a DKU_ variable does not set it");
static NEARLY_THE_NAME: Code =
    Code::warn("nearly-the-name", "a variable is set whose name is nearly that of a variable DSS reads");
static OVERWRITTEN: Code =
    Code::warn("overwritten-by-installer", "a value is set in a file that the installer of DSS overwrites");

pub(crate) static CHECK: Check = Check {
    id: "env-scripts",
    title: "DSS's env-*.sh files are valid and set what they seem to set",
    stage: Stage::Acceptance,
    needs: &[],
    uses: &[],
    deadline: Duration::from_secs(30),
    findings: &[&NOT_VALID_SHELL, &SETS_NOTHING, &NEARLY_THE_NAME, &OVERWRITTEN],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Dss(|context, dss| Box::pin(judge(context, dss))),
};

async fn judge(_: &Context, dss: &dyn Dss) -> Judgement {
    let EnvScripts { stops, vain, assigned, .. } = dss.env_scripts().await?;
    if let Some((why, place)) = stops {
        let finding = NOT_VALID_SHELL.found(format!("{place}: {why}"));
        return Ok(finding.with("file", place.file).with("line", place.line.to_string()).into());
    }
    if let Some(VainAssignment { name, why, place }) = vain.into_iter().next() {
        let finding = SETS_NOTHING.found(format!("{place} does not set {name}: {why}"));
        let finding = finding.with("file", place.file).with("line", place.line.to_string());
        return Ok(finding.with("name", name).into());
    }
    let set: Vec<&str> = assigned.iter().map(|seen| seen.name.as_str()).collect();
    for AssignedName { name, script, place } in &assigned {
        let Some(right) = names::meant(name, *script == Script::Site).filter(|right| !set.contains(right)) else {
            continue;
        };
        let finding = NEARLY_THE_NAME.found(format!("{place} sets {name}, which DSS does not read; it reads {right}"));
        let finding = finding.with("file", place.file.as_str()).with("line", place.line.to_string());
        return Ok(finding.with("name", name.as_str()).with("right", right).into());
    }
    for AssignedName { name, script, place } in &assigned {
        let Some(writer) = names::overwritten_by(*script, name) else { continue };
        let finding = OVERWRITTEN.found(format!("{place} sets {name}, and {writer} writes that file anew"));
        let finding = finding.with("file", place.file.as_str()).with("line", place.line.to_string());
        return Ok(finding.with("name", name.as_str()).into());
    }
    Ok(Verdict::Pass)
}
