//! The nights of reconciliations: when an account's begins, which of its charges are looked at in it, and what is due. Pure: the wall
//! clock's time comes in.

use feira_schemas::{
    brazil::{CalendarEnds, local_date, local_time},
    ids::{AccountId, Micros},
    records::payments::{Account, AccountStatus},
    rows::payments::ReconciledRow,
    time::{DAY, HOUR},
};
use jiff::civil::{Date, Time};
use sha2::{Digest, Sha256};

/// The hour of São Paulo from which on nights begin, when few people buy.
const BEGINS: Time = Time::constant(2, 0, 0, 0);
/// The time over which accounts are spread, so that thousands do not begin together.
const SPREAD: Micros = 3 * HOUR;
/// Days whose charges the gateway lists: what is newer than the last night, twice over.
const LISTED_DAYS: i64 = 3;
/// Days in which each paid charge is looked at once.
const ROUND: i64 = 30;
/// Days for which a paid charge is looked at: cards' and banks' terms for taking money back are shorter.
const LOOKED_AT_DAYS: i64 = 180;
/// Days for which a retired account is looked after since it was changed last: until its last charge is as old.
const RETIRED_DAYS: i64 = LOOKED_AT_DAYS + 1;

/// A span of times: from this one on, before that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// The first.
    pub from: Micros,
    /// The one after the last.
    pub to: Micros,
}

/// A reconciliation that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// The night that is done by it: its day in São Paulo, in days since 1970.
    pub night: i64,
    /// The time from which on the gateway lists its charges.
    pub since: Micros,
    /// The times at which charges were asked for that are looked at one by one if they are paid.
    pub spans: Vec<Span>,
}

/// What is due of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Due {
    /// A reconciliation.
    Now(Plan),
    /// Nothing before that time.
    At(Micros),
}

/// Says what is due of an account, of which that was reconciled last, and which somebody has asked for last at `asked_at`.
pub(super) fn due(
    account: &Account,
    done: Option<&ReconciledRow>,
    asked_at: Option<Micros>,
    now: Micros,
) -> Result<Due, CalendarEnds> {
    let today = local_date(now)?;
    let tonight = begin_of_night(account.account_id, today)?;
    // Its first night is the one after the day on which it was made: there is nothing to compare before.
    let made = day_of(local_date(account.created_at)?)?;
    let last = done.map_or(made, |done| done.night.max(made));
    let is_asked = asked_at.is_some() && asked_at > done.and_then(|done| done.asked_at);
    // Asked for before tonight's time, it does no more than the night before: tonight is still to come.
    let day = if now >= tonight { today } else { yesterday(today)? };
    let night = day_of(day)?;
    let is_night = now >= tonight && last < night && is_looked_after(account, now);
    if (is_asked && is_listed(account)) || is_night {
        return plan(night, last.min(night - 1), day).map(Due::Now);
    }
    match now < tonight {
        true => Ok(Due::At(tonight)),
        false => Ok(Due::At(begin_of_night(account.account_id, today.tomorrow().map_err(|_| CalendarEnds)?)?)),
    }
}

fn yesterday(day: Date) -> Result<Date, CalendarEnds> {
    day.yesterday().map_err(|_| CalendarEnds)
}

/// True for an account whose gateway can be asked for its charges.
fn is_listed(account: &Account) -> bool {
    matches!(account.status, AccountStatus::Ready | AccountStatus::Retired)
}

/// True for an account that has nights: one that charges, and a retired one until its last charge is old.
fn is_looked_after(account: &Account, now: Micros) -> bool {
    match account.status {
        AccountStatus::Ready => true,
        AccountStatus::Retired => now < account.updated_at.saturating_add(RETIRED_DAYS * DAY),
        AccountStatus::Untested | AccountStatus::Broken | AccountStatus::Unknown => false,
    }
}

/// The time at which an account's night of a day begins.
fn begin_of_night(account: AccountId, day: Date) -> Result<Micros, CalendarEnds> {
    let digest = Sha256::digest(account.uuid().as_bytes());
    let number = digest.iter().take(4).fold(0, |number: i64, byte| (number << 8) | i64::from(*byte));
    Ok(local_time(day, BEGINS)? + number.rem_euclid(SPREAD / 1_000_000) * 1_000_000)
}

/// A day in São Paulo, in days since 1970.
fn day_of(day: Date) -> Result<i64, CalendarEnds> {
    Ok(local_time(day, Time::midnight())?.div_euclid(DAY))
}

