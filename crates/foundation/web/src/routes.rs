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
use kernel::{Error, Help, Right};
use serde::de::DeserializeOwned;
use tower_http::{CompressionLevel, catch_panic::CatchPanicLayer, compression::CompressionLayer};

use crate::{
    Cx, Rank, Shell, WebError,
    api::{self, Body, Operation},
    body, codes, error,
    kept::{self, Keep, Keeper},
    shell::{self, Dressing},
};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Anybody.
    Public,
    /// Whoever is signed in, for herself.
    SignedIn,
    /// Whoever is signed in, and who may do this for her.
    Helped(Help),
    /// Who holds this right at any organisation. The command checks the concrete one.
    Right(Right),
    /// Callers on the machine itself, not through a proxy, and who shows the operator's token.
    LocalOnly,
}

/// One line of the table of routes.
#[derive(Debug, Clone)]
pub struct RouteInfo {
    /// GET, POST, PUT or DELETE.
    pub method: Method,
    /// The path as axum spells it: `/offers/{id}`.
    pub path: String,
    /// Who may use it.
    pub access: Access,
    /// How long it must go on when there is too much to do.
    pub rank: Rank,
    /// Whether its answers may be kept for a moment.
    pub keep: Keep,
    /// How the API describes it, if it belongs to the API.
    pub operation: Option<Arc<Operation>>,
}

/// A set of routes. Nothing can be mounted without saying who may use it.
#[derive(Default)]
pub struct Routes {
    router: Router,
    table: Vec<RouteInfo>,
}

/// Longest body of a form, in bytes.
pub(crate) const FORM_BYTES_MAX: usize = 64 * 1024;

/// Pages are compressed anew for each answer. Brotli makes them at most 3 % smaller in twice the time, and further levels of gzip gain as
/// little.
pub(crate) const GZIP_LEVEL: i32 = 4;

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
        self.table.push(RouteInfo {
            method,
            path: path.to_owned(),
            access,
            rank: Rank::default(),
            keep: Keep::Never,
            operation: None,
        });
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

    /// Lets answers of all routes that are in the set so far be kept for a moment. They must be open to everybody and show everybody who is
    /// not signed in the same, but for tokens and keys of forms; see [`Keep`].
    ///
    /// # Panics
    /// If one of them is not open to everybody, or changes something.
    #[must_use]
    pub fn kept(mut self, keep: Keep) -> Self {
        for route in &mut self.table {
            assert!(
                route.access == Access::Public && route.method == Method::GET,
                "{} {} is not for everybody to read and cannot be kept",
                route.method,
                route.path
            );
            route.keep = keep;
        }
        self
    }

    /// Answers a method with an operation of the API, which describes itself.
    ///
    /// # Panics
    /// If the method is none of those that the API uses.
    #[must_use]
    pub fn api<H: Handler<T, ()>, T: 'static>(
        mut self,
        method: Method,
        path: &str,
        access: Access,
        operation: Operation,
        handler: H,
    ) -> Self {
        let operation = Arc::new(operation);
        let route = match method {
            Method::GET => routing::get(handler),
            Method::POST => routing::post(handler),
            Method::PUT => routing::put(handler),
            Method::DELETE => routing::delete(handler),
            _ => panic!("the API does not use {method}"),
        };
        let asked = operation.clone();
        let guard = middleware::from_fn(move |request, next| api_guard(access, asked.clone(), request, next));
        self.router = self.router.route(path, route.layer(guard));
        let rank = Rank::default();
        self.table.push(RouteInfo {
            method,
            path: path.to_owned(),
            access,
            rank,
            keep: Keep::Never,
            operation: Some(operation),
        });
        self
    }

    /// Answers GET with the description of all operations that are in the set so far.
    #[must_use]
    pub fn describe(self, path: &str, title: &str) -> Self {
        let document = Arc::new(api::document(&self.table(), title));
        let handler = move |cx: Cx| {
            let document = document.clone();
            async move { cx.json(StatusCode::OK, document.as_ref()) }
        };
        self.get(path, Access::Public, handler)
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
        let known = all.table.iter();
        let ranks = known.map(|route| ((route.method.clone(), route.path.clone()), (route.rank, route.keep)));
        let kept = all.table.iter().filter(|route| route.keep != Keep::Never);
        let kept = kept.map(|route| (route.path.clone(), route.rank)).collect();
        let keeper = shell.kept().map(|keeping| Arc::new(Keeper::new(shell.clone(), keeping, kept)));
        let shell = Dressing { shell, ranks: Arc::new(ranks.collect()) };
        let service = all
            .router
            .fallback(|| async { error::into_failure(Error::missing()) })
            .method_not_allowed_fallback(|| async { error::into_failure(Error::new(&codes::METHOD)) })
            .layer(CatchPanicLayer::custom(error::panicked))
            .layer(middleware::from_fn_with_state(shell, shell::dress))
            .layer(CompressionLayer::new().quality(CompressionLevel::Precise(GZIP_LEVEL)));
        match keeper {
            Some(keeper) => service.layer(middleware::from_fn_with_state(keeper, kept::keep)),
            None => service,
        }
    }
}

