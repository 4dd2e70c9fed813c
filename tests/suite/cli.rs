//! The program from outside: exit codes, mistakes, reports and signals.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::program::{Ended, ackcheck, run_in};
use crate::support::skip::skipped;

fn run(arguments: &[&str]) -> Ended {
    run_in(tempfile::tempdir().unwrap().path(), arguments)
}

/// A site whose API server takes connections and never answers, so that a run on it is under way until it is stopped.
/// The listener must be kept.
fn silent_site(folder: &Path) -> std::net::TcpListener {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let kubeconfig = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\n\
         clusters: [{{name: c, cluster: {{server: 'https://{address}', insecure-skip-tls-verify: true}}}}]\n\
         contexts: [{{name: c, context: {{cluster: c, user: u}}}}]\nusers: [{{name: u, user: {{token: t}}}}]\n"
    );
    std::fs::write(folder.join("kubeconfig"), kubeconfig).unwrap();
    let site = "[cluster]\nkubeconfig = \"kubeconfig\"\n\n[limits]\nconnect = \"30s\"\nrequest = \"30s\"\n";
    std::fs::write(folder.join("ackcheck.toml"), site).unwrap();
    listener
}

#[test]
fn cleaning_up_where_there_is_nowhere_to_look_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ackcheck.toml"), "[host]\nname = \"dss.example\"\n").unwrap();
    let ended = run_in(folder.path(), &["cleanup"]);
    assert_eq!(ended.code, Some(4), "{}{}", ended.stdout, ended.stderr);
    let unseen = silent_site(folder.path());
    drop(unseen);
    let ended = run_in(folder.path(), &["cleanup", "--run", "abcdefgh"]);
    assert_eq!(ended.code, Some(2), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("not looked at: pods in namespace default"), "{}", ended.stdout);
    assert_eq!(run(&["cleanup", "--run", "../x"]).code, Some(3));
}

#[test]
fn the_probe_answers_from_this_host_in_its_own_words() {
    let ended = run(&["probe", "resolve", "127.0.0.9"]);
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (Some(0), "{\"protocol\":2,\"answer\":\"addresses\",\"addresses\":[\"127.0.0.9\"]}\n")
    );
    let ended = run(&["probe", "ask", "{\"verb\":\"look\"}"]);
    assert_eq!((ended.code, ended.stdout.contains("\"broken\"")), (Some(2), true), "{}", ended.stdout);
    let ended = run(&["probe", "--help"]);
    assert!(ended.code == Some(0) && ended.stdout.contains("ackcheck probe dial "), "{}", ended.stdout);
    let ended = run(&["probe", "dial", "localhost"]);
    assert!(ended.code == Some(3) && ended.stderr.contains("wrong arguments for dial"), "{}", ended.stderr);
}

