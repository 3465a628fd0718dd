//! Members of staff as the operator's API takes and gives them.
//!
//! Bodies hold what people typed in the open, so none of them can be printed; what is taken of them is of the types
//! that are sealed.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    rules::{Errors, List, filled, taken},
    schema::{Named, boolean, id, list_of, object, page_of, text, text_or_null, time, version, whole, words},
    staff_group::{checked_permissions, permissions, permissions_in},
};
use crate::{
    access::Access,
    ids::{GroupId, Micros},
    limits,
    problem::{Code, FieldError},
    records::admin::{StaffMember, StaffStatus},
    refusals,
    sealed::{Email, PersonName},
    staff::role,
    time::rfc3339,
};

/// Words of a member's state, as the API writes them.
const STATUSES: [&str; 3] = ["invited", "active", "disabled"];
/// Words of the states that somebody may put a member in.
const SETTABLE: [&str; 2] = ["active", "disabled"];
/// Roles of a member.
const ROLES: List = List::new("Um membro", "papéis", role::ALL.len());
/// Groups of a member: all there are, and no more.
const GROUPS: List = List::new("Um membro", "grupos", limits::STAFF_GROUPS);
/// The name of a member, as refusals call it.
const NAME: &str = "O nome";

/// Somebody who is to be invited, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaffBody {
    email: String,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    roles: Option<Vec<String>>,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(default)]
    permissions: Vec<String>,
}

/// Somebody who is to be invited. It can't be printed.
pub struct StaffContent {
    /// The address by which the member logs in.
    pub email: Email,
    /// The name.
    pub name: PersonName,
    /// The member's roles.
    pub roles: Vec<String>,
    /// The groups that the member is in, each once.
    pub groups: Vec<GroupId>,
    /// The permissions that the member has beside those of its groups, sorted and each once.
    pub permissions: Vec<Access>,
}

/// The change of a member that a patch asks for: `None` keeps the present value. It can't be printed.
pub struct StaffChange {
    /// The name.
    pub name: Option<PersonName>,
    /// All roles.
    pub roles: Option<Vec<String>>,
    /// `Active` or `Disabled`.
    pub status: Option<StaffStatus>,
    /// All groups that the member is in, each once.
    pub groups: Option<Vec<GroupId>>,
    /// All permissions that the member has beside those of its groups, sorted and each once.
    pub permissions: Option<Vec<Access>>,
}

/// The values that one answer shows of a member beside its record: opened, and `None` where it was erased.
pub struct StaffShown {
    /// The address by which the member logs in.
    pub email: Option<Email>,
    /// The name.
    pub name: Option<PersonName>,
}

/// The person to be invited, or everything that is wrong with the body. A name that is left out is the address's part
/// before `@`, roles that are left out are the administrator's.
pub fn staff_content(body: StaffBody) -> Result<StaffContent, Vec<FieldError>> {
    let mut errors = Errors::default();
    let email = taken(&mut errors, "/email", "O e-mail", Email::new(&body.email));
    let name = match (filled(body.name), &email) {
        (Some(name), _) => taken(&mut errors, "/name", NAME, PersonName::new(&name)),
        (None, Some(email)) => {
            let before_at = email.expose().split('@').next().unwrap_or_default();
            taken(&mut errors, "/name", NAME, PersonName::new(before_at))
        }
        (None, None) => None,
    };
    let roles = body.roles.unwrap_or_else(|| vec![role::ADMINISTRATOR.to_owned()]);
    let roles = checked_roles(&mut errors, roles);
    let groups = checked_groups(&mut errors, &body.groups);
    let permissions = checked_permissions(&mut errors, "/permissions", &body.permissions);
    let errors = errors.or(()).err().unwrap_or_default();
    match (email, name) {
        (Some(email), Some(name)) if errors.is_empty() => Ok(StaffContent { email, name, roles, groups, permissions }),
        _ => Err(errors),
    }
}

/// The change that a merge patch (RFC 7396) asks for, or everything that is wrong with it.
pub fn staff_change(patch: &Map<String, Value>) -> Result<StaffChange, Vec<FieldError>> {
    let mut errors = Errors::default();
    let text = |name: &str| patch.get(name).map(|value| value.as_str().unwrap_or_default());
    let name = text("name").and_then(|name| taken(&mut errors, "/name", NAME, PersonName::new(name)));
    let roles = patch.get("roles").and_then(Value::as_array).map(|roles| {
        let words = roles.iter().map(|role| role.as_str().unwrap_or_default().to_owned());
        checked_roles(&mut errors, words.collect())
    });
    // The schema has refused every other word.
    let status =
        text("status").map(|word| if word == "disabled" { StaffStatus::Disabled } else { StaffStatus::Active });
    let groups = patch.get("groups").and_then(Value::as_array).map(|groups| {
        let ids = groups.iter().map(|group| group.as_str().unwrap_or_default().to_owned());
        checked_groups(&mut errors, &ids.collect::<Vec<_>>())
    });
    let permissions = permissions_in(&mut errors, "permissions", patch);
    errors.or(StaffChange { name, roles, status, groups, permissions })
}

