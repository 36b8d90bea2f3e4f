//! Serves the design page alone: `cargo run --release -p web --example design -- 127.0.0.1:8099`.

use std::{net::SocketAddr, sync::Arc};

use kernel::{Chance, SystemClock};
use store::{Location, Store};
use web::{Access, Routes, Shell, testing};

async fn home(cx: web::Cx) -> web::Result {
    Ok(cx.redirect("/about/design"))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8099".to_owned());
    let directory = std::env::temp_dir().join(format!("xuecheng-design-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    let store = Store::open(
        &Location::File(directory.join("design.db")),
        Arc::new(SystemClock),
        Chance::from_system(),
    )?;
    let sessions = Arc::new(testing::TestSessions::default());
    let shell = Shell::new(store, testing::site(), sessions, [7; 32], Chance::from_system());
    let service = Routes::new().get("/", Access::Public, home).build(shell);
    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!("http://{address}/about/design");
    axum::serve(listener, service.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
