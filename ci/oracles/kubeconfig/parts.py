"""What a kubeconfig of a running lab is made of."""

from dataclasses import dataclass
from pathlib import Path

# A token that the lab's API server knows (fixtures/lab/kubernetes.json).
TOKEN = "lab-admin"


@dataclass
class Parts:
    """What the lab's own kubeconfig is made of."""

    server: str
    authority: str
    certificate: str
    key: str
    token: str


def parts_of(kubeconfig: Path) -> Parts:
    """Read by hand: each of them is alone on its line in the lab's kubeconfig."""

    def value(key: str) -> str:
        lines = kubeconfig.read_text().splitlines()
        return next(line.split(": ", 1)[1] for line in lines if line.strip().startswith(f"{key}: "))

    return Parts(
        server=value("server"),
        authority=value("certificate-authority-data"),
        certificate=value("client-certificate-data"),
        key=value("client-key-data"),
        token=TOKEN,
    )
