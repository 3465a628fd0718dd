//! Commands that a context sends to another.

use std::{any::Any, fmt::Debug, sync::Arc};

use super::{CommandSet, Context, common::CommandMeta};
use crate::codec::{Codec, CodecError};

/// A command to another context, sent in the transaction of the decision that asks for it.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The context that is asked.
    pub context: Context,
    /// Key of the record.
    pub key: String,
    command: Arc<dyn AnyCommand>,
}

impl Outgoing {
    /// A command under this key.
    pub fn new<C: CommandSet>(key: impl ToString, command: C) -> Self {
        Self { context: C::CONTEXT, key: key.to_string(), command: Arc::new(command) }
    }

    /// Full name of the record's type.
    pub fn record_name(&self) -> &'static str {
        self.command.record_name()
    }

    /// The fields that every command has.
    pub fn meta(&self) -> &CommandMeta {
        self.command.meta()
    }

    /// Encodes the command as its topic's value.
    pub fn encode(&self, codec: &Codec) -> Result<Vec<u8>, CodecError> {
        self.command.encode(codec)
    }

    /// The command, where it is of this set.
    pub fn command<C: CommandSet>(&self) -> Option<&C> {
        self.command.as_any().downcast_ref()
    }
}

/// A command of whatever set.
trait AnyCommand: Debug + Send + Sync {
    fn record_name(&self) -> &'static str;
    fn meta(&self) -> &CommandMeta;
    fn encode(&self, codec: &Codec) -> Result<Vec<u8>, CodecError>;
    fn as_any(&self) -> &dyn Any;
}

impl<C: CommandSet> AnyCommand for C {
    fn record_name(&self) -> &'static str {
        C::record_name(self)
    }
    fn meta(&self) -> &CommandMeta {
        C::meta(self)
    }
    fn encode(&self, codec: &Codec) -> Result<Vec<u8>, CodecError> {
        C::encode(self, codec)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}
