//! The objects of a bucket, in memory and bounded.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use md5::{Digest as _, Md5};

use super::words::OssError;

/// The most that a bucket holds, in bytes and in versions of objects.
const MOST_BYTES: usize = 640 << 20;
const MOST_VERSIONS: usize = 20_000;
/// The smallest part, in bytes; only the last can be smaller.
const SMALLEST_PART: usize = 100 * 1024;
/// The most parts of an upload.
const MOST_PARTS: u32 = 10_000;

/// One object, or one version of it.
#[derive(Debug, Clone)]
pub(super) struct Object {
    /// `null` where the bucket keeps no versions.
    pub version: String,
    /// None is a delete marker.
    pub content: Option<Content>,
    pub modified: Timestamp,
}

/// What an object holds.
#[derive(Debug, Clone)]
pub(super) struct Content {
    pub body: Bytes,
    /// Upper-case hexadecimal, without quotes.
    pub etag: String,
    pub crc64: u64,
    pub content_type: String,
    /// `x-oss-meta-` headers, and those of HTTP that are kept.
    pub metadata: Vec<(String, String)>,
    /// `Normal` or `Multipart`.
    pub kind: &'static str,
}

impl Content {
    /// A body that was put whole.
    pub(super) fn new(body: Bytes, content_type: Option<&str>, metadata: Vec<(String, String)>) -> Content {
        let etag = hex::encode_upper(Md5::digest(&body));
        let content_type = content_type.unwrap_or("application/octet-stream").to_owned();
        Content { crc64: crc64(&body), etag, body, content_type, metadata, kind: "Normal" }
    }
}

/// An upload in parts that is not complete.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    pub key: String,
    pub begun: Timestamp,
    pub content_type: String,
    pub metadata: Vec<(String, String)>,
    pub parts: BTreeMap<u32, Part>,
}

/// A part of an upload.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub body: Bytes,
    pub etag: String,
    pub modified: Timestamp,
}

/// What a bucket holds.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// By key; the versions of each, the latest last.
    objects: BTreeMap<String, Vec<Object>>,
    pub uploads: BTreeMap<String, Upload>,
    counter: u64,
}

impl Contents {
    /// With empty objects of these keys.
    pub(super) fn of(keys: &[String]) -> Contents {
        let object = |key: &String| {
            let content = Some(Content::new(Bytes::new(), None, Vec::new()));
            (key.clone(), vec![Object { version: "null".to_owned(), content, modified: Timestamp::UNIX_EPOCH }])
        };
        Contents { objects: keys.iter().map(object).collect(), ..Contents::default() }
    }

    /// A number that no other thing of this bucket has.
    pub(super) fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// The current objects, in the order of their keys.
    pub(super) fn current(&self) -> impl Iterator<Item = (&str, &Object, &Content)> {
        self.objects.iter().filter_map(|(key, versions)| {
            let latest = versions.last()?;
            Some((key.as_str(), latest, latest.content.as_ref()?))
        })
    }

    /// An object, or a version of it.
    pub(super) fn get(&self, key: &str, version: Option<&str>) -> Result<(&Object, &Content), OssError> {
        let versions = self.objects.get(key).ok_or_else(|| OssError::no_such_key(key))?;
        let found = match version {
            None => versions.last(),
            Some(version) => versions.iter().find(|object| object.version == version),
        };
        let found =
            found.ok_or_else(|| OssError::new(404, "NoSuchVersion", "The specified version does not exist."))?;
        let content = found.content.as_ref().ok_or_else(|| OssError::no_such_key(key))?;
        Ok((found, content))
    }

    /// Puts an object; returns its version.
    pub(super) fn put(
        &mut self,
        key: &str,
        content: Content,
        versioned: bool,
        now: Timestamp,
    ) -> Result<String, OssError> {
        self.room(content.body.len())?;
        let version = self.version(versioned);
        let versions = self.objects.entry(key.to_owned()).or_default();
        if !versioned {
            versions.retain(|object| object.version != "null");
        }
        versions.push(Object { version: version.clone(), content: Some(content), modified: now });
        Ok(version)
    }

    /// Deletes an object, or a version of it; in a versioned bucket the former leaves a delete marker. Returns the
    /// marker's version, or the deleted one's, and whether it is of a marker.
    pub(super) fn delete(
        &mut self,
        key: &str,
        version: Option<&str>,
        versioned: bool,
        now: Timestamp,
    ) -> (String, bool) {
        if let Some(version) = version {
            let versions = self.objects.entry(key.to_owned()).or_default();
            let at = versions.iter().position(|object| object.version == version);
            let marker = at.map(|at| versions.remove(at)).is_some_and(|object| object.content.is_none());
            if versions.is_empty() {
                self.objects.remove(key);
            }
            return (version.to_owned(), marker);
        }
        if !versioned {
            self.objects.remove(key);
            return ("null".to_owned(), false);
        }
        let marker = self.version(true);
        let object = Object { version: marker.clone(), content: None, modified: now };
        self.objects.entry(key.to_owned()).or_default().push(object);
        (marker, true)
    }

    fn version(&mut self, versioned: bool) -> String {
        match versioned {
            true => format!("CAEQLab{:016X}", self.number()),
            false => "null".to_owned(),
        }
    }

