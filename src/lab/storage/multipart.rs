//! Uploads in parts. The product's own client begins them, puts and copies parts, completes, aborts and lists them; that
//! parts are listed, and uploads in pages, is for the clients of others that are pointed at the lab.

use super::answer::{self, empty, with, with_version, xml};
use super::call::{Call, lock};
use super::objects::{self, Upload};
use super::wire::{CompleteBody, Xml};
use super::words::OssError;
use super::world::DoesWrong;
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
        if self.copies(bucket) {
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
        let kept = match bucket.world.does_wrong {
            Some(DoesWrong::KeepsLastPart) => named.len().saturating_sub(1),
            _ => 0,
        };
        let content = contents.join(id, key, &named[kept..])?;
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

    /// `GET ?uploads` of a bucket: by key, and those of one key by their ids.
    pub(super) fn uploads(&self, bucket: &Bucket) -> Result<Response, OssError> {
        let of = |name: &str| self.request.parameter(name).unwrap_or_default();
        let (prefix, after, after_id) = (of("prefix"), of("key-marker"), of("upload-id-marker"));
        let most = match of("max-uploads") {
            "" => 1000,
            text => text.parse().ok().filter(|most| (1..=1000).contains(most)).ok_or_else(|| {
                let error = OssError::invalid_argument("Argument maxUploads must be an integer between 1 and 1000.");
                error.with("ArgumentName", "max-uploads").with("ArgumentValue", text)
            })?,
        };
        let contents = lock(bucket);
        let mut open: Vec<_> = contents.uploads.iter().filter(|(_, upload)| upload.key.starts_with(prefix)).collect();
        open.sort_by_key(|(id, upload)| (&upload.key, *id));
        // Without the id of one, all of the key are past.
        let later = |(id, upload): &(&String, &Upload)| {
            upload.key.as_str() > after || (upload.key == after && !after_id.is_empty() && id.as_str() > after_id)
        };
        open.retain(later);
        let shown = &open[..open.len().min(most)];
        let next = shown.last().filter(|_| shown.len() < open.len());
        Ok(xml(Xml::document("ListMultipartUploadsResult", |xml| {
            xml.text("Bucket", &bucket.name);
            xml.text_if("EncodingType", Some(of("encoding-type")).filter(|kind| !kind.is_empty()));
            xml.text("Prefix", self.shown(prefix));
            xml.text("KeyMarker", self.shown(after));
            xml.text("UploadIdMarker", after_id);
            // Both are there at the end too, empty: oss2 fails where one is missing.
            xml.text("NextKeyMarker", next.map(|(_, upload)| self.shown(&upload.key)).unwrap_or_default());
            xml.text("NextUploadIdMarker", next.map_or("", |(id, _)| id));
            xml.text("MaxUploads", most);
            xml.text("IsTruncated", next.is_some());
            for (id, upload) in shown {
                xml.nest("Upload", |xml| {
                    xml.text("Key", self.shown(&upload.key));
                    xml.text("UploadId", id);
                    xml.text("Initiated", time_of(upload.begun));
                });
            }
        })))
    }
}
