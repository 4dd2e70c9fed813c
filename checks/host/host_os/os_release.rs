//! `/etc/os-release`: assignments that a shell could read
//! (<https://www.freedesktop.org/software/systemd/man/latest/os-release.html>).

/// What a distribution says of itself.
pub(super) struct OsRelease(Vec<(String, String)>);

impl OsRelease {
    /// Reads the assignments; lines that are none are passed over, as the format asks for.
    pub(super) fn read(text: &str) -> OsRelease {
        let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
        OsRelease(
            lines.filter_map(|line| line.split_once('=')).map(|(key, value)| (key.to_owned(), plain(value))).collect(),
        )
    }

    /// A value that is there and not empty; the last one where a key is given twice.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        let value = self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.as_str())?;
        (!value.is_empty()).then_some(value)
    }

    /// What it calls itself, for people.
    pub(super) fn name(&self) -> String {
        match (self.get("PRETTY_NAME"), self.get("ID"), self.get("VERSION_ID")) {
            (Some(name), _, _) => name.to_owned(),
            (None, id, version) => [id, version].into_iter().flatten().collect::<Vec<_>>().join(" "),
        }
    }
}

/// A value without the quotes of a shell.
fn plain(value: &str) -> String {
    let value = value.trim();
    let inside = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    if let Some(literal) = inside('\'') {
        return literal.to_owned();
    }
    let mut out = String::new();
    let mut letters = inside('"').unwrap_or(value).chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => out.extend(letters.next()),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_shell_would() {
        let text = "# a comment\nNAME=\"Rocky Linux\"\nID='rocky'\n\nVERSION_ID=9.5\nEMPTY=\nPRETTY_NAME=\"a \\\"b\\\" \\$c\"\nID=rocky2\nno assignment\n";
        let release = OsRelease::read(text);
        assert_eq!(release.get("NAME"), Some("Rocky Linux"));
        assert_eq!(release.get("VERSION_ID"), Some("9.5"));
        assert_eq!(release.get("ID"), Some("rocky2"));
        assert_eq!((release.get("EMPTY"), release.get("MISSING")), (None, None));
        assert_eq!(release.name(), "a \"b\" $c");
        assert_eq!(OsRelease::read("ID=debian\r\nVERSION_ID=\"12\"\r\n").name(), "debian 12");
        assert_eq!(OsRelease::read("ID=\"").get("ID"), Some("\""));
    }
}
