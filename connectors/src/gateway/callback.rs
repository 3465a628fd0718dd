//! Callbacks of gateways: hints that something has moved, never believed for what they say of it.

use feira_schemas::{ids::TenantId, time::Micros};

/// A callback as it came in.
#[derive(Clone, Copy)]
pub struct CallbackRequest<'a> {
    /// The value of the header `authorization`.
    pub authorization: Option<&'a str>,
    /// The value of the header in which the gateway signs ([`super::Gateway::signature_header`]).
    pub signature: Option<&'a str>,
    /// The whole body.
    pub body: &'a [u8],
}

/// A proven callback, of which only is kept where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// The gateway's id of the callback, the same when it is sent again.
    pub id: String,
    /// The gateway's own word for what happened. Unknown ones mean the same as known ones: look.
    pub kind: String,
    /// The gateway's id of the charge that it is about.
    pub charge: Option<String>,
    /// The gateway's id of the order that it is about.
    pub order: Option<String>,
    /// The gateway's id of the subscription that it is about.
    pub subscription: Option<String>,
    /// The code that the charge or subscription was made with.
    pub code: Option<String>,
    /// The tenant that the charge or subscription was made for, as its metadata say.
    pub tenant: Option<TenantId>,
    /// The gateway's id of its account, where the callback tells it.
    pub remote_account: Option<String>,
    /// The time that the gateway gives it; 0 if it gives none.
    pub at: Micros,
}
