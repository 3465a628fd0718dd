//! Errors of the gateways' port. What becomes of a call is no error but an
//! [`Outcome`](feira_schemas::gateway::Outcome).

/// There is no gateway of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid gateway")]
pub struct UnknownGateway;

/// Gateways can't be used as they are set. The text names the setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("gateways: {0}")]
pub struct GatewayError(pub(super) String);

/// A callback that is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// Nothing proves that it comes from the gateway.
    #[error("the callback is not proven to be the gateway's")]
    NotProven,
    /// It is proven, and can't be read.
    #[error("the callback can't be read")]
    Unreadable,
}
