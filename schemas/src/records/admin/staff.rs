//! Members of a shop's staff, and operators, who are the platform's. What they typed about themselves stands sealed;
//! the term of the e-mail address is the one keyed value that events keep.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{GroupId, Micros, StaffId},
    records::common::{CommandMeta, EventMeta},
    sealed::{Email, PasswordHash, PersonName, Sealed},
};

/// State of a member of staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StaffStatus {
    /// `INVITED`: it has no password yet, and gets in by a link alone.
    Invited,
    /// `ACTIVE`: it logs in by its password.
    Active,
    /// `DISABLED`: it does not get in, by a link neither.
    Disabled,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// A member of a shop's staff; operators are the platform's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "Staff")] // The record's name in Avro, by which it is read.
pub struct StaffMember {
    /// The member.
    pub staff_id: StaffId,
    /// +1 each change.
    pub version: i64,
    /// The address by which the member logs in, as it was typed, sealed of `staff:<staff_id>`. It never changes.
    pub email: Sealed<Email>,
    /// The term of the normalised address ([`email_term`](crate::staff::email_term)), 32 hex digits: of one member of a
    /// shop at most.
    pub email_term: String,
    /// The name, sealed of `staff:<staff_id>`.
    pub name: Sealed<PersonName>,
    /// The hash of the password, sealed of `staff:<staff_id>`; none until the first link is used.
    #[serde(default)]
    pub password: Option<Sealed<PasswordHash>>,
    /// The member's roles, in words of [`role`](crate::staff::role).
    pub roles: Vec<String>,
    /// The groups that the member is in.
    #[serde(default)]
    pub groups: Vec<GroupId>,
    /// The permissions that the member has beside those of its groups, in words of [`Access`](crate::access::Access).
    #[serde(default)]
    pub permissions: Vec<String>,
    /// The state, by which the member gets in or not.
    pub status: StaffStatus,
    /// 0, then +1 each time that a password is set, or that the member's state or what it may do changes, by its groups as well: a link of
    /// an older version is spent.
    pub link_version: i32,
    /// Sessions that were made before this time are over; 0 where none was ended.
    pub sessions_not_before: Micros,
    /// The time at which the member was invited.
    pub created_at: Micros,
    /// The time of the last change.
    pub changed_at: Micros,
}

/// Invite somebody to a shop's staff. Who is invited already stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteStaff {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The member.
    pub staff_id: StaffId,
    /// The address by which the member logs in, sealed of `staff:<staff_id>`.
    pub email: Sealed<Email>,
    /// The term of the normalised address, 32 hex digits.
    pub email_term: String,
    /// The name, sealed of `staff:<staff_id>`.
    pub name: Sealed<PersonName>,
    /// The member's roles.
    pub roles: Vec<String>,
    /// The groups that the member is in.
    #[serde(default)]
    pub groups: Vec<GroupId>,
    /// The permissions that the member has beside those of its groups.
    #[serde(default)]
    pub permissions: Vec<String>,
}

/// Set a member's password by a link, which is spent by it; every session of the member ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetStaffPassword {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The member.
    pub staff_id: StaffId,
    /// The version of the link that allows it.
    pub link_version: i32,
    /// The hash of the new password, sealed of `staff:<staff_id>`.
    pub password: Sealed<PasswordHash>,
}

/// Change what a member may do, its state or its name; what is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeStaff {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The member.
    pub staff_id: StaffId,
    /// All roles.
    #[serde(default)]
    pub roles: Option<Vec<String>>,
    /// `Active` lets the member in, `Disabled` keeps it out and ends its sessions.
    #[serde(default)]
    pub status: Option<StaffStatus>,
    /// The name, sealed of `staff:<staff_id>`.
    #[serde(default)]
    pub name: Option<Sealed<PersonName>>,
    /// All groups that the member is in.
    #[serde(default)]
    pub groups: Option<Vec<GroupId>>,
    /// All permissions that the member has beside those of its groups.
    #[serde(default)]
    pub permissions: Option<Vec<String>>,
}

/// End every session of a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndStaffSessions {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The member.
    pub staff_id: StaffId,
}

/// Have a mail sent to a member with a link by which it chooses another password. Nothing of the member changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskStaffLink {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The member.
    pub staff_id: StaffId,
}

/// A member of staff is now this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The member after this event.
    pub staff: StaffMember,
}
