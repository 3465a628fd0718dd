//! Gateways by their names, and the addresses that they are asked at.

use std::collections::BTreeMap;

use feira_connectors::gateway::*;
use feira_schemas::{
    gateway::{Method, Outcome, RefusedFor},
    time::Clock,
};
use serde_json::json;

use crate::{given, server::Server};

fn clock() -> Clock {
    Clock::passing(|| given::at(given::NOW))
}

#[test]
fn s23_a_gateway_is_found_by_its_name_and_any_other_name_is_invalid() {
    let gateways = Gateways::new(&GatewaySettings::default(), &clock()).unwrap();
    for name in ["pagarme", "stripe"] {
        assert_eq!(gateways.named(name).unwrap().name(), name);
    }
    for name in ["", "Pagarme", "pagarme ", "paypal", "../stripe"] {
        assert_eq!(gateways.named(name).map(|_| ()), Err(UnknownGateway), "{name}");
    }
    assert_eq!(UnknownGateway.to_string(), "invalid gateway");
}

/// Callers know the trait alone: this is one function for all gateways.
#[tokio::test]
async fn s24_every_gateway_stands_behind_one_interface() {
    assert_eq!(Gateways::names().collect::<Vec<_>>(), ["pagarme", "stripe"]);
    let (account, refused) = (given::account(), json!({"message": "x", "error": {"type": "x", "message": "x"}}));
    for name in Gateways::names() {
        let server = Server::saying(401, refused.clone()).await;
        let gateway = given::gateway(name, server.address());
        let (facts, look) = (given::charge(given::pix()), LookUp::Id("ch_1".to_owned()));
        let broken = [
            gateway.create_charge(&account, &facts).await.map(drop),
            gateway.get_charge(&account, &look).await.map(drop),
            gateway.refund(&account, &given::refund(Method::Card, None)).await.map(drop),
            gateway
                .cancel(&account, &CancelFacts { effect: given::effect(), charge: "ch_1".to_owned() })
                .await
                .map(drop),
            gateway.save_card(&account, &given::card_to_keep()).await.map(drop),
            gateway.create_plan(&account, &given::plan()).await.map(drop),
            gateway.create_subscription(&account, &given::subscription()).await.map(drop),
            gateway.get_subscription(&account, &look).await.map(drop),
            gateway
                .cancel_subscription(&account, &EndFacts { effect: given::effect(), subscription: "sub_1".to_owned() })
                .await
                .map(drop),
            gateway.list_charges(&account, &ListFacts { since: 0, state: None, page: None }).await.map(drop),
            gateway.who_am_i(&account).await.map(drop),
        ];
        for outcome in broken {
            let Outcome::Refused(refusal) = outcome else { panic!("{name}: {outcome:?}") };
            assert_eq!(refusal.why, RefusedFor::Account, "{name}: 401 is the account's");
        }
    }
}

#[tokio::test]
async fn s32_a_gateways_address_is_the_operators() {
    let server = Server::saying(200, json!({"data": [], "id": "acct_1"})).await;
    for (name, path) in [("pagarme", "/charges?page=1&size=1"), ("stripe", "/account")] {
        for base in [server.address().to_owned(), format!("{}/", server.address()), format!("{}/v9", server.address())]
        {
            let gateway = given::gateway(name, &base);
            assert!(matches!(gateway.who_am_i(&given::account()).await, Outcome::Done(_)));
            let asked = server.asked().pop().unwrap();
            let below = if base.ends_with("/v9") { "/v9" } else { "" };
            assert_eq!(asked.line, format!("GET {below}{path}"));
        }
    }
}

#[test]
fn addresses_are_https_or_of_this_machine_and_hold_no_key() {
    let with = |name: &str, address: &str| {
        let addresses = BTreeMap::from([(name.to_owned(), address.to_owned())]);
        Gateways::new(&GatewaySettings { addresses, ..GatewaySettings::default() }, &clock())
    };
    for address in
        ["https://gateway.example/core/v5", "http://127.0.0.1:9000", "http://localhost:1/x", "http://[::1]:2"]
    {
        assert!(with("pagarme", address).is_ok(), "{address}");
    }
    for address in [
        "",
        "gateway.example",
        "http://gateway.example",
        "http://10.0.0.1:80",
        "http://localhost.example",
        "ftp://127.0.0.1",
        "https://user:key@gateway.example",
        "https://gateway.example/?key=1",
        "https://gateway.example/#x",
    ] {
        let refused = with("pagarme", address).unwrap_err().to_string();
        assert!(refused.contains("the address of pagarme"), "{address}: {refused}");
        assert!(!refused.contains("key"), "{refused}");
    }
    assert!(with("paypal", "https://gateway.example").unwrap_err().to_string().contains("paypal"));
    let named = |referer: &str| {
        let settings = GatewaySettings { referer: referer.to_owned(), ..GatewaySettings::default() };
        Gateways::new(&settings, &clock()).is_ok()
    };
    assert!(named("") && named("feira.example") && !named("feira\r\nx: y") && !named(&"x".repeat(101)));
}

