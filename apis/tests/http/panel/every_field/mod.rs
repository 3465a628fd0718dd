//! Both panels whole: every field of every form that is found on their pages, files that are sent there, and who is of another shop.

mod choices;
mod files;
mod page;
mod stranger;
mod uploads;
mod walk;

use std::collections::BTreeSet;

use image::ImageFormat;
use serde_json::json;

use self::{page::Page, walk::Walk};
use super::{Browser, Member, shop_pages::Desk, text};
use crate::{
    bed::{Bed, product, send},
    images::image_file,
    payments::Seller,
    reconciliation::until,
    run, signup,
};

/// Pages of a shop that buyers are shown here at most.
const SHOWN: usize = 40;

/// A shop with one of everything that has a page, and who looks after it.
async fn furnished<'a>(bed: &'a Bed, subdomain: &str) -> Desk<'a> {
    let desk = Desk::at(bed, subdomain).await;
    let shop = &desk.shop;
    let category = send(bed.staff(shop, "POST", "/categories").json(&json!({"name": "Louça"}))).await.expect(201).json;
    let mut body = product("Caneca");
    (body["status"], body["category_id"]) = (json!("published"), category["id"].clone());
    let made = send(bed.staff(shop, "POST", "/products").json(&body)).await.expect(201).json;
    let images = format!("/products/{}/images", made["id"].as_str().unwrap());
    let image = bed.staff(shop, "POST", &images).header("content-type", "image/png");
    send(image.body(image_file(60, 40, ImageFormat::Png))).await.expect(201);
    let group = json!({"name": "Balcão", "permissions": ["stock:read"]});
    send(bed.staff(shop, "POST", "/staff-groups").json(&group)).await.expect(201);
    let coupon = json!({"kind": "percent", "percent": "10", "products": [made["id"]]});
    send(bed.staff(shop, "PUT", "/coupons/VERAO10").json(&coupon)).await.expect(201);
    for name in ["PAC", "Motoboy"] {
        let price = json!({"amount": 1_500, "currency": "BRL"});
        let option = json!({"name": name, "kind": "flat", "price": price, "min_days": 3, "max_days": 5});
        send(bed.staff(shop, "POST", "/shipping").json(&option)).await.expect(201);
    }
    Seller::of(bed, shop.clone(), "pagarme").await;
    until("the product in the list", async || {
        let list = send(bed.staff(shop, "GET", "/products")).await.expect(200).json;
        (list["total"] == 1).then_some(())
    })
    .await;
    desk
}

/// Chooses and sends what pages do not offer, by which nothing is changed; how many fields were tried.
async fn offered(walk: &mut Walk<'_>, pages: &[&str]) -> usize {
    let (before, mut fields) = (walk.changes().await, 0);
    for page in pages {
        fields += walk.chooses_otherwise(page).await;
        fields += walk.sends_wrong_files(page).await;
    }
    let after = walk.changes().await;
    if after != before {
        walk.wrong.push(format!("{} changes came of what no page offers", after - before));
    }
    fields
}

/// Tries everything on every page of a panel, and what is offered on some others; how many fields were tried.
async fn tried(walk: &mut Walk<'_>, others: &[&str]) -> usize {
    let pages = walk.pages().await;
    let mut fields = 0;
    for page in &pages {
        fields += walk.refuses(page).await;
    }
    let offering: Vec<&str> = pages.iter().map(String::as_str).chain(others.iter().copied()).collect();
    fields += offered(walk, &offering).await;
    for page in &pages {
        walk.says_more(page).await;
    }
    for page in &pages {
        walk.types_scripts(page).await;
    }
    // Once more, for what is shown on pages other than the one on which it was typed.
    walk.pages().await;
    fields
}

/// What buyers see of a shop in whose panel scripts were typed is text.
async fn buyers_see_text(bed: &Bed, host: &str) {
    let home = until("the shop's name", async || {
        let home = text(&send(bed.request(host, "GET", "/")).await.expect(200));
        home.contains("campo(7)").then_some(home)
    })
    .await;
    let (mut seen, mut ahead) = (BTreeSet::from(["/".to_owned()]), vec![("/".to_owned(), home)]);
    while let Some((path, page)) = ahead.pop() {
        assert!(!page.contains("<script>campo"), "{path}: {page}");
        for link in Page::of(&page).links {
            let is_own = link.starts_with('/') && !link.starts_with("/admin");
            if is_own && seen.len() < SHOWN && seen.insert(link.clone()) {
                let page = text(&send(bed.request(host, "GET", &link)).await);
                ahead.push((link, page));
            }
        }
    }
    assert!(seen.len() > 1, "the shop has more than one page: {seen:?}");
}

#[test]
fn s50_s51_s62_every_field_of_a_shops_panel_keeps_what_is_typed_and_says_why_it_is_wrong() {
    run(async {
        // Scripts are typed all over the panel, so this Feira is this test's alone.
        let bed = Bed::start().await;
        let desk = furnished(&bed, "campos").await;
        let host = desk.shop.host.clone();
        let mut walk = Walk::new(desk.browser, "/admin");
        let before = walk.changes().await;
        walk.chooses_otherwise_behind_forms().await;
        assert_eq!(walk.changes().await, before, "nothing is changed before it is confirmed");
        let fields = tried(&mut walk, &["/admin/shipping/new?kind=table"]).await;
        assert!(walk.wrong.is_empty(), "{} of {fields} fields: {:#?}", walk.wrong.len(), walk.wrong);
        assert!(fields > 60, "only {fields} fields were found");
        let mut visitor = Walk::new(Browser::at(&bed, &host), "/admin");
        assert_eq!(visitor.chooses_otherwise("/admin/login?next=/admin/stock").await, 1);
        assert!(visitor.wrong.is_empty(), "{:?}", visitor.wrong);
        buyers_see_text(&bed, &host).await;
    });
}

#[test]
fn s44_s46_s48_every_field_of_the_platforms_panel_keeps_what_is_typed_and_says_why_it_is_wrong() {
    run(async {
        let bed = Bed::start().await;
        let mut plan = signup::plan("Básico", 4_990);
        plan["methods"] = json!(["pix"]);
        signup::made(&bed, &plan).await;
        bed.shop("com-campos").await;
        let group = json!({"name": "Atendimento", "permissions": ["shops:read"]});
        send(bed.operator("POST", "/staff-groups").json(&group)).await.expect(201);
        let member = Member::new(&bed, "dos-campos").await;
        let mut walk = Walk::new(member.browser(&bed).await, "/operator");
        let fields = tried(&mut walk, &[]).await;
        assert!(walk.wrong.is_empty(), "{} of {fields} fields: {:#?}", walk.wrong.len(), walk.wrong);
        assert!(fields > 20, "only {fields} fields were found");
        let (invited, mut visitor) =
            (Member::invited(&bed, "sem-senha").await, Walk::new(Browser::new(&bed), "/operator"));
        // Whoever was invited a moment ago may not be there for readers yet.
        until("the link's page", async || (visitor.browser.get(&invited.link).await.status == 200).then_some(())).await;
        assert_eq!(visitor.chooses_otherwise(&invited.link).await, 1);
        assert!(visitor.wrong.is_empty(), "{:?}", visitor.wrong);
    });
}
