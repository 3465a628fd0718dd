//! The rules that a charge must keep, and the content that is sealed into its command.

use super::{
    charge::{BoletoBody, CardBody, ChargeBody, InformationBody, ItemBody, MethodBody, PixBody, ShippingBody},
    fields::{
        AMOUNT, DOCUMENT_NUMBER, DUE_DAYS, FREIGHT, FREIGHT_DESCRIPTION, INSTALLMENTS, INSTRUCTIONS, ITEM_CODE,
        ITEM_DESCRIPTION, ITEM_TOTAL, ITEMS, NO_SUCH_ACCOUNT, PIX_INFORMATION, PIX_LIFETIME, PIX_NAME, PIX_VALUE,
        QUANTITY, REFERENCE, STATEMENT_DESCRIPTOR,
    },
    person::{BuyerContent, address, buyer},
    token::{CardChosen, chosen},
};
use crate::{
    api::rules::{Errors, Price, filled, parse_id, taken},
    brazil::{boleto::BoletoDue, local_date},
    ids::{AccountId, Micros},
    money::Money,
    problem::{Code, FieldError},
    records::payments::{BoletoTerms, ChargeItem, PaymentMethod, PixInformation, PixTerms},
    sealed::{PersonName, PostalAddress},
};

/// A second.
const SECOND: Micros = 1_000_000;

/// A charge that keeps every rule, with what people typed in the open. It can't be printed.
pub struct ChargeContent {
    /// The caller's own id of it.
    pub reference: Option<String>,
    /// The account that it shall go to.
    pub account_id: Option<AccountId>,
    /// The way in which it is paid.
    pub method: PaymentMethod,
    /// The whole sum, that of all lines and the freight.
    pub amount: Money,
    /// The lines.
    pub items: Vec<ChargeItem>,
    /// The freight.
    pub shipping: Option<ShippingContent>,
    /// The person or company that pays.
    pub buyer: BuyerContent,
    /// The words on a statement.
    pub statement_descriptor: Option<String>,
    /// The terms of a card payment.
    pub card: Option<CardContent>,
    /// The terms of a boleto.
    pub boleto: Option<BoletoTerms>,
    /// The terms of a Pix code.
    pub pix: Option<PixTerms>,
    /// The time after which it is not worth asking the gateway any more; none for a card that is kept.
    pub not_after: Option<Micros>,
}

/// The freight.
pub struct ShippingContent {
    /// Its price in centavos.
    pub amount: i64,
    /// The option that was chosen.
    pub description: String,
    /// The person who receives it.
    pub recipient: PersonName,
    /// The place that it goes to.
    pub address: PostalAddress,
}

/// The terms of a card payment.
pub struct CardContent {
    /// The card.
    pub card: CardChosen,
    /// Parcels.
    pub installments: i32,
    /// True to take the money at once.
    pub capture: bool,
}

/// The content of a charge's command, or everything that is wrong with the body. Times that the body counts in seconds count from
/// `now`.
pub fn charge_content(body: ChargeBody, now: Micros) -> Result<ChargeContent, Vec<FieldError>> {
    let mut errors = Errors::default();
    let content = content(&body, now, &mut errors);
    let errors = errors.or(()).err().unwrap_or_default();
    // Whatever is not there has said why.
    content.filter(|_| errors.is_empty()).ok_or(errors)
}

fn content(body: &ChargeBody, now: Micros, errors: &mut Errors) -> Option<ChargeContent> {
    REFERENCE.check(errors, "/reference", body.reference.as_deref());
    STATEMENT_DESCRIPTOR.check(errors, "/statement_descriptor", body.statement_descriptor.as_deref());
    let account_id = parse_id(errors, "/account_id", filled(body.account_id.clone()), NO_SUCH_ACCOUNT);
    positive(errors, AMOUNT, "/amount", body.amount);
    let items = items(&body.items, errors);
    let shipping = body.shipping.as_ref().map(|body| shipping(body, errors));
    sum_is_right(body, errors);
    only_its_own(body, errors);
    let buyer = buyer(&body.buyer, errors);
    let terms = terms(body, now, errors);
    let shipping = match shipping {
        Some(shipping) => Some(shipping?),
        None => None,
    };
    let Terms { method, card, boleto, pix, not_after } = terms?;
    Some(ChargeContent {
        reference: filled(body.reference.clone()),
        account_id,
        method,
        amount: body.amount,
        items,
        shipping,
        buyer: buyer?,
        statement_descriptor: filled(body.statement_descriptor.clone()),
        card,
        boleto,
        pix,
        not_after,
    })
}

