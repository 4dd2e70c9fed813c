//! The walk: from what is called, over everything that the JVM would then load, link, initialise and call, in that order.
//!
//! A call on an object goes to the classes of which objects are made on the way (rapid type analysis). Java's own code is not
//! walked: what an object of the class path lets Java call (`Runnable.run`) counts as called once there is such an object.

use rustc_hash::{FxHashMap, FxHashSet};
use std::rc::Rc;

use crate::classes::{Classes, Id, Loaded};
use crate::code::{Asks, Body, Guard, Step};
use crate::course::{Course, Runs};
use crate::names::Name;
use crate::operations::OPERATIONS;
use crate::pool::Member;
use crate::{Missing, Unread};

mod calls;
mod reflection;

/// The most steps of one walk: a large class path has some 100,000.
const MOST_STEPS: usize = 20_000_000;
/// The longest chain that is told.
const LONGEST_CHAIN: usize = 64;

/// A method of a class that was loaded.
type MethodId = (Id, usize);
/// The class of the object whose method it is, where it is known.
type This = Option<Id>;

/// From where something is asked for.
#[derive(Clone, Copy)]
pub(crate) struct From {
    guard: Guard,
    trail: usize,
    this: This,
}

/// What ended an operation.
pub(crate) struct Struck {
    pub(crate) missing: Rc<Missing>,
    /// From the method that asks for it to the one where the operation began, as `a/B.method`.
    pub(crate) chain: Vec<String>,
}

struct Frame {
    body: Rc<Body>,
    method: Option<MethodId>,
    next: usize,
    end: usize,
    from: From,
}

/// What runs from a later operation on: the rest of a method, or all of it.
enum Waiting {
    Frame(Frame),
    Call(MethodId, From),
}

/// Everything that was called and made so far.
pub(crate) struct Walk {
    pub(crate) classes: Classes,
    walked: FxHashMap<(MethodId, This), Guard>,
    initialised: FxHashMap<Id, Guard>,
    made: FxHashMap<Id, ()>,
    /// By each class and interface, the classes of objects below it.
    made_below: FxHashMap<Name, Vec<Id>>,
    /// By the type of the receiver, what is called on it.
    sites: FxHashMap<Name, Vec<(Name, Name)>>,
    site_guards: FxHashMap<(Name, Name, Name), Guard>,
    stack: Vec<Frame>,
    /// What Java calls back, once what is being called has returned.
    callbacks: Vec<(MethodId, From)>,
    /// Who called a method: for the chain that is told.
    trails: Vec<(Option<MethodId>, usize)>,
    defaults: FxHashMap<Name, Vec<Name>>,
    course: Course,
    /// What runs from a later operation on.
    waiting: Vec<(usize, Waiting)>,
    /// Classes that are missing and for which a class looked before, so that it knows.
    probed: FxHashSet<(Id, String)>,
    operation: usize,
    /// The operation in which something is refused, so that what is thrown is caught.
    refused: usize,
    steps: usize,
    object: Name,
}

impl Walk {
    pub(crate) fn new(mut classes: Classes, course: Course) -> Self {
        let object = classes.names.of("java/lang/Object");
        let defaults = reflection::defaults(&mut classes);
        Self {
            classes,
            walked: FxHashMap::default(),
            initialised: FxHashMap::default(),
            made: FxHashMap::default(),
            made_below: FxHashMap::default(),
            sites: FxHashMap::default(),
            site_guards: FxHashMap::default(),
            stack: Vec::new(),
            callbacks: Vec::new(),
            trails: vec![(None, 0)],
            defaults,
            course,
            waiting: Vec::new(),
            probed: FxHashSet::default(),
            operation: 0,
            refused: OPERATIONS.len() - 1,
            steps: 0,
            object,
        }
    }

    /// Walks one operation after those before it, and says what ends it.
    ///
    /// # Errors
    /// Where it does not come to an end within a bound.
    pub(crate) fn operation(&mut self, number: usize, roots: Body) -> Result<Option<Struck>, Unread> {
        self.begin(number, roots);
        loop {
            let Some(frame) = self.stack.last_mut() else {
                let Some((method, from)) = self.callbacks.pop() else { return Ok(None) };
                self.call(method, from);
                continue;
            };
            let Some(step) = frame.body.steps[..frame.end].get(frame.next).copied() else {
                self.stack.pop();
                continue;
            };
            let (outer, method) = (frame.from, frame.method);
            if self.is_put_off(method, &step) {
                continue;
            }
            self.steps += 1;
            if self.steps > MOST_STEPS {
                let why = format!("its classes call each other in more than {MOST_STEPS} ways");
                return Err(Unread { path: "the class path".into(), why });
            }
            let from = From { guard: step.below.within(outer.guard), ..outer };
            if let Err(missing) = self.step(step.asks, from)
                && self.strikes(&missing, method, &step, outer)
            {
                return Ok(Some(Struck { missing, chain: self.chain(from.trail) }));
            }
        }
    }

    fn begin(&mut self, number: usize, roots: Body) {
        self.operation = number;
        self.stack.clear();
        self.callbacks.clear();
        let waiting = std::mem::take(&mut self.waiting);
        let (now, later) = waiting.into_iter().partition(|(operation, _)| *operation <= number);
        self.waiting = later;
        for (_, waiting) in now {
            match waiting {
                Waiting::Frame(frame) => self.stack.push(frame),
                Waiting::Call(method, from) => self.call(method, from),
            }
        }
        let from = From { guard: Guard::default(), trail: 0, this: None };
        let end = roots.steps.len();
        self.stack.push(Frame { body: Rc::new(roots), method: None, next: 0, end, from });
    }