#[test]
fn the_image_goes_to_a_file_or_a_pipe_and_is_not_asked_of_the_registry_where_it_is_preloaded() {
    let folder = tempfile::tempdir().unwrap();
    let written = run_in(folder.path(), &["image", "--output", "probe.tar"]);
    assert_eq!((written.code, written.stdout.as_str()), (Some(0), ""), "{}", written.stderr);
    let piped = ackcheck(folder.path()).arg("image").output().unwrap();
    assert!(piped.status.success() && piped.stdout == std::fs::read(folder.path().join("probe.tar")).unwrap());
    let name = written.stderr.trim();
    assert!(name.starts_with("ackcheck-probe:ackcheck-"), "{name}");

    let image = format!("lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss/{name}");
    let ended = run(&["run", "--lab", "--only", "cluster-dns", "--probe-image", &image]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(ended.stdout.contains("(registry-pull[3 nodes])"), "{}", ended.stdout);
    let ended = run(&["run", "--lab", "--only", "cluster-dns", "--probe-image", "nowhere.example/ackcheck-probe:1"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stdout);
    assert!(ended.stdout.contains("BROKEN  registry-pull["), "{}", ended.stdout);
}

#[test]
fn help_and_version_are_no_mistakes() {
    for arguments in [&["--help"][..], &["-h"], &["--version"], &["run", "--help"], &["help", "explain"]] {
        let ended = run(arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {}", ended.stderr);
        assert!(!ended.stdout.is_empty());
    }
    let help = run(&["--help"]).stdout;
    for code in ["0 ", "1 ", "2 ", "3 ", "4 ", "130 "] {
        assert!(help.lines().any(|line| line.trim_start().starts_with(code)), "{code} is not explained: {help}");
    }
}

#[test]
fn every_mistake_of_usage_exits_3_and_is_told_on_standard_error() {
    for arguments in [
        &[][..],
        &["rnu"],
        &["run", "--nonsense"],
        &["run", "--lab", "--site", "x.toml"],
        &["run", "--fault", "dss-version/too-old"],
        &["run", "--lab", "--fault", "dss-version"],
        &["run", "--lab", "--fault", "dss-version/no-such"],
        &["run", "--lab", "--dss-release", "7.0"],
        &["run", "--lab", "--pod-network", "calico"],
        &["run", "--lab", "--nodes", "0"],
        &["run", "--lab", "--jobs", "0"],
        &["run", "--lab", "--timeout", "soon"],
        &["run", "--lab", "--timeout", "0s"],
        &["run", "--lab", "--ports", "0-100"],
        &["run", "--lab", "--ports", "30999-30000"],
        &["run", "--lab", "--stage", "postflight"],
        &["run", "--lab", "--report", "xml"],
        &["run", "--lab", "--report", "junit="],
        &["run", "--lab", "--report", "junit", "--report", "json"],
        &["run", "--lab", "--skip", "dss-version"],
        &["run", "--lab", "--skip", "dss-version="],
        &["run", "--lab", "--skip", "dss-verzion=known"],
        &["run", "--lab", "--only", "dss-verzion"],
        &["run", "--lab", "--only", "nowhere/"],
        &["run"],
        &["run", "--site", "missing.toml"],
        &["run", "--site", "."],
        &["explain", "dss-verzion"],
        &["explain", "dss-version/no-such"],
        &["report", "missing.json"],
        &["completions", "tcsh"],
    ] {
        let ended = run(arguments);
        assert_eq!(ended.code, Some(3), "{arguments:?}: {}{}", ended.stdout, ended.stderr);
        assert!(!ended.stderr.is_empty(), "{arguments:?} says nothing");
        assert_eq!(ended.stdout, "", "{arguments:?}");
    }
}

#[test]
fn a_typo_proposes_the_nearest_id() {
    for arguments in [
        &["run", "--lab", "--only", "dss-verison"][..],
        &["run", "--lab", "--skip", "dss-verison=known"],
        &["run", "--lab", "--fault", "dss-verison/too-old"],
        &["explain", "dss-verison"],
    ] {
        assert!(run(arguments).stderr.contains("did you mean `dss-version`?"), "{arguments:?}");
    }
    assert!(run(&["explain", "dss-version/to-old"]).stderr.contains("`dss-version/too-old`"));
    assert!(run(&["run", "--lab", "--only", "stroage/"]).stderr.contains("`storage/`"));
}

#[test]
fn every_mistake_of_a_site_file_is_told_at_once_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ackcheck.toml"), "[host]\nnmae = \"x\"\n\n[limits]\nconnect = \"soon\"\n")
        .unwrap();
    let ended = run_in(folder.path(), &["run"]);
    assert_eq!(ended.code, Some(3));
    for told in ["ackcheck.toml:2", "nmae", "ackcheck.toml:5", "limits.connect"] {
        assert!(ended.stderr.contains(told), "{told}: {}", ended.stderr);
    }
}

#[test]
fn a_report_that_cannot_be_written_is_found_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let listener = silent_site(folder.path());
    listener.set_nonblocking(true).unwrap();
    let ended = run_in(folder.path(), &["run", "--only", "cluster/", "--report", "junit=no/such/folder/x.xml"]);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("no/such/folder"), "{}", ended.stderr);
    assert!(listener.accept().is_err(), "the run went first");
}

#[test]
fn nothing_selected_exits_4_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let ended = run_in(folder.path(), &["run", "--lab", "--only", "zzz*", "--report", "junit=x.xml"]);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert!(ended.stderr.contains("zzz*") && ended.stderr.contains("nothing was selected"), "{}", ended.stderr);
    assert!(folder.path().join("x.xml").is_file(), "the report is written all the same");
    assert_eq!(run(&["run", "--lab", "--only", "dss-version", "--stage", "preflight"]).code, Some(4));
    assert_eq!(run(&["run", "--lab", "--only", "dss-version", "--skip", "dss-version=known"]).code, Some(4));
}

