"""Several kubeconfig files, as the variable KUBECONFIG lists them: entries are spread over them, given twice, torn."""

import base64
import random
from collections.abc import Sequence
from pathlib import Path

from parts import Parts

SEED = 20261127
# Where a server cannot be.
NOWHERE = "https://127.0.0.1:1"


# What spoils a whole list, and what adds nothing to it.
SPOILING = {
    "kind Pod": "kind: Pod\n",
    "torn": "users: [\n",
    "two users of one name": "users:\n- {name: u, user: {}}\n- {name: u, user: {}}\n",
}
IDLE = {"empty": "", "comment": "# nothing yet\n", "an empty map": "{}\n"}
SECTIONS = ("clusters", "contexts", "users", "current")


class Lists:
    """Spreads what leads to the cluster over some files, and puts beside it what does not."""

    def __init__(self, parts: Parts, folder: Path) -> None:
        self.parts = parts
        self.folder = folder
        # The order of the choices is the test's own; nothing secret hangs on it.
        self.random = random.Random(SEED)
        self.number = 0

    def case(self) -> tuple[str, str]:
        """A list, and what is in it in words."""
        self.number += 1
        home = self.folder / f"list-{self.number}"
        home.mkdir()
        files = self.random.choice([1, 2, 2, 3, 3, 4])
        places = {section: self.random.randrange(files) for section in SECTIONS if self.random.random() < 0.95}
        found = [
            self.file(home / str(place), [name for name in places if places[name] == place]) for place in range(files)
        ]
        for _ in range(self.random.choice([0, 0, 1, 2])):
            found.insert(self.random.randrange(len(found) + 1), self.odd(home))
        return ":".join(path for _, path in found), "; ".join(word for word, _ in found)

    def odd(self, home: Path) -> tuple[str, str]:
        """A part that adds nothing, or spoils the rest."""
        way = self.random.random()
        if way < 0.3:
            return "nothing", ""
        if way < 0.6:
            return "missing", str(home / "missing")
        if way < 0.65:
            return "a folder", str(home)
        if way < 0.7:
            return "below a file", "/etc/passwd/config"
        word, text = self.random.choice(list((SPOILING if way < 0.8 else IDLE).items()))
        path = home / f"odd-{self.random.getrandbits(32):x}"
        path.write_text(text)
        return word, str(path)

    def file(self, folder: Path, right: Sequence[str]) -> tuple[str, str]:
        """A file in a folder of its own, where what it names by a relative path is."""
        folder.mkdir()
        for name, data in (("ca", self.parts.authority), ("crt", self.parts.certificate), ("key", self.parts.key)):
            (folder / f"{name}.pem").write_bytes(base64.b64decode(data))
        (folder / "token").write_text(f"{self.parts.token}\n")
        words, text = [], "kind: Config\n"
        for section, ways in self.ways().items():
            good, others = ways
            if section in right:
                word, entry = self.random.choice(good)
            elif self.random.random() < 0.2:
                word, entry = self.random.choice(others)
            else:
                continue
            words.append(word)
            text += entry
        (folder / "config").write_text(text)
        return ", ".join(words) or "an empty kubeconfig", str(folder / "config")

    def ways(self) -> dict[str, tuple[list[tuple[str, str]], list[tuple[str, str]]]]:
        """Of each section the entries that lead to the cluster, and others, with a word each."""
        server, authority, certificate = self.parts.server, self.parts.authority, self.parts.certificate
        trusted = f"certificate-authority-data: {authority}"
        token = f"token: {self.parts.token}"
        return {
            "clusters": (
                [
                    ("c", cluster("c", f"server: '{server}', {trusted}")),
                    ("c by file", cluster("c", f"server: '{server}', certificate-authority: ca.pem")),
                ],
                [
                    ("c elsewhere", cluster("c", f"server: '{NOWHERE}', {trusted}")),
                    ("c without authority", cluster("c", f"server: '{server}'")),
                    ("c without server", cluster("c", trusted)),
                    ("d", cluster("d", f"server: '{server}', {trusted}")),
                ],
            ),
            "contexts": (
                [("x=c,u", context("x", "c", "u"))],
                [
                    ("x=c,v", context("x", "c", "v")),
                    ("y=c,u", context("y", "c", "u")),
                    ("x=d,u", context("x", "d", "u")),
                    ("x=gone,u", context("x", "gone", "u")),
                ],
            ),
            "users": (
                [
                    ("u", user("u", token)),
                    ("u by token file", user("u", "tokenFile: token")),
                    ("u by files", user("u", "client-certificate: crt.pem, client-key: key.pem")),
                ],
                [
                    ("u unknown", user("u", "token: CANARY-unknown")),
                    ("u empty", user("u", "")),
                    ("u without key", user("u", f"client-certificate-data: {certificate}")),
                    ("v", user("v", token)),
                ],
            ),
            "current": (
                [("at x", "current-context: x\n")],
                [
                    ("at y", "current-context: y\n"),
                    ("at nothing", "current-context: ''\n"),
                    ("at gone", "current-context: gone\n"),
                ],
            ),
        }


def cluster(name: str, fields: str) -> str:
    return f"clusters:\n- name: {name}\n  cluster: {{{fields}}}\n"


def context(name: str, of_cluster: str, of_user: str) -> str:
    return f"contexts:\n- name: {name}\n  context: {{cluster: {of_cluster}, user: {of_user}}}\n"


def user(name: str, fields: str) -> str:
    return f"users:\n- name: {name}\n  user: {{{fields}}}\n"
