//! Accounts at gateways: a shop's, as its staff saves them, and the platform's, as operators do. Keys are sealed here, and
//! never shown again.

use std::sync::{Arc, LazyLock};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use feira_connectors::{
    gateway::{Gateway, Gateways},
    random::random,
};
use feira_schemas::{
    api::payments::{AccountBody, AccountContent, Notify, account_card_json, account_content, admin_schemas},
    ids::AccountId,
    problem::{Code, FieldError},
    records::{
        PaymentsCommand,
        common::{CommandMeta, Outcome},
        payments::{Account, RetireAccount, SaveAccount, SetDefaultAccount},
    },
    rows::payments::AccountRow,
    sealed::{CallbackSecret, GatewayKey},
    topics::Context,
};
use feira_web::{
    cards,
    context::Api,
    cursor, json,
    payments::{NOT_SET, Opener, entity_of},
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area},
    settled, tokens,
    writes::{self, Decided, NotDecided},
};
use http::{HeaderValue, Method, header};
use serde_json::{Value, json};

use crate::{
    kinds::{decided, json_of, staff_changing, staff_making},
    seal,
};

const ALL: &str = "/api/admin/v1/payments/accounts";
const ONE: &str = "/api/admin/v1/payments/accounts/{id}";
const DEFAULT: &str = "/api/admin/v1/payments/accounts/{id}/default";
/// Each path at which staff looks after its shop's accounts, and the one at which operators look after the platform's.
const OF_PLATFORM: [(&str, &str); 3] = [
    (ALL, "/api/operator/v1/payments/accounts"),
    (ONE, "/api/operator/v1/payments/accounts/{id}"),
    (DEFAULT, "/api/operator/v1/payments/accounts/{id}/default"),
];
/// Bytes of an account's body: a name and some keys.
const BODY_BYTES: usize = 16 * 1024;
/// Accounts of a shop that are read: decide lets it have fewer.
const MOST: usize = 1_000;
/// The user of callbacks whose gateway sends user and password: the password tells shops apart.
const USER: &str = "feira";

/// The JSON schemas that bodies are checked against.
pub static BODIES: LazyLock<json::Schemas> = LazyLock::new(|| json::Schemas::new(admin_schemas()));

pub(crate) fn routes() -> Vec<Route> {
    let of_shop = of_shop();
    let of_platform = of_shop.iter().filter_map(|route| {
        let (_, path) = OF_PLATFORM.into_iter().find(|(of_shop, _)| *of_shop == route.path)?;
        Some(Route { path, ..route.clone().for_operator() })
    });
    let of_platform: Vec<Route> = of_platform.collect();
    [of_shop, of_platform].concat()
}

fn of_shop() -> Vec<Route> {
    let saved = "The account; `untested` if its key could not be tried within 3 s.";
    vec![
        Route::get(ALL, list)
            .for_staff(Access::read(Area::Payments))
            .query([reads::AFTER, reads::LIMIT])
            .gives(200, "A page of the accounts, by name.", json_of("PaymentAccountPage"))
            .problems(&[409])
            .says("Lists the accounts at payment gateways."),
        Route::get(ONE, read)
            .for_staff(Access::read(Area::Payments))
            .gives(200, "The account, with the address of its callbacks and their proof.", json_of("PaymentAccount"))
            .with_headers(&["ETag"])
            .problems(&[409])
            .says("Reads an account at a payment gateway."),
        staff_making(Route::new(Method::POST, ALL, create), saved, "PaymentAccount")
            .takes(vec![("application/json", "PaymentAccountBody")], BODY_BYTES)
            .says("Makes an account at a payment gateway, and tries its key."),
        staff_changing(Route::new(Method::PUT, ONE, replace), saved, "PaymentAccount")
            .versioned()
            .takes(vec![("application/json", "PaymentAccountBody")], BODY_BYTES)
            .says("Changes an account at a payment gateway, and tries its key where that is another one."),
        staff_changing(
            Route::new(Method::POST, DEFAULT, set_default),
            "The account, which Pix and boleto go to.",
            "PaymentAccount",
        )
        .versioned()
        .says("Makes an account the one that Pix and boleto go to."),
        staff_changing(
            Route::new(Method::DELETE, ONE, take_away),
            "The account, which takes no new charges; what it has charged is looked at and given back by it.",
            "PaymentAccount",
        )
        .versioned()
        .says("Retires an account at a payment gateway."),
    ]
}

