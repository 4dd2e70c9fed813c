use ackcheck_core::seat::pod::CredentialHelper;
use ackcheck_core::secret::Scrubber;
use ackcheck_core::verdict::Unseen;

use super::*;

const HOST: &str = "r.example.com";

fn login(location: &str, username: &str, password: &str) -> Login {
    let password = Scrubber::default().secret(password);
    Login { location: location.to_owned(), username: username.to_owned(), password }
}

fn secret(name: &str, logins: Vec<Login>) -> PullSecret {
    PullSecret { name: name.to_owned(), state: SecretState::Logins(logins) }
}

fn pod(secret: Option<&str>) -> PodPulls {
    PodPulls {
        of: "container configuration ack".to_owned(),
        image: format!("{HOST}/dss/dku-exec-base:dss"),
        account: "default".to_owned(),
        secret: secret.map(str::to_owned),
    }
}

fn secrets(named: Vec<PullSecret>, of_account: Vec<PullSecret>, helper: Seen<Option<CredentialHelper>>) -> Secrets {
    let all = PullSecrets { named, of_accounts: vec![("default".to_owned(), of_account)], helper };
    Secrets::new(all, "dss")
}

#[test]
fn the_login_that_lasts_longest_counts_of_those_for_the_image() {
    let (lasting, brief) = (|| login(HOST, "dss", "x"), || login(HOST, ACR_USER, "x"));
    let elsewhere = || login("other.example.com", "dss", "x");
    let longest = |named: Vec<Login>| {
        let secrets = secrets(vec![secret("own", named)], vec![secret("account", vec![lasting()])], Ok(None));
        secrets.longest_for(&pod(Some("own"))).map(|longest| longest.lasts)
    };
    assert_eq!(longest(vec![brief(), lasting()]), Some(Lasts::Forever));
    assert_eq!(longest(vec![brief(), elsewhere()]), Some(Lasts::AnHour));
    assert_eq!(longest(vec![elsewhere()]), None);
    assert_eq!(longest(vec![login(HOST, ACR_USER, "")]), None);
    // Of a JWT that ends in 2001 and a temporary password the later one.
    let over = login(HOST, "token", "e30.eyJleHAiOjEwMDAwMDAwMDB9.c2ln");
    assert!(matches!(longest(vec![over.clone()]), Some(Lasts::Until(_))));
    assert_eq!(longest(vec![over, brief()]), Some(Lasts::AnHour));
    let malformed = PullSecret {
        name: "own".to_owned(),
        state: SecretState::Malformed { why: "no JSON".to_owned(), location: None },
    };
    assert!(secrets(vec![malformed], vec![], Ok(None)).longest_for(&pod(Some("own"))).is_none());
}

#[test]
fn the_helper_renews_the_secrets_of_the_accounts_that_it_serves() {
    let of = |namespace: &str, account: &str| CredentialHelper {
        watch_namespaces: vec![namespace.to_owned()],
        service_accounts: vec![account.to_owned()],
    };
    let renewed = |helper| secrets(vec![], vec![], helper).renewed(&pod(None));
    assert_eq!(renewed(Ok(Some(of("all", "*")))), Ok(true));
    assert_eq!(renewed(Ok(Some(of("dss", "default")))), Ok(true));
    assert_eq!(renewed(Ok(Some(of("default", "default")))), Ok(false));
    assert_eq!(renewed(Ok(Some(of("dss", "spark")))), Ok(false));
    assert_eq!(renewed(Ok(None)), Ok(false));
    assert!(renewed(Err(Unseen::unreadable("the helper", "403"))).is_err());
    let all = secrets(vec![secret("own", vec![login(HOST, ACR_USER, "x")])], vec![], Ok(Some(of("all", "*"))));
    // A secret that DSS's own settings name is not the helper's.
    assert!(!all.longest_for(&pod(Some("own"))).unwrap().may_be_renewed);
}
