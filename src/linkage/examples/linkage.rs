//! Says what of class paths does not link, for `ci/oracles/linkage`. A line of standard input is the home of a Java, the class
//! path, and `V4` where requests are signed with version 4, between tabs; the answer is the operation and what it lacks.

use std::io::{BufRead as _, Write as _};
use std::path::{Path, PathBuf};

use ackcheck_linkage::Settings;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let mut fields = line.split('\t');
        let java = fields.next().unwrap_or_default();
        let path: Vec<PathBuf> = fields.next().unwrap_or_default().split(':').map(PathBuf::from).collect();
        let settings = Settings { signs_with_version_4: fields.next() == Some("V4") };
        match ackcheck_linkage::of(&path, Path::new(java), settings) {
            Err(unread) => writeln!(out, "unread\t{unread}\t")?,
            Ok(linkage) => match linkage.struck {
                None => writeln!(out, "links\t\t")?,
                Some(struck) => {
                    writeln!(out, "{}\t{}\t{}", struck.operation, struck.missing, struck.chain.join(" < "))?
                }
            },
        }
    }
    Ok(())
}
