"""Runs ackcheck on real input and compares every verdict with what is known by other means.

Usage: real_input.py PROGRAM
"""

import base64
import json
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from broken import BROKEN
from processes import running
from programs import use_own
from runs import Run, Runner, Tally, environment, expected_of_this_host
from services import (
    OTHER_NAME,
    REGISTRY,
    USER,
    Deployment,
    NameServer,
    Registry,
    authority,
    secret_file,
    server_certificate,
)

# What has to be described for a check of these seats to be asked; none of it is, here.
NOT_HERE = {"cloud", "cluster", "node", "store"}
# Checks of what is described here.
HEALTHY = (
    "registry-url",
    "registry-login",
    "registry-push",
    "registry-takes-builds",
    "dss-version",
    "ext-host",
    "hadoop-",
    "connection-",
)


def canary() -> str:
    """A secret that no text may have in it."""
    return f"CANARY-{secrets.token_urlsafe(18)}"


def main(program: str) -> int:
    work = Path(tempfile.mkdtemp(prefix="real-input-"))
    own = environment(work)
    password = canary()
    right = secret_file(work / "right", password)
    wrong = secret_file(work / "wrong", canary())
    deployment = Deployment.of_lab(program, work / "dss", own)
    use_own(deployment)
    issuer = authority(work, "authority")
    registry = Registry(work, server_certificate(work, issuer, REGISTRY), password)
    # First, since it takes nothing with it where it does not start.
    name_server = NameServer(work)
    registry.start()
    runner = Runner(program, work, registry, name_server, deployment, issuer[0], right, own)
    tally = Tally()
    try:
        before = deployment.fingerprint()
        whole(tally, program, runner.run("whole"), work)
        pushed(tally, runner)
        login(tally, runner, authority(work, "stranger")[0], wrong)
        broken(tally, runner)
        running(tally, runner)
        tally.check("the data directory is as it was, to the byte and the second", deployment.fingerprint() == before)
        left = list((work / "tmp").iterdir())
        tally.check("nothing is left in the temporary folder", not left, left)
        silent(tally, runner, [password, wrong.read_text(), *deployment.secrets])
    finally:
        registry.stop()
        name_server.stop()
        shutil.rmtree(work)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


def whole(tally: Tally, program: str, healthy: Run, work: Path) -> None:
    """Every check of the catalogue on the deployment as it is."""
    verdicts = healthy.verdicts()
    seats = {case["check"]: case["vantage"] for case in healthy.cases}
    listed = subprocess.run([program, "list", "--format", "json"], capture_output=True, check=True, timeout=60).stdout
    for entry in json.loads(listed)["checks"]:
        tally.check(f"{entry['id']} has an outcome", entry["id"] in verdicts)
    here = expected_of_this_host(work)
    for check_id, verdict in verdicts.items():
        reason = healthy.reason(check_id)[:600]
        if check_id in here:
            tally.check(f"{check_id} says {verdict}, as this host is", verdict in here[check_id], here[check_id])
        elif seats[check_id] in NOT_HERE:
            # One of the host's own can stand before it.
            waits = verdict == "blocked" and any(f'"{known}"' in healthy.reason(check_id) for known in here)
            holds = waits or (verdict == "not-applicable" and "reason" in healthy.reason(check_id))
            tally.check(f"{check_id} is not applicable, and says why", holds, reason)
        elif check_id.startswith(HEALTHY):
            tally.check(f"{check_id} passes", verdict == "pass", reason)
        else:
            tally.check(f"{check_id} is judged", verdict not in {"broken", "timed-out"}, reason)
    fails = any(case["outcome"] == "fail" for case in healthy.cases)
    tally.check(f"the exit code is {int(fails)}", healthy.code == int(fails), f"{healthy.code}\n{healthy.said}")


def pushed(tally: Tally, runner: Runner) -> None:
    """What a run leaves in the registry, and a second one finds there."""
    contents = runner.registry.contents()
    tags, blobs, uploads = contents
    one = list(tags) == ["dss/ackcheck-probe"] and len(tags["dss/ackcheck-probe"]) == 1
    tally.check("the registry holds the probe under one tag", one, tags)
    # Of the image four; of what current builders push six manifests and five blobs: this registry lets nobody delete.
    only_ours = (blobs, uploads) == (4 + 11, 0)
    tally.check("and no blob that it does not need, no upload left open", only_ours, (blobs, uploads))
    again = runner.run("again", "--only", "registry/")
    tally.check("a second run passes on what is there", again.verdicts().get("registry-push") == "pass", again.said)
    after = runner.registry.contents()
    tally.check("and leaves the registry as it was", after == contents, after)


def login(tally: Tally, runner: Runner, other_authority: Path, wrong: Path) -> None:
    """The registry's ways to refuse, each with its own finding and its dependents blocked."""

    def expect(name: str, finding: str, run: Run) -> None:
        verdicts = run.verdicts()
        holds = verdicts.get("registry-login") == finding and verdicts.get("registry-push") == "blocked"
        tally.check(name, holds and run.code == 1, run.said)

    only = ("--only", "registry-push")
    expect("a wrong password", "unauthorized", runner.run("wrong-password", *only, password_file=wrong))
    expect("a certificate of an authority nobody named", "tls", runner.run("wrong-ca", *only, ca_file=other_authority))
    expect("a name that does not resolve", "unreachable", runner.run("no-name", *only, host="nowhere.example.test"))
    expect("a certificate for another name", "tls", runner.run("other-name", *only, host=OTHER_NAME))
    runner.registry.stop()
    expect("a registry that is stopped", "unreachable", runner.run("stopped", *only))
    runner.registry.start()
    back = runner.run("back", *only)
    tally.check("the registry is back", back.verdicts().get("registry-push") == "pass" and back.code == 0, back.said)


def broken(tally: Tally, runner: Runner) -> None:
    """Each way to break a data directory."""
    for finding, damage in BROKEN.items():
        check_id, code = finding.split("/")
        copy = runner.deployment.copy(runner.work / f"{check_id}-{code}")
        damage(copy)
        run = runner.run(f"run-{check_id}-{code}", "--only", check_id, of=copy)
        tally.check(finding, run.verdicts().get(check_id) == code and run.code == 1, run.said)


def silent(tally: Tally, runner: Runner, known: list[str]) -> None:
    """No secret is in any text that ackcheck wrote, as it is or as HTTP sends it."""
    everything = "\n".join(runner.printed)
    sent = [base64.b64encode(f"{USER}:{secret}".encode()).decode() for secret in known]
    leaked = [secret for secret in known + sent if secret in everything]
    tally.check("no secret came out", not leaked and "CANARY" not in everything, f"{len(leaked)} did")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
