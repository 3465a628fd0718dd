//! The closed sets: which record types a topic holds, and how each is told apart by its Avro name.

use serde::{Serialize, de::DeserializeOwned};

use super::{
    admin::*,
    common::{CommandAnswered, CommandMeta, CommandResult, EventMeta},
    directory::*,
    store::*,
};
use crate::{
    codec::{Codec, CodecError, Encoded},
    groups::Context,
};

/// Any of a topic's record types.
pub trait RecordSet: Sized + Send + Sync + Clone + std::fmt::Debug + 'static {
    /// The Avro full names of all of them.
    const NAMES: &'static [&'static str];
    /// The Avro full name of this one.
    fn record_name(&self) -> &'static str;
    /// Its value on a topic, in Confluent's wire format.
    fn encode(&self, codec: &Codec) -> Result<Vec<u8>, CodecError>;
    /// Reads a value whose schema id is known to the codec.
    fn decode(codec: &Codec, value: &[u8]) -> Result<Self, CodecError>;
}

/// A set of commands.
pub trait CommandSet: RecordSet {
    /// The context that decides them.
    const CONTEXT: Context;
    /// What every command carries.
    fn meta(&self) -> &CommandMeta;
}

/// A set of events.
pub trait EventSet: RecordSet + PartialEq {
    /// What every event carries.
    fn meta(&self) -> &EventMeta;
    /// The event that answers a command without a change.
    fn answered(event: CommandAnswered) -> Self;
}

fn write<T: Serialize>(codec: &Codec, name: &'static str, record: &T) -> Result<Vec<u8>, CodecError> {
    codec.encode(name, record)
}

fn read<T: DeserializeOwned>(encoded: &Encoded<'_>) -> Result<T, CodecError> {
    encoded.read()
}

/// One enum per topic with its dispatch. A macro because the lists are long and each must name every type once, in one place.
macro_rules! record_set {
    ($(#[$doc:meta])* $set:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs, clippy::large_enum_variant)] // The Avro files say what each is; sets are passed by reference.
        pub enum $set { $($variant($variant)),+ }

        impl RecordSet for $set {
            const NAMES: &'static [&'static str] = &[$($name),+];
            fn record_name(&self) -> &'static str { match self { $(Self::$variant(_) => $name),+ } }
            fn encode(&self, codec: &Codec) -> Result<Vec<u8>, CodecError> {
                match self { $(Self::$variant(record) => write(codec, $name, record)),+ }
            }
            fn decode(codec: &Codec, value: &[u8]) -> Result<Self, CodecError> {
                let encoded = codec.open(value)?;
                match encoded.name() {
                    $($name => Ok(Self::$variant(read(&encoded)?)),)+
                    other => Err(CodecError::NotInSet { name: other.to_owned(), set: stringify!($set) }),
                }
            }
        }

        $(impl From<$variant> for $set { fn from(record: $variant) -> Self { Self::$variant(record) } })+
    };
}

macro_rules! command_set {
    ($(#[$doc:meta])* $set:ident of $context:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        record_set!($(#[$doc])* $set { $($variant = $name),+ });
        impl CommandSet for $set {
            const CONTEXT: Context = Context::$context;
            fn meta(&self) -> &CommandMeta { match self { $(Self::$variant(record) => &record.meta),+ } }
        }
    };
}

macro_rules! event_set {
    ($(#[$doc:meta])* $set:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        record_set!($(#[$doc])* $set { CommandAnswered = "feira.common.CommandAnswered", $($variant = $name),+ });
        impl EventSet for $set {
            fn meta(&self) -> &EventMeta {
                match self { Self::CommandAnswered(record) => &record.meta, $(Self::$variant(record) => &record.meta),+ }
            }
            fn answered(event: CommandAnswered) -> Self { Self::CommandAnswered(event) }
        }
    };
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

command_set! {
    /// `admin.commands`, keyed by tenant.
    AdminCommand of Admin {
        ProvisionTenant = "feira.admin.ProvisionTenant",
        AnswerNameClaim = "feira.admin.AnswerNameClaim",
        SuspendTenant = "feira.admin.SuspendTenant",
        ResumeTenant = "feira.admin.ResumeTenant",
        IssueToken = "feira.admin.IssueToken",
        ChangeSettings = "feira.admin.ChangeSettings",
        ChangeLogo = "feira.admin.ChangeLogo",
        CreateProduct = "feira.admin.CreateProduct",
        ReplaceProduct = "feira.admin.ReplaceProduct",
        PatchProduct = "feira.admin.PatchProduct",
        DeleteProduct = "feira.admin.DeleteProduct",
        ImportProduct = "feira.admin.ImportProduct",
        AddProductImage = "feira.admin.AddProductImage",
        ChangeProductImage = "feira.admin.ChangeProductImage",
        RemoveProductImage = "feira.admin.RemoveProductImage",
        FailProductImage = "feira.admin.FailProductImage",
        CreateCategory = "feira.admin.CreateCategory",
        ReplaceCategory = "feira.admin.ReplaceCategory",
        PatchCategory = "feira.admin.PatchCategory",
        DeleteCategory = "feira.admin.DeleteCategory",
    }
}

event_set! {
    /// `admin.events`, keyed by tenant.
    AdminEvent {
        TenantChanged = "feira.admin.TenantChanged",
        SettingsChanged = "feira.admin.SettingsChanged",
        TokenChanged = "feira.admin.TokenChanged",
        CategoryChanged = "feira.admin.CategoryChanged",
        CategoryDeleted = "feira.admin.CategoryDeleted",
        ProductChanged = "feira.admin.ProductChanged",
        ProductDeleted = "feira.admin.ProductDeleted",
    }
}

command_set! {
    /// `store.commands`, keyed by tenant.
    StoreCommand of Store {
        SetStock = "feira.store.SetStock",
        AdjustStock = "feira.store.AdjustStock",
    }
}

event_set! {
    /// `store.events`, keyed by tenant.
    StoreEvent {
        StockChanged = "feira.store.StockChanged",
        ProductListed = "feira.store.ProductListed",
        ProductUnlisted = "feira.store.ProductUnlisted",
        CategoryListed = "feira.store.CategoryListed",
        CategoryUnlisted = "feira.store.CategoryUnlisted",
        ShopChanged = "feira.store.ShopChanged",
    }
}

record_set! {
    /// Every `results` topic.
    ResultRecord {
        CommandResult = "feira.common.CommandResult",
    }
}
