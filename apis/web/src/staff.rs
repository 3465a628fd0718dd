//! A shop's staff that comes by a token, and what it may do. A route names the permission that it asks for, a credential brings those that
//! it has.

use feira_schemas::{
    access::{Access, House},
    problem::Code,
    records::admin::Token,
};

use crate::problem::Problem;

/// A member of a shop's staff, known by a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// The name of the actor in records, such as `token:<8 hex>`.
    pub actor: String,
    /// The permissions of the credential.
    pub permissions: Vec<Access>,
    /// True if it has every permission, also those of later versions.
    pub has_all: bool,
}

impl Staff {
    /// Who brings a shop's token.
    pub(crate) fn of(token: &Token, actor: String) -> Self {
        let permissions = match &token.scopes {
            Some(words) => Access::known(words, House::Shop),
            None => Access::sorted(Access::all_of(House::Shop)),
        };
        Self { actor, permissions, has_all: token.scopes.is_none() }
    }

    /// True if the credential allows this.
    pub fn has(&self, access: Access) -> bool {
        access.is_given_by(&self.permissions)
    }

    /// Checks that the credential allows what a route asks for.
    ///
    /// # Errors
    /// 403 where it may not.
    pub fn may(&self, access: Access) -> Result<(), Problem> {
        match self.has(access) {
            true => Ok(()),
            false => Err(Problem::new(
                Code::Forbidden,
                "Esta credencial não permite isso. Peça acesso a quem cuida da loja.",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use feira_schemas::{access::Area, records::admin::TokenStatus};

    use super::*;

    fn holder(scopes: Option<&[&str]>) -> Staff {
        let scopes = scopes.map(|words| words.iter().map(|word| (*word).to_owned()).collect());
        let (token_hash, label) = ("0".into(), "caixa".into());
        let token = Token { token_hash, label, status: TokenStatus::Active, created_at: 0, scopes, made_by: None };
        Staff::of(&token, "token:0".into())
    }

    #[test]
    fn s48_staff_may_do_what_its_credential_allows_and_nothing_else() {
        let (stock, nothing) = (holder(Some(&["stock:write", "plans:write", "a:later"])), holder(Some(&[])));
        for access in Access::all_of(House::Shop) {
            for (staff, allowed) in [(&holder(None), true), (&stock, access.area == Area::Stock), (&nothing, false)] {
                let refused = staff.may(access).map_err(|problem| (problem.code, problem.status().as_u16()));
                let expected = if allowed { Ok(()) } else { Err((Code::Forbidden, 403)) };
                assert_eq!(refused, expected, "{access} of {staff:?}");
            }
        }
        assert!(holder(None).has_all && !stock.has_all);
    }
}
