//! All rights in one: as a page for people, a table, and JSON.

use std::fmt::Write as _;

use comfy_table::presets;
use comfy_table::{ContentArrangement, Table};
use serde_json::{Value, json};

use super::{Deployment, Grant, NAME, Needed, Subject, grants, policy, rbac, yaml};
use crate::right::Right;
use crate::seat::operation::Without;

/// Of the JSON, raised when its shape changes.
const SCHEMA: u32 = 1;

/// A page with every document ready to apply, and with what is left out. `all` includes the optional rights, which the
/// documents only contain if `optional` is set; `command` is the command that prints this page.
pub fn text(all: &[Needed], deployment: &Deployment, subject: &Subject, optional: bool, command: &str) -> String {
    let needed = chosen(all, optional);
    let mut page = format!(
        "The smallest rights that the selected checks need on {}.\n\
         The permissions that DSS itself needs in Kubernetes are not included: `cluster-rights` checks them. For an account\n\
         other than that of DSS, skip it: `ackcheck run --skip cluster-rights='not the account of DSS'`.\n",
        deployment.name
    );
    let roles = yaml(needed.iter().map(|needed| &needed.right), NAME, subject);
    if !roles.is_empty() {
        let _ = writeln!(page, "\n## Kubernetes\n# {command} --format kubernetes | kubectl apply -f -\n\n{roles}");
        page.truncate(page.trim_end().len());
        page.push('\n');
    }
    for grant in grants(&needed, deployment) {
        page += &heading(&grant, command);
        let _ = writeln!(page, "{:#}", policy(&grant.statements));
    }
    page += &registry(deployment);
    let left_out: Vec<&Needed> = all.iter().filter(|needed| needed.optional() && !optional).collect();
    if !left_out.is_empty() {
        page += "\n## Left out\nWithout these, every check is still judged, but with less detail; `--optional` adds them:\n";
        for needed in left_out {
            let _ = writeln!(page, "- {}: {}", needed.right, without(needed));
        }
    }
    page
}

/// The rights that documents are made of.
fn chosen(all: &[Needed], optional: bool) -> Vec<Needed> {
    all.iter().filter(|needed| optional || !needed.optional()).cloned().collect()
}

fn heading(grant: &Grant, command: &str) -> String {
    let (of, holder) = (grant.of.join(", "), &grant.holder);
    // Names of policies have letters, digits and hyphens.
    let name = holder.name().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    format!(
        "\n## RAM, for {of}\n# attached to {}:\n# aliyun ram CreatePolicy --PolicyName ackcheck-{name} --PolicyDocument \
         \"$({command} --format ram --holder {})\"\n\n",
        holder.attached_to(),
        holder.name()
    )
}

/// The registry's user logs in with a password instead of a key, so what it needs is described in words.
fn registry(deployment: &Deployment) -> String {
    let Some((user, url)) = &deployment.registry else { return String::new() };
    let user = user.as_deref().unwrap_or("the user of [registry]");
    format!(
        "\n## ACR\n{user} must be allowed to push to and pull from\n{url}/ackcheck-probe.\n\
         For a RAM user of an Enterprise Edition instance, that is `cr:PushRepository` and `cr:PullRepository` on\n\
         acs:cr:*:*:repository/INSTANCE_ID/NAMESPACE/ackcheck-probe.\n"
    )
}

fn without(needed: &Needed) -> &'static str {
    match (needed.without, &needed.right) {
        (Without::Less(lost) | Without::UnjudgedElsewhere(lost), _) => lost,
        (Without::LeftBehind, _) => "what the run created stays behind, and the report lists it",
        (Without::Unjudged, Right::Bucket(_) | Right::Objects(_)) => "the checks fail, because DSS needs it as well",
        (Without::Unjudged, _) => "the checks cannot be judged",
    }
}

/// Who grants it.
fn granted_by(right: &Right) -> &'static str {
    match right {
        Right::Kubernetes(_) => "RBAC",
        Right::OpenApi(_) | Right::Bucket(_) | Right::Objects(_) => "RAM",
        Right::File(_) => "the file system",
        Right::Dss(_) => "DSS",
    }
}

/// A line for each right, the optional ones included.
pub fn table(all: &[Needed]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["RIGHT", "BY", "FOR", "WITHOUT IT"]);
    for needed in all {
        let (right, checks) = (needed.right.to_string(), needed.checks.join(" "));
        table.add_row([right.as_str(), granted_by(&needed.right), &checks, without(needed)]);
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim().to_owned()).collect();
    lines.join("\n") + "\n"
}

/// For scripts: every right, and the documents.
pub fn json(all: &[Needed], deployment: &Deployment, subject: &Subject, optional: bool) -> String {
    let needed = chosen(all, optional);
    let rights = all.iter().map(|needed| {
        json!({
            "right": needed.right.to_string(),
            "granted_by": granted_by(&needed.right),
            "optional": needed.optional(),
            "without": without(needed),
            "checks": needed.checks,
        })
    });
    let ram = grants(&needed, deployment).into_iter().map(|grant| {
        json!({
            "holder": grant.holder.name(), "attached_to": grant.holder.attached_to(), "for": grant.of,
            "policy": policy(&grant.statements),
        })
    });
    let document = json!({
        "schema": SCHEMA,
        "rights": rights.collect::<Vec<Value>>(),
        "kubernetes": rbac::list(needed.iter().map(|needed| &needed.right), NAME, subject),
        "ram": ram.collect::<Vec<Value>>(),
    });
    format!("{document:#}\n")
}
