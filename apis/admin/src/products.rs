//! Products: reading, making, replacing, patching and removing them.

use std::sync::{Arc, LazyLock};

use feira_schemas::{
    api::{
        product::{DESCRIPTION, ProductBody, product_content, product_json, schemas},
        rules::Errors,
    },
    ids::ProductId,
    limits,
    records::{
        AdminCommand,
        admin::{CreateProduct, DeleteProduct, PatchProduct, Product, ProductContent, ReplaceProduct},
        common::CommandMeta,
    },
    topics::Context,
};
use feira_web::{
    context::Api,
    json, markup,
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area},
    writes::{self, Decided, NotDecided},
};
use http::Method;
use serde_json::{Map, Value};

use super::kinds::{changing, creating, reading, removing};

const ALL: &str = "/api/admin/v1/products";
const ONE: &str = "/api/admin/v1/products/{id}";

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<json::Schemas> = LazyLock::new(|| json::Schemas::new(schemas()));

/// The routes of products.
pub fn routes() -> Vec<Route> {
    vec![
        reading(Route::get(ONE, read), Area::Catalogue, "Product").says("Reads a product."),
        creating(Route::new(Method::POST, ALL, create), Access::write(Area::Catalogue), "Product").takes_json("ProductBody").says("Makes a product."),
        changing(Route::new(Method::PUT, ONE, replace), Access::write(Area::Catalogue), "Product").takes_json("ProductBody").says(
            "Replaces a product; variants are matched by id, else by their options, else by SKU, and one left out is removed.",
        ),
        changing(Route::new(Method::PATCH, ONE, patch), Access::write(Area::Catalogue), "Product")
            .takes(
                vec![("application/merge-patch+json", "ProductPatch"), ("application/json", "ProductPatch")],
                limits::JSON_BODY_BYTES,
            )
            .says("Changes some fields of a product (JSON Merge Patch, RFC 7396)."),
        removing(Route::new(Method::DELETE, ONE, delete), Access::write(Area::Catalogue)).says("Removes a product."),
    ]
}

/// A change of the shop's products.
pub enum ProductChange {
    /// Makes one.
    Create(ProductBody),
    /// Replaces one as a whole.
    Replace(ProductId, ProductBody),
    /// Changes some fields of one (JSON Merge Patch, RFC 7396); the names and types of the fields are checked before.
    Patch(ProductId, Map<String, Value>),
    /// Removes one.
    Delete(ProductId),
}

/// Sends a change of the request's shop and waits for the decision. Its content is cleaned and checked first: a merchant sees
/// everything that is wrong at once, before any command is sent.
pub async fn submit(api: &Api, request: &Request, change: ProductChange) -> Result<Decided, NotDecided> {
    send(api, request, change, || writes::meta(api, request, request.tenant)).await
}

/// Sends one change of several that a request asks for, as [`submit`] does: of this version of this product. `asks` is what the request
/// asks for in words of its own: a request that comes again asks the same, whatever was made of it meanwhile.
pub async fn submit_part(
    api: &Api,
    request: &Request,
    change: ProductChange,
    (product, version): (ProductId, i64),
    asks: &str,
) -> Result<Decided, NotDecided> {
    let part = product.to_string();
    let meta = || writes::meta_of_part(api, request, request.tenant, (&part, asks), Some(version));
    send(api, request, change, meta).await
}

/// Makes the command of a change, and sends it.
async fn send(
    api: &Api,
    request: &Request,
    change: ProductChange,
    meta: impl Fn() -> Result<CommandMeta, Problem>,
) -> Result<Decided, NotDecided> {
    let command = match change {
        ProductChange::Create(body) => {
            let content = content(body).await?;
            AdminCommand::CreateProduct(CreateProduct { meta: meta()?, content })
        }
        ProductChange::Replace(product_id, body) => {
            let content = content(body).await?;
            AdminCommand::ReplaceProduct(ReplaceProduct { meta: meta()?, product_id, content })
        }
        ProductChange::Patch(product_id, mut patch) => {
            if let Some(Value::String(description)) = patch.get_mut("description") {
                *description = clean(std::mem::take(description)).await?;
            }
            let merge_patch = Value::Object(patch).to_string();
            AdminCommand::PatchProduct(PatchProduct { meta: meta()?, product_id, merge_patch })
        }
        ProductChange::Delete(product_id) => AdminCommand::DeleteProduct(DeleteProduct { meta: meta()?, product_id }),
    };
    writes::send(api, request, command).await
}

/// A product of the request's shop, as it is at the position that the request asks for.
pub async fn load(api: &Api, request: &Request, id: ProductId) -> Result<Product, Problem> {
    reads::point(api, request, Context::Admin).await?;
    reads::product(&api.platform.state, request.tenant, id).await
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let product = load(&api, &request, product_id(&request)?).await?;
    Ok(reply::entity(&request.headers, &product_json(&product), product.version))
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body = json::read(&BODIES, &request.body, "ProductBody")?;
    answer(&api, &request, ProductChange::Create(body)).await
}

async fn replace(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = product_id(&request)?;
    let body = json::read(&BODIES, &request.body, "ProductBody")?;
    answer(&api, &request, ProductChange::Replace(id, body)).await
}

async fn patch(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = product_id(&request)?;
    let patch = json::read_patch(&BODIES, &request.body, "ProductPatch")?;
    answer(&api, &request, ProductChange::Patch(id, patch)).await
}

async fn delete(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = product_id(&request)?;
    answer(&api, &request, ProductChange::Delete(id)).await
}

