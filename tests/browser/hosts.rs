//! Hosts: each leads to the shop that it names, and nothing of another is seen there.

use feira_connectors::log::NewRecord;
use feira_schemas::{
    ids::TenantId,
    records::{
        DirectoryCommand,
        admin::{ChangeSettings, SuspendTenant},
        directory::{ClaimName, ConfirmName, NameAsker},
    },
};
use feira_streams::commands::record;
use serde_json::json;

use super::world::{World, product, settings, until};
use crate::common::{meta, tenant};

/// Gives a shop a domain of its own, as the directory is told to. How a merchant asks for one is another matter (S43, F5).
async fn own_domain(world: &World, shop: TenantId, domain: &str) {
    let platform = &world.node.platform;
    let (asker, ends) = (NameAsker::Admin, platform.now() + 60_000_000);
    let claim = ClaimName { meta: meta(shop), name: domain.into(), until: ends, asker, held_for: 60_000_000 };
    let confirm = ConfirmName { meta: meta(shop), name: domain.into(), asker };
    let commands = [DirectoryCommand::from(claim), confirm.into()];
    let record = |command| record(&platform.codec, domain, command, None).unwrap();
    let records: Vec<NewRecord> = commands.iter().map(record).collect();
    platform.log.append(records).await.unwrap();
    until(|| async { world.get(domain, "/").await.status == 200 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s38_s78_a_shop_is_found_by_its_main_domain_and_by_no_other() {
    let mut world = World::new().await;
    let (moda, casa) = (world.shop("moda").await, world.shop("casa").await);
    world.product(moda, product("Vestido azul", 9_990, None)).await;
    own_domain(&world, moda, "lojadamoda.com.br").await;
    own_domain(&world, casa, "casa.example").await;
    for host in ["lojadamoda.com.br", "www.lojadamoda.com.br", "WWW.LojaDaModa.com.br.:8443", "moda.localhost"] {
        let page = world.get(host, "/product/vestido-azul").await;
        assert_eq!((page.status, page.header("location")), (200, ""), "{host}");
        assert_eq!(world.get(host, "/api/store/v1/search?q=azul").await.slugs(), ["vestido-azul"], "{host}");
    }
    assert_eq!(world.get("casa.example", "/product/vestido-azul").await.status, 404);
    for host in
        ["lojadamoda.com", "outra.lojadamoda.com.br", "lojadamoda.com.br.localhost", "lojadamoda.com.br.evil", "moda"]
    {
        let page = world.get(host, "/product/vestido-azul").await;
        assert_eq!((page.status, page.text.contains("Não há loja neste endereço")), (404, true), "{host}");
    }
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_was_opened_a_moment_ago_is_not_closed() {
    let world = World::new().await;
    for number in 0..40 {
        let name = format!("loja-{number}");
        tenant(&world.node, &name).await;
        // The directory may still be writing whose the name is.
        let mut page = world.get(&format!("{name}.localhost"), "/").await;
        while page.status == 404 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            page = world.get(&format!("{name}.localhost"), "/").await;
        }
        assert_eq!(page.status, 200, "{}", page.text);
    }
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn s39_s40_s78_a_shop_is_found_by_its_sub_domain_and_any_other_host_is_a_friendly_404() {
    let mut world = World::new().await;
    world.shop("moda").await;
    for host in ["moda.localhost", "MODA.localhost.:8080"] {
        let page = world.get(host, "/").await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"), "{}", page.text);
        assert!(page.text.contains("Bem-vindo"), "{host}");
    }
    let unknown = world.get("nada.localhost", "/product/x").await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.text.contains("Não há loja neste endereço") && unknown.text.contains("/assets/feira."));
    let asset = unknown.text.split('"').find(|part| part.ends_with(".css")).unwrap().to_owned();
    assert_eq!(world.get("nada.localhost", &asset).await.status, 200, "its stylesheet is served there too");
    let problem = world.get("nada.localhost", "/api/store/v1/products").await;
    assert_eq!((problem.status, problem.header("content-type")), (404, "application/problem+json"));
    let lost = world.get("moda.localhost", "/nothing/here").await;
    assert_eq!(lost.status, 404);
    assert!(
        lost.text.contains("Página não encontrada") && lost.text.contains("role=\"search\""),
        "in the shop's frame"
    );
    let id = lost.header("x-request-id");
    assert!(!id.is_empty() && lost.text.contains(id), "by which the request is found: {}", lost.text);
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn s42_only_the_configured_domain_and_the_shops_own_are_hosts() {
    let mut world = World::on("feira.example").await;
    world.shop("moda").await;
    assert_eq!(world.get("moda.feira.example", "/").await.status, 200);
    assert_eq!(world.get("feira.example", "/").await.status, 200);
    for host in ["moda.localhost", "localhost", "moda.feira.example.evil", "moda-feira.example", "moda", "www.moda"] {
        let page = world.get(host, "/").await;
        assert_eq!((page.status, page.text.contains("Bem-vindo")), (404, false), "{host}");
        assert_eq!(world.get(host, "/api/store/v1/products").await.status, 404, "{host}");
    }
    let forwarded = [("x-forwarded-host", "moda.feira.example"), ("forwarded", "host=moda.feira.example")];
    assert_eq!(world.get_with("evil.example", "/", &forwarded).await.status, 404, "a host that is only told");
    world.node.stop().await.unwrap();
}

/// What a proxy says of how its client came.
const HTTP: &[(&str, &str)] = &[("x-forwarded-proto", "http")];
const HTTPS: &[(&str, &str)] = &[("x-forwarded-proto", "https")];
const STRICT: &str = "strict-transport-security";

#[tokio::test(flavor = "multi_thread")]
async fn s10_what_came_without_https_is_led_there_and_never_to_a_foreign_host() {
    let mut world = World::behind("127.0.0.1", "feira.example").await;
    world.shop("moda").await;
    assert_eq!(world.get("moda.feira.example", "/").await.status, 200, "what no proxy speaks of is answered as it is");
    world.at_least = String::new();
    for (host, path, led) in [
        ("moda.feira.example:8080", "/search?q=a%20b&page=2", "https://moda.feira.example/search?q=a%20b&page=2"),
        ("MODA.feira.example.", "/", "https://moda.feira.example/"),
        ("feira.example", "/operator/login", "https://feira.example/operator/login"),
        ("203.0.113.7", "/", "https://feira.example/"),
    ] {
        for method in ["GET", "HEAD"] {
            let answer = world.ask(method, host, path, HTTP).await;
            assert_eq!((answer.status, answer.header("location")), (308, led), "{method} {host}");
            assert_eq!(
                (answer.header(STRICT), answer.text.as_str()),
                ("", ""),
                "what came by http says nothing for https"
            );
        }
    }
    for host in ["nada.feira.example", "evil.example", "moda.feira.example.evil"] {
        let answer = world.get_with(host, "/", HTTP).await;
        assert_eq!((answer.status, answer.header("location")), (404, ""), "{host}");
    }
    for (host, path) in [("moda.feira.example", "/api/admin/v1/products"), ("feira.example", "/operator/login")] {
        let refused = world.ask("POST", host, path, HTTP).await;
        assert_eq!((refused.status, refused.header("location")), (403, ""), "{path}");
        assert!(refused.text.contains("só aceita solicitações por https"), "{path}: {}", refused.text);
    }
    assert_eq!(world.get_with("moda.feira.example", "/healthz", HTTP).await.status, 200, "probes come from within");

    let shop = world.get_with("moda.feira.example", "/", HTTPS).await;
    assert_eq!((shop.status, shop.header(STRICT)), (200, "max-age=31536000"));
    assert!(shop.text.contains("https://moda.feira.example/") && !shop.text.contains("http://moda"), "{}", shop.text);
    let platform = world.get_with("feira.example", "/", HTTPS).await;
    assert_eq!((platform.status, platform.header(STRICT)), (200, "max-age=31536000; includeSubDomains"));
    let lost = world.get_with("moda.feira.example", "/nothing/here", HTTPS).await;
    assert_eq!((lost.status, lost.header(STRICT)), (404, "max-age=31536000"));
    let unclear = world.get_with("moda.feira.example", "/", &[("x-forwarded-proto", "https, http")]).await;
    assert_eq!((unclear.status, unclear.header(STRICT)), (200, ""));
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn s10_nobody_else_says_how_a_client_came_and_this_machine_knows_no_https() {
    for (proxies, domain) in [("", "feira.example"), ("10.0.0.0/8", "feira.example"), ("127.0.0.1", "localhost")] {
        let mut world = World::behind(proxies, domain).await;
        world.shop("moda").await;
        let host = format!("moda.{domain}");
        assert_eq!(world.get(&host, "/").await.status, 200);
        world.at_least = String::new();
        for said in [HTTP, HTTPS] {
            let shop = world.get_with(&host, "/", said).await;
            assert_eq!((shop.status, shop.header(STRICT)), (200, ""), "{proxies:?} {host} {said:?}");
            let is_secure = shop.text.contains("https://moda.");
            assert_eq!(is_secure, domain == "localhost" && said == HTTPS, "{proxies:?} {host} {said:?}");
        }
        world.node.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s79_a_visitor_sees_only_that_shops_products_categories_and_settings() {
    let mut world = World::new().await;
    let (moda, casa) = (world.shop("moda").await, world.shop("casa").await);
    let vestidos = world.category(moda, "Vestidos", None).await;
    let own = world.product(moda, product("Vestido azul", 9_990, Some(vestidos))).await;
    world.product(casa, product("Mesa azul", 19_990, None)).await;
    for (shop, name, accent) in [(moda, "Moda da Ana", "#aa0033"), (casa, "Casa do Zé", "#0033aa")] {
        let text = |text: &str| Some(text.to_owned());
        let (shop_name, tagline, accent) = (text(name), text(name), text(accent));
        world.write(ChangeSettings { shop_name, tagline, accent, ..settings(shop) }).await;
    }
    world.at_least = String::new();
    for (shop, slug, name) in [("moda", "vestido-azul", "Moda da Ana"), ("casa", "mesa-azul", "Casa do Zé")] {
        let host = format!("{shop}.localhost");
        let path = format!("/api/store/v1/products/{slug}");
        until(|| async { world.get(&host, &path).await.status == 200 }).await;
        until(|| async { world.get(&host, "/api/store/v1/search?q=azul").await.slugs() == [slug] }).await;
        until(|| async { world.get(&host, "/").await.text.contains(name) }).await;
    }
    for path in [
        "/api/store/v1/products/vestido-azul".to_owned(),
        "/product/vestido-azul".to_owned(),
        "/category/vestidos".to_owned(),
        format!("/media/made/{own}.svg"),
    ] {
        assert_eq!(world.get("casa.localhost", &path).await.status, 404, "{path}");
        assert_ne!(world.get("moda.localhost", &path).await.status, 404, "{path}");
    }
    let page = world.get("casa.localhost", "/search?q=vestido").await;
    assert!(page.text.contains("Nada encontrado") && !page.text.contains("/product/vestido-azul"));
    assert!(world.get("casa.localhost", "/api/store/v1/categories").await.slugs().is_empty());
    assert_eq!(world.get("casa.localhost", "/api/store/v1/suggest?q=vest").await.json(), json!({"items": []}));
    assert!(world.get("casa.localhost", "/api/store/v1/products?category=vestidos").await.slugs().is_empty());
    let home = world.get("casa.localhost", "/").await.text;
    for (part, theirs) in [("Casa do Zé", "Moda da Ana"), ("#0033aa", "#aa0033"), ("/product/mesa-azul", "vestido")] {
        assert!(home.contains(part) && !home.contains(theirs), "{part}: {home}");
    }
    world.node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_shop_serves_nobody_and_its_page_says_so() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    world.product(shop, product("Saia", 5_000, None)).await;
    world.write(SuspendTenant { meta: meta(shop) }).await;
    world.at_least = String::new();
    until(|| async { world.get("moda.localhost", "/").await.status == 503 }).await;
    for path in ["/", "/product/saia", "/search", "/nothing"] {
        let page = world.get("moda.localhost", path).await;
        assert_eq!((page.status, page.header("retry-after")), (503, "3600"), "{path}");
        assert!(page.text.contains("fechada por enquanto"), "{path}");
    }
    for path in ["products/saia", "products", "search", "suggest?q=s", "categories"] {
        let refused = world.get("moda.localhost", &format!("/api/store/v1/{path}")).await;
        assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("shop_suspended")), "{path}");
    }
    assert!(world.get("moda.localhost", "/robots.txt").await.text.trim_end().ends_with("Disallow: /"));
    world.node.stop().await.unwrap();
}
