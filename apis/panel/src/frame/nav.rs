//! The navigation: the areas of a house that somebody may go to.

use feira_schemas::access::{Access, Area, House};

/// An entry of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub href: &'static str,
    pub word: &'static str,
    /// True for the entry of the page that is looked at.
    pub is_here: bool,
}

/// An entry as a house has it.
struct Known {
    href: &'static str,
    word: &'static str,
    /// The area that is to be seen; everybody's own is seen by all.
    area: Area,
    /// The words by which pages say that they stand under it.
    pages: &'static [&'static str],
}

const fn known(href: &'static str, word: &'static str, area: Area, pages: &'static [&'static str]) -> Known {
    Known { href, word, area, pages }
}

const OF_PLATFORM: [Known; 9] = [
    known("/operator", "Lojas", Area::Shops, &["shops"]),
    known("/operator/reports", "Denúncias", Area::Shops, &["reports"]),
    known("/operator/plans", "Planos", Area::Plans, &["plans"]),
    known("/operator/payment-methods", Area::Methods.name(), Area::Methods, &["methods"]),
    known("/operator/subscribers", "Assinantes", Area::Subscribers, &["subscribers"]),
    known("/operator/dead-letters", "Mensagens com falha", Area::Operation, &["letters"]),
    known("/operator/topics", "Tópicos", Area::Operation, &["topics"]),
    known("/operator/health", "Saúde", Area::Operation, &["health"]),
    known("/operator/staff", "Equipe", Area::Team, &["team", "groups"]),
];
const OF_SHOP: [Known; 12] = [
    known("/admin", "Início", Area::Own, &["", "home"]),
    known("/admin/products", "Produtos", Area::Catalogue, &["products"]),
    known("/admin/categories", "Categorias", Area::Catalogue, &["categories"]),
    known("/admin/stock", "Estoque", Area::Stock, &["stock"]),
    known("/admin/coupons", Area::Coupons.name(), Area::Coupons, &["coupons"]),
    known("/admin/payment-methods", Area::Methods.name(), Area::Payments, &["methods"]),
    known("/admin/shipping", Area::Shipping.name(), Area::Shipping, &["shipping"]),
    known("/admin/settings", "Configurações", Area::Settings, &["settings"]),
    known("/admin/domain", "Domínio", Area::Settings, &["domain"]),
    known("/admin/staff", "Equipe", Area::Team, &["team", "groups"]),
    known("/admin/tokens", "Tokens", Area::Tokens, &["tokens"]),
    known("/admin/changes", "Histórico", Area::Own, &["changes"]),
];

/// The entries that somebody of a house sees who holds these permissions, on the page that says `here`.
pub(super) fn entries(house: House, held: &[Access], here: &str) -> Vec<Entry> {
    let all: &[Known] = match house {
        House::Platform => &OF_PLATFORM,
        House::Shop => &OF_SHOP,
    };
    let is_seen = |known: &&Known| Access::read(known.area).is_given_by(held);
    let entry = |known: &Known| Entry { href: known.href, word: known.word, is_here: known.pages.contains(&here) };
    all.iter().filter(is_seen).map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hrefs(house: House, held: &[Access]) -> Vec<&'static str> {
        entries(house, held, "").into_iter().map(|entry| entry.href).collect()
    }

    #[test]
    fn each_sees_the_areas_that_it_may_and_an_administrator_all() {
        let held = [Access::read(Area::Shops), Access::write(Area::Stock), Access::read(Area::Team)];
        assert_eq!(hrefs(House::Platform, &held), ["/operator", "/operator/reports", "/operator/staff"]);
        assert_eq!(hrefs(House::Shop, &held), ["/admin", "/admin/stock", "/admin/staff", "/admin/changes"]);
        assert_eq!((hrefs(House::Platform, &[]), hrefs(House::Shop, &[])), (vec![], vec!["/admin", "/admin/changes"]));
        for (house, all) in [(House::Platform, OF_PLATFORM.len()), (House::Shop, OF_SHOP.len())] {
            assert_eq!(hrefs(house, &Access::all_of(house).collect::<Vec<_>>()).len(), all);
        }
    }

    #[test]
    fn one_entry_at_most_is_that_of_the_page() {
        for (house, here, at) in [
            (House::Shop, "", Some("/admin")),
            (House::Shop, "groups", Some("/admin/staff")),
            (House::Platform, "team", Some("/operator/staff")),
            (House::Platform, "", None),
            (House::Platform, "products", None),
        ] {
            let all: Vec<Access> = Access::all_of(house).collect();
            let marked: Vec<Entry> = entries(house, &all, here).into_iter().filter(|entry| entry.is_here).collect();
            assert!(marked.len() <= 1, "{here}: {marked:?}");
            assert_eq!(marked.first().map(|entry| entry.href), at, "{here}");
        }
    }
}
