//! Jobs: what the API server fills in, and the controllers that start, fail and finally delete them.
//!
//! They do not start pods: the lab needs jobs only of parallelism 0, as owners of pods that others create.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::batch::v1 as batch;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::deletion::{self, Cascade};
use super::events;
use super::kinds::Kind;
use super::objects::{Object, Objects, now};
use super::words::Status;

const TOO_LONG: &str = "Job was active longer than specified deadline";

/// Makes of what was sent the job that is kept, or refuses it.
pub(super) fn admit(mut job: Value, strict: bool) -> Result<Value, Status> {
    let typed: batch::Job = super::admission::typed(Kind::Job, &job, strict)?;
    let name = typed.metadata.name.or(typed.metadata.generate_name).unwrap_or_default();
    let spec = typed.spec.unwrap_or_default();
    let mut causes = Vec::new();
    let numbers = [
        ("parallelism", spec.parallelism.map(i64::from)),
        ("completions", spec.completions.map(i64::from)),
        ("activeDeadlineSeconds", spec.active_deadline_seconds),
        ("backoffLimit", spec.backoff_limit.map(i64::from)),
        ("ttlSecondsAfterFinished", spec.ttl_seconds_after_finished.map(i64::from)),
    ];
    for (field, number) in numbers {
        if let Some(number) = number.filter(|number| *number < 0) {
            let what = format!("Invalid value: {number}: must be greater than or equal to 0");
            causes.push((format!("spec.{field}"), "FieldValueInvalid", what));
        }
    }
    let template = spec.template.spec.unwrap_or_default();
    if template.containers.is_empty() {
        causes.push(("spec.template.spec.containers".to_owned(), "FieldValueRequired", "Required value".to_owned()));
    }
    if !matches!(template.restart_policy.as_deref(), Some("OnFailure" | "Never")) {
        let what = "Required value: valid values: \"OnFailure\", \"Never\"".to_owned();
        causes.push(("spec.template.spec.restartPolicy".to_owned(), "FieldValueRequired", what));
    }
    if !causes.is_empty() {
        return Err(Status::invalid(Kind::Job, &name, &causes));
    }
    // Without a number of completions one pod that succeeds is enough; without either, one pod is meant.
    let completions = if spec.parallelism.is_none() { json!(1) } else { Value::Null };
    for (key, value) in [
        ("parallelism", json!(1)),
        ("completions", completions),
        ("backoffLimit", json!(6)),
        ("completionMode", json!("NonIndexed")),
        ("suspend", json!(false)),
        ("manualSelector", json!(false)),
        ("podReplacementPolicy", json!("TerminatingOrFailed")),
    ] {
        if job["spec"].get(key).is_none_or(Value::is_null) && !value.is_null() {
            job["spec"][key] = value;
        }
    }
    job["status"] = json!({});
    Ok(job)
}

/// Fills in the label by which a job knows its own pods: its uid.
pub(super) fn select_own(job: &mut Value) {
    if job["spec"]["manualSelector"] != false {
        return;
    }
    let (uid, name) = (job["metadata"]["uid"].clone(), job["metadata"]["name"].clone());
    job["spec"]["selector"] = json!({"matchLabels": {"batch.kubernetes.io/controller-uid": uid}});
    let labels = &mut job["spec"]["template"]["metadata"]["labels"];
    for prefix in ["batch.kubernetes.io/", ""] {
        labels[format!("{prefix}controller-uid")] = uid.clone();
        labels[format!("{prefix}job-name")] = name.clone();
    }
}

