//! What every page shares: its frame, its style, its script and its icons.
//!
//! A handler asks the [`Layout`] for a [`PageFrame`], puts it into the page's struct and renders that.
//! A page holds no inline style or script and asks no other host for anything: the content security
//! policy forbids both. Style, script and favicon are embedded in the binary and served under names
//! that hold the digest of their content ([`assets`]), so a browser may keep them for ever.

mod accent;
mod assets;
mod refusal;
mod when;

use std::sync::Arc;

pub(crate) use accent::Accent;
use assets::Assets;
pub(crate) use assets::routes;
pub(crate) use refusal::{NextStep, RefusalPage};
pub(crate) use when::When;

/// What all pages of one installation share.
#[derive(Debug)]
pub(crate) struct Layout {
    service_name: String,
    assets: Assets,
}

impl Layout {
    /// The layout of a service that calls itself `service_name` and is marked by `accent`.
    pub(crate) fn new(service_name: String, accent: Accent) -> Self {
        Self { service_name, assets: Assets::new(accent) }
    }

    /// The frame of one page: `title` is its name without the service's, `username` that of the
    /// person who is signed in.
    pub(crate) fn frame(
        self: &Arc<Self>,
        title: impl Into<String>,
        username: Option<&str>,
    ) -> PageFrame {
        PageFrame {
            layout: Arc::clone(self),
            title: title.into(),
            username: username.map(str::to_owned),
        }
    }
}

/// What stands around a page's own content; every page struct has one in its field `frame`.
#[derive(Clone, Debug)]
pub(crate) struct PageFrame {
    layout: Arc<Layout>,
    /// The page's own name, for the browser's tab.
    pub(crate) title: String,
    /// Who is signed in.
    pub(crate) username: Option<String>,
}

impl PageFrame {
    /// What the service calls itself.
    pub(crate) fn service_name(&self) -> &str {
        &self.layout.service_name
    }

    /// Where the style is.
    pub(crate) fn style_url(&self) -> &str {
        self.layout.assets.style.url()
    }

    /// Where the script is.
    pub(crate) fn script_url(&self) -> &str {
        self.layout.assets.script.url()
    }

    /// Where the favicon is.
    pub(crate) fn icon_url(&self) -> &str {
        self.layout.assets.icon.url()
    }
}

/// One or two letters to stand for a name that has no picture: the beginnings of its first and its
/// last word.
pub(crate) fn initials(name: &str) -> String {
    let mut letters =
        name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = letters.next();
    first.into_iter().chain(letters.next_back()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A layout to render pages with.
    pub(crate) fn layout() -> Arc<Layout> {
        Arc::new(Layout::new("Hallpass".to_owned(), Accent::default()))
    }

    #[test]
    fn initials_are_the_first_and_the_last_words() {
        for (name, expected) in [
            ("Mixtape", "M"),
            ("night train radio", "NR"),
            ("  (Tiny)  apps ", "TA"),
            ("Übung 7", "Ü7"),
            ("…", ""),
            ("", ""),
        ] {
            assert_eq!(initials(name), expected, "{name:?}");
        }
    }
}
