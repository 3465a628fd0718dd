//! The description of the routes: OpenAPI 3.1, made from the table, so that it can't differ from what answers.

use feira_schemas::{
    staff::{OPERATORS_PANEL, SHOP_PANEL},
    topics::{self, Context},
};
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    body::BodyKind,
    query::{Kind, Parameter, REPEATS},
    route::{Answer, Auth, HostKind, Route},
};
use crate::sessions::is_below;

/// The media type of every problem.
const PROBLEM: &str = "application/problem+json";

/// The headers of answers that say what is left of quotas.
const QUOTAS: &[&str] = &["RateLimit", "RateLimit-Policy"];

/// The document for these routes and the schemas that they name.
pub fn document(routes: &[Route], schemas: &[(&'static str, Value)]) -> Value {
    let mut paths = Map::new();
    for route in routes {
        let methods = paths.entry(route.path).or_insert_with(|| json!({}));
        // A path may exist on both kinds of host, such as `/`; the one listed first is described.
        let method = route.method.as_str().to_ascii_lowercase();
        if methods.get(&method).is_none() {
            methods[method] = operation(route);
        }
    }
    let schemas: Map<String, Value> =
        schemas.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Feira",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Shops' APIs live on each shop's host, the operator's on the platform's. Errors are RFC 9457 problems. \
                            Every write answers `Feira-Position`; a read that sends it as `Feira-At-Least` shows that write.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "headers": headers(),
            "securitySchemes": {
                "shop_token": {"type": "http", "scheme": "bearer", "description": "A token of the shop."},
                "operator_token": {"type": "http", "scheme": "bearer", "description": "The operator's token."},
                "payments_credential": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A credential of the shop's for payments, which opens nothing else.",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "__Host-feira_session",
                    "description": "The session of a member of staff, which the log-in gives.",
                },
            },
        },
    })
}

fn operation(route: &Route) -> Value {
    let mut operation = json!({
        "operationId": operation_id(route),
        "summary": route.summary,
        "tags": [tag(route)],
        "parameters": parameters(route),
        "responses": responses(route),
    });
    match route.auth {
        Auth::None => operation["security"] = json!([]),
        Auth::Staff(_) => operation["security"] = json!([{"shop_token": []}]),
        Auth::Operator => operation["security"] = json!([{"operator_token": []}]),
        Auth::Payments => operation["security"] = json!([{"payments_credential": []}]),
        Auth::Session(_) => operation["security"] = json!([{"session": []}]),
    }
    if let Some(body) = &route.body {
        operation["requestBody"] = json!({"required": true, "content": contents(&body.content)});
    }
    operation
}

fn operation_id(route: &Route) -> String {
    let words = route.path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let path = words.collect::<Vec<_>>().join("_");
    let host = if route.host == HostKind::Platform { "platform_" } else { "" };
    format!("{}_{host}{path}", route.method.as_str().to_ascii_lowercase()).trim_end_matches('_').to_owned()
}

fn tag(route: &Route) -> &'static str {
    match (route.host, route.path) {
        (_, path) if path.starts_with("/api/admin/") => "admin",
        (_, path) if path.starts_with("/api/store/") => "store",
        (_, path) if path.starts_with("/api/operator/") => "operator",
        (_, path) if path.starts_with("/api/payments/") => "payments",
        (_, path) if [OPERATORS_PANEL, SHOP_PANEL].iter().any(|panel| is_below(panel, path)) => "panel",
        (_, path) if path.starts_with("/api/signup/") => "signup",
        (HostKind::Shop, _) => "shop",
        _ => "platform",
    }
}

