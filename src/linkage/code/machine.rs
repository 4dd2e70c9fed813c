//! A machine that runs over a method's code once, with types for values, as HotSpot's verifier does (JVMS 4.10.1).
//!
//! Where the class file has no frames (up to Java 5) what follows a jump is only known if something jumped there before;
//! what is not known asks for nothing.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::bytes::Malformed;
use crate::code::{Asks, Verified, Within};
use crate::names::{Name, Names};
use crate::pool::{Loadable, Member};
use crate::shape::{self, Handler};
use crate::stack_map::{self, State};
use crate::value::{Signatures, Value};

pub(super) struct Machine<'a, 'p> {
    pub(super) within: &'a Within<'a, 'p>,
    pub(super) names: &'a mut Names,
    pub(super) signatures: &'a mut Signatures,
    pub(super) result: Option<Value>,
    pub(super) state: State,
    handlers: &'a [Handler],
    asked: Vec<(usize, Asks)>,
    verified: Vec<Verified>,
    seen: FxHashSet<Verified>,
    frames: Frames,
    /// The first variable holds the object all the way.
    keeps_this: bool,
    object: Name,
    throwable: Name,
}

/// The types at the targets of jumps.
enum Frames {
    Given(Vec<(usize, State)>),
    /// As the first jump to them found them.
    Met(FxHashMap<usize, State>),
}

impl<'a, 'p> Machine<'a, 'p> {
    pub(super) fn new(
        within: &'a Within<'a, 'p>,
        names: &'a mut Names,
        signatures: &'a mut Signatures,
        handlers: &'a [Handler],
        result: Option<Value>,
    ) -> Result<Self, Malformed> {
        let (object, throwable) = (names.of("java/lang/Object"), names.of("java/lang/Throwable"));
        let mut verified = Vec::new();
        for handler in handlers.iter().filter(|handler| handler.catches != 0) {
            let caught = Verified::Caught(within.pool.class(handler.catches, names)?);
            if !verified.contains(&caught) {
                verified.push(caught);
            }
        }
        let state = State::default();
        let frames = Frames::Met(FxHashMap::default());
        let (asked, seen) = (Vec::new(), FxHashSet::default());
        Ok(Self {
            within,
            names,
            signatures,
            result,
            state,
            handlers,
            asked,
            verified,
            seen,
            frames,
            keeps_this: false,
            object,
            throwable,
        })
    }

    pub(super) fn done(self) -> (Vec<(usize, Asks)>, Vec<Verified>) {
        (self.asked, self.verified)
    }

    /// Runs over the code, from its first instruction to its last.
    pub(super) fn run(&mut self, code: &[u8], first: &[Value], table: Option<&[u8]>) -> Result<(), Malformed> {
        if let Some(table) = table {
            let frames = stack_map::read(table, first, self.within.class, self.within.pool, self.names)?;
            self.frames = Frames::Given(frames);
        }
        self.state.locals = stack_map::slots(first);
        self.keeps_this = first.first() == Some(&Value::This) && !shape::stores_first(code)?;
        let (mut at, mut falls, mut targets) = (0, true, Vec::new());
        let mut checked: Option<Vec<Value>> = None;
        while at < code.len() {
            self.enter(at, falls)?;
            if checked.as_ref() != Some(&self.state.locals) || self.handlers.iter().any(|handler| handler.start == at) {
                self.protect(at);
                checked = Some(self.state.locals.clone());
            }
            let op = code[at];
            let length = shape::length(code, at)?;
            self.execute(op, at, &code[at..at + length])?;
            shape::targets(code, at, &mut targets)?;
            for target in &targets {
                self.jump(*target);
            }
            falls = !shape::ends(op);
            at += length;
        }
        Ok(())
    }

    /// Takes the types that hold at an instruction.
    fn enter(&mut self, at: usize, falls: bool) -> Result<(), Malformed> {
        let given = match &self.frames {
            Frames::Given(frames) => {
                frames.binary_search_by_key(&at, |(place, _)| *place).ok().map(|i| frames[i].1.clone())
            }
            Frames::Met(frames) => frames.get(&at).cloned(),
        };
        match (given, falls) {
            (Some(frame), true) => {
                self.assign(&frame);
                self.state = self.merged(frame);
            }
            (Some(frame), false) => self.state = frame,
            (None, true) => {}
            (None, false) => self.state = self.caught(at)?,
        }
        if self.keeps_this {
            self.store(0, Value::This);
        }
        Ok(())
    }

    /// What a frame says; where it only says what is the same on the way here, the more exact of the two.
    fn merged(&self, frame: State) -> State {
        match &self.frames {
            Frames::Given(_) => frame,
            Frames::Met(_) => {
                let merge = |one: &[Value], other: &[Value]| {
                    let both = one.iter().zip(other);
                    both.map(|(one, other)| if one == other { *one } else { Value::Top }).collect()
                };
                State {
                    locals: merge(&self.state.locals, &frame.locals),
                    stack: merge(&self.state.stack, &frame.stack),
                }
            }
        }
    }

