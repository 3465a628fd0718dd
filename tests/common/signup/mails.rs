//! Mails of shops, as files of the data folder.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::PATIENCE;

/// The path of the page of a link by which a shop's staff chooses a password.
const LINK: &str = "/admin/link?t=";

/// The links of the mails that a shop's staff got, below a folder of mails; several mails may have the same one.
pub fn links(mails: &Path, tenant: &str) -> Vec<String> {
    let mut links = Vec::new();
    for file in files(&mails.join(tenant)) {
        // One that is written just now has another name until it is whole.
        let Ok(text) = fs::read_to_string(&file) else { continue };
        links.extend(link_in(&unquoted(&text)));
    }
    links
}

/// The link of the first mail that a shop's staff gets.
pub async fn link(mails: &Path, tenant: &str) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(link) = links(mails, tenant).pop() {
            return link;
        }
        assert!(Instant::now() < deadline, "no mail with a link comes to the staff of {tenant}");
        sleep(Duration::from_millis(100)).await;
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => files.extend(self::files(&path)),
            false if path.extension().is_some_and(|end| end == "eml") => files.push(path),
            false => {}
        }
    }
    files
}

/// The first address of such a page in a mail.
fn link_in(mail: &str) -> Option<String> {
    let at = mail.find(LINK)?;
    let begin = mail[..at].rfind("http")?;
    let is_over = |sign: char| sign.is_whitespace() || matches!(sign, '"' | '<' | '>');
    let end = mail[at..].find(is_over).map_or(mail.len(), |end| at + end);
    Some(mail[begin..end].to_owned())
}

/// A mail's text without the quoting of its bytes (RFC 2045, 6.7).
pub fn unquoted(mail: &str) -> String {
    let mail = mail.replace("=\r\n", "");
    let (mut bytes, mut rest) = (Vec::new(), mail.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let hex = (*first == b'=').then(|| after.get(..2)).flatten();
        match hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_link_is_found_in_a_mail() {
    let mail = "Subject: x\r\n\r\nEntre:\r\nhttp://pao.localhost:8080/admin/link?t=3DabC_=\r\n-d.e\r\n=C3=A9";
    let link = link_in(&unquoted(mail));
    assert_eq!(link.as_deref(), Some("http://pao.localhost:8080/admin/link?t=abC_-d.e"));
}