/// The groups that these texts name, each once, in their order; adds which of them are no ids, and so name nothing.
fn checked_groups(errors: &mut Errors, texts: &[String]) -> Vec<GroupId> {
    let mut groups = Vec::new();
    if !GROUPS.check(errors, "/groups", texts.len()) {
        return groups;
    }
    for (at, text) in texts.iter().enumerate() {
        match text.parse::<GroupId>() {
            Ok(group) if groups.contains(&group) => {}
            Ok(group) => groups.push(group),
            Err(_) => errors.add(&format!("/groups/{at}"), Code::UnknownReference, refusals::NO_SUCH_GROUP),
        }
    }
    groups
}

/// The roles without doubles, in the order in which all roles stand; adds that there is none, or one that nobody knows.
fn checked_roles(errors: &mut Errors, roles: Vec<String>) -> Vec<String> {
    if ROLES.check(errors, "/roles", roles.len()) && roles.is_empty() {
        errors.add("/roles", Code::Required, "Informe ao menos um papel.");
    }
    for (at, role) in roles.iter().enumerate() {
        if !role::ALL.contains(&role.as_str()) {
            let known = role::ALL.map(|role| format!("{} ({role})", role::word(role))).join(", ");
            let detail = format!("Não há este papel. Os papéis são: {known}.");
            errors.add(&format!("/roles/{at}"), Code::UnknownReference, detail);
        }
    }
    let has = |role: &&str| roles.iter().any(|other| other == role);
    role::ALL.iter().filter(|role| has(role)).map(|role| (*role).to_owned()).collect()
}

/// A member as the API gives it.
pub fn staff_json(member: &StaffMember, shown: &StaffShown) -> Value {
    json!({
        "id": member.staff_id,
        "version": member.version,
        "email": shown.email.as_ref().map(Email::expose),
        "name": shown.name.as_ref().map(PersonName::expose),
        "erased": shown.email.is_none(),
        "roles": member.roles,
        "groups": member.groups,
        "permissions": member.permissions,
        "status": status_word(member.status),
        "created_at": rfc3339(member.created_at),
        "changed_at": rfc3339(member.changed_at),
    })
}

/// The link by which a member chooses its password, as the API gives it beside other fields.
pub fn link_fields(link: String, until: Micros) -> [(&'static str, Value); 2] {
    [("link", link.into()), ("link_until", rfc3339(until).into())]
}

fn status_word(status: StaffStatus) -> &'static str {
    match status {
        StaffStatus::Invited => "invited",
        StaffStatus::Active => "active",
        StaffStatus::Disabled | StaffStatus::Unknown => "disabled",
    }
}

