//! The Spark properties that projects' recipes and models have of their own: in `config/projects/KEY/` every object that
//! names the configuration it inherits from (`inheritConf`) with a list `conf`. Where it stands differs by the kind of
//! recipe (`params/sparkConfig`, `params/engineParams/sparkSQL/sparkConfig`, `sparkParams/sparkConf`), its form does not.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::directory::Directory;
use super::files;
use super::settings::{self, text};
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::dss::recipes::{SparkChange, SparkChanges};
use ackcheck_core::secret::Scrubber;
use ackcheck_core::verdict::Unseen;

const PROJECTS: &str = "config/projects";
/// The most files that are read: instances have some ten thousand recipes at the most, of a few KiB each.
const MOST_FILES: usize = 50_000;
/// The most changes that are told.
const MOST_CHANGES: usize = 500;
/// The deepest that is looked into a document; DSS's own are less than half as deep.
const DEEPEST: usize = 32;
/// Folders of a project whose objects can run on Spark, and what one of their files is of.
const KINDS: [(&str, &str); 2] = [("recipes", "recipe"), ("saved_models", "saved model")];

/// All changes.
///
/// # Errors
/// Where the projects cannot be listed, or one of the files cannot be read.
pub(super) fn changes(directory: &Directory, scrubber: &Scrubber) -> Seen<SparkChanges> {
    let mut found = SparkChanges::default();
    let mut files = 0;
    for project in listed(&directory.file(PROJECTS))? {
        for (folder, kind) in KINDS {
            for file in listed(&project.join(folder))?.into_iter().filter(|file| is_json(file)) {
                files += 1;
                if files > MOST_FILES || found.list.len() >= MOST_CHANGES {
                    let (files, changes) = (MOST_FILES, MOST_CHANGES);
                    found.more = Some(format!("more than {files} files or {changes} changes are not read"));
                    return Ok(found);
                }
                let by = format!("the {kind} {} of the project {}", stem(&file), stem(&project));
                found.list.extend(of_file(&file, &by, scrubber)?);
            }
        }
    }
    Ok(found)
}

/// What is in a folder, in order; nothing where there is no such folder.
fn listed(folder: &Path) -> Seen<Vec<PathBuf>> {
    let unreadable = |error: std::io::Error| Unseen::unreadable(folder.display().to_string(), error.to_string());
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(unreadable(error)),
    };
    // One more than is read: so it is seen that there are more.
    let paths = entries.take(MOST_FILES + 1).map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = paths.collect::<Result<_, _>>().map_err(unreadable)?;
    paths.sort();
    Ok(paths)
}

fn is_json(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "json")
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn of_file(file: &Path, by: &str, scrubber: &Scrubber) -> Seen<Vec<SparkChange>> {
    // Most have nothing of the kind, and need not be taken apart.
    let Some(read) = files::text(file)?.filter(|text| text.contains("\"inheritConf\"")) else { return Ok(Vec::new()) };
    let what = file.display().to_string();
    let document = files::parsed(&read, file)?;
    let mut found = Vec::new();
    let mut waiting = vec![(&document, 0)];
    while let Some((value, depth)) = waiting.pop() {
        if depth > DEEPEST {
            return Err(Unseen::unreadable(what, format!("it is more than {DEEPEST} levels deep")));
        }
        match value {
            Value::Object(object) => {
                if let Some(of) = text(object.get("inheritConf")).filter(|_| object.contains_key("conf")) {
                    let conf = settings::kept_properties(value, "/conf", scrubber);
                    let conf = conf.map_err(|why| Unseen::unreadable(&what, why))?;
                    found.push(SparkChange { by: by.to_owned(), file: what.clone(), of, conf });
                }
                waiting.extend(object.values().map(|value| (value, depth + 1)));
            }
            Value::Array(all) => waiting.extend(all.iter().map(|value| (value, depth + 1))),
            _ => {}
        }
    }
    found.retain(|change| !change.conf.is_empty());
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn changes_are_found_wherever_they_stand() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        let put = |path: &str, text: &str| {
            let path = data.join("config/projects").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put("A/recipes/plain.json", r#"{"params": {"sparkConfig": {"inheritConf": "default", "conf": []}}}"#);
        put("A/recipes/plain.py", "no JSON, and no setting");
        put(
            "A/recipes/sql.json",
            r#"{"params": {"engineParams": {"hive": {"inheritConf": "default", "hiveconf": [{"key": "a", "value": "b"}]},
                "sparkSQL": {"sparkConfig": {"inheritConf": "large", "conf": [{"key": "spark.submit.deployMode", "value": "cluster"}]}}}}}"#,
        );
        put(
            "B/saved_models/m.json",
            r#"{"sparkParams": {"sparkConf": {"inheritConf": "default", "conf": [{"key": "k", "value": "v"}]}}}"#,
        );
        let directory = Directory { data: data.to_owned(), install: None };
        let found = changes(&directory, &Scrubber::default()).unwrap();
        let told: Vec<(&str, &str, usize)> =
            found.list.iter().map(|one| (one.by.as_str(), one.of.as_str(), one.conf.len())).collect();
        let expected =
            [("the recipe sql of the project A", "large", 1), ("the saved model m of the project B", "default", 1)];
        assert_eq!((told, found.more), (expected.to_vec(), None));
        put("B/recipes/broken.json", r#"{"inheritConf": "#);
        let unseen = changes(&directory, &Scrubber::default()).unwrap_err().to_string();
        assert!(unseen.contains("broken.json") && unseen.contains("line 1"), "{unseen}");
        let none = Directory { data: data.join("none"), install: None };
        assert_eq!(changes(&none, &Scrubber::default()).unwrap(), SparkChanges::default());
    }
}
