//! The constant pool of a class file (JVMS 4.4).

use std::cell::Cell;

use crate::bytes::{Bytes, Malformed};
use crate::names::{Name, Names};

const UTF8: u8 = 1;
const CLASS: u8 = 7;
const STRING: u8 = 8;
const INTERFACE_METHOD: u8 = 11;
const NAME_AND_TYPE: u8 = 12;
const METHOD_HANDLE: u8 = 15;
const METHOD_TYPE: u8 = 16;
const INVOKE_DYNAMIC: u8 = 18;

/// A field or method, as an instruction names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Member {
    pub(crate) owner: Name,
    pub(crate) name: Name,
    pub(crate) descriptor: Name,
    /// Named as a method of an interface.
    pub(crate) of_interface: bool,
}

/// What `ldc` loads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loadable {
    Class(Name),
    Text(Name),
    /// A method's type, whose classes are loaded.
    MethodType(Name),
    MethodHandle,
    /// An `int` or `float`.
    Word,
}

/// The pool, with the bytes that it points into.
pub(crate) struct Pool<'a> {
    bytes: &'a [u8],
    /// Where the tag of each entry is; 0 where there is none.
    entries: Vec<u32>,
    /// The bootstrap methods: which handle, and which arguments.
    pub(crate) bootstrap: Vec<(u16, Vec<u16>)>,
    /// The texts that were asked for: most are, again and again.
    known: Vec<Cell<Option<Name>>>,
}

impl<'a> Pool<'a> {
    /// Reads the pool that starts here, and leaves the place after it.
    pub(crate) fn read(all: &'a [u8], bytes: &mut Bytes<'a>) -> Result<Self, Malformed> {
        let count = usize::from(bytes.u16()?);
        let mut entries = vec![0_u32; count];
        let mut index = 1;
        while index < count {
            entries[index] = u32::try_from(bytes.at()).map_err(|_| Malformed)?;
            index += 1;
            match bytes.u8()? {
                UTF8 => {
                    let length = usize::from(bytes.u16()?);
                    bytes.take(length)?;
                }
                3 | 4 | 9..=12 | 17 | INVOKE_DYNAMIC => drop(bytes.take(4)?),
                5 | 6 => {
                    bytes.take(8)?;
                    // Takes two places of the pool.
                    index += 1;
                }
                CLASS | STRING | METHOD_TYPE | 19 | 20 => drop(bytes.take(2)?),
                METHOD_HANDLE => drop(bytes.take(3)?),
                _ => return Err(Malformed),
            }
        }
        let known = vec![Cell::new(None); count];
        Ok(Self { bytes: all, entries, bootstrap: Vec::new(), known })
    }

    /// The tag of an entry, and its content.
    fn entry(&self, index: u16) -> Result<(u8, Bytes<'a>), Malformed> {
        let at = *self.entries.get(usize::from(index)).ok_or(Malformed)? as usize;
        if at == 0 {
            return Err(Malformed);
        }
        let mut bytes = Bytes::new(self.bytes.get(at..).ok_or(Malformed)?);
        Ok((bytes.u8()?, bytes))
    }

    fn tagged(&self, index: u16, wanted: u8) -> Result<Bytes<'a>, Malformed> {
        let (tag, bytes) = self.entry(index)?;
        if tag == wanted { Ok(bytes) } else { Err(Malformed) }
    }

    /// The bytes of a text.
    pub(crate) fn raw(&self, index: u16) -> Result<&'a [u8], Malformed> {
        let mut bytes = self.tagged(index, UTF8)?;
        let length = usize::from(bytes.u16()?);
        bytes.take(length)
    }

    pub(crate) fn text(&self, index: u16, names: &mut Names) -> Result<Name, Malformed> {
        let known = self.known.get(usize::from(index)).ok_or(Malformed)?;
        if let Some(name) = known.get() {
            return Ok(name);
        }
        let name = names.of(&String::from_utf8_lossy(self.raw(index)?));
        known.set(Some(name));
        Ok(name)
    }

    pub(crate) fn class(&self, index: u16, names: &mut Names) -> Result<Name, Malformed> {
        let name = self.tagged(index, CLASS)?.u16()?;
        self.text(name, names)
    }

    /// The bytes of a class's name.
    pub(crate) fn class_raw(&self, index: u16) -> Result<&'a [u8], Malformed> {
        let name = self.tagged(index, CLASS)?.u16()?;
        self.raw(name)
    }

    fn name_and_type(&self, index: u16, names: &mut Names) -> Result<(Name, Name), Malformed> {
        let mut bytes = self.tagged(index, NAME_AND_TYPE)?;
        let (name, descriptor) = (bytes.u16()?, bytes.u16()?);
        Ok((self.text(name, names)?, self.text(descriptor, names)?))
    }

    /// A field, a method, or a method of an interface.
    pub(crate) fn member(&self, index: u16, names: &mut Names) -> Result<Member, Malformed> {
        let (tag, mut bytes) = self.entry(index)?;
        if !(9..=INTERFACE_METHOD).contains(&tag) {
            return Err(Malformed);
        }
        let (owner, described) = (bytes.u16()?, bytes.u16()?);
        let (name, descriptor) = self.name_and_type(described, names)?;
        Ok(Member { owner: self.class(owner, names)?, name, descriptor, of_interface: tag == INTERFACE_METHOD })
    }

    /// What `invokedynamic` names: its bootstrap method, and its name and type.
    pub(crate) fn dynamic(&self, index: u16, names: &mut Names) -> Result<(usize, Name, Name), Malformed> {
        let mut bytes = self.tagged(index, INVOKE_DYNAMIC)?;
        let (bootstrap, described) = (usize::from(bytes.u16()?), bytes.u16()?);
        let (name, descriptor) = self.name_and_type(described, names)?;
        Ok((bootstrap, name, descriptor))
    }

    /// The kind of a method handle (JVMS 4.4.8), and what it is of.
    pub(crate) fn handle(&self, index: u16, names: &mut Names) -> Result<(u8, Member), Malformed> {
        let mut bytes = self.tagged(index, METHOD_HANDLE)?;
        let (kind, member) = (bytes.u8()?, bytes.u16()?);
        Ok((kind, self.member(member, names)?))
    }

    pub(crate) fn is_handle(&self, index: u16) -> bool {
        self.tagged(index, METHOD_HANDLE).is_ok()
    }

    pub(crate) fn loadable(&self, index: u16, names: &mut Names) -> Result<Loadable, Malformed> {
        let (tag, mut bytes) = self.entry(index)?;
        Ok(match tag {
            CLASS => Loadable::Class(self.text(bytes.u16()?, names)?),
            STRING => Loadable::Text(self.text(bytes.u16()?, names)?),
            METHOD_TYPE => Loadable::MethodType(self.text(bytes.u16()?, names)?),
            METHOD_HANDLE => Loadable::MethodHandle,
            _ => Loadable::Word,
        })
    }
}