/// Controls every job there is or will be, until `stop`.
pub(super) async fn control(objects: Arc<Objects>, stop: CancellationToken) {
    let mut changed = objects.changed(Kind::Job);
    let mut known: HashMap<String, CancellationToken> = HashMap::new();
    loop {
        changed.borrow_and_update();
        let (there, _) = objects.list(Kind::Job, "");
        known.retain(|uid, end| {
            let stays = there.iter().any(|job| job.uid == *uid);
            if !stays {
                end.cancel();
            }
            stays
        });
        for job in there {
            if !known.contains_key(&job.uid) {
                // The end of all is the end of each.
                let end = stop.child_token();
                known.insert(job.uid.clone(), end.clone());
                let objects = objects.clone();
                tokio::spawn(async move {
                    tokio::select! {
                        () = end.cancelled() => {}
                        () = live(&objects, &job) => {}
                    }
                });
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            still = changed.changed() => if still.is_err() { return },
        }
    }
}

/// One job's life: it starts, is active until its deadline, and is deleted some time after.
async fn live(objects: &Objects, job: &Object) {
    let Ok(typed) = serde_json::from_slice::<batch::Job>(&job.body) else { return };
    let spec = typed.spec.unwrap_or_default();
    if spec.suspend == Some(true) {
        return;
    }
    let edit = |edit: &dyn Fn(&mut Value)| {
        let _ = objects.update(Kind::Job, &job.namespace, &job.name, |value| {
            if value["metadata"]["uid"] == job.uid.as_str() {
                edit(value);
            }
            Ok(())
        });
    };
    edit(&|value| {
        value["status"] = json!({"startTime": now(), "ready": 0, "terminating": 0, "uncountedTerminatedPods": {}});
    });
    let Some(active) = spec.active_deadline_seconds else { return };
    tokio::time::sleep(Duration::from_secs(active.unsigned_abs())).await;
    edit(&|value| {
        let condition = |kind: &str| {
            json!({
                "type": kind, "status": "True", "reason": "DeadlineExceeded", "message": TOO_LONG,
                "lastProbeTime": now(), "lastTransitionTime": now(),
            })
        };
        value["status"]["conditions"] = json!([condition("FailureTarget"), condition("Failed")]);
    });
    let about =
        json!({"kind": "Job", "namespace": job.namespace, "name": job.name, "uid": job.uid, "apiVersion": "batch/v1"});
    events::write(objects, about, ("job-controller", ""), "Warning", "DeadlineExceeded", TOO_LONG);
    let Some(after) = spec.ttl_seconds_after_finished else { return };
    tokio::time::sleep(Duration::from_secs(u64::from(after.unsigned_abs()))).await;
    if objects.get(Kind::Job, &job.namespace, &job.name).is_ok_and(|found| found.uid == job.uid) {
        let _ = deletion::cascade(objects, Kind::Job, &job.namespace, &job.name, None, Cascade::Foreground);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job() -> Value {
        let container = json!({"name": "none", "image": "r.example/ns/probe:1"});
        json!({
            "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j", "namespace": "a"},
            "spec": {
                "parallelism": 0, "activeDeadlineSeconds": 1800, "ttlSecondsAfterFinished": 60,
                "template": {"spec": {"restartPolicy": "Never", "containers": [container]}},
            },
        })
    }

    #[test]
    fn a_job_is_completed_or_refused() {
        let kept = admit(job(), true).expect("taken");
        assert_eq!(kept["spec"]["completions"], Value::Null, "of parallelism 0 it never completes");
        let mut wrong = job();
        wrong["spec"]["ttlSecondsAfterFinished"] = json!(-1);
        wrong["spec"]["template"]["spec"]["restartPolicy"] = json!("Always");
        let said = admit(wrong, true).expect_err("refused");
        assert_eq!(said.code, 422);
        assert!(
            said.message.contains("ttlSecondsAfterFinished") && said.message.contains("restartPolicy"),
            "{}",
            said.message
        );
        let mut unknown = job();
        unknown["spec"]["paralelism"] = json!(0);
        assert!(admit(unknown, true).expect_err("strict").message.contains("spec.paralelism"));
    }

    #[tokio::test]
    async fn a_job_fails_at_its_deadline_and_goes_after_its_time() {
        let objects = Arc::new(Objects::new());
        let stop = CancellationToken::new();
        let _stop = stop.clone().drop_guard();
        let (_, before) = objects.list(Kind::Job, "");
        let mut at_once = job();
        at_once["spec"]["activeDeadlineSeconds"] = json!(0);
        at_once["spec"]["ttlSecondsAfterFinished"] = json!(0);
        let created = objects
            .create_completed(Kind::Job, admit(at_once, true).expect("taken"), select_own)
            .expect("created")
            .value();
        let own = &created["spec"]["selector"]["matchLabels"]["batch.kubernetes.io/controller-uid"];
        assert_eq!(*own, created["metadata"]["uid"]);
        let mut changed = objects.changed(Kind::Job);
        tokio::spawn(control(objects.clone(), stop));
        let gone = async {
            while objects.get(Kind::Job, "a", "j").is_ok() {
                changed.changed().await.expect("a cluster");
            }
        };
        tokio::time::timeout(Duration::from_secs(10), gone).await.expect("it goes");
        let (changes, _) = objects.since(Kind::Job, before).expect("remembered");
        let told = changes.iter().map(|change| {
            let status = change.after.as_ref()?.value()["status"].clone();
            Some((status["startTime"].is_string(), status["conditions"][1]["type"] == "Failed"))
        });
        assert_eq!(told.collect::<Vec<_>>(), [Some((false, false)), Some((true, false)), Some((true, true)), None]);
    }
}
