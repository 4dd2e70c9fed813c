//! What each instruction does to the operand stack, the variables, and other classes.

use crate::bytes::{Bytes, Malformed};
use crate::code::machine::Machine;
use crate::code::{Asks, Call, Given};
use crate::names::Name;
use crate::shape::{THROW, WIDE};
use crate::value::{self, Value};

/// The kinds of method handles that a lambda calls (JVMS 4.4.8).
const STATIC_HANDLE: u8 = 6;
const SPECIAL_HANDLE: u8 = 7;
const NEW_HANDLE: u8 = 8;

impl Machine<'_, '_> {
    /// Executes the instruction at a place, whose bytes are `words`.
    pub(super) fn execute(&mut self, op: u8, at: usize, words: &[u8]) -> Result<(), Malformed> {
        let index = |words: &[u8]| Bytes::new(&words[1..]).u16();
        match op {
            1 => self.push(Value::Null),
            2..=8 | 11..=13 | 16 | 17 => self.push(Value::Word),
            9 | 10 | 14 | 15 | 20 => self.push(Value::Wide),
            18 => self.load_constant(at, u16::from(words[1]))?,
            19 => self.load_constant(at, index(words)?)?,
            21..=25 => self.load_local(op - 21, usize::from(words[1])),
            26..=45 => self.load_local((op - 26) / 4, usize::from((op - 26) % 4)),
            50 => self.load_element(),
            54..=58 => self.store_local(op - 54, usize::from(words[1])),
            59..=78 => self.store_local((op - 59) / 4, usize::from((op - 59) % 4)),
            83 => self.drop_slots(3),
            89..=95 => self.shuffle(op),
            178..=181 => self.field(op, at, index(words)?)?,
            182..=185 => self.call(op, at, index(words)?)?,
            186 => self.dynamic(at, index(words)?)?,
            187 => {
                let class = self.within.pool.class(index(words)?, self.names)?;
                self.ask(at, Asks::New(class));
                self.push(Value::New(class));
            }
            188 => {
                self.pop();
                let letter = b"ZCFDBSIJ".get(usize::from(words[1]).wrapping_sub(4)).copied().unwrap_or(b'I');
                let array = self.names.of(&format!("[{}", char::from(letter)));
                self.push(Value::Object(array));
            }
            189 | 192 | 193 | 197 => self.with_class(op, at, words)?,
            THROW => {
                let throwable = self.throwable();
                self.pop_as(Value::Object(throwable));
            }
            176 => {
                if let Some(result) = self.result {
                    self.pop_as(result);
                }
            }
            WIDE => {
                let index = usize::from(Bytes::new(&words[2..]).u16()?);
                match words[1] {
                    21..=25 => self.load_local(words[1] - 21, index),
                    54..=58 => self.store_local(words[1] - 54, index),
                    _ => {}
                }
            }
            _ => self.numbers(op),
        }
        Ok(())
    }

    /// Instructions that only move numbers: how many slots they take, and what they leave.
    fn numbers(&mut self, op: u8) {
        let (taken, left): (usize, &[Value]) = match op {
            46 | 48 | 51..=53 => (2, &[Value::Word]),
            47 | 49 => (2, &[Value::Wide]),
            79 | 81 | 84..=86 => (3, &[]),
            80 | 82 => (4, &[]),
            87 | 153..=158 | 170 | 171 | 194 | 195 | 198 | 199 | 172 | 174 => (1, &[]),
            88 | 159..=166 | 173 | 175 => (2, &[]),
            96 | 98 | 100 | 102 | 104 | 106 | 108 | 110 | 112 | 114 | 120 | 122 | 124 | 126 | 128 | 130 => {
                (2, &[Value::Word])
            }
            97 | 99 | 101 | 103 | 105 | 107 | 109 | 111 | 113 | 115 | 127 | 129 | 131 => (4, &[Value::Wide]),
            121 | 123 | 125 => (3, &[Value::Wide]),
            133 | 135 | 140 | 141 => (1, &[Value::Wide]),
            136 | 137 | 142 | 144 | 149 | 150 => (2, &[Value::Word]),
            148 | 151 | 152 => (4, &[Value::Word]),
            190 => (1, &[Value::Word]),
            168 | 201 => (0, &[Value::Top]),
            _ => return,
        };
        self.drop_slots(taken);
        left.iter().for_each(|value| self.push(*value));
    }

    /// By the kind of the instruction: int, long, float, double, reference.
    fn load_local(&mut self, kind: u8, index: usize) {
        let value = match kind {
            0 | 2 => Value::Word,
            1 | 3 => Value::Wide,
            _ => self.local(index),
        };
        self.push(value);
    }

    fn store_local(&mut self, kind: u8, index: usize) {
        let value = match kind {
            1 | 3 => {
                self.drop_slots(2);
                Value::Wide
            }
            0 | 2 => {
                self.pop();
                Value::Word
            }
            _ => self.pop(),
        };
        self.store(index, value);
    }

