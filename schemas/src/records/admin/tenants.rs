//! Shops: who they are, what they look like, and the tokens of their admin API.

use serde::{Deserialize, Serialize};

use super::{Contact, Policies, Seller};
use crate::{
    ids::{ImageId, Micros, SubscriptionId, TenantId},
    records::common::{Answers, Asked, CommandMeta, EventMeta},
    time::DAY,
};

/// Life of a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TenantStatus {
    /// `REQUESTED`.
    Requested,
    /// `ACTIVE`.
    Active,
    /// `SUSPENDED`.
    Suspended,
    /// `REFUSED`.
    Refused,
    /// `CLOSED`: for good.
    Closed,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// A shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// UUID.
    pub tenant_id: TenantId,
    /// +1 each change.
    pub version: i64,
    /// Status.
    pub status: TenantStatus,
    /// The shop's sub-domain: its temporary address.
    pub subdomain: String,
    /// The time at which the shop was asked for.
    pub created_at: Micros,
    /// The command that waits for its provisioning.
    #[serde(default)]
    pub requested_by: Option<Answers>,
    /// The subscription that the shop was made for; none where an operator has made it.
    #[serde(default)]
    pub subscription_id: Option<SubscriptionId>,
}

/// How far a shop is with a name, as admin knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ShopNameStatus {
    /// `CLAIMED`.
    Claimed,
    /// `HELD`: the shop is open, and the name is to be confirmed.
    Held,
    /// `CONFIRMED`.
    Confirmed,
    /// `REFUSED`.
    Refused,
    /// `KEPT`: the shop is closed, and the name is nobody's until it is given back.
    Kept,
    /// `RELEASED`: the name is the shop's no more.
    Released,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// A name that a shop asks the directory for. It is an entity beside the shop: what is asked again changes no version that a
/// merchant has seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopName {
    /// The normalised name.
    pub name: String,
    /// +1 each change.
    pub version: i64,
    /// Status.
    pub status: ShopNameStatus,
    /// The question that the directory has not answered.
    #[serde(default)]
    pub asked: Option<Asked>,
}

/// The microseconds for which the name of a shop that was closed is nobody's: long enough that who knew the shop does not take another
/// for it. A longer time would keep names from who wants them.
const NAME_KEPT: Micros = 90 * DAY;

impl ShopName {
    /// The word for the question of a shop that was closed before its name was confirmed, in `asked`: the name is to be its own still.
    pub const CONFIRM_KEPT: &str = "confirm_kept_name";
    /// The word for the question by which the name is given back, in `asked`.
    pub const RELEASE: &str = "release_name";

    /// The time until which the name of a shop is kept that was closed at this time.
    pub fn kept_from(closed_at: Micros) -> Micros {
        closed_at.saturating_add(NAME_KEPT)
    }

    /// The time until which the name is kept; none of a shop that is not closed, and once the directory is asked to release it.
    pub fn kept_until(&self) -> Option<Micros> {
        let asked = self.asked.as_ref().filter(|_| self.status == ShopNameStatus::Kept)?;
        match asked.what.as_str() {
            Self::CONFIRM_KEPT => Some(Self::kept_from(asked.since)),
            Self::RELEASE if asked.times == 0 => Some(asked.timer.due),
            _ => None,
        }
    }
}

/// A shop's logo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logo {
    /// The file's name.
    pub image_id: ImageId,
    /// Media type.
    pub content_type: String,
    /// Pixels.
    #[serde(default)]
    pub width: Option<i32>,
    /// Pixels.
    #[serde(default)]
    pub height: Option<i32>,
}

