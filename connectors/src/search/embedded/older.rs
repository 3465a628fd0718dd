//! Shards of older generations, which lie beside those of this one until somebody drops them. Everything here blocks.

use std::{collections::BTreeSet, fs, io, path::Path};

/// The generations before this one that have a folder here.
pub(super) fn older(root: &Path, generation: u32) -> io::Result<BTreeSet<u32>> {
    let mut older = BTreeSet::new();
    for name in names(root)? {
        let found = name.strip_prefix("folder-").and_then(|number| number.parse::<u32>().ok());
        older.extend(found.filter(|found| *found < generation));
    }
    Ok(older)
}

/// Deletes their files; last the one that says that they are there.
pub(super) fn drop_older(root: &Path, generation: u32) -> io::Result<BTreeSet<u32>> {
    let older = older(root, generation)?;
    if older.is_empty() {
        return Ok(older);
    }
    let is_older =
        |name: &str| name.strip_prefix('g').and_then(|n| n.parse::<u32>().ok()).is_some_and(|n| older.contains(&n));
    for partition in names(root)?.into_iter().filter(|name| name.parse::<u32>().is_ok()) {
        let partition = root.join(partition);
        for name in names(&partition)? {
            let place = partition.join(&name);
            if place.is_dir() {
                for shard in names(&place)?.into_iter().filter(|name| is_older(name)) {
                    fs::remove_dir_all(place.join(shard))?;
                }
            } else if name.rsplit_once('.').is_some_and(|(_, generation)| is_older(generation)) {
                fs::remove_file(place)?;
            }
        }
    }
    for generation in &older {
        fs::remove_file(root.join(format!("folder-{generation}")))?;
    }
    Ok(older)
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    entries.collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_older_goes() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        for shard in ["0/t/g1", "0/t/g2", "3/u/g1", "3/u/g10"] {
            fs::create_dir_all(at(shard)).unwrap();
        }
        for file in ["folder-1", "folder-2", "folder-10", "0/t.g1", "0/t.g2", "3/u.g10", "0/t/g1/meta.json"] {
            fs::write(at(file), "x").unwrap();
        }
        assert_eq!(older(root.path(), 1).unwrap(), [].into());
        assert_eq!(older(root.path(), 2).unwrap(), [1].into());
        assert_eq!(drop_older(root.path(), 2).unwrap(), [1].into());
        for gone in ["0/t/g1", "3/u/g1", "folder-1", "0/t.g1"] {
            assert!(!at(gone).exists(), "{gone}");
        }
        for there in ["0/t/g2", "3/u/g10", "folder-2", "folder-10", "0/t.g2", "3/u.g10"] {
            assert!(at(there).exists(), "{there}");
        }
        assert_eq!(drop_older(root.path(), 2).unwrap(), [].into());
    }
}
