//! What the sign-out pages show.

use askama::Template;

use crate::layout::PageFrame;

/// Asks before signing out: a link from elsewhere must not do it unasked.
#[derive(Debug, Template)]
#[template(path = "sign_out/page.html")]
pub(crate) struct SignOutPage {
    /// What stands around it.
    pub(crate) frame: PageFrame,
    /// Who is signed in.
    pub(crate) username: String,
    /// Binds the form to this session.
    pub(crate) form_token: String,
}

/// Says that nobody is signed in any more.
#[derive(Debug, Template)]
#[template(path = "sign_out/signed_out.html")]
pub(crate) struct SignedOutPage {
    /// What stands around it.
    pub(crate) frame: PageFrame,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::layout::tests::layout;

    #[test]
    fn signing_out_takes_a_form_of_ours() {
        let html = SignOutPage {
            frame: layout().frame("Sign out", Some("ada")),
            username: "ada".to_owned(),
            form_token: "token".to_owned(),
        }
        .render()
        .unwrap();
        assert!(html.contains(r#"<form method="post" action="/sign-out""#), "{html}");
        assert!(html.contains(r#"name="form_token" value="token""#), "{html}");
    }

    #[test]
    fn the_page_afterwards_leads_back_in() {
        let html = SignedOutPage { frame: layout().frame("Signed out", None) }.render().unwrap();
        assert!(html.contains(r#"href="/sign-in""#), "{html}");
    }
}
