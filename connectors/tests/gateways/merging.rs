//! Looks at one charge, merged in every order, however often, with any of the older ones missing.

use feira_schemas::gateway::{AnotherCharge, Boleto, Charge, Method, Pix, Problem, RemoteIds, Stage, Status, Unpaid};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};

const AMOUNT: i64 = 10_000;

/// A look at a charge of R$ 100,00, at this time.
fn look(at: i64) -> Charge {
    let remote = RemoteIds { charge: "ch_1".to_owned(), ..RemoteIds::default() };
    Charge { method: Some(Method::Pix), ..Charge::new("pagarme", "account-1", remote, AMOUNT, at) }
}

fn unpaid(at: i64, stage: Stage) -> Charge {
    Charge { unpaid: Some(Unpaid { began: at, stage, reasons: Vec::new() }), ..look(at) }
}

fn paid(at: i64, paid: i64) -> Charge {
    Charge { paid, ..look(at) }
}

fn cancelled(at: i64, cancelled: i64) -> Charge {
    Charge { cancelled, ..paid(at, AMOUNT) }
}

fn all<'a>(looks: impl IntoIterator<Item = &'a Charge>) -> Charge {
    looks.into_iter().cloned().reduce(|one, other| one.merged(&other).unwrap()).unwrap()
}

/// Every order of up to five things.
fn orders<T: Clone>(of: &[T]) -> Vec<Vec<T>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let first = |at: usize| {
        let mut rest = of.to_vec();
        let first = rest.remove(at);
        orders(&rest).into_iter().map(move |rest| [vec![first.clone()], rest].concat())
    };
    (0..of.len()).flat_map(first).collect()
}

/// A look of which everything is chosen by lot, from few values, so that looks meet in some of them.
fn any_look(lot: &mut StdRng) -> Charge {
    let at = lot.random_range(0..4);
    let sum = |lot: &mut StdRng| [0, 0, 4_000, AMOUNT, 12_000][lot.random_range(0..5)];
    let word = |lot: &mut StdRng| [None, Some("a"), Some("b")][lot.random_range(0..3)].map(str::to_owned);
    let paid = sum(lot);
    let stage =
        [Stage::Pending, Stage::Confirming, Stage::Authorized, Stage::Failed, Stage::Cancelled][lot.random_range(0..5)];
    let reasons = word(lot).map(|kind| Problem::new(&kind, None, "x")).into_iter().collect();
    let disputed = sum(lot).min(paid);
    Charge {
        remote: RemoteIds {
            charge: "ch_1".to_owned(),
            order: word(lot),
            transaction: word(lot),
            customer: word(lot),
            subscription: word(lot),
            code: word(lot),
        },
        method: [None, Some(Method::Boleto), Some(Method::Pix)][lot.random_range(0..3)],
        paid,
        cancelled: sum(lot).min(paid),
        by_bank_data: sum(lot),
        disputed,
        dispute_won: sum(lot).min(disputed),
        unpaid: lot.random_bool(0.7).then_some(Unpaid { began: at, stage, reasons }),
        installments: [None, Some(1), Some(3)][lot.random_range(0..3)],
        brand: word(lot),
        boleto: Boleto {
            line: word(lot),
            digits44: word(lot),
            url: word(lot),
            pdf: word(lot),
            due: lot.random_bool(0.5).then_some(at),
        },
        pix: Pix { code: word(lot), until: lot.random_bool(0.5).then_some(at), e2e: word(lot) },
        ..look(at)
    }
}

#[test]
fn looks_end_alike_in_every_order_and_however_often() {
    let mut lot = StdRng::seed_from_u64(20_261_201);
    for _ in 0..400 {
        let looks: Vec<Charge> = (0..lot.random_range(2..=5)).map(|_| any_look(&mut lot)).collect();
        let end = all(&looks);
        for order in orders(&looks) {
            assert_eq!(all(&order), end);
        }
        // Repeated at any place, a look changes nothing; and what was merged may be merged again.
        let mut often: Vec<Charge> = looks.iter().chain(&looks).chain(&looks).cloned().collect();
        often.shuffle(&mut lot);
        assert_eq!(all(&often), end);
        let (some, others) = looks.split_at(1);
        assert_eq!(all(some).merged(&all(others)).unwrap().merged(&end).unwrap(), end);
    }
}

