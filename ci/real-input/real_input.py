"""Runs ackcheck on real input and compares every verdict with what is known by other means."""

import base64
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from services import (OTHER_NAME, REGISTRY, USER, Deployment, NameServer, Registry, authority, secret_file, server_certificate,
                      site_file)

passed = failed = 0


def check(name, holds, otherwise=""):
    global passed, failed
    if holds:
        passed += 1
        print(f"ok      {name}")
    else:
        failed += 1
        print(f"FAILED  {name}: {otherwise}")


class Run:
    """One run of ackcheck: its exit code, its report, and everything it printed."""

    printed = []

    def __init__(self, program, environment, site, folder, *options):
        report = folder / "report.json"
        report.unlink(missing_ok=True)
        junit = folder / "report.xml"
        command = [program, "run", "--site", site, "--report", f"json={report}", "--report", f"junit={junit}",
                   "--report", "terminal", *options]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, env=environment,
                              timeout=300)
        self.code = done.returncode
        texts = [done.stdout, done.stderr]
        texts += [file.read_text() for file in (report, junit) if file.exists()]
        Run.printed += texts
        self.cases = json.loads(report.read_text())["cases"] if report.exists() else []
        self.said = done.stdout + done.stderr

    def verdicts(self):
        """`pass`, `blocked`, …, or the code of the finding, by check."""
        return {case["check"]: (case.get("finding") or {}).get("code") or case["outcome"] for case in self.cases}

    def reason(self, check_id):
        return next(json.dumps(case) for case in self.cases if case["check"] == check_id)


def expected_of_this_host():
    """What host checks must say here, found out without ackcheck."""
    if not shutil.which("docker"):
        docker = {"client-missing"}
    elif subprocess.run(["docker", "info"], capture_output=True).returncode == 0:
        docker = {"pass"}
    else:
        docker = {"daemon-down", "socket-denied"}
    name = subprocess.run(["hostname", "-f"], capture_output=True, text=True).stdout.strip()
    addresses = subprocess.run(["hostname", "-I"], capture_output=True, text=True).stdout.split()
    try:
        found = {info[4][0] for info in socket.getaddrinfo(name, None)} if name else set()
    except OSError:
        found = set()
    if "." not in name:
        fqdn = {"not-qualified"}
    elif not found or all(address.startswith("127.") or address == "::1" for address in found):
        fqdn = {"loopback", "not-own-address"}
    elif found & set(addresses):
        fqdn = {"pass"}
    else:
        fqdn = {"not-own-address"}
    return {"host-docker": docker, "host-name": fqdn}


# What has to be described for a check of these seats to be asked; none of it is, here.
NOT_HERE = {"cloud", "cluster", "node", "store"}


def edit(file, old, new):
    text = file.read_text()
    assert old in text, f"{file} has no {old}"
    file.write_text(text.replace(old, new))


def jar(deployment, name):
    return next((deployment.folder / deployment.install / "hadoop-standalone-libs").glob(f"{name}-*.jar"))


# Ways to break a data directory by hand, with the finding each must bring.
BROKEN = {
    "dss-version/unreadable": lambda d: (d.folder / d.data / "dss-version.json").write_text('{"product_ver'),
    "dss-version/upgrade-unfinished": lambda d: (d.folder / d.install / "dss-version.json").write_text(
        '{"product_version": "99.1.0"}'),
    "ext-host/not-exported": lambda d: edit(
        d.folder / d.data / "bin/env-site.sh", "export DKU_BACKEND_EXT_HOST", "DKU_BACKEND_EXT_HOST"),
    "hadoop-jars/missing": lambda d: jar(d, "aliyun-sdk-oss").unlink(),
    "hadoop-jars/not-a-jar": lambda d: jar(d, "hadoop-aliyun").write_text("<html>301 Moved Permanently</html>"),
    "hadoop-keys/misspelt": lambda d: edit(
        d.folder / d.data / "config/general-settings.json", '"fs.oss.impl"', '"fs.oss.imp"'),
    "connection-endpoint/missing": lambda d: edit(
        d.folder / d.data / "config/connections.json", '"fs.oss.endpoint"', '"fs.oss.endpiont"'),
    "connection-root/bucket-name": lambda d: edit(
        d.folder / d.data / "config/connections.json", '"oss://', '"oss://Not_A_Bucket-'),
}


