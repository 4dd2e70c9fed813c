"""Alibaba's own clients against the lab's OSS. Arguments: the lab's site file, and its proxy."""

import pathlib
import sys
import tomllib
import warnings

import requests

warnings.filterwarnings("ignore")
import alibabacloud_oss_v2 as v2
import oss2

REGION = "cn-hangzhou"
HOST = f"oss-{REGION}-internal.aliyuncs.com"
KEY = "clients/a folder/ä+b%20&c.txt"
BODY = b"written by a real client\n" * 40

# Longer than a part must be, so that parts are parts.
PART = bytes(range(256)) * 480


class Oss2:
    """oss2, the client of the HOWTO's time."""

    name = "oss2"

    def __init__(self, place, version, proxy):
        self.place = place
        if place["token"]:
            kind = oss2.AUTH_VERSION_4 if version == "v4" else oss2.AUTH_VERSION_1
            auth = oss2.StsAuth(place["id"], place["secret"], place["token"], auth_version=kind)
        else:
            auth = (oss2.AuthV4 if version == "v4" else oss2.Auth)(place["id"], place["secret"])
        options = {"region": REGION, "proxies": {"http": proxy, "https": proxy} if proxy else None}
        self.bucket = oss2.Bucket(auth, place["endpoint"], place["bucket"], **options)
        self.service = oss2.Service(auth, place["endpoint"], **options)

    def put(self, key, body, headers=None):
        return self.bucket.put_object(key, body, headers=headers).etag

    def get(self, key, first=None, last=None):
        return self.bucket.get_object(key, byte_range=(first, last) if last is not None else None).read()

    def head(self, key):
        return dict(self.bucket.head_object(key).headers)

    def list(self, prefix):
        return [item.key for item in oss2.ObjectIterator(self.bucket, prefix=prefix, max_keys=1)]

    def list_v2(self, prefix):
        return [item.key for item in oss2.ObjectIteratorV2(self.bucket, prefix=prefix, max_keys=1)]

    def folders(self, prefix):
        return self.bucket.list_objects_v2(prefix=prefix, delimiter="/").prefix_list

    def copy(self, source, target):
        self.bucket.copy_object(self.place["bucket"], source, target)

    def multipart(self, key, parts):
        upload = self.bucket.init_multipart_upload(key).upload_id
        done = []
        for number, part in enumerate(parts, 1):
            result = self.bucket.upload_part(key, upload, number, part)
            done.append(oss2.models.PartInfo(number, result.etag, part_crc=result.crc))
        assert len(self.bucket.list_parts(key, upload).parts) == len(parts)
        return self.bucket.complete_multipart_upload(key, upload, done).etag

    def abort(self, key):
        upload = self.bucket.init_multipart_upload(key).upload_id
        self.bucket.upload_part(key, upload, 1, b"x")
        self.bucket.abort_multipart_upload(key, upload)
        self.bucket.list_parts(key, upload)

    def signed(self, method, key):
        return self.bucket.sign_url(method, key, 60, slash_safe=True)

    def delete(self, key):
        self.bucket.delete_object(key)

    def delete_several(self, keys):
        return self.bucket.batch_delete_objects(keys).deleted_keys

    def information(self):
        return self.bucket.get_bucket_info().location

    def location(self):
        return self.bucket.get_bucket_location().location

    def grant(self):
        return self.bucket.get_bucket_acl().acl

    def buckets(self):
        return [bucket.name for bucket in oss2.BucketIterator(self.service)]

    def code(self, error):
        return (error.status, error.code, error.details.get("EC")) if isinstance(error, oss2.exceptions.ServerError) else error