/// A charge's life, look by look. Whichever of the older looks are missing, the end is told by the latest.
#[test]
fn what_the_latest_look_says_holds_whichever_older_ones_are_missing() {
    let chargeback = |at| Charge { disputed: AMOUNT, ..cancelled(at, 4_000) };
    let boleto = |charge: Charge| Charge { method: Some(Method::Boleto), ..charge };
    let lives: [(&[Charge], Status); 13] = [
        (&[unpaid(1, Stage::Pending), paid(2, AMOUNT)], Status::Paid),
        (&[unpaid(1, Stage::Pending), unpaid(2, Stage::Failed)], Status::Failed),
        (&[unpaid(1, Stage::Failed), unpaid(2, Stage::Pending), unpaid(3, Stage::Cancelled)], Status::Cancelled),
        // A gateway that takes its word back is believed, as long as no money has come.
        (&[unpaid(1, Stage::Failed), unpaid(2, Stage::Pending)], Status::Pending),
        (&[unpaid(1, Stage::Confirming), unpaid(2, Stage::Authorized), paid(3, AMOUNT)], Status::Paid),
        // Money after failed or cancelled is money.
        (&[unpaid(1, Stage::Pending), unpaid(2, Stage::Failed), paid(3, AMOUNT)], Status::Paid),
        (&[unpaid(1, Stage::Pending), unpaid(2, Stage::Cancelled), paid(3, AMOUNT)], Status::Paid),
        (&[unpaid(1, Stage::Pending), paid(2, 9_999)], Status::Underpaid),
        (&[unpaid(1, Stage::Pending), paid(2, 10_001)], Status::Paid),
        (&[paid(1, AMOUNT), cancelled(2, 4_000)], Status::PartlyRefunded),
        (&[paid(1, AMOUNT), cancelled(2, 4_000), cancelled(3, AMOUNT)], Status::Refunded),
        (&[paid(1, AMOUNT), cancelled(2, 4_000), chargeback(3)], Status::ChargedBack),
        (
            &[
                boleto(unpaid(1, Stage::Pending)),
                boleto(paid(2, AMOUNT)),
                boleto(cancelled(3, AMOUNT).with_bank_refunds(AMOUNT)),
            ],
            Status::Refunded,
        ),
    ];
    for (life, status) in lives {
        let (latest, older) = life.split_last().unwrap();
        for some in 0..1_u32 << older.len() {
            let seen: Vec<Charge> =
                older.iter().enumerate().filter(|(at, _)| some & 1 << at != 0).map(|(_, look)| look.clone()).collect();
            for order in orders(&[seen, vec![latest.clone()]].concat()) {
                let end = all(&order);
                assert_eq!(end.status(), status, "{order:?}");
                assert_eq!(
                    (end.paid, end.refunded(), end.charged_back()),
                    (latest.paid, latest.refunded(), latest.charged_back())
                );
            }
        }
    }
}

#[test]
fn money_that_was_seen_is_not_unseen() {
    // An older fetch that answers late, and a hook's.
    let end = all(&[cancelled(5, 4_000), paid(9, AMOUNT), unpaid(10, Stage::Pending)]);
    assert_eq!((end.status(), end.refunded(), end.observed_at), (Status::PartlyRefunded, 4_000, 10));
    assert!(end.reasons().is_empty());
}

/// A sum that was cancelled before anybody paid is not given back once somebody does.
#[test]
fn a_sum_that_was_cancelled_unpaid_is_no_refund() {
    let late = all(&[unpaid(1, Stage::Cancelled), paid(2, AMOUNT)]);
    assert_eq!((late.status(), late.refunded()), (Status::Paid, 0));
}

/// The gateway renames a paid boleto that is cancelled. Money moved only as far as bank data went with it.
#[test]
fn a_boletos_cancelled_sum_is_a_refund_only_as_far_as_bank_data_went_with_it() {
    let renamed = Charge { method: Some(Method::Boleto), ..cancelled(2, AMOUNT) };
    let ledger = |sum| Charge { method: Some(Method::Boleto), ..look(1) }.with_bank_refunds(sum);
    assert_eq!((renamed.status(), renamed.refunded()), (Status::Paid, 0));
    let in_part = renamed.merged(&ledger(4_000)).unwrap();
    assert_eq!((in_part.status(), in_part.refunded()), (Status::PartlyRefunded, 4_000));
    let in_full = in_part.merged(&ledger(AMOUNT)).unwrap();
    assert_eq!((in_full.status(), in_full.refunded()), (Status::Refunded, AMOUNT));
}

#[test]
fn a_won_dispute_lowers_what_is_disputed_and_stays_won() {
    let disputed = Charge { disputed: AMOUNT, ..paid(1, AMOUNT) };
    let won = Charge { dispute_won: AMOUNT, ..disputed.clone() };
    assert_eq!(disputed.status(), Status::ChargedBack);
    for order in orders(&[paid(0, AMOUNT), disputed.clone(), won.clone()]) {
        assert_eq!((all(&order).status(), all(&order).charged_back()), (Status::Paid, 0));
    }
    // A second dispute of another part, while the first is won.
    let again = Charge { disputed: AMOUNT + 2_000, ..won.clone() };
    assert_eq!((all(&[again, disputed]).charged_back(), won.charged_back()), (2_000, 0));
}

#[test]
fn of_two_looks_without_money_the_one_that_began_later_is_believed_with_its_reasons() {
    let refused = Charge {
        unpaid: Some(Unpaid {
            began: 2,
            stage: Stage::Failed,
            reasons: vec![Problem::new("acquirer", None, "51: Saldo ou limite insuficiente")],
        }),
        ..look(2)
    };
    for order in orders(&[unpaid(1, Stage::Pending), refused.clone()]) {
        assert_eq!((all(&order).status(), all(&order).reasons().len()), (Status::Failed, 1));
    }
    assert_eq!(all(&[refused, unpaid(3, Stage::Pending)]).reasons(), []);
}

#[test]
fn looks_at_two_charges_are_not_merged() {
    let one = look(1);
    let others = [
        Charge { gateway: "stripe".to_owned(), ..one.clone() },
        Charge { account: "account-2".to_owned(), ..one.clone() },
        Charge { remote: RemoteIds { charge: "ch_2".to_owned(), ..RemoteIds::default() }, ..one.clone() },
    ];
    for other in others {
        assert_eq!(one.merged(&other), Err(AnotherCharge));
    }
}
