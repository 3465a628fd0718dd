//! Helpers that the contract suites share.
#![allow(dead_code)] // Each suite takes a part of it.

use std::time::Duration;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// The address in this environment variable. Without it the adapter's part of a suite is left out, which is said; where
/// `FEIRA_REQUIRE=all` promises that every service is there, a missing one is a failure.
pub fn service(variable: &str) -> Option<String> {
    if let Ok(address) = std::env::var(variable) {
        return Some(address);
    }
    let required = std::env::var("FEIRA_REQUIRE").is_ok_and(|required| required == "all");
    assert!(!required, "FEIRA_REQUIRE=all, but {variable} is not set (tests/services/services.sh start prints it)");
    eprintln!("{variable} is not set: this suite runs on the embedded adapter alone");
    None
}

/// The longest wait in a test: what has to come true comes true long before this, unless it never does.
pub const SOON: Duration = Duration::from_secs(60);

/// Waits for what must come true, and fails with `what` if it doesn't.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let came_true = tokio::time::timeout(SOON, async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    came_true.await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// A TCP proxy to `address` that drops its connections and refuses new ones while `true` was sent.
pub async fn breakable(address: String) -> (watch::Sender<bool>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = listener.local_addr().unwrap().to_string();
    let (cut, is_cut) = watch::channel(false);
    tokio::spawn(async move {
        while let Ok((inside, _)) = listener.accept().await {
            let (address, mut is_cut) = (address.clone(), is_cut.clone());
            tokio::spawn(async move {
                pass_on(inside, address, is_cut.wait_for(|cut| *cut)).await;
            });
        }
    });
    (cut, proxy)
}

/// Passes bytes on to `address` and back, until either end closes or this comes true.
async fn pass_on(mut inside: TcpStream, address: String, ends: impl Future) {
    let through = async {
        let mut outside = TcpStream::connect(address).await?;
        copy_bidirectional(&mut inside, &mut outside).await
    };
    tokio::select! {
        _ = through => {}
        _ = ends => {}
    }
}

/// A TCP proxy to the address that was sent last; whenever another is sent, it drops its connections.
pub async fn switchable(address: String) -> (watch::Sender<String>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = listener.local_addr().unwrap().to_string();
    let (to, mut changed) = watch::channel(address);
    tokio::spawn(async move {
        while let Ok((inside, _)) = listener.accept().await {
            let address = changed.borrow_and_update().clone();
            let mut changed = changed.clone();
            tokio::spawn(async move {
                pass_on(inside, address, changed.changed()).await;
            });
        }
    });
    (to, proxy)
}
