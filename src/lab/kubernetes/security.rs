//! Pod Security admission: the `baseline` and `restricted` standards, in the words of its refusals.

use k8s_openapi::api::core::v1::{Container, PodSpec};

use super::world::Level;

/// Checks a pod against a level; the text after `pods "x" is forbidden: ` where it violates it.
pub(crate) fn check(level: Level, spec: &PodSpec) -> Result<(), String> {
    let mut found: Vec<String> = Vec::new();
    let named = |wrong: fn(&Container) -> bool| -> Vec<&str> {
        let containers = spec.init_containers.iter().flatten().chain(&spec.containers);
        containers.filter(|container| wrong(container)).map(|container| container.name.as_str()).collect()
    };
    let mut add = |names: Vec<&str>, title: &str, rest: &str| {
        if !names.is_empty() {
            found.push(format!("{title} ({} {rest})", list(&names)));
        }
    };
    add(
        named(|c| c.security_context.as_ref().is_some_and(|s| s.privileged == Some(true))),
        "privileged",
        "must not set securityContext.privileged=true",
    );
    if level == Level::Restricted {
        add(
            named(|c| c.security_context.as_ref().is_none_or(|s| s.allow_privilege_escalation != Some(false))),
            "allowPrivilegeEscalation != false",
            "must set securityContext.allowPrivilegeEscalation=false",
        );
        let keeps = |c: &Container| {
            let dropped =
                c.security_context.as_ref().and_then(|s| s.capabilities.as_ref()).and_then(|c| c.drop.as_ref());
            !dropped.is_some_and(|dropped| dropped.iter().any(|name| name == "ALL"))
        };
        add(named(keeps), "unrestricted capabilities", "must set securityContext.capabilities.drop=[\"ALL\"]");
        let pod = spec.security_context.as_ref();
        if pod.and_then(|pod| pod.run_as_non_root) != Some(true) {
            let root = |c: &Container| c.security_context.as_ref().and_then(|s| s.run_as_non_root) != Some(true);
            let names = named(root);
            if !names.is_empty() {
                found.push(format!(
                    "runAsNonRoot != true (pod or {} must set securityContext.runAsNonRoot=true)",
                    list(&names)
                ));
            }
        }
        if pod.and_then(|pod| pod.run_as_user) == Some(0) {
            found.push("runAsUser=0 (pod must not set runAsUser=0)".to_owned());
        }
        let confined = |kind: Option<&str>| matches!(kind, Some("RuntimeDefault" | "Localhost"));
        if !confined(pod.and_then(|pod| pod.seccomp_profile.as_ref()).map(|profile| profile.type_.as_str())) {
            let open = |c: &Container| {
                let kind =
                    c.security_context.as_ref().and_then(|s| s.seccomp_profile.as_ref()).map(|p| p.type_.as_str());
                !matches!(kind, Some("RuntimeDefault" | "Localhost"))
            };
            let names = named(open);
            if !names.is_empty() {
                found.push(format!(
                    "seccompProfile (pod or {} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \
                     \"Localhost\")",
                    list(&names)
                ));
            }
        }
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

fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let word = if names.len() == 1 { "container" } else { "containers" };
    format!("{word} {}", quoted.join(", "))
}
