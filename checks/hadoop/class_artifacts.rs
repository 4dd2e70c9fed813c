//! Which Maven artifact brings a class that Hadoop needs for OSS: read in the jars themselves.

/// Beginnings of classes, the longest first, and coordinates.
const ARTIFACTS: [(&str, &str); 21] = [
    ("org/apache/hadoop/fs/aliyun/", "org.apache.hadoop:hadoop-aliyun:HADOOP-VERSION"),
    ("org/apache/hadoop/thirdparty/com/google/", "org.apache.hadoop.thirdparty:hadoop-shaded-guava:1.1.1"),
    ("org/apache/hadoop/security/authentication/", "org.apache.hadoop:hadoop-auth:HADOOP-VERSION"),
    ("org/apache/hadoop/", "org.apache.hadoop:hadoop-common:HADOOP-VERSION"),
    ("com/aliyun/oss/", "com.aliyun.oss:aliyun-sdk-oss:3.11.2"),
    ("org/jdom2/", "org.jdom:jdom2:2.0.6"),
    ("org/jdom/", "org.jdom:jdom:1.1.3"),
    ("org/apache/http/conn/", "org.apache.httpcomponents:httpclient:4.5.13"),
    ("org/apache/http/client/", "org.apache.httpcomponents:httpclient:4.5.13"),
    ("org/apache/http/impl/client/", "org.apache.httpcomponents:httpclient:4.5.13"),
    ("org/apache/http/impl/conn/", "org.apache.httpcomponents:httpclient:4.5.13"),
    ("org/apache/http/", "org.apache.httpcomponents:httpcore:4.4.13"),
    ("javax/activation/", "javax.activation:javax.activation-api:1.2.0"),
    ("org/codehaus/stax2/", "org.codehaus.woodstox:stax2-api:4.2.1"),
    ("org/apache/commons/logging/", "commons-logging:commons-logging:1.2"),
    ("org/apache/commons/codec/", "commons-codec:commons-codec:1.15"),
    ("org/apache/commons/lang3/", "org.apache.commons:commons-lang3:3.12.0"),
    ("org/apache/commons/lang/", "commons-lang:commons-lang:2.6"),
    ("org/apache/commons/collections4/", "org.apache.commons:commons-collections4:4.4"),
    ("org/apache/commons/collections/", "commons-collections:commons-collections:3.2.2"),
    ("javax/xml/bind/", "javax.xml.bind:jaxb-api:2.3.1"),
];

/// `group:artifact:version`; where the class is of none of these, a place for what a search finds.
pub(crate) fn of(class: &str) -> &'static str {
    let found = ARTIFACTS.iter().find(|(start, _)| class.starts_with(start));
    found.map_or("GROUP:ARTIFACT:VERSION", |(_, coordinates)| coordinates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_beginning_counts() {
        for (class, artifact) in [
            ("org/apache/hadoop/fs/aliyun/oss/OSS", "hadoop-aliyun"),
            ("org/apache/hadoop/util/Preconditions", "hadoop-common"),
            ("org/jdom2/input/JDOMParseException", "jdom2"),
            ("org/apache/commons/lang3/StringUtils", "commons-lang3"),
        ] {
            assert!(of(class).contains(&format!(":{artifact}:")), "{class}");
        }
        assert_eq!(of("org/example/Own"), "GROUP:ARTIFACT:VERSION");
    }
}
