//! What bad input gets from the seats on DSS and its host: one clear outcome each, soon, and never a pass.

use std::fs;
use std::net::IpAddr;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ackcheck_core::config::{Config, DssConfig, HostConfig, Limits};
use ackcheck_core::evidence::Journal;
use ackcheck_core::fault::{Fault, LabFile};
use ackcheck_core::right::Right;
use ackcheck_core::seat::dss::{JarState, VersionFile};
use ackcheck_core::seat::host::Ended;
use ackcheck_core::seat::{Dss, Host, NameAnswer};
use ackcheck_core::secret::Scrubber;
use ackcheck_core::verdict::{Broken, Unseen};
use ackcheck_lab::tree::{self, Tree};
use ackcheck_lab::world::World;
use ackcheck_live::wire::Wire;
use ackcheck_live::{dss, host};
use tempfile::TempDir;

use crate::support::lab::install_tls_provider;
use crate::support::program::run_in;
use crate::support::seats::unreadable;

/// Far above what anything here takes, and far below the 600 s for which its commands would sleep.
const HANGS: Duration = Duration::from_secs(120);

/// The files of the lab's DSS host, to be broken.
fn files(faults: &[Fault]) -> (TempDir, Tree) {
    let mut world = World::healthy().unwrap();
    faults.iter().for_each(|fault| world.apply(fault).unwrap());
    let root = tempfile::tempdir().unwrap();
    let tree = tree::write(&world, root.path()).unwrap();
    (root, tree)
}

fn seat(data: &Path) -> Box<dyn Dss> {
    install_tls_provider();
    let dss = DssConfig { data_dir: Some(data.to_owned()), ..DssConfig::default() };
    let wire = Wire::new(Arc::new(Config { dss: Some(dss), ..Config::default() })).unwrap();
    dss::open(&dss::Source::new(&wire), Journal::new(Scrubber::default())).unwrap()
}

fn named_pipe(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

const CONNECTIONS: LabFile = LabFile::Data("config/connections.json");

#[tokio::test]
async fn half_written_json_has_its_line_and_column() {
    let (_root, tree) = files(&[Fault::Truncate(CONNECTIONS, 300)]);
    let seen = seat(&tree.data).connections().await;
    unreadable(seen, "config/connections.json", "not whole JSON at line ");
    let (_root, tree) = files(&[Fault::Truncate(LabFile::Data("config/general-settings.json"), 0)]);
    unreadable(seat(&tree.data).hadoop_keys().await, "general-settings.json", "line 1, column 0");
}

#[tokio::test]
async fn json_of_another_shape_is_named() {
    let (_root, tree) =
        files(&[Fault::SetIn(LabFile::Data("config/general-settings.json"), "/hadoopSettings/extraConf", "{}")]);
    unreadable(seat(&tree.data).hadoop_keys().await, "general-settings.json", "/hadoopSettings/extraConf is no list");
    let (_root, tree) = files(&[Fault::Write(CONNECTIONS, "[]")]);
    unreadable(seat(&tree.data).connections().await, "connections.json", "/connections is no object");
    let (_root, tree) = files(&[Fault::Write(CONNECTIONS, &NESTED)]);
    unreadable(seat(&tree.data).connections().await, "connections.json", "recursion limit exceeded");
}

/// Deeper than a parser should follow.
static NESTED: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| "[".repeat(100_000));

#[tokio::test]
async fn a_log_where_a_settings_file_should_be_is_not_read() {
    let (_root, tree) = files(&[]);
    let log = fs::File::create(tree.data.join("config/general-settings.json")).unwrap();
    // A sparse file: 5 GB to read, nothing on the disk.
    log.set_len(5_000_000_000).unwrap();
    let seen = seat(&tree.data).hadoop_keys().await;
    unreadable(seen, "general-settings.json", "it is 5000000000 bytes long; at most 16 MiB are read");
}

