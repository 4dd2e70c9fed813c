//! What is recognised in logs as they come: in pieces, in traces, in whatever lines.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::*;
use crate::Clock;
use crate::patterns::Patterns;

fn reading(since: Option<Duration>) -> Reading {
    Reading {
        clock: Clock { now: "2026-01-02T06:00:00Z".parse().unwrap(), zone: TimeZone::UTC },
        since,
        stop: Arc::default(),
    }
}

/// Gives so many bytes at a time.
struct Drips<'a>(&'a [u8], usize);

impl Read for Drips<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let some = self.1.min(into.len()).min(self.0.len());
        into[..some].copy_from_slice(&self.0[..some]);
        self.0 = &self.0[some..];
        Ok(some)
    }
}

fn name(found: &Found) -> String {
    let id = &Patterns::known().all[found.matched.pattern].pattern.id;
    let below: Vec<String> = found.consequences.iter().map(name).collect();
    let below = if below.is_empty() { String::new() } else { format!("({})", below.join(" ")) };
    format!("{id}:{}{below}", found.line)
}

/// What is recognised, `PATTERN:LINE(CONSEQUENCES)`, and how many lines there are, however the log comes.
#[track_caller]
fn recognised(log: &[u8]) -> (Vec<String>, u64) {
    let mut first = None;
    for drip in [log.len().max(1), 7, 1000] {
        let mut found = Vec::new();
        let (amount, ended) = read(Drips(log, drip), &reading(None), &mut |one| found.push(name(&one)));
        ended.unwrap();
        assert_eq!(amount.bytes, log.len() as u64);
        let all = (found, amount.lines);
        match &first {
            None => first = Some(all),
            Some(first) => assert_eq!(*first, all, "{drip} bytes at a time"),
        }
    }
    first.unwrap()
}

#[track_caller]
fn tells(log: &str, told: &[&str]) {
    assert_eq!(recognised(log.as_bytes()).0, told, "{log}");
}

#[test]
fn the_innermost_cause_of_a_trace_is_its_root_and_the_rest_follows() {
    let trace = "\
26/01/02 03:04:05 INFO CoarseGrainedExecutorBackend: Connecting to driver
Exception in thread \"main\" java.lang.reflect.UndeclaredThrowableException
\tat org.apache.hadoop.security.UserGroupInformation.doAs(UserGroupInformation.java:1894)
Caused by: java.io.IOException: Failed to connect to dss01/10.0.0.10:42845
\tat org.apache.spark.network.client.TransportClientFactory.createClient(TransportClientFactory.java:288)
\t... 4 more
Caused by: io.netty.channel.AbstractChannel$AnnotatedConnectException: Connection refused: dss01/10.0.0.10:42845
Caused by: java.net.ConnectException: Connection refused
\tat java.base/sun.nio.ch.SocketChannelImpl.checkConnect(Native Method)
26/01/02 03:04:06 INFO ShutdownHookManager: Shutdown hook called
26/01/02 03:04:07 WARN TaskSchedulerImpl: Initial job has not accepted any resources; check your cluster UI
";
    tells(trace, &["driver-refused:7", "no-executors:11"]);
    assert_eq!(recognised(trace.as_bytes()).1, 11);
    // As DSS has it in the log of a job, each line behind a prefix.
    let prefix = "[2026/01/02-03:04:05.678] [null-err-68] [INFO] [dku.utils]  - ";
    let prefixed: String = trace.lines().map(|line| format!("{prefix}{line}\r\n")).collect();
    tells(&prefixed, &["driver-refused:7", "no-executors:11"]);
    let coloured: String = trace.lines().map(|line| format!("\u{1b}[31m{line}\u{1b}[0m\n")).collect();
    tells(&coloured, &["driver-refused:7", "no-executors:11"]);
}

