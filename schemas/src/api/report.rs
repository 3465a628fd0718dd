//! Reports of shops: the reasons that a form offers, the page that one is about, and what operators read.

use serde_json::{Value, json};

use super::schema::{Named, id, text_or_null, time, uncounted_page_of, whole};
use crate::{
    ids::TenantId,
    limits,
    records::admin::{ReportReason, ShopReport},
    time::rfc3339,
};

/// The reasons in the order in which they are offered: the word that forms and the API have, and what people read.
pub const REASONS: [(ReportReason, &str, &str); 5] = [
    (ReportReason::Fraud, "fraud", "Golpe ou fraude"),
    (ReportReason::Forbidden, "forbidden", "Produto proibido"),
    (ReportReason::Counterfeit, "counterfeit", "Falsificação de marca"),
    (ReportReason::PersonalData, "personal_data", "Uso de dados pessoais"),
    (ReportReason::Other, "other", "Outro motivo"),
];
/// The word for a reason that only a later program knows.
const UNKNOWN: &str = "unknown";

/// The reason of a word.
pub fn reason_of(word: &str) -> Option<ReportReason> {
    REASONS.into_iter().find(|(_, known, _)| *known == word).map(|(reason, ..)| reason)
}

/// The word of a reason.
pub fn reason_word(reason: ReportReason) -> &'static str {
    REASONS.into_iter().find(|(known, ..)| *known == reason).map_or(UNKNOWN, |(_, word, _)| word)
}

/// What people read of a reason (pt-BR).
pub fn reason_label(reason: ReportReason) -> &'static str {
    REASONS.into_iter().find(|(known, ..)| *known == reason).map_or("Motivo desconhecido", |(.., label)| label)
}

/// The page of a shop that an address of it names: its path alone, without what was asked for there. None where the address is of another
/// host, or is too long to be kept.
pub fn page_of(address: &str) -> Option<&str> {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let is_path = path.starts_with('/') && !path.starts_with("//") && path.len() <= limits::REPORTED_PAGE_CHARS;
    // What is no visible ASCII is no path as browsers send it, and they take \ for /.
    (is_path && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')).then_some(path)
}

/// A report of a shop, as operators read it.
pub fn report_json(tenant: TenantId, report: &ShopReport) -> Value {
    json!({
        "id": report.report_id,
        "tenant_id": tenant,
        "reason": reason_word(report.reason),
        "page": report.page,
        "reported_at": rfc3339(report.reported_at),
    })
}

/// The schemas of the operator's routes for reports.
pub fn schemas() -> Vec<Named> {
    let words: Vec<&str> = REASONS.iter().map(|(_, word, _)| *word).chain([UNKNOWN]).collect();
    let report = [
        ("id", id()),
        ("tenant_id", json!({"type": "string", "format": "uuid", "description": "The shop that it is of."})),
        ("subdomain", text_or_null()),
        ("shop_name", text_or_null()),
        ("reason", json!({"type": "string", "enum": words})),
        ("page", json!({"type": ["string", "null"], "description": "The path of the shop's page that it is about."})),
        ("reported_at", time()),
    ];
    vec![("ShopReport", whole(&report)), ("ShopReportPage", uncounted_page_of("ShopReport"))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_of_the_list() {
        for (reason, word, label) in REASONS {
            assert_eq!((reason_of(word), reason_word(reason), reason_label(reason)), (Some(reason), word, label));
        }
        assert_eq!((reason_of("unknown"), reason_of(""), reason_word(ReportReason::Unknown)), (None, None, "unknown"));
    }

    #[test]
    fn a_page_is_a_path_of_the_shop_without_what_was_asked_for_there() {
        let longest = format!("/{}", "a".repeat(limits::REPORTED_PAGE_CHARS - 1));
        let longer = format!("{longest}a");
        for (address, page) in [
            ("/", Some("/")),
            ("/product/vaso?variant=1#x", Some("/product/vaso")),
            ("/search?q=Maria+Silva", Some("/search")),
            ("/product/p%C3%A3o", Some("/product/p%C3%A3o")),
            (longest.as_str(), Some(longest.as_str())),
            (longer.as_str(), None),
            ("//evil.example/x", None),
            ("/\\evil.example", None),
            ("https://evil.example/", None),
            ("/a b", None),
            ("/pão", None),
            ("", None),
            ("?x", None),
        ] {
            assert_eq!(page_of(address), page, "{address}");
        }
    }
}
