"""Gives the DSS of a lab a real Java, real jars, and a connection whose requests go through the lab's proxy by HTTP.

Arguments: the lab's folder, the proxy's port, Java, the jars line by line, and then names and values of settings.
"""

import json
import re
import shutil
import sys
from pathlib import Path

OPTIONS = "-ea -Dfile.encoding=utf8 --add-opens java.base/java.lang=ALL-UNNAMED"


def put_jars(lab: Path, jars: str) -> None:
    """In the place of the lab's."""
    (install,) = lab.glob("dataiku-dss-*")
    libraries = install / "hadoop-standalone-libs"
    shutil.rmtree(libraries)
    libraries.mkdir()
    for jar in jars.split():
        (libraries / Path(jar).name).symlink_to(jar)


def edit(file: Path, names: str, value: str) -> None:
    """Gives lines `NAME=` or `NAME = ` another value."""
    text = re.sub(rf"(?m)^({names})( ?= ?).*$", lambda line: f"{line[1]}{line[2]}{value}", file.read_text())
    file.write_text(text)


def set_connection(lab: Path, wanted: dict[str, str]) -> None:
    """Settings besides, or in the place of, those that the lab's connection had."""
    file = lab / "dss_data/config/connections.json"
    before = file.with_suffix(".before")
    if not before.exists():
        shutil.copy(file, before)
    document = json.loads(before.read_text())
    params = document["connections"]["oss_managed"]["params"]
    dropped = {*wanted, "fs.oss.proxy.password"}
    kept = [setting for setting in params["extraConf"] if setting["name"] not in dropped]
    params["extraConf"] = kept + [{"name": name, "value": value, "secret": False} for name, value in wanted.items()]
    file.write_text(json.dumps(document))


def main() -> None:
    folder, port, java, jars, *settings = sys.argv[1:]
    lab = Path(folder)
    put_jars(lab, jars)
    script = lab / "dss_data/bin/env-default.sh"
    edit(script, "export DKUJAVABIN", f'"{java}"')
    edit(script, "export DKU_JAVA_OPTS", f'"{OPTIONS}"')
    # A JVM takes its time on a busy machine.
    edit(lab / "ackcheck.toml", "command|connect|request", '"30s"')
    by_proxy = {
        "fs.oss.connection.secure.enabled": "false",
        "fs.oss.proxy.host": "127.0.0.1",
        "fs.oss.proxy.port": port,
    }
    set_connection(lab, by_proxy | dict(zip(settings[::2], settings[1::2], strict=True)))


main()
