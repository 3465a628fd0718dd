//! Sums of money: installments, shares of discounts, changes of plan.

use feira_schemas::{
    brazil::local_date,
    money::{Coupon, Cycle, Discounts, InstallmentTerms, Line, LineShares, Money, PlanChange, Rate, SumError, shares},
};
use jiff::{
    Timestamp,
    civil::{Date, date},
};

use crate::{numbers, rows};

fn rate(text: &str) -> Rate {
    Rate::read(text).unwrap()
}

#[test]
fn each_total_is_parted_into_its_installments() {
    let mut with_interest = 0;
    for row in rows(include_str!("vectors/installments.csv"), 90) {
        let terms = InstallmentTerms {
            free_up_to: row.number("free_up_to"),
            rate: rate(row.text("monthly_rate_percent")),
            minimum: Money::brl(row.number("minimum_parcel")),
        };
        let (total, count) = (Money::brl(row.number("total")), row.number("count"));
        let plan = terms.plan(total, count);
        if !row.is("allowed") {
            assert_eq!(plan, Err(SumError::BelowMinimum), "{total} {count}");
            continue;
        }
        let plan = plan.unwrap();
        for (money, column) in [
            (plan.first, "first_parcel"),
            (plan.other, "other_parcels"),
            (plan.to_pay, "to_pay"),
            (plan.interest, "interest"),
        ] {
            assert_eq!(money, Money::brl(row.number(column)), "{column} of {total} in {count}");
        }
        assert_eq!(plan.table_line(), row.text("table_line"));
        assert_eq!(plan.card_line().as_deref(), row.some("card_line"));
        with_interest += usize::from(plan.interest.amount > 0);
    }
    assert_eq!(with_interest, 57);
}

#[test]
fn installments_sum_up_to_what_is_paid_and_are_never_below_the_total() {
    let mut numbers = numbers();
    let mut next = |below: u64| numbers.next().unwrap() % below;
    for _ in 0..2_000 {
        let total = Money::brl((next(1_000_000) * next(10_000)) as i64);
        let terms = InstallmentTerms {
            free_up_to: next(13) as u8,
            rate: Rate::hundredths(next(1_000) as u32).unwrap(),
            minimum: Money::brl(next(1_000) as i64),
        };
        let table = terms.table(total, 24);
        assert_eq!(table[0].to_pay, total);
        for plan in table {
            let rest = plan.other.amount * (i64::from(plan.count) - 1);
            assert_eq!(plan.first.amount + rest, plan.to_pay.amount);
            assert_eq!(plan.to_pay.amount - total.amount, plan.interest.amount);
            assert!(plan.interest.amount >= 0 && plan.first.amount >= plan.other.amount);
            assert!(plan.count == 1 || plan.other.amount >= terms.minimum.amount);
            assert!(plan.count > terms.free_up_to || plan.interest.amount == 0);
        }
    }
}

#[test]
fn what_can_t_be_parted_is_refused() {
    let terms = InstallmentTerms { free_up_to: 1, rate: rate("100"), minimum: Money::brl(500) };
    assert_eq!(terms.plan(Money::brl(1_000), 0), Err(SumError::NoInstallment));
    assert_eq!(terms.plan(Money::brl(-1), 1), Err(SumError::Negative));
    assert_eq!(terms.plan(Money::brl(300), 3), Err(SumError::BelowMinimum));
    assert_eq!(terms.plan(Money::brl(i64::MAX), 2), Err(SumError::TooLarge));
    assert_eq!(terms.plan(Money::brl(i64::MAX), 1).map(|plan| plan.to_pay), Ok(Money::brl(i64::MAX)));
    // 0.01 % a month of one real in three is 33.34 centavos each: three times 33 would be less than the total.
    let small = InstallmentTerms { rate: rate("0.01"), minimum: Money::brl(0), ..terms };
    let plan = small.plan(Money::brl(100), 3).unwrap();
    assert_eq!((plan.first.amount, plan.other.amount, plan.interest.amount), (34, 33, 0));
}

/// Amounts that stand in a cell, with spaces between them.
fn amounts(text: &str) -> Vec<Money> {
    text.split(' ').map(|amount| Money::brl(amount.parse().unwrap())).collect()
}

