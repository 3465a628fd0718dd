//! JSON-LD after schema.org: what search engines read of a page. Data, not script; nothing here runs in a browser.

use super::links;
use super::product::{Product, Variant};
use super::shop::{CategoryLink, Shop};
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

/// A product with the offer of the variant that the page shows.
pub fn product(shop: &Shop, product: &Product, chosen: Option<&Variant>, description: &str) -> String {
    let url = links::absolute(&shop.origin, &links::product(&product.slug));
    let bitmaps = product.pictures.iter().filter(|picture| picture.is_bitmap());
    let pictures: Vec<String> = bitmaps.map(|picture| links::absolute(&shop.origin, &picture.url)).collect();
    let mut data = json!({
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.name,
        "description": description,
        "url": url,
    });
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            data[name] = value;
        }
    };
    set("image", Some(pictures).filter(|pictures| !pictures.is_empty()).map(|pictures| json!(pictures)));
    set("brand", product.vendor.as_ref().map(|name| json!({"@type": "Brand", "name": name})));
    set("category", product.categories.last().map(|category| json!(category.name)));
    set("sku", chosen.and_then(|variant| variant.sku.as_ref()).map(|sku| json!(sku)));
    if let Some(gtin) = chosen.and_then(|variant| variant.gtin.as_ref()) {
        set(&format!("gtin{}", gtin.len()), Some(json!(gtin)));
    }
    set("offers", chosen.map(|variant| offer(shop, product, variant)));
    embed(&data)
}

/// The way to a page: the shop, the categories, then the product when the page is one.
pub fn breadcrumbs<'a>(
    shop: &Shop,
    categories: impl Iterator<Item = &'a CategoryLink>,
    product: Option<&Product>,
) -> String {
    let home = (shop.name.clone(), "/".to_owned());
    let categories = categories.map(|category| (category.name.clone(), category.href()));
    let product = product.map(|product| (product.name.clone(), links::product(&product.slug)));
    let item = |(index, (name, path)): (usize, (String, String))| {
        let address = links::absolute(&shop.origin, &path);
        json!({"@type": "ListItem", "position": index + 1, "name": name, "item": address})
    };
    let items: Vec<Value> = [home].into_iter().chain(categories).chain(product).enumerate().map(item).collect();
    embed(&json!({"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": items}))
}

fn offer(shop: &Shop, product: &Product, variant: &Variant) -> Value {
    let availability = if variant.available { "InStock" } else { "OutOfStock" };
    let path = if product.variants.len() > 1 {
        links::variant(&product.slug, &variant.id)
    } else {
        links::product(&product.slug)
    };
    json!({
        "@type": "Offer",
        "url": links::absolute(&shop.origin, &path),
        "price": decimal(variant.price),
        "priceCurrency": "BRL",
        "availability": format!("https://schema.org/{availability}"),
        "seller": {"@type": "Organization", "name": shop.name}
    })
}

/// `12990` → `129.90`: schema.org wants a dot and no thousands separator.
pub fn decimal(centavos: i64) -> String {
    let sign = if centavos < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", centavos.unsigned_abs() / 100, centavos.unsigned_abs() % 100)
}

/// JSON that may stand inside a `script` element: no `<` can end it or open a comment.
fn embed(value: &Value) -> String {
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
