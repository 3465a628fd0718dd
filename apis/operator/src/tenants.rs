//! Shops: making them, their tokens, suspending, opening and closing them.

use std::sync::{Arc, LazyLock};

use feira_schemas::{
    access::Access,
    api::{
        settings::settings_json,
        tenant::{CloseBody, STATUSES, TenantBody, TokenBody, schemas, tenant_json, token_content},
    },
    ids::TenantId,
    problem::Code,
    records::common::Outcome,
    refusals,
    rows::admin::SettingsRow,
};
use feira_web::{
    commands::KEPT,
    context::Api,
    json as bodies,
    problem::Problem,
    reads::{self, Asked},
    reply,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    settings,
    shop_tokens::{self, Issued},
    sorted::Order,
    tenants::{self, ORDERS, Page, Provisioned, Turn},
    writes::{self, Decided, NotDecided},
};
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

const ALL: &str = "/api/operator/v1/tenants";
const ONE: &str = "/api/operator/v1/tenants/{id}";

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<bodies::Schemas> = LazyLock::new(|| bodies::Schemas::new(schemas()));

/// The routes of shops.
pub fn routes() -> Vec<Route> {
    let tenant = |route: Route| route.for_operator().gives_json("The shop.", "Tenant");
    let written = |route: Route| {
        let route = tenant(route).keyed().versioned().with_headers(&["Feira-Position"]);
        route.gives(202, KEPT, json_of("PendingCommand")).with_headers(&["Location"])
    };
    vec![
        Route::get(ALL, list)
            .for_operator()
            .query([
                Parameter::new("q", Kind::Text(255), "A part of the sub-domain or of the name."),
                Parameter::new("status", Kind::OneOf(STATUSES), "Shows only shops of this status."),
                Parameter::new("sort", Kind::OneOf(ORDERS), "The order; by sub-domain if left out."),
                reads::AFTER,
                reads::LIMIT,
            ])
            .gives(200, "A page of shops.", json_of("TenantPage"))
            .problems(&[409])
            .says("Lists the shops, by sub-domain or in the order that is asked for."),
        Route::new(Method::POST, ALL, create)
            .for_operator()
            .keyed()
            .takes_json("TenantBody")
            .gives(201, "The new shop and the token of its admin API, which is shown only now.", json_of("NewTenant"))
            .with_headers(&["Location", "Feira-Position"])
            .gives(200, "The shop that an earlier request with this key made, and its token.", json_of("NewTenant"))
            .gives(202, KEPT, json_of("PendingCommand"))
            .with_headers(&["Location"])
            .says("Makes a shop."),
        tenant(Route::get(ONE, read)).problems(&[409]).says("Reads a shop, by its sub-domain or its id."),
        Route::new(Method::POST, "/api/operator/v1/tenants/{id}/tokens", issue)
            .for_operator()
            .keyed()
            .takes_json("TokenBody")
            .gives(201, "The new token, which is shown only now.", json_of("NewToken"))
            .with_headers(&["Feira-Position"])
            .gives(200, "The token that an earlier request with this key made.", json_of("NewToken"))
            .gives(202, KEPT, json_of("PendingCommand"))
            .with_headers(&["Location"])
            .says("Makes a token of a shop's admin API."),
        written(Route::new(Method::POST, "/api/operator/v1/tenants/{id}/suspend", suspend))
            .says("Suspends a shop: it is closed to buyers, and nothing in it can be changed."),
        written(Route::new(Method::POST, "/api/operator/v1/tenants/{id}/resume", resume))
            .says("Opens a suspended shop again."),
        written(Route::new(Method::POST, "/api/operator/v1/tenants/{id}/close", close).takes_json("CloseBody"))
            .says("Closes a shop for good: nobody gets into it, what renews itself in it is ended, and its name is kept for 90 days."),
        Route::get("/api/operator/v1/tenants/{id}/settings", read_settings)
            .for_operator()
            .gives_json("The shop's settings.", "Settings")
            .with_headers(&["ETag"])
            .gives(304, "The version that the client has is the present one.", None)
            .with_headers(&["ETag"])
            .problems(&[409])
            .says("Reads a shop's settings: its name, what it looks like, and what it publishes of itself."),
        Route::new(Method::PUT, "/api/operator/v1/tenants/{id}/settings", write_settings)
            .for_operator()
            .keyed()
            .versioned()
            .takes_json("SettingsPatch")
            .gives(200, "The shop's settings.", json_of("Settings"))
            .with_headers(&["ETag", "Feira-Position"])
            .gives(202, KEPT, json_of("PendingCommand"))
            .with_headers(&["Location"])
            .says("Changes a shop's settings: name, sentence, colour, instalments, whose scripts may read its API, or what it publishes of itself."),
    ]
}

