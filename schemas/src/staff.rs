//! Members of staff: what they may do, how an e-mail address finds one, and the links by which one chooses a password.
//!
//! A link's text is in base64url the bytes of its purpose (1), tenant (16), member (16) and version (4, big endian), a
//! point, and a token ([`Secrets::sign`]) that vouches for `staff` and these bytes until the link is over. The newest
//! secret signs, all verify.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::{
    access::{Access, House},
    ids::{Micros, StaffId, TenantId},
    records::admin::{StaffGroup, StaffMember, StaffStatus},
    sealed::{Email, Unfit},
    secrets::{InvalidToken, Purpose, Secrets, TOKEN_CHARS, Term},
    time::{DAY, HOUR},
};

/// Microseconds for which the link of an invitation is good: somebody is away for some days.
pub const INVITED_FOR: Micros = 7 * DAY;
/// Microseconds for which the link to another password is good: who forgot it asks and goes on.
pub const FORGOTTEN_FOR: Micros = 2 * HOUR;
/// The path of the first page of the operators' panel, below which all others lie.
pub const OPERATORS_PANEL: &str = "/operator";
/// The path of the page of an operator's link, whose query has the text as `t`.
pub const OPERATORS_LINK: &str = "/operator/link";
/// The path of the first page of a shop's panel on the shop's sub-domain, below which all others lie.
pub const SHOP_PANEL: &str = "/admin";
/// The path of the page of a link of a shop's staff on the shop's sub-domain, whose query has the text as `t`.
pub const SHOP_LINK: &str = "/admin/link";
/// The field of an answer about a member that is as it was, true where a mail with a link goes to it for all that.
pub const MAIL_WANTED: &str = "mail_wanted";

/// The first part that a token of a link vouches for: other links that serve once are no links of staff.
const OF_STAFF: &[u8] = b"staff";
/// Bytes of a link without its token.
const LINK_BYTES: usize = 1 + 16 + 16 + 4;
/// Characters of these bytes in base64url.
const LINK_CHARS: usize = (LINK_BYTES * 4).div_ceil(3);

/// The roles of members, as records name them.
pub mod role {
    /// Everything.
    pub const ADMINISTRATOR: &str = "administrator";
    /// The least: it sees and changes itself.
    pub const MEMBER: &str = "member";
    /// Every role.
    pub const ALL: [&str; 2] = [ADMINISTRATOR, MEMBER];

    /// A role in words (pt-BR), also where it is one of a later version.
    pub fn word(role: &str) -> &'static str {
        match role {
            ADMINISTRATOR => "Administrador",
            MEMBER => "Membro",
            _ => "Outro papel",
        }
    }
}

/// True if a member gets in and may do everything.
pub fn is_active_administrator(member: &StaffMember) -> bool {
    member.status == StaffStatus::Active && is_administrator(member)
}

/// True if a member is an administrator, who may do everything, whether it gets in or not.
pub fn is_administrator(member: &StaffMember) -> bool {
    member.roles.iter().any(|role| role == role::ADMINISTRATOR)
}

/// The permissions of a member of this house, of whose groups `groups` has those that there are: all of the house for an administrator, else
/// those of its groups and its own. They are sorted, each once. Whether the member gets in does not count.
pub fn permissions_of(member: &StaffMember, groups: &[StaffGroup], house: House) -> Vec<Access> {
    if is_administrator(member) {
        return Access::sorted(Access::all_of(house));
    }
    let of_groups = groups.iter().filter(|group| member.groups.contains(&group.group_id));
    let texts = of_groups.map(|group| &group.permissions).chain([&member.permissions]);
    Access::sorted(texts.flat_map(|texts| Access::known(texts, house)))
}

/// An e-mail address in the one form in which it is looked for: without spaces around it, in small letters. Before `@`,
/// too, where no provider that people use tells large letters from small ones.
///
/// # Errors
/// The text is no address ([`Email::new`]).
pub fn normalised_email(text: &str) -> Result<Email, Unfit> {
    normalised(&Email::new(text)?)
}

fn normalised(email: &Email) -> Result<Email, Unfit> {
    // An address is ASCII, so there are no letters but these.
    Email::new(&zeroize::Zeroizing::new(email.expose().to_ascii_lowercase()))
}

/// The term of an address among a tenant's staff, 32 hex digits, the same however the address is written.
///
/// # Errors
/// None of an address that [`Email::new`] has taken; one that was opened may be of an older rule.
pub fn email_term(secrets: &Secrets, tenant: TenantId, email: &Email) -> Result<String, Unfit> {
    Ok(secrets.term(Term::Email, tenant, normalised(email)?.expose()))
}

