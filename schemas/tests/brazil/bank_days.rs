//! Bank days, and the due days and holds of boletos.

use std::collections::BTreeMap;

use feira_schemas::brazil::{
    CalendarEnds,
    bank_days::{Closed, after, closed, is_bank_day, nth_after, this_or_next},
    boleto::BoletoDue,
    local_date,
};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, date},
};

use crate::rows;

fn reason(text: &str) -> Closed {
    match text {
        "Saturday" => Closed::Saturday,
        "Sunday" => Closed::Sunday,
        "New Year" => Closed::NewYear,
        "Carnival Monday" => Closed::CarnivalMonday,
        "Carnival Tuesday" => Closed::CarnivalTuesday,
        "Good Friday" => Closed::GoodFriday,
        "Tiradentes" => Closed::Tiradentes,
        "Labour Day" => Closed::LabourDay,
        "Corpus Christi" => Closed::CorpusChristi,
        "Independence" => Closed::Independence,
        "N. Sra. Aparecida" => Closed::Aparecida,
        "Finados" => Closed::AllSouls,
        "Proclamação da República" => Closed::Republic,
        "Consciência Negra" => Closed::BlackConsciousness,
        "Christmas" => Closed::Christmas,
        "last working day of the year" => Closed::LastWorkingDay,
        other => panic!("{other}"),
    }
}

#[test]
fn each_day_is_a_bank_day_or_closed_for_its_reason() {
    for row in rows(include_str!("vectors/bank-days.csv"), 449) {
        let day: Date = row.number("date");
        assert_eq!(is_bank_day(day), row.is("bank_day"), "{day}");
        assert_eq!(closed(day), row.some("closed_because").map(reason), "{day}");
        assert_eq!(this_or_next(day), Ok(row.number("this_or_next_bank_day")), "{day}");
        assert_eq!(after(day), Ok(row.number("bank_day_after")), "{day}");
    }
}

#[test]
fn each_boleto_is_due_and_held_by_the_days_of_sao_paulo() {
    for row in rows(include_str!("vectors/boleto-due.csv"), 65) {
        let made_at: Timestamp = row.number("created_at");
        let due = BoletoDue::counted(made_at.as_microsecond(), row.number("due_in_days")).unwrap();
        assert_eq!(local_date(made_at.as_microsecond()), Ok(row.number("local_date")), "{made_at}");
        assert_eq!(due.day, row.number::<Date>("due"), "{made_at}");
        assert_eq!(due.due_at, row.number::<Timestamp>("due_at").as_microsecond(), "{made_at}");
        assert_eq!(due.hold_last_day, row.number::<Date>("hold_last_day"), "{made_at}");
        assert_eq!(due.hold_ends, row.number::<Timestamp>("hold_ends_before").as_microsecond(), "{made_at}");
        assert_eq!(BoletoDue::on(row.number("day_counted")), Ok(due));
    }
}

#[test]
fn every_year_to_2100_closes_for_each_holiday_once() {
    for year in 2024..=2100 {
        let mut days: BTreeMap<String, Vec<Date>> = BTreeMap::new();
        for day in date(year, 1, 1).series(1.day()).take_while(|day| day.year() == year) {
            if let Some(reason) = closed(day) {
                days.entry(format!("{reason:?}")).or_default().push(day);
            }
        }
        for weekend in ["Saturday", "Sunday"] {
            assert!(days.remove(weekend).is_some_and(|days| (45..=53).contains(&days.len())), "{year} {weekend}");
        }
        // 21 April is Good Friday's too in some years, and is then named by the law that is surer.
        let shared = days.contains_key("GoodFriday");
        let good_friday = days.get("CarnivalTuesday").unwrap()[0].checked_add(45.days()).unwrap();
        assert_eq!(shared, good_friday != date(year, 4, 21), "{year}");
        assert_eq!(days.len(), if shared { 14 } else { 13 }, "{year}: {days:?}");
        assert!(days.values().all(|days| days.len() == 1), "{year}: {days:?}");
    }
}

#[test]
fn bank_days_are_counted_one_by_one() {
    let mut bank_days = date(2026, 11, 28).series(1.day()).filter(|day| is_bank_day(*day));
    for count in 1..=u8::MAX {
        assert_eq!(nth_after(date(2026, 11, 27), count), Ok(bank_days.next().unwrap()));
    }
    let saturday = date(2026, 11, 28);
    assert_eq!(nth_after(saturday, 0), Ok(saturday));
    assert!(is_bank_day(date(2023, 11, 20)) && !is_bank_day(date(2024, 11, 20)), "the law begins with 2024");
}

#[test]
fn where_the_calendar_ends_there_is_no_next_day() {
    assert_eq!(after(Date::MAX), Err(CalendarEnds));
    assert_eq!(nth_after(Date::MAX, 1), Err(CalendarEnds));
    assert_eq!(this_or_next(date(9999, 12, 31)), Err(CalendarEnds), "a Friday, the last working day");
    assert_eq!(local_date(i64::MAX), Err(CalendarEnds));
    assert_eq!(BoletoDue::counted(i64::MIN, 2), Err(CalendarEnds));
    assert_eq!(BoletoDue::on(date(9999, 12, 30)), Err(CalendarEnds));
}
