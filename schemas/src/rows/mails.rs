//! Rows of mails, which each context that asks for mails has in its own keyspace: the mail by its id, for who decides, and the mails that
//! are open by partition, for who sends.

use serde::{Deserialize, Serialize};

use super::generation_of;
use crate::{
    ids::{EffectId, TenantId},
    records::mails::Mail,
    row::{KeyPart, Row, RowKey, Table},
};

/// A mail that is not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedMail {
    /// The shop that writes, or the platform.
    pub tenant_id: TenantId,
    /// The other columns.
    #[serde(flatten)]
    pub mail: Mail,
}

impl WantedMail {
    /// The key of a mail's row.
    pub fn at(tenant: TenantId, mail: EffectId) -> RowKey {
        RowKey::new([tenant.uuid().into(), mail.uuid().into()], [])
    }
}

impl Row for WantedMail {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.mail.mail_id)
    }
}

/// A mail of a partition that is not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenMail {
    /// Partition of the context's events.
    pub partition: i64,
    /// The mail.
    pub mail_id: EffectId,
    /// The shop that writes, or the platform.
    pub tenant_id: TenantId,
}

impl OpenMail {
    /// The beginning of the keys of a partition's mails.
    pub fn all(partition: u32) -> RowKey {
        RowKey::new([KeyPart::BigInt(i64::from(partition))], [])
    }

    /// The key of an open mail's row.
    pub fn at(partition: u32, mail: EffectId) -> RowKey {
        RowKey::new([KeyPart::BigInt(i64::from(partition))], [mail.uuid().into()])
    }
}

impl Row for OpenMail {
    fn key(&self) -> RowKey {
        RowKey::new([KeyPart::BigInt(self.partition)], [self.mail_id.uuid().into()])
    }
}

/// The table of a context's mails.
pub const fn mails_of(keyspace: &'static str) -> Table {
    let partition_key = &["tenant_id", "mail_id"];
    Table {
        keyspace,
        name: "mail",
        generation: generation_of(keyspace),
        partition_key,
        clustering_key: &[],
        kept: None,
    }
}

/// The table of a context's open mails: by partition, as a runner reads them.
pub const fn open_mails_of(keyspace: &'static str) -> Table {
    let (partition_key, clustering_key): (&[&str], &[&str]) = (&["partition"], &["mail_id"]);
    Table {
        keyspace,
        name: "open_mail",
        generation: generation_of(keyspace),
        partition_key,
        clustering_key,
        kept: None,
    }
}

/// The tables of mails of a context, each with a row type that names it.
macro_rules! mail_rows {
    ($keyspace:literal) => {
        crate::rows::mails::mail_row!(
            /// A mail of this context that is not done.
            MailRow(WantedMail) in MAIL = mails_of($keyspace)
        );
        crate::rows::mails::mail_row!(
            /// A mail of a partition of this context that is not done.
            OpenMailRow(OpenMail) in OPEN_MAIL = open_mails_of($keyspace)
        );
    };
}

/// A table of mails in one keyspace, and its row.
macro_rules! mail_row {
    ($(#[$doc:meta])* $row:ident($shape:ident) in $table:ident = $of:ident($keyspace:literal)) => {
        #[doc = concat!("See [`", stringify!($row), "`].")]
        pub const $table: crate::row::Table = crate::rows::mails::$of($keyspace);

        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $row(pub crate::rows::mails::$shape);

        impl crate::row::Row for $row {
            fn key(&self) -> crate::row::RowKey {
                crate::row::Row::key(&self.0)
            }
        }
        impl crate::row::Stored for $row {
            const TABLE: crate::row::Table = $table;
        }
        impl From<crate::rows::mails::$shape> for $row {
            fn from(row: crate::rows::mails::$shape) -> Self {
                Self(row)
            }
        }
        impl From<$row> for crate::rows::mails::$shape {
            fn from(row: $row) -> Self {
                row.0
            }
        }
    };
}
pub(crate) use mail_row;
pub(crate) use mail_rows;
