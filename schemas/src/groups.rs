//! The consumer groups: one table, from which topics, roles and what is said of both follow.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

pub use crate::records::Context;

/// The part that a process plays in a deployment; with none named it plays all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Role {
    /// Runs the processor of this context.
    Context(Context),
    /// Runs the view that buyers search.
    Search,
    /// Runs the view that the panel searches.
    Panel,
    /// Runs the view of cards and pages.
    Storefront,
    /// Runs what is done on the outside because an event says so.
    Effects,
    /// Serves shops, staff and APIs by HTTP, in no group. What a process says of itself it says whatever its roles are.
    Api,
}

/// The roles that belong to no context.
const BESIDE_CONTEXTS: [Role; 5] = [Role::Search, Role::Panel, Role::Storefront, Role::Effects, Role::Api];

/// The text names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no role: expected one of {list}", list = Role::list())]
pub struct UnknownRole(String);

impl Role {
    /// All of them, as a record passes them.
    pub const ALL: [Self; Context::ALL.len() + BESIDE_CONTEXTS.len()] = {
        let mut all = [Self::Api; Context::ALL.len() + BESIDE_CONTEXTS.len()];
        let mut at = 0;
        while at < all.len() {
            let contexts = Context::ALL.len();
            all[at] = if at < contexts { Self::Context(Context::ALL[at]) } else { BESIDE_CONTEXTS[at - contexts] };
            at += 1;
        }
        all
    };

    /// The role's name on the command line and in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Context(context) => context.name(),
            Self::Search => "search",
            Self::Panel => "panel",
            Self::Storefront => "storefront",
            Self::Effects => "effects",
            Self::Api => "api",
        }
    }

    /// Says what a process with this role does, for the command line's help and README.
    pub const fn does(self) -> &'static str {
        match self {
            Self::Context(context) => context.does(),
            Self::Search => "folds the shards that buyers search",
            Self::Panel => "folds what the panel searches, and who changed what",
            Self::Storefront => "folds cards and pages",
            Self::Effects => "asks gateways, sends mails, fetches images of imports, looks at domains",
            Self::Api => "serves shops, staff and APIs by HTTP",
        }
    }

    /// True if a process with this role seals, opens, signs or verifies: it has the keyring open and needs master keys and secrets. Who
    /// decides or folds has no keys, and needs none.
    pub const fn has_keys(self) -> bool {
        match self {
            Self::Effects | Self::Api => true,
            Self::Context(_) | Self::Search | Self::Panel | Self::Storefront => false,
        }
    }

    /// The names of all, as `--roles` takes them.
    pub fn list() -> String {
        Self::ALL.map(Self::name).join(",")
    }
}

impl From<Role> for &'static str {
    fn from(role: Role) -> Self {
        role.name()
    }
}

impl TryFrom<String> for Role {
    type Error = UnknownRole;

    fn try_from(text: String) -> Result<Self, UnknownRole> {
        text.parse()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// The work that the members of a group do with the records they read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// They decide this context's commands.
    Context(Context),
    /// They fold this context's events into something that is read.
    View(Context),
    /// They do on the outside what this context's events name.
    Effect(Context),
}

/// A consumer group: processes that share the partitions of its inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// The group's name in the log, in its topics' names and in its marks.
    pub name: &'static str,
    /// The work that its members do.
    pub kind: Kind,
    /// Keyspace of the rows that say how far it is, without the prefix; `None` where its position in the log alone says it.
    pub keyspace: Option<&'static str>,
    /// True if the group parks a record that fails: its unit is one entity.
    pub parks: bool,
    /// Role of the processes that run it.
    pub role: Role,
}

impl Group {
    /// The group that decides for a context.
    const fn of(context: Context) -> Self {
        let (name, role) = (context.name(), Role::Context(context));
        Self { name, kind: Kind::Context(context), keyspace: Some(name), parks: false, role }
    }
}

/// Searches of buyers.
pub const SEARCH: Group = Group {
    name: "search",
    kind: Kind::View(Context::Store),
    keyspace: Some("search"),
    parks: true,
    role: Role::Search,
};
/// Searches of the panel.
pub const PANEL: Group =
    Group { name: "panel", kind: Kind::View(Context::Admin), keyspace: Some("panel"), parks: true, role: Role::Panel };
/// Cards and pages.
pub const STOREFRONT: Group = Group {
    name: "storefront",
    kind: Kind::View(Context::Store),
    keyspace: Some("storefront"),
    parks: true,
    role: Role::Storefront,
};
/// Images that are fetched.
pub const IMAGES: Group =
    Group { name: "pictures", kind: Kind::Effect(Context::Admin), keyspace: None, parks: false, role: Role::Effects };

/// Payment gateways that are asked.
pub const GATEWAYS: Group = Group {
    name: "gateways",
    kind: Kind::Effect(Context::Payments),
    keyspace: None,
    parks: false,
    role: Role::Effects,
};

