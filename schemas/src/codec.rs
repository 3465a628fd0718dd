//! Confluent's wire format: a zero byte, the schema's id in four bytes (big endian), then the Avro datum.
//!
//! A codec knows the ids its process writes with (the registry gave them at start) and learns further ids, of older or
//! newer versions, as records name them. Evolution goes through serde: a field that the writer lacked takes its default.
//! Serde is told that Avro is no format for people: a sealed value is bytes there, and a text in rows.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, PoisonError, RwLock},
};

use apache_avro::{Schema, reader::datum::GenericDatumReader, types::Value, writer::datum::GenericDatumWriter};
use serde::{Serialize, de::DeserializeOwned};

use crate::{avro::RecordSchema, limits::RECORD_BYTES, sealed};

/// Why bytes are not a record, or a record can't be written.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// Shorter than five bytes, or the first is not zero.
    #[error("not in Confluent's wire format")]
    NotConfluent,
    /// The id is not known yet: ask the registry, `learn` it, and read again.
    #[error("schema id {0} is not known")]
    UnknownSchema(u32),
    /// The datum does not fit its schema, or has bytes left over.
    #[error("not a {name}: {why}")]
    Malformed {
        /// Full name of the record type.
        name: String,
        /// The Avro reader's message.
        why: String,
    },
    /// The record's type does not belong on this topic.
    #[error("{name} does not belong to {set}")]
    NotInSet {
        /// Full name of the record type.
        name: String,
        /// The set that was expected.
        set: &'static str,
    },
    /// The record can't be written with its schema.
    #[error("{name} can't be written: {why}")]
    Unwritable {
        /// Full name of the record type.
        name: &'static str,
        /// The Avro writer's message.
        why: String,
    },
    /// Larger than a topic takes.
    #[error("{name} has {bytes} bytes; a record has at most {RECORD_BYTES}")]
    TooLarge {
        /// Full name of the record type.
        name: &'static str,
        /// The size of the record's value in bytes.
        bytes: usize,
    },
    /// The registry gave a schema that is no record.
    #[error("schema {id} of the registry is no record schema: {why}")]
    NotARecord {
        /// The id.
        id: u32,
        /// The reason for which it is none.
        why: String,
    },
}

struct Writer {
    id: u32,
    writer: GenericDatumWriter<'static>,
}

struct Reader {
    name: String,
    reader: GenericDatumReader<'static>,
}

/// Writes and reads records. One per process: it keeps the schemas it learns until the process ends.
pub struct Codec {
    writers: HashMap<&'static str, Writer>,
    readers: RwLock<HashMap<u32, Arc<Reader>>>,
}

/// A record whose type is known and whose datum is not read yet.
pub struct Encoded<'a> {
    reader: Arc<Reader>,
    datum: &'a [u8],
}

impl Encoded<'_> {
    /// Full name of the record's type.
    pub fn name(&self) -> &str {
        &self.reader.name
    }

    /// Reads the datum.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, CodecError> {
        let malformed = |why: String| CodecError::Malformed { name: self.reader.name.clone(), why };
        let mut rest = self.datum;
        let record = self.reader.reader.read_deser(&mut rest).map_err(|error| malformed(error.to_string()))?;
        if !rest.is_empty() {
            return Err(malformed(format!("{} bytes are left over", rest.len())));
        }
        Ok(record)
    }

    /// Reads the datum whatever its type, as JSON: for taps and dead letters. A sealed field is shown as sealed, with its name and
    /// its subject.
    pub fn read_json(&self) -> Result<serde_json::Value, CodecError> {
        let malformed = |why: String| CodecError::Malformed { name: self.reader.name.clone(), why };
        let mut rest = self.datum;
        let value = self.reader.reader.read_value(&mut rest).map_err(|error| malformed(error.to_string()))?;
        serde_json::Value::try_from(shown(value)).map_err(|error| malformed(error.to_string()))
    }
}

