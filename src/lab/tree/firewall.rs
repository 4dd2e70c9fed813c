//! The programs that list the firewall rules of the lab's DSS host.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::command;
use ackcheck_core::shell::shell_word;

/// `/host/firewall`. A program whose entry is null refuses this account, as the real one does.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Firewall {
    #[serde(rename = "comment")]
    _comment: String,
    nft: Option<Value>,
    iptables: Option<String>,
}

impl Firewall {
    /// Writes both programs.
    pub(super) fn write(self, folder: &Path) -> anyhow::Result<()> {
        let refused = |said: &str| format!("echo {} >&2\nexit 1\n", shell_word(said));
        let printed = |text: &str| format!("printf '%s\\n' {}\n", shell_word(text));
        let nft = self.nft.map(|ruleset| printed(&ruleset.to_string()));
        let nft = nft.unwrap_or_else(|| refused("Operation not permitted (you must be root)"));
        let iptables = self.iptables.map(|text| printed(&text));
        let iptables = iptables.unwrap_or_else(|| refused("iptables-save: Permission denied (you must be root)"));
        command(folder, "nft", &format!("[ \"$*\" = '-j list ruleset' ] || exit 1\n{nft}"))?;
        command(folder, "iptables-save", &iptables)
    }
}
