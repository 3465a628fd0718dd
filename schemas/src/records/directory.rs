//! Names: who holds which sub-domain. Keyed by the name.

use serde::{Deserialize, Serialize};

use super::{
    definition::Definition,
    sets::{AnySet, avro_files, command_set, event_set},
};
use crate::{
    ids::{Micros, TenantId},
    records::common::{CommandAnswered, CommandMeta, EventMeta, TimerCleared, TimerSet},
};

/// State of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NameStatus {
    /// `HELD`.
    Held,
    /// `CONFIRMED`.
    Confirmed,
    /// `RELEASED`.
    Released,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// The context that asks for a name: a command tells it what became of that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NameAsker {
    /// `ADMIN`. Programs before this field were asked by nobody else.
    #[default]
    Admin,
    /// `SIGNUP`.
    Signup,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// A sub-domain and who has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// The normalised name.
    pub name: String,
    /// The shop that holds the name.
    pub tenant_id: TenantId,
    /// Held until a time, or confirmed.
    pub status: NameStatus,
    /// End of a hold; null once confirmed.
    #[serde(default)]
    pub until: Option<Micros>,
}

/// Hold a name for a tenant that is being made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimName {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// Normalised.
    pub name: String,
    /// The time at which the hold ends, for a directory that does not know `held_for` yet.
    pub until: Micros,
    /// The context that asks and hears the answer.
    #[serde(default)]
    pub asker: NameAsker,
    /// Microseconds that the name is held from when the directory decides; 0: from a program before this field, which meant
    /// `until - issued_at`.
    #[serde(default)]
    pub held_for: Micros,
}

impl ClaimName {
    /// For how long the name is held from when the directory decides: what the command waited for it must not be taken off.
    pub fn hold(&self) -> Micros {
        if self.held_for > 0 { self.held_for } else { self.until.saturating_sub(self.meta.issued_at).max(0) }
    }
}

/// The tenant is made: the name is its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmName {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// Normalised.
    pub name: String,
    /// The context that asks and hears a refusal.
    #[serde(default)]
    pub asker: NameAsker,
}

/// The tenant does not need the name any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseName {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// Normalised.
    pub name: String,
    /// The context that hears that it is done; none is told.
    #[serde(default)]
    pub asker: Option<NameAsker>,
}

/// A name is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameHeld {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The name after this event.
    pub name: Name,
}

/// A name is its holder's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameConfirmed {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The name after this event.
    pub name: Name,
}

/// A name is free again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameReleased {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The name after this event.
    pub name: Name,
}

/// A claim was refused; the name stays with its holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameRefused {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The name, unchanged.
    pub name: Name,
    /// The tenant whose claim was refused.
    pub claimed_by: TenantId,
}

command_set! {
    /// `directory.commands`, keyed by the name.
    DirectoryCommand of Directory {
        ClaimName = "feira.directory.ClaimName",
        ConfirmName = "feira.directory.ConfirmName",
        ReleaseName = "feira.directory.ReleaseName",
    }
}

event_set! {
    /// `directory.events`, keyed by the name.
    DirectoryEvent {
        NameHeld = "feira.directory.NameHeld",
        NameRefused = "feira.directory.NameRefused",
        NameConfirmed = "feira.directory.NameConfirmed",
        NameReleased = "feira.directory.NameReleased",
    }
}

/// The entity that the directory's answers show, as they name it.
pub mod entity {
    /// A sub-domain, and who has it.
    pub const NAME: &str = "name";
}
/// The definition of the context `directory`: its name, number, records and Avro files.
pub(super) const CONTEXT: Definition = Definition {
    name: "directory",
    number: 1,
    keyed_by_shop: false,
    does: "decides who has which name",
    sets: [AnySet::of::<DirectoryCommand>(), AnySet::of::<DirectoryEvent>()],
    avro: AVRO,
    erasing: &[],
};

/// Avro files of these types.
const AVRO: &[(&str, &str)] = avro_files! {
    "directory":
    "NameAsker", "NameStatus", "Name", "ClaimName", "ConfirmName", "ReleaseName", "NameHeld", "NameConfirmed",
    "NameReleased", "NameRefused"
};
