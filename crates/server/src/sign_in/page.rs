//! What the sign-in page shows.

use askama::Template;

use crate::layout::PageFrame;

/// The sign-in form.
#[derive(Debug, Template)]
#[template(path = "sign_in/page.html")]
pub(crate) struct SignInPage {
    /// What stands around it.
    pub(crate) frame: PageFrame,
    /// The app that sent the person here, if one did.
    pub(crate) continue_to: Option<String>,
    /// What was typed as the name before; empty at first.
    pub(crate) username: String,
    /// Why the attempt before failed: one sentence that tells no name from a password.
    pub(crate) error: Option<String>,
    /// Binds the form to this browser.
    pub(crate) form_token: String,
    /// The signed address to go to afterwards.
    pub(crate) return_to: Option<String>,
    /// Where somebody without an account goes, with the same return address.
    pub(crate) sign_up_url: String,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::layout::tests::layout;

    #[test]
    fn the_fields_have_the_names_and_ids_that_scripts_and_managers_look_for() {
        let page = SignInPage {
            frame: layout().frame("Sign in", None),
            continue_to: Some("<i>Mixtape</i>".to_owned()),
            username: "ada\"><script>".to_owned(),
            error: Some("That name and password do not match.".to_owned()),
            form_token: "token".to_owned(),
            return_to: Some("signed".to_owned()),
            sign_up_url: "/sign-up".to_owned(),
        };
        let html = page.render().unwrap();
        for element in [
            r#"id="login-username" name="username""#,
            r#"id="login-password" name="password" type="password" autocomplete="current-password""#,
            r#"id="login-button""#,
            r#"role="alert""#,
            r#"aria-describedby="login-error""#,
            r#"name="return_to" value="signed""#,
            "&#60;i&#62;Mixtape&#60;/i&#62;",
            r#"value="ada&#34;&#62;&#60;script&#62;""#,
        ] {
            assert!(html.contains(element), "{element}\n{html}");
        }
    }
}
