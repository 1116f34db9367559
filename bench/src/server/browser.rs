//! Somebody at a browser: signs in and agrees by posting the pages' forms.

use anyhow::{Context as _, ensure};

use super::apps;
use crate::wire::{Connection, Request, form};

/// A sign-in form that was loaded and filled in.
pub(crate) struct SignInForm {
    /// The request that posts it.
    pub(crate) request: Request,
    visitor: String,
}

impl SignInForm {
    /// Loads the page and fills in who the `number`th person is.
    ///
    /// # Errors
    /// The page is not there.
    pub(crate) async fn load(
        connection: &mut Connection,
        host: &str,
        number: usize,
    ) -> anyhow::Result<Self> {
        let page = connection.ask(&Request::get(host, "/sign-in").bytes()).await?;
        let visitor = page.cookie("visitor").context("no visitor cookie")?.to_owned();
        let token = hidden(page.body, "form_token").context("no sign-in form")?;
        let username = apps::username(number);
        let fields = [("form_token", token), ("username", &username), ("password", apps::PASSWORD)];
        let request = Request::post(host, "/sign-in", form(fields))
            .header("cookie", &format!("hallpass-visitor={visitor}"));
        Ok(Self { request, visitor })
    }
}

/// Signs the `number`th person in; answers the `Cookie` header of their browser.
///
/// # Errors
/// They are not let in.
pub(crate) async fn sign_in(
    connection: &mut Connection,
    host: &str,
    number: usize,
) -> anyhow::Result<String> {
    let SignInForm { request, visitor } = SignInForm::load(connection, host, number).await?;
    let answer = connection.ask(&request.bytes()).await?;
    let session = answer.cookie("session").with_context(|| format!("not let in: {answer}"))?;
    Ok(format!("hallpass-visitor={visitor}; hallpass-session={session}"))
}

/// Asks for `/authorize?query`, agrees if there is a question, and answers where it led.
///
/// # Errors
/// It led nowhere.
pub(crate) async fn authorize(
    connection: &mut Connection,
    host: &str,
    cookie: &str,
    query: &str,
) -> anyhow::Result<String> {
    let ask = Request::get(host, &format!("/authorize?{query}")).header("cookie", cookie);
    let answer = connection.ask(&ask.bytes()).await?;
    if let Some(location) = answer.header("location") {
        return Ok(location.to_owned());
    }
    ensure!(answer.status == 200, "neither a question nor an answer: {answer}");
    let token = hidden(answer.body, "form_token").context("no form on the consent page")?;
    let fields = [("query", query), ("form_token", token), ("answer", "agree")];
    let agree = Request::post(host, "/authorize/answer", form(fields)).header("cookie", cookie);
    let answer = connection.ask(&agree.bytes()).await?;
    let location = answer.header("location");
    Ok(location.with_context(|| format!("agreed in vain: {answer}"))?.to_owned())
}

/// The value of a hidden field.
fn hidden<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let start = format!("name=\"{name}\" value=\"");
    page.split_once(&start)?.1.split('"').next()
}
