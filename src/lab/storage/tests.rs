//! The service from outside its signatures: what it does, what it refuses, in whose words.

use super::*;
use bytes::Bytes;
use http_body_util::BodyExt as _;

const INTERNAL: &str = "lab-dss-data.oss-cn-hangzhou-internal.aliyuncs.com";

fn oss(edits: &[(&'static str, &'static str)]) -> Oss {
    let mut world = World::healthy().unwrap();
    for (at, json) in edits {
        world.apply(&ackcheck_core::fault::Fault::Set(at, json)).unwrap();
    }
    Oss::new(&world).unwrap()
}

/// A request signed with version 1 at `now`, `ahead` seconds off.
fn signed(oss: &Oss, method: &str, host: &str, target: &str, body: &'static str, ahead: i64) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let bucket = oss.of_host(host).and_then(|(bucket, _)| bucket);
    let resource = match bucket {
        Some(bucket) => format!("/{bucket}{path}"),
        None => path.to_owned(),
    };
    let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name.to_owned(), value.to_owned())
    });
    let date = answer::http_date(Timestamp::now().checked_add(SignedDuration::from_secs(ahead)).unwrap());
    let mut headers = http::HeaderMap::new();
    headers.insert("date", date.parse().unwrap());
    let signed = SignedRequest { method: method.parse().unwrap(), headers, resource, query: query.collect() };
    let signature = canonical::signature_v1(&key_of().1, &signed.string_to_sign_v1(&date));
    http::Request::builder()
        .method(method)
        .uri(target)
        .header("date", date)
        .header("authorization", format!("OSS {}:{signature}", key_of().0))
        .body(Bytes::from_static(body.as_bytes()))
        .unwrap()
}

/// The site's key, whatever the service thinks of it.
fn key_of() -> (String, String) {
    let key = World::healthy().unwrap().deployment().unwrap().oss_key;
    (key.id, key.secret)
}

async fn send(oss: &Oss, host: &str, request: Request) -> (u16, http::HeaderMap, String) {
    let (parts, body) = oss.answer(host, request).await.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (parts.status.as_u16(), parts.headers, String::from_utf8_lossy(&body).into_owned())
}

async fn ask(oss: &Oss, method: &str, host: &str, target: &str) -> (u16, http::HeaderMap, String) {
    send(oss, host, signed(oss, method, host, target, "", 0)).await
}

#[tokio::test]
async fn puts_gets_by_range_and_deletes() {
    let oss = oss(&[]);
    let put = signed(&oss, "PUT", INTERNAL, "/dss/a", "0123456789", 0);
    assert_eq!(send(&oss, INTERNAL, put).await.0, 200);
    let mut get = signed(&oss, "GET", INTERNAL, "/dss/a", "", 0);
    get.headers_mut().insert("range", "bytes=2-4".parse().unwrap());
    let (status, headers, body) = send(&oss, INTERNAL, get).await;
    assert_eq!((status, body.as_str()), (206, "234"));
    assert_eq!(headers["content-range"], "bytes 2-4/10");
    assert_eq!(headers["etag"], "\"781E5E245D69B566979B86E28D23F2C7\"");
    let (status, headers, _) = ask(&oss, "HEAD", INTERNAL, "/dss/a").await;
    assert_eq!((status, &headers["content-length"]), (200, &HeaderValue::from_static("10")));
    assert_eq!(ask(&oss, "DELETE", INTERNAL, "/dss/a").await.0, 204);
    assert_eq!(ask(&oss, "DELETE", INTERNAL, "/dss/a").await.0, 204);
    let (status, headers, _) = ask(&oss, "HEAD", INTERNAL, "/dss/a").await;
    assert_eq!(status, 404);
    assert!(headers.contains_key("x-oss-err"));
}

