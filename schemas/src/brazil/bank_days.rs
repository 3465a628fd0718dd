//! Days on which banks serve the public, for the whole country. Towns' and states' days close branches there alone, and are
//! bank days here; so are Ash Wednesday and 24 December, when banks serve some hours.
//!
//! Source: Resolução CMN 4.880/2020 (Carnival, Corpus Christi), Leis 662/1949, 10.607/2002, 6.802/1980 and 14.759/2023 (national
//! holidays), FEBRABAN's list of bank holidays (Good Friday, the year's last working day). The rule holds from 2024 on; 20 November
//! was none of these days before.

use std::iter::successors;

use jiff::civil::{Date, Weekday};

use super::local::CalendarEnds;

/// The reason for which banks are closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Closed {
    /// A Saturday that is no holiday.
    Saturday,
    /// A Sunday that is no holiday.
    Sunday,
    /// 1 January.
    NewYear,
    /// The Monday 48 days before Easter.
    CarnivalMonday,
    /// The Tuesday 47 days before Easter.
    CarnivalTuesday,
    /// The Friday before Easter.
    GoodFriday,
    /// 21 April.
    Tiradentes,
    /// 1 May.
    LabourDay,
    /// The Thursday 60 days after Easter.
    CorpusChristi,
    /// 7 September.
    Independence,
    /// 12 October, Nossa Senhora Aparecida.
    Aparecida,
    /// 2 November, Finados.
    AllSouls,
    /// 15 November, Proclamação da República.
    Republic,
    /// 20 November from 2024 on, Consciência Negra.
    BlackConsciousness,
    /// 25 December.
    Christmas,
    /// 31 December, or Friday the 29th or 30th before a weekend: banks settle with one another alone.
    LastWorkingDay,
}

/// The reason for which banks are closed on a day, if they are; a holiday at a weekend is named as the holiday.
pub fn closed(day: Date) -> Option<Closed> {
    fixed(day).or_else(|| by_easter(day)).or_else(|| by_weekday(day))
}

/// Says whether banks serve the public on a day.
pub fn is_bank_day(day: Date) -> bool {
    closed(day).is_none()
}

/// The day itself if it is a bank day, else the next one.
pub fn this_or_next(day: Date) -> Result<Date, CalendarEnds> {
    successors(Some(day), |day| day.tomorrow().ok()).find(|day| is_bank_day(*day)).ok_or(CalendarEnds)
}

/// The first bank day after a day.
pub fn after(day: Date) -> Result<Date, CalendarEnds> {
    this_or_next(day.tomorrow().map_err(|_| CalendarEnds)?)
}

/// The bank day that is so many after a day; 0 gives the day itself, bank day or not.
pub fn nth_after(day: Date, count: u8) -> Result<Date, CalendarEnds> {
    (0..count).try_fold(day, |day, _| after(day))
}

fn fixed(day: Date) -> Option<Closed> {
    match (day.month(), day.day()) {
        (1, 1) => Some(Closed::NewYear),
        (4, 21) => Some(Closed::Tiradentes),
        (5, 1) => Some(Closed::LabourDay),
        (9, 7) => Some(Closed::Independence),
        (10, 12) => Some(Closed::Aparecida),
        (11, 2) => Some(Closed::AllSouls),
        (11, 15) => Some(Closed::Republic),
        (11, 20) if day.year() >= 2024 => Some(Closed::BlackConsciousness),
        (12, 25) => Some(Closed::Christmas),
        _ => None,
    }
}

fn by_easter(day: Date) -> Option<Closed> {
    match day.duration_since(easter(day.year())?).as_hours() / 24 {
        -48 => Some(Closed::CarnivalMonday),
        -47 => Some(Closed::CarnivalTuesday),
        -2 => Some(Closed::GoodFriday),
        60 => Some(Closed::CorpusChristi),
        _ => None,
    }
}

fn by_weekday(day: Date) -> Option<Closed> {
    match (day.month(), day.day(), day.weekday()) {
        (_, _, Weekday::Saturday) => Some(Closed::Saturday),
        (_, _, Weekday::Sunday) => Some(Closed::Sunday),
        (12, 31, _) | (12, 29 | 30, Weekday::Friday) => Some(Closed::LastWorkingDay),
        _ => None,
    }
}

/// Easter Sunday of a year of the Gregorian calendar. Source: the anonymous algorithm in Nature, 20 April 1876 (Meeus,
/// Astronomical Algorithms, chapter 8).
fn easter(year: i16) -> Option<Date> {
    let of_year = i32::from(year);
    let (century, of_century) = (of_year / 100, of_year % 100);
    let golden = of_year % 19;
    let moon_correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - moon_correction + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let exception = (golden + 11 * epact + 22 * to_sunday) / 451;
    let days = epact + to_sunday - 7 * exception + 114;
    Date::new(year, i8::try_from(days / 31).ok()?, i8::try_from(days % 31 + 1).ok()?).ok()
}
