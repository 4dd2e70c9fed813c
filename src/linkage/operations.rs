//! What DSS does with a bucket through Hadoop, operation by operation.

use crate::Settings;
use crate::code::{Asks, Body, Call, Given, Guard, Step};
use crate::course::{Course, Runs};
use crate::names::{Name, Names};
use crate::pool::Member;
use crate::value::Value;

const CONFIGURATION: &str = "org/apache/hadoop/conf/Configuration";
const FILE_SYSTEM: &str = "org/apache/hadoop/fs/FileSystem";
const OSS_FILE_SYSTEM: &str = "org/apache/hadoop/fs/aliyun/oss/AliyunOSSFileSystem";
const OSS_STORE: &str = "org/apache/hadoop/fs/aliyun/oss/AliyunOSSFileSystemStore";
const OSS_CONTEXT: &str = "org/apache/hadoop/fs/aliyun/oss/OSS";
const PATH: &str = "org/apache/hadoop/fs/Path";
const STATUS: &str = "org/apache/hadoop/fs/FileStatus";
const OUTPUT: &str = "org/apache/hadoop/fs/FSDataOutputStream";
const INPUT: &str = "org/apache/hadoop/fs/FSDataInputStream";
const FILE_CONTEXT: &str = "org/apache/hadoop/fs/FileContext";

/// The operations in their order.
pub(crate) const OPERATIONS: [&str; 12] = [
    "configuration",
    "init",
    "stat",
    "stat-missing",
    "list",
    "get",
    "mkdir",
    "put",
    "rename",
    "delete",
    "context",
    "denied",
];

/// What is called in an operation.
struct Roots<'a> {
    names: &'a mut Names,
    steps: Vec<Step>,
}

impl Roots<'_> {
    fn name(&mut self, text: &str) -> Name {
        self.names.of(text)
    }

    fn asks(&mut self, asks: Asks) {
        self.steps.push(Step { asks, guard: Guard::default(), below: Guard::default(), exceptional: false });
    }

    fn make(&mut self, class: &str, descriptor: &str) {
        let class_name = self.name(class);
        self.asks(Asks::New(class_name));
        self.call(Call::Special, class, "<init>", descriptor);
    }

    fn call(&mut self, how: Call, class: &str, name: &str, descriptor: &str) {
        let owner = self.name(class);
        let member = Member { owner, name: self.name(name), descriptor: self.name(descriptor), of_interface: false };
        let receiver = if how == Call::Virtual { Value::Object(owner) } else { Value::Top };
        self.asks(Asks::Call { how, member, given: Given { receiver, text: None, class: None } });
    }

    fn on_files(&mut self, name: &str, descriptor: &str) {
        self.on_oss(name, descriptor, Call::Virtual, FILE_SYSTEM);
    }

    /// On the one object of the file system for OSS.
    fn on_oss(&mut self, name: &str, descriptor: &str, how: Call, owner: &str) {
        let member = Member {
            owner: self.name(owner),
            name: self.name(name),
            descriptor: self.name(descriptor),
            of_interface: false,
        };
        let receiver = Value::New(self.name(OSS_FILE_SYSTEM));
        self.asks(Asks::Call { how, member, given: Given { receiver, text: None, class: None } });
    }
}

/// What an operation calls, by its number.
pub(crate) fn roots(number: usize, names: &mut Names) -> Body {
    let mut roots = Roots { names, steps: Vec::new() };
    match OPERATIONS[number] {
        "configuration" => {
            roots.make(PATH, "(Ljava/net/URI;)V");
            roots.make(CONFIGURATION, "()V");
            roots.call(Call::Virtual, CONFIGURATION, "get", "(Ljava/lang/String;)Ljava/lang/String;");
        }
        "init" => {
            roots.call(Call::Static, FILE_SYSTEM, "get", &format!("(Ljava/net/URI;L{CONFIGURATION};)L{FILE_SYSTEM};"));
            // Hadoop makes it by its name. That one object is told apart: what is called on other file systems is not called on it.
            roots.on_oss("<init>", "()V", Call::Special, OSS_FILE_SYSTEM);
            roots.on_files("initialize", &format!("(Ljava/net/URI;L{CONFIGURATION};)V"));
        }
        "stat" => {
            roots.make(PATH, &format!("(L{PATH};Ljava/lang/String;)V"));
            roots.on_files("getFileStatus", &format!("(L{PATH};)L{STATUS};"));
        }
        "stat-missing" => {
            // What was held back before is walked in full.
            roots.on_files("exists", &format!("(L{PATH};)Z"));
        }
        "list" => roots.on_files("listStatus", &format!("(L{PATH};)[L{STATUS};")),
        "get" => {
            roots.on_files("open", &format!("(L{PATH};)L{INPUT};"));
            roots.call(Call::Virtual, INPUT, "read", "([B)I");
            roots.call(Call::Virtual, INPUT, "close", "()V");
        }
        "mkdir" => roots.on_files("mkdirs", &format!("(L{PATH};)Z")),
        "put" => {
            roots.on_files("create", &format!("(L{PATH};Z)L{OUTPUT};"));
            roots.call(Call::Virtual, OUTPUT, "write", "([B)V");
            roots.call(Call::Virtual, OUTPUT, "close", "()V");
        }
        "rename" => roots.on_files("rename", &format!("(L{PATH};L{PATH};)Z")),
        "delete" => roots.on_files("delete", &format!("(L{PATH};Z)Z")),
        "context" => {
            let of = format!("(Ljava/net/URI;L{CONFIGURATION};)L{FILE_CONTEXT};");
            roots.call(Call::Static, FILE_CONTEXT, "getFileContext", &of);
            roots.make(OSS_CONTEXT, &format!("(Ljava/net/URI;L{CONFIGURATION};)V"));
            roots.call(Call::Virtual, FILE_CONTEXT, "getFileStatus", &format!("(L{PATH};)L{STATUS};"));
        }
        _ => {
            roots.call(Call::Virtual, CONFIGURATION, "set", "(Ljava/lang/String;Ljava/lang/String;)V");
            roots.call(
                Call::Static,
                FILE_SYSTEM,
                "newInstance",
                &format!("(Ljava/net/URI;L{CONFIGURATION};)L{FILE_SYSTEM};"),
            );
            roots.on_files("close", "()V");
        }
    }
    Body { steps: roots.steps, verified: Vec::new() }
}

