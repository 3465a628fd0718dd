//! Stripe's face: what its client's own walk (`tests/outsiders/vendors/stripe.mjs`) does not look at.

use hmac::{Hmac, Mac};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::bed::Bed;

struct Stripe<'a> {
    bed: &'a Bed,
    account: Value,
}

impl<'a> Stripe<'a> {
    async fn of(bed: &'a Bed) -> Self {
        let accounts = bed.admin("GET", "accounts", Value::Null).await;
        let account = accounts.as_array().unwrap().iter().find(|account| account["gateway"] == "stripe").unwrap();
        Self { bed, account: account.clone() }
    }

    async fn post(&self, path: &str, form: &[(&str, &str)], key: &str) -> reqwest::Result<Response> {
        let request = self.bed.client.post(self.bed.url(&format!("v1/{path}")));
        let request = request.bearer_auth(self.account["secret_key"].as_str().unwrap()).header("idempotency-key", key);
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.header("content-type", "application/x-www-form-urlencoded").body(body.join("&")).send().await
    }

    async fn get(&self, path: &str) -> Value {
        let request = self.bed.client.get(self.bed.url(&format!("v1/{path}")));
        let request = request.bearer_auth(self.account["secret_key"].as_str().unwrap());
        request.send().await.unwrap().json().await.unwrap()
    }
}

const CARD: [(&str, &str); 4] =
    [("amount", "5000"), ("currency", "brl"), ("confirm", "true"), ("payment_method", "pm_card_visa")];

async fn charges(bed: &Bed) -> usize {
    bed.admin("GET", "charges", Value::Null).await.as_array().unwrap().len()
}

#[tokio::test]
async fn a_500_is_kept_under_its_key_for_24_h_and_what_never_arrived_is_not() {
    let bed = Bed::new().await;
    let stripe = Stripe::of(&bed).await;
    for (effect, charged) in [("error_before", 0), ("error_after", 1)] {
        bed.fault(json!({"effect": effect, "operation": "charge"})).await;
        for _ in 0..2 {
            let answer = stripe.post("payment_intents", &CARD, effect).await.unwrap();
            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        }
        assert_eq!(charges(&bed).await, charged, "{effect}");
    }
    bed.move_clock(24 * 3_600 + 1).await;
    assert_eq!(stripe.post("payment_intents", &CARD, "error_before").await.unwrap().status(), StatusCode::OK);
    bed.fault(json!({"effect": "drop_before", "operation": "charge"})).await;
    stripe.post("payment_intents", &CARD, "drop").await.unwrap_err();
    let answer = stripe.post("payment_intents", &CARD, "drop").await.unwrap();
    assert_eq!((answer.status(), answer.headers().get("idempotent-replayed")), (StatusCode::OK, None));
}

