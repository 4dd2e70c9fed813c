//! The program that runs inside pods: the layer of its image, as `build.rs` left it.

use std::borrow::Cow;

pub mod layer;

use layer::Layer;

static GZIP: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/layer.tar.gz"));
static DIFF_ID: &str = include_str!(concat!(env!("OUT_DIR"), "/layer.diff-id"));

/// The layer with the static program for the nodes (linux, x86-64); none where this ackcheck was built without it, and
/// then why.
pub fn layer() -> Result<Layer, &'static str> {
    match GZIP {
        [] => {
            Err("this ackcheck was built without its probe; build it on Linux x86-64 with libc.a at hand, or name a \
                   built one in ACKCHECK_PROBE_BIN when building")
        }
        gzip => Ok(Layer { gzip: Cow::Borrowed(gzip), diff_id: DIFF_ID.to_owned() }),
    }
}

#[cfg(test)]
#[path = "../../tests/support/skip.rs"]
mod skip;

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use ackcheck_probe_protocol::PATH;
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn is_a_static_program_small_enough_to_travel() {
        let layer = match layer() {
            Ok(layer) => layer,
            Err(why) => return skip::skipped(why),
        };
        assert!(layer.gzip.len() <= 3 << 20, "{} bytes compressed", layer.gzip.len());
        let mut archive = Vec::new();
        flate2::read::GzDecoder::new(&*layer.gzip).read_to_end(&mut archive).unwrap();
        assert_eq!(layer.diff_id, format!("sha256:{}", hex::encode(Sha256::digest(&archive))));
        let mut archive = tar::Archive::new(archive.as_slice());
        let mut entries = archive.entries().unwrap();
        let mut entry = entries.next().unwrap().unwrap();
        assert_eq!(format!("/{}", entry.path().unwrap().display()), PATH);
        assert_eq!((entry.header().mode().unwrap(), entry.header().mtime().unwrap()), (0o555, 0));
        let mut program = Vec::new();
        entry.read_to_end(&mut program).unwrap();
        assert!(entries.next().is_none(), "the program alone");
        assert_eq!(&program[..4], b"\x7fELF", "an ELF file");
        assert_eq!(&program[18..20], [0x3e, 0], "for x86-64");
        assert!(!program.windows(20).any(|window| window == b"/lib64/ld-linux-x86-"), "it asks for no loader");
        assert_eq!(Layer::of(&program).unwrap(), layer, "made here or in build.rs it is the same");
    }
}
