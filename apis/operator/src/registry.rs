//! The embedded schema registry over HTTP, with the paths and shapes of Confluent's REST API that readers of topics use.
//!
//! A deployment with a registry of its own has none of these: its readers ask that one.

use std::sync::Arc;

use feira_connectors::registry::{Registry, RegistryError, SubjectVersion};
use feira_web::{
    context::Api,
    problem::Problem,
    reply::{self, Response},
    routing::{Dialect, Request, Route},
    schemas::{Named, object, text},
};
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

/// Problems of all of its addresses are said as its clients understand them.
const DIALECT: Dialect = Dialect { under: "/registry", says: refused, content: (MEDIA_TYPE, "RegistryError") };
const MEDIA_TYPE: &str = "application/vnd.schemaregistry.v1+json";
/// The compatibility that is kept, for every subject.
const LEVEL: &str = "FULL_TRANSITIVE";
/// Schemas are registered by the program that writes with them: nobody else does, and consoles are told so.
const MODE: &str = "READONLY";
/// Most bytes of a schema that is asked about.
const SCHEMA_BYTES: usize = 1024 * 1024;

/// The routes of the registry.
pub fn routes() -> Vec<Route> {
    let route = |route: Route, what| {
        let content = Some((MEDIA_TYPE, "RegistryAnswer"));
        let error = Some(DIALECT.content);
        let route =
            route.on_platform().speaking(DIALECT).gives(200, "The answer that Confluent's registry gives.", content);
        route
            .gives(404, "The registry has no such schema, subject or version.", error)
            .gives(422, "The schema or the version that was sent can't be read.", error)
            .says(what)
    };
    let asks = |made: Route, what| {
        let content = vec![(MEDIA_TYPE, "RegistrySchema"), ("application/json", "RegistrySchema")];
        route(made.takes(content, SCHEMA_BYTES).of_any_type(), what)
    };
    let fixed = |path, value: Value, what| {
        let answers = move |api: Arc<Api>, _| {
            let answered = own(&api).map(|_| answer(StatusCode::OK, &value));
            async move { answered }
        };
        route(Route::get(path, answers), what)
    };
    vec![
        fixed("/registry", json!({}), "Tells that the registry is there."),
        route(Route::get("/registry/schemas", all), "Lists every version of every subject."),
        fixed("/registry/schemas/types", json!(["AVRO"]), "Lists the kinds of schemas."),
        route(Route::get("/registry/schemas/ids/{id}", by_id), "Reads a schema by its id."),
        route(
            Route::get("/registry/schemas/ids/{id}/schema", text_by_id),
            "Reads a schema by its id, without anything around it.",
        ),
        route(
            Route::get("/registry/schemas/ids/{id}/subjects", subjects_of_id),
            "Lists the subjects that have a schema.",
        ),
        route(
            Route::get("/registry/schemas/ids/{id}/versions", versions_of_id),
            "Lists the versions that are a schema.",
        ),
        route(Route::get("/registry/subjects", subjects), "Lists every subject: the full names of the record types."),
        asks(
            Route::new(Method::POST, "/registry/subjects/{subject}", look_up),
            "Tells which version of a subject a schema is.",
        ),
        route(Route::get("/registry/subjects/{subject}/versions", versions), "Lists the versions of a subject."),
        route(
            Route::get("/registry/subjects/{subject}/versions/{version}", version),
            "Reads a version of a subject, by its number or as `latest`.",
        ),
        route(
            Route::get("/registry/subjects/{subject}/versions/{version}/schema", text_of_version),
            "Reads a version's schema, without anything around it.",
        ),
        route(
            Route::get("/registry/subjects/{subject}/versions/{version}/referencedby", referenced_by),
            "Lists the schemas that name a version: none, as each stands by itself.",
        ),
        asks(
            Route::new(Method::POST, "/registry/compatibility/subjects/{subject}/versions", compatible),
            "Tells whether a schema could follow all versions of a subject.",
        ),
        asks(
            Route::new(Method::POST, "/registry/compatibility/subjects/{subject}/versions/{version}", compatible),
            "Tells whether a schema could follow a subject: all versions count, whichever is named.",
        ),
        fixed(
            "/registry/config",
            json!({"compatibilityLevel": LEVEL}),
            "Reads the compatibility that every subject keeps.",
        ),
        route(Route::get("/registry/config/{subject}", config), "Reads the compatibility that a subject keeps."),
        fixed("/registry/mode", json!({"mode": MODE}), "Tells whether schemas can be registered here."),
        route(
            Route::get("/registry/mode/{subject}", mode),
            "Tells whether schemas of a subject can be registered here.",
        ),
        fixed("/registry/contexts", json!(["."]), "Lists the registry's contexts: the usual one."),
        fixed(
            "/registry/v1/metadata/id",
            json!({"id": "", "scope": {"path": [], "clusters": {}}}),
            "Reads the registry's id, which is empty.",
        ),
        fixed(
            "/registry/v1/metadata/version",
            json!({"version": env!("CARGO_PKG_VERSION"), "commitId": ""}),
            "Reads the version of the program.",
        ),
    ]
}

