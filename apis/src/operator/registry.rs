//! The embedded schema registry over HTTP, with the paths and shapes of Confluent's REST API that readers of topics use.
//!
//! A deployment with a registry of its own has none of these: its readers ask that one.

use std::sync::Arc;

use feira_connectors::registry::{Registry, RegistryError};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    context::Api,
    problem::Problem,
    reply::{self, Response},
    routing::{Request, Route},
    schemas::{Named, object, text},
};

const MEDIA_TYPE: &str = "application/vnd.schemaregistry.v1+json";
/// Confluent's codes for what is not there.
const SUBJECT_NOT_FOUND: u32 = 40_401;
const VERSION_NOT_FOUND: u32 = 40_402;
const SCHEMA_NOT_FOUND: u32 = 40_403;

/// The routes of the registry.
pub fn routes() -> Vec<Route> {
    let route = |route: Route, what| {
        let content = Some((MEDIA_TYPE, "RegistryAnswer"));
        let route = route.on_platform().gives(200, "As Confluent's registry answers.", content);
        route.gives(404, "There is none.", Some((MEDIA_TYPE, "RegistryError"))).says(what)
    };
    vec![
        route(Route::get("/registry/schemas/ids/{id}", by_id), "A schema by its id."),
        route(Route::get("/registry/subjects", subjects), "Every subject: the full names of the record types."),
        route(Route::get("/registry/subjects/{subject}/versions", versions), "A subject's versions."),
        route(Route::get("/registry/subjects/{subject}/versions/{version}", version), "A version, or «latest»."),
        route(Route::get("/registry/config", config), "The compatibility that is kept."),
    ]
}

/// The schemas of the registry's answers.
pub fn schemas() -> Vec<Named> {
    let error = [("error_code", json!({"type": "integer"})), ("message", text())];
    vec![
        ("RegistryAnswer", json!({"type": ["object", "array"]})),
        ("RegistryError", object(&error, &["error_code", "message"])),
    ]
}

/// The registry, where it is this process' own.
fn own(api: &Api) -> Result<&Registry, Problem> {
    match &api.platform.registry {
        Registry::Embedded(_) => Ok(&api.platform.registry),
        Registry::Remote(_) => Err(Problem::no_such_address()),
    }
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let mut response = reply::with_status(status, body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    response
}

fn missing(code: u32, message: &str) -> Response {
    answer(StatusCode::NOT_FOUND, &json!({"error_code": code, "message": message}))
}

async fn by_id(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let registry = own(&api)?;
    let Ok(id) = request.param(0).parse() else { return Ok(missing(SCHEMA_NOT_FOUND, "Schema not found")) };
    match registry.schema(id).await {
        Ok(Some(schema)) => Ok(answer(StatusCode::OK, &json!({"schema": schema}))),
        Ok(None) | Err(RegistryError::NotFound(_)) => Ok(missing(SCHEMA_NOT_FOUND, "Schema not found")),
        Err(error) => Err(Problem::unavailable(error)),
    }
}

async fn subjects(api: Arc<Api>, _: Request) -> Result<Response, Problem> {
    let subjects = own(&api)?.subjects().await.map_err(Problem::unavailable)?;
    Ok(answer(StatusCode::OK, &json!(subjects)))
}

async fn versions(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    match own(&api)?.versions(request.param(0)).await {
        Ok(versions) if versions.is_empty() => Ok(missing(SUBJECT_NOT_FOUND, "Subject not found")),
        Ok(versions) => Ok(answer(StatusCode::OK, &json!(versions))),
        Err(RegistryError::NotFound(_) | RegistryError::Refused(_)) => {
            Ok(missing(SUBJECT_NOT_FOUND, "Subject not found"))
        }
        Err(error) => Err(Problem::unavailable(error)),
    }
}

async fn version(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let registry = own(&api)?;
    let (subject, asked) = (request.param(0), request.param(1));
    let number = match asked {
        "latest" => match registry.versions(subject).await {
            Ok(versions) => versions.last().copied(),
            Err(RegistryError::NotFound(_) | RegistryError::Refused(_)) => None,
            Err(error) => return Err(Problem::unavailable(error)),
        },
        number => number.parse().ok(),
    };
    let Some(number) = number else { return Ok(missing(VERSION_NOT_FOUND, "Version not found")) };
    match registry.version(subject, number).await {
        Ok(found) => {
            let body =
                json!({"subject": found.subject, "version": found.version, "id": found.id, "schema": found.schema});
            Ok(answer(StatusCode::OK, &body))
        }
        Err(RegistryError::NotFound(_) | RegistryError::Refused(_)) => {
            Ok(missing(VERSION_NOT_FOUND, "Version not found"))
        }
        Err(error) => Err(Problem::unavailable(error)),
    }
}

async fn config(api: Arc<Api>, _: Request) -> Result<Response, Problem> {
    own(&api)?;
    Ok(answer(StatusCode::OK, &json!({"compatibilityLevel": "FULL_TRANSITIVE"})))
}
