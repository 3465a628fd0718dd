//! What a page of the panel asks of who has logged in, and which roles have it: the one place where that is decided.

use feira_schemas::{problem::Code, staff::role};

use crate::problem::Problem;

/// An area of the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// What is everybody's own: to see the first page, to log out, to end one's own sessions.
    Own,
    /// The shops of the platform.
    Shops,
    /// The plans of the platform.
    Plans,
    /// Those who subscribe to the plans, and what they pay.
    Subscribers,
    /// The machine: dead letters, topics and their records, health.
    Operation,
    /// The members of staff.
    Team,
    /// The tokens of a shop's API: who has one may do all that the API does.
    Tokens,
}

/// What is done in an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Sees it.
    Read,
    /// Changes it.
    Write,
}

/// A permission that a route asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// The area.
    pub area: Area,
    /// What is done in it.
    pub act: Act,
}

impl Access {
    /// Sees this area.
    pub const fn read(area: Area) -> Self {
        Self { area, act: Act::Read }
    }

    /// Changes this area.
    pub const fn write(area: Area) -> Self {
        Self { area, act: Act::Write }
    }

    /// True if one of these roles allows it: an administrator all, who has no role that is known nothing but what is everybody's own.
    pub fn is_of(self, roles: &[String]) -> bool {
        self.area == Area::Own || roles.iter().any(|known| known == role::ADMINISTRATOR)
    }

    /// Checks it.
    ///
    /// # Errors
    /// 403 where no role allows it.
    pub fn check(self, roles: &[String]) -> Result<(), Problem> {
        match self.is_of(roles) {
            true => Ok(()),
            false => {
                Err(Problem::new(Code::Forbidden, "Você não tem acesso a esta área. Peça a quem administra a equipe."))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_administrator_may_do_all_and_everybody_what_is_its_own() {
        for (roles, all) in
            [(vec![role::ADMINISTRATOR], true), (vec![role::MEMBER], false), (vec![], false), (vec!["x"], false)]
        {
            let roles: Vec<String> = roles.into_iter().map(str::to_owned).collect();
            for access in [Access::read, Access::write]
                .map(|of| {
                    let all = [Area::Shops, Area::Plans, Area::Subscribers, Area::Operation, Area::Team, Area::Tokens];
                    all.map(of)
                })
                .concat()
            {
                let refused = access.check(&roles).map_err(|problem| problem.status().as_u16());
                assert_eq!(refused, if all { Ok(()) } else { Err(403) }, "{access:?} of {roles:?}");
            }
            assert!(Access::write(Area::Own).is_of(&roles));
        }
    }
}
