//! The table of variants: one row for each combination of the options' values, and rows that come and go.

use std::{collections::HashMap, fmt};

use feira_schemas::{
    api::product::VARIANTS,
    catalogue::variant_key,
    limits,
    problem::{Code, FieldError},
    refusals,
};

use super::typed::{Row, Typed};

/// The rows that [`Typed::lay_out`] has made, and those that had no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LaidOut {
    pub rows: usize,
    pub left_out: usize,
}

impl fmt::Display for LaidOut {
    /// Says it in words (pt-BR).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rows {
            1 => write!(f, "A tabela tem 1 variante.")?,
            rows => write!(f, "A tabela tem {} variantes.", refusals::grouped(rows))?,
        }
        match self.left_out {
            0 => Ok(()),
            1 => write!(f, " Uma linha saiu, por não caber nas opções."),
            left_out => write!(f, " {left_out} linhas saíram, por não caberem nas opções."),
        }
    }
}

impl Typed {
    /// Makes one row for each combination of the options' values. A row that has these values stays as it is, and one that lacks some, as
    /// after an option was added, takes the first place that agrees with the others; a new one is priced as the first was.
    ///
    /// # Errors
    /// An option has no values, or there are more combinations than a product may have variants; nothing is changed then.
    pub fn lay_out(&mut self) -> Result<LaidOut, Vec<FieldError>> {
        let values: Vec<Vec<String>> =
            self.options.iter().map(|option| option.list().into_iter().map(str::to_owned).collect()).collect();
        let lacking: Vec<FieldError> = (0..)
            .zip(&values)
            .filter(|(_, values)| values.is_empty())
            .map(|(place, _): (usize, _)| {
                let detail = "Informe os valores desta opção, um em cada linha.";
                FieldError::new(format!("/options/{place}/values"), Code::Required, detail)
            })
            .collect();
        if !lacking.is_empty() {
            return Err(lacking);
        }
        let count = values.iter().try_fold(1_usize, |count, values| count.checked_mul(values.len()));
        if count.is_none_or(|count| count > limits::VARIANTS) {
            return Err(vec![too_many()]);
        }
        let combinations = combinations(&values);
        let like = self.rows.first().map(Row::alike).unwrap_or_default();
        let mut places = Places::of(&combinations);
        let mut left_out = 0;
        let (whole, lacking): (Vec<Row>, Vec<Row>) = std::mem::take(&mut self.rows)
            .into_iter()
            .partition(|row| row.options.len() == values.len() && row.options.iter().all(|value| !value.is_empty()));
        for row in whole.into_iter().chain(lacking) {
            let is_blank = row.is_blank();
            if !places.take(row) && !is_blank {
                left_out += 1;
            }
        }
        self.rows = places
            .rows
            .into_iter()
            .zip(combinations)
            .map(|(row, options)| match row {
                Some(row) => Row { options, ..row },
                None => Row { options, ..like.clone() },
            })
            .collect();
        Ok(LaidOut { rows: self.rows.len(), left_out })
    }

    /// Adds a row, priced as the last one.
    ///
    /// # Errors
    /// There are as many as a product may have.
    pub fn add_row(&mut self) -> Result<(), Vec<FieldError>> {
        if self.rows.len() >= limits::VARIANTS {
            return Err(vec![too_many()]);
        }
        let like = self.rows.last().map(Row::alike).unwrap_or_default();
        self.rows.push(Row { options: vec![String::new(); self.options.len()], ..like });
        Ok(())
    }

    /// Takes a row away; the last one is emptied instead, since a product has a variant.
    pub fn remove_row(&mut self, number: usize) {
        if number < self.rows.len() {
            self.rows.remove(number);
        }
        if self.rows.is_empty() {
            self.rows.push(Row { options: vec![String::new(); self.options.len()], ..Row::default() });
        }
    }
}

/// Says that a product has no room for so many variants.
pub(super) fn too_many() -> FieldError {
    FieldError::new("/variants", Code::TooLong, VARIANTS.too_long())
}

/// Every combination of one value of each list, the last list going round fastest.
fn combinations(lists: &[Vec<String>]) -> Vec<Vec<String>> {
    lists.iter().fold(vec![Vec::new()], |so_far, list| {
        let longer = |one: &Vec<String>| {
            let one = one.clone();
            list.iter().map(move |value| [one.as_slice(), std::slice::from_ref(value)].concat())
        };
        so_far.iter().flat_map(longer).collect()
    })
}

/// The places of combinations, each for one row.
struct Places {
    keys: Vec<Vec<String>>,
    by_key: HashMap<Vec<String>, usize>,
    rows: Vec<Option<Row>>,
}

impl Places {
    fn of(combinations: &[Vec<String>]) -> Self {
        let keys: Vec<Vec<String>> = combinations.iter().map(|options| variant_key(options)).collect();
        let by_key = keys.iter().enumerate().map(|(place, key)| (key.clone(), place)).collect();
        Self { rows: vec![None; keys.len()], keys, by_key }
    }

