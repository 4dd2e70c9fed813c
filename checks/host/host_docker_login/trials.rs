//! Logins of Docker that push nothing.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "nobody ran docker login as the DSS account",
        finding: &super::NOT_LOGGED_IN,
        faults: &[Fault::Set("/host/docker/settings", "null")],
    },
    Trial {
        name: "the account is logged in to another registry",
        finding: &super::NOT_LOGGED_IN,
        faults: &[Fault::Set(
            "/host/docker/settings",
            r#""{\"auths\": {\"registry.example\": {\"auth\": \"{{login}}\"}}}""#,
        )],
    },
    Trial {
        name: "the settings were copied from a desktop, its helper was not",
        finding: &super::HELPER_MISSING,
        faults: &[Fault::Set(
            "/host/docker/settings",
            r#""{\"auths\": {\"{{host}}\": {}}, \"credsStore\": \"desktop\"}""#,
        )],
    },
    Trial {
        name: "the helper's keychain is locked",
        finding: &super::HELPER_FAILS,
        faults: &[
            Fault::Set("/host/docker/settings", r#""{\"credHelpers\": {\"{{host}}\": \"lab\"}}""#),
            Fault::Set("/host/docker/helpers/lab", "null"),
        ],
    },
    Trial {
        name: "the password was changed after docker login",
        finding: &super::EXPIRED,
        faults: &[Fault::Set(
            "/host/docker/settings",
            r#""{\"auths\": {\"{{host}}\": {\"auth\": \"{{stale_login}}\"}}}""#,
        )],
    },
    Trial {
        name: "the settings of the docker command are not JSON",
        finding: &super::UNREADABLE,
        faults: &[Fault::Set("/host/docker/settings", r#""{\"auths\": {\"{{host}}\": ""#)],
    },
    Trial {
        name: "a stored login is not of the form user:password",
        finding: &super::UNREADABLE,
        faults: &[Fault::Set(
            "/host/docker/settings",
            r#""{\"auths\": {\"{{host}}\": {\"auth\": \"bm9jb2xvbg==\"}}}""#,
        )],
    },
    Trial {
        name: "somebody logged in under another name",
        finding: &super::OTHER_USER,
        faults: &[Fault::Set(
            "/host/docker/settings",
            r#""{\"auths\": {\"https://{{host}}/v1/\": {\"auth\": \"{{other_login}}\"}}}""#,
        )],
    },
];