fn json_of(schema: &'static str) -> Option<(&'static str, &'static str)> {
    Some(("application/json", schema))
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: TenantBody = bodies::read(&BODIES, &request.body, "TenantBody")?;
    match tenants::provision(&api, &request, &body, true).await {
        Ok(Provisioned { decided, tenant_id, subdomain, token }) => {
            let body = json!({"tenant_id": tenant_id, "subdomain": subdomain, "admin_token": token});
            Ok(shown_once(&decided, &body, Some(format!("{ALL}/{tenant_id}"))))
        }
        Err(not_decided) => writes::not_answered(not_decided),
    }
}

/// An answer with a secret in it: 201 where it was made now, and kept by nobody on the way.
fn shown_once(decided: &Decided, body: &Value, location: Option<String>) -> Response {
    let status = if decided.outcome == Outcome::Created { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = reply::with_status(status, body);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(location) = location.and_then(|location| HeaderValue::try_from(location).ok()) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    writes::with_position(&mut response, decided.position);
    response
}

async fn issue(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let tenant = tenants::present(&api, &request).await?.tenant_id;
    // A request without a body asks for a token without a name of its own.
    let sent: &[u8] = if request.body.is_empty() { b"{}" } else { &request.body };
    let body: TokenBody = bodies::read(&BODIES, sent, "TokenBody")?;
    let content = token_content(body).map_err(Problem::fields)?;
    let Issued { token, id, decided } = shop_tokens::issue(&api, &request, tenant, &content).await?;
    let scopes = content.scopes.as_deref().map(Access::words);
    let shown = json!({"token": token, "id": id, "label": content.label, "scopes": scopes});
    match decided {
        Ok(decided) => Ok(shown_once(&decided, &shown, None)),
        Err(not_decided) => writes::not_answered(not_decided),
    }
}

async fn suspend(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    set_status(&api, &request, Turn::Suspend).await
}

async fn resume(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    set_status(&api, &request, Turn::Resume).await
}

async fn set_status(api: &Api, request: &Request, turn: Turn) -> Result<Response, Problem> {
    let tenant = tenants::present(api, request).await?.tenant_id;
    turned(api, tenant, tenants::submit(api, request, tenant, turn).await).await
}

async fn close(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: CloseBody = bodies::read(&BODIES, &request.body, "CloseBody")?;
    let shop = tenants::present(&api, &request).await?;
    turned(&api, shop.tenant_id, tenants::close(&api, &request, &shop, &body).await).await
}

/// The usual answer to a write of a shop's state.
async fn turned(api: &Api, tenant: TenantId, decided: Result<Decided, NotDecided>) -> Result<Response, Problem> {
    match decided {
        Ok(decided) => {
            let mut response = reply::json(&with_name(api, tenant, decided.body).await?);
            writes::with_position(&mut response, decided.position);
            Ok(response)
        }
        Err(not_decided) => writes::not_answered(not_decided),
    }
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let tenant = tenants::present(&api, &request).await?;
    Ok(reply::json(&with_name(&api, tenant.tenant_id, tenant_json(&tenant)).await?))
}

/// A shop's JSON with its name, which is one of its settings.
pub(super) async fn with_name(api: &Api, tenant: TenantId, shop: Value) -> Result<Value, Problem> {
    Ok(named(shop, tenants::name(api, tenant).await?))
}

fn named(mut shop: Value, name: Option<String>) -> Value {
    shop["name"] = name.into();
    shop
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let text = |name| request.query.text(name);
    let asked = Asked {
        q: text("q").unwrap_or_default(),
        status: text("status"),
        after: text("after"),
        limit: reads::limit(&request),
    };
    let order = Order::read(text("sort"), ORDERS);
    let Page { shops, next, total, .. } = tenants::list(&api, &request, asked, order).await?;
    let items: Vec<Value> = shops.into_iter().map(|(tenant, name)| named(tenant_json(&tenant), name)).collect();
    Ok(reply::json(&json!({"items": items, "next": next, "total": total})))
}

async fn read_settings(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let tenant = tenants::present(&api, &request).await?.tenant_id;
    let row = api.platform.state.get::<SettingsRow>(&SettingsRow::at(tenant)).await?;
    let row = row.ok_or_else(|| Problem::new(Code::NotFound, refusals::NO_SUCH_SHOP))?;
    Ok(reply::entity(&request.headers, &settings_json(&row.settings), row.settings.version))
}

async fn write_settings(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let tenant = tenants::present(&api, &request).await?.tenant_id;
    let patch = settings::read_patch(&request.body)?;
    writes::answer(settings::submit(&api, &request, tenant, &patch).await, |_| settings::ONE.to_owned())
}
