//! A read that says what it must show never shows less: past what this process remembers, and past addresses that have moved on.

use feira_schemas::{
    ids::{ProductId, TenantId},
    records::store::ShopStatus,
    row::Write,
    rows::storefront::{CardRow, CardSlugRow, ShopRow},
    topics::Context,
};
use feira_streams::reached::Mark;
use serde_json::json;

use super::world::{World, product, until};

const HOST: &str = "moda.localhost";

/// The paths at which buyers meet a product's name.
const PATHS: &[&str] =
    &["/api/store/v1/products/saia", "/api/store/v1/products", "/product/saia", "/", "/search?q=saia"];

#[tokio::test(flavor = "multi_thread")]
async fn f18_what_another_process_wrote_is_shown_though_this_one_has_not_heard_of_it() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    let id = world.product(shop, product("Saia", 5_000, None)).await;
    world.get(HOST, PATHS[0]).await;
    let at_least = std::mem::take(&mut world.at_least);
    until(|| async { world.get(HOST, "/").await.text.contains("Saia") }).await;

    // As the owner of the partition would, whose news come by another way than its rows: the rows alone.
    let state = world.node.platform.state.clone();
    let mut card = state.get::<CardRow>(&CardRow::at(shop, id)).await.unwrap().unwrap();
    card.listing.name = "Saia nova".into();
    card.listing.version += 1;
    state.write(&[Write::put(card, world.node.platform.now())]).await.unwrap();
    for path in PATHS {
        assert!(!world.get(HOST, path).await.text.contains("Saia nova"), "{path}: or this test shows nothing");
        let shown = world.get_with(HOST, path, &[("feira-at-least", &at_least)]).await;
        assert!(shown.text.contains("Saia nova"), "{path}: {}", shown.text);
    }

    let mut row = state.get::<ShopRow>(&ShopRow::at(shop)).await.unwrap().unwrap();
    row.shop.status = ShopStatus::Suspended;
    state.write(&[Write::put(row, world.node.platform.now())]).await.unwrap();
    for path in PATHS {
        assert_eq!(world.get(HOST, path).await.status, 200, "{path}: or this test shows nothing");
        let closed = world.get_with(HOST, path, &[("feira-at-least", &at_least)]).await.status;
        assert_eq!(closed, if path.starts_with("/api") { 403 } else { 503 }, "{path}");
    }
    world.node.stop().await.unwrap();
}

/// A view that is behind by more than a read waits, while the store has decided all that is asked for: the position.
fn beyond_the_view(world: &World, shop: TenantId) -> String {
    let platform = &world.node.platform;
    let (partition, write_ts) = (platform.partition_of(shop), platform.now() + 3_600_000_000);
    platform.reached.advance(Context::Store.name(), partition, Mark { write_ts, inputs: Vec::new() });
    format!("store.{partition}.{write_ts}")
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_an_old_slug_leads_to_its_former_owner_only_while_it_is_known_to_be_its_own() {
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    let id = world.product(shop, product("Bolsa", 5_000, None)).await;
    world.patch(shop, id, json!({"slug": "bolsa-de-couro"})).await;
    let draft = world.product(shop, product("Cinto", 5_000, None)).await;
    world.patch(shop, draft, json!({"status": "draft"})).await;
    assert_eq!(world.get(HOST, "/product/cinto").await.status, 404);

    // As a view that is behind has them: addresses that these products had before they were given to others.
    let address = |slug: &str, product_id: ProductId| {
        let row = CardSlugRow { tenant_id: shop, slug: slug.into(), product_id };
        Write::put(row, world.node.platform.now())
    };
    let addresses = [address("sacola", id), address("cinto", draft), address("faixa", draft)];
    world.node.platform.state.write(&addresses).await.unwrap();
    world.at_least = beyond_the_view(&world, shop);
    for (slug, status) in
        [("bolsa-de-couro", 200), ("bolsa", 301), ("sacola", 409), ("cinto", 409), ("faixa", 409), ("nova", 409)]
    {
        let answer = world.get_with(HOST, &format!("/api/store/v1/products/{slug}"), &[]).await;
        assert_eq!(answer.status, status, "{slug}: {}", answer.text);
    }
    world.node.stop().await.unwrap();
}
