//! Days of a subscription to the platform, in America/Sao_Paulo: when its boleto is due, and the periods that it is paid for.

use std::num::NonZeroU16;

use jiff::civil::Date;

use crate::{
    brazil::{boleto::BoletoDue, local_date},
    money::Cycle,
    records::signup::Period,
    time::Micros,
};

/// The furthest due day of a boleto, in days after that on which it is asked for: its name is held as long.
pub const FURTHEST_DUE: i64 = 10;

/// The due day that a text such as 2026-12-31 names, or the next bank day; none where it names no day.
pub fn boleto_due(text: &str) -> Option<BoletoDue> {
    let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text)?;
    BoletoDue::on(day).ok()
}

/// True if a boleto that is asked for at this time may be due on the day that a text names: today or up to ten days later.
pub fn may_be_due(text: &str, now: Micros) -> bool {
    let days = || {
        let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text)?;
        Some(day.duration_since(local_date(now).ok()?).as_hours() / 24)
    };
    days().is_some_and(|days| (0..=FURTHEST_DUE).contains(&days))
}

/// The first period of a subscription that is paid at a time: it begins that day. None where the calendar ends before it.
pub fn first_period(paid_at: Micros, months: i32) -> Option<Period> {
    let first_day = local_date(paid_at).ok()?;
    let months = NonZeroU16::new(u16::try_from(months).ok()?)?;
    let period = Cycle { first_day, months }.period(1).ok()?;
    Some(Period {
        number: 1,
        first_day: period.start.to_string(),
        next_day: period.next_start.to_string(),
        anchor_day: i32::from(first_day.day()),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::time::{DAY, HOUR};

    /// Tuesday, 14 November 2023, 19:13:20 in São Paulo.
    const NOW: Micros = 1_700_000_000_000_000;

    #[test]
    fn a_boleto_is_due_on_a_bank_day_from_today_to_ten_days_later() {
        for (text, may) in [
            ("2023-11-13", false),
            ("2023-11-14", true),
            ("2023-11-24", true),
            ("2023-11-25", false),
            ("2023-11-14T10:00", false),
            ("14/11/2023", false),
            ("", false),
        ] {
            assert_eq!(may_be_due(text, NOW), may, "{text}");
        }
        // The 15th is a holiday.
        assert_eq!(boleto_due("2023-11-15").unwrap().day.to_string(), "2023-11-16");
        assert_eq!(boleto_due("2023-11-31"), None);
    }

    #[test]
    fn a_first_period_begins_on_the_day_of_the_payment_in_sao_paulo_and_keeps_its_anchor() {
        let period = first_period(NOW + 5 * HOUR, 1).unwrap();
        assert_eq!((&*period.first_day, &*period.next_day, period.anchor_day), ("2023-11-15", "2023-12-15", 15));
        // 31 January 2024.
        let last = first_period(NOW + 78 * DAY, 1).unwrap();
        assert_eq!((&*last.first_day, &*last.next_day, last.anchor_day), ("2024-01-31", "2024-02-29", 31));
        assert_eq!(first_period(NOW, 24).unwrap().next_day, "2025-11-14");
        assert_eq!((first_period(NOW, 0), first_period(i64::MAX, 1)), (None, None));
    }
}
