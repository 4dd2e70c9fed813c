"""Runs a template as the service that it is for would: its own shell, taken out of the file, with the variables that
the template sets.

Arguments: the template, the folder to run in, and NAME=VALUE for what its user fills in. A variable that the template
does not state is refused. Secrets come from the environment, where the services have their own stores; of the rest of
the environment only PATH is handed on. Ends as the template's job would.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

# In seconds, and far above what a run takes.
BOUND = 120
MOUNTED = "/etc/ackcheck"
Document = dict[Any, Any]


@dataclass
class Step:
    """A command, with what is in its environment besides the variables of the whole."""

    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass
class Plan:
    """What a service makes of a template."""

    variables: dict[str, str]
    steps: list[Step]


def text(value: object) -> str:
    """A value of YAML as services put it into an environment."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def secret(name: str) -> str:
    """What the store of the service has by this name."""
    return os.environ[name]


def github(path: Path, folder: Path) -> Plan:
    workflow = yaml.safe_load(path.read_text())
    steps = []
    for number, step in enumerate(workflow["jobs"]["ackcheck"]["steps"]):
        if "run" not in step:
            continue
        script = folder / f"step-{number}.sh"
        script.write_text(step["run"])
        environment = {name: of_expression(value) for name, value in step.get("env", {}).items()}
        environment["GITHUB_STEP_SUMMARY"] = str(folder / "summary.md")
        steps.append(Step(["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)], environment))
    return Plan({name: text(value) for name, value in workflow["env"].items()}, steps)


def of_expression(value: str) -> str:
    """`${{ secrets.NAME }}`, the only expression that a template may use."""
    named = re.fullmatch(r"\$\{\{ secrets\.([A-Z_]+) \}\}", value)
    if not named:
        raise SystemExit(f"not the name of a secret: {value}")
    return secret(named[1])


def gitlab(path: Path, folder: Path) -> Plan:
    job = yaml.safe_load(path.read_text())["ackcheck"]
    script = folder / "job.sh"
    script.write_text("set -eo pipefail\n" + "\n".join(job["before_script"] + job["script"]))
    secrets = {"ACR_PASSWORD": secret("ACR_PASSWORD")}
    return Plan({name: text(value) for name, value in job["variables"].items()}, [Step(["bash", str(script)], secrets)])


def jenkins(path: Path, _folder: Path) -> Plan:
    """The shell and the environment; what Groovy makes of the last exit code is not run."""
    written = path.read_text()
    (block,) = re.findall(r"environment \{\n(.*?)\n  \}", written, re.DOTALL)
    variables = dict(re.findall(r"^ +([A-Z0-9_]+) = '(.*)'$", block, re.MULTILINE))
    for name, identity in re.findall(r"^ +([A-Z0-9_]+) = credentials\('(.*)'\)$", block, re.MULTILINE):
        variables[name] = secret(identity.upper().replace("-", "_"))
    # Between three quotes Groovy reads `\\` as one backslash.
    scripts = [script.replace("\\\\", "\\") for script in re.findall(r"'''(.*?)'''", written, re.DOTALL)]
    return Plan(variables, [Step(["sh", "-xe", "-c", script]) for script in scripts])


def objects(path: Path) -> list[Document]:
    """The objects of a Kubernetes manifest."""
    return list(yaml.safe_load_all(path.read_text()))


def pod(path: Path) -> Document:
    """The pod that the last object of a manifest makes."""
    job = objects(path)[-1]
    template: Document = (job["spec"]["jobTemplate"] if job["kind"] == "CronJob" else job)["spec"]["template"]
    return template["spec"]  # type: ignore[no-any-return]


def config_map(name: str) -> dict[str, str]:
    """The data of a ConfigMap, which the CronJob's manifest has for the hook of Argo CD too."""
    manifest = Path(__file__).parent / "kubernetes-cronjob.yaml"
    (data,) = [
        item["data"] for item in objects(manifest) if item["kind"] == "ConfigMap" and item["metadata"]["name"] == name
    ]
    return {key: text(value) for key, value in data.items()}


def kubernetes(path: Path, folder: Path) -> Plan:
    of_pod = pod(path)
    (container,) = of_pod["containers"]
    (mounted,) = [volume["configMap"]["name"] for volume in of_pod["volumes"] if "configMap" in volume]
    for name, content in config_map(mounted).items():
        (folder / name).write_text(content)
    variables = {
        name: value
        for source in container["envFrom"]
        if "configMapRef" in source
        for name, value in config_map(source["configMapRef"]["name"]).items()
    }
    variables |= {item["name"]: item["value"] for item in container["env"]}
    command = [word.replace(MOUNTED, str(folder)) for word in container["command"]]
    return Plan(variables, [Step(command, {"ACR_PASSWORD": secret("ACR_PASSWORD")})])


SERVICES = {
    "github-actions.yml": github,
    "gitlab-ci.yml": gitlab,
    "Jenkinsfile": jenkins,
    "kubernetes-cronjob.yaml": kubernetes,
    "argo-cd-post-sync.yaml": kubernetes,
}


def run(plan: Plan, folder: Path, filled_in: Mapping[str, str]) -> int:
    for name in filled_in.keys() - plan.variables.keys():
        raise SystemExit(f"{name}: the template does not state it")
    variables = {"PATH": os.environ["PATH"], "HOME": str(folder), **plan.variables, **filled_in}
    for step in plan.steps:
        code = subprocess.run(
            step.command, cwd=folder, env=variables | step.environment, check=False, timeout=BOUND
        ).returncode
        if code:
            return code
    return 0


def main() -> int:
    template, folder = Path(sys.argv[1]), Path(sys.argv[2])
    filled_in = dict(word.split("=", 1) for word in sys.argv[3:])
    return run(SERVICES[template.name](template, folder), folder, filled_in)


if __name__ == "__main__":
    sys.exit(main())
