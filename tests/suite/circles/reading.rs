//! The modules of a crate and what their code names, as its files tell.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::Knows;
use super::tokens::{attribute, group, item, path, sign, without_generics, word};

/// A name that is handed on is followed through at most so many hands.
const HANDS: usize = 16;

/// Words that a module-level name stands behind.
const DEFINING: [&str; 8] = ["fn", "struct", "enum", "trait", "type", "const", "static", "union"];

/// A module, in a file of its own or within that of another.
#[derive(Default)]
struct Module {
    file: String,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    /// Names defined here.
    defined: BTreeSet<String>,
    /// Names that `use` takes in, with the paths they stand for.
    taken: BTreeMap<String, Vec<String>>,
    /// The modules whose every name `use` takes in.
    globs: Vec<Vec<String>>,
    /// Every path that the code names.
    paths: Vec<Vec<String>>,
    /// Methods that are defined here: the path of their type, and their name.
    methods: Vec<(Vec<String>, String)>,
    /// What is called on `self`.
    called: BTreeSet<String>,
}

/// The modules of a crate, the root first.
pub(super) struct Crate<'a> {
    modules: Vec<Module>,
    read: &'a Read<'a>,
}

/// The text of a file, by its path; none where there is no such file.
pub(super) type Read<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// What a path leads to.
#[derive(Clone)]
enum Target {
    Module(usize),
    /// Something defined in a module.
    Within(usize),
}

