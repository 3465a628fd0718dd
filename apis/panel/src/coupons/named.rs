//! The products and categories of a coupon as people name them, one a line: by the page's address, by its last part, by the name that the
//! address is made of, or by the id. A line that the form is filled with has the name behind.

use feira_schemas::{
    api::{
        coupon::{CATEGORIES, PRODUCTS},
        rules::List,
    },
    catalogue::slugify,
    ids::{CategoryId, ProductId},
    limits,
    problem::{Code, FieldError},
    rows::admin::{CategoryRow, CategorySlugRow, ProductRow, ProductSlugRow},
    topics::Context,
};
use feira_web::{context::Api, problem::Problem, reads, routing::Request};

/// What stands between an address and a name.
const NAME: &str = " — ";
/// What stands in the place of the name of what was deleted.
const GONE: &str = "não existe mais";

/// What is named, or what is wrong with it.
type Found<Id> = Result<Vec<Id>, FieldError>;

/// The products that the lines of a text name.
pub(super) async fn products(api: &Api, request: &Request, text: &str) -> Result<Found<ProductId>, Problem> {
    let lines = match lines(text, "/products", limits::COUPON_PRODUCTS, PRODUCTS) {
        Ok(lines) => lines,
        Err(error) => return Ok(Err(error)),
    };
    reads::point(api, request, Context::Admin).await?;
    let mut found = Vec::with_capacity(lines.len());
    for line in lines {
        let part = last_part(line);
        let id = match part.parse::<ProductId>() {
            Ok(id) => Some(id),
            Err(_) => {
                let key = ProductSlugRow::at(request.tenant, &slugify(part));
                api.platform.state.get::<ProductSlugRow>(&key).await?.map(|row| row.product_id)
            }
        };
        match id {
            Some(id) => found.push(id),
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
    let mut found = Vec::with_capacity(lines.len());
    for line in lines {
        let part = last_part(line);
        let id = match part.parse::<CategoryId>() {
            Ok(id) => Some(id),
            Err(_) => {
                let key = CategorySlugRow::at(request.tenant, &slugify(part));
                api.platform.state.get::<CategorySlugRow>(&key).await?.map(|row| row.category_id)
            }
        };
        match id {
            Some(id) => found.push(id),
            None => return Ok(Err(unknown("/categories", "categoria", line))),
        }
    }
    Ok(Ok(found))
}

/// The lines of these products, one after the other: each may be megabytes.
pub(super) async fn product_lines(api: &Api, request: &Request, ids: &[ProductId]) -> Result<String, Problem> {
    let mut lines = Vec::with_capacity(ids.len());
    for id in ids {
        let row = api.platform.state.get::<ProductRow>(&ProductRow::at(request.tenant, *id)).await?;
        let (address, name) =
            row.map_or_else(|| (id.to_string(), GONE.to_owned()), |row| (row.product.slug, row.product.name));
        lines.push(format!("{address}{NAME}{name}"));
    }
    Ok(lines.join("\n"))
}

/// The lines of these categories.
pub(super) async fn category_lines(api: &Api, request: &Request, ids: &[CategoryId]) -> Result<String, Problem> {
    let keys: Vec<_> = ids.iter().map(|id| CategoryRow::at(request.tenant, *id)).collect();
    let rows = api.platform.state.get_many::<CategoryRow>(&keys).await?;
    let line = |(id, row): (&CategoryId, Option<CategoryRow>)| match row {
        Some(row) => format!("{}{NAME}{}", row.category.slug, row.category.name),
        None => format!("{id}{NAME}{GONE}"),
    };
    Ok(ids.iter().zip(rows).map(line).collect::<Vec<_>>().join("\n"))
}

/// The lines of a text that are not blank; too many of them are looked up by nobody.
fn lines<'a>(text: &'a str, pointer: &str, most: usize, list: List) -> Result<Vec<&'a str>, FieldError> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.len() > most {
        return Err(FieldError::new(pointer, Code::TooLong, list.too_long()));
    }
    Ok(lines)
}

/// What a line names: the last part of its address, without the name behind it.
fn last_part(line: &str) -> &str {
    let address = line.split(NAME).next().unwrap_or_default();
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

    #[test]
    fn a_line_is_an_address_a_part_of_one_or_a_name() {
        for line in [
            "camisa-azul",
            "camisa-azul — Camisa azul — de linho",
            "https://moda.example/product/camisa-azul?cor=1#fotos",
            "/product/camisa-azul/",
        ] {
            assert_eq!(last_part(line), "camisa-azul", "{line}");
        }
        assert_eq!(slugify(last_part("Camisa Azul")), "camisa-azul");
        assert_eq!((last_part("/"), last_part("?")), ("", ""));
    }

    #[test]
    fn more_lines_than_a_coupon_takes_are_looked_up_by_nobody() {
        let text = |number: usize| "camisa\n\n".repeat(number);
        assert!(lines(&text(100), "/products", 100, PRODUCTS).is_ok_and(|lines| lines.len() == 100));
        let refused = lines(&text(101), "/products", 100, PRODUCTS).err();
        assert!(refused.is_some_and(|error| error.detail == "O cupom pode ter até 100 produtos."));
    }
}
