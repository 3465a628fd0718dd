//! The table of variants: one row for each combination of the options' values, and rows that come and go.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use feira_schemas::{
    api::product::VARIANTS,
    catalogue::variant_key,
    limits,
    problem::{Code, FieldError},
    refusals,
};

use super::typed::{Row, Typed};

/// Rows that are named when they go; more are counted.
const NAMED: usize = 20;

/// The rows that [`Typed::lay_out`] has made, and those that had no place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct LaidOut {
    pub rows: usize,
    /// Rows that stayed under a value that has another name now.
    pub renamed: usize,
    /// Rows that went, by their values and SKUs.
    pub left: Vec<String>,
    /// True if a variant that is kept, which may have stock, is among those.
    pub takes_stock: bool,
}

impl fmt::Display for LaidOut {
    /// Says it in words (pt-BR).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rows {
            1 => write!(f, "A tabela tem 1 variante.")?,
            rows => write!(f, "A tabela tem {} variantes.", refusals::grouped(rows))?,
        }
        match self.renamed {
            0 => {}
            1 => write!(f, " Uma linha ficou sob o novo nome do valor, com SKU, preços e estoque.")?,
            renamed => write!(f, " {renamed} linhas ficaram sob o novo nome do valor, com SKU, preços e estoque.")?,
        }
        if self.left.is_empty() {
            return Ok(());
        }
        let named = self.left.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join("; ");
        let begin = if self.left.len() == 1 { "Saiu, por não caber" } else { "Saíram, por não caberem" };
        write!(f, " {begin} nas opções: {named}")?;
        match self.left.len().saturating_sub(NAMED) {
            0 => {}
            more => write!(f, "; e mais {more}")?,
        }
        match (self.takes_stock, self.left.len()) {
            (false, _) => write!(f, "."),
            (true, 1) => write!(f, ". Quando você guardar, o estoque dela se perde."),
            (true, _) => write!(f, ". Quando você guardar, o estoque delas se perde."),
        }
    }
}

