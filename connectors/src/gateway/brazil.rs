//! Brazil's days and boletos, as gateways are told and tell of them.

use feira_schemas::{brazil::boleto::BoletoLine, gateway::Boleto, time::Micros};
use jiff::{
    Timestamp, Zoned,
    civil::{Date, time},
    tz::{self, TimeZone},
};

/// The last second of a day in São Paulo, until which a boleto that is due on it can be paid; `None` for no day of a calendar.
pub(super) fn end_of_day(day: Date) -> Option<Zoned> {
    day.to_datetime(time(23, 59, 59, 0)).to_zoned(sao_paulo()).ok()
}

/// Whole days from the day of a time to another day, as São Paulo counts them; 0 where the other is not later.
pub(super) fn days_until(from: Micros, day: Date) -> u32 {
    let Ok(from) = Timestamp::from_microsecond(from) else { return 0 };
    let from = from.to_zoned(sao_paulo()).date();
    from.until(day).ok().and_then(|span| u32::try_from(span.get_days()).ok()).unwrap_or(0)
}

/// The boleto with the digits of its bars, which follow from its line; without them where the line is none.
pub(super) fn with_bars(boleto: Boleto) -> Boleto {
    let line = boleto.line.as_deref().and_then(|line| BoletoLine::parse(line).ok());
    Boleto { digits44: line.map(|line| line.barcode().digits().to_owned()), ..boleto }
}

/// A machine without the zones' data reckons as Brazil has since 2019.
fn sao_paulo() -> TimeZone {
    TimeZone::get("America/Sao_Paulo").unwrap_or_else(|_| TimeZone::fixed(tz::offset(-3)))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_boleto_can_be_paid_until_the_end_of_its_day_in_sao_paulo() {
        let end = end_of_day(date(2026, 12, 3)).unwrap();
        assert_eq!(end.strftime("%FT%T%:z").to_string(), "2026-12-03T23:59:59-03:00");
        // 2026-12-02T02:59:59Z is still the first of December there.
        let late = "2026-12-02T02:59:59Z".parse::<Timestamp>().unwrap().as_microsecond();
        assert_eq!(days_until(late, date(2026, 12, 3)), 2);
        assert_eq!(days_until(late + 1_000_000, date(2026, 12, 3)), 1);
        assert_eq!(days_until(late, date(2026, 11, 3)), 0);
    }

    #[test]
    fn the_bars_follow_from_the_line_however_it_is_written() {
        let of = |line: &str| with_bars(Boleto { line: Some(line.to_owned()), ..Boleto::default() }).digits44;
        let bars = Some("00192100000000159909521593360226644338847530".to_owned());
        assert_eq!(of("00199521599336022664643388475303210000000015990"), bars);
        assert_eq!(of("00199.52159 93360.226646 43388.475303 2 10000000015990"), bars);
        assert_eq!(of("https://gateway.example/barcode.png"), None);
    }
}
