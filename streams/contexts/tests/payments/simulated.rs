//! Accounts whose key is a simulator's, and what is charged by them: both say so for ever.

use feira_contexts::payments::Payments;
use feira_schemas::{
    problem::Code,
    records::payments::{Account, AccountStatus, ChargeStatus, PaymentMethod, SaveAccount},
};

use crate::{
    accounts::save,
    given::{Given, NOW},
    sample::{
        HERE, REFUND, THERE, account, account_row, accounts_of, ask, charge_of, look_paid, open_shop, refund_of,
        report_done, request_charge, request_refund, sealed, shop, wanted,
    },
};

fn simulated() -> Account {
    Account { simulated: true, ..account(HERE, AccountStatus::Ready) }
}

/// A shop whose only account is simulated.
fn simulated_shop() -> Given<Payments> {
    open_shop().and(account_row(simulated()))
}

#[test]
fn f37_an_account_is_what_its_first_key_was() {
    for simulated in [true, false] {
        let then = open_shop().when(SaveAccount { simulated, ..save(HERE) });
        assert_eq!(accounts_of(&then)[0].simulated, simulated);
    }
}

#[test]
fn f37_a_key_of_the_other_kind_makes_another_account() {
    let real = || SaveAccount { simulated: false, key: Some(sealed(9)), ..save(HERE) };
    simulated_shop().when(real()).refused_for("/key", Code::Invalid);
    let of_simulator = SaveAccount { simulated: true, key: Some(sealed(9)), ..save(HERE) };
    shop().when(of_simulator.clone()).refused_for("/key", Code::Invalid);
    let then = simulated_shop().when(of_simulator);
    assert!(accounts_of(&then)[0].simulated);
    // Without a key, what the command says of one counts for nothing.
    let renamed = SaveAccount { name: "Outra".into(), key: None, ..real() };
    let then = simulated_shop().when(renamed);
    let [account] = &accounts_of(&then)[..] else { panic!("one account") };
    assert_eq!((account.name.as_str(), account.simulated), ("Outra", true));
}

#[test]
fn f37_a_charge_says_from_the_beginning_that_it_is_simulated() {
    let then = simulated_shop().when(request_charge(PaymentMethod::Pix));
    let charge = charge_of(&then);
    assert_eq!((charge.status, charge.account_id, charge.simulated), (ChargeStatus::Processing, None, true));
    assert!(!charge_of(&shop().when(request_charge(PaymentMethod::Pix))).simulated);
}

#[test]
fn f37_a_charge_is_what_the_account_is_that_it_went_to() {
    let then = wanted(PaymentMethod::Pix).and(account_row(simulated())).when(ask());
    assert!(charge_of(&then).simulated, "the default is simulated by now");
    let real = Account { is_default: true, ..account(THERE, AccountStatus::Ready) };
    let former = Account { is_default: false, ..simulated() };
    let begun = simulated_shop().when(request_charge(PaymentMethod::Pix)).then();
    let then = begun.and(account_row(former)).and(account_row(real)).when(ask());
    let charge = charge_of(&then);
    assert_eq!((charge.account_id, charge.simulated), (Some(THERE), false));
}

#[test]
fn f37_a_refund_is_simulated_with_its_charge() {
    let charged = simulated_shop().when(request_charge(PaymentMethod::Pix)).then().when(ask()).then();
    let paid = charged.when(report_done(1, look_paid(NOW, 0))).then();
    assert!(refund_of(&paid.when(request_refund(REFUND, Some(500)))).simulated);
    let real = crate::sample::paid(PaymentMethod::Pix).when(request_refund(REFUND, Some(500)));
    assert!(!refund_of(&real).simulated);
}
