//! Looks at one charge, merged on the record's form: in whatever order they come, however often, and whichever older ones are missing,
//! they end alike.

use feira_contexts::payments::{is_news, merged, status};
use feira_schemas::{
    ids::Micros,
    records::payments::{
        BoletoData, ChargeStatus, ObservedCharge, Payer, PaymentMethod, PixData, Reason, RemoteIds, Unpaid, UnpaidStage,
    },
};

use crate::{
    given::NOW,
    sample::{THERE, look, look_at, look_paid, observe, paid, sealed, wanted},
};

/// Five looks at one charge, each later than the one before and each sealed anew: what was said once is said again.
fn history() -> Vec<ObservedCharge> {
    let reason = |seal| Reason { kind: "card".into(), parameter_name: None, message: Some(sealed(seal)) };
    let told = |began: Micros, seal: u8, look: ObservedCharge| ObservedCharge {
        boleto: Some(BoletoData {
            line: Some("34191".into()),
            digits44: None,
            url: Some(sealed(seal)),
            pdf: (seal > 90).then(|| sealed(seal)),
            due: Some(NOW),
            seen_at: began,
        }),
        ..look
    };
    let payer = |began, seal| Some(Payer { last_four: None, name: Some(sealed(seal)), document: None, seen_at: began });
    let unpaid = |began, stage, seal| Some(Unpaid { began, stage, reasons: vec![reason(seal)] });
    let pix = |e2e: Option<&str>| Some(PixData { code: Some("000201".into()), until: None, e2e: e2e.map(Into::into) });
    // The seals' bytes rise and fall, so that neither the first nor the greatest is always the latest.
    vec![
        ObservedCharge { unpaid: unpaid(1, UnpaidStage::Failed, 200), ..told(1, 90, look(1)) },
        ObservedCharge { unpaid: unpaid(2, UnpaidStage::Pending, 10), pix: pix(None), ..told(2, 20, look(2)) },
        ObservedCharge { payer: payer(3, 250), pix: pix(Some("E1")), ..told(3, 240, look_paid(3, 0)) },
        ObservedCharge { payer: payer(4, 30), pix: pix(Some("E1")), ..told(4, 100, look_paid(4, 700)) },
        ObservedCharge {
            payer: payer(5, 40),
            pix: pix(Some("E1")),
            disputed: 200,
            unpaid: unpaid(5, UnpaidStage::Cancelled, 50),
            ..told(5, 110, look_paid(5, 700))
        },
    ]
}

/// All orders of so many things.
pub fn permutations(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![vec![]];
    }
    let shorter = permutations(count - 1);
    let inserted = |order: &Vec<usize>, at: usize| {
        let mut longer = order.clone();
        longer.insert(at, count - 1);
        longer
    };
    shorter.iter().flat_map(|order| (0..count).map(|at| inserted(order, at)).collect::<Vec<_>>()).collect()
}

fn fold(looks: &[ObservedCharge], order: &[usize]) -> ObservedCharge {
    let first = &looks[order[0]];
    order.iter().fold(merged(first, first).unwrap(), |known, at| merged(&known, &looks[*at]).unwrap())
}

#[test]
fn f16_every_order_of_looks_ends_alike_also_where_some_come_again_and_older_ones_are_missing() {
    let looks = history();
    let latest = looks.len() - 1;
    let all = fold(&looks, &[0, 1, 2, 3, 4]);
    assert_eq!((all.paid, all.cancelled, all.disputed), (1_500, 700, 200));
    let orders = permutations(looks.len());
    assert_eq!(orders.len(), 120);
    for order in orders {
        assert_eq!(fold(&looks, &order), all, "{order:?}");
        let repeated = [order.clone(), order.clone()].concat();
        assert_eq!(fold(&looks, &repeated), all, "{repeated:?}");
        let backwards: Vec<_> = order.iter().chain(order.iter().rev()).copied().collect();
        assert_eq!(fold(&looks, &backwards), all, "{backwards:?}");
        for left_out in 0..(1_usize << latest) {
            let kept: Vec<_> = order.iter().copied().filter(|at| *at == latest || left_out & (1 << at) == 0).collect();
            assert_eq!(fold(&looks, &kept), all, "{kept:?}");
        }
    }
}

#[test]
fn every_order_of_looks_ends_alike_where_they_tell_different_things() {
    // Lists tell less than fetches: what is missing in a later look is not forgotten.
    let mut looks = history();
    looks[4] = ObservedCharge { payer: None, boleto: None, pix: None, unpaid: None, ..looks[4].clone() };
    looks[0].payer = Some(Payer { last_four: Some(sealed(1)), name: Some(sealed(2)), document: None, seen_at: 1 });
    looks[3].remote = RemoteIds { order_id: Some("or_1".into()), ..looks[3].remote.clone() };
    let all = fold(&looks, &[0, 1, 2, 3, 4]);
    assert_eq!(all.payer, looks[0].payer, "who tells more is kept");
    assert_eq!(all.boleto.as_ref().map(|boleto| (boleto.seen_at, boleto.url.clone())), Some((4, Some(sealed(100)))));
    for order in permutations(looks.len()) {
        assert_eq!(fold(&looks, &order), all, "{order:?}");
    }
}

