//! What bodies of the admin API are checked against.

use std::sync::LazyLock;

use feira_web::json::Schemas;

/// The schemas that its routes name.
pub(super) static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(super::schemas()));

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::problem::Code;
    use feira_web::json::{read, read_patch};
    use serde_json::Value;

    use super::*;

    #[derive(Clone, Copy)]
    enum Sent {
        Whole,
        Patch,
    }

    fn found(body: &str, sent: Sent) -> Vec<(String, Code)> {
        let refused = match sent {
            Sent::Whole => read::<Value>(&BODIES, body.as_bytes(), "ProductBody").err(),
            Sent::Patch => read_patch(&BODIES, body.as_bytes(), "ProductPatch").err(),
        };
        refused.map(|problem| problem.errors).unwrap_or_default().into_iter().map(|e| (e.pointer, e.code)).collect()
    }

    #[test]
    fn every_wrong_type_and_name_is_found_at_its_place() {
        for (body, pointer, code) in [
            (r#"[]"#, "", Code::Malformed),
            (r#"{}"#, "/name", Code::Required),
            (r#"{"name": 7, "variants": []}"#, "/name", Code::Malformed),
            (r#"{"name": "a", "variants": [], "nme": 1}"#, "/nme", Code::Malformed),
            (
                r#"{"name": "a", "variants": [{"price": {"amount": 1.5, "currency": "BRL"}}]}"#,
                "/variants/0/price/amount",
                Code::Malformed,
            ),
            (
                r#"{"name": "a", "variants": [{"price": {"amount": 18446744073709551615, "currency": "BRL"}}]}"#,
                "/variants/0/price/amount",
                Code::OutOfRange,
            ),
            (r#"{"name": "a", "variants": [{"price": 5}]}"#, "/variants/0/price", Code::Malformed),
            (
                r#"{"name": "a", "variants": [{"price": {"amount": 1, "currency": "BRL", "x": 1}}]}"#,
                "/variants/0/price/x",
                Code::Malformed,
            ),
            (r#"{"name": "a", "variants": [{"options": {"Cor": 1}}]}"#, "/variants/0/options/Cor", Code::Malformed),
            (r#"{"name": "a", "variants": [], "status": "gone"}"#, "/status", Code::Invalid),
            (r#"{"name": "a", "variants": [], "a/b~c": 1}"#, "/a~1b~0c", Code::Malformed),
        ] {
            let found = found(body, Sent::Whole);
            assert!(found.contains(&(pointer.to_owned(), code)), "{body} → {found:?}");
        }
    }

    #[test]
    fn no_control_character_comes_in_and_lines_break_in_descriptions_alone() {
        let options = r#""options": [{"name": "Cor", "values": ["Az\u0007ul"]}]"#;
        for (body, mode, pointer) in [
            (r#"{"name": "Co\u0000pos", "variants": []}"#.to_owned(), Sent::Whole, "/name"),
            (r#"{"name": "a", "variants": [], "description": "a\u000bb"}"#.to_owned(), Sent::Whole, "/description"),
            (r#"{"name": "a", "variants": [], "vendor": "a\nb"}"#.to_owned(), Sent::Whole, "/vendor"),
            (r#"{"tags": ["a", "b\u0085"]}"#.to_owned(), Sent::Patch, "/tags/1"),
            (r#"{"seo": {"title": "a\tb"}}"#.to_owned(), Sent::Patch, "/seo/title"),
            (format!("{{{options}}}"), Sent::Patch, "/options/0/values/0"),
            (
                r#"{"variants": [{"price": {"amount": 1, "currency": "BRL"}, "sku": "\u001f"}]}"#.to_owned(),
                Sent::Patch,
                "/variants/0/sku",
            ),
            (
                r#"{"variants": [{"price": {"amount": 1, "currency": "BRL"}, "options": {"C\u0001": "x"}}]}"#
                    .to_owned(),
                Sent::Patch,
                "/variants/0/options/C\u{1}",
            ),
        ] {
            assert_eq!(found(&body, mode), [(pointer.to_owned(), Code::Invalid)], "{body}");
        }
        let lines = r#"{"description": "<p>a</p>\r\n\t<p>b</p>", "seo": {"description": "a\nb"}}"#;
        assert_eq!(found(lines, Sent::Patch), []);
    }

    #[test]
    fn a_patch_may_leave_out_and_remove_but_not_what_is_required() {
        assert_eq!(found(r#"{"vendor": null, "seo": {"title": null}, "tags": ["a"]}"#, Sent::Patch), []);
        assert_eq!(found(r#"{"name": null}"#, Sent::Patch), [("/name".to_owned(), Code::Required)]);
        assert_eq!(found(r#"{"tags": [null]}"#, Sent::Patch), [("/tags/0".to_owned(), Code::Malformed)]);
        assert_eq!(found("null", Sent::Patch), [(String::new(), Code::Malformed)]);
    }
}
