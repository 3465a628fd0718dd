//! Files of images that were taken away: they leave the store 30 days later. Until then a deletion can be taken back.
//!
//! The rows of admin name these images; they are served to nobody even before this. One process of a deployment looks
//! once an hour. Nothing is kept: what was done before a start is found done.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use feira_connectors::{files::FilesError, state::StateError};
use feira_schemas::{
    ids::{ImageId, Micros, TenantId},
    rows::admin::RemovedImageRow,
    topics::Context,
};
use tokio::sync::watch;

use crate::{images::image_of, platform::Platform};

/// The time for which the files of an image stay after it was taken away, in microseconds.
pub const KEPT: Micros = 30 * 24 * 60 * 60 * 1_000_000;
/// The time between two sweeps. Files may stay an hour longer.
const EVERY: Duration = Duration::from_secs(3_600);
/// Rows read at once.
const PAGE: usize = 1_000;
/// Images whose files are looked for together: some megabytes. More would list a shop's files less often.
const TOGETHER: usize = 100_000;
/// The one who owns this partition looks.
const OF_PARTITION: u32 = 0;

/// A sweep that left files where they are; the next one finds them again.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The rows of removed images can't be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// The files can't be deleted.
    #[error(transparent)]
    Files(#[from] FilesError),
}

/// Looks every hour until told to stop.
pub async fn run(platform: Platform, mut stop: watch::Receiver<bool>) {
    let mut looks = tokio::time::interval(EVERY);
    let mut done = Micros::MIN;
    loop {
        // Cancel safety: a tick that was not taken comes again, and `wait_for` holds no state.
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            _ = looks.tick() => {}
        }
        if !platform.reached.serves(Context::Admin.name(), OF_PARTITION) {
            // Another's; whoever takes it over begins anew, and so does this one. Before a start is done it is nobody's.
            done = Micros::MIN;
            looks.reset_after(Duration::from_secs(60));
            continue;
        }
        let until = platform.now() - KEPT;
        match sweep(&platform, done, until).await {
            Ok(removed) => {
                done = until;
                if removed > 0 {
                    tracing::info!(removed, "files of images that were taken away 30 days ago");
                }
            }
            Err(error) => tracing::warn!(%error, "files of images that were taken away stay for now"),
        }
    }
}

/// Removes the files of what was taken away after `after` and not after `until`; how many there were.
pub async fn sweep(platform: &Platform, after: Micros, until: Micros) -> Result<usize, SweepError> {
    let (mut removed, mut next) = (0, None);
    loop {
        let (mut due, mut count): (BTreeMap<TenantId, HashSet<ImageId>>, _) = (BTreeMap::new(), 0);
        while count < TOGETHER {
            let page = platform.state.scan_table::<RemovedImageRow>(next, PAGE).await?;
            for row in page.rows.iter().filter(|row| row.removed_at > after && row.removed_at <= until) {
                due.entry(row.tenant_id).or_default().insert(row.image_id);
                count += 1;
            }
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        for (tenant, images) in due {
            for name in platform.files.list(tenant).await? {
                if image_of(&name).is_some_and(|image| images.contains(&image)) {
                    platform.files.delete(tenant, &name).await?;
                    removed += 1;
                }
            }
        }
        if next.is_none() {
            return Ok(removed);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use bytes::Bytes;
    use feira_schemas::row::Write;
    use uuid::Uuid;

    use super::*;
    use crate::testing::{platform, tenant};

    fn image_id(number: u128) -> ImageId {
        ImageId::from_uuid(Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn files_leave_thirty_days_after_the_image_was_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let platform = platform(folder.path()).await;
        let now = platform.now();
        let names = |number| [format!("{}.png", image_id(number)), format!("{}-480.png", image_id(number))];
        for (shop, number) in [(1, 1), (1, 2), (1, 3), (2, 1), (2, 4)] {
            for name in names(number) {
                platform.files.put(tenant(shop), &name, "image/png", Bytes::from_static(b"x")).await.unwrap();
            }
        }
        let taken_away = |shop, number, removed_at| {
            let row = RemovedImageRow { tenant_id: tenant(shop), image_id: image_id(number), removed_at };
            Write::put(row, removed_at)
        };
        // The third is shown still, and what another shop calls the same is not this shop's.
        let rows = [taken_away(1, 1, now - KEPT), taken_away(1, 2, now - KEPT + 1), taken_away(2, 4, now - 2 * KEPT)];
        platform.state.write(&rows).await.unwrap();

        assert_eq!(sweep(&platform, Micros::MIN, now - KEPT).await.unwrap(), 4);
        assert_eq!(
            platform.files.list(tenant(1)).await.unwrap().len(),
            4,
            "the second a microsecond later, the third never"
        );
        assert_eq!(platform.files.list(tenant(2)).await.unwrap(), {
            let mut left = names(1);
            left.sort();
            left
        });
        assert_eq!(sweep(&platform, now - KEPT, now - KEPT).await.unwrap(), 0);
        assert_eq!(sweep(&platform, now - KEPT, now - KEPT + 1).await.unwrap(), 2);
        let mut left = names(3);
        left.sort();
        assert_eq!(platform.files.list(tenant(1)).await.unwrap(), left);
    }
}
