//! The page that says no: what happened, whose fault it is, what to do now.

use askama::Template;

use super::PageFrame;

/// A refusal in plain words. Also shown where nothing is, and for a fault of our own.
#[derive(Debug, Template)]
#[template(path = "layout/refusal.html")]
pub(crate) struct RefusalPage {
    /// What stands around it; its title is the sentence.
    pub(crate) frame: PageFrame,
    /// What happened: one of the stable sentences where there is one. The first text of the page.
    pub(crate) sentence: String,
    /// Whose fault it is, and why.
    pub(crate) explanation: String,
    /// What the reader can do now.
    pub(crate) next_step: NextStep,
    /// What the app's owner, or the operator, finds the event by.
    pub(crate) reference: Option<String>,
}

/// What to do now.
#[derive(Clone, Debug)]
pub(crate) struct NextStep {
    /// In words; may be empty if the link says it all.
    pub(crate) text: String,
    /// A link that does it: its label and its address on this site.
    pub(crate) link: Option<(String, String)>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::tests::layout;
    use super::*;

    #[test]
    fn the_sentence_is_the_first_text_of_the_page() {
        let sentence = "INVALID_CLIENT: Invalid redirect URI";
        let page = RefusalPage {
            frame: layout().frame(sentence, None),
            sentence: sentence.to_owned(),
            explanation: "The app sent <script>".to_owned(),
            next_step: NextStep { text: "Tell the app's maker.".to_owned(), link: None },
            reference: Some("K3JQ-88VA".to_owned()),
        };
        let html = page.render().unwrap();
        let body = html.split_once("<body>").unwrap().1;
        let texts = body.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text);
        assert_eq!(texts.map(str::trim).find(|text| !text.is_empty()), Some(sentence));
        assert!(html.contains("The app sent &#60;script&#62;"), "{html}");
        assert!(html.contains("K3JQ-88VA"));
    }
}
