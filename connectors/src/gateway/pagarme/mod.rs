//! pagar.me, its API v5: orders with one charge each, and subscriptions to plans.
//!
//! Fields and answers are those of the vendor's published client, `@pagarme/pagarme-nodejs-sdk` 7.0.2.

mod answers;
mod hooks;
mod requests;

use std::{sync::Arc, time::Duration};

use feira_schemas::{
    gateway::{Method, Observed, Outcome, Recurrence, Subscription},
    ids::EffectId,
    time::{Clock, Micros, rfc3339},
};
use futures::FutureExt;
use reqwest::{
    Method as Verb,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;
use tokio::time::sleep;

use self::answers::{Look, refusal, saved_card};
use super::{
    Account, AccountKind, BrowserKey, Call, Callback, CallbackError, CallbackRequest, CancelFacts, Capabilities,
    CardFacts, ChargeFacts, ChargePage, EndFacts, Gateway, GatewayError, Identity, ListFacts, Listed, LookUp, Parts,
    Plan, PlanFacts, RefundFacts, RefundNeeds, Refunds, SavedCard, SubscriptionFacts, Vendor,
    answer::Fields,
    http::{GatewayHttp, Request, basic, one, readable},
};

const NAME: &str = "pagarme";

/// This gateway's line in the table.
pub(super) const VENDOR: Vendor = Vendor { name: NAME, address: "https://api.pagar.me/core/v5", open };

/// Charges on a page: some hundred KiB.
const PAGE: usize = 30;

/// The time after which what was made stands in lists, which lag a second behind. A longer one would keep whoever subscribes waiting.
const LISTED_AFTER: Duration = Duration::from_millis(1_500);

/// Days for which a card's payment can be given back.
const CARD_DAYS: u16 = 180;
/// Days for which a Pix can be given back (Banco Central, Regulamento do Pix).
const PIX_DAYS: u16 = 90;
/// Days for which the vendor transfers a boleto's sum back.
const BOLETO_DAYS: u16 = 180;

/// The adapter.
struct Pagarme {
    http: GatewayHttp,
    clock: Clock,
    referer: Option<HeaderValue>,
}

fn open(parts: Parts) -> Result<Arc<dyn Gateway>, GatewayError> {
    let Parts { http, clock, referer } = parts;
    let referer = referer.as_deref().map(HeaderValue::from_str).transpose();
    let referer = referer.map_err(|error| GatewayError(format!("the referer: {error}")))?;
    Ok(Arc::new(Pagarme { http, clock, referer }))
}

impl Gateway for Pagarme {
    fn name(&self) -> &'static str {
        NAME
    }

    fn create_charge<'a>(&'a self, account: &'a Account, facts: &'a ChargeFacts) -> Call<'a, Observed> {
        async move {
            if let Err(refusal) = facts.check() {
                return Outcome::Refused(refusal);
            }
            let look = self.look(account);
            let key = facts.effect.to_string();
            let order = self.write(account, Verb::POST, &["orders"], &key, &requests::order(facts)).await;
            order.and_then(|order| readable(look.order(&order)))
        }
        .boxed()
    }

    fn get_charge<'a>(&'a self, account: &'a Account, charge: &'a LookUp) -> Call<'a, Option<Observed>> {
        async move {
            let look = self.look(account);
            match charge {
                LookUp::Id(id) => {
                    let found = self.read(account, &["charges", id], Vec::new()).await;
                    found.and_then(|found| one(found.map(|charge| look.charge(&charge))))
                }
                LookUp::Effect { effect, .. } => {
                    let found = self.coded(account, "orders", *effect).await;
                    found.and_then(|found| one(found.map(|order| look.order(&order))))
                }
            }
        }
        .boxed()
    }

    fn refund<'a>(&'a self, account: &'a Account, facts: &'a RefundFacts) -> Call<'a, Observed> {
        async move {
            if let Err(refusal) = self.capabilities(account.kind).allow(facts) {
                return Outcome::Refused(refusal);
            }
            let (look, body) = (self.look(account), requests::refund(facts));
            let key = facts.effect.to_string();
            let charge = self.write(account, Verb::DELETE, &["charges", &facts.charge], &key, &body).await;
            charge.and_then(|charge| readable(look.charge(&charge)))
        }
        .boxed()
    }

    fn cancel<'a>(&'a self, account: &'a Account, facts: &'a CancelFacts) -> Call<'a, Observed> {
        async move {
            let (look, body) = (self.look(account), requests::cancel(facts.effect));
            let key = facts.effect.to_string();
            let charge = self.write(account, Verb::DELETE, &["charges", &facts.charge], &key, &body).await;
            charge.and_then(|charge| readable(look.charge(&charge)))
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
            let key = format!("{key}-card");
            let path = ["customers", &customer, "cards"];
            let card = self.write(account, Verb::POST, &path, &key, &requests::card(facts)).await;
            card.and_then(|card| readable(saved_card(customer, &card)))
        }
        .boxed()
    }

    fn create_plan<'a>(&'a self, account: &'a Account, facts: &'a PlanFacts) -> Call<'a, Plan> {
        async move {
            let key = facts.effect.to_string();
            let plan = self.write(account, Verb::POST, &["plans"], &key, &requests::plan(facts)).await;
            plan.and_then(|plan| readable(plan.word("id").map(|id| Plan { id })))
        }
        .boxed()
    }

    fn create_subscription<'a>(&'a self, account: &'a Account, facts: &'a SubscriptionFacts) -> Call<'a, Subscription> {
        async move {
            let (look, body) = (self.look(account), requests::subscription(facts));
            let key = facts.effect.to_string();
            let made = self.write(account, Verb::POST, &["subscriptions"], &key, &body).await;
            match made.and_then(|made| readable(look.subscription(&made))) {
                Outcome::Done(made) => Outcome::Done(self.with_first_charge(look, made).await),
                other => other,
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
                LookUp::Id(id) => self.read(account, &["subscriptions", id], Vec::new()).await,
                LookUp::Effect { effect, .. } => self.coded(account, "subscriptions", *effect).await,
            };
            match found.and_then(|found| one(found.map(|answer| look.subscription(&answer)))) {
                Outcome::Done(Some(found)) => Outcome::Done(Some(self.with_charge(look, found).await)),
                other => other,
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

    fn list_charges<'a>(&'a self, account: &'a Account, facts: &'a ListFacts) -> Call<'a, ChargePage> {
        async move {
            let look = self.look(account);
            let page: usize = facts.page.as_deref().and_then(|page| page.parse().ok()).unwrap_or(1);
            let mut query =
                vec![("page", page.to_string()), ("size", PAGE.to_string()), ("created_since", rfc3339(facts.since))];
            query.extend(facts.state.map(|state| ("status", status(state).to_owned())));
            let found = self.read(account, &["charges"], query).await;
            found.map(|found| {
                let found = found.unwrap_or_default();
                let listed = found.list("data");
                ChargePage {
                    charges: listed.iter().filter_map(|charge| look.charge(charge)).collect(),
                    next: (listed.len() >= PAGE).then(|| (page + 1).to_string()),
                }
            })
        }
        .boxed()
    }

    /// The vendor has no address that tells whose a key is: that it lists charges is all there is to see.
    fn who_am_i<'a>(&'a self, account: &'a Account) -> Call<'a, Identity> {
        async move {
            let query = vec![("page", "1".to_owned()), ("size", "1".to_owned())];
            let taken = self.read(account, &["charges"], query).await;
            taken.map(|_| Identity { remote_account: None })
        }
        .boxed()
    }

    fn parse_callback(
        &self,
        account: &Account,
        request: CallbackRequest<'_>,
        _now: Micros,
    ) -> Result<Callback, CallbackError> {
        hooks::parse(account, request)
    }

    fn signature_header(&self) -> Option<&'static str> {
        None
    }

    fn browser_key(&self, public_key: &str) -> BrowserKey {
        let mut tokens = self.http.url(&["tokens"]);
        tokens.query_pairs_mut().append_pair("appId", public_key);
        BrowserKey { public_key: public_key.to_owned(), tokens: tokens.into() }
    }

    fn capabilities(&self, kind: AccountKind) -> Capabilities {
        let by_gateway = |days, needs| Refunds::ByGateway { days, partial: true, needs };
        let of_bank_money = |refunds| match kind {
            AccountKind::WholeService => refunds,
            // The money is at the merchant's own bank, which the vendor can't move it from.
            AccountKind::OwnAcquirer => Refunds::ByHand,
        };
        Capabilities {
            refunds: vec![
                (Method::Card, by_gateway(CARD_DAYS, RefundNeeds::Nothing)),
                (Method::Boleto, of_bank_money(by_gateway(BOLETO_DAYS, RefundNeeds::BankAccount))),
                (Method::Pix, of_bank_money(by_gateway(PIX_DAYS, RefundNeeds::Nothing))),
            ],
        }
    }
}

