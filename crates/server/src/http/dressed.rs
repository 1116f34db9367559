//! What is around all routes, as one service: no panic of a handler ends more than its request, and every
//! answer is dressed.
//!
//! A layer of the router would be wrapped around each route, boxed and cloned for each request; this costs
//! one look at the path.

use std::convert::Infallible;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Bytes, HttpBody};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{Method, Request};
use axum::response::{IntoResponse as _, Response};
use axum::routing::future::RouteFuture;
use tower::{BoxError, Service};

use super::page::dress;
use crate::fault::Fault;
use crate::state::AppState;

/// See the module.
#[derive(Clone)]
pub struct Dressed {
    routes: Router,
    app: AppState,
    is_plain: fn(&str) -> bool,
}

impl Dressed {
    /// `routes` in their dress. Answers to paths that are plain stay as they are.
    pub(crate) const fn new(routes: Router, app: AppState, is_plain: fn(&str) -> bool) -> Self {
        Self { routes, app, is_plain }
    }
}

impl<B> Service<Request<B>> for Dressed
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Dressing;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Dressing {
        let is_plain = (self.is_plain)(request.uri().path());
        let is_head = request.method() == Method::HEAD;
        let handler = self.routes.call(request);
        Dressing { handler, app: Arc::clone(&self.app), is_plain, is_head }
    }
}

/// An answer under way.
pub struct Dressing {
    handler: RouteFuture<Infallible>,
    app: AppState,
    is_plain: bool,
    is_head: bool,
}

impl Future for Dressing {
    type Output = Result<Response, Infallible>;

    /// The words of a panic may hold anything, so they go nowhere; the panic hook has logged the place.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        // Unwind safe: after a panic nothing of the handler is touched but to drop it.
        let handler = AssertUnwindSafe(|| Pin::new(&mut this.handler).poll(context));
        let answer =
            catch_unwind(handler).unwrap_or_else(|_| Poll::Ready(Ok(Fault::Panic.into_response())));
        answer.map_ok(|answer| match (this.is_plain, this.is_head) {
            (true, _) => answer,
            (false, false) => dress(&this.app, answer),
            (false, true) => head_of(dress(&this.app, answer)),
        })
    }
}

/// What a HEAD is told of the page that a GET would get (RFC 9110 §9.3.2): the router has done so with its own
/// answers.
fn head_of(mut answer: Response) -> Response {
    let body = mem::take(answer.body_mut());
    if let Some(length) = body.size_hint().exact().filter(|length| *length > 0) {
        answer.headers_mut().entry(CONTENT_LENGTH).or_insert(length.into());
    }
    answer
}
