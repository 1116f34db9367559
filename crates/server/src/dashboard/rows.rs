//! A list of URIs in the form: one field a row, each judged beside it.

use askama::Template;
use hallpass_protocol::dashboard::{ClientForm, RowProblem};
use hallpass_protocol::model::{RedirectUri, RedirectUriPolicy};

/// A list of URIs.
#[derive(Debug, Template)]
#[template(path = "dashboard/rows.html")]
pub(crate) struct Rows {
    list: UriList,
    rows: Vec<Row>,
    /// What is wrong with the list as a whole.
    problem: Option<String>,
}

/// One URI.
#[derive(Debug)]
struct Row {
    number: usize,
    value: String,
    problem: Option<String>,
    caution: Option<String>,
}

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UriList {
    /// Where people return to after they agreed or cancelled.
    Redirect,
    /// Where people return to after they signed out.
    PostLogout,
}

impl UriList {
    const ALL: [Self; 2] = [Self::Redirect, Self::PostLogout];

    /// The name of its fields.
    pub(crate) const fn field(self) -> &'static str {
        match self {
            Self::Redirect => "redirect_uri",
            Self::PostLogout => "post_logout_redirect_uri",
        }
    }

    /// The list whose fields have that name.
    pub(crate) fn parse(field: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.field() == field)
    }

    /// The ids of its elements, before the number.
    const fn id(self) -> &'static str {
        match self {
            Self::Redirect => "redirect-uri",
            Self::PostLogout => "post-logout-uri",
        }
    }

    /// What one of it is called, at the beginning of a label.
    const fn label(self) -> &'static str {
        match self {
            Self::Redirect => "Redirect URI",
            Self::PostLogout => "Post-logout redirect URI",
        }
    }

    /// The same in the middle of one.
    const fn noun(self) -> &'static str {
        match self {
            Self::Redirect => "redirect URI",
            Self::PostLogout => "post-logout redirect URI",
        }
    }

    const fn example(self) -> &'static str {
        match self {
            Self::Redirect => "https://app.example/callback",
            Self::PostLogout => "https://app.example/signed-out",
        }
    }
}

impl Rows {
    /// The rows as they were `typed`, with what is wrong with each and with the list, and with `spare` empty
    /// ones behind them.
    pub(crate) fn typed(
        list: UriList,
        typed: &[String],
        problems: (&[Option<RowProblem>], Option<String>),
        policy: RedirectUriPolicy,
        spare: usize,
    ) -> Self {
        let (of_rows, of_list) = problems;
        let shown = typed.iter().enumerate().map(|(position, value)| {
            let problem = of_rows.get(position).and_then(Option::as_ref);
            let registered = RedirectUri::register(value.trim(), policy).ok();
            let caution = registered.and_then(|uri| uri.caution()).filter(|_| problem.is_none());
            Row {
                number: position + 1,
                value: value.clone(),
                problem: problem.map(ToString::to_string),
                caution: caution.map(|caution| caution.to_string()),
            }
        });
        // There is always a field to type into, and never more rows than an app may have.
        let count = typed.len();
        let wanted = (count + spare).clamp(1, ClientForm::MAX_REDIRECT_URIS.max(count));
        let empty = |number| Row { number, value: String::new(), problem: None, caution: None };
        let rows = shown.chain((count + 1..=wanted).map(empty)).collect();
        Self { list, rows, problem: of_list }
    }

    /// How many things are wrong.
    pub(crate) fn problem_count(&self) -> usize {
        self.rows.iter().filter(|row| row.problem.is_some()).count()
            + usize::from(self.problem.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_a_row_to_type_into_and_never_one_too_many() {
        let policy = RedirectUriPolicy { localhost: true };
        let with = |count: usize, spare| {
            let typed = vec!["https://a.example/".to_owned(); count];
            Rows::typed(UriList::Redirect, &typed, (&[], None), policy, spare).rows.len()
        };
        assert_eq!(with(0, 0), 1);
        assert_eq!(with(2, 0), 2);
        assert_eq!(with(2, 1), 3);
        assert_eq!(with(50, 1), 50);
        assert_eq!(with(60, 1), 60);
    }

    #[test]
    fn the_fields_of_each_list_have_a_name_of_their_own() {
        for list in UriList::ALL {
            assert_eq!(UriList::parse(list.field()), Some(list));
        }
        assert_eq!(UriList::parse("yes"), None);
    }
}
