//! Rows that are pasted from a spreadsheet: cells that tabs part, in the order of the columns that the page names.

use std::collections::HashMap;

use feira_schemas::{catalogue::variant_key, limits, money::Money};

use super::typed::{Choices, Row, Typed};

/// Lines that are said to be wrong: who has more of them has pasted other columns.
const MOST: usize = 20;

/// The columns beside those of the options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Sku,
    Price,
    CompareAt,
    Cost,
    Barcode,
    Weight,
    Stock,
}

impl Column {
    const ALL: [Self; 7] =
        [Self::Sku, Self::Price, Self::CompareAt, Self::Cost, Self::Barcode, Self::Weight, Self::Stock];

    fn word(self) -> &'static str {
        match self {
            Self::Sku => "SKU",
            Self::Price => "Preço",
            Self::CompareAt => "Preço anterior",
            Self::Cost => "Custo",
            Self::Barcode => "Código de barras",
            Self::Weight => "Peso (g)",
            Self::Stock => "Estoque",
        }
    }

    /// Puts a cell that is not blank into a row, or says what is wrong with it.
    fn put(self, row: &mut Row, text: &str) -> Result<(), String> {
        match self {
            Self::Price | Self::CompareAt | Self::Cost => {
                Money::read(text).map_err(|why| format!("o valor «{text}» {why}"))?;
            }
            Self::Weight | Self::Stock => {
                text.parse::<u32>().map_err(|_| format!("«{text}» não é um número inteiro ({})", self.word()))?;
            }
            Self::Sku | Self::Barcode => {}
        }
        if self == Self::Stock && !row.id.is_empty() {
            return Err("o estoque de uma variante que já existe muda na página de estoque".to_owned());
        }
        let field = match self {
            Self::Sku => &mut row.sku,
            Self::Price => &mut row.price,
            Self::CompareAt => &mut row.compare_at,
            Self::Cost => &mut row.cost,
            Self::Barcode => &mut row.barcode,
            Self::Weight => &mut row.weight,
            Self::Stock => &mut row.stock,
        };
        text.clone_into(field);
        Ok(())
    }
}

impl Typed {
    /// The names of the columns that a line has, in their order.
    pub fn columns(&self) -> Vec<String> {
        let options = self.options.iter().map(|option| option.name.trim().to_owned());
        options.chain(Column::ALL.map(|column| column.word().to_owned())).collect()
    }

    /// Takes over what was pasted: a line is the row with its option values, or of a product without options that with its SKU; else it
    /// is a new row. A blank cell leaves what is there. Gives the number of lines.
    ///
    /// # Errors
    /// What is wrong, line by line; nothing is changed then.
    pub fn take_pasted(&mut self) -> Result<usize, Vec<String>> {
        let mut taking = Taking::new(self);
        let (mut wrong, mut count) = (Vec::new(), 0);
        for (number, line) in (1_usize..).zip(self.pasted.lines()) {
            if line.trim().is_empty() || (number == 1 && taking.is_heading(line)) {
                continue;
            }
            count += 1;
            if let Err(why) = taking.line(line) {
                wrong.push(format!("Linha {number}: {why}."));
            }
            if wrong.len() == MOST {
                break;
            }
        }
        if count == 0 {
            wrong.push("Não há nada a preencher: cole as linhas da planilha.".to_owned());
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        (self.rows, self.options) = (taking.typed.rows, taking.typed.options);
        self.pasted.clear();
        Ok(count)
    }

    /// The values as the options write them; one that an option does not have yet is added to it.
    fn known(options: &mut [Choices], values: Vec<String>) -> Vec<String> {
        let written = |(option, value): (&mut Choices, String)| {
            let folded = value.to_lowercase();
            let known = option.list().into_iter().find(|known| known.to_lowercase() == folded).map(str::to_owned);
            known.unwrap_or_else(|| {
                option.values = format!("{}\n{value}", option.values.trim_end()).trim_start().to_owned();
                value
            })
        };
        options.iter_mut().zip(values).map(written).collect()
    }
}

/// The form as it becomes, and its rows by what names them.
struct Taking {
    typed: Typed,
    columns: Vec<String>,
    by_key: HashMap<String, usize>,
}

impl Taking {
    fn new(typed: &Typed) -> Self {
        let typed = Typed { pasted: String::new(), ..typed.clone() };
        let by_key = (0..).zip(&typed.rows).filter_map(|(place, row)| Some((key(&row.options, &row.sku)?, place)));
        Self { by_key: by_key.collect(), columns: typed.columns(), typed }
    }