#[test]
fn nothing_that_applies_exits_4() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ackcheck.toml"), "").unwrap();
    let ended = run_in(folder.path(), &["run", "--only", "dss-version"]);
    assert_eq!(ended.code, Some(4), "{}{}", ended.stdout, ended.stderr);
}

#[test]
fn a_healthy_lab_exits_0_and_a_broken_one_1_with_one_failure() {
    let healthy = run(&["run", "--lab", "--only", "dss-version", "--quiet", "--report", "json"]);
    assert_eq!(healthy.code, Some(0), "{}{}", healthy.stdout, healthy.stderr);
    let folder = tempfile::tempdir().unwrap();
    let fault = ["run", "--lab", "--fault", "dss-version/too-old", "--only", "dss-version", "--report", "junit=x.xml"];
    let broken = run_in(folder.path(), &fault);
    assert_eq!(broken.code, Some(1), "{}{}", broken.stdout, broken.stderr);
    assert!(broken.stdout.contains("installer.sh"), "the remedy is told: {}", broken.stdout);
    let xml = std::fs::read_to_string(folder.path().join("x.xml")).unwrap();
    assert_eq!(xml.matches("<failure").count(), 1, "{xml}");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["x.xml"]);
}

#[test]
fn the_ports_of_the_command_line_are_judged_as_those_of_the_site_file() {
    let asked = ["run", "--lab", "--only", "ports-required"];
    assert!(!run(&asked).stdout.contains("range-inconsistent"));
    let ended = run(&[&asked[..], &["--ports", "30000-30999", "--ports", "31000"]].concat());
    assert!(ended.stdout.contains("range-inconsistent"), "{}", ended.stdout);
}

#[test]
fn a_saved_run_is_rendered_again() {
    let folder = tempfile::tempdir().unwrap();
    let saved =
        ["run", "--lab", "--only", "dss-version", "--quiet", "--report", "json=run.json", "--report", "junit=1.xml"];
    assert_eq!(run_in(folder.path(), &saved).code, Some(0));
    let ended = run_in(folder.path(), &["report", "run.json", "--report", "junit=2.xml"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(read("1.xml"), read("2.xml"));
    std::fs::write(folder.path().join("run.json"), "{\"schema\": 1").unwrap();
    assert_eq!(run_in(folder.path(), &["report", "run.json"]).code, Some(3));
}

#[test]
fn the_list_has_the_shape_scripts_rely_on() {
    let list: serde_json::Value = serde_json::from_str(&run(&["list", "--format", "json"]).stdout).unwrap();
    assert_eq!(list["schema"], 2);
    let checks = list["checks"].as_array().unwrap();
    let version = checks.iter().find(|check| check["id"] == "dss-version").unwrap();
    let keys: Vec<&String> = version.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["id", "title", "area", "stage", "vantage", "needs", "findings"]);
    assert_eq!(
        (&version["area"], &version["stage"], &version["vantage"]),
        (&"dss".into(), &"acceptance".into(), &"dss".into())
    );
    for check in checks {
        for finding in check["findings"].as_array().unwrap() {
            assert!(["fail", "warn"].contains(&finding["severity"].as_str().unwrap()));
            assert!(finding["code"].is_string() && finding["summary"].is_string());
        }
    }
    for format in ["table", "markdown"] {
        assert!(run(&["list", "--format", format]).stdout.contains("dss-version"));
    }
    assert!(run(&["graph", "--format", "dot"]).stdout.starts_with("digraph"));
    assert!(run(&["graph"]).stdout.contains("dss/dss-version"));
    let explained = run(&["explain", "dss-version/too-old"]).stdout;
    assert!(explained.contains("DATA_DIR/bin/dss stop"), "{explained}");
    assert!(run(&["completions", "bash"]).stdout.contains("ackcheck"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child =
        ackcheck(Path::new(".")).args(["list"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}

#[test]
fn colour_is_for_terminals_unless_asked_for() {
    let escape = '\u{1b}';
    let plain = ["run", "--lab", "--only", "dss-version"];
    assert!(!run(&plain).stdout.contains(escape));
    assert!(run(&[&plain[..], &["--color", "always"]].concat()).stdout.contains(escape));
}

/// A run on a site that never answers, once it is under way; its first connection is held open.
fn under_way(folder: &Path, more: &[&str]) -> (Child, std::net::TcpListener, std::net::TcpStream) {
    let listener = silent_site(folder);
    let mut child = ackcheck(folder)
        .args(["run", "--only", "cluster/", "--report", "junit=x.xml", "--report", "json=x.json"])
        .args(more)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stderr, address) = (child.stderr.take().unwrap(), listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut said = String::new();
        stderr.read_to_string(&mut said).unwrap();
        // It has ended: nobody shall wait for its connection.
        drop(std::net::TcpStream::connect(address));
    });
    // It speaks to the API server: the run is under way, and its signals are taken.
    let (connection, _) = listener.accept().unwrap();
    assert_eq!(child.try_wait().unwrap(), None, "it ended before it was stopped");
    (child, listener, connection)
}

#[test]
fn ctrl_c_sigterm_and_sighup_write_the_reports_and_exit_130() {
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        if signal == Signal::SIGHUP && hang_up_is_ignored() {
            skipped("whoever started the tests has SIGHUP ignored, as nohup does, and a run respects that");
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let (child, _listener, _connection) = under_way(folder.path(), &[]);
        self::signal(&child, signal);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{signal}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("interrupted"), "{signal}");
        let json: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(folder.path().join("x.json")).unwrap()).unwrap();
        assert!(json["interrupted"].is_string(), "{json}");
        assert!(std::fs::read_to_string(folder.path().join("x.xml")).unwrap().contains("</testsuites>"));
    }
}

/// Whether this process, and so every program that it starts, ignores SIGHUP: the first bit of the mask.
fn hang_up_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    u64::from_str_radix(mask.trim(), 16).unwrap() & 1 == 1
}