/// The charges of a night: those since the night before the last one are listed, and of the older ones those whose turn it is in this
/// night and the ones since the last.
fn plan(night: i64, last: i64, day: Date) -> Result<Plan, CalendarEnds> {
    let missed = (night - last).clamp(1, ROUND);
    let (listed, midnight) = (LISTED_DAYS.max(missed + 1), local_time(day, Time::midnight())?);
    let begin = |age: i64| midnight - age * DAY;
    let ages = (0..missed).flat_map(|since| (0..=LOOKED_AT_DAYS / ROUND).map(move |round| round * ROUND + since));
    let mut ages: Vec<i64> = ages.filter(|age| (listed + 1..=LOOKED_AT_DAYS).contains(age)).collect();
    ages.sort_unstable();
    let spans = ages.into_iter().map(|age| Span { from: begin(age), to: begin(age - 1) }).collect();
    Ok(Plan { night, since: begin(listed), spans })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeMap;

    use uuid::Uuid;

    use super::*;
    use crate::effects::gateways::sample;

    fn at(text: &str) -> Micros {
        text.parse::<jiff::Timestamp>().unwrap().as_microsecond()
    }

    /// An account that was made at noon of 1 December 2026 in São Paulo.
    fn account() -> Account {
        sample::account(AccountStatus::Ready, at("2026-12-01T15:00:00Z"))
    }

    fn done(night: i64, asked_at: Option<Micros>) -> ReconciledRow {
        let (tenant_id, account_id) = (feira_schemas::ids::TenantId::PLATFORM, account().account_id);
        ReconciledRow {
            tenant_id,
            account_id,
            night,
            asked_at,
            began_at: 0,
            ended_at: 0,
            listed: 0,
            looked_at: 0,
            mended: 0,
            differences: 0,
            whole: true,
        }
    }

    fn planned(due: Result<Due, CalendarEnds>) -> Plan {
        match due.unwrap() {
            Due::Now(plan) => Some(plan),
            Due::At(_) => None,
        }
        .unwrap()
    }

    fn night(text: &str) -> i64 {
        day_of(local_date(at(text)).unwrap()).unwrap()
    }

    #[test]
    fn nights_begin_from_two_to_five_in_sao_paulo_each_account_at_a_time_of_its_own() {
        let day = local_date(at("2026-12-02T15:00:00Z")).unwrap();
        let begin = |number| begin_of_night(AccountId::from_uuid(Uuid::from_u128(number)), day).unwrap();
        let mut hours = BTreeMap::new();
        for number in 0..3_000 {
            *hours.entry((begin(number) - at("2026-12-02T05:00:00Z")).div_euclid(HOUR)).or_insert(0) += 1;
        }
        assert_eq!(hours.keys().copied().collect::<Vec<_>>(), [0, 1, 2]);
        assert!(hours.values().all(|count| *count > 800), "{hours:?}");
        assert_eq!(begin(7), begin(7));
    }

    #[test]
    fn the_first_night_is_the_one_after_the_day_on_which_the_account_was_made() {
        let (account, made) = (account(), account().created_at);
        let first = begin_of_night(account.account_id, local_date(made + DAY).unwrap()).unwrap();
        assert_eq!(due(&account, None, None, made), Ok(Due::At(first)));
        assert_eq!(due(&account, None, None, first - 1), Ok(Due::At(first)));
        let plan = planned(due(&account, None, None, first));
        assert_eq!((plan.night, plan.since), (night("2026-12-02T15:00:00Z"), at("2026-11-29T03:00:00Z")));
        let done = done(plan.night, None);
        assert_eq!(due(&account, Some(&done), None, first + HOUR), Ok(Due::At(first + DAY)));
        assert!(matches!(due(&account, Some(&done), None, first + DAY), Ok(Due::Now(_))));
    }

    #[test]
    fn a_night_that_nobody_was_there_for_is_made_up_for_by_day() {
        let noon = at("2026-12-11T15:00:00Z");
        let last = done(night("2026-12-07T15:00:00Z"), None);
        let plan = planned(due(&account(), Some(&last), None, noon));
        assert_eq!(plan.night, night("2026-12-11T15:00:00Z"));
        assert_eq!(plan.since, at("2026-12-06T03:00:00Z"), "since the day before the last night");
        let days: Vec<i64> = plan.spans.iter().map(|span| (at("2026-12-11T03:00:00Z") - span.from) / DAY).collect();
        let expected: Vec<i64> =
            (1..=6).flat_map(|round| (0..4).map(move |missed| round * 30 + missed)).filter(|age| *age <= 180).collect();
        assert_eq!(days, expected);
    }

    #[test]
    fn every_paid_charge_from_3_to_180_days_of_age_is_looked_at_once_in_30_nights() {
        let today = local_date(at("2026-12-11T15:00:00Z")).unwrap();
        let asked_at = local_time(today, Time::constant(17, 0, 0, 0)).unwrap();
        let mut nights = Vec::new();
        for age in 1..=200 {
            let day = today.checked_add(jiff::Span::new().days(age)).unwrap();
            let plan = plan(age, age - 1, day).unwrap();
            let is_within = plan.spans.iter().filter(|span| (span.from..span.to).contains(&asked_at)).count();
            assert!(is_within <= 1 && (is_within == 0 || plan.since > asked_at));
            if is_within == 1 {
                nights.push(age);
            }
        }
        assert_eq!(nights, [30, 60, 90, 120, 150, 180]);
    }

    #[test]
    fn who_asks_is_not_left_waiting_for_the_night_and_asks_once() {
        let (account, noon) = (account(), at("2026-12-11T15:00:00Z"));
        let tonight = night("2026-12-11T15:00:00Z");
        let last = done(tonight, Some(5));
        assert!(matches!(due(&account, Some(&last), Some(5), noon), Ok(Due::At(_))));
        let plan = planned(due(&account, Some(&last), Some(6), noon));
        assert_eq!(plan.night, tonight);
        let before_night = at("2026-12-11T04:00:00Z");
        let last = done(tonight - 1, None);
        let plan = planned(due(&account, Some(&last), Some(6), before_night));
        assert_eq!(plan.night, tonight - 1, "the night is still to come");
        let broken = Account { status: AccountStatus::Broken, ..account };
        assert!(matches!(due(&broken, Some(&last), Some(6), noon), Ok(Due::At(_))));
    }

    #[test]
    fn a_retired_account_has_nights_until_its_last_charge_is_old() {
        let retired = |updated_at| Account { status: AccountStatus::Retired, updated_at, ..account() };
        let noon = at("2027-12-11T15:00:00Z");
        assert!(matches!(due(&retired(noon - 180 * DAY), None, None, noon), Ok(Due::Now(_))));
        assert!(matches!(due(&retired(noon - 182 * DAY), None, None, noon), Ok(Due::At(_))));
        assert!(matches!(due(&retired(noon - 182 * DAY), None, Some(1), noon), Ok(Due::Now(_))));
    }
}
