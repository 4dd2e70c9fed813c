"""Alibaba's own clients of OSS, behind one face."""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

# oss2 warns of its own syntax when it is imported.
warnings.filterwarnings("ignore")

import alibabacloud_oss_v2 as v2  # noqa: E402
import oss2  # noqa: E402

REGION = "cn-hangzhou"

# An HTTP status, OSS's code, and its error code in detail (EC) where it gives one.
Refusal = tuple[int, str, str | None]


@dataclass(frozen=True)
class Place:
    """A bucket and the key to it. `proxy` is where everything is sent, if not to the endpoint."""

    bucket: str
    id: str
    secret: str
    token: str
    endpoint: str
    proxy: str | None

    def but(self, **fields: str | None) -> "Place":
        """The same place but for these fields."""
        return replace(self, **fields)  # type: ignore[arg-type]

    @property
    def proxies(self) -> dict[str, str] | None:
        return {"http": self.proxy, "https": self.proxy} if self.proxy else None


class Client(Protocol):
    """What both clients do. `version` is the signature's: v1 or v4."""

    name: str

    def __init__(self, place: Place, version: str) -> None: ...
    def put(self, key: str, body: bytes, headers: dict[str, str] | None = None) -> str: ...
    def get(self, key: str) -> bytes: ...
    def get_range(self, key: str, first: int, last: int) -> bytes: ...
    def head(self, key: str) -> dict[str, str]: ...
    def list(self, prefix: str) -> Sequence[str]: ...
    def list_v2(self, prefix: str) -> Sequence[str]: ...
    def folders(self, prefix: str) -> Sequence[str]: ...
    def copy(self, source: str, target: str) -> None: ...
    def multipart(self, key: str, parts: Sequence[bytes]) -> str: ...
    def copy_in_parts(self, source: str, target: str, ranges: Sequence[tuple[int, int]]) -> None: ...
    def begin_upload(self, key: str) -> str: ...
    def put_part(self, key: str, upload: str, number: int, body: bytes, digest: str | None = None) -> str: ...
    def complete(self, key: str, upload: str, parts: Sequence[tuple[int, str]]) -> None: ...
    def abort_upload(self, key: str, upload: str) -> None: ...
    def uploads(self, prefix: str) -> Sequence[tuple[str, str]]:
        """Key and id of each open upload, in pages of one."""
        ...

    def abort(self, key: str) -> None: ...
    def signed(self, method: str, key: str) -> str: ...
    def delete(self, key: str) -> None: ...
    def delete_several(self, keys: Sequence[str]) -> Sequence[str]: ...
    def information(self) -> str: ...
    def location(self) -> str: ...
    def grant(self) -> str: ...
    def buckets(self) -> Sequence[str]: ...
    def refusal(self, error: Exception) -> Refusal | None:
        """What OSS refused with; nothing where the error is the client's own."""
        ...


def expect_parts(found: Sequence[object], sent: Sequence[bytes]) -> None:
    if len(found) != len(sent):
        raise AssertionError(f"{len(found)} parts are listed, not {len(sent)}")