/// The names of the gateways that there are.
pub fn gateways() -> impl Iterator<Item = &'static str> {
    Gateways::names()
}

/// All accounts of the request's shop by name, as they are at the position that the request asks for.
pub async fn all(api: &Api, request: &Request) -> Result<Vec<Account>, Problem> {
    reads::point(api, request, Context::Payments).await?;
    let rows = api.platform.state.scan::<AccountRow>(&AccountRow::all(request.tenant), None, MOST).await?;
    let mut accounts: Vec<Account> = rows.into_iter().map(|row| row.account).collect();
    accounts.sort_by_key(place);
    Ok(accounts)
}

/// The place of an account among all.
fn place(account: &Account) -> (String, AccountId) {
    (account.name.clone(), account.account_id)
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let accounts = all(&api, &request).await?;
    let (after, limit) = (request.query.text("after"), reads::limit(&request));
    let (page, next) = cursor::page(&accounts, place, "accounts", after, limit)?;
    let items: Vec<Value> = page.iter().map(account_card_json).collect();
    Ok(reply::json(&json!({"items": items, "next": next, "total": accounts.len()})))
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let row = present(&api, &request, account_id(&request)?).await?;
    let mut response = reply::json(&Opener::of(&api, &request).account(&row.account).await?);
    let headers = response.headers_mut();
    headers.insert(header::ETAG, reply::etag(row.version));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    save(&api, &request, None).await
}

async fn replace(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let present = present(&api, &request, account_id(&request)?).await?;
    save(&api, &request, Some(present.account)).await
}

async fn save(api: &Api, request: &Request, present: Option<Account>) -> Result<Response, Problem> {
    let body: AccountBody = json::typed(&BODIES, cards::parse(request)?, "PaymentAccountBody")?;
    let (account, decision) = match submit(api, request, body, present).await {
        Ok(saved) => saved,
        Err(not_decided) => return writes::not_answered(not_decided),
    };
    let json = Opener::of(api, request).account(&account).await?;
    let made = (decision.outcome == Outcome::Created).then(|| format!("{}/{}", request.route, account.account_id));
    Ok(decided(&decision, &json, made))
}

/// Saves an account of the request's shop, the one that is `present` or a new one, and waits until its key was tried, for 3 s at most.
pub async fn submit(
    api: &Api,
    request: &Request,
    body: AccountBody,
    present: Option<Account>,
) -> Result<(Account, Decided), NotDecided> {
    let gateway = api.gateways.named(body.gateway.trim()).map_err(|_| invalid_gateway())?;
    let content = account_content(body, present.is_none()).map_err(Problem::fields)?;
    check_key(api, gateway.name(), content.secret_key.as_ref()).await?;
    let meta = writes::personal_meta(api, request, request.tenant)?;
    let account_id =
        present.as_ref().map_or_else(|| AccountId::from_uuid(meta.command_id.uuid()), |row| row.account_id);
    let command = sealed(api, meta, account_id, content, gateway.as_ref(), present.is_none()).await?;
    let decision = writes::send(api, request, PaymentsCommand::SaveAccount(command)).await?;
    let account = settled::account(api, request.tenant, entity_of(&decision.body)?).await?;
    Ok((account, decision))
}