    /// True for a line that names the columns.
    fn is_heading(&self, line: &str) -> bool {
        let same = |(cell, column): (&str, &String)| cell.trim().to_lowercase() == column.to_lowercase();
        line.split('\t').zip(&self.columns).all(same)
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        let cells: Vec<&str> = line.trim_end().split('\t').map(str::trim).collect();
        if cells.len() > self.columns.len() {
            return Err(format!("há {} colunas, e a tabela tem {}", cells.len(), self.columns.len()));
        }
        let (values, cells) = cells.split_at(self.typed.options.len().min(cells.len()));
        for (at, option) in self.typed.options.iter().enumerate() {
            if values.get(at).is_none_or(|value| value.is_empty()) {
                return Err(format!("falta o valor de {}", option.name.trim()));
            }
        }
        let options: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        let place = self.place(&options, cells.first().copied().unwrap_or_default())?;
        let Some(row) = self.typed.rows.get_mut(place) else { return Ok(()) };
        for (column, cell) in Column::ALL.into_iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            column.put(row, cell)?;
        }
        row.options = Typed::known(&mut self.typed.options, options);
        Ok(())
    }

    /// The place of the row that a line is about: the one that is named so, else one in which nothing is typed, else a new one.
    fn place(&mut self, options: &[String], sku: &str) -> Result<usize, String> {
        let key = key(options, sku);
        if let Some(place) = key.as_ref().and_then(|key| self.by_key.get(key)) {
            return Ok(*place);
        }
        let rows = &mut self.typed.rows;
        let place = match rows.iter().position(Row::is_blank) {
            Some(blank) => blank,
            None if rows.len() < limits::VARIANTS => {
                rows.push(Row::default());
                rows.len() - 1
            }
            None => return Err("não cabem mais variantes na tabela".to_owned()),
        };
        self.by_key.extend(key.map(|key| (key, place)));
        Ok(place)
    }
}

/// The name of a row: its option values, or its SKU where it has none; none where it has neither.
fn key(options: &[String], sku: &str) -> Option<String> {
    match options.is_empty() {
        true => Some(sku.trim().to_lowercase()).filter(|sku| !sku.is_empty()),
        false => Some(variant_key(options).join("\u{1}")).filter(|key| key.chars().any(|sign| sign != '\u{1}')),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn typed(pasted: &str) -> Typed {
        let option = Choices { name: "Cor".into(), values: "Azul\nVerde".into() };
        let row = Row { id: "a".into(), options: vec!["Azul".into()], price: "1,00".into(), ..Row::default() };
        Typed { options: vec![option], rows: vec![row], pasted: pasted.into(), ..Typed::new() }
    }

    #[test]
    fn s53_lines_of_a_spreadsheet_fill_rows_and_make_others() {
        let mut typed = typed("Cor\tSKU\tPreço\nazul\tA-1\t49,90\t\t20\n\nRoxo\tR-1\tR$ 59,90\t\t\t789\t300\t4\n");
        assert_eq!(typed.columns()[..3], ["Cor", "SKU", "Preço"]);
        assert_eq!(typed.take_pasted(), Ok(2));
        let [azul, roxo] = typed.rows.as_slice() else { panic!("{:?}", typed.rows) };
        assert_eq!((azul.id.as_str(), azul.sku.as_str(), azul.price.as_str()), ("a", "A-1", "49,90"));
        assert_eq!((azul.cost.as_str(), azul.compare_at.as_str()), ("20", ""));
        assert_eq!((roxo.id.as_str(), roxo.barcode.as_str(), roxo.weight.as_str()), ("", "789", "300"));
        assert_eq!((roxo.stock.as_str(), roxo.options.join("")), ("4", "Roxo".to_owned()));
        assert_eq!((typed.options[0].values.as_str(), typed.pasted.as_str()), ("Azul\nVerde\nRoxo", ""));
    }

    #[test]
    fn s53_what_is_wrong_is_said_by_line_and_nothing_is_taken_over() {
        let mut typed = typed(
            "Azul\tA\tdoze\nVerde\tB\t10\n\tC\nAzul\t\t\t\t\t\t\t3\nVerde\t\t\t\t\t\tx\na\tb\tc\td\te\tf\tg\th\ti",
        );
        let before = typed.clone();
        let wrong = typed.take_pasted().unwrap_err();
        let lines: Vec<&str> = wrong.iter().map(|line| line.split(':').next().unwrap()).collect();
        assert_eq!(lines, ["Linha 1", "Linha 3", "Linha 4", "Linha 5", "Linha 6"], "{wrong:?}");
        assert!(wrong[0].contains("«doze»") && wrong[1].contains("Cor"), "{wrong:?}");
        assert_eq!(typed, before);
        assert!(Typed::new().take_pasted().is_err(), "nothing was pasted");
    }

    #[test]
    fn a_product_without_options_knows_its_row_by_the_sku() {
        let mut typed = Typed { pasted: "X-1\t10,00".into(), ..Typed::new() };
        assert_eq!(typed.take_pasted(), Ok(1));
        typed.pasted = "x-1\t12,00".into();
        assert_eq!(typed.take_pasted(), Ok(1));
        assert_eq!((typed.rows.len(), typed.rows[0].price.as_str()), (1, "12,00"));
    }
}