    /// Puts a row where it belongs; false where there is no such place, or another row has it.
    fn take(&mut self, row: Row) -> bool {
        let key = variant_key(&row.options);
        let place = self.by_key.get(&key).copied().or_else(|| {
            let agrees = |place: &usize| {
                self.keys.get(*place).is_some_and(|known| {
                    known
                        .iter()
                        .enumerate()
                        .all(|(at, value)| key.get(at).is_none_or(|typed| typed.is_empty() || typed == value))
                })
            };
            let is_free = |place: &usize| self.rows.get(*place).is_some_and(Option::is_none);
            let lacks = key.len() < self.keys.first().map_or(0, Vec::len) || key.iter().any(String::is_empty);
            (0..self.keys.len()).find(|place| lacks && is_free(place) && agrees(place))
        });
        match place.and_then(|place| self.rows.get_mut(place)) {
            Some(free) if free.is_none() => {
                *free = Some(row);
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{super::typed::Choices, *};

    fn typed(options: &[(&str, &str)], rows: &[&[&str]]) -> Typed {
        let choices = |(name, values): &(&str, &str)| Choices { name: (*name).into(), values: (*values).into() };
        let row = |(number, options): (usize, &&[&str])| Row {
            id: format!("id-{number}"),
            price: format!("{number},00"),
            sku: format!("S{number}"),
            options: options.iter().map(|value| (*value).to_owned()).collect(),
            ..Row::default()
        };
        Typed {
            options: options.iter().map(choices).collect(),
            rows: rows.iter().enumerate().map(row).collect(),
            ..Typed::new()
        }
    }

    fn shown(typed: &Typed) -> Vec<(String, String, String)> {
        typed.rows.iter().map(|row| (row.options.join("/"), row.id.clone(), row.price.clone())).collect()
    }

    fn row(options: &str, id: &str, price: &str) -> (String, String, String) {
        (options.into(), id.into(), price.into())
    }

    #[test]
    fn s53_every_combination_has_a_row_and_those_that_were_there_stay() {
        let options = [("Tamanho", "P\nM\nG"), ("Cor", "Azul\n\nVerde\nazul")];
        let mut typed = typed(&options, &[&["m", "VERDE"], &["P", "Azul"], &["GG", "Azul"]]);
        assert_eq!(typed.lay_out(), Ok(LaidOut { rows: 6, left_out: 1 }));
        assert_eq!(
            shown(&typed),
            [
                row("P/Azul", "id-1", "1,00"),
                row("P/Verde", "", "0,00"),
                row("M/Azul", "", "0,00"),
                row("M/Verde", "id-0", "0,00"),
                row("G/Azul", "", "0,00"),
                row("G/Verde", "", "0,00"),
            ]
        );
        assert!(typed.rows[1].sku.is_empty(), "a code is one variant's");
    }

    #[test]
    fn s53_a_variant_without_a_value_for_a_new_option_takes_the_first_place_that_agrees() {
        let mut added = typed(&[("Tamanho", "P\nM"), ("Cor", "Azul\nVerde")], &[&["M", ""], &["P"]]);
        assert_eq!(added.lay_out(), Ok(LaidOut { rows: 4, left_out: 0 }));
        assert_eq!((added.rows[0].id.as_str(), added.rows[2].id.as_str()), ("id-1", "id-0"));
        let mut first = typed(&[("Tamanho", "P\nM")], &[&[]]);
        assert_eq!(first.lay_out(), Ok(LaidOut { rows: 2, left_out: 0 }));
        assert_eq!(first.rows[0].id, "id-0");
    }

    #[test]
    fn s53_what_can_be_no_table_changes_nothing() {
        let many = (0..100).map(|value| value.to_string()).collect::<Vec<_>>().join("\n");
        for (options, pointer) in [
            ([("A", many.as_str()), ("B", many.as_str())], "/variants"),
            ([("A", "1"), ("B", " \n")], "/options/1/values"),
        ] {
            let mut typed = typed(&options, &[&["1", "1"]]);
            let before = typed.clone();
            assert_eq!(typed.lay_out().unwrap_err()[0].pointer, pointer);
            assert_eq!(typed, before);
        }
    }

    #[test]
    fn a_row_is_added_with_the_last_price_and_one_is_always_left() {
        let mut typed = typed(&[("Cor", "Azul")], &[&["Azul"]]);
        typed.add_row().unwrap();
        assert_eq!(shown(&typed)[1], row("", "", "0,00"));
        typed.remove_row(0);
        typed.remove_row(7);
        assert_eq!(typed.rows.len(), 1);
        typed.remove_row(0);
        assert_eq!(typed.rows, [Row { options: vec![String::new()], ..Row::default() }]);
        let mut full = Typed { rows: vec![Row::default(); limits::VARIANTS], ..Typed::new() };
        assert_eq!(full.add_row().unwrap_err()[0].pointer, "/variants");
    }
}
