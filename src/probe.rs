//! The program that runs inside pods: its types, and its bytes as `build.rs` left them.

pub use ackcheck_probe::{ASK, Answer, Ask, Dialled, Failure, HOLD, PATH, Ports, State, command};

static BINARY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/ackcheck-probe"));

/// The static program for the nodes (linux, x86-64); none where this ackcheck was built without it, and then why.
pub fn binary() -> Result<&'static [u8], &'static str> {
    match BINARY {
        [] => {
            Err("this ackcheck was built without its probe; build it on Linux x86-64 with libc.a at hand, or name a \
                   built one in ACKCHECK_PROBE_BIN when building")
        }
        bytes => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_static_program_small_enough_to_travel() {
        let Ok(bytes) = binary() else {
            println!("skipped: {}", binary().err().unwrap_or_default());
            return;
        };
        assert_eq!(&bytes[..4], b"\x7fELF", "an ELF file");
        assert_eq!(&bytes[18..20], [0x3e, 0], "for x86-64");
        assert!(!bytes.windows(20).any(|window| window == b"/lib64/ld-linux-x86-"), "it asks for no loader");
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut gzip, bytes).unwrap();
        let compressed = gzip.finish().unwrap().len();
        assert!(compressed <= 3 << 20, "{compressed} bytes compressed");
    }
}
