//! A subscription as another system asks for it.

use serde::Deserialize;

use super::{
    fields::REFERENCE,
    person::{BuyerBody, BuyerContent, buyer},
    token::{CardChosen, chosen},
};
use crate::{
    api::rules::{Errors, filled, parse_id},
    ids::{Micros, PlanId},
    problem::FieldError,
    refusals::not_in_this_shop,
};

/// The body of `POST …/subscriptions`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionBody {
    reference: Option<String>,
    plan_id: String,
    card: SubscriptionCardBody,
    buyer: BuyerBody,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubscriptionCardBody {
    token: Option<String>,
    token_lifetime: Option<i64>,
    card_id: Option<String>,
}

/// A subscription that keeps every rule, with what people typed in the open. It can't be printed.
pub struct SubscriptionContent {
    /// The caller's own id of it.
    pub reference: Option<String>,
    /// The plan.
    pub plan_id: PlanId,
    /// The card.
    pub card: CardChosen,
    /// The person or company that pays.
    pub buyer: BuyerContent,
}

/// The content of a subscription's command, or everything that is wrong with the body. Seconds count from `now`.
pub fn subscription_content(body: SubscriptionBody, now: Micros) -> Result<SubscriptionContent, Vec<FieldError>> {
    let mut errors = Errors::default();
    let content = content(body, now, &mut errors);
    let errors = errors.or(()).err().unwrap_or_default();
    // Whatever is not there has said why.
    content.filter(|_| errors.is_empty()).ok_or(errors)
}

fn content(body: SubscriptionBody, now: Micros, errors: &mut Errors) -> Option<SubscriptionContent> {
    REFERENCE.check(errors, "/reference", body.reference.as_deref());
    let plan_id = parse_id(errors, "/plan_id", Some(body.plan_id), &not_in_this_shop("O plano"));
    let SubscriptionCardBody { token, token_lifetime, card_id } = body.card;
    let card = chosen(errors, "/card", (token, token_lifetime, card_id), now);
    let buyer = buyer(&body.buyer, errors);
    Some(SubscriptionContent { reference: filled(body.reference), plan_id: plan_id?, card: card?, buyer: buyer? })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;
    use crate::ids::CardId;

    const NOW: Micros = 1_000_000_000;

    fn content(change: &dyn Fn(&mut Value)) -> Result<SubscriptionContent, Vec<String>> {
        let mut body = json!({
            "reference": "S-1",
            "plan_id": Uuid::from_u128(1),
            "card": {"token": "token_x", "token_lifetime": 30},
            "buyer": {
                "name": "Joana Prado", "email": "joana@example.com", "document": "529.982.247-25",
                "address": {
                    "postal_code": "01310-100", "street": "Avenida Paulista", "number": "1578", "city": "São Paulo",
                    "state": "SP",
                },
            },
        });
        change(&mut body);
        let errors = |errors: Vec<FieldError>| errors.into_iter().map(|error| error.pointer).collect();
        subscription_content(serde_json::from_value(body).unwrap(), NOW).map_err(errors)
    }

    fn pointers(change: &dyn Fn(&mut Value)) -> Vec<String> {
        content(change).err().unwrap_or_default()
    }

    #[test]
    fn a_subscription_is_paid_by_a_token_or_a_saved_card() {
        let by_token = content(&|_| {}).ok().unwrap();
        assert_eq!(
            (by_token.reference.as_deref(), by_token.plan_id),
            (Some("S-1"), PlanId::from_uuid(Uuid::from_u128(1)))
        );
        assert!(matches!(by_token.card, CardChosen::Token(token) if token.until == NOW + 30_000_000));
        let saved = content(&|body| {
            body["card"] = json!({"card_id": Uuid::from_u128(2)});
        });
        let saved = saved.ok().unwrap().card;
        assert!(matches!(saved, CardChosen::Saved(card) if card == CardId::from_uuid(Uuid::from_u128(2))));
    }

    #[test]
    fn what_is_wrong_with_a_subscription_is_said_of_each_field() {
        assert_eq!(pointers(&|body| body["card"]["card_id"] = json!(Uuid::nil())), ["/card"]);
        assert_eq!(pointers(&|body| body["card"] = json!({})), ["/card"]);
        assert_eq!(pointers(&|body| body["card"] = json!({"card_id": "nada"})), ["/card/card_id"]);
        assert_eq!(pointers(&|body| body["card"]["token_lifetime"] = json!(5)), ["/card/token_lifetime"]);
        assert_eq!(pointers(&|body| body["plan_id"] = json!("nada")), ["/plan_id"]);
        assert_eq!(pointers(&|body| body["buyer"]["document"] = json!("1")), ["/buyer/document"]);
        assert_eq!(pointers(&|body| body["reference"] = json!("x".repeat(65))), ["/reference"]);
    }
}
