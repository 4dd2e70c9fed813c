//! The Java of the lab's DSS host: it says its version as the real one does, and what a JVM with Hadoop would come to: by
//! the jars on the class path that it is given, the settings in the file that it is given, and the lab's OSS.

use anyhow::Context as _;
use serde::Deserialize;

use crate::storage::hadoop::{self, Heard, Refusal, Step};
use crate::world::World;
use ackcheck_core::shell::shell_word;

/// What Hadoop reads back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ReadsBack {
    WhatItWrote,
    /// As with an SDK that does not see the length of what comes.
    Nothing,
}

/// How the script begins: its arguments, what is among the jars and the settings, and how a JVM reports what is thrown. It
/// needs no program but sed.
const BEGINS: &str = r#"
cp= file=
while [ $# -gt 1 ]; do [ "$1" != -cp ] || cp=$2; file=$1; shift; done
jars= IFS=:
set -f
for entry in $cp; do
  case $entry in */'*') ;; *) continue ;; esac
  set +f
  for jar in "${entry%/*}"/*.jar; do [ ! -e "$jar" ] || jars="$jars${jar##*/}
"; done
  set -f
done
set +f
unset IFS
version() { echo "$jars" | sed -n "/^$1-[0-9][0-9.]*\.jar\$/{s/^$1-//;s/\.jar\$//;p;q;}"; }
get() { sed -n "/^set\.$1=/{s///;h;};\${x;p;}" "$file"; }
began() { step=$1; echo "began $1"; }
line() { printf '%s\n' "$1"; }
ends() { line "thrown $1"; line "at $2"; line 'end '; exit 0; }
lacks() { line "thrown java.lang.NoClassDefFoundError $1"; line "at $2"; ends "java.lang.ClassNotFoundException $1" 'java.lang.ClassLoader.loadClass(ClassLoader.java:525)'; }
echo 'ackcheck 1'
common=$(version hadoop-common) aliyun=$(version hadoop-aliyun)
[ -n "$common" ] || lacks org/apache/hadoop/fs/Path 'AckcheckHadoopWork.<init>(AckcheckHadoop.java:93)'
began init
[ -n "$(get fs.oss.impl)" ] || ends 'org.apache.hadoop.fs.UnsupportedFileSystemException No FileSystem for scheme "oss"' 'org.apache.hadoop.fs.FileSystem.getFileSystemClass(FileSystem.java:3332)'
[ -n "$aliyun" ] || ends 'java.lang.ClassNotFoundException Class org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem not found' 'org.apache.hadoop.conf.Configuration.getClassByName(Configuration.java:2597)'
[ -n "$(version aliyun-sdk-oss)" ] || lacks com/aliyun/oss/common/auth/CredentialsProvider 'org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystemStore.initialize(AliyunOSSFileSystemStore.java:92)'
number() { case $(get "$1") in ''|[0-9]|*[0-9]) ;; *) ends "java.lang.NumberFormatException For input string: \"$(get "$1")\"" 'org.apache.hadoop.conf.Configuration.getLong(Configuration.java:1587)' ;; esac; }
for name in fs.oss.connection.maximum fs.oss.paging.maximum fs.oss.multipart.upload.size; do number $name; done
"#;

/// What follows: the class that the client needs when it first asks, and the proxy, which nobody in the lab is.
const ASKS: &str = r#"
[ -n "$(version jdom2)" ] || lacks org/jdom2/input/JDOMParseException 'com.aliyun.oss.internal.OSSObjectOperation.getObjectMetadata(OSSObjectOperation.java:481)'
proxy=$(get fs.oss.proxy.host)
[ -z "$proxy" ] || { line "thrown com.aliyun.oss.ClientException CONNECT refused by proxy: HTTP/1.1 400 Bad Request [ErrorCode]: Unknown [RequestId]: Unknown"; ends "org.apache.http.impl.execchain.TunnelRefusedException CONNECT refused by proxy: HTTP/1.1 400 Bad Request" 'org.apache.http.impl.execchain.MainClientExec.createTunnelToTarget(MainClientExec.java:487)'; }
"#;

