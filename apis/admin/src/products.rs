//! Products: reading, making, replacing, patching and removing them.

use std::sync::{Arc, LazyLock};

use feira_schemas::{
    catalogue::{ProductBody, product_content, product_json},
    ids::ProductId,
    limits,
    problem::{Code, FieldError},
    records::{
        AdminCommand,
        admin::{CreateProduct, DeleteProduct, PatchProduct, ProductContent, ReplaceProduct},
    },
    refusals,
    topics::Context,
};
use feira_web::{
    context::Api,
    json, markup,
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Request, Route},
    schemas::{
        Named, id, id_or_none, id_or_null, list_of, object, page_of, reference, slug_or_none, text, text_or_null, time,
        version, words,
    },
    staff::Permission,
    writes,
};
use http::Method;
use serde_json::{Value, json};

use super::kinds::{changing, creating, reading, removing};

const ALL: &str = "/api/admin/v1/products";
const ONE: &str = "/api/admin/v1/products/{id}";

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<json::Schemas> = LazyLock::new(|| json::Schemas::new(schemas()));

/// The routes of products.
pub fn routes() -> Vec<Route> {
    vec![
        reading(Route::get(ONE, read), "Product").says("Reads a product."),
        creating(Route::new(Method::POST, ALL, create), Permission::Catalogue, "Product").takes_json("ProductBody").says("Makes a product."),
        changing(Route::new(Method::PUT, ONE, replace), Permission::Catalogue, "Product").takes_json("ProductBody").says(
            "Replaces a product; variants are matched by id, else by their options, else by SKU, and one left out is removed.",
        ),
        changing(Route::new(Method::PATCH, ONE, patch), Permission::Catalogue, "Product")
            .takes(
                vec![("application/merge-patch+json", "ProductPatch"), ("application/json", "ProductPatch")],
                limits::JSON_BODY_BYTES,
            )
            .says("Changes some fields of a product (JSON Merge Patch, RFC 7396)."),
        removing(Route::new(Method::DELETE, ONE, delete), Permission::Catalogue).says("Removes a product."),
    ]
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = product_id(&request)?;
    reads::point(&api, &request, Context::Admin).await?;
    let product = reads::product(&api.platform.state, request.tenant, id).await?;
    Ok(reply::entity(&request.headers, &product_json(&product), product.version))
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let content = content(&request).await?;
    let meta = writes::meta(&api, &request, request.tenant)?;
    let command = AdminCommand::CreateProduct(CreateProduct { meta, content });
    writes::answer(&api, &request, command, |id| format!("{ALL}/{id}")).await
}

async fn replace(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let product_id = product_id(&request)?;
    let content = content(&request).await?;
    let meta = writes::meta(&api, &request, request.tenant)?;
    let command = AdminCommand::ReplaceProduct(ReplaceProduct { meta, product_id, content });
    writes::answer(&api, &request, command, |id| format!("{ALL}/{id}")).await
}

async fn patch(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let product_id = product_id(&request)?;
    let mut patch = json::read_patch(&BODIES, &request.body, "ProductPatch")?;
    if let Some(Value::String(description)) = patch.get_mut("description") {
        *description = clean(std::mem::take(description)).await?;
    }
    let meta = writes::meta(&api, &request, request.tenant)?;
    let merge_patch = Value::Object(patch).to_string();
    let command = AdminCommand::PatchProduct(PatchProduct { meta, product_id, merge_patch });
    writes::answer(&api, &request, command, |id| format!("{ALL}/{id}")).await
}

async fn delete(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let product_id = product_id(&request)?;
    let meta = writes::meta(&api, &request, request.tenant)?;
    let command = AdminCommand::DeleteProduct(DeleteProduct { meta, product_id });
    writes::answer(&api, &request, command, |id| format!("{ALL}/{id}")).await
}

/// The product that a path names.
pub(super) fn product_id(request: &Request) -> Result<ProductId, Problem> {
    request.id(0, "O produto")
}

/// The body, cleaned and checked: a merchant sees everything that is wrong at once, before any command is sent.
async fn content(request: &Request) -> Result<ProductContent, Problem> {
    let mut body: ProductBody = json::read(&BODIES, &request.body, "ProductBody")?;
    if let Some(description) = body.description.take() {
        body.description = Some(clean(description).await?);
    }
    product_content(body).map_err(Problem::fields)
}

/// A clean description; one over the limit is refused as it was written, not as it was left after cleaning.
async fn clean(description: String) -> Result<String, Problem> {
    if description.len() > limits::DESCRIPTION_BYTES {
        let detail = refusals::description_too_long();
        return Err(Problem::fields(vec![FieldError::new("/description", Code::TooLong, detail)]));
    }
    markup::clean(description).await
}

