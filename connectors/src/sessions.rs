//! The store of sessions, of failed attempts to log in, of what somebody without a log-in asks for, and of carts: rows that the APIs alone
//! write, and that are no fold of the log.
//!
//! It stands on the state's adapters, in a folder and a keyspace of its own: the state may be thrown away and folded again, which would
//! bring no session and no cart back. No program of another generation reads it. On a cluster all is read and written at `LOCAL_QUORUM` whatever the
//! state's consistency is: a session that was ended must be over for everybody.

use std::path::Path;

use feira_schemas::{
    budget::{Budget, StoreShare},
    ids::{Micros, TenantId},
    row::{Row, Write},
    rows::sessions::{AskingRow, CQL, CartRow, FailureRow, KEYSPACE, SessionRow, TABLES},
};

use crate::state::{CqlConsistency, CqlSettings, State, StateError};

/// The sessions of a deployment. Cheap to clone; clones share everything.
#[derive(Clone, Debug)]
pub struct SessionStore(State);

impl SessionStore {
    /// The store in this folder, which is made if there is none. [`StateError::Corrupt`] means that no start will open it: what was in it
    /// costs everybody a log-in.
    pub async fn embedded(folder: &Path) -> Result<Self, StateError> {
        Self::embedded_within(folder, Budget::default().session_store()).await
    }

    /// Opens the embedded store as [`Self::embedded`] does, with at most about `share` bytes of memtables and blocks in memory.
    pub async fn embedded_within(folder: &Path, share: StoreShare) -> Result<Self, StateError> {
        Self::over(State::beside("sessions", folder, share)?).await
    }

    /// The cluster that these settings lead to, once it has answered.
    pub async fn cql(settings: &CqlSettings) -> Result<Self, StateError> {
        let settings = CqlSettings { consistency: CqlConsistency::LocalQuorum, ..settings.clone() };
        Self::over(State::cql(&settings).await?).await
    }

    async fn over(state: State) -> Result<Self, StateError> {
        state.ensure_tables(TABLES, &[(KEYSPACE, CQL)]).await?;
        Ok(Self(state))
    }

    /// The session that has this hash, over or not.
    pub async fn session(&self, tenant: TenantId, token_hash: &str) -> Result<Option<SessionRow>, StateError> {
        self.0.get(&SessionRow::at(tenant, token_hash)).await
    }

    /// Keeps a session as it is now; one that was ended stays so.
    pub async fn keep(&self, session: &SessionRow) -> Result<(), StateError> {
        self.0.write(&[Write::put(session.clone(), session.written_at())]).await
    }

    /// Ends a session. It is over on the disk as well once this returns.
    pub async fn end(&self, session: &SessionRow, now: Micros) -> Result<(), StateError> {
        self.0.write(&[Write::delete::<SessionRow>(session.key(), session.ended_at(now))]).await?;
        self.0.sync().await
    }

    /// Keeps these failures.
    pub async fn fail(&self, failures: &[FailureRow]) -> Result<(), StateError> {
        let writes: Vec<Write> = failures.iter().map(|row| Write::put(row.clone(), row.at)).collect();
        self.0.write(&writes).await
    }

    /// Takes these failures back.
    pub async fn forgive(&self, failures: &[FailureRow]) -> Result<(), StateError> {
        let writes: Vec<Write> = failures.iter().map(|row| Write::delete::<FailureRow>(row.key(), row.at)).collect();
        self.0.write(&writes).await
    }

    /// The failures of one since a time, the first ones, so many at most.
    pub async fn failures(
        &self,
        tenant: TenantId,
        whose: &str,
        since: Micros,
        limit: usize,
    ) -> Result<Vec<FailureRow>, StateError> {
        let (all, before) = (FailureRow::all(tenant, whose), FailureRow::before(tenant, whose, since));
        self.0.scan(&all, Some(&before), limit).await
    }

    /// Keeps these askings.
    pub async fn ask(&self, askings: &[AskingRow]) -> Result<(), StateError> {
        let writes: Vec<Write> = askings.iter().map(|row| Write::put(row.clone(), row.asked_at())).collect();
        self.0.write(&writes).await
    }

    /// Takes these askings back.
    pub async fn unask(&self, askings: &[AskingRow]) -> Result<(), StateError> {
        let delete = |row: &AskingRow| Write::delete::<AskingRow>(row.key(), row.asked_at());
        self.0.write(&askings.iter().map(delete).collect::<Vec<_>>()).await
    }

    /// The newest that one has asked for, so many at most.
    pub async fn askings(&self, tenant: TenantId, whose: &str, limit: usize) -> Result<Vec<AskingRow>, StateError> {
        self.0.scan(&AskingRow::all(tenant, whose), None, limit).await
    }

    /// The cart that has this hash. It may be over and not yet gone.
    pub async fn cart(&self, tenant: TenantId, cart_hash: &str) -> Result<Option<CartRow>, StateError> {
        self.0.get(&CartRow::at(tenant, cart_hash)).await
    }

    /// Keeps a cart as it is now, unless a later change of it is kept already.
    pub async fn keep_cart(&self, cart: &CartRow) -> Result<(), StateError> {
        self.0.write(&[Write::put(cart.clone(), cart.updated_at)]).await
    }

    /// A problem of the embedded store that a person must look at, in words; `None` if all is well, and always on a cluster.
    pub fn trouble(&self) -> Option<String> {
        self.0.trouble()
    }

    /// Brings everything that was written to the disk: before a clean exit.
    pub async fn sync(&self) -> Result<(), StateError> {
        self.0.sync().await
    }
}