/// Refuses a key that the simulator has not given out, where payments are simulated: a real one has no business there.
async fn check_key(api: &Api, gateway: &'static str, key: Option<&GatewayKey>) -> Result<(), Problem> {
    let (Some(simulation), Some(key)) = (&api.simulation, key) else { return Ok(()) };
    let (gave_out, key) = (Arc::clone(&simulation.gave_out), key.clone());
    let is_its_own = tokio::task::spawn_blocking(move || gave_out(gateway, key.expose())).await;
    if is_its_own.map_err(Problem::internal)? {
        return Ok(());
    }
    let detail = format!(
        "Aqui os pagamentos são simulados e nenhum dinheiro se move: esta chave não é do simulador, e uma chave de verdade não é \
         aceita. Use a chave de uma conta do simulador (veja {}/admin/accounts); para cobrar de verdade, inicie a Feira com \
         FEIRA_SIMULATOR_ENABLED=false.",
        simulation.address
    );
    Err(Problem::fields(vec![FieldError::new("/secret_key", Code::Invalid, detail)]))
}

/// The command that saves an account, its secrets sealed by one key, if any are new.
async fn sealed(
    api: &Api,
    meta: CommandMeta,
    account_id: AccountId,
    content: AccountContent,
    gateway: &dyn Gateway,
    is_new: bool,
) -> Result<SaveAccount, Problem> {
    let proof = proof(content.callback_secret, gateway.signature_header().is_some(), is_new)?;
    let (mut key, mut callback, mut callback_hash) = (None, None, None);
    let forget_notify_email = matches!(content.notify, Notify::Nobody);
    let address = match content.notify {
        Notify::At(email) => Some(email),
        Notify::Same | Notify::Nobody => None,
    };
    let mut notify_email = None;
    if content.secret_key.is_some() || proof.is_some() || address.is_some() {
        let sealer = seal::of_account(api, meta.tenant_id, account_id).await?;
        notify_email = address.map(|email| sealer.seal(&email)).transpose()?;
        key = content.secret_key.map(|key| sealer.seal(&key)).transpose()?;
        if let Some(Proof { secret, hash }) = proof {
            callback = Some(sealer.seal(&secret)?);
            callback_hash = hash;
        }
    }
    Ok(SaveAccount {
        meta,
        account_id,
        name: content.name,
        gateway: gateway.name().to_owned(),
        kind: content.kind,
        public_key: content.public_key,
        key,
        callback,
        callback_hash,
        make_default: false,
        simulated: api.gateways.are_simulated(),
        notify_email,
        forget_notify_email,
    })
}

/// The proof of callbacks, and the hash that user and password are compared by.
struct Proof {
    secret: CallbackSecret,
    hash: Option<String>,
}

/// The proof that an account gets; `None` keeps the one that it has. A gateway that signs tells its secret once the address of the
/// account is registered there, so until that is saved nothing that anybody knows stands in its place.
fn proof(given: Option<CallbackSecret>, signs: bool, is_new: bool) -> Result<Option<Proof>, Problem> {
    match (signs, given) {
        (true, Some(secret)) if secret.expose().starts_with(NOT_SET) => Err(Problem::fields(vec![FieldError::new(
            "/callback_secret",
            Code::Invalid,
            "O segredo dos avisos não é o do gateway.",
        )])),
        (true, Some(secret)) => Ok(Some(Proof { secret, hash: None })),
        (true, None) if is_new => {
            Ok(Some(Proof { secret: secret(&format!("{NOT_SET}{}", random_text()))?, hash: None }))
        }
        (false, Some(_)) => Err(Problem::fields(vec![FieldError::new(
            "/callback_secret",
            Code::Invalid,
            "Este gateway usa o usuário e a senha que esta conta mostra em «callback»: não informe um segredo.",
        )])),
        (false, None) if is_new => {
            let basic = format!("{USER}:{}", random_text());
            Ok(Some(Proof { secret: secret(&basic)?, hash: Some(tokens::hash(&basic)) }))
        }
        (_, None) => Ok(None),
    }
}

