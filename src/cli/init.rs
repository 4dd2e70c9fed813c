//! `ackcheck init`.

use anyhow::bail;

use super::arguments::Init;
use super::output::print;
use super::target;
use ackcheck_live::discover::{Surroundings, discover};

/// Writes a site file from what can be discovered, and says what could not be.
pub(super) async fn init(options: Init) -> anyhow::Result<u8> {
    let file = &options.site;
    if !options.force && file.symlink_metadata().is_ok() {
        bail!("{} already exists; --force overwrites it, --site FILE writes another", file.display());
    }
    let draft = discover(&Surroundings::here(options.from)).await.map_err(|broken| anyhow::anyhow!("{broken}"))?;
    // What is written is what `run` reads: a mistake of this program is found here, and not by whoever runs it next.
    let draft = draft.read_back(file).map_err(|errors| {
        anyhow::anyhow!(
            "nothing is written, since ackcheck could not read the file it made; please report this:\n{errors}"
        )
    })?;
    target::write(file, draft.render())?;

    let mut said = format!("Wrote {}.\n", file.display());
    let open_ends = draft.open_ends();
    if !open_ends.is_empty() {
        said.push_str("\nNot found. Fill in what this deployment has; what is left out is not checked:\n");
    }
    for (key, why, example) in open_ends {
        said.push_str(&format!("  {key} = {example}\n      {why}\n"));
    }
    said.push_str(&format!(
        "\nThe file never holds keys and passwords; its comments show how to refer to them. Next:\n  ackcheck run --site {}\n",
        file.display()
    ));
    print(&said)
}
