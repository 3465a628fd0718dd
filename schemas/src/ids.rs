//! Typed identifiers. Every id is a UUID (RFC 9562) written as lower-case hyphenated text on topics, in rows and over HTTP.
//!
//! A fresh id is a UUIDv7, so ids sort by the time they were made. An id that a decision makes is *derived*: its
//! timestamp is the decision's `now` and its random bits are a hash of the command's id and an index, so deciding the
//! same command again at the same instant makes the same ids.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

// Ids are made of times: who imports the one has the other.
pub use crate::time::Micros;

/// The text was not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id: expected a UUID such as 018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e")]
pub struct InvalidId(pub String);

/// Makes the newtypes below; each is a UUID that can't be mistaken for another kind's.
macro_rules! id {
    ($(#[$doc:meta] $name:ident),+ $(,)?) => {$(
        #[$doc]
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(#[serde(with = "as_text")] Uuid);

        impl $name {
            /// Wraps a UUID that is known to be one of this kind.
            pub const fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }
            /// The UUID itself.
            pub const fn uuid(self) -> Uuid { self.0 }
            /// The id with this index that a decision on `command` makes at `now`.
            pub fn derive(command: CommandId, index: u32, now: Micros) -> Self { Self(derive(command.0, index, now)) }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId(text.chars().take(64).collect()))
            }
        }
    )+};
}

id! {
    /// One shop, and everything that is its own.
    TenantId,
    /// One request for a change; derived from the client's `Idempotency-Key` where it sent one.
    CommandId,
    /// One event on an events topic.
    EventId,
    /// A product of one shop.
    ProductId,
    /// One variant of a product: the thing that has a price and a stock.
    VariantId,
    /// A category of one shop.
    CategoryId,
    /// An image of a product, or a logo.
    ImageId,
    /// A data key of the keyring: random, one for each act of sealing.
    KeyId,
    /// One thing that is to be done outside once: a charge, a refund. The outside knows it by this id.
    EffectId,
    /// A timer that a context has set, with one due time.
    TimerId,
    /// An account of a shop at a payment gateway.
    AccountId,
    /// A charge; the effect that makes it has the same UUID.
    ChargeId,
    /// A refund; the effect that makes it has the same UUID.
    RefundId,
    /// A credential of another system for a shop's payments API.
    CredentialId,
    /// A difference between a gateway's charges and ours.
    DifferenceId,
    /// A plan of a shop; the effect that makes it has the same UUID.
    PlanId,
    /// A plan of the platform, which people subscribe to.
    SignupPlanId,
    /// A card that a gateway keeps; the effect that has it kept has the same UUID.
    CardId,
    /// A subscription; the effect that makes it has the same UUID.
    SubscriptionId,
    /// A member of a shop's staff, or of the platform's.
    StaffId,
    /// A group of members of a shop's staff, or of the platform's.
    GroupId,
    /// The bill of one period of a subscription to the platform.
    InvoiceId,
    /// A report that something is wrong with a shop; the command that makes it has the same UUID.
    ShopReportId,
    /// A way in which a shop delivers; the command that makes it has the same UUID.
    ShippingId,
}

/// A UUID's text in every format: of itself it would be bytes in one that is not for people, such as Avro.
mod as_text {
    use std::fmt;

    use serde::{
        Deserializer, Serialize, Serializer,
        de::{Error, Visitor},
    };
    use uuid::Uuid;

    pub(super) fn serialize<S: Serializer>(uuid: &Uuid, serializer: S) -> Result<S::Ok, S::Error> {
        uuid.as_hyphenated().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Uuid, D::Error> {
        deserializer.deserialize_str(Text)
    }

    struct Text;

    impl Visitor<'_> for Text {
        type Value = Uuid;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the text of a UUID")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Uuid, E> {
            Uuid::try_parse(text).map_err(|error| E::custom(format_args!("UUID parsing failed: {error}")))
        }
    }
}

impl TenantId {
    /// The platform itself: owner of plans, operators and other records that belong to no shop.
    pub const PLATFORM: Self = Self(Uuid::nil());
}

