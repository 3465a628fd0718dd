//! What a page of the panel asks of who has logged in: the one place where it is checked.

pub use feira_schemas::access::{Access, Act, Area};
use feira_schemas::problem::Code;

use crate::problem::Problem;

/// Checks that who has these permissions has one.
///
/// # Errors
/// 403 where none of them gives it.
pub(crate) fn check(access: Access, permissions: &[Access]) -> Result<(), Problem> {
    match access.is_given_by(permissions) {
        true => Ok(()),
        false => {
            Err(Problem::new(Code::Forbidden, "Você não tem acesso a esta área. Peça a quem administra a equipe."))
        }
    }
}

#[cfg(test)]
mod tests {
    use feira_schemas::access::House;

    use super::*;

    #[test]
    fn s63_everybody_may_do_what_is_its_own_and_else_what_it_was_given() {
        let some = [Access::read(Area::Catalogue), Access::write(Area::Stock)];
        for access in Access::all_of(House::Shop) {
            let refused = check(access, &some).map_err(|problem| (problem.code, problem.status().as_u16()));
            let is_given = access == Access::read(Area::Catalogue) || access.area == Area::Stock;
            assert_eq!(refused, if is_given { Ok(()) } else { Err((Code::Forbidden, 403)) }, "{access}");
            assert!(check(access, &[]).is_err());
        }
        assert!(check(Access::write(Area::Own), &[]).is_ok());
    }
}