/// Checks a sum that must be above nothing.
pub(super) fn positive(errors: &mut Errors, rule: Price, pointer: &str, sum: Money) {
    rule.check(errors, pointer, Some(sum));
    if sum.amount == 0 {
        errors.add(&format!("{pointer}/amount"), Code::OutOfRange, format!("{} é de ao menos R$ 0,01.", rule.0));
    }
}

fn items(bodies: &[ItemBody], errors: &mut Errors) -> Vec<ChargeItem> {
    if bodies.is_empty() {
        errors.add("/items", Code::Required, "Informe ao menos um item.");
    }
    if !ITEMS.check(errors, "/items", bodies.len()) {
        return Vec::new();
    }
    bodies.iter().enumerate().map(|(at, body)| item(at, body, errors)).collect()
}

fn item(at: usize, body: &ItemBody, errors: &mut Errors) -> ChargeItem {
    let field = |name: &str| format!("/items/{at}/{name}");
    ITEM_CODE.check(errors, &field("code"), body.code.as_deref());
    ITEM_DESCRIPTION.check(errors, &field("description"), Some(&body.description));
    QUANTITY.check(errors, &field("quantity"), Some(body.quantity));
    positive(errors, ITEM_TOTAL, &field("total"), body.total);
    ChargeItem {
        code: filled(body.code.clone()).unwrap_or_else(|| (at + 1).to_string()),
        description: body.description.trim().to_owned(),
        quantity: i32::try_from(body.quantity).unwrap_or(i32::MAX),
        total: body.total.amount,
    }
}

fn shipping(body: &ShippingBody, errors: &mut Errors) -> Option<ShippingContent> {
    FREIGHT.check(errors, "/shipping/amount", Some(body.amount));
    FREIGHT_DESCRIPTION.check(errors, "/shipping/description", Some(&body.description));
    let recipient = taken(errors, "/shipping/recipient", "O destinatário", PersonName::new(&body.recipient));
    let address = address(errors, "/shipping/address", &body.address);
    let description = body.description.trim().to_owned();
    Some(ShippingContent { amount: body.amount.amount, description, recipient: recipient?, address: address? })
}

/// No gateway is asked for a sum that its lines do not add up to.
fn sum_is_right(body: &ChargeBody, errors: &mut Errors) {
    let freight = body.shipping.as_ref().map_or(0, |shipping| shipping.amount.amount);
    let sum = body.items.iter().try_fold(freight, |sum, item| sum.checked_add(item.total.amount));
    if sum != Some(body.amount.amount) {
        let detail = "O valor não é a soma dos totais dos itens e do frete.";
        errors.add("/amount", Code::Invalid, detail);
    }
}

/// Terms of another method than the charge's own would be passed over in silence.
fn only_its_own(body: &ChargeBody, errors: &mut Errors) {
    let given = [
        (MethodBody::Card, "card", body.card.is_some()),
        (MethodBody::Boleto, "boleto", body.boleto.is_some()),
        (MethodBody::Pix, "pix", body.pix.is_some()),
    ];
    for (method, name, is_there) in given {
        match (method == body.method, is_there) {
            (true, false) => {
                errors.add(
                    &format!("/{name}"),
                    Code::Required,
                    format!("Informe «{name}» para este meio de pagamento."),
                );
            }
            (false, true) => {
                let detail = format!("«{name}» não vale para este meio de pagamento.");
                errors.add(&format!("/{name}"), Code::Invalid, detail);
            }
            _ => {}
        }
    }
}

/// The terms of a charge's method.
struct Terms {
    method: PaymentMethod,
    card: Option<CardContent>,
    boleto: Option<BoletoTerms>,
    pix: Option<PixTerms>,
    not_after: Option<Micros>,
}