impl Typed {
    /// Makes one row for each combination of the options' values. A row that has these values stays as it is, and one that lacks some, as
    /// after an option was added, takes the first place that agrees with the others; a new one is priced as the first was. Where a value has
    /// another name at its place of the list, and nothing else came or went, its rows stay under the new one.
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
        let had = listed(&self.rows, values.len());
        let (whole, lacking): (Vec<Row>, Vec<Row>) = std::mem::take(&mut self.rows)
            .into_iter()
            .partition(|row| row.options.len() == values.len() && row.options.iter().all(|value| !value.is_empty()));
        let fallen = whole.into_iter().chain(lacking).filter_map(|row| places.take(row));
        let fallen: Vec<Row> = fallen.filter(|row| !row.is_blank()).collect();
        let named: Vec<Vec<String>> = values.iter().map(|list| variant_key(list)).collect();
        let (renamed, left) = places.take_renamed(fallen, &had, &named);
        self.rows = places
            .rows
            .into_iter()
            .zip(combinations)
            .map(|(row, options)| match row {
                Some(row) => Row { options, ..row },
                None => Row { options, ..like.clone() },
            })
            .collect();
        let takes_stock = left.iter().any(|row| !row.id.trim().is_empty());
        let left = left.iter().enumerate().map(|(number, row)| name(number, row)).collect();
        Ok(LaidOut { rows: self.rows.len(), renamed, left, takes_stock })
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

/// A row that goes, as people know it.
fn name(number: usize, row: &Row) -> String {
    let (label, sku) = (row.label(number), row.sku.trim());
    if sku.is_empty() || label == sku { label } else { format!("{label} (SKU {sku})") }
}

/// The values that rows have of each of so many options, in the order in which they come first: as the lists were from which they were
/// laid out.
fn listed(rows: &[Row], options: usize) -> Vec<Vec<String>> {
    let mut lists = vec![Vec::new(); options];
    for row in rows {
        for (list, value) in lists.iter_mut().zip(variant_key(&row.options)) {
            if !value.is_empty() && !list.contains(&value) {
                list.push(value);
            }
        }
    }
    lists
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

    /// Puts a row where it belongs; it comes back where there is no such place, or another row has it.
    fn take(&mut self, row: Row) -> Option<Row> {
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
                None
            }
            _ => Some(row),
        }
    }

    /// Puts rows that had no place where one value of theirs has another name now: if the places that are free are these and no others.
    /// Gives their number, and the rows that still have no place. `had` are the options' lists before, and `named` those now.
    fn take_renamed(&mut self, rows: Vec<Row>, had: &[Vec<String>], named: &[Vec<String>]) -> (usize, Vec<Row>) {
        let free = self.rows.iter().filter(|row| row.is_none()).count();
        let places: Option<Vec<usize>> = rows.iter().map(|row| self.renamed(row, had, named)).collect();
        let places = places.filter(|places| {
            let each: HashSet<&usize> = places.iter().collect();
            free == rows.len() && each.len() == rows.len()
        });
        let Some(places) = places else { return (0, rows) };
        for (place, row) in places.iter().zip(rows) {
            if let Some(free) = self.rows.get_mut(*place) {
                *free = Some(row);
            }
        }
        (places.len(), Vec::new())
    }

    /// The free place of a row of which one value has another name at its place of the list.
    fn renamed(&self, row: &Row, had: &[Vec<String>], named: &[Vec<String>]) -> Option<usize> {
        let key = variant_key(&row.options);
        let now = |(value, (had, named)): (&String, (&Vec<String>, &Vec<String>))| {
            if named.contains(value) {
                return Some(value.clone());
            }
            let at = had.iter().position(|known| known == value).filter(|_| had.len() == named.len())?;
            named.get(at).filter(|name| !had.contains(name)).cloned()
        };
        let now: Vec<String> = key.iter().zip(had.iter().zip(named)).map(now).collect::<Option<_>>()?;
        let differing = key.iter().zip(&now).filter(|(value, name)| value != name).count();
        let place = self.by_key.get(&now).copied().filter(|_| differing == 1)?;
        self.rows.get(place).is_some_and(Option::is_none).then_some(place)
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
        let left = vec!["GG / Azul (SKU S2)".to_owned()];
        let made = typed.lay_out().unwrap();
        assert_eq!(made, LaidOut { rows: 6, renamed: 0, left, takes_stock: true });
        let said = made.to_string();
        assert!(said.contains("GG / Azul (SKU S2)") && said.contains("o estoque dela se perde"), "{said}");
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
        assert_eq!(added.lay_out(), Ok(LaidOut { rows: 4, ..LaidOut::default() }));
        assert_eq!((added.rows[0].id.as_str(), added.rows[2].id.as_str()), ("id-1", "id-0"));
        let mut first = typed(&[("Tamanho", "P\nM")], &[&[]]);
        assert_eq!(first.lay_out(), Ok(LaidOut { rows: 2, ..LaidOut::default() }));
        assert_eq!(first.rows[0].id, "id-0");
    }

    #[test]
    fn s53_a_value_that_is_renamed_at_its_place_keeps_its_variants() {
        let rows: [&[&str]; 4] = [&["P", "Azul"], &["P", "Verde"], &["M", "Azul"], &["M", "Verde"]];
        let laid = |sizes: &str, colours: &str| {
            let mut typed = typed(&[("Tamanho", sizes), ("Cor", colours)], &rows);
            let made = typed.lay_out().unwrap();
            let ids: Vec<String> = typed.rows.iter().map(|row| row.id.clone()).collect();
            (made.renamed, made.left.len(), ids.join(","), typed.rows[1].options.join("/"))
        };
        let all = "id-0,id-1,id-2,id-3".to_owned();
        assert_eq!(laid("P\nM", "Azul\nOliva"), (2, 0, all.clone(), "P/Oliva".to_owned()));
        // Two values of different options at once: no row differs in one only.
        assert_eq!(laid("P\nMédio", "Azul\nOliva").0, 0);
        // A value that went, and another that came at another place.
        assert_eq!(laid("P\nM", "Verde\nOliva"), (0, 2, "id-1,,id-3,".to_owned(), "P/Oliva".to_owned()));
        // One that came besides.
        assert_eq!(laid("P\nM", "Azul\nOliva\nCru"), (0, 2, "id-0,,,id-2,,".to_owned(), "P/Oliva".to_owned()));
        let mut one = typed(&[("Cor", "Azul-claro")], &[&["Azul"]]);
        let said = one.lay_out().unwrap().to_string();
        assert_eq!((one.rows[0].id.as_str(), one.rows[0].sku.as_str()), ("id-0", "S0"), "{said}");
        assert!(said.contains("novo nome do valor"), "{said}");
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