fn signal(child: &Child, signal: Signal) {
    kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
}

/// A lab in a program of its own, and the site file to it.
fn served_lab(folder: &Path, fault: &[&str]) -> (Child, String) {
    let mut lab = ackcheck(folder).arg("lab").args(fault).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(lab.stdout.take().unwrap()).lines().map_while(Result::ok);
    let site = lines.filter_map(|line| Some(line.split_once("ackcheck run --site ")?.1.to_owned())).next();
    (lab, site.expect("it prints how to check it"))
}

/// The deployment falls silent while probe pods stand in it, so that their removal takes its whole limit.
#[test]
fn a_second_signal_ends_the_removal_with_the_reports_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let (mut lab, site) = served_lab(folder.path(), &[]);
    let run = ["run", "--site", &site, "--only", "network/", "--jobs", "1", "--report", "json=x.json"];
    let also = ["--report", "junit=x.xml", "--report", "terminal"];
    let mut child =
        ackcheck(folder.path()).args(run).args(also).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut progress = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(progress.any(|line| line.contains("pass node-takes-pods")), "no pod was asked");
    signal(&lab, Signal::SIGSTOP);
    signal(&child, Signal::SIGTERM);
    let printed = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let printed: Vec<String> = printed.take_while(|line| !line.contains("exit 130")).collect();
    let text = printed.join("\n");
    assert!(text.contains("stopped by the user") && text.contains("this report was written before its"), "{text}");
    // The removal cannot have ended, and both files are whole.
    assert_eq!(child.try_wait().unwrap(), None);
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let (json, xml) = (read("x.json"), read("x.xml"));
    let saved: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(saved["left_behind"][0].as_str().unwrap().contains("written before its removal"), "{json}");
    assert!(xml.contains("</testsuites>"), "{xml}");
    signal(&child, Signal::SIGTERM);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!((read("x.json"), read("x.xml")), (json, xml));
    let mut left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["x.json", "x.xml"]);
    signal(&lab, Signal::SIGCONT);
    signal(&lab, Signal::SIGTERM);
    assert_eq!(lab.wait().unwrap().code(), Some(0));
}

#[test]
fn under_nohup_a_run_outlives_its_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let listener = silent_site(folder.path());
    let program = env!("CARGO_BIN_EXE_ackcheck");
    let run = format!("trap '' HUP; exec {program} run --only cluster/ --quiet --report json=x.json");
    let mut child = std::process::Command::new("sh").args(["-c", &run]).current_dir(folder.path()).spawn().unwrap();
    let (_connection, _) = listener.accept().unwrap();
    signal(&child, Signal::SIGHUP);
    signal(&child, Signal::SIGTERM);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    // Had the first been heeded, the second would have ended it in the middle of the removal, or before.
    assert!(std::fs::read_to_string(folder.path().join("x.json")).unwrap().contains("\"left_behind\": []"));
}

