//! `ackcheck diagnose` from outside: what it reads, what it says and how it exits.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use ackcheck_core::fault::Fault;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::canary::secret_free;
use crate::support::program::{Ended, ackcheck, run_in};
use crate::support::seats;

const EXECUTOR: &str = "\
26/01/02 03:04:05 INFO CoarseGrainedExecutorBackend: Connecting to driver
Exception in thread \"main\" java.lang.reflect.UndeclaredThrowableException
Caused by: java.io.IOException: Failed to connect to dss01:42845
\tat org.apache.spark.network.client.TransportClientFactory.createClient(TransportClientFactory.java:288)
Caused by: java.net.UnknownHostException: dss01
";
const DRIVER: &str =
    "26/01/02 03:04:35 WARN TaskSchedulerImpl: Initial job has not accepted any resources; check your cluster UI\n";
const HEALTHY: &str = "26/01/02 03:04:05 INFO SparkContext: Running Spark version 3.4.1\n";

fn piped(folder: &Path, arguments: &[&str], input: &[u8]) -> Ended {
    let mut command = ackcheck(folder);
    command.args(arguments).env("TZ", "UTC").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn gz(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn one_cause_in_many_logs_is_told_once_with_what_follows() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("logs/old")).unwrap();
    fs::write(folder.path().join("logs/executor.log"), EXECUTOR).unwrap();
    fs::write(folder.path().join("logs/old/executor.log.1.gz"), gz(EXECUTOR)).unwrap();
    fs::write(folder.path().join("logs/picture.png"), b"\x89PNG\r\n\x1a\n\0\0").unwrap();
    let ended = piped(folder.path(), &["diagnose", "logs", "-"], DRIVER.as_bytes());
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(1), ""), "{}", ended.stdout);
    let told = "\
1 cause in 3 inputs (11 lines)

1. Executors cannot resolve dss01, the name that they are given for Spark's driver
   logs/executor.log:3, 2026-01-02 03:04:05
   | Caused by: java.io.IOException: Failed to connect to dss01:42845
   2 times in 2 inputs, last at logs/old/executor.log.1.gz:3, 2026-01-02 03:04:05
   Explains: Spark got no executors: none started, or none reached the driver (first at standard input:1, 2026-01-02 03:04:35)
   To prove it:  ackcheck run --only spark-driver-reached --only dss-name-resolves
   To fix it:    ackcheck explain spark-driver-reached/unresolvable
   or:           ackcheck explain dss-name-resolves/unresolvable

1 file passed over because it is not text
";
    assert_eq!(ended.stdout, told);
}

#[test]
fn nothing_recognised_is_not_said_to_be_good() {
    let folder = tempfile::tempdir().unwrap();
    let ended = piped(folder.path(), &["diagnose", "-"], HEALTHY.as_bytes());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(
        ended.stdout.starts_with("nothing recognised in 1 input (1 line)\nThis does not mean that all is well"),
        "{}",
        ended.stdout
    );
}

#[test]
fn what_cannot_be_read_exits_3_and_the_rest_is_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("driver.log"), DRIVER).unwrap();
    fs::write(folder.path().join("logs.zip"), b"PK\x03\x04").unwrap();
    nix::unistd::mkfifo(&folder.path().join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    for (input, why) in [
        ("missing.log", "missing.log: it is not there"),
        ("logs.zip", "logs.zip: it is a zip archive; unpack it, and name the folder"),
        ("pipe", "pipe: it is a named pipe, not a file"),
    ] {
        let ended = run_in(folder.path(), &["diagnose", input, "driver.log"]);
        assert_eq!((ended.code, ended.stderr.trim()), (Some(3), format!("ackcheck: {why}").as_str()));
        assert!(ended.stdout.starts_with("1 cause in 1 input"), "{}", ended.stdout);
        assert!(ended.stdout.contains(&format!("not read: {why}")), "{}", ended.stdout);
    }
    let cut = gz(&HEALTHY.repeat(1000));
    fs::write(folder.path().join("cut.gz"), &cut[..cut.len() / 2]).unwrap();
    let ended = run_in(folder.path(), &["diagnose", "cut.gz"]);
    assert_eq!(ended.code, Some(3));
    assert!(ended.stderr.contains("lines of it were read"), "{}", ended.stderr);
}

