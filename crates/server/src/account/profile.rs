//! What a person tells of themselves: `/account/profile`.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use hallpass_protocol::model;
use hallpass_protocol::profile::{ProfileForm, ProfileProblems, judge};

use super::PROFILE;
use super::profile_fields::{Section, sections};
use crate::fault::Fault;
use crate::http::form::Form;
use crate::http::onward::out_of_date;
use crate::http::page::{self, FormAction};
use crate::http::person::Person;
use crate::http::redirect::{self, Asked};
use crate::layout::PageFrame;
use crate::state::{App, AppState};

/// The form.
#[derive(Debug, Template)]
#[template(path = "account/profile.html")]
struct ProfilePage {
    /// What stands around it.
    frame: PageFrame,
    sections: [Section; 4],
    /// How many fields have a problem.
    problems: usize,
    /// The address that the account has, and whether it is known to be theirs.
    email: String,
    email_verified: bool,
    /// Whether it has just been saved.
    saved: bool,
    /// Binds the form to this session.
    form_token: String,
}

pub(super) async fn show(
    State(app): State<AppState>,
    RawQuery(query): RawQuery,
    person: Person,
) -> Result<Response, Fault> {
    let told = told_by(&app, &person).await?;
    let form = ProfileForm::of(&told.profile);
    let page = ProfilePage {
        saved: query.as_deref() == Some("saved"),
        ..profile_page(&app, &person, &told, &form, &ProfileProblems::default())
    };
    page::answer(StatusCode::OK, &page, &FormAction::SelfOnly)
}

pub(super) async fn save(
    State(app): State<AppState>,
    person: Person,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Fault> {
    if !person.sent(&app, &headers, &form) {
        return out_of_date(&app, PROFILE, None);
    }
    let typed = ProfileForm::read(|field| form.text(field.as_str()).to_owned());
    let profile = match judge(&typed) {
        Ok(profile) => profile,
        Err(problems) => {
            let told = told_by(&app, &person).await?;
            let page = profile_page(&app, &person, &told, &typed, &problems);
            return page::answer(StatusCode::UNPROCESSABLE_ENTITY, &page, &FormAction::SelfOnly);
        }
    };
    // The account was shut since the session was read.
    if !app.set_profile(person.0.account.id, &profile).await? {
        return out_of_date(&app, PROFILE, None);
    }
    tracing::info!(account = %person.0.account.username, "profile saved");
    Ok(redirect::to_page(&format!("{PROFILE}?saved"), Asked::ByForm))
}

/// What the person told before. It is read, not remembered: who has just saved it sees what they saved,
/// whichever node they come to.
async fn told_by(app: &App, person: &Person) -> Result<model::Person, Fault> {
    let account = &person.0.account;
    let told = app.store.person(account.id).await?;
    let nothing = || model::Person { account: account.clone(), profile: model::Profile::default() };
    Ok(told.unwrap_or_else(nothing))
}

fn profile_page(
    app: &App,
    person: &Person,
    told: &model::Person,
    form: &ProfileForm,
    problems: &ProfileProblems,
) -> ProfilePage {
    ProfilePage {
        frame: person.frame(app, "Your profile"),
        sections: sections(form, problems),
        problems: problems.len(),
        email: told.account.email.as_str().to_owned(),
        email_verified: told.profile.email_verified,
        saved: false,
        form_token: person.form_token(app),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use hallpass_protocol::model::ProfileField;

    use super::*;
    use crate::layout::tests::layout;

    fn page(form: &ProfileForm) -> String {
        let problems = judge(form).err().unwrap_or_default();
        let page = ProfilePage {
            frame: layout().frame("Your profile", Some("ada")),
            sections: sections(form, &problems),
            problems: problems.len(),
            email: "ada@example.com".to_owned(),
            email_verified: true,
            saved: false,
            form_token: "token".to_owned(),
        };
        page.render().unwrap()
    }

    #[test]
    fn every_field_has_its_label_its_name_and_what_a_browser_may_fill_in() {
        let html = page(&ProfileForm::default());
        for field in ProfileField::ALL {
            let name = field.as_str();
            for part in
                [format!("<label for=\"{name}\">"), format!("id=\"{name}\" name=\"{name}\"")]
            {
                assert_eq!(html.matches(&part).count(), 1, "{part}\n{html}");
            }
        }
        for filled in [
            "name",
            "given-name",
            "additional-name",
            "family-name",
            "nickname",
            "bday",
            "sex",
            "url",
            "photo",
            "language",
            "tel",
            "street-address",
            "address-level2",
            "address-level1",
            "postal-code",
            "country-name",
        ] {
            assert!(html.contains(&format!("autocomplete=\"{filled}\"")), "{filled}\n{html}");
        }
    }

    #[test]
    fn a_problem_stands_at_its_field_and_is_tied_to_it() {
        let html = page(&ProfileForm::read(|field| match field {
            ProfileField::Birthdate => "10.12.1815".to_owned(),
            _ => String::new(),
        }));
        assert_eq!(html.matches("aria-invalid=\"true\"").count(), 1, "{html}");
        let field = html.split("id=\"birthdate\"").nth(1).unwrap().split('>').next().unwrap();
        assert!(field.contains("value=\"10.12.1815\""), "what was typed is still there: {field}");
        assert!(field.contains("aria-describedby=\"birthdate-note\""), "{field}");
        for told in ["<p class=\"problem\" id=\"birthdate-note\">", "one thing needs"] {
            assert!(html.contains(told), "{told}\n{html}");
        }
    }

    #[test]
    fn db_04_what_was_typed_is_shown_as_text() {
        let hostile = "</textarea>\"><script>alert(1)</script>";
        let html = page(&ProfileForm::read(|_| hostile.to_owned()));
        assert!(!html.contains("<script>"), "{html}");
        assert_eq!(html.matches("</textarea>").count(), 1, "{html}");
        assert_eq!(html.matches("&#60;script&#62;").count(), ProfileField::ALL.len(), "{html}");
    }

    #[test]
    fn the_page_speaks_the_persons_language_and_says_who_can_see_it() {
        let html = page(&ProfileForm::default());
        assert!(html.contains("Apps see it only when you allow them to"), "{html}");
        let html = html.to_lowercase();
        for word in ["oauth", "scope", "grant", "consent", "claim"] {
            assert!(!html.contains(word), "{word}\n{html}");
        }
    }
}
