"""Kubeconfigs as people have them, made from a grammar, judged by ackcheck and by kubectl against the lab's API server.

Usage: kubeconfigs.py PROGRAM KUBECONFIG COUNT LISTS KUBECTL...

KUBECONFIG is that of a running lab, COUNT the number of single files, LISTS that of lists of files. Where kubectl gets
the nodes, ackcheck's cluster-answers must pass; where it does not, the check must fail. Not judged (BROKEN) is
right only for what ackcheck says that it cannot do itself.
"""

import base64
import json
import random
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from lists import Lists
from parts import Parts, parts_of

SEED = 20261126


@dataclass
class Case:
    """One kubeconfig: lines of its cluster and of its user, and what is odd about the rest."""

    what: list[str] = field(default_factory=list)
    cluster: list[str] = field(default_factory=list)
    user: list[str] = field(default_factory=list)
    head: str = "apiVersion: v1\nkind: Config\n"
    tail: str = ""
    context_user: str | None = "u"
    current: str = "current-context: x\n"
    extra_user: str = ""

    def text(self) -> str:
        def block(lines: list[str]) -> str:
            return "".join(textwrap.indent(line, "    ") + "\n" for line in lines) if lines else ""

        user = f"    user: {self.context_user}\n" if self.context_user is not None else ""
        user_of = f"  user:\n{block(self.user)}" if self.user else "  user: {}\n"
        return (
            f"{self.head}clusters:\n- name: c\n  cluster:\n{block(self.cluster)}"
            f"contexts:\n- name: x\n  context:\n    cluster: c\n{user}"
            f"users:\n- name: u\n{user_of}{self.extra_user}{self.current}{self.tail}"
        )


def wrapped(key: str, data: str, style: str) -> str:
    """Base64 in a block scalar of lines; `>` folds them into blanks, which Go refuses."""
    lines = textwrap.wrap(data, 64)
    return f"{key}: {style}\n" + textwrap.indent("\n".join(lines), "  ")


