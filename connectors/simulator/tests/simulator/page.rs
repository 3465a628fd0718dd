//! The page on which a person pays.

use reqwest::{StatusCode, redirect};
use serde_json::json;

use crate::bed::{Bed, boleto, pix};

#[tokio::test]
async fn a_person_pays_a_pix_and_a_boleto_by_a_button_and_is_told_that_it_is_a_simulator() {
    let bed = Bed::new().await;
    bed.admin("PATCH", &format!("accounts/{}", bed.account.id), json!({"name": "Moda <b>"})).await;
    let page = async || bed.client.get(bed.url("")).send().await.unwrap().text().await.unwrap();
    assert!(page().await.contains("Nenhum Pix ou boleto espera"));
    let (_, first) = bed.ordered("p-1", pix()).await;
    let (order, second) = bed.ordered("b-1", boleto()).await;
    let open = page().await;
    assert!(open.contains("Isto é um simulador.") && open.contains("R$ 50,00"), "{open}");
    assert!(!open.contains("Pagos há pouco"), "{open}");
    assert!(open.contains(&format!("/pictures/{first}/pix")) && !open.contains(&format!("/pictures/{second}/pix")));
    assert!(!open.contains("Moda <b>"), "a name is no markup");
    let browser = reqwest::Client::builder().no_proxy().redirect(redirect::Policy::none()).build().unwrap();
    for charge in [&first, &second] {
        assert!(open.contains(&format!("/charges/{charge}/pay")));
        let pay = || browser.post(bed.url(&format!("charges/{charge}/pay"))).send();
        assert_eq!(pay().await.unwrap().status(), StatusCode::SEE_OTHER);
        assert_eq!(pay().await.unwrap().status(), StatusCode::CONFLICT);
    }
    let after = page().await;
    assert!(!after.contains(&first) && after.contains("Pagos há pouco") && after.contains("pedido p-1"), "{after}");
    assert_eq!(bed.truth("b-1").await[0]["received"], 5_000);
    let slip = order["charges"][0]["last_transaction"]["url"].as_str().unwrap();
    assert!(bed.client.get(slip).send().await.unwrap().text().await.unwrap().contains("não está em aberto"));
    assert_eq!(bed.client.get(bed.url("nowhere")).send().await.unwrap().status(), StatusCode::NOT_FOUND);
}