#[test]
fn a_report_that_nobody_reads_holds_up_neither_the_others_nor_a_signal() {
    let folder = tempfile::tempdir().unwrap();
    nix::unistd::mkfifo(&folder.path().join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    let run = ["run", "--lab", "--only", "dss-version", "--quiet", "--report", "json=pipe", "--report", "junit=x.xml"];
    let ended = run_in(folder.path(), &run);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("pipe was not written: nobody reads this pipe"), "{}", ended.stderr);
    assert!(std::fs::read_to_string(folder.path().join("x.xml")).unwrap().contains("</testsuites>"));
    // One that is read gets the whole of it.
    let child = ackcheck(folder.path()).args(run).spawn().unwrap();
    let read = std::fs::read_to_string(folder.path().join("pipe")).unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&read).is_ok(), "{read}");
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));

    let (child, _listener, _connection) = {
        std::fs::create_dir(folder.path().join("site")).unwrap();
        under_way(&folder.path().join("site"), &["--report", "json=../pipe"])
    };
    // Two of a kind could become one.
    signal(&child, Signal::SIGTERM);
    signal(&child, Signal::SIGINT);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
    assert!(std::fs::read_to_string(folder.path().join("site/x.xml")).unwrap().contains("</testsuites>"));
}

#[test]
fn a_place_that_takes_no_report_is_told_in_words() {
    let folder = tempfile::tempdir().unwrap();
    for (place, why) in [
        ("/dev/full", "/dev/full was not written: no space left on device"),
        (".", "it is a folder"),
        ("no/x.json", "the folder no is not there"),
        ("x.json/x.json", "x.json is not a folder"),
    ] {
        std::fs::write(folder.path().join("x.json"), "").unwrap();
        let report = format!("json={place}");
        let ended = run_in(folder.path(), &["run", "--lab", "--only", "dss-version", "--quiet", "--report", &report]);
        assert_eq!(ended.code, Some(3), "{place}: {}", ended.stderr);
        assert!(ended.stderr.contains(why) && !ended.stderr.contains("os error"), "{place}: {}", ended.stderr);
    }
}

#[test]
fn a_saved_run_is_read_from_a_file_or_through_a_pipe_and_within_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let saved = run_in(folder.path(), &["run", "--lab", "--only", "dss-version", "--quiet", "--report", "json"]).stdout;
    for name in ["-", "/dev/stdin"] {
        let mut child = ackcheck(folder.path());
        child.args(["report", name]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = child.spawn().unwrap();
        child.stdin.take().unwrap().write_all(saved.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("dss-version"), "{name}");
    }
    nix::unistd::mkfifo(&folder.path().join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    std::fs::File::create(folder.path().join("large.json")).unwrap().set_len(2 << 30).unwrap();
    for (file, why) in [
        ("pipe", "pipe: it is a named pipe, not a file; to read what comes through it, write `-` and `< pipe`"),
        ("/dev/zero", "/dev/zero: it is a device, not a file"),
        ("large.json", "large.json: it is 2147483648 bytes long; at most 256 MiB are read"),
        (".", ".: it is a folder, not a file"),
        ("missing.json", "missing.json: it is not there"),
    ] {
        let ended = run_in(folder.path(), &["report", file]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""), "{file}: {}", ended.stderr);
        assert!(ended.stderr.contains(why), "{file}: {}", ended.stderr);
    }
}

