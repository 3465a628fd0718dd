//! The lists of the operators' panel: sorted by their heads, filtered, and page by page.

use std::collections::BTreeSet;

use feira_schemas::{
    ids::{ShopReportId, TenantId},
    records::{
        admin::{ReportReason, ShopReport},
        signup::SubscriptionStatus,
    },
    row::Write,
    rows::admin::{ShopReportOfMonthRow, ShopReportRow},
};
use uuid::Uuid;

use super::{Browser, Member, dead_letters::put, text};
use crate::{
    bed::{Bed, send},
    run, signup,
    subscribers::Subscriber,
};

/// Entries of each list that a test makes: three pages.
const ENTRIES: usize = 7;

/// The columns in which the entries that a test makes differ.
const DIFFER: [&str; 7] = ["name", "subdomain", "created_at", "price", "shop_name", "reported_at", "records"];

/// The addresses in the heads of a list's table.
fn heads(page: &str) -> Vec<String> {
    let (_, head) = page.split_once("<table class=\"listed\">").unwrap_or_else(|| panic!("no table: {page}"));
    let (head, _) = head.split_once("</thead>").unwrap();
    head.split("<a href=\"").skip(1).map(address).collect()
}

/// The address that stands at the beginning of a text, up to its quote.
fn address(rest: &str) -> String {
    rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")
}

/// The rows of a list's table, each by the address that its first link leads to, which no other row has.
fn rows(page: &str) -> Vec<String> {
    let (_, table) = page.split_once("<table class=\"listed\">").unwrap_or_else(|| panic!("no table: {page}"));
    let (table, _) = table.split_once("</table>").unwrap();
    table.split("<tr><td ").skip(1).map(|row| address(row.split("href=\"").nth(1).unwrap())).collect()
}

/// The address of the next page.
fn next(page: &str) -> Option<String> {
    let (before, _) = page.split_once("\">Próxima página</a>")?;
    Some(address(before.rsplit("href=\"").next()?))
}

/// All rows of a list from this address on, page by page; each page keeps what the list is filtered by.
async fn walked(browser: &mut Browser<'_>, first: &str, filter: &str) -> Vec<String> {
    let (mut seen, mut address) = (Vec::new(), first.to_owned());
    for _ in 0..50 {
        let page = text(&browser.get(&address).await.expect(200));
        let here = rows(&page);
        assert!(here.len() <= 3, "{address}: {here:?}");
        seen.extend(here);
        for link in heads(&page) {
            assert!(link.contains(filter) && link.contains("limit=3") && !link.contains("after="), "{address}: {link}");
        }
        let Some(next) = next(&page) else { return seen };
        assert!(next.contains(filter) && next.contains("limit=3") && next.contains("after="), "{address}: {next}");
        address = next;
    }
    panic!("{first} has no end");
}

/// Entries of every list.
async fn fill(bed: &Bed) {
    let now = bed.api.platform.now();
    for number in 0..ENTRIES {
        bed.shop(&format!("lista-{number}")).await;
        let price = 1_000 * (1 + i64::try_from(number % 3).unwrap());
        let plan = signup::plan(&format!("Lista {number}"), price);
        send(bed.operator("POST", "/plans").json(&plan)).await.expect(201);
        let (tenant, at) = (TenantId::from_uuid(Uuid::new_v4()), now + i64::try_from(number / 2).unwrap());
        Subscriber::at(bed, tenant, &format!("lista-{number}"), SubscriptionStatus::Active, at).await;
        let report_id = ShopReportId::from_uuid(Uuid::new_v4());
        let report = ShopReport { report_id, reason: ReportReason::Fraud, page: None, reported_at: at };
        let writes = [
            Write::put(ShopReportOfMonthRow::of(tenant, &report), at),
            Write::put(ShopReportRow::new(tenant, report), at),
        ];
        bed.api.platform.state.write(&writes).await.unwrap();
        put(bed, "signup", "signup.commands", &format!("lista {number}")).await;
    }
}

#[test]
fn s44_s46_s47_s112_every_list_goes_over_its_pages_in_each_order_without_gap_or_double_and_keeps_its_filters() {
    run(async {
        let bed = Bed::start().await;
        let member = Member::new(&bed, "das-listas").await;
        fill(&bed).await;
        for (list, filter) in [
            ("/operator", "q=lista"),
            ("/operator/plans", "q=Lista"),
            ("/operator/subscribers", "status=active"),
            ("/operator/subscribers", "q=lista"),
            ("/operator/reports", "reason=fraud"),
            ("/operator/dead-letters", "group=signup"),
            ("/operator/topics", "q=.dlq"),
        ] {
            let mut browser = member.browser(&bed).await;
            let usual = format!("{list}?{filter}&limit=3");
            let first = text(&browser.get(&usual).await.expect(200));
            assert_eq!(first.matches("aria-sort=").count(), 1, "{list} says how it is sorted: {first}");
            let all: BTreeSet<String> = walked(&mut browser, &usual, filter).await.into_iter().collect();
            assert!(all.len() >= ENTRIES, "{list}: {all:?}");
            for head in heads(&first) {
                let there = walked(&mut browser, &head, filter).await;
                let turned = text(&browser.get(&head).await.expect(200));
                let sorted =
                    heads(&turned).into_iter().find(|link| turned_of(&head) == turned_of(link) && *link != head);
                let back =
                    walked(&mut browser, &sorted.unwrap_or_else(|| panic!("{head} is not turned")), filter).await;
                for rows in [&there, &back] {
                    assert_eq!(rows.len(), all.len(), "{head}: one is missing or doubled");
                    assert_eq!(rows.iter().cloned().collect::<BTreeSet<_>>(), all, "{head}");
                }
                // Of those whose columns hold the same, ids say which comes first, whichever end is.
                if DIFFER.iter().any(|word| head.ends_with(&format!("sort={word}"))) {
                    assert_ne!(there.first(), back.first(), "{head}: the other end comes first");
                }
            }
        }
        let mut browser = member.browser(&bed).await;
        // What is no order is the usual one, and a cursor is one list's.
        browser.get("/operator/plans?sort=senha").await.expect(200);
        let page = text(&browser.get("/operator/plans?limit=3&sort=name").await.expect(200));
        let other = next(&page).unwrap().replace("sort=name", "sort=-name");
        browser.get(&other).await.expect(400);
        assert!(page.contains("name=\"sort\" value=\"name\""), "the form of the filters keeps the order: {page}");
        let health = text(&browser.get("/operator/health?sort=-behind").await.expect(200));
        assert!(health.contains("aria-sort=\"descending\"") && heads(&health).len() == 2, "{health}");
    });
}

/// An address of a list without the end that it begins at.
fn turned_of(link: &str) -> String {
    link.replace("sort=-", "sort=")
}

#[test]
fn s44_the_api_lists_shops_plans_and_subscriptions_in_the_order_that_is_asked_for() {
    run(async {
        let bed = Bed::start().await;
        fill(&bed).await;
        for (path, field) in [("/tenants", "name"), ("/plans", "price"), ("/subscriptions", "shop_name")] {
            let mut seen = Vec::new();
            for sort in [field.to_owned(), format!("-{field}")] {
                let listed = send(bed.operator("GET", &format!("{path}?sort={sort}&limit=100"))).await.expect(200).json;
                let items = listed["items"].as_array().unwrap().clone();
                assert_eq!(items.len(), ENTRIES, "{path}");
                seen.push(items[0].clone());
            }
            assert_ne!(seen[0], seen[1], "{path}");
            send(bed.operator("GET", &format!("{path}?sort=senha"))).await.expect(400);
        }
    });
}
