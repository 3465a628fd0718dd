#!/usr/bin/env bash
# Behaviour: lettre's client of SMTP, asynchronous on tokio,
#   1. takes a reply that is a code alone (`250`) for an error, also the one to a whole message, so that a mail that was taken is an error;
#   2. knows a server's words in capitals alone: `auth plain login` offers no login.
# Versions: lettre 0.11.23.
# Source: src/transport/smtp/response.rs (`parse_response` wants a space behind the last code), extension.rs (`ServerInfo::from_response`
#   compares with "AUTH"). RFC 5321 has replies without text (4.2, Reply-line) and words of any case (2.4).
# Guess before running: a code alone is a reply, and case does not matter.
# Seen: as above. The same holds for each alone; of a reply with a text the mail is sent.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "replies"
version = "0.0.0"
edition = "2021"

[dependencies]
lettre = { version = "=0.11.23", default-features = false, features = ["builder", "smtp-transport", "tokio1"] }
tokio = { version = "1", features = ["full"] }

[workspace]
TOML
cat >src/main.rs <<'RUST'
use lettre::{
    transport::smtp::authentication::Credentials, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};

type Mailer = AsyncSmtpTransport<Tokio1Executor>;

/// Writes a reply, and reads until what comes ends like this; another reply for each.
async fn speak(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), dialogue: &[(&str, &str)]) {
    for (reply, until) in dialogue {
        stream.write_all(reply.as_bytes()).await.unwrap();
        let (mut came, mut bytes) = (Vec::new(), [0; 4096]);
        while !came.ends_with(until.as_bytes()) {
            match stream.read(&mut bytes).await {
                Ok(0) | Err(_) => return,
                Ok(read) => came.extend_from_slice(&bytes[..read]),
            }
        }
    }
}

async fn server(dialogue: &'static [(&'static str, &'static str)]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        speak(&mut stream, dialogue).await;
    });
    port
}

fn message() -> Message {
    let address = |text: &str| text.parse().unwrap();
    Message::builder().from(address("a@shop.example")).to(address("b@home.example")).body("Hello".to_owned()).unwrap()
}

fn plain(port: u16) -> lettre::transport::smtp::AsyncSmtpTransportBuilder {
    Mailer::builder_dangerous("127.0.0.1").port(port)
}

async fn told(mailer: Mailer) -> String {
    match mailer.send(message()).await {
        Ok(response) => format!("sent ({})", response.code()),
        Err(error) => error.to_string(),
    }
}

#[tokio::main]
async fn main() {
    let usual = server(&[
        ("220 hello\r\n", "\r\n"), ("250 hello\r\n", "\r\n"), ("250 ok\r\n", "\r\n"), ("250 ok\r\n", "\r\n"),
        ("354 go\r\n", "\r\n.\r\n"), ("250 taken\r\n", "\r\n"),
    ]).await;
    println!("a reply with a text: {}", told(plain(usual).build()).await);

    let bare = server(&[
        ("220 hello\r\n", "\r\n"), ("250 hello\r\n", "\r\n"), ("250 ok\r\n", "\r\n"), ("250 ok\r\n", "\r\n"),
        ("354 go\r\n", "\r\n.\r\n"), ("250\r\n", "\r\n"),
    ]).await;
    println!("a reply of a code alone: {}", told(plain(bare).build()).await);

    let small = server(&[("220 hello\r\n", "\r\n"), ("250-hello\r\n250 auth plain login\r\n", "\r\n")]).await;
    let mailer = plain(small).credentials(Credentials::new("u".into(), "p".into()));
    println!("EHLO's words in small letters: {}", told(mailer.build()).await);
}
RUST
seen=$(CARGO_TARGET_DIR=$folder/target cargo run --quiet)
echo "$seen"
[[ $seen == "a reply with a text: sent (250)
a reply of a code alone: response error"*"
EHLO's words in small letters: internal client error: No compatible authentication mechanism was found" ]]
