//! Charges: asked for, and changed by what looks find.

use std::{ops::RangeInclusive, sync::Arc};

use feira_schemas::{
    ids::{ChargeId, EffectId, Micros, TenantId},
    money::{Currency, Money},
    problem::{Code, Refusal},
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{
            AccountKind, Charge, ChargeRequest, ChargeStatus, Effect, EffectKind, EffectState, LentAccount,
            ObservedCharge, PaymentMethod, RequestCharge,
        },
    },
    refusals,
    rows::payments::{AccountRow, ChargeRow},
};

use super::{
    accounts,
    entity::{Kept, say, say_wanted},
    ledger, lent, merge,
    refused::{self, field},
    shown, standing, timers, tokens,
};
use crate::{Decided, Decision, DecisionContext, Need, Rows, Stop};

/// Lines of a charge: those of an order, of which a gateway takes about as many.
const ITEMS: usize = 50;
/// Parcels of a card: what card networks in Brazil divide a purchase into, and twice that for acquirers that lend.
const PARCELS: RangeInclusive<i32> = 1..=24;
pub(super) fn request(command: &RequestCharge, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let tenant = command.meta.tenant_id;
    if let Some(row) = rows.get::<ChargeRow>(ChargeRow::at(tenant, command.charge_id))? {
        return match is_same(&row.charge, command) {
            true => Ok(Decision::unchanged(context, shown::charge(&row.charge, row.version))),
            false => Err(refused::another_request("uma cobrança").into()),
        };
    }
    let simulated = simulated(command, rows)?;
    let not_after = not_after(command);
    let charge = Charge {
        charge_id: command.charge_id,
        purpose: command.purpose,
        order_id: command.order_id.clone(),
        request: command.request.clone(),
        status: ChargeStatus::Processing,
        account_id: None,
        observed: None,
        reasons: Vec::new(),
        attempts: Vec::new(),
        cancel_wanted: false,
        created_at: context.now,
        updated_at: context.now,
        simulated,
        lent: command.lent.clone(),
    };
    let answers = Some(context.answers(Outcome::Created));
    let mut decision = Decision::new(context);
    if not_after.is_some_and(|not_after| context.now >= not_after) {
        // Nobody is to be charged any more: who asked hears of it as of every charge, and nothing was declined.
        let charge = Charge { status: ChargeStatus::Expired, ..charge };
        say(&mut decision, context, Kept::new(charge), answers);
        return Ok(decision);
    }
    let effect = Effect {
        effect_id: EffectId::from_uuid(command.charge_id.uuid()),
        kind: EffectKind::Charge,
        entity: command.charge_id.to_string(),
        charge_id: Some(command.charge_id),
        state: EffectState::Wanted,
        account_id: None,
        not_after,
        wanted_at: context.now,
        first_granted_at: None,
        attempts: 0,
        granted: None,
        last: None,
        settled: None,
    };
    say(&mut decision, context, Kept::new(charge), answers);
    want(&mut decision, effect);
    Ok(decision)
}

/// Checks that a charge may be asked for at its account; true if that is a simulator's. What is paid to the platform needs no open shop:
/// by that it is opened.
fn simulated(command: &RequestCharge, rows: &Rows) -> Result<bool, Stop> {
    let tenant = command.meta.tenant_id;
    if let Some(lent) = lent::of_charge(command)? {
        check_request(&command.request)?;
        return Ok(lent.simulated);
    }
    standing::check_open(tenant, rows)?;
    check_request(&command.request)?;
    let accounts = accounts::all(tenant, rows)?;
    let account = &accounts::named(&accounts, command.request.account_id)?.account;
    accounts::check_takes(account)?;
    Ok(account.simulated)
}

/// Says that an effect is wanted, and sets the timer by which it ends if nobody sends it.
pub(super) fn want(decision: &mut Decision<PaymentsEvent>, effect: Effect) {
    let (effect_id, deadline) = (effect.effect_id, ledger::deadline(&effect));
    say_wanted(decision, Kept::new(effect));
    timers::set(decision, effect_id, timers::DEADLINE, deadline);
}

/// The time after which a charge is not sent: the asker's own, and that of the code or the card's token.
fn not_after(command: &RequestCharge) -> Option<Micros> {
    let token_until = command.request.card.as_ref().and_then(|card| card.token_until);
    let pix_until = command.request.pix.as_ref().map(|pix| pix.until);
    let times = [command.not_after, token_until.map(tokens::not_after), pix_until];
    times.into_iter().flatten().min()
}

/// True if the same is asked for again. What is sealed is not compared, since each act of sealing makes other bytes, nor how long a
/// card's token lives, which the API counts from when it is asked.
fn is_same(charge: &Charge, command: &RequestCharge) -> bool {
    let asker = (charge.purpose, &charge.order_id) == (command.purpose, &command.order_id);
    let owner = |lent: &Option<LentAccount>| lent.as_ref().map(|lent| lent.owner);
    asker && owner(&charge.lent) == owner(&command.lent) && clear(&charge.request) == clear(&command.request)
}

/// All of a request that is in clear, as JSON.
fn clear(request: &ChargeRequest) -> serde_json::Value {
    let shipping = request.shipping.as_ref().map(|shipping| (shipping.amount, &shipping.description));
    let card = request.card.as_ref().map(|card| {
        (card.card_token.is_some(), &card.saved_customer, &card.saved_card, card.installments, card.capture)
    });
    serde_json::json!([
        request.reference,
        request.account_id,
        request.method,
        request.amount,
        request.items,
        shipping,
        request.statement_descriptor,
        card,
        request.boleto,
        request.pix,
    ])
}

