//! What the pages of groups say, and what is typed into their form.

use feira_schemas::{
    access::{Access, House},
    records::admin::StaffGroup,
};
use feira_web::forms::Form;

use crate::permissions::{said, ticked};

/// What is typed into the form, as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub name: String,
    pub permissions: Vec<String>,
}

impl Typed {
    /// What a form that was sent holds.
    pub fn sent(form: &Form) -> Self {
        let name = form.text("/name").unwrap_or_default().to_owned();
        Self { name, permissions: ticked(form, "/permissions") }
    }

    /// What the form of a group is filled with.
    pub fn of(group: &StaffGroup) -> Self {
        Self { name: group.name.clone(), permissions: group.permissions.clone() }
    }

    /// The fields in which a group as it is kept differs from what is typed: the field's word, and what is kept.
    pub fn differs(&self, kept: &Self, house: House) -> Vec<(&'static str, String)> {
        let gives = |typed: &Self| said(house, &Access::known(&typed.permissions, house));
        let all = [
            ("Nome", self.name.trim() == kept.name.trim(), kept.name.clone()),
            ("O que dá", gives(self) == gives(kept), gives(kept)),
        ];
        all.into_iter().filter(|(_, same, _)| !same).map(|(word, _, kept)| (word, kept)).collect()
    }
}

/// A number of members, in words.
pub(super) fn people(number: usize) -> String {
    match number {
        0 => "ninguém".to_owned(),
        1 => "1 pessoa".to_owned(),
        many => format!("{many} pessoas"),
    }
}

/// What is lost with a group that has so many members and gives something.
pub(super) fn loss(members: usize, gives: &str) -> String {
    match members {
        0 => "Ninguém está neste grupo, e ninguém perde nada com ele.".to_owned(),
        1 => format!("1 pessoa está neste grupo e perde o que ele dá: {gives}. Isso não pode ser desfeito."),
        many => format!("{many} pessoas estão neste grupo e perdem o que ele dá: {gives}. Não há como desfazer isso."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_many_lose_what_a_group_gives_is_said() {
        assert_eq!([0, 1, 2].map(people), ["ninguém", "1 pessoa", "2 pessoas"]);
        assert!(loss(0, "tudo").contains("ninguém perde nada"));
        assert!(loss(1, "Estoque (ver)").starts_with("1 pessoa está neste grupo e perde o que ele dá: Estoque (ver)."));
        assert!(loss(12, "tudo").starts_with("12 pessoas estão neste grupo e perdem o que ele dá: tudo."));
    }

    #[test]
    fn what_somebody_else_has_changed_meanwhile_is_said() {
        let typed = |name: &str, words: &[&str]| Typed {
            name: name.to_owned(),
            permissions: words.iter().map(|word| (*word).to_owned()).collect(),
        };
        let kept = typed("Depósito", &["stock:read", "stock:write"]);
        assert!(typed(" Depósito", &["stock:write"]).differs(&kept, House::Shop).is_empty());
        assert_eq!(
            typed("Loja", &[]).differs(&kept, House::Shop),
            [("Nome", "Depósito".to_owned()), ("O que dá", "Estoque (ver e alterar)".to_owned())]
        );
    }
}
