//! The closed sets: which record types a topic holds, and how each is told apart by its Avro name.

use super::{
    Context,
    common::{CommandAnswered, CommandMeta, EventMeta, TimerCleared, TimerEvent, TimerSet},
};
use crate::{
    codec::{Codec, CodecError},
    ids::ProductId,
};

/// Any of a topic's record types.
pub trait RecordSet: Sized + Send + Sync + Clone + std::fmt::Debug + 'static {
    /// The Avro full names of all of them.
    const NAMES: &'static [&'static str];
    /// The Avro full name of this one.
    fn record_name(&self) -> &'static str;
    /// Encodes the record as a topic's value, in Confluent's wire format.
    fn encode(&self, codec: &Codec) -> Result<Vec<u8>, CodecError>;
    /// Reads a value whose schema id is known to the codec.
    fn decode(codec: &Codec, value: &[u8]) -> Result<Self, CodecError>;
}

/// A set of commands.
pub trait CommandSet: RecordSet {
    /// The context that decides them.
    const CONTEXT: Context;
    /// The fields that every command has.
    fn meta(&self) -> &CommandMeta;
}

/// Names the product that a command changes.
pub trait Touches {
    /// The product, if it is one that may be there already.
    fn product(&self) -> Option<ProductId>;
}

/// A set of events. Each has those that all contexts say: that a command is answered without a change, that a timer is set, and
/// that it is cleared.
pub trait EventSet: RecordSet + PartialEq + From<TimerSet> + From<TimerCleared> {
    /// The fields that every event has.
    fn meta(&self) -> &EventMeta;
    /// The event that answers a command without a change.
    fn answered(event: CommandAnswered) -> Self;
    /// The event that answers a command without a change; `None` where this is another.
    fn as_answered(&self) -> Option<&CommandAnswered>;
    /// The event of a timer; `None` where this is another.
    fn as_timer(&self) -> Option<TimerEvent<'_>>;
}

/// A record's Avro full name, and its value encoded again.
pub type Rewritten = Result<(&'static str, Vec<u8>), CodecError>;

/// A closed set whose type does not matter.
#[derive(Debug, Clone, Copy)]
pub struct AnySet {
    /// The Avro full names of its record types.
    pub names: &'static [&'static str],
    /// Reads a value as [`RecordSet::decode`] does, and encodes it again; with the record's Avro full name.
    pub rewrite: fn(&Codec, &[u8]) -> Rewritten,
}

impl AnySet {
    /// The set of this type.
    pub const fn of<S: RecordSet>() -> Self {
        Self { names: S::NAMES, rewrite: rewrite::<S> }
    }
}

fn rewrite<S: RecordSet>(codec: &Codec, value: &[u8]) -> Rewritten {
    let record = S::decode(codec, value)?;
    Ok((record.record_name(), record.encode(codec)?))
}

/// One enum per topic with its dispatch. A macro because the lists are long and each must name every type once, in one place.
macro_rules! record_set {
    ($(#[$doc:meta])* $set:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs, clippy::large_enum_variant)] // The Avro files say what each is; sets are passed by reference.
        pub enum $set { $($variant($variant)),+ }

        impl crate::records::RecordSet for $set {
            const NAMES: &'static [&'static str] = &[$($name),+];
            fn record_name(&self) -> &'static str { match self { $(Self::$variant(_) => $name),+ } }
            fn encode(&self, codec: &crate::codec::Codec) -> Result<Vec<u8>, crate::codec::CodecError> {
                match self { $(Self::$variant(record) => codec.encode($name, record)),+ }
            }
            fn decode(codec: &crate::codec::Codec, value: &[u8]) -> Result<Self, crate::codec::CodecError> {
                let encoded = codec.open(value)?;
                match encoded.name() {
                    $($name => Ok(Self::$variant(encoded.read()?)),)+
                    other => Err(crate::codec::CodecError::NotInSet { name: other.to_owned(), set: stringify!($set) }),
                }
            }
        }

        $(impl From<$variant> for $set { fn from(record: $variant) -> Self { Self::$variant(record) } })+
    };
}

macro_rules! command_set {
    ($(#[$doc:meta])* $set:ident of $context:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        crate::records::sets::record_set!($(#[$doc])* $set { $($variant = $name),+ });
        impl crate::records::CommandSet for $set {
            const CONTEXT: crate::records::Context = crate::records::Context::$context;
            fn meta(&self) -> &crate::records::common::CommandMeta { match self { $(Self::$variant(record) => &record.meta),+ } }
        }
    };
}

macro_rules! event_set {
    ($(#[$doc:meta])* $set:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        crate::records::sets::record_set!($(#[$doc])* $set {
            CommandAnswered = "feira.common.CommandAnswered",
            TimerSet = "feira.common.TimerSet",
            TimerCleared = "feira.common.TimerCleared",
            $($variant = $name),+
        });
        impl crate::records::EventSet for $set {
            fn meta(&self) -> &crate::records::common::EventMeta {
                match self {
                    Self::CommandAnswered(record) => &record.meta,
                    Self::TimerSet(record) => &record.meta,
                    Self::TimerCleared(record) => &record.meta,
                    $(Self::$variant(record) => &record.meta),+
                }
            }
            fn answered(event: crate::records::common::CommandAnswered) -> Self { Self::CommandAnswered(event) }
            fn as_answered(&self) -> Option<&crate::records::common::CommandAnswered> {
                match self { Self::CommandAnswered(event) => Some(event), _ => None }
            }
            fn as_timer(&self) -> Option<crate::records::common::TimerEvent<'_>> {
                match self {
                    Self::TimerSet(event) => Some(crate::records::common::TimerEvent::Set(event)),
                    Self::TimerCleared(event) => Some(crate::records::common::TimerEvent::Cleared(event)),
                    _ => None,
                }
            }
        }
    };
}

/// The Avro files of a folder of `schemas/avro`: (full name, text of the file). A type names another by its full name.
macro_rules! avro_files {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        &[$((
            concat!("feira.", $folder, ".", $name),
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/avro/", $folder, "/", $name, ".avsc")),
        )),+]
    };
}
pub(super) use avro_files;
pub(super) use command_set;
pub(super) use event_set;
pub(super) use record_set;
