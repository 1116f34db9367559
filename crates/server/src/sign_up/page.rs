//! What the sign-up page shows.

use askama::Template;

use crate::layout::PageFrame;

/// The sign-up form.
#[derive(Debug, Template)]
#[template(path = "sign_up/page.html")]
pub(crate) struct SignUpPage {
    /// What stands around it.
    pub(crate) frame: PageFrame,
    /// The app that sent the person here, if one did.
    pub(crate) continue_to: Option<String>,
    /// What was typed as the name; empty at first.
    pub(crate) username: String,
    /// What was typed as the address; empty at first.
    pub(crate) email: String,
    /// What is to be changed.
    pub(crate) problems: SignUpProblems,
    /// Binds the form to this browser.
    pub(crate) form_token: String,
    /// The signed address to go to afterwards.
    pub(crate) return_to: Option<String>,
    /// Where somebody who has an account goes, with the same return address.
    pub(crate) sign_in_url: String,
}

/// What is wrong with each field, in a sentence.
#[derive(Debug, Default)]
pub(crate) struct SignUpProblems {
    /// With the form as a whole.
    pub(crate) form: Option<String>,
    /// With the name.
    pub(crate) username: Option<String>,
    /// With the address.
    pub(crate) email: Option<String>,
    /// With the password.
    pub(crate) password: Option<String>,
}

impl SignUpProblems {
    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        [&self.form, &self.username, &self.email, &self.password].into_iter().all(Option::is_none)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::layout::tests::layout;

    #[test]
    fn each_problem_is_tied_to_its_field() {
        let page = SignUpPage {
            frame: layout().frame("Sign up", None),
            continue_to: None,
            username: "<b>".to_owned(),
            email: "nowhere".to_owned(),
            problems: SignUpProblems {
                username: Some("That username is not available.".to_owned()),
                email: Some("Enter an e-mail address like name@example.com.".to_owned()),
                ..SignUpProblems::default()
            },
            form_token: "token".to_owned(),
            return_to: None,
            sign_in_url: "/sign-in".to_owned(),
        };
        let html = page.render().unwrap();
        for element in [
            r#"id="sign-up-username-problem""#,
            r#"aria-describedby="sign-up-username-problem sign-up-username-hint""#,
            r#"aria-describedby="sign-up-email-problem""#,
            r#"value="&#60;b&#62;""#,
        ] {
            assert!(html.contains(element), "{element}\n{html}");
        }
        assert!(!html.contains("sign-up-password-problem"), "{html}");
    }
}
