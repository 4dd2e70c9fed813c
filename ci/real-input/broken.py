"""Ways to break a data directory by hand, with the finding that each must bring."""

from collections.abc import Callable, Mapping
from pathlib import Path

from services import Deployment


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    if old not in text:
        raise SystemExit(f"{file} has no {old}")
    file.write_text(text.replace(old, new))


def jar(deployment: Deployment, name: str) -> Path:
    return next((deployment.folder / deployment.install / "hadoop-standalone-libs").glob(f"{name}-*.jar"))


def in_data(deployment: Deployment, name: str) -> Path:
    return deployment.folder / deployment.data / name


def cut_version(deployment: Deployment) -> None:
    in_data(deployment, "dss-version.json").write_text('{"product_ver')


def install_another_version(deployment: Deployment) -> None:
    installed = deployment.folder / deployment.install / "dss-version.json"
    installed.write_text('{"product_version": "99.1.0"}')


def export_nothing(deployment: Deployment) -> None:
    edit(in_data(deployment, "bin/env-site.sh"), "export DKU_BACKEND_EXT_HOST", "DKU_BACKEND_EXT_HOST")


def remove_jar(deployment: Deployment) -> None:
    jar(deployment, "aliyun-sdk-oss").unlink()


def save_web_page_as_jar(deployment: Deployment) -> None:
    jar(deployment, "hadoop-aliyun").write_text("<html>301 Moved Permanently</html>")


def misspell_hadoop_key(deployment: Deployment) -> None:
    edit(in_data(deployment, "config/general-settings.json"), '"fs.oss.impl"', '"fs.oss.imp"')


def misspell_endpoint(deployment: Deployment) -> None:
    edit(in_data(deployment, "config/connections.json"), '"fs.oss.endpoint"', '"fs.oss.endpiont"')


def name_no_bucket(deployment: Deployment) -> None:
    edit(in_data(deployment, "config/connections.json"), '"oss://', '"oss://Not_A_Bucket-')


BROKEN: Mapping[str, Callable[[Deployment], None]] = {
    "dss-version/unreadable": cut_version,
    "dss-version/upgrade-unfinished": install_another_version,
    "ext-host/not-exported": export_nothing,
    "hadoop-jars/missing": remove_jar,
    "hadoop-jars/not-a-jar": save_web_page_as_jar,
    "hadoop-keys/misspelt": misspell_hadoop_key,
    "connection-endpoint/missing": misspell_endpoint,
    "connection-root/bucket-name": name_no_bucket,
}
