//! ackcheck's registry checks against Debian's docker-registry in a container, by testcontainers. Its image is built
//! from scratch out of this host's binary and the libraries it asks for: nothing is pulled.
//!
//! `ackcheck-containers PATH-OF-ACKCHECK` prints a line a case and ends in `N passed, N failed`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use testcontainers::core::{IntoContainerPort as _, WaitFor};
use testcontainers::runners::{AsyncBuilder as _, AsyncRunner as _};
use testcontainers::{ContainerAsync, GenericBuildableImage, GenericImage, ImageExt as _};
use tokio::process::Command;

const SERVER: &str = "/usr/bin/docker-registry";
const PASSWORD: &str = "CANARY-in-a-container";
/// `htpasswd -nbB robot` of the password above.
const USERS: &str = "robot:$2y$05$OWG/yDbFOMFyDZIoS5XZreCODSRw3JM5azyug2bTATGi81wMWhqIa\n";
const CONFIG: &str = "version: 0.1
storage: {filesystem: {rootdirectory: /registry}}
http: {addr: ':5000', tls: {certificate: /server.pem, key: /server.key}}
auth: {htpasswd: {realm: container, path: /htpasswd}}
";

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let program = std::env::args_os().nth(1).map(PathBuf::from).context("name the ackcheck to run")?;
    let folder = tempfile::tempdir()?;
    let (authority, certificate, key) = certificates()?;
    std::fs::write(folder.path().join("ca.pem"), authority)?;
    let container = start(certificate, key).await?;
    let port = container.get_host_port_ipv4(5000.tcp()).await?;

    let mut tally = Tally { passed: 0, failed: 0 };
    let right = run(&program, folder.path(), port, PASSWORD).await?;
    tally.expect("the registry in the container", &right, &[("registry-login", "pass"), ("registry-push", "pass")]);
    let again = run(&program, folder.path(), port, PASSWORD).await?;
    tally.expect("the same again", &again, &[("registry-push", "pass")]);
    let wrong = run(&program, folder.path(), port, "CANARY-another").await?;
    tally.expect("a wrong password", &wrong, &[("registry-login", "unauthorized"), ("registry-push", "blocked")]);
    container.stop().await?;
    let stopped = run(&program, folder.path(), port, PASSWORD).await?;
    tally.expect("a stopped container", &stopped, &[("registry-login", "unreachable"), ("registry-push", "blocked")]);
    container.rm().await?;

    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Tally {
    passed: usize,
    failed: usize,
}

impl Tally {
    fn expect(&mut self, name: &str, found: &BTreeMap<String, String>, expected: &[(&str, &str)]) {
        let holds = expected.iter().all(|(check, verdict)| found.get(*check).is_some_and(|found| found == verdict));
        if holds {
            self.passed += 1;
            println!("ok      {name}");
        } else {
            self.failed += 1;
            println!("FAILED  {name}: {found:?}, not {expected:?}");
        }
    }
}

/// An authority's certificate, and a server's for `localhost` with its key, all in PEM.
fn certificates() -> anyhow::Result<(String, String, String)> {
    let issuer_key = rcgen::KeyPair::generate()?;
    let mut params = rcgen::CertificateParams::new(Vec::new())?;
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = params.self_signed(&issuer_key)?.pem();
    let issuer = rcgen::Issuer::new(params, issuer_key);
    let key = rcgen::KeyPair::generate()?;
    let certificate = rcgen::CertificateParams::new(vec!["localhost".to_owned()])?.signed_by(&key, &issuer)?;
    Ok((authority, certificate.pem(), key.serialize_pem()))
}

async fn start(certificate: String, key: String) -> anyhow::Result<ContainerAsync<GenericImage>> {
    let mut image = GenericBuildableImage::new("ackcheck-registry", "from-scratch")
        .with_dockerfile_string("FROM scratch\nCOPY root /\nEXPOSE 5000\nENTRYPOINT [\"/usr/bin/docker-registry\", \"serve\", \"/config.yml\"]\n")
        .with_data(CONFIG, "root/config.yml")
        .with_data(USERS, "root/htpasswd")
        .with_data(certificate, "root/server.pem")
        .with_data(key, "root/server.key");
    for file in [SERVER.to_owned()].into_iter().chain(libraries().await?) {
        let inside = format!("root{file}");
        // Libraries are links to their versions; the image takes the file itself, its rights included.
        image = image.with_file(std::fs::canonicalize(&file)?, inside);
    }
    let image = image.build_image().await.context("the image")?;
    let ready = WaitFor::message_on_stderr("listening on");
    let image = image.with_exposed_port(5000.tcp()).with_wait_for(ready);
    image.with_startup_timeout(std::time::Duration::from_secs(60)).start().await.context("the container")
}

/// The libraries that the server asks for, its loader among them.
async fn libraries() -> anyhow::Result<Vec<String>> {
    let listed = Command::new("ldd").arg(SERVER).output().await?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    Ok(listed.split_whitespace().filter(|word| word.starts_with('/')).map(str::to_owned).collect())
}

/// Runs the registry's checks and brings each one's verdict: `pass`, `blocked`, or the finding's code.
async fn run(program: &Path, folder: &Path, port: u16, password: &str) -> anyhow::Result<BTreeMap<String, String>> {
    let site = folder.join("ackcheck.toml");
    let report = folder.join("report.json");
    std::fs::write(
        &site,
        format!(
            "[registry]\nurl = \"localhost:{port}/dss\"\nusername = \"robot\"\npassword = {{ env = \"PASSWORD\" }}\n\n\
             [network]\nca_file = \"ca.pem\"\n"
        ),
    )?;
    let arguments = ["run", "--quiet", "--only", "registry-push", "--report"];
    let report_to = format!("json={}", report.display());
    let mut command = Command::new(program);
    command.args(arguments).arg(report_to).arg("--site").arg(&site).env("PASSWORD", password);
    let output = command.output().await.context("ackcheck does not start")?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(!said.contains("CANARY"), "a secret came out");
    let report = std::fs::read_to_string(&report).with_context(|| said)?;
    ensure!(!report.contains("CANARY"), "a secret came out");
    let report: serde_json::Value = serde_json::from_str(&report)?;
    let cases = report["cases"].as_array().context("no cases")?;
    let verdict = |case: &serde_json::Value| {
        let verdict = case["finding"]["code"].as_str().or(case["outcome"].as_str());
        Some((case["check"].as_str()?.to_owned(), verdict?.to_owned()))
    };
    Ok(cases.iter().filter_map(verdict).collect())
}
