//! Times and numbers as people in Brazil write them.

use feira_schemas::{
    brazil::{local_date, local_date_time},
    ids::Micros,
};

/// The day in São Paulo, as it is written there.
pub(crate) fn day(time: Micros) -> String {
    local_date(time)
        .map_or_else(|_| "–".to_owned(), |day| format!("{:02}/{:02}/{}", day.day(), day.month(), day.year()))
}

/// The day and the time in São Paulo, to the second.
pub(crate) fn moment(time: Micros) -> String {
    let clock = local_date_time(time).map(|at| format!(", {:02}:{:02}:{:02}", at.hour(), at.minute(), at.second()));
    day(time) + &clock.unwrap_or_default()
}

/// The day and the time in São Paulo, to the minute.
pub(crate) fn minute(time: Micros) -> String {
    let clock = local_date_time(time).map(|at| format!(", {:02}:{:02}", at.hour(), at.minute()));
    day(time) + &clock.unwrap_or_default()
}

/// A whole number, with a point between groups of three digits.
pub(crate) fn whole(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut written = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        written.push('-');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            written.push('.');
        }
        written.push(digit);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_people_in_brazil_do() {
        // 2026-03-02, 01:30 UTC: the evening before in São Paulo.
        assert_eq!(day(1_772_415_000_000_000), "01/03/2026");
        assert_eq!(moment(1_772_415_000_000_000), "01/03/2026, 22:30:00");
        assert_eq!(minute(1_772_415_000_000_000), "01/03/2026, 22:30");
        assert_eq!((day(Micros::MAX), moment(Micros::MAX)), ("–".to_owned(), "–".to_owned()));
    }

    #[test]
    fn a_number_has_a_point_between_thousands() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1.000"), (1_234_567, "1.234.567"), (-1_000, "-1.000")] {
            assert_eq!(whole(number), text);
        }
    }
}
