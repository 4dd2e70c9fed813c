"""Compares what ackcheck says that a script leaves of DKU_BACKEND_EXT_HOST with what bash leaves.

Usage: bash_oracle.py PROGRAM, which is the example env_scripts of ackcheck-live.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from scripts import Sample, field, generated

NAME = b"DKU_BACKEND_EXT_HOST="
SCRIPTS = 2500
# Of scripts in which nothing depends on the machine, at most this share may be called uncertain.
MOST_UNCERTAIN = 0.05
SHOWN = 20


@dataclass(frozen=True)
class Left:
    """What became of a script: it stopped the shell, or left this value; none where the variable is not exported."""

    stopped: bool
    value: str | None = None

    def __str__(self) -> str:
        return "stops" if self.stopped else "unset" if self.value is None else f"exports {self.value!r}"


def bash(folder: Path) -> Left:
    """Has bash source the script as DSS's start scripts do, with nothing to run in its PATH."""
    data, home, out = folder / "data", folder / "home", folder / "out"
    home.mkdir()
    # A script may have changed any variable: both paths stand here as they are.
    source = f"source {data}/bin/env-site.sh\nbuiltin exec /usr/bin/env -0 >| {out}"
    environment = {"PATH": str(home), "HOME": str(home), "DIP_HOME": str(data), "DKURUNDIR": f"{data}/run"}
    command = ["/bin/bash", "--norc", "--noprofile", "-e", "-c", source]
    subprocess.run(
        command,
        env=environment,
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    if not out.exists():
        return Left(stopped=True)
    values = [entry[len(NAME) :] for entry in out.read_bytes().split(b"\0") if entry.startswith(NAME)]
    return Left(stopped=False, value=values[0].decode(errors="replace") if values else None)


def written(work: Path, samples: list[Sample]) -> list[Path]:
    """A data directory for each script."""
    folders = []
    for at, sample in enumerate(samples):
        folder = work / str(at)
        scripts = folder / "data" / "bin"
        scripts.mkdir(parents=True)
        (folder / "data" / "dss-version.json").write_text("{}")
        (scripts / "env-site.sh").write_bytes(sample.script)
        folders.append(folder)
    return folders


def said(program: str, folders: list[Path]) -> list[dict[str, str]]:
    """What ackcheck says of each."""
    asked = "".join(f"{folder}/data\n" for folder in folders)
    run = subprocess.run([program], input=asked.encode(), stdout=subprocess.PIPE, check=True, timeout=240)
    return [json.loads(line) for line in run.stdout.splitlines()]


def agrees(real: Left, answer: dict[str, str]) -> bool:
    """Whether the answer is what bash did, or says that it may be."""
    if real.stopped:
        return answer["kind"] == "stops" or bool(answer["may_stop"])
    match answer["kind"]:
        case "exported":
            return answer["value"] == real.value
        case "unset":
            return real.value is None
        case kind:
            return kind == "uncertain"


def is_uncertain(real: Left, answer: dict[str, str]) -> bool:
    return answer["kind"] == "uncertain" or (real.stopped and answer["kind"] != "stops")


def main(program: str) -> int:
    samples = [*field(), *generated(SCRIPTS)]
    work = Path(tempfile.mkdtemp(prefix="oracle-bash-"))
    try:
        folders = written(work, samples)
        answers = said(program, folders)
        with ThreadPoolExecutor(2) as pool:
            real = list(pool.map(bash, folders))
    finally:
        shutil.rmtree(work)
    passed = failed = uncertain = plain = 0
    for sample, left, answer in zip(samples, real, answers, strict=True):
        if agrees(left, answer):
            passed += 1
        else:
            failed += 1
            if failed <= SHOWN:
                print(f"FAILED  bash {left}, ackcheck says {answer}:\n{sample.script!r}")
        if sample.plain:
            plain += 1
            uncertain += is_uncertain(left, answer)
    stopped = sum(left.stopped for left in real)
    print(f"{len(samples)} scripts, of which bash stops in {stopped}")
    print(f"{uncertain} of {plain} scripts that depend on nothing else are called uncertain")
    if uncertain > plain * MOST_UNCERTAIN:
        failed += 1
        print(f"FAILED  more than {MOST_UNCERTAIN:.0%} are called uncertain")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
