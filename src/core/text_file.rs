//! Files that people name, read whole: a wrong path may be a pipe, a device or a disk image.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};

/// Reads a regular file of at most `most` bytes as text.
///
/// # Errors
/// In words that begin with the path; with the line where it is no text.
pub fn read(path: &Path, most: u64) -> anyhow::Result<String> {
    let shown = path.display();
    // Asked of the path, before it is opened: opening a pipe would wait for whoever writes it.
    let metadata = std::fs::metadata(path).with_context(|| format!("{shown} cannot be read"))?;
    if !metadata.is_file() {
        bail!("{shown} is not a file");
    }
    let file = File::open(path).with_context(|| format!("{shown} cannot be read"))?;
    let mut text = Vec::new();
    file.take(most + 1).read_to_end(&mut text).with_context(|| format!("{shown} cannot be read"))?;
    if text.len() as u64 > most {
        bail!("{shown} is larger than {most} bytes");
    }
    String::from_utf8(text).map_err(|error| {
        let line = 1 + error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count();
        anyhow::anyhow!("{shown}:{line}: is not UTF-8 text")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_none_is_refused_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ackcheck.toml");
        let said = |result: anyhow::Result<String>| format!("{:#}", result.unwrap_err());
        assert!(said(read(&path, 10)).contains("cannot be read"));
        assert!(said(read(folder.path(), 10)).contains("is not a file"));
        std::fs::write(&path, b"[host]\nname = \"\xff\"\n").unwrap();
        assert!(said(read(&path, 100)).contains(":2: is not UTF-8"));
        assert!(said(read(&path, 3)).contains("larger than 3 bytes"));
    }
}
