//! The times of looks: at attempts under question, and at charges that wait. Pure.

use feira_schemas::{
    brazil::{local_date, local_time},
    ids::Micros,
    records::payments::{Charge, ChargeStatus, ObservedSubscription, PaymentMethod, Recurrence},
    time::{DAY, HOUR, MINUTE},
};
use jiff::{ToSpan, civil::Time};

const SECOND: Micros = 1_000_000;

/// The time after which silence about an attempt is believed, by the clock of who asks: a gateway's lists may lag behind.
pub(super) const SILENCE: Micros = 60 * SECOND;
/// The time by which a minute of another machine's clock may be longer, with all that a busy machine adds.
const SPARE: Micros = SECOND;
/// The first looks after a question was learned of.
const FIRST_LOOKS: [Micros; 3] = [2 * SECOND, 10 * SECOND, SILENCE + SPARE];
/// The time between the looks after those.
const LATER_LOOKS: Micros = 5 * MINUTE;
/// The first and the longest wait between two looks at a charge that is paid at once, by Pix as a rule.
const SOONEST: Micros = 15 * SECOND;
const LATEST: Micros = 8 * MINUTE;
/// The time after the end of a Pix code by which a payment at the last moment is known, and after a subscription's next charge is due
/// by which it is made.
const AFTER_END: Micros = 5 * MINUTE;
/// The time within which a period's charge is made as a rule: Stripe leaves its bill open to changes for an hour.
const CHARGED_WITHIN: Micros = 2 * HOUR;
/// The hours of São Paulo at which boletos are looked at: banks tell of payments in the night and at noon.
const BOLETO_HOURS: [i8; 2] = [8, 14];

/// The time after a question was learned of at which its look of this number, from 0, is due.
pub(super) fn look_after(looks: u32) -> Micros {
    let first = usize::try_from(looks).ok().and_then(|looks| FIRST_LOOKS.get(looks));
    first.copied().unwrap_or_else(|| SILENCE + (Micros::from(looks) - FIRST_LOOKS.len() as Micros + 1) * LATER_LOOKS)
}

/// The rest after so many turns in a row that came to nothing: 1 s, doubled up to a minute.
pub(super) fn rest(tries: u32) -> Micros {
    (SECOND << tries.min(6)).min(MINUTE)
}

/// The time of the next look at a charge that waits, of which the last look was at `last`, in microseconds since 1970.
pub(super) fn next_look(charge: &Charge, last: Micros) -> Micros {
    match (charge.request.method, charge.status) {
        (_, ChargeStatus::Confirming) => doubling(charge.created_at, last),
        (PaymentMethod::Pix, ChargeStatus::Pending) => pix(charge, last),
        (PaymentMethod::Boleto, ChargeStatus::Pending | ChargeStatus::Underpaid) => boleto(charge, last),
        _ => last + HOUR,
    }
}

/// The time of the next look at a subscription, of which the last look was at `last`: when its next charge is due, and then daily until
/// it shows; twice more within the first day of a period, since a gateway may take hours to charge for one that has begun, and once
/// before that while no charge of it was seen at all.
pub(super) fn next_look_at_subscription(known: &ObservedSubscription, last: Micros) -> Micros {
    match (known.recurrence, known.next_billing) {
        (Recurrence::Future | Recurrence::Active, Some(next)) => {
            let begun = known.period_begins.map(|begins| [begins + CHARGED_WITHIN, begins + DAY]);
            let first = known.period_begins.filter(|_| known.charge.is_none()).map(|begins| begins + AFTER_END);
            let times = first.into_iter().chain(begun.into_iter().flatten()).chain([next + AFTER_END]);
            times.filter(|time| *time > last).min().unwrap_or(last + DAY)
        }
        // A state that is not known here: look again before anything is concluded.
        (Recurrence::Other | Recurrence::Unknown, _) => last + HOUR,
        _ => last + DAY,
    }
}

/// From 15 s after the beginning, doubling to 8 min.
fn doubling(begin: Micros, last: Micros) -> Micros {
    let (mut at, mut wait) = (begin + SOONEST, SOONEST);
    while at <= last && wait < LATEST {
        wait = (wait * 2).min(LATEST);
        at += wait;
    }
    if at > last { at } else { at + ((last - at) / LATEST + 1) * LATEST }
}

/// Doubling until the code's end, then at the end, 5 min after it, and hourly while the gateway does not call it ended.
fn pix(charge: &Charge, last: Micros) -> Micros {
    let observed = charge.observed.as_ref().and_then(|observed| observed.pix.as_ref()?.until);
    let Some(end) = observed.or(charge.request.pix.as_ref().map(|terms| terms.until)) else {
        return doubling(charge.created_at, last);
    };
    match last {
        _ if last < end => doubling(charge.created_at, last).min(end),
        _ if last < end + AFTER_END => end + AFTER_END,
        _ => last + HOUR,
    }
}

/// At 8:00 and 14:00, and a day after the due day's end.
fn boleto(charge: &Charge, last: Micros) -> Micros {
    let next = next_hour(last).unwrap_or(last + DAY);
    let due = charge.observed.as_ref().and_then(|observed| observed.boleto.as_ref()?.due);
    due.map(|due| due + DAY).filter(|end| *end > last).map_or(next, |end| next.min(end))
}

