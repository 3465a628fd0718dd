//! Who gives permissions, to members of staff, groups and tokens: nobody gives, changes or takes what it does not have itself. The one
//! place where that is decided.

use feira_schemas::{
    access::{Access, House},
    ids::TenantId,
    problem::Code,
    records::{
        admin::{StaffGroup, StaffMember},
        common::OPERATOR,
    },
    refusals,
    staff::{self, role},
};

use crate::{problem::Problem, routing::Request, sessions::Session};

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

    /// Checks that it may give what these words of a house give, change it or take it. What a later version has given beside it nobody here can
    /// compare with what it has itself, so that is for who may give everything.
    ///
    /// # Errors
    /// 403 where it may not.
    pub fn check_words(self, words: &[String], house: House) -> Result<(), Problem> {
        match Access::has_unknown(words, house) {
            true => self.check_everything(),
            false => self.check(&Access::known(words, house)),
        }
    }

    /// Checks that it may change a member who is in these groups, keep it out or make links for it: the member may do nothing that it may not
    /// itself.
    pub(crate) fn check_over(self, member: &StaffMember, groups: &[StaffGroup], house: House) -> Result<(), Problem> {
        if member.roles.iter().any(|role| role != role::MEMBER) {
            return self.check_everything();
        }
        for words in groups.iter().map(|group| &group.permissions).chain([&member.permissions]) {
            self.check_words(words, house)?;
        }
        Ok(())
    }
}

/// The refusal of who would give what it does not have.
pub(crate) fn not_yours() -> Problem {
    Problem::new(Code::Forbidden, refusals::NOT_YOURS_TO_GIVE)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::{
        access::Area,
        ids::{GroupId, KeyId, StaffId},
        records::admin::StaffStatus,
        sealed::{Envelope, NONCE, Personal, Sealed, Subject, SubjectKind},
    };
    use uuid::Uuid;

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

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn s63_what_a_later_version_has_given_is_for_who_may_give_everything() {
        let own: Vec<Access> = Access::all_of(House::Shop).collect();
        let giver = Giver::Only(&own);
        assert!(giver.check_words(&words(&["stock:write", "team:read"]), House::Shop).is_ok());
        for unknown in ["orders:write", "stock:all", "plans:read"] {
            let words = words(&["stock:write", unknown]);
            assert!(giver.check_words(&words, House::Shop).is_err(), "{unknown}");
            assert!(Giver::Everything.check_words(&words, House::Shop).is_ok());
        }
    }

    #[test]
    fn s63_nobody_is_over_a_member_whose_roles_groups_or_permissions_it_does_not_know() {
        let own: Vec<Access> = Access::all_of(House::Shop).collect();
        let (member, group) = (member(&[role::MEMBER], &["stock:write"]), group(&["team:write"]));
        let checks = |member: &StaffMember, group: &StaffGroup| {
            let check = |giver: Giver<'_>| giver.check_over(member, std::slice::from_ref(group), House::Shop).is_ok();
            (check(Giver::Only(&own)), check(Giver::Everything))
        };
        assert_eq!(checks(&member, &group), (true, true));
        let later = [
            (StaffMember { roles: words(&["auditor"]), ..member.clone() }, group.clone()),
            (StaffMember { roles: words(&[role::MEMBER, role::ADMINISTRATOR]), ..member.clone() }, group.clone()),
            (StaffMember { permissions: words(&["orders:read"]), ..member.clone() }, group.clone()),
            (member.clone(), StaffGroup { permissions: words(&["team:write", "orders:read"]), ..group.clone() }),
        ];
        for (member, group) in &later {
            assert_eq!(checks(member, group), (false, true), "{member:?} in {group:?}");
        }
        let (stock, groups) = ([Access::write(Area::Stock)], [group]);
        assert!(Giver::Only(&stock).check_over(&member, &[], House::Shop).is_ok());
        assert!(Giver::Only(&stock).check_over(&member, &groups, House::Shop).is_err(), "its group gives more");
    }

    fn group(permissions: &[&str]) -> StaffGroup {
        StaffGroup {
            group_id: GroupId::from_uuid(Uuid::from_u128(1)),
            version: 1,
            name: "Caixa".into(),
            permissions: words(permissions),
            created_at: 0,
            changed_at: 0,
        }
    }

    fn member(roles: &[&str], permissions: &[&str]) -> StaffMember {
        StaffMember {
            staff_id: StaffId::from_uuid(Uuid::from_u128(1)),
            version: 1,
            email: sealed(),
            email_term: String::new(),
            name: sealed(),
            password: None,
            roles: words(roles),
            groups: vec![GroupId::from_uuid(Uuid::from_u128(1))],
            permissions: words(permissions),
            status: StaffStatus::Active,
            link_version: 0,
            sessions_not_before: 0,
            created_at: 0,
            changed_at: 0,
        }
    }

    fn sealed<T: Personal>() -> Sealed<T> {
        let subject = Subject::new(SubjectKind::Staff, Uuid::from_u128(1));
        let key = KeyId::from_uuid(Uuid::from_u128(2));
        Sealed::of(Envelope::new(subject, T::FIELD, key, [0; NONCE], vec![0; 40]).unwrap()).unwrap()
    }
}
