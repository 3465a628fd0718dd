//! The platform's site over HTTP, as a browser asks for it: from a plan to a shop.

mod form;
mod names;
mod otherwise;
mod pages;
mod paying;
mod unpaid;

use reqwest::Client;
use serde_json::{Value, json};

use crate::{
    bed::{Answered, Bed, send},
    panel::Browser,
    payments::{of_platform, text},
    reconciliation::until,
    signup::{at_stage, made, plan},
};

/// The text of a page.
pub use crate::panel::text as page;

/// A number whose card pays.
const PAYS: &str = "4000000000000010";
/// A number whose card is declined.
const DECLINED: &str = "4000000000000028";
/// What is typed, and must stand in no record and on nobody else's page.
const NAME: &str = "Joana Prado";
const EMAIL: &str = "joana.prado@example.com";

/// A plan that can be paid in every way, by an account of the platform at the simulator whose callbacks come.
struct Site {
    plan: String,
    /// The account as the simulator has it.
    remote: Value,
}

impl Site {
    async fn at(bed: &Bed, gateway: &str) -> Self {
        let (account, remote) = of_platform(bed, gateway).await;
        let path = format!("/payments/accounts/{}", text(&account["id"]));
        let callback = send(bed.operator("GET", &path)).await.expect(200).json["callback"].take();
        let address = text(&callback["address"]);
        let (_, path) = address.split_once("://").unwrap().1.split_once('/').unwrap();
        let basic = callback["password"].as_str().map(|password| json!(["feira", password]));
        let hooks = json!({"hooks": {"url": bed.platform_url(&format!("/{path}")), "basic": basic}});
        let at = format!("http://{}/admin/accounts/{}", bed.simulator.address(), text(&remote["id"]));
        assert!(Client::new().patch(at).json(&hooks).send().await.unwrap().status().is_success());
        let known = made(bed, &plan("Básico", 4_990)).await;
        at_stage(bed, &known, "made").await;
        Self { plan: text(&known["id"]), remote }
    }

    /// The address of the form.
    fn form(&self) -> String {
        format!("/assinar/{}", self.plan)
    }

    /// A token of a card, as a browser gets it from pagar.me with what the form names.
    async fn token(&self, bed: &Bed, number: &str) -> String {
        let card = json!({"number": number, "holder_name": "JOANA", "exp_month": 12, "exp_year": 2040, "cvv": "123"});
        let key = text(&self.remote["public_key"]);
        let address = format!("http://{}/core/v5/tokens?appId={key}", bed.simulator.address());
        let answer = Client::new().post(address).json(&json!({"type": "card", "card": card})).send().await.unwrap();
        text(&answer.json::<Value>().await.unwrap()["id"])
    }

    /// The charges that the gateway has truly made.
    async fn truth(&self, bed: &Bed) -> Vec<Value> {
        let account = text(&self.remote["id"]);
        let address = format!("http://{}/admin/charges?account={account}", bed.simulator.address());
        Client::new().get(address).send().await.unwrap().json().await.unwrap()
    }
}

/// What a hidden or a filled input of a page has.
fn value(html: &str, name: &str) -> String {
    let (_, rest) = html.split_once(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("no {name}: {html}"));
    let (_, rest) = rest.split_once("value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// A form that is filled well, with these texts in the place of others, for the page that the browser was shown last.
fn filled(html: &str, subdomain: &str, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let good = [
        ("kind", "person"),
        ("name", NAME),
        ("document", "529.982.247-25"),
        ("owner_name", ""),
        ("email", EMAIL),
        ("phone", "(11) 98765-4321"),
        ("zip", "01310-100"),
        ("street", "Avenida Paulista"),
        ("number", "1578"),
        ("complement", "Conjunto 12"),
        ("district", "Bela Vista"),
        ("city", "São Paulo"),
        ("state", "SP"),
        ("shop_name", "Padaria do Prado"),
        ("subdomain", subdomain),
        ("method", "pix"),
        ("card_token", ""),
        ("accept", "on"),
    ];
    let kept = good.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    let typed = kept.chain(changes).map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let hidden = ["_key", "terms", "token"].map(|name| (name.to_owned(), value(html, name)));
    typed.chain(hidden).collect()
}

/// Sends a form.
async fn post(browser: &mut Browser<'_>, path: &str, fields: &[(String, String)]) -> Answered {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    browser.post(path, &fields).await
}

/// Fills the form of a site and sends it; the path of the subscription's page.
async fn subscribe(browser: &mut Browser<'_>, site: &Site, subdomain: &str, changes: &[(&str, &str)]) -> String {
    let html = page(&browser.get(&site.form()).await.expect(200));
    let answer = post(browser, &site.form(), &filled(&html, subdomain, changes)).await.expect(303);
    let location = answer.header("location").to_owned();
    assert!(location.starts_with("/assinatura/"), "{location}");
    location
}

/// The page of a subscription, once it is so far.
async fn page_at(browser: &mut Browser<'_>, path: &str, status: &str) -> String {
    let wanted = format!("data-status=\"{status}\"");
    until(status, async || {
        let html = page(&browser.get(path).await.expect(200));
        html.contains(&wanted).then_some(html)
    })
    .await
}
