//! JSON-LD after schema.org: what search engines read of a page. Data, not script; nothing here runs in a browser.

use super::pieces::{CategoryLink, Shop};
use crate::links;
use serde_json::{Value, json};

/// The shop itself, with the address of its search.
pub fn web_site(shop: &Shop) -> String {
    embed(&json!({
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": shop.name,
        "url": format!("{}/", shop.origin),
        "potentialAction": {
            "@type": "SearchAction",
            "target": format!("{}/search?q={{search_term_string}}", shop.origin),
            "query-input": "required name=search_term_string"
        }
    }))
}

/// The way to a page: the shop, the categories, then the product, by name and path, when the page is one.
pub fn breadcrumbs<'a>(
    shop: &Shop,
    categories: impl Iterator<Item = &'a CategoryLink>,
    product: Option<(String, String)>,
) -> String {
    let home = (shop.name.clone(), "/".to_owned());
    let categories = categories.map(|category| (category.name.clone(), category.href()));
    let item = |(index, (name, path)): (usize, (String, String))| {
        let address = links::absolute(&shop.origin, &path);
        json!({"@type": "ListItem", "position": index + 1, "name": name, "item": address})
    };
    let items: Vec<Value> = [home].into_iter().chain(categories).chain(product).enumerate().map(item).collect();
    embed(&json!({"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": items}))
}

/// `12990` → `129.90`: schema.org wants a dot and no thousands separator.
pub fn decimal(centavos: i64) -> String {
    let sign = if centavos < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", centavos.unsigned_abs() / 100, centavos.unsigned_abs() % 100)
}

/// JSON that may stand inside a `script` element: no `<` can end it or open a comment.
pub fn embed(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_can_leave_its_element() {
        let shop = Shop { name: "</script><script>alert(1)</script><!--".into(), ..Shop::default() };
        let text = web_site(&shop);
        assert!(!text.contains('<') && !text.contains('>'));
        let back: Value = serde_json::from_str(&text).unwrap_or_default();
        assert_eq!(back["name"], shop.name.as_str());
    }

    #[test]
    fn prices_are_decimal() {
        assert_eq!(decimal(129_990), "1299.90");
        assert_eq!(decimal(5), "0.05");
    }
}
