//! The program, stopped for longer than it waits for a connection: nobody else is blamed for it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ackcheck_lab::{Lab, LabOptions};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::support::lab::install_tls_provider;
use crate::support::program::ackcheck;

/// Longer than the lab's site file gives a connection.
const STOPPED_FOR: Duration = Duration::from_millis(1500);

/// The connections in which the program is stopped, counted from the first of the run: before they are taken, or, in
/// every second of them, when the answer begins.
const STOPS: [usize; 6] = [1, 2, 5, 9, 14, 20];

/// The program under test, once it runs.
type Stoppable = Arc<Mutex<Option<Pid>>>;

fn state(pid: Pid) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

/// Stops the program for as long as it takes to count.
fn stop(program: &Stoppable) {
    let Some(pid) = *program.lock().unwrap() else { return };
    if kill(pid, Signal::SIGSTOP).is_err() {
        return;
    }
    while state(pid).is_some_and(|state| !matches!(state, 'T' | 'Z')) {
        std::thread::yield_now();
    }
    // Nothing is ever sent: how long the stop takes is all that it is about.
    let (_open, never) = channel::<()>();
    let _ = never.recv_timeout(STOPPED_FOR);
    // It may have been ended meanwhile.
    let _ = kill(pid, Signal::SIGCONT);
}

/// Carries bytes until either side ends; `first` is called when the first of them come.
fn carry(mut from: TcpStream, mut to: TcpStream, first: impl FnOnce()) {
    let (mut first, mut chunk) = (Some(first), [0; 16 << 10]);
    while let Ok(read @ 1..) = from.read(&mut chunk) {
        if let Some(first) = first.take() {
            first();
        }
        if to.write_all(&chunk[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Write);
}

/// Stands before the lab's gateway, and stops the program in some of its connections.
fn in_between(gateway: SocketAddr, program: Stoppable) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for (number, client) in listener.incoming().enumerate() {
            let (Ok(client), Ok(server)) = (client, TcpStream::connect(gateway)) else { return };
            let (stops, program) = (STOPS.iter().position(|stop| *stop == number), program.clone());
            if stops.is_some_and(|stops| stops.is_multiple_of(2)) {
                stop(&program);
            }
            let (client_too, server_too) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || carry(client, server, || {}));
            std::thread::spawn(move || {
                carry(server_too, client_too, || {
                    if stops.is_some_and(|stops| !stops.is_multiple_of(2)) {
                        stop(&program);
                    }
                });
            });
        }
    });
    address
}

/// The site file with everything that is dialled at the gateway dialled at who stands before it.
fn led_through(text: &str, program: &Stoppable) -> String {
    let mut site: toml::Table = text.parse().unwrap();
    let connect = site["network"]["connect"].as_table_mut().unwrap();
    let gateway: SocketAddr = connect["*"].as_str().unwrap().parse().unwrap();
    let before = in_between(gateway, program.clone());
    for (_, address) in connect.iter_mut().filter(|(_, address)| address.as_str() == Some(&gateway.to_string())) {
        *address = toml::Value::String(before.to_string());
    }
    toml::to_string(&site).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_is_stopped_blames_nobody_else() {
    install_tls_provider();
    let lab = Lab::start(&LabOptions::default()).await.unwrap();
    let program = Stoppable::default();
    let text = std::fs::read_to_string(lab.site_file()).unwrap();
    std::fs::write(lab.site_file(), led_through(&text, &program)).unwrap();
    let (folder, site) = (lab.root().to_owned(), lab.site_file().to_owned());
    let report = tokio::task::spawn_blocking(move || {
        let mut command = ackcheck(&folder);
        command.arg("run").arg("--site").arg(&site).args(["--report", "json"]);
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let child = command.spawn().unwrap();
        *program.lock().unwrap() = Some(Pid::from_raw(child.id().try_into().unwrap()));
        let output = child.wait_with_output().unwrap();
        *program.lock().unwrap() = None;
        serde_json::from_slice::<Value>(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
    });
    let report = report.await.unwrap();
    let cases = report["cases"].as_array().unwrap();
    assert!(cases.len() > 40, "{}", cases.len());
    for case in cases {
        let outcome = case["outcome"].as_str().unwrap();
        assert!(!["fail", "warn"].contains(&outcome), "{case:#}");
    }
    let text = report.to_string();
    assert!(text.contains("ackcheck itself was stopped or busy for"), "it was never stopped where it counts");
}
