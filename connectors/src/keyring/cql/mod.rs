//! Keys in ScyllaDB or Cassandra, in a keyspace of their own. Rows are read and written as the state's are, whole and by timestamp
//! ([`CqlState`](crate::state::CqlState)), but at `LOCAL_QUORUM` whatever the state's consistency is: a key that only one copy knew
//! could be lost, and a tombstone that only one copy knew could be passed over.

use feira_schemas::{
    ids::{KeyId, Micros, TenantId},
    row::{Row, RowKey, Table, Write},
    rows::keyring::{CQL, DATA_KEY, DataKeyRow, KEYSPACE, MASTER_KEY, MasterKeyRow, SECRET, SecretRow},
    sealed::Subject,
};
use serde::de::DeserializeOwned;

use super::{KeyringError, crypto::Place};
use crate::state::{CqlConsistency, CqlSettings, Cursor, MAX_SCAN, State};

/// The keys in a CQL cluster. Cheap to clone; clones share the session.
#[derive(Clone, Debug)]
pub struct CqlKeys {
    state: State,
    data_keys: Table,
    master_keys: Table,
    secrets: Table,
}

impl CqlKeys {
    pub(super) async fn connect(settings: &CqlSettings, keyspace: &'static str) -> Result<Self, KeyringError> {
        let settings = CqlSettings { consistency: CqlConsistency::LocalQuorum, ..settings.clone() };
        let state = State::cql(&settings).await?;
        let [data_keys, master_keys, secrets] = [DATA_KEY, MASTER_KEY, SECRET].map(|table| Table { keyspace, ..table });
        let cql = CQL.replace(&format!("feira_{KEYSPACE}."), &format!("feira_{keyspace}."));
        state.ensure_tables(&[data_keys, master_keys, secrets], &[(keyspace, cql.as_str())]).await?;
        Ok(Self { state, data_keys, master_keys, secrets })
    }

    pub(super) async fn get(&self, place: &Place) -> Result<Option<DataKeyRow>, KeyringError> {
        let key = RowKey::new(partition(place.tenant, place.subject), [place.key_id.uuid().into()]);
        Ok(self.state.get_in(self.data_keys, &key).await?)
    }

    pub(super) async fn of_subject(
        &self,
        tenant: TenantId,
        subject: Subject,
        after: Option<KeyId>,
        limit: usize,
    ) -> Result<Vec<DataKeyRow>, KeyringError> {
        let at = |key_id: KeyId| RowKey::new(partition(tenant, subject), [key_id.uuid().into()]);
        let prefix = RowKey::new(partition(tenant, subject), []);
        Ok(self.state.scan_in(self.data_keys, &prefix, after.map(at).as_ref(), limit).await?)
    }

    pub(super) async fn page(
        &self,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<(Vec<DataKeyRow>, Option<Cursor>), KeyringError> {
        let page = self.state.scan_table_in(self.data_keys, after, limit).await?;
        Ok((page.rows, page.next))
    }

    pub(super) async fn master_keys(&self) -> Result<Vec<MasterKeyRow>, KeyringError> {
        self.all(self.master_keys).await
    }

    pub(super) async fn secrets(&self) -> Result<Vec<SecretRow>, KeyringError> {
        self.all(self.secrets).await
    }

    async fn all<R: DeserializeOwned + Send + 'static>(&self, table: Table) -> Result<Vec<R>, KeyringError> {
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let page = self.state.scan_table_in(table, after, MAX_SCAN).await?;
            rows.extend(page.rows);
            after = page.next;
            if after.is_none() {
                return Ok(rows);
            }
        }
    }

    pub(super) async fn put(&self, rows: &[(DataKeyRow, Micros)]) -> Result<(), KeyringError> {
        let writes: Vec<Write> = rows.iter().map(|(row, at)| Write::put_in(self.data_keys, row.clone(), *at)).collect();
        Ok(self.state.write(&writes).await?)
    }

    pub(super) async fn put_master(&self, row: &MasterKeyRow, at: Micros) -> Result<(), KeyringError> {
        Ok(self.state.write(&[Write::put_in(self.master_keys, row.clone(), at)]).await?)
    }

    pub(super) async fn put_secrets(&self, rows: &[SecretRow]) -> Result<(), KeyringError> {
        let writes: Vec<Write> = rows.iter().map(|row| Write::put_in(self.secrets, row.clone(), row.made_at)).collect();
        Ok(self.state.write(&writes).await?)
    }

    pub(super) async fn delete_master(&self, id: &str, at: Micros) -> Result<(), KeyringError> {
        let row = MasterKeyRow { master_id: id.to_owned(), wrapped: String::new(), made_at: at };
        Ok(self.state.write(&[Write::delete_in(self.master_keys, row.key(), at)]).await?)
    }
}

fn partition(tenant: TenantId, subject: Subject) -> [feira_schemas::row::KeyPart; 2] {
    [tenant.uuid().into(), subject.to_string().into()]
}
