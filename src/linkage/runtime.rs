//! The classes that Java brings itself: `lib/modules`, or up to Java 8 `rt.jar` and the jars beside it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use jimage_rs::JImage;

use crate::Unread;
use crate::class_file;
use crate::class_path::{ClassPath, Found};

/// Java's version is the version of its class files less this.
const BEFORE_JAVA_1: u16 = 44;

/// The classes of a Java.
pub(crate) struct Runtime {
    source: Source,
    /// The newest class files that it reads.
    pub(crate) major: u16,
}

enum Source {
    /// With the module of each package.
    Image(JImage, HashMap<Box<str>, Box<str>>),
    Jars(Box<ClassPath>),
}

impl Runtime {
    /// Opens the Java whose program is at `HOME/bin/java`.
    ///
    /// # Errors
    /// Where the folder has no classes, or they cannot be read.
    pub(crate) fn open(home: &Path) -> Result<Self, Unread> {
        let image = home.join("lib/modules");
        let source = if image.is_file() { of_image(&image)? } else { of_jars(home)? };
        let mut runtime = Self { source, major: 0 };
        let object = runtime.class("java/lang/Object").and_then(|bytes| class_file::major(&bytes).ok());
        runtime.major = object.ok_or_else(|| Unread { path: home.to_owned(), why: "no classes of Java".to_owned() })?;
        Ok(runtime)
    }

    /// The version of Java, such as 17.
    pub(crate) fn version(&self) -> u16 {
        self.major.saturating_sub(BEFORE_JAVA_1)
    }

    /// True where classes of this package come from here alone: a package of a module is not looked for elsewhere.
    pub(crate) fn has_package_of(&self, class: &str) -> bool {
        match &self.source {
            Source::Image(_, modules) => {
                class.rsplit_once('/').is_some_and(|(package, _)| modules.contains_key(package))
            }
            Source::Jars(_) => false,
        }
    }

    /// The bytes of a class.
    pub(crate) fn class(&mut self, name: &str) -> Option<Vec<u8>> {
        match &mut self.source {
            Source::Image(image, modules) => {
                let (package, _) = name.rsplit_once('/')?;
                let module = modules.get(package)?;
                let resource = image.find_resource(&format!("/{module}/{name}.class")).ok()??;
                Some(resource.into_owned())
            }
            Source::Jars(jars) => match jars.class(name) {
                Found::Class { bytes, .. } => Some(bytes),
                Found::Damaged | Found::Nowhere => None,
            },
        }
    }
}

fn of_image(path: &Path) -> Result<Source, Unread> {
    let unread = |why: String| Unread { path: path.to_owned(), why };
    let image = JImage::open(path).map_err(|error| unread(error.to_string()))?;
    let mut modules: HashMap<Box<str>, Box<str>> = HashMap::new();
    for name in image.resource_names_iter() {
        let name = name.map_err(|error| unread(error.to_string()))?;
        if name.extension == "class" && !modules.contains_key(&*name.parent) {
            modules.insert(name.parent.into(), name.module.into());
        }
    }
    Ok(Source::Image(image, modules))
}

fn of_jars(home: &Path) -> Result<Source, Unread> {
    let libraries = [home.join("jre/lib"), home.join("lib")].into_iter().find(|folder| folder.join("rt.jar").is_file());
    let libraries = libraries
        .ok_or_else(|| Unread { path: home.to_owned(), why: "it has neither lib/modules nor rt.jar".to_owned() })?;
    let jars: Vec<PathBuf> = ["resources.jar", "rt.jar", "jsse.jar", "jce.jar", "charsets.jar", "ext/*"]
        .iter()
        .map(|jar| libraries.join(jar))
        .collect();
    Ok(Source::Jars(Box::new(ClassPath::open(&jars, 8)?)))
}
