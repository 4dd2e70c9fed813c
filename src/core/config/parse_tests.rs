//! Site files with everything in them, and with everything wrong.

use super::*;

#[derive(Default)]
struct Secrets(crate::secret::Scrubber);
impl SecretSource for Secrets {
    fn scrubber(&self) -> &crate::secret::Scrubber {
        &self.0
    }
    fn environment(&self, name: &str) -> Result<String, String> {
        match name.strip_prefix("SET_") {
            Some(number) => Ok(format!("CANARY-{number}")),
            None if name == "SET" => Ok("CANARY-value".to_owned()),
            None => Err(format!("{name} is not set")),
        }
    }
    fn file(&self, path: &Path) -> Result<String, String> {
        Err(format!("{} can be read by others (mode 644); chmod 600 it", path.display()))
    }
}

fn errors(text: &str) -> String {
    match parse(Path::new("/etc/ackcheck.toml"), text, &Secrets::default()) {
        Ok(config) => panic!("took {config:?}"),
        Err(errors) => errors.to_string(),
    }
}

#[test]
fn says_everything_that_is_wrong_at_once_with_line_and_key() {
    let said = errors(
        "[registry]\nusername = \"u\"\npassword = \"CANARY-inline\"\nurll = \"x\"\n\n[limits]\nconnect = \"soon\"\n\n\
         [dss]\napi_key = { env = \"UNSET\" }\n[storage]\naccess_key_id = \"LTAI\"\n[[storage.bucket]]\nname = 3\n\
         [cloud.endpoints]\nrds = \"x\"\n[network]\ndns_servers = [\"10.0.0.1\", \"nine\"]\n",
    );
    for expected in [
        "/etc/ackcheck.toml:3: registry.password: secrets are never written into this file; give a reference",
        "/etc/ackcheck.toml:4: registry.urll: unknown key; did you mean \"url\"?",
        "/etc/ackcheck.toml:1: registry.url: is required",
        "/etc/ackcheck.toml:7: limits.connect: must be a duration between 10ms and 1h, such as 5s or 500ms, not \"soon\"",
        "/etc/ackcheck.toml:10: dss.api_key: UNSET is not set",
        "dss.data_dir: is required, unless url and api_key are given",
        "storage.access_key_secret: is required when access_key_id is given",
        "/etc/ackcheck.toml:14: storage.bucket[1].name: must be a string, not integer",
        "storage.bucket[1].endpoint: is required",
        "/etc/ackcheck.toml:16: cloud.endpoints.rds: unknown product",
        "/etc/ackcheck.toml:18: network.dns_servers: must be a list of addresses, with or without :PORT, and \"nine\" is not one of those",
    ] {
        assert!(said.contains(expected), "{expected:?} is not in:\n{said}");
    }
    assert!(!said.contains("CANARY"), "{said}");
}

#[test]
fn a_syntax_error_has_its_line() {
    assert!(errors("[host]\nname = \n").starts_with("/etc/ackcheck.toml:2: "), "{}", errors("[host]\nname = \n"));
}

#[test]
fn reads_what_is_described_and_guesses_nothing() {
    let text = "[dss]\ndata_dir = \"data\"\n[registry]\nurl = \"\"\nusername = \"u\"\npassword = { env = \"SET\" }\n\
                [network.connect]\n\"*\" = \"127.0.0.1:1\"\n\"a.b\" = \"127.0.0.1:2\"\n[limits]\nrequest = \"1500ms\"\nsweep_rate = 2_000\n";
    let config = parse(Path::new("/etc/ackcheck.toml"), text, &Secrets::default()).unwrap();
    assert_eq!(config.dss.unwrap().data_dir.unwrap(), Path::new("/etc/data"));
    assert_eq!(config.registry.unwrap().password.unwrap().expose(), "CANARY-value");
    assert_eq!(config.network.connect[0].0, "a.b");
    assert_eq!((config.limits.request.as_millis(), config.limits.sweep_rate), (1500, Some(2_000)));
    assert!(config.host.local && config.cluster.is_none() && config.storage.is_none() && config.cloud.is_none());
}

