//! A gateway that repeats what it was sent: before a simulator, all of whose answers pass unchanged but those to a charge that it is to
//! refuse. Such a charge is refused in the vendor's form, with each text of the request in a sentence and in the name of a field.

use std::net::SocketAddr;

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use tokio::task::JoinHandle;
use warp::{
    Filter,
    http::{HeaderMap, Method, Response, StatusCode, header},
    path::FullPath,
};

use super::super::process::client;

/// The word in a charge's description that has it refused.
pub const REFUSED: &str = "RECUSADA";

/// It, for as long as this is kept.
pub struct Quoting {
    pub base: String,
    server: JoinHandle<()>,
}

impl Quoting {
    /// Stands before the simulator at this address.
    #[allow(clippy::disallowed_methods)] // A test's server asks for no bounds: the process under test is its one client.
    pub async fn before(simulator: &str) -> Self {
        let simulator = simulator.to_owned();
        let query = warp::query::raw().or(warp::any().map(String::new)).unify();
        let request = warp::method().and(warp::path::full()).and(query).and(warp::header::headers_cloned());
        let route = request.and(warp::body::bytes()).then(move |method, path: FullPath, query, headers, body| {
            answer(format!("{simulator}{}?{query}", path.as_str()), method, headers, body)
        });
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(warp::serve(route).incoming(listener).run());
        Self { base, server }
    }
}

impl Drop for Quoting {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(url: String, method: Method, mut headers: HeaderMap, body: Bytes) -> Response<Bytes> {
    let text = String::from_utf8_lossy(&body).into_owned();
    if method == Method::POST && text.contains(REFUSED) {
        return refused(&text);
    }
    headers.remove(header::HOST);
    headers.remove(header::CONTENT_LENGTH);
    headers.remove(header::TRANSFER_ENCODING);
    let answered = client().request(method, url).headers(headers).body(body).send().await.unwrap();
    let mut response = Response::builder().status(answered.status());
    for (name, value) in answered.headers() {
        if ![header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION].contains(name) {
            response = response.header(name, value);
        }
    }
    response.body(answered.bytes().await.unwrap()).unwrap()
}

fn refused(request: &str) -> Response<Bytes> {
    let (status, body) = match serde_json::from_str::<Value>(request) {
        Ok(order) => (StatusCode::UNPROCESSABLE_ENTITY, of_pagarme(&order)),
        Err(_) => (StatusCode::BAD_REQUEST, of_stripe(&percent_decode_str(request).decode_utf8_lossy())),
    };
    let response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
    response.body(body.to_string().into()).unwrap()
}

/// `{message, errors: {"field.path": ["text"]}}`. The buyer comes first: of many errors not all are kept.
fn of_pagarme(order: &Value) -> Value {
    let mut texts = Vec::new();
    for part in ["customer", "shipping", "payments"] {
        leaves(&order[part], &format!("order.{part}"), &mut texts);
    }
    let mut errors = Map::new();
    for (path, text) in &texts {
        let named = json!([format!("The value '{text}' is not accepted.")]);
        errors.insert(path.clone(), named.clone());
        errors.insert(format!("{path}[{text}]"), named);
    }
    json!({"message": format!("The request is invalid: {order}"), "errors": errors})
}

fn leaves(value: &Value, path: &str, texts: &mut Vec<(String, String)>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| leaves(value, &format!("{path}.{name}"), texts))
        }
        Value::Array(items) => items.iter().for_each(|item| leaves(item, &format!("{path}[0]"), texts)),
        Value::String(text) => texts.push((path.to_owned(), text.clone())),
        _ => {}
    }
}

/// `{error: {type, code, param, message}}`.
fn of_stripe(form: &str) -> Value {
    let fields: Vec<&str> =
        form.split('&').filter(|field| field.contains("billing_details") || field.contains("email")).collect();
    let quoted = if fields.is_empty() { form.to_owned() } else { fields.join(" ") };
    json!({"error": {
        "type": "invalid_request_error", "code": "parameter_invalid", "param": quoted, "message": format!("Invalid: {quoted}"),
    }})
}
