//! Listings of a bucket. The product's own client lists with version 2 and without delimiters; version 1 and delimiters
//! are for the clients of others that are pointed at the lab.

use base64::Engine as _;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::canonical::SignedRequest;
use super::objects::{Content, Contents, Object};
use super::wire::Xml;
use super::words::OssError;

/// With `encoding-type=url`.
const ENCODED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// One page of a listing.
struct Page<'a> {
    objects: Vec<(&'a str, &'a Object, &'a Content)>,
    /// Common prefixes.
    folders: Vec<String>,
    /// The last thing of the page, where there is more.
    next: Option<String>,
}

/// Things after `after`, at most `most`.
fn page<'a>(contents: &'a Contents, prefix: &str, delimiter: &str, after: &str, most: usize) -> Page<'a> {
    let mut page = Page { objects: Vec::new(), folders: Vec::new(), next: None };
    let mut last = String::new();
    for (key, object, content) in contents.current() {
        let Some(rest) = key.strip_prefix(prefix) else { continue };
        let at = rest.find(delimiter).filter(|_| !delimiter.is_empty());
        let folder = at.map(|at| format!("{prefix}{}", &rest[..at + delimiter.len()]));
        let name = folder.as_deref().unwrap_or(key);
        // What lies in a folder that was the last thing of a page is of that page.
        if name <= after || (folder.is_some() && page.folders.last() == folder.as_ref()) {
            continue;
        }
        if page.objects.len() + page.folders.len() == most {
            page.next = Some(last);
            return page;
        }
        last = name.to_owned();
        match folder {
            Some(folder) => page.folders.push(folder),
            None => page.objects.push((key, object, content)),
        }
    }
    page
}

/// How many things a page may have.
fn most_of(text: &str) -> Result<usize, OssError> {
    if text.is_empty() {
        return Ok(100);
    }
    text.parse().ok().filter(|most| (1..=1000).contains(most)).ok_or_else(|| {
        let error = OssError::invalid_argument("Argument maxKeys must be an integer between 1 and 1000.");
        error.with("ArgumentName", "max-keys").with("ArgumentValue", text)
    })
}

/// The last thing of the page before, which a continuation token holds.
fn after_of(token: &str) -> Result<String, OssError> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(token).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.ok_or_else(|| OssError::invalid_argument("The continuation token provided is incorrect."))
}

/// The answer to a listing.
pub(super) fn list(contents: &Contents, signed: &SignedRequest, bucket: &str, owner: &str) -> Result<String, OssError> {
    let of = |name: &str| signed.parameter(name).unwrap_or_default();
    let second = of("list-type") == "2";
    let url = match of("encoding-type") {
        "" => false,
        "url" => true,
        _ => return Err(OssError::invalid_argument("Invalid Encoding Method specified in Request.")),
    };
    let shown = |text: &str| match url {
        true => utf8_percent_encode(text, &ENCODED).to_string(),
        false => text.to_owned(),
    };
    let most = most_of(of("max-keys"))?;
    let (prefix, delimiter) = (of("prefix"), of("delimiter"));
    let token = of("continuation-token");
    let after = match (second, token) {
        (false, _) => of("marker").to_owned(),
        (true, "") => of("start-after").to_owned(),
        (true, token) => after_of(token)?,
    };
    let page = page(contents, prefix, delimiter, &after, most);
    Ok(Xml::document("ListBucketResult", |xml| {
        xml.text("Name", bucket);
        xml.text("Prefix", shown(prefix));
        match second {
            true => {
                xml.text_if("StartAfter", signed.parameter("start-after").map(shown));
                xml.text_if("ContinuationToken", Some(token).filter(|token| !token.is_empty()));
            }
            false => xml.text("Marker", shown(of("marker"))),
        }
        xml.text("MaxKeys", most);
        xml.text("Delimiter", shown(delimiter));
        xml.text_if("EncodingType", url.then_some("url"));
        xml.text("IsTruncated", page.next.is_some());
        match second {
            true => {
                let next = page.next.as_ref().map(|next| base64::engine::general_purpose::STANDARD.encode(next));
                xml.text_if("NextContinuationToken", next);
                xml.text("KeyCount", page.objects.len() + page.folders.len());
            }
            false => xml.text_if("NextMarker", page.next.as_deref().map(shown)),
        }
        let owner = (!second || of("fetch-owner") == "true").then_some(owner);
        for (key, object, content) in &page.objects {
            xml.nest("Contents", |xml| {
                xml.text("Key", shown(key));
                describe(xml, object, content, owner);
            });
        }
        for folder in &page.folders {
            xml.nest("CommonPrefixes", |xml| xml.text("Prefix", shown(folder)));
        }
    }))
}

/// What a listing tells of an object besides its key.
fn describe(xml: &mut Xml, object: &Object, content: &Content, owner: Option<&str>) {
    xml.text("LastModified", super::time_of(object.modified));
    xml.text("ETag", format!("\"{}\"", content.etag));
    xml.text("Type", content.kind);
    xml.text("Size", content.body.len());
    xml.text("StorageClass", "Standard");
    if let Some(owner) = owner {
        xml.nest("Owner", |xml| {
            xml.text("ID", owner);
            xml.text("DisplayName", owner);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents() -> Contents {
        let mut contents = Contents::default();
        for key in ["a/1", "a/2", "b", "c/x/1", "c/y", "é d"] {
            let content = Content::new(bytes::Bytes::from_static(b"x"), None, Vec::new());
            contents.put(key, content, false, jiff::Timestamp::UNIX_EPOCH).unwrap();
        }
        contents
    }

    fn listing(query: &[(&str, &str)]) -> Result<String, OssError> {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let signed = SignedRequest {
            method: http::Method::GET,
            headers: http::HeaderMap::new(),
            resource: "/b/".to_owned(),
            query,
        };
        list(&contents(), &signed, "b", "1")
    }

    fn all(xml: &str, element: &str) -> Vec<String> {
        let open = format!("<{element}>");
        xml.split(&open).skip(1).map(|rest| rest[..rest.find("</").unwrap()].to_owned()).collect()
    }

    #[test]
    fn walks_by_marker_and_by_token_over_keys_and_folders() {
        for (kind, next, from) in [("1", "NextMarker", "marker"), ("2", "NextContinuationToken", "continuation-token")]
        {
            let mut seen = Vec::new();
            let mut at = String::new();
            loop {
                let query = [("list-type", kind), ("delimiter", "/"), ("max-keys", "1"), (from, at.as_str())];
                let xml = listing(&query).unwrap();
                seen.extend(all(&xml, "Key"));
                seen.extend(all(&xml, "CommonPrefixes><Prefix"));
                match all(&xml, next).first() {
                    Some(next) => at = next.clone(),
                    None => break,
                }
            }
            assert_eq!(seen, ["a/", "b", "c/", "é d"], "list-type {kind}");
        }
    }

    #[test]
    fn filters_by_prefix_and_encodes_keys() {
        let xml = listing(&[("prefix", "c/"), ("delimiter", "/")]).unwrap();
        assert_eq!(
            (all(&xml, "Key"), all(&xml, "CommonPrefixes><Prefix")),
            (vec!["c/y".to_owned()], vec!["c/x/".to_owned()])
        );
        let xml = listing(&[("prefix", "é"), ("encoding-type", "url")]).unwrap();
        assert_eq!(all(&xml, "Key"), ["%C3%A9%20d"]);
        assert!(listing(&[("max-keys", "0")]).is_err());
    }
}
