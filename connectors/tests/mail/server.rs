//! A server of mail on loopback that does as a test says, and keeps what it has taken.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// What a server does instead of saying yes.
#[derive(Debug, Clone, Copy)]
pub enum Act {
    /// It says this.
    Say(&'static str),
    /// It ends the connection.
    End,
    /// It says nothing for as long as the test runs.
    Silence,
    /// It says yes after this time.
    Late(Duration),
}

/// What a server is like. By default it takes every mail, without TLS and login.
#[derive(Clone, Default)]
pub struct Rules {
    /// What it does at a step: `GREETING`, a command's first word, `MESSAGE` (once it has said 354), `.` (once it has all).
    pub acts: Vec<(&'static str, Act)>,
    /// Speaks TLS.
    pub tls: Option<TlsAcceptor>,
    /// Speaks TLS from the first byte; or else by STARTTLS.
    pub implicit: bool,
    /// The name and password without which it takes nothing.
    pub login: Option<(&'static str, &'static str)>,
    /// What it says to EHLO beside its name.
    pub offers: &'static [&'static str],
    /// Bytes in the clear behind its reply to STARTTLS.
    pub injects: &'static str,
}

/// A mail that a server has taken.
#[derive(Debug, Clone)]
pub struct Taken {
    pub mail_from: String,
    pub rcpt_to: String,
    /// The mail with the line break of its last line, without what the wire adds.
    pub mail: String,
    /// True if it came over TLS.
    pub secured: bool,
}

/// A server, and what it has seen.
pub struct Server {
    port: u16,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    taken: Mutex<Vec<Taken>>,
    said: Mutex<Vec<String>>,
    connections: AtomicUsize,
    most: AtomicUsize,
    now: AtomicUsize,
}

impl Server {
    pub async fn start(rules: Rules) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Seen::default());
        let shared = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (rules, seen) = (rules.clone(), Arc::clone(&shared));
                tokio::spawn(async move {
                    seen.connections.fetch_add(1, Ordering::SeqCst);
                    let now = seen.now.fetch_add(1, Ordering::SeqCst) + 1;
                    seen.most.fetch_max(now, Ordering::SeqCst);
                    let _ = serve(stream, &rules, &seen).await;
                    seen.now.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { port, seen }
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn taken(&self) -> Vec<Taken> {
        self.seen.taken.lock().unwrap().clone()
    }

    /// Every line that came, but those of messages.
    pub fn said(&self) -> Vec<String> {
        self.seen.said.lock().unwrap().clone()
    }

    /// Connections so far.
    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// The most connections that there were at once.
    pub fn most(&self) -> usize {
        self.seen.most.load(Ordering::SeqCst)
    }
}

/// Where a conversation ends.
enum End {
    Closed,
    StartTls,
}

async fn serve(stream: TcpStream, rules: &Rules, seen: &Seen) -> std::io::Result<()> {
    if let (true, Some(tls)) = (rules.implicit, &rules.tls) {
        let mut stream = BufReader::new(tls.accept(stream).await?);
        greet(&mut stream, rules).await?;
        return converse(&mut stream, rules, seen, true).await.map(drop);
    }
    let mut stream = BufReader::new(stream);
    greet(&mut stream, rules).await?;
    if let End::Closed = converse(&mut stream, rules, seen, false).await? {
        return Ok(());
    }
    let Some(tls) = &rules.tls else { return Ok(()) };
    let mut stream = BufReader::new(tls.accept(stream.into_inner()).await?);
    converse(&mut stream, rules, seen, true).await.map(drop)
}

async fn greet<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>, rules: &Rules) -> std::io::Result<()> {
    act(stream, rules, "GREETING", "220 mail.example ESMTP").await
}

/// Says what a step is answered by.
async fn act<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    rules: &Rules,
    step: &str,
    usual: &str,
) -> std::io::Result<()> {
    let ended = || std::io::Error::other("ended, as the test says");
    let text = match rules.acts.iter().find(|(of, _)| *of == step) {
        None => usual,
        Some((_, Act::Say(text))) => text,
        Some((_, Act::End)) => return Err(ended()),
        Some((_, Act::Silence)) => return std::future::pending().await,
        Some((_, Act::Late(time))) => {
            tokio::time::sleep(*time).await;
            usual
        }
    };
    stream.write_all(text.as_bytes()).await?;
    stream.write_all(b"\r\n").await?;
    stream.flush().await
}

