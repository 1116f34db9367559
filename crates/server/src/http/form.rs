//! Reading a posted form: bounded, strict, each field once.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use zeroize::Zeroizing;

/// The most bytes of a form.
pub(crate) const MAX_BODY: usize = 128 * 1024;
/// The most fields of a form.
const MAX_FIELDS: usize = 200;
/// How many fields most forms have at most.
const USUAL_FIELDS: usize = 8;
/// The content type of a form.
const FORM: &str = "application/x-www-form-urlencoded";
/// How long a browser may take to send one.
const PATIENCE: Duration = Duration::from_secs(10);

/// The fields of a form of the type `application/x-www-form-urlencoded`.
pub(crate) struct Form {
    fields: Vec<(String, Zeroizing<String>)>,
}

/// Why a form is not read. Its answer is bare; the layer around all pages dresses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FormProblem {
    /// Another content type.
    NotAForm,
    /// More than [`MAX_BODY`] or [`MAX_FIELDS`].
    TooLarge,
    /// It stopped coming.
    TooSlow,
    /// It broke off, is not UTF-8, or has a `%` without two hexadecimal digits.
    Unreadable,
}

impl FormProblem {
    /// The status that tells it.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::NotAForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Unreadable => StatusCode::BAD_REQUEST,
        }
    }
}

impl IntoResponse for FormProblem {
    fn into_response(self) -> Response {
        self.status().into_response()
    }
}

impl Form {
    /// The value of a field that was sent once; a field sent twice counts as not sent, because it is
    /// not known which of the two was meant.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut values = self.fields.iter().filter(|(found, _)| found == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    /// The value of a field, or the empty text.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.field(name).unwrap_or_default()
    }

    /// All values of a field that may be sent several times.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Whether any field was sent twice.
    pub(crate) fn has_repetition(&self) -> bool {
        self.fields.iter().any(|(name, _)| self.all(name).nth(1).is_some())
    }

    /// Reads the form of a request with these headers.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) async fn read(headers: &HeaderMap, body: Body) -> Result<Self, FormProblem> {
        Self::parse(&read_body(headers, body).await?)
    }

    fn parse(body: &[u8]) -> Result<Self, FormProblem> {
        let body = readable(body)?;
        let mut fields = Vec::with_capacity(USUAL_FIELDS);
        let mut rest = Some(body);
        while let Some(pairs) = rest {
            let (pair, others) = halves(pairs, b'&');
            rest = others;
            if pair.is_empty() {
                continue;
            }
            if fields.len() == MAX_FIELDS {
                return Err(FormProblem::TooLarge);
            }
            let (name, value) = halves(pair, b'=');
            fields.push((decode(name)?, Zeroizing::new(decode(value.unwrap_or_default())?)));
        }
        Ok(Self { fields })
    }
}

/// What stands before the first `mark`, and what stands after it.
fn halves(text: &str, mark: u8) -> (&str, Option<&str>) {
    match memchr::memchr(mark, text.as_bytes()) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

/// Decodes `%XX` and `+` once. A `%` that begins no escape is refused, so that every text has one reading.
fn decode(text: &str) -> Result<String, FormProblem> {
    // Most texts hold no escape.
    if memchr::memchr2(b'%', b'+', text.as_bytes()).is_none() {
        return Ok(text.to_owned());
    }
    let decoded = unescape(text.as_bytes())?;
    readable(&decoded)?;
    String::from_utf8(decoded).map_err(|_| FormProblem::Unreadable)
}

/// The text of these bytes, unless it holds U+FFFD, which stands for what could not be read and which nothing
/// of ours contains.
fn readable(bytes: &[u8]) -> Result<&str, FormProblem> {
    let text = str::from_utf8(bytes).map_err(|_| FormProblem::Unreadable)?;
    match !text.is_ascii() && text.contains('\u{fffd}') {
        true => Err(FormProblem::Unreadable),
        false => Ok(text),
    }
}

fn unescape(text: &[u8]) -> Result<Vec<u8>, FormProblem> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(special) = rest.iter().position(|byte| matches!(byte, b'%' | b'+')) {
        let (plain, escape) = rest.split_at(special);
        decoded.extend_from_slice(plain);
        rest = match escape {
            [b'+', rest @ ..] => {
                decoded.push(b' ');
                rest
            }
            [_, high, low, rest @ ..] => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let (high, low) = digit(*high).zip(digit(*low)).ok_or(FormProblem::Unreadable)?;
                decoded.push(u8::try_from(high << 4 | low).map_err(|_| FormProblem::Unreadable)?);
                rest
            }
            _ => return Err(FormProblem::Unreadable),
        };
    }
    decoded.extend_from_slice(rest);
    Ok(decoded)
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = FormProblem;

    async fn from_request(request: Request, _: &S) -> Result<Self, FormProblem> {
        let (parts, body) = request.into_parts();
        Self::read(&parts.headers, body).await
    }
}

/// The raw text of a posted form, for who reads it in their own way.
pub(crate) struct RawForm(pub(crate) String);

impl<S: Send + Sync> FromRequest<S> for RawForm {
    type Rejection = FormProblem;

    async fn from_request(request: Request, _: &S) -> Result<Self, FormProblem> {
        let (parts, body) = request.into_parts();
        let bytes = read_body(&parts.headers, body).await?;
        String::from_utf8(bytes.into()).map(Self).map_err(|_| FormProblem::Unreadable)
    }
}

async fn read_body(headers: &HeaderMap, body: Body) -> Result<Bytes, FormProblem> {
    // Nothing packed is unpacked: a small body could become a huge one.
    if !is_form(headers) || headers.contains_key(CONTENT_ENCODING) {
        return Err(FormProblem::NotAForm);
    }
    // What is announced as too large is not waited for, nor asked for with `100 Continue`.
    if body.size_hint().lower() > MAX_BODY as u64 {
        return Err(FormProblem::TooLarge);
    }
    let mut reading = pin!(Limited::new(body, MAX_BODY).collect());
    // Most forms come with their head, and nothing has to be timed.
    let body = match poll_fn(|context| Poll::Ready(reading.as_mut().poll(context))).await {
        Poll::Ready(body) => body,
        Poll::Pending => {
            let patient = tokio::time::timeout(PATIENCE, reading);
            patient.await.map_err(|_| FormProblem::TooSlow)?
        }
    };
    match body {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(FormProblem::TooLarge),
        Err(_) => Err(FormProblem::Unreadable),
    }
}

/// One content type, the right one, in no other character set than UTF-8.
fn is_form(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    // As almost everybody writes it.
    if value == FORM {
        return true;
    }
    let mut parts = value.to_str().unwrap_or_default().split(';').map(str::trim);
    let is_type = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(FORM));
    let is_utf8 = parts.filter_map(|parameter| parameter.split_once('=')).all(|(name, value)| {
        !name.eq_ignore_ascii_case("charset")
            || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
    });
    is_type && is_utf8
}
