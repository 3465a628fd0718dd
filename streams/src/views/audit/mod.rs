//! Audit: who changed what and when. A row says where the event of a change lies; what was before and after is read from the log.

mod changed;
mod fold;

pub use changed::{Changed, changed};
pub use fold::AuditView;
