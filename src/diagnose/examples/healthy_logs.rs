//! Writes so many MiB of healthy logs to standard output: `healthy_logs MIB`. `ci/figures` has the program read them.

use std::error::Error;
use std::io::{BufWriter, Write as _};

#[path = "../healthy.rs"]
mod healthy;

fn main() -> Result<(), Box<dyn Error>> {
    let size: usize = std::env::args().nth(1).ok_or("how many MiB?")?.parse()?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    healthy::write(size << 20, 11, &mut out)?;
    Ok(out.flush()?)
}
