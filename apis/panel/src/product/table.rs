//! The table of variants as the page shows it, and the buttons by which the form goes on a step.

use std::collections::HashMap;

use feira_schemas::{limits, problem::FieldError};
use feira_web::forms::Form;

use super::{
    typed::{Row, Typed},
    words,
};
use crate::frame::Wrong;

/// A step of the form that keeps nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Lays out a row for each combination of options.
    LayOut,
    /// Adds a row.
    Add,
    /// Takes over pasted rows.
    Paste,
    /// Takes the row of this number away.
    Remove(usize),
}

/// What a step has done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Done {
    pub said: Option<String>,
    pub wrong: Vec<FieldError>,
    /// What is wrong with pasted lines.
    pub lines: Vec<String>,
}

impl Act {
    /// The step that a form asks for; none where it is to be kept.
    pub fn of(form: &Form) -> Option<Self> {
        match form.said("act")? {
            "grid" => Some(Self::LayOut),
            "add" => Some(Self::Add),
            "paste" => Some(Self::Paste),
            other => other.strip_prefix("remove-")?.parse().ok().map(Self::Remove),
        }
    }

    /// Goes the step.
    pub fn on(self, typed: &mut Typed) -> Done {
        let said = |said: String| Done { said: Some(said), ..Done::default() };
        let wrong = |wrong| Done { wrong, ..Done::default() };
        match self {
            Self::LayOut => match typed.lay_out() {
                Ok(made) => said(made.to_string()),
                Err(errors) => wrong(errors),
            },
            Self::Add => match typed.add_row() {
                Ok(()) => said("Uma linha foi adicionada no fim da tabela.".to_owned()),
                Err(errors) => wrong(errors),
            },
            Self::Paste => match typed.take_pasted() {
                Ok(1) => said("Uma linha da planilha foi preenchida. Confira antes de guardar.".to_owned()),
                Ok(count) => said(format!("{count} linhas da planilha foram preenchidas. Confira antes de guardar.")),
                Err(lines) => Done { lines, ..Done::default() },
            },
            Self::Remove(number) => {
                typed.remove_row(number);
                said("A linha saiu da tabela. A variante só é removida quando você guardar.".to_owned())
            }
        }
    }
}

/// The table.
pub(super) struct Table {
    /// All options that a product may have, typed or not.
    pub options: Vec<Slot>,
    /// The columns of a pasted line.
    pub columns: String,
    pub lines: Vec<Line>,
    /// What is wrong with the table as a whole.
    pub error: Option<String>,
}

/// The place of an option in the form.
pub(super) struct Slot {
    pub place: usize,
    pub number: usize,
    pub name: String,
    pub values: String,
    pub name_error: Option<String>,
    pub values_error: Option<String>,
    /// True if the name is the first field that is wrong in the whole form.
    pub name_is_first: bool,
    /// Likewise, of the values.
    pub values_are_first: bool,
    /// The values that rows may have.
    pub list: Vec<String>,
    /// True if something is typed.
    pub is_there: bool,
}

/// A row.
pub(super) struct Line {
    pub number: usize,
    pub label: String,
    pub id: String,
    /// Option values, codes, prices.
    pub cells: Vec<Cell>,
    pub margin: Option<String>,
    /// Weight and, of a new variant, its stock.
    pub more: Vec<Cell>,
    /// True of a variant that is there, whose stock is changed elsewhere.
    pub is_kept: bool,
    pub tracked: bool,
    /// What is wrong with the row as a whole.
    pub error: Option<String>,
}

/// An input of a row.
pub(super) struct Cell {
    pub name: String,
    pub label: String,
    pub value: String,
    pub mode: &'static str,
    pub most: usize,
    /// The place of the option whose values are offered.
    pub option: Option<usize>,
    pub error: Option<String>,
    /// True if it is the first that is wrong.
    pub is_first_wrong: bool,
}

/// What is wrong with rows, by the row and its field; empty is the row as a whole.
struct OfRows<'a> {
    by_field: HashMap<(usize, &'a str), &'a FieldError>,
    first: Option<&'a FieldError>,
}

impl<'a> OfRows<'a> {
    fn new(wrong: &'a Wrong) -> Self {
        let mut by_field = HashMap::new();
        for error in &wrong.0 {
            let Some(rest) = error.pointer.strip_prefix("/variants/") else { continue };
            let mut steps = rest.split('/');
            let Some(Ok(number)) = steps.next().map(str::parse::<usize>) else { continue };
            by_field.entry((number, steps.next().unwrap_or_default())).or_insert(error);
        }
        Self { by_field, first: wrong.0.first() }
    }

    fn at(&self, number: usize, field: &str) -> Option<&'a FieldError> {
        self.by_field.get(&(number, field)).copied()
    }

    /// True if the field is the first one that is wrong in the whole form.
    fn begin_at(&self, number: usize, field: &str) -> bool {
        self.first.is_some_and(|first| self.at(number, field) == Some(first))
    }
}

impl Table {
    /// The table of what is typed, with what is wrong with it.
    pub fn of(typed: &Typed, wrong: &Wrong) -> Self {
        let of_rows = OfRows::new(wrong);
        let names: Vec<&str> = typed.options.iter().map(|option| option.name.trim()).collect();
        let whole = wrong.0.iter().find(|error| error.pointer == "/variants" || error.pointer == "/options");
        Self {
            options: (0..limits::OPTIONS).map(|place| slot(typed, wrong, place)).collect(),
            columns: typed.columns().join(" · "),
            lines: typed.rows.iter().enumerate().map(|(number, row)| line(number, row, &names, &of_rows)).collect(),
            error: whole.map(|error| error.detail.clone()),
        }
    }
}