/// What does not run for DSS, or only in later operations.
pub(crate) fn course(names: &mut Names, settings: Settings) -> Course {
    let number = |wanted: &str| OPERATIONS.iter().position(|name| *name == wanted).unwrap_or_default();
    let mut course = Course::default();
    // An object that is there is found by its own name; what is not is looked for as a folder.
    let missing = Runs::From(number("stat-missing"));
    for listing in ["AliyunOSSFileSystemStore.listObjects", "AliyunOSSFileSystemStore.createListObjectsRequest"] {
        let listing = format!("org/apache/hadoop/fs/aliyun/oss/{listing}");
        course.add(names, (OSS_FILE_SYSTEM, "getFileStatus"), Some(listing), missing);
    }
    // What is wrong with a request stands in the body of its answer.
    for handler in ["OSSErrorResponseHandler", "OSSCallbackErrorResponseHandler"] {
        let class = format!("com/aliyun/oss/internal/{handler}");
        course.add(names, (&class, "handle"), None, Runs::From(number("denied")));
    }
    for (class, method) in NEVER {
        course.add(names, (class, method), None, Runs::Never);
    }
    for (class, method, asked) in NEVER_IN {
        course.add(names, (class, method), Some(asked.to_owned()), Runs::Never);
    }
    if !settings.signs_with_version_4 {
        for asked in [
            "com/aliyun/oss/common/comm/SignVersion",
            "com/aliyun/oss/ClientConfiguration.setSignatureVersion",
            "com/aliyun/oss/OSSClient.setRegion",
        ] {
            course.add(names, (OSS_STORE, "initialize"), Some(asked.to_owned()), Runs::Never);
        }
    }
    course
}

/// Methods that only run for settings that DSS does not make.
const NEVER: [(&str, &str); 5] = [
    // `HADOOP_TOKEN` and `HADOOP_TOKEN_FILE_LOCATION` of the environment.
    ("org/apache/hadoop/security/Credentials", "readTokenStorageFile"),
    ("org/apache/hadoop/security/token/Token", "decodeFromUrlString"),
    // `hadoop.security.credential.provider.path`
    ("org/apache/hadoop/security/alias/LocalJavaKeyStoreProvider$Factory", "createProvider"),
    // `hadoop.security.token.service.use_ip` is true.
    ("org/apache/hadoop/security/SecurityUtil$QualifiedHostResolver", "<init>"),
    // Media processing.
    ("com/aliyun/oss/internal/ResponseParsers$AsyncProcessObjectResponseParser", "parse"),
];

/// Parts of methods that only run for settings that DSS does not make: what asks for these.
const NEVER_IN: [(&str, &str, &str); 4] = [
    // `fs.oss.acl.default`
    (OSS_STORE, "initialize", "com/aliyun/oss/OSSClient.setBucketAcl"),
    // The SDK's own tracer, which Hadoop does not turn on.
    ("com/aliyun/oss/internal/OSSOperation", "doOperation", "com/aliyun/core/tracing/"),
    ("com/aliyun/oss/internal/OSSOperation", "doOperation", "io/opentelemetry/"),
    (
        "org/apache/hadoop/security/alias/CredentialProviderFactory",
        "getProviders",
        "org/apache/hadoop/security/alias/CredentialProviderFactory.createProvider",
    ),
];
