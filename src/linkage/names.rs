//! Names of classes, members and descriptors, each kept once and compared as numbers.

use rustc_hash::FxHashMap;
use std::rc::Rc;

/// A text that [`Names`] keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Name(u32);

/// All texts that were met.
#[derive(Default)]
pub(crate) struct Names {
    known: FxHashMap<Rc<str>, Name>,
    texts: Vec<Rc<str>>,
}

impl Names {
    /// The name of a text; the same for the same text.
    pub(crate) fn of(&mut self, text: &str) -> Name {
        if let Some(name) = self.known.get(text) {
            return *name;
        }
        let kept: Rc<str> = Rc::from(text);
        // A class path is bounded far below what 32 bits count.
        let name = Name(u32::try_from(self.texts.len()).unwrap_or(u32::MAX));
        self.texts.push(Rc::clone(&kept));
        self.known.insert(kept, name);
        name
    }

    /// The text of a name; shared, so that it can be read while others are made.
    pub(crate) fn text(&self, name: Name) -> Rc<str> {
        Rc::clone(&self.texts[name.0 as usize])
    }
}
