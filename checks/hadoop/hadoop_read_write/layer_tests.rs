//! Texts as JVMs and the SDK of OSS write them: of OpenJDK 8 to 25, hadoop-aliyun 2.9 to 3.5 and aliyun-sdk-oss 3.4 to 3.18.

use super::*;

fn thrown(text: &str) -> Thrown {
    let (text, frame) = text.split_once(" @ ").unwrap_or((text, "a.B.c(B.java:1)"));
    let (class, message) = text.split_once(' ').unwrap();
    Thrown { class: class.to_owned(), message: message.to_owned(), at: vec![frame.to_owned()] }
}

fn layer(step: &str, texts: &[&str]) -> Option<Layer> {
    of(step, &Trace { thrown: texts.iter().map(|text| thrown(text)).collect(), beneath: Vec::new() }, None)
}

#[test]
fn a_class_is_missing_however_the_jvm_says_so() {
    for (step, texts, class) in [
        (
            "init",
            &[
                "java.lang.NoClassDefFoundError org/apache/hadoop/fs/Path",
                "java.lang.ClassNotFoundException org.apache.hadoop.fs.Path",
            ][..],
            "org/apache/hadoop/fs/Path",
        ),
        (
            "mkdir",
            &["java.lang.NoClassDefFoundError org/jdom2/input/JDOMParseException"],
            "org/jdom2/input/JDOMParseException",
        ),
        (
            "init",
            &[
                "java.lang.RuntimeException java.lang.ClassNotFoundException: Class org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem not found @ org.apache.hadoop.conf.Configuration.getClass(Configuration.java:2693)",
                "java.lang.ClassNotFoundException Class org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem not found @ org.apache.hadoop.conf.Configuration.getClassByName(Configuration.java:2597)",
            ],
            "org/apache/hadoop/fs/aliyun/oss/AliyunOSSFileSystem",
        ),
        // What was refused is not seen for want of the class that reads the refusal.
        (
            "read",
            &[
                "com.aliyun.oss.ClientException failed to parse",
                "java.lang.NoClassDefFoundError javax/xml/bind/JAXBException",
            ],
            "javax/xml/bind/JAXBException",
        ),
        (
            "init",
            &["java.lang.NoClassDefFoundError Lorg/apache/http/protocol/HttpContext;"],
            "org/apache/http/protocol/HttpContext",
        ),
        (
            "init",
            &[
                "java.lang.NoClassDefFoundError Could not initialize class a.B",
                "java.lang.NoClassDefFoundError org/apache/log4j/Level",
            ],
            "org/apache/log4j/Level",
        ),
    ] {
        assert_eq!(layer(step, texts), Some(Layer::ClassMissing(class.to_owned())), "{texts:?}");
    }
    assert_eq!(
        layer("init", &["java.lang.NoClassDefFoundError Could not initialize class a.B"]),
        Some(Layer::Other { check: None })
    );
}

#[test]
fn a_member_is_missing_where_versions_do_not_fit() {
    for text in [
        "java.lang.NoSuchMethodError 'void org.apache.hadoop.util.SemaphoredDelegatingExecutor.<init>(com.google.common.util.concurrent.ListeningExecutorService, int, boolean)'",
        "java.lang.NoSuchMethodError com.aliyun.oss.OSSClient.deleteObject(Ljava/lang/String;Ljava/lang/String;)V",
        "java.lang.NoSuchFieldError V4",
        "java.lang.IncompatibleClassChangeError Found interface a.B, but class was expected",
        "java.lang.AbstractMethodError a.B.c()V",
    ] {
        assert!(matches!(layer("rename", &[text]), Some(Layer::MethodMissing(_))), "{text}");
    }
}

#[test]
fn java_does_not_fit() {
    for texts in [
        &[
            "java.lang.UnsupportedClassVersionError org/apache/hadoop/fs/Path has been compiled by a more recent version of the Java Runtime (class file version 61.0)",
        ][..],
        &["java.lang.UnsupportedOperationException getSubject is not supported"],
        &[
            "java.lang.NoClassDefFoundError Could not initialize class com.sun.xml.bind.v2.runtime.reflect.opt.AccessorInjector",
            "java.lang.ExceptionInInitializerError Exception java.lang.reflect.InaccessibleObjectException: Unable to make … ClassLoader.defineClass accessible",
        ],
    ] {
        assert_eq!(layer("init", texts), Some(Layer::Java), "{texts:?}");
    }
}

const DENIED: &str = "com.aliyun.oss.OSSException You have no right to access this object because of bucket acl. [ErrorCode]: AccessDenied [RequestId]: 6560 [HostId]: b.oss [ResponseError]: <Error><AccessDeniedDetail><AuthAction>oss:";

