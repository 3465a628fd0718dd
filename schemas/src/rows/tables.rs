//! The tables of contexts and groups.

use super::common::{answers_of, parked_of, progress_of};
use crate::{
    groups::{Context, Group},
    row::Table,
};

impl Context {
    /// Table of its answers.
    pub const fn answers(self) -> Table {
        answers_of(self.name())
    }

    /// Table of how far its processor is.
    pub const fn progress(self) -> Table {
        progress_of(self.name())
    }
}

impl Group {
    /// Table of how far it is; `None` where its position in the log alone says it.
    pub fn progress(&self) -> Option<Table> {
        self.keyspace.map(progress_of)
    }

    /// Table of what it has parked; `None` where it parks nothing.
    pub fn parked(&self) -> Option<Table> {
        self.keyspace.filter(|_| self.parks).map(parked_of)
    }
}
