//! Stripe: payment intents, refunds, customers, prices and subscriptions, as its API of 2024-06-20 has them.

mod answers;
mod hooks;
mod requests;

use std::sync::Arc;

use feira_schemas::{
    gateway::{Method, Observed, Outcome, Subscription, Unknown},
    ids::EffectId,
    time::{Clock, Micros},
};
use futures::FutureExt;
use reqwest::{
    Method as Verb,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;

use self::{
    answers::{Look, is_disputed, payment_of, refusal, saved_card},
    requests::Form,
};
use super::{
    Account, AccountKind, BrowserKey, Call, Callback, CallbackError, CallbackRequest, CancelFacts, Capabilities,
    CardFacts, CardSource, ChargeFacts, ChargePage, EndFacts, Gateway, GatewayError, Identity, ListFacts, LookUp,
    Parts, Plan, PlanFacts, RefundFacts, RefundNeeds, Refunds, SavedCard, SubscriptionFacts, Vendor,
    answer::Fields,
    http::{Answer, GatewayHttp, Request, basic, one, readable},
};

const NAME: &str = "stripe";

/// This gateway's line in the table.
pub(super) const VENDOR: Vendor = Vendor { name: NAME, address: "https://api.stripe.com/v1", open };

/// The version of the API whose fields are read; those before 2025-03-31 had a subscription's period and an invoice's payment
/// elsewhere.
const VERSION: &str = "2026-08-26.dahlia";

/// Things on a page: some hundred KiB with their charges.
const PAGE: usize = 50;
/// Pages that are gone through for one effect. Whoever made more since then is not answered by guessing.
const PAGES: usize = 20;

/// Days for which a card's payment is given back. The vendor names no end; older ones often fail at the card's bank.
const CARD_DAYS: u16 = 180;
/// Days for which a Pix can be given back (Banco Central, Regulamento do Pix).
const PIX_DAYS: u16 = 90;

/// The adapter.
struct Stripe {
    http: GatewayHttp,
    clock: Clock,
}

fn open(parts: Parts) -> Result<Arc<dyn Gateway>, GatewayError> {
    let Parts { http, clock, .. } = parts;
    Ok(Arc::new(Stripe { http, clock }))
}

impl Gateway for Stripe {
    fn name(&self) -> &'static str {
        NAME
    }

    fn create_charge<'a>(&'a self, account: &'a Account, facts: &'a ChargeFacts) -> Call<'a, Observed> {
        async move {
            if let Err(refusal) = facts.check() {
                return Outcome::Refused(refusal);
            }
            let (look, key) = (self.look(account), facts.effect.to_string());
            let request = self.request(account, Verb::POST, &["payment_intents"], Some(&key));
            let answer = self.http.call(Request { body: requests::charge(facts).encoded().into(), ..request }).await;
            // A card that is declined is an answer with the payment in it.
            answer.and_then(|answer| match look.charge(answer.json.field("error").field("payment_intent")) {
                Some(declined) if answer.status() == 402 => Outcome::Done(declined),
                _ => answered(answer).and_then(|intent| readable(look.charge(&intent))),
            })
        }
        .boxed()
    }

    fn get_charge<'a>(&'a self, account: &'a Account, charge: &'a LookUp) -> Call<'a, Option<Observed>> {
        async move {
            let look = self.look(account);
            let found = match charge {
                LookUp::Id(id) => {
                    let query = vec![("expand[0]", "latest_charge".to_owned())];
                    self.read(account, &["payment_intents", id], query).await
                }
                LookUp::Effect { effect, since } => {
                    let query = vec![("expand[0]", "data.latest_charge".to_owned())];
                    self.marked(account, "payment_intents", query, *effect, *since).await
                }
            };
            match found {
                Outcome::Done(Some(intent)) => self.observed(look, account, &intent).await.map(Some),
                other => other.map(|_| None),
            }
        }
        .boxed()
    }

    fn refund<'a>(&'a self, account: &'a Account, facts: &'a RefundFacts) -> Call<'a, Observed> {
        async move {
            if let Err(refusal) = self.capabilities(account.kind).allow(facts) {
                return Outcome::Refused(refusal);
            }
            let (look, key) = (self.look(account), facts.effect.to_string());
            let refund = self.write(account, Verb::POST, &["refunds"], &key, &requests::refund(facts)).await;
            let refund = match refund.done() {
                Ok(refund) => refund,
                Err(other) => return other,
            };
            if let Some(observed) = look.charge(refund.field("payment_intent")) {
                return Outcome::Done(observed);
            }
            // The refund is made, whatever comes of a look at its charge.
            match self.get_charge(account, &LookUp::Id(facts.charge.clone())).await {
                Outcome::Done(Some(observed)) => Outcome::Done(observed),
                _ => Outcome::Unknown(Unknown::Unreadable),
            }
        }
        .boxed()
    }

    fn cancel<'a>(&'a self, account: &'a Account, facts: &'a CancelFacts) -> Call<'a, Observed> {
        async move {
            let (look, key) = (self.look(account), facts.effect.to_string());
            let path = ["payment_intents", &facts.charge, "cancel"];
            let intent = self.write(account, Verb::POST, &path, &key, &requests::cancel()).await;
            intent.and_then(|intent| readable(look.charge(&intent)))
        }
        .boxed()
    }

    fn save_card<'a>(&'a self, account: &'a Account, facts: &'a CardFacts) -> Call<'a, SavedCard> {
        async move {
            let key = facts.effect.to_string();
            let made = self.write(account, Verb::POST, &["customers"], &key, &requests::holder(facts)).await;
            let customer = match made.and_then(|customer| readable(customer.word("id"))).done() {
                Ok(customer) => customer,
                Err(other) => return other,
            };
            // It is kept already; brand and digits are for showing.
            let card = facts.token.expose();
            let shown = match self.read(account, &["payment_methods", card], Vec::new()).await {
                Outcome::Done(shown) => shown.unwrap_or_default(),
                _ => Value::Null,
            };
            Outcome::Done(saved_card(customer, card.to_owned(), &shown))
        }
        .boxed()
    }

    fn create_plan<'a>(&'a self, account: &'a Account, facts: &'a PlanFacts) -> Call<'a, Plan> {
        async move {
            let key = facts.effect.to_string();
            let price = self.write(account, Verb::POST, &["prices"], &key, &requests::plan(facts)).await;
            price.and_then(|price| readable(price.word("id").map(|id| Plan { id })))
        }
        .boxed()
    }

    fn create_subscription<'a>(&'a self, account: &'a Account, facts: &'a SubscriptionFacts) -> Call<'a, Subscription> {
        async move {
            let (look, key) = (self.look(account), facts.effect.to_string());
            let payer = match &facts.source {
                CardSource::Saved { customer, card } => Outcome::Done((customer.clone(), card.clone())),
                CardSource::Token(token) => self.subscriber(account, facts, token.expose()).await,
            };
            let (customer, card) = match payer.done() {
                Ok(payer) => payer,
                Err(other) => return other,
            };
            let form = requests::subscription(facts, &customer, &card);
            match self.write(account, Verb::POST, &["subscriptions"], &key, &form).await.done() {
                Ok(made) => readable(self.subscription(look, account, &made).await),
                Err(other) => other,
            }
        }
        .boxed()
    }

    fn get_subscription<'a>(
        &'a self,
        account: &'a Account,
        subscription: &'a LookUp,
    ) -> Call<'a, Option<Subscription>> {
        async move {
            let look = self.look(account);
            let found = match subscription {
                LookUp::Id(id) => {
                    let query = vec![("expand[0]", "latest_invoice.payments".to_owned())];
                    self.read(account, &["subscriptions", id], query).await
                }
                LookUp::Effect { effect, since } => {
                    let expand = ("expand[0]", "data.latest_invoice.payments".to_owned());
                    let query = vec![("status", "all".to_owned()), expand];
                    self.marked(account, "subscriptions", query, *effect, *since).await
                }
            };
            match found.done() {
                Ok(None) => Outcome::Done(None),
                Ok(Some(found)) => one(Some(self.subscription(look, account, &found).await)),
                Err(other) => other,
            }
        }
        .boxed()
    }

    fn cancel_subscription<'a>(&'a self, account: &'a Account, facts: &'a EndFacts) -> Call<'a, Subscription> {
        async move {
            let (look, key) = (self.look(account), facts.effect.to_string());
            let path = ["subscriptions", &facts.subscription];
            let ended = self.write(account, Verb::DELETE, &path, &key, &requests::end()).await;
            ended.and_then(|ended| readable(look.subscription(&ended)))
        }
        .boxed()
    }

    /// The gateway lists by time alone, so a state is looked for on this side; a page may come out empty.
    fn list_charges<'a>(&'a self, account: &'a Account, facts: &'a ListFacts) -> Call<'a, ChargePage> {
        async move {
            let look = self.look(account);
            let query = vec![("expand[0]", "data.latest_charge".to_owned())];
            let page = self.page(account, "payment_intents", query, facts.since, facts.page.clone()).await;
            page.map(|(entries, next)| {
                let observed = entries.iter().filter_map(|intent| look.charge(intent));
                let wanted = |observed: &Observed| facts.state.is_none_or(|state| state.fits(observed.charge.status()));
                ChargePage { charges: observed.filter(wanted).collect(), next }
            })
        }
        .boxed()
    }

    fn who_am_i<'a>(&'a self, account: &'a Account) -> Call<'a, Identity> {
        async move {
            let own = self.read(account, &["account"], Vec::new()).await;
            own.map(|own| Identity { remote_account: own.and_then(|own| own.word("id")) })
        }
        .boxed()
    }

    fn parse_callback(
        &self,
        account: &Account,
        request: CallbackRequest<'_>,
        now: Micros,
    ) -> Result<Callback, CallbackError> {
        hooks::parse(account, request, now)
    }

    fn signature_header(&self) -> Option<&'static str> {
        Some("stripe-signature")
    }

    fn browser_key(&self, public_key: &str) -> BrowserKey {
        let tokens = self.http.url(&["payment_methods"]).into();
        BrowserKey { public_key: public_key.to_owned(), tokens }
    }

    fn capabilities(&self, _kind: AccountKind) -> Capabilities {
        let by_gateway = |days| Refunds::ByGateway { days, partial: true, needs: RefundNeeds::Nothing };
        Capabilities {
            refunds: vec![
                (Method::Card, by_gateway(CARD_DAYS)),
                (Method::Boleto, Refunds::ByHand),
                (Method::Pix, by_gateway(PIX_DAYS)),
            ],
        }
    }
}

