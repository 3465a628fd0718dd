//! The products and categories of a coupon as people name them, one a line: by the page's address, by its last part, by the name that the
//! address is made of, or by the id. A line that the form is filled with is an address that has the name behind, so that it means the same
//! when it comes back, whatever the name is. Products may be ticked as well, each by its id.

use std::{fmt::Display, str::FromStr};

use feira_schemas::{
    access::{Access, Area},
    api::{
        coupon::{CATEGORIES, PRODUCTS},
        rules::List,
    },
    catalogue::slugify,
    ids::{CategoryId, ProductId},
    limits,
    problem::{Code, FieldError},
    refusals,
    rows::admin::{CategoryRow, CategorySlugRow, ProductRow, ProductSlugRow},
    topics::Context,
};
use feira_web::{context::Api, problem::Problem, reads, routing::Request};

use super::model::CHOSEN;

/// What stands between an address and a name.
const NAME: &str = " — ";
/// What stands in the place of the name of what was deleted.
const GONE: &str = "não existe mais";

/// Says that a product which was ticked is none of the shop's.
const GONE_CHOSEN: &str = "Um dos produtos marcados não existe na loja. Desmarque-o.";

/// What stands before the slug in the address of a product's page.
const PRODUCT: &str = "/product/";
/// What stands before the slug in the address of a category's page.
const CATEGORY: &str = "/category/";

/// What is named, or what is wrong with it.
type Found<Id> = Result<Named<Id>, FieldError>;

/// What is named, each once, with the number of the line that names it first; none of what was ticked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named<Id> {
    pub ids: Vec<Id>,
    pub numbers: Vec<Option<usize>>,
}

impl<Id: PartialEq> Named<Id> {
    fn new() -> Self {
        Self { ids: Vec::new(), numbers: Vec::new() }
    }

    fn add(&mut self, number: Option<usize>, id: Id) {
        if !self.ids.contains(&id) {
            self.ids.push(id);
            self.numbers.push(number);
        }
    }
}

/// The numbers of the lines that name what a coupon is for, in the order of what is named; none of what was ticked.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    pub products: Vec<Option<usize>>,
    pub categories: Vec<Option<usize>>,
}

impl Numbers {
    /// The problem with errors that name lines, of one that names products and categories by their places.
    pub fn said(&self, problem: Problem) -> Problem {
        let errors = problem.errors.into_iter().map(|error| self.of_line(error)).collect();
        Problem { errors, ..problem }
    }

    fn of_line(&self, error: FieldError) -> FieldError {
        for (pointer, numbers) in [("/products", &self.products), ("/categories", &self.categories)] {
            let place = error.pointer.strip_prefix(pointer).and_then(|rest| rest.strip_prefix('/'));
            let number = place.and_then(|place| place.parse::<usize>().ok()).and_then(|at| numbers.get(at));
            match number {
                Some(Some(number)) => {
                    return FieldError::new(pointer, error.code, format!("Linha {number}: {}", error.detail));
                }
                Some(None) => return FieldError::new(CHOSEN, error.code, GONE_CHOSEN),
                None => {}
            }
        }
        error
    }
}

/// A product or a category that the form is filled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub id: String,
    pub text: String,
    /// True if what it names was deleted.
    pub is_gone: bool,
}

