//! Deleting a folder into which somebody may still write.

use std::{fs, io, path::Path, thread, time::Duration};

/// How often the deletion of a folder is tried, and the pause before it is tried again.
const REMOVALS: u32 = 50;
const BETWEEN_REMOVALS: Duration = Duration::from_millis(10);

/// Deletes a folder with all that is in it; one that is not there is none. A writer that was dropped may still put a last file of a merge
/// into it, so it is tried again for half a second.
pub fn remove_folder(path: &Path) -> io::Result<()> {
    for _ in 1..REMOVALS {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => thread::sleep(BETWEEN_REMOVALS),
            done => return not_there(done),
        }
    }
    not_there(fs::remove_dir_all(path))
}

/// What was done, as done also where the file or folder is not there.
pub fn not_there(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_goes_though_somebody_still_writes_into_it() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("shard");
        fs::create_dir(&folder).unwrap();
        let writes = {
            let folder = folder.clone();
            // Until the folder is gone, or for as long as a last merge takes.
            thread::spawn(move || {
                (0..2_000).take_while(|file| fs::write(folder.join(file.to_string()), []).is_ok()).count()
            })
        };
        while fs::read_dir(&folder).unwrap().next().is_none() {
            thread::yield_now();
        }
        remove_folder(&folder).unwrap();
        assert!(writes.join().unwrap() > 0);
        assert!(!folder.exists());
        remove_folder(&folder).unwrap();
    }
}
