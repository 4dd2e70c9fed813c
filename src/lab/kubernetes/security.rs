//! Pod Security admission: the `baseline` and `restricted` standards, in the words of its refusals.

use k8s_openapi::api::core::v1::{PodSpec, SeccompProfile, SecurityContext};

use super::world::Level;

/// Checks a pod against a level; the text after `pods "x" is forbidden: ` where it violates it.
pub(crate) fn check(level: Level, spec: &PodSpec) -> Result<(), String> {
    let mut found: Vec<String> = Vec::new();
    let privileged = named(spec, |context| context.is_some_and(|context| context.privileged == Some(true)));
    if let Some(containers) = privileged {
        found.push(format!("privileged ({containers} must not set securityContext.privileged=true)"));
    }
    if level == Level::Restricted {
        found.extend(restricted(spec));
    }
    for (set, what) in
        [(spec.host_network, "hostNetwork=true"), (spec.host_pid, "hostPID=true"), (spec.host_ipc, "hostIPC=true")]
    {
        if set == Some(true) {
            found.push(format!("host namespaces ({what})"));
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    let level = if level == Level::Restricted { "restricted" } else { "baseline" };
    Err(format!("violates PodSecurity \"{level}:latest\": {}", found.join(", ")))
}

/// What `restricted` forbids besides.
fn restricted(spec: &PodSpec) -> Vec<String> {
    let mut found = Vec::new();
    let escalates = |context: Context| context.is_none_or(|context| context.allow_privilege_escalation != Some(false));
    if let Some(containers) = named(spec, escalates) {
        found.push(format!(
            "allowPrivilegeEscalation != false ({containers} must set securityContext.allowPrivilegeEscalation=false)"
        ));
    }
    if let Some(containers) = named(spec, keeps_capabilities) {
        found.push(format!(
            "unrestricted capabilities ({containers} must set securityContext.capabilities.drop=[\"ALL\"])"
        ));
    }
    let pod = spec.security_context.as_ref();
    if pod.and_then(|pod| pod.run_as_non_root) != Some(true)
        && let Some(containers) = named(spec, |context| context.and_then(|c| c.run_as_non_root) != Some(true))
    {
        found.push(format!("runAsNonRoot != true (pod or {containers} must set securityContext.runAsNonRoot=true)"));
    }
    if pod.and_then(|pod| pod.run_as_user) == Some(0) {
        found.push("runAsUser=0 (pod must not set runAsUser=0)".to_owned());
    }
    if !confines(pod.and_then(|pod| pod.seccomp_profile.as_ref()))
        && let Some(containers) = named(spec, |context| !confines(context.and_then(|c| c.seccomp_profile.as_ref())))
    {
        found.push(format!(
            "seccompProfile (pod or {containers} must set securityContext.seccompProfile.type to \"RuntimeDefault\" \
             or \"Localhost\")"
        ));
    }
    found
}

/// What a container says of itself, where it does.
type Context<'a> = Option<&'a SecurityContext>;

fn keeps_capabilities(context: Context) -> bool {
    let dropped = context.and_then(|context| context.capabilities.as_ref()).and_then(|held| held.drop.as_ref());
    !dropped.is_some_and(|dropped| dropped.iter().any(|name| name == "ALL"))
}

fn confines(profile: Option<&SeccompProfile>) -> bool {
    matches!(profile.map(|profile| profile.type_.as_str()), Some("RuntimeDefault" | "Localhost"))
}

/// The containers that are wrong, as refusals list them; nothing where none is.
fn named(spec: &PodSpec, wrong: fn(Context) -> bool) -> Option<String> {
    let containers = spec.init_containers.iter().flatten().chain(&spec.containers);
    let wrong = containers.filter(|container| wrong(container.security_context.as_ref()));
    let names: Vec<&str> = wrong.map(|container| container.name.as_str()).collect();
    (!names.is_empty()).then(|| list(&names))
}

fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let word = if names.len() == 1 { "container" } else { "containers" };
    format!("{word} {}", quoted.join(", "))
}
