//! The rows that every process shares and no context owns: live generations, the schemas that ids mean, and what runners keep of their
//! way, which no log tells: tries of mails, and the sweep of subjects.

use serde::{Deserialize, Serialize};

use super::{generation_of, keyspace::Keyspace, table};
use crate::{
    ids::{EffectId, Micros, TenantId},
    row::{Row, RowKey, RowType, Stored, Table},
    sealed::Subject,
    time::DAY,
};

/// `feira_platform.generation`. Always in its first generation: the oldest program must find what a newer one has written.
pub const GENERATION: Table = Table {
    keyspace: "platform",
    name: "generation",
    generation: 1,
    partition_key: &["name"],
    clustering_key: &[],
    kept: None,
};
table!(SCHEMA: SchemaRow = "platform"."schema", ("id"), ());
table!(SWEEP: SweepRow = "platform"."sweep", ("name"), ());

/// Microseconds for which is kept what runners note of mails and subjects: longer than a mail is tried, and than a sweep needs to find
/// a subject twice.
pub const NOTES_KEPT: Micros = 30 * DAY;

/// `feira_platform.mail_try`.
pub const MAIL_TRY: Table = noted("mail_try", &["tenant_id", "mail_id"]);
/// `feira_platform.orphan`.
pub const ORPHAN: Table = noted("orphan", &["tenant_id", "subject"]);

const fn noted(name: &'static str, partition_key: &'static [&'static str]) -> Table {
    let generation = generation_of("platform");
    Table { keyspace: "platform", name, generation, partition_key, clustering_key: &[], kept: Some(NOTES_KEPT) }
}

/// This keyspace.
pub(super) const KEYSPACE: Keyspace =
    Keyspace { name: "platform", generation: 1, cql: include_str!("../../cql/platform.cql") };
/// The type of each table's rows.
pub(super) const ROWS: &[RowType] = &[
    *RowType::of::<GenerationRow>(),
    *RowType::of::<SchemaRow>(),
    *RowType::of::<MailTryRow>(),
    *RowType::of::<SweepRow>(),
    *RowType::of::<OrphanRow>(),
];

/// The generation of something kept that is live: a program of another one does not start on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GenerationRow {
    /// A keyspace without its prefix, or another thing that has a format.
    pub name: String,
    /// The live one.
    pub generation: i64,
}

impl Stored for GenerationRow {
    const TABLE: Table = GENERATION;
}

impl Row for GenerationRow {
    fn key(&self) -> RowKey {
        RowKey::new([self.name.as_str().into()], [])
    }
}

/// The meaning of a schema id since it was first met. Records are kept for ever under these ids, so a registry that gives one
/// another meaning, having lost what it held, must not be believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaRow {
    /// The id on the wire.
    pub id: i64,
    /// The record type's full name.
    pub name: String,
    /// SHA-256 of the schema's parsing canonical form, hex.
    pub fingerprint: String,
    /// The schema as the registry gave it.
    pub json: String,
}

impl SchemaRow {
    /// The key of an id's row.
    pub fn at(id: u32) -> RowKey {
        RowKey::new([i64::from(id).into()], [])
    }
}

impl Row for SchemaRow {
    fn key(&self) -> RowKey {
        RowKey::new([self.id.into()], [])
    }
}

/// The tries of a mail that nobody has taken for sure so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailTryRow {
    /// The shop that writes, or the platform.
    pub tenant_id: TenantId,
    /// The mail.
    pub mail_id: EffectId,
    /// The number of tries.
    pub tries: i64,
    /// The outcome of the last, in a server's numbers or our own words.
    pub outcome: String,
    /// The time of the last.
    pub tried_at: Micros,
    /// The time of the next.
    pub due: Micros,
}

impl MailTryRow {
    /// The key of the row of a mail.
    pub fn at(tenant: TenantId, mail: EffectId) -> RowKey {
        RowKey::new([tenant.uuid().into(), mail.uuid().into()], [])
    }
}

impl Stored for MailTryRow {
    const TABLE: Table = MAIL_TRY;
}

impl Row for MailTryRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.mail_id)
    }
}

/// The progress of a sweep, which one process does at a time as a rule. Two that do it at once do the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepRow {
    /// The sweep.
    pub name: String,
    /// The time at which the last began.
    pub began_at: Micros,
    /// The time at which it was last seen to go on.
    pub seen_at: Micros,
    /// The time at which the last that was done ended; 0 if none was.
    pub ended_at: Micros,
}

impl SweepRow {
    /// The key of a sweep's row.
    pub fn at(name: &str) -> RowKey {
        RowKey::new([name.into()], [])
    }
}

impl Row for SweepRow {
    fn key(&self) -> RowKey {
        Self::at(&self.name)
    }
}

/// A subject with keys of which no entity was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrphanRow {
    /// The shop, or the platform.
    pub tenant_id: TenantId,
    /// The subject's text.
    pub subject: String,
    /// The time at which it was found first.
    pub found_at: Micros,
    /// Its keys that were made before this time are those that it was found for.
    pub made_before: Micros,
}

impl OrphanRow {
    /// The key of the row of a subject.
    pub fn at(tenant: TenantId, subject: Subject) -> RowKey {
        RowKey::new([tenant.uuid().into(), subject.to_string().into()], [])
    }
}

impl Stored for OrphanRow {
    const TABLE: Table = ORPHAN;
}

impl Row for OrphanRow {
    fn key(&self) -> RowKey {
        RowKey::new([self.tenant_id.uuid().into(), self.subject.as_str().into()], [])
    }
}