/// The purpose of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum LinkPurpose {
    /// Choosing a password, the first or another one.
    Password = 1,
}

/// A link that serves a member of staff once: setting the password raises the member's version, which spends it. So does a change of the
/// member's state or of what it may do: whoever had the link of a lesser member would be the greater one by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffLink {
    /// The shop; the platform's own id for operators.
    pub tenant: TenantId,
    /// The member.
    pub staff_id: StaffId,
    /// The purpose.
    pub purpose: LinkPurpose,
    /// The member's `link_version` when it was made.
    pub link_version: i32,
    /// The time from which on it is over.
    pub until: Micros,
}

/// A text that is no link, or one that is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Nobody here has made it, or it was changed.
    #[error("the link was not made here")]
    Forged,
    /// It was good, and is over.
    #[error("the link is over")]
    Over,
}

impl StaffLink {
    /// The link by which a member chooses a password, made at this time: good for 7 days for one that was invited, else
    /// for 2 hours.
    pub fn for_password(tenant: TenantId, member: &StaffMember, made_at: Micros) -> Self {
        let lives = if member.status == StaffStatus::Invited { INVITED_FOR } else { FORGOTTEN_FOR };
        let (staff_id, link_version) = (member.staff_id, member.link_version);
        Self { tenant, staff_id, purpose: LinkPurpose::Password, link_version, until: made_at.saturating_add(lives) }
    }

    /// True if the link still serves the member: it is this one's, was not used, and the member is not disabled.
    pub fn serves(&self, member: &StaffMember) -> bool {
        let gets_in = matches!(member.status, StaffStatus::Invited | StaffStatus::Active);
        gets_in && (member.staff_id, member.link_version) == (self.staff_id, self.link_version)
    }

