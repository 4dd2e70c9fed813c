//! The errors of OSS: status, code, message and the fine-grained `EC`, in the XML body that real ones have.
//!
//! Sources: <https://www.alibabacloud.com/help/en/oss/developer-reference/error-responses>, the pages of the single codes
//! below <https://www.alibabacloud.com/help/en/oss/support/>, and the answers asserted by Alibaba's own SDK tests. Where
//! no source gives an `EC` the lab sends none.

use base64::Engine as _;
use http::Method;

use super::wire::Xml;
use crate::http::{Response, response};

/// A refusal or an error.
#[derive(Debug, Clone)]
pub(super) struct OssError {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
    pub ec: Option<&'static str>,
    /// Elements that only this error has: `BucketName`, `Endpoint`, `StringToSign`.
    pub extra: Vec<(&'static str, String)>,
    pub denial: Option<Box<AccessDenied>>,
}

/// `AccessDeniedDetail`: why policies refused (<https://www.alibabacloud.com/help/en/oss/support/0003-00000201>).
#[derive(Debug, Clone)]
pub(super) struct AccessDenied {
    pub action: String,
    pub explicit: bool,
    pub policy_type: &'static str,
    pub principal: String,
    pub owner: String,
}

impl OssError {
    /// One with nothing but a status, a code and a message.
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> OssError {
        OssError { status, code, message: message.into(), ec: None, extra: Vec::new(), denial: None }
    }

    /// With its fine-grained code.
    pub(super) fn ec(mut self, ec: &'static str) -> OssError {
        self.ec = Some(ec);
        self
    }

    /// With an element more.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> OssError {
        self.extra.push((name, value.into()));
        self
    }

    /// 400
    pub(super) fn invalid_argument(message: impl Into<String>) -> OssError {
        OssError::new(400, "InvalidArgument", message)
    }

    /// 404
    pub(super) fn no_such_bucket(bucket: &str) -> OssError {
        OssError::new(404, "NoSuchBucket", "The specified bucket does not exist.").with("BucketName", bucket)
    }

    /// 404
    pub(super) fn no_such_key(key: &str) -> OssError {
        OssError::new(404, "NoSuchKey", "The specified key does not exist.").with("Key", key)
    }

    /// 403: the bucket is in another region, whose endpoint is `right`.
    pub(super) fn wrong_endpoint(bucket: &str, right: String) -> OssError {
        let message = "The bucket you are attempting to access must be addressed using the specified endpoint. Please \
                       send all future requests to this endpoint.";
        OssError::new(403, "AccessDenied", message).with("Bucket", bucket).with("Endpoint", right)
    }

    /// 501: what the lab does not serve.
    pub(super) fn not_implemented() -> OssError {
        OssError::new(501, "NotImplemented", "A header you provided implies functionality that is not implemented.")
    }

    /// The answer. To `HEAD` the body goes into the header `x-oss-err`, in base64, as real clients expect it.
    pub(super) fn answer(&self, method: &Method, host: &str, request_id: &str) -> Response {
        let body = Xml::document("Error", |xml| {
            xml.text("Code", self.code);
            xml.text("Message", &self.message);
            xml.text("RequestId", request_id);
            xml.text("HostId", host);
            for (name, value) in &self.extra {
                xml.text(name, value);
            }
            if let Some(denial) = &self.denial {
                xml.nest("AccessDeniedDetail", |xml| {
                    xml.text("PolicyType", denial.policy_type);
                    xml.text("AuthPrincipalOwnerId", &denial.owner);
                    xml.text("AuthPrincipalType", "SubUser");
                    xml.text("AuthPrincipalDisplayName", &denial.principal);
                    xml.text("NoPermissionType", if denial.explicit { "ExplicitDeny" } else { "ImplicitDeny" });
                    xml.text("AuthAction", &denial.action);
                });
            }
            xml.text_if("EC", self.ec);
            xml.text_if("RecommendDoc", self.ec.map(|ec| format!("https://api.aliyun.com/troubleshoot?q={ec}")));
        });
        let mut answer = match *method {
            Method::HEAD => {
                let mut answer = response(self.status, "application/xml", "");
                let encoded = base64::engine::general_purpose::STANDARD.encode(&body);
                if let Ok(value) = encoded.parse() {
                    answer.headers_mut().insert("x-oss-err", value);
                }
                answer
            }
            _ => response(self.status, "application/xml", body),
        };
        if let Some(ec) = self.ec {
            answer.headers_mut().insert("x-oss-ec", http::HeaderValue::from_static(ec));
        }
        answer
    }
}
