//! The journal: a text file with one line of JSON for each commit, synced before the commit is answered.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufRead, BufReader, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

/// Bytes of lines after which the journal is written anew with the living rows alone. More makes a start slower, less rewrites often.
const LONG: u64 = 64 * 1024 * 1024;

/// What is wrong with the state on disk.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The disk said no.
    #[error("the state could not be read or written: {0}")]
    Disk(#[from] io::Error),
    /// A row could not be written as JSON, or read from it.
    #[error("a row of the state is not readable: {0}")]
    Row(#[from] serde_json::Error),
    /// A line names a table that this program does not know.
    #[error("the state was written by another version of the simulator")]
    Unreadable,
    /// Another process has the folder open.
    #[error("another simulator has {0} open")]
    Taken(PathBuf),
}

/// A row as the journal has it; without one it is gone.
#[derive(Serialize, Deserialize)]
pub struct Line {
    pub(super) table: String,
    pub(super) id: String,
    pub(super) serial: u64,
    pub(super) row: Option<Value>,
}

pub(super) struct Journal {
    folder: PathBuf,
    file: File,
    length: u64,
    living: u64,
    _lock: File,
}

impl Journal {
    /// Opens the journal and reads its lines. A last line without its end was not answered for, and is cut off.
    pub(super) fn open(folder: &Path) -> Result<(Self, Vec<Line>), StoreError> {
        fs::create_dir_all(folder)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreError::Taken(folder.to_owned())),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let mut file =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(folder.join("journal"))?;
        let (lines, length) = read(&file)?;
        file.set_len(length)?;
        file.seek(SeekFrom::Start(length))?;
        Ok((Self { folder: folder.to_owned(), file, length, living: 0, _lock: lock }, lines))
    }

    pub(super) fn append(&mut self, lines: &[Line]) -> Result<(), StoreError> {
        let mut text = serde_json::to_vec(lines)?;
        text.push(b'\n');
        let written = self.file.write_all(&text).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // Half a line would make the next one unreadable.
            self.file.set_len(self.length)?;
            self.file.seek(SeekFrom::Start(self.length))?;
            return Err(error.into());
        }
        self.length += text.len() as u64;
        Ok(())
    }

    pub(super) fn is_long(&self) -> bool {
        self.length > self.living * 2 + LONG
    }

    /// Puts a journal with these lines in the place of the present one.
    pub(super) fn rewrite(&mut self, lines: &[Line]) -> Result<(), StoreError> {
        let fresh = self.folder.join("journal.new");
        let mut file = File::create(&fresh)?;
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, &[line])?;
            text.push(b'\n');
        }
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&fresh, self.folder.join("journal"))?;
        File::open(&self.folder)?.sync_all()?;
        self.file = file;
        self.length = text.len() as u64;
        self.living = self.length;
        Ok(())
    }
}

fn read(file: &File) -> Result<(Vec<Line>, u64), StoreError> {
    let (mut lines, mut length, mut text) = (Vec::new(), 0, Vec::new());
    let mut reader = BufReader::new(file);
    while reader.read_until(b'\n', &mut text)? > 0 {
        if text.last() != Some(&b'\n') {
            break;
        }
        lines.extend(serde_json::from_slice::<Vec<Line>>(&text)?);
        length += text.len() as u64;
        text.clear();
    }
    Ok((lines, length))
}