#[test]
fn looks_that_begin_together_are_told_apart_by_their_bytes() {
    let stages = [UnpaidStage::Pending, UnpaidStage::Failed, UnpaidStage::Cancelled, UnpaidStage::Confirming];
    for one in stages {
        for other in stages {
            let (one, other) = (look_at(7, one), look_at(7, other));
            assert_eq!(merged(&one, &other), merged(&other, &one));
        }
    }
    let sealed_as = |seal| ObservedCharge {
        payer: Some(Payer { last_four: None, name: Some(sealed(seal)), document: None, seen_at: 7 }),
        ..look(7)
    };
    assert_eq!(merged(&sealed_as(1), &sealed_as(2)), merged(&sealed_as(2), &sealed_as(1)));
}

#[test]
fn f16_every_order_of_looks_is_decided_alike() {
    let looks = history();
    let decided = |order: &[usize]| {
        let mut shop = wanted(PaymentMethod::Pix).when(crate::sample::ask()).then();
        for at in order {
            shop = shop.when(observe(looks[*at].clone())).then();
        }
        // A look that says nothing new shows the charge as it is.
        let last = shop.when(observe(looks[order[0]].clone()));
        let body = last.unchanged().unwrap();
        (body["status"].clone(), body["observed"].clone())
    };
    let all = decided(&[0, 1, 2, 3, 4]);
    assert_eq!(all.0, "CHARGED_BACK");
    for order in permutations(looks.len()) {
        assert_eq!(decided(&order), all, "{order:?}");
    }
}

#[test]
fn looks_at_two_charges_are_not_merged() {
    let one = look(1);
    let others = [
        ObservedCharge { account_id: THERE, ..look(1) },
        ObservedCharge { gateway: "stripe".into(), ..look(1) },
        ObservedCharge { remote: RemoteIds { charge: "ch_2".into(), ..look(1).remote }, ..look(1) },
    ];
    for other in others {
        assert_eq!(merged(&one, &other), None);
        assert!(!is_news(&one, &other));
    }
}

#[test]
fn a_look_is_news_if_it_says_more_than_when_it_was() {
    let known = look(1);
    assert!(!is_news(&known, &look(2)));
    assert!(is_news(&known, &look_at(2, UnpaidStage::Failed)));
    assert!(!is_news(&look(2), &look_at(1, UnpaidStage::Failed)), "an older look is not believed");
    assert!(is_news(&known, &look_paid(2, 0)));
    let sealed_as = |seal, seen_at| ObservedCharge {
        payer: Some(Payer { last_four: None, name: Some(sealed(seal)), document: None, seen_at }),
        ..look(seen_at)
    };
    assert!(is_news(&known, &sealed_as(1, 2)));
    assert!(!is_news(&sealed_as(1, 2), &sealed_as(9, 3)), "the same value is sealed anew by each look");
    let reasons = |seal, began| {
        let reason = Reason { kind: "card".into(), parameter_name: None, message: Some(sealed(seal)) };
        let unpaid = Some(Unpaid { began, stage: UnpaidStage::Failed, reasons: vec![reason] });
        ObservedCharge { unpaid, ..look(began) }
    };
    assert!(!is_news(&reasons(1, 1), &reasons(9, 2)));
}

#[test]
fn the_sums_tell_the_state() {
    let table = [
        (look(1), ChargeStatus::Pending),
        (look_at(1, UnpaidStage::Confirming), ChargeStatus::Confirming),
        (look_at(1, UnpaidStage::Unknown), ChargeStatus::Confirming),
        (look_at(1, UnpaidStage::Authorized), ChargeStatus::Authorized),
        (look_at(1, UnpaidStage::Failed), ChargeStatus::Failed),
        (look_at(1, UnpaidStage::Cancelled), ChargeStatus::Cancelled),
        (look_paid(1, 0), ChargeStatus::Paid),
        (ObservedCharge { paid: 1, ..look(1) }, ChargeStatus::Underpaid),
        (look_paid(1, 1), ChargeStatus::PartlyRefunded),
        (look_paid(1, 1_500), ChargeStatus::Refunded),
        (ObservedCharge { disputed: 5, ..look_paid(1, 0) }, ChargeStatus::ChargedBack),
        (ObservedCharge { disputed: 5, dispute_won: 5, ..look_paid(1, 0) }, ChargeStatus::Paid),
        // A boleto that is cancelled after it was paid was renamed: no money went back.
        (ObservedCharge { method: Some(PaymentMethod::Boleto), ..look_paid(1, 1_500) }, ChargeStatus::Paid),
    ];
    for (look, expected) in table {
        assert_eq!(status(&look), expected, "{look:?}");
    }
}

#[test]
fn what_no_gateway_tells_is_taken_from_no_look() {
    let told = ObservedCharge { by_bank_data: 900, method: Some(PaymentMethod::Boleto), ..look_paid(NOW + 5, 1_500) };
    let then = paid(PaymentMethod::Boleto).when(observe(told));
    let observed = crate::sample::charge_of(&then).observed.unwrap();
    assert_eq!((observed.cancelled, observed.by_bank_data), (1_500, 0));
}
