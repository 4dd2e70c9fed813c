//! A JVM as DSS starts it: what of that decides which classes are loaded, and what they see.

use std::path::PathBuf;

/// Options with a value of their own that decide what classes see; they may be written in two words.
const OPENING: [&str; 4] = ["--add-opens", "--add-exports", "--add-modules", "--add-reads"];
/// System properties that lead to DSS's own files and ports, by their beginnings: what they configure writes or listens there.
const OF_THE_PROCESS: [&str; 7] =
    ["java.io.tmpdir", "dku.", "log4j", "logback.", "com.sun.management.", "java.util.logging.", "org.apache.logging."];

/// A JVM as DSS starts it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct JavaOfDss {
    /// The program.
    pub program: PathBuf,
    /// The entries of the class path, in order; folders of jars as `FOLDER/*`.
    pub class_path: Vec<String>,
    /// Options that decide how classes are loaded; no secret is in them.
    pub options: Vec<String>,
    /// System properties; a secret may be in them.
    pub properties: Vec<(String, String)>,
    /// Where it was read.
    pub told_by: String,
}

impl JavaOfDss {
    /// Takes options apart: what decides how classes are loaded, and system properties. Whatever sizes memory, writes files
    /// or listens is left out.
    pub(crate) fn take(&mut self, words: impl IntoIterator<Item = String>) {
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            if OPENING.contains(&word.as_str()) {
                self.options.extend(words.next().map(|value| format!("{word}={value}")));
            } else if ["-ea", "-enableassertions"].contains(&word.as_str())
                || OPENING.iter().any(|option| word.strip_prefix(option).is_some_and(|rest| rest.starts_with('=')))
                || word.starts_with("-Dfile.encoding=")
            {
                self.options.push(word);
            } else if let Some((name, value)) =
                word.strip_prefix("-D").map(|word| word.split_once('=').unwrap_or((word, "")))
                && !OF_THE_PROCESS.iter().any(|start| name.starts_with(start))
            {
                self.properties.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sizes_writes_or_listens_is_left_out() {
        let mut java = JavaOfDss::default();
        let words = "-ea -Dfile.encoding=utf8 -Djava.io.tmpdir=/data/tmp -Xmx8g -XX:+UseG1GC -Xlog:gc:file=/data/run/gc.log \
                     --add-opens java.base/java.lang=ALL-UNNAMED --add-exports=a/b=c -Dhttps.proxyPassword=word \
                     -agentlib:jdwp=transport=dt_socket -Dlog4j.configuration=file:/data/log4j.properties -Dflag";
        java.take(words.split_whitespace().map(str::to_owned));
        assert_eq!(
            java.options,
            ["-ea", "-Dfile.encoding=utf8", "--add-opens=java.base/java.lang=ALL-UNNAMED", "--add-exports=a/b=c"]
        );
        let properties: Vec<(&str, &str)> =
            java.properties.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(properties, [("https.proxyPassword", "word"), ("flag", "")]);
    }
}