fn parameters(route: &Route) -> Vec<Value> {
    let path = route
        .path_parameters()
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": path_parameter(name)}));
    let mut all: Vec<Value> = path.chain(route.query.iter().map(parameter)).collect();
    let header = |name: &str, schema: Value, what: &str| json!({"name": name, "in": "header", "required": false, "schema": schema, "description": what});
    if route.is_api() {
        let what = match route.method == http::Method::GET {
            true => "Positions the answer must show, comma separated.",
            false => "Positions that must be seen before what the request names is looked up, comma separated.",
        };
        all.push(header("Feira-At-Least", positions(), what));
    }
    if route.answers.iter().any(|answer| answer.status == 304) {
        all.push(header(
            "If-None-Match",
            json!({"type": "string"}),
            "An `ETag` of an earlier answer: if it is still the present version, the answer is 304.",
        ));
    }
    if route.keyed {
        let key = json!({"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"});
        all.push(header("Idempotency-Key", key, "The same key and body are done once in 24 hours; again, they get the same answer, or the one that the route says."));
    }
    if route.versioned {
        let version = json!({"type": "string", "pattern": r#"^(\*|"[0-9]{1,18}")$"#, "example": "\"7\""});
        all.push(header("If-Match", version, "The version that is to be changed; another one is refused with 412."));
    }
    all
}

/// The schema of a path's parameter; a name means the same in every path.
fn path_parameter(name: &str) -> Value {
    match name {
        "topic" => {
            let names: Vec<String> = topics::all(1).into_iter().map(|(name, ..)| name).collect();
            json!({"type": "string", "enum": names})
        }
        _ => json!({"type": "string", "minLength": 1, "maxLength": 1024}),
    }
}

/// `Feira-At-Least`: one position or several.
fn positions() -> Value {
    let contexts = Context::ALL.map(Context::name).join("|");
    let one = format!(r"({contexts})\.[0-9]{{1,4}}\.[0-9]{{1,18}}");
    json!({"type": "string", "pattern": format!("^{one}(, ?{one}){{0,15}}$"), "example": "admin.3.1769000000000000"})
}

fn parameter(parameter: &Parameter) -> Value {
    let mut one = match parameter.kind {
        Kind::Text(most) => json!({"type": "string", "maxLength": most}),
        Kind::Integer(least, most) => json!({"type": "integer", "minimum": least, "maximum": most}),
        Kind::OneOf(words) => json!({"type": "string", "enum": words}),
        Kind::Flag => json!({"type": "boolean"}),
    };
    if let Some(pattern) = parameter.pattern {
        one["pattern"] = json!(pattern);
    }
    let schema = if parameter.repeatable { json!({"type": "array", "items": one, "maxItems": REPEATS}) } else { one };
    json!({"name": parameter.name, "in": "query", "required": false, "schema": schema, "description": parameter.what})
}

fn contents(contents: &[(&'static str, &'static str)]) -> Value {
    let entry = |(media, schema): &(&str, &str)| ((*media).to_owned(), json!({"schema": reference(schema)}));
    Value::Object(contents.iter().map(entry).collect())
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

fn responses(route: &Route) -> Value {
    let mut responses = Map::new();
    for answer in &route.answers {
        responses.insert(answer.status.to_string(), response(route, answer));
    }
    for status in problems(route) {
        let said = contents(&problem_contents(route));
        match responses.get_mut(&status.to_string()) {
            // The route says something else with this status; what is refused before it is reached is a problem all the same.
            Some(own) => {
                for (media, schema) in said.as_object().into_iter().flatten() {
                    own["content"][media] = schema.clone();
                }
            }
            None => drop(responses.insert(status.to_string(), problem(status, said))),
        }
    }
    for (status, what) in [(414, "The address is longer than 64 KiB."), (431, "The headers are too many or too long.")]
    {
        responses.insert(status.to_string(), json!({"description": what}));
    }
    Value::Object(responses)
}

/// True if answers say what is left of quotas: those of the APIs that shops' programs use.
fn counted(route: &Route) -> bool {
    route.is_api() && route.auth != Auth::Operator
}

fn response(route: &Route, answer: &Answer) -> Value {
    let mut response = json!({"description": answer.what});
    if let Some(content) = &answer.content {
        response["content"] = contents(&[*content]);
    }
    let quotas = if counted(route) { QUOTAS } else { &[] };
    let headers = answer.headers.iter().chain(quotas);
    let headers: Map<String, Value> =
        headers.map(|name| ((*name).to_owned(), json!({"$ref": format!("#/components/headers/{name}")}))).collect();
    if !headers.is_empty() {
        response["headers"] = headers.into();
    }
    response
}

/// The problems that a route may answer: what its kind brings with it, and what it names itself.
fn problems(route: &Route) -> Vec<u16> {
    let mut statuses = vec![400, 404, 405, 500, 503];
    if route.auth != Auth::Operator && route.host != HostKind::Any {
        statuses.push(429);
    }
    match route.auth {
        Auth::None => {}
        Auth::Session(_) => statuses.push(403),
        Auth::Staff(_) => statuses.extend([401, 403]),
        Auth::Operator | Auth::Payments => statuses.push(401),
    }
    if route.own_form {
        statuses.push(403);
    }
    if route.keyed {
        statuses.extend([403, 409, 422, 429]);
    }
    if route.versioned {
        statuses.push(412);
    }
    if let Some(BodyKind { .. }) = &route.body {
        statuses.extend([413, 415, 422]);
    }
    statuses.extend(route.problems);
    statuses.sort_unstable();
    statuses.dedup();
    statuses
}

/// Media types of a route's problems, each with its schema. Outside the API, what is refused before the route is reached is a page,
/// whatever the route itself says.
fn problem_contents(route: &Route) -> Vec<(&'static str, &'static str)> {
    let (json, page) = ((PROBLEM, "Problem"), ("text/html", "Html"));
    match route.dialect {
        Some(dialect) => vec![dialect.content],
        None if route.is_api() => vec![json],
        None if route.page => vec![page],
        None => vec![json, page],
    }
}

fn problem(status: u16, content: Value) -> Value {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Problem");
    let mut response = json!({"description": reason, "content": content});
    let header = match status {
        401 => Some("WWW-Authenticate"),
        405 => Some("Allow"),
        429 | 503 => Some("Retry-After"),
        _ => None,
    };
    if let Some(name) = header {
        response["headers"] = json!({name: {"$ref": format!("#/components/headers/{name}")}});
    }
    response
}

fn headers() -> Value {
    // An answer that is described with a header carries it.
    let text = |what: &str| json!({"description": what, "required": true, "schema": {"type": "string"}});
    json!({
        "Feira-Position": text("From here on the change is visible: context.partition.write_ts."),
        "Location": text("Where the new entity, or the command, is read."),
        "Content-Location": text("Where what is in the answer is read."),
        "ETag": text("Names this version of what is answered, in quotation marks."),
        "Cache-Control": text("How long the answer may be kept."),
        "WWW-Authenticate": text("The kind of credential that is asked for."),
        "Allow": text("The methods of this address."),
        "Feira-Products": text("The number of products of an import's file, each of which gets a line."),
        "Retry-After": text("Seconds to wait before asking again."),
        "RateLimit": text("Per quota that the request counts for: how many requests are left (r), and seconds until all are again (t)."),
        "RateLimit-Policy": text("The quotas that the request counts for: so many requests (q) in so many seconds (w)."),
    })
}
