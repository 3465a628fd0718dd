//! What staff may do: a permission is an area of a panel and what is done in it. Routes ask for one, roles, groups and tokens give some.
//!
//! In records and bodies a permission is a text: the area's word, a colon, and `read` or `write`, such as `catalogue:write`.

use std::{collections::BTreeSet, fmt, str::FromStr};

use crate::ids::TenantId;

/// The house whose staff a permission is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum House {
    /// The platform.
    Platform,
    /// A shop.
    Shop,
}

impl House {
    /// The house that a tenant is: the platform, or a shop.
    pub fn of(tenant: TenantId) -> Self {
        if tenant == TenantId::PLATFORM { Self::Platform } else { Self::Shop }
    }
}

/// An area of a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// Everybody's own: to see the first page, to log out, to end one's own sessions. Nobody gives it, and nobody lacks it.
    Own,
    /// The shops of the platform, and what is reported of them. Who changes it opens every shop: it invites to the staff of any, also as an
    /// administrator.
    Shops,
    /// The plans of the platform.
    Plans,
    /// The payment methods that shops of the platform may offer.
    Methods,
    /// Those who subscribe to the plans, and what they pay.
    Subscribers,
    /// The machine: dead letters, topics and their records, health.
    Operation,
    /// A shop's products, their images, and categories.
    Catalogue,
    /// A shop's stock.
    Stock,
    /// A shop's coupons.
    Coupons,
    /// The name of a shop, and what it looks like.
    Settings,
    /// A shop's accounts at payment gateways, the methods by which buyers pay, and credentials of other systems for payments.
    Payments,
    /// A shop's ways of delivery, and what they cost.
    Shipping,
    /// The tokens of a shop's API.
    Tokens,
    /// The members of staff and their groups, of a shop or of the platform.
    Team,
}

/// What is done in an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    /// Sees it.
    Read,
    /// Changes it, and sees it.
    Write,
}

/// A permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Access {
    /// The area.
    pub area: Area,
    /// What is done in it.
    pub act: Act,
}

/// A text that is no permission, or one of a later version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is no permission")]
pub struct UnknownAccess;

impl Area {
    /// Every area that somebody is given, in the order in which panels show them.
    pub const GIVEN: [Self; 13] = [
        Self::Shops,
        Self::Plans,
        Self::Methods,
        Self::Subscribers,
        Self::Operation,
        Self::Catalogue,
        Self::Stock,
        Self::Coupons,
        Self::Settings,
        Self::Payments,
        Self::Shipping,
        Self::Tokens,
        Self::Team,
    ];

    /// The word for it in records and bodies.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Shops => "shops",
            Self::Plans => "plans",
            Self::Methods => "methods",
            Self::Subscribers => "subscribers",
            Self::Operation => "operation",
            Self::Catalogue => "catalogue",
            Self::Stock => "stock",
            Self::Coupons => "coupons",
            Self::Settings => "settings",
            Self::Payments => "payments",
            Self::Shipping => "shipping",
            Self::Tokens => "tokens",
            Self::Team => "team",
        }
    }

    /// Its name on pages (pt-BR).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "O próprio acesso",
            Self::Shops => "Lojas",
            Self::Plans => "Planos",
            Self::Methods => "Formas de pagamento",
            Self::Subscribers => "Assinantes",
            Self::Operation => "Operação",
            Self::Catalogue => "Produtos e categorias",
            Self::Stock => "Estoque",
            Self::Coupons => "Cupons",
            Self::Settings => "Configurações",
            Self::Payments => "Pagamentos",
            Self::Shipping => "Entrega",
            Self::Tokens => "Tokens da API",
            Self::Team => "Equipe",
        }
    }

    /// True if the staff of a house has it.
    pub const fn is_of(self, house: House) -> bool {
        match self {
            Self::Own | Self::Team => true,
            Self::Shops | Self::Plans | Self::Methods | Self::Subscribers | Self::Operation => {
                matches!(house, House::Platform)
            }
            Self::Catalogue
            | Self::Stock
            | Self::Coupons
            | Self::Settings
            | Self::Payments
            | Self::Shipping
            | Self::Tokens => {
                matches!(house, House::Shop)
            }
        }
    }
}

impl Act {
    /// The word for it in records and bodies.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
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

