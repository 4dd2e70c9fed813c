//! The JVM that DSS starts for its backend: its Java, its class path in its order, and its options. As the running backend
//! shows them; or else as the start scripts of DSS 9.0.5 put them together, `bin/env-*.sh` read.

use std::path::{Path, PathBuf};

use super::directory::Directory;
use super::environment::Value;
use crate::jvm::JavaOfDss;
use ackcheck_core::seat::Seen;
use ackcheck_core::text_file;
use ackcheck_core::verdict::Unseen;

/// The variable that names DSS's Java.
const JAVA: &str = "DKUJAVABIN";
/// The variable with the options of each of its JVMs.
const OPTIONS: &str = "DKU_JAVA_OPTS";
/// What a command line of the backend has, and no other's.
const BACKEND: [&str; 2] = ["-Ddku.backend", "com.dataiku.dip.DSSBackendMain"];
/// The largest command line and environment read, in bytes.
const LARGEST: u64 = 4 << 20;
/// The most processes looked at.
const MOST_PROCESSES: usize = 100_000;
/// As the backend of this data directory has it, or its scripts would give it.
///
/// # Errors
/// Where the scripts leave it to the shell, or do not name a Java.
pub(super) fn of(directory: &Directory) -> Seen<JavaOfDss> {
    match running(Path::new("/proc"), &directory.data) {
        Some(java) => Ok(java),
        None => by_scripts(directory),
    }
}

fn by_scripts(directory: &Directory) -> Seen<JavaOfDss> {
    let literal = |name: &str| match directory.variable(name)?.0.map(|variable| (variable.value, variable.place)) {
        Some((Value::Literal(text), _)) => Ok(Some(text)),
        Some((Value::Dynamic(_), place)) => {
            let why = format!("line {}: {name} is only determined when DSS starts", place.line);
            Err(Unseen::unreadable(place.file.to_string(), why))
        }
        Some((Value::Unset, _)) | None => Ok(None),
    };
    let program = literal(JAVA)?.filter(|path| !path.is_empty());
    let program = program.ok_or_else(|| Unseen::unreadable(JAVA, "no shell file of DSS sets it"))?;
    let mut java = JavaOfDss {
        program: PathBuf::from(program),
        class_path: directory.backend_class_path()?,
        told_by: "bin/env-*.sh and the start scripts of DSS 9.0.5".to_owned(),
        ..JavaOfDss::default()
    };
    java.take(literal(OPTIONS)?.unwrap_or_default().split_whitespace().map(str::to_owned));
    Ok(java)
}

/// Of the running backend of this data directory, where this account is shown it.
fn running(processes: &Path, data: &Path) -> Option<JavaOfDss> {
    let home = data.canonicalize().ok()?;
    let home = format!("DIP_HOME={}", home.display()).into_bytes();
    let entries = std::fs::read_dir(processes).ok()?.take(MOST_PROCESSES).filter_map(Result::ok);
    let numbered =
        entries.filter(|entry| entry.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit()));
    numbered.map(|entry| entry.path()).find_map(|process| {
        let line = text_file::bytes(&process.join("cmdline"), LARGEST).ok()?;
        let words: Vec<String> =
            line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect();
        if !words.iter().any(|word| BACKEND.contains(&word.as_str())) {
            return None;
        }
        let environment = text_file::bytes(&process.join("environ"), LARGEST).ok()?;
        if !environment.split(|byte| *byte == 0).any(|variable| variable == home) {
            return None;
        }
        // After an update of the host it may be one that is no longer there.
        let program = process.join("exe").read_link().ok().filter(|program| is_java(program))?;
        let folder = process.join("cwd").read_link().ok()?;
        of_command_line(program, &folder, words)
    })
}

fn is_java(program: &Path) -> bool {
    program.file_name().is_some_and(|name| name == "java") && program.is_file()
}

/// A JVM by its command line; none where that has no class path.
fn of_command_line(program: PathBuf, folder: &Path, words: Vec<String>) -> Option<JavaOfDss> {
    let at = words.iter().position(|word| ["-cp", "-classpath", "--class-path"].contains(&word.as_str()))?;
    let class_path = words.get(at + 1)?.split(':').filter(|entry| !entry.is_empty());
    let class_path = class_path.map(|entry| folder.join(entry).display().to_string()).collect();
    let told_by = "the command line of the running backend".to_owned();
    let mut java = JavaOfDss { program, class_path, told_by, ..JavaOfDss::default() };
    // The options stand before the class that is started; its arguments are none.
    let main = words.iter().position(|word| word.as_str() == BACKEND[1]).unwrap_or(words.len());
    let options = words.iter().take(main).enumerate().filter(|(place, _)| *place != at && *place != at + 1);
    java.take(options.skip(1).map(|(_, word)| word.clone()));
    Some(java)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_of_the_backend_is_taken_apart() {
        let line = "java -Ddku.backend -ea -Xmx8g -cp /data/bin:lib/*: com.dataiku.dip.DSSBackendMain --add-opens x";
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let java = of_command_line(PathBuf::from("/jvm/bin/java"), Path::new("/dss"), words).unwrap();
        assert_eq!(
            (java.class_path, java.options),
            (vec!["/data/bin".to_owned(), "/dss/lib/*".to_owned()], vec!["-ea".to_owned()])
        );
        assert!(java.properties.is_empty());
        assert!(of_command_line(PathBuf::new(), Path::new("/"), vec!["java".to_owned(), "-cp".to_owned()]).is_none());
    }

    #[test]
    fn the_backend_of_this_data_directory_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let (data, process) = (folder.path().join("data"), folder.path().join("17"));
        std::fs::create_dir_all(&process).unwrap();
        std::fs::create_dir(&data).unwrap();
        assert!(running(folder.path(), &data).is_none());
        std::fs::write(process.join("cmdline"), "java\0-Ddku.backend\0-cp\0/a:/b/*\0Main\0").unwrap();
        std::fs::write(process.join("environ"), format!("DIP_HOME={}\0", data.canonicalize().unwrap().display()))
            .unwrap();
        let program = folder.path().join("java");
        std::fs::write(&program, "").unwrap();
        std::os::unix::fs::symlink(&program, process.join("exe")).unwrap();
        std::os::unix::fs::symlink("/", process.join("cwd")).unwrap();
        let java = running(folder.path(), &data).unwrap();
        assert_eq!((java.program, java.class_path.len()), (program, 2));
        std::fs::write(process.join("environ"), "DIP_HOME=/other\0").unwrap();
        assert!(running(folder.path(), &data).is_none());
    }
}