class OssV2:
    """alibabacloud_oss_v2, today's client."""

    name = "alibabacloud_oss_v2"

    def __init__(self, place, version, proxy):
        self.place = place
        config = v2.config.load_default()
        config.credentials_provider = v2.credentials.StaticCredentialsProvider(place["id"], place["secret"], place["token"] or None)
        config.region = REGION
        config.endpoint = place["endpoint"]
        config.signature_version = version
        config.retry_max_attempts = 1
        config.proxy_host = {"http": proxy, "https": proxy} if proxy else None
        self.client = v2.Client(config)
        self.of = {"bucket": place["bucket"]}

    def put(self, key, body, headers=None):
        return self.client.put_object(v2.PutObjectRequest(key=key, body=body, headers=headers or {}, **self.of)).etag.strip('"')

    def get(self, key, first=None, last=None):
        span = f"bytes={first}-{last}" if last is not None else None
        return self.client.get_object(v2.GetObjectRequest(key=key, range_header=span, **self.of)).body.read()

    def head(self, key):
        return dict(self.client.head_object(v2.HeadObjectRequest(key=key, **self.of)).headers)

    def _pages(self, pages):
        return [item.key for page in pages for item in page.contents or []]

    def list(self, prefix):
        return self._pages(self.client.list_objects_paginator().iter_page(v2.ListObjectsRequest(prefix=prefix, max_keys=1, **self.of)))

    def list_v2(self, prefix):
        return self._pages(self.client.list_objects_v2_paginator().iter_page(v2.ListObjectsV2Request(prefix=prefix, max_keys=1, **self.of)))

    def folders(self, prefix):
        found = self.client.list_objects_v2(v2.ListObjectsV2Request(prefix=prefix, delimiter="/", **self.of)).common_prefixes
        return [folder.prefix for folder in found or []]

    def copy(self, source, target):
        self.client.copy_object(v2.CopyObjectRequest(key=target, source_bucket=self.place["bucket"], source_key=source, **self.of))

    def multipart(self, key, parts):
        upload = self.client.initiate_multipart_upload(v2.InitiateMultipartUploadRequest(key=key, **self.of)).upload_id
        done = []
        for number, part in enumerate(parts, 1):
            result = self.client.upload_part(v2.UploadPartRequest(key=key, upload_id=upload, part_number=number, body=part, **self.of))
            done.append(v2.UploadPart(part_number=number, etag=result.etag))
        listed = self.client.list_parts(v2.ListPartsRequest(key=key, upload_id=upload, **self.of)).parts
        assert len(listed) == len(parts)
        whole = v2.CompleteMultipartUpload(parts=done)
        request = v2.CompleteMultipartUploadRequest(key=key, upload_id=upload, complete_multipart_upload=whole, **self.of)
        return self.client.complete_multipart_upload(request).etag.strip('"')

    def abort(self, key):
        upload = self.client.initiate_multipart_upload(v2.InitiateMultipartUploadRequest(key=key, **self.of)).upload_id
        self.client.abort_multipart_upload(v2.AbortMultipartUploadRequest(key=key, upload_id=upload, **self.of))
        self.client.list_parts(v2.ListPartsRequest(key=key, upload_id=upload, **self.of))

    def signed(self, method, key):
        request = {"GET": v2.GetObjectRequest, "PUT": v2.PutObjectRequest}[method](key=key, **self.of)
        return self.client.presign(request).url

    def delete(self, key):
        self.client.delete_object(v2.DeleteObjectRequest(key=key, **self.of))

    def delete_several(self, keys):
        objects = [v2.DeleteObject(key=key) for key in keys]
        return [gone.key for gone in self.client.delete_multiple_objects(v2.DeleteMultipleObjectsRequest(objects=objects, **self.of)).deleted_objects]

    def information(self):
        return self.client.get_bucket_info(v2.GetBucketInfoRequest(**self.of)).bucket_info.location

    def location(self):
        return self.client.get_bucket_location(v2.GetBucketLocationRequest(**self.of)).location

    def grant(self):
        return self.client.get_bucket_acl(v2.GetBucketAclRequest(**self.of)).acl

    def buckets(self):
        return [bucket.name for bucket in self.client.list_buckets(v2.ListBucketsRequest()).buckets]

    def code(self, error):
        error = error.unwrap() if isinstance(error, v2.exceptions.OperationError) else error
        return (error.status_code, error.code, error.ec or None) if isinstance(error, v2.exceptions.ServiceError) else error


class Tally:
    def __init__(self):
        self.passed = self.failed = 0

    def case(self, name, act):
        try:
            act()
            self.passed += 1
        except Exception as error:  # one client's failure is not the others'
            self.failed += 1
            print(f"FAILED  {name}: {type(error).__name__}: {str(error)[:600]}")


def same(seen, right):
    if seen != right:
        raise AssertionError(f"{seen!r:.300} is not {right!r:.300}")


def refused(client, act, status, code, ec=None):
    try:
        act()
    except Exception as error:
        seen = client.code(error)
        if not isinstance(seen, tuple):
            raise
        same(seen[:2], (status, code))
        if ec:
            same(seen[2], ec)
        return
    raise AssertionError(f"was not refused with {code}")


