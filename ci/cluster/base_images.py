"""DSS's base images, as DSS's push leaves them in the files of docker-registry. They have no layers: nothing runs them,
and they are there to be found."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

FIXTURES = Path(__file__).parents[2] / "fixtures"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIGURATION = "application/vnd.docker.container.image.v1+json"


def tags() -> dict[str, str]:
    """Their repositories, each with its tag: as the lab's DSS names them."""
    deployment = json.loads((FIXTURES / "lab/deployment.json").read_text())
    dss, root = deployment["dss"], deployment["repository"].partition("/")[2]
    release = json.loads((FIXTURES / "dss" / dss["release"] / "release.json").read_text())
    names = (f"{root}/{base}-{dss['install_id'].lower()}" for base in ("dku-exec-base", "dku-spark-base"))
    return dict.fromkeys(names, f"dss-{release['product_version']}")


def blobs() -> Iterator[tuple[str, bytes]]:
    """What they are made of, by digest: the configuration, and the manifest that names it."""
    configuration = json.dumps(
        {"os": "linux", "architecture": "amd64", "config": {}, "rootfs": {"type": "layers", "diff_ids": []}}
    ).encode()
    named = {"mediaType": CONFIGURATION, "size": len(configuration), "digest": digest(configuration)}
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": named, "layers": []}
    for blob in (configuration, json.dumps(manifest).encode()):
        yield digest(blob), blob


def digest(blob: bytes) -> str:
    return "sha256:" + hashlib.sha256(blob).hexdigest()


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def push(data: Path) -> None:
    """Leaves them below the folder of the registry."""
    (configuration, content), (manifest, listed) = blobs()
    for name, blob in ((configuration, content), (manifest, listed)):
        write(data / "blobs/sha256" / name[7:9] / name[7:] / "data", blob)
    for repository, tag in tags().items():
        folder = data / "repositories" / repository
        links = {
            f"_layers/sha256/{configuration[7:]}": configuration,
            f"_manifests/revisions/sha256/{manifest[7:]}": manifest,
            f"_manifests/tags/{tag}/current": manifest,
            f"_manifests/tags/{tag}/index/sha256/{manifest[7:]}": manifest,
        }
        for at, name in links.items():
            write(folder / at / "link", name.encode())