async fn answer(api: &Api, request: &Request, change: ProductChange) -> Result<Response, Problem> {
    writes::answer(submit(api, request, change).await, |id| format!("{ALL}/{id}"))
}

/// The product that a path names.
pub(super) fn product_id(request: &Request) -> Result<ProductId, Problem> {
    request.id(0, "O produto")
}

async fn content(mut body: ProductBody) -> Result<ProductContent, Problem> {
    if let Some(description) = body.description.take() {
        body.description = Some(clean(description).await?);
    }
    product_content(body).map_err(Problem::fields)
}

/// A clean description; one over the limit is refused as it was written, not as it was left after cleaning.
async fn clean(description: String) -> Result<String, Problem> {
    let mut errors = Errors::default();
    DESCRIPTION.check(&mut errors, "/description", &description);
    errors.or(()).map_err(Problem::fields)?;
    markup::clean(description).await
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::problem::Code;
    use feira_web::json::{read, read_patch};
    use serde_json::Value;

    use super::*;

    #[derive(Clone, Copy)]
    enum Sent {
        Whole,
        Patch,
    }

    fn found(body: &str, sent: Sent) -> Vec<(String, Code)> {
        let refused = match sent {
            Sent::Whole => read::<Value>(&BODIES, body.as_bytes(), "ProductBody").err(),
            Sent::Patch => read_patch(&BODIES, body.as_bytes(), "ProductPatch").err(),
        };
        refused.map(|problem| problem.errors).unwrap_or_default().into_iter().map(|e| (e.pointer, e.code)).collect()
    }

    #[test]
    fn every_wrong_type_and_name_is_found_at_its_place() {
        for (body, pointer, code) in [
            (r#"[]"#, "", Code::Malformed),
            (r#"{}"#, "/name", Code::Required),
            (r#"{"name": 7, "variants": []}"#, "/name", Code::Malformed),
            (r#"{"name": "a", "variants": [], "nme": 1}"#, "/nme", Code::Malformed),
            (
                r#"{"name": "a", "variants": [{"price": {"amount": 1.5, "currency": "BRL"}}]}"#,
                "/variants/0/price/amount",
                Code::Malformed,
            ),
            (
                r#"{"name": "a", "variants": [{"price": {"amount": 18446744073709551615, "currency": "BRL"}}]}"#,
                "/variants/0/price/amount",
                Code::OutOfRange,
            ),
            (r#"{"name": "a", "variants": [{"price": 5}]}"#, "/variants/0/price", Code::Malformed),
            (
                r#"{"name": "a", "variants": [{"price": {"amount": 1, "currency": "BRL", "x": 1}}]}"#,
                "/variants/0/price/x",
                Code::Malformed,
            ),
            (r#"{"name": "a", "variants": [{"options": {"Cor": 1}}]}"#, "/variants/0/options/Cor", Code::Malformed),
            (r#"{"name": "a", "variants": [], "status": "gone"}"#, "/status", Code::Invalid),
            (r#"{"name": "a", "variants": [], "a/b~c": 1}"#, "/a~1b~0c", Code::Malformed),
        ] {
            let found = found(body, Sent::Whole);
            assert!(found.contains(&(pointer.to_owned(), code)), "{body} → {found:?}");
        }
    }

    #[test]
    fn no_control_character_comes_in_and_lines_break_in_descriptions_alone() {
        let options = r#""options": [{"name": "Cor", "values": ["Az\u0007ul"]}]"#;
        for (body, mode, pointer) in [
            (r#"{"name": "Co\u0000pos", "variants": []}"#.to_owned(), Sent::Whole, "/name"),
            (r#"{"name": "a", "variants": [], "description": "a\u000bb"}"#.to_owned(), Sent::Whole, "/description"),
            (r#"{"name": "a", "variants": [], "vendor": "a\nb"}"#.to_owned(), Sent::Whole, "/vendor"),
            (r#"{"tags": ["a", "b\u0085"]}"#.to_owned(), Sent::Patch, "/tags/1"),
            (r#"{"seo": {"title": "a\tb"}}"#.to_owned(), Sent::Patch, "/seo/title"),
            (format!("{{{options}}}"), Sent::Patch, "/options/0/values/0"),
            (
                r#"{"variants": [{"price": {"amount": 1, "currency": "BRL"}, "sku": "\u001f"}]}"#.to_owned(),
                Sent::Patch,
                "/variants/0/sku",
            ),
            (
                r#"{"variants": [{"price": {"amount": 1, "currency": "BRL"}, "options": {"C\u0001": "x"}}]}"#
                    .to_owned(),
                Sent::Patch,
                "/variants/0/options/C\u{1}",
            ),
        ] {
            assert_eq!(found(&body, mode), [(pointer.to_owned(), Code::Invalid)], "{body}");
        }
        let lines = r#"{"description": "<p>a</p>\r\n\t<p>b</p>", "seo": {"description": "a\nb"}}"#;
        assert_eq!(found(lines, Sent::Patch), []);
    }

    #[test]
    fn a_patch_may_leave_out_and_remove_but_not_what_is_required() {
        assert_eq!(found(r#"{"vendor": null, "seo": {"title": null}, "tags": ["a"]}"#, Sent::Patch), []);
        assert_eq!(found(r#"{"name": null}"#, Sent::Patch), [("/name".to_owned(), Code::Required)]);
        assert_eq!(found(r#"{"tags": [null]}"#, Sent::Patch), [("/tags/0".to_owned(), Code::Malformed)]);
        assert_eq!(found("null", Sent::Patch), [(String::new(), Code::Malformed)]);
    }
}