impl CommandId {
    /// The command that a client names: the same parts always give the same id (a UUIDv8 over their SHA-256).
    pub fn from_client_key(tenant: TenantId, actor: &str, method: &str, route: &str, key: &str) -> Self {
        let mut hash = Sha256::new();
        for part in [tenant.to_string().as_str(), actor, method, route, key] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(uuid::Builder::from_custom_bytes(first_16(&hash.finalize())).into_uuid())
    }

    /// The id of the command with this index that a decision sends to another context.
    pub fn follow_up(self, index: u32, now: Micros) -> Self {
        // A range of indexes of its own, so that a follow-up never shares its bits with an entity of the same decision.
        Self::derive(self, u32::MAX - index, now)
    }

    /// The id under which a foreign event is decided, so that its own events can name their cause.
    pub fn of_event(event: EventId) -> Self {
        Self(event.uuid())
    }

    /// The id under which a due timer is decided: the timer's own, of which there is one with one due time.
    pub fn of_timer(timer: TimerId) -> Self {
        Self(timer.uuid())
    }
}

impl ChargeId {
    /// The charge that a gateway has made for a subscription's period, by the gateway's own id of it: the same parts always give the same
    /// id (a UUIDv8 over their SHA-256), whoever sees it first.
    pub fn of_renewal(subscription: SubscriptionId, remote: &str) -> Self {
        let hash = Sha256::new().chain_update(b"renewal").chain_update(subscription.uuid()).chain_update(remote);
        Self(uuid::Builder::from_custom_bytes(first_16(&hash.finalize())).into_uuid())
    }
}

fn derive(command: Uuid, index: u32, now: Micros) -> Uuid {
    let digest = Sha256::new().chain_update(command.as_bytes()).chain_update(index.to_be_bytes()).finalize();
    let mut random = [0; 10];
    random.copy_from_slice(&digest[..10]);
    let millis = u64::try_from(now / 1_000).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

fn first_16(digest: &[u8]) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_ids_repeat_for_the_same_decision_and_differ_by_index() {
        let command = CommandId::from_uuid(Uuid::from_u128(7));
        let now = 1_700_000_000_000_000;
        assert_eq!(ProductId::derive(command, 0, now), ProductId::derive(command, 0, now));
        assert_ne!(ProductId::derive(command, 0, now).uuid(), ProductId::derive(command, 1, now).uuid());
        assert_eq!(ProductId::derive(command, 0, now).uuid().get_version_num(), 7);
    }

    #[test]
    fn a_client_key_names_one_command_per_credential_route_and_tenant() {
        let tenant = TenantId::from_uuid(Uuid::from_u128(1));
        let id = |actor: &str, route: &str, key: &str| CommandId::from_client_key(tenant, actor, "POST", route, key);
        assert_eq!(id("a", "/products", "k"), id("a", "/products", "k"));
        assert_ne!(id("a", "/products", "k"), id("b", "/products", "k"));
        assert_ne!(id("a", "/products", "k"), id("a", "/categories", "k"));
        // Lengths are part of the hash: moving a letter from one part to the next is another command.
        assert_ne!(id("ab", "c", "k"), id("a", "bc", "k"));
    }

    #[test]
    fn a_renewal_has_one_id_whoever_sees_it() {
        let subscription = SubscriptionId::from_uuid(Uuid::from_u128(5));
        let renewal = ChargeId::of_renewal(subscription, "ch_1");
        assert_eq!(renewal, ChargeId::of_renewal(subscription, "ch_1"));
        assert_eq!(renewal.uuid().get_version_num(), 8);
        assert_ne!(renewal, ChargeId::of_renewal(subscription, "ch_2"));
        assert_ne!(renewal, ChargeId::of_renewal(SubscriptionId::from_uuid(Uuid::from_u128(6)), "ch_1"));
    }

    #[test]
    fn text_that_is_no_uuid_is_refused_with_a_sentence() {
        let error = "not-an-id".parse::<ProductId>().unwrap_err();
        assert!(error.to_string().contains("expected a UUID"));
    }
}
