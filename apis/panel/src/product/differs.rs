//! What differs between a product as somebody else has saved it and what is typed over an earlier version of it.

use std::collections::{HashMap, HashSet};

use feira_schemas::money::Money;

use super::{
    typed::{Choices, Row, Typed, lines},
    words,
};
use crate::forms::{Difference, Differences, difference};

/// The fields in which what is kept differs from what is typed; `categories` has the names of categories by their ids.
pub(super) fn differences(now: &Typed, typed: &Typed, categories: &HashMap<String, String>) -> Differences {
    let mut all = fields(now, typed, categories);
    all.extend(variants(now, typed));
    all.into()
}

fn fields(now: &Typed, typed: &Typed, categories: &HashMap<String, String>) -> Vec<Difference> {
    let category = |id: &str| categories.get(id.trim()).cloned().unwrap_or_else(|| id.trim().to_owned());
    let yes = |said: bool| if said { "sim" } else { "não" }.to_owned();
    // An address that is left blank stays as it is.
    let slug = if typed.slug.trim().is_empty() { &now.slug } else { &typed.slug };
    let texts = [
        ("Nome", now.name.clone(), typed.name.clone()),
        ("Situação", words::status(&now.status).to_owned(), words::status(&typed.status).to_owned()),
        ("Em destaque", yes(now.featured), yes(typed.featured)),
        ("Endereço", now.slug.clone(), slug.clone()),
        ("Categoria", category(&now.category), category(&typed.category)),
        ("Marca", now.vendor.clone(), typed.vendor.clone()),
        ("Etiquetas", joined(&now.tags), joined(&typed.tags)),
        ("Descrição", now.description.clone(), typed.description.clone()),
        ("Título para buscadores", now.seo_title.clone(), typed.seo_title.clone()),
        ("Descrição para buscadores", now.seo_description.clone(), typed.seo_description.clone()),
        ("Opções", options(&now.options), options(&typed.options)),
    ];
    texts.into_iter().filter_map(|(word, now, typed)| difference(word, &now, &typed)).collect()
}

fn joined(text: &str) -> String {
    lines(text).collect::<Vec<_>>().join(", ")
}

fn options(options: &[Choices]) -> String {
    let said = |option: &Choices| format!("{}: {}", option.name.trim(), option.list().join(", "));
    options.iter().map(said).collect::<Vec<_>>().join("; ")
}

/// What differs in variants that both have, and the variants that only one of them has.
fn variants(now: &Typed, typed: &Typed) -> Vec<Difference> {
    let kept: HashMap<&str, (usize, &Row)> =
        now.rows.iter().enumerate().map(|(number, row)| (row.id.trim(), (number, row))).collect();
    let named: HashSet<&str> = typed.rows.iter().map(|row| row.id.trim()).collect();
    let mut all = Vec::new();
    for (number, row) in typed.rows.iter().enumerate() {
        match kept.get(row.id.trim()) {
            Some((_, was)) => all.extend(of_variant(&was.label(number), was, row)),
            None => {
                let gone = if row.id.trim().is_empty() { "não existe" } else { "foi apagada" };
                all.push(variant(&row.label(number), gone.to_owned(), summary(row)));
            }
        }
    }
    let others = now.rows.iter().enumerate().filter(|(_, row)| !named.contains(row.id.trim()));
    all.extend(others.map(|(number, row)| variant(&row.label(number), summary(row), "não existe".to_owned())));
    all
}

fn variant(label: &str, now: String, typed: String) -> Difference {
    Difference { word: format!("Variante {label}"), now, typed }
}

fn summary(row: &Row) -> String {
    let texts = [row.sku.trim(), row.price.trim()];
    let said: Vec<&str> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    if said.is_empty() { "existe".to_owned() } else { said.join(" · ") }
}

fn of_variant(label: &str, now: &Row, typed: &Row) -> Vec<Difference> {
    let counted = |row: &Row| if row.tracked { "contado" } else { "não contado" }.to_owned();
    let texts = [
        ("opções", now.options.join(" / "), typed.options.join(" / ")),
        ("SKU", now.sku.clone(), typed.sku.clone()),
        ("código de barras", now.barcode.clone(), typed.barcode.clone()),
        ("preço", figures(&now.price), figures(&typed.price)),
        ("preço anterior", figures(&now.compare_at), figures(&typed.compare_at)),
        ("custo", figures(&now.cost), figures(&typed.cost)),
        ("peso", now.weight.clone(), typed.weight.clone()),
        ("estoque", counted(now), counted(typed)),
    ];
    let differs = |(word, now, typed): (&str, String, String)| difference(format!("{label}: {word}"), &now, &typed);
    texts.into_iter().filter_map(differs).collect()
}

/// An amount as the page writes it, so that the same one is the same text.
fn figures(text: &str) -> String {
    Money::read(text).map_or_else(|_| text.to_owned(), Money::figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> Typed {
        let row = |id: &str, value: &str| Row {
            id: id.into(),
            options: vec![value.into()],
            price: "1.234,50".into(),
            ..Row::default()
        };
        Typed {
            name: "Camisa".into(),
            slug: "camisa".into(),
            tags: "verão\nlinho".into(),
            category: "c1".into(),
            options: vec![Choices { name: "Cor".into(), values: "Azul\nVerde".into() }],
            rows: vec![row("1", "Azul"), row("2", "Verde")],
            ..Typed::new()
        }
    }

    fn shown(now: &Typed, typed: &Typed) -> Vec<(String, String, String)> {
        let names = HashMap::from([("c1".to_owned(), "Roupas".to_owned())]);
        let all = differences(now, typed, &names);
        assert_eq!(all.more, 0);
        all.shown.into_iter().map(|one| (one.word, one.now, one.typed)).collect()
    }

    #[test]
    fn s51_what_is_written_otherwise_and_the_same_does_not_differ() {
        let mut typed = kept();
        typed.slug = String::new();
        typed.tags = "verão\n\n linho \n".into();
        typed.rows[0].price = "R$ 1234,5".into();
        assert_eq!(shown(&kept(), &typed), []);
    }

    #[test]
    fn s51_each_field_that_differs_is_named_with_both_texts() {
        let mut typed = kept();
        typed.name = "Blusa".into();
        typed.category = String::new();
        typed.rows[0].price = "10".into();
        typed.rows[1].id = "9".into();
        typed.rows.push(Row { options: vec!["Azul".into()], sku: "N".into(), ..Row::default() });
        let row = |word: &str, now: &str, typed: &str| (word.to_owned(), now.to_owned(), typed.to_owned());
        assert_eq!(
            shown(&kept(), &typed),
            [
                row("Nome", "Camisa", "Blusa"),
                row("Categoria", "Roupas", "–"),
                row("Azul: preço", "1.234,50", "10,00"),
                row("Variante Verde", "foi apagada", "1.234,50"),
                row("Variante Azul", "não existe", "N"),
                row("Variante Verde", "1.234,50", "não existe"),
            ]
        );
    }
}
