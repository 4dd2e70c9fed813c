//! A data directory and the install directory it belongs to.

mod class_path;
mod scripts;

use std::path::{Path, PathBuf};

use self::scripts::SCRIPTS;
use super::environment::{Value, Variable};
use super::{files, jars};
use ackcheck_core::seat::Seen;
use ackcheck_core::seat::dss::{DssVersion, HadoopIntegration, StatedDirectory, VersionFile, Versions};
use ackcheck_core::verdict::{Broken, Unseen};

/// The variable that names the Spark that DSS starts.
const SPARK_HOME: &str = "DKU_SPARK_HOME";

/// A data directory, as the site describes it.
#[derive(Debug, Clone)]
pub(super) struct Directory {
    /// The data directory.
    pub data: PathBuf,
    /// The install directory, where the site says.
    pub install: Option<PathBuf>,
}

impl Directory {
    /// Where a file of the data directory lies.
    pub(super) fn file(&self, path: &str) -> PathBuf {
        self.data.join(path)
    }

    /// The install directory: as the site says, as `env-default.sh` says, or where the link `bin/dss` leads.
    ///
    /// # Errors
    /// Where none of them tells.
    pub(super) fn install_dir(&self) -> Seen<PathBuf> {
        if let Some(install) = &self.install {
            return Ok(install.clone());
        }
        if let Some(named) = self.environment(&SCRIPTS[..1])?.text("DKUINSTALLDIR").filter(|path| !path.is_empty()) {
            return Ok(PathBuf::from(named));
        }
        let link = self.file("bin/dss");
        let linked = std::fs::read_link(&link).ok().map(|to| self.file("bin").join(to));
        let install = linked.as_deref().and_then(|to| to.ancestors().nth(3)).map(Path::to_path_buf);
        install.ok_or_else(|| {
            let why = format!(
                "neither {} (DKUINSTALLDIR) nor the link {} tells it; give `install_dir` in `[dss]`",
                self.file(SCRIPTS[0]).display(),
                link.display()
            );
            Unseen::unreadable("the install directory", why)
        })
    }

    /// What the site says and DSS's own files too: the install directory, and the data directory as the installer noted it.
    pub(super) fn stated(&self) -> Seen<Vec<StatedDirectory>> {
        let mut all = Vec::new();
        let mut state = |key, site: &Path, told: String, place: PathBuf| {
            let same = site == Path::new(&told)
                || site.canonicalize().is_ok_and(|site| Path::new(&told).canonicalize().is_ok_and(|told| told == site));
            let (site, place) = (site.display().to_string(), place.display().to_string());
            all.push(StatedDirectory { key, site, told, place, same });
        };
        let script = self.file(SCRIPTS[0]);
        if let Some(install) = &self.install
            && let Some(told) = self.environment(&SCRIPTS[..1])?.text("DKUINSTALLDIR").filter(|told| !told.is_empty())
        {
            state("install_dir", install, told, script);
        }
        let noted = self.file("install-support/expected-dip-home.txt");
        if let Some(told) = files::text(&noted)?.map(|text| text.trim().to_owned()).filter(|told| !told.is_empty()) {
            state("data_dir", &self.data, told, noted);
        }
        Ok(all)
    }

    /// `bin/env-spark.sh`: its name, whether it is there, and what it leaves in `DKU_SPARK_HOME`.
    pub(super) fn spark_script(&self) -> Seen<(String, bool, Option<String>)> {
        let script = self.file(SCRIPTS[2]);
        let installed = files::text(&script)?.is_some();
        let (home, _) = self.variable(SPARK_HOME)?;
        let home = match home.map(|variable| variable.value) {
            Some(Value::Literal(home)) if !home.trim().is_empty() => Some(home),
            _ => None,
        };
        Ok((script.display().to_string(), installed, home))
    }

    /// Both `dss-version.json`.
    pub(super) fn versions(&self) -> Seen<Versions> {
        let data = version_file(&self.file("dss-version.json"))?;
        let install = match self.install_dir() {
            Ok(install) => Some(version_file(&install.join("dss-version.json"))?),
            // Without it the data directory's own version still stands.
            Err(_) => None,
        };
        Ok(Versions { data, install })
    }