/// Every key of type secret, each as often as the file has it.
const EVERY_SECRET: &str = "[dss]\nurl = \"http://dss:1\"\napi_key = { env = \"SET_1\" }\n\
     [registry]\nurl = \"r/a\"\nusername = \"u\"\npassword = { env = \"SET_2\" }\n\
     [storage]\nconnections = \"all\"\naccess_key_id = \"STS.1\"\naccess_key_secret = { env = \"SET_3\" }\nsecurity_token = { env = \"SET_4\" }\n\
     [[storage.bucket]]\nname = \"b\"\nendpoint = \"e.example\"\naccess_key_id = \"LTAI\"\naccess_key_secret = { env = \"SET_5\" }\n\
     [[storage.connection]]\nname = \"c\"\naccess_key_id = \"LTAI\"\naccess_key_secret = { env = \"SET_6\" }\n\
     [cloud]\naccess_key_id = \"STS.2\"\naccess_key_secret = { env = \"SET_7\" }\nsecurity_token = { env = \"SET_8\" }\n\
     [network]\nproxy = \"http://me:CANARY-9@proxy:3128\"\n";

#[test]
fn every_secret_is_known_to_the_scrubber_once_the_file_is_read() {
    // A key of type secret that is new is missing here until it is added.
    for (at, call) in include_str!("parse.rs").match_indices(".secret(\"") {
        let key = include_str!("parse.rs")[at + call.len()..].split('"').next().unwrap();
        assert!(EVERY_SECRET.contains(&format!("\n{key} = {{ env")), "{key} is not in EVERY_SECRET");
    }
    let secrets = Secrets::default();
    let config = parse(Path::new("/etc/ackcheck.toml"), EVERY_SECRET, &secrets).unwrap();
    let known = |text: &str| !secrets.0.scrub(&format!("it is {text}, as given")).contains(text);
    for number in 1..=9 {
        assert!(known(&format!("CANARY-{number}")), "{number}");
    }
    assert!(known("bWU6Q0FOQVJZLTk="), "the proxy's user and password as they travel");
    assert!(!format!("{config:?}").contains("CANARY"), "{config:?}");
}

#[test]
fn a_secret_that_stands_in_the_file_itself_is_repeated_nowhere() {
    let said = errors(
        "[network]\nproxy = \"socks5://me:CANARYproxy@proxy\"\n[host]\nmetadata = \"http://me:CANARYmetadata@h\"\n\
         [dss]\nurl = \"http://CANARYtoken@dss:11200\"\n[cluster]\ntolerations = [\"http://me:CANARYtaint@h\"]\n",
    );
    assert!(said.contains(":2: network.proxy: must be an http or https URL"), "{said}");
    assert!(said.contains(":4: host.metadata: must be a URL without a user and a password"), "{said}");
    assert!(said.contains(":6: dss.url: must be a URL without a user and a password"), "{said}");
    assert!(said.contains(":8: cluster.tolerations: ") && !said.contains("CANARY"), "{said}");
    let torn = errors("[registry]\npassword = \"CANARYtorn\nusername = CANARYbare\n");
    assert!(torn.contains(":2: ") && !torn.contains("CANARY"), "{torn}");

    let text = "[registry]\nurl = \"https://me:CANARYurl@r/dss\"\n[storage]\naccess_key_id = \"CANARYswappedPairSecretA1b2C3d\"\n\
                access_key_secret = { env = \"SET_1\" }\n[[storage.bucket]]\nname = \"b\"\nendpoint = \"LTAI:CANARYend@e.example\"\n";
    let secrets = Secrets::default();
    let config = parse(Path::new("/etc/ackcheck.toml"), text, &secrets).unwrap();
    for secret in ["CANARYurl", "CANARYswappedPairSecretA1b2C3d", "CANARYend"] {
        assert!(!secrets.0.scrub(secret).contains("CANARY"), "{secret}");
    }
    assert!(!format!("{:?}", config.storage.unwrap().access_key).contains("CANARY"));
}

#[test]
fn a_connection_is_described_once_and_only_where_it_is_asked() {
    let said = errors(
        "[storage]\nconnections = [\"a\"]\n[[storage.connection]]\nname = \"b\"\n[[storage.connection]]\nname = \"a\"\n\
         root = \"s3://x\"\n[[storage.connection]]\nname = \"a\"\n",
    );
    for expected in [
        "/etc/ackcheck.toml:3: storage.connection[1].name: storage.connections does not select \"b\"",
        "storage.connection[2].root: must be oss://BUCKET/PATH, not \"s3://x\"",
        "storage.connection[3].name: the connection \"a\" is described twice",
    ] {
        assert!(said.contains(expected), "{expected:?} is not in:\n{said}");
    }
}

