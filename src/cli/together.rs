//! Options that only mean something together. One that would be passed over in silence is refused, with what it needs.

use anyhow::bail;

use super::arguments::{Command, Diagnose, Rights, RightsFormat, World};

/// Refuses options that would not be heeded.
///
/// # Errors
/// In words that name the option and what it needs.
pub(super) fn check(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Run(run) => of_world(run.lab, &run.world),
        Command::Diagnose(diagnose) => of_diagnose(diagnose),
        Command::Rights(rights) => of_rights(rights),
        _ => Ok(()),
    }
}

fn of_world(lab: bool, world: &World) -> anyhow::Result<()> {
    if lab {
        return Ok(());
    }
    match world.given().first() {
        Some((option, _)) => bail!(
            "{option} shapes the simulated deployment and needs --lab; without it, the deployment of a site file is \
             checked as it is"
        ),
        None => Ok(()),
    }
}

fn of_diagnose(diagnose: &Diagnose) -> anyhow::Result<()> {
    let asked = diagnose.prove || !diagnose.namespace.is_empty();
    if diagnose.lab && !asked {
        bail!("--lab needs --prove or --namespace: nothing else asks the deployment");
    }
    if diagnose.lab && diagnose.inputs.is_empty() && diagnose.namespace.is_empty() {
        bail!("--lab needs something to read: a file, a folder, `-`, or --namespace");
    }
    of_world(diagnose.lab, &diagnose.world)
}

fn of_rights(rights: &Rights) -> anyhow::Result<()> {
    let bound = [
        ("--user", rights.user.is_some()),
        ("--group", rights.group.is_some()),
        ("--service-account", rights.service_account.is_some()),
    ];
    let bound = bound.into_iter().find(|(_, given)| *given);
    match (rights.format, bound) {
        (RightsFormat::Table | RightsFormat::Ram, Some((option, _))) => {
            bail!("{option} binds Kubernetes roles and needs --format text, kubernetes or json")
        }
        _ if rights.holder.is_some() && rights.format != RightsFormat::Ram => bail!("--holder needs --format ram"),
        (RightsFormat::Table, _) if rights.optional => {
            bail!("--optional needs another format than table, which lists the optional rights anyway")
        }
        _ => Ok(()),
    }
}