#[test]
fn each_discount_is_shared_by_its_lines() {
    for row in rows(include_str!("vectors/shares.csv"), 34) {
        let line = |line: &str| {
            let (price, quantity) = line.split_once('x').unwrap();
            let value = Money::brl(price.parse::<i64>().unwrap() * quantity.parse::<i64>().unwrap());
            Line { value, takes_coupon: true }
        };
        let lines: Vec<Line> = row.text("lines").split(' ').map(line).collect();
        let coupon = Coupon::Amount(Money::brl(row.number("coupon")));
        let discounts = Discounts::of(&lines, Some(coupon), rate(row.text("method_percent"))).unwrap();
        for (sum, column) in [(discounts.goods, "goods"), (discounts.method, "method_discount"), (discounts.net, "net")]
        {
            assert_eq!(sum, Money::brl(row.number(column)), "{column} of {}", row.text("lines"));
        }
        let column = |part: fn(&LineShares) -> Money| discounts.lines.iter().map(part).collect::<Vec<_>>();
        assert_eq!(column(|line| line.coupon), amounts(row.text("coupon_shares")), "{}", row.text("lines"));
        assert_eq!(column(|line| line.method), amounts(row.text("method_shares")), "{}", row.text("lines"));
        assert_eq!(column(|line| line.net), amounts(row.text("line_nets")), "{}", row.text("lines"));
    }
}

#[test]
fn shares_sum_up_and_no_line_goes_below_zero() {
    let mut numbers = numbers();
    let mut next = |below: u64| (numbers.next().unwrap() % below) as i64;
    for _ in 0..2_000 {
        let lines: Vec<Line> = (0..next(50) + 1)
            .map(|_| Line { value: Money::brl(next(200) * next(1_000)), takes_coupon: next(3) > 0 })
            .collect();
        let coupon = match next(3) {
            0 => None,
            1 => Some(Coupon::Amount(Money::brl(next(500_000)))),
            _ => Some(Coupon::Percent(Rate::hundredths(next(10_001) as u32).unwrap())),
        };
        let discounts = Discounts::of(&lines, coupon, Rate::hundredths(next(10_001) as u32).unwrap()).unwrap();
        let sum = |part: fn(&LineShares) -> Money| discounts.lines.iter().map(|line| part(line).amount).sum::<i64>();
        assert_eq!(sum(|line| line.coupon), discounts.coupon.amount);
        assert_eq!(sum(|line| line.method), discounts.method.amount);
        assert_eq!(sum(|line| line.net), discounts.net.amount);
        assert_eq!(discounts.net.amount, discounts.goods.amount - discounts.coupon.amount - discounts.method.amount);
        for (line, share) in lines.iter().zip(&discounts.lines) {
            assert!(share.net.amount >= 0 && share.coupon.amount >= 0 && share.method.amount >= 0, "{share:?}");
            assert!(line.takes_coupon || share.coupon.amount == 0);
            assert_eq!(share.net.amount, line.value.amount - share.coupon.amount - share.method.amount);
        }
    }
}

#[test]
fn a_coupon_of_some_lines_is_taken_off_these() {
    let line = |value, takes_coupon| Line { value: Money::brl(value), takes_coupon };
    let lines = [line(1_005, true), line(5_000, false)];
    let of = |coupon| Discounts::of(&lines, Some(coupon), Rate::default()).unwrap();
    assert_eq!(of(Coupon::Percent(rate("10"))).coupon, Money::brl(101), "half a centavo up");
    let whole = of(Coupon::Amount(Money::brl(2_000)));
    assert_eq!(
        (whole.coupon, whole.lines[0].net, whole.lines[1].net),
        (Money::brl(1_005), Money::brl(0), Money::brl(5_000))
    );
    let none = Discounts::of(&lines[1..], Some(Coupon::Amount(Money::brl(1))), Rate::default()).unwrap();
    assert_eq!(none.coupon, Money::brl(0));
    let nothing = Discounts::of(&[], Some(Coupon::Amount(Money::brl(1))), rate("5")).unwrap();
    assert_eq!((nothing.net, nothing.lines.len()), (Money::brl(0), 0));
}

#[test]
fn what_can_t_be_shared_is_refused() {
    assert_eq!(shares(10, &[1, 1, 1]), Ok(vec![4, 3, 3]));
    assert_eq!(shares(0, &[0, 0]), Ok(vec![0, 0]));
    assert_eq!(shares(i64::MAX, &[i64::MAX, i64::MAX, 1]).map(|parts| parts.iter().sum()), Ok(i64::MAX));
    for (total, weights, error) in [
        (1, &[][..], SumError::NoWeight),
        (1, &[0, 0], SumError::NoWeight),
        (-1, &[1], SumError::Negative),
        (1, &[2, -1], SumError::Negative),
    ] {
        assert_eq!(shares(total, weights), Err(error));
    }
    let line = |value| Line { value: Money::brl(value), takes_coupon: true };
    assert_eq!(Discounts::of(&[line(-1)], None, Rate::default()), Err(SumError::Negative));
    assert_eq!(Discounts::of(&[line(i64::MAX), line(1)], None, Rate::default()), Err(SumError::TooLarge));
    let below = Some(Coupon::Amount(Money::brl(-1)));
    assert_eq!(Discounts::of(&[line(1)], below, Rate::default()), Err(SumError::Negative));
}

