//! The conversation with a server of mail (RFC 5321): one command, one reply, each within its time.
//!
//! The library that writes mails has such a client, too. It takes a legal reply of a code alone (`250`) for an error, also the one to
//! a whole message, which would make every mail of such a server come twice; it knows the server's words in capitals alone, waits
//! for ever, and tells nobody whether a connection broke before or after the message (`findings/lettre-smtp.sh`).

use std::{fmt, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

use crate::mail::outcome::Status;

/// Bytes of a reply that are read. Lines have 512 (RFC 5321, 4.5.3.1.5), and the longest reply, to `EHLO`, some twenty.
const REPLY_BYTES: usize = 64 << 10;
/// Bytes of a message that are handed over at once.
const PIECE_BYTES: usize = 16 << 10;

/// What a conversation goes over: a connection, or TLS over one.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A conversation.
pub(super) struct Dialogue<W> {
    wire: W,
    /// The bytes that have come and belong to no reply yet.
    come: Vec<u8>,
}

/// A server's reply. Its lines are the server's words and may quote an address, so its `Debug` shows its numbers alone.
pub(super) struct Reply {
    code: u16,
    lines: Vec<String>,
}

/// The ways in which a conversation ends before a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// The connection ended.
    Ended,
    /// No reply came in time.
    TimedOut,
    /// What came is no reply, or is too long for one.
    Unreadable,
}

impl<W: Wire> Dialogue<W> {
    pub(super) fn new(wire: W) -> Self {
        Self { wire, come: Vec::new() }
    }

    /// What the conversation went over, if nothing has come that was not asked for.
    pub(super) fn into_wire(self) -> Option<W> {
        self.come.is_empty().then_some(self.wire)
    }

    /// The next reply.
    pub(super) async fn reply(&mut self, within: Duration) -> Result<Reply, Broken> {
        timeout(within, self.read_reply()).await.unwrap_or(Err(Broken::TimedOut))
    }

    /// The reply to a command, which is written without its line break.
    pub(super) async fn ask(&mut self, command: &str, within: Duration) -> Result<Reply, Broken> {
        let line = zeroize::Zeroizing::new([command, "\r\n"].concat());
        let asked = async {
            self.write(line.as_bytes()).await?;
            self.read_reply().await
        };
        timeout(within, asked).await.unwrap_or(Err(Broken::TimedOut))
    }

    /// Hands a message over but for the dot that ends it, and sees that the server still listens: without the dot no server takes it.
    pub(super) async fn hand_over(&mut self, message: &str, within: Duration) -> Result<(), Broken> {
        let lines = zeroize::Zeroizing::new(stuffed(message));
        let handed_over = async {
            for piece in lines.as_bytes().chunks(PIECE_BYTES) {
                self.write(piece).await?;
            }
            self.hears_on().await
        };
        timeout(within, handed_over).await.unwrap_or(Err(Broken::TimedOut))
    }

    /// Refused where the server has ended the conversation, or has spoken without being asked.
    async fn hears_on(&mut self) -> Result<(), Broken> {
        if !self.come.is_empty() {
            return Err(Broken::Unreadable);
        }
        // Cancel safety: a read that is dropped has taken nothing.
        match timeout(Duration::ZERO, self.wire.read_buf(&mut self.come)).await {
            Err(_) => Ok(()),
            Ok(Ok(1..)) => Err(Broken::Unreadable),
            Ok(_) => Err(Broken::Ended),
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        self.wire.write_all(bytes).await.map_err(|_| Broken::Ended)?;
        self.wire.flush().await.map_err(|_| Broken::Ended)
    }

    async fn read_reply(&mut self) -> Result<Reply, Broken> {
        let (mut lines, mut bytes) = (Vec::new(), 0);
        loop {
            let line = self.read_line().await?;
            bytes += line.len();
            if bytes > REPLY_BYTES {
                return Err(Broken::Unreadable);
            }
            let (code, last, words) = parted(&line).ok_or(Broken::Unreadable)?;
            lines.push(words);
            if last {
                return Ok(Reply { code, lines });
            }
        }
    }

    /// A line without its break. Its words need not be ASCII, though they should.
    async fn read_line(&mut self) -> Result<String, Broken> {
        loop {
            if let Some(end) = self.come.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.come.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned());
            }
            if self.come.len() > REPLY_BYTES {
                return Err(Broken::Unreadable);
            }
            match self.wire.read_buf(&mut self.come).await {
                Ok(1..) => {}
                Ok(0) | Err(_) => return Err(Broken::Ended),
            }
        }
    }
}

/// A reply's line: its code, whether it is the last, and its words. A code alone is a whole line (RFC 5321, 4.2).
fn parted(line: &str) -> Option<(u16, bool, String)> {
    let (code, rest) = line.split_at_checked(3)?;
    let code = code.parse().ok().filter(|code| (200..600).contains(code))?;
    let last = match rest.as_bytes().first() {
        None | Some(b' ') => true,
        Some(b'-') => false,
        Some(_) => return None,
    };
    Some((code, last, rest.get(1..).unwrap_or_default().to_owned()))
}