    /// The text of the link, which needs no escaping in an address.
    pub fn write(&self, secrets: &Secrets) -> String {
        let bytes = self.bytes();
        let token = secrets.sign(Purpose::Link, &[OF_STAFF, &bytes], Some(self.until));
        format!("{}.{token}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads the text of a link at this time. Whether the link was used its member says ([`Self::serves`]).
    pub fn read(text: &str, secrets: &Secrets, now: Micros) -> Result<Self, LinkError> {
        let link = Self::parse(text).ok_or(LinkError::Forged)?;
        let (_, token) = text.split_once('.').ok_or(LinkError::Forged)?;
        match secrets.verify(Purpose::Link, &[OF_STAFF, &link.bytes()], token, now) {
            Ok(()) => Ok(link),
            Err(InvalidToken::Over) => Err(LinkError::Over),
            Err(InvalidToken::Malformed | InvalidToken::Unknown | InvalidToken::Forged) => Err(LinkError::Forged),
        }
    }

    /// The link that a text speaks of, whoever has written it.
    fn parse(text: &str) -> Option<Self> {
        if text.len() > LINK_CHARS + 1 + TOKEN_CHARS {
            return None;
        }
        let (bytes, token) = text.split_once('.')?;
        let until = token.split('.').nth(1)?.parse().ok()?;
        let bytes = URL_SAFE_NO_PAD.decode(bytes).ok()?;
        let (purpose, rest) = bytes.split_first()?;
        let (tenant, rest) = rest.split_at_checked(16)?;
        let (staff, version) = rest.split_at_checked(16)?;
        Some(Self {
            tenant: TenantId::from_uuid(Uuid::from_slice(tenant).ok()?),
            staff_id: StaffId::from_uuid(Uuid::from_slice(staff).ok()?),
            purpose: (*purpose == LinkPurpose::Password as u8).then_some(LinkPurpose::Password)?,
            link_version: i32::from_be_bytes(version.try_into().ok()?),
            until,
        })
    }

    fn bytes(&self) -> [u8; LINK_BYTES] {
        let mut bytes = [0; LINK_BYTES];
        bytes[0] = self.purpose as u8;
        bytes[1..17].copy_from_slice(self.tenant.uuid().as_bytes());
        bytes[17..33].copy_from_slice(self.staff_id.uuid().as_bytes());
        bytes[33..].copy_from_slice(&self.link_version.to_be_bytes());
        bytes
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{
        access::Area,
        ids::{GroupId, KeyId},
        sealed::{Envelope, NONCE, Personal, Sealed, Subject, SubjectKind},
    };

    const NOW: Micros = 1_700_000_000_000_000;
    const STAFF: StaffId = StaffId::from_uuid(Uuid::from_u128(7));

    /// The secrets with these ids, each key made of its id.
    fn ring_of(ids: &[&str]) -> Secrets {
        let entry = |id: &&str| format!("{id}:{}", hex::encode(id.bytes().cycle().take(32).collect::<Vec<_>>()));
        Secrets::parse(&ids.iter().map(entry).collect::<Vec<_>>().join(",").as_str().into()).unwrap()
    }

    fn tenant(number: u128) -> TenantId {
        TenantId::from_uuid(Uuid::from_u128(number))
    }

    fn sealed<T: Personal>() -> Sealed<T> {
        let subject = Subject::new(SubjectKind::Staff, STAFF.uuid());
        let key = KeyId::from_uuid(Uuid::from_u128(1));
        Sealed::of(Envelope::new(subject, T::FIELD, key, [1; NONCE], vec![1; 40]).unwrap()).unwrap()
    }

    fn member(status: StaffStatus, link_version: i32) -> StaffMember {
        StaffMember {
            staff_id: STAFF,
            version: 1,
            email: sealed(),
            email_term: "0".repeat(32),
            name: sealed(),
            password: None,
            roles: vec![role::ADMINISTRATOR.to_owned()],
            groups: Vec::new(),
            permissions: Vec::new(),
            status,
            link_version,
            sessions_not_before: 0,
            created_at: NOW,
            changed_at: NOW,
        }
    }

    fn link() -> StaffLink {
        StaffLink::for_password(tenant(1), &member(StaffStatus::Invited, 3), NOW)
    }

    fn group(number: u128, permissions: &[&str]) -> StaffGroup {
        StaffGroup {
            group_id: GroupId::from_uuid(Uuid::from_u128(number)),
            version: 1,
            name: "Caixa".into(),
            permissions: permissions.iter().map(|word| (*word).to_owned()).collect(),
            created_at: NOW,
            changed_at: NOW,
        }
    }

    #[test]
    fn s63_a_member_has_what_its_groups_have_and_its_own_and_an_administrator_all_of_its_house() {
        let groups =
            [group(1, &["stock:write", "a:later"]), group(2, &["catalogue:read"]), group(3, &["tokens:write"])];
        let everything = member(StaffStatus::Active, 0);
        for house in [House::Platform, House::Shop] {
            let all = permissions_of(&everything, &groups, house);
            assert_eq!(all.len(), Access::all_of(house).count());
            assert!(Access::all_of(house).all(|access| access.is_given_by(&all)));
        }
        let nothing = StaffMember { roles: vec![role::MEMBER.to_owned()], ..everything };
        assert_eq!(permissions_of(&nothing, &groups, House::Shop), []);
        let some = StaffMember {
            groups: vec![groups[0].group_id, groups[1].group_id],
            permissions: ["stock:write", "team:read", "plans:write"].map(str::to_owned).to_vec(),
            ..nothing
        };
        let expected = [Access::read(Area::Catalogue), Access::write(Area::Stock), Access::read(Area::Team)];
        assert_eq!(permissions_of(&some, &groups, House::Shop), expected, "of another house and unknown ones are none");
        assert_eq!(permissions_of(&some, &[], House::Shop), [Access::write(Area::Stock), Access::read(Area::Team)]);
    }

    #[test]
    fn an_address_is_looked_for_in_one_form() {
        let secrets = ring_of(&["index", "a"]);
        let term = |of: u128, text: &str| email_term(&secrets, tenant(of), &Email::new(text).unwrap()).unwrap();
        let one = term(1, "ana@loja.example");
        assert!(one.len() == 32 && one.bytes().all(|byte| byte.is_ascii_hexdigit()), "{one}");
        for text in [" ana@loja.example\u{a0}", "Ana@Loja.Example", "ANA@LOJA.EXAMPLE"] {
            assert_eq!(normalised_email(text).unwrap().expose(), "ana@loja.example");
            assert_eq!(term(1, text), one, "{text}");
        }
        for other in [term(2, "ana@loja.example"), term(1, "ana@loja.exampl"), term(1, "an.a@loja.example")] {
            assert_ne!(other, one);
        }
        assert_eq!(
            one,
            email_term(&ring_of(&["b", "index"]), tenant(1), &Email::new("ana@loja.example").unwrap()).unwrap()
        );
    }

    #[test]
    fn what_is_no_address_has_no_form() {
        let long = format!("ana@{}example", "b.".repeat(130));
        for text in ["", "ana", "ana@@loja.example", "a@b@loja.example", "ana@loja", "ána@loja.example", &long] {
            assert!(normalised_email(text).is_err(), "{text}");
        }
        let longest = format!("{}@{}.{}.example", "a".repeat(64), "b".repeat(63), "c".repeat(63));
        assert!(longest.len() <= 254 && normalised_email(&longest).is_ok());
    }

    #[test]
    fn a_link_is_read_as_it_was_written_until_it_is_over() {
        let secrets = ring_of(&["index", "a"]);
        let text = link().write(&secrets);
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)), "{text}");
        assert!(text.len() <= LINK_CHARS + 1 + TOKEN_CHARS);
        assert_eq!(StaffLink::read(&text, &secrets, NOW), Ok(link()));
        assert_eq!(StaffLink::read(&text, &secrets, NOW + INVITED_FOR - 1), Ok(link()));
        assert_eq!(StaffLink::read(&text, &secrets, NOW + INVITED_FOR), Err(LinkError::Over));
        let forgotten = StaffLink::for_password(tenant(1), &member(StaffStatus::Active, 3), NOW);
        assert_eq!(forgotten.until, NOW + FORGOTTEN_FOR);
    }

