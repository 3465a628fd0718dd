//! The pages of plans.

use serde_json::{Value, json};

use super::{Browser, Member, text};
use crate::{
    bed::{Bed, bed, send},
    payments::brl,
    reconciliation::until,
    run, signup,
};

/// The form of a plan as a browser sends it.
fn fields<'a>(name: &'a str, price: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let plain = [
        ("/name", name),
        ("/price", price),
        ("/months", "12"),
        ("/methods", "pix"),
        ("/description", "Para começar."),
        ("/features", "Loja própria\r\n\r\nSem comissão\r\n"),
        ("/limits/products", "100"),
        ("/limits/staff", ""),
        ("/position", "7"),
    ];
    plain.into_iter().chain(more.iter().copied()).collect()
}

async fn read(bed: &Bed, id: &str) -> Value {
    send(bed.operator("GET", &format!("/plans/{id}"))).await.expect(200).json
}

async fn id_of(bed: &Bed, q: &str) -> String {
    let found = send(bed.operator("GET", &format!("/plans?q={q}"))).await.expect(200).json;
    found["items"][0]["id"].as_str().unwrap().to_owned()
}

/// Asks, as a page does, and then does it.
async fn confirm(browser: &mut Browser<'_>, page: &str, verb: &str) -> String {
    let asks = text(&browser.get(&format!("{page}/{verb}")).await.expect(200));
    assert!(asks.contains(&format!("action=\"{page}/{verb}\"")), "{asks}");
    let done = browser.post(&format!("{page}/{verb}"), &[]).await.expect(303);
    text(&browser.get(done.header("location")).await.expect(200))
}

#[test]
fn s46_a_plan_is_made_and_taken_back_and_offered_again_by_pages() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "dos-planos").await;
        let mut browser = member.browser(bed).await;
        browser.get("/operator/plans/new").await.expect(200);
        let name = "<script>x</script> pela-pagina";
        let offered = [("/status", "active")];
        for (price, more) in [("doze", &offered), ("", &offered), ("0,99", &offered)] {
            let wrong = text(&browser.post("/operator/plans", &fields(name, price, more)).await.expect(422));
            assert!(wrong.contains("id=\"price-error\""), "{price}: {wrong}");
            assert!(
                wrong.contains(&format!("value=\"{price}\"")) && wrong.contains("Sem comissão"),
                "what was typed is kept"
            );
            assert!(wrong.contains("&#60;script&#62;") && !wrong.contains("<script>"), "as text");
        }
        let form = fields(name, "R$ 1.234,56", &offered);
        let done = browser.post("/operator/plans", &form).await.expect(303);
        let list = text(&browser.get(done.header("location")).await.expect(200));
        assert!(list.contains("O plano foi criado"), "{list}");

        let id = id_of(bed, "pela-pagina").await;
        let made = read(bed, &id).await;
        assert_eq!((&made["price"], &made["months"], &made["position"]), (&brl(123_456), &json!(12), &json!(7)));
        assert_eq!(made["features"], json!(["Loja própria", "Sem comissão"]));
        assert_eq!((&made["limits"], &made["methods"]), (&json!({"products": 100, "staff": null}), &json!(["pix"])));

        let found = text(&browser.get("/operator/plans?q=pela-pagina&status=").await.expect(200));
        for part in ["1.234,56</td>", ">Anual</td>", ">Pix</td>"] {
            assert!(found.contains(part) && !found.contains("<script>"), "{part}: {found}");
        }
        let page = format!("/operator/plans/{id}");
        let shown = text(&browser.get(&page).await.expect(200));
        assert!(shown.contains("value=\"1.234,56\"") && shown.contains("não aceita cartão"), "{shown}");
        for (verb, status, word) in [("deactivate", "inactive", "está inativo"), ("activate", "active", "está ativo")]
        {
            let after = confirm(&mut browser, &page, verb).await;
            assert!(after.contains(word), "{after}");
            assert_eq!(read(bed, &id).await["status"], status);
        }
        let inactive = text(&browser.get("/operator/plans?q=pela-pagina&status=inactive").await.expect(200));
        assert!(inactive.contains("Nenhum plano"), "{inactive}");
        browser.get("/operator/plans/nada").await.expect(404);
        browser.post("/operator/plans/018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e", &form).await.expect(404);
    });
}

#[test]
fn s46_who_changes_a_plan_that_somebody_else_has_changed_is_told_what_differs_and_overwrites_nothing() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "que-edita").await;
        let mut browser = member.browser(bed).await;
        browser.get("/operator/plans/new").await.expect(200);
        browser.post("/operator/plans", &fields("a-quatro-maos", "49,90", &[])).await.expect(303);
        let id = id_of(bed, "a-quatro-maos").await;
        let page = format!("/operator/plans/{id}");
        assert!(text(&browser.get(&page).await.expect(200)).contains("name=\"_version\" value=\"1\""));
        let patch = json!({"name": "Nome <b>alheio</b>", "price": brl(5_990)});
        send(bed.operator("PATCH", &format!("/plans/{id}")).json(&patch)).await.expect(200);

        let form = fields("Meu nome", "49,90", &[("_version", "1")]);
        let stale = text(&browser.post(&page, &form).await.expect(412));
        assert!(stale.contains("mudou enquanto você editava"), "{stale}");
        assert!(stale.contains("Nome: Nome &#60;b&#62;alheio") && stale.contains("Preço: R$ 59,90"), "{stale}");
        assert!(!stale.contains("Ciclo: ") && !stale.contains("<b>"), "what does not differ is not named: {stale}");
        assert!(stale.contains("value=\"Meu nome\"") && stale.contains("value=\"49,90\""), "what was typed is kept");
        assert_eq!(read(bed, &id).await["name"], patch["name"], "nothing is overwritten");

        // A field that is wrong is said first, and does not make the form one of the present version.
        let wrong = fields("Meu nome", "x", &[("_version", "1")]);
        assert!(text(&browser.post(&page, &wrong).await.expect(422)).contains("name=\"_version\" value=\"1\""));
        // Who has seen what differs sends it again.
        assert!(stale.contains("name=\"_version\" value=\"2\""), "{stale}");
        let again = fields("Meu nome", "49,90", &[("_version", "2")]);
        let saved = browser.post(&page, &again).await.expect(303);
        assert!(text(&browser.get(saved.header("location")).await.expect(200)).contains("O plano foi guardado"));
        let kept = read(bed, &id).await;
        assert_eq!((&kept["name"], &kept["price"]), (&json!("Meu nome"), &brl(4_990)));
    });
}

#[test]
fn s46_the_gateway_is_asked_again_by_the_page_of_a_plan_that_nobody_takes() {
    run(async {
        let bed = Bed::start().await;
        let member = Member::new(&bed, "do-gateway").await;
        let made = send(bed.operator("POST", "/plans").json(&signup::plan("Cartão", 4_990))).await.expect(201).json;
        let id = made["id"].as_str().unwrap();
        until("no_account", async || (read(&bed, id).await["gateway_plan"]["status"] == "no_account").then_some(()))
            .await;
        let (mut browser, page) = (member.browser(&bed).await, format!("/operator/plans/{id}"));
        let shown = text(&browser.get(&page).await.expect(200));
        assert!(shown.contains("Sem conta") && shown.contains(&format!("{page}/ask")), "{shown}");
        let after = confirm(&mut browser, &page, "ask").await;
        assert!(after.contains("foi pedido de novo ao gateway"), "{after}");
    });
}
