//! A shop's staff and what it may do. A route names the permission that it asks for, a credential brings those that it has.

use feira_schemas::problem::Code;

use crate::problem::Problem;

/// The permission that a route of a shop's staff asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Sees what the staff sees: drafts, stock, settings, what became of commands.
    Read,
    /// Changes products, their images, and categories.
    Catalogue,
    /// Sets stock.
    Stock,
    /// Changes what the shop is called and looks like.
    Settings,
    /// Changes the shop's accounts at payment gateways, and the credentials of other systems for its payments.
    Payments,
}

impl Permission {
    /// Every permission there is: what a token of the shop has.
    pub const ALL: [Self; 5] = [Self::Read, Self::Catalogue, Self::Stock, Self::Settings, Self::Payments];
}

/// A member of a shop's staff, known by a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// The name of the actor in records, such as `token:<8 hex>`.
    pub actor: String,
    /// The permissions of the credential.
    pub permissions: Vec<Permission>,
}

impl Staff {
    /// Checks that the credential allows what a route asks for.
    ///
    /// # Errors
    /// 403 where it may not.
    pub fn may(&self, permission: Permission) -> Result<(), Problem> {
        match self.permissions.contains(&permission) {
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
    use super::*;

    #[test]
    fn staff_may_do_what_its_credential_allows_and_nothing_else() {
        for (permissions, allowed) in [
            (Permission::ALL.to_vec(), Permission::ALL.to_vec()),
            (vec![Permission::Read, Permission::Stock], vec![Permission::Read, Permission::Stock]),
            (Vec::new(), Vec::new()),
        ] {
            let staff = Staff { actor: "token:0".into(), permissions };
            for permission in Permission::ALL {
                let refused = staff.may(permission).map_err(|problem| (problem.code, problem.status().as_u16()));
                let expected = if allowed.contains(&permission) { Ok(()) } else { Err((Code::Forbidden, 403)) };
                assert_eq!(refused, expected, "{permission:?} of {staff:?}");
            }
        }
    }
}
