//! Whether one key is a misspelling of another.

/// The schemes of other file systems: `fs.s3.impl` is not a misspelt `fs.oss.impl`.
const OTHER_SCHEMES: [&str; 14] =
    ["s3", "s3a", "s3n", "gs", "abfs", "abfss", "wasb", "wasbs", "adl", "hdfs", "file", "ftp", "cos", "obs"];

/// True if `typed` was clearly meant to be `name`: they differ in case and punctuation, and by at most two letters.
pub(in super::super) fn is_meant(typed: &str, name: &str) -> bool {
    let letters = |text: &str| -> Vec<char> {
        text.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
    };
    let of_another = typed.trim().split('.').any(|part| OTHER_SCHEMES.contains(&part.to_ascii_lowercase().as_str()));
    !of_another && edits(&letters(typed), &letters(name)) <= 2
}

/// How many letters must be added, dropped or changed to turn one into the other.
fn edits(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = before + usize::from(a != b);
            before = row[j + 1];
            row[j + 1] = changed.min(before + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_slips_from_other_keys() {
        for typed in
            ["fs.oss.imp", "fs.OSS.impl", "fs.oss.Impl", "fs-oss-impl", "fs.os.impl", "fs.oss.impls", "fs.osss.impl"]
        {
            assert!(is_meant(typed, "fs.oss.impl"), "{typed}");
        }
        for other in
            ["fs.s3.impl", "fs.gs.impl", "fs.obs.impl", "fs.oss.endpoint", "fs.AbstractFileSystem.oss.impl", ""]
        {
            assert!(!is_meant(other, "fs.oss.impl"), "{other}");
        }
        assert!(is_meant("fs.AbstractFilesystem.oss.impl", "fs.AbstractFileSystem.oss.impl"));
        assert!(is_meant("fs.AbstractFileSytem.oss.impl", "fs.AbstractFileSystem.oss.impl"));
    }
}
