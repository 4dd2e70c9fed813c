//! `fs.oss.credentials.provider`: whether Hadoop can make the class, and what the class then reads.
//!
//! `AliyunOSSUtils.getCredentialsProvider` calls the constructor `(URI, Configuration)`, else the one without arguments.

/// What Hadoop can do with a class that names itself a provider of credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// Hadoop makes it; it reads the key from these variables of DSS's environment.
    Environment,
    /// Hadoop makes it; it reads the key from system properties of DSS's JVM.
    SystemProperties,
    /// Hadoop makes it; it reads the key from a file in the home directory of DSS's account.
    Profile,
    /// It has none of the two constructors.
    NoConstructor,
    /// Another class: who wrote it knows.
    Other,
}

/// The variables that [`Provider::Environment`] cannot do without.
pub const VARIABLES: [&str; 2] = ["OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET"];

/// The package of the SDK's providers.
const SDK: &str = "com.aliyun.oss.common.auth.";

/// The SDK's providers that take arguments of their own alone.
const OF_THE_SDK: [&str; 7] = [
    "CredentialsProvider",
    "CustomSessionCredentialsProvider",
    "DefaultCredentialProvider",
    "EcsRamRoleCredentialsProvider",
    "InstanceProfileCredentialsProvider",
    "STSAssumeRoleSessionCredentialsProvider",
    "STSKeyPairSessionCredentialsProvider",
];

/// Hadoop's own takes a Configuration and no URI: it is what is used where no provider is named, and cannot be named.
const HADOOP_S_OWN: &str = "org.apache.hadoop.fs.aliyun.oss.AliyunCredentialsProvider";

impl Provider {
    /// By the class's name, trimmed as Hadoop trims it.
    pub fn of(class: &str) -> Provider {
        if class == HADOOP_S_OWN {
            return Provider::NoConstructor;
        }
        match class.strip_prefix(SDK) {
            Some("EnvironmentVariableCredentialsProvider") => Provider::Environment,
            Some("SystemPropertiesCredentialsProvider") => Provider::SystemProperties,
            Some("ProfileCredentialsProvider") => Provider::Profile,
            Some(name) if OF_THE_SDK.contains(&name) => Provider::NoConstructor,
            _ => Provider::Other,
        }
    }
}
