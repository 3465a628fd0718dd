//! Who gives permissions, to members of staff, groups and tokens: nobody gives, changes or takes what it does not have itself. The one
//! place where that is decided.

use feira_schemas::{access::Access, ids::TenantId, problem::Code, records::admin::StaffMember, refusals, staff};

use crate::{problem::Problem, routing::Request, sessions::Session};

/// The actor that [`Request::actor`] names for the operator's token.
const OPERATOR: &str = "operator";

/// Somebody who gives permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Giver<'a> {
    /// It may give everything, and make administrators: the operator by its token, an administrator, or a token that has everything.
    Everything,
    /// It may give these permissions, and makes no administrator.
    Only(&'a [Access]),
}

impl<'a> Giver<'a> {
    /// Who has logged in.
    pub fn of(session: &'a Session) -> Self {
        if staff::is_administrator(&session.member) { Self::Everything } else { Self::Only(&session.permissions) }
    }

    /// Who asks: by a session, a shop's token, or the operator's. Anybody else gives nothing.
    pub fn of_request(request: &'a Request) -> Self {
        match (&request.session, &request.staff) {
            (Some(session), _) => Self::of(session),
            (None, Some(staff)) if staff.has_all => Self::Everything,
            (None, Some(staff)) => Self::Only(&staff.permissions),
            (None, None) if request.actor == OPERATOR => Self::Everything,
            (None, None) => Self::Only(&[]),
        }
    }

    /// Who asks for something in the staff of a tenant. In that of a shop the platform's own staff asks by a permission of the platform, which
    /// its route has checked: there nothing is compared.
    pub(crate) fn in_staff_of(request: &'a Request, tenant: TenantId) -> Self {
        if tenant == request.tenant { Self::of_request(request) } else { Self::Everything }
    }

    /// Checks that it may give all of these permissions, or take them.
    ///
    /// # Errors
    /// 403 where it lacks one.
    pub fn check(self, permissions: &[Access]) -> Result<(), Problem> {
        let may = match self {
            Self::Everything => true,
            Self::Only(own) => permissions.iter().all(|access| access.is_given_by(own)),
        };
        if may { Ok(()) } else { Err(not_yours()) }
    }

    /// Checks that it may give everything, also what later versions know, and make administrators.
    ///
    /// # Errors
    /// 403 where it may not.
    pub fn check_everything(self) -> Result<(), Problem> {
        if self == Self::Everything { Ok(()) } else { Err(not_yours()) }
    }

    /// Checks that it may change a member who has these permissions, keep it out or make links for it: the member may do nothing that it may
    /// not itself.
    pub(crate) fn check_over(self, member: &StaffMember, permissions: &[Access]) -> Result<(), Problem> {
        if staff::is_administrator(member) { self.check_everything() } else { self.check(permissions) }
    }
}

/// The refusal of who would give what it does not have.
pub(crate) fn not_yours() -> Problem {
    Problem::new(Code::Forbidden, refusals::NOT_YOURS_TO_GIVE)
}

#[cfg(test)]
mod tests {
    use feira_schemas::access::Area;

    use super::*;

    #[test]
    fn s63_nobody_gives_what_it_does_not_have() {
        let own = [Access::write(Area::Team), Access::read(Area::Catalogue)];
        let giver = Giver::Only(&own);
        for (asked, given) in [
            (Access::write(Area::Team), true),
            (Access::read(Area::Team), true),
            (Access::read(Area::Catalogue), true),
            (Access::write(Area::Catalogue), false),
            (Access::read(Area::Tokens), false),
        ] {
            assert_eq!(giver.check(&[own[0], asked]).is_ok(), given, "{asked}");
            assert!(Giver::Everything.check(&[asked]).is_ok());
            assert!(Giver::Only(&[]).check(&[asked]).is_err());
        }
        assert!(Giver::Only(&[]).check(&[]).is_ok() && giver.check_everything().is_err());
        assert!(Giver::Everything.check_everything().is_ok());
    }
}
