//! The base images of DSS's container and Spark configurations are in the registry (HOWTO 3.4): built by this version of
//! DSS, for the processor of the nodes. Images in other registries than the site file's are settings-agree's to tell.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::registry::{ImageLook, Platform};
use ackcheck_core::seat::{Registry, cluster};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

use super::wanted::{AllWanted, Instance, Wanted};

mod nodes;
mod trials;
mod version;

use nodes::Processors;
use version::BuiltBy;

static MISSING: Code = Code::fail("missing", "a base image that DSS starts pods from is not in the registry");
static OTHER_VERSION: Code =
    Code::fail("other-version", "the base image in the registry was built by another version of DSS");
static OTHER_ARCHITECTURE: Code =
    Code::fail("other-architecture", "the base image is not for the processor of nodes that DSS's pods run on");

pub(crate) static CHECK: Check = Check {
    id: "base-images",
    title: "The base images of DSS's container and Spark configurations are in the registry",
    stage: Stage::Acceptance,
    needs: &[&super::registry_push::CHECK, &crate::cluster::cluster_answers::CHECK, &crate::dss::dss_version::CHECK],
    uses: &[&cluster::LIST_NODES],
    deadline: Duration::from_secs(120),
    findings: &[&MISSING, &OTHER_VERSION, &OTHER_ARCHITECTURE],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Registry(|context, registry| Box::pin(judge(context, registry))),
};

async fn judge(context: &Context, registry: &dyn Registry) -> Judgement {
    let dss = context.dss()?;
    let configurations = dss.configurations().await?;
    let instance = Instance::of(&*dss).await?;
    let site = registry.repository();
    let wanted = AllWanted::of(&configurations, &instance, &site.text);
    if wanted.here.is_empty() && wanted.unclear.is_empty() {
        return Ok(Verdict::NotApplicable(match wanted.elsewhere.first() {
            Some(other) => format!("[registry] is not the registry of DSS's images: {other}").into(),
            None => "DSS does not have a configuration that starts pods from an image".into(),
        }));
    }
    let processors = Processors::of(context).await?;
    let (mut found, mut unclear) = (Vec::new(), Vec::from_iter(wanted.unclear()));
    for image in &wanted.here {
        match judge_image(registry, image, &instance, &processors).await {
            Ok(finding) => found.extend(finding.map(|finding| described(finding, image, &instance, &site.text))),
            Err(why) => unclear.push(why),
        }
    }
    match (Finding::gravest(found), unclear.into_iter().next()) {
        (Some(finding), _) => Ok(super::described(finding, &site).into()),
        (None, Some(unclear)) => Err(unclear),
        (None, None) => Ok(Verdict::Pass),
    }
}

/// What is wrong with one image, if something is.
async fn judge_image(
    registry: &dyn Registry,
    image: &Wanted,
    instance: &Instance,
    processors: &Processors,
) -> Result<Option<Finding>, Unseen> {
    let platforms = match registry.look_for(&image.repository, &image.tag).await? {
        ImageLook::Stopped(step) => {
            let why = format!("{}: {} answered {}", step.what, step.host_name(), step.said());
            return Err(Unseen::unreadable(format!("the image {}", image.name()), why));
        }
        ImageLook::Absent { tags } => return Ok(Some(absent(image, instance, &tags))),
        ImageLook::There(platforms) => platforms,
    };
    match processors.misfit(&platforms, image) {
        Some(misfit) if image.unsure => {
            let why = format!(
                "the node {} is {}, and the settings of {} do not tell whether its pods go there",
                misfit.node,
                misfit.architecture,
                image.of.join(" and ")
            );
            Err(Unseen::unreadable(format!("the image {}", image.name()), why))
        }
        Some(misfit) => Ok(Some(other_architecture(&misfit, &platforms, &image.name()))),
        None => of_this_version(image, instance),
    }
}

/// An image that is not there: where one of another version is, DSS was upgraded.
fn absent(image: &Wanted, instance: &Instance, tags: &[String]) -> Finding {
    let (name, of, version) = (image.name(), image.of.join(" and "), &instance.version.text);
    let others: Vec<&str> = tags.iter().map(String::as_str).filter(|tag| tag.starts_with("dss-")).collect();
    if !image.by_default || others.is_empty() {
        return MISSING.found(format!("the registry does not have {name}, which {of} starts pods from"));
    }
    let shown = others.iter().take(5).copied().collect::<Vec<_>>().join(", ");
    OTHER_VERSION.found(format!(
        "{} has {shown}, but DSS is version {version}, and {of} starts pods from {name}",
        image.repository
    ))
}

fn of_this_version(image: &Wanted, instance: &Instance) -> Result<Option<Finding>, Unseen> {
    let (name, of, version) = (image.name(), image.of.join(" and "), &instance.version.text);
    match version::built_by(image, instance) {
        BuiltBy::This => Ok(None),
        BuiltBy::Other(other) => {
            let seen = format!("{of} starts pods from {name}, built by DSS {other}, but DSS is version {version}");
            Ok(Some(OTHER_VERSION.found(seen)))
        }
        BuiltBy::Unknown => {
            let why = format!("it is there, but its name does not say whether DSS {version} built it");
            Err(Unseen::unreadable(format!("the image {name} of {of}"), why))
        }
    }
}

fn other_architecture(misfit: &nodes::Misfit, platforms: &[Platform], name: &str) -> Finding {
    let for_these = platforms.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let seen = format!("{name} is for {for_these}, but {} is {}", misfit.node, misfit.architecture);
    let finding = OTHER_ARCHITECTURE.found(seen).with("platforms", for_these);
    finding.with("node", misfit.node.as_str()).with("architecture", misfit.architecture.as_str())
}

/// The facts that the remedies name.
fn described(finding: Finding, image: &Wanted, instance: &Instance, site: &str) -> Finding {
    let host = site.trim().split('/').next().unwrap_or_default();
    let newest = finding.code == &OTHER_VERSION || image.tag.contains(':');
    let build = image.build_command(if newest { instance.default_tag() } else { image.tag.clone() }.as_str());
    finding
        .with("image", format!("{host}/{}", image.name()))
        .with("of", image.of.join(" and "))
        .with("page", super::wanted::place_in_dss(image.kind))
        .with("build", build)
}
