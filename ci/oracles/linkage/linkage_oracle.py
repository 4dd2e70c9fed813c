"""Class paths that real JVMs ran with real Hadoop, and what did not link: `rows.json`. Each is walked by ackcheck.

  linkage_oracle.py jars FOLDER [all]       writes FOLDER/pom.xml, by which Maven fetches the jars
  linkage_oracle.py paths FOLDER [all]      writes FOLDER/paths for the example `linkage`: one line a row
  linkage_oracle.py compare FOLDER [all]    compares FOLDER/walked with what the JVMs said

Without `all`, of the rows those that have `ci`: every kind of failure that takes few jars, and class paths that work.
Rows whose Java or jars are not here are left out, and counted: `JAVA_HOME_11` and so on name the homes of other Javas
than 17, and `SPARK_JARS` the jars of pyspark 3.1.2.
"""

import io
import json
import os
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
# Where the walk says otherwise than the JVM, by the row and why. Any other difference fails.
DIFFERENCES: dict[str, str] = json.loads((HERE / "differences.json").read_text(encoding="utf-8"))
SDK = "com.aliyun.oss:aliyun-sdk-oss:3.11.2"
JDOM = "org.jdom:jdom2:2.0.6"
LEFT_OUT = "com/aliyun/oss/internal/ResponseParsers$ListObjectsReponseParser.class"

Row = dict[str, Any]


def rows(whole: bool) -> tuple[list[str], list[Row]]:
    """The jars, and the rows with their class paths as numbers of jars."""
    file = json.loads((HERE / "rows.json").read_text(encoding="utf-8"))
    chosen = [row for row in file["rows"] if whole or row.get("ci")]
    for row in chosen:
        numbers: list[int] = []
        for part in row["path"].split(","):
            first, _, last = part.partition("-")
            numbers.extend(range(int(first), int(last or first) + 1))
        row["jars"] = [file["jars"][number] for number in numbers]
    return file["jars"], chosen


def place(coordinates: str) -> Path:
    """Where Maven's repository has a jar: manifests name others by their places."""
    group, artifact, version, *classifier = coordinates.split(":")
    tail = f"-{classifier[0]}" if classifier else ""
    return Path(group.replace(".", "/")) / artifact / version / f"{artifact}-{version}{tail}.jar"


def located(jar: str, folder: Path) -> Path:
    """The file of a jar; that of pyspark may be anywhere."""
    if jar.startswith("pyspark/"):
        return Path(os.environ.get("SPARK_JARS", folder / "spark")) / Path(jar).name
    return folder / jar if jar.startswith("damaged/") else folder / "repository" / place(jar)


def write_jars(folder: Path, chosen: list[Row]) -> None:
    """A project that copies every jar of the rows to its place."""
    wanted = sorted({jar for row in chosen for jar in row["jars"] if ":" in jar} | {SDK, JDOM})
    items = ""
    for coordinates in wanted:
        group, artifact, version, *classifier = coordinates.split(":")
        more = f"<classifier>{classifier[0]}</classifier>" if classifier else ""
        to = folder.resolve() / "repository" / place(coordinates).parent
        items += f"<artifactItem><groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
        items += f"<version>{version}</version>{more}<outputDirectory>{to}</outputDirectory></artifactItem>"
    plugin = "<groupId>org.apache.maven.plugins</groupId><artifactId>maven-dependency-plugin</artifactId>"
    (folder / "pom.xml").write_text(
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        "<groupId>ackcheck.ci</groupId><artifactId>linkage-oracle</artifactId><version>1</version>"
        f"<packaging>pom</packaging><build><plugins><plugin>{plugin}<configuration>"
        f"<artifactItems>{items}</artifactItems></configuration></plugin></plugins></build></project>\n",
        encoding="utf-8",
    )


