//! Classes that code names by a text: `Class.forName`, Hadoop's settings, services.

use rustc_hash::FxHashMap;

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::Missing;
use crate::class_file::ABSTRACT;
use crate::classes::{Classes, Loaded};
use crate::code::{Given, Guard};
use crate::names::Name;
use crate::pool::Member;

use super::{From, Walk};

/// What makes objects of a class that it is given.
const MAKERS: [&str; 6] =
    ["getClass", "getClasses", "getInstances", "getClassByName", "newInstance", "getClassByNameOrNull"];

impl Walk {
    /// A call that makes objects of a class that it is given as a value or by name.
    pub(super) fn reflected(&mut self, member: Member, given: Given, from: From) -> Loaded<()> {
        let owner = self.classes.names.text(member.owner);
        let name = self.classes.names.text(member.name);
        if &*owner == "java/util/ServiceLoader" && name.starts_with("load") {
            return given.class.map_or(Ok(()), |service| self.services(service, from));
        }
        if &*owner == "java/lang/Class" && &*name == "forName" {
            // One of several names by the kind of Java, or looked for and not found: an exception that callers expect.
            let from = From { guard: Guard { exceptions: true, ..from.guard }, ..from };
            return given.text.map_or(Ok(()), |text| self.by_name(text, from));
        }
        if MAKERS.contains(&&*name)
            && let Some(class) = given.class
        {
            self.made_by_reflection(class, from)?;
        }
        Ok(())
    }

    /// A setting of Hadoop whose default is the name of a class: whoever reads it makes an object of it.
    pub(super) fn setting(&mut self, key: Name, from: From) -> Loaded<()> {
        for class in self.defaults.get(&key).cloned().unwrap_or_default() {
            self.by_name(class, from)?;
        }
        Ok(())
    }

    fn by_name(&mut self, text: Name, from: From) -> Loaded<()> {
        let name = self.classes.names.text(text).replace('.', "/");
        let class = self.classes.names.of(&name);
        match self.made_by_reflection(class, from) {
            // It is an exception where the class itself is missing, and an error where it lacks another.
            Err(missing)
                if from.guard.exceptions && matches!(&*missing, Missing::Class { class } if *class == name) =>
            {
                Ok(())
            }
            result => result,
        }
    }

    fn made_by_reflection(&mut self, class: Name, from: From) -> Loaded<()> {
        let Some(id) = self.classes.load(class)? else { return Ok(()) };
        if self.classes.get(id).file.access & ABSTRACT != 0 {
            return Ok(());
        }
        self.initialise(id, from)?;
        let file = &self.classes.get(id).file;
        let names = &self.classes.names;
        let constructor = file
            .methods
            .iter()
            .position(|method| &*names.text(method.name) == "<init>" && &*names.text(method.descriptor) == "()V");
        if let Some(constructor) = constructor {
            self.call((id, constructor), From { this: Some(id), ..from });
        }
        self.make(id, from);
        Ok(())
    }

    /// Services are made one by one, and one that fails is left out.
    fn services(&mut self, service: Name, from: From) -> Loaded<()> {
        let file = format!("META-INF/services/{}", self.classes.names.text(service).replace('/', "."));
        let from = From { guard: Guard { errors: true, exceptions: true }, ..from };
        for content in self.classes.path.resources(&file) {
            let content = String::from_utf8_lossy(&content).into_owned();
            for line in content.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
                if !line.is_empty() {
                    let class = self.classes.names.of(&line.replace('.', "/"));
                    // What fails here is caught.
                    drop(self.made_by_reflection(class, from));
                }
            }
        }
        Ok(())
    }
}

/// The settings of `core-default.xml` whose values are names of classes.
pub(super) fn defaults(classes: &mut Classes) -> FxHashMap<Name, Vec<Name>> {
    let mut defaults = FxHashMap::default();
    let Some(file) = classes.path.resources("core-default.xml").into_iter().next() else { return defaults };
    let mut reader = Reader::from_reader(&*file);
    let (mut within, mut key) = (String::new(), String::new());
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(tag)) => within = tag.name().as_ref().to_owned(),
            Ok(Event::End(_)) => within.clear(),
            Ok(Event::Text(text)) => {
                let text = text.trim().to_owned();
                if within == "name" {
                    key = text;
                } else if within == "value" && !key.is_empty() {
                    let listed: Vec<&str> = text.split(',').map(str::trim).filter(|name| is_class(name)).collect();
                    if !listed.is_empty() {
                        let listed = listed.iter().map(|name| classes.names.of(name)).collect();
                        defaults.insert(classes.names.of(&key), listed);
                    }
                }
            }
            Ok(Event::Eof) | Err(_) => return defaults,
            Ok(_) => {}
        }
        buffer.clear();
    }
}

/// True for the name of a class in a package.
fn is_class(text: &str) -> bool {
    let simple = text.rsplit('.').next().unwrap_or_default();
    text.starts_with("org.") && simple.starts_with(|c: char| c.is_ascii_uppercase())
}
