//! The types that a method's code has where branches meet (JVMS 4.7.4): its `StackMapTable`.

use crate::bytes::{Bytes, Malformed};
use crate::names::{Name, Names};
use crate::pool::Pool;
use crate::value::Value;

/// What stands in variables and on the stack before an instruction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) locals: Vec<Value>,
    pub(crate) stack: Vec<Value>,
}

/// The frames of a table, by the place in the code.
pub(crate) fn read(
    table: &[u8],
    first: &[Value],
    this: Name,
    pool: &Pool<'_>,
    names: &mut Names,
) -> Result<Vec<(usize, State)>, Malformed> {
    let mut bytes = Bytes::new(table);
    let count = bytes.u16()?;
    let mut frames: Vec<(usize, State)> = Vec::with_capacity(usize::from(count));
    // One value each, a `long` as one: as the table counts them.
    let mut locals: Vec<Value> = first.to_vec();
    let mut place: Option<usize> = None;
    for _ in 0..count {
        let kind = bytes.u8()?;
        let mut stack = Vec::new();
        let mut typed = |bytes: &mut Bytes<'_>| value(bytes, this, pool, names);
        let delta = match kind {
            0..=63 => usize::from(kind),
            64..=127 => {
                stack.push(typed(&mut bytes)?);
                usize::from(kind - 64)
            }
            247 => {
                let delta = bytes.u16()?;
                stack.push(typed(&mut bytes)?);
                usize::from(delta)
            }
            248..=251 => {
                let delta = bytes.u16()?;
                locals.truncate(locals.len().saturating_sub(usize::from(251 - kind)));
                usize::from(delta)
            }
            252..=254 => {
                let delta = bytes.u16()?;
                for _ in 251..kind {
                    locals.push(typed(&mut bytes)?);
                }
                usize::from(delta)
            }
            255 => {
                let delta = bytes.u16()?;
                let count = bytes.u16()?;
                locals = (0..count).map(|_| typed(&mut bytes)).collect::<Result<_, _>>()?;
                let count = bytes.u16()?;
                stack = (0..count).map(|_| typed(&mut bytes)).collect::<Result<_, _>>()?;
                usize::from(delta)
            }
            _ => return Err(Malformed),
        };
        let at = place.map_or(delta, |before| before + delta + 1);
        place = Some(at);
        frames.push((at, State { locals: slots(&locals), stack: slots(&stack) }));
    }
    Ok(frames)
}

fn value(bytes: &mut Bytes<'_>, this: Name, pool: &Pool<'_>, names: &mut Names) -> Result<Value, Malformed> {
    Ok(match bytes.u8()? {
        0 => Value::Top,
        1 | 2 => Value::Word,
        3 | 4 => Value::Wide,
        5 => Value::Null,
        6 => Value::Object(this),
        7 => Value::Object(pool.class(bytes.u16()?, names)?),
        8 => {
            // An object that is not initialised yet: only its constructor takes it.
            bytes.u16()?;
            Value::Top
        }
        _ => return Err(Malformed),
    })
}

/// With a second slot for what takes two.
pub(crate) fn slots(values: &[Value]) -> Vec<Value> {
    let mut slots = Vec::with_capacity(values.len() + 2);
    for value in values {
        slots.push(*value);
        if *value == Value::Wide {
            slots.push(Value::Top);
        }
    }
    slots
}
