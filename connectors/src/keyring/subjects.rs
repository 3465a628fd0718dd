//! All subjects that have keys, page by page: for who looks whether each is there still.

use feira_schemas::{
    ids::{Micros, TenantId},
    rows::keyring::DataKeyRow,
    sealed::Subject,
};

use super::{Keyring, KeyringError, store::Cursor};

/// A subject with keys that are not erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubjectKeys {
    /// The shop, or the platform.
    pub tenant: TenantId,
    /// The subject.
    pub subject: Subject,
    /// The time at which the oldest of these keys was made.
    pub oldest: Micros,
}

/// Some of all subjects that have keys, and where the next go on (`None`: that was all).
#[derive(Debug)]
pub struct SubjectPage {
    /// The subjects, in no order that means anything; each is on one page.
    pub subjects: Vec<SubjectKeys>,
    /// Hand it to the next call.
    pub next: Option<SubjectCursor>,
}

/// The place where listing subjects stopped. Of use to the keyring that made it only.
pub struct SubjectCursor {
    at: Cursor,
    /// The last subject so far: more of its keys may follow.
    last: Option<SubjectKeys>,
}

impl std::fmt::Debug for SubjectCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SubjectCursor").field("last", &self.last).finish_non_exhaustive()
    }
}

impl Keyring {
    /// The subjects that have keys which are not erased, by about `limit` keys at a time. What is minted or erased meanwhile may be among
    /// them or not. A subject whose kind a later version has named is passed over.
    pub async fn subjects(&self, after: Option<SubjectCursor>, limit: usize) -> Result<SubjectPage, KeyringError> {
        let (at, last) = after.map_or((None, None), |cursor| (Some(cursor.at), cursor.last));
        let page = self.0.store.page(at, limit).await?;
        let (mut subjects, last) = grouped(&page.rows, last);
        let next = match page.next {
            Some(at) => Some(SubjectCursor { at, last }),
            None => {
                subjects.extend(last);
                None
            }
        };
        Ok(SubjectPage { subjects, next })
    }
}

/// The subjects of rows, of which those of one subject stand side by side; and the last of them, of which more may follow.
fn grouped(rows: &[DataKeyRow], mut last: Option<SubjectKeys>) -> (Vec<SubjectKeys>, Option<SubjectKeys>) {
    let mut subjects = Vec::new();
    for row in rows.iter().filter(|row| row.erased_at.is_none()) {
        let Ok(subject) = row.subject.parse::<Subject>() else { continue };
        match &mut last {
            Some(keys) if keys.tenant == row.tenant_id && keys.subject == subject => {
                keys.oldest = keys.oldest.min(row.made_at);
            }
            other => {
                let keys = SubjectKeys { tenant: row.tenant_id, subject, oldest: row.made_at };
                subjects.extend(other.replace(keys));
            }
        }
    }
    (subjects, last)
}
