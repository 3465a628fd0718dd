//! The one thread that writes: what came while the disk was busy is written as one batch, and synced once for all who wait.

use std::{
    collections::HashMap,
    io,
    sync::{
        Arc,
        mpsc::{self, Receiver, Sender, TryRecvError},
    },
    thread::{self, JoinHandle},
};

use tokio::sync::oneshot;

use super::{Cell, Table, letting_go::LettingGo, live::Live, store::is_newer};
use crate::keyring::KeyringError;

/// Cells of one batch, about: more would keep the first of them waiting, fewer would sync more often.
const MOST: usize = 4_096;

type Answer = oneshot::Sender<Result<(), KeyringError>>;

enum Job {
    Write(Vec<Cell>, Answer),
    LetGo(Answer),
}

/// The way to the thread. Dropping it finishes the writes that wait, then ends the thread.
pub(super) struct Committer {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Committer {
    pub(super) fn start(live: Arc<Live>) -> io::Result<Self> {
        let (jobs, received) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("keyring-commits".to_owned())
            .spawn(move || Commits { live: &live, copy: None, waiting: Vec::new(), next: Vec::new() }.run(&received))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Writes these cells; `Ok` means that they are on the disk, or older than what is there.
    pub(super) async fn write(&self, cells: Vec<Cell>) -> Result<(), KeyringError> {
        self.done(|answer| Job::Write(cells, answer)).await
    }

    /// Lets go of the bytes of all that is erased or written over by now; `Ok` means that no file of the store has them.
    pub(super) async fn let_go(&self) -> Result<(), KeyringError> {
        self.done(Job::LetGo).await
    }

    async fn done(&self, job: impl FnOnce(Answer) -> Job) -> Result<(), KeyringError> {
        let gone = || KeyringError::Broken("the thread that writes keys has ended".to_owned());
        let (answer, answered) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        jobs.send(job(answer)).map_err(|_| gone())?;
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

/// What the thread is at.
struct Commits<'a> {
    live: &'a Live,
    /// The copy that is being made, and those who wait for it.
    copy: Option<LettingGo>,
    waiting: Vec<Answer>,
    /// Those who came after it was begun: what they have erased since may lie in it already, so they wait for the next.
    next: Vec<Answer>,
}

impl Commits<'_> {
    /// Works until nobody can ask any more. A copy that is not whole by then the next start deletes.
    fn run(mut self, jobs: &Receiver<Job>) {
        loop {
            let busy = self.copy.is_some() || !self.next.is_empty();
            let job = if busy { jobs.try_recv() } else { jobs.recv().map_err(|_| TryRecvError::Disconnected) };
            match job {
                Ok(first) => self.take(first, jobs),
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => return,
            }
            // After every batch, so that writes without end hold nothing up.
            self.let_go();
        }
    }

    /// Writes what has come, in one batch.
    fn take(&mut self, first: Job, jobs: &Receiver<Job>) {
        let (mut cells, mut answers) = (Vec::new(), Vec::new());
        let mut job = Some(first);
        while let Some(one) = job {
            match one {
                Job::LetGo(answer) => self.next.push(answer),
                Job::Write(mut more, answer) => {
                    cells.append(&mut more);
                    answers.push(answer);
                }
            }
            job = if cells.len() < MOST { jobs.try_recv().ok() } else { None };
        }
        if answers.is_empty() {
            return;
        }
        let cells = newest(cells);
        let of_copy = self.copy.as_ref().map(|_| cells.clone());
        let written = self.live.write(cells);
        if let Err(error) = &written {
            tracing::error!(%error, "the keyring can't be written; nothing new is sealed until the process is started again");
        }
        let copied = match (&self.copy, of_copy) {
            (Some(copy), Some(cells)) if written.is_ok() => copy.write(cells),
            _ => Ok(()),
        };
        if let Err(error) = copied {
            self.leave(&error);
        }
        answer(answers, &written);
    }

    /// Goes on with the copy, or begins one where somebody waits.
    fn let_go(&mut self) {
        let Some(mut copy) = self.copy.take() else {
            if !self.next.is_empty() {
                self.waiting = std::mem::take(&mut self.next);
                match LettingGo::begin(self.live) {
                    Ok(copy) => self.copy = Some(copy),
                    Err(error) => self.answer_waiting(&Err(error)),
                }
            }
            return;
        };
        match copy.go_on(self.live) {
            Ok(false) => self.copy = Some(copy),
            Ok(true) => {
                let ended = copy.end(self.live);
                self.answer_waiting(&ended);
            }
            Err(error) => {
                self.copy = Some(copy);
                self.leave(&error);
            }
        }
    }

    /// Leaves the copy that could not be made. What is live is as it was.
    fn leave(&mut self, error: &KeyringError) {
        if let Some(copy) = self.copy.take() {
            copy.leave(self.live);
        }
        self.answer_waiting(&Err(error.clone()));
    }

    fn answer_waiting(&mut self, ended: &Result<(), KeyringError>) {
        if let Err(error) = ended {
            tracing::error!(%error, "the keyring's store could not let go of what was erased; it is to be asked again");
        }
        answer(self.waiting.drain(..), ended);
    }
}

/// An answer whose caller has gone away is not missed.
fn answer(answers: impl IntoIterator<Item = Answer>, with: &Result<(), KeyringError>) {
    answers.into_iter().for_each(|answer| drop(answer.send(with.clone())));
}

/// The newest cell of each place: a batch would keep the last of several.
fn newest(cells: Vec<Cell>) -> Vec<Cell> {
    let mut newest: HashMap<(Table, Vec<u8>), Vec<u8>> = HashMap::with_capacity(cells.len());
    for Cell { table, key, value } in cells {
        let place = (table, key);
        if newest.get(&place).is_none_or(|old| is_newer(&value, old)) {
            newest.insert(place, value);
        }
    }
    newest.into_iter().map(|((table, key), value)| Cell { table, key, value }).collect()
}
