//! Generations: the numbered forms of tables, log and shards, and how a newer one comes to be.
//!
//! A program of an older generation than the data refuses to start. One of a newer generation folds it from the log, beside
//! the old one and before it is ready ([`fold`]): every process that runs a keyspace's processor folds the partitions that a
//! group of the fold's own gives it, a row says of each that it is done, and once all are, the number that is live moves.
//! Until then the older program works on in its own tables; what it appends meanwhile is caught up when a partition is taken.

mod fold;
mod older;
mod pace;

use feira_connectors::state::StateError;
use feira_schemas::{generations::FIRST_SHARDS, row::Row, rows::platform::GenerationRow};

pub use crate::live::{Kept, SHARDS};
pub use fold::{FoldFailed, Folded, Source, fold};
pub use older::{Older, drop_older, older, take_over};
pub(crate) use pace::Pace;

use crate::{
    live::{check, mark},
    platform::Platform,
    start::StartError,
};

/// Says of which generation this program's search shards are.
pub async fn agree_on_shards(platform: &Platform, ours: u32) -> Result<(), StartError> {
    let row = GenerationRow { name: SHARDS.to_owned(), generation: ours.into() };
    let read = platform.state.get::<GenerationRow>(&row.key()).await?;
    let live = match &read {
        Some(read) => read.generation,
        None if platform.generations.new => row.generation,
        None => FIRST_SHARDS.into(),
    };
    check(std::slice::from_ref(&row), &[Some(GenerationRow { generation: live, ..row.clone() })])?;
    let kept = Kept { live, ours: row.generation };
    platform.generations.kept.send_modify(|all| {
        all.insert(SHARDS.to_owned(), kept);
    });
    if read.is_none() && kept.is_whole() {
        platform.state.write(&[mark(row)]).await?;
        platform.state.sync().await?;
    }
    Ok(())
}

/// Marks this program's generation of something, which is whole, as live: older programs are refused from now on.
pub async fn make_live(platform: &Platform, name: &str) -> Result<(), StateError> {
    let Some(kept) = platform.generations.all().get(name).copied().filter(|kept| !kept.is_whole()) else {
        return Ok(());
    };
    platform.state.write(&[mark(GenerationRow { name: name.to_owned(), generation: kept.ours })]).await?;
    // After a power cut the rows must not be behind it, and nothing else brings it back.
    platform.state.sync().await?;
    platform.generations.is_live(name, kept.ours);
    tracing::info!(name, generation = kept.ours, "a new generation is live; older programs are refused from now on");
    Ok(())
}

/// Search shards of which nothing older than what is live is kept: what lies in folders of other processes they drop at their start.
const DROPPED_SHARDS: &str = "shards.dropped";

/// Says to all processes that shards of older generations than the live one go.
pub async fn drop_older_shards(platform: &Platform) -> Result<(), StateError> {
    let Some(kept) = platform.generations.all().remove(SHARDS) else { return Ok(()) };
    platform.state.write(&[mark(GenerationRow { name: DROPPED_SHARDS.to_owned(), generation: kept.live - 1 })]).await?;
    platform.state.sync().await
}

/// True if all older shards than this program's are to go.
pub async fn older_shards_go(platform: &Platform) -> Result<bool, StateError> {
    let key = GenerationRow { name: DROPPED_SHARDS.to_owned(), generation: 0 }.key();
    let row = platform.state.get::<GenerationRow>(&key).await?;
    let ours = platform.generations.all().get(SHARDS).map_or(0, |kept| kept.ours);
    Ok(row.is_some_and(|row| row.generation >= ours - 1 && ours > 1))
}

/// Looks whether another process has made this generation of something live.
pub async fn look(platform: &Platform, name: &str) -> Result<bool, StateError> {
    let key = GenerationRow { name: name.to_owned(), generation: 0 }.key();
    if let Some(row) = platform.state.get::<GenerationRow>(&key).await? {
        platform.generations.is_live(name, row.generation);
    }
    Ok(!platform.generations.is_pending(name))
}
