//! What DSS and its nginx say, as it goes over the wire.

use serde_json::{Value, json};

use crate::http::{Response, response};

/// A JSON answer of the backend.
pub(super) fn answer(status: u16, document: &Value) -> Response {
    response(status, "application/json;charset=utf-8", document.to_string())
}

/// An error of the backend; `kind` is the class name of its exception.
pub(super) fn error(status: u16, kind: &str, message: &str) -> Response {
    answer(status, &json!({"errorType": kind, "message": message, "detailedMessage": message}))
}

/// The start page.
pub(super) const HOME: &str = "<!doctype html><html><head><title>Dataiku DSS</title></head><body></body></html>\n";
/// What DSS's other processes say of a path that they do not have.
pub(super) const NO_PAGE: &str = "<html><title>404: Not Found</title><body>404: Not Found</body></html>";
/// What another web server says of a path that it does not have.
pub(super) const NGINX: &str = "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/1.20.1</center>\r\n</body>\r\n</html>\r\n";
/// What DSS's nginx says while the backend is down.
pub(super) const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