#[test]
fn what_oss_refuses_is_told_by_its_code() {
    let denied = |step, action: &str, check| {
        let text = format!("{DENIED}{action}</AuthAction></AccessDeniedDetail></Error>");
        assert_eq!(layer(step, &[&text]), Some(Layer::Denied { action: format!("oss:{action}"), check }));
    };
    denied("mkdir", "PutObject", Some("oss-write"));
    denied("mkdir", "ListObjects", Some("oss-list"));
    denied("rename", "DeleteObject", Some("oss-delete"));
    denied("init", "PutBucketAcl", None);
    let above = format!(
        "{DENIED}ListObjects</AuthAction> @ org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem.validatePath(AliyunOSSFileSystem.java:606)"
    );
    assert_eq!(layer("mkdir", &[&above]), Some(Layer::Parents));
    for (code, message) in [
        ("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided."),
        ("InvalidAccessKeyId", "The OSS Access Key Id you provided does not exist in our records."),
        ("InvalidArgument", "Signature version 1 is not supported for this bucket."),
        ("RequestTimeTooSkewed", "The difference between the request time and the current time is too large."),
    ] {
        let text = format!("com.aliyun.oss.OSSException {message} [ErrorCode]: {code} [RequestId]: 6560");
        assert_eq!(layer("mkdir", &[&text]), Some(Layer::Signature(code.to_owned())), "{text}");
    }
    let gone =
        "com.aliyun.oss.OSSException The specified bucket does not exist. [ErrorCode]: NoSuchBucket [RequestId]: 1";
    assert_eq!(layer("mkdir", &[gone]), Some(Layer::Other { check: None }));
}

#[test]
fn a_file_that_is_not_there_may_be_one_that_is_refused() {
    let missing = thrown("java.io.FileNotFoundException oss://b/a/written: No such file or directory!");
    let refused = thrown(&format!("{DENIED}GetObject</AuthAction>"));
    let hidden = Trace { thrown: vec![missing.clone()], beneath: vec![refused] };
    let layer = of("read", &hidden, None);
    assert_eq!(layer, Some(Layer::Denied { action: "oss:GetObject".to_owned(), check: Some("oss-read") }));
    assert!(layer.unwrap().seen(&hidden).contains("OSS itself says OSSException: You have no right"));
    assert_eq!(
        of("read", &Trace { thrown: vec![missing], beneath: Vec::new() }, None),
        Some(Layer::Other { check: None })
    );
}

#[test]
fn a_setting_is_what_hadoop_cannot_read() {
    for (step, text) in [
        ("write", "java.lang.NumberFormatException For input string: \"64M\""),
        ("init", "java.lang.IllegalArgumentException Proxy error: fs.oss.proxy.port set without fs.oss.proxy.host"),
        ("init", "org.apache.hadoop.fs.UnsupportedFileSystemException No FileSystem for scheme \"oss\""),
        (
            "list",
            "java.lang.IllegalStateException Variable substitution depth too large: 20 @ org.apache.hadoop.conf.Configuration.substituteVars(Configuration.java:1130)",
        ),
    ] {
        assert_eq!(layer(step, &[text]), Some(Layer::SettingRefused), "{text}");
    }
    assert_eq!(layer("rename", &["java.lang.IllegalArgumentException x"]), Some(Layer::Other { check: None }));
}

#[test]
fn a_proxy_that_does_not_answer_is_told_from_time() {
    let refused = [
        "com.aliyun.oss.ClientException Connect to 127.0.0.1:9 [/127.0.0.1] failed: Connection refused [ErrorCode]: SocketException [RequestId]: Unknown",
        "java.net.ConnectException Connection refused",
    ];
    let trace = |texts: &[&str]| Trace { thrown: texts.iter().map(|text| thrown(text)).collect(), beneath: Vec::new() };
    assert_eq!(of("mkdir", &trace(&refused), Some("127.0.0.1:9")), Some(Layer::ProxyDead));
    assert_eq!(of("mkdir", &trace(&refused), None), Some(Layer::Other { check: None }));
    let other = [
        "com.aliyun.oss.ClientException Remote host terminated the handshake [ErrorCode]: Unknown [RequestId]: 1",
        "javax.net.ssl.SSLHandshakeException Remote host terminated the handshake",
        "java.io.EOFException SSL peer shut down incorrectly",
    ];
    assert_eq!(of("mkdir", &trace(&other), Some("127.0.0.1:9")), Some(Layer::ProxyDead));
    let late = [
        "com.aliyun.oss.ClientException Read timed out [ErrorCode]: SocketTimeout [RequestId]: Unknown",
        "java.net.SocketTimeoutException Read timed out",
    ];
    assert_eq!(of("mkdir", &trace(&late), Some("127.0.0.1:9")), None);
    let page = [
        "com.aliyun.oss.ClientException Failed to parse the response result. [ErrorCode]: InvalidResponse [RequestId]: null",
    ];
    assert_eq!(of("delete", &trace(&page), None), Some(Layer::Other { check: Some("oss-post") }));
}

#[test]
fn what_is_quoted_is_short() {
    let long = thrown(&format!("a.B {}", "x".repeat(1000)));
    let trace = Trace {
        thrown: vec![long, thrown("java.io.IOException the cause [RequestId]: 1 [ResponseError]: <Error>")],
        beneath: Vec::new(),
    };
    let told = quoted(&trace);
    assert!(told.chars().count() < 400 && told.ends_with("; caused by IOException: the cause"), "{told}");
}
