//! What is typed into the form of a product, as text: what a page is filled with, and the form that fills a body.

use std::collections::HashSet;

use feira_schemas::{
    limits,
    money::Money,
    records::{
        admin::{Product, Variant},
        catalogue::{ProductOption, ProductStatus},
    },
};
use feira_web::forms::Form;

/// The word of a product that only the panel shows.
pub(super) const DRAFT: &str = "draft";
/// The word of a product that buyers see.
pub(super) const PUBLISHED: &str = "published";

/// What is typed into the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub name: String,
    pub description: String,
    pub vendor: String,
    /// One per line.
    pub tags: String,
    /// The category's id; empty for none.
    pub category: String,
    pub status: String,
    pub featured: bool,
    pub slug: String,
    pub seo_title: String,
    pub seo_description: String,
    /// Those of which something is typed.
    pub options: Vec<Choices>,
    /// The variants.
    pub rows: Vec<Row>,
    /// What was pasted from a spreadsheet and not taken over yet.
    pub pasted: String,
}

/// An option as it is typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Choices {
    pub name: String,
    /// One per line.
    pub values: String,
}

/// A variant as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// The variant's id; empty for a new one.
    pub id: String,
    /// A value for each option, in the options' order.
    pub options: Vec<String>,
    pub sku: String,
    pub barcode: String,
    pub price: String,
    pub compare_at: String,
    pub cost: String,
    pub weight: String,
    /// Pieces on hand at the start, of a new one.
    pub stock: String,
    pub tracked: bool,
}

impl Default for Row {
    fn default() -> Self {
        Self {
            id: String::new(),
            options: Vec::new(),
            sku: String::new(),
            barcode: String::new(),
            price: String::new(),
            compare_at: String::new(),
            cost: String::new(),
            weight: String::new(),
            stock: String::new(),
            // Stock is counted unless said.
            tracked: true,
        }
    }
}

impl Choices {
    /// The values, each once and without the white space around it.
    pub fn list(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        lines(&self.values).filter(|value| seen.insert(value.to_lowercase())).collect()
    }
}

impl Row {
    fn of(variant: &Variant) -> Self {
        let figures = |money: Option<Money>| money.map(Money::figures).unwrap_or_default();
        Self {
            id: variant.variant_id.to_string(),
            options: variant.options.clone(),
            sku: variant.sku.clone().unwrap_or_default(),
            barcode: variant.barcode.clone().unwrap_or_default(),
            price: variant.price.figures(),
            compare_at: figures(variant.compare_at_price),
            cost: figures(variant.cost),
            weight: variant.weight_grams.map(|grams| grams.to_string()).unwrap_or_default(),
            stock: String::new(),
            tracked: variant.tracked,
        }
    }

    /// The row of this number, with its values for the options that stand in these places.
    fn sent(form: &Form, number: usize, places: &[usize]) -> Self {
        let name = |field: &str| format!("/variants/{number}/{field}");
        let text = |field: &str| form.text(&name(field)).unwrap_or_default().to_owned();
        let value = |place: &usize| form.said(&format!("variants/{number}/options/{place}")).unwrap_or_default();
        Self {
            id: text("id"),
            options: places.iter().map(|place| value(place).trim().to_owned()).collect(),
            sku: text("sku"),
            barcode: text("barcode"),
            price: text("price"),
            compare_at: text("compare_at_price"),
            cost: text("cost"),
            weight: text("weight_grams"),
            stock: text("stock"),
            // A hidden input says false before the check box.
            tracked: form.texts(&name("tracked")).last().is_none_or(|text| text == "true"),
        }
    }

    /// A new row whose price, cost and weight are as in this one; its codes are its own.
    pub fn alike(&self) -> Self {
        Self {
            price: self.price.clone(),
            compare_at: self.compare_at.clone(),
            cost: self.cost.clone(),
            weight: self.weight.clone(),
            tracked: self.tracked,
            ..Self::default()
        }
    }

    /// True if nothing is typed in it.
    pub fn is_blank(&self) -> bool {
        let texts = [&self.id, &self.sku, &self.barcode, &self.price, &self.compare_at, &self.cost, &self.weight];
        texts.into_iter().chain([&self.stock]).chain(&self.options).all(|text| text.trim().is_empty())
    }