/// The settings of a shop: its name, how its pages look, and what it publishes of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// +1 each change.
    pub version: i64,
    /// Name.
    pub shop_name: String,
    /// A sentence under the name.
    #[serde(default)]
    pub tagline: Option<String>,
    /// Colour, #rrggbb.
    #[serde(default)]
    pub accent: Option<String>,
    /// Logo.
    #[serde(default)]
    pub logo: Option<Logo>,
    /// The most instalments without interest; none is one.
    #[serde(default)]
    pub interest_free_installments: Option<i32>,
    /// Origins of front ends elsewhere whose scripts may read the shop's API.
    #[serde(default)]
    pub cors_origins: Vec<String>,
    /// The ways in which the shop is reached; none where it says nothing of it.
    #[serde(default)]
    pub contact: Option<Contact>,
    /// The person or company that sells; none where the shop says nothing of it.
    #[serde(default)]
    pub seller: Option<Seller>,
    /// The shop's policies; none where none is written.
    #[serde(default)]
    pub policies: Option<Policies>,
    /// This event.
    pub updated_at: Micros,
}

/// State of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TokenStatus {
    /// `ACTIVE`.
    Active,
    /// `REVOKED`.
    Revoked,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// A credential of the admin API; only its hash is ever kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// SHA-256, hex.
    pub token_hash: String,
    /// The label that says what the token is for.
    pub label: String,
    /// Status.
    pub status: TokenStatus,
    /// The time at which the token was made.
    pub created_at: Micros,
    /// The permissions that the token has, in words of [`Access`](crate::access::Access); none is a token that has all of them, as those of
    /// before there were any.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
    /// The actor that has made the token; none of one that was made before this was kept.
    #[serde(default)]
    pub made_by: Option<String>,
}

/// Make a shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisionTenant {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// Normalised.
    pub subdomain: String,
    /// Name.
    pub shop_name: String,
    /// First token of its admin API.
    #[serde(default)]
    pub token_hash: Option<String>,
}

/// The directory's answer to a claim, a confirmation or a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerNameClaim {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The name that was claimed.
    pub name: String,
    /// False: it is another's, or was released.
    pub held: bool,
    /// True: it is the shop's own for good. Programs before this field did not answer confirmations that they took.
    #[serde(default)]
    pub confirmed: bool,
}

/// Close a shop for buyers and writers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspendTenant {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
}

/// Open it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumeTenant {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
}

/// Close a shop for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseTenant {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
}

/// Make a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueToken {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// SHA-256, hex.
    pub token_hash: String,
    /// The label that says what the token is for.
    pub label: String,
    /// The permissions that the token has; none is all of them.
    #[serde(default)]
    pub scopes: Option<Vec<String>>,
}

/// Make a token good for nothing, for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeToken {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// SHA-256, hex.
    pub token_hash: String,
}

/// Change name, looks and what the shop publishes of itself; null leaves a field as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeSettings {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// Name.
    #[serde(default)]
    pub shop_name: Option<String>,
    /// Sentence.
    #[serde(default)]
    pub tagline: Option<String>,
    /// #rrggbb.
    #[serde(default)]
    pub accent: Option<String>,
    /// The most instalments without interest; 1 offers none.
    #[serde(default)]
    pub interest_free_installments: Option<i32>,
    /// Origins of front ends elsewhere whose scripts may read the shop's API: all of them.
    #[serde(default)]
    pub cors_origins: Option<Vec<String>>,
    /// The ways in which the shop is reached: of them those that change.
    #[serde(default)]
    pub contact: Option<Contact>,
    /// The person or company that sells: of it what changes.
    #[serde(default)]
    pub seller: Option<Seller>,
    /// The shop's policies: of them those that change.
    #[serde(default)]
    pub policies: Option<Policies>,
}

/// Set or remove the logo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeLogo {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// Null removes it.
    #[serde(default)]
    pub logo: Option<Logo>,
}

/// A shop was asked for, opened, suspended, refused or closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The shop after this event.
    pub tenant: Tenant,
}

/// The directory was asked for a name, or has answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopNameChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The name after this event.
    pub name: ShopName,
}

/// Name, looks or logo changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The settings after this event.
    pub settings: Settings,
    /// True if the logo changed.
    pub logo_changed: bool,
    /// The image that was the logo and is no more.
    #[serde(default)]
    pub removed_logo: Option<ImageId>,
}

/// A token was made or revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The token after this event.
    pub token: Token,
}