    /// Goes beyond a step, and says whether that is all: it runs in a later operation, or never.
    fn is_put_off(&mut self, method: Option<MethodId>, step: &Step) -> bool {
        let runs = self.runs(method, step.asks);
        let Some(frame) = self.stack.last_mut() else { return false };
        let here = frame.next;
        frame.next += 1;
        let rest = |end| Frame { body: Rc::clone(&frame.body), next: here, end, ..*frame };
        if step.exceptional && self.operation < self.refused {
            self.waiting.push((self.refused, Waiting::Frame(rest(here + 1))));
            return true;
        }
        match runs {
            Some(Runs::From(operation)) => {
                self.waiting.push((operation, Waiting::Frame(rest(frame.end))));
                self.stack.pop();
                true
            }
            Some(Runs::Never) => true,
            None => false,
        }
    }

    /// True where what is missing leaves the operation.
    fn strikes(&mut self, missing: &Missing, method: Option<MethodId>, step: &Step, from: From) -> bool {
        // A handler that tells errors apart waits for what is asked for itself, and not for what that lacks.
        let direct = self.asks_for(step.asks, missing);
        let own = if direct { step.guard } else { step.below };
        if let (Missing::Class { class }, Some((id, _)), true) = (missing, method, direct) {
            // Who looked for a class and caught its absence does not ask for it again.
            if own.errors {
                self.probed.insert((id, class.clone()));
            } else if self.probed.contains(&(id, class.clone())) {
                return false;
            }
        }
        !own.errors && !from.guard.errors && !is_of_another_platform(missing)
    }

    fn asks_for(&self, asks: Asks, missing: &Missing) -> bool {
        let (Missing::Class { class: lacks }
        | Missing::Method { owner: lacks, .. }
        | Missing::Field { owner: lacks, .. }) = missing
        else {
            return false;
        };
        let class = match asks {
            Asks::Load(class) | Asks::Literal(class) | Asks::New(class) => class,
            Asks::Field { member, .. } | Asks::Call { member, .. } | Asks::Lambda { member, .. } => member.owner,
            Asks::Text(_) => return false,
        };
        *self.classes.names.text(class) == **lacks
    }

    /// When what a method asks for runs, where that is not now.
    fn runs(&self, method: Option<MethodId>, asks: Asks) -> Option<Runs> {
        let (id, method) = method?;
        let file = &self.classes.get(id).file;
        let method = file.methods[method].name;
        if !self.course.has_parts(file.name, method) {
            return None;
        }
        let names = &self.classes.names;
        let asked = match asks {
            Asks::Load(class) | Asks::Literal(class) | Asks::New(class) => names.text(class).to_string(),
            Asks::Field { member, .. } | Asks::Call { member, .. } | Asks::Lambda { member, .. } => {
                format!("{}.{}", names.text(member.owner), names.text(member.name))
            }
            Asks::Text(_) => return None,
        };
        self.course.of_part(file.name, method, &asked).filter(|runs| self.not_now(*runs))
    }

    fn not_now(&self, runs: Runs) -> bool {
        match runs {
            Runs::From(operation) => self.operation < operation,
            Runs::Never => true,
        }
    }

    fn step(&mut self, asks: Asks, from: From) -> Loaded<()> {
        match asks {
            Asks::Load(name) => self.classes.load(name).map(drop),
            Asks::Literal(name) => self.classes.load(name).map(drop),
            Asks::Text(text) => self.setting(text, from),
            Asks::New(name) => {
                let Some(id) = self.classes.load(name)? else { return Ok(()) };
                self.initialise(id, from)?;
                self.make(id, from);
                Ok(())
            }
            Asks::Field { member, is_static } => self.field(member, is_static, from),
            Asks::Call { how, member, given } => {
                self.resolved(how, member, given.receiver, from)?;
                self.reflected(member, given, from)
            }
            Asks::Lambda { how, member, receiver } => self.resolved(how, member, receiver, from),
        }
    }

    fn field(&mut self, member: Member, is_static: bool, from: From) -> Loaded<()> {
        let Some(owner) = self.classes.load(member.owner)? else { return Ok(()) };
        let Some(declared) = self.classes.field(owner, member) else {
            return Err(self.member_missing(member, false));
        };
        if is_static { self.initialise(declared, from) } else { Ok(()) }
    }

    fn chain(&self, trail: usize) -> Vec<String> {
        let (mut chain, mut at) = (Vec::new(), trail);
        while let (Some((id, method)), caller) = self.trails[at] {
            let file = &self.classes.get(id).file;
            let names = &self.classes.names;
            chain.push(format!("{}.{}", names.text(file.name), names.text(file.methods[method].name)));
            at = caller;
            if chain.len() == LONGEST_CHAIN {
                break;
            }
        }
        chain
    }
}

/// Platforms that no server runs on: libraries name their classes once they have seen by a property that it is theirs.
const OTHER_PLATFORMS: [&str; 3] = ["android/", "dalvik/", "com/ibm/"];

fn is_of_another_platform(missing: &Missing) -> bool {
    let Missing::Class { class } = missing else { return false };
    OTHER_PLATFORMS.iter().any(|start| class.starts_with(start))
}

impl Guard {
    /// What is caught on both ways.
    fn both(self, other: Self) -> Self {
        Self { errors: self.errors && other.errors, exceptions: self.exceptions && other.exceptions }
    }
}
