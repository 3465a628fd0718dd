//! What other contexts say to sign-up: payments of charges and plans, admin of shops.

use feira_schemas::{
    codec::{Codec, CodecError},
    groups::Context,
    records::{AdminEvent, EventSet, PaymentsEvent, RecordSet, common::EventMeta},
};

use crate::ForeignEvent;

/// An event of another context that sign-up decides upon. Some records stand in both sets, so the topic tells whose one is.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant)] // It is passed by reference, as its sets are.
pub enum SignupForeign {
    /// Payments has said it.
    Payments(PaymentsEvent),
    /// Admin has said it.
    Admin(AdminEvent),
}

impl From<PaymentsEvent> for SignupForeign {
    fn from(event: PaymentsEvent) -> Self {
        Self::Payments(event)
    }
}

impl From<AdminEvent> for SignupForeign {
    fn from(event: AdminEvent) -> Self {
        Self::Admin(event)
    }
}

impl ForeignEvent for SignupForeign {
    fn read(context: Context, codec: &Codec, value: &[u8]) -> Result<Self, CodecError> {
        match context {
            Context::Payments => PaymentsEvent::decode(codec, value).map(Self::Payments),
            Context::Admin => AdminEvent::decode(codec, value).map(Self::Admin),
            Context::Directory | Context::Store | Context::Signup => {
                let name = codec.open(value)?.name().to_owned();
                Err(CodecError::NotInSet { name, set: "SignupForeign" })
            }
        }
    }

    fn source(&self) -> &EventMeta {
        match self {
            Self::Payments(event) => event.meta(),
            Self::Admin(event) => event.meta(),
        }
    }
}