class Oss2:
    """oss2, the client of the HOWTO's time."""

    name = "oss2"

    def __init__(self, place: Place, version: str) -> None:
        self.place = place
        options = {"region": REGION, "proxies": place.proxies}
        auth = self.auth(version)
        self.bucket = oss2.Bucket(auth, place.endpoint, place.bucket, **options)
        self.service = oss2.Service(auth, place.endpoint, **options)

    def auth(self, version: str) -> Any:
        place = self.place
        if place.token:
            kind = oss2.AUTH_VERSION_4 if version == "v4" else oss2.AUTH_VERSION_1
            return oss2.StsAuth(place.id, place.secret, place.token, auth_version=kind)
        return (oss2.AuthV4 if version == "v4" else oss2.Auth)(place.id, place.secret)

    def put(self, key: str, body: bytes, headers: dict[str, str] | None = None) -> str:
        return str(self.bucket.put_object(key, body, headers=headers).etag)

    def get(self, key: str) -> bytes:
        return bytes(self.bucket.get_object(key).read())

    def get_range(self, key: str, first: int, last: int) -> bytes:
        return bytes(self.bucket.get_object(key, byte_range=(first, last)).read())

    def head(self, key: str) -> dict[str, str]:
        return dict(self.bucket.head_object(key).headers)

    def list(self, prefix: str) -> Sequence[str]:
        return [item.key for item in oss2.ObjectIterator(self.bucket, prefix=prefix, max_keys=1)]

    def list_v2(self, prefix: str) -> Sequence[str]:
        return [item.key for item in oss2.ObjectIteratorV2(self.bucket, prefix=prefix, max_keys=1)]

    def folders(self, prefix: str) -> Sequence[str]:
        return list(self.bucket.list_objects_v2(prefix=prefix, delimiter="/").prefix_list)

    def copy(self, source: str, target: str) -> None:
        self.bucket.copy_object(self.place.bucket, source, target)

    def copy_in_parts(self, source: str, target: str, ranges: Sequence[tuple[int, int]]) -> None:
        upload = self.begin_upload(target)
        done = []
        for number, bounds in enumerate(ranges, 1):
            result = self.bucket.upload_part_copy(self.place.bucket, source, bounds, target, upload, number)
            done.append((number, str(result.etag)))
        self.complete(target, upload, done)

    def begin_upload(self, key: str) -> str:
        return str(self.bucket.init_multipart_upload(key).upload_id)

    def put_part(self, key: str, upload: str, number: int, body: bytes, digest: str | None = None) -> str:
        headers = {"Content-MD5": digest} if digest else None
        return str(self.bucket.upload_part(key, upload, number, body, headers=headers).etag)

    def complete(self, key: str, upload: str, parts: Sequence[tuple[int, str]]) -> None:
        done = [oss2.models.PartInfo(number, etag) for number, etag in parts]
        self.bucket.complete_multipart_upload(key, upload, done)

    def abort_upload(self, key: str, upload: str) -> None:
        self.bucket.abort_multipart_upload(key, upload)

    def uploads(self, prefix: str) -> Sequence[tuple[str, str]]:
        found = oss2.MultipartUploadIterator(self.bucket, prefix=prefix, max_uploads=1)
        return [(upload.key, upload.upload_id) for upload in found]

    def multipart(self, key: str, parts: Sequence[bytes]) -> str:
        upload = self.bucket.init_multipart_upload(key).upload_id
        done = []
        for number, part in enumerate(parts, 1):
            result = self.bucket.upload_part(key, upload, number, part)
            done.append(oss2.models.PartInfo(number, result.etag, part_crc=result.crc))
        expect_parts(self.bucket.list_parts(key, upload).parts, parts)
        return str(self.bucket.complete_multipart_upload(key, upload, done).etag)

    def abort(self, key: str) -> None:
        upload = self.bucket.init_multipart_upload(key).upload_id
        self.bucket.upload_part(key, upload, 1, b"x")
        self.bucket.abort_multipart_upload(key, upload)
        self.bucket.list_parts(key, upload)

    def signed(self, method: str, key: str) -> str:
        return str(self.bucket.sign_url(method, key, 60, slash_safe=True))

    def delete(self, key: str) -> None:
        self.bucket.delete_object(key)

    def delete_several(self, keys: Sequence[str]) -> Sequence[str]:
        return list(self.bucket.batch_delete_objects(keys).deleted_keys)

    def information(self) -> str:
        return str(self.bucket.get_bucket_info().location)

    def location(self) -> str:
        return str(self.bucket.get_bucket_location().location)

    def grant(self) -> str:
        return str(self.bucket.get_bucket_acl().acl)

    def buckets(self) -> Sequence[str]:
        return [bucket.name for bucket in oss2.BucketIterator(self.service)]

    def refusal(self, error: Exception) -> Refusal | None:
        if isinstance(error, oss2.exceptions.ServerError):
            return (error.status, error.code, error.details.get("EC"))
        return None


