//! The beginning of a partition, once its rows are caught up: its open matters are scanned.

use feira_connectors::state::StateError;
use feira_schemas::{
    row::{KeyPart, RowKey},
    rows::payments::OpenMatterRow,
};

use super::GROUP;
use crate::{platform::Platform, waiting::Patient};

/// Rows that are read at once.
pub(super) const PAGE: usize = 500;
/// Rows of effects begin so. They are read first, and with them what sorts behind: money waits for them, and for charges it only may.
const EFFECTS: &str = "effect";

/// The place that a scan of a partition's open matters has come to: effects first, then what is only looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scan {
    effects: bool,
    after: Option<RowKey>,
}

impl Scan {
    /// From the beginning.
    pub fn new(partition: u32) -> Self {
        Self { effects: true, after: Some(marked(partition)) }
    }

    /// The next page of rows, and the place after it; `None` at the end.
    pub async fn page(
        self,
        platform: &Platform,
        partition: u32,
    ) -> Result<(Vec<OpenMatterRow>, Option<Self>), StateError> {
        let all = OpenMatterRow::all(partition);
        let read = || platform.state.scan::<OpenMatterRow>(&all, self.after.as_ref(), PAGE);
        let mut rows = Patient::new(platform, GROUP).state(read).await?;
        let whole = rows.len() == PAGE;
        if !self.effects {
            rows.retain(|row| row.matter.as_str() < EFFECTS);
        }
        let last = rows.last().map(feira_schemas::row::Row::key);
        let next = match (self.effects, whole, last) {
            (effects, true, Some(last)) => Some(Self { effects, after: Some(last) }),
            (true, ..) => Some(Self { effects: false, after: None }),
            (false, ..) => None,
        };
        Ok((rows, next))
    }
}

/// A key before those of effects.
fn marked(partition: u32) -> RowKey {
    RowKey::new([KeyPart::BigInt(i64::from(partition))], [EFFECTS.into()])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::{
        ids::{ChargeId, EffectId},
        row::Write,
        rows::payments::Matter,
    };
    use uuid::Uuid;

    use super::*;
    use crate::testing::{platform, tenant};

    #[tokio::test]
    async fn a_scan_reads_every_open_matter_once_and_effects_first() {
        let folder = tempfile::tempdir().unwrap();
        let platform = platform(folder.path()).await;
        let number = |number: usize| Uuid::from_u128(number as u128);
        let count = PAGE + 7;
        let effects = (0..count).map(|at| Matter::Effect(EffectId::from_uuid(number(at))));
        let charges = (0..count).map(|at| Matter::Charge(ChargeId::from_uuid(number(at))));
        let row = |matter: Matter, partition| {
            let matter = matter.to_string();
            Write::put(OpenMatterRow { partition, matter, tenant_id: tenant(1) }, 1)
        };
        let mut writes: Vec<Write> = effects.chain(charges).map(|matter| row(matter, 0)).collect();
        writes.push(row(Matter::Effect(EffectId::from_uuid(number(count))), 1));
        platform.state.write(&writes).await.unwrap();

        let (mut scan, mut read) = (Some(Scan::new(0)), Vec::new());
        while let Some(place) = scan {
            let (rows, next) = place.page(&platform, 0).await.unwrap();
            read.extend(rows.into_iter().map(|row| row.matter));
            scan = next;
        }
        assert_eq!(read.len(), 2 * count);
        assert!(read[..count].iter().all(|matter| matter.starts_with("effect:")));
        read.sort();
        read.dedup();
        assert_eq!(read.len(), 2 * count);
    }
}