    /// The state at a handler of a method without frames: what it catches, and nothing else that is known.
    fn caught(&mut self, at: usize) -> Result<State, Malformed> {
        let Some(handler) = self.handlers.iter().find(|handler| handler.at == at) else { return Ok(State::default()) };
        let class = match handler.catches {
            0 => self.throwable,
            index => self.within.pool.class(index, self.names)?,
        };
        Ok(State { locals: Vec::new(), stack: vec![Value::Object(class)] })
    }

    fn jump(&mut self, target: usize) {
        match &mut self.frames {
            Frames::Given(frames) => {
                if let Ok(i) = frames.binary_search_by_key(&target, |(place, _)| *place) {
                    let frame = frames[i].1.clone();
                    self.assign(&frame);
                }
            }
            Frames::Met(frames) => {
                frames.entry(target).or_insert_with(|| self.state.clone());
            }
        }
    }

    /// Inside of a handler's range the variables are those of the handler.
    fn protect(&mut self, at: usize) {
        let Frames::Given(frames) = &self.frames else { return };
        let inside = self.handlers.iter().filter(|handler| (handler.start..handler.end).contains(&at));
        let places = inside.filter_map(|handler| frames.binary_search_by_key(&handler.at, |(place, _)| *place).ok());
        let locals: Vec<Vec<Value>> = places.map(|i| frames[i].1.locals.clone()).collect();
        for wanted in locals {
            self.assign_all(&self.state.locals.clone(), &wanted);
        }
    }

    fn assign(&mut self, frame: &State) {
        let State { locals, stack } = self.state.clone();
        self.assign_all(&locals, &frame.locals);
        self.assign_all(&stack, &frame.stack);
    }

    fn assign_all(&mut self, from: &[Value], to: &[Value]) {
        for (from, to) in from.iter().zip(to) {
            if let Value::Object(to) = to {
                self.used_as(*from, *to);
            }
        }
    }

    /// An object is used as one of a class: the verifier loads both, unless they are the same.
    pub(super) fn used_as(&mut self, value: Value, to: Name) {
        let from = match value {
            Value::Object(from) | Value::New(from) => from,
            Value::This => self.within.class,
            Value::Text(_) => self.names.of("java/lang/String"),
            Value::Class(_) => self.names.of("java/lang/Class"),
            _ => return,
        };
        if from == to || to == self.object {
            return;
        }
        let verified = Verified::Assigned { to, from };
        if self.seen.insert(verified) {
            self.verified.push(verified);
        }
    }

    pub(super) fn ask(&mut self, at: usize, asks: Asks) {
        self.asked.push((at, asks));
    }

    pub(super) fn push(&mut self, value: Value) {
        self.state.stack.push(value);
        if value == Value::Wide {
            self.state.stack.push(Value::Top);
        }
    }

    pub(super) fn pop(&mut self) -> Value {
        self.state.stack.pop().unwrap_or(Value::Top)
    }

    pub(super) fn drop_slots(&mut self, count: usize) {
        let left = self.state.stack.len().saturating_sub(count);
        self.state.stack.truncate(left);
    }

    /// Takes a value of the type that is wanted from the stack.
    pub(super) fn pop_as(&mut self, wanted: Value) -> Value {
        if wanted == Value::Wide {
            self.pop();
        }
        let value = self.pop();
        if let Value::Object(to) = wanted {
            self.used_as(value, to);
        }
        value
    }

    pub(super) fn local(&self, index: usize) -> Value {
        self.state.locals.get(index).copied().unwrap_or(Value::Top)
    }

    pub(super) fn store(&mut self, index: usize, value: Value) {
        let slots = if value == Value::Wide { 2 } else { 1 };
        if self.state.locals.len() < index + slots {
            self.state.locals.resize(index + slots, Value::Top);
        }
        self.state.locals[index] = value;
        if slots == 2 {
            self.state.locals[index + 1] = Value::Top;
        }
    }

    pub(super) fn load_constant(&mut self, at: usize, index: u16) -> Result<(), Malformed> {
        let value = match self.within.pool.loadable(index, self.names)? {
            Loadable::Class(name) => {
                self.ask(at, Asks::Literal(name));
                Value::Class(name)
            }
            Loadable::Text(text) => {
                self.ask(at, Asks::Text(text));
                Value::Text(text)
            }
            Loadable::MethodType(_) => Value::Object(self.names.of("java/lang/invoke/MethodType")),
            Loadable::MethodHandle => Value::Object(self.names.of("java/lang/invoke/MethodHandle")),
            Loadable::Word => Value::Word,
        };
        self.push(value);
        Ok(())
    }

    pub(super) fn member(&mut self, index: u16) -> Result<Member, Malformed> {
        self.within.pool.member(index, self.names)
    }

    pub(super) fn throwable(&self) -> Name {
        self.throwable
    }
}