#[test]
fn mistakes_of_usage_exit_3_and_say_what_to_write() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, said) in [
        (&["diagnose"][..], "name the logs or folders to read, or `-` for standard input"),
        (&["diagnose", "--since", "soon", "-"], "such as 30m, 2h or 72h"),
        (&["diagnose", "--report", "xml", "-"], "terminal, markdown, json"),
        (&["diagnose", "-", "-"], "standard input can be read once"),
        (&["diagnose", "--lab", "-"], "--prove"),
        (&["diagnose", "--fault", "dss-version/too-old", "-"], "needs --lab"),
    ] {
        let ended = piped(folder.path(), arguments, b"");
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""), "{arguments:?}");
        assert!(ended.stderr.contains(said), "{arguments:?}: {}", ended.stderr);
    }
}

#[test]
fn without_inputs_the_data_directory_of_the_site_file_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let job = folder.path().join("data/jobs/SALES/Build_orders");
    fs::create_dir_all(&job).unwrap();
    fs::create_dir_all(folder.path().join("data/run")).unwrap();
    fs::write(job.join("output.log"), EXECUTOR.replace("26/01/02 ", "99/01/02 ")).unwrap();
    fs::write(folder.path().join("data/run/backend.log"), HEALTHY).unwrap();
    fs::write(folder.path().join("data/run/backend.log.1"), DRIVER).unwrap();
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(48 * 3600);
    let rotated = fs::File::options().write(true).open(folder.path().join("data/run/backend.log.1")).unwrap();
    rotated.set_modified(old).unwrap();
    // Its secret is not there, and is not needed.
    let site = "[dss]\ndata_dir = \"data\"\nurl = \"http://127.0.0.1:1\"\napi_key = { env = \"ACKCHECK_NO_SUCH\" }\n";
    fs::write(folder.path().join("prod.toml"), site).unwrap();
    let ended = run_in(folder.path(), &["diagnose", "--site", "prod.toml"]);
    assert_eq!(ended.code, Some(1), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.starts_with("1 cause in 2 inputs"), "{}", ended.stdout);
    assert!(ended.stdout.contains("data/jobs/SALES/Build_orders/output.log:3"), "{}", ended.stdout);
    assert!(
        ended.stdout.contains("ackcheck run --only spark-driver-reached --only dss-name-resolves --site prod.toml")
    );
    assert!(ended.stdout.contains("1 file passed over because it was written before 20"), "{}", ended.stdout);
}

#[test]
fn no_secret_of_a_log_comes_out_in_any_format() {
    let folder = tempfile::tempdir().unwrap();
    let log = "\
java.io.IOException: No FileSystem for scheme: oss fs.oss.accessKeySecret=CANARYsecretA1b2C3d4E5f6G7h8I9 password: x
Failed to connect to http://me:CANARYpassword@dss01:42845 Authorization: Bearer CANARY.token.1 \"token\":\"CANARYfield\"
No FileSystem for scheme: oss oss://LTAI5tExample:CANARYroot@bucket/path e:AES:Q0FOQVJZ secret CANARYswappedPairSecretA1b2C3d4
Failed to pull image \"robot:CANARYlogin@registry.example/a:1\": rpc error: code = NotFound desc = not found: manifest unknown
-----BEGIN PRIVATE KEY-----CANARYkey No FileSystem for scheme: oss
";
    fs::write(folder.path().join("me:CANARYname@host.log"), log).unwrap();
    for format in ["terminal", "markdown", "json"] {
        let ended = run_in(folder.path(), &["diagnose", "--report", format, ".", "http://me:CANARYtyped@host/x.log"]);
        assert_eq!(ended.code, Some(3), "{}", ended.stderr);
        assert!(ended.stdout.contains("oss://"), "{}", ended.stdout);
        secret_free(format, &ended.stdout).unwrap();
        secret_free(format, &ended.stderr).unwrap();
    }
}

#[test]
fn a_reader_that_goes_away_ends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("driver.log"), DRIVER).unwrap();
    let mut child = ackcheck(folder.path())
        .args(["diagnose", "driver.log"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(1), &b""[..]));
}

#[test]
fn json_is_for_scripts() {
    let folder = tempfile::tempdir().unwrap();
    let ended = piped(folder.path(), &["diagnose", "--report", "json", "-"], DRIVER.as_bytes());
    let json: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((&json["schema"], &json["lines"]), (&1.into(), &1.into()));
    assert_eq!(json["causes"][0]["pattern"], "spark/no-executors");
    assert_eq!((&json["causes"][0]["first"]["line"], &json["causes"][0]["count"]), (&1.into(), &1.into()));
}

