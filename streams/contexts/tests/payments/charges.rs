//! Charges that are asked for.

use feira_contexts::payments::Payments;
use feira_schemas::{
    ids::{EffectId, TenantId},
    money::{Currency, Money},
    problem::Code,
    records::{
        PaymentsEvent,
        common::{CommandMeta, Outcome, TimerSet},
        payments::{
            AccountStatus, ChargeChanged, ChargePurpose, ChargeRequest, ChargeShipping, ChargeStatus, EffectState,
            EffectWanted, PaymentMethod, RequestCharge, StandingStatus,
        },
    },
    time::{DAY, HOUR, hour_of},
};

use crate::{
    given::{Given, NOW, asked_by, nothing},
    sample::{
        CHARGE, HERE, PIX_UNTIL, SECOND, THERE, TOKEN_UNTIL, account, account_row, charge_of, charging, effect_of,
        names, open_shop, request, request_charge, sealed, shop, standing, wanted,
    },
};

const METHODS: [PaymentMethod; 3] = [PaymentMethod::Pix, PaymentMethod::Boleto, PaymentMethod::Card];

fn with(change: impl FnOnce(&mut ChargeRequest)) -> RequestCharge {
    of(PaymentMethod::Pix, change)
}

fn of(method: PaymentMethod, change: impl FnOnce(&mut ChargeRequest)) -> RequestCharge {
    let mut request = request(method);
    change(&mut request);
    RequestCharge { request, ..request_charge(method) }
}

#[test]
fn a_charge_is_wanted_and_a_timer_ends_it_if_nobody_sends_it() {
    let then = shop().when(request_charge(PaymentMethod::Pix));
    let (charge, effect) = (charge_of(&then), effect_of(&then));
    assert_eq!((charge.charge_id, charge.status, charge.account_id), (CHARGE, ChargeStatus::Processing, None));
    assert_eq!((charge.request.clone(), charge.created_at, charge.updated_at), (request(PaymentMethod::Pix), NOW, NOW));
    assert_eq!((effect.effect_id, effect.state, effect.attempts), (charging(), EffectState::Wanted, 0));
    assert_eq!((effect.entity.as_str(), effect.charge_id), (CHARGE.to_string().as_str(), Some(CHARGE)));
    assert_eq!((effect.account_id, effect.not_after), (None, Some(PIX_UNTIL)));
    let timer = then.timer();
    assert_eq!((timer.what.as_str(), timer.due), ("deadline", PIX_UNTIL));
    then.events([
        ChargeChanged { meta: then.answering(0, CHARGE, 1, Outcome::Created), charge }.into(),
        EffectWanted { meta: then.meta(1, charging(), 1), effect }.into(),
        PaymentsEvent::TimerSet(TimerSet {
            meta: then.meta(2, timer.timer_id, 1),
            timer_id: timer.timer_id,
            entity: format!("effect:{}", EffectId::from_uuid(CHARGE.uuid())),
            due: PIX_UNTIL,
            bucket: hour_of(PIX_UNTIL),
            what: "deadline".into(),
            replaces: None,
        }),
    ]);
}

#[test]
fn the_effect_of_a_charge_has_the_charges_id() {
    for method in METHODS {
        let then = shop().when(request_charge(method));
        assert_eq!(effect_of(&then).effect_id.uuid(), charge_of(&then).charge_id.uuid());
    }
}

#[test]
fn a_charge_is_sent_until_its_asker_its_code_or_its_token_says() {
    let at = |command: RequestCharge| effect_of(&shop().when(command)).not_after;
    let boleto = || request_charge(PaymentMethod::Boleto);
    let not_after = |command, time| RequestCharge { not_after: Some(time), ..command };
    assert_eq!(at(boleto()), None);
    assert_eq!(at(not_after(boleto(), NOW + 9)), Some(NOW + 9));
    assert_eq!(at(request_charge(PaymentMethod::Card)), Some(TOKEN_UNTIL - 5 * SECOND));
    assert_eq!(at(not_after(request_charge(PaymentMethod::Card), NOW + 9)), Some(NOW + 9));
    assert_eq!(at(not_after(request_charge(PaymentMethod::Pix), NOW + DAY)), Some(PIX_UNTIL));
    assert_eq!(shop().when(boleto()).timer().due, NOW + 20 * HOUR);
}