async fn guard(access: Access, bytes_max: usize, request: Request, next: Next) -> Response {
    match admit(access, bytes_max, request).await {
        Ok(request) => next.run(request).await,
        Err(response) => response,
    }
}

async fn api_guard(access: Access, operation: Arc<Operation>, request: Request, next: Next) -> Response {
    let Some(cx) = request.extensions().get::<Cx>().cloned() else {
        return error::into_failure(Error::bug("a route was mounted outside the shell"));
    };
    match admit_program(&cx, access, &operation, request).await {
        Ok(request) => next.run(request).await,
        Err(error) => error::into_failure(error),
    }
}

/// Things that a token may change in a minute, whichever processes it asks.
pub(crate) const TOKEN_CHANGES_MAX: i64 = 300;

async fn admit_program(
    cx: &Cx,
    access: Access,
    operation: &Operation,
    request: Request,
) -> Result<Request, Error> {
    match access {
        Access::Public | Access::LocalOnly => {}
        Access::SignedIn | Access::Helped(_) | Access::Right(_) if !cx.is_signed_in() => {
            return Err(Error::new(&kernel::SIGN_IN));
        }
        Access::SignedIn | Access::Helped(_) => {}
        Access::Right(right) => {
            if operation.scope.is_some_and(|scope| cx.has_scope(scope)) && !cx.may_somewhere(right) {
                return Err(Error::denied());
            }
        }
    }
    if let Some(scope) = operation.scope.filter(|scope| !cx.has_scope(*scope)) {
        return Err(Error::new(&api::SCOPE).arg("scope", scope));
    }
    shell::same_origin(request.method(), request.headers()).map_err(Error::from)?;
    let wrong = api::query_wrong(&operation.query, &cx.query);
    if !wrong.is_empty() {
        return Err(Error::fields(wrong));
    }
    if !request.method().is_safe()
        && let Some((token, _)) = &cx.token
    {
        let key = format!("api:{token}");
        cx.store.write("web.limit", move |tx| crate::limit(tx, &key, TOKEN_CHANGES_MAX, 60)).await?;
    }
    let json = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|value| value.trim().eq_ignore_ascii_case("application/json"));
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, api::JSON_BYTES_MAX)
        .await
        .map_err(|_| Error::new(&codes::TOO_LARGE).arg("kib", api::JSON_BYTES_MAX / 1024))?;
    if operation.body.is_some() && !json {
        return Err(Error::new(&codes::UNSUPPORTED));
    }
    if operation.body.is_some()
        && let Ok(sent) = serde_json::from_slice(&bytes)
    {
        let _ = cx.sent.set(sent);
    }
    let body = api::read_body(operation, &bytes)?;
    let mut request = Request::from_parts(parts, axum::body::Body::empty());
    request.extensions_mut().insert(body);
    Ok(request)
}

impl<S: Send + Sync> FromRequestParts<S> for Body {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, WebError> {
        let body = parts.extensions.get::<Body>().cloned();
        body.ok_or_else(|| Error::bug("an operation without a description reads a body").into())
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
        Access::Helped(wanted) => {
            cx.as_ref().map_or(Err(Error::new(&kernel::SIGN_IN)), |cx| cx.let_help(wanted))
        }
        Access::Right(right) => match &cx {
            Some(cx) if cx.may_somewhere(right) => Ok(()),
            Some(cx) => cx.signed_in().and_then(|_| Err(Error::denied())),
            None => Err(Error::new(&kernel::SIGN_IN)),
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
