//! The nearest name to a mistyped one.

/// The name closest to `typed` by edits (a letter added, dropped, changed, or two neighbours swapped), or a name that
/// contains it. None if nothing is close enough to be meant.
pub fn nearest<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.trim().to_lowercase().replace('_', "-");
    if typed.is_empty() {
        return None;
    }
    // Up to a third of the letters can be wrong, and at least two.
    let most = (typed.chars().count() / 3).max(2);
    let mut best: Option<(usize, &str)> = None;
    for name in names {
        let edits = distance(&typed, name);
        let part = typed.len() >= 3 && name.contains(&typed);
        let rank = if part { edits.min(most) } else { edits };
        if rank <= most && best.is_none_or(|(least, _)| rank < least) {
            best = Some((rank, name));
        }
    }
    best.map(|(_, name)| name)
}

/// The optimal string alignment distance.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let width = other.len() + 1;
    let mut rows: Vec<Vec<usize>> = vec![(0..width).collect()];
    for i in 1..=one.len() {
        let mut row = vec![i; width];
        for j in 1..width {
            let changed = usize::from(one[i - 1] != other[j - 1]);
            row[j] = (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + changed);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                row[j] = row[j].min(rows[i - 2][j - 2] + 1);
            }
        }
        rows.push(row);
    }
    rows[one.len()][width - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["oss-write", "oss-read", "registry-push", "registry-pull", "dss-version"];

    #[test]
    fn proposes_what_was_meant_and_nothing_for_another_word() {
        assert_eq!(nearest("oss-wirte", NAMES), Some("oss-write"));
        assert_eq!(nearest("OSS_WRITE", NAMES), Some("oss-write"));
        assert_eq!(nearest("registry-psuh", NAMES), Some("registry-push"));
        assert_eq!(nearest("version", NAMES), Some("dss-version"));
        assert_eq!(nearest("banana", NAMES), None);
        assert_eq!(nearest("", NAMES), None);
    }

    #[test]
    fn counts_a_swap_as_one_edit() {
        assert_eq!(distance("abcd", "abdc"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
