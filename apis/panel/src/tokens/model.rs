//! What the pages of tokens say.

use feira_schemas::{
    access::{Access, Area, House},
    ids::StaffId,
    records::admin::TokenStatus,
};

use crate::{permissions::said, shop::Status};

/// The platform, as it stands where others have a name.
pub(super) const PLATFORM: &str = "plataforma";

/// The member of staff that an actor is; none of any other.
pub(super) fn member(actor: &str) -> Option<StaffId> {
    actor.strip_prefix("staff:")?.parse().ok()
}

/// An actor in words that is no member of staff.
pub(super) fn maker(actor: &str) -> &'static str {
    if actor.starts_with("token:") { "API" } else { PLATFORM }
}

/// What a token of these scopes may do, in words.
pub(super) fn may(scopes: Option<&[Access]>) -> String {
    match scopes {
        None => "tudo o que a API faz".to_owned(),
        Some(scopes) => said(House::Shop, scopes),
    }
}

/// True if a token of these scopes makes products.
pub(super) fn makes_products(scopes: Option<&[Access]>) -> bool {
    scopes.is_none_or(|scopes| Access::write(Area::Catalogue).is_given_by(scopes))
}

/// The state of a token.
pub(super) fn status(status: TokenStatus) -> Status {
    let (word, look) = match status {
        TokenStatus::Active => ("Ativo", "good"),
        TokenStatus::Revoked | TokenStatus::Unknown => ("Encerrado", "bad"),
    };
    Status { word, look }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_made_a_token_is_said() {
        let id = "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e";
        assert_eq!(member(&format!("staff:{id}")).map(|member| member.to_string()), Some(id.to_owned()));
        for (actor, word) in [("token:0af10af1", "API"), ("operator", PLATFORM), ("system:admin", PLATFORM)] {
            assert_eq!((member(actor), maker(actor)), (None, word));
        }
    }

    #[test]
    fn what_a_token_may_do_is_said() {
        for (scopes, words, makes) in [
            (None, "tudo o que a API faz", true),
            (Some(&[Access::write(Area::Catalogue)][..]), "Produtos e categorias (ver e alterar)", true),
            (Some(&[Access::read(Area::Catalogue)][..]), "Produtos e categorias (ver)", false),
        ] {
            assert_eq!((may(scopes).as_str(), makes_products(scopes)), (words, makes));
        }
    }
}
