//! What the pages of tokens say.

use feira_schemas::{
    access::{Access, Area, House},
    records::admin::TokenStatus,
};

use crate::{permissions::said, shop::Status};

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
