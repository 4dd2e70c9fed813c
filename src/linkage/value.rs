//! What stands in a local variable or on the operand stack, as far as the verifier and the walk ask.

use rustc_hash::FxHashMap;
use std::rc::Rc;

use crate::names::{Name, Names};

/// One slot; a `long` or `double` takes two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    /// Nothing that may be used, or nothing that is known.
    Top,
    /// An `int`, `float`, or what is narrower.
    Word,
    /// The first slot of a `long` or `double`; the second is `Top`.
    Wide,
    Null,
    /// An object of this class or below it, or an array by its descriptor.
    Object(Name),
    /// The object whose method it is.
    This,
    /// An object of exactly this class.
    New(Name),
    /// A text that stands in the code.
    Text(Name),
    /// A class that stands in the code as a value.
    Class(Name),
}

/// A method's descriptor (JVMS 4.3.3), taken apart.
pub(crate) struct Signature {
    pub(crate) arguments: Vec<Value>,
    pub(crate) result: Option<Value>,
    /// The classes that it names, without their arrays.
    pub(crate) classes: Vec<Name>,
}

/// The descriptors that were met.
#[derive(Default)]
pub(crate) struct Signatures(FxHashMap<Name, Rc<Signature>>);

impl Signatures {
    /// A descriptor of a method; of one that is malformed, as much as can be read.
    pub(crate) fn of(&mut self, descriptor: Name, names: &mut Names) -> Rc<Signature> {
        if let Some(known) = self.0.get(&descriptor) {
            return Rc::clone(known);
        }
        let text = names.text(descriptor);
        let (arguments, result) = text.strip_prefix('(').and_then(|rest| rest.split_once(')')).unwrap_or_default();
        let mut signature = Signature { arguments: Vec::new(), result: None, classes: Vec::new() };
        let mut rest = arguments;
        while let Some((one, after)) = first(rest) {
            signature.arguments.push(signature_value(one, names, &mut signature.classes));
            rest = after;
        }
        if result != "V" && !result.is_empty() {
            signature.result = Some(signature_value(result, names, &mut signature.classes));
        }
        let signature = Rc::new(signature);
        self.0.insert(descriptor, Rc::clone(&signature));
        signature
    }
}

/// The value that a field's descriptor says.
pub(crate) fn of_descriptor(descriptor: Name, names: &mut Names) -> Value {
    let text = names.text(descriptor);
    signature_value(&text, names, &mut Vec::new())
}

fn signature_value(one: &str, names: &mut Names, classes: &mut Vec<Name>) -> Value {
    match one.as_bytes().first() {
        Some(b'J' | b'D') => Value::Wide,
        Some(b'L') => {
            let name = names.of(one.trim_start_matches('L').trim_end_matches(';'));
            classes.push(name);
            Value::Object(name)
        }
        Some(b'[') => {
            if let Some(class) = element(one) {
                classes.push(names.of(class));
            }
            Value::Object(names.of(one))
        }
        _ => Value::Word,
    }
}

/// The class of an array's innermost elements, by the array's descriptor; none for numbers.
pub(crate) fn element(array: &str) -> Option<&str> {
    array.trim_start_matches('[').strip_prefix('L').map(|class| class.trim_end_matches(';'))
}

/// The first descriptor of several, and the others.
fn first(descriptors: &str) -> Option<(&str, &str)> {
    let dimensions = descriptors.bytes().take_while(|byte| *byte == b'[').count();
    let length = match descriptors.as_bytes().get(dimensions)? {
        b'L' => descriptors.find(';')? + 1,
        _ => dimensions + 1,
    };
    descriptors.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descriptor_is_taken_apart() {
        let mut names = Names::default();
        let descriptor = names.of("(I[[Lorg/A;J[B)Lorg/B;");
        let signature = Signatures::default().of(descriptor, &mut names);
        let (array, bytes, result) = (names.of("[[Lorg/A;"), names.of("[B"), names.of("org/B"));
        assert_eq!(signature.arguments, [Value::Word, Value::Object(array), Value::Wide, Value::Object(bytes)]);
        assert_eq!(signature.result, Some(Value::Object(result)));
        assert_eq!(signature.classes, [names.of("org/A"), result]);
    }
}
