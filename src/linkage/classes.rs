//! Classes as the JVM loads and links them, each once: found on the class path or in Java, with all that they extend.

use rustc_hash::FxHashMap;
use std::rc::Rc;

use crate::class_file::{self, ClassFile, INTERFACE};
use crate::class_path::{ClassPath, Found};
use crate::code::{self, Body, Verified, Within};
use crate::names::{Name, Names};
use crate::pool::{Member, Pool};
use crate::runtime::Runtime;
use crate::value::{Signatures, element};
use crate::{Missing, Unread};

/// How deep a class may be below `java.lang.Object`, or an interface below others.
const DEEPEST: usize = 200;
/// The most classes that are loaded.
const MOST_LOADED: usize = 100_000;

/// A class that was loaded, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Id(u32);

/// A class that was loaded.
pub(crate) struct Class {
    pub(crate) file: ClassFile,
    /// The part of the class path; none for a class of Java.
    pub(crate) part: Option<u32>,
    pub(crate) superclass: Option<Id>,
    pub(crate) interfaces: Vec<Id>,
    /// The class itself and all that it extends and implements.
    pub(crate) above: Rc<[Name]>,
    bytes: Vec<u8>,
    linked: Option<Result<(), Rc<Missing>>>,
    bodies: Vec<Rc<Body>>,
}

impl Class {
    pub(crate) fn is_of_java(&self) -> bool {
        self.part.is_none()
    }

    pub(crate) fn is_interface(&self) -> bool {
        self.file.access & INTERFACE != 0
    }
}

/// What stands in the way of loading or linking.
pub(crate) type Loaded<T> = Result<T, Rc<Missing>>;

/// All classes of a class path and a Java.
pub(crate) struct Classes {
    pub(crate) names: Names,
    pub(crate) signatures: Signatures,
    pub(crate) path: ClassPath,
    runtime: Runtime,
    known: FxHashMap<Name, Loaded<Id>>,
    loaded: Vec<Class>,
}

impl Classes {
    pub(crate) fn new(path: ClassPath, runtime: Runtime) -> Self {
        let (names, signatures) = (Names::default(), Signatures::default());
        Self { names, signatures, path, runtime, known: FxHashMap::default(), loaded: Vec::new() }
    }

    /// The version of Java.
    pub(crate) fn java(&self) -> u16 {
        self.runtime.version()
    }

    pub(crate) fn get(&self, id: Id) -> &Class {
        &self.loaded[id.0 as usize]
    }

    /// Loads a class by its name; of an array the class of its elements. None for an array of numbers.
    pub(crate) fn load(&mut self, name: Name) -> Loaded<Option<Id>> {
        let text = self.names.text(name);
        if !text.starts_with('[') {
            return self.load_at(name, 0).map(Some);
        }
        match element(&text) {
            Some(class) => {
                let class = self.names.of(class);
                self.load_at(class, 0).map(Some)
            }
            None => Ok(None),
        }
    }

    fn load_at(&mut self, name: Name, depth: usize) -> Loaded<Id> {
        if let Some(known) = self.known.get(&name) {
            return known.clone();
        }
        let text = self.names.text(name);
        let loaded = if depth > DEEPEST || self.loaded.len() >= MOST_LOADED {
            Err(Rc::new(Missing::Malformed { class: text.to_string(), jar: None }))
        } else {
            self.define(&text, depth)
        };
        self.known.insert(name, loaded.clone());
        loaded
    }

    fn define(&mut self, name: &str, depth: usize) -> Loaded<Id> {
        let (bytes, part) = match self.runtime.class(name) {
            Some(bytes) => (bytes, None),
            None if self.runtime.has_package_of(name) => return Err(absent(name)),
            None => match self.path.class(name) {
                Found::Class { bytes, part } => (bytes, Some(part)),
                Found::Damaged | Found::Nowhere => return Err(absent(name)),
            },
        };
        let jar = || part.map(|part| self.path.part(part).to_owned());
        let malformed = || Rc::new(Missing::Malformed { class: name.to_owned(), jar: jar() });
        let major = class_file::major(&bytes).map_err(|_| malformed())?;
        if major > self.runtime.major {
            let java = self.runtime.version();
            return Err(Rc::new(Missing::TooNew { class: name.to_owned(), jar: jar(), version: major, java }));
        }
        let (file, _) = class_file::read(&bytes, &mut self.names).map_err(|_| malformed())?;
        // The wrong name is what a class in the wrong folder has.
        if &*self.names.text(file.name) != name {
            return Err(absent(name));
        }
        let superclass = file.superclass.map(|name| self.load_at(name, depth + 1)).transpose()?;
        let interfaces =
            file.interfaces.iter().map(|name| self.load_at(*name, depth + 1)).collect::<Loaded<Vec<Id>>>()?;
        let mut above = vec![file.name];
        for id in superclass.iter().chain(&interfaces) {
            above.extend(self.get(*id).above.iter());
        }
        above.sort_unstable();
        above.dedup();
        // Code of Java is neither verified nor walked.
        let bytes = if part.is_some() { bytes } else { Vec::new() };
        let id = Id(u32::try_from(self.loaded.len()).unwrap_or(u32::MAX));
        let above = above.into();
        self.loaded.push(Class { file, part, superclass, interfaces, above, bytes, linked: None, bodies: Vec::new() });
        Ok(id)
    }

    /// Links a class: verifies all its methods, after those of the classes that it extends.
    pub(crate) fn link(&mut self, id: Id) -> Loaded<()> {
        let class = self.get(id);
        if class.is_of_java() {
            return Ok(());
        }
        if let Some(linked) = &class.linked {
            return linked.clone();
        }
        let above: Vec<Id> = class.superclass.into_iter().chain(class.interfaces.iter().copied()).collect();
        let linked = above.into_iter().try_for_each(|id| self.link(id)).and_then(|()| self.verify(id));
        self.loaded[id.0 as usize].linked = Some(linked.clone());
        linked
    }

