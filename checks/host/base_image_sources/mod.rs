//! From the DSS host Docker reaches what DSS builds its images from: the base image on Docker Hub, or at the daemon's
//! mirrors, and the packages of the base's system, of Python and of R.
//!
//! All of it warns. Where images are there already, or are built elsewhere and pushed, nothing that runs needs any source:
//! only the next build does, and whether there is to be one here is not for ackcheck to know.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::dss::{DssVersion, PackageSources, VersionFile};
use ackcheck_core::seat::host::docker::{AS_JSON, InfoPage};
use ackcheck_core::seat::host::{Ended, Proxies};
use ackcheck_core::seat::{Host, Seen, host};
use ackcheck_core::verdict::{Code, Finding, Judgement, Unseen, Verdict};

use super::host_docker::place;

mod facts;
mod heard;
mod hub;
mod trials;

use facts::{Base, Wanted};
use heard::Source;

static UNREACHABLE: Code =
    Code::warn("unreachable", "the DSS host does not get what DSS builds its images from, so builds fail here");
static THROTTLED: Code =
    Code::warn("throttled", "a source of DSS's images limits the DSS host's requests, so builds fail for a while");
static MIRROR_STALE: Code =
    Code::warn("mirror-stale", "the Docker daemon's mirror does not have the base image as Docker Hub has it");

pub(crate) static CHECK: Check = Check {
    id: "base-image-sources",
    title: "Docker on the DSS host reaches what DSS builds its images from",
    stage: Stage::Preflight,
    needs: &[&super::host_docker::CHECK],
    uses: &[&host::HEAD, &host::DOCKER_LOGIN],
    // A dozen requests, none of which may be answered.
    deadline: Duration::from_secs(240),
    findings: &[&UNREACHABLE, &THROTTLED, &MIRROR_STALE],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Host(|context, host| Box::pin(judge(context, host))),
};

async fn judge(context: &Context, host: &dyn Host) -> Judgement {
    if let Some(endpoint) = place::elsewhere(host).await? {
        let reason = format!("the Docker daemon is on another machine, {endpoint}, and so are its ways to the sources");
        return Ok(Verdict::NotApplicable(reason.into()));
    }
    let info = info(host).await?;
    let (base, settings) = wanted(context).await?;
    let mut found = Vec::new();
    if !is_here(host, base).await? {
        found.extend(hub::judge(host, &info, base).await?);
    }
    let (mut silent, mut throttled, mut unclear) = (Vec::new(), Vec::new(), Vec::new());
    for (url, wanted) in facts::packages(base, &settings) {
        match package_source(host, &url, wanted, &info.proxies()).await? {
            Source::Gives(_) => {}
            Source::Throttles(said) => throttled.push(format!("{url}: {said}")),
            Source::Lacks(said) | Source::Silent(said) => silent.push(format!("{url}: {said}")),
            Source::Unclear(said) => unclear.push(format!("{url}: {said}")),
        }
    }
    for (code, all) in [(&UNREACHABLE, silent), (&THROTTLED, throttled)] {
        if !all.is_empty() {
            found.push(described(code, &all.join("; "), base));
        }
    }
    match (Finding::gravest(found), unclear.is_empty()) {
        (Some(finding), _) => Ok(finding.verdict()),
        (None, true) => Ok(Verdict::Pass),
        (None, false) => Err(Unseen::unreadable("the sources of DSS's images", unclear.join("; "))),
    }
}

fn described(code: &'static Code, said: &str, base: &Base) -> Finding {
    code.found(said).with("said", said).with("base", base.named)
}

/// The daemon as it describes itself.
async fn info(host: &dyn Host) -> Seen<InfoPage> {
    let output = host.run("docker", &[&["info"], &AS_JSON[..]].concat()).await?;
    let page = InfoPage::parse(&output.stdout).filter(|page| !page.server_version.is_empty());
    page.ok_or_else(|| Unseen::unreadable("`docker info`", "it does not describe a daemon"))
}

/// What DSS is built upon, and where it has packages from. Before it is installed, or where the site does not describe it,
/// that of the newest release.
async fn wanted(context: &Context) -> Seen<(&'static Base, PackageSources)> {
    let dss = match context.dss() {
        Ok(dss) => dss,
        Err(Unseen::NotDescribed(_)) => return Ok((facts::base(None), PackageSources::default())),
        Err(broken) => return Err(broken),
    };
    let version: Option<DssVersion> = match dss.versions().await {
        Ok(versions) => match versions.data {
            VersionFile::Version(version) => Some(version),
            VersionFile::Unreadable { .. } | VersionFile::Missing { .. } => None,
        },
        Err(Unseen::NotDescribed(_)) => None,
        Err(broken) => return Err(broken),
    };
    let settings = match &version {
        Some(_) => dss.package_sources().await?,
        None => PackageSources::default(),
    };
    Ok((facts::base(version.as_ref()), settings))
}

/// The daemon has the base already: builds take it from there.
async fn is_here(host: &dyn Host, base: &Base) -> Seen<bool> {
    let output = host.run("docker", &["image", "inspect", "--format", "{{.Id}}", base.named]).await?;
    Ok(output.ended == Ended::Exit(0) && !output.stdout.trim().is_empty())
}

/// Packages are fetched by the containers of a build, which go through the host and not through the daemon's proxy, unless
/// the build is given one: what either way brings is there to be had.
async fn package_source(host: &dyn Host, url: &str, wanted: Wanted, proxies: &Proxies) -> Seen<Source> {
    let direct = Source::of(&host.head(url, &Proxies::default()).await?, wanted);
    if matches!(direct, Source::Gives(_)) || *proxies == Proxies::default() {
        return Ok(direct);
    }
    let proxied = Source::of(&host.head(url, proxies).await?, wanted);
    Ok(if matches!(proxied, Source::Gives(_)) { proxied } else { direct })
}
