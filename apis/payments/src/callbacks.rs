//! Callbacks of gateways on the platform's host. They are proven, and only where to look is kept of them; what they say of money is not
//! read. Bodies are neither kept nor logged.

use std::{sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use feira_connectors::gateway::{self, CallbackError, CallbackRequest, Gateway};
use feira_schemas::{
    ids::{AccountId, CommandId, TenantId},
    problem::Code,
    records::{
        PaymentsCommand,
        common::CommandMeta,
        payments::{Account, Callback, ReceiveCallback},
    },
    rows::payments::{AccountRow, CallbackRow, LentRemoteRow},
    sealed::GatewayKey,
    secret::Secret,
};
use feira_web::{
    context::Api,
    payments::{Opener, account_of},
    problem::Problem,
    reply::{self, Response},
    routing::{Request, Route},
    schemas::Named,
    writes::{self, NotDecided},
};
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::json;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tokio::time::{Instant, sleep_until};

const CALLBACKS: &str = "/payments/callbacks/{gateway}/{account}";
/// Bytes of a callback: it holds a whole order, of which 50 lines and a buyer are some dozens of KiB.
const BODY_BYTES: usize = 256 * 1024;
/// The time after which a refusal leaves at the earliest: more than either kind takes, so that an account that is not there and a wrong
/// proof are alike.
const REFUSAL: Duration = Duration::from_millis(200);
/// The SHA-256 of no credentials: what an account that is not there, or has no hash, is compared by.
const NO_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Characters of the texts of a callback that are kept: ids of gateways have some dozens.
const TEXT_CHARS: usize = 255;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::POST, CALLBACKS, receive)
            .on_platform()
            .takes(vec![("application/json", "GatewayCallback")], BODY_BYTES)
            .of_any_type()
            .gives(200, "It is kept, or was kept before.", None)
            .problems(&[401, 409])
            .says("Takes a payment gateway's callback, as a hint to look at a charge."),
    ]
}

/// The schemas of callbacks.
pub(crate) fn schemas() -> Vec<Named> {
    vec![("GatewayCallback", json!({"type": "object", "description": "As the gateway has it."}))]
}

async fn receive(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let earliest = Instant::now() + REFUSAL;
    let answer = taken(&api, &request).await;
    if let Err(problem) = &answer {
        count_refused(&api, &request, problem.code);
    }
    if matches!(&answer, Err(problem) if matches!(problem.code, Code::Unauthorized | Code::NotFound)) {
        sleep_until(earliest).await;
    }
    answer
}

/// Counts a callback that is not taken, by a closed list of reasons: whoever sends it can make no series of its own.
fn count_refused(api: &Api, request: &Request, code: Code) {
    let gateway = api.gateways.named(request.param(0)).ok().map(|gateway| gateway.name());
    let (gateway, reason) = (gateway.unwrap_or("none"), reason_of(code, gateway.is_some()));
    metrics::counter!("feira_gateway_callbacks_refused_total", "gateway" => gateway, "reason" => reason).increment(1);
}

/// The reason for which a callback is not taken, in a word.
fn reason_of(code: Code, is_gateway: bool) -> &'static str {
    match code {
        Code::NotFound if is_gateway => "no_account",
        Code::NotFound => "no_gateway",
        Code::Unauthorized => "not_proven",
        Code::Malformed => "unreadable",
        _ => "not_kept",
    }
}

async fn taken(api: &Api, request: &Request) -> Result<Response, Problem> {
    let gateway = api.gateways.named(request.param(0)).map_err(|_| Problem::no_such_address())?;
    let named = account_of(request.param(1));
    let account = match named {
        Some((tenant, account)) => of_gateway(api, tenant, account, gateway.name()).await?,
        None => None,
    };
    let tenant = named.map_or(TenantId::PLATFORM, |(tenant, _)| tenant);
    let secret = proof(api, request, tenant, account.as_ref(), gateway.as_ref()).await?;
    let Some(account) = account else { return Err(Problem::no_such_address()) };
    let callback = parsed(api, request, &account, gateway.as_ref(), secret.ok_or_else(not_proven)?)?;
    let payer = payer_of(api, tenant, account.account_id, &callback).await?;
    keep(api, request, (tenant, payer), account.account_id, callback).await
}

/// The tenant that a callback is about: of an account that the platform lends, the one whose charge or subscription it names, as the
/// gateway's ids tell, or else the metadata. Of what it names there, that tenant's decision takes only what went to this account.
async fn payer_of(
    api: &Api,
    owner: TenantId,
    account: AccountId,
    callback: &gateway::Callback,
) -> Result<TenantId, Problem> {
    if owner != TenantId::PLATFORM {
        return Ok(owner);
    }
    for remote in [&callback.charge, &callback.subscription].into_iter().flatten() {
        let key = LentRemoteRow::at(owner, account, remote);
        if let Some(row) = api.platform.state.get::<LentRemoteRow>(&key).await? {
            return Ok(row.borrower);
        }
    }
    Ok(callback.tenant.unwrap_or(owner))
}

async fn of_gateway(
    api: &Api,
    tenant: TenantId,
    account: AccountId,
    gateway: &str,
) -> Result<Option<Account>, Problem> {
    let row = api.platform.state.get::<AccountRow>(&AccountRow::at(tenant, account)).await?;
    Ok(row.map(|row| row.account).filter(|account| account.gateway == gateway))
}