fn slot(typed: &Typed, wrong: &Wrong, place: usize) -> Slot {
    let option = typed.options.get(place);
    let pointer = |field: &str| format!("/options/{place}/{field}");
    let error = |field: &str| wrong.at(&pointer(field)).map(str::to_owned);
    Slot {
        place,
        number: place + 1,
        name: option.map(|option| option.name.clone()).unwrap_or_default(),
        values: option.map(|option| option.values.clone()).unwrap_or_default(),
        name_error: error("name"),
        values_error: error("values"),
        name_is_first: wrong.begins_at(&pointer("name")),
        values_are_first: wrong.begins_at(&pointer("values")),
        list: option.map(|option| option.list().into_iter().map(str::to_owned).collect()).unwrap_or_default(),
        is_there: option.is_some(),
    }
}

fn line(number: usize, row: &Row, options: &[&str], wrong: &OfRows<'_>) -> Line {
    let label = row.label(number);
    let cell = |field: &'static str, word: &str, value: &str, (mode, most): (&'static str, usize)| Cell {
        name: format!("/variants/{number}/{field}"),
        label: format!("{word}, {label}"),
        value: value.to_owned(),
        mode,
        most,
        option: None,
        error: wrong.at(number, field).map(|error| error.detail.clone()),
        is_first_wrong: wrong.begin_at(number, field),
    };
    let of_option = |(place, word): (usize, &&str)| Cell {
        name: format!("_variants/{number}/options/{place}"),
        option: Some(place),
        // What is wrong with the options is said at the first of them.
        error: wrong.at(number, "options").filter(|_| place == 0).map(|error| error.detail.clone()),
        is_first_wrong: place == 0 && wrong.begin_at(number, "options"),
        ..cell("", word, row.options.get(place).map_or("", String::as_str), ("text", limits::OPTION_CHARS))
    };
    let (text, money, whole) = (("text", limits::CODE_CHARS), ("decimal", 32), ("numeric", 12));
    let mut cells: Vec<Cell> = options.iter().enumerate().map(of_option).collect();
    cells.extend([
        cell("sku", "SKU", &row.sku, text),
        cell("barcode", "Código de barras", &row.barcode, text),
        cell("price", "Preço", &row.price, money),
        cell("compare_at_price", "Preço anterior", &row.compare_at, money),
        cell("cost", "Custo", &row.cost, money),
    ]);
    let mut more = vec![cell("weight_grams", "Peso em gramas", &row.weight, whole)];
    let is_kept = !row.id.trim().is_empty();
    if !is_kept {
        more.push(cell("stock", "Estoque inicial", &row.stock, whole));
    }
    let of_row = wrong.at(number, "").or_else(|| wrong.at(number, "id"));
    let of_row = of_row.or_else(|| wrong.at(number, "options").filter(|_| options.is_empty()));
    Line {
        number,
        id: row.id.clone(),
        cells,
        margin: words::margin(&row.price, &row.cost),
        more,
        is_kept,
        tracked: row.tracked,
        error: of_row.map(|error| error.detail.clone()),
        label,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::problem::Code;

    use super::{super::typed::Choices, *};

    #[test]
    fn what_is_wrong_with_a_row_stands_at_its_input() {
        let mut typed = Typed::new();
        typed.options = vec![Choices { name: "Cor".into(), values: "Azul".into() }];
        typed.rows = vec![Row { options: vec!["Azul".into()], ..Row::default() }; 12];
        typed.rows[1].id = "kept".into();
        let error = |pointer: &str| FieldError::new(pointer, Code::Invalid, pointer.to_owned());
        let wrong = Wrong(vec![
            error("/variants/11/price/amount"),
            error("/variants/1/options"),
            error("/variants/1/id"),
            error("/variants"),
        ]);
        let table = Table::of(&typed, &wrong);
        let found: Vec<(&str, bool)> = table
            .lines
            .iter()
            .flat_map(|line| &line.cells)
            .filter(|cell| cell.error.is_some())
            .map(|cell| (cell.name.as_str(), cell.is_first_wrong))
            .collect();
        assert_eq!(found, [("_variants/1/options/0", false), ("/variants/11/price", true)]);
        assert_eq!(table.lines[1].error.as_deref(), Some("/variants/1/id"));
        assert_eq!(table.error.as_deref(), Some("/variants"));
        assert_eq!((table.lines[0].more.len(), table.lines[1].more.len()), (2, 1), "stock is that of a new one");
        assert_eq!((table.options.len(), table.options[0].is_there), (limits::OPTIONS, true));
    }

    #[test]
    fn a_form_is_kept_unless_it_names_a_step() {
        let said = |act: &str| {
            let mut typed = Typed { pasted: "1\t2".into(), ..Typed::new() };
            let act = match act {
                "grid" => Act::LayOut,
                "add" => Act::Add,
                "paste" => Act::Paste,
                _ => Act::Remove(0),
            };
            let done = act.on(&mut typed);
            (done.said.is_some(), done.wrong.len() + done.lines.len(), typed.rows.len())
        };
        assert_eq!(Act::of(&Form::default()), None);
        for (act, expected) in
            [("grid", (true, 0, 1)), ("add", (true, 0, 2)), ("paste", (true, 0, 1)), ("remove", (true, 0, 1))]
        {
            assert_eq!(said(act), expected, "{act}");
        }
    }
}