    fn verify(&mut self, id: Id) -> Loaded<()> {
        let Ok(bodies) = bodies(&self.loaded[id.0 as usize], &mut self.names, &mut self.signatures) else {
            let class = self.get(id);
            let jar = class.part.map(|part| self.path.part(part).to_owned());
            return Err(Rc::new(Missing::Malformed { class: self.names.text(class.file.name).to_string(), jar }));
        };
        let class = &mut self.loaded[id.0 as usize];
        class.bytes = Vec::new();
        class.bodies = bodies.into_iter().map(Rc::new).collect();
        // HotSpot goes by where it keeps the methods' names, which is in no order of the file; constructors come late.
        let (first, last): (Vec<_>, Vec<_>) = class
            .bodies
            .clone()
            .into_iter()
            .zip(&class.file.methods)
            .map(|(body, method)| (body, method.name))
            .partition(|(_, name)| !self.names.text(*name).starts_with('<'));
        for (body, _) in first.into_iter().chain(last) {
            for verified in &body.verified {
                self.verify_one(*verified)?;
            }
        }
        Ok(())
    }

    fn verify_one(&mut self, verified: Verified) -> Loaded<()> {
        match verified {
            Verified::Caught(class) => self.load(class).map(drop),
            Verified::Assigned { to, from } => {
                let (to_text, from_text) = (self.names.text(to), self.names.text(from));
                // Of arrays their elements are compared; numbers load nothing.
                if let (Some(to), Some(from)) = (to_text.strip_prefix('['), from_text.strip_prefix('[')) {
                    let (Some(to), Some(from)) = (element(to), element(from)) else { return Ok(()) };
                    if to == from || to == "java/lang/Object" {
                        return Ok(());
                    }
                    let (to, from) = (self.names.of(to), self.names.of(from));
                    return self.verify_one(Verified::Assigned { to, from });
                }
                let Some(to) = self.load(to)? else { return Ok(()) };
                if !self.get(to).is_interface() && !from_text.starts_with('[') {
                    self.load(from)?;
                }
                Ok(())
            }
        }
    }

    /// The code of a method of a class that is linked.
    pub(crate) fn body(&self, id: Id, method: usize) -> Option<Rc<Body>> {
        self.get(id).bodies.get(method).map(Rc::clone)
    }

    /// The method of a name and descriptor, as it is resolved (JVMS 5.4.3.3, 5.4.3.4): in the class, above it, in interfaces.
    pub(crate) fn method(&self, owner: Id, name: Name, descriptor: Name) -> Option<(Id, usize)> {
        let mut at = Some(owner);
        while let Some(id) = at {
            if let Some(found) = self.own(id, name, descriptor) {
                return Some((id, found));
            }
            at = self.get(id).superclass;
        }
        self.in_interfaces(owner, name, descriptor)
    }

    fn own(&self, id: Id, name: Name, descriptor: Name) -> Option<usize> {
        let mut methods = self.get(id).file.methods.iter();
        methods.position(|method| method.name == name && method.descriptor == descriptor)
    }

    /// One that has code goes before one that has none.
    fn in_interfaces(&self, owner: Id, name: Name, descriptor: Name) -> Option<(Id, usize)> {
        let above = Rc::clone(&self.get(owner).above);
        let loaded = above.iter().filter_map(|name| self.loaded(*name));
        let interfaces = loaded.filter(|id| self.get(*id).is_interface());
        let found = interfaces.filter_map(|id| self.own(id, name, descriptor).map(|method| (id, method)));
        found.max_by_key(|(id, method)| self.get(*id).file.methods[*method].code.is_some())
    }

    /// Where a field of the name and type is declared: in the class or above it.
    pub(crate) fn field(&self, owner: Id, member: Member) -> Option<Id> {
        let above = Rc::clone(&self.get(owner).above);
        let mut loaded = above.iter().filter_map(|name| self.loaded(*name));
        loaded.find(|id| {
            let mut fields = self.get(*id).file.fields.iter();
            fields.any(|field| field.name == member.name && field.descriptor == member.descriptor)
        })
    }

    /// A class that was loaded before.
    pub(crate) fn loaded(&self, name: Name) -> Option<Id> {
        self.known.get(&name).and_then(|known| known.as_ref().ok().copied())
    }

    /// The jars that are none, and the classes that could not be unpacked.
    pub(crate) fn into_path(self) -> ClassPath {
        self.path
    }
}

fn absent(name: &str) -> Rc<Missing> {
    Rc::new(Missing::Class { class: name.to_owned() })
}

fn bodies(class: &Class, names: &mut Names, signatures: &mut Signatures) -> Result<Vec<Body>, crate::bytes::Malformed> {
    let mut bytes = crate::bytes::Bytes::new(&class.bytes);
    bytes.take(8)?;
    // The pool again, with its bootstrap methods: it points into the bytes.
    let (_, pool): (_, Pool<'_>) = class_file::read(&class.bytes, names)?;
    let within = Within { pool: &pool, file: &class.bytes, class: class.file.name, major: class.file.major };
    class.file.methods.iter().map(|method| code::read(&within, method, names, signatures)).collect()
}

/// Opens what a class path and a Java have.
///
/// # Errors
/// Where one of them cannot be read.
pub(crate) fn open(entries: &[std::path::PathBuf], java_home: &std::path::Path) -> Result<Classes, Unread> {
    let runtime = Runtime::open(java_home)?;
    let path = ClassPath::open(entries, runtime.version())?;
    Ok(Classes::new(path, runtime))
}
