//! What of a script is quoted in evidence: of the one variable in question, and only what cannot be a secret.
//!
//! Lines of a script hold anything: `PW=… . file`, `curl -u user:password`, `http://user:password@proxy`.

use ackcheck_core::secret::recognition::may_be_quoted;

/// An assignment, `NAME=VALUE`: whole where the value is made of variables and words; of what commands print, the first
/// command's name.
pub(super) fn assignment(text: &str) -> String {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-:/~${}\"' ".contains(c);
    if value.chars().all(plain) && may_be_quoted(text) {
        return text.to_owned();
    }
    let substitution = value.find("$(").map(|at| (at + 2, ')')).or_else(|| value.find('`').map(|at| (at + 1, '`')));
    match substitution {
        Some((at, end)) if !value[at..].starts_with('(') => {
            let opening = if end == ')' { "$(" } else { "`" };
            match first_word(&value[at..]) {
                Some(command) => format!("{name}={opening}{command} …{end}"),
                None => format!("{name}={opening}…{end}"),
            }
        }
        _ => format!("{name}=… (not shown)"),
    }
}

/// A command by its name and one argument, where neither can be a secret.
pub(super) fn command(name: &str, argument: Option<&str>) -> String {
    let shown = |text: &str| -> String {
        let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
        if plain && may_be_quoted(text) { text.to_owned() } else { "…".to_owned() }
    };
    match argument {
        Some(argument) => format!("{} {}", shown(name), shown(argument)),
        None => format!("{} …", shown(name)),
    }
}

/// A name as a script has it, where it can be no secret.
pub(super) fn name(text: &str) -> String {
    // What cannot be seen is told by its number: a byte order mark, a carriage return, a space that does not break.
    let seen = |c: char| match c {
        ' '..='~' => c.to_string(),
        other => format!("<U+{:04X}>", u32::from(other)),
    };
    let told: String = super::bytes::told(text).chars().map(seen).collect();
    let plain = |c: char| !c.is_ascii_punctuation() || "=._-/[]'\"<>+".contains(c);
    if told.chars().count() > 80 || !told.chars().all(plain) || !may_be_quoted(&told) {
        return "…".to_owned();
    }
    // The value of an assignment that is none is for `assignment` to judge.
    match told.split_once('=') {
        Some((before, after)) if !after.is_empty() => format!("{before}=…"),
        _ => told,
    }
}

/// The command's name, where the text begins with one and not with an assignment of its own.
fn first_word(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let ends = text.find(|c: char| !(c.is_ascii_alphanumeric() || "._-/".contains(c))).unwrap_or(text.len());
    let apart = text[ends..].chars().next().is_none_or(|after| after.is_whitespace() || ")`|;".contains(after));
    (apart && ends > 0 && may_be_quoted(&text[..ends])).then_some(&text[..ends])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_the_variable_and_no_secret() {
        for (text, shown) in [
            ("H=$HOSTNAME", "H=$HOSTNAME"),
            ("H=${X:-a}.corp", "H=${X:-a}.corp"),
            ("H=~/a", "H=~/a"),
            ("H=$(hostname -I | cut -d' ' -f1)", "H=$(hostname …)"),
            ("H=`hostname -f`", "H=`hostname …`"),
            ("H=$(hostname)", "H=$(hostname …)"),
            ("H=$(curl -u me:CANARY http://x)", "H=$(curl …)"),
            ("H=$(PW=CANARY ask)", "H=$(…)"),
            ("H=$(CANARYa1b2c3d4e5f6g7h8i9)", "H=$(…)"),
            ("H=$((1+2))", "H=… (not shown)"),
            ("H=${X:-http://me:CANARY@proxy}", "H=… (not shown)"),
            ("H=$X-CANARYa1b2c3d4e5f6g7h8i9", "H=… (not shown)"),
        ] {
            assert_eq!(assignment(text), shown, "{text}");
        }
        assert_eq!(command(".", Some("/etc/dss-environment.sh")), ". /etc/dss-environment.sh");
        assert_eq!(command("source", Some("<(curl -u me:CANARY x)")), "source …");
        assert_eq!(command("eval", None), "eval …");
        assert_eq!(name("\u{feff}export"), "<U+FEFF>export");
        assert_eq!(name("DKU_A"), "DKU_A");
        assert_eq!(name("A-B=dss"), "A-B=…");
        assert_eq!(name("A-B=CANARYa1b2c3d4e5f6g7h8i9"), "…");
    }
}