    /// `aaload`: what is in the array.
    fn load_element(&mut self) {
        self.pop();
        let element = match self.pop() {
            Value::Object(array) => match self.names.text(array).strip_prefix('[') {
                Some(inner) if inner.starts_with('[') => Value::Object(self.names.of(inner)),
                Some(inner) => value::element(inner).map_or(Value::Top, |class| Value::Object(self.names.of(class))),
                None => Value::Top,
            },
            other => other,
        };
        self.push(element);
    }

    /// The instructions `dup` to `swap`.
    fn shuffle(&mut self, op: u8) {
        let (copied, below) = match op {
            89 => (1, 0),
            90 => (1, 1),
            91 => (1, 2),
            92 => (2, 0),
            93 => (2, 1),
            94 => (2, 2),
            _ => {
                let (one, other) = (self.pop(), self.pop());
                self.state.stack.extend([one, other]);
                return;
            }
        };
        let stack = &mut self.state.stack;
        let Some(top) = stack.len().checked_sub(copied) else { return };
        let Some(under) = top.checked_sub(below) else { return };
        let values = stack[top..].to_vec();
        stack.splice(under..under, values);
    }

    fn field(&mut self, op: u8, at: usize, index: u16) -> Result<(), Malformed> {
        let member = self.member(index)?;
        let described = value::of_descriptor(member.descriptor, self.names);
        // getstatic, putstatic, getfield, putfield
        if op == 179 || op == 181 {
            self.pop_as(described);
        }
        if op >= 180 {
            self.pop_as(Value::Object(member.owner));
        }
        self.ask(at, Asks::Field { member, is_static: op < 180 });
        if op == 178 || op == 180 {
            self.push(described);
        }
        Ok(())
    }

    /// invokevirtual, invokespecial, invokestatic, invokeinterface.
    fn call(&mut self, op: u8, at: usize, index: u16) -> Result<(), Malformed> {
        let member = self.member(index)?;
        let signature = self.signatures.of(member.descriptor, self.names);
        let (mut text, mut class) = (None, None);
        for argument in signature.arguments.iter().rev() {
            match self.pop_as(*argument) {
                Value::Text(given) => text = Some(given),
                Value::Class(given) => class = Some(given),
                _ => {}
            }
        }
        let how = match op {
            183 => Call::Special,
            184 => Call::Static,
            _ => Call::Virtual,
        };
        let receiver = if how == Call::Static { Value::Top } else { self.receiver(member.owner, member.name) };
        self.ask(at, Asks::Call { how, member, given: Given { receiver, text, class } });
        if let Some(result) = signature.result {
            self.push(result);
        }
        Ok(())
    }

    fn receiver(&mut self, owner: Name, method: Name) -> Value {
        // An object that is not initialised is of its class, and asked for nothing.
        if &*self.names.text(method) == "<init>" {
            return self.pop();
        }
        self.pop_as(Value::Object(owner))
    }

    /// `invokedynamic`: the methods that its bootstrap method is given are called.
    fn dynamic(&mut self, at: usize, index: u16) -> Result<(), Malformed> {
        let (bootstrap, _, descriptor) = self.within.pool.dynamic(index, self.names)?;
        let signature = self.signatures.of(descriptor, self.names);
        // What a lambda is made with first is the object whose method it calls.
        let mut receiver = Value::Top;
        for argument in signature.arguments.iter().rev() {
            receiver = self.pop_as(*argument);
        }
        let (_, arguments) = self.within.pool.bootstrap.get(bootstrap).ok_or(Malformed)?;
        for class in &signature.classes {
            self.ask(at, Asks::Load(*class));
        }
        for argument in arguments {
            if !self.within.pool.is_handle(*argument) {
                continue;
            }
            let (kind, member) = self.within.pool.handle(*argument, self.names)?;
            let how = match kind {
                STATIC_HANDLE => Call::Static,
                SPECIAL_HANDLE | NEW_HANDLE => Call::Special,
                // Fields are not called.
                0..STATIC_HANDLE => Call::Virtual,
                _ => Call::Virtual,
            };
            if kind == NEW_HANDLE {
                self.ask(at, Asks::New(member.owner));
            }
            if kind >= 5 {
                self.ask(at, Asks::Lambda { how, member, receiver });
            }
        }
        if let Some(result) = signature.result {
            self.push(result);
        }
        Ok(())
    }

    /// anewarray, checkcast, instanceof, multianewarray.
    fn with_class(&mut self, op: u8, at: usize, words: &[u8]) -> Result<(), Malformed> {
        let class = self.within.pool.class(Bytes::new(&words[1..]).u16()?, self.names)?;
        self.ask(at, Asks::Load(class));
        let value = match op {
            189 => {
                self.pop();
                let text = self.names.text(class);
                let array = if text.starts_with('[') { format!("[{text}") } else { format!("[L{text};") };
                Value::Object(self.names.of(&array))
            }
            193 => {
                self.pop();
                Value::Word
            }
            197 => {
                self.drop_slots(usize::from(words[3]));
                Value::Object(class)
            }
            _ => {
                self.pop();
                Value::Object(class)
            }
        };
        self.push(value);
        Ok(())
    }
}