class Grammar:
    """Chooses a way for each part of a kubeconfig, most often the usual one."""

    def __init__(self, parts: Parts, folder: Path) -> None:
        self.parts = parts
        self.folder = folder
        # The order of the choices is the test's own; nothing secret hangs on it.
        self.random = random.Random(SEED)
        for name, text in (("token", parts.token), ("stale", "CANARY-unknown"), ("empty", "")):
            (folder / name).write_text(f"{text}\n")
        for name, data in (("ca.pem", parts.authority), ("crt.pem", parts.certificate), ("key.pem", parts.key)):
            (folder / name).write_bytes(base64.b64decode(data))
        (folder / "rubbish.pem").write_text("not a certificate\n")

    def case(self) -> Case:
        case = Case()
        self.server(case)
        self.authority(case)
        self.user(case)
        for oddity in (self.shape, self.context, self.more_of_the_cluster):
            if self.random.random() < 0.15:
                oddity(case)
        return case

    def pick(self, case: Case, kind: str, ways: dict[str, Callable[[], None]], usual: float = 0.5) -> None:
        names = list(ways)
        name = names[0] if self.random.random() < usual else self.random.choice(names[1:])
        ways[name]()
        case.what.append(f"{kind}: {name}")

    def server(self, case: Case) -> None:
        address = self.parts.server.removeprefix("https://")

        def line(server: str) -> Callable[[], None]:
            return lambda: case.cluster.append(f"server: {server}")

        self.pick(
            case,
            "server",
            {
                "as usual": line(self.parts.server),
                "no scheme": line(address),
                "slash": line(f"{self.parts.server}/"),
                "http": line(f"http://{address}"),
                "quoted": line(f'"{self.parts.server}"'),
                "blank in front": line(f"' {self.parts.server}'"),
                "none": lambda: None,
                "empty": line("''"),
                "twice, the last is wrong": line(f"{self.parts.server}\nserver: https://127.0.0.1:1"),
                "twice, the last is right": line(f"https://127.0.0.1:1\nserver: {self.parts.server}"),
                "path": line(f"{self.parts.server}/elsewhere"),
            },
            usual=0.75,
        )

    def authority(self, case: Case) -> None:
        data = self.parts.authority

        def lines(*given: str) -> Callable[[], None]:
            return lambda: case.cluster.extend(given)

        self.pick(
            case,
            "authority",
            {
                "data": lines(f"certificate-authority-data: {data}"),
                "file": lines("certificate-authority: ca.pem"),
                "file that is not there": lines("certificate-authority: gone.pem"),
                "both": lines(f"certificate-authority-data: {data}", "certificate-authority: ca.pem"),
                "block": lines(wrapped("certificate-authority-data", data, "|")),
                "folded": lines(wrapped("certificate-authority-data", data, ">")),
                "insecure": lines("insecure-skip-tls-verify: true"),
                "insecure, yes": lines("insecure-skip-tls-verify: yes"),
                "insecure, in quotes": lines("insecure-skip-tls-verify: 'true'"),
                "insecure with data": lines("insecure-skip-tls-verify: true", f"certificate-authority-data: {data}"),
                "insecure with a file": lines("insecure-skip-tls-verify: true", "certificate-authority: ca.pem"),
                "none": lambda: None,
                "empty": lines("certificate-authority-data: ''", "insecure-skip-tls-verify: true"),
                "not base64": lines("certificate-authority-data: '@@@@'"),
                "no padding": lines(f"certificate-authority-data: {data.rstrip('=')}x"),
                "not PEM": lines("certificate-authority-data: bm90IGEgY2VydGlmaWNhdGU="),
                "a file that is not PEM": lines("certificate-authority: rubbish.pem"),
            },
            usual=0.5,
        )

    def user(self, case: Case) -> None:
        certificate, key = self.parts.certificate, self.parts.key
        password = ("username: somebody", "password: CANARY-password")
        pair = (f"client-certificate-data: {certificate}", f"client-key-data: {key}")

        def lines(*given: str) -> Callable[[], None]:
            return lambda: case.user.extend(given)

        ways = {
            "certificate": lines(*pair),
            "certificate files": lines("client-certificate: crt.pem", "client-key: key.pem"),
            "certificate file and key data": lines("client-certificate: crt.pem", pair[1]),
            "certificate twice": lines(*pair, "client-certificate: crt.pem"),
            "key twice": lines(*pair, "client-key: key.pem"),
            "certificate without key": lines(pair[0]),
            "key without certificate": lines(pair[1]),
            "certificate in a block": lines(wrapped("client-certificate-data", certificate, "|"), pair[1]),
            "certificate not PEM": lines("client-certificate: rubbish.pem", "client-key: key.pem"),
            "token": lines(f"token: {self.parts.token}"),
            "unknown token": lines("token: CANARY-unknown"),
            "token as a number": lines("token: 4711"),
            "token twice": lines(f"token: CANARY-unknown\ntoken: {self.parts.token}"),
            "token file": lines("tokenFile: token"),
            "token and a good file": lines("token: CANARY-unknown", "tokenFile: token"),
            "token and a stale file": lines(f"token: {self.parts.token}", "tokenFile: stale"),
            "token and no file": lines(f"token: {self.parts.token}", "tokenFile: gone"),
            "token and an empty file": lines(f"token: {self.parts.token}", "tokenFile: empty"),
            "token file that is not there": lines("tokenFile: gone"),
            "token and certificate": lines(f"token: {self.parts.token}", *pair),
            "token and password": lines(f"token: {self.parts.token}", *password),
            "nobody": lambda: None,
            "password": lines(*password),
            "auth-provider gcp": lines("auth-provider:\n  name: gcp"),
            "as": lines(*pair, "as: lab-visitor"),
            "as-groups alone": lines(*pair, "as-groups: [lab]"),
            "as-uid alone": lines(*pair, "as-uid: '7'"),
            "unknown keys": lines(*pair, "colour: blue", "Token: CANARY-unknown"),
        }
        if self.random.random() < 0.3:
            self.plugin(case)
            return
        self.pick(case, "user", ways, usual=0.3)

    def plugin(self, case: Case) -> None:
        choose = self.random.choice
        version = choose(["v1", "v1", "v1", "v1beta1", "v1beta1", "v1alpha1", "v2", ""])
        mode = choose(["Never", "IfAvailable", "IfAvailable", "Always", "Sometimes", None, None])
        printed_version = choose([version, version, version, "v1beta1"])
        status = choose(
            [
                {"token": self.parts.token},
                {"token": self.parts.token},
                {"token": self.parts.token},
                {"token": "CANARY-unknown"},
                {},
                None,
                {"clientCertificateData": "x"},
                {"token": ""},
                {
                    "clientCertificateData": base64.b64decode(self.parts.certificate).decode(),
                    "clientKeyData": base64.b64decode(self.parts.key).decode(),
                },
            ]
        )
        printed: dict[str, object] = {
            "apiVersion": f"client.authentication.k8s.io/{printed_version}",
            "kind": choose(["ExecCredential", "ExecCredential", "ExecCredential", "Secret"]),
        }
        if status is not None:
            printed["status"] = status
        text = choose([json.dumps(printed)] * 6 + ["no JSON at all"])
        end = choose([0, 0, 0, 0, 0, 3])
        name = f"plugin-{self.random.getrandbits(48):x}"
        plugin = self.folder / name
        plugin.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\nexit {end}\n")
        plugin.chmod(0o755)
        lines = [f"  command: {choose([str(plugin), f'./{name}', f'./{name}', 'no-such-plugin'])}"]
        if version:
            lines.append(f"  apiVersion: client.authentication.k8s.io/{version}")
        if mode:
            lines.append(f"  interactiveMode: {mode}")
        if self.random.random() < 0.2:
            lines.append("  env:\n  - name: LAB\n    value: x")
        if self.random.random() < 0.1:
            lines.append("  env:\n  - value: x")
        if self.random.random() < 0.2:
            lines.append("  provideClusterInfo: true")
        case.user.append("exec:\n" + "\n".join(lines))
        case.what.append(f"exec {version} {mode}, prints {text[:60]!r}, ends {end}")

    def shape(self, case: Case) -> None:
        def tail(text: str) -> Callable[[], None]:
            return lambda: setattr(case, "tail", text)

        def head(text: str) -> Callable[[], None]:
            return lambda: setattr(case, "head", text)

        self.pick(
            case,
            "shape",
            {
                "byte order mark": lambda: setattr(case, "head", "\ufeff" + case.head),
                "no kind": head(""),
                "kind Pod": head("apiVersion: v1\nkind: Pod\n"),
                "apiVersion v2": head("apiVersion: v2\nkind: Config\n"),
                "second document": tail("---\nkind: Pod\n"),
                "torn": tail("users: [\n"),
                "preferences": tail("preferences: {}\nextensions: []\n"),
                "unknown key": tail("colour: blue\n"),
                "two users of one name": lambda: setattr(case, "extra_user", "- name: u\n  user: {}\n"),
                "another user": lambda: setattr(case, "extra_user", "- name: v\n  user:\n    token: CANARY-other\n"),
                "another user is odd": lambda: setattr(case, "extra_user", "- name: v\n  user:\n    exec: {}\n"),
            },
            usual=0.1,
        )

    def context(self, case: Case) -> None:
        self.pick(
            case,
            "context",
            {
                "no user": lambda: setattr(case, "context_user", None),
                "user that is not there": lambda: setattr(case, "context_user", "gone"),
                "context that is not there": lambda: setattr(case, "current", "current-context: gone\n"),
            },
            usual=0.3,
        )

    def more_of_the_cluster(self, case: Case) -> None:
        def line(text: str) -> Callable[[], None]:
            return lambda: case.cluster.append(text)

        self.pick(
            case,
            "cluster",
            {
                "right TLS name": line("tls-server-name: kubernetes.default.svc"),
                "wrong TLS name": line("tls-server-name: elsewhere.example"),
                "dead proxy": line("proxy-url: http://127.0.0.1:1"),
                "dead SOCKS proxy": line("proxy-url: socks5://127.0.0.1:1"),
                "proxy by TLS": line("proxy-url: https://127.0.0.1:1"),
                "proxy without a scheme": line("proxy-url: 127.0.0.1:3128"),
                "proxy of FTP": line("proxy-url: ftp://127.0.0.1:3128"),
                "no compression": line("disable-compression: true"),
                "extensions": line("extensions: []"),
            },
            usual=0.1,
        )