fn terms(body: &ChargeBody, now: Micros, errors: &mut Errors) -> Option<Terms> {
    let none = |method, not_after| Terms { method, card: None, boleto: None, pix: None, not_after };
    match body.method {
        MethodBody::Card => {
            let card = card(body.card.as_ref()?, now, errors)?;
            let terms = none(PaymentMethod::Card, card.card.not_after());
            Some(Terms { card: Some(card), ..terms })
        }
        MethodBody::Boleto => {
            let (boleto, end) = boleto(body.boleto.as_ref()?, now, errors)?;
            Some(Terms { boleto: Some(boleto), ..none(PaymentMethod::Boleto, Some(end)) })
        }
        MethodBody::Pix => {
            let pix = pix(body.pix.as_ref()?, now, errors)?;
            let terms = none(PaymentMethod::Pix, Some(pix.until));
            Some(Terms { pix: Some(pix), ..terms })
        }
    }
}

fn card(body: &CardBody, now: Micros, errors: &mut Errors) -> Option<CardContent> {
    INSTALLMENTS.check(errors, "/card/installments", body.installments);
    Some(CardContent {
        card: chosen(errors, "/card", (body.token.clone(), body.token_lifetime, body.card_id.clone()), now)?,
        installments: body.installments.and_then(|parcels| i32::try_from(parcels).ok()).unwrap_or(1),
        capture: body.capture.unwrap_or(true),
    })
}

/// The terms of a boleto, with the end of its due day.
fn boleto(body: &BoletoBody, now: Micros, errors: &mut Errors) -> Option<(BoletoTerms, Micros)> {
    INSTRUCTIONS.check(errors, "/boleto/instructions", Some(&body.instructions));
    DOCUMENT_NUMBER.check(errors, "/boleto/document_number", Some(&body.document_number));
    let Ok(due) = body.due.parse::<jiff::civil::Date>() else {
        errors.add("/boleto/due", Code::Invalid, "O vencimento é uma data, como 2026-12-31.");
        return None;
    };
    let today = local_date(now).ok()?;
    let last = today.saturating_add(jiff::Span::new().days(DUE_DAYS));
    if due < today || due > last {
        let detail = format!("O vencimento vai de hoje a {DUE_DAYS} dias depois.");
        errors.add("/boleto/due", Code::OutOfRange, detail);
        return None;
    }
    // On a day without banks it is the next bank day: no bank takes it as late before.
    let due = BoletoDue::on(due).ok()?;
    let terms = BoletoTerms {
        due: due.day.to_string(),
        instructions: body.instructions.trim().to_owned(),
        document_number: body.document_number.trim().to_owned(),
    };
    Some((terms, due.due_at))
}

fn pix(body: &PixBody, now: Micros, errors: &mut Errors) -> Option<PixTerms> {
    PIX_LIFETIME.check(errors, "/pix/lifetime", body.lifetime);
    let information = information(&body.information, errors);
    let until = match (&body.until, body.lifetime) {
        (None, Some(lifetime)) => Some(now + lifetime.clamp(0, PIX_LIFETIME.limits().1) * SECOND),
        (Some(until), None) => until_of(until, now, errors),
        _ => {
            errors.add("/pix", Code::Invalid, "Informe «until» ou «lifetime», e só um dos dois.");
            None
        }
    };
    Some(PixTerms { until: until?, information })
}

fn until_of(text: &str, now: Micros, errors: &mut Errors) -> Option<Micros> {
    let Ok(until) = text.parse::<jiff::Timestamp>() else {
        errors.add("/pix/until", Code::Invalid, "A validade é um horário, como 2026-12-31T20:00:00Z.");
        return None;
    };
    let until = until.as_microsecond();
    let seconds = until.saturating_sub(now) / SECOND;
    if !PIX_LIFETIME.holds(seconds) {
        errors.add("/pix/until", Code::OutOfRange, "A validade vai de um minuto a 30 dias a partir de agora.");
        return None;
    }
    Some(until)
}

fn information(bodies: &[InformationBody], errors: &mut Errors) -> Vec<PixInformation> {
    if !PIX_INFORMATION.check(errors, "/pix/information", bodies.len()) {
        return Vec::new();
    }
    for (at, body) in bodies.iter().enumerate() {
        PIX_NAME.check(errors, &format!("/pix/information/{at}/name"), Some(&body.name));
        PIX_VALUE.check(errors, &format!("/pix/information/{at}/value"), Some(&body.value));
    }
    let taken = |body: &InformationBody| PixInformation {
        name: body.name.trim().to_owned(),
        value: body.value.trim().to_owned(),
    };
    bodies.iter().map(taken).collect()
}