    /// The option values in words, or the SKU, or the row's place.
    pub fn label(&self, number: usize) -> String {
        let values: Vec<&str> =
            self.options.iter().map(|value| value.trim()).filter(|value| !value.is_empty()).collect();
        match (values.is_empty(), self.sku.trim()) {
            (false, _) => values.join(" / "),
            (true, "") => format!("variante {}", number + 1),
            (true, sku) => sku.to_owned(),
        }
    }
}

impl Typed {
    /// What a new product's form is filled with.
    pub fn new() -> Self {
        Self { status: DRAFT.to_owned(), rows: vec![Row::default()], ..Self::default() }
    }

    /// What the form of a product is filled with.
    pub fn of(product: &Product) -> Self {
        let seo = product.seo.clone();
        let (seo_title, seo_description) = seo.map(|seo| (seo.title, seo.description)).unwrap_or_default();
        let choices = |option: &ProductOption| Choices { name: option.name.clone(), values: option.values.join("\n") };
        Self {
            name: product.name.clone(),
            description: product.description.clone(),
            vendor: product.vendor.clone().unwrap_or_default(),
            tags: product.tags.join("\n"),
            category: product.category_id.map(|id| id.to_string()).unwrap_or_default(),
            status: if product.status == ProductStatus::Published { PUBLISHED } else { DRAFT }.to_owned(),
            featured: product.featured,
            slug: product.slug.clone(),
            seo_title: seo_title.unwrap_or_default(),
            seo_description: seo_description.unwrap_or_default(),
            options: product.options.iter().map(choices).collect(),
            rows: product.variants.iter().map(Row::of).collect(),
            pasted: String::new(),
        }
    }

    /// What a form that was sent holds. An option of which nothing is typed is none, and its values in the rows go with it.
    pub fn sent(form: &Form) -> Self {
        let text = |name: &str| form.text(name).unwrap_or_default().to_owned();
        let option = |place: usize| Choices {
            name: text(&format!("/options/{place}/name")),
            values: text(&format!("/options/{place}/values")),
        };
        let typed = (0..limits::OPTIONS).map(|place| (place, option(place)));
        let (places, options): (Vec<usize>, Vec<Choices>) =
            typed.filter(|(_, option)| !option.name.trim().is_empty() || !option.values.trim().is_empty()).unzip();
        let is_there = |number: &usize| form.text(&format!("/variants/{number}/price")).is_some();
        let rows = (0..).take_while(is_there).map(|number| Row::sent(form, number, &places)).collect();
        Self {
            name: text("/name"),
            description: text("/description"),
            vendor: text("/vendor"),
            tags: text("/tags"),
            category: text("/category_id"),
            status: text("/status"),
            featured: form.texts("/featured").last().is_some_and(|text| text == "true"),
            slug: text("/slug"),
            seo_title: text("/seo/title"),
            seo_description: text("/seo/description"),
            options,
            rows,
            pasted: form.said("paste").unwrap_or_default().to_owned(),
        }
    }

    /// The form that fills the body of the API, whose errors point at the inputs of the page.
    pub fn form(&self) -> Form {
        let mut texts: Vec<(String, String)> = Vec::new();
        let mut add = |name: String, text: &str| texts.push((name, text.to_owned()));
        for (name, text) in [
            ("/name", &self.name),
            ("/description", &self.description),
            ("/vendor", &self.vendor),
            ("/tags", &self.tags),
            ("/category_id", &self.category),
            ("/status", &self.status),
            ("/slug", &self.slug),
        ] {
            add(name.to_owned(), text);
        }
        add("/featured".to_owned(), word(self.featured));
        // A product whose two texts are blank has none of both.
        if !self.seo_title.trim().is_empty() || !self.seo_description.trim().is_empty() {
            add("/seo/title".to_owned(), &self.seo_title);
            add("/seo/description".to_owned(), &self.seo_description);
        }
        for (place, option) in self.options.iter().enumerate() {
            add(format!("/options/{place}/name"), &option.name);
            add(format!("/options/{place}/values"), &option.values);
        }
        let names = self.step_names();
        for (number, row) in self.rows.iter().enumerate() {
            let at = |field: &str| format!("/variants/{number}/{field}");
            for (field, text) in [
                ("id", &row.id),
                ("sku", &row.sku),
                ("barcode", &row.barcode),
                ("price", &row.price),
                ("compare_at_price", &row.compare_at),
                ("cost", &row.cost),
                ("weight_grams", &row.weight),
            ] {
                add(at(field), text);
            }
            if row.id.trim().is_empty() {
                add(at("stock"), &row.stock);
            }
            add(at("tracked"), word(row.tracked));
            for (name, value) in names.iter().zip(&row.options) {
                if let Some(name) = name {
                    add(at(&format!("options/{name}")), value);
                }
            }
        }
        Form::of(texts)
    }

