//! What the pages of the staff say, and what is typed into their forms.

use feira_schemas::{
    access::{Access, House},
    records::admin::{StaffGroup, StaffMember, StaffStatus},
    staff::role,
};
use feira_web::forms::Form;

use crate::{
    forms::Choice,
    frame::ERASED,
    permissions::{said, ticked},
    shop::Status,
};

/// What is typed into the form of a member, as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Typed {
    /// None where it was erased.
    pub name: Option<String>,
    pub role: String,
    /// Ids.
    pub groups: Vec<String>,
    pub permissions: Vec<String>,
}

impl Typed {
    /// What a form that was sent holds.
    pub fn sent(form: &Form) -> Self {
        Self {
            name: form.text("/name").map(str::to_owned),
            role: form.text("/roles").unwrap_or_default().to_owned(),
            groups: ticked(form, "/groups"),
            permissions: ticked(form, "/permissions"),
        }
    }

    /// What the form of a member is filled with.
    pub fn of(member: &StaffMember, name: Option<String>) -> Self {
        let is_administrator = member.roles.iter().any(|known| known == role::ADMINISTRATOR);
        let role = if is_administrator { role::ADMINISTRATOR } else { role::MEMBER };
        Self { name, role: role.to_owned(), groups: ids(member), permissions: member.permissions.clone() }
    }

    /// The roles, of which one is chosen, for somebody who makes administrators or does not.
    pub fn roles(&self, makes_administrators: bool) -> Vec<Choice> {
        let is_offered = |known: &&str| *known != role::ADMINISTRATOR || makes_administrators || self.role == *known;
        let choice = |known: &'static str| Choice::new(known, role::word(known), self.role == known);
        [role::MEMBER, role::ADMINISTRATOR].into_iter().filter(is_offered).map(choice).collect()
    }

    /// The groups, each ticked or not, with what they give.
    pub fn choices(&self, house: House, groups: &[StaffGroup]) -> Vec<Choice> {
        let choice = |group: &StaffGroup| {
            let value = group.group_id.to_string();
            let is_chosen = self.groups.contains(&value);
            let word = format!("{}: {}", group.name, said(house, &Access::known(&group.permissions, house)));
            Choice::new(value, word, is_chosen)
        };
        groups.iter().map(choice).collect()
    }

    /// The fields in which a member as it is kept differs from what is typed: the field's word, and what is kept.
    pub fn differs(&self, kept: &Self, house: House, groups: &[StaffGroup]) -> Vec<(&'static str, String)> {
        let trimmed = |typed: &Self| typed.name.as_deref().map(|name| name.trim().to_owned());
        let given = |typed: &Self| said(house, &Access::known(&typed.permissions, house));
        let named = |typed: &Self| match names(groups, &typed.groups) {
            none if none.is_empty() => "nenhum".to_owned(),
            names => names,
        };
        let all = [
            ("Nome", trimmed(self) == trimmed(kept), kept.name.clone().unwrap_or_else(|| ERASED.to_owned())),
            ("Papel", self.role == kept.role, role::word(&kept.role).to_owned()),
            ("Grupos", named(self) == named(kept), named(kept)),
            ("Permissões", given(self) == given(kept), given(kept)),
        ];
        all.into_iter().filter(|(_, same, _)| !same).map(|(word, _, kept)| (word, kept)).collect()
    }
}

/// The ids of a member's groups.
pub(super) fn ids(member: &StaffMember) -> Vec<String> {
    member.groups.iter().map(ToString::to_string).collect()
}

