//! Subscriptions, whichever vendor's: each face keeps its own, and tells of them in this form.

use std::collections::BTreeMap;

use feira_schemas::time::Micros;

/// A subscription.
pub struct Recurring {
    /// `sub_…`.
    pub id: String,
    /// The account that charges.
    pub account: String,
    /// The merchant's code, which need not be unique; with Stripe the id.
    pub code: String,
    /// The merchant's own texts.
    pub metadata: BTreeMap<String, String>,
    /// The vendor's word for its state.
    pub status: String,
    /// When it was made.
    pub created: Micros,
    /// When it was ended.
    pub canceled_at: Option<Micros>,
    /// The ids of its invoices, by which charges name them.
    pub invoices: Vec<String>,
}
