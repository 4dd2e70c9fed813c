//! A class file (JVMS 4): what a class is, extends and has.

use crate::bytes::{Bytes, Malformed};
use crate::names::{Name, Names};
use crate::pool::Pool;

pub(crate) const STATIC: u16 = 0x0008;
pub(crate) const INTERFACE: u16 = 0x0200;
pub(crate) const ABSTRACT: u16 = 0x0400;
pub(crate) const PRIVATE: u16 = 0x0002;

/// A field.
pub(crate) struct Field {
    pub(crate) name: Name,
    pub(crate) descriptor: Name,
}

/// A method; its code is read when its class is linked.
pub(crate) struct Method {
    pub(crate) access: u16,
    pub(crate) name: Name,
    pub(crate) descriptor: Name,
    /// Where its `Code` attribute is in the file.
    pub(crate) code: Option<(usize, usize)>,
}

/// A class, as its file describes it.
pub(crate) struct ClassFile {
    pub(crate) major: u16,
    pub(crate) access: u16,
    pub(crate) name: Name,
    pub(crate) superclass: Option<Name>,
    pub(crate) interfaces: Vec<Name>,
    pub(crate) fields: Vec<Field>,
    pub(crate) methods: Vec<Method>,
}

/// The version of a class file, where it starts as one.
pub(crate) fn major(file: &[u8]) -> Result<u16, Malformed> {
    let mut bytes = Bytes::new(file);
    if bytes.u32()? != 0xCAFE_BABE {
        return Err(Malformed);
    }
    bytes.u16()?;
    bytes.u16()
}

/// Reads a class, and the pool that its code needs.
pub(crate) fn read<'a>(file: &'a [u8], names: &mut Names) -> Result<(ClassFile, Pool<'a>), Malformed> {
    let major = major(file)?;
    let mut bytes = Bytes::new(file);
    bytes.take(8)?;
    let mut pool = Pool::read(file, &mut bytes)?;
    let access = bytes.u16()?;
    let name = bytes.u16()?;
    let name = pool.class(name, names)?;
    let superclass = match bytes.u16()? {
        0 => None,
        index => Some(pool.class(index, names)?),
    };
    let count = bytes.u16()?;
    let interfaces = (0..count).map(|_| pool.class(bytes.u16()?, names)).collect::<Result<_, _>>()?;
    let count = bytes.u16()?;
    let mut fields = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let (_, name, descriptor, _) = member(&mut bytes, &pool, names)?;
        fields.push(Field { name, descriptor });
    }
    let count = bytes.u16()?;
    let mut methods = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let (access, name, descriptor, code) = member(&mut bytes, &pool, names)?;
        methods.push(Method { access, name, descriptor, code });
    }
    for _ in 0..bytes.u16()? {
        if pool.raw(bytes.u16()?)? == b"BootstrapMethods" {
            pool.bootstrap = bootstrap(bytes.counted()?)?;
        } else {
            bytes.counted()?;
        }
    }
    Ok((ClassFile { major, access, name, superclass, interfaces, fields, methods }, pool))
}

type Described = (u16, Name, Name, Option<(usize, usize)>);

fn member(bytes: &mut Bytes<'_>, pool: &Pool<'_>, names: &mut Names) -> Result<Described, Malformed> {
    let (access, name, descriptor) = (bytes.u16()?, bytes.u16()?, bytes.u16()?);
    let (name, descriptor) = (pool.text(name, names)?, pool.text(descriptor, names)?);
    let mut code = None;
    for _ in 0..bytes.u16()? {
        let is_code = pool.raw(bytes.u16()?)? == b"Code";
        let content = bytes.counted()?;
        if is_code {
            code = Some((bytes.at() - content.len(), bytes.at()));
        }
    }
    Ok((access, name, descriptor, code))
}

fn bootstrap(content: &[u8]) -> Result<Vec<(u16, Vec<u16>)>, Malformed> {
    let mut bytes = Bytes::new(content);
    let count = bytes.u16()?;
    (0..count)
        .map(|_| {
            let (handle, arguments) = (bytes.u16()?, bytes.u16()?);
            Ok((handle, (0..arguments).map(|_| bytes.u16()).collect::<Result<_, _>>()?))
        })
        .collect()
}