#[test]
fn a_charge_whose_time_is_over_when_it_is_decided_has_expired_and_nothing_is_wanted() {
    for (method, now) in [(PaymentMethod::Pix, PIX_UNTIL), (PaymentMethod::Card, TOKEN_UNTIL - 5 * SECOND)] {
        let then = shop().at(now).when(request_charge(method));
        assert_eq!((names(&then), charge_of(&then).status), (vec!["ChargeChanged"], ChargeStatus::Expired));
        let before = shop().at(now - 1).when(request_charge(method));
        assert_eq!(charge_of(&before).status, ChargeStatus::Processing);
    }
}

#[test]
fn asking_twice_is_asking_once() {
    for method in METHODS {
        let mut again = request_charge(method);
        let asked_first = shop().when(again.clone()).body();
        // What is sealed is sealed anew, and a token's time counted anew.
        again.request.buyer.name = sealed(99);
        if let Some(card) = &mut again.request.card {
            card.card_token = Some(sealed(98));
            card.token_until = Some(TOKEN_UNTIL + SECOND);
        }
        assert_eq!(wanted(method).when(again).unchanged().unwrap(), asked_first, "{method:?}");
    }
}

#[test]
fn another_request_under_the_same_id_is_refused() {
    let changes: [fn(&mut RequestCharge); 8] = [
        |command| command.purpose = ChargePurpose::Order,
        |command| command.order_id = Some("o".into()),
        |command| command.request.reference = None,
        |command| command.request.account_id = Some(HERE),
        |command| command.request.amount = Money::brl(1_501),
        |command| command.request.items[0].code = "c".into(),
        |command| command.request.statement_descriptor = Some("LOJA".into()),
        |command| command.request.pix.as_mut().unwrap().until += 1,
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut command = request_charge(PaymentMethod::Pix);
        change(&mut command);
        let then = wanted(PaymentMethod::Pix).when(command);
        assert_eq!(then.refused(Code::IdempotencyMismatch).body, None, "{number}");
    }
}

#[test]
fn a_shop_that_is_not_open_asks_for_no_charge_and_the_platform_always_may() {
    let ready = || account_row(account(HERE, AccountStatus::Ready));
    let of = |status| nothing::<Payments>().and(standing(status)).and(ready());
    for status in [StandingStatus::Opening, StandingStatus::Suspended, StandingStatus::Unknown] {
        of(status).when(request_charge(PaymentMethod::Pix)).refused(Code::ShopSuspended);
    }
    nothing::<Payments>().and(ready()).when(request_charge(PaymentMethod::Pix)).refused(Code::NotFound);
    let mut own = account_row(account(HERE, AccountStatus::Ready));
    own.tenant_id = TenantId::PLATFORM;
    let meta: CommandMeta = asked_by(TenantId::PLATFORM);
    let then = nothing::<Payments>().and(own).when(RequestCharge { meta, ..request_charge(PaymentMethod::Pix) });
    assert_eq!(charge_of(&then).status, ChargeStatus::Processing);
}

#[test]
fn a_charge_needs_an_account_that_can_take_it() {
    let with_account = |status| open_shop().and(account_row(account(HERE, status)));
    for method in METHODS {
        for status in [AccountStatus::Broken, AccountStatus::Retired, AccountStatus::Unknown] {
            with_account(status).when(request_charge(method)).refused(Code::NoAccount);
        }
        let then = with_account(AccountStatus::Untested).when(request_charge(method));
        assert_eq!(charge_of(&then).status, ChargeStatus::Processing, "it is waited for");
    }
    open_shop().when(request_charge(PaymentMethod::Pix)).refused(Code::NoAccount);
    let not_default = account_row(account(THERE, AccountStatus::Ready));
    open_shop().and(not_default).when(request_charge(PaymentMethod::Pix)).refused(Code::NoAccount);
    shop().when(with(|request| request.account_id = Some(THERE))).refused_for("/account_id", Code::UnknownReference);
}

