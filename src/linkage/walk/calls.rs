//! Calls: which code a method's name leads to, and what comes with it.

use std::rc::Rc;

use crate::Missing;
use crate::class_file::{ABSTRACT, PRIVATE, STATIC};
use crate::classes::{Id, Loaded};
use crate::code::Call;
use crate::course::Runs;
use crate::names::Name;
use crate::pool::Member;
use crate::value::Value;

use super::{Frame, From, MethodId, This, Waiting, Walk};

impl Walk {
    pub(super) fn resolved(&mut self, how: Call, member: Member, receiver: Value, from: From) -> Loaded<()> {
        if self.classes.names.text(member.owner).starts_with('[') {
            return Ok(());
        }
        let Some(owner) = self.classes.load(member.owner)? else { return Ok(()) };
        let Some(found) = self.classes.method(owner, member.name, member.descriptor) else {
            // These take any arguments (JVMS 2.9.3).
            if matches!(
                &*self.classes.names.text(member.owner),
                "java/lang/invoke/MethodHandle" | "java/lang/invoke/VarHandle"
            ) {
                return Ok(());
            }
            return Err(self.member_missing(member, true));
        };
        match how {
            Call::Static => {
                self.classes.link(found.0)?;
                self.call(found, From { this: None, ..from });
                self.initialise(found.0, from)
            }
            Call::Special => {
                self.classes.link(found.0)?;
                // Not before the class is found: reflection makes objects too.
                let this = self.exactly(receiver, from);
                self.call(found, From { this, ..from });
                self.initialise(found.0, from)
            }
            Call::Virtual => {
                self.dispatch(owner, member, receiver, found, from);
                Ok(())
            }
        }
    }

    /// The class of an object, where the code shows it.
    pub(super) fn exactly(&self, receiver: Value, from: From) -> This {
        match receiver {
            Value::New(class) => self.classes.loaded(class),
            Value::This => from.this,
            _ => None,
        }
    }

    pub(super) fn member_missing(&self, member: Member, method: bool) -> Rc<Missing> {
        let text = |name| self.classes.names.text(name).to_string();
        let (owner, name, descriptor) = (text(member.owner), text(member.name), text(member.descriptor));
        let owned = self.classes.loaded(member.owner).and_then(|id| self.classes.get(id).part);
        let jar = owned.map(|part| self.classes.path.part(part).to_owned());
        Rc::new(if method {
            Missing::Method { owner, name, descriptor, jar }
        } else {
            Missing::Field { owner, name, descriptor, jar }
        })
    }

    /// Calls a method on whatever objects there are, and on those that will be.
    pub(super) fn dispatch(&mut self, owner: Id, member: Member, receiver: Value, found: MethodId, from: From) {
        let access = self.classes.get(found.0).file.methods[found.1].access;
        let exact = self.exactly(receiver, from);
        if access & PRIVATE != 0 {
            return self.call(found, From { this: exact, ..from });
        }
        if let Some(target) = exact.and_then(|class| self.classes.method(class, member.name, member.descriptor)) {
            return self.call(target, From { this: exact, ..from });
        }
        let owner = self.classes.get(owner).file.name;
        let kind = match receiver {
            Value::Object(class) => {
                let narrower = self.classes.loaded(class).map(|id| self.classes.get(id));
                narrower.filter(|class| class.above.contains(&owner)).map_or(owner, |class| class.file.name)
            }
            _ => owner,
        };
        // Everything has these, and they are called everywhere.
        if kind == self.object {
            return;
        }
        let key = (kind, member.name, member.descriptor);
        match self.site_guards.get(&key).copied() {
            Some(known) if known.lets_pass_what(from.guard) => return,
            Some(known) => {
                self.site_guards.insert(key, known.both(from.guard));
            }
            None => {
                self.site_guards.insert(key, from.guard);
                self.sites.entry(kind).or_default().push((member.name, member.descriptor));
            }
        }
        for made in self.made_below.get(&kind).cloned().unwrap_or_default() {
            if let Some(target) = self.classes.method(made, member.name, member.descriptor) {
                self.call(target, From { this: Some(made), ..from });
            }
        }
    }

