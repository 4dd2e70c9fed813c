//! Whether DSS can be kept to a range of ports, from its `config/dip.properties`.

use super::directory::Directory;
use super::files;
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::dss::PortLimit;

/// The file, below the data directory.
pub(super) const FILE: &str = "config/dip.properties";
const KEY: &str = "dku.feature.portRangeLimitation.enabled";

/// What the file says.
pub(super) fn read(directory: &Directory) -> Seen<PortLimit> {
    let path = directory.file(FILE);
    let text = files::text(&path)?.unwrap_or_default();
    Ok(PortLimit { file: path.display().to_string(), possible: is_true(&text) })
}

/// Whether the last line with the key has `true`, in any case. Lines are those of Java's properties; one that is written
/// in a way that nobody writes (the key with `\u0064`) counts as none, so that all ports are required.
fn is_true(text: &str) -> bool {
    let mut value = None;
    for line in lines(text) {
        let end = line.find(|c: char| matches!(c, '=' | ':') || is_blank(c)).unwrap_or(line.len());
        let (key, rest) = line.split_at(end);
        if key == KEY {
            let rest = rest.trim_start_matches(is_blank);
            let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest);
            value = Some(rest.trim_start_matches(is_blank).to_owned());
        }
    }
    value.is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// Lines that assign: comments left out, and those that end in an odd number of backslashes joined with the next.
fn lines(text: &str) -> Vec<String> {
    let mut whole: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in text.split(['\n', '\r']) {
        let line = line.trim_start_matches(is_blank);
        // A comment does not go on, and a line that does is none.
        if !goes_on && (line.is_empty() || line.starts_with(['#', '!'])) {
            continue;
        }
        let backslashes = line.chars().rev().take_while(|c| *c == '\\').count();
        let part = if backslashes % 2 == 1 { &line[..line.len() - 1] } else { line };
        match whole.last_mut().filter(|_| goes_on) {
            Some(last) => last.push_str(part),
            None => whole.push(part.to_owned()),
        }
        goes_on = backslashes % 2 == 1;
    }
    whole
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_with_the_key_counts_as_java_reads_it() {
        for (text, expected) in [
            ("dku.feature.portRangeLimitation.enabled=true\n", true),
            ("  dku.feature.portRangeLimitation.enabled : TRUE", true),
            ("dku.feature.portRangeLimitation.enabled true\r\nother=1\r\n", true),
            ("dku.feature.portRange\\\n   Limitation.enabled=tr\\\nue\n", true),
            ("", false),
            ("#dku.feature.portRangeLimitation.enabled=true\n", false),
            ("# \\\ndku.feature.portRangeLimitation.enabled=true\n", true),
            ("x=\\\ndku.feature.portRangeLimitation.enabled=true\n", false),
            ("dku.feature.portRangeLimitation.enabled=true \n", false),
            ("dku.feature.portRangeLimitation.enabled=true\ndku.feature.portRangeLimitation.enabled=false\n", false),
            ("dku.feature.portRangeLimitation.enabled\n", false),
            ("dku.feature.portrangelimitation.enabled=true\n", false),
        ] {
            assert_eq!(is_true(text), expected, "{text:?}");
        }
    }
}
