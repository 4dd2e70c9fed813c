"""Scripts as people write them: those of the field, and more made of the same parts by chance, always the same."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

NAME = "DKU_BACKEND_EXT_HOST"
SEED = 8


@dataclass(frozen=True)
class Sample:
    """A script; `plain` where what it does depends on itself alone."""

    script: bytes
    plain: bool = True


def field() -> Iterator[Sample]:
    """What was seen, and what is near to it."""
    lines = [
        f"export {NAME} = dss.corp.example",
        f"\ufeffexport {NAME}=dss.corp.example",
        f'export "{NAME}=127.0.0.1"',
        "export DKU_BACKEND_EXTHOST=dss.corp.example",
        f"setenv {NAME} dss.corp.example",
        f"export {NAME}=my.host.name",
        f"cat >> env-site.sh <<EOF\nexport {NAME}=dss.corp.example\nEOF",
        f"env {NAME}=dss.corp.example",
        f'{NAME}=a\n: "${{{NAME}:=localhost}}"; export {NAME}',
        f': "${{{NAME}:=localhost}}"; export {NAME}',
        f"load() {{ . ./other.sh; }}\nload\nexport {NAME}=a",
        "# if you do this, do that (\n" * 12 + f"export {NAME}=a",
        f"export {NAME}=a\r\n",
        f"A=1\r\n\r\nexport {NAME}=a\r\n",
        f"export {NAME}=a\0b\n",
        f"export {NAME}=a\0\0b\nexport {NAME}=c\n",
        f"export {NAME}=a\n\0\0\0\nexport {NAME}=c\n",
        f"\0export {NAME}=a\n",
        f"export {NAME}=a\n" + "\0" * 512,
        f"export {NAME}=a\n" + "\0" * 513,
        f"export {NAME}=a\n" + "#\0\n" * 257 + f"export {NAME}=b\n",
        f"export {NAME}=a\nreturn 0\nif",
        f"export {NAME}=a\nexit 0",
        f"export {NAME}=a\n[ a = b ] && A=1",
        f"export {NAME}=a\nif",
        f"export {NAME}='a\n",
        f"export {NAME}=0x7f000001",
        f"export {NAME}\u00a0=a",
        f"export\u00a0{NAME}=a",
        f"export {NAME}=a\u00a0",
        f"declare -n other={NAME}\nother=b\nexport {NAME}",
        f"readonly {NAME}=a\nexport {NAME}",
        f"typeset -x {NAME}=a",
        f"export -n {NAME}=a",
        f"set -a; {NAME}=a; set +a",
        f"{NAME}=a env",
        f"export {NAME}={{a,b}}",
        f"alias e=export\ne {NAME}=a",
    ]
    for line in lines:
        yield Sample(line.encode())
    yield Sample(b"# caf\xe9\nexport " + NAME.encode() + b"=a\n")
    yield Sample(b"export " + NAME.encode() + b"=caf\xe9\n")
    yield Sample((f"export {NAME}=a\n" * 30).encode("utf-16"))
    yield Sample(f"export {NAME}=a\n".encode("utf-16-le"))


def value(chance: random.Random) -> str:
    """The right side of an assignment, in one of the ways to write it."""
    host = chance.choice(
        ["dss.corp.example", "10.0.0.20", "127.0.0.1", "localhost", "iZbp1abcZ", "a", "", "my.host.name"]
    )
    ways = [
        host,
        host,
        f'"{host}"',
        f"'{host}'",
        f'"{host}" # {host}',
        f"{host}.",
        f"{host}\\ x",
        f'"{host} "',
        f"$'{host}'",
        "$H",
        '"$H"',
        "${H}.corp",
        "$H.$D",
        "'$H'",
        "${H:-" + host + "}",
        '"${H:-' + host + '}"',
        "${DKU_UNSET:-" + host + "}",
        "${H:+" + host + "}",
        "${H%%.*}",
        "${H#*.}",
        "${#H}",
        "${H^^}",
        "${H/a/b}",
        "$DIP_HOME",
        "a{b,c}",
        "*",
        "a=b",
        "a:b",
        "a;b",
        "a&&b",
    ]
    return chance.choice(ways)


# Options of commands that take names, and refuse a value.
NAMES_ALONE = ["export -f", "readonly -f", "declare -xf", "typeset -xF", "declare -xp"]


def assignment(chance: random.Random) -> str:
    """A line that sets the variable, or means to."""
    text = value(chance)
    ways = [
        f"export {NAME}={text}",
        f"export {NAME}={text}",
        f"export {NAME}={text}",
        f"{NAME}={text}",
        f"{NAME}={text}; export {NAME}",
        f"{NAME}={text}\nexport {NAME}",
        f"export {NAME}\n{NAME}={text}",
        f'export "{NAME}={text}"',
        f"declare -x {NAME}={text}",
        f"typeset {NAME}={text}",
        f"export {NAME} ={text}",
        f"export {NAME}= {text}",
        f"export {NAME} = {text}",
        f"{NAME} = {text}",
        f"setenv {NAME} {text}",
        f"set {NAME}={text}",
        f"Export {NAME}={text}",
        f"export A=1 {NAME}={text} B",
        f"export -n {NAME}",
        f"{chance.choice(NAMES_ALONE)} {NAME}={text} || true",
        f'declare -xt "{NAME}={text}"',
        f"unset {NAME}",
        f"{NAME}+={text}",
        f"export {NAME}+={text}",
        f"  export   {NAME}={text}  ",
        f"\texport {NAME}={text}",
        f'eval "export {NAME}={text}"',
        f"printf -v {NAME} %s {text}",
        f': "${{{NAME}:={text}}}"',
        f": ${{{NAME}={text}}}",
        f"{NAME}={text} true",
        f"({NAME}={text})",
        f"readonly A=1; export {NAME}={text}",
        f"command export {NAME}={text}",
    ]
    return chance.choice(ways)


def other(chance: random.Random) -> str:
    """A line about something else."""
    return chance.choice(
        [
            "# a comment, (if you do this",
            "",
            "H=dss.corp.example",
            "export H=host",
            "H=\nD=corp",
            "D=example",
            "true",
            "echo starting",
            'echo "it is $H" >/dev/null',
            "set -a",
            "set +a",
            "set -e",
            "set +e",
            "set -o allexport",
            "set -u",
            "false || true",
            "! true",
            "! false",
            "[ -n a ]",
            "[ a = a ]",
            "umask 022",
            "export JAVA_HOME='/usr/lib/jvm/a b'",
            "export -p >/dev/null",
            "trap - INT",
            "shift 0",
            "\\\n",
            "return",
            "false",
            "unset H",
            "A=(1 2)",
        ]
    )


def wrapped(chance: random.Random, inner: str) -> str:
    """Something within a command of more lines."""
    ways = [
        f"if true; then\n{inner}\nfi",
        f'if [ "$H" = host ]; then\n{inner}\nelse\nexport {NAME}=other\nfi',
        f"if [[ -z $H ]]; then\n{inner}\nfi",
        f"if false; then :; else\n{inner}\nfi",
        f"{{\n{inner}\n}}",
        f"(\n{inner}\n)",
        f"f() {{\n{inner}\n}}\nf",
        f"f() {{\n{inner}\n}}",
        f"function f {{\nlocal {NAME}=x\n{inner}\n}}\nf",
        f"f() {{\nlocal H=$1\n{inner}\n}}\nf one",
        f"for H in a b; do\n{inner}\ndone",
        f"case $H in\nhost) :;;\n*)\n{inner}\n;;\nesac",
        f"case a in\nb) :;;\na)\n{inner}\n;;\nesac",
        f"[ a = a ] && {{\n{inner}\n}}",
        f"[ a = b ] || {{\n{inner}\n}}",
        f"true && {{\n{inner}\n}} && true",
        f"cat <<EOF >/dev/null || true\n{inner}\nEOF",
        f": <<'EOF'\n{inner}\nEOF",
        f"while false; do\n{inner}\ndone",
    ]
    return chance.choice(ways)


def beyond(chance: random.Random) -> str:
    """A line of which only a running shell can tell what it does."""
    return chance.choice(
        [
            f"export {NAME}=$(echo a)",
            f"export {NAME}=`echo a`",
            f"{NAME}=$(false)",
            f"export {NAME}=$HOSTNAME",
            f"export {NAME}=$HOME/x",
            f"export {NAME}=~/x",
            f"export {NAME}=${{X:-a}}",
            f"export {NAME}=$((1 + 2))",
            "(( A = 1 ))",
            f"[ -f /nowhere ] && export {NAME}=b",
            f"[ -d / ] && export {NAME}=b",
            f"if [ -e /nowhere ]; then export {NAME}=c; fi",
            f"if [ -d /tmp ]; then {NAME}=c; else {NAME}=d; fi",
            f"[ -d / ] || return\nexport {NAME}=e",
            ". ./nowhere.sh",
            "source ./nowhere.sh || true",
            f"read {NAME} < /dev/null || true",
            f"read -r {NAME} <<< abc",
            f"declare -n ref={NAME}; ref=z",
            f"declare -u {NAME}=abc; export {NAME}",
            f"declare -i {NAME}=1+1",
            f"trap 'export {NAME}=t' DEBUG",
            "shopt -s expand_aliases",
            f"for h in $HOSTNAME; do {NAME}=$h; done",
            f"while read -r line; do {NAME}=$line; done < /dev/null",
            f'eval "$(echo export {NAME}=q)"',
            "hostname -f",
            "mkdir -p x || true",
            f"{NAME}[0]=x",
            f"let {NAME}=5",
            f"export {NAME}=${{!H}}",
            f"until [ -d / ]; do {NAME}=u; done",
            f"for ((i = 0; i < 2; i++)); do {NAME}=$i; done",
            f"export {NAME}=a*",
            "$H",
            f"$X export {NAME}=1",
            f"coproc {NAME}=a",
            f"printf -v {NAME} '%d' 5",
            f"IFS=.; export {NAME}=$H; set -- $H; {NAME}=$1",
            f"mapfile -t {NAME} <<< abc",
            f"readonly {NAME}; {NAME}=2 || true",
            f"f() {{ return 3; }}; f || export {NAME}=r",
            f"f() {{ [ -d / ] && return; {NAME}=never; }}; f",
        ]
    )


def generated(count: int) -> Iterator[Sample]:
    """So many scripts."""
    chance = random.Random(SEED)
    ends: list[Callable[[str], str]] = [str, str, str, str, str, lambda text: text.replace("\n", "\r\n")]
    for _ in range(count):
        plain = chance.random() < 0.7
        parts = []
        for _ in range(chance.randint(1, 5)):
            part = assignment(chance) if chance.random() < 0.5 else other(chance)
            if not plain and chance.random() < 0.5:
                part = beyond(chance)
            for _ in range(2):
                if chance.random() < 0.2:
                    part = wrapped(chance, part)
            parts.append(part)
        if plain:
            parts.insert(
                0, chance.choice(["H=dss.corp.example D=x", "H=host D=corp", "H= D=example", "export H=a\nD="])
            )
        text = "\n".join(parts) + chance.choice(["", "\n", "\n", "\n"])
        # What names files or makes several words depends on more than the script.
        depends = any(sign in text for sign in (" *", "=*", "{b,c}", "a;b", "a&&b"))
        yield Sample(chance.choice(ends)(text).encode(), plain and not depends)
