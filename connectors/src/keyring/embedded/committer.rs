//! The one thread that writes: what came while the disk was busy is written as one batch, and synced once for all who wait.

use std::{
    collections::HashMap,
    io,
    sync::{
        Arc,
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, JoinHandle},
};

use tokio::sync::oneshot;

use super::{Cell, Store, Table, failed, is_newer};
use crate::keyring::KeyringError;

/// Cells of one batch, about: more would keep the first of them waiting, fewer would sync more often.
const MOST: usize = 4_096;

struct Job {
    cells: Vec<Cell>,
    answer: oneshot::Sender<Result<(), KeyringError>>,
}

/// The way to the thread. Dropping it finishes what waits, then ends the thread.
pub(super) struct Committer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Committer {
    pub(super) fn start(store: Arc<Store>) -> io::Result<Self> {
        let (jobs, received) = mpsc::channel();
        let thread = thread::Builder::new().name("keyring-commits".to_owned()).spawn(move || run(&store, &received))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Writes these cells; `Ok` means that they are on the disk, or older than what is there.
    pub(super) async fn write(&self, cells: Vec<Cell>) -> Result<(), KeyringError> {
        let gone = || KeyringError::Broken("the thread that writes keys has ended".to_owned());
        let (answer, answered) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        jobs.send(Job { cells, answer }).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.jobs = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that writes keys had panicked");
        }
    }
}

fn run(store: &Store, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let mut waiting = vec![first.answer];
        let mut cells = first.cells;
        while cells.len() < MOST
            && let Ok(mut job) = jobs.try_recv()
        {
            cells.append(&mut job.cells);
            waiting.push(job.answer);
        }
        let written = store.write(newest(cells)).map_err(failed);
        if let Err(error) = &written {
            tracing::error!(%error, "the keyring can't be written; nothing new is sealed until the process is started again");
        }
        // An answer whose caller has gone away is not missed.
        waiting.into_iter().for_each(|answer| drop(answer.send(written.clone())));
    }
}

/// The newest cell of each place: a batch would keep the last of several.
fn newest(cells: Vec<Cell>) -> impl Iterator<Item = Cell> {
    let mut newest: HashMap<(Table, Vec<u8>), Vec<u8>> = HashMap::with_capacity(cells.len());
    for Cell { table, key, value } in cells {
        let place = (table, key);
        if newest.get(&place).is_none_or(|old| is_newer(&value, old)) {
            newest.insert(place, value);
        }
    }
    newest.into_iter().map(|((table, key), value)| Cell { table, key, value })
}
