//! People who sign up by browsers without JavaScript, but for the card's token, which is taken as the page's script takes it, and who give
//! their card again where it is asked for again. It names nothing of the folder around it: the benches and the tests of the APIs have
//! it, too.
#![allow(dead_code, unused_imports)] // Each program takes a part of it.

pub mod away;
pub mod browser;
pub mod mails;
pub mod platform;

use std::time::Duration;

use reqwest::Client;
use tokio::time::{Instant, sleep};

pub use self::{
    browser::{Browser, Form, Page},
    platform::{Gateway, Platform},
};

/// The longest wait for anything. Never an expectation: only the end of patience.
pub const PATIENCE: Duration = Duration::from_secs(600);
/// Times that a person gives a card, and sends a form that was refused.
const TRIES: usize = 5;
/// The password that every shop's owner chooses.
const PASSWORD: &str = "lanterna de papel na chuva";

/// Somebody who signs up.
#[derive(Clone)]
pub struct SignUp {
    /// The one that the person sits at.
    pub browser: Browser,
    /// The shop's sub-domain.
    pub subdomain: String,
    /// The time between two looks at the page of the subscription.
    pub every: Duration,
    /// The number of tokens of a card that were given.
    pub cards: usize,
    /// The path of the page of the subscription; empty before there is one.
    pub at: String,
    method: &'static str,
    number: usize,
    plan: String,
    gateway: Gateway,
    client: Client,
}

/// What stands on the page of a subscription.
enum Seen {
    /// It goes on by itself, or waits to be paid.
    Waits,
    /// It asks for the card again.
    AsksForCard(Form),
    /// The shop's address.
    Shop,
}

impl SignUp {
    /// A person by its number, who wants this shop, and pays by `card`, `pix` or `boleto`.
    pub fn new(platform: &Platform, number: usize, subdomain: &str, method: &'static str) -> Self {
        Self {
            browser: Browser::new(&platform.client, &platform.base, "localhost", number),
            subdomain: subdomain.to_owned(),
            every: Duration::from_millis(250),
            cards: 0,
            at: String::new(),
            method,
            number,
            plan: platform.plan.clone(),
            gateway: platform.gateway.clone(),
            client: platform.client.clone(),
        }
    }

    /// The person's address.
    pub fn email(&self) -> String {
        format!("pessoa{}@example.com", self.number)
    }

    /// The shop's name.
    pub fn shop_name(&self) -> String {
        format!("Loja da pessoa {}", self.number)
    }

    /// The path of the form.
    pub fn form_at(&self) -> String {
        format!("/assinar/{}", self.plan)
    }

    /// The form, filled in, with a fresh token where a card pays.
    pub async fn filled(&mut self) -> Form {
        let path = self.form_at();
        let page = self.patiently(&path, None).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        self.fill(&page).await
    }

    async fn fill(&mut self, page: &Page) -> Form {
        let form = page.forms().into_iter().find(|form| form.has("subdomain") && form.has("method"));
        let mut form = form.unwrap_or_else(|| panic!("no form to sign up by: {}", page.text));
        let (name, document) = (format!("Pessoa Número {}", words(self.number)), cpf(self.number));
        let (email, shop_name) = (self.email(), self.shop_name());
        for (input, typed) in [
            ("kind", "person"),
            ("name", name.as_str()),
            ("document", document.as_str()),
            ("email", email.as_str()),
            ("phone", "(81) 98765-4321"),
            ("zip", "50050-000"),
            ("street", "Rua das Laranjeiras"),
            ("number", "120"),
            ("district", "Boa Vista"),
            ("city", "Recife"),
            ("state", "PE"),
            ("shop_name", shop_name.as_str()),
            ("subdomain", self.subdomain.as_str()),
            ("method", self.method),
            ("accept", "on"),
        ] {
            form.set(input, typed);
        }
        self.give_card(&mut form).await;
        form
    }

    async fn give_card(&mut self, form: &mut Form) {
        if self.method == "card" {
            form.set_if_there("method", "card");
            form.set_if_there("accept", "on");
            form.set("card_token", &self.gateway.token().await);
            self.cards += 1;
            assert!(self.cards <= TRIES, "{} is asked for the card again and again", self.subdomain);
        }
    }

    /// Fills the form in and sends it, until there is a page of the subscription.
    pub async fn subscribe(&mut self) {
        let form = self.filled().await;
        self.send(form).await;
    }

    /// Sends the form, until there is a page of the subscription. One that is refused for the card's sake is sent with another token.
    pub async fn send(&mut self, mut form: Form) {
        for _ in 0..TRIES {
            let from = if self.at.is_empty() { self.form_at() } else { self.at.clone() };
            let page = self.patiently(&from, Some(&form)).await;
            if page.status == 303 {
                assert!(page.location.starts_with("/assinatura/"), "it leads to {}", page.location);
                self.at = page.location;
                return;
            }
            assert!(matches!(page.status, 200 | 422), "{}: {}", page.status, page.text);
            form = match self.seen(&page) {
                Seen::AsksForCard(form) => self.with_card(form).await,
                Seen::Waits | Seen::Shop => self.fill(&page).await,
            };
        }
        panic!("the form of {} is refused again and again", self.subdomain);
    }

    async fn with_card(&mut self, mut form: Form) -> Form {
        self.give_card(&mut form).await;
        form
    }

