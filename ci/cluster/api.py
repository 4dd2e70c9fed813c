"""A client of the cluster's API, as its administrator: enough to prepare cases and to count what is left."""

import http.client
import json
import ssl

from network import CONTROL_PLANE


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status, message):
        super().__init__(f"{status}: {message}")
        self.status = status


class Api:
    """Speaks from the control plane's network."""

    def __init__(self, machine, authority):
        self.machine, self.authority = machine, authority

    def ask(self, method, path, body=None, kind="application/json"):
        context = ssl.create_default_context(cafile=self.authority.certificate)
        context.load_cert_chain(self.authority.folder / "admin.crt", self.authority.folder / "admin.key")
        connection = http.client.HTTPSConnection(CONTROL_PLANE, 6443, timeout=20, context=context)
        with self.machine.network():
            connection.connect()
        try:
            connection.request(method, path, None if body is None else json.dumps(body), {"Content-Type": kind})
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status >= 300:
            raise Refused(answer.status, text[:500])
        return json.loads(text) if text[:1] == "{" else text

    def get(self, path):
        return self.ask("GET", path)

    def exists(self, path):
        try:
            self.get(path)
            return True
        except Refused as refused:
            if refused.status != 404:
                raise
            return False

    def create(self, path, body):
        return self.ask("POST", path, body)

    def patch(self, path, body):
        return self.ask("PATCH", path, body, "application/merge-patch+json")

    def delete(self, path):
        """Deletes what may not be there."""
        try:
            return self.ask("DELETE", path)
        except Refused as refused:
            if refused.status != 404:
                raise
            return None

    def answers(self):
        try:
            return self.get("/readyz") == "ok"
        except (OSError, Refused, http.client.HTTPException):
            return False