def walk(tally, label, client, proxy):
    """Everything that clients do with a bucket."""

    def case(name, act):
        tally.case(f"{label}: {name}", act)

    folder, other, big = "clients/", "clients/b.txt", "clients/in parts"
    proxies = {"http": proxy, "https": proxy} if proxy else None

    def ranges():
        same(client.get(KEY, 3, 10), BODY[3:11])

    def heads():
        seen = {name.lower(): value for name, value in client.head(KEY).items()}
        same(seen["content-length"], str(len(BODY)))
        same(seen["x-oss-meta-colour"], "blue")

    def uploads():
        etag = client.multipart(big, [PART, PART, b"the end"])
        same(etag.endswith("-3"), True)
        same(client.get(big), PART + PART + b"the end")

    def signed_get():
        answer = requests.get(client.signed("GET", other), proxies=proxies, timeout=10)
        same((answer.status_code, answer.content), (200, BODY))

    def signed_put():
        answer = requests.put(client.signed("PUT", other), data=b"by URL", proxies=proxies, timeout=10)
        same(answer.status_code, 200)
        same(client.get(other), b"by URL")

    def signed_for_another():
        answer = requests.get(client.signed("PUT", other), proxies=proxies, timeout=10)
        same((answer.status_code, "SignatureDoesNotMatch" in answer.text), (403, True))

    def gone():
        client.delete(KEY)
        client.delete(KEY)
        refused(client, lambda: client.head(KEY), 404, "NoSuchKey")

    def several():
        same(sorted(client.delete_several([other, big])), sorted([other, big]))
        same(client.list(folder), [])

    case("put", lambda: same(len(client.put(KEY, BODY, {"x-oss-meta-colour": "blue"})), 32))
    case("get", lambda: same(client.get(KEY), BODY))
    case("get a range", ranges)
    case("head", heads)
    case("copy", lambda: client.copy(KEY, other))
    case("get the copy", lambda: same(client.get(other), BODY))
    case("list, version 1, by pages", lambda: same(client.list(folder), [KEY, other]))
    case("list, version 2, by pages", lambda: same(client.list_v2(folder), [KEY, other]))
    case("list folders", lambda: same(client.folders(folder), ["clients/a folder/"]))
    case("upload in parts", uploads)
    case("abort an upload", lambda: refused(client, lambda: client.abort(big), 404, "NoSuchUpload"))
    case("signed URL, get", signed_get)
    case("signed URL, put", signed_put)
    case("signed URL, another method is refused", signed_for_another)
    case("bucket information", lambda: same(client.information(), f"oss-{REGION}"))
    case("bucket location", lambda: same(client.location(), f"oss-{REGION}"))
    case("bucket ACL", lambda: same(client.grant(), "private"))
    case("delete, twice", gone)
    case("delete several", several)


def main(site, proxy):
    site = pathlib.Path(site)
    buckets = []
    for bucket in tomllib.loads(site.read_text())["storage"]["bucket"]:
        secret, token = (
            (site.parent / bucket[name]["file"]).read_text() if name in bucket else ""
            for name in ("access_key_secret", "security_token")
        )
        buckets.append({"bucket": bucket["name"], "id": bucket["access_key_id"], "secret": secret, "token": token, "endpoint": f"https://{HOST}"})
    lasting, temporary = buckets
    tally = Tally()
    for kind in (Oss2, OssV2):
        for version in ("v1", "v4"):
            label = f"{kind.name} {version}"
            walk(tally, label, kind(lasting, version, proxy), proxy)
            plain = {**lasting, "endpoint": f"http://{HOST}"}
            walk(tally, f"{label}, plain HTTP through the proxy", kind(plain, version, proxy), proxy)
            by_path = {**lasting, "endpoint": proxy}
            walk(tally, f"{label}, by path at an address", kind(by_path, version, None), None)

            def check(name, place, act, status, code, ec=None):
                client = kind({**lasting, **place}, version, proxy)
                tally.case(f"{label}: {name}", lambda: refused(client, lambda: act(client), status, code, ec))

            put = lambda client: client.put(KEY, BODY)
            head = lambda client: client.head(KEY)
            ec = "0002-00000040" if version == "v1" else None
            check("a wrong secret is refused", {"secret": "wrong"}, put, 403, "SignatureDoesNotMatch", ec)
            check("a wrong secret is refused on HEAD", {"secret": "wrong"}, head, 403, "SignatureDoesNotMatch")
            check("an unknown key is refused", {"id": "LTAIunknown"}, put, 403, "InvalidAccessKeyId", "0002-00000902")
            check("a bucket that is not there", {"bucket": "lab-none-of-that-name"}, put, 404, "NoSuchBucket")
            elsewhere = {"endpoint": "https://oss-cn-shanghai.aliyuncs.com"}
            check("another region's endpoint", elsewhere, put, 403, "AccessDenied")
            without = {**temporary, "token": ""}
            check("a temporary key without its token", without, head, 403 if version == "v4" else 400, "InvalidAccessKeyId" if version == "v4" else "InvalidArgument")
            names = lambda: same(lasting["bucket"] in kind(lasting, version, proxy).buckets(), True)
            tally.case(f"{label}: list buckets", names)
        walk(tally, f"{kind.name} v4, temporary key", kind(temporary, "v4", proxy), proxy)
        old = kind(temporary, "v1", proxy)
        tally.case(
            f"{kind.name} v1, temporary key: a bucket without version 1",
            lambda: refused(old, lambda: old.put(KEY, BODY), 400, "InvalidArgument"),
        )
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
