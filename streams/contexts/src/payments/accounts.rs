//! Accounts of shops at gateways: saved, tried, made the default, retired. Suspended shops mend theirs, too: what they have charged is
//! looked at and given back by them.

use std::sync::Arc;

use feira_schemas::{
    ids::{AccountId, EffectId, Micros, TenantId},
    problem::{Code, FieldError, Refusal},
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{
            Account, AccountStatus, CheckAccount, Effect, EffectKind, EffectState, Grant, RetireAccount, SaveAccount,
            SetDefaultAccount, Why,
        },
    },
    refusals,
    rows::payments::AccountRow,
    time::MINUTE,
};

use super::{
    entity::{Kept, say, say_wanted},
    ledger, refused, shown,
};
use crate::{Decided, Decision, DecisionContext, Need, Rows, expected::check_version};

/// Accounts of a shop that are in use at once: each is a contract that somebody looks after, and a form shows them all.
pub const ACCOUNTS: usize = 20;
/// Accounts of a shop in all, with those that are retired, of which none is deleted: each decision on money reads them together.
pub const ACCOUNTS_EVER: usize = 100;
/// The time for which a key that was tried is not tried again without another one: a gateway that takes it, and refuses what is asked by
/// it, would be asked without end.
const TRIED_FOR: Micros = 5 * MINUTE;

/// All accounts of a shop.
pub(super) fn all(tenant: TenantId, rows: &Rows) -> Result<Vec<Arc<AccountRow>>, Need> {
    rows.scan::<AccountRow>(AccountRow::all(tenant))
}

/// The account of this id among those of the shop.
pub(super) fn of_id(accounts: &[Arc<AccountRow>], account: AccountId) -> Option<&AccountRow> {
    accounts.iter().find(|row| row.account.account_id == account).map(Arc::as_ref)
}

/// The shop's default account.
pub(super) fn default_of(accounts: &[Arc<AccountRow>]) -> Option<&AccountRow> {
    accounts.iter().find(|row| row.account.is_default).map(Arc::as_ref)
}

pub(super) fn save(command: &SaveAccount, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let accounts = all(command.meta.tenant_id, rows)?;
    let (mut account, answered) = match of_id(&accounts, command.account_id) {
        Some(row) => (Kept::from(row), Outcome::Updated),
        None => (Kept::new(made(command, &accounts, context)?), Outcome::Created),
    };
    check_version(&command.meta, account.version())?;
    change(&mut account.now, command, answered)?;
    let is_first = answered == Outcome::Created && default_of(&accounts).is_none();
    let former = match command.make_default || is_first {
        true => make_default(&mut account.now, &accounts)?,
        false => None,
    };
    if !account.has_changed() {
        return Ok(Decision::unchanged(context, shown::account(&account.now, account.version())));
    }
    let check = command.key.as_ref().map(|_| check_of(&account.now, command.meta.command_id.uuid(), context));
    let mut decision = Decision::new(context);
    say(&mut decision, context, account, Some(context.answers(answered)));
    if let Some(former) = former {
        say(&mut decision, context, former, None);
    }
    if let Some(check) = check {
        say_wanted(&mut decision, Kept::new(check));
    }
    Ok(decision)
}

/// A new account, as it is before what the command says of it is laid over it.
fn made(command: &SaveAccount, accounts: &[Arc<AccountRow>], context: &DecisionContext) -> Result<Account, Refusal> {
    let (Some(key), Some(callback)) = (&command.key, &command.callback) else {
        let missing = |present: bool, pointer: &str, detail: &str| {
            (!present).then(|| FieldError::new(pointer, Code::Required, detail))
        };
        let errors = [
            missing(command.key.is_some(), "/key", "Informe a chave secreta da conta."),
            missing(command.callback.is_some(), "/callback", "Informe a senha dos avisos do gateway."),
        ];
        return Err(Refusal::fields(errors.into_iter().flatten().collect()));
    };
    let in_use = accounts.iter().filter(|row| row.account.status != AccountStatus::Retired).count();
    if in_use >= ACCOUNTS {
        let detail = format!("A loja já tem {ACCOUNTS} contas de pagamento: aposente uma que não usa mais.");
        return Err(Refusal::new(Code::LimitReached, detail));
    }
    if accounts.len() >= ACCOUNTS_EVER {
        let detail =
            format!("A loja já teve {ACCOUNTS_EVER} contas de pagamento: troque a chave de uma que ainda tem.");
        return Err(Refusal::new(Code::LimitReached, detail));
    }
    Ok(Account {
        account_id: command.account_id,
        name: command.name.clone(),
        gateway: command.gateway.clone(),
        kind: command.kind,
        public_key: command.public_key.clone(),
        key: key.clone(),
        key_version: 0,
        callback: callback.clone(),
        callback_hash: command.callback_hash.clone(),
        status: AccountStatus::Untested,
        why: None,
        remote_account: None,
        is_default: false,
        created_at: context.now,
        updated_at: context.now,
        checked_at: None,
        simulated: command.simulated,
        notify_email: None,
    })
}

