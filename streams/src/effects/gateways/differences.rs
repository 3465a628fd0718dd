//! The count of open differences, by partition, for the metric: it is read from their rows, since an event does not tell whether the
//! difference was open before.

use std::sync::Arc;

use feira_schemas::{
    ids::Micros,
    row::{Row, RowKey},
    rows::payments::OpenDifferenceRow,
};

use super::work::Work;

/// Rows that are read at once.
const PAGE: usize = 500;
/// Differences up to which they are counted: as many are as many to whoever looks at the metric.
const MOST: usize = 10_000;

/// The partition and number that were given, and the count of the open differences that its rows show once they show an event.
pub(super) async fn count(work: Arc<Work>, partition: u32, number: u64, seen: Micros) -> (u32, u64, usize) {
    work.shown(partition, seen).await;
    let all = OpenDifferenceRow::all(partition);
    let (mut count, mut after) = (0, None::<RowKey>);
    while count < MOST {
        let rows = work.page::<OpenDifferenceRow>(&all, after.as_ref(), PAGE).await;
        count += rows.len();
        after = rows.last().filter(|_| rows.len() == PAGE).map(Row::key);
        if after.is_none() {
            break;
        }
    }
    (partition, number, count)
}
