//! Of all that was asked and heard, the entries that show what was seen.

use crate::evidence::Evidence;

/// Words of what was seen that are shorter than this are everywhere.
const SHORTEST_WORD: usize = 5;

/// The words of what was seen that tell things apart: ids, names, addresses, numbers of more than a few digits.
pub(super) fn telling_words(seen: &str) -> Vec<&str> {
    let edge = |c: char| !c.is_alphanumeric();
    let mut words: Vec<&str> = seen
        .split_whitespace()
        .map(|word| word.trim_matches(edge))
        .filter(|word| word.len() >= SHORTEST_WORD && word.contains(|c: char| c.is_ascii_digit() || edge(c)))
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// At most so many entries, those that hold most of the words, in the order they were asked; where none does, the latest, which
/// led to the verdict.
pub(super) fn choose<'e>(evidence: &'e [Evidence], words: &[&str], most: usize) -> Vec<&'e Evidence> {
    let spoken = |entry: &Evidence| {
        words.iter().filter(|word| entry.answered.contains(**word) || entry.asked.contains(**word)).count()
    };
    let mut ranked: Vec<(usize, usize)> = evidence.iter().enumerate().map(|(at, entry)| (spoken(entry), at)).collect();
    // Of two that say as much, the later.
    ranked.sort_unstable_by_key(|&ranked| std::cmp::Reverse(ranked));
    ranked.truncate(most);
    let best = ranked.first().map_or(0, |&(words, _)| words);
    // Those that say far less than the best are noise, unless nothing speaks of it at all.
    ranked.retain(|&(words, _)| best == 0 || words * 2 >= best);
    ranked.sort_unstable_by_key(|&(_, at)| at);
    ranked.into_iter().map(|(_, at)| &evidence[at]).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::place::Vantage;

    #[test]
    fn chooses_what_speaks_of_what_was_seen() {
        let entry = |answered: &str| Evidence {
            vantage: Vantage::Cloud,
            asked: "ecs:Describe".to_owned(),
            answered: answered.to_owned(),
            took: Duration::ZERO,
        };
        let evidence = [entry("vpc-1"), entry("rule sgr-bp1drop of sg-bp1host"), entry("x"), entry("y"), entry("z")];
        let words = telling_words("TCP 11300-11399: dropped by rule sgr-bp1drop (priority 1) of sg-bp1host");
        assert_eq!(words, ["11300-11399", "sg-bp1host", "sgr-bp1drop"]);
        assert_eq!(choose(&evidence, &words, 3), [&evidence[1]]);
        assert_eq!(choose(&evidence, &[], 3), [&evidence[2], &evidence[3], &evidence[4]]);
    }
}
