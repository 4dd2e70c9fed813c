//! The variables that DSS reads, and which of its files they belong in.

use ackcheck_core::seat::dss::Script;

/// The variable that administrators set themselves.
const EXT_HOST: &str = "DKU_BACKEND_EXT_HOST";
/// What DSS's start scripts and its processes read besides.
const KNOWN: [&str; 34] = [
    "DKUINSTALLDIR",
    "DKUJAVABIN",
    "DKUPYTHONBIN",
    "DKURBIN",
    "DKURUNDIR",
    "DKU_NODE_TYPE",
    "DKU_BASE_PORT",
    "DKU_BASE_PROTOCOL",
    "DKU_NGINX_PORT",
    "DKU_BACKEND_PORT",
    "DKU_BACKEND_PROTOCOL",
    "DKU_IPYTHON_PORT",
    "DKU_HPROXY_PORT",
    "DKU_EVENTSERVER_PORT",
    "DKU_STORIES_PORT",
    "DKU_JAVA_OPTS",
    "DKU_BACKEND_JAVA_OPTS",
    "DKU_FEK_JAVA_OPTS",
    "DKU_JEK_JAVA_OPTS",
    "DKU_CAK_JAVA_OPTS",
    "DKU_HPROXY_JAVA_OPTS",
    "DKU_EVENTSERVER_JAVA_OPTS",
    "DKU_DKU_JAVA_OPTS",
    "DKU_BACKEND_JAVA_LIBRARY_PATH",
    "DKU_HADOOP_ENABLED",
    "DKU_HADOOP_FLAVOR",
    "DKU_HADOOP_FLAVOR2",
    "DKU_HADOOP_VERSION_STRING",
    "DKU_HADOOP_CP",
    "DKU_SPARK_ENABLED",
    "DKU_SPARK_HOME",
    "DKU_SPARK_VERSION",
    "DKU_PYSPARK_PYTHONPATH",
    "DKU_NO_CHECK_CERTIFICATE",
];

/// The variable of DSS that a name is nearly; none for its own names and for those of others. Files that installers write
/// have names of releases that are not known here, so that only the host's name is looked for in them.
pub(super) fn meant(name: &str, own: bool) -> Option<&'static str> {
    if name == EXT_HOST || KNOWN.contains(&name) {
        return None;
    }
    let bare = bare(name);
    let words = ["EXT", "HOST"].iter().all(|word| bare.contains(word));
    let of_dss = bare.starts_with("DKU") || bare.starts_with("DSS") || bare.starts_with("BACKEND");
    if (words && of_dss && bare.contains("BACKEND")) || bare == "DKUEXTHOST" || near(&bare, EXT_HOST) {
        return Some(EXT_HOST);
    }
    KNOWN.into_iter().find(|known| own && near(&bare, known))
}

/// What writes a file anew in which a value of the administrator's stands; none where the value is the file's own.
pub(super) fn overwritten_by(script: Script, name: &str) -> Option<&'static str> {
    let own = |start: &str| name.starts_with(start);
    let moved = name == EXT_HOST;
    match script {
        Script::Default if moved || own("DKU_HADOOP_") || own("DKU_SPARK_") => Some("the installer of DSS"),
        Script::Hadoop if moved || own("DKU_SPARK_") => Some("the installation of the Hadoop integration"),
        Script::Spark if moved || own("DKU_HADOOP_") => Some("the installation of the Spark integration"),
        _ => None,
    }
}

/// A name without what people leave out or write otherwise.
fn bare(name: &str) -> String {
    name.chars().filter(|c| *c != '_').map(|c| c.to_ascii_uppercase()).collect()
}

/// True where one letter is missing, more, other, or in its neighbour's place.
fn near(written: &str, known: &str) -> bool {
    let known = bare(known);
    let (one, two) = (written.as_bytes(), known.as_bytes());
    if one.len().abs_diff(two.len()) > 1 {
        return false;
    }
    let start = one.iter().zip(two).take_while(|(a, b)| a == b).count();
    let (one, two) = (&one[start..], &two[start..]);
    let end = one.iter().rev().zip(two.iter().rev()).take_while(|(a, b)| a == b).count();
    let (one, two) = (&one[..one.len() - end], &two[..two.len() - end]);
    one.len() <= 1 && two.len() <= 1 || (one.len() == 2 && two.len() == 2 && one[0] == two[1] && one[1] == two[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_variable_that_is_meant() {
        for name in [
            "DKU_BACKEND_EXTHOST",
            "DKU_BACKEND_EXT_HOSTNAME",
            "DKU_BACKEND_EXTERNAL_HOST",
            "dku_backend_ext_host",
            "DKU_BACKEDN_EXT_HOST",
            "DKU_BACKEND_EXT_HOTS",
            "DKU_BACKEND_EXT_HOS",
            "DSS_BACKEND_EXT_HOST",
            "BACKEND_EXT_HOST",
            "DKU_EXT_HOST",
            "DKUBACKEND_EXT_HOST",
        ] {
            assert_eq!(meant(name, false), Some(EXT_HOST), "{name}");
        }
        assert_eq!(meant("DKU_SPARKHOME", true), Some("DKU_SPARK_HOME"));
        assert_eq!(meant("DKU_SPARKHOME", false), None);
    }

    #[test]
    fn other_names_are_nobodys() {
        for name in KNOWN.iter().chain(&[
            EXT_HOST,
            "DKU_BACKEND_EXT_PORT",
            "DKU_BACKEND_HOST",
            "http_proxy",
            "HOST",
            "EXT_HOST",
            "JAVA_HOME",
            "DKU_MY_OWN",
            "DKU_GOVERN_PORT",
        ]) {
            assert_eq!(meant(name, true), None, "{name}");
        }
    }
}
