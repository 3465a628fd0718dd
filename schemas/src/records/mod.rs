//! Every record that may stand on a topic, one Rust type per Avro file in `schemas/avro`, the closed set each topic holds, and the
//! contexts, whose topics these are.

pub mod admin;
pub mod catalogue;
pub mod common;
pub mod directory;
pub mod mails;
pub mod payments;
pub mod signup;
pub mod store;

mod definition;
mod erasing;
mod outgoing;
mod results;
mod schemas;
mod sets;

pub use admin::{AdminCommand, AdminEvent};
pub use directory::{DirectoryCommand, DirectoryEvent};
pub use erasing::{Erased, Erasing};
pub use outgoing::Outgoing;
pub use payments::{PaymentsCommand, PaymentsEvent};
pub use results::ResultRecord;
pub use schemas::record_schemas;
pub use sets::{AnySet, CommandSet, EventSet, RecordSet, Touches};
pub use signup::{SignupCommand, SignupEvent};
pub use store::{StoreCommand, StoreEvent};

use std::fmt;

use serde::{Deserialize, Serialize};

use self::definition::Definition;

/// Writes the enum of contexts, each with the module that defines it: a macro, so that a context is one line.
macro_rules! contexts {
    ($($(#[$doc:meta])* $context:ident = $module:ident),+ $(,)?) => {
        /// A context: one owner of state, with its own topics and keyspace.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Context { $($(#[$doc])* $context),+ }

        impl Context {
            /// All of them.
            pub const ALL: [Self; [$(stringify!($context)),+].len()] = [$(Self::$context),+];

            const fn definition(self) -> &'static Definition {
                match self { $(Self::$context => &$module::CONTEXT),+ }
            }
        }
    };
}

contexts! {
    /// Decides who has which name.
    Directory = directory,
    /// The merchant's side.
    Admin = admin,
    /// The buyer's side.
    Store = store,
    /// Charges, refunds, and what gateways are asked.
    Payments = payments,
    /// The platform's plans.
    Signup = signup,
}

impl Context {
    /// The context's name in topics, keyspaces, roles and folders.
    pub const fn name(self) -> &'static str {
        self.definition().name
    }

    /// The context's number among all that there will be, for what is derived per context: never changed, never given again.
    pub const fn number(self) -> u32 {
        self.definition().number
    }

    /// Says whether the record key is the shop's id, so that a shop's records are in one partition. The directory's lie under
    /// the name.
    pub const fn is_keyed_by_shop(self) -> bool {
        self.definition().keyed_by_shop
    }

    /// Says what a process that decides for this context does, for the command line's help and README.
    pub const fn does(self) -> &'static str {
        self.definition().does
    }

    /// The Avro full names of its events.
    pub const fn event_names(self) -> &'static [&'static str] {
        let [_, events] = self.definition().sets;
        events.names
    }

    /// Its events that erase subjects.
    pub const fn erasing(self) -> &'static [Erasing] {
        self.definition().erasing
    }

    /// The context of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|context| context.name() == name)
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Every closed set: each context's commands and events, and the answers.
pub fn sets() -> impl Iterator<Item = AnySet> {
    let of_contexts = Context::ALL.into_iter().flat_map(|context| context.definition().sets);
    of_contexts.chain([AnySet::of::<ResultRecord>()])
}

/// The hand-written Avro files: what all contexts share, and each context's own.
fn avro_files() -> Vec<&'static [(&'static str, &'static str)]> {
    let of_contexts = Context::ALL.into_iter().map(|context| context.definition().avro);
    [results::AVRO, catalogue::AVRO].into_iter().chain(of_contexts).collect()
}
