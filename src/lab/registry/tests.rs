//! The registry as its clients see it, request by request.

use base64::Engine as _;
use bytes::Bytes;
use http_body_util::BodyExt as _;

use serde_json::json;

use super::*;
use crate::registry::store::digest;
use crate::world::RegistryUser;
use ackcheck_core::fault::Fault;

const REGISTRY: &str = "lab-registry-vpc.cn-hangzhou.cr.aliyuncs.com";
const TOKENS: &str = "dockerauth-ee-vpc.cn-hangzhou.aliyuncs.com";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const PUSH: &str = "repository:dss/a:pull,push";

struct Client {
    service: RegistryService,
    user: RegistryUser,
}

struct Answer {
    status: u16,
    headers: http::HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    fn code(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        body["errors"][0]["code"].as_str().unwrap_or("").to_owned()
    }
}

impl Client {
    fn on(faults: &[Fault]) -> Client {
        let mut world = World::healthy().unwrap();
        for fault in faults {
            world.apply(fault).unwrap();
        }
        let user = world.deployment().unwrap().registry_user;
        Client { service: RegistryService::new(&world).unwrap(), user }
    }

    async fn send(&self, host: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = http::Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::copy_from_slice(body)).unwrap();
        let (parts, body) = self.service.answer(host, request).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    async fn token(&self, scope: &str) -> String {
        let pair =
            base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", self.user.name, self.user.password));
        let service = "registry.aliyuncs.com:cn-hangzhou:cri-lab0000000000000";
        let path = format!("/auth?service={service}&scope={scope}");
        let answer = self.send(TOKENS, "GET", &path, &[("authorization", &format!("Basic {pair}"))], b"").await;
        assert_eq!(answer.status, 200);
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        format!("Bearer {}", body["token"].as_str().unwrap())
    }

    async fn ask(&self, token: &str, method: &str, path: &str, body: &[u8]) -> Answer {
        self.send(REGISTRY, method, path, &[("authorization", token)], body).await
    }

    async fn put_blob(&self, token: &str, bytes: &[u8]) -> String {
        let digest = digest(bytes);
        let path = format!("/v2/dss/a/blobs/uploads/?digest={digest}");
        assert_eq!(self.ask(token, "POST", &path, bytes).await.status, 201);
        digest
    }

    async fn put_manifest(&self, token: &str, reference: &str, manifest: &[u8]) -> Answer {
        let headers = [("authorization", token), ("content-type", MANIFEST)];
        self.send(REGISTRY, "PUT", &format!("/v2/dss/a/manifests/{reference}"), &headers, manifest).await
    }
}

fn manifest(config: &[u8], note: &str) -> Vec<u8> {
    let config = json!({ "digest": digest(config), "size": config.len(), "mediaType": "application/x" });
    json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [], "note": note })
        .to_string()
        .into_bytes()
}

#[tokio::test]
async fn nobody_gets_in_without_a_token_of_this_run_with_the_scope() {
    let client = Client::on(&[]);
    let bare = client.send(REGISTRY, "GET", "/v2/", &[], b"").await;
    assert_eq!((bare.status, bare.code().as_str()), (401, "UNAUTHORIZED"));
    assert!(bare.header("www-authenticate").starts_with(&format!("Bearer realm=\"https://{TOKENS}/auth\",service=")));
    let basic = client.send(REGISTRY, "GET", "/v2/", &[("authorization", "Basic dTpw")], b"").await;
    assert_eq!(basic.status, 401);
    let pull = client.token("repository:dss/a:pull").await;
    assert_eq!(client.ask(&pull, "GET", "/v2/", b"").await.status, 200);
    let refused = client.ask(&pull, "POST", "/v2/dss/a/blobs/uploads/", b"").await;
    assert_eq!(refused.status, 401);
    assert!(
        refused
            .header("www-authenticate")
            .ends_with("scope=\"repository:dss/a:pull,push\",error=\"insufficient_scope\"")
    );
    assert_eq!(client.ask(&client.token(PUSH).await, "GET", "/v2/dss/b/tags/list", b"").await.status, 401);
    assert_eq!(client.ask(&pull, "GET", "/v2/_catalog", b"").await.status, 401);
    let of_another_run = Client::on(&[]).token(PUSH).await;
    let refused = client.ask(&of_another_run, "GET", "/v2/", b"").await;
    assert!(refused.header("www-authenticate").contains("error=\"invalid_token\""));
    let mut forged: Vec<char> = pull.chars().collect();
    let at = pull.find('.').unwrap() + 9;
    forged[at] = if forged[at] == 'A' { 'B' } else { 'A' };
    assert_eq!(client.ask(&forged.into_iter().collect::<String>(), "GET", "/v2/", b"").await.status, 401);
}

