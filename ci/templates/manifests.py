"""Holds the Kubernetes manifests to what else says the same: the roles to what `ackcheck rights` prints for the site
file in them, and the pod of the hook to that of the CronJob.

Arguments: the program, and the two manifests.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from runner import config_map, objects, pod


def printed(program: str) -> list[object]:
    """What `ackcheck rights` prints for the site file of the CronJob."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "ackcheck.toml"
        site.write_text(config_map("ackcheck-files")["ackcheck.toml"])
        command = (
            program,
            "rights",
            "--site",
            site,
            "--format",
            "kubernetes",
            "--service-account",
            "ackcheck/ackcheck",
        )
        said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    return list(yaml.safe_load_all(said))


def main() -> int:
    program, cronjob, hook = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    roles = [item for item in objects(cronjob) if item["apiVersion"].startswith("rbac.")]
    wrong = []
    if roles != printed(program):
        wrong.append(f"{cronjob.name}: its roles are not those that `ackcheck rights` prints for its site file")
    if pod(cronjob) != pod(hook):
        wrong.append(f"{hook.name}: its pod is not that of {cronjob.name}")
    print("\n".join(wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