impl Stripe {
    fn look<'a>(&self, account: &'a Account) -> Look<'a> {
        Look { account: &account.id, began: self.clock.now() }
    }

    /// The charge of a payment's answer, with its disputes where it has some.
    async fn observed(&self, look: Look<'_>, account: &Account, intent: &Value) -> Outcome<Observed> {
        let Some(observed) = look.charge(intent) else { return Outcome::Unknown(Unknown::Unreadable) };
        if !is_disputed(intent) {
            return Outcome::Done(observed);
        }
        let query = vec![("payment_intent", observed.charge.remote.charge.clone()), ("limit", PAGE.to_string())];
        let disputes = self.read(account, &["disputes"], query).await;
        disputes.map(|disputes| look.with_disputes(observed, disputes.unwrap_or_default().list("data")))
    }

    /// A subscription's answer with the charge of its latest invoice, which is left out where it can't be looked at now.
    async fn subscription(&self, look: Look<'_>, account: &Account, answer: &Value) -> Option<Subscription> {
        let mut subscription = look.subscription(answer)?;
        let Some(payment) = payment_of(answer) else { return Some(subscription) };
        let query = vec![("expand[0]", "latest_charge".to_owned())];
        if let Outcome::Done(Some(intent)) = self.read(account, &["payment_intents", &payment], query).await
            && let Some(mut observed) = look.charge(&intent)
        {
            observed.charge.remote.subscription = Some(subscription.id.clone());
            subscription.charge = Some(Box::new(observed));
        }
        Some(subscription)
    }

    /// The customer that a subscription with a new card is for, and the card.
    async fn subscriber(&self, account: &Account, facts: &SubscriptionFacts, card: &str) -> Outcome<(String, String)> {
        let form = requests::customer(&facts.subscriber, card, facts.effect, facts.tenant);
        let key = format!("{}-customer", facts.effect);
        let made = self.write(account, Verb::POST, &["customers"], &key, &form).await;
        made.and_then(|made| readable(made.word("id").map(|id| (id, card.to_owned()))))
    }

    /// Finds the thing that was made with this effect's mark since a time. The gateway's own search lags behind, so its list is gone through.
    async fn marked(
        &self,
        account: &Account,
        list: &str,
        query: Vec<(&'static str, String)>,
        effect: EffectId,
        since: Micros,
    ) -> Outcome<Option<Value>> {
        let (mark, mut after) = (effect.to_string(), None);
        for _ in 0..PAGES {
            let (entries, next) = match self.page(account, list, query.clone(), since, after).await.done() {
                Ok(page) => page,
                Err(other) => return other,
            };
            let is_marked = |entry: &Value| entry.field("metadata").word("effect_id").as_ref() == Some(&mark);
            if let Some(found) = entries.into_iter().find(is_marked) {
                return Outcome::Done(Some(found));
            }
            after = next;
            if after.is_none() {
                return Outcome::Done(None);
            }
        }
        Outcome::Unknown(Unknown::Unreadable)
    }

    /// A page of what was made since a time, newest first, and the next page's name.
    async fn page(
        &self,
        account: &Account,
        list: &str,
        mut query: Vec<(&'static str, String)>,
        since: Micros,
        after: Option<String>,
    ) -> Outcome<(Vec<Value>, Option<String>)> {
        query.push(("created[gte]", since.div_euclid(1_000_000).to_string()));
        query.push(("limit", PAGE.to_string()));
        query.extend(after.map(|after| ("starting_after", after)));
        let found = self.read(account, &[list], query).await;
        found.map(|found| {
            let found = found.unwrap_or_default();
            let entries = found.list("data").to_vec();
            let more = found.field("has_more") == &Value::Bool(true);
            let next = entries.last().filter(|_| more).and_then(|last| last.word("id"));
            (entries, next)
        })
    }

    async fn write(&self, account: &Account, method: Verb, path: &[&str], key: &str, form: &Form) -> Outcome<Value> {
        let request = self.request(account, method, path, Some(key));
        self.http.call(Request { body: form.encoded().into(), ..request }).await.and_then(answered)
    }

    /// Looks; `None` if there is no such thing.
    async fn read(
        &self,
        account: &Account,
        path: &[&str],
        query: Vec<(&'static str, String)>,
    ) -> Outcome<Option<Value>> {
        let request = Request { query, ..self.request(account, Verb::GET, path, None) };
        self.http.call(request).await.and_then(|answer| match answer.status() {
            404 => Outcome::Done(None),
            _ => answered(answer).map(Some),
        })
    }

    fn request<'a>(&self, account: &Account, method: Verb, path: &'a [&'a str], key: Option<&str>) -> Request<'a> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, basic(&account.secret_key));
        headers.insert(HeaderName::from_static("stripe-version"), HeaderValue::from_static(VERSION));
        if let Some(key) = key.and_then(|key| HeaderValue::from_str(key).ok()) {
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(header::CONTENT_TYPE, form);
            headers.insert(HeaderName::from_static("idempotency-key"), key);
        }
        Request { method, path, query: Vec::new(), headers, body: Default::default() }
    }
}

/// The outcome of an answer. That the key was used for another request tells that there was one.
fn answered(answer: Answer) -> Outcome<Value> {
    if answer.is_yes() {
        return Outcome::Done(answer.json);
    }
    if answer.json.field("error").text("type", 100) == Some("idempotency_error") {
        return Outcome::Unknown(Unknown::KeyInUse);
    }
    Outcome::Refused(refusal(&answer))
}
