//! The pages of dead letters.

use feira_connectors::log::NewRecord;

use super::{Member, text};
use crate::{
    bed::{Bed, bed, send},
    run,
};

/// Puts a letter of a group, about a record of this topic, and gives its id.
pub(super) async fn put(bed: &Bed, group: &str, topic: &str, message: &str) -> String {
    let said = [("topic", topic), ("partition", "0"), ("offset", "7"), ("stage", "decode"), ("message", message)];
    let letter = NewRecord {
        topic: format!("{group}.dlq").into(),
        partition: Some(0),
        key: "alguem".into(),
        value: Some("not Avro".into()),
        headers: said.map(|(name, value)| (format!("__dlq.errors.{name}"), value.to_owned().into())).into(),
    };
    let offsets = bed.api.platform.log.append(vec![letter]).await.unwrap();
    format!("{group}:0:{}", offsets[0])
}

/// A text as a page has it.
fn escaped(text: &str) -> String {
    let sign = |sign: char| match sign {
        '&' | '<' | '>' | '"' | '\'' => format!("&#{};", u32::from(sign)),
        other => other.to_string(),
    };
    text.chars().map(sign).collect()
}

#[test]
fn s112_f25_a_dead_letter_is_listed_explained_put_back_and_set_aside_through_pages() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "das-cartas").await;
        let mut browser = member.browser(bed).await;
        let message = "<script>alert(1)</script> falhou";
        let one = put(bed, "signup", "signup.commands", message).await;
        let two = put(bed, "signup", "signup.commands", "outra").await;
        let link = |id: &str| format!("href=\"/operator/dead-letters/{id}\"");
        let first = text(&browser.get("/operator").await.expect(200));
        assert!(first.contains("com falha</a>") && first.contains("href=\"/operator/health\""), "{first}");

        let list = "/operator/dead-letters?group=signup&limit=100";
        let listed = text(&browser.get(list).await.expect(200));
        assert!(listed.contains(&link(&one)) && listed.contains(&link(&two)), "{listed}");
        assert!(listed.contains(&escaped(message)) && !listed.contains("<script>"), "{listed}");
        let elsewhere = text(&browser.get("/operator/dead-letters?group=signup&topic=store.").await.expect(200));
        assert!(!elsewhere.contains(&link(&one)), "{elsewhere}");
        let paged = text(&browser.get("/operator/dead-letters?group=signup&limit=1").await.expect(200));
        assert!(paged.contains("after="), "{paged}");
        browser.get("/operator/dead-letters?after=x").await.expect(400);

        let page = format!("/operator/dead-letters/{one}");
        let shown = text(&browser.get(&page).await.expect(200));
        let mut json = send(bed.operator("GET", &format!("/dead-letters/{one}"))).await.expect(200).json;
        json.as_object_mut().unwrap().shift_remove("letter");
        assert!(shown.contains(&escaped(&serde_json::to_string_pretty(&json).unwrap())), "{shown}");
        assert!(shown.contains("Leitura") && shown.contains(&escaped(message)), "{shown}");

        let token = std::mem::take(&mut browser.token);
        browser.post(&format!("{page}/replay"), &[]).await.expect(403);
        browser.post(&format!("{page}/discard"), &[("/reason", "x")]).await.expect(403);
        browser.token = token;
        assert!(text(&browser.get(&format!("{page}/replay")).await.expect(200)).contains("method=\"post\""));
        let done = browser.post(&format!("{page}/replay"), &[]).await.expect(303);
        assert!(text(&browser.get(done.header("location")).await.expect(200)).contains("foi devolvida"));
        assert!(!text(&browser.get(list).await.expect(200)).contains(&link(&one)));
        assert!(text(&browser.post(&format!("{page}/replay"), &[]).await.expect(422)).contains("já foi"));

        let page = format!("/operator/dead-letters/{two}");
        browser.get(&format!("{page}/discard")).await.expect(200);
        let wrong = text(&browser.post(&format!("{page}/discard"), &[("/reason", " ")]).await.expect(422));
        assert!(wrong.contains("id=\"reason-error\""), "{wrong}");
        let done = browser.post(&format!("{page}/discard"), &[("/reason", "não é nossa")]).await.expect(303);
        assert!(text(&browser.get(done.header("location")).await.expect(200)).contains("foi descartada"));
        assert!(text(&browser.get(&page).await.expect(200)).contains("Já tratada"));
        for nowhere in ["signup:0:99999999", "nada"] {
            browser.get(&format!("/operator/dead-letters/{nowhere}")).await.expect(404);
        }
    });
}

#[test]
fn f25_all_letters_of_a_group_are_put_back_by_one_page_and_those_that_can_not_be_are_counted() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "de-todas").await;
        let mut browser = member.browser(bed).await;
        // What an effect could not read it never will.
        put(bed, "gateways", "payments.events", "x").await;
        let back = put(bed, "gateways", "signup.commands", "y").await;
        let all = "/operator/dead-letters/all/replay?group=gateways";
        assert!(text(&browser.get("/operator/dead-letters?group=gateways").await.expect(200)).contains(all));
        let asks = text(&browser.get(all).await.expect(200));
        assert!(asks.contains("de gateways?") && asks.contains(&format!("action=\"{all}\"")), "{asks}");
        let done = browser.post(all, &[]).await.expect(303);
        assert!(done.header("location").contains("put=1&left=1"), "{}", done.header("location"));
        let after = text(&browser.get(done.header("location")).await.expect(200));
        assert!(after.contains("1 mensagem foi devolvida") && after.contains("só pode ser descartada"), "{after}");
        assert!(!after.contains(&format!("/{back}\"")), "{after}");
    });
}
