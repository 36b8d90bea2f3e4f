//! Routes that state who may use them, and the layer that holds them to it.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{ConnectInfo, FromRequestParts, Request},
    handler::Handler,
    http::{Method, StatusCode, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{self, MethodRouter},
};
use kernel::{Error, Right};
use serde::de::DeserializeOwned;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};

use crate::{
    Cx, Rank, Shell, WebError, body, codes, error,
    shell::{self, Dressing},
};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Anybody.
    Public,
    /// Whoever is signed in.
    SignedIn,
    /// Who holds this right at any organisation. The command checks the concrete one.
    Right(Right),
    /// Callers on the machine itself, not through a proxy, and who shows the operator's token.
    LocalOnly,
}

/// One line of the table of routes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteInfo {
    /// GET, POST, PUT or DELETE.
    pub method: Method,
    /// The path as axum spells it: `/offers/{id}`.
    pub path: String,
    /// Who may use it.
    pub access: Access,
    /// How long it must go on when there is too much to do.
    pub rank: Rank,
}

/// A set of routes. Nothing can be mounted without saying who may use it.
#[derive(Default)]
pub struct Routes {
    router: Router,
    table: Vec<RouteInfo>,
}

/// Longest body of a form, in bytes.
const FORM_BYTES_MAX: usize = 64 * 1024;

impl Routes {
    /// No routes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers GET and HEAD.
    #[must_use]
    pub fn get<H: Handler<T, ()>, T: 'static>(self, path: &str, access: Access, handler: H) -> Self {
        self.add(Method::GET, path, access, FORM_BYTES_MAX, routing::get(handler))
    }

    /// Answers POST with a body of at most 64 KiB.
    #[must_use]
    pub fn post<H: Handler<T, ()>, T: 'static>(self, path: &str, access: Access, handler: H) -> Self {
        self.add(Method::POST, path, access, FORM_BYTES_MAX, routing::post(handler))
    }

    /// Answers PUT with a body of at most 64 KiB.
    #[must_use]
    pub fn put<H: Handler<T, ()>, T: 'static>(self, path: &str, access: Access, handler: H) -> Self {
        self.add(Method::PUT, path, access, FORM_BYTES_MAX, routing::put(handler))
    }

    /// Answers DELETE.
    #[must_use]
    pub fn delete<H: Handler<T, ()>, T: 'static>(self, path: &str, access: Access, handler: H) -> Self {
        self.add(Method::DELETE, path, access, FORM_BYTES_MAX, routing::delete(handler))
    }

    /// Answers POST with a body of at most so many bytes, such as files.
    #[must_use]
    pub fn upload<H: Handler<T, ()>, T: 'static>(
        self,
        path: &str,
        access: Access,
        bytes_max: usize,
        handler: H,
    ) -> Self {
        self.add(Method::POST, path, access, bytes_max, routing::post(handler))
    }

    fn add(
        mut self,
        method: Method,
        path: &str,
        access: Access,
        bytes_max: usize,
        route: MethodRouter,
    ) -> Self {
        let guard = middleware::from_fn(move |request, next| guard(access, bytes_max, request, next));
        self.router = self.router.route(path, route.layer(guard));
        self.table.push(RouteInfo { method, path: path.to_owned(), access, rank: Rank::default() });
        self
    }

    /// Ranks all routes that are in the set so far.
    #[must_use]
    pub fn ranked(mut self, rank: Rank) -> Self {
        for route in &mut self.table {
            route.rank = rank;
        }
        self
    }

    /// Takes in all routes of another set.
    #[must_use]
    pub fn merge(mut self, other: Routes) -> Self {
        self.router = self.router.merge(other.router);
        self.table.extend(other.table);
        self
    }

    /// All routes with their access, those of this crate included, sorted by path.
    pub fn table(&self) -> Vec<RouteInfo> {
        let mut table = self.table.clone();
        table.extend(crate::pages::routes().table);
        table.sort_by(|a, b| (&a.path, a.method.as_str()).cmp(&(&b.path, b.method.as_str())));
        table
    }

    /// The service: these routes and those of this crate (assets, health, `/about/errors`, `/about/design`), behind every layer.
    pub fn build(self, shell: Shell) -> Router {
        let all = self.merge(crate::pages::routes());
        let ranks = all.table.iter().map(|route| ((route.method.clone(), route.path.clone()), route.rank));
        let shell = Dressing { shell, ranks: Arc::new(ranks.collect()) };
        all.router
            .fallback(|| async { error::into_failure(Error::missing()) })
            .method_not_allowed_fallback(|| async { error::into_failure(Error::new(&codes::METHOD)) })
            .layer(CatchPanicLayer::custom(error::panicked))
            .layer(middleware::from_fn_with_state(shell, shell::dress))
            .layer(CompressionLayer::new())
    }
}

async fn guard(access: Access, bytes_max: usize, request: Request, next: Next) -> Response {
    match admit(access, bytes_max, request).await {
        Ok(request) => next.run(request).await,
        Err(response) => response,
    }
}

async fn admit(access: Access, bytes_max: usize, request: Request) -> Result<Request, Response> {
    let cx = request.extensions().get::<Cx>().cloned();
    let allowed = match access {
        Access::Public => Ok(()),
        Access::LocalOnly => local(&request, cx.as_ref()),
        Access::SignedIn => {
            cx.as_ref().map_or(Err(Error::new(&kernel::SIGN_IN)), |cx| cx.signed_in().map(|_| ()))
        }
        Access::Right(right) => match &cx {
            Some(cx) if cx.may_somewhere(right) => Ok(()),
            Some(cx) if cx.is_signed_in() => Err(Error::denied()),
            _ => Err(Error::new(&kernel::SIGN_IN)),
        },
    };
    if let Err(error) = allowed {
        return Err(WebError::from(error).into_response());
    }
    let Some(cx) = cx else { return Ok(request) };
    shell::same_origin(request.method(), request.headers()).map_err(IntoResponse::into_response)?;
    body::admit(&cx, bytes_max, request).await.map_err(IntoResponse::into_response)
}

/// Callers from elsewhere learn nothing of the route, not even that it exists.
fn local(request: &Request, cx: Option<&Cx>) -> Result<(), Error> {
    if cx.is_some_and(|cx| cx.shell.is_operator(request.headers())) {
        return Ok(());
    }
    let here =
        request.extensions().get::<ConnectInfo<SocketAddr>>().is_some_and(|info| info.0.ip().is_loopback());
    let relayed = ["x-forwarded-for", "x-real-ip"].iter().any(|name| request.headers().contains_key(*name))
        || request.headers().contains_key(header::FORWARDED);
    if here && !relayed { Ok(()) } else { Err(Error::missing()) }
}

/// Like axum's `Path`; an unreadable part of a path is a page that does not exist.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, WebError> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0)).map_err(|rejection| {
            if rejection.status() == StatusCode::INTERNAL_SERVER_ERROR {
                Error::bug("a handler reads other parts than its path has").caused_by(rejection).into()
            } else {
                Error::missing().into()
            }
        })
    }
}