    /// Every permission that the staff of a house can be given: all of an administrator.
    pub fn all_of(house: House) -> impl Iterator<Item = Self> {
        let areas = Area::GIVEN.into_iter().filter(move |area| area.is_of(house));
        areas.flat_map(|area| [Self::read(area), Self::write(area)])
    }

    /// True if this permission gives another: itself, and who changes an area sees it.
    pub fn gives(self, other: Self) -> bool {
        other.area == Area::Own || (self.area == other.area && self.act >= other.act)
    }

    /// True if who has these permissions has this one: some of them gives it, and nobody lacks what is everybody's own.
    pub fn is_given_by(self, given: &[Self]) -> bool {
        self.area == Area::Own || given.iter().any(|one| one.gives(self))
    }

    /// The permissions that these texts are, sorted and each once. What is no permission of a house is passed over: a later version
    /// may have written it.
    pub fn known(texts: &[String], house: House) -> Vec<Self> {
        let known = texts.iter().filter_map(|text| text.parse::<Self>().ok());
        Self::sorted(known.filter(|access| access.area.is_of(house)))
    }

    /// True if one of these texts is no permission of a house that is known here: what it gives nobody can tell, as a later version may have
    /// written it.
    pub fn has_unknown(texts: &[String], house: House) -> bool {
        let is_known = |text: &String| text.parse::<Self>().is_ok_and(|access| access.area.is_of(house));
        !texts.iter().all(is_known)
    }

    /// These permissions, sorted and each once.
    pub fn sorted(permissions: impl IntoIterator<Item = Self>) -> Vec<Self> {
        permissions.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Permissions as records and bodies have them.
    pub fn words(permissions: &[Self]) -> Vec<String> {
        permissions.iter().map(Self::to_string).collect()
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.area.word(), self.act.word())
    }
}

impl FromStr for Access {
    type Err = UnknownAccess;

    fn from_str(text: &str) -> Result<Self, UnknownAccess> {
        let (area, act) = text.split_once(':').ok_or(UnknownAccess)?;
        let area = Area::GIVEN.into_iter().find(|known| known.word() == area).ok_or(UnknownAccess)?;
        let act = [Act::Read, Act::Write].into_iter().find(|known| known.word() == act).ok_or(UnknownAccess)?;
        Ok(Self { area, act })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_is_read_as_it_is_written() {
        for house in [House::Platform, House::Shop] {
            for access in Access::all_of(house) {
                assert_eq!(access.to_string().parse(), Ok(access));
                assert!(access.area.is_of(house));
            }
        }
        for other in ["", "catalogue", "catalogue:", "catalogue:all", "own:read", "orders:read", "Catalogue:read"] {
            assert_eq!(other.parse::<Access>(), Err(UnknownAccess), "{other}");
        }
    }

    #[test]
    fn who_changes_an_area_sees_it_and_nothing_else() {
        let (reads, writes) = (Access::read(Area::Stock), Access::write(Area::Stock));
        assert!(writes.gives(reads) && writes.gives(writes) && reads.gives(reads) && !reads.gives(writes));
        assert!(!writes.gives(Access::read(Area::Catalogue)) && reads.gives(Access::write(Area::Own)));
        assert!(reads.is_given_by(&[writes]) && !writes.is_given_by(&[reads]) && !reads.is_given_by(&[]));
        assert!(Access::write(Area::Own).is_given_by(&[]), "nobody lacks what is everybody's own");
    }

    #[test]
    fn what_is_no_permission_of_the_house_is_passed_over() {
        let texts = ["team:read", "orders:write", "stock:write", "plans:read", "stock:write"].map(str::to_owned);
        let (team, stock) = (Access::read(Area::Team), Access::write(Area::Stock));
        assert_eq!(Access::known(&texts, House::Shop), [stock, team]);
        assert_eq!(Access::known(&texts, House::Platform), [Access::read(Area::Plans), team]);
        assert_eq!(Access::words(&[stock, team]), ["stock:write", "team:read"]);
        for (texts, is_unknown) in [(&texts[..1], false), (&texts[..2], true), (&texts[2..4], true), (&[], false)] {
            assert_eq!(Access::has_unknown(texts, House::Shop), is_unknown, "{texts:?}");
        }
    }
}
