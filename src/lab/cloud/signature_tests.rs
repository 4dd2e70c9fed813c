//! The vendor's published vectors, then each way a signature can fail.

use bytes::Bytes;

use super::*;

fn key(id: &str, secret: &str) -> KnownKey {
    KnownKey { id: id.to_owned(), secret: secret.to_owned(), token: None, active: true }
}

fn request(method: &str, uri: &str, headers: &[(&str, &str)]) -> Request {
    let mut builder = http::Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(Bytes::new()).unwrap()
}

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The example of Alibaba's page on signature V3.
fn published(signature: &str) -> Request {
    let authorization = format!(
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;\
         x-acs-signature-nonce;x-acs-version,Signature={signature}"
    );
    request(
        "POST",
        "/?ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai",
        &[
            ("host", "ecs.cn-shanghai.aliyuncs.com"),
            ("x-acs-action", "RunInstances"),
            ("x-acs-content-sha256", EMPTY),
            ("x-acs-date", "2023-10-26T10:22:32Z"),
            ("x-acs-signature-nonce", "3156853299f313e23d1673dc12e1703d"),
            ("x-acs-version", "2014-05-26"),
            ("authorization", &authorization),
        ],
    )
}

const PUBLISHED: &str = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0";

fn then() -> jiff::Timestamp {
    "2023-10-26T10:30:00Z".parse().unwrap()
}

fn code(result: Result<VerifiedCall, Refusal>) -> String {
    result.map_or_else(|refusal| refusal.code, |call| call.action)
}

#[test]
fn the_published_example_of_v3_holds_once() {
    let verifier = Verifier::new(vec![key("YourAccessKeyId", "YourAccessKeySecret")]);
    let call = verifier.verify("ecs.cn-shanghai.aliyuncs.com", &published(PUBLISHED), then()).unwrap();
    assert_eq!((call.action.as_str(), call.version.as_str()), ("RunInstances", "2014-05-26"));
    assert_eq!(call.parameters["RegionId"], "cn-shanghai");
    let again = verifier.verify("ecs.cn-shanghai.aliyuncs.com", &published(PUBLISHED), then());
    assert_eq!(code(again), "SignatureNonceUsed");
}

#[test]
fn what_an_official_client_signed_holds() {
    let verifier = Verifier::new(vec![key("LTAIfakeid", "fakesecret")]);
    let request = request(
        "POST",
        "/?RegionId=cn-hangzhou&SecurityGroupId=sg-bp1fake0000000000001",
        &[
            ("host", "ecs-cn-hangzhou.aliyuncs.com"),
            ("x-acs-action", "DescribeSecurityGroupAttribute"),
            ("x-acs-content-sha256", EMPTY),
            ("x-acs-date", "2026-01-02T03:04:05Z"),
            ("x-acs-signature-nonce", "11111111111111111111111111111111"),
            ("x-acs-version", "2014-05-26"),
            (
                "authorization",
                "ACS3-HMAC-SHA256 Credential=LTAIfakeid,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;\
                 x-acs-signature-nonce;x-acs-version,Signature=c192f43973797819cc383f5674df8ff2f6c20038f33515eb9bc2c22f7ae75ade",
            ),
        ],
    );
    let now = "2026-01-02T03:04:05Z".parse().unwrap();
    assert_eq!(code(verifier.verify("", &request, now)), "DescribeSecurityGroupAttribute");
}

#[test]
fn v3_refuses_what_the_real_one_refuses() {
    let with = |keys| Verifier::new(keys);
    let known = || vec![key("YourAccessKeyId", "YourAccessKeySecret")];
    let host = "ecs.cn-shanghai.aliyuncs.com";
    let other_secret = with(vec![key("YourAccessKeyId", "other")]);
    assert_eq!(code(other_secret.verify(host, &published(PUBLISHED), then())), "SignatureDoesNotMatch");
    assert_eq!(code(with(vec![]).verify(host, &published(PUBLISHED), then())), "InvalidAccessKeyId.NotFound");
    let inactive = vec![KnownKey { active: false, ..key("YourAccessKeyId", "YourAccessKeySecret") }];
    assert_eq!(code(with(inactive).verify(host, &published(PUBLISHED), then())), "InvalidAccessKeyId.Inactive");
    let late = "2023-10-26T10:38:00Z".parse().unwrap();
    assert_eq!(code(with(known()).verify(host, &published(PUBLISHED), late)), "InvalidTimeStamp.Expired");
    let temporary = vec![KnownKey { token: Some("token".to_owned()), ..key("YourAccessKeyId", "YourAccessKeySecret") }];
    assert_eq!(code(with(temporary).verify(host, &published(PUBLISHED), then())), "MissingSecurityToken");
    let mut changed = published(PUBLISHED);
    *changed.uri_mut() = "/?ImageId=other&RegionId=cn-shanghai".parse().unwrap();
    assert_eq!(code(with(known()).verify(host, &changed, then())), "SignatureDoesNotMatch");
    let mut body = published(PUBLISHED);
    *body.body_mut() = Bytes::from_static(b"RegionId=cn-beijing");
    assert_eq!(code(with(known()).verify(host, &body, then())), "IncompleteSignature");
    let mut unsigned = published(PUBLISHED);
    unsigned.headers_mut().remove("authorization");
    assert_eq!(code(with(known()).verify(host, &unsigned, then())), "MissingAccessKeyId");
}

#[test]
fn a_header_that_is_not_signed_is_refused_where_it_must_be() {
    let verifier = Verifier::new(vec![key("YourAccessKeyId", "YourAccessKeySecret")]);
    let mut request = published(PUBLISHED);
    let few = "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action,Signature=00";
    request.headers_mut().insert("authorization", few.parse().unwrap());
    assert_eq!(code(verifier.verify("", &request, then())), "IncompleteSignature");
}

#[test]
fn the_published_example_of_v1_holds() {
    let verifier = Verifier::new(vec![key("testid", "testsecret")]);
    let query = "/?Timestamp=2016-02-23T12%3A46%3A24Z&Format=XML&AccessKeyId=testid&Action=DescribeRegions&\
                 SignatureMethod=HMAC-SHA1&SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&Version=2014-05-26&\
                 SignatureVersion=1.0&Signature=OLeaidS1JvxuMvnyHOwuJ%2BuX5qY%3D";
    let now = "2016-02-23T12:46:24Z".parse().unwrap();
    assert_eq!(code(verifier.verify("", &request("GET", query, &[]), now)), "DescribeRegions");
    let post = request("POST", query, &[]);
    assert_eq!(code(verifier.verify("", &post, now)), "SignatureDoesNotMatch");
}