/// The next of the hours of boletos after a time; `None` where the calendar ends.
fn next_hour(after: Micros) -> Option<Micros> {
    let today = local_date(after).ok()?;
    let days = [today, today.checked_add(1.days()).ok()?];
    let times = days.into_iter().flat_map(|day| BOLETO_HOURS.map(|hour| (day, Time::constant(hour, 0, 0, 0))));
    times.filter_map(|(day, time)| local_time(day, time).ok()).find(|time| *time > after)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::{
        ids::AccountId,
        records::payments::{BoletoData, BoletoTerms, PixTerms},
    };
    use uuid::Uuid;

    use super::*;
    use crate::effects::gateways::sample;

    /// Noon in São Paulo.
    const NOON: &str = "2026-12-01T15:00:00Z";

    fn at(text: &str) -> Micros {
        text.parse::<jiff::Timestamp>().unwrap().as_microsecond()
    }

    /// All looks of a charge after a time, until another.
    fn looks(charge: &Charge, mut last: Micros, until: Micros) -> Vec<Micros> {
        std::iter::from_fn(|| {
            last = next_look(charge, last);
            (last <= until).then_some(last)
        })
        .collect()
    }

    #[test]
    fn a_question_is_looked_at_after_2_10_and_60_seconds_and_then_every_5_minutes() {
        let after: Vec<Micros> = (0..6).map(|looks| look_after(looks) / SECOND).collect();
        assert_eq!(after, [2, 10, 61, 360, 660, 960], "the third a little later, so that nobody calls it too early");
        assert_eq!((0..8).map(|tries| rest(tries) / SECOND).collect::<Vec<_>>(), [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn a_pix_is_looked_at_from_15_seconds_doubling_to_8_minutes_at_its_end_and_after_it() {
        let begin = at(NOON);
        let end = begin + 30 * MINUTE;
        let mut charge = sample::charge(PaymentMethod::Pix, begin);
        charge.request.pix = Some(PixTerms { until: end, information: Vec::new() });
        let seconds: Vec<Micros> =
            looks(&charge, begin, end + 2 * HOUR).into_iter().map(|at| (at - begin) / SECOND).collect();
        assert_eq!(seconds, [15, 45, 105, 225, 465, 945, 1_425, 1_800, 2_100, 5_700]);
        // A look that came late, or because of a callback, shifts none of those after it.
        assert_eq!(next_look(&charge, begin + 50 * SECOND), begin + 105 * SECOND);
        charge.status = ChargeStatus::Confirming;
        let next = next_look(&charge, end + 7 * DAY) - (end + 7 * DAY);
        assert!(next > 0 && next <= LATEST, "{next}");
    }

    #[test]
    fn a_boleto_is_looked_at_at_8_and_14_in_sao_paulo_and_a_day_after_its_end() {
        let mut charge = sample::charge(PaymentMethod::Boleto, at(NOON));
        charge.request.boleto =
            Some(BoletoTerms { due: "2026-12-02".into(), instructions: String::new(), document_number: "1".into() });
        let due = at("2026-12-03T02:59:59Z");
        let boleto = BoletoData { line: None, digits44: None, url: None, pdf: None, due: Some(due), seen_at: 0 };
        charge.observed = Some(sample::observed(&charge));
        charge.observed.as_mut().unwrap().boleto = Some(boleto);
        let expected = [
            "2026-12-01T17:00:00Z",
            "2026-12-02T11:00:00Z",
            "2026-12-02T17:00:00Z",
            "2026-12-03T11:00:00Z",
            "2026-12-03T17:00:00Z",
            "2026-12-04T02:59:59Z",
            "2026-12-04T11:00:00Z",
        ];
        assert_eq!(looks(&charge, at(NOON), at("2026-12-04T12:00:00Z")), expected.map(at));
    }

    #[test]
    fn a_reserved_card_is_looked_at_hourly() {
        let mut charge = sample::charge(PaymentMethod::Card, at(NOON));
        charge.status = ChargeStatus::Authorized;
        assert_eq!(next_look(&charge, at(NOON)), at(NOON) + HOUR);
    }

    #[test]
    fn a_subscription_is_looked_at_when_a_charge_is_due_and_then_daily_until_it_shows() {
        let (begin, due) = (at(NOON), at("2027-01-01T15:00:00Z"));
        let mut known = ObservedSubscription {
            gateway: "pagarme".into(),
            account_id: AccountId::from_uuid(Uuid::nil()),
            remote_id: "sub_1".into(),
            code: None,
            customer: None,
            plan: None,
            recurrence: Recurrence::Active,
            recurrence_at: begin,
            period_begins: Some(begin),
            period_ends: Some(due),
            next_billing: Some(due),
            charge: None,
            charge_seen_at: 0,
            observed_at: begin,
        };
        let mut last = begin;
        let looks = [5 * MINUTE, 2 * HOUR, DAY, due + 5 * MINUTE - begin].map(|after| begin + after);
        for look in looks.into_iter().chain([due + 5 * MINUTE + DAY, due + 5 * MINUTE + 2 * DAY]) {
            last = next_look_at_subscription(&known, last);
            assert_eq!(last, look, "daily while it was not charged yet");
        }
        known.charge = Some("ch_1".into());
        assert_eq!(next_look_at_subscription(&known, begin), begin + 2 * HOUR, "its first charge is known already");
        known.recurrence = Recurrence::Unpaid;
        assert_eq!(next_look_at_subscription(&known, begin), begin + DAY, "the gateway tries again by its own times");
        known.recurrence = Recurrence::Other;
        assert_eq!(next_look_at_subscription(&known, begin), begin + HOUR);
    }
}
