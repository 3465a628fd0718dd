//! Groups of a shop's staff, and of the platform's: what a group gives, each of its members has.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{GroupId, Micros},
    records::common::{CommandMeta, EventMeta},
};

/// A group of members of a shop's staff; operators' groups are the platform's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffGroup {
    /// The group.
    pub group_id: GroupId,
    /// +1 each change.
    pub version: i64,
    /// The name that the shop has chosen, which is no person's.
    pub name: String,
    /// The permissions that its members have by it, in words of [`Access`](crate::access::Access).
    pub permissions: Vec<String>,
    /// The time at which the group was made.
    pub created_at: Micros,
    /// The time of the last change.
    pub changed_at: Micros,
}

/// Make a group of a shop's staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateStaffGroup {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The group.
    pub group_id: GroupId,
    /// The name.
    pub name: String,
    /// The permissions that its members have by it.
    pub permissions: Vec<String>,
}

/// Change a group's name or permissions; what is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeStaffGroup {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The group.
    pub group_id: GroupId,
    /// The name.
    #[serde(default)]
    pub name: Option<String>,
    /// All permissions that its members have by it.
    #[serde(default)]
    pub permissions: Option<Vec<String>>,
}

/// Remove a group; its members are in it no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveStaffGroup {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The group.
    pub group_id: GroupId,
}

/// A group of staff is now this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffGroupChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The group after this event.
    pub group: StaffGroup,
}

/// A group of staff is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffGroupRemoved {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The group as it was last.
    pub group: StaffGroup,
}
