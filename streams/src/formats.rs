//! In which generation what is kept lies, said beside it: a program refuses data of another one. It must be in the first program
//! already, since only the old one can refuse what a newer one has written.

use feira_connectors::{
    log::Log,
    state::{State, StateError},
};
use feira_schemas::{
    row::{Row, Write},
    rows::{GENERATIONS, platform::GenerationRow},
};

use crate::platform::StartError;

/// How the embedded log lies in its folder. Shards need no number here: those of another generation lie in a folder of their
/// own, with progress of its own (`connectors/src/search/folder.rs`), so no two programs meet in one.
const EMBEDDED_LOG: u32 = 1;

/// Refuses data of another generation than this program's, and says of new data that it is of this one.
pub(crate) async fn agree(state: &State, log: &Log) -> Result<(), StartError> {
    let ours = of_this_program(log);
    let live = read(state, &ours).await?;
    check(&ours, &live)?;
    // Its number is the write's time too: of two programs that begin at once, the newer one's row stays, whatever their clocks.
    let missing = ours.iter().zip(&live).filter(|(_, live)| live.is_none());
    let new: Vec<_> = missing.map(|(ours, _)| Write::put(ours.clone(), ours.generation)).collect();
    if new.is_empty() {
        return Ok(());
    }
    state.write(&new).await?;
    // No log brings these rows back after a power cut.
    state.sync().await?;
    check(&ours, &read(state, &ours).await?)
}

fn of_this_program(log: &Log) -> Vec<GenerationRow> {
    let log = matches!(log, Log::Embedded(_)).then_some(("log", EMBEDDED_LOG));
    let all = GENERATIONS.iter().copied().chain(log);
    all.map(|(name, generation)| GenerationRow { name: name.to_owned(), generation: generation.into() }).collect()
}

async fn read(state: &State, ours: &[GenerationRow]) -> Result<Vec<Option<GenerationRow>>, StateError> {
    let keys: Vec<_> = ours.iter().map(Row::key).collect();
    state.get_many(&keys).await
}

fn check(ours: &[GenerationRow], live: &[Option<GenerationRow>]) -> Result<(), StartError> {
    for (ours, live) in ours.iter().zip(live) {
        let Some(GenerationRow { name, generation: live }) = live.clone() else { continue };
        let ours = ours.generation;
        if live > ours {
            return Err(StartError::DataIsNewer { name, live, ours });
        }
        if live < ours {
            return Err(StartError::DataIsOlder { name, live, ours });
        }
    }
    Ok(())
}