impl Crate<'_> {
    /// Reads a crate from its first file on.
    pub(super) fn read<'a>(root: &str, read: &'a Read<'a>) -> Crate<'a> {
        let mut all = Crate { modules: vec![Module::default()], read };
        all.file(0, vec![root.to_owned()], Path::new(root).parent().unwrap());
        all
    }

    /// Reads the first of these files that is there as that of a module; those of its children are in this folder.
    fn file(&mut self, module: usize, files: Vec<String>, folder: &Path) {
        let found = files.iter().find_map(|file| Some((file.clone(), (self.read)(file)?)));
        let (file, text) = found.unwrap_or_else(|| panic!("none of {files:?} is there"));
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{file}: {error}"));
        self.modules[module].file = file;
        self.items(module, folder, tokens, true);
    }

    /// Reads code of a module: its items, or what is within one.
    fn items(&mut self, module: usize, folder: &Path, tokens: TokenStream, outermost: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let (mut at, mut elsewhere) = (0, None);
        while at < tokens.len() {
            let ahead = &tokens[at..];
            match (word(ahead, 0).as_deref(), group(ahead, 1)) {
                _ if sign(ahead, 0) == Some('#') => {
                    let attribute = attribute(ahead);
                    at += 2;
                    if attribute.starts_with("cfg(test)") {
                        at += item(&tokens[at..]);
                    } else if let Some(path) = attribute.strip_prefix("path=") {
                        elsewhere = Some(path.trim_matches('"').to_owned());
                    }
                }
                // The `(in crate::a)` of a visibility names nothing of `a`.
                (Some("pub"), Some(_)) => at += 2,
                (Some("mod"), _) if outermost => {
                    self.module(module, folder, &word(ahead, 1).unwrap(), group(ahead, 2), elsewhere.take());
                    at += 3;
                }
                (Some("use"), _) => {
                    let end = (1..ahead.len()).find(|at| sign(ahead, *at) == Some(';')).unwrap_or(ahead.len());
                    self.take_in(module, &ahead[1..end], &[]);
                    at += end;
                }
                (Some("impl"), _) if outermost => {
                    self.methods(module, ahead);
                    at += 1;
                }
                (Some(defining), _) if outermost && DEFINING.contains(&defining) => {
                    self.modules[module].defined.extend(word(ahead, 1));
                    at += 1;
                }
                (Some("self"), _) if sign(ahead, 1) == Some('.') => {
                    let call = group(ahead, 3).and_then(|_| word(ahead, 2));
                    self.modules[module].called.extend(call);
                    at += 3;
                }
                (Some(_), _) => {
                    let path = path(ahead);
                    at += 3 * path.len() - 2;
                    if path.len() > 1 {
                        self.modules[module].paths.push(path);
                    }
                }
                (None, _) => {
                    if let Some(TokenTree::Group(group)) = ahead.first() {
                        self.items(module, folder, group.stream(), false);
                    }
                    at += 1;
                }
            }
        }
    }

    /// `mod name;` or `mod name { … }`.
    fn module(
        &mut self,
        parent: usize,
        folder: &Path,
        name: &str,
        body: Option<TokenStream>,
        elsewhere: Option<String>,
    ) {
        let child = self.modules.len();
        let file = self.modules[parent].file.clone();
        self.modules.push(Module { file: file.clone(), parent: Some(parent), ..Module::default() });
        self.modules[parent].children.insert(name.to_owned(), child);
        let below = folder.join(name);
        match (body, elsewhere) {
            (Some(body), _) => self.items(child, &below, body, true),
            (None, Some(path)) => {
                let beside = Path::new(&file).parent().unwrap().join(path);
                self.file(child, vec![beside.display().to_string()], &below);
            }
            (None, None) => {
                let below_text = below.display();
                self.file(child, vec![format!("{below_text}.rs"), format!("{below_text}/mod.rs")], &below);
            }
        }
    }

    /// What stands behind `use`: a path, or a tree of them.
    fn take_in(&mut self, module: usize, tree: &[TokenTree], before: &[String]) {
        let mut path = before.to_vec();
        let mut at = 0;
        while at < tree.len() {
            let rest = &tree[at..];
            match (word(rest, 0), sign(rest, 0), group(rest, 0)) {
                (Some(renamed), ..) if renamed == "as" => {
                    let name = word(rest, 1).unwrap_or_default();
                    return self.taken(module, name, path);
                }
                (Some(within), ..) if within == "self" && !before.is_empty() => {}
                (Some(name), ..) => path.push(name),
                (_, Some('*'), _) => {
                    self.modules[module].paths.push(path.clone());
                    return self.modules[module].globs.push(path);
                }
                (.., Some(list)) => {
                    let list: Vec<TokenTree> = list.into_iter().collect();
                    for one in list.split(|token| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ',')) {
                        self.take_in(module, one, &path);
                    }
                    return;
                }
                _ => {}
            }
            at += 1;
        }
        if let Some(name) = path.last().filter(|_| !tree.is_empty()).cloned() {
            self.taken(module, name, path);
        }
    }

    fn taken(&mut self, module: usize, name: String, path: Vec<String>) {
        self.modules[module].paths.push(path.clone());
        self.modules[module].taken.insert(name, path);
    }

    /// What an `impl` adds to a type; that of a trait adds what the trait has.
    fn methods(&mut self, module: usize, tokens: &[TokenTree]) {
        let header = without_generics(&tokens[1..]);
        let Some(end) = header
            .iter()
            .position(|token| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace))
        else {
            return;
        };
        if (0..end).any(|at| word(&header[at..], 0).as_deref() == Some("for")) {
            return;
        }
        let body: Vec<TokenTree> = group(&header[end..], 0).into_iter().flatten().collect();
        let named = (0..body.len()).filter(|at| word(&body[*at..], 0).as_deref() == Some("fn"));
        let of = path(header);
        let names = named.filter_map(|at| Some((of.clone(), word(&body[at..], 1)?)));
        self.modules[module].methods.extend(names);
    }

    /// Who knows whom among the files, parent and child left out.
    pub(super) fn knows(&self) -> Knows {
        let mut knows = Knows::new();
        let mut tie = |from: usize, to: usize, path: String| {
            let (one, other) = (self.of_file(from), self.of_file(to));
            let related = self.modules[one].parent.map(|parent| self.of_file(parent)) == Some(other)
                || self.modules[other].parent.map(|parent| self.of_file(parent)) == Some(one);
            if one != other && !related {
                let known = knows.entry(self.modules[one].file.clone()).or_default();
                known.entry(self.modules[other].file.clone()).or_insert(path);
            }
        };
        for (at, module) in self.modules.iter().enumerate() {
            for path in &module.paths {
                if let Some(to) = self.resolve(at, path, HANDS) {
                    tie(at, to.module(), path.join("::"));
                }
            }
            for (of, method) in &module.methods {
                let Some(owner) = self.resolve(at, of, HANDS).map(|owner| owner.module()) else { continue };
                if self.modules[owner].called.contains(method) {
                    tie(owner, at, format!("self.{method}"));
                }
            }
        }
        knows
    }

    /// The module that is the whole of this one's file.
    fn of_file(&self, mut module: usize) -> usize {
        while let Some(parent) =
            self.modules[module].parent.filter(|p| self.modules[*p].file == self.modules[module].file)
        {
            module = parent;
        }
        module
    }

    /// What a path means in a module; none where it leads out of the crate.
    fn resolve(&self, from: usize, path: &[String], hands: usize) -> Option<Target> {
        let mut at = match path.first()?.as_str() {
            "crate" => Target::Module(0),
            "self" => Target::Module(from),
            "super" => Target::Module(self.modules[from].parent?),
            name => self.find(from, name, hands)?,
        };
        for name in &path[1..] {
            let Target::Module(module) = at else { break };
            at = match name.as_str() {
                "super" => Target::Module(self.modules[module].parent?),
                // Made by a macro, or handed on from another crate.
                name => self.find(module, name, hands).unwrap_or(Target::Within(module)),
            };
        }
        Some(at)
    }

    /// What a name means in a module.
    fn find(&self, module: usize, name: &str, hands: usize) -> Option<Target> {
        let hands = hands.checked_sub(1)?;
        let here = &self.modules[module];
        if let Some(child) = here.children.get(name) {
            return Some(Target::Module(*child));
        }
        if here.defined.contains(name) {
            return Some(Target::Within(module));
        }
        if let Some(path) = here.taken.get(name) {
            return self.resolve(module, path, hands);
        }
        here.globs.iter().find_map(|path| match self.resolve(module, path, hands)? {
            Target::Module(other) => self.find(other, name, hands),
            Target::Within(_) => None,
        })
    }
}

impl Target {
    fn module(&self) -> usize {
        match self {
            Target::Module(module) | Target::Within(module) => *module,
        }
    }
}
