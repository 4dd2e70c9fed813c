//! The base image, as the daemon looks for it: at each of its mirrors, then on Docker Hub. Whatever a mirror answers but
//! the image, it goes on (moby `distribution/pull.go` and `errors.go`).

use ackcheck_core::seat::host::DockerLogin;
use ackcheck_core::seat::host::docker::InfoPage;
use ackcheck_core::seat::{Host, Seen};
use ackcheck_core::verdict::{Finding, Unseen};

use super::facts::{Base, Wanted};
use super::heard::Source;
use super::{MIRROR_STALE, THROTTLED, UNREACHABLE, described};

const HUB: &str = "https://registry-1.docker.io";
/// The most mirrors that are asked. Where none of them has the image, one of the others may.
const MOST_MIRRORS: usize = 4;

/// What is wrong with where the daemon has a base image from.
pub(super) async fn judge(host: &dyn Host, info: &InfoPage, base: &Base) -> Seen<Option<Finding>> {
    let proxies = info.proxies();
    let ask = async |at: &str| {
        let heard = host.head_manifest(at, base.image, base.tag, &proxies).await?;
        Seen::Ok(Source::of(&heard, Wanted::Manifest))
    };
    let mut mirrors: Vec<(&str, Source)> = Vec::new();
    for mirror in info.mirrors().iter().take(MOST_MIRRORS) {
        mirrors.push((mirror, ask(mirror).await?));
    }
    let hub = ask(HUB).await?;
    if let Some(finding) = stale(&mirrors, &hub, base) {
        return Ok(Some(finding));
    }
    if mirrors.iter().any(|(_, source)| matches!(source, Source::Gives(_))) {
        return Ok(None);
    }
    let at = |source: &Source, at: &str| match source {
        Source::Gives(_) => String::new(),
        Source::Lacks(said) | Source::Throttles(said) | Source::Silent(said) | Source::Unclear(said) => {
            format!("{at}: {said}")
        }
    };
    let all = mirrors.iter().map(|(mirror, source)| at(source, mirror)).chain([at(&hub, HUB)]);
    let way =
        proxies.of("https", "registry-1.docker.io", 443).map(|proxy| format!(", through the daemon's proxy {proxy}"));
    let all = all.collect::<Vec<_>>().join("; ");
    let said = format!("{}: {all}{}", base.named, way.unwrap_or_default());
    if info.mirrors().len() > MOST_MIRRORS {
        let why = format!("the daemon has more than the {MOST_MIRRORS} mirrors that ackcheck asks; {said}");
        return Err(Unseen::unreadable(format!("{} at the daemon's mirrors", base.named), why));
    }
    match hub {
        Source::Gives(_) => Ok(None),
        Source::Unclear(said) => Err(Unseen::unreadable(format!("{} on Docker Hub", base.named), said)),
        Source::Throttles(_) if logs_in(host).await? => {
            let why = "it limits those who do not log in, and the account's Docker does, with a limit of its own";
            Err(Unseen::unreadable(format!("{} on Docker Hub", base.named), why))
        }
        Source::Throttles(_) => Ok(Some(described(&THROTTLED, &said, base))),
        Source::Lacks(_) | Source::Silent(_) => Ok(Some(described(&UNREACHABLE, &said, base))),
    }
}

/// Whether the account's Docker shows Docker Hub a login, which ackcheck does not.
async fn logs_in(host: &dyn Host) -> Seen<bool> {
    let login = host.docker_login("docker.io").await?;
    Ok(matches!(login, DockerLogin::Password { .. } | DockerLogin::Token { .. }))
}

/// The first mirror that answers is what the daemon takes.
fn stale(mirrors: &[(&str, Source)], hub: &Source, base: &Base) -> Option<Finding> {
    let Source::Gives(there) = hub else { return None };
    let (mirror, how) = mirrors.iter().find_map(|(mirror, source)| match source {
        Source::Lacks(said) => Some((mirror, Some(format!("does not have {} ({said})", base.named)))),
        Source::Gives(here) if here.is_some() && there.is_some() && here != there => {
            let digest = here.as_deref().unwrap_or_default();
            Some((mirror, Some(format!("has {} as {digest}", base.named))))
        }
        Source::Gives(_) => Some((mirror, None)),
        _ => None,
    })?;
    let how = how?;
    let there = there.as_deref().map_or_else(String::new, |digest| format!(" as {digest}"));
    let seen = format!("the mirror {mirror} {how}, and Docker Hub has it{there}");
    Some(described(&MIRROR_STALE, &seen, base).with("mirror", (*mirror).trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::super::facts;
    use super::*;

    #[test]
    fn the_first_mirror_that_answers_is_compared() {
        let gives = |digest: &str| Source::Gives(Some(digest.to_owned()));
        let silent = || Source::Silent("refused".to_owned());
        let lacks = || Source::Lacks("404".to_owned());
        let stale = |mirrors: &[Source], hub: Source| {
            let named: Vec<(&str, Source)> = mirrors.iter().map(|source| ("https://m/", source.clone())).collect();
            super::stale(&named, &hub, facts::base(None)).is_some()
        };
        assert!(stale(&[gives("old")], gives("new")) && stale(&[lacks()], gives("new")));
        assert!(stale(&[silent(), gives("old")], gives("new")));
        assert!(!stale(&[gives("new"), gives("old")], gives("new")));
        assert!(!stale(&[silent()], gives("new")) && !stale(&[], gives("new")));
        // Whether it is stale is only known beside Docker Hub.
        assert!(!stale(&[gives("old")], silent()) && !stale(&[lacks()], lacks()));
    }
}
