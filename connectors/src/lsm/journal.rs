//! The journal of the store library (fjall 3), looked at before the library reads it.
//!
//! A power cut may leave any page of the batch that was being written undone. Where that is a page inside a value the library
//! calls the whole journal corrupt, and where it is the first page of a batch in the middle it cuts off, in silence, all that
//! follows. So each batch is checked here first: a last one that does not check was never acknowledged and is cut off, and a bad
//! one with whole ones behind it is an error, since these may have been.
//!
//! A journal is a file `<number>.jnl`, the highest number being the one that is written; the others were synced before it was
//! made. A batch is (numbers little-endian)
//!
//! | | |
//! |---|---|
//! | start | 1u8, items u32, sequence number u64 |
//! | item | 2u8, kind u8, compression u8, keyspace u64, key length u16, value length u32, length on disk u32, key, value |
//! | or clear | 4u8, keyspace u64 |
//! | end | 3u8, XXH3 of all items u64, `FJL` 3u8 |
//!
//! and zeros, or the end of the file, follow the last.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use xxhash_rust::xxh3::xxh3_64;

const START: u8 = 1;
const ITEM: u8 = 2;
const END: u8 = 3;
const CLEAR: u8 = 4;
const TRAILER: &[u8] = b"FJL\x03";
/// Bytes read at once.
const CHUNK: usize = 1 << 20;

/// A journal that can't be used.
#[derive(Debug)]
pub(crate) enum Damage {
    /// The disk failed a read or a write.
    Io(io::Error),
    /// A batch that was acknowledged does not check.
    Corrupt {
        /// The journal's file.
        file: PathBuf,
        /// The offset in bytes at which that batch begins.
        at: u64,
    },
}

impl From<io::Error> for Damage {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Corrupt { file, at } => {
                write!(f, "{} is damaged at byte {at}, and whole batches lie behind that", file.display())
            }
        }
    }
}

/// Checks the journals of a store that nobody has open, and cuts off a last batch that is not whole. Gives how many bytes of
/// whole batches there are.
pub(crate) fn check(folder: &Path) -> Result<u64, Damage> {
    let mut journals = journals(folder)?;
    let Some((_, active)) = journals.pop() else { return Ok(0) };
    let mut whole = 0;
    for (_, sealed) in journals {
        let found = read(&sealed)?;
        if found.bad {
            return Err(Damage::Corrupt { file: sealed, at: found.whole });
        }
        whole += found.whole;
    }
    let Found { whole: at, bad } = read(&active)?;
    if !bad {
        return Ok(whole + at);
    }
    let rest = rest(&active, at)?;
    // The first byte begins the bad one.
    if (1..rest.len()).any(|begin| rest[begin] == START && matches!(parse(&rest[begin..]), Parsed::Whole(_))) {
        return Err(Damage::Corrupt { file: active, at });
    }
    let file = OpenOptions::new().write(true).open(&active)?;
    file.set_len(at)?;
    file.sync_all()?;
    tracing::warn!(journal = %active.display(), at, "the last batch was not whole when the machine went down; it is dropped");
    Ok(whole + at)
}

/// The journals of a folder by number, ascending. A file that is called otherwise is the library's to refuse.
fn journals(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".jnl")?.parse().ok());
        found.extend(name.map(|number| (number, path)));
    }
    found.sort();
    Ok(found)
}

/// The result of reading a journal.
struct Found {
    /// The offset in bytes at which its whole batches end.
    whole: u64,
    /// Something other than zeros follows.
    bad: bool,
}

fn read(journal: &Path) -> io::Result<Found> {
    let mut file = File::open(journal)?;
    let (mut window, mut begin, mut whole) = (Vec::with_capacity(CHUNK), 0, 0);
    loop {
        match parse(&window[begin..]) {
            Parsed::Whole(length) => {
                begin += length;
                whole += length as u64;
            }
            Parsed::More => {
                window.drain(..begin);
                begin = 0;
                if read_more(&mut file, &mut window)? == 0 {
                    break;
                }
            }
            Parsed::Not => break,
        }
    }
    window.drain(..begin);
    while window.iter().all(|byte| *byte == 0) {
        window.clear();
        if read_more(&mut file, &mut window)? == 0 {
            return Ok(Found { whole, bad: false });
        }
    }
    Ok(Found { whole, bad: true })
}

fn read_more(file: &mut File, window: &mut Vec<u8>) -> io::Result<usize> {
    // As much again as there is: a batch larger than the window is parsed anew each time.
    let more = window.len().max(CHUNK);
    file.take(more as u64).read_to_end(window)
}

/// Reads the bytes from `at` on, without the zeros at the end.
fn rest(journal: &Path, at: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(journal)?;
    file.seek(SeekFrom::Start(at))?;
    let mut rest = Vec::new();
    file.read_to_end(&mut rest)?;
    let end = rest.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    rest.truncate(end);
    Ok(rest)
}

/// A reading of the bytes at some place of a journal.
enum Parsed {
    /// A batch of this length that checks.
    Whole(usize),
    /// The beginning of a batch that may be whole if more bytes follow.
    More,
    /// No batch, or one that does not check.
    Not,
}

fn parse(bytes: &[u8]) -> Parsed {
    let mut left = Bytes { bytes, at: 0 };
    match left.batch() {
        Some(true) => Parsed::Whole(left.at),
        Some(false) => Parsed::Not,
        None => Parsed::More,
    }
}

/// Bytes that are taken from the front; none where there are too few.
struct Bytes<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bytes<'a> {
    /// Takes a batch; false if it does not check.
    fn batch(&mut self) -> Option<bool> {
        if self.number::<1>()? != u64::from(START) {
            return Some(false);
        }
        let items = self.number::<4>()?;
        self.take(8)?;
        let first = self.at;
        for _ in 0..items {
            match self.number::<1>()? as u8 {
                ITEM => {
                    self.take(1 + 1 + 8)?;
                    let (key, _, on_disk) = (self.number::<2>()?, self.number::<4>()?, self.number::<4>()?);
                    self.take(usize::try_from(key + on_disk).ok()?)?;
                }
                CLEAR => drop(self.take(8)?),
                _ => return Some(false),
            }
        }
        let checked = self.bytes.get(first..self.at)?;
        if self.number::<1>()? != u64::from(END) {
            return Some(false);
        }
        let (checksum, trailer) = (self.number::<8>()?, self.take(TRAILER.len())?);
        Some(trailer == TRAILER && checksum == xxh3_64(checked))
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(taken)
    }

    fn number<const BYTES: usize>(&mut self) -> Option<u64> {
        let mut number = [0; 8];
        number[..BYTES].copy_from_slice(self.take(BYTES)?);
        Some(u64::from_le_bytes(number))
    }
}

/// The byte ranges of a journal's whole batches.
#[cfg(test)]
pub(super) fn batches(journal: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut batches = Vec::new();
    let mut begin = 0;
    while let Parsed::Whole(length) = parse(&journal[begin..]) {
        batches.push(begin..begin + length);
        begin += length;
    }
    batches
}