class OssV2:
    """alibabacloud_oss_v2, today's client."""

    name = "alibabacloud_oss_v2"

    def __init__(self, place: Place, version: str) -> None:
        self.place = place
        config = v2.config.load_default()
        credentials = v2.credentials.StaticCredentialsProvider(place.id, place.secret, place.token or None)
        config.credentials_provider = credentials
        config.region = REGION
        config.endpoint = place.endpoint
        config.signature_version = version
        config.retry_max_attempts = 1
        config.proxy_host = place.proxies
        self.client = v2.Client(config)
        self.of = {"bucket": place.bucket}

    def put(self, key: str, body: bytes, headers: dict[str, str] | None = None) -> str:
        request = v2.PutObjectRequest(key=key, body=body, headers=headers or {}, **self.of)
        return str(self.client.put_object(request).etag).strip('"')

    def get(self, key: str) -> bytes:
        return bytes(self.client.get_object(v2.GetObjectRequest(key=key, **self.of)).body.read())

    def get_range(self, key: str, first: int, last: int) -> bytes:
        request = v2.GetObjectRequest(key=key, range_header=f"bytes={first}-{last}", **self.of)
        return bytes(self.client.get_object(request).body.read())

    def head(self, key: str) -> dict[str, str]:
        return dict(self.client.head_object(v2.HeadObjectRequest(key=key, **self.of)).headers)

    def list(self, prefix: str) -> Sequence[str]:
        request = v2.ListObjectsRequest(prefix=prefix, max_keys=1, **self.of)
        return keys_of(self.client.list_objects_paginator().iter_page(request))

    def list_v2(self, prefix: str) -> Sequence[str]:
        request = v2.ListObjectsV2Request(prefix=prefix, max_keys=1, **self.of)
        return keys_of(self.client.list_objects_v2_paginator().iter_page(request))

    def folders(self, prefix: str) -> Sequence[str]:
        request = v2.ListObjectsV2Request(prefix=prefix, delimiter="/", **self.of)
        return [folder.prefix for folder in self.client.list_objects_v2(request).common_prefixes or []]

    def copy(self, source: str, target: str) -> None:
        request = v2.CopyObjectRequest(key=target, source_bucket=self.place.bucket, source_key=source, **self.of)
        self.client.copy_object(request)

    def begin_upload(self, key: str) -> str:
        request = v2.InitiateMultipartUploadRequest(key=key, **self.of)
        return str(self.client.initiate_multipart_upload(request).upload_id)

    def copy_in_parts(self, source: str, target: str, ranges: Sequence[tuple[int, int]]) -> None:
        upload = self.begin_upload(target)
        done = []
        for number, (first, last) in enumerate(ranges, 1):
            request = v2.UploadPartCopyRequest(
                key=target,
                upload_id=upload,
                part_number=number,
                source_bucket=self.place.bucket,
                source_key=source,
                source_range=f"bytes={first}-{last}",
                **self.of,
            )
            done.append((number, str(self.client.upload_part_copy(request).etag)))
        self.complete(target, upload, done)

    def put_part(self, key: str, upload: str, number: int, body: bytes, digest: str | None = None) -> str:
        request = v2.UploadPartRequest(
            key=key, upload_id=upload, part_number=number, body=body, content_md5=digest, **self.of
        )
        return str(self.client.upload_part(request).etag)

    def complete(self, key: str, upload: str, parts: Sequence[tuple[int, str]]) -> None:
        done = [v2.UploadPart(part_number=number, etag=etag) for number, etag in parts]
        whole = v2.CompleteMultipartUpload(parts=done)
        request = v2.CompleteMultipartUploadRequest(
            key=key, upload_id=upload, complete_multipart_upload=whole, **self.of
        )
        self.client.complete_multipart_upload(request)

    def abort_upload(self, key: str, upload: str) -> None:
        self.client.abort_multipart_upload(v2.AbortMultipartUploadRequest(key=key, upload_id=upload, **self.of))

    def uploads(self, prefix: str) -> Sequence[tuple[str, str]]:
        request = v2.ListMultipartUploadsRequest(prefix=prefix, max_uploads=1, **self.of)
        pages = self.client.list_multipart_uploads_paginator().iter_page(request)
        return [(upload.key, upload.upload_id) for page in pages for upload in page.uploads or []]

    def listed_parts(self, key: str, upload: str) -> Sequence[object]:
        return self.client.list_parts(v2.ListPartsRequest(key=key, upload_id=upload, **self.of)).parts or []

    def multipart(self, key: str, parts: Sequence[bytes]) -> str:
        upload = self.begin_upload(key)
        done = []
        for number, part in enumerate(parts, 1):
            request = v2.UploadPartRequest(key=key, upload_id=upload, part_number=number, body=part, **self.of)
            done.append(v2.UploadPart(part_number=number, etag=self.client.upload_part(request).etag))
        expect_parts(self.listed_parts(key, upload), parts)
        whole = v2.CompleteMultipartUpload(parts=done)
        request = v2.CompleteMultipartUploadRequest(
            key=key, upload_id=upload, complete_multipart_upload=whole, **self.of
        )
        return str(self.client.complete_multipart_upload(request).etag).strip('"')

    def abort(self, key: str) -> None:
        upload = self.begin_upload(key)
        request = v2.UploadPartRequest(key=key, upload_id=upload, part_number=1, body=b"x", **self.of)
        self.client.upload_part(request)
        self.client.abort_multipart_upload(v2.AbortMultipartUploadRequest(key=key, upload_id=upload, **self.of))
        self.listed_parts(key, upload)

    def signed(self, method: str, key: str) -> str:
        kind = {"GET": v2.GetObjectRequest, "PUT": v2.PutObjectRequest}[method]
        return str(self.client.presign(kind(key=key, **self.of)).url)

    def delete(self, key: str) -> None:
        self.client.delete_object(v2.DeleteObjectRequest(key=key, **self.of))

    def delete_several(self, keys: Sequence[str]) -> Sequence[str]:
        objects = [v2.DeleteObject(key=key) for key in keys]
        request = v2.DeleteMultipleObjectsRequest(objects=objects, **self.of)
        return [gone.key for gone in self.client.delete_multiple_objects(request).deleted_objects]

    def information(self) -> str:
        return str(self.client.get_bucket_info(v2.GetBucketInfoRequest(**self.of)).bucket_info.location)

    def location(self) -> str:
        return str(self.client.get_bucket_location(v2.GetBucketLocationRequest(**self.of)).location)

    def grant(self) -> str:
        return str(self.client.get_bucket_acl(v2.GetBucketAclRequest(**self.of)).acl)

    def buckets(self) -> Sequence[str]:
        return [bucket.name for bucket in self.client.list_buckets(v2.ListBucketsRequest()).buckets]

    def refusal(self, error: Exception) -> Refusal | None:
        inner = error.unwrap() if isinstance(error, v2.exceptions.OperationError) else error
        if isinstance(inner, v2.exceptions.ServiceError):
            return (inner.status_code, inner.code, inner.ec or None)
        return None


def keys_of(pages: Iterable[Any]) -> Sequence[str]:
    """The keys of listed objects, over all pages."""
    return [item.key for page in pages for item in page.contents or []]