fn change(account: &mut Account, command: &SaveAccount, outcome: Outcome) -> Result<(), Refusal> {
    if account.gateway != command.gateway {
        let detail = format!("Esta conta é do gateway «{}»: para outro, crie outra conta.", account.gateway);
        return Err(Refusal::fields(vec![FieldError::new("/gateway", Code::InvalidGateway, detail)]));
    }
    if command.key.is_some() && account.simulated != command.simulated {
        // Its charges are at the other place, and would be looked for here.
        let detail = match account.simulated {
            true => "Esta conta é simulada: para uma chave de verdade, crie outra conta.",
            false => "Esta conta tem uma chave de verdade: para uma chave do simulador, crie outra conta.",
        };
        return Err(Refusal::fields(vec![FieldError::new("/key", Code::Invalid, detail)]));
    }
    account.name.clone_from(&command.name);
    account.kind = command.kind;
    account.public_key.clone_from(&command.public_key);
    if let Some(callback) = &command.callback {
        account.callback = callback.clone();
        account.callback_hash.clone_from(&command.callback_hash);
    }
    match &command.notify_email {
        Some(notify_email) => account.notify_email = Some(notify_email.clone()),
        None if command.forget_notify_email => account.notify_email = None,
        None => {}
    }
    let Some(key) = &command.key else { return Ok(()) };
    account.key = key.clone();
    account.key_version += 1;
    // A retired account stays so: its key is mended for what it has charged.
    if outcome == Outcome::Created || account.status != AccountStatus::Retired {
        account.status = AccountStatus::Untested;
        account.why = None;
    }
    Ok(())
}

/// The effect by which an account's key is tried: at least once, without asking for a grant. What stands in its place from the
/// beginning names the version of the key, so that a report on a key that was replaced meanwhile says nothing of the present one.
fn check_of(account: &Account, command: uuid::Uuid, context: &DecisionContext) -> Effect {
    Effect {
        effect_id: EffectId::from_uuid(command),
        kind: EffectKind::Check,
        entity: account.account_id.to_string(),
        charge_id: None,
        state: EffectState::Wanted,
        account_id: Some(account.account_id),
        not_after: Some(context.now.saturating_add(ledger::WAITS_FOR)),
        wanted_at: context.now,
        first_granted_at: None,
        attempts: 0,
        granted: Some(key_of(account, context)),
        last: None,
        settled: None,
    }
}

/// Has an account's key tried, whose account charges still: somebody to whom it is lent was refused by it. One that is to be tried, is
/// broken already, or was tried just now is left as it is.
pub(super) fn check(command: &CheckAccount, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let accounts = all(command.meta.tenant_id, rows)?;
    let Some(row) = of_id(&accounts, command.account_id) else { return Err(no_such_account().into()) };
    let account = &row.account;
    let is_fresh = account.checked_at.is_some_and(|tried| context.now < tried.saturating_add(TRIED_FOR));
    if is_fresh || !serves_its_charges(account) {
        return Ok(Decision::unchanged(context, shown::account(account, row.version)));
    }
    let check = Kept::new(check_of(account, command.meta.command_id.uuid(), context));
    let mut decision = Decision::new(context);
    say(&mut decision, context, check, Some(context.answers(Outcome::Created)));
    Ok(decision)
}

/// What stands in the place of a grant where none is needed: the version of the account's key.
pub(super) fn key_of(account: &Account, context: &DecisionContext) -> Grant {
    Grant {
        attempt: 1,
        runner: String::new(),
        account_id: Some(account.account_id),
        account_version: account.key_version,
        granted_at: context.now,
    }
}

