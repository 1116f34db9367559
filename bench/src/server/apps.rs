//! The people, apps and APIs that the measured server knows.

/// How many people there are. A few, because signing up costs a password hash; more than one, because
/// not everybody on a server is the same person.
pub(crate) const PEOPLE: usize = 8;

/// Everybody's password.
pub(crate) const PASSWORD: &str = "a password for measuring";

/// The app of one page: implicit, and code with PKCE.
pub(crate) const PAGE_APP: &str = "bench-page";
/// The same again; nobody has allowed it anything, so its consent page is shown.
pub(crate) const NEW_APP: &str = "bench-new";
/// The app with a server: for itself, and asking about tokens.
pub(crate) const SERVICE: &str = "bench-service";
/// The app that asks about the tokens of the API with signed ones.
pub(crate) const SIGNED_SERVICE: &str = "bench-signed-service";
/// The secret of both.
pub(crate) const SECRET: &str = "a-secret-for-measuring-only";
/// Where the page lives.
pub(crate) const REDIRECT: &str = "https://page.example/callback";
/// The API whose tokens are signed.
pub(crate) const SIGNED_API: &str = "https://signed.example";
/// What the page asks for.
pub(crate) const SCOPE: &str = "bench-profile bench-email";
/// What it asks for to know who somebody is.
pub(crate) const OPENID_SCOPE: &str = "openid profile email";

/// A pair of verifier and challenge: the example of RFC 7636, appendix B. One for all flows, because
/// what it costs to check does not depend on it.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// See [`VERIFIER`].
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Who is called what.
pub(crate) fn username(number: usize) -> String {
    format!("bench-{}", number % PEOPLE)
}

/// The apps file.
pub(crate) fn file() -> String {
    let mut text = String::new();
    for number in 0..PEOPLE {
        let name = username(number);
        text.push_str(&format!(
            "[[user]]\nusername = \"{name}\"\nemail = \"{name}@people.example\"\npassword = \"{PASSWORD}\"\n\
             name = \"Bench Number {number}\"\ngiven_name = \"Bench\"\nfamily_name = \"Number {number}\"\n\
             locale = \"en-GB\"\nzoneinfo = \"Europe/London\"\nemail_verified = true\n\n"
        ));
    }
    for (name, words) in
        [("bench-profile", "see your profile"), ("bench-email", "see your address")]
    {
        text.push_str(&format!(
            "[[scope]]\nname = \"{name}\"\ntext = \"{words}\"\ngroup = \"data\"\n\n"
        ));
    }
    for id in [PAGE_APP, NEW_APP] {
        text.push_str(&app(
            id,
            "type = \"public\"",
            "\"implicit\", \"authorization_code\", \"refresh_token\"",
        ));
    }
    for id in [SERVICE, SIGNED_SERVICE] {
        let kind = format!("type = \"confidential\"\nclient_secret = \"{SECRET}\"");
        text.push_str(&app(id, &kind, "\"client_credentials\""));
    }
    text.push_str(&format!(
        "[[api]]\nidentifier = \"{SIGNED_API}\"\nformat = \"jwt\"\nclient_id = \"{SIGNED_SERVICE}\"\n"
    ));
    text
}

fn app(id: &str, kind: &str, grants: &str) -> String {
    let owner = username(0);
    format!(
        "[[app]]\nname = \"{id}\"\nclient_id = \"{id}\"\n{kind}\nredirect_uris = [\"{REDIRECT}\"]\n\
         grants = [{grants}]\nowner = \"{owner}\"\n\n"
    )
}
