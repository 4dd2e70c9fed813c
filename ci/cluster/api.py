"""A client of the cluster's API, as its administrator: enough to prepare cases and to count what is left."""

import http.client
import json
import ssl
from typing import Any

from certificates import Authority
from machine import Machine
from network import CONTROL_PLANE

# An object as the API writes it. Its shape is Kubernetes' own affair.
Item = dict[str, Any]


class RefusedError(Exception):
    """An answer that is not a success."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class Api:
    """Speaks from the control plane's network."""

    def __init__(self, machine: Machine, authority: Authority) -> None:
        self.machine = machine
        self.authority = authority

    def ask(self, method: str, path: str, body: Item | None = None, kind: str = "application/json") -> str:
        context = ssl.create_default_context(cafile=self.authority.certificate)
        context.load_cert_chain(self.authority.folder / "admin.crt", self.authority.folder / "admin.key")
        connection = http.client.HTTPSConnection(CONTROL_PLANE, 6443, timeout=60, context=context)
        with self.machine.network():
            connection.connect()
        try:
            connection.request(method, path, None if body is None else json.dumps(body), {"Content-Type": kind})
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status >= 300:
            raise RefusedError(answer.status, text[:500])
        return text

    def get(self, path: str) -> Item:
        item: Item = json.loads(self.ask("GET", path))
        return item

    def items(self, path: str) -> list[Item]:
        """What a list holds."""
        listed: list[Item] = self.get(path)["items"]
        return listed

    def exists(self, path: str) -> bool:
        try:
            self.get(path)
        except RefusedError as refused:
            if refused.status != 404:
                raise
            return False
        return True

    def create(self, path: str, body: Item) -> None:
        self.ask("POST", path, body)

    def patch(self, path: str, body: Item) -> None:
        self.ask("PATCH", path, body, "application/merge-patch+json")

    def delete(self, path: str) -> None:
        """Deletes an object; it is no fault if it is not there."""
        try:
            self.ask("DELETE", path)
        except RefusedError as refused:
            if refused.status != 404:
                raise

    def answers(self) -> bool:
        try:
            return self.ask("GET", "/readyz") == "ok"
        except (OSError, RefusedError, http.client.HTTPException):
            return False
