//! What a gateway shows of a charge, compared with what is known here. Pure.

use feira_schemas::{
    gateway::{self, Observed, Status},
    ids::AccountId,
    records::payments::{Charge, ChargeSums, DifferenceKind, ObservedCharge},
};

use crate::effects::gateways::convert;

/// A charge of ours that a charge at the gateway is, or seems to be.
#[derive(Debug, Clone)]
pub(super) enum Ours {
    /// The one that is known by the gateway's id.
    Known(Box<Charge>),
    /// The one whose code it has: the effect's id, which is the charge's.
    Coded(Box<Charge>),
    /// None.
    Nobody,
}

impl Ours {
    /// The charge, where there is one.
    pub fn charge(&self) -> Option<&Charge> {
        match self {
            Self::Known(charge) | Self::Coded(charge) => Some(charge),
            Self::Nobody => None,
        }
    }
}

/// What a charge at the gateway is beside what is known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The same, or nothing that anybody has to know of.
    Fits,
    /// There is something new, or it is not known by the gateway's id yet: what a look shows is said, and decided upon.
    News,
    /// They differ.
    Differs(DifferenceKind),
}

/// Compares a charge at the gateway's account with ours.
pub(super) fn verdict(ours: &Ours, account: AccountId, look: &Observed) -> Verdict {
    match ours {
        Ours::Known(charge) => match &charge.observed {
            Some(known) if convert::shows_something_new(known, look) => Verdict::News,
            Some(known) if sums_of(known) != sums_at(&look.charge) => Verdict::Differs(DifferenceKind::SumsDiffer),
            _ => Verdict::Fits,
        },
        Ours::Coded(charge) if is_adopted(charge, account) => Verdict::News,
        Ours::Coded(_) if !concerns(look) => Verdict::Fits,
        Ours::Coded(charge) if charge.observed.is_some() => Verdict::Differs(DifferenceKind::DoubleCharge),
        Ours::Coded(_) | Ours::Nobody => match concerns(look) {
            true => Verdict::Differs(DifferenceKind::UnknownCharge),
            false => Verdict::Fits,
        },
    }
}

/// True for a charge of ours that went to this account, and of which the gateway has shown nothing so far.
fn is_adopted(charge: &Charge, account: AccountId) -> bool {
    charge.observed.is_none() && charge.account_id == Some(account)
}

/// True for a charge that has brought money, or may: what failed or ran out unpaid is nobody's matter.
fn concerns(look: &Observed) -> bool {
    !matches!(look.charge.status(), Status::Failed | Status::Cancelled)
}

/// True for a charge of ours that counts as paid: its gateway must show it.
pub(super) fn counts_as_paid(charge: &Charge, account: AccountId) -> bool {
    charge.observed.as_ref().is_some_and(|observed| observed.account_id == account && observed.paid > 0)
}

/// The sums of a charge that are known here.
pub(super) fn sums_of(known: &ObservedCharge) -> ChargeSums {
    ChargeSums { amount: known.amount, paid: known.paid, cancelled: known.cancelled }
}

/// The sums of a charge that a look has shown.
pub(super) fn sums_at(look: &gateway::Charge) -> ChargeSums {
    ChargeSums { amount: look.amount, paid: look.paid, cancelled: look.cancelled }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::{
        gateway::{Payer, Stage, Unpaid},
        records::payments::PaymentMethod,
    };
    use uuid::Uuid;

    use super::*;
    use crate::effects::gateways::sample;

    /// A charge of R$ 1,00 that was paid.
    fn paid() -> Charge {
        let mut charge = sample::charge(PaymentMethod::Pix, 1);
        charge.account_id = Some(AccountId::from_uuid(Uuid::nil()));
        charge.observed = Some(ObservedCharge { paid: 100, unpaid: None, ..sample::observed(&charge) });
        charge
    }

    fn unseen() -> Charge {
        Charge { observed: None, ..paid() }
    }

    fn look(change: impl Fn(&mut gateway::Charge)) -> Observed {
        let mut charge = paid().observed.as_ref().map(convert::known).unwrap();
        change(&mut charge);
        Observed { charge, payer: Payer::default(), look_again: false, tenant: None }
    }

    fn of(ours: Ours, look: &Observed) -> Verdict {
        verdict(&ours, AccountId::from_uuid(Uuid::nil()), look)
    }

    fn failed(charge: &mut gateway::Charge) {
        charge.paid = 0;
        charge.unpaid = Some(Unpaid { began: 9, stage: Stage::Failed, reasons: Vec::new() });
    }

    #[test]
    fn a_charge_that_is_known_fits_brings_news_or_differs_by_its_sums() {
        let known = || Ours::Known(Box::new(paid()));
        assert_eq!(of(known(), &look(|_| {})), Verdict::Fits);
        assert_eq!(of(known(), &look(|charge| charge.cancelled = 40)), Verdict::News);
        let differs = Verdict::Differs(DifferenceKind::SumsDiffer);
        assert_eq!(of(known(), &look(|charge| charge.paid = 60)), differs, "sums never fall here");
        assert_eq!(of(known(), &look(failed)), Verdict::News, "what it shows is kept first");
    }

    #[test]
    fn a_charge_with_a_code_of_ours_is_adopted_or_is_a_second_one() {
        let news = Verdict::News;
        assert_eq!(of(Ours::Coded(Box::new(unseen())), &look(|_| {})), news);
        assert_eq!(of(Ours::Coded(Box::new(unseen())), &look(failed)), news, "also that it failed");
        let second = look(|charge| charge.remote.charge = "ch_2".into());
        let double = Verdict::Differs(DifferenceKind::DoubleCharge);
        assert_eq!(of(Ours::Coded(Box::new(paid())), &second), double);
        assert_eq!(of(Ours::Coded(Box::new(paid())), &look(failed)), Verdict::Fits, "nobody has paid it");
        let elsewhere = Charge { account_id: Some(AccountId::from_uuid(Uuid::from_u128(9))), ..unseen() };
        let unknown = Verdict::Differs(DifferenceKind::UnknownCharge);
        assert_eq!(of(Ours::Coded(Box::new(elsewhere)), &second), unknown);
    }

    #[test]
    fn a_charge_of_nobody_is_shown_if_it_has_brought_money_or_may() {
        let unknown = Verdict::Differs(DifferenceKind::UnknownCharge);
        assert_eq!(of(Ours::Nobody, &look(|_| {})), unknown);
        let waits = look(|charge| charge.paid = 0);
        assert_eq!(of(Ours::Nobody, &waits), unknown);
        assert_eq!(of(Ours::Nobody, &look(failed)), Verdict::Fits);
    }

    #[test]
    fn what_counts_as_paid_has_money_of_this_account() {
        let account = AccountId::from_uuid(Uuid::nil());
        assert!(counts_as_paid(&paid(), account) && !counts_as_paid(&unseen(), account));
        assert!(!counts_as_paid(&paid(), AccountId::from_uuid(Uuid::from_u128(1))));
    }
}
