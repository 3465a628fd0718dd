//! Makes the bytes of a mail: the same for the same message and time, whoever makes them and however often.

use std::time::{Duration, SystemTime};

use feira_schemas::{ids::EffectId, sealed::Email, time::Micros};
use lettre::{
    Address, Message as Mime,
    message::{
        MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use zeroize::Zeroizing;

use super::{dkim::Dkim, error::MailError, message::Message, outcome::Unfit, settings::MailSettings, words};

/// Seconds until the last day of a year of four digits, which is all that a mail's date can say.
const LAST_SECOND: u64 = 253_402_300_799;

/// Makes mails from one platform.
#[derive(Debug)]
pub(super) struct Letters {
    from: Address,
    dkim: Option<Dkim>,
}

impl Letters {
    /// What makes mails by these settings; refused where the address or the key can't be used.
    pub(super) fn new(settings: &MailSettings) -> Result<Self, MailError> {
        let unfit = |_| MailError::Refused("mail.from is no address that mail can be from".to_owned());
        let from = address("from", &settings.from).map_err(unfit)?;
        let domain = from.domain().to_ascii_lowercase();
        let dkim = settings.dkim.as_ref().map(|dkim| Dkim::new(dkim, &domain)).transpose()?;
        Ok(Self { from, dkim })
    }

    /// The platform's address.
    pub(super) fn from(&self) -> &str {
        self.from.as_ref()
    }

    /// The domain of the platform's address.
    pub(super) fn domain(&self) -> &str {
        self.from.domain()
    }

    /// The Message-ID of an effect's mail, in its brackets.
    pub(super) fn id(&self, effect: EffectId) -> String {
        format!("<{effect}@{}>", self.domain())
    }

    /// The whole mail, in lines of ASCII. `at` is the time that it says it is of, and signed at.
    pub(super) fn write(&self, message: &Message, at: Micros) -> Result<Zeroizing<String>, Unfit> {
        message.check()?;
        let mime = self.mime(message, at)?;
        let unwritten = Unfit { field: "title", why: "can't be written in a mail" };
        let mail = String::from_utf8(mime.formatted()).map(Zeroizing::new).map_err(|_| unwritten)?;
        let Some(dkim) = &self.dkim else { return Ok(mail) };
        let signature = dkim.header(&mail, at).ok_or(unwritten)?;
        Ok(Zeroizing::new([signature.as_str(), mail.as_str()].concat()))
    }

    fn mime(&self, message: &Message, at: Micros) -> Result<Mime, Unfit> {
        let to = address("to", &message.to)?;
        let to_name = message.to_name.as_ref().map(|name| name.expose());
        let mut mime = Mime::builder()
            .raw_header(mailbox(HeaderName::new_from_ascii_str("From"), Some(&message.shop_name), &self.from))
            .raw_header(mailbox(HeaderName::new_from_ascii_str("To"), to_name, &to));
        if let Some(reply_to) = &message.reply_to {
            let reply_to = address("reply_to", reply_to)?;
            mime = mime.raw_header(mailbox(HeaderName::new_from_ascii_str("Reply-To"), None, &reply_to));
        }
        let mime = mime
            .raw_header(header(HeaderName::new_from_ascii_str("Subject"), words::text(&message.title)))
            .date(date(at))
            .message_id(Some(self.id(message.effect)))
            // Who answers by itself, such as one on holiday, does not answer this (RFC 3834).
            .raw_header(header(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
        // In quoted-printable no line has `=_`, so no text holds the boundary (RFC 2045, 6.7).
        let boundary = format!("=_{}", message.effect.uuid().simple());
        let parts = MultiPart::alternative()
            .boundary(boundary)
            .singlepart(part(ContentType::TEXT_PLAIN, &message.text))
            .singlepart(part(ContentType::TEXT_HTML, &message.html));
        mime.multipart(parts).map_err(|_| Unfit { field: "to", why: "is no recipient" })
    }
}

/// A header with one address, and the name in front of it.
fn mailbox(header: HeaderName, name: Option<&str>, address: &Address) -> HeaderValue {
    let name = name.map(words::name);
    let value = match &name {
        None => address.to_string(),
        // Both on one line of 78 characters, or the address on one of its own.
        Some(name) if name.len() + AsRef::<str>::as_ref(address).len() < 60 => format!("{name} <{address}>"),
        Some(name) => format!("{name}\r\n <{address}>"),
    };
    // The library reads the address back from the raw value, for an envelope that is not asked for.
    HeaderValue::dangerous_new_pre_encoded(header, address.to_string(), value)
}

/// A header whose value is as it stands in the mail, its lines folded.
fn header(header: HeaderName, value: String) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(header, value.clone(), value)
}

/// A part of a mail. In quoted-printable every line is short and ASCII, so that no server has a reason to write it anew, which
/// would break the signature.
fn part(kind: ContentType, text: &str) -> SinglePart {
    // One kind of line break: a lone CR or LF is read as the end of the mail by some servers and not by others.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    SinglePart::builder().header(kind).header(ContentTransferEncoding::QuotedPrintable).body(text)
}

/// An address as servers take it. What was sealed may have been typed under other rules, so they are asked again.
fn address(field: &'static str, email: &Email) -> Result<Address, Unfit> {
    let unfit = Unfit { field, why: "is no address that mail can go to" };
    let email = Email::new(email.expose()).map_err(|_| unfit)?;
    email.expose().parse().map_err(|_| unfit)
}

/// The time as a mail has it, to the second; one before 1970 or after 9999 is the nearest.
fn date(at: Micros) -> SystemTime {
    let seconds = u64::try_from(at.div_euclid(1_000_000)).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.min(LAST_SECOND))
}
