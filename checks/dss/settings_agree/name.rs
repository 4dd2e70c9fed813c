//! The name that containers are given for the DSS host.

use std::net::IpAddr;

use ackcheck_core::context::Context;
use ackcheck_core::seat::dss::ExtHost;
use ackcheck_core::seat::host::Ended;
use ackcheck_core::seat::{Dss, Host, Seen};

use super::comparison::{Comparison, describe};

/// Compares `[host]` with what DSS gives: `DKU_BACKEND_EXT_HOST`, or the host's own name.
pub(super) async fn compare(comparison: &mut Comparison, context: &Context, dss: &dyn Dss) {
    let site = &context.config().host;
    let Some(name) = &site.name else { return };
    let (file, state) = match dss.ext_host().await {
        Ok(told) => told,
        Err(unseen) => return comparison.unseen(unseen),
    };
    let host = context.host();
    let (given, place) = match state {
        ExtHost::Exported { value, line } => (vec![value], format!("{file}, line {line}")),
        ExtHost::Unset | ExtHost::NotExported { .. } => match &host {
            Ok(host) => match own_names(host.as_ref()).await {
                Ok(names) => (names, "the host's own name, since DKU_BACKEND_EXT_HOST is not set".to_owned()),
                Err(unseen) => return comparison.unseen(unseen),
            },
            // Not asked on the host: its own name is known to nobody.
            Err(_) => return,
        },
        // Decided when DSS starts, or not valid: ext-host says so.
        _ => return,
    };
    let mut addresses = site.addresses.clone();
    if let (true, Ok(host)) = (addresses.is_empty(), &host) {
        addresses = host.addresses().await.unwrap_or_default();
    }
    // An address of the host where the site file has its name, and nobody says which addresses it has: uncertain.
    if addresses.is_empty() && given.iter().all(|given| given.parse::<IpAddr>().is_ok()) && !given.contains(name) {
        return;
    }
    match given.iter().any(|given| means(given, name, &addresses)) {
        true => comparison.same(),
        false => {
            let given = given.first().map(String::as_str).unwrap_or_default();
            let seen =
                format!("containers are given {given:?} ({place}), but `name` in [host] of the site file is {name:?}");
            let finding = comparison.differs(&super::NAME_DIFFERS, seen);
            describe(finding, &[("dss_value", given), ("site_value", name), ("place", &place)]);
        }
    }
}

/// True where what containers are given is the host that the site file means.
fn means(given: &str, name: &str, addresses: &[IpAddr]) -> bool {
    let plain = |text: &str| text.trim_end_matches('.').to_ascii_lowercase();
    plain(given) == plain(name) || given.parse().is_ok_and(|address| addresses.contains(&address))
}

/// The host's own names: as DSS's scripts ask it, and in full.
async fn own_names(host: &dyn Host) -> Seen<Vec<String>> {
    let mut names = Vec::new();
    for arguments in [&["-f"][..], &[]] {
        let printed = host.run("hostname", arguments).await?;
        let name = printed.stdout.trim();
        if printed.ended == Ended::Exit(0) && !name.is_empty() {
            names.push(name.to_owned());
        }
    }
    match names.is_empty() {
        true => Err(ackcheck_core::verdict::Unseen::unreadable("`hostname`", "it does not print a name")),
        false => Ok(names),
    }
}

#[cfg(test)]
mod tests {
    use super::means;

    #[test]
    fn a_name_in_another_spelling_and_an_address_of_the_host_are_the_same() {
        let addresses = ["10.0.0.20".parse().unwrap()];
        for given in ["dss.corp.example", "DSS.corp.example.", "10.0.0.20"] {
            assert!(means(given, "dss.corp.example", &addresses), "{given}");
        }
        for given in ["my.host.name", "dss", "10.0.0.21", "", "dss.corp.example.org"] {
            assert!(!means(given, "dss.corp.example", &addresses), "{given}");
        }
    }
}
