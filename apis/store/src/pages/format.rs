//! Numbers and names as they read on the screen.

/// Centavos as Brazilians write them: `129990` → `R$ 1.299,90`.
pub fn reais(centavos: i64) -> String {
    let sign = if centavos < 0 { "-" } else { "" };
    let whole = centavos.unsigned_abs();
    format!("{sign}R$ {},{:02}", count(whole / 100), whole % 100)
}

/// A whole number with a dot between thousands: `12345` → `12.345`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

/// Grams in the unit that people say: `350` → `350 g`, `1250` → `1,25 kg`.
pub fn weight(grams: u32) -> String {
    if grams < 1000 {
        return format!("{grams} g");
    }
    let thousandths = format!("{:03}", grams % 1000);
    let kilos = count(u64::from(grams / 1000));
    match thousandths.trim_end_matches('0') {
        "" => format!("{kilos} kg"),
        rest => format!("{kilos},{rest} kg"),
    }
}

/// A number and its noun: `0` → `0 produtos`, `1` → `1 produto`, `1234` → `1.234 produtos`.
pub fn products(number: u64) -> String {
    let noun = if number == 1 { "produto" } else { "produtos" };
    format!("{} {noun}", count(number))
}

/// A number of pieces in a cart: `1` → `1 item`, `1234` → `1.234 itens`.
pub fn items(number: u64) -> String {
    let noun = if number == 1 { "item" } else { "itens" };
    format!("{} {noun}", count(number))
}

/// The business days of a delivery, from the fewest to the most: `3 a 5 dias úteis`.
pub fn days(least: i32, most: i32) -> String {
    match (least.max(0), most.max(0)) {
        (_, 0) => "no mesmo dia".to_owned(),
        (0, most) => format!("até {most} {}", noun_of_days(most)),
        (least, most) if least >= most => format!("{most} {}", noun_of_days(most)),
        (least, most) => format!("{least} a {most} dias úteis"),
    }
}

fn noun_of_days(number: i32) -> &'static str {
    if number == 1 { "dia útil" } else { "dias úteis" }
}

/// The reduction from `before` to `price`, in whole per cent rounded down; `None` when it is not cheaper by one per
/// cent.
pub fn percent_off(price: i64, before: Option<i64>) -> Option<i64> {
    let before = before.filter(|before| *before > price && price >= 0)?;
    let percent = i128::from(before - price) * 100 / i128::from(before);
    i64::try_from(percent).ok().filter(|percent| *percent > 0)
}

/// The one or two letters that stand for a name where no image does: `Casa da Serra` → `CS`.
pub fn monogram(name: &str) -> String {
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let letter = |word: &&str| word.chars().next().map(|c| c.to_uppercase().to_string());
    let first = words.first().and_then(letter).unwrap_or_else(|| "•".to_owned());
    let last = if words.len() > 1 { words.last().and_then(letter) } else { None };
    first + &last.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_read_as_in_brazil() {
        for (centavos, text) in [
            (0, "R$ 0,00"),
            (5, "R$ 0,05"),
            (12_990, "R$ 129,90"),
            (129_990, "R$ 1.299,90"),
            (100_000_000, "R$ 1.000.000,00"),
            (-1, "-R$ 0,01"),
            (i64::MIN, "-R$ 92.233.720.368.547.758,08"),
        ] {
            assert_eq!(reais(centavos), text);
        }
    }

    #[test]
    fn weights_and_counts() {
        let weights = [(0, "0 g"), (999, "999 g"), (1000, "1 kg"), (1250, "1,25 kg"), (12_005, "12,005 kg")];
        for (grams, text) in weights {
            assert_eq!(weight(grams), text);
        }
        for (number, text) in [(0, "0 produtos"), (1, "1 produto"), (1_234_567, "1.234.567 produtos")] {
            assert_eq!(products(number), text);
        }
    }

    #[test]
    fn s95_pieces_and_days_read_as_people_say_them() {
        for (number, text) in [(1, "1 item"), (2, "2 itens"), (1_234, "1.234 itens")] {
            assert_eq!(items(number), text);
        }
        let said = [
            (0, 0, "no mesmo dia"),
            (0, 1, "até 1 dia útil"),
            (1, 1, "1 dia útil"),
            (3, 5, "3 a 5 dias úteis"),
            (5, 3, "3 dias úteis"),
        ];
        for (least, most, text) in said {
            assert_eq!(days(least, most), text);
        }
    }

    #[test]
    fn percent_off_is_never_flattered() {
        assert_eq!(percent_off(6_667, Some(10_000)), Some(33));
        assert_eq!(percent_off(0, Some(10_000)), Some(100));
        assert_eq!(percent_off(9_999, Some(10_000)), None);
        assert_eq!(percent_off(10_000, Some(10_000)), None);
        assert_eq!(percent_off(10_000, Some(9_000)), None);
        assert_eq!(percent_off(10_000, None), None);
    }

    #[test]
    fn a_monogram_is_drawn_from_any_name() {
        for (name, letters) in [("Casa da Serra", "CS"), ("ótica", "Ó"), ("  ", "•"), ("3 Irmãos", "3I"), ("<b>", "B")]
        {
            assert_eq!(monogram(name), letters);
        }
    }
}
