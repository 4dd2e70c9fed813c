//! Recorded pages (`fixtures/docker`), and the forms of releases that could not be recorded, after their sources.

use super::*;

macro_rules! recorded {
    ($path:literal) => {
        include_str!(concat!("../../../../fixtures/docker/", $path))
    };
}

const NEWEST_CLIENT: &str = recorded!("client-29.7-server-20.10/version.json");
const NEWER_CLIENT: &str = recorded!("client-28.2-server-20.10/version.json");
const SAME_AGE: &str = recorded!("client-20.10-server-20.10/version.json");

fn program(printed: &str) -> Option<Program> {
    VersionPage::parse(printed).map(|page| page.program)
}

#[test]
fn recorded_pages_of_docker_name_client_and_daemon() {
    for (page, client) in [(NEWEST_CLIENT, "29.7.2"), (NEWER_CLIENT, "28.2.2"), (SAME_AGE, "20.10.24+dfsg1")] {
        let page = VersionPage::parse(page).unwrap();
        assert_eq!((page.program, page.version.as_str()), (Program::Docker, client));
        let server = page.server.unwrap();
        assert_eq!((server.version.as_str(), server.api_version.as_str()), ("20.10.24+dfsg1", "1.41"));
        assert_eq!((server.os.as_str(), server.architecture.as_str()), ("linux", "amd64"));
        assert!(server.components.contains(&"Engine".to_owned()) && !server.is_podman());
    }
    for info in [
        recorded!("client-29.7-server-20.10/info.json"),
        recorded!("client-28.2-server-20.10/info.json"),
        recorded!("client-20.10-server-20.10/info.json"),
    ] {
        let info = InfoPage::parse(info).unwrap();
        assert_eq!(info.server_version, "20.10.24+dfsg1");
        assert!(info.docker_root_dir.starts_with('/') && info.errors().is_empty());
        assert!(!info.images_in_containerd() && !info.rootless());
    }
}

#[test]
fn each_program_is_known_by_the_form_of_its_page() {
    assert_eq!(program(recorded!("podman-4.3/version.json")), Some(Program::Podman));
    // podman 1.4, where the versions stand alone; 3.4; 5.2 against its own service.
    for page in [
        r#"{"RemoteAPIVersion":1,"Version":"1.4.2-stable2","GoVersion":"go1.12.8","GitCommit":"","Built":1,"OsArch":"linux/amd64"}"#,
        r#"{"Client":{"APIVersion":"3.4.4","Version":"3.4.4","GoVersion":"go1.17.3","Built":0,"OsArch":"linux/amd64"}}"#,
        r#"{"Client":{"APIVersion":"5.2.2","Version":"5.2.2","BuildOrigin":"Fedora Project","OsArch":"linux/amd64","Os":"linux"},"Server":{"APIVersion":"5.2.2","Version":"5.2.2","OsArch":"linux/amd64","Os":"linux"}}"#,
    ] {
        assert_eq!(program(page), Some(Program::Podman), "{page}");
    }
    assert_eq!(program(recorded!("nerdctl-1.7/version.json")), Some(Program::Other));
    // Docker 17.03 has no components, and 18.06 no context.
    let old = r#"{"Client":{"Version":"17.03.2-ce","ApiVersion":"1.27","GitCommit":"f5ec1e2","Os":"linux","Arch":"amd64"},"Server":{"Version":"17.03.2-ce","ApiVersion":"1.27","MinAPIVersion":"1.12","Os":"linux","Arch":"amd64"}}"#;
    let page = VersionPage::parse(old).unwrap();
    assert_eq!(page.program, Program::Docker);
    assert_eq!(page.server.map(|server| server.components.len()), Some(0));
    // Docker's client at podman's service; docker/cli 29 adds an Engine of its own.
    let service = r#"{"Client":{"Version":"29.0.0","ApiVersion":"1.41","Context":"default"},"Server":{"Version":"5.6.1","ApiVersion":"1.41","Os":"linux","Arch":"amd64","Components":[{"Name":"Podman Engine","Version":"5.6.1"},{"Name":"Engine","Version":"5.6.1"}]}}"#;
    assert!(VersionPage::parse(service).unwrap().server.unwrap().is_podman());
}

#[test]
fn a_page_is_found_after_a_greeting_and_none_in_what_is_no_page() {
    let greeted = format!("Welcome to {{this host}}\n{SAME_AGE}\n");
    assert_eq!(program(&greeted), Some(Program::Docker));
    let cut = &SAME_AGE[..SAME_AGE.len() / 2];
    for text in ["", "{", "[]", "{}", "Client:\n Version: 20.10\nServer: x\n", cut, r#"{"Client":null}"#] {
        assert_eq!(program(text), None, "{text}");
    }
    let down = r#"{"Client":{"Version":"28.2.2","ApiVersion":"1.50","Context":"default"},"Server":null}"#;
    assert_eq!(VersionPage::parse(down).unwrap().server, None);
}

#[test]
fn info_tells_where_images_are_and_what_went_wrong() {
    let containerd = r#"{"ServerVersion":"29.0.0","DockerRootDir":"/var/lib/docker","Driver":"overlayfs","DriverStatus":[["driver-type","io.containerd.snapshotter.v1"]],"SecurityOptions":["name=seccomp,profile=builtin","name=rootless"]}"#;
    let info = InfoPage::parse(containerd).unwrap();
    assert!(info.images_in_containerd() && info.rootless());
    let down = r#"{"ServerVersion":"","ServerErrors":["Cannot connect to the Docker daemon"],"SecurityOptions":null}"#;
    assert_eq!(InfoPage::parse(down).unwrap().errors(), ["Cannot connect to the Docker daemon"]);
    assert_eq!(InfoPage::parse("no"), None);
}

#[test]
fn the_endpoint_is_that_of_the_context() {
    let page = r#"{"Name":"default","Metadata":{},"Endpoints":{"docker":{"Host":"tcp://10.0.0.9:2375","SkipTLSVerify":false}},"TLSMaterial":{}}"#;
    assert_eq!(endpoint(page).as_deref(), Some("tcp://10.0.0.9:2375"));
    for text in ["", "{}", r#"{"Endpoints":{"docker":{"Host":""}}}"#] {
        assert_eq!(endpoint(text), None, "{text}");
    }
}

#[test]
fn the_warning_about_the_settings_of_each_release_is_known() {
    // 20.10, and 28 as recorded.
    for warning in [
        "WARNING: Error loading config file: /home/dss/.docker/config.json: invalid character 'b' looking for beginning of object key string",
        "WARNING: Error parsing config file (/home/dss/.docker/config.json): Invalid auth configuration file",
        "WARNING: Error loading config file: open /home/dss/.docker/config.json: permission denied",
    ] {
        assert_eq!(unread_settings(&format!("{warning}\nmore")), Some(warning));
    }
    assert_eq!(unread_settings("WARNING: No swap limit support\nError loading config file"), None);
}
