//! Credentials of other systems for the shop's payments, as its staff makes and revokes them. The secret is shown once.

use std::sync::Arc;

use feira_schemas::{
    api::payments::{CredentialBody, credential_json, credential_name},
    ids::CredentialId,
    records::{
        PaymentsCommand,
        common::CommandMeta,
        payments::{Credential, IssueCredential, RevokeCredential},
    },
    rows::payments::CredentialRow,
    topics::Context,
};
use feira_web::{
    context::Api,
    cursor, json, payments,
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area},
    tokens, writes,
};
use http::Method;
use serde_json::{Value, json};

use crate::{
    accounts::BODIES,
    kinds::{decided, json_of, staff_changing, staff_making},
};

const ALL: &str = "/api/admin/v1/payments/credentials";
const ONE: &str = "/api/admin/v1/payments/credentials/{id}";
/// Bytes of a credential's body: a name.
const BODY_BYTES: usize = 16 * 1024;
/// Credentials of a shop that are read, with those that are revoked.
const MOST: usize = 10_000;

pub(crate) fn routes() -> Vec<Route> {
    let made = "The credential, with its secret, which is kept nowhere; `Location` is its address.";
    vec![
        Route::get(ALL, list)
            .for_staff(Access::read(Area::Payments))
            .query([reads::AFTER, reads::LIMIT])
            .gives(200, "A page of credentials, oldest first.", json_of("PaymentCredentialPage"))
            .problems(&[409])
            .says("Lists the credentials that other systems have for the shop's payments."),
        Route::get(ONE, read)
            .for_staff(Access::read(Area::Payments))
            .gives(200, "The credential, without its secret.", json_of("PaymentCredential"))
            .problems(&[409])
            .says("Reads a credential for the shop's payments."),
        staff_making(Route::new(Method::POST, ALL, issue), made, "PaymentCredentialIssued")
            .takes(vec![("application/json", "PaymentCredentialBody")], BODY_BYTES)
            .says("Makes a credential for the shop's payments, and shows its secret once."),
        staff_changing(
            Route::new(Method::DELETE, ONE, revoke),
            "The credential, which opens nothing any more.",
            "PaymentCredential",
        )
        .says("Revokes a credential for the shop's payments."),
    ]
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let all = all(&api, &request).await?;
    let key = |credential: &Credential| (credential.created_at, credential.credential_id);
    let (after, limit) = (request.query.text("after"), reads::limit(&request));
    let (page, next) = cursor::page(&all, key, "credentials", after, limit)?;
    let items: Vec<Value> = page.iter().map(credential_json).collect();
    Ok(reply::json(&json!({"items": items, "next": next, "total": all.len()})))
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = credential_id(&request)?;
    let found = all(&api, &request).await?.into_iter().find(|credential| credential.credential_id == id);
    Ok(reply::json(&credential_json(&found.ok_or_else(|| Problem::not_found("A credencial"))?)))
}

/// The shop's credentials, oldest first.
async fn all(api: &Api, request: &Request) -> Result<Vec<Credential>, Problem> {
    reads::point(api, request, Context::Payments).await?;
    let rows = api.platform.state.scan::<CredentialRow>(&CredentialRow::all(request.tenant), None, MOST).await?;
    let mut all: Vec<Credential> = rows.into_iter().map(|row| row.credential).collect();
    all.sort_by_key(|credential| (credential.created_at, credential.credential_id));
    Ok(all)
}

async fn issue(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: CredentialBody = json::read(&BODIES, &request.body, "PaymentCredentialBody")?;
    let name = credential_name(&body).map_err(Problem::fields)?;
    let meta = CommandMeta { expected_version: None, ..writes::meta(&api, &request, request.tenant)? };
    let seed = meta.command_id.uuid();
    let secret = tokens::derive_credential(&api.config.secret, request.tenant, seed.as_bytes())?;
    let (credential_id, hash) = (CredentialId::from_uuid(seed), tokens::hash(&secret));
    let command = PaymentsCommand::IssueCredential(IssueCredential { meta, credential_id, name, hash });
    let decision = match writes::send(&api, &request, command).await {
        Ok(decision) => decision,
        Err(not_decided) => return writes::not_answered(not_decided),
    };
    let mut json = payments::credential(&decision.body);
    json["secret"] = secret.into();
    Ok(decided(&decision, &json, Some(format!("{ALL}/{credential_id}"))))
}

async fn revoke(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let credential_id = credential_id(&request)?;
    let meta = CommandMeta { expected_version: None, ..writes::meta(&api, &request, request.tenant)? };
    let command = PaymentsCommand::RevokeCredential(RevokeCredential { meta, credential_id });
    match writes::send(&api, &request, command).await {
        Ok(decision) => Ok(decided(&decision, &payments::credential(&decision.body), None)),
        Err(not_decided) => writes::not_answered(not_decided),
    }
}

fn credential_id(request: &Request) -> Result<CredentialId, Problem> {
    request.id(0, "A credencial")
}