#[test]
fn what_says_more_is_the_root_wherever_it_stands_in_the_entry() {
    tells(
        "Caused by: java.io.IOException: Failed to connect to dss01:42845\n\
         \tat a.B.c(D.java:1)\n\
         Caused by: java.net.UnknownHostException: dss01\n",
        &["driver-name-unknown:1"],
    );
    tells(
        "com.aliyun.oss.OSSException: You have no right to access this object because of bucket acl.\n\
         [ErrorCode]: AccessDenied\n[RequestId]: 62A1B2C3D4E5F60718293A4B\n[HostId]: a.oss-cn-hangzhou.aliyuncs.com\n\
         [ResponseError]:\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>\n  <Code>AccessDenied</Code>\n\
         \x20 <AccessDeniedDetail>\n    <AuthAction>oss:PutObject</AuthAction>\n  </AccessDeniedDetail>\n</Error>\n\
         \tat com.aliyun.oss.common.utils.ExceptionFactory.createOSSException(ExceptionFactory.java:100)\n",
        &["put-denied:10"],
    );
    tells(
        "com.aliyun.oss.OSSException: The bucket you are attempting to access must be addressed using the specified endpoint.\n\
         [ErrorCode]: AccessDenied\n<Error>\n  <Code>AccessDenied</Code>\n  <Endpoint>oss-cn-shanghai.aliyuncs.com</Endpoint>\n",
        &["bucket-elsewhere:5"],
    );
    let two = "0/5 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }, 4 Insufficient cpu.";
    tells(two, &["too-big:1", "node-not-ready:1"]);
}

#[test]
fn a_cause_is_found_in_lines_of_any_length_and_across_pieces() {
    let cause = "java.io.IOException: No FileSystem for scheme: oss";
    for before in [0, 100, 13_000, PIECE - 20, PIECE + 5, 3 * PIECE + 17] {
        let log = format!("one\n{} {cause} {}\nlast\n", "x".repeat(before), "y".repeat(20_000));
        let (found, lines) = recognised(log.as_bytes());
        let ids: Vec<&str> = found.iter().map(|found| found.split('(').next().unwrap()).collect();
        assert_eq!((ids, lines), (vec!["scheme-unknown:2"], 3), "{before}");
    }
    let filler = "26/01/02 03:04:05 INFO BlockManager: Removing RDD 7\n";
    for many in [PIECE / filler.len(), 2 * PIECE / filler.len() + 1] {
        let log = format!("{}{cause}", filler.repeat(many));
        assert_eq!(recognised(log.as_bytes()), (vec![format!("scheme-unknown:{}", many + 1)], many as u64 + 1));
    }
}

#[test]
fn bytes_of_any_kind_are_read() {
    let log = b"\xff\xfe\0\0\0garbage\0\xc3\x28\nCaused by: \0java.net.UnknownHost\0Exception: dss01\xff\r\n";
    // NUL stands within the words: what was written in between is not known.
    assert_eq!(recognised(log), (vec![], 2));
    assert_eq!(recognised(b"\0\0\0Caused by: java.net.UnknownHostException: dss01\xff\r\n").0, ["unknown-host:1"]);
    assert_eq!(recognised(b""), (vec![], 0));
    assert_eq!(recognised(b"\n\n\n"), (vec![], 3));
    assert_eq!(recognised(b"no end"), (vec![], 1));
    assert_eq!(
        recognised(br#"{"log":"Failed to pull image \"r.example/a:1\": rpc error: 1: not found: manifest unknown\n","stream":"x"}"#).0,
        ["pull-not-found:1"]
    );
}

#[test]
fn only_what_is_young_enough_is_told_and_lines_without_a_time_belong_to_the_last_that_had_one() {
    let told = |log: &str, hours: u64| {
        let mut found = Vec::new();
        let (amount, _) = read(log.as_bytes(), &reading(Some(Duration::from_secs(hours * 3600))), &mut |one| {
            found.push(format!("{} {}", name(&one), one.at.map(|at| at.to_string()).unwrap_or_default()));
        });
        (found, amount.timed)
    };
    let log = "26/01/02 03:04:05 ERROR x\nCaused by: java.net.UnknownHostException: old\n\
               26/01/02 05:04:05 ERROR x\nCaused by: java.net.UnknownHostException: young\n";
    let all = vec!["unknown-host:2 2026-01-02T03:04:05Z".to_owned(), "unknown-host:4 2026-01-02T05:04:05Z".to_owned()];
    assert_eq!(told(log, 24), (all.clone(), true));
    assert_eq!(told(log, 2), (all[1..].to_vec(), true));
    assert_eq!(told("Caused by: java.net.UnknownHostException: x\n", 1), (vec!["unknown-host:1 ".to_owned()], false));
}
