//! The registry of a deployment that is one process: one JSON file in the data folder, replaced whole at each change.

mod compatibility;

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use apache_avro::Schema;
use feira_schemas::avro::same_meaning;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::compatibility::fully_compatible;
use super::{RegistryError, SubjectVersion};

const FILE: &str = "registry.json";

/// The registry in the data folder. Cheap to clone.
#[derive(Clone, Debug)]
pub struct EmbeddedRegistry(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    contents: Mutex<Contents>,
}

/// The JSON content of the registry's file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Contents {
    /// Schema texts; a schema's id is its index + 1, and one schema has one id under all subjects.
    schemas: Vec<String>,
    /// Ids by subject; a version is an index + 1.
    subjects: BTreeMap<String, Vec<u32>>,
}

impl EmbeddedRegistry {
    pub(super) fn open(folder: &Path) -> Result<Self, RegistryError> {
        let unavailable = |error: std::io::Error| RegistryError::Unavailable(format!("{}: {error}", folder.display()));
        fs::create_dir_all(folder).map_err(unavailable)?;
        let contents = match fs::read(folder.join(FILE)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                RegistryError::Refused(format!("{} can't be read: {error}", folder.join(FILE).display()))
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Contents::default(),
            Err(error) => return Err(unavailable(error)),
        };
        Ok(Self(Arc::new(Inner { folder: folder.to_owned(), contents: Mutex::new(contents) })))
    }

    pub(super) async fn register(&self, subject: &str, schema: &str) -> Result<u32, RegistryError> {
        let (inner, subject, schema) = (self.0.clone(), subject.to_owned(), schema.to_owned());
        tokio::task::spawn_blocking(move || inner.register(&subject, &schema))
            .await
            .map_err(|error| RegistryError::Unavailable(format!("the registry's thread ended early: {error}")))?
    }

    pub(super) fn schema(&self, id: u32) -> Option<String> {
        self.0.read(|contents| contents.text(id).map(str::to_owned))
    }

    pub(super) fn subjects(&self) -> Vec<String> {
        self.0.read(|contents| contents.subjects.keys().cloned().collect())
    }

    pub(super) fn versions(&self, subject: &str) -> Result<Vec<u32>, RegistryError> {
        self.0.read(|contents| Ok((1..).zip(contents.ids(subject)?).map(|(version, _)| version).collect()))
    }

    pub(super) fn version(&self, subject: &str, version: u32) -> Result<SubjectVersion, RegistryError> {
        let missing = || RegistryError::NotFound(format!("version {version} of subject {subject}"));
        self.0.read(|contents| {
            let index = usize::try_from(version).ok().and_then(|version| version.checked_sub(1)).ok_or_else(missing)?;
            let id = *contents.ids(subject)?.get(index).ok_or_else(missing)?;
            let schema = contents.text(id).ok_or_else(missing)?.to_owned();
            Ok(SubjectVersion { subject: subject.to_owned(), version, id, schema })
        })
    }

    pub(super) fn check(&self, subject: &str, schema: &str) -> Result<bool, RegistryError> {
        let schema = Candidate::parse(schema)?;
        match self.0.read(|contents| contents.check(subject, &schema)) {
            Ok(()) => Ok(true),
            Err(RegistryError::Incompatible { .. }) => Ok(false),
            Err(other) => Err(other),
        }
    }
}

impl Inner {
    fn read<T>(&self, look: impl FnOnce(&Contents) -> T) -> T {
        look(&self.contents.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn register(&self, subject: &str, schema: &str) -> Result<u32, RegistryError> {
        let schema = Candidate::parse(schema)?;
        // Held over the write to the disk: two versions must not be judged against the same past.
        let mut contents = self.contents.lock().unwrap_or_else(PoisonError::into_inner);
        let known = contents.id_of(&schema.json);
        if let Some(id) = known.filter(|id| contents.subjects.get(subject).is_some_and(|ids| ids.contains(id))) {
            return Ok(id);
        }
        contents.check(subject, &schema)?;
        let mut next = contents.clone();
        let id = match known {
            Some(id) => id,
            None => next.add(schema.json.to_string())?,
        };
        next.subjects.entry(subject.to_owned()).or_default().push(id);
        self.save(&next).map_err(|error| RegistryError::Unavailable(format!("{}: {error}", self.folder.display())))?;
        *contents = next;
        Ok(id)
    }

    /// Replaces the file in one step, and returns when the disk has it: an id that was given out stands in front of records
    /// that are kept for ever.
    fn save(&self, contents: &Contents) -> std::io::Result<()> {
        let next = self.folder.join(format!("{FILE}.next"));
        let mut file = fs::File::create(&next)?;
        file.write_all(&serde_json::to_vec_pretty(contents)?)?;
        file.sync_all()?;
        fs::rename(&next, self.folder.join(FILE))?;
        fs::File::open(&self.folder)?.sync_all()
    }
}

impl Contents {
    fn text(&self, id: u32) -> Option<&str> {
        let index = usize::try_from(id).ok()?.checked_sub(1)?;
        self.schemas.get(index).map(String::as_str)
    }

    fn ids(&self, subject: &str) -> Result<&[u32], RegistryError> {
        self.subjects
            .get(subject)
            .map(Vec::as_slice)
            .ok_or_else(|| RegistryError::NotFound(format!("subject {subject}")))
    }

    fn id_of(&self, schema: &Value) -> Option<u32> {
        (1..).zip(&self.schemas).find(|(_, text)| same_schema(text, schema)).map(|(id, _)| id)
    }

    fn add(&mut self, schema: String) -> Result<u32, RegistryError> {
        self.schemas.push(schema);
        u32::try_from(self.schemas.len()).map_err(|_| RegistryError::Refused("no id is left".to_owned()))
    }

    fn check(&self, subject: &str, schema: &Candidate) -> Result<(), RegistryError> {
        for (version, id) in (1..).zip(self.subjects.get(subject).map_or(&[][..], Vec::as_slice)) {
            let text = self.text(*id).unwrap_or_default();
            let earlier = Schema::parse_str(text).map_err(|error| {
                RegistryError::Refused(format!("version {version} of {subject} is damaged: {error}"))
            })?;
            let json = serde_json::from_str(text).unwrap_or_default();
            let fits = fully_compatible(&earlier, &schema.schema).and_then(|()| same_meaning(&json, &schema.json));
            fits.map_err(|why| RegistryError::Incompatible {
                subject: subject.to_owned(),
                why: format!("with version {version}: {why}"),
            })?;
        }
        Ok(())
    }
}

/// A schema that is offered: as Avro, and as the JSON it was written in.
struct Candidate {
    schema: Schema,
    json: Value,
}

impl Candidate {
    fn parse(text: &str) -> Result<Self, RegistryError> {
        let schema =
            Schema::parse_str(text).map_err(|error| RegistryError::Refused(format!("no Avro schema: {error}")))?;
        let json = serde_json::from_str(text).map_err(|error| RegistryError::Refused(format!("no JSON: {error}")))?;
        Ok(Self { schema, json })
    }
}

/// True if both are the same JSON value, whatever their spaces and the order of their keys. Avro's canonical form
/// would not do: it leaves out defaults and aliases, which change what can be read.
fn same_schema(text: &str, schema: &Value) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|known| known == *schema)
}
