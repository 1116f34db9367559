//! No secret where it does not belong (refusals ST-01, ST-02): a walk through everything at the loudest
//! level, with marked secrets, and then a look at every word that the program wrote and stored.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::support::{Answer, Browser, Workshop};

const PASSWORD: &str = "canary-password-of-ada";
const CHOSEN: &str = "canary-password-of-mary";
const WRONG: &str = "canary-password-that-is-wrong";
const SECRET: &str = "canary-client-secret";
const CLIENT: &str = "0123456789abcdef0123456789abcdef";
const STATE: &str = "canary-state";
/// It lies beside its code until that is exchanged, so only the log must not have it.
const NONCE: &str = "canary-nonce";
/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const APPS: &str = r#"
[[user]]
username = "ada"
email = "ada@example.com"
password = "canary-password-of-ada"

[[app]]
name = "Mixtape"
client_id = "0123456789abcdef0123456789abcdef"
type = "confidential"
client_secret = "canary-client-secret"
redirect_uris = ["https://mixtape.example/callback"]
grants = ["implicit", "authorization_code", "refresh_token"]
owner = "ada"
"#;

#[test]
fn st_01_st_02_no_secret_reaches_the_log_or_the_disk() {
    for format in ["text", "json"] {
        let workshop = Workshop::new();
        let apps = workshop.write("apps.toml", APPS);
        let variables = [("HALLPASS_LOG", "trace"), ("HALLPASS_LOG_FORMAT", format)];
        let (program, address) = workshop.serve(&["--apps", &apps], &variables);
        let mut browser = Browser::at(address);
        let mut secrets = walk(&mut browser);
        secrets.append(&mut browser.secrets);
        assert!(secrets.len() > 12, "the walk met them: {secrets:?}");
        secrets.extend([PASSWORD, CHOSEN, WRONG, SECRET, STATE].map(str::to_owned));

        // What lies on the disk while it runs, the database's own log included.
        let mut stored = workshop.picture("data");
        let ended = program.stop("TERM");
        assert_eq!(ended.code, Some(0));
        assert!(ended.log.contains("app registered"), "the log is on:\n{}", ended.log);
        stored.extend(workshop.picture("data"));
        assert!(stored.iter().any(|(_, _, bytes)| holds(bytes, "mary@example.com")));
        for secret in secrets {
            let found = stored.iter().find(|(_, _, bytes)| holds(bytes, &secret));
            assert!(found.is_none(), "{secret} is in {:?}", found.map(|(name, ..)| name));
            for written in [&ended.log, &ended.output] {
                assert!(!written.contains(&secret), "{secret} was written:\n{written}");
            }
        }
        assert!(!ended.log.contains(NONCE) && !ended.output.contains(NONCE), "{}", ended.log);
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

/// Signs up, out, in with a wrong and with a right password, registers an app, approves another, and
/// asks about the token; then gets a code and all that follows. Answers the secrets that are in no form
/// and no cookie.
fn walk(browser: &mut Browser) -> Vec<String> {
    assert_eq!(browser.sign_up("mary", CHOSEN).status, 303);
    assert_eq!(browser.fill("/sign-out", &[]).status, 200);
    assert_eq!(browser.sign_in("ada", WRONG).status, 422);
    assert_eq!(browser.sign_in("ada", PASSWORD).status, 303);
    let new = register(browser);
    let token = approve(browser);
    let basic = STANDARD.encode(format!("{CLIENT}:{SECRET}"));
    for proof in [&basic, &STANDARD.encode(format!("{CLIENT}:{new}"))] {
        let _ = introspect(browser, proof, &token);
    }
    let told = introspect(browser, &basic, &token);
    assert!(told.body.contains("\"active\":true"), "{}", told.body);
    let mut secrets = vec![new, token, basic.clone(), VERIFIER.to_owned()];
    secrets.extend(exchange(browser, &basic));
    secrets.extend(renew_silently(browser));
    secrets
}

/// Registers a confidential app, and answers its secret.
fn register(browser: &mut Browser) -> String {
    let fields = [
        ("name", "Night Train"),
        ("redirect_uri", "https://night.example/callback"),
        ("grant", "implicit"),
        ("type", "confidential"),
    ];
    let page = browser.fill("/dashboard/create", &fields).body;
    let (_, rest) = page.split_once("id=\"client-secret\">").unwrap_or_else(|| panic!("{page}"));
    rest.split('<').next().unwrap().to_owned()
}

/// Agrees to what the app asks, and answers the access token.
fn approve(browser: &mut Browser) -> String {
    let path = format!(
        "/authorize?response_type=token&client_id={CLIENT}&state={STATE}\
         &redirect_uri=https%3A%2F%2Fmixtape.example%2Fcallback"
    );
    let page = browser.get(&path);
    assert_eq!(page.status, 200, "{}", page.body);
    let answer = browser.submit(&page, "/authorize/answer", &[("answer", "agree")]);
    assert_eq!(answer.status, 303, "{}", answer.body);
    let (_, rest) = answer.location().split_once("#access_token=").unwrap();
    rest.split('&').next().unwrap().to_owned()
}

/// Agrees to tell the app who they are, and renews that with the ID token as a hint. Answers all tokens.
fn renew_silently(browser: &mut Browser) -> Vec<String> {
    let link = format!(
        "/authorize?response_type=id_token%20token&client_id={CLIENT}&state={STATE}&nonce={NONCE}\
         &scope=openid%20email&redirect_uri=https%3A%2F%2Fmixtape.example%2Fcallback"
    );
    let page = browser.get(&link);
    let first = browser.submit(&page, "/authorize/answer", &[("answer", "agree")]);
    let [token, hint] = both_tokens(&first);
    let silent = browser.get(&format!("{link}&prompt=none&id_token_hint={hint}"));
    let wrong = browser.get(&format!("{link}&prompt=none&id_token_hint={hint}x"));
    assert!(wrong.location().contains("#error=invalid_request"), "{}", wrong.location());
    let [newer, newest] = both_tokens(&silent);
    vec![token, hint, newer, newest]
}

fn both_tokens(answer: &Answer) -> [String; 2] {
    ["access_token=", "&id_token="].map(|name| {
        let (_, rest) = answer.location().split_once(name).unwrap();
        rest.split('&').next().unwrap().to_owned()
    })
}

/// Gets a code, exchanges it, uses the refresh token, gives the first tokens back and comes with the
/// code again. Answers all that it met.
fn exchange(browser: &mut Browser, basic: &str) -> Vec<String> {
    let uri = "redirect_uri=https%3A%2F%2Fmixtape.example%2Fcallback";
    let link = format!(
        "/authorize?response_type=code&client_id={CLIENT}&state={STATE}&{uri}\
         &code_challenge={CHALLENGE}&code_challenge_method=S256"
    );
    let answer = browser.get(&link);
    let (_, rest) = answer.location().split_once("?code=").unwrap();
    let code = rest.split('&').next().unwrap().to_owned();
    let form = format!("grant_type=authorization_code&code={code}&{uri}&code_verifier={VERIFIER}");
    let tokens = |body: &str| {
        let answer = post(browser, "/api/token", basic, body);
        let json: Value = serde_json::from_str(&answer.body).unwrap();
        let text = |name: &str| json[name].as_str().unwrap_or_else(|| panic!("{json}")).to_owned();
        [text("access_token"), text("refresh_token")]
    };
    let [access, first] = tokens(&form);
    let [newer, second] = tokens(&format!("grant_type=refresh_token&refresh_token={first}"));
    assert_eq!(post(browser, "/revoke", basic, &format!("token={access}")).status, 200);
    assert_eq!(post(browser, "/api/token", basic, &form).status, 400);
    let used = format!("grant_type=refresh_token&refresh_token={second}");
    assert_eq!(post(browser, "/api/token", basic, &used).status, 400);
    vec![code, access, first, newer, second]
}

fn introspect(browser: &Browser, basic: &str, token: &str) -> Answer {
    post(browser, "/introspect", basic, &format!("token={token}"))
}

fn post(browser: &Browser, path: &str, basic: &str, body: &str) -> Answer {
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Basic {basic}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        browser.address,
        body.len()
    );
    Answer::to(browser.address, &request)
}
