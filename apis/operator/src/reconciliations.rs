//! Reconciliations of shops' charges with their gateways: asked for, and the differences that they find, which a person settles.

use std::sync::{Arc, LazyLock};

use feira_schemas::{
    api::payments::{
        ReconciliationBody, SettleBody, difference_json, operator_schemas, reconciled_json, reconciliation_account,
        settle_note,
    },
    ids::{DifferenceId, TenantId},
    records::{
        PaymentsCommand,
        common::CommandMeta,
        payments::{Difference, RequestReconciliation, SettleDifference},
    },
    row::Row,
    rows::payments::{AccountRow, DifferenceRow, OpenDifferenceRow, ReconciledRow, ReconciliationRow},
    topics::Context,
};
use feira_web::{
    commands::KEPT,
    context::Api,
    cursor, hosts, json as bodies,
    payments::{entity_of, reconciliation},
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    writes,
};
use http::{Method, StatusCode};
use serde_json::{Value, json};

const RECONCILIATIONS: &str = "/api/operator/v1/tenants/{id}/reconciliations";
const DIFFERENCES: &str = "/api/operator/v1/differences";
const DIFFERENCE: &str = "/api/operator/v1/tenants/{id}/differences/{did}";
const SETTLE: &str = "/api/operator/v1/tenants/{id}/differences/{did}/settle";
/// Accounts of a shop that are read: decide lets it have fewer.
const ACCOUNTS: usize = 1_000;

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<bodies::Schemas> = LazyLock::new(|| bodies::Schemas::new(operator_schemas()));

/// A difference's place in the list of all: its partition, shop and id.
type Place = (u32, TenantId, DifferenceId);

/// The routes of reconciliations.
pub fn routes() -> Vec<Route> {
    let json = |schema| Some(("application/json", schema));
    let written = |route: Route| {
        let route = route.for_operator().keyed().with_headers(&["Feira-Position"]);
        route.gives(202, KEPT, json("PendingCommand")).with_headers(&["Location"])
    };
    let tenant = Parameter::new("tenant", Kind::Text(64), "Shows only those of this shop: its sub-domain or its id.");
    vec![
        written(Route::new(Method::POST, RECONCILIATIONS, ask).gives(
            201,
            "The accounts that are compared now.",
            json("ReconciliationAsked"),
        ))
        .takes_json("ReconciliationBody")
        .says("Has a shop's charges compared with its gateways' lists now, as every night."),
        Route::get(RECONCILIATIONS, list_reconciled)
            .for_operator()
            .gives(200, "The last reconciliation of each account.", json("ReconciledList"))
            .problems(&[409])
            .says("Lists a shop's accounts at gateways with their last reconciliation."),
        Route::get(DIFFERENCES, list)
            .for_operator()
            .query([tenant, reads::AFTER, reads::LIMIT])
            .gives(200, "A page of open differences.", json("PaymentDifferencePage"))
            .problems(&[409])
            .says("Lists open differences between gateways' charges and ours, of one shop or of all."),
        Route::get(DIFFERENCE, read)
            .for_operator()
            .gives(200, "The difference, open or not.", json("PaymentDifference"))
            .problems(&[409])
            .says("Reads a difference between a gateway's charges and ours."),
        written(Route::new(Method::POST, SETTLE, settle).gives(
            200,
            "The difference, which is settled.",
            json("PaymentDifference"),
        ))
        .takes_json("DifferenceSettleBody")
        .says("Settles a difference: says what it is about, so that it is not open any more while its sums stay."),
    ]
}

async fn ask(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let tenant = tenant_of(&api, request.param(0)).await?;
    // A request without a body asks for all accounts.
    let sent: &[u8] = if request.body.is_empty() { b"{}" } else { &request.body };
    let body: ReconciliationBody = bodies::read(&BODIES, sent, "ReconciliationBody")?;
    let account_id = reconciliation_account(body).map_err(Problem::fields)?;
    let meta = CommandMeta { expected_version: None, ..writes::meta(&api, &request, tenant)? };
    let command = PaymentsCommand::RequestReconciliation(RequestReconciliation { meta, account_id });
    match writes::send(&api, &request, command).await {
        Ok(decided) => {
            let mut response = reply::with_status(StatusCode::CREATED, &reconciliation(&decided.body));
            writes::with_position(&mut response, decided.position);
            Ok(response)
        }
        Err(not_decided) => writes::not_answered(not_decided),
    }
}