    #[test]
    fn nothing_of_a_link_can_be_changed() {
        let secrets = ring_of(&["index", "a"]);
        let text = link().write(&secrets);
        let read = |text: &str| StaffLink::read(text, &secrets, NOW);
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
        let others = [
            StaffLink { tenant: tenant(2), ..link() },
            StaffLink { staff_id: StaffId::from_uuid(Uuid::from_u128(8)), ..link() },
            StaffLink { link_version: 4, ..link() },
        ];
        for other in others.map(|other| URL_SAFE_NO_PAD.encode(other.bytes())) {
            assert_eq!(read(&format!("{other}.{id}.{until}.{code}")), Err(LinkError::Forged));
        }
        let (later, endless) = (format!("{bytes}.{id}.{}.{code}", NOW * 2), format!("{bytes}.{id}.-.{code}"));
        let (short, long) = (text[..text.len() - 1].to_owned(), format!("{text}{}", "A".repeat(200)));
        for text in ["", ".", "...", bytes, &later, &endless, &short, &long, &format!("{text}.")] {
            assert_eq!(read(text), Err(LinkError::Forged), "{text}");
        }
        // A link of something else that serves once.
        let token = secrets.sign(Purpose::Link, &[b"order", &link().bytes()], Some(link().until));
        assert_eq!(read(&format!("{bytes}.{token}")), Err(LinkError::Forged));
    }

    #[test]
    fn the_newest_secret_signs_links_and_all_verify() {
        let (old, both, new) = (ring_of(&["index", "a"]), ring_of(&["index", "a", "b"]), ring_of(&["index", "b"]));
        let (of_old, of_both) = (link().write(&old), link().write(&both));
        let read = |text: &str, secrets: &Secrets| StaffLink::read(text, secrets, NOW);
        assert_eq!((read(&of_old, &both), read(&of_both, &new)), (Ok(link()), Ok(link())));
        assert_eq!((read(&of_old, &new), read(&of_both, &old)), (Err(LinkError::Forged), Err(LinkError::Forged)));
    }

    #[test]
    fn a_link_serves_its_member_until_a_password_is_set_or_it_is_disabled() {
        for status in [StaffStatus::Invited, StaffStatus::Active] {
            assert!(link().serves(&member(status, 3)) && !link().serves(&member(status, 4)), "{status:?}");
        }
        for status in [StaffStatus::Disabled, StaffStatus::Unknown] {
            assert!(!link().serves(&member(status, 3)), "{status:?}");
        }
        let other = StaffMember { staff_id: StaffId::from_uuid(Uuid::from_u128(8)), ..member(StaffStatus::Active, 3) };
        assert!(!link().serves(&other));
    }

    #[test]
    fn an_administrator_counts_while_it_gets_in() {
        assert!(is_active_administrator(&member(StaffStatus::Active, 0)));
        assert!(!is_active_administrator(&member(StaffStatus::Invited, 0)));
        let of_less = StaffMember { roles: vec![role::MEMBER.to_owned()], ..member(StaffStatus::Active, 0) };
        assert!(!is_active_administrator(&of_less));
    }
}