/// The schemas: what is written (`StaffBody`, `StaffPatch`) and what is given (`StaffMember`, `StaffPage`,
/// `StaffInvited`, `StaffLink`).
pub fn schemas() -> Vec<Named> {
    let described = |mut schema: Value, what: &str| {
        schema["description"] = json!(what);
        schema
    };
    let roles = || {
        let mut roles = ROLES.schema(json!({"type": "string", "enum": role::ALL}));
        roles["minItems"] = json!(1);
        roles
    };
    let groups = || described(GROUPS.schema(text()), "Ids of groups of the staff.");
    let email = json!({"type": "string", "format": "email", "minLength": 1, "maxLength": 254});
    let name = json!({"type": ["string", "null"], "maxLength": limits::NAME_CHARS});
    let body = [
        ("email", described(email, "The address by which the member logs in; large and small letters are the same.")),
        ("name", described(name, "Left out, the part of the address before `@`.")),
        ("roles", described(roles(), "Left out, the administrator's.")),
        ("groups", groups()),
        ("permissions", described(permissions(), "What the member may do beside what its groups may.")),
    ];
    let status = described(
        json!({"type": "string", "enum": SETTABLE}),
        "`disabled` ends its sessions; `active` lets it in again, by a link first where it has no password yet.",
    );
    let patch = [
        ("name", words(limits::NAME_CHARS)),
        ("roles", roles()),
        ("status", status),
        ("groups", groups()),
        ("permissions", permissions()),
    ];
    let member = [
        ("id", id()),
        ("version", version()),
        ("email", described(text_or_null(), "Null where it was erased.")),
        ("name", text_or_null()),
        ("erased", boolean()),
        ("roles", list_of(text())),
        ("groups", list_of(id())),
        ("permissions", list_of(text())),
        ("status", json!({"type": "string", "enum": STATUSES})),
        ("created_at", time()),
        ("changed_at", time()),
    ];
    let link = [
        ("link", described(text(), "The address at which the member chooses its password, once.")),
        ("link_until", described(time(), "The time from which on the link is over.")),
    ];
    let invited: Vec<(&str, Value)> = member.iter().chain(&link).cloned().collect();
    vec![
        ("StaffBody", object(&body, &["email"])),
        ("StaffPatch", object(&patch, &[])),
        ("StaffMember", whole(&member)),
        ("StaffPage", page_of("StaffMember")),
        ("StaffInvited", whole(&invited)),
        ("StaffLink", whole(&link)),
    ]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::access::Area;

    fn content(body: Value) -> Result<StaffContent, Vec<(String, Code)>> {
        let content = staff_content(serde_json::from_value(body).unwrap());
        content.map_err(|errors| errors.into_iter().map(|error| (error.pointer, error.code)).collect())
    }

    fn change(patch: Value) -> Result<StaffChange, Vec<(String, Code)>> {
        let change = staff_change(patch.as_object().unwrap());
        change.map_err(|errors| errors.into_iter().map(|error| (error.pointer, error.code)).collect())
    }

    #[test]
    fn who_is_invited_has_a_name_and_roles_also_where_none_are_said() {
        for body in
            [json!({"email": " Ana@loja.example"}), json!({"email": "Ana@loja.example", "name": " ", "roles": null})]
        {
            let content = content(body).ok().unwrap();
            assert_eq!((content.email.expose(), content.name.expose()), ("Ana@loja.example", "Ana"));
            assert_eq!(content.roles, ["administrator"]);
        }
        let said = json!({"email": "ana@loja.example", "name": " Ana Lima", "roles": ["member", "administrator"]});
        let said = content(said).ok().unwrap();
        assert_eq!(
            (said.name.expose(), said.roles),
            ("Ana Lima", vec!["administrator".to_owned(), "member".to_owned()])
        );
    }

    #[test]
    fn all_that_is_wrong_with_an_invitation_is_said_at_once_and_nothing_repeated() {
        let wrong = json!({"email": "ana", "name": "a".repeat(256), "roles": ["owner"]});
        let errors = content(wrong.clone()).err().unwrap();
        let at = |pointer: &str, code| (pointer.to_owned(), code);
        assert_eq!(
            errors,
            [at("/email", Code::Invalid), at("/name", Code::TooLong), at("/roles/0", Code::UnknownReference)]
        );
        let said = format!("{:?}", staff_content(serde_json::from_value(wrong).unwrap()).err());
        assert!(!said.contains("owner"), "{said}");
        assert!(said.contains("Administrador (administrator), Membro (member)"), "{said}");
        assert_eq!(
            content(json!({"email": "", "roles": []})).err().unwrap(),
            [at("/email", Code::Required), at("/roles", Code::Required)]
        );
        let many = json!({"email": "a@b.example", "roles": ["member", "member", "member"]});
        assert_eq!(content(many).err().unwrap(), [at("/roles", Code::TooLong)]);
    }

    #[test]
    fn a_patch_changes_what_it_names() {
        let asked = json!({"groups": ["018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e"], "permissions": ["team:read"]});
        let given = change(asked).ok().unwrap();
        assert_eq!((given.groups.unwrap().len(), given.permissions), (1, Some(vec![Access::read(Area::Team)])));
        let wrong = change(json!({"groups": ["caixa"], "permissions": ["all"]})).err().unwrap();
        let unknown = |pointer: &str| (pointer.to_owned(), Code::UnknownReference);
        assert_eq!(wrong, [unknown("/groups/0"), unknown("/permissions/0")]);
        let none = change(json!({})).ok().unwrap();
        assert!(none.name.is_none() && none.roles.is_none() && none.status.is_none());
        let all = change(json!({"name": "Ana", "roles": ["member"], "status": "disabled"})).ok().unwrap();
        assert_eq!(all.name.unwrap().expose(), "Ana");
        assert_eq!((all.roles, all.status), (Some(vec!["member".to_owned()]), Some(StaffStatus::Disabled)));
        let wrong = change(json!({"name": " ", "roles": []})).err().unwrap();
        assert_eq!(wrong, [("/name".to_owned(), Code::Required), ("/roles".to_owned(), Code::Required)]);
    }
}