#[tokio::test]
async fn loops_folders_pipes_and_dangling_links_are_told_apart() {
    let (_root, tree) = files(&[]);
    let settings = tree.data.join("config/general-settings.json");
    let put = |make: &dyn Fn(&Path)| {
        let _ = fs::remove_file(&settings);
        make(&settings);
    };
    put(&|path| symlink("general-settings.json", path).unwrap());
    unreadable(seat(&tree.data).hadoop_keys().await, "general-settings.json", "a loop of symbolic links");
    put(&|path| symlink("gone.json", path).unwrap());
    unreadable(
        seat(&tree.data).hadoop_keys().await,
        "general-settings.json",
        "a symbolic link to something that is not",
    );
    put(&|path| named_pipe(path));
    let waited = tokio::time::timeout(Duration::from_secs(5), async { seat(&tree.data).hadoop_keys().await }).await;
    unreadable(waited.expect("a pipe is waited for"), "general-settings.json", "it is a named pipe, not a file");
    put(&|path| fs::create_dir(path).unwrap());
    unreadable(seat(&tree.data).hadoop_keys().await, "general-settings.json", "it is a folder, not a file");
    fs::remove_dir(&settings).unwrap();
    unreadable(seat(&tree.data).hadoop_keys().await, "general-settings.json", "it is not there");
    fs::write(&settings, b"{\"a\": \"\xff\"}").unwrap();
    unreadable(seat(&tree.data).hadoop_keys().await, "general-settings.json", "it is not UTF-8 text");
}

#[tokio::test]
async fn a_folder_that_is_no_data_directory_is_said_to_be_none() {
    let root = tempfile::tempdir().unwrap();
    let nothing = root.path().join("nothing");
    unreadable(seat(&nothing).versions().await, "the data directory", "it is not there");
    unreadable(seat(root.path()).versions().await, "the data directory", "not a DSS data directory: it has none of");
    fs::write(&nothing, "").unwrap();
    unreadable(seat(&nothing).hadoop_jars().await, "the data directory", "it is a file, not a folder");
    symlink("loop", root.path().join("loop")).unwrap();
    unreadable(seat(&root.path().join("loop")).ext_host().await, "the data directory", "a loop of symbolic links");
}

