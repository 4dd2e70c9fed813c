//! Uploads in parts, for the clients of others that are pointed at the lab: the product's own client puts objects whole.

use super::answer::{self, empty, with, with_version, xml};
use super::call::{Call, lock};
use super::objects::{self, Upload};
use super::wire::{CompleteBody, Xml};
use super::words::OssError;
use super::{Bucket, time_of};
use crate::http::Response;

impl Call<'_> {
    /// `POST ?uploads`: begins an upload.
    pub(super) fn initiate(&self, bucket: &Bucket, key: &str) -> Result<Response, OssError> {
        self.allowed(Some(bucket), "oss:PutObject")?;
        let content = self.content()?;
        let mut contents = lock(bucket);
        let id = format!("{:032X}", contents.number());
        let upload = Upload {
            key: key.to_owned(),
            begun: self.oss.now(),
            content_type: content.content_type,
            metadata: content.metadata,
            parts: Default::default(),
        };
        contents.uploads.insert(id.clone(), upload);
        Ok(xml(Xml::document("InitiateMultipartUploadResult", |xml| {
            xml.text("Bucket", &bucket.name);
            xml.text("Key", self.shown(key));
            xml.text("UploadId", &id);
        })))
    }

    /// `PUT ?partNumber&uploadId`: a part, sent or copied.
    pub(super) fn put_part(&self, bucket: &Bucket, key: &str, id: &str) -> Result<Response, OssError> {
        self.allowed(Some(bucket), "oss:PutObject")?;
        let number = self.request.parameter("partNumber").and_then(|number| number.parse().ok()).unwrap_or(0);
        let now = self.oss.now();
        if self.request.header("x-oss-copy-source").is_some() {
            let body = self.source()?.body;
            let range = self.request.header("x-oss-copy-source-range").and_then(|range| {
                let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
                Some((first.parse::<usize>().ok()?, last.parse::<usize>().ok()?))
            });
            let part = match range {
                Some((first, last)) if first <= last && last < body.len() => body.slice(first..=last),
                _ => body,
            };
            let etag = lock(bucket).put_part(id, key, number, part, now)?;
            return Ok(with(answer::copied("CopyPartResult", &etag, now), "etag", format!("\"{etag}\"")));
        }
        self.whole()?;
        let etag = lock(bucket).put_part(id, key, number, self.body.clone(), now)?;
        let answer = with(empty(200), "etag", format!("\"{etag}\""));
        Ok(with(answer, "x-oss-hash-crc64ecma", objects::crc64(self.body)))
    }

    /// `POST ?uploadId`: makes the object of the parts.
    pub(super) fn complete(&self, bucket: &Bucket, key: &str, id: &str) -> Result<Response, OssError> {
        self.allowed(Some(bucket), "oss:PutObject")?;
        self.mutable(bucket, key)?;
        let mut contents = lock(bucket);
        let named: Vec<(u32, String)> = match self.request.header("x-oss-complete-all") {
            Some("yes") => {
                let upload = contents.upload(id, key)?;
                upload.parts.iter().map(|(number, part)| (*number, part.etag.clone())).collect()
            }
            _ => {
                let body: CompleteBody = self.parse()?;
                body.parts.into_iter().map(|part| (part.part_number, part.etag)).collect()
            }
        };
        let content = contents.join(id, key, &named)?;
        contents.uploads.remove(id);
        let (etag, crc64) = (content.etag.clone(), content.crc64);
        let version = contents.put(key, content, bucket.world.versioned, self.oss.now())?;
        let answer = xml(Xml::document("CompleteMultipartUploadResult", |xml| {
            xml.text_if("EncodingType", self.request.parameter("encoding-type"));
            let host = format!("{}.oss-{}.aliyuncs.com", bucket.name, bucket.world.region);
            xml.text("Location", format!("http://{host}/{}", self.shown(key)));
            xml.text("Bucket", &bucket.name);
            xml.text("Key", self.shown(key));
            xml.text("ETag", format!("\"{etag}\""));
        }));
        let answer = with(answer, "etag", format!("\"{etag}\""));
        Ok(with_version(with(answer, "x-oss-hash-crc64ecma", crc64), &version))
    }

    /// `GET ?uploadId`.
    pub(super) fn list_parts(&self, bucket: &Bucket, key: &str, id: &str) -> Result<Response, OssError> {
        self.allowed(Some(bucket), "oss:ListParts")?;
        let mut contents = lock(bucket);
        let upload = contents.upload(id, key)?;
        let after: u32 = self.request.parameter("part-number-marker").and_then(|at| at.parse().ok()).unwrap_or(0);
        let most: usize = self.request.parameter("max-parts").and_then(|most| most.parse().ok()).unwrap_or(1000);
        let later: Vec<_> = upload.parts.range(after.saturating_add(1)..).collect();
        let shown = &later[..later.len().min(most)];
        Ok(xml(Xml::document("ListPartsResult", |xml| {
            xml.text("Bucket", &bucket.name);
            xml.text("Key", self.shown(key));
            xml.text("UploadId", id);
            xml.text("PartNumberMarker", after);
            xml.text_if("NextPartNumberMarker", shown.last().map(|(number, _)| **number));
            xml.text("MaxParts", most);
            xml.text("IsTruncated", shown.len() < later.len());
            for (number, part) in shown {
                xml.nest("Part", |xml| {
                    xml.text("PartNumber", number);
                    xml.text("LastModified", time_of(part.modified));
                    xml.text("ETag", format!("\"{}\"", part.etag));
                    xml.text("Size", part.body.len());
                });
            }
        })))
    }

    /// `DELETE ?uploadId`.
    pub(super) fn abort(&self, bucket: &Bucket, key: &str, id: &str) -> Result<Response, OssError> {
        self.allowed(Some(bucket), "oss:AbortMultipartUpload")?;
        let mut contents = lock(bucket);
        contents.upload(id, key)?;
        contents.uploads.remove(id);
        Ok(empty(204))
    }

    /// `GET ?uploads` of a bucket.
    pub(super) fn uploads(&self, bucket: &Bucket) -> Response {
        let contents = lock(bucket);
        let prefix = self.request.parameter("prefix").unwrap_or_default();
        xml(Xml::document("ListMultipartUploadsResult", |xml| {
            xml.text("Bucket", &bucket.name);
            xml.text("Prefix", self.shown(prefix));
            xml.text("MaxUploads", 1000);
            xml.text("IsTruncated", false);
            for (id, upload) in contents.uploads.iter().filter(|(_, upload)| upload.key.starts_with(prefix)) {
                xml.nest("Upload", |xml| {
                    xml.text("Key", self.shown(&upload.key));
                    xml.text("UploadId", id);
                    xml.text("Initiated", time_of(upload.begun));
                });
            }
        }))
    }
}