/// Lines, one below the other.
pub(super) fn text(lines: &[Line]) -> String {
    lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// Lines in the order of their texts, for who compares them.
pub(super) fn sorted(lines: &[Line]) -> String {
    let mut texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    texts.sort_unstable();
    texts.join(", ")
}

/// The products that are ticked, and behind them those that lines name.
pub(super) async fn products(
    api: &Api,
    request: &Request,
    chosen: &[String],
    text: &str,
) -> Result<Found<ProductId>, Problem> {
    let lines = lines(text, "/products", limits::COUPON_PRODUCTS, PRODUCTS);
    let (mut found, lines) = match (ticked(chosen), lines) {
        (Ok(found), Ok(lines)) => (found, lines),
        (Err(error), _) | (_, Err(error)) => return Ok(Err(error)),
    };
    reads::point(api, request, Context::Admin).await?;
    for (number, line) in lines {
        let id = match meant::<ProductId>(line, PRODUCT) {
            Meant::Id(id) => Some(id),
            Meant::Slug(slug) => {
                let key = ProductSlugRow::at(request.tenant, &slug);
                api.platform.state.get::<ProductSlugRow>(&key).await?.map(|row| row.product_id)
            }
        };
        match id {
            Some(id) => found.add(Some(number), id),
            None => return Ok(Err(unknown("/products", "produto", line))),
        }
    }
    Ok(Ok(found))
}

/// The categories that the lines of a text name.
pub(super) async fn categories(api: &Api, request: &Request, text: &str) -> Result<Found<CategoryId>, Problem> {
    let lines = match lines(text, "/categories", limits::COUPON_CATEGORIES, CATEGORIES) {
        Ok(lines) => lines,
        Err(error) => return Ok(Err(error)),
    };
    reads::point(api, request, Context::Admin).await?;
    let mut found = Named::new();
    for (number, line) in lines {
        let id = match meant::<CategoryId>(line, CATEGORY) {
            Meant::Id(id) => Some(id),
            Meant::Slug(slug) => {
                let key = CategorySlugRow::at(request.tenant, &slug);
                api.platform.state.get::<CategorySlugRow>(&key).await?.map(|row| row.category_id)
            }
        };
        match id {
            Some(id) => found.add(Some(number), id),
            None => return Ok(Err(unknown("/categories", "categoria", line))),
        }
    }
    Ok(Ok(found))
}

/// The products that are ticked, each once.
fn ticked(texts: &[String]) -> Found<ProductId> {
    let mut found = Named::new();
    for text in texts {
        let id = text.parse::<ProductId>();
        found.add(None, id.map_err(|_| FieldError::new(CHOSEN, Code::UnknownReference, refusals::NO_SUCH_PRODUCT))?);
        if found.ids.len() > limits::COUPON_PRODUCTS {
            return Err(FieldError::new(CHOSEN, Code::TooLong, PRODUCTS.too_long()));
        }
    }
    Ok(found)
}

/// The name of a product, and the address that tells it from another of that name.
pub(super) fn product_word(name: &str, slug: &str) -> String {
    format!("{name}{NAME}{PRODUCT}{slug}")
}

/// These products, one after the other: each may be megabytes.
pub(super) async fn product_lines(api: &Api, request: &Request, ids: &[ProductId]) -> Result<Vec<Line>, Problem> {
    let shows_names = shows_names(request)?;
    let mut lines = Vec::with_capacity(ids.len());
    for id in ids {
        let row = api.platform.state.get::<ProductRow>(&ProductRow::at(request.tenant, *id)).await?;
        let word = |row: ProductRow| product_word(&row.product.name, &row.product.slug);
        lines.push(line(id, row.map(word), shows_names));
    }
    Ok(lines)
}

/// The lines of these categories.
pub(super) async fn category_lines(api: &Api, request: &Request, ids: &[CategoryId]) -> Result<Vec<Line>, Problem> {
    let shows_names = shows_names(request)?;
    let keys: Vec<_> = ids.iter().map(|id| CategoryRow::at(request.tenant, *id)).collect();
    let rows = api.platform.state.get_many::<CategoryRow>(&keys).await?;
    let known = |row: CategoryRow| address(CATEGORY, &row.category.slug, &row.category.name);
    let line = |(id, row): (&CategoryId, Option<CategoryRow>)| line(id, row.map(known), shows_names);
    Ok(ids.iter().zip(rows).map(line).collect())
}

/// True if the names of what a coupon is for are shown: who sees coupons may see nothing of the catalogue.
pub(super) fn shows_names(request: &Request) -> Result<bool, Problem> {
    Ok(request.session()?.may(Access::read(Area::Catalogue)))
}

/// The address of a page, with the name of what it shows behind.
fn address(page: &str, slug: &str, name: &str) -> String {
    format!("{page}{slug}{NAME}{name}")
}

/// The line of what has this id, and is called so if it is there. Without names it is the id alone.
fn line(id: impl Display, known: Option<String>, shows_name: bool) -> Line {
    let is_gone = known.is_none();
    let text = match known {
        Some(known) if shows_name => known,
        None if shows_name => format!("{id}{NAME}{GONE}"),
        _ => id.to_string(),
    };
    Line { id: id.to_string(), text, is_gone }
}

/// The lines of a text that are not blank, with their numbers; too many of them are looked up by nobody.
fn lines<'a>(text: &'a str, pointer: &str, most: usize, list: List) -> Result<Vec<(usize, &'a str)>, FieldError> {
    let lines = (1_usize..).zip(text.lines().map(str::trim)).filter(|(_, line)| !line.is_empty());
    let lines: Vec<(usize, &str)> = lines.collect();
    if lines.len() > most {
        return Err(FieldError::new(pointer, Code::TooLong, list.too_long()));
    }
    Ok(lines)
}

/// What a line means.
#[derive(Debug, PartialEq, Eq)]
enum Meant<Id> {
    /// What has this id.
    Id(Id),
    /// What has this slug, if there is such a thing.
    Slug(String),
}

/// What a line means, where `page` stands before the slug in an address. What is no address is a name as a whole, in which slashes,
/// question marks and dashes are nothing special: «Kit 1/2» is never a product of slug `2`.
fn meant<Id: FromStr>(line: &str, page: &str) -> Meant<Id> {
    let before = line.split(NAME).next().unwrap_or_default().trim();
    let is_address = before.starts_with('/') || before.contains("://") || before.contains(page);
    let part = if is_address { last_part(before) } else { before };
    match part.parse::<Id>() {
        Ok(id) => Meant::Id(id),
        Err(_) => Meant::Slug(slugify(if is_address { part } else { line })),
    }
}