#[test]
fn what_may_not_be_read_names_the_right() {
    let (root, tree) = files(&[]);
    fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let settings = tree.data.join("config/general-settings.json");
    fs::set_permissions(&settings, fs::Permissions::from_mode(0o000)).unwrap();
    // Root may read everything. Here a thread gives that up for itself and for the threads that read for it.
    let read = move || {
        if nix::unistd::geteuid().is_root() {
            nix::unistd::setfsuid(nix::unistd::Uid::from_raw(65534));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { seat(&tree.data).hadoop_keys().await })
    };
    match std::thread::spawn(read).join().unwrap() {
        Err(Unseen::Broken(Broken::Denied { rights, .. })) => assert_eq!(rights, [Right::read(&settings)]),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_version_that_cannot_be_told_is_not_guessed() {
    for (text, why) in [
        ("", "line 1"),
        ("{\"product_version\": \"14.", "not whole JSON at line 1, column 24"),
        ("{}", "no product_version"),
        ("{\"product_version\": \"latest\"}", "no version"),
        ("{\"product_version\": 14}", "no product_version"),
    ] {
        let (_root, tree) = files(&[]);
        fs::write(tree.data.join("dss-version.json"), text).unwrap();
        match seat(&tree.data).versions().await.unwrap().data {
            VersionFile::Unreadable { why: said, .. } => assert!(said.contains(why), "{text:?}: {said}"),
            other => panic!("{text:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn an_install_directory_that_nothing_tells_is_asked_for() {
    let (_root, tree) = files(&[Fault::Delete(LabFile::Data("bin/env-default.sh"))]);
    // The link of bin/dss tells it too.
    assert_eq!(seat(&tree.data).hadoop_integration().await.unwrap().install_dir, tree.install.display().to_string());
    fs::remove_file(tree.data.join("bin/dss")).unwrap();
    unreadable(seat(&tree.data).hadoop_integration().await, "the install directory", "give `install_dir` in `[dss]`");
}

#[tokio::test]
async fn files_named_jar_are_told_apart() {
    let (_root, tree) = files(&[]);
    let libs = tree.install.join("hadoop-standalone-libs");
    let jar = |name: &str| libs.join(name);
    let whole = fs::read(jar("hadoop-aliyun-3.2.1.jar")).unwrap();
    fs::write(jar("a.jar"), "<!DOCTYPE html>\n<title>404</title>").unwrap();
    fs::write(jar("b.jar"), &whole[..whole.len() - 30]).unwrap();
    fs::write(jar("c.jar"), "").unwrap();
    symlink("gone", jar("d.jar")).unwrap();
    symlink("e.jar", jar("e.jar")).unwrap();
    fs::create_dir(jar("f.jar")).unwrap();
    fs::write(jar("g.jar"), [&b"PK\x03\x04"[..], &[0u8; 500][..]].concat()).unwrap();
    named_pipe(&jar("h.jar"));
    fs::write(jar("README.txt"), "no jar").unwrap();
    let folder = seat(&tree.data).hadoop_jars().await.unwrap();
    let state = |name: &str| folder.jars.iter().find(|jar| jar.name == name).map(|jar| jar.state.clone()).unwrap();
    assert_eq!(state("a.jar"), JarState::NotAJar { starts: "<!DOCTYPE html> <title>404</title>".to_owned() });
    for cut in ["b.jar", "c.jar", "g.jar"] {
        assert!(matches!(state(cut), JarState::Truncated { .. }), "{cut}: {:?}", state(cut));
    }
    for (name, why) in [("d.jar", "symbolic link"), ("e.jar", "loop"), ("f.jar", "folder"), ("h.jar", "named pipe")] {
        match state(name) {
            JarState::Unreadable { why: said } => assert!(said.contains(why), "{name}: {said}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    assert_eq!(
        state("hadoop-aliyun-3.2.1.jar"),
        JarState::Whole { coordinates: Some("org.apache.hadoop:hadoop-aliyun:3.2.1".to_owned()) }
    );
    assert!(folder.jars.iter().all(|jar| jar.name.ends_with(".jar")));
}

/// A host with these commands, and no others.
fn commands(scripts: &[(&str, &str)]) -> (TempDir, Box<dyn Host>) {
    let root = tempfile::tempdir().unwrap();
    for (name, body) in scripts {
        let path: PathBuf = root.path().join(name);
        fs::write(&path, body).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let host = HostConfig { local: true, command_path: vec![root.path().to_owned()], ..HostConfig::default() };
    let limits = Limits { command: Duration::from_millis(600), ..Limits::default() };
    let config = Arc::new(Config { host, limits, ..Config::default() });
    (root, host::open(config, Journal::new(Scrubber::default())).unwrap())
}

#[tokio::test]
async fn a_command_that_hangs_is_ended_with_its_children() {
    let (root, host) = commands(&[(
        "hang",
        "#!/bin/sh\necho $$ > \"${0%/*}/parent\"\nsleep 600 &\necho $! > \"${0%/*}/child\"\nwait\n",
    )]);
    let began = Instant::now();
    let output = host.run("hang", &[]).await.unwrap();
    assert!(matches!(&output.ended, Ended::Late { why } if why.contains("0.6 s")), "{output:?}");
    assert!(began.elapsed() < HANGS, "{:?}", began.elapsed());
    for file in ["parent", "child"] {
        let id: i32 = fs::read_to_string(root.path().join(file)).unwrap().trim().parse().unwrap();
        let until = Instant::now() + HANGS;
        // A killed process is gone, or waits for its parent to notice.
        let gone = || fs::read_to_string(format!("/proc/{id}/stat")).map_or(true, |stat| stat.contains(") Z"));
        while !gone() {
            assert!(Instant::now() < until, "{file} {id} lives on");
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_command_whose_child_keeps_its_output_open_is_not_waited_for() {
    let (_root, host) = commands(&[("leaves", "#!/bin/sh\nsleep 600 &\necho done\n")]);
    let began = Instant::now();
    let output = host.run("leaves", &[]).await.unwrap();
    assert!(matches!(output.ended, Ended::Late { .. }), "{output:?}");
    assert!(began.elapsed() < HANGS, "{:?}", began.elapsed());
}

#[tokio::test]
async fn output_without_end_is_cut() {
    let (_root, host) = commands(&[("floods", "#!/bin/sh\nhead -c 3000000 /dev/zero | tr '\\0' x\nexit 3\n")]);
    let output = host.run("floods", &[]).await.unwrap();
    assert_eq!((output.ended, output.stdout.len()), (Ended::Exit(3), 256 << 10));
}

#[tokio::test]
async fn commands_that_are_not_there_or_cannot_start_are_told_apart() {
    let (root, host) = commands(&[("bad", "#!/no/such/interpreter\n"), ("dies", "#!/bin/sh\nkill -9 $$\n")]);
    assert_eq!(host.run("none", &[]).await.unwrap().ended, Ended::NotFound);
    unreadable(host.run("bad", &[]).await, "bad", "cannot be started");
    assert!(matches!(host.run("dies", &[]).await.unwrap().ended, Ended::Killed { .. }));
    fs::write(root.path().join("plain"), "#!/bin/sh\n").unwrap();
    assert_eq!(host.run("plain", &[]).await.unwrap().ended, Ended::NotFound);
    unreadable(host.resolve("a.b").await, "getent", "no such command");
}

#[tokio::test]
async fn names_and_addresses_that_commands_garble_are_none() {
    let (_root, host) =
        commands(&[("hostname", "#!/bin/sh\necho no addresses here\n"), ("getent", "#!/bin/sh\necho '<html>'\n")]);
    unreadable(host.addresses().await, "the host's addresses", "`addresses` in `[host]`");
    assert!(matches!(host.resolve("a.b").await.unwrap(), NameAnswer::NoSuchName { .. }));
    let (_root, host) =
        commands(&[("getent", "#!/bin/sh\necho '10.0.0.9 STREAM a.b'\necho '10.0.0.9 RAW'\necho 'fd00::1 STREAM'\n")]);
    let expected: Vec<IpAddr> = vec!["10.0.0.9".parse().unwrap(), "fd00::1".parse().unwrap()];
    assert_eq!(host.resolve("a.b").await.unwrap(), NameAnswer::Addresses(expected));
}

#[test]
fn a_host_that_is_elsewhere_is_not_described() {
    let config = Arc::new(Config::default());
    let opened = host::open(config, Journal::new(Scrubber::default()));
    assert!(matches!(opened, Err(Unseen::NotDescribed(reason)) if reason.contains("local = false")));
}

/// What stands in DSS's settings ends up in a file that `ackcheck run` obeys.
#[test]
fn init_writes_what_hostile_settings_hold_as_values_and_never_as_keys() {
    let hostile =
        "r.example/dss\"\nurl = \"evil.example\"\n[network]\nproxy = \"http://evil.example\"\n# \u{feff}\u{2028}";
    let (_root, tree) = files(&[]);
    let settings = tree.data.join("config/general-settings.json");
    let mut json: serde_json::Value = serde_json::from_str(&fs::read_to_string(&settings).unwrap()).unwrap();
    let mut changed = 0;
    each_string(&mut json, &mut |key, text| {
        if matches!(key, "repositoryURL" | "kubernetesNamespace") {
            *text = hostile.to_owned();
            changed += 1;
        }
    });
    assert!(changed >= 2, "{json}");
    fs::write(&settings, json.to_string()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ended = run_in(folder.path(), &["init", "--from", tree.data.to_str().unwrap(), "--site", "x.toml"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let text = fs::read_to_string(folder.path().join("x.toml")).unwrap();
    let read: toml::Table = text.parse().unwrap_or_else(|wrong| panic!("{wrong}\n{text}"));
    assert_eq!(read["registry"]["from"].as_str(), Some("dss"), "{text}");
    assert!(!read["registry"].as_table().unwrap().contains_key("url"), "{text}");
    assert!(!read.contains_key("network"), "{text}");
}

/// Every text of a JSON value, with the key it stands under.
fn each_string(value: &mut serde_json::Value, change: &mut dyn FnMut(&str, &mut String)) {
    match value {
        serde_json::Value::Object(entries) => {
            for (key, value) in entries.iter_mut() {
                match value {
                    serde_json::Value::String(text) => change(key, text),
                    other => each_string(other, change),
                }
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| each_string(item, change)),
        _ => {}
    }
}
