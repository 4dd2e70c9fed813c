//! What the OpenAPI answered: JSON, or a refusal by RAM, by the account's limits, or for the key's sake.

use serde_json::Value;

use super::call::Call;
use ackcheck_core::config::AccessKey;
use ackcheck_core::right::Right;
use ackcheck_core::seat::HttpReply;
use ackcheck_core::verdict::Unseen;

/// What the OpenAPI said instead of an answer.
#[derive(Debug)]
pub(super) struct Refused {
    status: u16,
    code: String,
    message: String,
    /// The RAM action, where the answer names it.
    action: Option<String>,
}

/// The answer's JSON object, or what was said instead. RPC products write `Code`, ROA products `code`.
pub(super) fn read(reply: &HttpReply) -> Result<Value, Refused> {
    let body: Option<Value> = serde_json::from_str(&reply.body).ok().filter(Value::is_object);
    match (body, reply.status) {
        (Some(body), 200..=299) => Ok(body),
        (Some(body), status) => {
            let text = |names: [&str; 2]| {
                names.iter().find_map(|name| body.get(name)?.as_str()).unwrap_or_default().to_owned()
            };
            let detail = body.get("AccessDeniedDetail").or_else(|| body.get("accessDeniedDetail"));
            let action = detail.and_then(|detail| detail.get("AuthAction")?.as_str()).map(str::to_owned);
            Err(Refused { status, code: text(["Code", "code"]), message: text(["Message", "message"]), action })
        }
        (None, status) => {
            let start: String = reply.body.chars().take(80).collect();
            let message = format!("the answer is not JSON: {start:?}");
            Err(Refused { status, code: String::new(), message, action: None })
        }
    }
}

/// Codes that say something of the key, the signature or the clock, and nothing of rights.
const OF_THE_KEY: [&str; 9] = [
    "InvalidAccessKeyId",
    "Forbidden.AccessKeyDisabled",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "InvalidSecurityToken",
    "MissingSecurityToken",
    "MissingAccessKeyId",
    "InvalidTimeStamp",
    "IllegalTimestamp",
];

impl Refused {
    /// The account asks too much; a later try may be answered.
    pub(super) fn is_throttling(&self) -> bool {
        self.code.starts_with("Throttling") || self.status == 429
    }

    /// As a check is told it.
    pub(super) fn unseen(self, call: &Call, endpoint: &str, key: &AccessKey) -> Unseen {
        let said = match self.code.as_str() {
            "" => format!("{}, {}", self.status, self.message),
            code => format!("{} {code}: {}", self.status, self.message),
        };
        if OF_THE_KEY.iter().any(|code| self.code.starts_with(code)) {
            return Unseen::unreadable(format!("{} with the access key {}", call.ram_action(), key.id), said);
        }
        // A page of some proxy is no answer of RAM's, whatever its status.
        let denies = ["Forbidden", "NoPermission", "StatusForbidden", "AccessDenied", "NotAuthorized", "Unauthorized"];
        if denies.iter().any(|code| self.code.starts_with(code)) || (self.status == 403 && !self.code.is_empty()) {
            let action = self.action.unwrap_or_else(|| call.ram_action());
            return Unseen::denied([Right::OpenApi(action.into())], said);
        }
        Unseen::unreadable(format!("{} at {endpoint}", call.ram_action()), said)
    }
}
