//! Cards that gateways keep for later charges.

use serde::{Deserialize, Serialize};

use super::{Attempt, Buyer, KeptCard, Reason};
use crate::{
    ids::{AccountId, CardId, Micros},
    records::common::{CommandMeta, EventMeta},
    sealed::{CardToken, Sealed},
};

/// State of a card that the gateway is to keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SavedCardStatus {
    /// `PROCESSING`: the gateway was not asked yet, or what became of it is not known.
    Processing,
    /// `SAVED`: the gateway keeps it.
    Saved,
    /// `FAILED`: the gateway refused it.
    Failed,
    /// `EXPIRED`: the card's token had run out, or may have been used up: nobody declined, and the card is asked for again.
    Expired,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// A card that a gateway keeps for later charges. It never holds the card's number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedCard {
    /// The card; the effect that has it kept has the same UUID.
    pub card_id: CardId,
    /// The caller's own id of it.
    #[serde(default)]
    pub reference: Option<String>,
    /// The account that keeps it: that whose public key made the token.
    pub account_id: AccountId,
    /// The card's holder.
    pub holder: Buyer,
    /// The token that the browser got for the card, sealed; it serves once.
    pub card_token: Sealed<CardToken>,
    /// The time at which the token runs out.
    pub token_until: Micros,
    /// The state.
    pub status: SavedCardStatus,
    /// The card at the gateway; null until it is kept.
    #[serde(default)]
    pub kept: Option<KeptCard>,
    /// The reason for which it is not kept, one word of the closed list.
    #[serde(default)]
    pub why: Option<String>,
    /// The problems that the gateway names.
    #[serde(default)]
    pub reasons: Vec<Reason>,
    /// The last 20 attempts, oldest first.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
    /// The time at which it was asked for.
    pub created_at: Micros,
    /// The time at which it was changed last.
    pub updated_at: Micros,
}

/// Have the gateway keep a card for later charges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveCard {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The card; asking twice is asking once.
    pub card_id: CardId,
    /// The caller's own id of it.
    #[serde(default)]
    pub reference: Option<String>,
    /// The account that keeps it: that whose public key made the token.
    pub account_id: AccountId,
    /// The card's holder.
    pub holder: Buyer,
    /// The token that the browser got for the card, sealed.
    pub card_token: Sealed<CardToken>,
    /// The time at which the token runs out.
    pub token_until: Micros,
}

/// A saved card is now this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedCardChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The card after this event.
    pub card: SavedCard,
}
