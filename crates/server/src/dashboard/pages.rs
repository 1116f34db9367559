//! What the pages of the dashboard show.

use askama::Template;
use hallpass_protocol::model::{
    Client, ClientStatus, ClientType, GrantType, OpenIdSettings, Secret, SignatureAlgorithm,
    SubjectType,
};

use super::first_request::FirstRequests;
use super::form::{self, FormFields};
use crate::http::paging::Pages;
use crate::layout::{PageFrame, When};

/// The developer's apps.
#[derive(Debug, Template)]
#[template(path = "dashboard/apps.html")]
pub(crate) struct AppsPage {
    /// What stands around it.
    pub(crate) frame: PageFrame,
    /// The apps of this page of the list.
    pub(crate) apps: Vec<AppCard>,
    /// Which page of the list it is.
    pub(crate) at: Pages,
    /// What was just done.
    pub(crate) notice: Option<&'static str>,
}

/// One app in the list.
#[derive(Debug)]
pub(crate) struct AppCard {
    name: String,
    client_id: String,
    status: ClientStatus,
    kind: &'static str,
    made: When,
}

/// The form for a new app.
#[derive(Debug, Template)]
#[template(path = "dashboard/create.html")]
pub(crate) struct CreatePage {
    /// What stands around it.
    pub(crate) frame: PageFrame,
    /// The fields.
    pub(crate) fields: FormFields,
    /// Whether "confidential" is chosen.
    pub(crate) confidential: bool,
    /// Whether the fields hold anything that would be lost.
    pub(crate) unsaved: bool,
    /// Binds the form to this session.
    pub(crate) form_token: String,
}

/// A new app's secret, shown this once (refusals DB-02).
#[derive(Template)]
#[template(path = "dashboard/created.html")]
pub(crate) struct CreatedPage {
    /// What stands around it.
    pub(crate) frame: PageFrame,
    /// The new app.
    pub(crate) app: AppHead,
    /// Its secret.
    pub(crate) secret: Secret,
}

/// What stands above the tabs of an app.
#[derive(Debug)]
pub(crate) struct AppHead {
    name: String,
    client_id: String,
    status: ClientStatus,
}

/// An app at a glance.
#[derive(Debug, Template)]
#[template(path = "dashboard/overview.html")]
pub(crate) struct OverviewPage {
    /// What stands around it.
    pub(crate) frame: PageFrame,
    /// Which app.
    pub(crate) app: AppHead,
    /// When it was registered.
    pub(crate) made: When,
    /// What was registered.
    pub(crate) client: Client,
    /// What to try it with.
    pub(crate) requests: FirstRequests,
    /// What was just done.
    pub(crate) notice: Option<&'static str>,
}

/// The form for an app that is there.
#[derive(Debug, Template)]
#[template(path = "dashboard/settings.html")]
pub(crate) struct SettingsPage {
    /// What stands around it.
    pub(crate) frame: PageFrame,
    /// Which app.
    pub(crate) app: AppHead,
    /// The fields.
    pub(crate) fields: FormFields,
    /// Whether the fields hold something that is not saved.
    pub(crate) unsaved: bool,
    /// What was just done.
    pub(crate) notice: Option<&'static str>,
    /// Binds the forms to this session.
    pub(crate) form_token: String,
}

/// Asks before an app is deleted.
#[derive(Debug, Template)]
#[template(path = "dashboard/delete.html")]
pub(crate) struct DeletePage {
    /// What stands around it.
    pub(crate) frame: PageFrame,
    /// Which app.
    pub(crate) app: AppHead,
    /// Binds the form to this session.
    pub(crate) form_token: String,
}

impl AppCard {
    /// The card of `client`, dated `made`.
    pub(crate) fn of(client: Client, made: When) -> Self {
        Self {
            kind: form::kind(&client.client_type),
            name: client.name,
            client_id: client.id.to_string(),
            status: client.status,
            made,
        }
    }
}

impl AppHead {
    /// The head of `client`'s pages.
    pub(crate) fn of(client: &Client) -> Self {
        Self { name: client.name.clone(), client_id: client.id.to_string(), status: client.status }
    }
}

impl OverviewPage {
    fn kind(&self) -> &'static str {
        form::kind(&self.client.client_type)
    }

    /// What signs its ID tokens, if it is not what signs those of every app.
    fn id_token_algorithm(&self) -> Option<SignatureAlgorithm> {
        let algorithm = self.client.openid.id_token_algorithm;
        Some(algorithm).filter(|chosen| *chosen != OpenIdSettings::default().id_token_algorithm)
    }

    fn is_confidential(&self) -> bool {
        matches!(self.client.client_type, ClientType::Confidential { .. })
    }
}