/// The script of a Java of this version.
///
/// # Errors
/// Where the world is not whole.
pub(super) fn script(world: &World, version: &str, reads_back: ReadsBack) -> anyhow::Result<String> {
    let heard = hadoop::heard(world)?;
    let said = shell_word(&format!("openjdk version \"{version}\""));
    let mut text = format!("[ \"$1\" != -version ] || {{ echo {said} >&2; exit 0; }}\n{BEGINS}");
    if feature(version)? >= 24 {
        text.push_str(&thrown(
            "java.lang.UnsupportedOperationException",
            "getSubject is not supported",
            "javax.security.auth.Subject.getSubject(Subject.java:277)",
        ));
    }
    if let Some(refusal) = &heard.acl {
        text.push_str(&format!("[ -z \"$(get fs.oss.acl.default)\" ] || {}", refused(refusal)));
    }
    text.push_str("began mkdir\n");
    text.push_str(ASKS);
    text.push_str(&keys(&heard));
    let steps = [
        ("", Step::Mkdir),
        ("began write\nnumber fs.oss.block.size\nnumber io.file.buffer.size\n", Step::Write),
        ("began list\n", Step::List),
        // Between hadoop-common 3.2.1 and 3.2.2 a constructor changed that hadoop-aliyun 3.2 calls when it opens a file.
        (
            "began read\ncase $aliyun/$common in 3.2.*/3.2.[01]|3.[3-9]*/*) ;; 3.2.*/*) \
             ends \"java.lang.NoSuchMethodError org.apache.hadoop.util.SemaphoredDelegatingExecutor.<init>(Lcom/google/common/util/concurrent/ListeningExecutorService;IZ)V\" \
             'org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem.open(AliyunOSSFileSystem.java:575)' ;; esac\n",
            Step::Read,
        ),
        ("began rename\n", Step::Rename),
        ("began delete\n", Step::Delete),
    ];
    for (begins, step) in steps {
        text.push_str(begins);
        if let Some(refusal) = heard.rest.as_ref().filter(|refusal| refusal.step == step) {
            text.push_str(&refused(refusal));
        }
        if step == Step::Read && reads_back == ReadsBack::Nothing {
            text.push_str("line 'wrong 1000 bytes were written and 0 are read back'\n");
        }
    }
    text.push_str("line 'end '\n");
    Ok(text)
}

/// The release of a version of Java: 8 of 1.8.0, 17 of 17.0.13.
pub(super) fn feature(version: &str) -> anyhow::Result<u16> {
    let number = version.strip_prefix("1.").unwrap_or(version).split('.').next();
    number.and_then(|number| number.parse().ok()).context("no version of Java")
}

/// A key that OSS does not know, or whose signature does not hold.
fn keys(heard: &Heard) -> String {
    let unknown = "com.aliyun.oss.OSSException The OSS Access Key Id you provided does not exist in our records. \
                   [ErrorCode]: InvalidAccessKeyId [RequestId]: 656000000000000000000001 [HostId]: the lab's";
    let wrong = "com.aliyun.oss.OSSException The request signature we calculated does not match the signature you provided. \
                 Check your key and signing method. [ErrorCode]: SignatureDoesNotMatch [RequestId]: 656000000000000000000001 \
                 [HostId]: the lab's";
    let frame = shell_word(FRAME);
    let word = |text: &str| shell_word(text);
    format!(
        "[ \"$(get fs.oss.accessKeyId)\" = {} ] || ends {} {frame}\n[ \"$(get fs.oss.accessKeySecret)\" = {} ] || ends {} {frame}\n",
        word(&heard.key_id),
        word(unknown),
        word(&heard.key_secret),
        word(wrong),
    )
}

const FRAME: &str = "com.aliyun.oss.common.utils.ExceptionFactory.createOSSException(ExceptionFactory.java:100)";

fn thrown(class: &str, message: &str, frame: &str) -> String {
    format!("ends {} {}\n", shell_word(&format!("{class} {message}")), shell_word(frame))
}

/// What OSS refuses: of an object that is read Hadoop says that it is not there.
fn refused(refusal: &Refusal) -> String {
    let exception = shell_word(&format!("com.aliyun.oss.OSSException {}", refusal.said));
    match (refusal.step, refusal.above) {
        (Step::Read, _) => format!(
            "{{ line 'thrown java.io.FileNotFoundException the file: No such file or directory!'; line 'at \
             org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem.getFileStatus(AliyunOSSFileSystem.java:281)'; \
             line \"beneath \"{exception}; line 'end '; exit 0; }}\n"
        ),
        (_, true) => format!(
            "{{ line \"thrown \"{exception}; line 'at {FRAME}'; line 'at \
             org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem.validatePath(AliyunOSSFileSystem.java:534)'; \
             line 'end '; exit 0; }}\n"
        ),
        (Step::Delete, _) if refusal.said.contains("InvalidResponse") => {
            thrown("com.aliyun.oss.ClientException", &refusal.said, FRAME)
        }
        _ => format!("ends {exception} {}\n", shell_word(FRAME)),
    }
}