/// Refuses a request that no gateway could be asked. Who makes it has checked more; here it is looked at once more what money hangs on.
fn check_request(request: &ChargeRequest) -> Result<(), Refusal> {
    if request.items.is_empty() || request.items.len() > ITEMS {
        return Err(field("/items", Code::OutOfRange, refusals::out_of_range("O número de itens", 1, ITEMS)));
    }
    if request.amount.currency != Currency::BRL {
        return Err(field("/amount", Code::Invalid, "A cobrança é em reais (BRL)."));
    }
    if request.amount.amount < 1 || request.amount.amount > Money::MAX_AMOUNT {
        let detail = format!("O valor da cobrança vai de R$ 0,01 a {}.", Money::largest());
        return Err(field("/amount", Code::OutOfRange, detail));
    }
    if sum_of(request) != Some(request.amount.amount) {
        return Err(field("/amount", Code::Invalid, "O valor tem de ser a soma dos itens e do frete."));
    }
    check_terms(request)
}

/// All lines and the freight; `None` where one of them is below zero or there are no pieces of it.
fn sum_of(request: &ChargeRequest) -> Option<i64> {
    let freight = request.shipping.as_ref().map_or(0, |shipping| shipping.amount);
    let mut sum = Some(freight).filter(|freight| *freight >= 0)?;
    for item in &request.items {
        sum = sum.checked_add(item.total).filter(|_| item.total >= 0 && item.quantity >= 1)?;
    }
    Some(sum)
}

fn check_terms(request: &ChargeRequest) -> Result<(), Refusal> {
    let terms = (request.method, request.card.is_some(), request.boleto.is_some(), request.pix.is_some());
    match terms {
        (PaymentMethod::Boleto, false, true, false) | (PaymentMethod::Pix, false, false, true) => Ok(()),
        (PaymentMethod::Card, true, false, false) => check_card(request),
        (PaymentMethod::Unknown, ..) => Err(field("/method", Code::Invalid, "Este meio de pagamento não é conhecido.")),
        _ => Err(field("/method", Code::Invalid, "Informe os dados do meio de pagamento escolhido, e só eles.")),
    }
}

fn check_card(request: &ChargeRequest) -> Result<(), Refusal> {
    let Some(card) = &request.card else { return Ok(()) };
    if !PARCELS.contains(&card.installments) {
        let detail = refusals::out_of_range(refusals::PARCELS, PARCELS.start(), PARCELS.end());
        return Err(field("/card/installments", Code::OutOfRange, detail));
    }
    if request.account_id.is_none() {
        return Err(tokens::of_no_account());
    }
    tokens::check(card.card_token.is_some(), card.token_until, card.saved_card.is_some())
}

/// A charge that a command names.
pub(super) fn known(tenant: TenantId, charge: ChargeId, rows: &Rows) -> Result<Arc<ChargeRow>, Stop> {
    match rows.get::<ChargeRow>(ChargeRow::at(tenant, charge))? {
        Some(row) => Ok(row),
        None => Err(Refusal::new(Code::NotFound, refusals::not_in_this_shop("A cobrança")).into()),
    }
}

/// The kind of the account that a charge went to.
pub(super) fn kind_of_account(tenant: TenantId, charge: &Charge, rows: &Rows) -> Result<Option<AccountKind>, Need> {
    match (&charge.lent, charge.account_id) {
        (Some(lent), _) => Ok(Some(lent.kind)),
        (None, Some(account_id)) => {
            let row = rows.get::<AccountRow>(AccountRow::at(tenant, account_id))?;
            Ok(row.map(|row| row.account.kind))
        }
        (None, None) => Ok(None),
    }
}

/// Ways in which a charge was found at the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// By the answer to an attempt to make it, or a look that came of one.
    Attempt,
    /// By a look of its own: what is not known by the gateway's id must have our code.
    Look,
    /// By the subscription that it is a charge of: its code is whatever the gateway has given it.
    Subscription,
}

/// Merges what was found into a charge. False, and nothing is changed, if it is of another account or of another charge there.
pub(super) fn merge_into(charge: &mut Charge, found: &ObservedCharge, by: By) -> bool {
    if charge.account_id != Some(found.account_id) || !may_be(charge, found, by) {
        return false;
    }
    // What went back with bank data the ledger of refunds knows, and no look.
    let found = ObservedCharge { by_bank_data: 0, ..found.clone() };
    let known = charge.observed.as_ref().unwrap_or(&found);
    let Some(merged) = merge::merged(known, &found) else { return false };
    charge.status = merge::status(&merged);
    charge.observed = Some(merged);
    charge.reasons.clear();
    true
}

/// True unless what was found is another charge by its code. Once the gateway's id is known, that tells; before, our code does, which
/// the answer to an attempt may leave out.
fn may_be(charge: &Charge, found: &ObservedCharge, by: By) -> bool {
    match (&charge.observed, &found.remote.code) {
        (Some(_), _) => true,
        (None, Some(code)) => by == By::Subscription || *code == charge.charge_id.to_string(),
        (None, None) => by != By::Look,
    }
}
