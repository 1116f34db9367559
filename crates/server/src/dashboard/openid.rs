//! The part of an app's form that is about OpenID Connect.

use askama::Template;
use hallpass_protocol::dashboard::{ClientForm, OpenIdForm, OpenIdProblems};
use hallpass_protocol::model::{RedirectUriPolicy, SignatureAlgorithm, SubjectType};

use super::rows::{Rows, UriList};
use crate::http::form::Form;

/// The fields. They are folded up unless something in them needs to be seen.
#[derive(Debug, Template)]
#[template(path = "dashboard/openid.html")]
pub(crate) struct OpenIdFields {
    open: bool,
    post_logout_redirect_uris: Rows,
    backchannel_logout_uri: String,
    backchannel_problem: Option<String>,
    id_token_algorithms: Vec<Choice>,
    userinfo_algorithms: Vec<Choice>,
    pairwise: bool,
    subject_type_problem: Option<String>,
}

/// One value that can be chosen.
#[derive(Debug)]
struct Choice {
    value: &'static str,
    label: &'static str,
    chosen: bool,
}

/// The algorithms in the order in which they are offered: first what every library knows.
const ALGORITHMS: [SignatureAlgorithm; 3] =
    [SignatureAlgorithm::Rs256, SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa];

impl OpenIdFields {
    /// The fields as they were typed, with what is wrong, and with `spare` empty rows for more URIs.
    pub(super) fn typed(
        form: &ClientForm,
        problems: &OpenIdProblems,
        policy: RedirectUriPolicy,
        spare: usize,
    ) -> Self {
        let form = &form.openid;
        let of_list = problems.post_logout_redirect_uris.map(|problem| problem.to_string());
        Self {
            open: !form.is_untouched() || spare > 0,
            post_logout_redirect_uris: Rows::typed(
                UriList::PostLogout,
                &form.post_logout_redirect_uris,
                (&problems.rows, of_list),
                policy,
                spare,
            ),
            backchannel_logout_uri: form.backchannel_logout_uri.clone(),
            backchannel_problem: problems.backchannel_logout_uri.map(|found| found.to_string()),
            id_token_algorithms: ALGORITHMS
                .map(|algorithm| choice(algorithm, form.id_token_algorithm == algorithm))
                .into(),
            userinfo_algorithms: userinfo_choices(form.userinfo_algorithm),
            pairwise: form.subject_type == SubjectType::Pairwise,
            subject_type_problem: problems.subject_type.map(|problem| problem.to_string()),
        }
    }

    /// How many things are wrong.
    pub(super) fn problem_count(&self) -> usize {
        let fields = [&self.backchannel_problem, &self.subject_type_problem];
        self.post_logout_redirect_uris.problem_count() + fields.into_iter().flatten().count()
    }
}

fn choice(algorithm: SignatureAlgorithm, chosen: bool) -> Choice {
    let label = match algorithm {
        SignatureAlgorithm::Rs256 => "RS256 (every library knows it)",
        SignatureAlgorithm::Es256 => "ES256",
        SignatureAlgorithm::EdDsa => "EdDSA (Ed25519)",
    };
    Choice { value: algorithm.as_str(), label, chosen }
}

fn userinfo_choices(chosen: Option<SignatureAlgorithm>) -> Vec<Choice> {
    let plain = Choice { value: "", label: "Not signed: plain JSON", chosen: chosen.is_none() };
    let signed = ALGORITHMS.map(|algorithm| choice(algorithm, chosen == Some(algorithm)));
    std::iter::once(plain).chain(signed).collect()
}

/// What the browser sent. A value that is none of those offered counts as the default.
pub(super) fn read(form: &Form) -> OpenIdForm {
    let default = OpenIdForm::default();
    OpenIdForm {
        id_token_algorithm: SignatureAlgorithm::parse(form.text("id_token_algorithm"))
            .unwrap_or(default.id_token_algorithm),
        userinfo_algorithm: SignatureAlgorithm::parse(form.text("userinfo_algorithm")),
        subject_type: SubjectType::parse(form.text("subject_type")).unwrap_or(default.subject_type),
        post_logout_redirect_uris: form
            .all(UriList::PostLogout.field())
            .map(str::to_owned)
            .collect(),
        backchannel_logout_uri: form.text("backchannel_logout_uri").to_owned(),
    }
}
