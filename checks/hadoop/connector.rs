//! The programs that make `oss://` a file system, and what each of them needs.

/// A connector, told by its classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Connector {
    /// Hadoop's own, which the HOWTO installs.
    HadoopAliyun,
    /// Alibaba's JindoSDK, 4 and later.
    JindoSdk,
    /// JindoFS SDK, up to 3.
    JindoFs,
    /// E-MapReduce's older connector.
    EmrOss,
    /// Hadoop's connector for S3.
    S3a,
}

/// The classes that settings name, and whose they are.
const CLASSES: [(&str, Connector); 11] = [
    ("org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem", Connector::HadoopAliyun),
    ("org.apache.hadoop.fs.aliyun.oss.OSS", Connector::HadoopAliyun),
    ("com.aliyun.jindodata.oss.JindoOssFileSystem", Connector::JindoSdk),
    ("com.aliyun.jindodata.oss.JindoOSS", Connector::JindoSdk),
    ("com.aliyun.jindodata.oss.OSS", Connector::JindoSdk),
    ("com.aliyun.emr.fs.oss.JindoOssFileSystem", Connector::JindoFs),
    ("com.aliyun.emr.fs.oss.OSS", Connector::JindoFs),
    ("com.aliyun.fs.oss.nat.NativeOssFileSystem", Connector::EmrOss),
    ("com.aliyun.fs.oss.blk.OssFileSystem", Connector::EmrOss),
    ("org.apache.hadoop.fs.s3a.S3AFileSystem", Connector::S3a),
    ("org.apache.hadoop.fs.s3a.S3A", Connector::S3a),
];

impl Connector {
    /// By the name of a class of its.
    pub(super) fn of_class(class: &str) -> Option<Connector> {
        CLASSES.iter().find(|(known, _)| *known == class).map(|(_, connector)| *connector)
    }

    /// What people call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Connector::HadoopAliyun => "hadoop-aliyun",
            Connector::JindoSdk => "JindoSDK",
            Connector::JindoFs => "JindoFS SDK",
            Connector::EmrOss => "E-MapReduce's OSS connector",
            Connector::S3a => "hadoop-aws (S3A)",
        }
    }

    pub(super) fn jars(self) -> &'static [&'static str] {
        match self {
            Connector::HadoopAliyun => &["hadoop-aliyun-", "aliyun-sdk-oss-"],
            Connector::JindoSdk => &["jindo-core-", "jindo-sdk-"],
            Connector::JindoFs => &["jindofs-sdk-"],
            Connector::EmrOss => &["emr-core-"],
            Connector::S3a => &["hadoop-aws-", "aws-java-sdk-bundle-"],
        }
    }
}
