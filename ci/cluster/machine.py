"""A machine of the cluster: a process that idles in namespaces of its own (network, mounts, processes, host name), and
what is started inside. When its first process is killed, the kernel ends everything in it, its mounts included."""

import ctypes
import os
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


class Trouble(Exception):
    """What keeps the cluster from being what it should, in words for its user."""


class Skip(Exception):
    """Why a case cannot be asked of this cluster."""


def until(holds, seconds, otherwise):
    """Waits until `holds()` is true and gives what it gave."""
    end = time.monotonic() + seconds
    while True:
        value = holds()
        if value:
            return value
        if time.monotonic() > end:
            raise Trouble(otherwise() if callable(otherwise) else otherwise)
        time.sleep(0.05)


def status_fields(pid):
    """Parent and start time of a process; nothing where there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    state, parent, started = fields[0], int(fields[1]), fields[19]
    return None if state in "ZX" else (parent, started)


def child_of(pid):
    """The only child of a process."""
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            fields = status_fields(entry)
            if fields and fields[0] == pid:
                return int(entry)
    return None


class Process:
    """A process that was started here, known by its number and its start time, so that no other is ever signalled."""

    def __init__(self, file):
        self.file = file

    def adopt(self, parent):
        """Takes the child of `parent`, which brought it into its namespaces."""
        pid = until(lambda: child_of(parent.pid) or parent.poll() is not None, 10, "a process did not start")
        fields = None if pid is True else status_fields(pid)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(f"{pid} {fields[1]}" if fields else "")

    @property
    def pid(self):
        """Its number while it lives."""
        try:
            pid, started = self.file.read_text().split()
        except (OSError, ValueError):
            return None
        fields = status_fields(pid)
        return int(pid) if fields and fields[1] == started else None

    def signal(self, number):
        pid = self.pid
        if pid:
            os.kill(pid, number)

    def stop(self, seconds=10):
        """Asks it to end, and ends it where it does not."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            self.signal(number)
            try:
                until(lambda: self.pid is None, seconds, "")
                break
            except Trouble:
                continue
        self.file.unlink(missing_ok=True)


class Service(Process):
    """A daemon on a machine. Its command is kept, so that it can be started again."""

    def __init__(self, machine, name, command, env=None):
        super().__init__(machine.folder / "processes" / f"{machine.name}.{name}")
        self.machine, self.name, self.command, self.env = machine, name, [str(word) for word in command], env
        self.log = machine.folder / "log" / f"{machine.name}.{name}.log"

    def start(self, ready=None, seconds=30):
        """Starts it, and waits until `ready()` where that is given."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.adopt(self.machine.spawn(self.command, self.log, self.env))
        if ready:
            until(lambda: ready() or self.pid is None, seconds, self.last_words)
        if ready and self.pid is None:
            raise Trouble(self.last_words())
        return self

    def last_words(self):
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return f"{self.name} on {self.machine.name} does not come up; the end of {self.log}:\n{text[-1500:]}"


class Machine:
    """One machine. `folder` is the cluster's scratch folder."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.first = Process(folder / "processes" / name)

    def boot(self, idle, prepare=""):
        """Makes the namespaces, runs the shell lines `prepare` in them, and idles."""
        for name in ("log", "processes"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        ready = self.folder / "processes" / f"{self.name}.ready"
        script = f"hostname {self.name}\nip link set lo up\n{prepare}\n: >{ready}\nexec {idle}"
        with open(self.folder / "log" / f"{self.name}.boot.log", "w") as log:
            parent = subprocess.Popen(
                ["unshare", "--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc",
                 "--propagation", "private", "sh", "-euc", script],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.first.adopt(parent)
        until(lambda: ready.exists() or parent.poll() is not None, 20, f"the machine {self.name} does not boot")
        if not self.first.pid:
            raise Trouble(f"the machine {self.name} does not boot: {open(log.name).read()}")

    @property
    def pid(self):
        pid = self.first.pid
        if not pid:
            raise Trouble(f"the machine {self.name} is not up")
        return pid

    def halt(self):
        """Ends everything on it."""
        self.first.signal(signal.SIGKILL)
        until(lambda: self.first.pid is None, 10, f"the machine {self.name} does not end")

    def inside(self, command):
        """The command, as it is typed outside to run here."""
        return ["nsenter", "--target", str(self.pid), "--net", "--mount", "--pid", "--uts", "--ipc", "--",
                *map(str, command)]

    def spawn(self, command, log, env=None):
        """Starts a process here, apart from this one's session, and gives its parent outside."""
        with open(log, "ab") as out:
            return subprocess.Popen(self.inside(command), stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env,
                                    start_new_session=True)

    def run(self, *command, text=None, check=True, seconds=60):
        """Runs a command here to its end and gives what it printed."""
        done = subprocess.run(self.inside(command), input=text, capture_output=True, text=True, timeout=seconds)
        if check and done.returncode:
            raise Trouble(f"on {self.name}: {' '.join(map(str, command))}: {done.stderr.strip() or done.returncode}")
        return done.stdout

    def shell(self, script):
        return self.run("sh", "-euc", script)

    @contextmanager
    def network(self):
        """Sockets that this thread opens meanwhile are of this machine, and stay so."""
        with open("/proc/thread-self/ns/net") as own, open(f"/proc/{self.pid}/ns/net") as other:
            enter(other)
            try:
                yield
            finally:
                enter(own)


def enter(namespace):
    if LIBC.setns(namespace.fileno(), CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")
