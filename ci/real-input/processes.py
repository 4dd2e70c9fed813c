"""A DSS that runs, as real processes show it: a stand-in with the command line of a backend, on its port or not."""

import re
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from runs import Runner, Tally
from services import HOST, free_port

# Says when it has done what it should, and then waits for its end.
STAND_IN = """
import socket, sys
if "listen" in sys.argv:
    server = socket.create_server(("0.0.0.0", int(sys.argv[sys.argv.index("listen") + 1])))
print("ready", flush=True)
sys.stdin.read()
"""


class StandIn:
    """Ends with the block that it is started for."""

    def __init__(self, script: Path, command: list[str], environment: dict[str, str]) -> None:
        self.command = [command[0], str(script), *command[1:]]
        self.environment = environment

    def __enter__(self) -> "StandIn":
        self.process = subprocess.Popen(
            self.command,
            executable=sys.executable,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if not self.process.stdout or self.process.stdout.readline() != "ready\n":
            raise SystemExit(f"{self.command} does not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.communicate(timeout=60)


def running(tally: Tally, runner: Runner) -> None:
    """Each state of DSS that `dss-running` tells apart, and what else is judged of a backend."""
    port = free_port()
    deployment = runner.deployment.copy(runner.work / "dss-that-runs")
    data = deployment.folder / deployment.data
    settings = data / "install.ini"
    settings.write_text(re.sub(r"(?m)^port\s*=.*$", f"port = {port - 1}", settings.read_text()))
    script = runner.work / "stand-in.py"
    script.write_text(STAND_IN)
    exported = {"DKU_BACKEND_EXT_HOST": HOST}

    def backend(*then: str) -> StandIn:
        command = ["java", "-Ddku.backend", "-cp", f"{data.resolve()}/bin", "com.dataiku.dip.DSSBackendMain", *then]
        return StandIn(script, command, exported)

    def expect(name: str, **expected: str) -> None:
        ids = [check.replace("_", "-") for check in expected]
        only = [word for check in ids for word in ("--only", check)]
        run = runner.run(name.replace(" ", "-"), *only, of=deployment)
        verdicts = run.verdicts()
        seen = {check: verdicts.get(check) for check in ids}
        holds = all(seen[check] in allowed.split() for check, allowed in zip(ids, expected.values(), strict=True))
        tally.check(name, holds, f"{seen}\n{run.said}")

    listening = ["listen", str(port)]
    with backend(*listening):
        expect("a backend on its port", dss_running="pass", ext_host_live="pass", host_ports="pass")
        exported["DKU_BACKEND_EXT_HOST"] = "former.example.test"
    with backend(*listening):
        expect("a backend with a former name", dss_running="pass", ext_host_live="restart-needed")
    with backend():
        # By its age: a slow machine may take long to come here.
        expect("a backend without its port", dss_running="starting down")
        with StandIn(script, ["notebooks", *listening], {}):
            expect("a port of another process", dss_running="other-process")
    with StandIn(script, ["somebody", *listening], {}):
        expect("a port of somebody and no backend", dss_running="broken", host_ports="taken-by-other")
