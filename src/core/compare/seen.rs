//! Which part of what was seen is different: a key, a rule, a jar.

/// The most words of each side that are shown.
const WORDS: usize = 40;
/// The words before and after the difference that say where it is.
const AROUND: usize = 3;

/// What differs between two texts, with a few words around it; none if they say the same. Each comes with the name of the
/// subject it is about, which of two nodes is no difference.
pub(super) fn difference(before: (&str, Option<&str>), after: (&str, Option<&str>)) -> Option<(String, String)> {
    let renamed = before.1 != after.1;
    let comparable = |(text, subject): (&str, Option<&str>)| match subject {
        Some(name) if renamed && !name.is_empty() => text.replace(name, "the node"),
        _ => text.to_owned(),
    };
    let (one, other) = (comparable(before), comparable(after));
    let (one, other): (Vec<&str>, Vec<&str>) = (one.split_whitespace().collect(), other.split_whitespace().collect());
    let same = |(one, other): &(&&str, &&str)| lasting(one) == lasting(other);
    let first = one.iter().zip(&other).take_while(same).count();
    if first == one.len() && first == other.len() {
        return None;
    }
    let last = one[first..].iter().rev().zip(other[first..].iter().rev()).take_while(same).count();
    let part = |words: &[&str]| {
        let (from, to) = (first.saturating_sub(AROUND), (words.len() - last + AROUND).min(words.len()));
        let shown = &words[from..to.min(from + WORDS)];
        let (lead, tail) = (if from > 0 { "… " } else { "" }, if from + shown.len() < words.len() { " …" } else { "" });
        format!("{lead}{}{tail}", shown.join(" "))
    };
    Some((part(&one), part(&other)))
}

/// A word without what differs from run to run by itself: the id of a run in the names of its pods and objects.
fn lasting(word: &str) -> String {
    const OF_A_RUN: &str = "ackcheck-";
    let mut out = String::new();
    let mut rest = word;
    while let Some((before, after)) = rest.split_once(OF_A_RUN) {
        out.push_str(before);
        out.push_str(OF_A_RUN);
        let id = after.bytes().take_while(u8::is_ascii_lowercase).count();
        rest = if id == 8 { &after[id..] } else { after };
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(one: &str, other: &str) -> Option<(String, String)> {
        difference((one, None), (other, None))
    }

    #[test]
    fn shows_the_part_that_differs_and_where_it_is() {
        let told = plain(
            "in the bucket dss-data TCP 11300-11399 is dropped by rule sgr-bp1drop of sg-bp1host",
            "in the bucket dss-data TCP 11300-11399 is dropped by rule sgr-bp2other of sg-bp1host",
        );
        let part = |rule: &str| format!("… dropped by rule {rule} of sg-bp1host");
        assert_eq!(told, Some((part("sgr-bp1drop"), part("sgr-bp2other"))));
        assert_eq!(plain("a b", "a b c"), Some(("a b".to_owned(), "a b c".to_owned())));
        assert_eq!(plain("", "c"), Some((String::new(), "c".to_owned())));
        assert_eq!(plain("a  b\n", "a b"), None);
    }

    #[test]
    fn what_belongs_to_the_run_or_to_the_name_of_a_node_is_no_difference() {
        assert_eq!(plain("pod ackcheck-abcdefgh-1 is gone", "pod ackcheck-hgfedcba-1 is gone"), None);
        assert!(plain("pod ackcheck-abcdefgh-1 is gone", "pod ackcheck-hgfedcba-2 is gone").is_some());
        assert!(plain("ackcheck-short", "ackcheck-other").is_some());
        let renamed = |one, other| difference((one, Some("node-1")), (other, Some("node-2")));
        assert_eq!(renamed("node-1 is full", "node-2 is full"), None);
        assert!(renamed("node-1 is full", "node-2 is down").is_some());
        assert!(difference(("node-1 is full", Some("node-1")), ("node-2 is full", Some("node-1"))).is_some());
    }

    #[test]
    fn a_long_difference_is_cut() {
        let many = |word: &str| [word; 1000].join(" ");
        let (one, other) = plain(&many("a"), &many("b")).unwrap();
        assert!(one.len() < 100 && other.len() < 100 && one.ends_with(" …"), "{one}");
    }
}
