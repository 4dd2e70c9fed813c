//! What a run of Hadoop proves, as a finding of this check.

use ackcheck_core::seat::Seen;
use ackcheck_core::seat::store::{HadoopDid, HadoopRun, StoreTarget};
use ackcheck_core::verdict::{Finding, Unseen};

use super::layer::{self, Layer};
use super::{
    CLASS_MISSING, DENIED, FAILED, JAVA_CANNOT_START, METHOD_MISSING, PARENT_NOT_LISTABLE, PROXY_DEAD, SETTING_REFUSED,
    SIGNATURE_REFUSED, WRONG_CONTENT,
};
use crate::hadoop::class_artifacts;

/// The check that reads the jars: what it finds missing, Hadoop does not find either.
const LINKAGE: &str = "hadoop-jar-linkage";

/// What a run of Hadoop proves.
///
/// # Errors
/// Where it gave up because an answer did not come in time.
pub(super) fn finding(target: &StoreTarget, run: &HadoopRun) -> Seen<Option<Finding>> {
    let name = &run.connection;
    let finding = match &run.did {
        HadoopDid::Everything => return Ok(None),
        HadoopDid::NotStarted { said } => JAVA_CANNOT_START
            .found(format!("{} does not start as DSS starts it: {said}", run.java))
            .with("thrown", said),
        HadoopDid::Wrong { step, what } => {
            let seen = format!("Hadoop, with the settings of the connection {name}, at {step}: {what}");
            WRONG_CONTENT.found(seen).with("what", what)
        }
        HadoopDid::Threw { step, trace } => {
            let layer = layer::of(step, trace, run.proxy.as_deref());
            let layer = layer.ok_or_else(|| {
                Unseen::unreadable(format!("Hadoop with the connection {name}"), layer::quoted(trace))
            })?;
            let seen =
                format!("Hadoop, with the settings of the connection {name}, fails at {step}: {}", layer.seen(trace));
            layer.found(seen).with("thrown", layer::quoted(trace))
        }
    };
    let root = match target.prefix.as_str() {
        "" => format!("oss://{}", target.bucket),
        prefix => format!("oss://{}/{prefix}", target.bucket),
    };
    let finding = finding.with("connection", name).with("java", &run.java).with("uri", root);
    Ok(Some(
        finding.with("access_key_id", &run.access_key_id).with("proxy", run.proxy.as_deref().unwrap_or("its proxy")),
    ))
}

impl Layer {
    fn found(&self, seen: String) -> Finding {
        match self {
            Layer::ClassMissing(class) => {
                let finding = CLASS_MISSING.found(seen).with("class", class);
                finding.with("coordinates", class_artifacts::of(class)).explained_by([LINKAGE])
            }
            Layer::MethodMissing(member) => METHOD_MISSING.found(seen).with("member", member).explained_by([LINKAGE]),
            Layer::SettingRefused => SETTING_REFUSED.found(seen),
            Layer::ProxyDead => PROXY_DEAD.found(seen),
            Layer::Parents => PARENT_NOT_LISTABLE.found(seen).explained_by([layer::PARENTS]),
            Layer::Denied { action, check } => DENIED.found(seen).with("action", action).explained_by(*check),
            Layer::Signature(code) => SIGNATURE_REFUSED.found(seen).with("code", code),
            Layer::Java => JAVA_CANNOT_START.found(seen),
            Layer::Other { check } => FAILED.found(seen).explained_by(*check),
        }
    }
}
