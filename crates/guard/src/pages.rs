//! What lies around an API that pages of other origins call: a layer outside of the guard.
//!
//! Any page may call such an API: what protects it is the token, which the page must have, and no cookie is
//! ever read. The headers that say so (CORS, in the Fetch standard) are the same for everybody and are made
//! once.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, CACHE_CONTROL, HeaderName,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use pin_project_lite::pin_project;
use tower::{Layer, Service};

/// How long a page's browser may remember what a preflight was told, in seconds: a week.
const PREFLIGHT_LIFETIME: HeaderValue = HeaderValue::from_static("604800");

/// The outermost layer of an API: pages of any origin may call it and read its answers.
///
/// A preflight is answered here and needs no token. Every other answer, an error too, tells the page which
/// headers it may read, is never taken for another type than it says (`nosniff`), and is kept by nobody
/// (`no-store`) unless a handler said otherwise.
#[derive(Clone)]
pub struct OpenToPages(Arc<Headers>);

struct Headers {
    preflight: HeaderMap,
    exposed: HeaderValue,
}

impl OpenToPages {
    /// Pages may use these methods, send these headers, and read those of `exposed` beside the few that any
    /// page may read.
    pub fn new(methods: &[Method], sent: &[HeaderName], exposed: &[HeaderName]) -> Self {
        let methods = list(methods.iter().map(Method::as_str));
        let preflight = [
            (ACCESS_CONTROL_ALLOW_METHODS, methods),
            (ACCESS_CONTROL_ALLOW_HEADERS, list(sent.iter().map(HeaderName::as_str))),
            (ACCESS_CONTROL_MAX_AGE, PREFLIGHT_LIFETIME),
            (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        ];
        let exposed = list(exposed.iter().map(HeaderName::as_str));
        Self(Arc::new(Headers { preflight: HeaderMap::from_iter(preflight), exposed }))
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> HeaderValue {
    // Names of methods and headers always fit into a header.
    let names = names.collect::<Vec<_>>().join(",");
    HeaderValue::try_from(names).unwrap_or(HeaderValue::from_static(""))
}

impl<S> Layer<S> for OpenToPages {
    type Service = Opened<S>;

    fn layer(&self, inner: S) -> Opened<S> {
        Opened { inner, headers: Arc::clone(&self.0) }
    }
}

/// A service that pages may call.
#[derive(Clone)]
pub struct Opened<S> {
    inner: S,
    headers: Arc<Headers>,
}

impl<S, Q, A> Service<Request<Q>> for Opened<S>
where
    S: Service<Request<Q>, Response = Response<A>>,
    A: Default,
{
    type Response = Response<A>;
    type Error = S::Error;
    type Future = Opening<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Q>) -> Opening<S::Future> {
        let answer = match *request.method() {
            Method::OPTIONS => None,
            _ => Some(self.inner.call(request)),
        };
        Opening { answer, headers: Arc::clone(&self.headers) }
    }
}

pin_project! {
    /// The answer of an [`Opened`] service.
    pub struct Opening<F> {
        // None to a preflight.
        #[pin]
        answer: Option<F>,
        headers: Arc<Headers>,
    }
}

impl<F, E, A> Future for Opening<F>
where
    F: Future<Output = Result<Response<A>, E>>,
    A: Default,
{
    type Output = Result<Response<A>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(answer) = this.answer.as_pin_mut() else {
            let mut response = Response::new(A::default());
            *response.headers_mut() = this.headers.preflight.clone();
            return Poll::Ready(Ok(response));
        };
        let mut response = ready!(answer.poll(context))?;
        let headers = response.headers_mut();
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if !headers.contains_key(CACHE_CONTROL) {
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, this.headers.exposed.clone());
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        Poll::Ready(Ok(response))
    }
}
