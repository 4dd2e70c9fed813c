//! The host has the memory that its release of DSS asks for, and the running backend is not confined to less (HOWTO 2.1).
//! Where no DSS is described yet, what the most modest release asks for counts.

use std::time::Duration;

use ackcheck_core::check::{Check, Judge};
use ackcheck_core::context::Context;
use ackcheck_core::dss_facts;
use ackcheck_core::place::Stage;
use ackcheck_core::seat::{Host, Seen, host};
use ackcheck_core::verdict::{Broken, Code, Judgement, Unseen, Verdict};

mod confinement;
mod trials;

use super::{instance, release};

static MEMORY_LOW: Code = Code::warn("memory-low", "DSS has less memory than its release asks for");

pub(crate) static CHECK: Check = Check {
    id: "host-memory",
    title: "DSS has the memory that its release asks for",
    stage: Stage::Preflight,
    needs: &[],
    uses: &[&host::READ],
    deadline: Duration::from_secs(60),
    findings: &[&MEMORY_LOW],
    remedy: include_str!("remedy.md"),
    trials: trials::TRIALS,
    judge: Judge::Host(|context, host| Box::pin(judge(context, host))),
};

const MEMORY: &str = "/proc/meminfo";
/// Requirements are in GB, and the kernel keeps a part of what a machine is sold with: 10^9 leaves room for that.
const GB: u64 = 1_000_000_000;

/// What is asked for, in GB, and by whom.
struct Asked {
    gb: u64,
    by: String,
}

async fn judge(context: &Context, host: &dyn Host) -> Judgement {
    let asked = asked(context).await?;
    let text = host.read(MEMORY).await?;
    let total = total(&text).ok_or_else(|| Unseen::unreadable(MEMORY, "it has no MemTotal in kB"))?;
    let low = |bytes: u64| bytes < asked.gb.saturating_mul(GB);
    let found = |seen: String| {
        let seen = format!("{seen}; {} asks for {} GB", asked.by, asked.gb);
        MEMORY_LOW.found(seen).with("wanted", format!("{} GB", asked.gb)).into()
    };
    if low(total) {
        return Ok(found(format!("the host has {} of memory", in_words(total))));
    }
    let Some(backend) = backend(context, host).await? else { return Ok(Verdict::Pass) };
    match confinement::of(host, backend).await? {
        Some(least) if low(least.bytes) => Ok(found(format!(
            "the host has {} of memory, but {} allows the backend (process {backend}) {}",
            in_words(total),
            least.file,
            in_words(least.bytes)
        ))),
        _ => Ok(Verdict::Pass),
    }
}

async fn asked(context: &Context) -> Seen<Asked> {
    match release::of(context).await {
        Ok((version, release)) => {
            let fact = release.memory_gb.as_ref();
            let fact = fact.ok_or_else(|| release::not_known("the memory requirement", &version))?;
            Ok(Asked { gb: fact.value, by: format!("DSS {} ({})", version.text, fact.source()) })
        }
        Err(Unseen::NotDescribed(why)) => {
            let facts = dss_facts::releases().iter().filter_map(|release| release.memory_gb.as_ref());
            let least = facts.map(|fact| fact.value).min().ok_or(Unseen::NotDescribed(why))?;
            Ok(Asked { gb: least, by: "every release of DSS".to_owned() })
        }
        // Which release it is, is for dss-version to say.
        Err(Unseen::Broken(Broken::Unreadable { what, why })) => Err(Unseen::not_described(format!("{what}: {why}"))),
        Err(other) => Err(other),
    }
}

/// The running backend; none where it does not run, or the site file does not say where DSS is.
async fn backend(context: &Context, host: &dyn Host) -> Seen<Option<u32>> {
    if context.config().dss.as_ref().is_none_or(|dss| dss.data_dir.is_none()) {
        return Ok(None);
    }
    instance::backend(context, host).await
}

fn total(meminfo: &str) -> Option<u64> {
    let value = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    value.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

fn in_words(bytes: u64) -> String {
    format!("{}.{} GB", bytes / GB, bytes % GB / (GB / 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_read_as_linux_writes_it() {
        assert_eq!(total("MemTotal:       32651234 kB\nMemFree: 1 kB\n"), Some(32_651_234 * 1024));
        assert_eq!((total("MemFree: 1 kB\n"), total("MemTotal: many\n")), (None, None));
        assert_eq!(in_words(32_651_234 * 1024), "33.4 GB");
    }
}
