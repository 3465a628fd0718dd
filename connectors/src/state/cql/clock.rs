//! The cluster's clock, as the node that answers tells it.

use feira_schemas::ids::Micros;
use scylla::value::CqlTimestamp;

use super::{CqlState, StateError, execution_error};

impl CqlState {
    /// The clock of the node that answers, in microseconds since 1970, to the millisecond.
    pub(in crate::state) async fn now(&self) -> Result<Micros, StateError> {
        let asked = self.0.session.query_unpaged("SELECT toTimestamp(now()) FROM system.local", &[]);
        let answer = asked.await.map_err(execution_error)?;
        let unread = |error: String| StateError::Corrupt(format!("the cluster's clock: {error}"));
        let rows = answer.into_rows_result().map_err(|error| unread(error.to_string()))?;
        let (CqlTimestamp(millis),) =
            rows.single_row::<(CqlTimestamp,)>().map_err(|error| unread(error.to_string()))?;
        Ok(millis * 1_000)
    }
}