#[test]
fn options_that_would_be_passed_over_are_refused_with_what_they_need() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ackcheck.toml"), "[host]\nname = \"dss.example\"\n").unwrap();
    for (arguments, named) in [
        (&["run", "--fault", "dss-version/too-old"][..], "--fault shapes the simulated deployment and needs --lab"),
        (&["run", "--site", "ackcheck.toml", "--fault", "dss-version/too-old"], "--fault shapes"),
        (&["run", "--site", "ackcheck.toml", "--nodes", "5"], "--nodes shapes"),
        (&["run", "--dss-release", "14.2", "--site", "ackcheck.toml"], "--dss-release shapes"),
        (&["run", "--site", "ackcheck.toml", "--pod-network", "flannel"], "--pod-network shapes"),
        (&["rights", "--lab", "--holder", "LTAI5tExample"], "--holder needs --format ram"),
        (&["rights", "--lab", "--format", "ram", "--user", "27-1600"], "--user binds Kubernetes roles and needs"),
        (&["rights", "--lab", "--format", "table", "--group", "dss"], "--group binds Kubernetes roles and needs"),
        (&["rights", "--lab", "--format", "ram", "--service-account", "dss/ackcheck"], "--service-account binds"),
        (&["rights", "--lab", "--format", "table", "--optional"], "--optional needs another format than table"),
    ] {
        let ended = run_in(folder.path(), arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(named), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn the_time_of_the_whole_run_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let _listener = silent_site(folder.path());
    let ended = run_in(folder.path(), &["run", "--only", "cluster/", "--timeout", "300ms", "--report", "json=x.json"]);
    assert_eq!(ended.code, Some(130), "{}{}", ended.stdout, ended.stderr);
    assert!(folder.path().join("x.json").is_file());
}

#[test]
fn a_served_lab_is_checked_like_any_deployment_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (mut lab, site) = served_lab(folder.path(), &["--fault", "dss-version/too-old"]);
    let ended = run_in(folder.path(), &["run", "--site", &site, "--only", "dss-version", "--report", "json"]);
    signal(&lab, Signal::SIGINT);
    assert_eq!(lab.wait().unwrap().code(), Some(0));
    assert_eq!(ended.code, Some(1), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("too-old"), "{}", ended.stdout);
    assert!(!Path::new(&site).exists(), "the lab's files are gone");
}

#[test]
fn a_waived_failure_passes_until_its_day_and_fails_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let (mut lab, site) = served_lab(folder.path(), &["--fault", "dss-version/too-old"]);
    let described = std::fs::read_to_string(&site).unwrap();
    let waiver = |finding: &str, until: &str| {
        let waiver = format!(
            "\n[[waiver]]\ncheck = \"dss-version\"\nfinding = \"{finding}\"\nreason = \"the upgrade is in June\"\n\
             until = {until}\nticket = \"OPS-12\"\n"
        );
        std::fs::write(&site, described.clone() + &waiver).unwrap();
        let asked =
            ["run", "--site", &site, "--only", "dss-version", "--report", "terminal", "--report", "junit=x.xml"];
        run_in(folder.path(), &asked)
    };
    let waived = waiver("too-old", "2999-12-31");
    let junit = std::fs::read_to_string(folder.path().join("x.xml")).unwrap();
    let ended = waiver("too-old", "2020-02-29");
    let unused = waiver("unreadable", "2999-12-31");
    let unknown = waiver("too-odl", "2999-12-31");
    let undated = waiver("too-old", "\"soon\"");
    signal(&lab, Signal::SIGINT);
    assert_eq!(lab.wait().unwrap().code(), Some(0));

    assert_eq!(waived.code, Some(0), "{}{}", waived.stdout, waived.stderr);
    let told = "until 2999-12-31: the upgrade is in June (OPS-12)";
    assert!(
        waived.stdout.contains(&format!("Waived   {told}")) && waived.stdout.contains("1 waived"),
        "{}",
        waived.stdout
    );
    assert!(waived.stderr.contains(&format!("waived dss-version: too-old: {told}")), "{}", waived.stderr);
    assert!(junit.contains("type=\"waived\"") && junit.contains(told) && !junit.contains("<failure"), "{junit}");
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    assert!(
        ended.stdout.contains("Waiver   has ended; it was until 2020-02-29: the upgrade is in June"),
        "{}",
        ended.stdout
    );
    assert_eq!(unused.code, Some(1), "{}", unused.stdout);
    // The path before it may break the line anywhere.
    let told = unused.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("this waiver has no use: dss-version does not find `unreadable`"), "{}", unused.stdout);
    let line = described.lines().count() + 4;
    for (mistaken, line, why) in [
        (
            unknown,
            line,
            "waiver[1].finding: the check `dss-version` does not have a finding `too-odl`; did you mean `too-old`?",
        ),
        (undated, line + 2, "waiver[1].until: must be a day, written YYYY-MM-DD"),
    ] {
        assert_eq!((mistaken.code, mistaken.stdout.as_str()), (Some(3), ""), "{}", mistaken.stderr);
        assert!(mistaken.stderr.contains(&format!("{site}:{line}: {why}")), "{line}: {}", mistaken.stderr);
    }
}
