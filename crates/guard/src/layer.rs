//! The guard in front of routes: a tower layer that lets a request through or answers it.

use std::mem;
use std::sync::Arc;
use std::task::{Context, Poll};

use hallpass_protocol::model::{Scope, ScopeSet, Secret};
use http::{HeaderMap, Request, Response, Uri};
use tower::{Layer, Service};

use crate::guarding::{Asking, Guarding};
use crate::{Access, Checker, Denied, ErrorShape, answer, bearer};

/// Stands in front of an API: knows how to check tokens and how the API words its errors. Cheap to
/// clone.
#[derive(Clone)]
pub struct Guard {
    checker: Arc<Checker>,
    realm: Arc<str>,
    errors: ErrorShape,
}

impl Guard {
    /// A guard with the realm `api` and errors as RFC 6750 has them.
    pub fn new(checker: Checker) -> Self {
        Self { checker: Arc::new(checker), realm: "api".into(), errors: ErrorShape::default() }
    }

    /// Names the API in `WWW-Authenticate`. What a header cannot carry (anything but printable ASCII) is
    /// left out.
    #[must_use]
    pub fn with_realm(self, realm: &str) -> Self {
        Self { realm: realm.into(), ..self }
    }

    /// Chooses the form of error bodies.
    #[must_use]
    pub fn with_errors(self, errors: ErrorShape) -> Self {
        Self { errors, ..self }
    }

    /// The form of error bodies, for errors that the API itself gives.
    pub fn errors(&self) -> ErrorShape {
        self.errors
    }

    /// A layer that lets requests through whose token carries all of these scopes.
    ///
    /// # Panics
    /// If a name cannot be a scope (RFC 6749 §3.3), as routers do for a path that cannot be one: it is a
    /// mistake in the program and shows when the routes are built, before any request.
    #[track_caller]
    pub fn require(&self, scopes: &[&str]) -> RequireScopes {
        let parse = |name: &&str| match Scope::parse(name) {
            Ok(scope) => scope,
            Err(problem) => panic!("{name:?} cannot be required: {problem}"),
        };
        RequireScopes::new(self.clone(), scopes.iter().map(parse).collect())
    }

    /// A layer that lets requests through that bear a good token, whatever its scopes.
    pub fn require_token(&self) -> RequireScopes {
        RequireScopes::new(self.clone(), ScopeSet::empty())
    }

    /// The answer to a request that is denied, for an API that finds a reason of its own: a token of a
    /// user who is gone is [`Denied::Unknown`].
    pub fn denial<B: From<String>>(&self, denied: &Denied) -> Response<B> {
        answer::denial(denied, &self.realm, self.errors)
    }

    /// Checks the token of a request, given by its headers and address, where a layer does not fit.
    ///
    /// # Errors
    /// [`Denied`]; [`Guard::denial`] makes an answer of it.
    pub async fn check(
        &self,
        headers: &HeaderMap,
        uri: &Uri,
        needed: &ScopeSet,
    ) -> Result<Access, Denied> {
        let token = bearer::borne(headers, uri)?;
        match self.checker.check_here(token, needed) {
            Some(checked) => checked,
            None => self.checker.check(&Secret::presented(token), needed).await,
        }
    }
}

/// The layer made by [`Guard::require`] and [`Guard::require_token`]. A request that passes carries
/// its [`Access`] as an extension.
///
/// It fits a handler (`own.layer(..)` of axum's `Handler`) as well as a route (`route_layer`); around a handler
/// it costs less, for a layered route is one route in another.
#[derive(Clone)]
pub struct RequireScopes(Arc<Required>);

/// Behind one pointer: each request takes copies of it.
struct Required {
    guard: Guard,
    needed: ScopeSet,
}

impl RequireScopes {
    fn new(guard: Guard, needed: ScopeSet) -> Self {
        Self(Arc::new(Required { guard, needed }))
    }
}

impl<S> Layer<S> for RequireScopes {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Guarded { inner, required: self.clone() }
    }
}

/// A service behind the guard.
#[derive(Clone)]
pub struct Guarded<S> {
    inner: S,
    required: RequireScopes,
}

impl<S, Q, A> Service<Request<Q>> for Guarded<S>
where
    S: Service<Request<Q>, Response = Response<A>> + Clone + Send + 'static,
    S::Future: Send,
    Q: Send + 'static,
    A: From<String>,
{
    type Response = Response<A>;
    type Error = S::Error;
    type Future = Guarding<S::Future, S::Error, A>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let Required { guard, needed } = &*self.required.0;
        let token = match bearer::borne(request.headers(), request.uri()) {
            Ok(token) => token,
            Err(denied) => return Guarding::decided(guard.denial(&denied)),
        };
        match guard.checker.check_here(token, needed) {
            Some(Ok(access)) => Guarding::passed(self.inner.call(bearing(request, access))),
            Some(Err(denied)) => Guarding::decided(guard.denial(&denied)),
            None => Guarding::asking(self.ask(Secret::presented(token), request)),
        }
    }
}

impl<S> Guarded<S> {
    fn ask<Q, A>(&mut self, token: Secret, request: Request<Q>) -> Asking<S::Error, A>
    where
        S: Service<Request<Q>, Response = Response<A>> + Clone + Send + 'static,
        S::Future: Send,
        Q: Send + 'static,
        A: From<String>,
    {
        // The service that was polled ready is the one to call; a fresh clone takes its place.
        let fresh = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, fresh);
        let RequireScopes(required) = self.required.clone();
        Box::pin(async move {
            let Required { guard, needed } = &*required;
            match guard.checker.check(&token, needed).await {
                Ok(access) => inner.call(bearing(request, access)).await,
                Err(denied) => Ok(guard.denial(&denied)),
            }
        })
    }
}

fn bearing<Q>(mut request: Request<Q>, access: Access) -> Request<Q> {
    request.extensions_mut().insert(access);
    request
}
