//! A table as it is pasted from a spreadsheet or typed: a line is a range of CEPs, a weight, a price and a number of days, which tabs or
//! semicolons part.

use feira_schemas::{
    api::shipping::RateBody,
    money::Money,
    problem::{Code, FieldError},
    records::admin::ShippingRate,
    shipping::{cep_of_begin, cep_of_end, grams, kilos, range_begin, range_end},
};

/// Words that may stand behind a number of days.
const DAY_WORDS: [&str; 6] = ["dia", "dias", "util", "útil", "uteis", "úteis"];
/// Lines that are said to be wrong: who has more of them has pasted other columns.
const MOST: usize = 20;

/// The lines of a table, and the number that each has where it was typed.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub rates: Vec<RateBody>,
    pub numbers: Vec<usize>,
}

impl Table {
    /// Reads what was typed; blank lines are passed over, and so is a heading: a first line without any digit.
    ///
    /// # Errors
    /// What is wrong, line by line.
    pub fn read(text: &str) -> Result<Self, Vec<FieldError>> {
        let (mut table, mut wrong) = (Self::default(), Vec::new());
        let lines = (1_usize..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        for (place, (number, line)) in lines.enumerate() {
            let cells = cells(line);
            if place == 0 && !line.contains(|sign: char| sign.is_ascii_digit()) {
                continue;
            }
            match rate(&cells) {
                Ok(rate) => {
                    table.rates.push(rate);
                    table.numbers.push(number);
                }
                Err(why) => wrong.push(FieldError::new("/rates", Code::Invalid, format!("Linha {number}: {why}."))),
            }
            if wrong.len() == MOST {
                break;
            }
        }
        if wrong.is_empty() { Ok(table) } else { Err(wrong) }
    }

    /// Errors of the table's rates as those of its lines, by the numbers that they have where they were typed.
    pub fn said(&self, errors: Vec<FieldError>) -> Vec<FieldError> {
        let said = |error: FieldError| {
            let place = error.pointer.strip_prefix("/rates/").and_then(|rest| rest.split('/').next());
            let number = place.and_then(|place| place.parse::<usize>().ok()).and_then(|at| self.numbers.get(at));
            match number {
                // Which lines overlap, the sentence says itself.
                Some(number) if error.code != Code::Duplicate => {
                    FieldError::new("/rates", error.code, format!("Linha {number}: {}", error.detail))
                }
                _ => error,
            }
        };
        errors.into_iter().map(said).collect()
    }
}

/// The cells of a line, without blank ones at its end, which spreadsheets leave.
fn cells(line: &str) -> Vec<&str> {
    let sign = if line.contains('\t') { '\t' } else { ';' };
    let mut cells: Vec<&str> = line.split(sign).map(str::trim).collect();
    while cells.last().is_some_and(|cell| cell.is_empty()) {
        cells.pop();
    }
    cells
}

fn rate(cells: &[&str]) -> Result<RateBody, String> {
    let [from, to, weight, price, days] = cells else {
        return Err(format!("há {} colunas, e a tabela tem 5", cells.len()));
    };
    let (first, last) = (whole_cep(from), whole_cep(to));
    let begin = range_begin(&first).ok_or_else(|| format!("«{from}» não começa uma faixa: use um CEP de final 000"))?;
    let end = range_end(&last).ok_or_else(|| format!("«{to}» não termina uma faixa: use um CEP de final 999"))?;
    let up_to_grams = grams(weight).map_err(|why| format!("«{weight}» {why}"))?;
    let price = Money::read(price).map_err(|why| format!("o preço «{price}» {why}"))?;
    let days = whole_days(days).ok_or_else(|| format!("«{days}» não é um prazo: escreva um número de dias, como 4"))?;
    Ok(RateBody { cep_from: cep_of_begin(&begin), cep_to: cep_of_end(&end), up_to_grams, price, days })
}

/// A number of days, with or without words that say so; none of «2 a 4», which is two numbers.
fn whole_days(cell: &str) -> Option<i64> {
    let mut words = cell.split_whitespace();
    let number = words.next()?.parse::<i64>().ok()?;
    words.all(|word| DAY_WORDS.contains(&word.to_lowercase().as_str())).then_some(number)
}

/// A CEP with the zero at its beginning that a spreadsheet takes off a number.
fn whole_cep(cell: &str) -> String {
    let is_cut = matches!(cell.len(), 4 | 7) && cell.bytes().all(|byte| byte.is_ascii_digit());
    if is_cut { format!("0{cell}") } else { cell.to_owned() }
}

/// The cells of a line that is kept, as people write them.
pub(super) fn shown(rate: &ShippingRate) -> [String; 5] {
    let weight = kilos(rate.up_to_grams).trim_end_matches(" kg").to_owned();
    [cep_of_begin(&rate.cep_from), cep_of_end(&rate.cep_to), weight, rate.price.figures(), rate.days.to_string()]
}

/// Lines that are kept as the text that gives them again.
pub(super) fn text_of(rates: &[ShippingRate]) -> String {
    rates.iter().map(|rate| shown(rate).join("; ")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<String> {
        Table::read(text).unwrap_err().into_iter().map(|error| error.detail).collect()
    }

    #[test]
    fn f08_a_table_is_pasted_from_a_spreadsheet_with_or_without_its_heading() {
        let pasted = "CEP inicial\tCEP final\tPeso até (kg)\tPreço\tPrazo\n\n1000000\t01999-999\t0,3\tR$ 10,00\t2\t\n";
        let table = Table::read(pasted).unwrap();
        assert_eq!((table.rates.len(), table.numbers.as_slice()), (1, [3].as_slice()));
        let rate = &table.rates[0];
        assert_eq!((rate.cep_from.as_str(), rate.cep_to.as_str()), ("01000-000", "01999-999"));
        assert_eq!((rate.up_to_grams, rate.price, rate.days), (300, Money::brl(1_000), 2));
        let typed = Table::read("01000; 01999; 30; 1.010,5; 4 dias úteis").unwrap();
        assert_eq!((typed.rates[0].up_to_grams, typed.rates[0].price.amount), (30_000, 101_050));
        assert!(Table::read(" \n").unwrap().rates.is_empty());
    }

    #[test]
    fn f08_what_is_wrong_with_a_table_is_said_by_the_number_of_its_line() {
        let text = "01000;01999;0,3;10;2\n\n01310-100;01999;1;10;2\n01000;01998-000;1;10;2\n01000;01999;um;10;2\n\
                    01000;01999;1;dez;2\n01000;01999;1;10;logo\n01000;01999";
        let found = said(text);
        let expected = ["Linha 3: «01310-100»", "Linha 4: «01998-000»", "Linha 5: «um»", "Linha 6: o preço «dez»"];
        assert!(found.iter().zip(expected).all(|(found, expected)| found.starts_with(expected)), "{found:?}");
        assert_eq!(
            &found[4..],
            [
                "Linha 7: «logo» não é um prazo: escreva um número de dias, como 4.",
                "Linha 8: há 2 colunas, e a tabela tem 5."
            ]
        );
        assert_eq!(said(&"x1\n".repeat(100)).len(), MOST);
        let table = Table { rates: Vec::new(), numbers: vec![4] };
        let errors = vec![
            FieldError::new("/rates/0/days", Code::OutOfRange, "O prazo."),
            FieldError::new("/name", Code::Required, "O nome."),
        ];
        let said: Vec<_> = table.said(errors).into_iter().map(|error| (error.pointer, error.detail)).collect();
        let expected = [("/rates", "Linha 4: O prazo."), ("/name", "O nome.")];
        assert_eq!(said, expected.map(|(pointer, detail)| (pointer.to_owned(), detail.to_owned())));
    }

    #[test]
    fn f08_days_are_one_number_and_words_that_say_so() {
        for (days, number) in [("4", 4), ("4 dias", 4), ("1 dia útil", 1), ("10 Dias Uteis", 10), (" 0 ", 0)] {
            assert_eq!(whole_days(days), Some(number), "{days}");
        }
        for days in ["", "2 a 4", "2-4", "2 ou 3 dias", "4 semanas", "4,5", "dias", "24h"] {
            assert_eq!(whole_days(days), None, "{days}");
        }
        let refused = said("01000;01999;1;10;2 a 4 dias úteis");
        assert_eq!(refused, ["Linha 1: «2 a 4 dias úteis» não é um prazo: escreva um número de dias, como 4."]);
    }

    #[test]
    fn f08_a_first_line_with_a_digit_is_no_heading() {
        for line in [";01999;0,3;10;2", "São Paulo;01999;0,3;10;2"] {
            assert!(said(line)[0].starts_with("Linha 1: «"), "{line}");
        }
        assert_eq!(Table::read("De;Até;Peso;Preço;Prazo\n01000;01999;0,3;10;2").unwrap().numbers, [2]);
        assert!(said("01000;01999;0,3;10;2\nDe;Até;Peso;Preço;Prazo")[0].starts_with("Linha 2: «De»"));
    }

    #[test]
    fn f08_a_table_that_is_shown_is_read_back_as_it_is() {
        let rate = |cep: &str, up_to_grams, price| ShippingRate {
            cep_from: cep.to_owned(),
            cep_to: cep.to_owned(),
            up_to_grams,
            price: Money::brl(price),
            days: 3,
        };
        let rates = [rate("01000", 300, 1_000), rate("02000", 30_000, 129_990)];
        let text = text_of(&rates);
        assert_eq!(text.lines().next(), Some("01000-000; 01000-999; 0,3; 10,00; 3"));
        let read = Table::read(&text).unwrap().rates;
        let same = |(read, kept): (&RateBody, &ShippingRate)| {
            (read.up_to_grams, read.price, read.days) == (kept.up_to_grams, kept.price, i64::from(kept.days))
                && range_begin(&read.cep_from).as_ref() == Some(&kept.cep_from)
        };
        assert!(read.iter().zip(&rates).all(same) && read.len() == rates.len());
    }
}