/// Mails of payments that are sent.
pub const MAILS: Group =
    Group { name: "mails", kind: Kind::Effect(Context::Payments), keyspace: None, parks: false, role: Role::Effects };

/// Mails of admin that are sent.
pub const ADMIN_MAILS: Group = Group {
    name: "admin_mails",
    kind: Kind::Effect(Context::Admin),
    keyspace: None,
    parks: false,
    role: Role::Effects,
};

/// Mails of sign-up that are sent.
pub const SIGNUP_MAILS: Group = Group {
    name: "signup_mails",
    kind: Kind::Effect(Context::Signup),
    keyspace: None,
    parks: false,
    role: Role::Effects,
};

/// Domains of shops that are looked at.
pub const DOMAINS: Group =
    Group { name: "domains", kind: Kind::Effect(Context::Admin), keyspace: None, parks: false, role: Role::Effects };

/// Who changed what, for the panel.
pub const AUDIT: Group =
    Group { name: "audit", kind: Kind::View(Context::Admin), keyspace: Some("audit"), parks: true, role: Role::Panel };

/// Who changed what of payments, beside [`AUDIT`] in one keyspace.
pub const AUDIT_PAYMENTS: Group = Group {
    name: "audit_payments",
    kind: Kind::View(Context::Payments),
    keyspace: Some("audit"),
    parks: true,
    role: Role::Panel,
};

/// Who changed how much is on hand, beside [`AUDIT`] in one keyspace.
pub const AUDIT_STORE: Group = Group {
    name: "audit_store",
    kind: Kind::View(Context::Store),
    keyspace: Some("audit"),
    parks: true,
    role: Role::Panel,
};

/// The groups that decide for no context.
const FOLLOWING: [Group; 12] = [
    SEARCH,
    PANEL,
    STOREFRONT,
    IMAGES,
    GATEWAYS,
    MAILS,
    ADMIN_MAILS,
    SIGNUP_MAILS,
    DOMAINS,
    AUDIT,
    AUDIT_PAYMENTS,
    AUDIT_STORE,
];

/// All groups that exist.
pub const GROUPS: [Group; Context::ALL.len() + FOLLOWING.len()] = {
    let mut groups = [SEARCH; Context::ALL.len() + FOLLOWING.len()];
    let mut at = 0;
    while at < groups.len() {
        let contexts = Context::ALL.len();
        groups[at] = if at < contexts { Group::of(Context::ALL[at]) } else { FOLLOWING[at - contexts] };
        at += 1;
    }
    groups
};

/// Their names.
pub const NAMES: [&str; GROUPS.len()] = {
    let mut names = [""; GROUPS.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = GROUPS[at].name;
        at += 1;
    }
    names
};

/// The group of a name.
pub fn named(name: &str) -> Option<Group> {
    GROUPS.into_iter().find(|group| group.name == name)
}

/// Groups that may park a record.
pub fn parking() -> impl Iterator<Item = Group> {
    GROUPS.into_iter().filter(|group| group.parks)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::rows::TABLES;

    #[test]
    fn every_context_has_a_group_and_every_group_a_role_and_rows_that_exist() {
        let contexts = GROUPS.into_iter().filter_map(|group| match group.kind {
            Kind::Context(context) => Some((context, group.name)),
            Kind::View(_) | Kind::Effect(_) => None,
        });
        assert_eq!(contexts.collect::<Vec<_>>(), Context::ALL.map(|context| (context, context.name())));
        assert_eq!(Context::ALL.map(Context::number).into_iter().collect::<BTreeSet<_>>().len(), Context::ALL.len());
        assert_eq!(NAMES.into_iter().collect::<BTreeSet<_>>().len(), NAMES.len(), "no name is given twice");
        let of_groups: BTreeSet<Role> = GROUPS.into_iter().map(|group| group.role).chain([Role::Api]).collect();
        assert_eq!(of_groups, Role::ALL.into(), "every role has something to do");
        let has = |group: Group, name| {
            TABLES.iter().any(|table| (Some(table.keyspace), table.name) == (group.keyspace, name))
        };
        for group in GROUPS {
            assert_eq!(has(group, "progress"), group.keyspace.is_some(), "{}", group.name);
            assert!(has(group, "parked") || !group.parks, "{} has no rows for what it parks", group.name);
            assert_eq!(has(group, "answer"), matches!(group.kind, Kind::Context(_)), "{}", group.name);
        }
    }

    #[test]
    fn a_role_is_read_as_it_is_written() {
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
            assert_eq!(
                serde_json::to_value(role).unwrap(),
                role.name(),
                "the configuration's name is the command line's"
            );
        }
        for context in Context::ALL {
            assert_eq!(serde_json::to_value(context).unwrap(), context.name());
        }
        let unknown = "buyer".parse::<Role>().unwrap_err().to_string();
        assert!(unknown.contains("`buyer`") && unknown.ends_with(&Role::list()), "{unknown}");
    }
}
