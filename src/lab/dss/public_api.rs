//! The public API, `/public/api` on the base port and `/dip/publicapi` behind it, answered from the settings files.

use base64::Engine as _;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::Dss;
use super::words::{answer, error};
use crate::http::{Request, Response};

/// The first release whose public API accepts the key as a bearer token, and the first with `/instance-info`.
const BEARER: [u32; 2] = [13, 1];
const INSTANCE_INFO: [u32; 2] = [11, 0];

const NOT_FOUND: &str = "com.dataiku.dip.exceptions.NotFoundException";

impl Dss {
    /// The public API.
    pub(super) fn public(&self, path: &str, request: &Request) -> Response {
        if !self.knows(request) {
            return error(401, "com.dataiku.dip.exceptions.UnauthorizedException", "Unknown or invalid API key");
        }
        if path.starts_with("/admin/") && !self.world.api_key.admin {
            return error(
                403,
                "com.dataiku.dip.exceptions.UnauthorizedException",
                "Action forbidden, you are not admin",
            );
        }
        if request.method() != http::Method::GET {
            return error(405, "com.dataiku.dip.exceptions.MethodNotAllowedException", "Request method not supported");
        }
        let file = |name: &str| match self.read(&format!("config/{name}")) {
            Ok(document) => Ok(encrypted(document)),
            Err(why) => Err((500, "com.dataiku.common.server.APIError$SerializedErrorException", why)),
        };
        let document = match path {
            "/auth/info" => Ok(json!({"authIdentifier": "api:lab", "groups": [], "userForImpersonation": "admin"})),
            "/instance-info" if self.at_least(INSTANCE_INFO) => Ok(json!({
                "nodeId": "lab", "nodeName": "lab", "nodeType": "DESIGN", "dssVersion": self.version(),
                "dataDirPath": self.data, "installId": self.deployment.dss.install_id,
            })),
            "/admin/general-settings" => file("general-settings.json"),
            "/admin/connections/" | "/admin/connections" => file("connections.json").map(|all| connections(&all)),
            "/admin/variables/" => file("variables.json"),
            "/admin/users/" => file("users.json").map(|all| all["users"].clone()),
            _ => match path.strip_prefix("/admin/connections/") {
                Some(name) => file("connections.json").and_then(|all| {
                    let one = connections(&all).get(name).cloned();
                    let why = format!("Connection not found: {name}");
                    one.ok_or((404, NOT_FOUND, why))
                }),
                None => Err((404, NOT_FOUND, "No such path".to_owned())),
            },
        };
        match document {
            Ok(document) => answer(200, &document),
            Err((status, kind, why)) => error(status, kind, &why),
        }
    }

    /// Whether the request carries the API key: as user name or as password of Basic, or, since 13.1, as a bearer token.
    fn knows(&self, request: &Request) -> bool {
        let key = &self.deployment.dss.api_key;
        let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if let Some(token) = header.strip_prefix("Bearer ") {
            return token.trim() == key && self.at_least(BEARER);
        }
        let basic = header.strip_prefix("Basic ").map(str::trim);
        let decoded = basic.and_then(|text| base64::engine::general_purpose::STANDARD.decode(text).ok());
        let pair = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
        pair.as_deref()
            .and_then(|pair| pair.split_once(':'))
            .is_some_and(|(user, password)| user == key || (user.is_empty() && password == key))
    }
}

/// The connections by name, each with its name.
fn connections(all: &Value) -> Value {
    let mut connections = all["connections"].clone();
    for (name, connection) in connections.as_object_mut().into_iter().flatten() {
        connection["name"] = json!(name);
    }
    connections
}

/// A settings document as the API gives it: what is secret is encrypted, whether or not the file has it so.
fn encrypted(mut document: Value) -> Value {
    fn walk(value: &mut Value) {
        match value {
            Value::Array(list) => list.iter_mut().for_each(walk),
            Value::Object(map) => {
                let marked = map.get("secret") == Some(&Value::Bool(true));
                for (key, value) in map {
                    let secret = (marked && key == "value") || key.to_ascii_lowercase().ends_with("password");
                    match value {
                        Value::String(text) if secret && !text.is_empty() && !text.starts_with("e:AES:") => {
                            *text = format!(
                                "e:AES:{}",
                                base64::engine::general_purpose::STANDARD.encode(Sha256::digest(&*text))
                            );
                        }
                        value => walk(value),
                    }
                }
            }
            _ => {}
        }
    }
    walk(&mut document);
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_is_encrypted() {
        let clear = json!({"extraConf": [{"name": "a", "value": "CANARY-clear", "secret": true}, {"name": "b", "value": "x", "secret": false}], "bindPassword": "CANARY-too"});
        let text = encrypted(clear).to_string();
        assert!(!text.contains("CANARY") && text.contains("\"x\"") && text.contains("e:AES:"), "{text}");
    }
}
