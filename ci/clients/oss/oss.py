"""Alibaba's own clients against the lab's OSS.

Usage: oss.py SITE PROXY: the lab's site file, and its proxy.
"""

import base64
import hashlib
import sys
import tomllib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import requests
from clients import REGION, Client, Oss2, OssV2, Place

HOST = f"oss-{REGION}-internal.aliyuncs.com"
KEY = "clients/a folder/ä+b%20&c.txt"
BODY = b"written by a real client\n" * 40
# Longer than a part must be, so that parts are parts.
PART = bytes(range(256)) * 480

FOLDER = "clients/"
OTHER = "clients/b.txt"
BIG = "clients/in parts"
COPIED = "clients/in parts, copied"
# Of one request, in seconds; far above what it takes.
TIMEOUT = 60

KINDS: tuple[type[Client], ...] = (Oss2, OssV2)


class Tally:
    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0

    def case(self, name: str, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:  # One client's failure is not the others'.
            self.failed += 1
            print(f"FAILED  {name}: {type(error).__name__}: {str(error)[:600]}")
        else:
            self.passed += 1


def same(seen: object, right: object) -> None:
    if seen != right:
        raise AssertionError(f"{seen!r:.300} is not {right!r:.300}")


def refused(client: Client, act: Callable[[Client], object], status: int, code: str, detail: str | None = None) -> None:
    """Expects a refusal with this status and code, and this detailed code where one is named."""
    try:
        act(client)
    except Exception as error:
        seen = client.refusal(error)
        if seen is None:
            raise
        same(seen[:2], (status, code))
        if detail:
            same(seen[2], detail)
        return
    raise AssertionError(f"was not refused with {code}")


def completes(client: Client, upload: str, parts: Sequence[tuple[int, str]]) -> None:
    client.complete(BIG, upload, parts)


class Walk:
    """Everything that clients do with a bucket, in an order in which each step stands on those before it."""

    def __init__(self, client: Client, place: Place) -> None:
        self.client = client
        self.proxies = place.proxies

    def put(self) -> None:
        same(len(self.client.put(KEY, BODY, {"x-oss-meta-colour": "blue"})), 32)

    def get(self) -> None:
        same(self.client.get(KEY), BODY)

    def get_a_range(self) -> None:
        same(self.client.get_range(KEY, 3, 10), BODY[3:11])

    def head(self) -> None:
        seen = {name.lower(): value for name, value in self.client.head(KEY).items()}
        same(seen["content-length"], str(len(BODY)))
        same(seen["x-oss-meta-colour"], "blue")

    def copy(self) -> None:
        self.client.copy(KEY, OTHER)

    def get_the_copy(self) -> None:
        same(self.client.get(OTHER), BODY)

    def list_by_version_1_in_pages(self) -> None:
        same(self.client.list(FOLDER), [KEY, OTHER])

    def list_by_version_2_in_pages(self) -> None:
        same(self.client.list_v2(FOLDER), [KEY, OTHER])

    def list_folders(self) -> None:
        same(self.client.folders(FOLDER), ["clients/a folder/"])

    def upload_in_parts(self) -> None:
        etag = self.client.multipart(BIG, [PART, PART, b"the end"])
        same(etag.endswith("-3"), True)
        same(self.client.get(BIG), PART + PART + b"the end")

    def copy_in_parts(self) -> None:
        whole = PART + PART + b"the end"
        middle = len(PART) + 5
        self.client.copy_in_parts(BIG, COPIED, [(0, middle), (middle + 1, len(whole) - 1)])
        same(self.client.get(COPIED), whole)
        self.client.delete(COPIED)

    def list_open_uploads_in_pages(self) -> None:
        same(self.client.uploads(FOLDER), [])
        begun = [(key, self.client.begin_upload(key)) for key in (BIG, OTHER, BIG)]
        same(self.client.uploads(FOLDER), sorted(begun))
        same(self.client.uploads(BIG), sorted(begun[::2]))
        for key, upload in begun:
            self.client.abort_upload(key, upload)
        same(self.client.uploads(FOLDER), [])

    def be_refused_where_parts_do_not_fit(self) -> None:
        upload = self.client.begin_upload(BIG)
        one = self.client.put_part(BIG, upload, 1, b"too small for the first of two")
        two = self.client.put_part(BIG, upload, 2, b"the last")
        # oss2 puts parts in their order itself: InvalidPartOrder cannot be had from it.
        for parts, code in (
            ([(1, two)], "InvalidPart"),
            ([(3, two)], "InvalidPart"),
            ([(1, one), (2, two)], "EntityTooSmall"),
        ):
            refused(self.client, partial(completes, upload=upload, parts=parts), 400, code)
        wrong = base64.b64encode(hashlib.md5(b"something else", usedforsecurity=False).digest()).decode()
        refused(self.client, lambda client: client.put_part(BIG, upload, 1, b"x", wrong), 400, "InvalidDigest")
        self.client.abort_upload(BIG, upload)
        refused(self.client, partial(completes, upload=upload, parts=[(1, one)]), 404, "NoSuchUpload")
        refused(self.client, lambda client: client.put_part(BIG, upload, 1, b"x"), 404, "NoSuchUpload")

    def abort_an_upload(self) -> None:
        refused(self.client, lambda client: client.abort(BIG), 404, "NoSuchUpload")

    def get_by_a_signed_url(self) -> None:
        answer = requests.get(self.client.signed("GET", OTHER), proxies=self.proxies, timeout=TIMEOUT)
        same((answer.status_code, answer.content), (200, BODY))

    def put_by_a_signed_url(self) -> None:
        url = self.client.signed("PUT", OTHER)
        same(requests.put(url, data=b"by URL", proxies=self.proxies, timeout=TIMEOUT).status_code, 200)
        same(self.client.get(OTHER), b"by URL")

    def be_refused_by_a_url_for_another_method(self) -> None:
        answer = requests.get(self.client.signed("PUT", OTHER), proxies=self.proxies, timeout=TIMEOUT)
        same((answer.status_code, "SignatureDoesNotMatch" in answer.text), (403, True))

    def read_the_buckets_information(self) -> None:
        same(self.client.information(), f"oss-{REGION}")

    def read_the_buckets_location(self) -> None:
        same(self.client.location(), f"oss-{REGION}")

    def read_the_buckets_acl(self) -> None:
        same(self.client.grant(), "private")

    def delete_twice(self) -> None:
        self.client.delete(KEY)
        self.client.delete(KEY)
        refused(self.client, lambda client: client.head(KEY), 404, "NoSuchKey")

    def delete_several(self) -> None:
        same(sorted(self.client.delete_several([OTHER, BIG])), sorted([OTHER, BIG]))
        same(self.client.list(FOLDER), [])


STEPS = (
    Walk.put,
    Walk.get,
    Walk.get_a_range,
    Walk.head,
    Walk.copy,
    Walk.get_the_copy,
    Walk.list_by_version_1_in_pages,
    Walk.list_by_version_2_in_pages,
    Walk.list_folders,
    Walk.upload_in_parts,
    Walk.copy_in_parts,
    Walk.list_open_uploads_in_pages,
    Walk.be_refused_where_parts_do_not_fit,
    Walk.abort_an_upload,
    Walk.get_by_a_signed_url,
    Walk.put_by_a_signed_url,
    Walk.be_refused_by_a_url_for_another_method,
    Walk.read_the_buckets_information,
    Walk.read_the_buckets_location,
    Walk.read_the_buckets_acl,
    Walk.delete_twice,
    Walk.delete_several,
)


def walk(tally: Tally, label: str, kind: type[Client], place: Place, version: str) -> None:
    client = kind(place, version)
    steps = Walk(client, place)
    for step in STEPS:
        tally.case(f"{label}: {step.__name__.replace('_', ' ')}", partial(step, steps))


def put(client: Client) -> object:
    return client.put(KEY, BODY)


def head(client: Client) -> object:
    return client.head(KEY)


def refusals(tally: Tally, label: str, kind: type[Client], version: str, lasting: Place, temporary: Place) -> None:
    """Places that OSS refuses, and what it refuses with."""

    def check(
        name: str, place: Place, act: Callable[[Client], object], status: int, code: str, detail: str | None = None
    ) -> None:
        client = kind(place, version)
        tally.case(f"{label}: {name}", lambda: refused(client, act, status, code, detail))

    wrong = lasting.but(secret="wrong")
    detail = "0002-00000040" if version == "v1" else None
    check("a wrong secret is refused", wrong, put, 403, "SignatureDoesNotMatch", detail)
    check("a wrong secret is refused on HEAD", wrong, head, 403, "SignatureDoesNotMatch")
    unknown = lasting.but(id="LTAIunknown")
    check("an unknown key is refused", unknown, put, 403, "InvalidAccessKeyId", "0002-00000902")
    check("a bucket that is not there", lasting.but(bucket="lab-none-of-that-name"), put, 404, "NoSuchBucket")
    elsewhere = lasting.but(endpoint="https://oss-cn-shanghai.aliyuncs.com")
    check("another region's endpoint", elsewhere, put, 403, "AccessDenied")
    refusal = (403, "InvalidAccessKeyId") if version == "v4" else (400, "InvalidArgument")
    check("a temporary key without its token", temporary.but(token=""), head, *refusal)


def ask(tally: Tally, kind: type[Client], lasting: Place, temporary: Place) -> None:
    """One client in both versions of the signature, and every way to the bucket."""
    for version in ("v1", "v4"):
        label = f"{kind.name} {version}"
        walk(tally, label, kind, lasting, version)
        plain = lasting.but(endpoint=f"http://{HOST}")
        walk(tally, f"{label}, plain HTTP through the proxy", kind, plain, version)
        by_path = lasting.but(endpoint=lasting.proxy, proxy=None)
        walk(tally, f"{label}, by path at an address", kind, by_path, version)
        refusals(tally, label, kind, version, lasting, temporary)
        client = kind(lasting, version)
        tally.case(f"{label}: list buckets", partial(lists_its_bucket, client, lasting))
    walk(tally, f"{kind.name} v4, temporary key", kind, temporary, "v4")
    old = kind(temporary, "v1")
    name = f"{kind.name} v1, temporary key: a bucket without version 1"
    tally.case(name, partial(refused, old, put, 400, "InvalidArgument"))


def lists_its_bucket(client: Client, place: Place) -> None:
    same(place.bucket in client.buckets(), True)


def places(site: Path, proxy: str) -> tuple[Place, Place]:
    """The bucket with a lasting key, and the one with a temporary key."""
    found = []
    for bucket in tomllib.loads(site.read_text())["storage"]["bucket"]:
        secret, token = (
            (site.parent / bucket[name]["file"]).read_text() if name in bucket else ""
            for name in ("access_key_secret", "security_token")
        )
        found.append(Place(bucket["name"], bucket["access_key_id"], secret, token, f"https://{HOST}", proxy))
    lasting, temporary = found
    return lasting, temporary


def main(site: Path, proxy: str) -> int:
    tally = Tally()
    for kind in KINDS:
        ask(tally, kind, *places(site, proxy))
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
