//! The shape of a method's code: where instructions start, where each goes on, and what is only reached by an exception.

use crate::bytes::{Bytes, Malformed};

/// One line of a method's exception table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Handler {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) at: usize,
    /// The class in the pool; 0 for any.
    pub(crate) catches: u16,
}

/// Opcodes that more than one part asks for.
pub(crate) const RETURN: std::ops::RangeInclusive<u8> = 172..=177;
pub(crate) const THROW: u8 = 191;
const GOTO: u8 = 167;
const JSR: u8 = 168;
const RET: u8 = 169;
const TABLE_SWITCH: u8 = 170;
const LOOKUP_SWITCH: u8 = 171;
pub(crate) const WIDE: u8 = 196;
const GOTO_W: u8 = 200;
const JSR_W: u8 = 201;

/// How many bytes an instruction has.
pub(crate) fn length(code: &[u8], at: usize) -> Result<usize, Malformed> {
    let op = *code.get(at).ok_or(Malformed)?;
    let length = match op {
        16 | 18 | 21..=25 | 54..=58 | RET | 188 => 2,
        17 | 19 | 20 | 132 | 153..=168 | 178..=184 | 187 | 189 | 192 | 193 | 198 | 199 => 3,
        197 => 4,
        185 | 186 | GOTO_W | JSR_W => 5,
        WIDE => {
            if code.get(at + 1) == Some(&132) {
                6
            } else {
                4
            }
        }
        TABLE_SWITCH => {
            let mut bytes = switch(code, at)?;
            let (_, low, high) = (bytes.u32()?, signed(&mut bytes)?, signed(&mut bytes)?);
            let count = usize::try_from(high - low + 1).map_err(|_| Malformed)?;
            padded(at) + 12 + 4 * count - at
        }
        LOOKUP_SWITCH => {
            let mut bytes = switch(code, at)?;
            let (_, count) = (bytes.u32()?, bytes.u32()? as usize);
            padded(at) + 8 + 8 * count - at
        }
        202.. => return Err(Malformed),
        _ => 1,
    };
    if at + length > code.len() { Err(Malformed) } else { Ok(length) }
}

fn padded(at: usize) -> usize {
    (at + 4) & !3
}

fn switch(code: &[u8], at: usize) -> Result<Bytes<'_>, Malformed> {
    Ok(Bytes::new(code.get(padded(at)..).ok_or(Malformed)?))
}

fn signed(bytes: &mut Bytes<'_>) -> Result<i64, Malformed> {
    Ok(i64::from(bytes.u32()?.cast_signed()))
}

/// True where the instruction after it is not reached from it.
pub(crate) fn ends(op: u8) -> bool {
    RETURN.contains(&op) || matches!(op, GOTO | RET | TABLE_SWITCH | LOOKUP_SWITCH | THROW | GOTO_W)
}

/// Where an instruction may jump to.
pub(crate) fn targets(code: &[u8], at: usize, to: &mut Vec<usize>) -> Result<(), Malformed> {
    to.clear();
    let mut jump = |offset: i64| {
        let target = i64::try_from(at).map_err(|_| Malformed)? + offset;
        let target = usize::try_from(target).map_err(|_| Malformed)?;
        to.push(target);
        if target < code.len() { Ok(()) } else { Err(Malformed) }
    };
    match code[at] {
        153..=JSR | 198 | 199 => {
            let offset = Bytes::new(&code[at + 1..]).u16()?.cast_signed();
            jump(i64::from(offset))
        }
        GOTO_W | JSR_W => jump(signed(&mut Bytes::new(&code[at + 1..]))?),
        TABLE_SWITCH => {
            let mut bytes = switch(code, at)?;
            jump(signed(&mut bytes)?)?;
            let (low, high) = (signed(&mut bytes)?, signed(&mut bytes)?);
            (low..=high).try_for_each(|_| jump(signed(&mut bytes)?))
        }
        LOOKUP_SWITCH => {
            let mut bytes = switch(code, at)?;
            jump(signed(&mut bytes)?)?;
            (0..bytes.u32()?).try_for_each(|_| {
                bytes.u32()?;
                jump(signed(&mut bytes)?)
            })
        }
        _ => Ok(()),
    }
}

/// True where an instruction stores into the first variable.
pub(crate) fn stores_first(code: &[u8]) -> Result<bool, Malformed> {
    let mut at = 0;
    while at < code.len() {
        let first = match code[at] {
            54..=58 => code.get(at + 1) == Some(&0),
            59 | 63 | 67 | 71 | 75 => true,
            WIDE => matches!(code.get(at + 1..at + 4), Some([54..=58, 0, 0])),
            _ => false,
        };
        if first {
            return Ok(true);
        }
        at += length(code, at)?;
    }
    Ok(false)
}

/// What is reached of a method's code.
pub(crate) struct Shape {
    /// By the place of an instruction: reached without an exception.
    normal: Vec<bool>,
}

impl Shape {
    pub(crate) fn of(code: &[u8]) -> Result<Self, Malformed> {
        let mut normal = vec![false; code.len()];
        walk(code, 0, &mut normal, |_| false)?;
        Ok(Self { normal })
    }

    /// True for an instruction that is only reached by an exception.
    pub(crate) fn exceptional(&self, at: usize) -> bool {
        !self.normal.get(at).copied().unwrap_or(false)
    }

    /// True where what a handler catches may go no further: the method goes on, or returns.
    pub(crate) fn swallows(&self, code: &[u8], handler: usize) -> Result<bool, Malformed> {
        let mut seen = vec![false; code.len()];
        walk(code, handler, &mut seen, |at| RETURN.contains(&code[at]) || self.normal[at])
    }

    /// True where a handler may throw again.
    pub(crate) fn rethrows(&self, code: &[u8], handler: usize) -> Result<bool, Malformed> {
        let mut seen: Vec<bool> = self.normal.clone();
        walk(code, handler, &mut seen, |at| code[at] == THROW)
    }
}

/// Goes from an instruction wherever it leads, and says whether it met what was looked for.
fn walk(code: &[u8], from: usize, seen: &mut [bool], wanted: impl Fn(usize) -> bool) -> Result<bool, Malformed> {
    let (mut left, mut next) = (vec![from], Vec::new());
    while let Some(mut at) = left.pop() {
        loop {
            let reached = seen.get_mut(at).ok_or(Malformed)?;
            if *reached {
                break;
            }
            *reached = true;
            if wanted(at) {
                return Ok(true);
            }
            targets(code, at, &mut next)?;
            left.append(&mut next);
            if ends(code[at]) {
                break;
            }
            at += length(code, at)?;
        }
    }
    Ok(false)
}