/// The names of the groups that have these ids, in the order of the groups.
pub(super) fn names(groups: &[StaffGroup], ids: &[String]) -> String {
    let named = groups.iter().filter(|group| ids.contains(&group.group_id.to_string()));
    named.map(|group| group.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Roles in words.
pub(super) fn roles_in_words(roles: &[String]) -> String {
    roles.iter().map(|role| role::word(role)).collect::<Vec<_>>().join(", ")
}

/// The state of a member.
pub(super) fn status(status: StaffStatus) -> Status {
    let (word, look) = match status {
        StaffStatus::Invited => ("Convidada", ""),
        StaffStatus::Active => ("Ativa", "good"),
        StaffStatus::Disabled | StaffStatus::Unknown => ("Desativada", "bad"),
    };
    Status { word, look }
}

#[cfg(test)]
mod tests {
    use feira_schemas::ids::GroupId;
    use uuid::Uuid;

    use super::*;

    fn group(number: u128, name: &str, permissions: &[&str]) -> StaffGroup {
        StaffGroup {
            group_id: GroupId::from_uuid(Uuid::from_u128(number)),
            version: 1,
            name: name.to_owned(),
            permissions: permissions.iter().map(|word| (*word).to_owned()).collect(),
            created_at: 0,
            changed_at: 0,
        }
    }

    fn typed(role: &str, groups: &[&StaffGroup], permissions: &[&str]) -> Typed {
        Typed {
            name: Some("Ana".to_owned()),
            role: role.to_owned(),
            groups: groups.iter().map(|group| group.group_id.to_string()).collect(),
            permissions: permissions.iter().map(|word| (*word).to_owned()).collect(),
        }
    }

    #[test]
    fn who_is_no_administrator_is_not_offered_to_make_one() {
        let values = |typed: &Typed, makes_administrators: bool| {
            let roles = typed.roles(makes_administrators).into_iter();
            roles.map(|choice| (choice.value.into_owned(), choice.is_chosen)).collect::<Vec<_>>()
        };
        let [member, administrator] = [role::MEMBER, role::ADMINISTRATOR].map(str::to_owned);
        let new = typed(role::MEMBER, &[], &[]);
        assert_eq!(values(&new, false), [(member.clone(), true)]);
        assert_eq!(values(&new, true), [(member.clone(), true), (administrator.clone(), false)]);
        // That somebody is one is shown to everybody.
        let one = typed(role::ADMINISTRATOR, &[], &[]);
        assert_eq!(values(&one, false), [(member, false), (administrator, true)]);
    }

    #[test]
    fn groups_are_offered_with_what_they_give() {
        let groups = [group(1, "Depósito", &["stock:write"]), group(2, "Vitrine", &["catalogue:read"])];
        let offered = typed(role::MEMBER, &[&groups[1]], &[]).choices(House::Shop, &groups);
        let offered: Vec<(&str, bool)> = offered.iter().map(|choice| (&*choice.word, choice.is_chosen)).collect();
        assert_eq!(
            offered,
            [("Depósito: Estoque (ver e alterar)", false), ("Vitrine: Produtos e categorias (ver)", true)]
        );
    }

    #[test]
    fn what_somebody_else_has_changed_meanwhile_is_said() {
        let groups = [group(1, "Depósito", &["stock:write"]), group(2, "Vitrine", &["catalogue:read"])];
        let kept = typed(role::ADMINISTRATOR, &[&groups[0]], &["team:read", "team:write"]);
        let same =
            Typed { name: Some(" Ana ".to_owned()), ..typed(role::ADMINISTRATOR, &[&groups[0]], &["team:write"]) };
        assert!(same.differs(&kept, House::Shop, &groups).is_empty());
        let other = Typed { name: Some("Bia".to_owned()), ..typed(role::MEMBER, &[], &[]) };
        let said = other.differs(&kept, House::Shop, &groups);
        let expected = [
            ("Nome", "Ana"),
            ("Papel", "Administrador"),
            ("Grupos", "Depósito"),
            ("Permissões", "Equipe (ver e alterar)"),
        ];
        assert_eq!(said, expected.map(|(word, kept)| (word, kept.to_owned())));
        let erased = Typed { name: None, ..kept.clone() };
        assert_eq!(kept.differs(&erased, House::Shop, &groups), [("Nome", ERASED.to_owned())]);
    }
}
