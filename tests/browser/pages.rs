//! The pages of a shop.

use feira_schemas::records::{
    admin::{ChangeSettings, PaymentTerms, SetShopMethod},
    payments::PaymentMethod,
};
use serde_json::json;

use super::world::{World, product, settings, until};
use crate::common::meta;

#[tokio::test(flavor = "multi_thread")]
async fn s84_s92_home_shows_at_most_ten_of_each_shelf_and_the_whole_menu() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    for number in 0..7 {
        world.category(shop, &format!("Setor {number}"), None).await;
    }
    for number in 0..12 {
        let mut body = product(&format!("Blusa {number}"), 1_000, None);
        body["featured"] = json!(number < 3);
        world.product(shop, body).await;
    }
    let home = world.get("moda.localhost", "/").await;
    for title in ["Destaques", "Mais vendidos", "Novidades"] {
        assert!(home.text.contains(title), "{title}");
    }
    let shelf = |title: &str| {
        let from = home.text.split_once(&format!("id=\"{title}\"")).unwrap().1;
        from.split_once("</section>").unwrap().0.matches("class=\"card-link\"").count()
    };
    assert_eq!((shelf("destaques"), shelf("novidades"), shelf("mais-vendidos")), (3, 10, 10));
    let (bar, menu) = home.text.split_once("id=\"menu\"").unwrap();
    let linked = |part: &str| (0..7).filter(|n| part.contains(&format!("/category/setor-{n}\""))).count();
    assert_eq!(linked(bar.split_once("class=\"bar\"").unwrap().1.split_once("</nav>").unwrap().0), 6);
    assert_eq!(linked(menu.split_once("</nav>").unwrap().0), 7);
    assert_eq!(home.header("content-security-policy").split(';').next(), Some("default-src 'none'"));
    assert_eq!(home.header("x-content-type-options"), "nosniff");
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn s86_s88_category_pages_of_fifteen_keep_their_order() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    let top = world.category(shop, "Meias", None).await;
    let below = world.category(shop, "Curtas", Some(top)).await;
    for number in 10..42 {
        let category = if number % 2 == 0 { top } else { below };
        world.product(shop, product(&format!("Meia {number}"), number * 100, Some(category))).await;
    }
    let mut seen = Vec::new();
    for (number, expected) in [(1, 15), (2, 15), (3, 2)] {
        let page = world.get("moda.localhost", &format!("/category/meias?sort=price_asc&page={number}")).await;
        assert!(page.text.contains("32 produtos"));
        assert_eq!(page.cards().len(), expected);
        let next = page.text.contains(&format!("/category/meias?sort=price_asc&#38;page={}", number + 1));
        assert_eq!(next, number < 3, "page {number} links to the next with its order");
        seen.extend(page.cards());
    }
    let expected: Vec<String> = (10..42).map(|number| format!("meia-{number}")).collect();
    assert_eq!(seen, expected);
    let by_name = world.get("moda.localhost", "/category/meias?sort=name").await;
    assert_eq!(by_name.cards()[0], "meia-10");
    assert_eq!(world.get("moda.localhost", "/category/curtas").await.cards().len(), 15);
    assert_eq!(world.get("moda.localhost", "/category/meias?page=4").await.status, 404);
    assert_eq!(world.get("moda.localhost", "/category/meias?page=x&sort=y").await.status, 200);
    let search = world.get("moda.localhost", "/search?q=meia&sort=price_desc&page=2").await;
    assert_eq!(search.cards(), (10..18).rev().map(|number| format!("meia-{number}")).collect::<Vec<_>>());
    assert!(search.text.contains("/search?q=meia&#38;sort=price_desc\""), "the way back keeps term and order");
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn s89_s90_a_product_page_has_its_variants_its_way_and_others_of_its_category() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    let above = world.category(shop, "Roupas", None).await;
    let category = world.category(shop, "Camisas", Some(above)).await;
    world.product(shop, product("Camisa lisa", 4_000, Some(category))).await;
    world.product(shop, product("Saia lisa", 4_000, Some(above))).await;
    world.write(ChangeSettings { interest_free_installments: Some(3), ..settings(shop) }).await;
    let terms = PaymentTerms { max_installments: 12, discounted_installments: 0, discount: 0 };
    world.write(SetShopMethod { meta: meta(shop), method: PaymentMethod::Card, active: true, terms }).await;
    let id = world
        .product(
            shop,
            json!({
                "name": "Camisa xadrez", "status": "published", "category_id": category, "vendor": "Sabiá",
                "description": "<p>De <b>flanela</b>.</p>",
                "options": [{"name": "Tamanho", "values": ["P", "M"]}],
                "variants": [
                    {"sku": "X-P", "options": {"Tamanho": "P"}, "price": {"amount": 9_990, "currency": "BRL"}, "stock": 0},
                    {"sku": "X-M", "options": {"Tamanho": "M"}, "price": {"amount": 10_990, "currency": "BRL"}, "stock": 2},
                ]
            }),
        )
        .await;
    let page = world.get("moda.localhost", "/product/camisa-xadrez").await;
    for part in ["R$ 109,90", "em até 3x de", "36,64", "X-M", "<b>flanela</b>", "Sabiá", "InStock"] {
        assert!(page.text.contains(part), "{part}");
    }
    let way = page.text.split_once("class=\"crumbs\"").unwrap().1.split_once("</nav>").unwrap().0;
    let places = ["href=\"/\"", "/category/roupas", "/category/camisas", "Camisa xadrez"].map(|step| way.find(step));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{way}");
    assert_eq!(page.cards(), ["camisa-lisa"], "neither itself nor one of another category");
    let card = world.get("moda.localhost", "/api/store/v1/products/camisa-xadrez").await.json();
    let small = card["variants"][0]["id"].as_str().unwrap();
    let page = world.get("moda.localhost", &format!("/product/camisa-xadrez?variant={small}")).await;
    assert!(page.text.contains("R$ 99,90") && page.text.contains("Esgotado no momento") && page.text.contains("X-P"));
    let name = "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e.svg";
    let drawing = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    world.node.platform.files.put(shop, name, "image/svg+xml", drawing.into()).await.unwrap();
    let kept = world.get("moda.localhost", &format!("/media/{name}")).await;
    assert_eq!((kept.status, kept.text.as_str()), (200, drawing), "drawings of the demo are files like others");
    assert!(kept.header("content-security-policy").starts_with("default-src 'none'"));
    let image = world.get("moda.localhost", &format!("/media/made/{id}.svg")).await;
    assert_eq!((image.status, image.header("content-type")), (200, "image/svg+xml"));
    assert!(image.header("content-security-policy").starts_with("default-src 'none'"));
    assert!(page.text.contains(&format!("/media/made/{id}.svg")), "a product without images has a drawn one");
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f10_crawlers_find_every_page_and_the_platform_only_lists_demo_shops() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    world.category(shop, "Saias", None).await;
    world.product(shop, product("Saia", 5_000, None)).await;
    let origin = "http://moda.localhost:81";
    let page = world.get("moda.localhost:81", "/product/saia").await;
    assert!(page.text.contains(&format!("<link rel=\"canonical\" href=\"{origin}/product/saia\">")));
    until(|| async { world.get("moda.localhost:81", "/sitemap.xml").await.text.contains("/product/saia") }).await;
    let sitemap = world.get("moda.localhost:81", "/sitemap.xml").await;
    for path in ["/", "/category/saias", "/product/saia"] {
        assert!(sitemap.text.contains(&format!("<loc>{origin}{path}</loc>")), "{path}: {}", sitemap.text);
    }
    let robots = world.get("moda.localhost:81", "/robots.txt").await;
    assert!(robots.text.contains(&format!("Sitemap: {origin}/sitemap.xml")), "{}", robots.text);
    let platform = world.get("localhost:81", "/").await;
    assert_eq!(platform.status, 200);
    assert!(!platform.text.contains("moda.localhost"), "a shop of another name under a demo's address is none");
    world.node.stop().await.unwrap();
}