/// The last part of an address.
fn last_part(address: &str) -> &str {
    let path = address.split(['?', '#']).next().unwrap_or_default().trim().trim_end_matches('/');
    path.rsplit('/').next().unwrap_or_default().trim()
}

fn unknown(pointer: &str, what: &str, line: &str) -> FieldError {
    let line: String = line.chars().take(100).collect();
    let detail = format!("Não há {what} de endereço ou nome «{line}».");
    FieldError::new(pointer, Code::UnknownReference, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e";

    #[test]
    fn f08_a_line_is_an_address_a_part_of_one_an_id_or_a_name() {
        for (line, slug) in [
            ("camisa-azul", "camisa-azul"),
            ("Camisa Azul", "camisa-azul"),
            ("https://moda.example/product/camisa-azul?cor=1#fotos", "camisa-azul"),
            ("moda.example/product/camisa-azul", "camisa-azul"),
            ("/product/camisa-azul/", "camisa-azul"),
            ("/product/camisa-azul — Camisa 1/2 — de linho", "camisa-azul"),
            ("Kit 1/2", "kit-1-2"),
            ("Qual? #2", "qual-2"),
            ("Copo — 2", "copo-2"),
            ("/", ""),
            ("?", ""),
        ] {
            assert_eq!(meant::<ProductId>(line, PRODUCT), Meant::Slug(slug.to_owned()), "{line}");
        }
        for line in [ID.to_owned(), format!("{ID}{NAME}{GONE}"), format!("https://moda.example/admin/products/{ID}")] {
            assert!(matches!(meant::<ProductId>(&line, PRODUCT), Meant::Id(id) if id.to_string() == ID), "{line}");
        }
    }

    #[test]
    fn f08_a_line_that_the_form_is_filled_with_means_the_same_whatever_the_name_is() {
        let known = |name: &str| Some(address(PRODUCT, "kit", name));
        for name in ["Azul", "Kit 1/2", "Um — dois", "/product/outro", "https://outra.example/"] {
            let filled = line(ID, known(name), true);
            assert_eq!(meant::<ProductId>(&filled.text, PRODUCT), Meant::Slug("kit".to_owned()), "{name}");
        }
        for (filled, text, is_gone) in [
            (line(ID, known("Kit"), false), ID.to_owned(), false),
            (line(ID, None, false), ID.to_owned(), true),
            (line(ID, None, true), format!("{ID}{NAME}{GONE}"), true),
        ] {
            assert_eq!(filled, Line { id: ID.to_owned(), text, is_gone });
        }
    }

    #[test]
    fn f08_what_is_refused_is_said_by_the_number_of_its_line() {
        let mut found = Named::new();
        for (number, id) in [(None, 'z'), (Some(2), 'a'), (Some(3), 'a'), (Some(4), 'z'), (Some(5), 'b')] {
            found.add(number, id);
        }
        assert_eq!(found, Named { ids: vec!['z', 'a', 'b'], numbers: vec![None, Some(2), Some(5)] });
        let numbers = Numbers { products: found.numbers, categories: vec![Some(1)] };
        let error = |pointer: &str| FieldError::new(pointer, Code::UnknownReference, "Não há.");
        let wrong = ["/products/0", "/products/2", "/categories/0", "/products/7", "/products", "/code"].map(error);
        let said: Vec<_> = numbers.said(Problem::fields(wrong.into())).errors;
        let said: Vec<_> = said.iter().map(|error| (error.pointer.as_str(), error.detail.as_str())).collect();
        let expected = [
            ("/chosen", GONE_CHOSEN),
            ("/products", "Linha 5: Não há."),
            ("/categories", "Linha 1: Não há."),
            ("/products/7", "Não há."),
            ("/products", "Não há."),
            ("/code", "Não há."),
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn f08_what_is_ticked_is_each_product_once_and_no_more_than_a_coupon_takes() {
        let id = |number: usize| format!("018f4d7e-3c1b-7a52-9d0e-{number:012}");
        let texts = |number: usize| (0..number).map(id).collect::<Vec<_>>();
        assert_eq!(ticked(&[id(7), id(8), id(7)]).map(|found| found.ids.len()), Ok(2));
        assert!(ticked(&texts(limits::COUPON_PRODUCTS)).is_ok());
        let refused = |texts: &[String]| ticked(texts).map_err(|error| (error.pointer, error.code)).err();
        assert_eq!(refused(&texts(limits::COUPON_PRODUCTS + 1)), Some((CHOSEN.to_owned(), Code::TooLong)));
        assert_eq!(refused(&["bermuda".to_owned()]), Some((CHOSEN.to_owned(), Code::UnknownReference)));
    }

    #[test]
    fn more_lines_than_a_coupon_takes_are_looked_up_by_nobody() {
        let text = |number: usize| "camisa\n\n".repeat(number);
        assert!(lines(&text(100), "/products", 100, PRODUCTS).is_ok_and(|lines| lines.len() == 100));
        let refused = lines(&text(101), "/products", 100, PRODUCTS).err();
        assert!(refused.is_some_and(|error| error.detail == "O cupom pode ter até 100 produtos."));
    }
}
