//! The settings of Hadoop that a check or another seat reads, in DSS's settings and in its connections. Of all others the
//! seat tells that they are there, and never their values.

use super::containers::spark;

/// The endpoint of OSS.
pub const ENDPOINT: &str = "fs.oss.endpoint";
/// The id of the access key.
pub const KEY_ID: &str = "fs.oss.accessKeyId";
/// The secret of the access key.
pub const KEY_SECRET: &str = "fs.oss.accessKeySecret";
/// The token of a temporary key.
pub const SECURITY_TOKEN: &str = "fs.oss.securityToken";
/// A class that brings the key by itself, such as from the ECS instance's RAM role.
pub const KEY_PROVIDER: &str = "fs.oss.credentials.provider";
/// Where Hadoop looks for keys before it looks in the settings.
pub const CREDENTIAL_STORE: &str = "hadoop.security.credential.provider.path";
/// Whether Hadoop looks for keys in the settings at all.
pub const CLEAR_TEXT_FALLBACK: &str = "hadoop.security.credential.clear-text-fallback";
/// The class of the file system.
pub const FILE_SYSTEM: &str = "fs.oss.impl";
/// The class for what asks for an abstract file system.
pub const ABSTRACT_FILE_SYSTEM: &str = "fs.AbstractFileSystem.oss.impl";
/// Whether requests go by TLS.
pub const SECURE: &str = "fs.oss.connection.secure.enabled";
/// The proxy that requests go through.
pub const PROXY_HOST: &str = "fs.oss.proxy.host";
/// Its port.
pub const PROXY_PORT: &str = "fs.oss.proxy.port";
/// The user at the proxy.
pub const PROXY_USER: &str = "fs.oss.proxy.username";
/// The user's password.
pub const PROXY_PASSWORD: &str = "fs.oss.proxy.password";
/// The ACL that Hadoop gives the bucket whenever it opens a connection.
pub const ACL: &str = "fs.oss.acl.default";
/// The signatures to make, from hadoop-aliyun 3.5.0 on.
pub const SIGNATURE_VERSION: &str = "fs.oss.signatureversion";
/// Whether Hadoop signs with version 4 by this value of [`SIGNATURE_VERSION`]: `V4` in any case, and nothing around it,
/// since hadoop-aliyun 3.5.0 compares the value as it stands (`AliyunOSSFileSystemStore.initialize`, `equalsIgnoreCase`).
pub fn is_version_4(value: &str) -> bool {
    value.eq_ignore_ascii_case("V4")
}

/// The region that a signature is for.
pub const REGION: &str = "fs.oss.region";
/// How many connections at once.
pub const MAXIMUM_CONNECTIONS: &str = "fs.oss.connection.maximum";
/// How often a request is tried.
pub const ATTEMPTS: &str = "fs.oss.attempts.maximum";
/// How long a connection may take to be made.
pub const ESTABLISH_TIMEOUT: &str = "fs.oss.connection.establish.timeout";
/// How long an answer may take.
pub const TIMEOUT: &str = "fs.oss.connection.timeout";
/// How large the parts of an upload are.
pub const UPLOAD_SIZE: &str = "fs.oss.multipart.upload.size";
/// How long idle threads are kept.
pub const KEEP_ALIVE: &str = "fs.oss.threads.keepalivetime";
/// How many parts of a file are uploaded at once.
pub const ACTIVE_BLOCKS: &str = "fs.oss.upload.active.blocks";
/// How many objects a list asks for at once.
pub const PAGING: &str = "fs.oss.paging.maximum";
/// How many bytes a read asks for at once; read when a file is opened.
pub const DOWNLOAD_SIZE: &str = "fs.oss.multipart.download.size";
/// What Hadoop takes for the size of a block; read when a file is created.
pub const BLOCK_SIZE: &str = "fs.oss.block.size";
/// The numbers that are read once there is a client, in that order.
pub const LATER_NUMBERS: [&str; 4] = [
    PAGING,
    "fs.oss.multipart.download.threads",
    "fs.oss.max.total.tasks",
    "fs.oss.multipart.download.ahead.part.max.number",
];
/// The numbers that are read after those, in that order.
pub const LAST_NUMBERS: [&str; 3] =
    ["fs.oss.max.copy.tasks.per.dir", "fs.oss.max.copy.threads", "fs.oss.max.copy.tasks"];

const ALL: [&str; 26] = [
    DOWNLOAD_SIZE,
    BLOCK_SIZE,
    ENDPOINT,
    KEY_ID,
    KEY_SECRET,
    SECURITY_TOKEN,
    KEY_PROVIDER,
    CREDENTIAL_STORE,
    CLEAR_TEXT_FALLBACK,
    FILE_SYSTEM,
    ABSTRACT_FILE_SYSTEM,
    SECURE,
    PROXY_HOST,
    PROXY_PORT,
    PROXY_USER,
    PROXY_PASSWORD,
    ACL,
    SIGNATURE_VERSION,
    REGION,
    MAXIMUM_CONNECTIONS,
    ATTEMPTS,
    ESTABLISH_TIMEOUT,
    TIMEOUT,
    UPLOAD_SIZE,
    KEEP_ALIVE,
    ACTIVE_BLOCKS,
];

/// Every setting whose value is told.
pub fn all() -> impl Iterator<Item = &'static str> {
    ALL.into_iter().chain(LATER_NUMBERS).chain(LAST_NUMBERS)
}

/// True for a setting whose value is told; Hadoop trims the names. Spark hands on its own of the prefix `spark.hadoop.`.
pub fn is_read(key: &str) -> bool {
    let key = key.trim_matches(|c: char| c <= ' ');
    let of_hadoop = key.strip_prefix(spark::HADOOP).unwrap_or(key);
    all().any(|known| known == of_hadoop) || spark::is_read(key)
}