def damage(folder: Path) -> None:
    """The damaged jars: cut, empty, a web page, zeros in the middle, a class less."""
    to = folder / "damaged"
    shutil.rmtree(to, ignore_errors=True)
    to.mkdir()
    jdom = located(JDOM, folder).read_bytes()
    sdk = located(SDK, folder).read_bytes()
    half = len(sdk) // 2
    less = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sdk)) as old, zipfile.ZipFile(less, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            if item.filename != LEFT_OUT:
                new.writestr(item, old.read(item))
    for name, content in {
        "jdom2-cut.jar": jdom[: len(jdom) // 2],
        "jdom2-empty.jar": b"",
        "jdom2-html.jar": b"<html><body>404 Not Found</body></html>",
        "sdk-cut.jar": sdk[:-100],
        "sdk-zeroed.jar": sdk[:half] + bytes(4096) + sdk[half + 4096 :],
        "sdk-less.jar": less.getvalue(),
    }.items():
        (to / name).write_bytes(content)


def java_home(version: str) -> str | None:
    """The home of a Java; 17 is the one of the path."""
    java = shutil.which("java")
    if version == "17" and java:
        return str(Path(java).resolve().parent.parent)
    return os.environ.get(f"JAVA_HOME_{version}")


def here(row: Row, folder: Path) -> bool:
    """True where everything that the row needs is here."""
    return java_home(row["java"]) is not None and all(located(jar, folder).exists() for jar in row["jars"])


def write_paths(folder: Path, chosen: list[Row]) -> None:
    """The class paths, for the walk."""
    damage(folder)
    lines = []
    for row in chosen:
        if here(row, folder):
            path = ":".join(str(located(jar, folder).resolve()) for jar in row["jars"])
            lines.append(f"{java_home(row['java'])}\t{path}\t{'V4' if row.get('v4') else ''}\n")
    (folder / "paths").write_text("".join(lines), encoding="utf-8")


def differs(row: Row, walked: list[str]) -> str | None:
    """How the walk differs from the JVM; a failure where the JVM has none is the worst."""
    operation, missing = walked[0], walked[1]
    if operation == "unread":
        return f"it could not be read: {missing}"
    if operation == "links":
        return f"false pass: the JVM fails at {row['operation']}: {row['missing']}" if row["operation"] else None
    if not row["operation"]:
        return f"FALSE ALARM: {operation} {missing}"
    if operation != row["operation"]:
        return f"at {operation} {missing}, and the JVM at {row['operation']} {row['missing']}"
    return None if missing == row["missing"] else f"{missing}, and the JVM {row['missing']}"


def compare(folder: Path, chosen: list[Row]) -> int:
    """Prints what differs, and the table; fails for what is not listed."""
    answers = [line.split("\t") for line in (folder / "walked").read_text(encoding="utf-8").splitlines()]
    there = [row for row in chosen if here(row, folder)]
    assert len(answers) == len(there) > 0, f"{len(there)} class paths and {len(answers)} answers"
    same = {"verdict": 0, "operation": 0, "missing": 0}
    alarms = unlisted = 0
    for row, walked in zip(there, answers, strict=True):
        fails = bool(row["operation"])
        operation = None if walked[0] == "links" else walked[0]
        same["verdict"] += (operation is not None) == fails and operation != "unread"
        same["operation"] += operation == row["operation"]
        same["missing"] += (walked[1] or None) == row["missing"]
        why = differs(row, walked)
        if why:
            listed = DIFFERENCES.get(row["id"])
            alarm = why.startswith("FALSE ALARM")
            alarms += alarm
            unlisted += alarm or listed is None
            print(f"{'listed ' if listed and not alarm else 'DIFFERS'} {row['id']}: {why}; {listed or 'not listed'}")
    print(f"{len(there)} class paths, and {len(chosen) - len(there)} left out; of the JVM's answers the same:")
    print(f"verdict {same['verdict']}, operation {same['operation']}, missing {same['missing']}; false alarms {alarms}")
    (folder / "counts").write_text(f"{len(there) - unlisted} {unlisted}\n", encoding="utf-8")
    return int(unlisted > 0)


def main() -> int:
    """Does what is asked for."""
    what, folder = sys.argv[1], Path(sys.argv[2])
    _, chosen = rows(whole=sys.argv[3:] == ["all"])
    folder.mkdir(parents=True, exist_ok=True)
    if what == "jars":
        write_jars(folder, chosen)
    elif what == "paths":
        write_paths(folder, chosen)
    else:
        return compare(folder, chosen)
    return 0


if __name__ == "__main__":
    sys.exit(main())
