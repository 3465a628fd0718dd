//! Changes of a shop's entities, as its staff reads them: the kinds of entities, and who sees which.

use serde_json::json;

use super::schema::{Named, boolean, list_of, reference, text, text_or_null, time, uncounted_page_of, whole};
use crate::{
    access::Area,
    brazil::local_time,
    ids::Micros,
    records::{
        Context,
        admin::entity::{
            CATEGORY, COUPON, DOMAIN, PRODUCT, PRODUCT_METHOD, SETTINGS, SHIPPING, SHOP_METHOD, STAFF, STAFF_GROUP,
            TENANT, TOKEN,
        },
        payments::entity::{ACCOUNT, CHARGE, CREDENTIAL, REFUND, SUBSCRIPTION},
        store::entity::STOCK,
    },
    rows::audit::action::{CHANGED, CREATED, REMOVED},
};

/// A kind of entity of a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangedKind {
    /// Its word, as answers name it.
    pub word: &'static str,
    /// Its name on pages (pt-BR).
    pub name: &'static str,
    /// The area that is to be seen by who sees its changes.
    pub area: Area,
    /// The context whose events change it.
    pub context: Context,
}

const fn kind(word: &'static str, name: &'static str, area: Area) -> ChangedKind {
    ChangedKind { word, name, area, context: Context::Admin }
}

const fn of_payments(word: &'static str, name: &'static str) -> ChangedKind {
    ChangedKind { word, name, area: Area::Payments, context: Context::Payments }
}

/// The kinds in the order in which they are offered.
pub const CHANGED_KINDS: [ChangedKind; 18] = [
    kind(PRODUCT, "Produto", Area::Catalogue),
    kind(CATEGORY, "Categoria", Area::Catalogue),
    kind(PRODUCT_METHOD, "Forma de pagamento de produto", Area::Catalogue),
    ChangedKind { word: STOCK, name: "Estoque", area: Area::Stock, context: Context::Store },
    kind(SHOP_METHOD, "Forma de pagamento", Area::Payments),
    of_payments(ACCOUNT, "Conta em gateway"),
    of_payments(REFUND, "Devolução"),
    of_payments(CHARGE, "Cobrança"),
    of_payments(SUBSCRIPTION, "Assinatura de comprador"),
    of_payments(CREDENTIAL, "Credencial de outro sistema"),
    kind(SHIPPING, "Forma de entrega", Area::Shipping),
    kind(COUPON, "Cupom", Area::Coupons),
    kind(SETTINGS, "Configurações", Area::Settings),
    kind(DOMAIN, "Domínio", Area::Settings),
    kind(STAFF, "Membro da equipe", Area::Team),
    kind(STAFF_GROUP, "Grupo da equipe", Area::Team),
    kind(TOKEN, "Token da API", Area::Tokens),
    kind(TENANT, "Loja", Area::Own),
];

/// The words of the kinds.
pub const CHANGED_WORDS: [&str; CHANGED_KINDS.len()] = {
    let mut words = [""; CHANGED_KINDS.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = CHANGED_KINDS[at].word;
        at += 1;
    }
    words
};

/// The kind of a word.
pub fn changed_kind(word: &str) -> Option<ChangedKind> {
    CHANGED_KINDS.into_iter().find(|kind| kind.word == word)
}

/// The texts that name a day, as a regular expression.
pub const DAY_PATTERN: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";

/// The time at which a day begins in São Paulo, of a text such as 2026-12-01; `None` of a text that names none.
pub fn day_begins(text: &str) -> Option<Micros> {
    local_time(day(text)?, jiff::civil::Time::midnight()).ok()
}

/// The time at which a day has ended there.
pub fn day_ends(text: &str) -> Option<Micros> {
    local_time(day(text)?.tomorrow().ok()?, jiff::civil::Time::midnight()).ok()
}

fn day(text: &str) -> Option<jiff::civil::Date> {
    // The calendar's own reader takes times of a day as well.
    Some(text).filter(|text| text.len() == "2026-12-01".len())?.parse().ok()
}

/// The schemas of changes.
pub fn schemas() -> Vec<Named> {
    let value = |what: &str| json!({"description": format!("{what} Long texts are cut, and what is sealed is `•••`.")});
    let difference = [
        (
            "field",
            json!({"type": "string", "description": "JSON Pointer (RFC 6901) into the entity; items of lists go by their ids."}),
        ),
        (
            "of",
            json!({"type": ["string", "null"], "description": "The item of a list that it is of, as people know it."}),
        ),
        ("before", value("What was there; null for nothing.")),
        ("after", value("What is there; null for nothing.")),
    ];
    let change = [
        ("at", time()),
        ("entity", json!({"type": "string", "enum": CHANGED_WORDS})),
        ("entity_id", text()),
        ("name", text_or_null()),
        ("action", json!({"type": "string", "enum": [CREATED, CHANGED, REMOVED]})),
        (
            "actor",
            json!({"type": "string", "description": "Such as `staff:`, `token:` or `credential:` and an id, `operator`, or `system:` and a part of it."}),
        ),
        ("available", json!({"type": "boolean", "description": "False where before and after can't be read now."})),
        ("differences", list_of(reference("ChangedField"))),
        ("more", boolean()),
    ];
    vec![("ChangedField", whole(&difference)), ("Change", whole(&change)), ("ChangePage", uncounted_page_of("Change"))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::DAY;

    #[test]
    fn a_day_is_one_of_the_calendar() {
        // Midnight in São Paulo is 03:00 UTC.
        let begins = Some(1_796_094_000_000_000);
        assert_eq!(day_begins("2026-12-01"), begins);
        assert_eq!(day_ends("2026-12-01"), begins.map(|time| time + DAY));
        for none in ["", "2026-02-31", "2026-12-1", "01/12/2026", "2026-12-01T00:00"] {
            assert_eq!((day_begins(none), day_ends(none)), (None, None), "{none}");
        }
    }

    #[test]
    fn a_kind_is_known_by_its_word() {
        for kind in CHANGED_KINDS {
            assert_eq!(changed_kind(kind.word), Some(kind));
        }
        assert_eq!(changed_kind("order"), None);
    }
}
