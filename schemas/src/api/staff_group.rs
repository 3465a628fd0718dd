//! Groups of staff as the APIs take and give them, and the words of permissions that bodies hold.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    rules::{Errors, List, Text},
    schema::{Named, id, list_of, object, page_of, text, time, version, whole},
};
use crate::{
    access::{Access, Area},
    limits,
    problem::{Code, FieldError},
    records::admin::StaffGroup,
    refusals,
    time::rfc3339,
};

/// The name of a group, as refusals call it.
const NAME: Text = Text::words("O nome do grupo", limits::GROUP_NAME_CHARS);
/// Permissions of a member, a group or a token: all there are, and no more.
const PERMISSIONS: List = List::new("A lista", "permissões", 2 * Area::GIVEN.len());

/// A group as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupBody {
    /// The name.
    pub name: String,
    /// The permissions that its members have by it.
    #[serde(default)]
    pub permissions: Vec<String>,
}

/// A group that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupContent {
    /// The name.
    pub name: String,
    /// The permissions that its members have by it, sorted and each once.
    pub permissions: Vec<Access>,
}

/// The change of a group that a patch asks for: `None` keeps the present value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupChange {
    /// The name.
    pub name: Option<String>,
    /// All permissions that its members have by it, sorted and each once.
    pub permissions: Option<Vec<Access>>,
}

/// The group that a body asks for, or everything that is wrong with it.
///
/// # Errors
/// The name is none or too long, or a word is no permission.
pub fn group_content(body: GroupBody) -> Result<GroupContent, Vec<FieldError>> {
    let mut errors = Errors::default();
    let name = checked_name(&mut errors, &body.name);
    let permissions = checked_permissions(&mut errors, "/permissions", &body.permissions);
    errors.or(GroupContent { name, permissions })
}

/// The change that a merge patch (RFC 7396) asks for, or everything that is wrong with it.
///
/// # Errors
/// As those of [`group_content`].
pub fn group_change(patch: &Map<String, Value>) -> Result<GroupChange, Vec<FieldError>> {
    let mut errors = Errors::default();
    let name = patch.get("name").map(|name| checked_name(&mut errors, name.as_str().unwrap_or_default()));
    let permissions = permissions_in(&mut errors, "permissions", patch);
    errors.or(GroupChange { name, permissions })
}

fn checked_name(errors: &mut Errors, name: &str) -> String {
    NAME.check(errors, "/name", Some(name));
    name.trim().to_owned()
}

/// The permissions that a list of a patch holds, if it is there.
pub(super) fn permissions_in(errors: &mut Errors, field: &str, patch: &Map<String, Value>) -> Option<Vec<Access>> {
    let words = patch.get(field).and_then(Value::as_array)?;
    let words: Vec<String> = words.iter().map(|word| word.as_str().unwrap_or_default().to_owned()).collect();
    Some(checked_permissions(errors, &format!("/{field}"), &words))
}

/// The permissions that these words are, sorted and each once; adds which of them are none.
pub(super) fn checked_permissions(errors: &mut Errors, pointer: &str, words: &[String]) -> Vec<Access> {
    if !PERMISSIONS.check(errors, pointer, words.len()) {
        return Vec::new();
    }
    let mut permissions = Vec::with_capacity(words.len());
    for (at, word) in words.iter().enumerate() {
        match word.parse::<Access>() {
            Ok(access) => permissions.push(access),
            Err(_) => {
                errors.add(&format!("{pointer}/{at}"), Code::UnknownReference, refusals::NO_SUCH_PERMISSION);
            }
        }
    }
    Access::sorted(permissions)
}

/// The schema of a list of permissions.
pub(super) fn permissions() -> Value {
    let of = |area| [Access::read(area), Access::write(area)];
    let words = Access::words(&Area::GIVEN.into_iter().flat_map(of).collect::<Vec<_>>());
    PERMISSIONS.schema(json!({"type": "string", "enum": words}))
}

/// A group as the API gives it.
pub fn group_json(group: &StaffGroup) -> Value {
    json!({
        "id": group.group_id,
        "version": group.version,
        "name": group.name,
        "permissions": group.permissions,
        "created_at": rfc3339(group.created_at),
        "changed_at": rfc3339(group.changed_at),
    })
}

/// The schemas: what is written (`GroupBody`, `GroupPatch`) and what is given (`StaffGroup`, `StaffGroupPage`).
pub fn schemas() -> Vec<Named> {
    let fields = [("name", NAME.schema()), ("permissions", permissions())];
    let group = [
        ("id", id()),
        ("version", version()),
        ("name", text()),
        ("permissions", list_of(text())),
        ("created_at", time()),
        ("changed_at", time()),
    ];
    vec![
        ("GroupBody", object(&fields, &["name"])),
        ("GroupPatch", object(&fields, &[])),
        ("StaffGroup", whole(&group)),
        ("StaffGroupPage", page_of("StaffGroup")),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(errors: Vec<FieldError>) -> Vec<(String, Code)> {
        errors.into_iter().map(|error| (error.pointer, error.code)).collect()
    }

    #[test]
    fn a_group_has_a_name_and_permissions_each_once() {
        let permissions = ["stock:write", "catalogue:read", "stock:write"].map(str::to_owned).to_vec();
        let content = group_content(GroupBody { name: " Estoquistas ".into(), permissions }).unwrap();
        assert_eq!(content.name, "Estoquistas");
        assert_eq!(content.permissions, [Access::read(Area::Catalogue), Access::write(Area::Stock)]);
        let wrong = GroupBody { name: " ".into(), permissions: vec!["own:read".into()] };
        assert_eq!(
            at(group_content(wrong).unwrap_err()),
            [("/name".to_owned(), Code::Required), ("/permissions/0".to_owned(), Code::UnknownReference)]
        );
    }

    #[test]
    fn a_patch_of_a_group_changes_what_it_names() {
        let change = |patch: Value| group_change(patch.as_object().unwrap());
        assert_eq!(change(json!({})).unwrap(), GroupChange::default());
        let none = change(json!({"permissions": []})).unwrap();
        assert_eq!((none.name, none.permissions), (None, Some(Vec::new())));
        let long = json!({"name": "x".repeat(limits::GROUP_NAME_CHARS + 1)});
        assert_eq!(at(change(long).unwrap_err()), [("/name".to_owned(), Code::TooLong)]);
    }
}
