//! What a method's code asks of other classes, instruction by instruction, and which classes its verification loads.

use crate::bytes::{Bytes, Malformed};
use crate::class_file::{Method, STATIC};
use crate::names::{Name, Names};
use crate::pool::{Member, Pool};
use crate::shape::{Handler, Shape};
use crate::value::{Signatures, Value};

mod machine;
mod operands;

/// The first version of class files whose verification reads a `StackMapTable`.
const WITH_STACK_MAPS: u16 = 50;

/// How a method is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Virtual,
    Special,
    Static,
}

/// What a call is given, as far as the code shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) receiver: Value,
    /// The first argument that is a text.
    pub(crate) text: Option<Name>,
    /// The first argument that is a class.
    pub(crate) class: Option<Name>,
}

/// What an instruction asks of another class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// The class is loaded: a cast, a test, an array of it.
    Load(Name),
    /// The class is loaded, and code gets it as a value.
    Literal(Name),
    /// A text that code gets.
    Text(Name),
    /// The class is initialised, and an object of it made.
    New(Name),
    /// A field is found; of a static one the class is initialised.
    Field { member: Member, is_static: bool },
    /// A method is found and called.
    Call { how: Call, member: Member, given: Given },
    /// An object whose only method calls another: a lambda.
    Lambda { how: Call, member: Member, receiver: Value },
}

/// Which errors do not leave the method from an instruction, because a handler goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Guard {
    /// Errors of linkage.
    pub(crate) errors: bool,
    /// Exceptions, such as `ClassNotFoundException`.
    pub(crate) exceptions: bool,
}

impl Guard {
    /// What is caught where one is inside of the other.
    pub(crate) fn within(self, outer: Self) -> Self {
        Self { errors: self.errors || outer.errors, exceptions: self.exceptions || outer.exceptions }
    }

    /// True where everything that the other lets pass, this one lets pass too.
    pub(crate) fn lets_pass_what(self, other: Self) -> bool {
        (!self.errors || other.errors) && (!self.exceptions || other.exceptions)
    }
}

/// One request of a method's code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) asks: Asks,
    /// What is caught of the errors of the instruction itself.
    pub(crate) guard: Guard,
    /// What is caught of the errors of the code that it calls.
    pub(crate) below: Guard,
    /// Only reached once something was thrown.
    pub(crate) exceptional: bool,
}

/// A class that the verifier loads when it links the class of the method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Verified {
    /// A handler catches it.
    Caught(Name),
    /// An object of one class is used as one of another.
    Assigned { to: Name, from: Name },
}

/// What a method's code comes to.
#[derive(Default)]
pub(crate) struct Body {
    pub(crate) steps: Vec<Step>,
    pub(crate) verified: Vec<Verified>,
}

/// What is the same for all methods of a class.
pub(crate) struct Within<'a, 'p> {
    pub(crate) pool: &'a Pool<'p>,
    pub(crate) file: &'a [u8],
    pub(crate) class: Name,
    pub(crate) major: u16,
}

/// Reads a method's code.
///
/// # Errors
/// Where the code points out of itself or of the pool.
pub(crate) fn read(
    within: &Within<'_, '_>,
    method: &Method,
    names: &mut Names,
    signatures: &mut Signatures,
) -> Result<Body, Malformed> {
    let Some((from, to)) = method.code else { return Ok(Body::default()) };
    let mut bytes = Bytes::new(within.file.get(from..to).ok_or(Malformed)?);
    bytes.take(4)?;
    let code = bytes.counted()?;
    let handlers = (0..bytes.u16()?)
        .map(|_| {
            let mut place = || Ok(usize::from(bytes.u16()?));
            Ok(Handler { start: place()?, end: place()?, at: place()?, catches: bytes.u16()? })
        })
        .collect::<Result<Vec<_>, Malformed>>()?;
    let mut table = None;
    for _ in 0..bytes.u16()? {
        let is_table = within.pool.raw(bytes.u16()?)? == b"StackMapTable";
        let content = bytes.counted()?;
        if is_table && within.major >= WITH_STACK_MAPS {
            table = Some(content);
        }
    }
    let shape = Shape::of(code)?;
    let guards = guards(within, code, &handlers, &shape)?;
    let mut first = Vec::new();
    if method.access & STATIC == 0 {
        first.push(Value::This);
    }
    let signature = signatures.of(method.descriptor, names);
    first.extend(&signature.arguments);
    let mut machine = machine::Machine::new(within, names, signatures, &handlers, signature.result)?;
    machine.run(code, &first, table)?;
    let (asked, verified) = machine.done();
    let steps = asked.into_iter().map(|(at, asks)| {
        let inside = guards.iter().filter(|caught| (caught.handler.start..caught.handler.end).contains(&at));
        let (mut guard, mut below) = (Guard::default(), Guard::default());
        for caught in inside {
            guard = guard.within(caught.guard);
            if !caught.rethrows {
                below = below.within(caught.guard);
            }
        }
        Step { asks, guard, below, exceptional: shape.exceptional(at) }
    });
    Ok(Body { steps: steps.collect(), verified })
}

/// A handler after which a method goes on.
struct Caught {
    handler: Handler,
    guard: Guard,
    /// It may also throw: it tells errors apart, and knows those that it waits for.
    rethrows: bool,
}

/// What each handler keeps from leaving the method.
fn guards(within: &Within<'_, '_>, code: &[u8], handlers: &[Handler], shape: &Shape) -> Result<Vec<Caught>, Malformed> {
    let mut guards = Vec::new();
    for handler in handlers {
        let caught = match handler.catches {
            0 => b"java/lang/Throwable",
            class => within.pool.class_raw(class)?,
        };
        let errors = matches!(
            caught,
            b"java/lang/Throwable" | b"java/lang/Error" | b"java/lang/LinkageError" | b"java/lang/NoClassDefFoundError"
        );
        let exceptions = matches!(
            caught,
            b"java/lang/Throwable"
                | b"java/lang/Exception"
                | b"java/lang/ReflectiveOperationException"
                | b"java/lang/ClassNotFoundException"
        );
        if (errors || exceptions) && shape.swallows(code, handler.at)? {
            let rethrows = shape.rethrows(code, handler.at)?;
            guards.push(Caught { handler: *handler, guard: Guard { errors, exceptions }, rethrows });
        }
    }
    Ok(guards)
}