    /// An object of a class is made: calls that there are go to it, and Java may call it.
    pub(super) fn make(&mut self, id: Id, from: From) {
        let class = self.classes.get(id);
        if class.file.access & ABSTRACT != 0 || self.made.insert(id, ()).is_some() {
            return;
        }
        let above = Rc::clone(&class.above);
        for kind in above.iter() {
            self.made_below.entry(*kind).or_default().push(id);
            for (name, descriptor) in self.sites.get(kind).cloned().unwrap_or_default() {
                let guard = self.site_guards[&(*kind, name, descriptor)];
                if let Some(target) = self.classes.method(id, name, descriptor) {
                    self.call(target, From { guard, this: Some(id), ..from });
                }
            }
        }
        if !self.classes.get(id).is_of_java() {
            self.called_back(id, &above, from);
        }
    }

    /// Notes the methods of a class by which Java knows its objects.
    pub(super) fn called_back(&mut self, id: Id, above: &[Name], from: From) {
        let of_java: Vec<Id> = above
            .iter()
            .filter(|name| **name != self.object)
            .filter_map(|name| self.classes.loaded(*name))
            .filter(|id| self.classes.get(*id).is_of_java())
            .collect();
        if of_java.is_empty() {
            return;
        }
        let mut at = Some(id);
        while let Some(class) = at.filter(|id| !self.classes.get(*id).is_of_java()) {
            for (number, method) in self.classes.get(class).file.methods.iter().enumerate() {
                let known = method.access & (STATIC | PRIVATE) == 0
                    && of_java.iter().any(|java| {
                        let mut methods = self.classes.get(*java).file.methods.iter();
                        methods.any(|of_java| {
                            of_java.name == method.name
                                && of_java.descriptor == method.descriptor
                                && of_java.access & (STATIC | PRIVATE) == 0
                        })
                    });
                if known && !self.classes.names.text(method.name).starts_with('<') {
                    self.callbacks.push(((class, number), From { this: Some(id), ..from }));
                }
            }
            at = self.classes.get(class).superclass;
        }
    }

    /// Initialises a class, after those that it extends.
    pub(super) fn initialise(&mut self, id: Id, from: From) -> Loaded<()> {
        self.classes.link(id)?;
        let mut at = Some(id);
        while let Some(class) = at.filter(|id| !self.classes.get(*id).is_of_java()) {
            match self.initialised.get(&class).copied() {
                Some(known) if known.lets_pass_what(from.guard) => break,
                Some(known) => self.initialised.insert(class, known.both(from.guard)),
                None => self.initialised.insert(class, from.guard),
            };
            let mut methods = self.classes.get(class).file.methods.iter();
            if let Some(number) = methods.position(|method| &*self.classes.names.text(method.name) == "<clinit>") {
                self.call((class, number), From { this: None, ..from });
            }
            at = self.classes.get(class).superclass;
        }
        Ok(())
    }

    /// Puts a method on the stack, unless it was walked with no more caught around it.
    pub(super) fn call(&mut self, method: MethodId, from: From) {
        let class = self.classes.get(method.0);
        if class.is_of_java() || class.file.methods[method.1].code.is_none() {
            return;
        }
        let runs = self.course.of_method(class.file.name, class.file.methods[method.1].name);
        match runs.filter(|runs| self.not_now(*runs)) {
            Some(Runs::From(operation)) => return self.waiting.push((operation, Waiting::Call(method, from))),
            Some(Runs::Never) => return,
            None => {}
        }
        let key = (method, from.this);
        match self.walked.get(&key).copied() {
            Some(known) if known.lets_pass_what(from.guard) => return,
            Some(known) => self.walked.insert(key, known.both(from.guard)),
            None => self.walked.insert(key, from.guard),
        };
        // A class that is not linked has failed before, where it is told.
        let Some(body) = self.classes.body(method.0, method.1) else { return };
        self.trails.push((Some(method), from.trail));
        let trail = self.trails.len() - 1;
        let end = body.steps.len();
        self.stack.push(Frame { body, method: Some(method), next: 0, end, from: From { trail, ..from } });
    }
}
