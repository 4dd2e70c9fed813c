"""A machine of the cluster: a process that idles in namespaces of its own (network, mounts, processes, host name), and
what is started inside. When its first process is killed, the kernel ends everything in it, its mounts included."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeVar

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)

Value = TypeVar("Value")


class TroubleError(Exception):
    """What keeps the cluster from being what it should, in words for its user."""


class SkipError(Exception):
    """Why a case cannot be asked of this cluster."""


def until(holds: Callable[[], Value], seconds: float, otherwise: str | Callable[[], str]) -> Value:
    """Waits until `holds()` is true and gives what it gave.

    `seconds` keeps a wait from going on for ever. It is no judgement: choose it far above what the wait takes."""
    end = time.monotonic() + seconds
    while True:
        value = holds()
        if value:
            return value
        if time.monotonic() > end:
            raise TroubleError(otherwise() if callable(otherwise) else otherwise)
        time.sleep(0.05)


def parent_and_start(pid: int) -> tuple[int, str] | None:
    """Parent and start time of a process; nothing where there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    state, parent, started = fields[0], int(fields[1]), fields[19]
    return None if state in "ZX" else (parent, started)


def child_of(pid: int) -> int | None:
    """The only child of a process."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            found = parent_and_start(int(entry.name))
            if found and found[0] == pid:
                return int(entry.name)
    return None


class Process:
    """A process that was started here, known by its number and its start time, so that no other is ever signalled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def adopt(self, parent: subprocess.Popen[bytes]) -> None:
        """Takes the child of `parent`, which brought it into its namespaces."""
        until(lambda: child_of(parent.pid) or parent.poll() is not None, 60, "a process did not start")
        pid = child_of(parent.pid)
        found = parent_and_start(pid) if pid else None
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(f"{pid} {found[1]}" if found else "")

    @property
    def pid(self) -> int | None:
        """Its number while it lives."""
        try:
            pid, started = self.file.read_text().split()
        except (OSError, ValueError):
            return None
        found = parent_and_start(int(pid))
        return int(pid) if found and found[1] == started else None

    def signal(self, number: int) -> None:
        pid = self.pid
        if pid:
            os.kill(pid, number)

    def stop(self, seconds: float = 10) -> None:
        """Asks it to end, and ends it where it does not."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            self.signal(number)
            try:
                until(lambda: self.pid is None, seconds, "")
                break
            except TroubleError:
                continue
        self.file.unlink(missing_ok=True)


class Machine:
    """One machine. `folder` is the cluster's scratch folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self.first = Process(folder / "processes" / name)

    def boot(self, idle: Path, prepare: str = "") -> None:
        """Makes the namespaces, runs the shell lines `prepare` in them, and idles."""
        for name in ("log", "processes"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        ready = self.folder / "processes" / f"{self.name}.ready"
        script = f"hostname {self.name}\nip link set lo up\n{prepare}\n: >{ready}\nexec {idle}"
        spaces = ("--net", "--mount", "--pid", "--uts", "--ipc")
        enter = ("unshare", *spaces, "--fork", "--kill-child", "--mount-proc", "--propagation", "private")
        log = self.folder / "log" / f"{self.name}.boot.log"
        with log.open("wb") as out:
            parent = start([*enter, "sh", "-euc", script], out)
        self.first.adopt(parent)
        until(lambda: ready.exists() or parent.poll() is not None, 60, f"the machine {self.name} does not boot")
        if not self.first.pid:
            raise TroubleError(f"the machine {self.name} does not boot: {log.read_text()}")

    @property
    def pid(self) -> int:
        pid = self.first.pid
        if not pid:
            raise TroubleError(f"the machine {self.name} is not up")
        return pid

    def halt(self) -> None:
        """Ends everything on it."""
        self.first.signal(signal.SIGKILL)
        until(lambda: self.first.pid is None, 60, f"the machine {self.name} does not end")

    def inside(self, command: Sequence[str | Path]) -> list[str]:
        """The command, as it is typed outside to run here."""
        spaces = ("--net", "--mount", "--pid", "--uts", "--ipc")
        return ["nsenter", "--target", str(self.pid), *spaces, "--", *map(str, command)]

    def spawn(
        self, command: Sequence[str | Path], log: Path, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Starts a process here, apart from this one's session, and gives its parent outside."""
        with log.open("ab") as out:
            return start(self.inside(command), out, environment)

    def run(self, *command: str | Path, text: str | None = None, check: bool = True, seconds: float = 120) -> str:
        """Runs a command here to its end and gives what it printed."""
        done = subprocess.run(
            self.inside(command), input=text, capture_output=True, text=True, timeout=seconds, check=False
        )
        if check and done.returncode:
            words = " ".join(map(str, command))
            raise TroubleError(f"on {self.name}: {words}: {done.stderr.strip() or done.returncode}")
        return done.stdout

    def shell(self, script: str) -> str:
        return self.run("sh", "-euc", script)

    @contextmanager
    def network(self) -> Iterator[None]:
        """Sockets that this thread opens meanwhile are of this machine, and stay so."""
        with open("/proc/thread-self/ns/net") as own, open(f"/proc/{self.pid}/ns/net") as other:  # noqa: PTH123
            enter_network(other)
            try:
                yield
            finally:
                enter_network(own)


class Service(Process):
    """A daemon on a machine. Its command is kept, so that it can be started again."""

    def __init__(
        self, machine: Machine, name: str, command: Sequence[str | Path], environment: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(machine.folder / "processes" / f"{machine.name}.{name}")
        self.machine = machine
        self.name = name
        self.command = [str(word) for word in command]
        self.environment = environment
        self.log = machine.folder / "log" / f"{machine.name}.{name}.log"

    def start(self, ready: Callable[[], object] | None = None, seconds: float = 120, flags: Sequence[str] = ()) -> None:
        """Starts it, this once with `flags` besides its own, and waits until `ready()` where that is given."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.adopt(self.machine.spawn([*self.command, *flags], self.log, self.environment))
        if ready:
            until(lambda: ready() or self.pid is None, seconds, self.last_words)
            if self.pid is None:
                raise TroubleError(self.last_words())

    def last_words(self) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return f"{self.name} on {self.machine.name} does not come up; the end of {self.log}:\n{text[-1500:]}"


def start(
    command: Sequence[str], out: IO[bytes], environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Starts a process that has nothing to read and a session of its own."""
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment, start_new_session=True
    )


def enter_network(namespace: IO[str]) -> None:
    if LIBC.setns(namespace.fileno(), CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")