    /// The standalone Hadoop integration.
    pub(super) fn hadoop_integration(&self) -> Seen<HadoopIntegration> {
        let install = self.install_dir()?;
        let script = self.file(SCRIPTS[1]);
        let installed = files::bytes(&script)?.is_some();
        let class_path = match self.variable("DKU_HADOOP_CP")?.0.map(|variable| variable.value) {
            Some(Value::Literal(class_path)) => class_path,
            _ => String::new(),
        };
        let libs = standalone_libs(&install);
        let found = jars::of_folder(&libs, 0)?;
        let mut foreign_paths: Vec<String> = class_path
            .split(':')
            .filter(|path| lies_in_an_install(path) && !same_tree(Path::new(path), &install))
            .map(str::to_owned)
            .collect();
        foreign_paths.dedup();
        Ok(HadoopIntegration {
            file: script.display().to_string(),
            installed,
            disabled: self.hadoop_disabled(&script)?,
            foreign_paths,
            libs: libs.display().to_string(),
            libs_exist: found.is_some(),
            hadoop_common: found
                .unwrap_or_default()
                .into_iter()
                .map(|jar| jar.name)
                .filter(|name| name.starts_with("hadoop-common-") && !name.contains("tests"))
                .collect(),
            install_dir: install.display().to_string(),
        })
    }

    /// Why the Hadoop integration is switched off, if it is. A later script may do that as well: `env-site.sh` comes last.
    fn hadoop_disabled(&self, script: &Path) -> Seen<Option<String>> {
        const SWITCH: &str = "DKU_HADOOP_ENABLED";
        let Some(Variable { value, place, .. }) = self.variable(SWITCH)?.0 else {
            return Ok(Some(format!("{} does not set {SWITCH}=true", script.display())));
        };
        let place = format!("{}, line {}", place.file, place.line);
        match value {
            Value::Literal(text) if text == "true" => Ok(None),
            Value::Literal(text) => Ok(Some(format!("{place} sets {SWITCH} to {text:?}, and not to true"))),
            Value::Unset => Ok(Some(format!("{place} does not leave {SWITCH} set"))),
            Value::Dynamic(text) => Err(Unseen::unreadable(SWITCH, format!("{place} leaves it to the shell: {text}"))),
        }
    }
}

/// The folder of the standalone libraries; before DSS 8 the jars were a folder deeper.
pub(super) fn standalone_libs(install: &Path) -> PathBuf {
    let libs = install.join("hadoop-standalone-libs");
    let deeper = libs.join("generic");
    if deeper.is_dir() { deeper } else { libs }
}

/// True for an entry of a class path that is part of some DSS install directory.
pub(super) fn lies_in_an_install(path: &str) -> bool {
    path.starts_with('/')
        && (path.contains("/hadoop-standalone-libs") || path.split('/').any(|part| part.starts_with("dataiku-dss-")))
}

/// True where `path` (that may end in `*`) lies below `folder`, links followed.
pub(super) fn same_tree(path: &Path, folder: &Path) -> bool {
    if path.starts_with(folder) {
        return true;
    }
    let path = if path.ends_with("*") { path.parent().unwrap_or(path) } else { path };
    match (path.canonicalize(), folder.canonicalize()) {
        (Ok(path), Ok(folder)) => path.starts_with(folder),
        _ => false,
    }
}

/// What one `dss-version.json` says.
fn version_file(path: &Path) -> Seen<VersionFile> {
    let file = path.display().to_string();
    let document = match files::json(path) {
        Ok(None) => return Ok(VersionFile::Missing { file }),
        Ok(Some(document)) => document,
        Err(Unseen::Broken(Broken::Unreadable { why, .. })) => return Ok(VersionFile::Unreadable { file, why }),
        Err(other) => return Err(other),
    };
    let Some(text) = document.get("product_version").and_then(serde_json::Value::as_str) else {
        return Ok(VersionFile::Unreadable { file, why: "it has no product_version".to_owned() });
    };
    Ok(match DssVersion::parse(text) {
        Some(version) => VersionFile::Version(version),
        None => VersionFile::Unreadable { file, why: format!("its product_version is {text:?}, no version") },
    })
}