fn secret(text: &str) -> Result<CallbackSecret, Problem> {
    CallbackSecret::new(text).map_err(Problem::internal)
}

/// 256 random bits as text.
fn random_text() -> String {
    let mut bytes = [0; 32];
    random()(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Makes an account of the request's shop the one that Pix and boleto go to.
pub async fn make_default(
    api: &Api,
    request: &Request,
    account_id: AccountId,
) -> Result<(Account, Decided), NotDecided> {
    let meta = writes::meta(api, request, request.tenant)?;
    changed(api, request, PaymentsCommand::SetDefaultAccount(SetDefaultAccount { meta, account_id })).await
}

/// Retires an account of the request's shop: it takes no new charges.
pub async fn retire(api: &Api, request: &Request, account_id: AccountId) -> Result<(Account, Decided), NotDecided> {
    let meta = writes::meta(api, request, request.tenant)?;
    changed(api, request, PaymentsCommand::RetireAccount(RetireAccount { meta, account_id })).await
}

async fn changed(api: &Api, request: &Request, command: PaymentsCommand) -> Result<(Account, Decided), NotDecided> {
    let decision = writes::send(api, request, command).await?;
    Ok((entity_of(&decision.body)?, decision))
}

async fn set_default(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let changed = make_default(&api, &request, account_id(&request)?).await;
    answer(&api, &request, changed).await
}

async fn take_away(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let changed = retire(&api, &request, account_id(&request)?).await;
    answer(&api, &request, changed).await
}

async fn answer(
    api: &Api,
    request: &Request,
    changed: Result<(Account, Decided), NotDecided>,
) -> Result<Response, Problem> {
    let (account, decision) = match changed {
        Ok(changed) => changed,
        Err(not_decided) => return writes::not_answered(not_decided),
    };
    Ok(decided(&decision, &Opener::of(api, request).account(&account).await?, None))
}

/// An account of the request's shop, as it is at the position that the request asks for.
pub async fn present(api: &Api, request: &Request, account: AccountId) -> Result<AccountRow, Problem> {
    reads::point(api, request, Context::Payments).await?;
    let row = api.platform.state.get::<AccountRow>(&AccountRow::at(request.tenant, account)).await?;
    row.ok_or_else(|| Problem::not_found("A conta"))
}

/// The account that the path's first parameter names.
pub fn account_id(request: &Request) -> Result<AccountId, Problem> {
    request.id(0, "A conta")
}

fn invalid_gateway() -> Problem {
    let known: Vec<&str> = Gateways::names().collect();
    let detail = format!("Gateway inválido. Os gateways são: {}.", known.join(", "));
    let error = FieldError::new("/gateway", Code::InvalidGateway, detail.clone());
    Problem { errors: vec![error], ..Problem::new(Code::InvalidGateway, detail) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_new_account_has_a_proof_that_nobody_guesses_and_an_old_one_keeps_its_own() {
        let given = || Some(CallbackSecret::new("whsec_0123456789").unwrap());
        let basic = proof(None, false, true).unwrap().unwrap();
        let (user, password) = basic.secret.expose().split_once(':').unwrap();
        assert_eq!((user, password.len()), (USER, 43));
        assert_eq!(basic.hash, Some(tokens::hash(basic.secret.expose())));
        let other = proof(None, false, true).unwrap().unwrap();
        assert_ne!(other.secret.expose(), basic.secret.expose());
        let not_set = proof(None, true, true).unwrap().unwrap();
        assert!(not_set.secret.expose().starts_with(NOT_SET) && not_set.hash.is_none());
        assert_eq!(proof(given(), true, false).unwrap().unwrap().secret, given().unwrap());
        assert!(proof(None, true, false).unwrap().is_none() && proof(None, false, false).unwrap().is_none());
        for refused in [proof(given(), false, true), proof(Some(not_set.secret), true, false)] {
            assert_eq!(refused.err().unwrap().errors[0].pointer, "/callback_secret");
        }
    }
}