def by_kubectl(kubectl: str, files: str, home: Path) -> tuple[bool, str]:
    """Whether kubectl gets the nodes, and what it says otherwise. DSS calls it without a terminal, by KUBECONFIG."""
    command = [kubectl, "--cache-dir", str(home), "--request-timeout=20s", "get", "nodes"]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "KUBECONFIG": files}
    ended = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, env=environment, check=False
    )
    return ended.returncode == 0, ended.stderr.strip()[:300]


def by_ackcheck(program: str, files: str, home: Path) -> tuple[str, str]:
    """The outcome of cluster-answers, and its words. Its site is not that of the DSS host: no kubectl decides there."""
    site = home / "site.toml"
    lines = ("[host]", "local = false", "[cluster]", f"kubeconfig = {json.dumps(files)}", "[limits]", "connect = '5s'")
    site.write_text("\n".join(lines) + "\n")
    command = [program, "run", "--site", str(site), "--only", "cluster-answers", "--report", "json"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    try:
        case = json.loads(ended.stdout)["cases"][0]
    except (ValueError, LookupError):
        return "crash", f"exit {ended.returncode}: {ended.stderr[-300:]}"
    words = case.get("reason") or (case.get("finding") or {}).get("seen") or ""
    return case["outcome"], words


# What ackcheck says that it cannot do, and kubectl can.
OWN_LIMITS = ("ackcheck", "auth-provider oidc")


def agrees(works: bool, outcome: str, words: str) -> bool:
    if outcome == "broken":
        return any(limit in words for limit in OWN_LIMITS)
    return outcome == ("pass" if works else "fail")


def main() -> int:
    program, kubeconfig, count, lists, *kubectls = sys.argv[1:]
    work = Path(tempfile.mkdtemp(prefix="kubeconfig-oracle-"))
    try:
        parts = parts_of(Path(kubeconfig))
        inputs = chain(single_files(parts, int(count), work), lists_of_files(parts, int(lists), work))
        return compare(program, inputs, kubectls, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


# A value of KUBECONFIG, and what is in its files, in words.
Input = tuple[str, str]


def single_files(parts: Parts, count: int, work: Path) -> Iterator[Input]:
    grammar = Grammar(parts, work)
    for number in range(count):
        case = grammar.case()
        path = work / f"config-{number}"
        path.write_text(case.text())
        yield str(path), "; ".join(case.what)


def lists_of_files(parts: Parts, count: int, work: Path) -> Iterator[Input]:
    grammar = Lists(parts, work)
    for _ in range(count):
        yield grammar.case()


def compare(program: str, inputs: Iterable[Input], kubectls: list[str], work: Path) -> int:
    outcomes: Counter[str] = Counter()
    differences = 0
    for files, what in inputs:
        outcome, words = by_ackcheck(program, files, work)
        outcomes[outcome] += 1
        for kubectl in kubectls:
            works, said = by_kubectl(kubectl, files, work)
            if not agrees(works, outcome, words):
                differences += 1
                by_it = "works" if works else said
                print(f"FAILED  {what}")
                print(f"  {Path(kubectl).name}: {by_it}\n  ackcheck: {outcome} {words}")
    shares = ", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items()))
    count = outcomes.total()
    print(f"{count} kubeconfigs, {len(kubectls)} kubectl: {shares}; {differences} differences")
    compared = count * len(kubectls)
    print(f"{compared - differences} passed, {differences} failed")
    return differences != 0


if __name__ == "__main__":
    sys.exit(main())
