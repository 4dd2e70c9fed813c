//! Writes class files that ask for other classes and do nothing else: what the lab's jars hold, and what tests walk. They are
//! of Java 5, unless said otherwise, whose verification needs no `StackMapTable`.

use std::collections::HashMap;

/// The version of class files of Java 5.
const JAVA_5: u16 = 49;
const PUBLIC: u16 = 0x0001;
const STATIC: u16 = 0x0008;
/// `ACC_SUPER`, which every class has.
const SUPER: u16 = 0x0020;

/// What a method's code does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Does<'a> {
    /// Makes an object: of this class, by the constructor of this descriptor.
    Makes(&'a str, &'a str),
    /// Calls a method: of this class, by its name and descriptor.
    Calls(&'a str, &'a str, &'a str),
    /// Calls a static method.
    CallsStatic(&'a str, &'a str, &'a str),
    /// Catches this class around all of it.
    Catches(&'a str),
}

/// A class that is being written.
pub struct ClassWriter {
    pool: Pool,
    major: u16,
    this: u16,
    superclass: u16,
    methods: Vec<u8>,
    count: u16,
}

impl ClassWriter {
    /// A public class below another, by their names with slashes; `java/lang/Object` is below none.
    pub fn new(name: &str, superclass: &str) -> Self {
        let mut pool = Pool::default();
        let this = pool.class(name);
        let superclass = if superclass.is_empty() { 0 } else { pool.class(superclass) };
        Self { pool, major: JAVA_5, this, superclass, methods: Vec::new(), count: 0 }
    }

    /// In the version of class files of this Java, such as 17.
    #[must_use]
    pub fn for_java(mut self, java: u16) -> Self {
        self.major = java + 44;
        self
    }

    /// A public method, which does all this and returns nothing: `null` or 0.
    #[must_use]
    pub fn method(mut self, is_static: bool, name: &str, descriptor: &str, does: &[Does<'_>]) -> Self {
        let mut code = Vec::new();
        for does in does {
            self.pool.write(does, &mut code);
        }
        let (_, result) = arguments(descriptor);
        let end = code.len();
        code.extend(match result {
            'V' => &[177_u8][..],
            'J' => &[9, 173],
            'D' => &[14, 175],
            'F' => &[11, 174],
            'L' | '[' => &[1, 176],
            _ => &[3, 172],
        });
        let mut handlers = Vec::new();
        for does in does {
            if let Does::Catches(class) = does {
                // What is caught is thrown again.
                let (end, at, class) = (short(end), short(code.len()), self.pool.class(class));
                handlers.extend([0_u16, end, at, class]);
                code.push(191);
            }
        }
        let access = if is_static { PUBLIC | STATIC } else { PUBLIC };
        let head = [access, self.pool.text(name), self.pool.text(descriptor), 1, self.pool.text("Code")];
        head.iter().for_each(|number| self.methods.extend(number.to_be_bytes()));
        let length = 12 + code.len() + 2 * handlers.len();
        self.methods.extend(u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        // As many slots as any of these methods needs.
        self.methods.extend([0, 16, 0, 16]);
        self.methods.extend(u32::from(short(code.len())).to_be_bytes());
        self.methods.extend(code);
        self.methods.extend(short(handlers.len() / 4).to_be_bytes());
        handlers.iter().for_each(|number| self.methods.extend(number.to_be_bytes()));
        self.methods.extend([0, 0]);
        self.count += 1;
        self
    }

    /// The class file.
    pub fn write(self) -> Vec<u8> {
        let mut file = 0xCAFE_BABE_u32.to_be_bytes().to_vec();
        let numbers = |file: &mut Vec<u8>, numbers: &[u16]| {
            numbers.iter().for_each(|number| file.extend(number.to_be_bytes()));
        };
        numbers(&mut file, &[0, self.major, self.pool.next]);
        file.extend(self.pool.bytes);
        numbers(&mut file, &[PUBLIC | SUPER, self.this, self.superclass, 0, 0, self.count]);
        file.extend(self.methods);
        numbers(&mut file, &[0]);
        file
    }
}

/// A constant pool that is being written: each constant once.
struct Pool {
    bytes: Vec<u8>,
    next: u16,
    known: HashMap<Vec<u8>, u16>,
}

impl Default for Pool {
    fn default() -> Self {
        Self { bytes: Vec::new(), next: 1, known: HashMap::new() }
    }
}

impl Pool {
    fn add(&mut self, constant: Vec<u8>) -> u16 {
        if let Some(index) = self.known.get(&constant) {
            return *index;
        }
        self.bytes.extend(&constant);
        self.known.insert(constant, self.next);
        self.next += 1;
        self.next - 1
    }

    fn of_two(&mut self, tag: u8, one: u16, other: u16) -> u16 {
        let ([a, b], [c, d]) = (one.to_be_bytes(), other.to_be_bytes());
        self.add(vec![tag, a, b, c, d])
    }

    fn text(&mut self, text: &str) -> u16 {
        let mut constant = vec![1];
        constant.extend(short(text.len()).to_be_bytes());
        constant.extend(text.as_bytes());
        self.add(constant)
    }

    fn class(&mut self, name: &str) -> u16 {
        let [a, b] = self.text(name).to_be_bytes();
        self.add(vec![7, a, b])
    }

    fn method(&mut self, class: &str, name: &str, descriptor: &str) -> [u8; 2] {
        let (name, descriptor) = (self.text(name), self.text(descriptor));
        let described = self.of_two(12, name, descriptor);
        let class = self.class(class);
        self.of_two(10, class, described).to_be_bytes()
    }

    fn write(&mut self, does: &Does<'_>, code: &mut Vec<u8>) {
        match *does {
            Does::Catches(_) => {}
            Does::Makes(class, descriptor) => {
                // new, dup
                code.push(187);
                code.extend(self.class(class).to_be_bytes());
                code.push(89);
                nothing_for(descriptor, code);
                code.push(183);
                code.extend(self.method(class, "<init>", descriptor));
                code.push(87);
            }
            Does::Calls(class, name, descriptor) => {
                // aconst_null, or this for the constructor above.
                code.push(if name == "<init>" { 42 } else { 1 });
                nothing_for(descriptor, code);
                code.push(if name == "<init>" { 183 } else { 182 });
                code.extend(self.method(class, name, descriptor));
                dropped(descriptor, code);
            }
            Does::CallsStatic(class, name, descriptor) => {
                nothing_for(descriptor, code);
                code.push(184);
                code.extend(self.method(class, name, descriptor));
                dropped(descriptor, code);
            }
        }
    }
}

/// Pushes `null` or 0 for each argument.
fn nothing_for(descriptor: &str, code: &mut Vec<u8>) {
    for kind in arguments(descriptor).0 {
        code.push(match kind {
            'L' | '[' => 1,
            'J' => 9,
            'F' => 11,
            'D' => 14,
            _ => 3,
        });
    }
}

fn dropped(descriptor: &str, code: &mut Vec<u8>) {
    match arguments(descriptor).1 {
        'V' => {}
        'J' | 'D' => code.push(88),
        _ => code.push(87),
    }
}

/// The first letter of each argument's type, and of the result's.
fn arguments(descriptor: &str) -> (Vec<char>, char) {
    let (arguments, result) = descriptor.trim_start_matches('(').split_once(')').unwrap_or_default();
    let mut kinds = Vec::new();
    let mut rest = arguments;
    while let Some(kind) = rest.chars().next() {
        kinds.push(kind);
        let inner = rest.trim_start_matches('[');
        let length = if inner.starts_with('L') { inner.find(';').map_or(inner.len(), |at| at + 1) } else { 1 };
        rest = inner.get(length..).unwrap_or_default();
    }
    (kinds, result.chars().next().unwrap_or('V'))
}

/// The classes written here are far below what 16 bits count.
fn short(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}