/// The schemas of the registry's answers.
pub fn schemas() -> Vec<Named> {
    let error = [("error_code", json!({"type": "integer"})), ("message", text())];
    let schema = [("schema", text()), ("schemaType", text()), ("references", json!({"type": "array", "maxItems": 0}))];
    vec![
        ("RegistryAnswer", json!({"type": ["object", "array"]})),
        ("RegistrySchema", object(&schema, &["schema"])),
        ("RegistryError", object(&error, &["error_code", "message"])),
    ]
}

/// The registry, where it is this process' own.
fn own(api: &Api) -> Result<&Registry, Problem> {
    match &api.platform.registry {
        Registry::Embedded(_) => Ok(&api.platform.registry),
        Registry::Confluent(_) => Err(Problem::no_such_address()),
    }
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let mut response = reply::with_status(status, body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    response
}

/// An error as Confluent's registry says it.
enum Missing {
    Subject,
    Version,
    Schema,
    SubjectConfig,
    NotAVersion,
    NotASchema,
}

impl Missing {
    fn answer(self) -> Response {
        let (code, message) = match self {
            Self::Subject => (40_401, "Subject not found."),
            Self::Version => (40_402, "Version not found."),
            Self::Schema => (40_403, "Schema not found"),
            Self::SubjectConfig => (40_408, "The subject does not have subject-level compatibility configured"),
            Self::NotASchema => (42_201, "Invalid Avro schema"),
            Self::NotAVersion => (
                42_202,
                "The specified version is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\"",
            ),
        };
        let status = if code < 42_200 { StatusCode::NOT_FOUND } else { StatusCode::UNPROCESSABLE_ENTITY };
        answer(status, &json!({"error_code": code, "message": message}))
    }
}

/// An answer that can't be given: something is not there, or a problem of ours.
enum Stop {
    Missing(Missing),
    Problem(Problem),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Missing> for Stop {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

fn answered(found: Result<Value, Stop>) -> Result<Response, Problem> {
    match found {
        Ok(found) => Ok(answer(StatusCode::OK, &found)),
        Err(Stop::Missing(missing)) => Ok(missing.answer()),
        Err(Stop::Problem(problem)) => Err(problem),
    }
}

/// Turns an answer of the registry into ours: what it does not have is `missing`; that it does not answer is a
/// problem.
fn found<T>(result: Result<T, RegistryError>, missing: Missing) -> Result<T, Stop> {
    result.map_err(|error| match error {
        RegistryError::NotFound(_) | RegistryError::Refused(_) => missing.into(),
        error => Problem::unavailable(error).into(),
    })
}

/// A problem as the registry's clients understand it.
fn refused(problem: Problem) -> Response {
    let status = problem.status();
    let reason = status.canonical_reason().unwrap_or("Error");
    let message = format!("HTTP {} {reason}: {}", status.as_u16(), problem.detail);
    let mut response = answer(status, &json!({"error_code": status.as_u16(), "message": message}));
    response.headers_mut().extend(problem.headers);
    response
}

async fn schema_of(api: &Api, id: &str) -> Result<String, Stop> {
    let registry = own(api)?;
    let id = id.parse().map_err(|_| Missing::Schema)?;
    Ok(found(registry.schema(id).await, Missing::Schema)?.ok_or(Missing::Schema)?)
}

async fn by_id(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let schema = schema_of(&api, request.param(0)).await;
    answered(schema.map(|schema| json!({"schema": schema})))
}

/// A schema as it is written, not as a text in JSON.
fn bare(schema: &str) -> Value {
    serde_json::from_str(schema).unwrap_or_default()
}

async fn text_by_id(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    answered(schema_of(&api, request.param(0)).await.map(|schema| bare(&schema)))
}

/// Every version of the subjects whose names begin so.
async fn every(registry: &Registry, prefix: &str) -> Result<Vec<SubjectVersion>, Stop> {
    let mut every = Vec::new();
    for subject in found(registry.subjects().await, Missing::Subject)? {
        if !subject.starts_with(prefix) {
            continue;
        }
        for version in found(registry.versions(&subject).await, Missing::Subject)? {
            every.push(found(registry.version(&subject, version).await, Missing::Version)?);
        }
    }
    Ok(every)
}

async fn of_id(api: &Api, id: &str) -> Result<Vec<SubjectVersion>, Stop> {
    schema_of(api, id).await?;
    let id: u32 = id.parse().map_err(|_| Missing::Schema)?;
    let every = every(own(api)?, "").await?;
    Ok(every.into_iter().filter(|version| version.id == id).collect())
}

async fn subjects_of_id(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let of_id = of_id(&api, request.param(0)).await;
    answered(of_id.map(|versions| versions.into_iter().map(|version| version.subject).collect()))
}

async fn versions_of_id(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let named = |version: SubjectVersion| json!({"subject": version.subject, "version": version.version});
    answered(of_id(&api, request.param(0)).await.map(|versions| versions.into_iter().map(named).collect()))
}

async fn all(api: Arc<Api>, _: Request) -> Result<Response, Problem> {
    let every = every(own(&api)?, "").await;
    answered(every.map(|versions| versions.iter().map(version_json).collect()))
}

async fn subjects(api: Arc<Api>, _: Request) -> Result<Response, Problem> {
    answered(found(own(&api)?.subjects().await, Missing::Subject).map(|subjects| json!(subjects)))
}

async fn versions_of(api: &Api, subject: &str) -> Result<Vec<u32>, Stop> {
    let versions = found(own(api)?.versions(subject).await, Missing::Subject)?;
    if versions.is_empty() { Err(Missing::Subject.into()) } else { Ok(versions) }
}

async fn versions(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    answered(versions_of(&api, request.param(0)).await.map(|versions| json!(versions)))
}

/// A version of a subject by its number, or the last one: «latest», or -1 as some clients say it.
async fn version_of(api: &Api, request: &Request) -> Result<SubjectVersion, Stop> {
    let (subject, asked) = (request.param(0), request.param(1));
    let known = versions_of(api, subject).await?;
    let number = match asked {
        "latest" | "-1" => known.last().copied().ok_or(Missing::Version)?,
        number => number.parse().ok().filter(|number| *number > 0).ok_or(Missing::NotAVersion)?,
    };
    found(own(api)?.version(subject, number).await, Missing::Version)
}

fn version_json(found: &SubjectVersion) -> Value {
    json!({"subject": found.subject, "version": found.version, "id": found.id, "schema": found.schema})
}

async fn version(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    answered(version_of(&api, &request).await.map(|version| version_json(&version)))
}

async fn text_of_version(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    answered(version_of(&api, &request).await.map(|version| bare(&version.schema)))
}

async fn referenced_by(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    answered(version_of(&api, &request).await.map(|_| json!([])))
}

/// The schema that a request is about.
fn asked_schema(request: &Request) -> Result<String, Missing> {
    let body: Value = serde_json::from_slice(&request.body).map_err(|_| Missing::NotASchema)?;
    body["schema"].as_str().map(str::to_owned).ok_or(Missing::NotASchema)
}

async fn look_up(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let subject = request.param(0);
    let look = async {
        let schema: Value = serde_json::from_str(&asked_schema(&request)?).map_err(|_| Missing::NotASchema)?;
        for number in versions_of(&api, subject).await? {
            let version = found(own(&api)?.version(subject, number).await, Missing::Version)?;
            if bare(&version.schema) == schema {
                return Ok(version_json(&version));
            }
        }
        Err(Stop::from(Missing::Schema))
    };
    answered(look.await)
}

async fn compatible(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let subject = request.param(0);
    let check = async {
        versions_of(&api, subject).await?;
        let fits = own(&api)?.check(subject, &asked_schema(&request)?).await;
        Ok::<Value, Stop>(json!({"is_compatible": found(fits, Missing::NotASchema)?}))
    };
    answered(check.await)
}

async fn config(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let known = found(own(&api)?.versions(request.param(0)).await, Missing::SubjectConfig);
    answered(known.map(|_| json!({"compatibilityLevel": LEVEL})))
}

async fn mode(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    answered(versions_of(&api, request.param(0)).await.map(|_| json!({"mode": MODE})))
}