def main(program):
    work = Path(tempfile.mkdtemp(prefix="real-input-"))
    scratch = work / "tmp"
    scratch.mkdir()
    (work / "home").mkdir()
    environment = {"PATH": os.environ["PATH"], "TMPDIR": str(scratch), "HOME": str(work / "home")}
    password = f"CANARY-{secrets.token_urlsafe(18)}"
    right = secret_file(work / "right", password)
    wrong = secret_file(work / "wrong", f"CANARY-{secrets.token_urlsafe(18)}")
    deployment = Deployment(program, work / "dss", environment)
    issuer = authority(work, "authority")
    registry = Registry(work, server_certificate(work, issuer, REGISTRY), password)
    registry.start()
    name_server = NameServer(work)

    def run(name, *options, ca_file=issuer[0], password_file=right, host=REGISTRY, of=deployment):
        folder = work / name
        folder.mkdir()
        site = site_file(folder / "ackcheck.toml", of, registry, name_server, ca_file, password_file, host)
        return Run(program, environment, site, folder, *options)

    try:
        before = deployment.fingerprint()
        whole(program, run("whole"))
        tags, blobs, uploads = registry.contents()
        check("the registry holds the probe under one tag", list(tags) == ["dss/ackcheck-probe"]
              and len(tags["dss/ackcheck-probe"]) == 1, tags)
        check("and no blob that the image does not need, no upload left open", (blobs, uploads) == (4, 0),
              f"{blobs} blobs, {uploads} uploads")
        again = run("again", "--only", "registry/")
        check("a second run passes on what is there", again.verdicts().get("registry-push") == "pass", again.said)
        check("and leaves the registry as it was", registry.contents() == (tags, blobs, uploads), registry.contents())
        login(run, registry, authority(work, "stranger")[0], wrong)
        for finding, damage in BROKEN.items():
            broken = deployment.copy(work / finding.replace("/", "-"))
            damage(broken)
            check_id, code = finding.split("/")
            one = run(f"run-{check_id}-{code}", "--only", check_id, of=broken)
            check(finding, one.verdicts().get(check_id) == code and one.code == 1, one.said)
        check("the data directory is as it was, to the byte and the second", deployment.fingerprint() == before)
        check("nothing is left in the temporary folder", not any(scratch.iterdir()), list(scratch.iterdir()))
        everything = "\n".join(Run.printed)
        known = [password, wrong.read_text(), *deployment.secrets]
        known += [base64.b64encode(f"{USER}:{secret}".encode()).decode() for secret in known]
        leaked = [secret[:10] for secret in known if secret in everything]
        check("no secret came out", not leaked and "CANARY" not in everything, f"{len(leaked)} did")
    finally:
        registry.stop()
        name_server.stop()
        shutil.rmtree(work)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def whole(program, healthy):
    verdicts = healthy.verdicts()
    seats = {case["check"]: case["seat"] for case in healthy.cases}
    catalogue = json.loads(subprocess.run([program, "list", "--format", "json"], capture_output=True, text=True).stdout)
    for entry in catalogue["checks"]:
        check(f"{entry['id']} has an outcome", entry["id"] in verdicts)
    here = expected_of_this_host()
    for check_id, verdict in verdicts.items():
        if check_id in here:
            check(f"{check_id} says {verdict}, as this host is", verdict in here[check_id], here[check_id])
        elif seats[check_id] in NOT_HERE:
            check(f"{check_id} is not applicable, and says why", verdict == "not-applicable"
                  and "reason" in healthy.reason(check_id), healthy.reason(check_id)[:400])
        elif check_id.startswith(("registry-url", "registry-login", "registry-push", "dss-version", "ext-host", "hadoop-",
                                  "connection-")):
            check(f"{check_id} passes", verdict == "pass", healthy.reason(check_id)[:600])
        else:
            check(f"{check_id} is judged", verdict not in {"broken", "timed-out"}, healthy.reason(check_id)[:400])
    fails = any(case["outcome"] == "fail" for case in healthy.cases)
    check(f"the exit code is {int(fails)}", healthy.code == int(fails), f"{healthy.code}\n{healthy.said}")


def login(run, registry, other_authority, wrong):
    """The registry's ways to refuse, each with its own finding and its dependents blocked."""
    def expect(name, finding, one):
        verdicts = one.verdicts()
        check(name, verdicts.get("registry-login") == finding and verdicts.get("registry-push") == "blocked"
              and one.code == 1, one.said)

    only = ("--only", "registry-push")
    expect("a wrong password", "unauthorized", run("wrong-password", *only, password_file=wrong))
    expect("a certificate of an authority nobody named", "tls", run("wrong-ca", *only, ca_file=other_authority))
    expect("a name that does not resolve", "unreachable", run("no-name", *only, host="nowhere.example.test"))
    expect("a certificate for another name", "tls", run("other-name", *only, host=OTHER_NAME))
    registry.stop()
    expect("a registry that is stopped", "unreachable", run("stopped", *only))
    registry.start()
    back = run("back", *only)
    check("the registry is back", back.verdicts().get("registry-push") == "pass" and back.code == 0, back.said)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