#[test]
fn each_change_of_plan_costs_what_its_days_do() {
    let mut kinds = [0, 0];
    for row in rows(include_str!("vectors/proration.csv"), 56) {
        let cycle = Cycle { first_day: row.number("first_day"), months: row.number("months") };
        assert_eq!(cycle.first_day.day(), row.number::<i8>("anchor_day"));
        let day = local_date(row.number::<Timestamp>("changed_at").as_microsecond()).unwrap();
        assert_eq!(day, row.number::<Date>("local_date"));
        let period = cycle.period_of(day).unwrap();
        assert_eq!(cycle.period(period.number), Ok(period));
        assert_eq!(period.number, row.number::<u32>("period"));
        assert_eq!(period.start, row.number::<Date>("period_start"));
        assert_eq!(period.next_start, row.number::<Date>("next_start"));
        assert_eq!(period.days(), row.number::<i64>("days"));
        assert_eq!(period.unused_days(day), Ok(row.number("unused_days")));
        let (old, new) = (Money::brl(row.number("old_price")), Money::brl(row.number("new_price")));
        let change = match row.text("kind") {
            "upgrade" => {
                kinds[0] += 1;
                PlanChange::upgrade(&period, day, old, new).unwrap()
            }
            "downgrade" => {
                kinds[1] += 1;
                PlanChange::downgrade(&period)
            }
            other => panic!("{other}"),
        };
        let want = PlanChange {
            takes_effect: row.number("takes_effect"),
            credit: Money::brl(row.number("credit")),
            due_now: Money::brl(row.number("due_now")),
            credit_left: Money::brl(row.number("credit_left")),
        };
        assert_eq!(change, want, "{}", row.text("changed_at"));
    }
    assert_eq!(kinds, [54, 2]);
}

#[test]
fn periods_follow_each_other_without_a_gap_and_every_day_is_in_one() {
    for (first_day, months) in
        [(date(2027, 1, 31), 1), (date(2028, 2, 29), 12), (date(2026, 8, 30), 6), (date(2026, 11, 1), 5)]
    {
        let cycle = Cycle { first_day, months: months.try_into().unwrap() };
        let mut day = first_day;
        for number in 1..=30 {
            let period = cycle.period(number).unwrap();
            assert_eq!(period.start, day, "{first_day} {months} {number}");
            while day < period.next_start {
                assert_eq!(cycle.period_of(day), Ok(period), "{day}");
                day = day.tomorrow().unwrap();
            }
        }
    }
}

#[test]
fn what_no_period_has_is_refused() {
    let cycle = Cycle { first_day: date(2027, 1, 31), months: 1.try_into().unwrap() };
    assert_eq!(cycle.period(0), Err(SumError::NoPeriod));
    assert_eq!(cycle.period(u32::MAX), Err(SumError::CalendarEnds));
    assert_eq!(cycle.period_of(date(2027, 1, 30)), Err(SumError::NoPeriod));
    assert_eq!(cycle.period_of(date(2026, 12, 31)), Err(SumError::NoPeriod));
    assert_eq!(cycle.period_of(Date::MAX), Err(SumError::CalendarEnds));
    let period = cycle.period(1).unwrap();
    for day in [date(2027, 1, 30), date(2027, 2, 28)] {
        let change = PlanChange::upgrade(&period, day, Money::brl(1), Money::brl(1));
        assert_eq!(change, Err(SumError::OutsidePeriod), "{day}");
    }
    let below = PlanChange::upgrade(&period, date(2027, 1, 31), Money::brl(-1), Money::brl(1));
    assert_eq!(below, Err(SumError::Negative));
}

#[test]
fn a_percentage_is_read_to_four_decimals_and_rounded_half_up() {
    for (text, millionths) in [("0", 0), ("0,00", 0), ("2.49", 24_900), ("2,4917", 24_917), ("100", 1_000_000)] {
        assert_eq!(rate(text).millionths(), millionths, "{text}");
    }
    for text in ["", ",", "2,", ",5", "-1", "+1", "100,0001", "101", "2,49175", "2,4%", "1,2,3", "99999999999"] {
        assert!(Rate::read(text).is_err(), "{text}");
    }
    assert_eq!(Rate::hundredths(249), Ok(rate("2,49")));
    assert!(Rate::hundredths(10_001).is_err() && Rate::hundredths(u32::MAX).is_err());
    for (percent, amount, part) in
        [("5", 1_990, 100), ("5", 1_009, 50), ("2.5", 5_980, 150), ("100", i64::MAX, i64::MAX), ("0", 7, 0)]
    {
        assert_eq!(rate(percent).part_of(Money::brl(amount)), Money::brl(part), "{percent} of {amount}");
    }
}
