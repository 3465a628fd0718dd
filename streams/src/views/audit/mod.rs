//! Audit: who changed what and when. A row says where the event of a change lies; what was before and after is read from the log.

mod changed;
mod changed_payments;
mod changed_stock;
mod fold;
mod told;

pub use fold::AuditView;
pub use told::{Changed, Told};