#[test]
fn what_was_recognised_is_proved_by_the_checks_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let log = "Container image was build with version 13.4.0, but execution was sent from DSS version 14.2.1\n";
    let prove = |fault: &[&str]| {
        let arguments = [&["diagnose", "--prove", "--lab"][..], fault, &["-"]].concat();
        piped(folder.path(), &arguments, log.as_bytes())
    };
    let broken = prove(&["--fault", "base-images/other-version"]);
    assert_eq!(broken.code, Some(1), "{}{}", broken.stdout, broken.stderr);
    assert!(broken.stdout.starts_with("1 cause in 1 input"), "{}", broken.stdout);
    assert!(broken.stdout.contains("FAIL    base-images"), "{}", broken.stdout);
    // The log is old: what it tells of has been fixed since.
    let fixed = prove(&[]);
    assert_eq!(fixed.code, Some(0), "{}{}", fixed.stdout, fixed.stderr);
    let nothing = piped(folder.path(), &["diagnose", "--prove", "--lab", "-"], HEALTHY.as_bytes());
    assert!(nothing.code == Some(0) && !nothing.stdout.contains("base-images"), "{}", nothing.stdout);
}

/// An event and a pod of the namespace `dss` that no node takes.
const EVENT: &str = r#"{"apiVersion": "v1", "kind": "Event",
    "metadata": {"namespace": "dss", "name": "spark-exec-1.17a"}, "type": "Warning", "reason": "Failed", "count": 3,
    "involvedObject": {"apiVersion": "v1", "kind": "Pod", "namespace": "dss", "name": "spark-exec-1"},
    "message": "Failed to pull image \"r.example/dss/exec:1\": rpc error: code = NotFound desc = r.example/dss/exec:1: not found",
    "firstTimestamp": "2026-01-02T03:04:05Z", "lastTimestamp": "2026-01-02T03:05:05Z"}"#;
const POD: &str = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "dss", "name": "dataiku-exec-1"},
    "spec": {"nodeSelector": {"pool": "none"}, "containers": [{"name": "c", "image": "r.example/dss/exec:2"}]},
    "status": {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
    "message": "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector."}]}}"#;
const OBJECTS: &str = "/kubernetes/network_policies";

#[tokio::test]
async fn a_namespace_is_read_as_its_cluster_tells_it() {
    let site = seats::site(&[Fault::Add(OBJECTS, EVENT), Fault::Add(OBJECTS, POD)]).await;
    let told = site.told_in("dss", None).await;
    assert_eq!(told.unseen, []);
    let text = |name: &str| told.texts.iter().find(|(text, _)| text == name).map_or("", |(_, text)| text);
    let event = "2026-01-02T03:05:05Z Warning Failed Pod/spark-exec-1: Failed to pull image \"r.example/dss/exec:1\": ";
    assert!(text("events of dss").contains(event), "{told:?}");
    assert!(text("states of pods of dss").starts_with("Pod/dataiku-exec-1: "), "{told:?}");
    assert!(text("states of pods of dss").contains("3 node(s) didn't match"), "{told:?}");
}

#[tokio::test]
async fn a_right_that_is_missing_is_named_and_the_rest_is_read() {
    const DENIED: &str = "/kubernetes/denied";
    let events = r#"{"verb": "list", "group": "", "resource": "events", "namespace": "dss"}"#;
    let site = seats::site(&[Fault::Add(OBJECTS, EVENT), Fault::Add(OBJECTS, POD), Fault::Add(DENIED, events)]).await;
    let told = site.told_in("dss", None).await;
    let [(what, why)] = told.unseen.as_slice() else { panic!("{told:?}") };
    assert!(what == "events of dss" && why.contains("list events") && why.contains("dss"), "{why}");
    assert!(told.texts.iter().any(|(name, text)| name == "states of pods of dss" && !text.is_empty()), "{told:?}");
}

#[test]
fn the_lab_is_asked_for_a_namespace_too() {
    let folder = tempfile::tempdir().unwrap();
    let ended = run_in(folder.path(), &["diagnose", "--namespace", "dss", "--lab"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);
    assert!(ended.stdout.starts_with("nothing recognised in 2 inputs"), "{}", ended.stdout);
}

#[test]
fn ctrl_c_ends_the_reading_and_what_was_recognised_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = ackcheck(folder.path());
    command.args(["diagnose", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    // A pipe holds less: once all of it is written, it is being read, and the handler is in place.
    input.write_all(DRIVER.repeat(2000).as_bytes()).unwrap();
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(child.id().cast_signed()), nix::sys::signal::Signal::SIGINT)
        .unwrap();
    // It reads on until it notices, and nobody takes what comes after.
    while input.write_all(HEALTHY.repeat(1000).as_bytes()).is_ok() {}
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(130), "{told}");
    assert!(told.starts_with("1 cause in 1 input"), "{told}");
}
