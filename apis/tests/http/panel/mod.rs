//! The panel's pages over HTTP, as a browser asks for them.

mod changes;
mod consoles;
mod coupons;
mod dead_letters;
mod every_field;
mod forgot;
mod forms;
mod links;
mod lists;
mod login;
mod methods;
mod pages;
mod permissions;
mod plans;
mod product_form;
mod products;
mod sessions;
mod shop_login;
mod shop_pages;
mod shops;
mod staff;
mod subscribers;
mod tokens;

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU32, Ordering},
};

use reqwest::RequestBuilder;
use serde_json::json;

use crate::{
    bed::{Answered, Bed, send},
    reconciliation::until,
};

/// The platform's host, with the port that a browser would name.
const HOST: &str = "localhost:8080";
/// The password of every member.
const PASSWORD: &str = "lanterna de papel na chuva";

/// A browser: it keeps cookies, has an address of its own, and says where a form comes from.
pub struct Browser<'a> {
    bed: &'a Bed,
    host: &'static str,
    /// The path of the panel that is looked at.
    panel: &'static str,
    pub cookies: BTreeMap<String, String>,
    address: String,
    /// The token of the last page's forms.
    pub token: String,
}

impl<'a> Browser<'a> {
    pub fn new(bed: &'a Bed) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let [.., high, low] = NEXT.fetch_add(1, Ordering::SeqCst).to_be_bytes();
        let address = format!("198.18.{high}.{low}");
        Self { bed, host: HOST, panel: "/operator", cookies: BTreeMap::new(), address, token: String::new() }
    }

    /// One that looks at a shop's panel, on this host.
    pub fn at(bed: &'a Bed, host: &str) -> Self {
        // Tests end soon.
        let host = Box::leak(format!("{host}:8080").into_boxed_str());
        Self { host, panel: "/admin", ..Self::new(bed) }
    }

    /// A request with the cookies, from this browser's address.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.bed.request(self.host, method, path).header("x-forwarded-for", &self.address);
        if cookies.is_empty() { request } else { request.header("cookie", cookies.join("; ")) }
    }

    /// Sends, and keeps what a browser keeps of the answer.
    pub async fn send(&mut self, request: RequestBuilder) -> Answered {
        let answer = send(request).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            match rest.contains("Max-Age=0") {
                true => drop(self.cookies.remove(name)),
                false => drop(self.cookies.insert(name.to_owned(), value.to_owned())),
            }
        }
        if let Some((_, rest)) = text(&answer).split_once("name=\"_token\" value=\"") {
            self.token = rest.split('"').next().unwrap().to_owned();
        }
        answer
    }

    pub async fn get(&mut self, path: &str) -> Answered {
        let request = self.request("GET", path);
        self.send(request).await
    }

    /// The request of a form of the last page, which is sent from the host itself.
    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("_token", self.token.as_str())]).collect();
        self.request("POST", path)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encoded(&fields))
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answered {
        let request = self.form(path, fields);
        self.send(request).await
    }

    /// Types address and password into the form of the log-in.
    pub async fn log_in(&mut self, email: &str, password: &str) -> Answered {
        let login = format!("{}/login", self.panel);
        self.get(&login).await.expect(200);
        self.post(&login, &[("/email", email), ("/password", password)]).await
    }

    /// The session's cookie.
    pub fn session(&self) -> Option<&str> {
        self.cookies.get("feira_session").map(String::as_str)
    }
}

/// Fields as a form sends them.
pub fn encoded(fields: &[(&str, &str)]) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    let encoded = |text: &str| text.bytes().map(byte).collect::<String>();
    fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect::<Vec<_>>().join("&")
}

pub fn text(answer: &Answered) -> String {
    String::from_utf8_lossy(&answer.bytes).into_owned()
}

/// A member of the platform's staff.
pub struct Member {
    pub id: String,
    pub email: String,
    /// The path of the link of the invitation.
    pub link: String,
}

impl Member {
    /// One that was invited, with this name and role.
    pub async fn invited_as(bed: &Bed, address: &str, name: &str, role: &str) -> Self {
        let email = format!("{address}@equipe.example");
        let body = json!({"email": email, "name": name, "roles": [role]});
        let made = send(bed.operator("POST", "/staff").json(&body)).await.expect(201).json;
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        let link = text("link");
        let link = link.strip_prefix("http://localhost").unwrap_or_else(|| panic!("{link}"));
        let link = link[link.find('/').unwrap()..].to_owned();
        Self { id: text("id"), email, link }
    }

    /// An administrator that was invited.
    pub async fn invited(bed: &Bed, address: &str) -> Self {
        Self::invited_as(bed, address, "Ana Lima", "administrator").await
    }

    /// An administrator that has chosen its password.
    pub async fn new(bed: &Bed, address: &str) -> Self {
        let member = Self::invited(bed, address).await;
        member.chooses(bed, PASSWORD).await.expect(303);
        member
    }

    /// Chooses a password by the link of the invitation.
    pub async fn chooses(&self, bed: &Bed, password: &str) -> Answered {
        choose(&mut Browser::new(bed), &self.link, password).await
    }

    /// A browser in which the member has logged in.
    pub async fn browser<'a>(&self, bed: &'a Bed) -> Browser<'a> {
        let mut browser = Browser::new(bed);
        browser.log_in(&self.email, PASSWORD).await.expect(303);
        browser
    }

    /// Changes the member by the operator's API.
    pub async fn change(&self, bed: &Bed, patch: serde_json::Value) {
        send(bed.operator("PATCH", &format!("/staff/{}", self.id)).json(&patch)).await.expect(200);
    }
}

/// The id of the member of the platform's staff with this address, of however many there are.
async fn member_at(bed: &Bed, email: &str) -> String {
    let mut after = String::new();
    loop {
        let page = send(bed.operator("GET", &format!("/staff?limit=100{after}"))).await.expect(200).json;
        if let Some(one) = page["items"].as_array().unwrap().iter().find(|one| one["email"] == email) {
            return one["id"].as_str().unwrap().to_owned();
        }
        after = format!("&after={}", page["next"].as_str().expect("somebody has this address"));
    }
}

/// Opens a link and types a password there.
pub async fn choose(browser: &mut Browser<'_>, link: &str, password: &str) -> Answered {
    // Whoever was invited a moment ago may not be there for readers yet.
    until("the link's page", async || (browser.get(link).await.status == 200).then_some(())).await;
    let (page, text) = link.split_once("?t=").unwrap();
    browser.post(page, &[("_link", text), ("/password", password)]).await
}
