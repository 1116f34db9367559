//! What the front page shows.

use askama::Template;

use crate::layout::PageFrame;

/// The front page: what this service is, and where to go from here.
#[derive(Debug, Template)]
#[template(path = "home/page.html")]
pub(crate) struct HomePage {
    /// What stands around it; tells whether somebody is signed in.
    pub(crate) frame: PageFrame,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::layout::tests::layout;

    #[test]
    fn the_front_page_greets_who_is_signed_in_and_leads_others_to_sign_in() {
        let known = HomePage { frame: layout().frame("Welcome", Some("ada")) }.render().unwrap();
        assert!(known.contains("ada") && known.contains(r#"href="/dashboard""#), "{known}");
        assert!(known.contains(r#"class="button primary" href="/account/apps""#), "{known}");
        let stranger = HomePage { frame: layout().frame("Welcome", None) }.render().unwrap();
        assert!(stranger.contains(r#"href="/sign-in""#), "{stranger}");
        for own in [r#"href="/sign-out""#, r#"href="/account/apps""#] {
            assert!(!stranger.contains(own), "{stranger}");
        }
    }
}