async fn line<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    stream.read_until(b'\n', &mut bytes).await?;
    let text = String::from_utf8(bytes).expect("every line is ASCII");
    assert!(text.is_ascii(), "{text}");
    match text.strip_suffix("\r\n") {
        Some(line) => {
            assert!(!line.contains(['\r', '\n']), "a lone line break: {line:?}");
            assert!(line.len() <= 998, "{} characters", line.len());
            Ok(line.to_owned())
        }
        None => Err(std::io::Error::other("the client has ended")),
    }
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    rules: &Rules,
    seen: &Seen,
    secured: bool,
) -> std::io::Result<End> {
    let (mut known, mut mail_from, mut rcpt_to) = (rules.login.is_none(), String::new(), String::new());
    loop {
        let said = line(stream).await?;
        seen.said.lock().unwrap().push(said.clone());
        let verb = said.split(' ').next().unwrap_or_default().to_owned();
        match verb.as_str() {
            "EHLO" => {
                let offers: String = rules.offers.iter().map(|offer| format!("\r\n250-{offer}")).collect();
                let starttls = if rules.tls.is_some() && !secured { "\r\n250-STARTTLS" } else { "" };
                let usual = format!("250-mail.example{offers}{starttls}\r\n250 HELP");
                act(stream, rules, "EHLO", &usual).await?;
            }
            "STARTTLS" => {
                let usual = format!("220 go{}", rules.injects);
                act(stream, rules, "STARTTLS", &usual).await?;
                return Ok(End::StartTls);
            }
            "AUTH" => {
                let login = login(stream, &said).await?;
                let fits = rules.login.map(|(user, password)| (user.to_owned(), password.to_owned())) == login;
                known |= fits;
                act(stream, rules, "AUTH", if fits { "235 2.7.0 in" } else { "535 5.7.8 not in" }).await?;
            }
            "MAIL" if !known => act(stream, rules, "-", "530 5.7.0 log in first").await?,
            "MAIL" => {
                mail_from = said;
                act(stream, rules, "MAIL", "250 2.1.0 ok").await?;
            }
            "RCPT" => {
                rcpt_to = said;
                act(stream, rules, "RCPT", "250 2.1.5 ok").await?;
            }
            "DATA" => {
                act(stream, rules, "DATA", "354 go").await?;
                if rules.acts.iter().any(|(step, _)| *step == "DATA") {
                    continue;
                }
                if rules.acts.iter().any(|(step, _)| *step == "MESSAGE") {
                    act(stream, rules, "MESSAGE", "").await?;
                }
                let mail = message(stream).await?;
                if !rules.acts.iter().any(|(step, act)| *step == "." && !matches!(act, Act::Late(_))) {
                    let (mail_from, rcpt_to) = (mail_from.clone(), rcpt_to.clone());
                    seen.taken.lock().unwrap().push(Taken { mail_from, rcpt_to, mail, secured });
                }
                act(stream, rules, ".", "250 2.0.0 taken").await?;
            }
            "QUIT" => {
                act(stream, rules, "QUIT", "221 bye").await?;
                return Ok(End::Closed);
            }
            _ => act(stream, rules, &verb, "250 ok").await?,
        }
    }
}

/// A message up to its dot, without the dots that the wire adds.
async fn message<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>) -> std::io::Result<String> {
    let mut mail = String::new();
    loop {
        let line = line(stream).await?;
        match line.strip_prefix('.') {
            Some("") => return Ok(mail),
            Some(rest) => mail.push_str(rest),
            None => mail.push_str(&line),
        }
        mail.push_str("\r\n");
    }
}

/// The name and password of PLAIN, or of LOGIN.
async fn login<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    said: &str,
) -> std::io::Result<Option<(String, String)>> {
    let decoded = |text: &str| String::from_utf8(BASE64_STANDARD.decode(text).unwrap()).unwrap();
    if let Some(plain) = said.strip_prefix("AUTH PLAIN ") {
        let plain = decoded(plain);
        let parts: Vec<&str> = plain.split('\0').collect();
        let ["", user, password] = parts[..] else { return Ok(None) };
        return Ok(Some((user.to_owned(), password.to_owned())));
    }
    let mut given = Vec::new();
    for asked in ["VXNlcm5hbWU6", "UGFzc3dvcmQ6"] {
        stream.write_all(format!("334 {asked}\r\n").as_bytes()).await?;
        stream.flush().await?;
        given.push(decoded(&line(stream).await?));
    }
    let [user, password] = given.try_into().unwrap();
    Ok(Some((user, password)))
}