/// The value with a text for each of its bytes: records have no other bytes than sealed fields.
fn shown(value: Value) -> Value {
    let each = |values: Vec<Value>| values.into_iter().map(shown).collect();
    match value {
        Value::Bytes(bytes) => Value::String(sealed::shown(&bytes)),
        Value::Record(fields) => Value::Record(fields.into_iter().map(|(name, value)| (name, shown(value))).collect()),
        Value::Array(values) => Value::Array(each(values)),
        Value::Union(branch, value) => Value::Union(branch, Box::new(shown(*value))),
        other => other,
    }
}

impl Codec {
    /// A codec that writes with these ids. `ids` has one for every record schema.
    pub fn new(
        schemas: &'static BTreeMap<&'static str, RecordSchema>,
        ids: &HashMap<&'static str, u32>,
    ) -> Result<Self, CodecError> {
        // A larger datum than a topic takes is a lie of its length fields; without this the reader would allocate it.
        apache_avro::util::max_allocation_bytes(2 * RECORD_BYTES);
        let mut codec = Self { writers: HashMap::new(), readers: RwLock::default() };
        for (name, schema) in schemas {
            let Some(id) = ids.get(name).copied() else { continue };
            let writer = GenericDatumWriter::builder(&schema.schema)
                .human_readable(false)
                .build()
                .map_err(|error| CodecError::Unwritable { name, why: error.to_string() })?;
            codec.writers.insert(name, Writer { id, writer });
            codec.learn_parsed(id, &schema.schema)?;
        }
        Ok(codec)
    }

    /// The id a record type is written with.
    pub fn id_of(&self, name: &str) -> Option<u32> {
        self.writers.get(name).map(|writer| writer.id)
    }

    /// A record in wire format.
    pub fn encode<T: Serialize>(&self, name: &'static str, record: &T) -> Result<Vec<u8>, CodecError> {
        let unwritable = |why: String| CodecError::Unwritable { name, why };
        let Writer { id, writer } = self.writers.get(name).ok_or_else(|| unwritable("no schema id".into()))?;
        let mut value = Vec::with_capacity(512);
        value.push(0);
        value.extend_from_slice(&id.to_be_bytes());
        writer.write_ser(&mut value, record).map_err(|error| unwritable(error.to_string()))?;
        if value.len() > RECORD_BYTES {
            return Err(CodecError::TooLarge { name, bytes: value.len() });
        }
        Ok(value)
    }

    /// Finds the type of a record; its datum is read afterwards.
    pub fn open<'a>(&self, value: &'a [u8]) -> Result<Encoded<'a>, CodecError> {
        let (header, datum) = value.split_at_checked(5).ok_or(CodecError::NotConfluent)?;
        let [0, id @ ..] = header else { return Err(CodecError::NotConfluent) };
        let id = id.iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
        let readers = self.readers.read().unwrap_or_else(PoisonError::into_inner);
        let reader = readers.get(&id).cloned().ok_or(CodecError::UnknownSchema(id))?;
        Ok(Encoded { reader, datum })
    }

    /// Learns a schema of the registry.
    pub fn learn(&self, id: u32, json: &str) -> Result<(), CodecError> {
        let schema = Schema::parse_str(json).map_err(|error| CodecError::NotARecord { id, why: error.to_string() })?;
        // Readers borrow their schema for as long as the process lives; the registry gives each id only once.
        self.learn_parsed(id, Box::leak(Box::new(schema)))
    }

    fn learn_parsed(&self, id: u32, schema: &'static Schema) -> Result<(), CodecError> {
        let not_a_record = |why: String| CodecError::NotARecord { id, why };
        let name = schema.name().ok_or_else(|| not_a_record("it has no name".into()))?.fullname(None);
        let reader = GenericDatumReader::builder(schema)
            .human_readable(false)
            .build()
            .map_err(|error| not_a_record(error.to_string()))?;
        let mut readers = self.readers.write().unwrap_or_else(PoisonError::into_inner);
        readers.insert(id, Arc::new(Reader { name: name.to_string(), reader }));
        Ok(())
    }
}