    /// The options' names as steps of a JSON Pointer (RFC 6901); none for one that has the name of another before it.
    fn step_names(&self) -> Vec<Option<String>> {
        let mut seen = HashSet::new();
        let step = |option: &Choices| {
            let name = option.name.trim().to_owned();
            seen.insert(name.clone()).then(|| name.replace('~', "~0").replace('/', "~1"))
        };
        self.options.iter().map(step).collect()
    }

    /// The same of a product that has no variants yet, whatever ids the form has.
    pub fn without_ids(mut self) -> Self {
        self.rows.iter_mut().for_each(|row| row.id.clear());
        self
    }

    /// Makes new variants of those that a product has no more: the form still has their ids.
    pub fn without_ids_that_are_gone(&mut self, product: &Product) {
        let known: HashSet<String> = product.variants.iter().map(|variant| variant.variant_id.to_string()).collect();
        for row in &mut self.rows {
            if !known.contains(row.id.trim()) {
                row.id.clear();
            }
        }
    }
}

/// The lines of a text that are not blank, without the white space around them.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn word(said: bool) -> &'static str {
    if said { "true" } else { "false" }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::LazyLock;

    use feira_schemas::api::product::{ProductBody, product_content, schemas};
    use feira_web::json::Schemas;
    use serde_json::json;

    use super::*;

    static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(schemas()));

    fn form(texts: &[(&str, &str)]) -> Form {
        Form::of(texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())))
    }

    #[test]
    fn what_was_sent_fills_a_body_and_blank_options_are_none() {
        let sent = form(&[
            ("/name", "Camisa"),
            ("/status", "published"),
            ("/featured", "false"),
            ("/featured", "true"),
            ("/options/0/name", " "),
            ("/options/0/values", ""),
            ("/options/1/name", "Cor/tom"),
            ("/options/1/values", "Azul\nVerde"),
            ("/variants/0/price", "49,90"),
            ("/variants/0/tracked", "false"),
            ("/variants/1/price", "59,90"),
            ("/variants/1/tracked", "false"),
            ("/variants/1/tracked", "true"),
            // Beyond a gap nothing is read.
            ("/variants/3/price", "1"),
        ]);
        let mut typed = Typed::sent(&sent);
        assert_eq!((typed.options.len(), typed.rows.len(), typed.featured), (1, 2, true));
        assert_eq!((typed.rows[0].tracked, typed.rows[1].tracked), (false, true));
        typed.rows[0].options = vec!["Azul".into()];
        typed.rows[1].options = vec!["Verde".into()];
        let body: ProductBody = typed.form().body(&BODIES, "ProductBody").unwrap();
        assert_eq!(body.variants[1].options["Cor/tom"], json!("Verde"));
        assert_eq!(body.seo, None);
        let content = product_content(body).unwrap();
        assert_eq!(content.variants[0].price, Money::brl(4_990));
        assert!(!content.variants[0].tracked && content.featured);
    }

    #[test]
    fn what_is_wrong_points_at_its_input() {
        let mut typed = Typed::new();
        typed.name = "Copo".into();
        typed.rows[0].price = "doze".into();
        let wrong = typed.form().body::<ProductBody>(&BODIES, "ProductBody").unwrap_err();
        assert_eq!(wrong.errors[0].pointer, "/variants/0/price");
        typed.rows[0].id = "nenhuma".into();
        let row = typed.clone().without_ids().rows.remove(0);
        assert_eq!((row.id.as_str(), row.price.as_str()), ("", "doze"), "all but the id is kept");
        typed.rows[0].id.clear();
        typed.rows[0].price = String::new();
        let wrong = typed.form().body::<ProductBody>(&BODIES, "ProductBody").unwrap_err();
        assert_eq!(wrong.errors[0].pointer, "/variants/0/price");
    }
}
