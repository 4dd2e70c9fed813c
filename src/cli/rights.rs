//! `ackcheck rights`.

use std::path::Path;

use anyhow::{Context as _, bail};

use super::arguments::{Rights, RightsFormat, SITE_FILE};
use super::output::{print, say};
use crate::site::Described;
use ackcheck_core::catalogue::Catalogue;
use ackcheck_core::place::Area;
use ackcheck_core::rights::{self, Deployment, LONGEST_POLICY, Needed, Subject};
use ackcheck_core::shell::shell_word;
use ackcheck_lab::{Lab, LabOptions};

/// Nothing was selected, or nothing is needed.
const NOTHING: u8 = 4;

/// Prints the rights that the selected checks need.
pub(super) async fn rights(catalogue: &'static Catalogue, arguments: Rights) -> anyhow::Result<u8> {
    let plan = arguments.checks.selection().plan(catalogue)?;
    for selector in &plan.idle {
        say(&format!("note: --only {selector} selects no check"));
    }
    let mut deployment = deployment(&arguments).await?;
    deployment.exec = !arguments.no_exec;
    if !plan.checks.iter().any(|chosen| chosen.area == Area::Registry && chosen.skipped.is_none()) {
        deployment.registry = None;
    }
    let all = rights::needed(&plan, &deployment);
    if all.is_empty() {
        say(&format!("the selected checks need no right on {}", deployment.name));
        return Ok(NOTHING);
    }
    let subject = subject(&arguments);
    let optional = arguments.optional;
    let needed: Vec<Needed> = all.iter().filter(|needed| optional || !needed.optional()).cloned().collect();
    let printed = match arguments.format {
        RightsFormat::Text => rights::text(&all, &deployment, &subject, optional, &again(&arguments)),
        RightsFormat::Table => rights::table(&all),
        RightsFormat::Json => rights::json(&all, &deployment, &subject, optional),
        RightsFormat::Kubernetes => rights::yaml(needed.iter().map(|needed| &needed.right), rights::NAME, &subject),
        RightsFormat::Ram => policy(&needed, &deployment, arguments.holder.as_deref())?,
    };
    if printed.is_empty() {
        say(&format!("the selected checks need no right of this kind on {}", deployment.name));
        return Ok(NOTHING);
    }
    print(&printed)
}

/// The deployment as its site file has it; without one, with names that are to be replaced.
async fn deployment(arguments: &Rights) -> anyhow::Result<Deployment> {
    if !arguments.lab && arguments.site == Path::new(SITE_FILE) && !arguments.site.exists() {
        say(&format!(
            "note: there is no {SITE_FILE} here: replace the names in capitals, or name a site file with --site"
        ));
        return Ok(Deployment::undescribed());
    }
    let lab = match arguments.lab {
        true => Some(Lab::start(&LabOptions::default()).await.context("the lab cannot be started")?),
        false => None,
    };
    let described = Described::read(lab.as_ref().map_or(&arguments.site, |lab| lab.site_file())).await?;
    let mut deployment = Deployment::of(&described.config, &described.targets);
    if lab.is_some() {
        deployment.name = "the lab".to_owned();
    }
    for unknown in &described.unknown {
        say(&format!("note: {unknown}; BUCKET, PREFIX and ACCESS_KEY_ID stand for what they name"));
    }
    if !described.unknown.is_empty() {
        deployment.roots.get_or_insert_default().push(Deployment::undescribed_root());
    }
    Ok(deployment)
}

fn subject(arguments: &Rights) -> Subject {
    match (&arguments.user, &arguments.group, &arguments.service_account) {
        (Some(user), _, _) => Subject::User(user.clone()),
        (_, Some(group), _) => Subject::Group(group.clone()),
        (_, _, Some((namespace, name))) => Subject::ServiceAccount { namespace: namespace.clone(), name: name.clone() },
        _ => Subject::Unnamed,
    }
}

/// The command that prints the same, to be given a format.
fn again(arguments: &Rights) -> String {
    let mut words = vec!["ackcheck rights".to_owned()];
    let mut add = |option: &str, value: &str| words.push(format!("{option} {}", shell_word(value)));
    if !arguments.lab && arguments.site != Path::new(SITE_FILE) {
        add("--site", &arguments.site.display().to_string());
    }
    arguments.checks.given().iter().for_each(|(option, value)| add(option, value));
    let bound = [("--user", &arguments.user), ("--group", &arguments.group)];
    bound.into_iter().for_each(|(option, name)| name.iter().for_each(|name| add(option, name)));
    arguments.service_account.iter().for_each(|(at, name)| add("--service-account", &format!("{at}/{name}")));
    let flags = [("--lab", arguments.lab), ("--no-exec", arguments.no_exec), ("--optional", arguments.optional)];
    words.extend(flags.into_iter().filter(|(_, given)| *given).map(|(flag, _)| flag.to_owned()));
    words.join(" ")
}

/// One policy, as RAM takes it: of one holder, or of all in one; empty where RAM has nothing to grant.
fn policy(needed: &[Needed], deployment: &Deployment, holder: Option<&str>) -> anyhow::Result<String> {
    let mut grants = rights::grants(needed, deployment);
    let names: Vec<String> = grants.iter().map(|grant| grant.holder.name().to_owned()).collect();
    match holder {
        Some(wanted) if !names.iter().any(|name| name == wanted) => {
            bail!("--holder {wanted}: needs nothing of RAM; the holders are {}", names.join(", "));
        }
        Some(wanted) => grants.retain(|grant| grant.holder.name() == wanted),
        None if names.len() > 1 => say(&format!(
            "note: this is one policy for {}; --holder prints what each of them needs alone",
            names.join(", ")
        )),
        None => {}
    }
    if grants.is_empty() {
        return Ok(String::new());
    }
    let policy = rights::policy(grants.iter().flat_map(|grant| &grant.statements));
    let long = policy.to_string().chars().count();
    if long > LONGEST_POLICY {
        say(&format!("note: {long} characters; RAM takes at most {LONGEST_POLICY} as one policy: use --holder"));
    }
    Ok(format!("{policy:#}\n"))
}