#[tokio::test]
async fn refuses_by_name_region_and_address_style() {
    let oss = oss(&[]);
    let (status, _, body) = ask(&oss, "GET", "lab-dss-data.oss-cn-shanghai.aliyuncs.com", "/?bucketInfo").await;
    assert_eq!(status, 403);
    assert!(body.contains("<Endpoint>oss-cn-hangzhou.aliyuncs.com</Endpoint>"), "{body}");
    assert!(body.contains("<Bucket>lab-dss-data</Bucket>"), "{body}");
    let (status, _, body) = ask(&oss, "GET", "none-here.oss-cn-hangzhou.aliyuncs.com", "/").await;
    assert!(status == 404 && body.contains("<Code>NoSuchBucket</Code>"), "{body}");
    let bare = "oss-cn-hangzhou.aliyuncs.com";
    let (status, _, body) = ask(&oss, "GET", bare, "/lab-dss-data/a").await;
    assert!(status == 403 && body.contains("SecondLevelDomainForbidden"), "{body}");
    let (status, _, body) = ask(&oss, "GET", bare, "/").await;
    assert!(status == 200 && body.contains("<Name>lab-dss-data</Name>"), "{body}");
    let (status, _, body) = ask(&oss, "GET", "127.0.0.1", "/lab-dss-data/?location").await;
    assert!(status == 200 && body.contains(">oss-cn-hangzhou<"), "{body}");
}

#[tokio::test]
async fn refuses_keys_and_signatures_with_their_fine_grained_codes() {
    for (edits, ahead, code, ec) in [
        (&[("/storage/key/state", "\"deleted\"")][..], 0, "InvalidAccessKeyId", "0002-00000902"),
        (&[("/storage/key/state", "\"disabled\"")], 0, "InvalidAccessKeyId", "0002-00000902"),
        (&[("/storage/key/secret", "\"another\"")], 0, "SignatureDoesNotMatch", "0002-00000040"),
        (&[("/storage/clock_ahead_seconds", "1000")], 0, "RequestTimeTooSkewed", "0002-00000504"),
        (&[], 1000, "RequestTimeTooSkewed", "0002-00000504"),
        (&[("/storage/bucket/refuses", "\"referer\"")], 0, "AccessDenied", "0003-00000501"),
        (&[("/storage/key/denied", "[\"oss:ListObjects\"]")], 0, "AccessDenied", "0003-00000001"),
    ] {
        let oss = oss(edits);
        let request = signed(&oss, "GET", INTERNAL, "/?prefix=dss", "", ahead);
        let (status, headers, body) = send(&oss, INTERNAL, request).await;
        assert_eq!(status, 403, "{body}");
        assert!(body.contains(&format!("<Code>{code}</Code>")), "{code}: {body}");
        assert_eq!(headers["x-oss-ec"], ec, "{body}");
        assert!(body.contains(&format!("<EC>{ec}</EC>")), "{body}");
    }
    let healthy = oss(&[]);
    let anonymous = http::Request::get("/").body(Bytes::new()).unwrap();
    assert_eq!(send(&healthy, INTERNAL, anonymous).await.0, 403);
    let within = signed(&healthy, "GET", INTERNAL, "/?prefix=dss", "", 800);
    assert_eq!(send(&healthy, INTERNAL, within).await.0, 200);
    let v1 = signed(&oss(&[("/storage/bucket/v1_refused", "true")]), "GET", INTERNAL, "/", "", 0);
    assert_eq!(send(&oss(&[("/storage/bucket/v1_refused", "true")]), INTERNAL, v1).await.0, 400);
}

#[tokio::test]
async fn a_signature_covers_what_it_says() {
    let oss = oss(&[]);
    let mut moved = signed(&oss, "PUT", INTERNAL, "/dss/a", "x", 0);
    *moved.uri_mut() = "/dss/b".parse().unwrap();
    let (status, _, body) = send(&oss, INTERNAL, moved).await;
    assert!(status == 403 && body.contains("<StringToSign>PUT\n"), "{body}");
    let mut digest = signed(&oss, "PUT", INTERNAL, "/dss/a", "x", 0);
    digest.headers_mut().insert("x-oss-meta-added", "later".parse().unwrap());
    assert_eq!(send(&oss, INTERNAL, digest).await.0, 403);
}

#[tokio::test]
async fn a_versioned_bucket_says_so_and_a_retained_one_keeps() {
    let versioned = oss(&[("/storage/bucket/versioned", "true")]);
    let put = signed(&versioned, "PUT", INTERNAL, "/a", "x", 0);
    let (_, headers, _) = send(&versioned, INTERNAL, put).await;
    let version = headers["x-oss-version-id"].to_str().unwrap().to_owned();
    let (_, headers, _) = ask(&versioned, "DELETE", INTERNAL, "/a").await;
    assert_eq!(headers["x-oss-delete-marker"], "true");
    assert_eq!(ask(&versioned, "GET", INTERNAL, &format!("/a?versionId={version}")).await.0, 200);
    let retained = oss(&[("/storage/bucket/retention", "true")]);
    let put = signed(&retained, "PUT", INTERNAL, "/a", "x", 0);
    assert_eq!(send(&retained, INTERNAL, put).await.0, 200);
    let (status, _, body) = ask(&retained, "DELETE", INTERNAL, "/a").await;
    assert!(status == 409 && body.contains("FileImmutable"), "{body}");
}