    /// Takes a part of an upload.
    pub(super) fn put_part(
        &mut self,
        id: &str,
        key: &str,
        number: u32,
        body: Bytes,
        now: Timestamp,
    ) -> Result<String, OssError> {
        self.room(body.len())?;
        if !(1..=MOST_PARTS).contains(&number) {
            let message = "Part number must be an integer between 1 and 10000, inclusive.";
            return Err(OssError::invalid_argument(message).with("ArgumentName", "partNumber"));
        }
        let upload = self.upload(id, key)?;
        let etag = hex::encode_upper(Md5::digest(&body));
        upload.parts.insert(number, Part { body, etag: etag.clone(), modified: now });
        Ok(etag)
    }

    /// An upload that was begun and neither completed nor aborted.
    pub(super) fn upload(&mut self, id: &str, key: &str) -> Result<&mut Upload, OssError> {
        let upload = self.uploads.get_mut(id).filter(|upload| upload.key == key);
        upload.ok_or_else(|| {
            let message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been \
                           aborted or completed.";
            OssError::new(404, "NoSuchUpload", message).with("UploadId", id)
        })
    }

    /// Joins the named parts, which must be there, in order and large enough.
    pub(super) fn join(&mut self, id: &str, key: &str, named: &[(u32, String)]) -> Result<Content, OssError> {
        let upload = self.upload(id, key)?;
        let in_order = named.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if !in_order {
            let message = "The list of parts was not in ascending order.";
            return Err(OssError::new(400, "InvalidPartOrder", message));
        }
        let mut body = Vec::new();
        let mut digests = Vec::new();
        for (at, (number, etag)) in named.iter().enumerate() {
            let part = upload.parts.get(number).filter(|part| part.etag == etag.trim_matches('"').to_ascii_uppercase());
            let part = part.ok_or_else(|| {
                let message = "One or more of the specified parts could not be found or the specified entity tag might \
                               not have matched the part's entity tag.";
                OssError::new(400, "InvalidPart", message).with("PartNumber", number.to_string())
            })?;
            if at + 1 < named.len() && part.body.len() < SMALLEST_PART {
                let message = "Your proposed upload is smaller than the minimum allowed size.";
                return Err(OssError::new(400, "EntityTooSmall", message));
            }
            body.extend_from_slice(&part.body);
            digests.extend(Md5::digest(&part.body));
        }
        if named.is_empty() {
            return Err(OssError::new(400, "MalformedXML", "The XML you provided was not well-formed."));
        }
        let mut content = Content::new(body.into(), Some(&upload.content_type), upload.metadata.clone());
        content.etag = format!("{}-{}", hex::encode_upper(Md5::digest(&digests)), named.len());
        content.kind = "Multipart";
        Ok(content)
    }

    fn room(&self, more: usize) -> Result<(), OssError> {
        let versions = self.objects.values().flatten();
        let (count, bytes) = versions.fold((0, 0), |(count, bytes), object| {
            (count + 1, bytes + object.content.as_ref().map_or(0, |content| content.body.len()))
        });
        let parts: usize =
            self.uploads.values().flat_map(|upload| upload.parts.values()).map(|part| part.body.len()).sum();
        if count >= MOST_VERSIONS || bytes + parts + more > MOST_BYTES {
            let message = "The lab's bucket is full.";
            return Err(OssError::new(400, "EntityTooLarge", message));
        }
        Ok(())
    }
}

/// CRC-64 of ECMA-182 in its reflected form (CRC-64/XZ), as `x-oss-hash-crc64ecma` has it.
pub(super) fn crc64(bytes: &[u8]) -> u64 {
    const TABLE: [u64; 256] = {
        let mut table = [0u64; 256];
        let mut at = 0;
        while at < 256 {
            let mut value = at as u64;
            let mut bit = 0;
            while bit < 8 {
                value = if value & 1 == 1 { (value >> 1) ^ 0xC96C_5795_D787_0F42 } else { value >> 1 };
                bit += 1;
            }
            table[at] = value;
            at += 1;
        }
        table
    };
    let fold = |crc: u64, byte: &u8| TABLE[((crc ^ u64::from(*byte)) & 0xFF) as usize] ^ (crc >> 8);
    !bytes.iter().fold(!0, fold)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc64_has_the_check_value_of_its_catalogue() {
        assert_eq!(crc64(b"123456789"), 0x995D_C9BB_DF19_39FA);
        assert_eq!(crc64(b""), 0);
    }

    #[test]
    fn versions_are_kept_until_each_is_deleted() {
        let mut contents = Contents::default();
        let now = Timestamp::UNIX_EPOCH;
        let content = || Content::new(Bytes::from_static(b"x"), None, Vec::new());
        let version = contents.put("k", content(), true, now).unwrap();
        let (marker, is_marker) = contents.delete("k", None, true, now);
        assert!(is_marker);
        assert!(contents.get("k", None).is_err());
        assert!(contents.get("k", Some(&version)).is_ok());
        assert_eq!(contents.delete("k", Some(&marker), true, now), (marker.clone(), true));
        assert!(contents.get("k", None).is_ok());
        contents.delete("k", Some(&version), true, now);
        assert_eq!(contents.current().count(), 0);
        assert!(contents.objects.is_empty());
    }
}
