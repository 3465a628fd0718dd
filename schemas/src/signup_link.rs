//! Links to the page of a subscription to the platform, which whoever subscribes is led to, and mails lead to.
//!
//! A link's text is in base64url the bytes of its tenant (16) and subscription (16), a point, and a token
//! ([`Secrets::sign`]) that vouches for what the link is for (`signup`, or `signup-names`) and both until the link is over. The newest
//! secret signs, all verify.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::{
    ids::{Micros, SubscriptionId, TenantId},
    secrets::{InvalidToken, Purpose, Secrets, TOKEN_CHARS},
    staff::LinkError,
    time::DAY,
};

/// Microseconds for which a link is good: a boleto is long over by then, and the shop has its own log-in.
pub const GOOD_FOR: Micros = 90 * DAY;
/// The path on the platform's host below which a link's text is the page of its subscription.
pub const SIGNUP_PAGE: &str = "/assinatura";

/// Bytes of a link without its token.
const LINK_BYTES: usize = 16 + 16;
/// Characters of these bytes in base64url.
const LINK_CHARS: usize = (LINK_BYTES * 4).div_ceil(3);

/// What a link lets whoever has it do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignupPurpose {
    /// Look at the page.
    Page,
    /// Look at the page, and name a shop anew that is paid and has lost its name. Mails to who has paid have it: the browser in which the
    /// subscription was made may be another one, or be gone.
    Names,
}

impl SignupPurpose {
    /// All of them.
    const ALL: [Self; 2] = [Self::Page, Self::Names];

    /// The first part that a token of a link vouches for: links of staff are no links of sign-up.
    const fn part(self) -> &'static [u8] {
        match self {
            Self::Page => b"signup",
            Self::Names => b"signup-names",
        }
    }
}

/// A link to the page of a subscription. Who has it sees how far the subscription is; what was typed only its own visitor sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignupLink {
    /// The shop that the subscription is for.
    pub tenant: TenantId,
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// What it is for.
    pub purpose: SignupPurpose,
    /// The time from which on it is over.
    pub until: Micros,
}

impl SignupLink {
    /// The link to look at a subscription, made at this time.
    pub fn new(tenant: TenantId, subscription_id: SubscriptionId, made_at: Micros) -> Self {
        Self { tenant, subscription_id, purpose: SignupPurpose::Page, until: made_at.saturating_add(GOOD_FOR) }
    }

    /// The same link, by which a shop that has lost its name is named anew.
    pub fn for_names(self) -> Self {
        Self { purpose: SignupPurpose::Names, ..self }
    }

    /// The same link, made anew at this time.
    pub fn made_anew(self, made_at: Micros) -> Self {
        Self { until: made_at.saturating_add(GOOD_FOR), ..self }
    }

    /// The time at which the link was made.
    pub fn made_at(&self) -> Micros {
        self.until.saturating_sub(GOOD_FOR)
    }

    /// The text of the link, which needs no escaping in an address.
    pub fn write(&self, secrets: &Secrets) -> String {
        let bytes = self.bytes();
        let token = secrets.sign(Purpose::Link, &[self.purpose.part(), &bytes], Some(self.until));
        format!("{}.{token}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The path of the subscription's page on the platform's host.
    pub fn path(&self, secrets: &Secrets) -> String {
        format!("{SIGNUP_PAGE}/{}", self.write(secrets))
    }

    /// Reads the text of a link at this time.
    pub fn read(text: &str, secrets: &Secrets, now: Micros) -> Result<Self, LinkError> {
        let link = Self::parse(text).ok_or(LinkError::Forged)?;
        let (_, token) = text.split_once('.').ok_or(LinkError::Forged)?;
        // Which purpose it has, its token alone says.
        for purpose in SignupPurpose::ALL {
            match secrets.verify(Purpose::Link, &[purpose.part(), &link.bytes()], token, now) {
                Ok(()) => return Ok(Self { purpose, ..link }),
                Err(InvalidToken::Over) => return Err(LinkError::Over),
                Err(InvalidToken::Malformed | InvalidToken::Unknown | InvalidToken::Forged) => {}
            }
        }
        Err(LinkError::Forged)
    }

    /// The link that a text speaks of, whoever has written it.
    fn parse(text: &str) -> Option<Self> {
        if text.len() > LINK_CHARS + 1 + TOKEN_CHARS {
            return None;
        }
        let (bytes, token) = text.split_once('.')?;
        let until = token.split('.').nth(1)?.parse().ok()?;
        let bytes = URL_SAFE_NO_PAD.decode(bytes).ok().filter(|bytes| bytes.len() == LINK_BYTES)?;
        let (tenant, subscription) = bytes.split_at(16);
        Some(Self {
            tenant: TenantId::from_uuid(Uuid::from_slice(tenant).ok()?),
            subscription_id: SubscriptionId::from_uuid(Uuid::from_slice(subscription).ok()?),
            purpose: SignupPurpose::Page,
            until,
        })
    }

    fn bytes(&self) -> [u8; LINK_BYTES] {
        let mut bytes = [0; LINK_BYTES];
        bytes[..16].copy_from_slice(self.tenant.uuid().as_bytes());
        bytes[16..].copy_from_slice(self.subscription_id.uuid().as_bytes());
        bytes
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const NOW: Micros = 1_700_000_000_000_000;

    /// The secrets with these ids, each key made of its id.
    fn ring_of(ids: &[&str]) -> Secrets {
        let entry = |id: &&str| format!("{id}:{}", hex::encode(id.bytes().cycle().take(32).collect::<Vec<_>>()));
        Secrets::parse(&ids.iter().map(entry).collect::<Vec<_>>().join(",").as_str().into()).unwrap()
    }

    fn link_of(tenant: u128, subscription: u128) -> SignupLink {
        let subscription = SubscriptionId::from_uuid(Uuid::from_u128(subscription));
        SignupLink::new(TenantId::from_uuid(Uuid::from_u128(tenant)), subscription, NOW)
    }

    fn link() -> SignupLink {
        link_of(1, 2)
    }

    #[test]
    fn a_link_is_read_as_it_was_written_until_it_is_over() {
        let secrets = ring_of(&["index", "a"]);
        let text = link().write(&secrets);
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)), "{text}");
        assert!(text.len() <= LINK_CHARS + 1 + TOKEN_CHARS);
        assert_eq!(link().path(&secrets), format!("/assinatura/{text}"));
        assert_eq!(SignupLink::read(&text, &secrets, NOW), Ok(link()));
        assert_eq!(SignupLink::read(&text, &secrets, NOW + GOOD_FOR - 1), Ok(link()));
        assert_eq!(SignupLink::read(&text, &secrets, NOW + GOOD_FOR), Err(LinkError::Over));
        assert_eq!(link().made_at(), NOW);
    }