#[tokio::test]
async fn the_token_service_knows_its_user_alone_and_grants_what_he_may() {
    let client = Client::on(&[Fault::Add("/registry/denied", r#"{"repository":"dss/*","action":"push"}"#)]);
    let payload = |token: &str| {
        let payload = token.split('.').nth(1).unwrap().to_owned();
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
        serde_json::from_slice::<Value>(&bytes).unwrap()
    };
    assert_eq!(payload(&client.token(PUSH).await)["access"][0]["actions"], json!(["pull"]));
    let form = "grant_type=password&username=dssuser%40lab&password=CANARY-registry%2Fpass%2Bword%3D1&client_id=x\
                &service=registry.aliyuncs.com%3Acn-hangzhou%3Acri-lab0000000000000&scope=repository%3Ax%2Fb%3Apush";
    let answer = client.send(TOKENS, "POST", "/auth", &[], form.as_bytes()).await;
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(payload(body["access_token"].as_str().unwrap())["access"][0]["name"], "x/b");
    let wrong = form.replace("word%3D1", "word%3D2");
    assert_eq!(client.send(TOKENS, "POST", "/auth", &[], wrong.as_bytes()).await.status, 401);
    let wrong = [("authorization", "Basic ZHNzdXNlckBsYWI6d3Jvbmc=")];
    assert_eq!(client.send(TOKENS, "GET", "/auth?service=x", &wrong, b"").await.status, 401);
    let changed = Client::on(&[Fault::Set("/registry/password", "\"changed\"")]);
    assert_eq!(changed.send(TOKENS, "POST", "/auth", &[], form.as_bytes()).await.status, 401);
}

#[tokio::test]
async fn takes_a_blob_in_chunks_and_gives_it_whole_or_in_parts() {
    let client = Client::on(&[Fault::Set("/registry/redirect_blobs", "false")]);
    let token = client.token(PUSH).await;
    let started = client.ask(&token, "POST", "/v2/dss/a/blobs/uploads/?mount=sha256:ab&from=dss/b", b"").await;
    assert_eq!(started.status, 202);
    let location = started.header("location").to_owned();
    let first = client.ask(&token, "PATCH", &location, b"hello ").await;
    assert_eq!((first.status, first.header("range")), (202, "0-5"));
    let headers = [("authorization", token.as_str()), ("content-range", "9-13")];
    let gap = client.send(REGISTRY, "PATCH", &location, &headers, b"world").await;
    assert_eq!((gap.status, gap.code().as_str()), (416, "BLOB_UPLOAD_INVALID"));
    let of = digest(b"hello world");
    assert_eq!(client.ask(&token, "PUT", &format!("{location}?digest={of}"), b"world").await.status, 201);
    let blob = format!("/v2/dss/a/blobs/{of}");
    assert_eq!(client.ask(&token, "GET", &blob, b"").await.body, b"hello world");
    let headers = [("authorization", token.as_str()), ("range", "bytes=6-")];
    let part = client.send(REGISTRY, "GET", &blob, &headers, b"").await;
    assert_eq!(
        (part.status, part.header("content-range"), part.body.as_slice()),
        (206, "bytes 6-10/11", &b"world"[..])
    );
    let wrong = client.ask(&token, "POST", &format!("/v2/dss/a/blobs/uploads/?digest={of}"), b"other").await;
    assert_eq!((wrong.status, wrong.code().as_str()), (400, "DIGEST_INVALID"));
    let elsewhere = client.token("repository:dss/b:pull,push").await;
    assert_eq!(client.ask(&elsewhere, "GET", &format!("/v2/dss/b/blobs/{of}"), b"").await.code(), "BLOB_UNKNOWN");
}

#[tokio::test]
async fn layers_come_from_the_bucket_by_a_signed_url_alone() {
    let client = Client::on(&[]);
    let token = client.token(PUSH).await;
    let of = client.put_blob(&token, b"layer").await;
    let away = client.ask(&token, "GET", &format!("/v2/dss/a/blobs/{of}"), b"").await;
    assert_eq!(away.status, 307);
    let url = url::Url::parse(away.header("location")).unwrap();
    let host = url.host_str().unwrap();
    assert_eq!(host, "lab-registry-layers.oss-cn-hangzhou-internal.aliyuncs.com");
    let path = format!("{}?{}", url.path(), url.query().unwrap());
    assert_eq!(client.send(host, "GET", &path, &[], b"").await.body, b"layer");
    assert_eq!(client.send(host, "GET", &path.replace("Signature=", "Signature=0"), &[], b"").await.status, 403);
    assert_eq!(client.send(host, "GET", url.path(), &[], b"").await.status, 403);
}

#[tokio::test]
async fn a_manifest_is_taken_when_it_is_whole_and_named_by_what_it_is() {
    let client = Client::on(&[]);
    let token = client.token(PUSH).await;
    assert_eq!(client.ask(&token, "GET", "/v2/dss/a/tags/list", b"").await.code(), "NAME_UNKNOWN");
    client.put_blob(&token, b"{}").await;
    let one = manifest(b"{}", "1");
    assert_eq!(client.put_manifest(&token, "v1", &manifest(b"not there", "")).await.code(), "MANIFEST_BLOB_UNKNOWN");
    assert_eq!(client.put_manifest(&token, "v1", b"{\"mediaType\":").await.code(), "MANIFEST_INVALID");
    assert_eq!(client.put_manifest(&token, &digest(b"x"), &one).await.code(), "DIGEST_INVALID");
    assert_eq!(client.put_manifest(&token, "v1", &one).await.status, 201);
    let got = client.ask(&token, "GET", "/v2/dss/a/manifests/v1", b"").await;
    assert_eq!((got.header("content-type"), got.header("docker-content-digest")), (MANIFEST, digest(&one).as_str()));
    assert_eq!(got.body, one);
    assert_eq!(client.put_manifest(&token, "v1", &manifest(b"{}", "2")).await.status, 201);
    assert_eq!(client.put_manifest(&token, "v2", &one).await.status, 201);
    let page = client.ask(&token, "GET", "/v2/dss/a/tags/list?n=1", b"").await;
    assert_eq!(page.body, br#"{"name":"dss/a","tags":["v1"]}"#);
    assert_eq!(page.header("link"), "</v2/dss/a/tags/list?n=1&last=v1>; rel=\"next\"");
    let delete = client.token("repository:dss/a:delete").await;
    assert_eq!(client.ask(&delete, "DELETE", "/v2/dss/a/manifests/v1", b"").await.status, 405);
}

#[tokio::test]
async fn the_world_says_what_is_refused() {
    let refused = |faults: &'static [Fault]| async move {
        let client = Client::on(faults);
        let token = client.token(PUSH).await;
        let answer = client.ask(&token, "POST", "/v2/dss/a/blobs/uploads/", b"").await;
        (answer.status, answer.code())
    };
    let denied = (403, "DENIED".to_owned());
    assert_eq!(refused(&[Fault::Remove("/registry/namespaces/dss")]).await, denied);
    assert_eq!(refused(&[Fault::Set("/registry/namespaces/dss/auto_create", "false")]).await, denied);
    assert_eq!(refused(&[Fault::Set("/registry/read_only", "true")]).await, (405, "UNSUPPORTED".to_owned()));

    let client = Client::on(&[Fault::Set("/registry/namespaces/dss/tag_immutable", "true")]);
    let token = client.token(PUSH).await;
    client.put_blob(&token, b"{}").await;
    assert_eq!(client.put_manifest(&token, "v1", &manifest(b"{}", "1")).await.status, 201);
    assert_eq!(client.put_manifest(&token, "v1", &manifest(b"{}", "1")).await.status, 201);
    assert_eq!(client.put_manifest(&token, "v1", &manifest(b"{}", "2")).await.code(), "DENIED");

    let client = Client::on(&[Fault::Set("/registry/deletes", "true")]);
    let token = client.token("repository:dss/a:pull,push,delete").await;
    client.put_blob(&token, b"{}").await;
    assert_eq!(client.put_manifest(&token, "v1", &manifest(b"{}", "1")).await.status, 201);
    assert_eq!(client.ask(&token, "DELETE", "/v2/dss/a/manifests/v1", b"").await.status, 202);
    assert_eq!(client.ask(&token, "GET", "/v2/dss/a/manifests/v1", b"").await.code(), "MANIFEST_UNKNOWN");
}

#[tokio::test]
async fn a_public_repository_is_pulled_without_a_password() {
    let client = Client::on(&[Fault::Set("/registry/namespaces/dss/visibility", "\"PUBLIC\"")]);
    let token = client.token(PUSH).await;
    let of = client.put_blob(&token, b"layer").await;
    let path = "/auth?service=registry.aliyuncs.com:cn-hangzhou:cri-lab0000000000000&scope=repository:dss/a:pull,push";
    let answer = client.send(TOKENS, "GET", path, &[], b"").await;
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    let anonymous = format!("Bearer {}", body["token"].as_str().unwrap());
    assert_eq!(client.ask(&anonymous, "GET", &format!("/v2/dss/a/blobs/{of}"), b"").await.status, 307);
    assert_eq!(client.ask(&anonymous, "POST", "/v2/dss/a/blobs/uploads/", b"").await.status, 401);
}

#[test]
fn paths_name_what_they_should() {
    let digest = || "sha256:ab".to_owned();
    let name = || "a/b/c".to_owned();
    assert_eq!(Target::parse("/v2/a/b/c/blobs/sha256:ab"), Some(Target::Blob(name(), digest())));
    assert_eq!(Target::parse("/v2/a/b/c/blobs/uploads/"), Some(Target::Uploads(name())));
    assert_eq!(Target::parse("/v2/a/b/c/blobs/uploads/7"), Some(Target::Upload(name(), "7".into())));
    assert_eq!(Target::parse("/v2/blobs/manifests/v1"), Some(Target::Manifest("blobs".into(), "v1".into())));
    for nothing in ["/", "/v1/", "/v2x", "/v2/A/tags/list", "/v2//tags/list", "/v2/-a/tags/list", "/v2/a"] {
        assert_eq!(Target::parse(nothing), None, "{nothing}");
    }
}
