//! The folder of one kind and generation of shards: its name, and what may be believed of the files in it. Everything here
//! blocks.
//!
//! Positions are kept elsewhere, under the folder's name, and say what its shards hold. After a power cut unsynced shards may
//! hold less, so the folder takes another name then: all is folded from the beginning, and each shard passes over what it
//! has. The file with the name tells that it is so. It says under which boot of the machine the folder was opened, and that
//! it was closed, once all that was written is on the disk.
//!
//! A single shard whose files are damaged or gone is *lost*: its owner is told, and folds its partition again. Until that is
//! done the shard answers nobody, since a part of a shop's products looks like all of them.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Mutex,
    time::{Duration, Instant},
};

use super::{
    lock,
    removal::{not_there, remove_folder},
    shard::{META_FILE, Place},
};
use crate::search::{ShardId, ShardsSettings};

/// The time in which closing must bring shards to the disk, short enough for an orchestrator's patience. What takes
/// longer is not said to be on it, and costs a fold from the beginning if the machine starts anew.
const SYNC_WITHIN: Duration = Duration::from_secs(5);
/// The word in the file with the folder's name for a folder that was closed.
const CLOSED: &str = "closed";
/// The word in that file for a folder that is in use, before the id of the machine's boot.
const OPEN: &str = "open";

/// The folder of a pool's shards, with its name and the shards that are lost.
pub struct Folder {
    root: PathBuf,
    generation: u32,
    sync: bool,
    boot: Option<String>,
    name: String,
    /// True if all that earlier processes wrote is on the disk.
    was_on_disk: bool,
    /// The shards that this process has written to.
    written: Mutex<HashSet<ShardId>>,
    lost: Mutex<HashMap<ShardId, Lost>>,
}

/// The state of a shard that is lost, which decides whether it may be made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lost {
    /// The owner still believes that the shard is there.
    Untold,
    /// The owner knows: the shard is to be made anew.
    Told,
    /// The shard was made anew, and does not hold everything yet.
    Made,
}

impl Folder {
    /// Opens the folder, which is made if it is not there.
    pub fn open(config: &ShardsSettings) -> io::Result<Self> {
        fs::create_dir_all(&config.root)?;
        let file = name_file(&config.root, config.generation);
        let said = match fs::read(&file) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error),
        };
        let (name, state) = said.split_once('\n').unwrap_or((&said, ""));
        let open = config.boot.as_ref().map_or_else(|| OPEN.to_owned(), |boot| format!("{OPEN} {boot}"));
        let closed = state.trim() == CLOSED;
        let same_boot = config.boot.is_some() && state.trim() == open;
        let trusted = uuid::Uuid::parse_str(name).is_ok() && (closed || same_boot);
        let name = if trusted { name.to_owned() } else { uuid::Uuid::new_v4().to_string() };
        if !trusted && !said.is_empty() {
            let root = config.root.display();
            tracing::warn!(%root, "the machine went down while search shards were written; all are folded from the beginning");
        }
        if !(trusted && same_boot) {
            // On the disk before anything else of the folder changes.
            say(&file, &name, &open)?;
        }
        // What is there after a boot has been read from the disk.
        let rebooted = config.boot.is_some() && !same_boot && state.starts_with(OPEN);
        Ok(Self {
            root: config.root.clone(),
            generation: config.generation,
            sync: config.sync,
            boot: config.boot.clone(),
            name,
            was_on_disk: closed || rebooted || said.is_empty(),
            written: Mutex::default(),
            lost: Mutex::default(),
        })
    }

    /// The folder's name, a random id ([`super::Shards::folder`]).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The place of a shard's files: `<root>/<partition>/<tenant>/g<generation>`.
    pub fn place(&self, id: ShardId) -> Place {
        let partition = self.root.join(id.partition.to_string());
        Place {
            directory: partition.join(id.tenant.to_string()).join(format!("g{}", self.generation)),
            made: partition.join(format!("{}.g{}", id.tenant, self.generation)),
            sync: self.sync,
            boot: self.boot.clone(),
        }
    }

    /// The shard is about to be written to.
    pub fn writes(&self, id: ShardId) {
        lock(&self.written).insert(id);
    }

    /// The shard's files are gone or were damaged.
    pub fn lose(&self, id: ShardId) {
        let mut lost = lock(&self.lost);
        if lost.get(&id).is_none_or(|lost| *lost == Lost::Made) {
            tracing::warn!(shard = %id, "search shard is lost and will be folded again");
            lost.insert(id, Lost::Untold);
        }
    }

    /// The lost shards of a partition that their owner has not been told of.
    pub fn take_lost(&self, partition: u32) -> Vec<ShardId> {
        let mut lost = lock(&self.lost);
        let untold = lost.iter_mut().filter(|(id, lost)| id.partition == partition && **lost == Lost::Untold);
        untold
            .map(|(id, lost)| {
                *lost = Lost::Told;
                *id
            })
            .collect()
    }

    /// True if the shard holds less than its owner's position says.
    pub fn is_lost(&self, id: ShardId) -> bool {
        lock(&self.lost).contains_key(&id)
    }

    /// True if the shard may be made: not while its owner believes that it is there.
    pub fn may_make(&self, id: ShardId) -> bool {
        lock(&self.lost).get(&id).is_none_or(|lost| *lost == Lost::Told)
    }

    /// The shard was made.
    pub fn made(&self, id: ShardId) {
        lock(&self.lost).entry(id).and_modify(|lost| *lost = Lost::Made);
    }

    /// The shard holds all again. There may be nothing for it to hold, and then it is not missed any more.
    pub fn filled(&self, id: ShardId) -> io::Result<()> {
        let place = self.place(id);
        if !place.directory.join(META_FILE).try_exists()? {
            not_there(fs::remove_file(&place.made))?;
        }
        lock(&self.lost).remove(&id);
        Ok(())
    }

    /// Deletes a shard's files.
    pub fn remove(&self, id: ShardId) -> io::Result<()> {
        let place = self.place(id);
        not_there(fs::remove_file(&place.made))?;
        remove_folder(&place.directory)?;
        // Other generations of the tenant may lie beside this one; then the folder stays.
        if let Some(tenant) = place.directory.parent() {
            let _ = fs::remove_dir(tenant);
        }
        lock(&self.lost).remove(&id);
        Ok(())
    }

    /// Brings a shard's last commit to the disk.
    pub fn sync(&self, id: ShardId) -> io::Result<()> {
        if self.sync {
            return Ok(());
        }
        let directory = self.place(id).directory;
        let entries = match fs::read_dir(&directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            // Merges delete files meanwhile, which then nobody needs.
            not_there(File::open(path).and_then(|file| file.sync_all()))?;
        }
        let above = directory.ancestors().take_while(|path| path.starts_with(&self.root));
        above.into_iter().try_for_each(|path| File::open(path)?.sync_all())
    }

    /// Says that the folder was closed, if all in it can be brought to the disk in time.
    pub fn close(&self) -> io::Result<()> {
        let begun = Instant::now();
        if !self.was_on_disk {
            return Ok(());
        }
        for id in lock(&self.written).drain() {
            if begun.elapsed() > SYNC_WITHIN {
                tracing::warn!("too many search shards were written lately to bring them all to the disk");
                return Ok(());
            }
            self.sync(id)?;
        }
        say(&name_file(&self.root, self.generation), &self.name, CLOSED)
    }
}