pub(super) fn set_default(
    command: &SetDefaultAccount,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<PaymentsEvent> {
    let accounts = all(command.meta.tenant_id, rows)?;
    let Some(row) = of_id(&accounts, command.account_id) else { return Err(no_such_account().into()) };
    check_version(&command.meta, row.version)?;
    let mut account = Kept::from(row);
    let former = make_default(&mut account.now, &accounts)?;
    if !account.has_changed() {
        return Ok(Decision::unchanged(context, shown::account(&account.now, account.version())));
    }
    let mut decision = Decision::new(context);
    say(&mut decision, context, account, Some(context.answers(Outcome::Updated)));
    if let Some(former) = former {
        say(&mut decision, context, former, None);
    }
    Ok(decision)
}

/// Makes an account the default; what comes back is the account that was it.
fn make_default(account: &mut Account, accounts: &[Arc<AccountRow>]) -> Result<Option<Kept<Account>>, Refusal> {
    match account.status {
        AccountStatus::Retired => {
            return Err(Refusal::new(
                Code::PaymentState,
                "Uma conta aposentada não recebe novas cobranças: escolha outra.",
            ));
        }
        AccountStatus::Broken | AccountStatus::Unknown => {
            return Err(Refusal::new(Code::PaymentState, account.mending()));
        }
        AccountStatus::Untested | AccountStatus::Ready => {}
    }
    account.is_default = true;
    let former = default_of(accounts).filter(|row| row.account.account_id != account.account_id);
    Ok(former.map(|row| {
        let mut former = Kept::from(row);
        former.now.is_default = false;
        former
    }))
}

/// Retires an account. If it was the default and one other account alone is ready, that one becomes the default: with one account left
/// there is nothing to choose, and a shop that has just replaced its account expects to sell on. Among several nobody but the merchant
/// knows which, so none is, and Pix and boleto are refused in words until one is chosen.
pub(super) fn retire(command: &RetireAccount, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let accounts = all(command.meta.tenant_id, rows)?;
    let Some(row) = of_id(&accounts, command.account_id) else { return Err(no_such_account().into()) };
    check_version(&command.meta, row.version)?;
    if row.account.status == AccountStatus::Retired {
        return Ok(Decision::unchanged(context, shown::account(&row.account, row.version)));
    }
    let mut account = Kept::from(row);
    account.now.status = AccountStatus::Retired;
    account.now.is_default = false;
    // Its own key may be refused: what it has charged waits until that is mended.
    let successor = row.account.is_default.then(|| only_other_ready(&accounts, command.account_id)).flatten();
    let mut decision = Decision::new(context);
    say(&mut decision, context, account, Some(context.answers(Outcome::Updated)));
    if let Some(mut successor) = successor.map(Kept::from) {
        successor.now.is_default = true;
        say(&mut decision, context, successor, None);
    }
    Ok(decision)
}

fn only_other_ready(accounts: &[Arc<AccountRow>], but: AccountId) -> Option<&AccountRow> {
    let mut ready = accounts
        .iter()
        .filter(|row| row.account.account_id != but && row.account.status == AccountStatus::Ready)
        .map(Arc::as_ref);
    ready.next().filter(|_| ready.next().is_none())
}

/// The account's key was taken by the gateway, which says whose it is if it tells that.
pub(super) fn taken(account: &mut Account, remote_account: Option<&str>, context: &DecisionContext) {
    account.checked_at = Some(context.now);
    let known = account.remote_account.as_deref();
    if let (Some(known), Some(found)) = (known, remote_account)
        && known != found
    {
        // Charges that are known by this account would be looked for at another one.
        return broken(account, Why::AnotherAccount.word());
    }
    if account.remote_account.is_none() {
        account.remote_account = remote_account.map(str::to_owned);
    }
    account.why = None;
    if account.status != AccountStatus::Retired {
        account.status = AccountStatus::Ready;
    }
}

/// Nothing is charged by the account until somebody mends it. A retired one stays retired, and is not asked meanwhile either.
pub(super) fn broken(account: &mut Account, why: &str) {
    account.why = Some(why.to_owned());
    if account.status != AccountStatus::Retired {
        account.status = AccountStatus::Broken;
    }
}

/// The account, broken by a key that the gateway did not take; none if another key was saved since that one was granted.
pub(super) fn broken_by(row: &AccountRow, granted: Option<i32>, why: &str) -> Option<Kept<Account>> {
    if Some(row.account.key_version) != granted {
        return None;
    }
    let mut account = Kept::from(row);
    broken(&mut account.now, why);
    Some(account)
}

/// The account that a request names, of those of the shop, or its default.
pub(super) fn named(accounts: &[Arc<AccountRow>], account: Option<AccountId>) -> Result<&AccountRow, Refusal> {
    match account {
        Some(account_id) => of_id(accounts, account_id).ok_or_else(|| {
            refused::field("/account_id", Code::UnknownReference, "Não há esta conta de pagamento nesta loja.")
        }),
        None => default_of(accounts).ok_or_else(|| {
            let detail = "A loja não tem uma conta de pagamento padrão. Escolha uma no painel.";
            Refusal::new(Code::NoAccount, detail)
        }),
    }
}

/// Refuses what an account can't take. One that is not tried yet is waited for.
pub(super) fn check_takes(account: &Account) -> Result<(), Refusal> {
    match account.status {
        AccountStatus::Ready | AccountStatus::Untested => Ok(()),
        AccountStatus::Retired => {
            let detail = "Esta conta de pagamento foi aposentada e não recebe novas cobranças.";
            Err(Refusal::new(Code::NoAccount, detail))
        }
        AccountStatus::Broken | AccountStatus::Unknown => Err(Refusal::new(Code::NoAccount, account.mending())),
    }
}

/// True if charges that the account has can be given back or cancelled by it.
pub(super) fn serves_its_charges(account: &Account) -> bool {
    match account.status {
        AccountStatus::Ready => true,
        AccountStatus::Retired => account.why.is_none(),
        AccountStatus::Untested | AccountStatus::Broken | AccountStatus::Unknown => false,
    }
}

pub(super) fn no_such_account() -> Refusal {
    Refusal::new(Code::NotFound, refusals::not_in_this_shop("A conta de pagamento"))
}