    #[test]
    fn nothing_of_a_link_can_be_changed() {
        let secrets = ring_of(&["index", "a"]);
        let text = link().write(&secrets);
        let read = |text: &str| SignupLink::read(text, &secrets, NOW);
        let [bytes, id, until, code] = text.split('.').collect::<Vec<_>>().try_into().unwrap();
        for (place, part) in [bytes, code].into_iter().enumerate() {
            let part = URL_SAFE_NO_PAD.decode(part).unwrap();
            for bit in 0..part.len() * 8 {
                let mut flipped = part.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                let flipped = URL_SAFE_NO_PAD.encode(flipped);
                let (bytes, code) = if place == 0 { (flipped.as_str(), code) } else { (bytes, flipped.as_str()) };
                assert_eq!(read(&format!("{bytes}.{id}.{until}.{code}")), Err(LinkError::Forged), "{place} {bit}");
            }
        }
        for other in [link_of(3, 2), link_of(1, 3), link_of(2, 1)] {
            let other = URL_SAFE_NO_PAD.encode(other.bytes());
            assert_eq!(read(&format!("{other}.{id}.{until}.{code}")), Err(LinkError::Forged));
        }
        let (later, endless) = (format!("{bytes}.{id}.{}.{code}", NOW * 2), format!("{bytes}.{id}.-.{code}"));
        let (short, long) = (text[..text.len() - 1].to_owned(), format!("{text}{}", "A".repeat(200)));
        for text in ["", ".", "...", bytes, &later, &endless, &short, &long, &format!("{text}.")] {
            assert_eq!(read(text), Err(LinkError::Forged), "{text}");
        }
        // A link of staff, and a form's token, vouch for something else.
        let (tenant, subscription) = (link().tenant.uuid(), link().subscription_id.uuid());
        let of_page = SignupPurpose::Page.part();
        for (purpose, what) in [(Purpose::Link, &b"staff"[..]), (Purpose::Form, of_page)] {
            let parts = [what, tenant.as_bytes(), subscription.as_bytes()];
            let token = secrets.sign(purpose, &parts, Some(link().until));
            assert_eq!(read(&format!("{bytes}.{token}")), Err(LinkError::Forged));
        }
    }

    #[test]
    fn a_link_to_look_at_names_nothing_and_one_that_names_is_known_by_its_token() {
        let secrets = ring_of(&["index", "a"]);
        let (of_page, of_names) = (link().write(&secrets), link().for_names().write(&secrets));
        let read = |text: &str, now| SignupLink::read(text, &secrets, now);
        assert_eq!(read(&of_page, NOW).unwrap().purpose, SignupPurpose::Page);
        assert_eq!(read(&of_names, NOW), Ok(link().for_names()));
        assert_eq!(read(&of_names, NOW + GOOD_FOR), Err(LinkError::Over));
        let anew = link().for_names().made_anew(NOW + 1);
        assert_eq!((anew.made_at(), anew.purpose), (NOW + 1, SignupPurpose::Names));
        // The bytes are the same, and each token is good for its own purpose.
        let (bytes, token) = of_names.split_once('.').unwrap();
        assert_eq!(of_page.split_once('.').unwrap().0, bytes);
        assert_ne!(of_page.split_once('.').unwrap().1, token);
    }

    #[test]
    fn the_newest_secret_signs_links_and_all_verify() {
        let (old, both, new) = (ring_of(&["index", "a"]), ring_of(&["index", "a", "b"]), ring_of(&["index", "b"]));
        let (of_old, of_both) = (link().write(&old), link().write(&both));
        let read = |text: &str, secrets: &Secrets| SignupLink::read(text, secrets, NOW);
        assert_eq!((read(&of_old, &both), read(&of_both, &new)), (Ok(link()), Ok(link())));
        assert_eq!((read(&of_old, &new), read(&of_both, &old)), (Err(LinkError::Forged), Err(LinkError::Forged)));
    }
}