#[tokio::test]
async fn a_subscription_is_told_as_it_truly_is_and_its_end_can_be_refused() {
    let bed = Bed::new().await;
    let stripe = Stripe::of(&bed).await;
    let made = async |path: &str, form: &[(&str, &str)]| {
        let answer = stripe.post(path, form, path).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let card = made("payment_methods", &[("type", "card"), ("card[token]", "tok_visa")]).await;
    let customer = [("payment_method", card.as_str()), ("invoice_settings[default_payment_method]", card.as_str())];
    let customer = made("customers", &customer).await;
    let price =
        [("currency", "brl"), ("unit_amount", "4990"), ("recurring[interval]", "month"), ("product_data[name]", "x")];
    let price = made("prices", &price).await;
    let subscription =
        made("subscriptions", &[("customer", customer.as_str()), ("items[0][price]", price.as_str())]).await;
    let truth = async || bed.admin("GET", &format!("subscriptions?code={subscription}"), Value::Null).await;
    let (all, made) = (truth().await, bed.admin("GET", "charges", Value::Null).await);
    let told = &all[0];
    assert_eq!((&told["id"], &told["status"]), (&json!(subscription), &json!("active")), "{told}");
    assert_eq!((&told["charges"][0], made.as_array().unwrap().len()), (&made[0]["id"], 1), "{told}");
    let end = async || {
        let request = bed.client.delete(bed.url(&format!("v1/subscriptions/{subscription}")));
        request.bearer_auth(stripe.account["secret_key"].as_str().unwrap()).send().await.unwrap().status()
    };
    bed.fault(json!({"effect": "refuse", "reason": "not_authorized", "operation": "subscription"})).await;
    assert_eq!(end().await, StatusCode::BAD_REQUEST);
    assert_eq!(truth().await[0]["status"], "active");
    assert_eq!(end().await, StatusCode::OK);
    assert_eq!(truth().await[0]["status"], "canceled");
}

#[tokio::test]
async fn a_browser_makes_a_card_by_the_public_key_and_nothing_else() {
    let bed = Bed::new().await;
    let stripe = Stripe::of(&bed).await;
    let key = stripe.account["public_key"].as_str().unwrap();
    let ask = |path: &str, body: &'static str| {
        let request = bed.client.post(bed.url(&format!("v1/{path}"))).bearer_auth(key);
        let request = request.header("origin", "https://feira.example");
        request.header("content-type", "application/x-www-form-urlencoded").body(body)
    };
    let card = "type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2040&card[cvc]=123";
    let made = ask("payment_methods", card).send().await.unwrap();
    assert_eq!((made.status(), made.headers()["access-control-allow-origin"] == "*"), (StatusCode::OK, true));
    let made: Value = made.json().await.unwrap();
    assert!(made["id"].as_str().unwrap().starts_with("pm_"), "{made}");
    assert_eq!(ask("customers", "email=a@b.example").send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let listed = bed.client.get(bed.url("v1/payment_methods?customer=cus_1")).bearer_auth(key);
    assert_eq!(listed.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let asked = bed.client.request(reqwest::Method::OPTIONS, bed.url("v1/payment_methods")).send().await.unwrap();
    assert_eq!(asked.status(), StatusCode::NO_CONTENT);
    let allowed = asked.headers()["access-control-allow-headers"].to_str().unwrap();
    assert!(allowed.contains("authorization") && allowed.contains("content-type"), "{allowed}");
}

#[tokio::test]
async fn a_connection_that_ends_after_charging_is_answered_under_the_same_key() {
    let bed = Bed::new().await;
    let stripe = Stripe::of(&bed).await;
    bed.fault(json!({"effect": "drop_after", "operation": "charge"})).await;
    stripe.post("payment_intents", &CARD, "k").await.unwrap_err();
    let answer = stripe.post("payment_intents", &CARD, "k").await.unwrap();
    assert_eq!(answer.headers()["idempotent-replayed"], "true");
    assert_eq!(answer.json::<Value>().await.unwrap()["status"], "succeeded");
    assert_eq!(charges(&bed).await, 1);
}

#[tokio::test]
async fn a_hook_is_signed_over_its_time_and_its_bytes() {
    let bed = Bed::new().await;
    let stripe = Stripe::of(&bed).await;
    let receiver = crate::bed::Receiver::new(Vec::new()).await;
    let path = format!("accounts/{}", stripe.account["id"].as_str().unwrap());
    bed.admin("PATCH", &path, json!({"hooks": {"url": receiver.address}})).await;
    stripe.post("products", &[("name", "Loja")], "k").await.unwrap();
    let hook = receiver.seen(1).await.remove(0);
    let (time, signature) = hook.signature.as_deref().unwrap().split_once(",v1=").unwrap();
    let secret = stripe.account["signing_secret"].as_str().unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{}.{}", time.strip_prefix("t=").unwrap(), hook.text).as_bytes());
    assert_eq!(hex::encode(mac.finalize().into_bytes()), signature);
    assert_eq!((&hook.body["type"], &hook.body["data"]["object"]["name"]), (&json!("product.created"), &json!("Loja")));
    assert_eq!(stripe.get("events").await["data"][0]["id"], hook.body["id"]);
}

#[tokio::test]
async fn lists_go_on_behind_a_thing_and_say_whether_there_is_more() {
    let bed = Bed::new().await;
    let stripe = Stripe::of(&bed).await;
    for name in ["a", "b", "c"] {
        stripe.post("customers", &[("name", name)], name).await.unwrap();
    }
    let first = stripe.get("customers?limit=2").await;
    let names = |page: &Value| -> Vec<String> {
        page["data"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((names(&first), &first["has_more"]), (vec!["c".to_owned(), "b".to_owned()], &json!(true)));
    let after = first["data"][1]["id"].as_str().unwrap();
    let rest = stripe.get(&format!("customers?limit=2&starting_after={after}")).await;
    assert_eq!((names(&rest), &rest["has_more"]), (vec!["a".to_owned()], &json!(false)));
    let last = rest["data"][0]["id"].as_str().unwrap();
    let back = stripe.get(&format!("customers?limit=1&ending_before={last}")).await;
    assert_eq!((names(&back), &back["has_more"]), (vec!["b".to_owned()], &json!(true)));
    assert_eq!(stripe.get("customers?starting_after=cus_none").await["error"]["code"], "resource_missing");
}

#[tokio::test]
async fn one_vendors_key_opens_nothing_of_the_other() {
    let bed = Bed::new().await;
    let stripe = Stripe::of(&bed).await;
    let key = stripe.account["secret_key"].as_str().unwrap();
    let orders = bed.client.get(bed.url("core/v5/orders")).basic_auth(key, Some("")).send().await.unwrap();
    assert_eq!(orders.status(), StatusCode::UNAUTHORIZED);
    let customers = bed.client.get(bed.url("v1/customers")).bearer_auth(&bed.account.secret_key).send().await.unwrap();
    assert_eq!(customers.status(), StatusCode::UNAUTHORIZED);
    let public = stripe.account["public_key"].as_str().unwrap();
    let customers = bed.client.get(bed.url("v1/customers")).bearer_auth(public).send().await.unwrap();
    assert_eq!(customers.status(), StatusCode::UNAUTHORIZED, "it makes tokens alone");
}

#[tokio::test]
async fn sums_order_faults_here_as_well() {
    let bed = Bed::new().await;
    let stripe = Stripe::of(&bed).await;
    let ask = async |amount: &str| {
        let form = [("amount", amount), CARD[1], CARD[2], CARD[3]];
        stripe.post("payment_intents", &form, amount).await.unwrap().status()
    };
    assert_eq!(ask("9000001").await, StatusCode::PAYMENT_REQUIRED);
    assert_eq!(ask("9000006").await, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(ask("9000012").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(charges(&bed).await, 1, "the refused one");
    assert_eq!(ask("9000005").await, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(charges(&bed).await, 2);
}

#[tokio::test]
async fn an_intent_is_forgotten_with_all_that_is_of_it() {
    let bed = Bed::new().await;
    let stripe = Stripe::of(&bed).await;
    let made: Value = stripe.post("payment_intents", &CARD, "a").await.unwrap().json().await.unwrap();
    let (intent, charge) = (made["id"].as_str().unwrap(), made["latest_charge"].as_str().unwrap());
    let refund = [("payment_intent", intent), ("amount", "1000")];
    assert_eq!(stripe.post("refunds", &refund, "b").await.unwrap().status(), StatusCode::OK);
    bed.admin("POST", &format!("charges/{charge}/sums"), json!({"paid": 4_000, "canceled": 0})).await;
    let shown = stripe.get(&format!("payment_intents/{intent}?expand[]=latest_charge")).await;
    let sums = (&shown["amount_received"], &shown["latest_charge"]["amount_refunded"]);
    assert_eq!(sums, (&json!(4_000), &json!(0)), "{shown}");
    bed.admin("POST", &format!("charges/{charge}/forget"), json!({})).await;
    for path in [format!("payment_intents/{intent}"), format!("charges/{charge}")] {
        assert_eq!(stripe.get(&path).await["error"]["code"], "resource_missing", "{path}");
    }
    assert_eq!(stripe.get("refunds").await["data"], json!([]));
    assert_eq!(charges(&bed).await, 0);
}
