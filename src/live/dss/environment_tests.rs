//! Scripts as administrators write them, and what they leave.

use super::super::shell::{DEEPEST_DOUBLING, LONGEST_SCRIPT};
use super::*;

const NAME: &str = "DKU_BACKEND_EXT_HOST";

fn after(script: &str) -> Option<Variable> {
    let mut environment = Environment::default();
    environment.seed("DIP_HOME", "/data/dss");
    environment.source(script.as_bytes(), "s").unwrap_or_else(|fault| panic!("{script:?}: {fault:?}"));
    environment.get(NAME)
}

#[track_caller]
fn literal(script: &str, value: &str, exported: bool, line: usize) {
    let place = Place { file: Arc::from("s"), line };
    let expected = Variable { value: Value::Literal(value.to_owned()), exported: Some(exported), place };
    assert_eq!(after(script), Some(expected), "{script}");
}

#[track_caller]
fn dynamic(script: &str, line: usize) {
    match after(script) {
        Some(Variable { value: Value::Dynamic(_), place, .. }) => assert_eq!(place.line, line, "{script}"),
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
    dynamic("for h in $HOSTS; do DKU_BACKEND_EXT_HOST=$h; done", 1);
    dynamic("export DKU_BACKEND_EXT_HOST=a\nsource /etc/dss.env", 2);
    dynamic(". ./other.sh", 1);
    dynamic("eval \"$(other)\"", 1);
    dynamic("read DKU_BACKEND_EXT_HOST < /etc/name", 1);
    dynamic("[ -f /x ] || return\nexport DKU_BACKEND_EXT_HOST=a", 2);
}

#[track_caller]
fn stops(script: &str, line: usize) {
    match Environment::default().source(script.as_bytes(), "s") {
        Err(NotRead::Malformed(fault)) => assert_eq!(fault.line, line, "{script:?}: {}", fault.why),
        other => panic!("{script:?}: {other:?}"),
    }
}

#[test]
fn says_where_bash_stops() {
    stops("export A=1\nexport DKU_BACKEND_EXT_HOST=\"a\nb", 3);
    stops("A=1\nif true; then\n", 2);
    stops("A=1\nfi\n", 2);
    stops("export DKU_BACKEND_EXT_HOST = dss.corp.example", 1);
    stops("DKU_BACKEND_EXT_HOST = dss.corp.example", 1);
    stops("\u{feff}export DKU_BACKEND_EXT_HOST=dss.corp.example\n", 1);
    stops("A=1\n\nsetenv DKU_BACKEND_EXT_HOST dss.corp.example", 3);
    stops("A=1\r\n\r\nB=2\r\n", 2);
    stops(&"#\0\n".repeat(257), 1);
    stops("f() { false; }\nf", 1);
    stops("A=1\nexit 0\nB=1", 2);
    stops("false", 1);
    stops("A=${DKU_NONE:?not set}", 1);
    stops("set -u\nA=$DKU_NONE", 2);
    stops("[ a = b ]", 1);
    stops("[ a = b ] && A=1", 1);
    for written in [
        "export DKU_BACKEND_EXT_HOST= dss.corp.example",
        "export DKU_BACKEND_EXT_HOST =dss.corp.example",
        "Export DKU_BACKEND_EXT_HOST=dss.corp.example",
        "exprot DKU_BACKEND_EXT_HOST=dss.corp.example",
        "export $DKU_BACKEND_EXT_HOST=dss.corp.example",
        "export DKU-BACKEND-EXT-HOST=dss.corp.example",
        "DKU_BACKEND_EXT_HOST: dss.corp.example",
        "export\u{a0}DKU_BACKEND_EXT_HOST=dss.corp.example",
        "export DKU_BACKEND_EXT_HOST=<dss-host>",
        // A function's name has no value.
        "export -f DKU_BACKEND_EXT_HOST=dss.corp.example",
        "readonly -f DKU_BACKEND_EXT_HOST=dss.corp.example",
        "declare -xf DKU_BACKEND_EXT_HOST=dss.corp.example",
        "typeset -xF DKU_BACKEND_EXT_HOST=dss.corp.example",
        "declare -xp DKU_BACKEND_EXT_HOST=dss.corp.example",
    ] {
        stops(written, 1);
    }
}

#[test]
fn what_is_caught_or_not_reached_stops_nothing() {
    literal("export DKU_BACKEND_EXT_HOST=a\nsetenv A b || true", "a", true, 1);
    literal("export DKU_BACKEND_EXT_HOST=a\nset +e\nsetenv A b\nset -e", "a", true, 1);
    literal("export DKU_BACKEND_EXT_HOST=a\nif false; then setenv A b; fi", "a", true, 1);
    literal("export DKU_BACKEND_EXT_HOST=a\nreturn 0\nif", "a", true, 1);
    literal("export DKU_BACKEND_EXT_HOST=a\n! false", "a", true, 1);
    literal("export DKU_BACKEND_EXT_HOST=a\n[ a = b ] && A=1\ntrue", "a", true, 1);
}

/// Rows of the field's table, each as real bash has it.
#[test]
fn what_people_really_wrote() {
    literal("export \"DKU_BACKEND_EXT_HOST=127.0.0.1\"", "127.0.0.1", true, 1);
    literal(": \"${DKU_BACKEND_EXT_HOST:=localhost}\"; export DKU_BACKEND_EXT_HOST", "localhost", true, 1);
    let words = "# if you do this, do that\n".repeat(12);
    literal(&format!("{words}export DKU_BACKEND_EXT_HOST=a"), "a", true, 13);
    dynamic("load() { . /etc/dss.env; }\nload\n", 1);
    for nothing in [
        "cat >> env-site.sh <<EOF\nexport DKU_BACKEND_EXT_HOST=dss.corp.example\nEOF\n",
        "env DKU_BACKEND_EXT_HOST=dss.corp.example",
        "( export DKU_BACKEND_EXT_HOST=a )",
        "export DKU_BACKEND_EXT_HOST=a | cat",
        "export DKU_BACKEND_EXT_HOST=a &",
        "set DKU_BACKEND_EXT_HOST=a",
        "setenv DKU_BACKEND_EXT_HOST a || true",
    ] {
        let mut environment = Environment::default();
        environment.source(nothing.as_bytes(), "s").unwrap();
        assert_eq!(environment.get(NAME), None, "{nothing}");
        let vain = environment.vain();
        assert!(vain.first().is_some_and(|vain| vain.name == NAME && vain.place.line == 1), "{nothing}: {vain:?}");
    }
    let mut latin = b"# caf\xe9\n".to_vec();
    latin.extend(b"export DKU_BACKEND_EXT_HOST=a\n");
    let mut environment = Environment::default();
    environment.source(&latin, "s").unwrap();
    assert_eq!(environment.text(NAME).as_deref(), Some("a"));
    environment.source(b"export DKU_BACKEND_EXT_HOST=b\r\n", "s").unwrap();
    assert_eq!(environment.text(NAME).as_deref(), Some("b\r"));
    environment.source(b"export DKU_BACKEND_EXT_HOST=c\0d", "s").unwrap();
    assert_eq!(environment.text(NAME).as_deref(), Some("cd"));
}

#[test]
fn the_same_written_otherwise() {
    for written in [
        "export DKU_BACKEND_EXT_HOST=$'127.0.0.1'",
        "export DKU_BACKEND_EXT_HOST=\\\n127.0.0.1",
        "typeset -x DKU_BACKEND_EXT_HOST=127.0.0.1",
        "readonly DKU_BACKEND_EXT_HOST=127.0.0.1; export DKU_BACKEND_EXT_HOST",
        "f() { declare -gx DKU_BACKEND_EXT_HOST=127.0.0.1; }; f",
        "function f { export DKU_BACKEND_EXT_HOST=127.0.0.1; }; f",
        "V=DKU_BACKEND_EXT_HOST; export \"${V}\"=127.0.0.1",
        "V=DKU_BACKEND_EXT_HOST; eval \"export $V=127.0.0.1\"",
        "[[ -z $DKU_BACKEND_EXT_HOST ]] && export DKU_BACKEND_EXT_HOST=127.0.0.1",
        "test -n \"$DKU_BACKEND_EXT_HOST\" || export DKU_BACKEND_EXT_HOST=127.0.0.1",
        "command export DKU_BACKEND_EXT_HOST=127.0.0.1",
        "builtin export DKU_BACKEND_EXT_HOST=127.0.0.1",
        "declare -xt \"DKU_BACKEND_EXT_HOST=127.0.0.1\"",
        "export DKU_BACKEND_EXT_HOST; : ${DKU_BACKEND_EXT_HOST:=127.0.0.1}",
        "set -- 127.0.0.1; export DKU_BACKEND_EXT_HOST=$1",
        "export DKU_BACKEND_EXT_HOST=127.0.0.1; unset -f DKU_BACKEND_EXT_HOST",
    ] {
        let variable = after(written).unwrap_or_else(|| panic!("{written}: unset"));
        assert_eq!(variable.value, Value::Literal("127.0.0.1".to_owned()), "{written}");
        assert_eq!(variable.exported, Some(true), "{written}");
    }
    literal("export DKU_BACKEND_EXT_HOST=dss.corp.example#prod", "dss.corp.example#prod", true, 1);
    literal("export DKU_BACKEND_EXT_HOST=a\nexport -f DKU_BACKEND_EXT_HOST=b || true", "a", true, 1);
    literal("export DKU_BACKEND_EXT_HOST=127.0.0.1\ndeclare +x DKU_BACKEND_EXT_HOST", "127.0.0.1", false, 1);
    literal("cat <<'EOF'\nselect x in a\nEOF\nexport DKU_BACKEND_EXT_HOST=a", "a", true, 4);
}

#[test]
fn what_bash_has_more() {
    literal("f() { export DKU_BACKEND_EXT_HOST=$1; }\nf a", "a", true, 1);
    literal("f() { DKU_BACKEND_EXT_HOST=b; }\nDKU_BACKEND_EXT_HOST=a\nf", "b", false, 1);
    literal("f() { local DKU_BACKEND_EXT_HOST=b; }\nexport DKU_BACKEND_EXT_HOST=a\nf", "a", true, 2);
    literal("eval 'export DKU_BACKEND_EXT_HOST=a'", "a", true, 1);
    literal("printf -v DKU_BACKEND_EXT_HOST %s a\nexport DKU_BACKEND_EXT_HOST", "a", true, 1);
    literal("H=dss.corp.example\nexport DKU_BACKEND_EXT_HOST=${H%%.*}", "dss", true, 2);
    literal("for h in a b; do DKU_BACKEND_EXT_HOST=$h; done", "b", false, 1);
    literal(
        "A=x\nif [ \"$A\" = x ]; then export DKU_BACKEND_EXT_HOST=a; else export DKU_BACKEND_EXT_HOST=b; fi",
        "a",
        true,
        2,
    );
    literal(
        "if [ -f /x ]; then A=1; export DKU_BACKEND_EXT_HOST=a; else export DKU_BACKEND_EXT_HOST=a; fi",
        "a",
        true,
        1,
    );
    dynamic("declare -n other=DKU_BACKEND_EXT_HOST\nother=127.0.0.1\nexport DKU_BACKEND_EXT_HOST", 1);
    dynamic("export DKU_BACKEND_EXT_HOST=a\ntrap 'DKU_BACKEND_EXT_HOST=b' DEBUG\n:", 2);
    dynamic("export DKU_BACKEND_EXT_HOST=a\nshopt -s expand_aliases", 2);
    dynamic("export DKU_BACKEND_EXT_HOST=a\n((DKU_BACKEND_EXT_HOST=1))", 2);
    dynamic("export DKU_BACKEND_EXT_HOST=a\n$COMMAND b", 2);
    dynamic("export DKU_BACKEND_EXT_HOST={a,b}", 1);
}

#[test]
fn a_bound_is_no_fault_of_the_script() {
    let limit = |script: &str| match Environment::default().source(script.as_bytes(), "s") {
        Err(NotRead::TooMuch(_)) => {}
        other => panic!("{:?}: {other:?}", &script[..20]),
    };
    limit(&"(".repeat(100_000));
    limit(&"( ".repeat(DEEPEST_DOUBLING + 1));
    limit(&"if true; then\n".repeat(1000));
    limit(&"#".repeat(LONGEST_SCRIPT + 1));
    limit(&format!("A={}", "a".repeat(30_000)).repeat(10));
    limit("f() { f; f; }\nf");
    limit("select x in a; do break; done </dev/null; export DKU_BACKEND_EXT_HOST=a");
    limit("A=1\nselect x in a b\ndo break; done\nexport DKU_BACKEND_EXT_HOST=a");
    limit(&format!("for a in {}; do for b in {}; do :; done; done", "1 ".repeat(1000), "2 ".repeat(1000)));
    let nested = format!("{}export DKU_BACKEND_EXT_HOST=a; {}", "if true; then\n".repeat(100), "fi\n".repeat(100));
    literal(&nested, "a", true, 101);
}

#[test]
fn hostile_nesting_ends_soon() {
    let began = std::time::Instant::now();
    for opener in
        ["$(", "(", "{ ", "${x:-", "$((", "`", "\"$(", "if (", "[[ ( ", "<(", "a=(", "case x in x) ", "f() { "]
    {
        for times in [5, 10, DEEPEST_DOUBLING - 1, 100, 1000] {
            let _ = Environment::default().source(format!("A={}", opener.repeat(times)).as_bytes(), "s");
            let _ = Environment::default().source(opener.repeat(times).as_bytes(), "s");
        }
    }
    let long = "export A=\"$A b\"\n".repeat(10_000);
    let _ = Environment::default().source(long.as_bytes(), "s");
    let doubling = "A=$A$A\n".repeat(200);
    let _ = Environment::default().source(format!("A=abc\n{doubling}").as_bytes(), "s");
    assert!(began.elapsed() < std::time::Duration::from_secs(120), "{:?}", began.elapsed());
}