fn name_file(root: &Path, generation: u32) -> PathBuf {
    root.join(format!("folder-{generation}"))
}

/// Writes the file with the name and waits until it is on the disk.
fn say(file: &Path, name: &str, state: &str) -> io::Result<()> {
    let beside = file.with_extension("new");
    let mut written = File::create(&beside)?;
    writeln!(written, "{name}\n{state}")?;
    written.sync_all()?;
    fs::rename(beside, file)?;
    file.parent().map_or(Ok(()), |root| File::open(root)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(root: &Path, boot: Option<&str>) -> ShardsSettings {
        ShardsSettings { boot: boot.map(str::to_owned), ..ShardsSettings::new(root, 1) }
    }

    #[test]
    fn a_folder_keeps_its_name_unless_the_machine_went_down_while_it_was_open() {
        let root = tempfile::tempdir().unwrap();
        let open = |boot| Folder::open(&config(root.path(), boot)).unwrap();
        let first = open(Some("one"));
        let killed = open(Some("one"));
        assert_eq!(killed.name(), first.name(), "a kill of the process loses nothing");
        killed.close().unwrap();
        let after = open(Some("two"));
        assert_ne!(after.name(), first.name(), "who was killed may have left something that is not on the disk");
        after.close().unwrap();
        assert_eq!(open(Some("three")).name(), after.name(), "closed, hence on the disk");
        let cut = open(Some("four"));
        assert_ne!(cut.name(), after.name(), "the third was not closed");
        cut.close().unwrap();
        let unknown = open(None);
        assert_eq!(unknown.name(), cut.name());
        assert_ne!(open(None).name(), unknown.name(), "where boots are unknown, any may have been a power cut");
    }

    #[test]
    fn a_name_that_can_not_be_read_is_none() {
        let root = tempfile::tempdir().unwrap();
        for said in ["", "018f4d7e", "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e", "\0\0\0\nclosed"] {
            fs::write(name_file(root.path(), 1), said).unwrap();
            let folder = Folder::open(&config(root.path(), Some("one"))).unwrap();
            assert!(uuid::Uuid::parse_str(folder.name()).is_ok() && folder.name() != said);
        }
    }
}
