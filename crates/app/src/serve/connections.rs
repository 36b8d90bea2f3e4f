//! Open connections: bounded in number, so that strangers cannot fill the memory with them, and each has to say in time what it wants.

use std::{future::Future, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tower::ServiceExt;

use super::stop::given;

/// What a connection is allowed.
#[derive(Debug, Clone, Copy)]
pub struct Allowed {
    /// Connections that are open at once; the others wait in the system's queue.
    pub at_once: u32,
    /// Time in which the head of a request must have come, from the opening or the answer before it on.
    pub head: Duration,
}

/// Accepts and serves until `closed` says so; then nothing new is accepted, and it ends when the requests that run are answered.
pub async fn serve(listener: TcpListener, pages: Router, allowed: Allowed, closed: watch::Receiver<bool>) {
    let free = Arc::new(Semaphore::new(allowed.at_once as usize));
    let next = async || {
        // The semaphore is never closed.
        let permit = free.clone().acquire_owned().await.ok()?;
        Some((accept(&listener).await, permit))
    };
    while let Some(Some(((stream, address), permit))) = unless(given(closed.clone()), next()).await {
        let (pages, closed) = (pages.clone(), closed.clone());
        tokio::spawn(async move {
            talk(stream, address, pages, allowed.head, closed).await;
            drop(permit);
        });
    }
    drop(listener);
    let _all_ended = free.acquire_many(allowed.at_once).await;
}

/// What the second comes to, unless the first ends before.
async fn unless<T>(first: impl Future<Output = ()>, second: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        () = first => None,
        came = second => Some(came),
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(came) => return came,
            // It was gone before it was taken.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::warn!(%error, "no connection can be accepted; trying again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// One connection, request after request.
async fn talk(
    stream: TcpStream,
    address: SocketAddr,
    pages: Router,
    head: Duration,
    closed: watch::Receiver<bool>,
) {
    // An answer is written in one piece; nothing is won by waiting for more.
    let _ = stream.set_nodelay(true);
    let answer = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(address));
        pages.clone().oneshot(request)
    });
    let mut talking = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(head)
            .serve_connection(TokioIo::new(stream), answer)
    );
    let ended = tokio::select! {
        ended = &mut talking => ended,
        () = given(closed) => {
            talking.as_mut().graceful_shutdown();
            talking.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}
