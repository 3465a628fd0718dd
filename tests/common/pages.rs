//! A web server on loopback whose answers a test writes by hand, and which tells what it was asked.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// The answer of a path.
#[derive(Debug, Clone)]
pub enum Page {
    /// These bytes, head and all; then the connection ends.
    Raw(Vec<u8>),
    /// These bytes again and again, until nobody reads any more.
    Endless(Vec<u8>),
    /// Nothing, and the connection stays open.
    Silence,
}

impl Page {
    /// A file.
    pub fn file(body: &[u8]) -> Self {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        Self::Raw([head.as_bytes(), body].concat())
    }

    /// An answer without a body.
    pub fn status(status: u16) -> Self {
        Self::Raw(format!("HTTP/1.1 {status} -\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").into())
    }

    /// A redirect.
    pub fn to(address: &str) -> Self {
        let head =
            format!("HTTP/1.1 302 Found\r\nlocation: {address}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        Self::Raw(head.into())
    }
}

/// A running server; it ends with the test's runtime.
pub struct Pages {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Pages {
    /// Serves on a free port of this address of loopback.
    pub async fn start(ip: IpAddr, answer: impl Fn(&str) -> Page + Send + Sync + 'static) -> Self {
        Self::on(TcpListener::bind((ip, 0)).await.unwrap(), answer)
    }

    /// Serves who comes to this listener.
    pub fn on(listener: TcpListener, answer: impl Fn(&str) -> Page + Send + Sync + 'static) -> Self {
        let (address, asked) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let (answer, told) = (Arc::new(answer), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&answer), Arc::clone(&told)));
            }
        });
        Self { address, asked }
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The paths that were asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, answer: Arc<impl Fn(&str) -> Page>, asked: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8_lossy(&head);
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    asked.lock().unwrap().push(path.clone());
    match answer(&path) {
        Page::Raw(bytes) => drop(stream.write_all(&bytes).await),
        Page::Endless(bytes) => while stream.write_all(&bytes).await.is_ok() {},
        Page::Silence => std::future::pending().await,
    }
}
