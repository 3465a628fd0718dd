//! Forms of requests, made of the facts alone: the same facts are the same bytes.

use feira_schemas::{
    ids::{EffectId, TenantId},
    sealed::AddressParts,
};

use crate::gateway::{
    Buyer, CardFacts, CardSource, ChargeFacts, Payment, PlanFacts, RefundFacts, SubscriptionFacts, brazil::days_until,
};

/// A form: names and values in their order.
#[derive(Debug, Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.0.push((name.to_owned(), value.to_string()));
        self
    }

    fn maybe(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    fn marked(self, effect: EffectId, tenant: TenantId) -> Self {
        self.with("metadata[effect_id]", effect).with("metadata[tenant]", tenant)
    }

    /// The form as it is sent.
    pub(super) fn encoded(&self) -> String {
        // A list of pairs of texts can always be encoded.
        serde_urlencoded::to_string(&self.0).unwrap_or_default()
    }
}

/// The form of a payment that is made and confirmed in one call.
pub(super) fn charge(facts: &ChargeFacts) -> Form {
    let form = Form::default()
        .with("amount", facts.amount)
        .with("currency", "brl")
        .with("confirm", true)
        .with("description", description(facts));
    let form = match &facts.payment {
        Payment::Card { source, installments, capture } => {
            let form = match source {
                CardSource::Token(token) => form.with("payment_method", token.expose()),
                CardSource::Saved { customer, card } => form.with("customer", customer).with("payment_method", card),
            };
            let form = form
                .with("payment_method_types[0]", "card")
                .with("capture_method", if *capture { "automatic" } else { "manual" })
                // Nobody waits at this payment's side to be asked by the card's bank.
                .with("error_on_requires_action", true)
                // Of a card's payment the account's own words come first.
                .maybe("statement_descriptor_suffix", facts.statement_descriptor.as_deref());
            match installments {
                1 => form,
                several => form
                    .with("payment_method_options[card][installments][enabled]", true)
                    .with("payment_method_options[card][installments][plan][type]", "fixed_count")
                    .with("payment_method_options[card][installments][plan][count]", several)
                    .with("payment_method_options[card][installments][plan][interval]", "month"),
            }
        }
        Payment::Boleto { due, .. } => billing(form.with("payment_method_types[0]", "boleto"), &facts.buyer, "boleto")
            .with("payment_method_data[boleto][tax_id]", facts.buyer.document.expose())
            // The gateway takes days alone, and counts them in São Paulo.
            .with("payment_method_options[boleto][expires_after_days]", days_until(facts.decided_at, *due))
            .maybe("statement_descriptor", facts.statement_descriptor.as_deref()),
        Payment::Pix { until, .. } => billing(form.with("payment_method_types[0]", "pix"), &facts.buyer, "pix")
            .with("payment_method_options[pix][expires_at]", until.div_euclid(1_000_000))
            .maybe("statement_descriptor", facts.statement_descriptor.as_deref()),
    };
    form.marked(facts.effect, facts.tenant).with("expand[0]", "latest_charge")
}

fn description(facts: &ChargeFacts) -> String {
    let lines: Vec<String> =
        facts.items.iter().map(|item| format!("{} x {}", item.quantity, item.description)).collect();
    lines.join("; ").chars().take(500).collect()
}

fn billing(form: Form, buyer: &Buyer, kind: &str) -> Form {
    let (line1, line2) = lines(buyer);
    let AddressParts { city, state, postal_code, .. } = buyer.address.expose();
    form.with("payment_method_data[type]", kind)
        .with("payment_method_data[billing_details][name]", buyer.name.expose())
        .with("payment_method_data[billing_details][email]", buyer.email.expose())
        .with("payment_method_data[billing_details][address][line1]", line1)
        .maybe("payment_method_data[billing_details][address][line2]", line2)
        .with("payment_method_data[billing_details][address][city]", city)
        .with("payment_method_data[billing_details][address][state]", state)
        .with("payment_method_data[billing_details][address][postal_code]", postal_code)
        .with("payment_method_data[billing_details][address][country]", "BR")
}

fn lines(buyer: &Buyer) -> (String, Option<&str>) {
    let AddressParts { street, number, district, complement, .. } = buyer.address.expose();
    let parts = [street, number, district].into_iter().filter(|part| !part.is_empty());
    (parts.collect::<Vec<_>>().join(", "), Some(complement).filter(|text| !text.is_empty()))
}

/// The form of a customer whose payments are made by this card.
pub(super) fn customer(buyer: &Buyer, card: &str, effect: EffectId, tenant: TenantId) -> Form {
    let (line1, line2) = lines(buyer);
    let AddressParts { city, state, postal_code, .. } = buyer.address.expose();
    Form::default()
        .with("name", buyer.name.expose())
        .with("email", buyer.email.expose())
        .maybe("phone", buyer.phone.as_ref().map(|phone| phone.expose()))
        .with("address[line1]", line1)
        .maybe("address[line2]", line2)
        .with("address[city]", city)
        .with("address[state]", state)
        .with("address[postal_code]", postal_code)
        .with("address[country]", "BR")
        .with("payment_method", card)
        .with("invoice_settings[default_payment_method]", card)
        .marked(effect, tenant)
}

/// The form of the customer that a card is kept for.
pub(super) fn holder(facts: &CardFacts) -> Form {
    customer(&facts.holder, facts.token.expose(), facts.effect, facts.tenant)
}

/// The form of a refund.
pub(super) fn refund(facts: &RefundFacts) -> Form {
    Form::default()
        .with("payment_intent", &facts.charge)
        .with("amount", facts.amount)
        .marked(facts.effect, facts.tenant)
        .with("expand[0]", "payment_intent.latest_charge")
}

/// The form of a cancelling.
pub(super) fn cancel() -> Form {
    Form::default().with("cancellation_reason", "abandoned").with("expand[0]", "latest_charge")
}

/// The form of a plan: a price that returns, and the product that it is of.
pub(super) fn plan(facts: &PlanFacts) -> Form {
    Form::default()
        .with("currency", "brl")
        .with("unit_amount", facts.price)
        .with("nickname", &facts.description)
        .with("recurring[interval]", "month")
        .with("recurring[interval_count]", facts.months)
        .with("product_data[name]", &facts.name)
        .maybe("product_data[statement_descriptor]", facts.statement_descriptor.as_deref())
        .with("metadata[effect_id]", facts.effect)
}

/// The form of a subscription of this customer, paid by this card. A first payment that is refused leaves nothing behind.
pub(super) fn subscription(facts: &SubscriptionFacts, customer: &str, card: &str) -> Form {
    Form::default()
        .with("customer", customer)
        .with("items[0][price]", &facts.plan)
        .with("items[0][quantity]", 1)
        .with("default_payment_method", card)
        .with("payment_behavior", "error_if_incomplete")
        .maybe("trial_end", facts.starts.map(|starts| starts.div_euclid(1_000_000)))
        .marked(facts.effect, facts.tenant)
        .with("expand[0]", "latest_invoice.payments")
}

/// The form of a subscription's end: nothing is billed for what was used, nothing is given back.
pub(super) fn end() -> Form {
    Form::default().with("invoice_now", false).with("prorate", false)
}