    /// Looks at the page of the subscription until the shop's address stands there, and gives the card where it is asked for again.
    pub async fn until_shop(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let page = self.page().await;
            match self.seen(&page) {
                Seen::Shop => return,
                Seen::AsksForCard(form) => {
                    let form = self.with_card(form).await;
                    self.send(form).await;
                }
                Seen::Waits => sleep(self.every).await,
            }
            assert!(Instant::now() < deadline, "{} never has an address: {}", self.subdomain, page.text);
        }
    }

    /// The page of the subscription.
    pub async fn page(&mut self) -> Page {
        let path = self.at.clone();
        let page = self.patiently(&path, None).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        page
    }

    fn seen(&self, page: &Page) -> Seen {
        if page.leads_to(&self.subdomain) {
            return Seen::Shop;
        }
        let again = |form: &Form| form.action.starts_with("/assinatura/") && form.has("card_token");
        match page.forms().into_iter().find(again) {
            Some(form) if self.method == "card" => Seen::AsksForCard(form),
            _ => Seen::Waits,
        }
    }

    /// Asks until it is answered, as a person loads a page again that does not come, or that asks to come again.
    async fn patiently(&mut self, path: &str, form: Option<&Form>) -> Page {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = match form {
                Some(form) => self.browser.send(path, form).await,
                None => self.browser.get(path).await,
            };
            let said = match answer {
                Ok(page) if !page.asks_to_come_again() => return page,
                Ok(page) => format!("{}: {}", page.status, page.text),
                Err(error) => error.to_string(),
            };
            assert!(Instant::now() < deadline, "{path} is never answered: {said}");
            sleep(Duration::from_millis(200)).await;
        }
    }

    /// The shop's first page, as anybody sees it.
    pub async fn shop(&self) -> Page {
        let mut anybody = Browser::new(&self.client, &self.browser.base, &self.host(), self.number);
        let deadline = Instant::now() + PATIENCE;
        loop {
            match anybody.get("/").await {
                // A host that nobody knew a moment ago is asked for again.
                Ok(page) if page.status == 200 => return page,
                other => assert!(Instant::now() < deadline, "{} does not answer: {other:?}", self.host()),
            }
            sleep(self.every).await;
        }
    }

    /// True if the shop's host answers with a shop now.
    pub async fn is_open(&self) -> bool {
        let mut anybody = Browser::new(&self.client, &self.browser.base, &self.host(), self.number);
        anybody.get("/").await.unwrap().status == 200
    }

    /// The shop's owner chooses a password by the link of a mail, which serves once, and logs in if so asked.
    pub async fn enters(&self, link: &str, logs_in: bool) {
        let owner = Browser::new(&self.client, &self.browser.base, &self.host(), self.number);
        let mut owner = Self { browser: owner, ..self.clone() };
        let path = browser::path_of(link).to_owned();
        let page = owner.patiently(&path, None).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        let form = page.forms().into_iter().find(|form| form.has("password"));
        let mut form = form.unwrap_or_else(|| panic!("no password can be chosen: {}", page.text));
        form.set("password", PASSWORD);
        let chosen = owner.patiently(&path, Some(&form)).await;
        assert_eq!(chosen.status, 303, "{}", chosen.text);
        let again = owner.patiently(&path, None).await;
        assert_eq!(again.status, 410, "the link serves once: {}", again.text);
        if logs_in {
            owner.logs_in().await;
        }
    }

    async fn logs_in(&mut self) {
        let page = self.patiently("/admin/login", None).await;
        let form = page.forms().into_iter().find(|form| form.has("email") && form.has("password"));
        let mut form = form.unwrap_or_else(|| panic!("no log-in: {}", page.text));
        form.set("email", &self.email());
        form.set("password", PASSWORD);
        let inside = self.patiently("/admin/login", Some(&form)).await;
        assert_eq!(inside.status, 303, "{}", inside.text);
        let first = self.patiently("/admin", None).await;
        assert_eq!(first.status, 200, "{}", first.text);
        assert!(first.text.contains(&self.shop_name()), "{}", first.text);
    }

    fn host(&self) -> String {
        format!("{}.localhost", self.subdomain)
    }
}

/// A number in letters, as names have no digits.
fn words(number: usize) -> String {
    const NAMES: [&str; 10] = ["Ana", "Bia", "Caio", "Davi", "Eva", "Fábio", "Gil", "Hugo", "Íris", "Jó"];
    number.to_string().bytes().map(|digit| NAMES[usize::from(digit - b'0')]).collect::<Vec<_>>().join(" ")
}

/// The CPF of the person with this number.
pub fn cpf(number: usize) -> String {
    let mut digits: Vec<usize> =
        format!("{:09}", 123_456_789 + number).bytes().map(|digit| usize::from(digit - b'0')).collect();
    for weight in [10, 11] {
        let sum: usize = digits.iter().enumerate().map(|(at, digit)| digit * (weight - at)).sum();
        digits.push(sum * 10 % 11 % 10);
    }
    digits.iter().map(usize::to_string).collect()
}

#[test]
fn a_persons_cpf_has_the_right_check_digits() {
    assert_eq!([cpf(0), cpf(406_525_458)], ["12345678909", "52998224725"].map(str::to_owned));
}