impl Pagarme {
    fn look<'a>(&self, account: &'a Account) -> Look<'a> {
        Look { account, began: self.clock.now() }
    }

    /// Asks for something to be done, and gives what the gateway then has.
    async fn write(&self, account: &Account, method: Verb, path: &[&str], key: &str, body: &Value) -> Outcome<Value> {
        let body = body.to_string().into();
        let request = Request { method, path, query: Vec::new(), headers: self.headers(account, Some(key)), body };
        let answer = self.http.call(request).await;
        answer.and_then(
            |answer| if answer.is_yes() { Outcome::Done(answer.json) } else { Outcome::Refused(refusal(&answer)) },
        )
    }

    /// Looks; `None` if there is no such thing.
    async fn read(
        &self,
        account: &Account,
        path: &[&str],
        query: Vec<(&'static str, String)>,
    ) -> Outcome<Option<Value>> {
        let headers = self.headers(account, None);
        let request = Request { method: Verb::GET, path, query, headers, body: Default::default() };
        self.http.call(request).await.and_then(|answer| match answer.status() {
            404 => Outcome::Done(None),
            _ if answer.is_yes() => Outcome::Done(Some(answer.json)),
            _ => Outcome::Refused(refusal(&answer)),
        })
    }

    /// The order or subscription that was made with this code. The list may lag a second behind what was made.
    async fn coded(&self, account: &Account, list: &str, effect: EffectId) -> Outcome<Option<Value>> {
        let code = effect.to_string();
        let query = vec![("code", code.clone()), ("page", "1".to_owned()), ("size", PAGE.to_string())];
        let found = self.read(account, &[list], query).await;
        found.map(|found| {
            // Who passes over a filter that it does not know would give anybody's.
            found?.list("data").iter().find(|entry| entry.word("code").as_ref() == Some(&code)).cloned()
        })
    }

    /// A subscription that was just made with its first charge: its invoice may not be listed yet. Whoever passed over it would know
    /// neither that it was paid nor why it was not.
    async fn with_first_charge(&self, look: Look<'_>, made: Subscription) -> Subscription {
        let is_charged = made.recurrence != Recurrence::Future;
        let made = self.with_charge(look, made).await;
        if made.charge.is_some() || !is_charged {
            return made;
        }
        sleep(LISTED_AFTER).await;
        self.with_charge(look, made).await
    }

    /// The subscription with the charge of its latest invoice. That this can't be looked at just now is no matter: the subscription is
    /// what was asked for.
    async fn with_charge(&self, look: Look<'_>, subscription: Subscription) -> Subscription {
        let query =
            vec![("subscription_id", subscription.id.clone()), ("page", "1".to_owned()), ("size", "1".to_owned())];
        let Outcome::Done(Some(invoices)) = self.read(look.account, &["invoices"], query).await else {
            return subscription;
        };
        let invoice = invoices.list("data").first();
        let billed = invoice.and_then(|invoice| invoice.field("cycle").time("start_at"));
        let subscription = self.of_period(look, subscription, billed).await;
        let charge = invoice.and_then(|invoice| look.charge(invoice.field("charge")));
        let of_subscription = |mut observed: Observed| {
            observed.charge.remote.subscription = Some(subscription.id.clone());
            Box::new(observed)
        };
        Subscription { charge: charge.map(of_subscription), ..subscription }
    }

    /// The subscription as it is in the period that its latest invoice bills, if one has begun since it was looked at: its charge would
    /// else be told with the period before, and the next one be waited for in the past.
    async fn of_period(&self, look: Look<'_>, subscription: Subscription, billed: Option<Micros>) -> Subscription {
        let known = subscription.period.map(|period| period.begins);
        if billed.is_none() || billed <= known {
            return subscription;
        }
        let again = self.read(look.account, &["subscriptions", &subscription.id], Vec::new()).await;
        match again.map(|answer| answer.and_then(|answer| look.subscription(&answer))) {
            Outcome::Done(Some(again)) => again,
            _ => subscription,
        }
    }

    fn headers(&self, account: &Account, key: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(key) = key.and_then(|key| HeaderValue::from_str(key).ok()) {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.insert(HeaderName::from_static("idempotency-key"), key);
        }
        headers.insert(header::AUTHORIZATION, basic(&account.secret_key));
        if let Some(referer) = &self.referer {
            headers.insert(HeaderName::from_static("servicereferername"), referer.clone());
        }
        headers
    }
}

/// The status by which a list is asked for.
fn status(state: Listed) -> &'static str {
    match state {
        Listed::Pending => "pending",
        Listed::Paid => "paid",
        Listed::Failed => "failed",
        Listed::Cancelled => "canceled",
    }
}
