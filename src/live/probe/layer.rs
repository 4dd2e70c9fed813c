//! The one layer of the probe's image. `build.rs` is compiled with this file too, so that it is made there and not at
//! each run.

use std::borrow::Cow;
use std::io::Write as _;

use flate2::{Compression, GzBuilder};
use sha2::{Digest as _, Sha256};

/// The program's name at the root of the image.
pub const PROGRAM: &str = "ackcheck-probe";

/// A layer of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The archive, compressed.
    pub gzip: Cow<'static, [u8]>,
    /// `sha256:` and 64 hex digits, of the archive before compression.
    pub diff_id: String,
}

impl Layer {
    /// The layer that holds this program alone. The same program gives the same bytes on every machine: times are zero,
    /// the order is fixed, the gzip header bare.
    ///
    /// # Errors
    /// Where the program does not fit into an archive.
    pub fn of(program: &[u8]) -> std::io::Result<Layer> {
        let mut archive = tar::Builder::new(Vec::with_capacity(program.len() + 2048));
        let mut header = tar::Header::new_ustar();
        header.set_size(program.len() as u64);
        header.set_mode(0o555);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_entry_type(tar::EntryType::Regular);
        archive.append_data(&mut header, PROGRAM, program)?;
        let archive = archive.into_inner()?;
        let mut gzip = GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), Compression::best());
        gzip.write_all(&archive)?;
        let digest: String = Sha256::digest(&archive).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Layer { gzip: gzip.finish()?.into(), diff_id: format!("sha256:{digest}") })
    }
}