/// The secret by which the callback is proven: of a gateway that signs the account's own, opened; else user and password as they were
/// sent, if their hash is the account's. The same is done where there is no account.
async fn proof(
    api: &Api,
    request: &Request,
    tenant: TenantId,
    account: Option<&Account>,
    gateway: &dyn Gateway,
) -> Result<Option<Secret>, Problem> {
    if gateway.signature_header().is_none() {
        let given = basic(request);
        let expected = account.and_then(|account| account.callback_hash.as_deref()).unwrap_or(NO_HASH);
        let hash = hex::encode(Sha256::digest(&given));
        let same: bool = hash.as_bytes().ct_eq(expected.as_bytes()).into();
        return Ok(String::from_utf8(given).ok().filter(|_| same).map(Secret::from));
    }
    let opener = Opener { api, tenant, headers: &request.headers };
    let Some(account) = account else {
        api.keyring.answers().await?;
        return Ok(None);
    };
    Ok(opener.callback_secret(account).await?.map(|secret| Secret::from(secret.expose().to_owned())))
}

/// The bytes behind `Authorization: Basic`; none where there are none.
fn basic(request: &Request) -> Vec<u8> {
    let given = request.header(header::AUTHORIZATION.as_str()).and_then(|given| given.split_once(' '));
    let given = given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    given.and_then(|(_, credentials)| BASE64_STANDARD.decode(credentials.trim()).ok()).unwrap_or_default()
}

fn parsed(
    api: &Api,
    request: &Request,
    account: &Account,
    gateway: &dyn Gateway,
    callback_secret: Secret,
) -> Result<gateway::Callback, Problem> {
    let opened = gateway::Account {
        id: account.account_id.to_string(),
        kind: gateway::AccountKind::WholeService,
        // Nothing is asked of the gateway, so its key is not opened.
        secret_key: GatewayKey::new("unused").map_err(Problem::internal)?,
        public_key: account.public_key.clone(),
        callback_secret,
    };
    let sent = CallbackRequest {
        authorization: request.header(header::AUTHORIZATION.as_str()),
        signature: gateway.signature_header().and_then(|name| request.header(name)),
        body: &request.body,
    };
    gateway.parse_callback(&opened, sent, api.platform.now()).map_err(|error| match error {
        CallbackError::NotProven => not_proven(),
        CallbackError::Unreadable => Problem::new(Code::Malformed, "O aviso não pode ser lido."),
    })
}

async fn keep(
    api: &Api,
    request: &Request,
    (owner, tenant): (TenantId, TenantId),
    account_id: AccountId,
    parsed: gateway::Callback,
) -> Result<Response, Problem> {
    let callback = kept(account_id, parsed, api.platform.now());
    let at = CallbackRow::at(tenant, account_id, &callback.callback_id);
    if api.platform.state.get::<CallbackRow>(&at).await?.is_some() {
        return Ok(reply::empty(StatusCode::OK));
    }
    let meta = meta(api, request, tenant, &callback);
    let command = PaymentsCommand::ReceiveCallback(ReceiveCallback { meta, callback });
    match writes::send(api, request, command).await {
        // Not decided yet is appended, and will be.
        Ok(_) | Err(NotDecided::Pending(_)) => Ok(reply::empty(StatusCode::OK)),
        // It names nothing that this tenant owes at a lent account: it is dropped, and sent again it would be no more.
        Err(NotDecided::Problem(problem)) if tenant != owner && problem.code == Code::NotFound => {
            Ok(reply::empty(StatusCode::OK))
        }
        Err(NotDecided::Problem(problem)) => Err(problem),
    }
}

/// The parts of a callback that are kept: where to look.
fn kept(account_id: AccountId, parsed: gateway::Callback, received_at: i64) -> Callback {
    let short = |text: String| text.chars().take(TEXT_CHARS).collect::<String>();
    Callback {
        account_id,
        callback_id: short(parsed.id),
        kind: short(parsed.kind),
        remote_charge: parsed.charge.map(short),
        remote_order: parsed.order.map(short),
        remote_subscription: parsed.subscription.map(short),
        code: parsed.code.map(short),
        sent_at: parsed.at,
        received_at,
    }
}

/// The same callback is the same command, however often and to whichever process it is sent.
fn meta(api: &Api, request: &Request, tenant: TenantId, callback: &Callback) -> CommandMeta {
    let actor = format!("gateway:{}", request.param(0));
    let key = format!("{}:{}", callback.account_id, callback.callback_id);
    CommandMeta {
        command_id: CommandId::from_client_key(tenant, &actor, request.method.as_str(), request.route, &key),
        tenant_id: tenant,
        actor,
        issued_at: api.platform.now(),
        body_hash: String::new(),
        keyed: true,
        expected_version: None,
    }
}

fn not_proven() -> Problem {
    let basic = HeaderValue::from_static("Basic realm=\"feira\"");
    Problem::new(Code::Unauthorized, "O aviso não prova que vem do gateway.")
        .with_header(header::WWW_AUTHENTICATE, basic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_callback_has_one_of_five_reasons() {
        let table = [
            (Code::NotFound, false, "no_gateway"),
            (Code::NotFound, true, "no_account"),
            (Code::Unauthorized, true, "not_proven"),
            (Code::Malformed, true, "unreadable"),
            (Code::Unavailable, true, "not_kept"),
        ];
        for (code, is_gateway, reason) in table {
            assert_eq!(reason_of(code, is_gateway), reason);
        }
    }
}
