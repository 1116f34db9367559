//! Tells clients that a session is over (OpenID Connect Back-Channel Logout 1.0), beside everything else.
//!
//! ```text
//! a session is closed -> notices in the store -> claimed by one node -> POST logout_token=…
//!      200, 204: forgotten     400: forgotten     anything else: again later, five times in a quarter of an hour
//! ```
//!
//! Nobody waits for it who signs out. A node that dies in between loses nothing: what it has claimed is due
//! again soon, at every node.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use hallpass_protocol::logout::LogoutToken;
use hallpass_protocol::model::{Client, ClientStatus, LogoutUri};
use hallpass_store::{LogoutNotice, StoreError};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::node::Node;
use crate::state::{App, AppState};

/// How long between two looks at what is due, if nothing is heard of a sign-out.
const PACE: Duration = Duration::from_secs(10);
/// The wait after the first try. They grow with the square of the tries: the last is made a quarter of an hour
/// after the sign-out.
const WAIT: Duration = Duration::from_secs(30);
/// How many tries are made.
const TRIES: u32 = 5;
/// How many notices are in hand at once.
const IN_HAND: usize = 32;
/// How long one is in hand: shorter than [`WAIT`], so that nobody else has it meanwhile.
const PATIENCE: Duration = Duration::from_secs(25);

/// Tells, and goes on telling until the end has come. What is in hand then is told by another node, or after
/// the next start.
pub async fn run(node: Arc<Node>, end: impl Future<Output = ()>) {
    let mut end = pin!(end);
    let mut in_hand = JoinSet::new();
    loop {
        // Before the look: whoever signs out after it is heard of.
        let sessions = Arc::clone(&node.app().sessions);
        let ended = sessions.ended();
        begin(&node.app(), &mut in_hand).await;
        tokio::select! {
            () = &mut end => break,
            () = ended => {}
            Some(_) = in_hand.join_next() => {}
            () = sleep(PACE) => {}
        }
    }
    in_hand.shutdown().await;
}

/// Tells everything that is due now, and waits until it is told or has failed.
///
/// # Errors
/// The store's.
pub async fn tell_due(app: &AppState) -> Result<(), StoreError> {
    loop {
        let notices = claim(app, IN_HAND).await?;
        if notices.is_empty() {
            return Ok(());
        }
        let mut in_hand = JoinSet::new();
        for notice in notices {
            in_hand.spawn(tell(Arc::clone(app), notice));
        }
        in_hand.join_all().await;
    }
}

/// Takes up as many notices as there is room for.
async fn begin(app: &AppState, in_hand: &mut JoinSet<()>) {
    let room = IN_HAND.saturating_sub(in_hand.len());
    if room == 0 {
        return;
    }
    match claim(app, room).await {
        Ok(notices) => {
            for notice in notices {
                in_hand.spawn(tell(Arc::clone(app), notice));
            }
        }
        Err(error) => tracing::warn!("apps cannot be told who has signed out: {error}"),
    }
}

async fn claim(app: &App, room: usize) -> Result<Vec<LogoutNotice>, StoreError> {
    let limit = u32::try_from(room).unwrap_or(u32::MAX);
    app.store.claim_logout_notices(app.now(), WAIT, limit).await
}

/// What came of one try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// The client knows.
    Done,
    /// It is not to be asked again.
    Never,
    /// Perhaps later.
    Later,
}

async fn tell(app: AppState, notice: LogoutNotice) {
    let told = match addressee(&notice) {
        Some((client, uri)) => send(&app, &notice, client, uri).await,
        None => Told::Never,
    };
    let is_last = notice.attempts >= TRIES;
    if is_last && told == Told::Later {
        tracing::warn!(client = %notice.client_id, "an app was not told that somebody has signed out");
    }
    if is_last || told != Told::Later {
        let forgotten = app.store.forget_logout_notice(&notice.session, &notice.client_id).await;
        if let Err(error) = forgotten {
            tracing::warn!("an app will be told once more who has signed out: {error}");
        }
    }
}

/// Who is told, if they are still there and still want to be.
fn addressee(notice: &LogoutNotice) -> Option<(&Client, &LogoutUri)> {
    let client = notice.client.as_ref()?;
    let uri = client.openid.backchannel_logout_uri.as_ref()?;
    (client.status == ClientStatus::Active).then_some((client, uri))
}

async fn send(app: &App, notice: &LogoutNotice, client: &Client, uri: &LogoutUri) -> Told {
    let token = LogoutToken { client, account: notice.account, session: &notice.session };
    // A new one for each try: it is good for two minutes.
    let token = match token.sign(&app.issuer(), &mut app.rng(), app.now()) {
        Ok(token) => token,
        Err(problem) => {
            tracing::error!(client = %client.id, "a logout token cannot be made: {problem}");
            return Told::Later;
        }
    };
    let fields = [("logout_token", token.as_str())];
    match timeout(PATIENCE, app.outgoing.post_form(uri.as_str(), &fields)).await {
        // Back-Channel Logout §2.8: 200, and of frameworks that know better 204.
        Ok(Ok(StatusCode::OK | StatusCode::NO_CONTENT)) => Told::Done,
        // The request "was invalid or the logout failed": the same again would be refused again.
        Ok(Ok(StatusCode::BAD_REQUEST)) => {
            tracing::info!(client = %client.id, "an app refuses to hear that somebody has signed out");
            Told::Never
        }
        Ok(Ok(_)) => failed(client, "the answer is none that the standard knows"),
        Ok(Err(problem)) => failed(client, &problem.to_string()),
        Err(_) => failed(client, "its turn did not come"),
    }
}

fn failed(client: &Client, reason: &str) -> Told {
    tracing::info!(client = %client.id, reason, "an app could not be told that somebody has signed out");
    Told::Later
}