/// A listing signed for with version 4: signed in a header, or in a URL that lasts `url` seconds.
fn signed_v4(region: &str, ahead: i64, url: Option<&str>) -> Request {
    let (id, secret) = key_of();
    let now = Timestamp::now().checked_add(SignedDuration::from_secs(ahead)).unwrap();
    let time = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let scope = format!("{}/{region}/oss/aliyun_v4_request", &time[..8]);
    let credential = format!("{id}/{scope}");
    let mut headers = http::HeaderMap::new();
    let mut query = vec![("prefix".to_owned(), "dss".to_owned())];
    match url {
        None => {
            headers.insert("x-oss-date", time.parse().unwrap());
            headers.insert("x-oss-content-sha256", "UNSIGNED-PAYLOAD".parse().unwrap());
        }
        Some(lasts) => query.extend(
            [
                ("x-oss-signature-version", canonical::V4),
                ("x-oss-credential", &credential),
                ("x-oss-date", &time),
                ("x-oss-expires", lasts),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        ),
    }
    let resource = "/lab-dss-data/".to_owned();
    let mut signed = SignedRequest { method: http::Method::GET, headers, resource, query };
    let text = canonical::string_to_sign_v4(&time, &scope, &signed.canonical_request_v4(&[]));
    let signature = canonical::signature_v4(&secret, &time[..8], region, &text);
    match url {
        None => {
            // Two spellings are in use: this one is oss2's.
            let value = format!("{} Credential={credential}, Signature={signature}", canonical::V4);
            signed.headers.insert("authorization", value.parse().unwrap());
        }
        Some(_) => signed.query.push(("x-oss-signature".to_owned(), signature)),
    }
    let query: Vec<String> = signed.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut request = http::Request::get(format!("/?{}", query.join("&"))).body(Bytes::new()).unwrap();
    *request.headers_mut() = signed.headers;
    request
}

#[tokio::test]
async fn version_4_is_for_its_region_and_its_time() {
    let oss = oss(&[]);
    for (region, ahead, url, status, said) in [
        ("cn-hangzhou", 0, None, 200, "ListBucketResult"),
        ("cn-hangzhou", 0, Some("60"), 200, "ListBucketResult"),
        ("cn-hangzhou", -800, None, 200, "ListBucketResult"),
        ("cn-hangzhou", -30, Some("604800"), 200, "ListBucketResult"),
        ("cn-shanghai", 0, None, 400, "<EC>0002-00000226</EC>"),
        ("cn-shanghai", 0, Some("60"), 400, "<EC>0002-00000226</EC>"),
        ("cn-hangzhou", -1000, None, 403, "RequestTimeTooSkewed"),
        ("cn-hangzhou", 1000, Some("60"), 403, "RequestTimeTooSkewed"),
        ("cn-hangzhou", -120, Some("60"), 403, "Request has expired."),
        ("cn-hangzhou", 0, Some("604801"), 400, "x-oss-expires"),
    ] {
        let (seen, _, body) = send(&oss, INTERNAL, signed_v4(region, ahead, url)).await;
        assert!(seen == status && body.contains(said), "{region} {ahead} {url:?}: {seen} {body}");
    }
    let mut changed = signed_v4("cn-hangzhou", 0, None);
    *changed.uri_mut() = "/?prefix=other".parse().unwrap();
    let (status, _, body) = send(&oss, INTERNAL, changed).await;
    assert!(status == 403 && body.contains("<CanonicalRequest>"), "{body}");
    let mut unsigned_payload = signed_v4("cn-hangzhou", 0, None);
    unsigned_payload.headers_mut().remove("x-oss-content-sha256");
    assert_eq!(send(&oss, INTERNAL, unsigned_payload).await.0, 400);
    for odd in ["OSS", "OSS x", "OSS4-HMAC-SHA256 Credential=a/b,Signature=c", "Basic eA==", "OSS4-HMAC-SHA256 "] {
        let mut request = signed_v4("cn-hangzhou", 0, None);
        request.headers_mut().insert("authorization", odd.parse().unwrap());
        assert_eq!(send(&oss, INTERNAL, request).await.0, 400, "{odd}");
    }
}