#[test]
fn money_is_looked_at_once_more() {
    let refused = |command: RequestCharge, pointer: &str, code| shop().when(command).refused_for(pointer, code);
    refused(with(|request| request.items.clear()), "/items", Code::OutOfRange);
    refused(with(|request| request.items = vec![request.items[0].clone(); 51]), "/items", Code::OutOfRange);
    refused(with(|request| request.amount.currency = Currency::UNKNOWN), "/amount", Code::Invalid);
    refused(with(|request| request.amount.amount = 0), "/amount", Code::OutOfRange);
    refused(with(|request| request.amount.amount = Money::MAX_AMOUNT + 1), "/amount", Code::OutOfRange);
    refused(with(|request| request.amount.amount = 1_499), "/amount", Code::Invalid);
    refused(with(|request| request.items[0].quantity = 0), "/amount", Code::Invalid);
    refused(with(|request| (request.items[0].total, request.items[1].total) = (1_501, -1)), "/amount", Code::Invalid);
    refused(with(|request| request.items[0].total = i64::MAX), "/amount", Code::Invalid);
    let shipping =
        |amount| ChargeShipping { amount, description: "PAC".into(), recipient: sealed(1), address: sealed(2) };
    refused(with(|request| request.shipping = Some(shipping(1))), "/amount", Code::Invalid);
    refused(
        with(|request| {
            request.shipping = Some(shipping(-1));
            request.amount = Money::brl(1_499);
        }),
        "/amount",
        Code::Invalid,
    );
    let then = shop().when(with(|request| {
        request.shipping = Some(shipping(250));
        request.amount = Money::brl(1_750);
    }));
    assert_eq!(charge_of(&then).request.amount, Money::brl(1_750));
    let fifty = with(|request| {
        request.items = vec![request.items[0].clone(); 50];
        request.amount = Money::brl(50_000);
    });
    assert_eq!(charge_of(&shop().when(fifty)).request.items.len(), 50);
}

#[test]
fn the_method_has_its_own_terms_and_no_others() {
    let refused = |command: RequestCharge, pointer: &str, code| shop().when(command).refused_for(pointer, code);
    for method in METHODS {
        refused(
            of(method, |request| (request.card, request.boleto, request.pix) = (None, None, None)),
            "/method",
            Code::Invalid,
        );
        for other in METHODS.into_iter().filter(|other| *other != method) {
            refused(
                of(method, |of| {
                    let other = request(other);
                    of.card = of.card.clone().or(other.card);
                    of.boleto = of.boleto.clone().or(other.boleto);
                    of.pix = of.pix.clone().or(other.pix);
                }),
                "/method",
                Code::Invalid,
            );
        }
    }
    refused(with(|request| request.method = PaymentMethod::Unknown), "/method", Code::Invalid);
}

#[test]
fn a_card_is_a_token_with_its_time_or_one_that_the_gateway_keeps() {
    let card = |change: fn(&mut ChargeRequest)| of(PaymentMethod::Card, change);
    let refused = |command: RequestCharge, pointer: &str, code| shop().when(command).refused_for(pointer, code);
    refused(card(|request| request.account_id = None), "/account_id", Code::Required);
    for installments in [0, 25] {
        let mut command = request_charge(PaymentMethod::Card);
        command.request.card.as_mut().unwrap().installments = installments;
        refused(command, "/card/installments", Code::OutOfRange);
    }
    refused(card(|of| of.card.as_mut().unwrap().token_until = None), "/card/token_until", Code::Required);
    refused(card(|of| of.card.as_mut().unwrap().card_token = None), "/card", Code::Invalid);
    refused(card(|of| of.card.as_mut().unwrap().saved_card = Some("card_1".into())), "/card", Code::Invalid);
    let kept = card(|of| {
        let card = of.card.as_mut().unwrap();
        (card.card_token, card.token_until, card.saved_card) = (None, None, Some("card_1".into()));
    });
    assert_eq!(effect_of(&shop().when(kept)).not_after, None);
}

#[test]
fn what_is_asked_for_in_between_changes_nothing() {
    // The version of the charge counts on.
    let shop: Given<Payments> = wanted(PaymentMethod::Pix);
    let then = shop.when(crate::sample::ask());
    let PaymentsEvent::ChargeChanged(event) = &then.all()[1] else { panic!("{then:?}") };
    assert_eq!((event.meta.aggregate_version, event.charge.updated_at), (2, NOW + SECOND));
}
