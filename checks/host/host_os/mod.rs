//! The DSS host runs a supported Linux (HOWTO 2.1). Which release of DSS is, or will be, on it cannot be seen from the host
//! seat: what is judged is whether any release from 8.0.4 on supports it.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::dss_facts;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::{Host, host};
use ackcheck_core::verdict::{Code, Judgement, Unseen, Verdict};

mod os_release;
mod supported;
mod trials;

use os_release::OsRelease;
use supported::Standing;

static UNSUPPORTED_OS: Code = Code::fail("unsupported-os", "no release of DSS supports this Linux distribution");
static UNSUPPORTED_VERSION: Code =
    Code::fail("unsupported-version", "no release of DSS supports this version of the Linux distribution");
static NEEDS_MANUAL_DEPENDENCIES: Code = Code::warn(
    "needs-manual-dependencies",
    "DSS works on this Linux distribution, but its installer does not know it: packages are installed by hand",
);

/// Where every distribution of the table describes itself.
const FILE: &str = "/etc/os-release";
/// Distributions of Alibaba that DSS was tried on without being supported there (HOWTO 2.1): the `ID` of each.
const BY_HAND: [&str; 2] = ["alinux", "anolis"];

pub(crate) static CHECK: Check = Check {
    id: "host-os",
    title: "The DSS host runs a Linux that DSS 8.0.4 or later supports",
    stage: Stage::Preflight,
    needs: &[],
    uses: &[&host::READ],
    deadline: Duration::from_secs(30),
    findings: &[&UNSUPPORTED_OS, &UNSUPPORTED_VERSION, &NEEDS_MANUAL_DEPENDENCIES],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Host(|context, host| Box::pin(judge(context, host))),
};

async fn judge(_: &Context, host: &dyn Host) -> Judgement {
    let release = OsRelease::read(&host.read(FILE).await?);
    let Some(id) = release.get("ID") else { return Err(Unseen::unreadable(FILE, "it has no ID")) };
    let name = release.name();
    if BY_HAND.contains(&id) {
        let seen = format!("{FILE}: {name}, which the installer of DSS does not know");
        return Ok(NEEDS_MANUAL_DEPENDENCIES.found(seen).with("os", name).into());
    }
    let newest = dss_facts::newest();
    let version = release.get("VERSION_ID").unwrap_or_default();
    // CentOS Stream calls itself centos, is ahead of the releases that DSS supports, and is named by none.
    let stream = release.get("NAME").is_some_and(|name| name.contains("Stream"));
    let Some(standing) = supported::standing(id, version).filter(|_| !stream) else {
        let seen = format!("{FILE}: {name}, which no release of DSS up to {newest} supports");
        return Ok(UNSUPPORTED_OS.found(seen).with("os", name).into());
    };
    match standing {
        Standing::Supported => Ok(Verdict::Pass),
        Standing::Unsupported => {
            let supported = supported::in_words(id);
            let seen = format!("{FILE}: {name}; DSS supports {supported}");
            Ok(UNSUPPORTED_VERSION.found(seen).with("os", name).with("supported", supported).into())
        }
        Standing::Newer => {
            let why = format!("DSS up to {newest} does not, and what later releases support ackcheck does not know");
            Err(Unseen::unreadable(format!("whether DSS supports {name}"), why))
        }
        Standing::Unknown => Err(Unseen::unreadable(FILE, "it has no VERSION_ID that is a number")),
    }
}
