//! Scripts as administrators write them, and what they leave.

use super::super::shell::{DEEPEST, LONGEST_SCRIPT};
use super::*;

const NAME: &str = "DKU_BACKEND_EXT_HOST";

fn after(script: &str) -> Option<Variable> {
    let mut environment = Environment::default();
    environment.seed("DIP_HOME", "/data/dss");
    environment.source(script).unwrap_or_else(|malformed| panic!("{script:?}: {malformed:?}"));
    environment.get(NAME)
}

#[track_caller]
fn literal(script: &str, value: &str, exported: bool, line: usize) {
    let expected = Variable { value: Value::Literal(value.to_owned()), exported, line };
    assert_eq!(after(script), Some(expected), "{script}");
}

#[track_caller]
fn dynamic(script: &str, line: usize) {
    match after(script) {
        Some(Variable { value: Value::Dynamic(_), line: seen, .. }) => assert_eq!(seen, line, "{script}"),
        other => panic!("{script}: {other:?}"),
    }
}

#[test]
fn reads_what_a_shell_would_leave() {
    literal("export DKU_BACKEND_EXT_HOST=my.host.name\n", "my.host.name", true, 1);
    literal("# a comment\nexport DKU_BACKEND_EXT_HOST=\"10.0.0.20\" # why\n", "10.0.0.20", true, 2);
    literal("DKU_BACKEND_EXT_HOST='a b'", "a b", false, 1);
    literal("DKU_BACKEND_EXT_HOST=a; export DKU_BACKEND_EXT_HOST", "a", true, 1);
    literal("export DKU_BACKEND_EXT_HOST\nDKU_BACKEND_EXT_HOST=a", "a", true, 2);
    literal("export DKU_BACKEND_EXT_HOST=a\nexport DKU_BACKEND_EXT_HOST=b", "b", true, 2);
    literal("export DKU_BACKEND_EXT_HOST=a\nDKU_BACKEND_EXT_HOST=b", "b", true, 2);
    literal("export DKU_BACKEND_EXT_HOST=a\nexport -n DKU_BACKEND_EXT_HOST", "a", false, 1);
    literal("declare -x DKU_BACKEND_EXT_HOST=a", "a", true, 1);
    literal("declare DKU_BACKEND_EXT_HOST=a", "a", false, 1);
    literal("set -a\nDKU_BACKEND_EXT_HOST=a\nset +a", "a", true, 2);
    literal("H=dss; D=corp\nexport DKU_BACKEND_EXT_HOST=$H.${D}.example", "dss.corp.example", true, 2);
    literal("export DKU_BACKEND_EXT_HOST=\"$DIP_HOME\"/x", "/data/dss/x", true, 1);
    literal("export DKU_BACKEND_EXT_HOST=a\\ b", "a b", true, 1);
    literal("export A=1 DKU_BACKEND_EXT_HOST=a B=2", "a", true, 1);
    literal("{ export DKU_BACKEND_EXT_HOST=a; }", "a", true, 1);
    literal("DKU_BACKEND_EXT_HOST=a\nDKU_BACKEND_EXT_HOST+=b", "ab", false, 2);
    // What another shell sets stays there.
    literal("export DKU_BACKEND_EXT_HOST=a\n( export DKU_BACKEND_EXT_HOST=b )\n", "a", true, 1);
    literal("export DKU_BACKEND_EXT_HOST=a\necho x | read DKU_BACKEND_EXT_HOST", "a", true, 1);
    literal("export DKU_BACKEND_EXT_HOST=a\nDKU_BACKEND_EXT_HOST=b true", "a", true, 1);
    // What a script does with other variables does not matter.
    literal("if [ -f /x ]; then A=1; fi\nexport DKU_BACKEND_EXT_HOST=a", "a", true, 2);
    literal("eval `minikube docker-env`\nexport DKU_BACKEND_EXT_HOST=a", "a", true, 2);
    literal("export DKU_BACKEND_EXT_HOST=a\nreturn\nexport DKU_BACKEND_EXT_HOST=b", "a", true, 1);
    for unset in ["", "# export DKU_BACKEND_EXT_HOST=a", "export DKU_BACKEND_EXT_HOST=a\nunset DKU_BACKEND_EXT_HOST"] {
        assert_eq!(after(unset), None, "{unset}");
    }
}

#[test]
fn says_what_only_a_running_shell_decides() {
    dynamic("export DKU_BACKEND_EXT_HOST=$(hostname -I | cut -d' ' -f1)", 1);
    dynamic("\nexport DKU_BACKEND_EXT_HOST=`hostname -f`", 2);
    dynamic("export DKU_BACKEND_EXT_HOST=$HOSTNAME", 1);
    dynamic("export DKU_BACKEND_EXT_HOST=${X:-a}", 1);
    dynamic("export DKU_BACKEND_EXT_HOST=~/a", 1);
    dynamic("export DKU_BACKEND_EXT_HOST=a\nif [ -f /x ]; then\n  export DKU_BACKEND_EXT_HOST=b\nfi", 3);
    dynamic("export DKU_BACKEND_EXT_HOST=a\n[ -f /x ] && export DKU_BACKEND_EXT_HOST=b", 2);
    dynamic("case $X in a) DKU_BACKEND_EXT_HOST=b;; esac", 1);
    dynamic("while read line; do DKU_BACKEND_EXT_HOST=$line; done < /x", 1);
    dynamic("for h in a b; do DKU_BACKEND_EXT_HOST=$h; done", 1);
    dynamic("export DKU_BACKEND_EXT_HOST=a\nsource /etc/dss.env", 2);
    dynamic(". ./other.sh", 1);
    dynamic("eval \"$(other)\"", 1);
    dynamic("read DKU_BACKEND_EXT_HOST < /etc/name", 1);
    dynamic("f() { DKU_BACKEND_EXT_HOST=b; }\nDKU_BACKEND_EXT_HOST=a\nf", 1);
    dynamic("[ -f /x ] || return\nexport DKU_BACKEND_EXT_HOST=a", 2);
}

#[test]
fn says_where_a_script_is_no_shell() {
    let malformed = |script: &str| Environment::default().source(script).unwrap_err();
    assert!(malformed("export A=1\nexport DKU_BACKEND_EXT_HOST=\"a\nb").line >= 1);
    assert_eq!(malformed("A=1\nif true; then\n").line, 2);
    assert_eq!(malformed("A=1\nfi\n").line, 2);
    assert_eq!(malformed("A=1\n\0").line, 2);
    assert_eq!(malformed(&"(".repeat(100_000)).line, 1);
    assert_eq!(malformed(&"if true; then\n".repeat(1000)).line, DEEPEST + 1);
    assert_eq!(malformed(&"#".repeat(LONGEST_SCRIPT + 1)).line, 1);
}

#[test]
fn hostile_nesting_ends_soon() {
    let began = std::time::Instant::now();
    for opener in ["$(", "(", "{ ", "${x:-", "$((", "`", "\"$(", "if (", "[[ ( ", "<(", "a=("] {
        for times in [5, 10, DEEPEST - 1] {
            let _ = Environment::default().source(&format!("A={}", opener.repeat(times)));
            let _ = Environment::default().source(&opener.repeat(times));
        }
    }
    assert!(began.elapsed() < std::time::Duration::from_secs(120), "{:?}", began.elapsed());
}