async fn list_reconciled(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let tenant = tenant_of(&api, request.param(0)).await?;
    caught_up(&api, &request).await?;
    let state = &api.platform.state;
    let accounts = state.scan::<AccountRow>(&AccountRow::all(tenant), None, ACCOUNTS).await?;
    let asked = state.scan::<ReconciliationRow>(&ReconciliationRow::all(tenant), None, ACCOUNTS).await?;
    let done = state.scan::<ReconciledRow>(&ReconciledRow::all(tenant), None, ACCOUNTS).await?;
    let items = accounts.iter().map(|row| {
        let account = row.account.account_id;
        let asked_at = asked.iter().find(|row| row.account_id == account).map(|row| row.asked_at);
        reconciled_json(account, asked_at, done.iter().find(|row| row.account_id == account))
    });
    Ok(reply::json(&json!({"items": items.collect::<Vec<_>>()})))
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let named = request.query.text("tenant");
    let tenant = match named {
        Some(named) => Some(tenant_of(&api, named).await?),
        None => None,
    };
    caught_up(&api, &request).await?;
    let query = format!("differences\u{1}{}", tenant.map(|tenant| tenant.to_string()).unwrap_or_default());
    let after = request.query.text("after").map(|after| cursor::open::<Place>(after, &query)).transpose()?;
    let limit = reads::limit(&request);
    let mut places = places(&api, tenant, after, limit + 1).await?;
    let next = (places.len() > limit).then(|| {
        places.truncate(limit);
        places.last().map(|place| cursor::seal(*place, &query))
    });
    let keys: Vec<_> = places.iter().map(|(_, tenant, difference)| DifferenceRow::at(*tenant, *difference)).collect();
    let rows = api.platform.state.get_many::<DifferenceRow>(&keys).await?;
    let items: Vec<Value> =
        rows.into_iter().flatten().map(|row| difference_json(row.tenant_id, &row.difference)).collect();
    Ok(reply::json(&json!({"items": items, "next": next.flatten()})))
}

/// The next places of open differences, at most so many: those of a shop, or of all.
async fn places(api: &Api, tenant: Option<TenantId>, after: Option<Place>, most: usize) -> Result<Vec<Place>, Problem> {
    let all = 0..api.platform.partitions;
    let partitions = tenant.map_or(all, |tenant| {
        let partition = api.platform.partition_of(tenant);
        partition..partition + 1
    });
    let from = after.map_or(partitions.start, |(partition, ..)| partition.max(partitions.start));
    let mut places = Vec::new();
    for partition in from..partitions.end {
        let prefix = match tenant {
            Some(tenant) => OpenDifferenceRow::of(partition, tenant),
            None => OpenDifferenceRow::all(partition),
        };
        let last = after.filter(|(of, ..)| *of == partition).map(|(_, tenant_id, difference_id)| {
            OpenDifferenceRow { partition: i64::from(partition), tenant_id, difference_id }.key()
        });
        let left = most - places.len();
        let rows = api.platform.state.scan::<OpenDifferenceRow>(&prefix, last.as_ref(), left).await?;
        places.extend(rows.into_iter().map(|row| (partition, row.tenant_id, row.difference_id)));
        if places.len() >= most {
            break;
        }
    }
    Ok(places)
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let tenant = tenant_of(&api, request.param(0)).await?;
    let difference = difference_id(&request)?;
    caught_up(&api, &request).await?;
    let row = api.platform.state.get::<DifferenceRow>(&DifferenceRow::at(tenant, difference)).await?;
    let row = row.ok_or_else(|| Problem::not_found("A diferença"))?;
    Ok(reply::json(&difference_json(tenant, &row.difference)))
}

async fn settle(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let tenant = tenant_of(&api, request.param(0)).await?;
    let difference_id = difference_id(&request)?;
    let body: SettleBody = bodies::read(&BODIES, &request.body, "DifferenceSettleBody")?;
    let note = settle_note(body).map_err(Problem::fields)?;
    let meta = CommandMeta { expected_version: None, ..writes::meta(&api, &request, tenant)? };
    let command = PaymentsCommand::SettleDifference(SettleDifference { meta, difference_id, note });
    match writes::send(&api, &request, command).await {
        Ok(decided) => {
            let difference = entity_of::<Difference>(&decided.body)?;
            let mut response = reply::json(&difference_json(tenant, &difference));
            writes::with_position(&mut response, decided.position);
            Ok(response)
        }
        Err(not_decided) => writes::not_answered(not_decided),
    }
}

/// The shop of a sub-domain or an id, or the platform by its id: it has accounts, too.
async fn tenant_of(api: &Api, name: &str) -> Result<TenantId, Problem> {
    if name.parse::<TenantId>() == Ok(TenantId::PLATFORM) {
        return Ok(TenantId::PLATFORM);
    }
    let tenant = hosts::named(&api.platform.state, name).await?;
    tenant.ok_or_else(|| Problem::not_found("A loja"))
}

fn difference_id(request: &Request) -> Result<DifferenceId, Problem> {
    request.id(1, "A diferença")
}

async fn caught_up(api: &Api, request: &Request) -> Result<(), Problem> {
    reads::caught_up(api, request, Context::Payments.name(), Context::Payments).await
}