/// The schemas of products.
pub fn schemas() -> Vec<Named> {
    let mut product = fields(false);
    product.extend([
        ("slug", text()),
        ("description", text()),
        ("category_id", id_or_null()),
        ("variants", list_of(reference("Variant"))),
        ("id", id()),
        ("version", version()),
        ("images", list_of(reference("ProductImage"))),
        ("created_at", time()),
        ("updated_at", time()),
    ]);
    let required =
        ["id", "version", "name", "slug", "description", "tags", "status", "featured", "options", "variants"];
    let required = [&required[..], &["images", "created_at", "updated_at"]].concat();
    vec![
        ("ProductBody", object(&fields(false), &["name", "variants"])),
        ("ProductPatch", object(&fields(true), &[])),
        ("Product", object(&product, &required)),
        ("ProductCard", card()),
        ("ProductPage", page_of("ProductCard")),
        ("Option", option()),
        ("VariantBody", object(&variant(true), &["price"])),
        ("Variant", object(&variant(false), &["id", "options", "price", "tracked"])),
        (
            "Seo",
            object(
                &[
                    ("title", limited_or_null(limits::NAME_CHARS)),
                    ("description", several_lines(limited_or_null(limits::SEO_DESCRIPTION_CHARS))),
                ],
                &[],
            ),
        ),
    ]
}

/// The schema of a product in a list.
fn card() -> Value {
    let word = text();
    let values = json!({"type": "array", "items": word, "maxItems": limits::CARD_OPTION_VALUES});
    let option = object(&[("name", text()), ("values", values)], &["name", "values"]);
    let fields = [
        ("id", id()),
        ("version", version()),
        ("status", json!({"type": "string", "enum": ["draft", "published"]})),
        ("slug", text()),
        ("name", text()),
        ("vendor", text_or_null()),
        ("featured", json!({"type": "boolean"})),
        ("category_id", id_or_null()),
        ("price", reference("Money")),
        ("price_to", reference("Money")),
        ("compare_at_price", json!({"anyOf": [reference("Money"), {"type": "null"}]})),
        ("available", json!({"type": "boolean", "description": "Whether buyers can buy any variant now."})),
        ("options", list_of(option)),
        ("images", json!({"type": "array", "items": reference("ProductImage"), "maxItems": limits::CARD_IMAGES})),
        ("created_at", time()),
        ("updated_at", time()),
    ];
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    object(&fields, &names)
}

fn fields(patch: bool) -> Vec<(&'static str, Value)> {
    let nullable = |kind: &str| if patch { json!([kind, "null"]) } else { json!(kind) };
    let tag = json!({"type": "string", "maxLength": limits::TAG_CHARS});
    let seo = json!({"anyOf": [reference("Seo"), {"type": "null"}]});
    vec![
        ("name", words(limits::NAME_CHARS)),
        ("slug", slug_or_none()),
        (
            "description",
            several_lines(json!({
                "type": ["string", "null"],
                "maxLength": limits::DESCRIPTION_BYTES,
                "description": "HTML; what could harm a page, such as scripts, is removed.",
            })),
        ),
        ("category_id", id_or_none()),
        ("vendor", limited_or_null(limits::NAME_CHARS)),
        ("tags", json!({"type": nullable("array"), "items": tag, "maxItems": limits::TAGS})),
        (
            "status",
            json!({"type": nullable("string"), "enum": if patch { json!(["draft", "published", null]) } else { json!(["draft", "published"]) }}),
        ),
        ("featured", json!({"type": nullable("boolean")})),
        ("options", json!({"type": nullable("array"), "items": reference("Option"), "maxItems": limits::OPTIONS})),
        (
            "variants",
            json!({"type": "array", "items": reference("VariantBody"), "minItems": 1, "maxItems": limits::VARIANTS}),
        ),
        ("seo", seo),
    ]
}

fn option() -> Value {
    let word = words(limits::OPTION_CHARS);
    let values = json!({"type": "array", "items": word.clone(), "minItems": 1, "maxItems": limits::VARIANTS, "uniqueItems": true});
    object(&[("name", word), ("values", values)], &["name", "values"])
}

fn variant(written: bool) -> Vec<(&'static str, Value)> {
    let options = json!({
        "type": "object",
        "description": "A value for each option of the product: {\"Tamanho\": \"M\"}.",
        "additionalProperties": {"type": "string"},
    });
    let money_or_null = json!({"anyOf": [reference("Money"), {"type": "null"}]});
    let number = |most: i64| json!({"type": ["integer", "null"], "minimum": 0, "maximum": most});
    let mut fields = vec![
        ("id", if written { id_or_none() } else { id() }),
        ("sku", limited_or_null(limits::CODE_CHARS)),
        ("options", options),
        ("price", reference("Money")),
        ("compare_at_price", money_or_null.clone()),
        ("cost", money_or_null),
        ("barcode", limited_or_null(limits::CODE_CHARS)),
        ("weight_grams", number(limits::WEIGHT_GRAMS)),
        (
            "tracked",
            json!({"type": "boolean", "default": true, "description": "False: for sale without a count of its stock."}),
        ),
    ];
    if written {
        fields.push(("stock", number(limits::STOCK)));
    }
    fields
}

/// A text that may have line breaks and tabs.
fn several_lines(mut schema: Value) -> Value {
    schema[json::SEVERAL_LINES] = json!(true);
    schema
}

fn limited_or_null(most: usize) -> Value {
    let mut schema = text_or_null();
    schema["maxLength"] = json!(most);
    schema
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
