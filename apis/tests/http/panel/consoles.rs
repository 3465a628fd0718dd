//! The pages of topics and of health, and who may see them.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Member, text};
use crate::{bed::bed, run};

/// The places of the records on a page, in their order.
fn places(page: &str) -> Vec<String> {
    page.split("<summary><strong>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

/// The address of the next page.
fn next(page: &str) -> Option<String> {
    let (before, _) = page.split_once("\">Próxima página</a>")?;
    let address = before.rsplit("href=\"").next()?;
    Some(address.replace("&#38;", "&").replace("&amp;", "&"))
}

#[test]
fn s112_topics_are_listed_and_their_records_read_newest_first_and_from_a_place_on() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "dos-topicos").await;
        let mut browser = member.browser(bed).await;
        for shop in ["painel-topico-um", "painel-topico-dois"] {
            bed.shop(shop).await;
        }
        let all = text(&browser.get("/operator/topics?limit=100").await.expect(200));
        for topic in ["admin.commands", "store.events", "search.retry", "mails.dlq"] {
            assert!(all.contains(&format!("href=\"/operator/topics/{topic}\"")), "{topic}: {all}");
        }
        let some = text(&browser.get("/operator/topics?q=admin.").await.expect(200));
        assert!(some.contains("admin.events") && !some.contains("store.events"), "{some}");
        assert!(next(&text(&browser.get("/operator/topics?limit=5").await.expect(200))).is_some());

        let (mut seen, mut address) = (Vec::new(), "/operator/topics/admin.events?limit=2".to_owned());
        for _ in 0..3 {
            let page = text(&browser.get(&address).await.expect(200));
            assert!(!page.contains(&member.email), "what is sealed stays sealed: {page}");
            seen.extend(places(&page));
            match next(&page) {
                Some(next) => address = format!("{next}&limit=2"),
                None => break,
            }
        }
        assert!(seen.len() > 2, "{seen:?}");
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len(), "none is shown twice: {seen:?}");
        let place = &seen[0];
        let from =
            text(&browser.get(&format!("/operator/topics/admin.events?from={place}&partition=")).await.expect(200));
        assert_eq!(&places(&from)[0], place);
        let partition = place.split(':').next().unwrap();
        let of_one =
            text(&browser.get(&format!("/operator/topics/admin.events?partition={partition}")).await.expect(200));
        let offsets: Vec<i64> = places(&of_one)
            .iter()
            .map(|place| place.strip_prefix(&format!("{partition}:")).unwrap().parse().unwrap())
            .collect();
        assert!(offsets.is_sorted_by(|newer, older| newer > older), "the newest first: {offsets:?}");

        browser.get("/operator/topics/nada").await.expect(404);
        for wrong in ["partition=99", "from=x", "from=0:0&partition=1", "after=x"] {
            browser.get(&format!("/operator/topics/admin.events?{wrong}")).await.expect(400);
        }
    });
}

#[test]
fn s112_the_page_of_health_says_how_the_process_is_and_how_far_groups_are_behind() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "da-saude").await;
        let page = text(&member.browser(bed).await.get("/operator/health").await.expect(200));
        for said in
            ["Trabalhando", "<td>storefront</td>", "<strong>search</strong>", "<td>store.events</td>", "<td>shards"]
        {
            assert!(page.contains(said), "{said}: {page}");
        }
    });
}

#[test]
fn who_may_not_see_the_machine_or_the_plans_does_not() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "sem-maquina").await;
        let mut browser = member.browser(bed).await;
        let first = text(&browser.get("/operator").await.expect(200));
        let paths = ["/operator/plans", "/operator/dead-letters", "/operator/topics", "/operator/health"];
        for path in paths {
            assert!(first.contains(&format!("href=\"{path}\"")), "{path} is led to");
        }
        member.change(bed, json!({"roles": ["member"]})).await;
        for path in paths.into_iter().chain(["/operator/plans/new", "/operator/topics/admin.events"]) {
            browser.get(path).await.expect(403);
        }
        let first = text(&browser.get("/operator").await.expect(200));
        assert!(paths.iter().all(|path| !first.contains(path)), "{first}");
        browser.post("/operator/plans", &[("/name", "x")]).await.expect(403);
        browser.post("/operator/dead-letters/all/replay?group=mails", &[]).await.expect(403);
    });
}
