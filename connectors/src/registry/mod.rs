//! The schema-registry port: Avro schemas under subjects, each with an id that stands in front of every record's bytes.
//!
//! Subjects are named by the record's full name, and compatibility is FULL_TRANSITIVE: every version of a subject can read
//! what any other wrote, because events are kept and replayed for ever.

mod confluent;
mod embedded;
mod error;
mod settings;

use std::path::Path;

use feira_schemas::avro::same_meaning;

pub use self::{
    confluent::ConfluentRegistry,
    embedded::EmbeddedRegistry,
    error::RegistryError,
    settings::{ConfluentLogin, ConfluentSettings},
};

/// The schema registry: embedded in the data folder, or one with Confluent's API. Cheap to clone; clones share
/// everything.
#[derive(Clone, Debug)]
pub enum Registry {
    /// In the data folder, for one process.
    Embedded(EmbeddedRegistry),
    /// Any registry that speaks Confluent's REST paths.
    Confluent(ConfluentRegistry),
}

/// One version of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectVersion {
    /// The subject's name.
    pub subject: String,
    /// The version's number, counted from 1.
    pub version: u32,
    /// The id on the wire.
    pub id: u32,
    /// The schema as JSON text.
    pub schema: String,
}

impl Registry {
    /// The registry in this folder, which is made if there is none.
    pub fn embedded(folder: &Path) -> Result<Self, RegistryError> {
        EmbeddedRegistry::open(folder).map(Self::Embedded)
    }

    /// A registry that speaks Confluent's REST paths; whether it answers yet doesn't matter.
    pub fn confluent(settings: &ConfluentSettings) -> Result<Self, RegistryError> {
        ConfluentRegistry::new(settings).map(Self::Confluent)
    }

    /// Registers the schema under the subject, as its next version unless it is one already; the schema's id.
    pub async fn register(&self, subject: &str, schema: &str) -> Result<u32, RegistryError> {
        check_subject(subject)?;
        match self {
            Self::Embedded(registry) => registry.register(subject, schema).await,
            Self::Confluent(registry) => registry.register(subject, schema).await,
        }
    }

    /// The JSON text of the schema with this id; `None` when the registry answers that it has none.
    pub async fn schema(&self, id: u32) -> Result<Option<String>, RegistryError> {
        match self {
            Self::Embedded(registry) => Ok(registry.schema(id)),
            Self::Confluent(registry) => registry.schema(id).await,
        }
    }

    /// All subjects, sorted.
    pub async fn subjects(&self) -> Result<Vec<String>, RegistryError> {
        match self {
            Self::Embedded(registry) => Ok(registry.subjects()),
            Self::Confluent(registry) => registry.subjects().await,
        }
    }

    /// The numbers of a subject's versions, ascending.
    pub async fn versions(&self, subject: &str) -> Result<Vec<u32>, RegistryError> {
        check_subject(subject)?;
        match self {
            Self::Embedded(registry) => registry.versions(subject),
            Self::Confluent(registry) => registry.versions(subject).await,
        }
    }

    /// One version of a subject.
    pub async fn version(&self, subject: &str, version: u32) -> Result<SubjectVersion, RegistryError> {
        check_subject(subject)?;
        match self {
            Self::Embedded(registry) => registry.version(subject, version),
            Self::Confluent(registry) => registry.version(subject, version).await,
        }
    }

    /// Says whether the schema could be registered under the subject, by compatibility and meaning; a subject that
    /// doesn't exist accepts any.
    pub async fn check(&self, subject: &str, schema: &str) -> Result<bool, RegistryError> {
        check_subject(subject)?;
        match self {
            Self::Embedded(registry) => registry.check(subject, schema),
            Self::Confluent(registry) => {
                Ok(registry.check(subject, schema).await? && self.means_the_same(subject, schema).await?)
            }
        }
    }

    /// Says whether every version of the subject means the same by what it shares with this schema, which remote
    /// registries don't look at.
    async fn means_the_same(&self, subject: &str, schema: &str) -> Result<bool, RegistryError> {
        let parse = |text: &str| serde_json::from_str(text).unwrap_or(serde_json::Value::Null);
        let versions = match self.versions(subject).await {
            Err(RegistryError::NotFound(_)) => return Ok(true),
            versions => versions?,
        };
        for version in versions {
            let earlier = self.version(subject, version).await?;
            if same_meaning(&parse(&earlier.schema), &parse(schema)).is_err() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Subjects are Avro full names; anything else could be another path at a remote registry.
fn check_subject(subject: &str) -> Result<(), RegistryError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    if subject.is_empty() || subject.len() > 200 || !subject.chars().all(plain) {
        return Err(RegistryError::Refused("a subject is a record's full name".to_owned()));
    }
    Ok(())
}
