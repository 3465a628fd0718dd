//! The schema-registry port: Avro schemas under subjects, each with an id that stands in front of every record's bytes.
//!
//! Subjects are named by the record's full name, and compatibility is FULL_TRANSITIVE: every version of a subject can read
//! what any other wrote, because events are kept and replayed for ever.

mod compatibility;
mod embedded;
mod remote;

use feira_schemas::avro::same_meaning;

pub use self::{
    embedded::EmbeddedRegistry,
    remote::{RegistryLogin, RegistrySettings, RemoteRegistry},
};

/// Where schemas are registered. Cheap to clone; clones share everything.
#[derive(Clone, Debug)]
pub enum Registry {
    /// In the data folder, for one process.
    Embedded(EmbeddedRegistry),
    /// Any registry that speaks Confluent's REST paths.
    Remote(RemoteRegistry),
}

/// One version of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectVersion {
    /// The subject's name.
    pub subject: String,
    /// Counted from 1.
    pub version: u32,
    /// The id on the wire.
    pub id: u32,
    /// The schema as JSON text.
    pub schema: String,
}

/// Why the registry didn't do as asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RegistryError {
    /// It doesn't answer; repeat later.
    #[error("the schema registry is unavailable (repeat later): {0}")]
    Unavailable(String),
    /// The schema and a version that is registered can't read each other's records.
    #[error("schema of {subject} is incompatible: {why}")]
    Incompatible {
        /// The subject.
        subject: String,
        /// What differs.
        why: String,
    },
    /// There is no such subject, version or id.
    #[error("the schema registry has no {0}")]
    NotFound(String),
    /// The text is no Avro schema, or the answer can't be used; repeating changes nothing.
    #[error("the schema registry refused: {0}")]
    Refused(String),
}

impl Registry {
    /// Registers the schema under the subject, as its next version unless it is one already; the schema's id.
    pub async fn register(&self, subject: &str, schema: &str) -> Result<u32, RegistryError> {
        check_subject(subject)?;
        match self {
            Self::Embedded(registry) => registry.register(subject, schema).await,
            Self::Remote(registry) => registry.register(subject, schema).await,
        }
    }

    /// The JSON text of the schema with this id; `None` when the registry answers that it has none.
    pub async fn schema(&self, id: u32) -> Result<Option<String>, RegistryError> {
        match self {
            Self::Embedded(registry) => Ok(registry.schema(id)),
            Self::Remote(registry) => registry.schema(id).await,
        }
    }

    /// All subjects, sorted.
    pub async fn subjects(&self) -> Result<Vec<String>, RegistryError> {
        match self {
            Self::Embedded(registry) => Ok(registry.subjects()),
            Self::Remote(registry) => registry.subjects().await,
        }
    }

    /// The numbers of a subject's versions, ascending.
    pub async fn versions(&self, subject: &str) -> Result<Vec<u32>, RegistryError> {
        check_subject(subject)?;
        match self {
            Self::Embedded(registry) => registry.versions(subject),
            Self::Remote(registry) => registry.versions(subject).await,
        }
    }

    /// One version of a subject.
    pub async fn version(&self, subject: &str, version: u32) -> Result<SubjectVersion, RegistryError> {
        check_subject(subject)?;
        match self {
            Self::Embedded(registry) => registry.version(subject, version),
            Self::Remote(registry) => registry.version(subject, version).await,
        }
    }

    /// Whether the schema could be registered under the subject; a subject that doesn't exist accepts any.
    pub async fn check(&self, subject: &str, schema: &str) -> Result<bool, RegistryError> {
        check_subject(subject)?;
        match self {
            Self::Embedded(registry) => registry.check(subject, schema),
            Self::Remote(registry) => {
                Ok(registry.check(subject, schema).await? && self.means_the_same(subject, schema).await?)
            }
        }
    }

    /// Whether every version of the subject means the same by what it shares with this schema, which remote registries don't look at.
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