#[test]
fn what_can_be_given_back_follows_from_gateway_method_and_kind_of_account() {
    let gateways = Gateways::new(&GatewaySettings::default(), &clock()).unwrap();
    let refunds = |name: &str, kind, method| gateways.named(name).unwrap().capabilities(kind).refunds(method).unwrap();
    let by_gateway = |days, needs| Refunds::ByGateway { days, partial: true, needs };
    use AccountKind::{OwnAcquirer, WholeService};
    for (name, kind, method, expected) in [
        ("pagarme", WholeService, Method::Card, by_gateway(180, RefundNeeds::Nothing)),
        ("pagarme", WholeService, Method::Boleto, by_gateway(180, RefundNeeds::BankAccount)),
        ("pagarme", WholeService, Method::Pix, by_gateway(90, RefundNeeds::Nothing)),
        ("pagarme", OwnAcquirer, Method::Card, by_gateway(180, RefundNeeds::Nothing)),
        ("pagarme", OwnAcquirer, Method::Boleto, Refunds::ByHand),
        ("pagarme", OwnAcquirer, Method::Pix, Refunds::ByHand),
        ("stripe", WholeService, Method::Card, by_gateway(180, RefundNeeds::Nothing)),
        ("stripe", WholeService, Method::Boleto, Refunds::ByHand),
        ("stripe", WholeService, Method::Pix, by_gateway(90, RefundNeeds::Nothing)),
    ] {
        assert_eq!(refunds(name, kind, method), expected, "{name} {kind:?} {method:?}");
    }
}

/// Asked without bank data, the gateway would rename the boleto and move nothing.
#[tokio::test]
async fn a_refund_that_moves_no_money_is_never_sent() {
    let server = Server::saying(500, json!({})).await;
    let gateway = given::gateway("pagarme", server.address());
    let own = Account { kind: AccountKind::OwnAcquirer, ..given::account() };
    for (account, facts, why) in [
        (given::account(), given::refund(Method::Boleto, None), RefusedFor::State),
        (own.clone(), given::refund(Method::Boleto, Some(given::bank_account())), RefusedFor::Unsupported),
        (own, given::refund(Method::Pix, None), RefusedFor::Unsupported),
        (given::account(), RefundFacts { amount: 0, ..given::refund(Method::Pix, None) }, RefusedFor::Request),
    ] {
        let outcome = gateway.refund(&account, &facts).await;
        assert!(matches!(&outcome, Outcome::Refused(refusal) if refusal.why == why), "{outcome:?}");
    }
    assert!(server.asked().is_empty());
}

#[test]
fn nothing_that_a_person_typed_is_shown() {
    let shown = format!(
        "{:?} {:?} {:?} {:?} {:?}",
        given::charge(given::card()),
        given::refund(Method::Boleto, Some(given::bank_account())),
        given::subscription(),
        given::card_to_keep(),
        given::account(),
    );
    for typed in ["Joana", "joana@", "11144477735", "98765", "Laranjeiras", "50050000", "67890", "token_", "sk_test"] {
        assert!(!shown.contains(typed), "{typed}: {shown}");
    }
}

#[test]
fn a_browser_is_told_the_public_key_and_where_tokens_are_made() {
    let gateways = Gateways::new(&GatewaySettings::default(), &clock()).unwrap();
    let of = |name: &str| gateways.named(name).unwrap().browser_key(&given::account().public_key);
    assert_eq!(of("pagarme").tokens, "https://api.pagar.me/core/v5/tokens?appId=pk_test_public");
    assert_eq!(of("stripe").tokens, "https://api.stripe.com/v1/payment_methods");
    assert_eq!((of("pagarme").public_key, of("stripe").public_key).0, "pk_test_public");
}