#[test]
fn a_size_has_a_unit_and_bounds() {
    let size = |text: &str| {
        let text = format!("[registry]\nurl = \"r.example/dss\"\ntry_layer_of = \"{text}\"\n");
        parse(Path::new("/etc/ackcheck.toml"), &text, &Secrets::default()).map(|config| config.registry?.try_layer_of)
    };
    for (text, bytes) in [("1MiB", 1 << 20), ("500 MiB", 500 << 20), ("8GiB", 8 << 30)] {
        assert_eq!(size(text).ok().flatten(), Some(bytes), "{text}");
    }
    for text in ["", "5", "MiB", "0MiB", "9GiB", "5GB", "1.5GiB", "-1MiB", "18446744073709551615GiB"] {
        assert!(size(text).unwrap_err().to_string().contains("try_layer_of"), "{text}");
    }
}

#[test]
fn the_network_says_who_sweeps_and_to_which_ports_dss_is_kept() {
    let text = "[network]\nsweep = \"every-node\"\nports = [\"30000-30999\", \"8080\"]\n";
    let network = parse(Path::new("/etc/ackcheck.toml"), text, &Secrets::default()).unwrap().network;
    assert_eq!(network.sweep, Some(crate::config::SweepFrom::EveryNode));
    assert_eq!(network.ports.iter().map(ToString::to_string).collect::<Vec<_>>(), ["30000-30999", "8080"]);
    let said = errors("[network]\nsweep = \"some\"\nports = [\"30000-\"]\n");
    assert!(said.contains(":2: network.sweep: must be \"classes\" or \"every-node\", not \"some\""), "{said}");
    assert!(said.contains(":3: network.ports: must be a list of ports or ranges of ports"), "{said}");
}

#[test]
fn waivers_are_read_with_a_day_as_text_or_as_toml_has_it() {
    let text = "[[waiver]]\ncheck = \"oss-write\"\nfinding = \"denied\"\nsubject = \"scratch-*\"\nreason = \"until it moves\"\n\
                until = \"2026-12-31\"\nticket = \"OPS-12\"\n\n[[waiver]]\ncheck = \"dss-version\"\nfinding = \"too-old\"\n\
                reason = \"r\"\nuntil = 2027-01-31\n";
    let waivers = parse(Path::new("/etc/ackcheck.toml"), text, &Secrets::default()).unwrap().waivers;
    let placed = |text: &str, line| crate::config::Placed { text: text.to_owned(), line };
    let first = &waivers[0];
    assert_eq!((&first.check, &first.finding), (&placed("oss-write", 2), &placed("denied", 3)));
    assert_eq!(first.subject, Some(placed("scratch-*", 4)));
    assert_eq!(
        (first.until.to_string().as_str(), first.ticket.as_deref(), first.line),
        ("2026-12-31", Some("OPS-12"), 1)
    );
    assert_eq!((waivers[1].until.to_string().as_str(), &waivers[1].subject, waivers[1].line), ("2027-01-31", &None, 9));
}

#[test]
fn a_waiver_needs_a_check_a_finding_a_reason_and_a_day() {
    let said = errors("[host]\n\n[[waiver]]\ntiket = \"x\"\n");
    for key in ["check", "finding", "reason", "until"] {
        let expected = format!("/etc/ackcheck.toml:3: waiver[1].{key}: is required in this section");
        assert!(said.contains(&expected), "{expected}: {said}");
    }
    assert!(said.contains("/etc/ackcheck.toml:4: waiver[1].tiket: unknown key; did you mean \"ticket\"?"), "{said}");
    let of = |keys: &str| errors(&format!("[[waiver]]\ncheck = \"a\"\nfinding = \"b\"\n{keys}"));
    assert!(of("reason = \"  \"\nuntil = 2026-12-31\n").contains("ackcheck.toml:4: waiver[1].reason: must say why"));
    assert!(of("reason = \"\"\nuntil = 2026-12-31\n").contains("ackcheck.toml:4: waiver[1].reason: must not be empty"));
    for day in [
        "2026-12-31T10:00:00Z",
        "\"20261231\"",
        "\"2026-13-01\"",
        "\"soon\"",
        "\"\"",
        "3",
        "\"31.12.2026\"",
        "10:00:00",
    ] {
        let said = of(&format!("reason = \"r\"\nuntil = {day}\n"));
        assert!(
            said.contains("/etc/ackcheck.toml:5: waiver[1].until: must be a day, written YYYY-MM-DD"),
            "{day}: {said}"
        );
    }
    assert!(errors("waiver = 3\n").contains("waiver: must be sections, [[waiver]]"));
}