/// A message whose last line is whole, each line that begins with a dot with one more in front (RFC 5321, 4.5.2).
fn stuffed(message: &str) -> String {
    let mut lines = String::with_capacity(message.len() + message.len() / 64);
    for line in message.split_inclusive("\r\n") {
        if line.starts_with('.') {
            lines.push('.');
        }
        lines.push_str(line);
    }
    if !lines.ends_with("\r\n") {
        lines.push_str("\r\n");
    }
    lines
}

impl Reply {
    /// True for a reply that says yes (2xx).
    pub(super) fn is_yes(&self) -> bool {
        self.code / 100 == 2
    }

    /// True for a reply that says "not now" (4xx).
    pub(super) fn is_later(&self) -> bool {
        self.code / 100 == 4
    }

    /// True for a reply that says no (5xx).
    pub(super) fn is_no(&self) -> bool {
        self.code / 100 == 5
    }

    /// True for a reply that says to go on (3xx).
    pub(super) fn is_go_on(&self) -> bool {
        self.code / 100 == 3
    }

    /// True for a reply that is about the login: it is asked for, or not taken (RFC 4954, 6).
    pub(super) fn is_about_login(&self) -> bool {
        matches!(self.code, 530 | 534 | 535 | 538)
    }

    /// The numbers, without the server's words.
    pub(super) fn status(&self) -> Status {
        Status { code: self.code, enhanced: self.enhanced() }
    }

    /// The words of every line but the first, in capitals: what a server says to `EHLO` that it can do (RFC 5321, 2.4: in any case).
    pub(super) fn offers(&self) -> Vec<String> {
        self.lines.iter().skip(1).map(|line| line.trim().to_ascii_uppercase()).collect()
    }

    fn enhanced(&self) -> Option<(u16, u16, u16)> {
        let mut numbers = self.lines.first()?.split_ascii_whitespace().next()?.split('.').map(|part| {
            let digits = part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u16>().ok().filter(|_| digits)
        });
        let (class, subject, detail) = (numbers.next()??, numbers.next()??, numbers.next()??);
        (numbers.next().is_none() && class == self.code / 100).then_some((class, subject, detail))
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({})", self.status())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(10);

    async fn said(bytes: &[u8]) -> Result<Reply, Broken> {
        let (mut server, client) = tokio::io::duplex(1 << 20);
        server.write_all(bytes).await.unwrap();
        drop(server);
        Dialogue::new(client).reply(SOON).await
    }

    #[tokio::test]
    async fn replies_are_read_as_servers_write_them() {
        for (bytes, status, lines) in [
            ("250 2.1.0 Ok\r\n", "250 2.1.0", 1),
            ("250\r\n", "250", 1),
            ("250 \r\n", "250", 1),
            ("250-a\r\n250-\r\n250 b\r\n", "250", 3),
            ("550-5.7.1 long\r\n550 5.7.1 words\r\n", "550 5.7.1", 2),
            ("550 2.1.1 of another class\r\n", "550", 1),
            ("550 5.1 too few\r\n", "550", 1),
            ("550 5.1.1.1 too many\r\n", "550", 1),
            ("250 ok\n", "250", 1),
        ] {
            let reply = said(bytes.as_bytes()).await.unwrap();
            assert_eq!((reply.status().to_string().as_str(), reply.lines.len()), (status, lines), "{bytes:?}");
        }
        let latin = said(b"550 caixa de correio inv\xe1lida <ana@loja.example>\r\n").await.unwrap();
        assert!(latin.is_no());
        assert_eq!(format!("{latin:?}"), "Reply(550)", "the server's words are not shown");
    }

    #[tokio::test]
    async fn what_is_no_reply_is_not_taken_for_one() {
        for bytes in ["hello\r\n", "25\r\n", "250_x\r\n", "199 x\r\n", "600 x\r\n", "2é0 x\r\n", "\r\n"] {
            assert_eq!(said(bytes.as_bytes()).await.unwrap_err(), Broken::Unreadable, "{bytes:?}");
        }
        assert_eq!(said(b"").await.unwrap_err(), Broken::Ended);
        assert_eq!(said(b"250-a\r\n250 no end").await.unwrap_err(), Broken::Ended);
        let endless = [b'x'; REPLY_BYTES + 10];
        assert_eq!(said(&endless).await.unwrap_err(), Broken::Unreadable);
        let lines = "250-and more\r\n".repeat(REPLY_BYTES / 10);
        assert_eq!(said(lines.as_bytes()).await.unwrap_err(), Broken::Unreadable);
    }

    #[test]
    fn no_line_of_a_message_ends_it() {
        for (message, written) in [
            ("a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n"),
            ("..a\r\n", "...a\r\n"),
            (".", "..\r\n"),
            ("a.\r\n.b", "a.\r\n..b\r\n"),
            ("", "\r\n"),
        ] {
            assert_eq!(stuffed(message), written);
        }
    }
}
