//! All rights in one: as a page for people, a table, and JSON.

use std::fmt::Write as _;

use comfy_table::presets;
use comfy_table::{ContentArrangement, Table};
use serde_json::{Value, json};

use super::{Deployment, Grant, Needed, Subject, grants, policy, rbac, yaml};
use crate::seat::needs::{Right, Without};

/// Of the JSON, raised when its shape changes.
const SCHEMA: u32 = 1;

/// A page with every document as it is applied, and with what is left out. `all` has the optional rights, which the
/// documents have only where `optional` is set.
pub fn text(all: &[Needed], deployment: &Deployment, subject: &Subject, optional: bool) -> String {
    let needed = chosen(all, optional);
    let mut page = format!(
        "The smallest rights that the selected checks need on {}.\n\
         What DSS itself needs is not in here: for that the checks look (`ackcheck explain cluster-rights`).\n",
        deployment.name
    );
    let roles = yaml(&needed, deployment, subject);
    if !roles.is_empty() {
        page += "\n## Kubernetes\n# ackcheck rights --format kubernetes --user NAME | kubectl apply -f -\n\n";
        page += &roles;
    }
    for grant in grants(&needed, deployment) {
        page += &heading(&grant);
        let _ = writeln!(page, "{:#}", policy(&grant.statements));
    }
    page += &registry(deployment);
    let left_out: Vec<&Needed> = all.iter().filter(|needed| needed.optional() && !optional).collect();
    if !left_out.is_empty() {
        page += "\n## Left out\nWithout these every check is judged, and less is told; `--optional` adds them:\n";
        for needed in left_out {
            let _ = writeln!(page, "- {}: {}", deployment.words(needed.right), without(needed.without));
        }
    }
    page
}

/// The rights that documents are made of.
fn chosen(all: &[Needed], optional: bool) -> Vec<Needed> {
    all.iter().filter(|needed| optional || !needed.optional()).cloned().collect()
}

fn heading(grant: &Grant) -> String {
    let (of, holder) = (grant.of.join(", "), &grant.holder);
    format!(
        "\n## RAM, for {of}\n# attached to {}:\n# aliyun ram CreatePolicy --PolicyName ackcheck --PolicyDocument \
         \"$(ackcheck rights --format ram --holder {})\"\n\n",
        holder.attached_to(),
        holder.name()
    )
}

/// The registry's user logs in with a password of the registry's, not with a key: what it may is said in words.
fn registry(deployment: &Deployment) -> String {
    let Some((user, url)) = &deployment.registry else { return String::new() };
    let user = user.as_deref().unwrap_or("the user of [registry]");
    format!(
        "\n## ACR\n{user} has to push to and to pull from {url}/ackcheck-probe. A RAM user of an Enterprise Edition \
         instance pulls by\n`cr:PullRepository` on acs:cr:*:*:repository/INSTANCE_ID/NAMESPACE/ackcheck-probe; pushing is \
         a right of its own there.\n"
    )
}

fn without(without: Without) -> &'static str {
    match without {
        Without::Less(lost) | Without::UnjudgedElsewhere(lost) => lost,
        Without::LeftBehind => "what the run created stays, and is named at its end",
        Without::Unjudged => "the checks cannot be judged",
    }
}

/// Who grants it: `RBAC`, `RAM`.
fn granted_by(right: Right) -> &'static str {
    match right {
        Right::Kubernetes { .. } => "RBAC",
        Right::OpenApi(_) | Right::Bucket(_) | Right::Objects(_) => "RAM",
    }
}

/// A line for each right, the optional ones included.
pub fn table(all: &[Needed], deployment: &Deployment) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["RIGHT", "BY", "FOR", "WITHOUT IT"]);
    for needed in all {
        let (right, checks) = (deployment.words(needed.right), needed.checks.join(" "));
        table.add_row([right.as_str(), granted_by(needed.right), &checks, without(needed.without)]);
    }
    let lines: Vec<String> = table.lines().map(|line| line.trim().to_owned()).collect();
    lines.join("\n") + "\n"
}

/// For scripts: every right, and the documents.
pub fn json(all: &[Needed], deployment: &Deployment, subject: &Subject, optional: bool) -> String {
    let needed = chosen(all, optional);
    let rights = all.iter().map(|needed| {
        json!({
            "right": deployment.words(needed.right),
            "granted_by": granted_by(needed.right),
            "optional": needed.optional(),
            "without": without(needed.without),
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
        "kubernetes": rbac::list(&needed, deployment, subject),
        "ram": ram.collect::<Vec<Value>>(),
    });
    format!("{document:#}\n")
}
