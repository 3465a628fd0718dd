//! Tokens of the shop's own API: listed, made, revoked. A token is shown once, by the write that makes it.

use std::sync::{Arc, LazyLock};

use feira_schemas::{
    api::tenant::{TokenBody, token_content, token_json, token_schemas},
    limits,
    records::common::Outcome,
};
use feira_web::{
    context::Api,
    cursor, json as bodies,
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area},
    shop_tokens::{self, Issued},
    team_json::private,
    writes,
};
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

use super::kinds::{command, json_of};

const ALL: &str = "/api/admin/v1/tokens";
const ONE: &str = "/api/admin/v1/tokens/{id}";

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<bodies::Schemas> = LazyLock::new(|| bodies::Schemas::new(token_schemas()));

/// The routes of tokens.
pub fn routes() -> Vec<Route> {
    let write = Access::write(Area::Tokens);
    let issued = Route::new(Method::POST, ALL, issue)
        .for_staff(write)
        .takes(vec![("application/json", "TokenBody")], limits::JSON_BODY_BYTES)
        .gives(201, "The new token, which is shown only now.", json_of("NewToken"))
        .with_headers(&["Location", "Feira-Position"])
        .gives(200, "The token that an earlier request with this key made.", json_of("NewToken"))
        .with_headers(&["Location", "Feira-Position"]);
    let revoked = Route::new(Method::DELETE, ONE, revoke)
        .for_staff(write)
        .gives(204, "The token opens nothing any more.", None)
        .with_headers(&["Feira-Position"]);
    vec![
        Route::get(ALL, list)
            .for_staff(Access::read(Area::Tokens))
            .query([reads::AFTER, reads::LIMIT])
            .gives(200, "A page of tokens, oldest first.", json_of("TokenPage"))
            .problems(&[409])
            .says("Lists the tokens of the shop's API, those that are revoked among them."),
        command(issued).says("Makes a token of the shop's API, and shows it once."),
        command(revoked).says("Revokes a token of the shop's API."),
    ]
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let all = shop_tokens::all(&api, &request).await?;
    let (after, limit) = (request.query.text(reads::AFTER.name), reads::limit(&request));
    let (page, next) = cursor::page(&all, shop_tokens::place, "tokens", after, limit)?;
    let items: Vec<Value> = page.iter().map(token_json).collect();
    Ok(reply::json(&json!({"items": items, "next": next, "total": all.len()})))
}

async fn issue(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: TokenBody = bodies::read(&BODIES, &request.body, "TokenBody")?;
    let content = token_content(body).map_err(Problem::fields)?;
    let Issued { token, id, decided } = shop_tokens::issue(&api, &request, request.tenant, &content).await?;
    let decided = match decided {
        Ok(decided) => decided,
        Err(not_decided) => return writes::not_answered(not_decided),
    };
    let status = if decided.outcome == Outcome::Created { StatusCode::CREATED } else { StatusCode::OK };
    let scopes = content.scopes.as_deref().map(Access::words);
    let mut response = private(status, &json!({"token": token, "id": id, "label": content.label, "scopes": scopes}));
    if let Ok(address) = HeaderValue::try_from(format!("{ALL}/{id}")) {
        response.headers_mut().insert(header::LOCATION, address);
    }
    writes::with_position(&mut response, decided.position);
    Ok(response)
}

async fn revoke(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let token = shop_tokens::present(&api, &request).await?;
    match shop_tokens::revoke(&api, &request, &token).await {
        Ok(decided) => {
            let mut response = reply::empty(StatusCode::NO_CONTENT);
            writes::with_position(&mut response, decided.position);
            Ok(response)
        }
        Err(not_decided) => writes::not_answered(not_decided),
    }
}
