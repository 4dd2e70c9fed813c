//! The host's firewall rules, by the programs that list them. Both only read; what they print is long, and not written
//! down.

use std::time::Instant;

use ackcheck_core::place::Vantage;
use ackcheck_core::seat::host::Ended;
use ackcheck_core::seat::host::firewall::{Firewall, Ruleset};
use ackcheck_core::seat::{Seen, told};

use super::{Call, LONGEST_OUTPUT, LiveHost};

mod iptables;
mod nft;

/// What one program said.
enum Listed {
    Text(String),
    /// It is not on the host, or does not list its rules to this account.
    Not(String),
}

impl LiveHost {
    pub(super) async fn read_firewall(&self) -> Seen<Firewall> {
        let began = Instant::now();
        let firewall = self.listed_firewall().await;
        self.journal.note(Vantage::Host, "nft -j list ruleset; iptables-save", told(&firewall), began.elapsed());
        firewall
    }

    /// Both list what the kernel has of nf_tables, `iptables-save` only its own tables but with all their conditions: where
    /// both have a table, what iptables says of it counts.
    async fn listed_firewall(&self) -> Seen<Firewall> {
        let of_nft = match self.listed("nft", &["-j", "list", "ruleset"]).await? {
            Listed::Text(text) => nft::read(&text).map_err(|why| format!("nft: {why}")),
            Listed::Not(why) => Err(why),
        };
        let of_iptables = match self.listed("iptables-save", &[]).await? {
            Listed::Text(text) => Ok((iptables::read(&text), iptables::is_of_nf_tables(&text))),
            Listed::Not(why) => Err(why),
        };
        Ok(match (of_nft, of_iptables) {
            (Err(nft), Err(iptables)) => Firewall::NotRead { why: format!("{nft}; {iptables}") },
            (Ok(nft), Err(_)) => Firewall::Read(nft),
            (Err(_), Ok((iptables, _))) => Firewall::Read(iptables),
            (Ok(nft), Ok((iptables, same_tables))) => Firewall::Read(both(nft, iptables, same_tables)),
        })
    }

    async fn listed(&self, program: &str, arguments: &[&str]) -> Seen<Listed> {
        let output = self.patiently(&Call::of(program, arguments)).await?;
        Ok(match output.ended {
            Ended::Exit(0) if output.stdout.len() as u64 >= LONGEST_OUTPUT => {
                Listed::Not(format!("{program} printed {LONGEST_OUTPUT} bytes or more, which is too long to be read"))
            }
            Ended::Exit(0) => Listed::Text(output.stdout),
            Ended::Exit(code) => match output.stderr.trim().lines().next() {
                Some(said) => Listed::Not(format!("{program}: {said}")),
                None => Listed::Not(format!("{program} ended with {code}")),
            },
            Ended::Killed { why } | Ended::Late { why } => Listed::Not(format!("{program}: {why}")),
            Ended::NotFound => Listed::Not(format!("there is no {program} in PATH")),
        })
    }
}

/// The rules of both; of a table that both have, `same_tables` set, those of iptables.
fn both(mut nft: Ruleset, iptables: Ruleset, same_tables: bool) -> Ruleset {
    if same_tables {
        let has =
            |table: &str| iptables.chains.iter().any(|chain| chain.table.strip_prefix("iptables ") == Some(table));
        nft.chains.retain(|chain| !chain.table.strip_prefix("ip ").is_some_and(has));
    }
    nft.chains.extend(iptables.chains);
    nft
}
