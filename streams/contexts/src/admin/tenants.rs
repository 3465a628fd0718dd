//! Making, suspending, closing and naming a shop; its tokens.

use feira_schemas::{
    limits,
    problem::{Code, Refusal},
    records::{
        AdminEvent,
        admin::{
            AnswerNameClaim, ChangeLogo, ChangeSettings, CloseTenant, IssueToken, ProvisionTenant, RevokeToken,
            Settings, SettingsChanged, ShopNameStatus, Tenant, TenantChanged, TenantStatus, Token, TokenChanged,
            TokenStatus, entity::TOKEN,
        },
        common::{Answers, CommandMeta, OPERATOR, Outcome},
    },
    refusals,
    rows::admin::{SettingsRow, TenantRow, TokenRow},
};

use super::{
    check_open, domains, groups,
    names::{self, Question},
    not_found, shown,
};
use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, Rows, Shown, expected::check_version};

/// A shop is asked for: hold its name first. The answer comes with the directory's.
pub(super) fn provision(command: &ProvisionTenant, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let tenant_id = command.meta.tenant_id;
    if let Some(row) = rows.get::<TenantRow>(TenantRow::at(tenant_id))? {
        let asked_by = row.tenant.requested_by.as_ref().map(|answers| answers.command_id);
        if row.tenant.status == TenantStatus::Requested && asked_by == Some(context.cause.command_id) {
            return asked_for_again(&row.tenant, rows, context);
        }
        return provisioned_before(&row.tenant, command, context);
    }
    let mut decision = Decision::new(context);
    let tenant = Tenant {
        tenant_id,
        version: 1,
        status: TenantStatus::Requested,
        subdomain: command.subdomain.clone(),
        created_at: context.now,
        requested_by: Some(context.answers(Outcome::Created)),
        subscription_id: None,
    };
    decision.event(EntityVersion::new(tenant_id, 1), |meta| TenantChanged { meta, tenant });
    name_shop(&command.shop_name, &mut decision, rows, context)?;
    if let Some(token_hash) = &command.token_hash {
        let token = new_token(token_hash, "admin", None, context);
        token_event(&mut decision, token, 1, None);
    }
    names::ask(Question::Claim, &command.subdomain, None, &mut decision, context);
    Ok(decision)
}

/// Says the name of a shop that is being made: it has set nothing else. One that has settings already keeps the rest of them.
pub(super) fn name_shop(
    shop_name: &str,
    decision: &mut Decision<AdminEvent>,
    rows: &Rows,
    context: &DecisionContext,
) -> Result<(), Need> {
    let row = rows.get::<SettingsRow>(SettingsRow::at(context.cause.tenant_id))?;
    let before = row.map_or_else(|| unset(context), |row| row.settings.clone());
    if before.shop_name == shop_name && before.version > 0 {
        return Ok(());
    }
    let version = before.version + 1;
    let settings = Settings { version, shop_name: shop_name.to_owned(), updated_at: context.now, ..before };
    let (logo_changed, removed_logo) = (false, None);
    let entity = settings_entity(context, version);
    decision.event(entity, |meta| SettingsChanged { meta, settings, logo_changed, removed_logo });
    Ok(())
}

/// The settings of a shop that has set nothing, not even its name: they are of version 0.
fn unset(context: &DecisionContext) -> Settings {
    Settings {
        version: 0,
        shop_name: String::new(),
        tagline: None,
        accent: None,
        logo: None,
        interest_free_installments: None,
        cors_origins: Vec::new(),
        contact: None,
        seller: None,
        policies: None,
        updated_at: context.now,
    }
}

/// The same command again while the directory is being asked: its one answer is on the way. A shop of which no timer knows that
/// it waits, since a program before there were any has asked for its name, is asked for now.
fn asked_for_again(tenant: &Tenant, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let mut decision = Decision::new(context);
    if names::known(&tenant.subdomain, rows, context)?.is_none() {
        names::ask(Question::Claim, &tenant.subdomain, None, &mut decision, context);
    }
    Ok(decision)
}

/// The shop's id is made of the operator's key, which is remembered longer than the answer that it got: the same shop is as it
/// is, and another one is not to be had by that key any more.
fn provisioned_before(tenant: &Tenant, command: &ProvisionTenant, context: &DecisionContext) -> Decided<AdminEvent> {
    if tenant.subdomain != command.subdomain {
        let detail = "Esta chave de idempotência já abriu outra loja. Use uma nova.";
        return Err(Refusal::new(Code::IdempotencyMismatch, detail).into());
    }
    match tenant.status {
        TenantStatus::Refused => Err(name_taken(&tenant.subdomain).into()),
        TenantStatus::Closed => Err(Refusal::new(Code::ShopClosed, refusals::SHOP_CLOSED).into()),
        TenantStatus::Requested | TenantStatus::Active | TenantStatus::Suspended | TenantStatus::Unknown => {
            Ok(Decision::unchanged(context, shown::tenant(tenant)))
        }
    }
}

fn name_taken(subdomain: &str) -> Refusal {
    Refusal::new(Code::NameTaken, refusals::subdomain_taken(subdomain))
}

/// The directory has answered: the shop opens, or is refused. One that was opened and whose name went to another meanwhile, as its
/// refused confirmation says, is closed for good: two shops of one name would each think it theirs.
pub(super) fn answer_name_claim(
    command: &AnswerNameClaim,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<AdminEvent> {
    let mut decision = Decision::new(context);
    let Some(row) = rows.get::<TenantRow>(TenantRow::at(command.meta.tenant_id))? else { return Ok(decision) };
    let tenant = &row.tenant;
    if tenant.subdomain != command.name {
        return Ok(decision);
    }
    let name = names::known(&command.name, rows, context)?;
    match (tenant.status, command.held) {
        (TenantStatus::Requested, true) => {
            open(tenant, &mut decision);
            names::ask(Question::Confirm, &command.name, name.as_deref(), &mut decision, context);
        }
        (TenantStatus::Requested | TenantStatus::Active | TenantStatus::Suspended, false) => {
            refuse(tenant, &mut decision);
            names::answered(ShopNameStatus::Refused, name.as_deref(), &mut decision);
        }
        (TenantStatus::Active | TenantStatus::Suspended, true) if command.confirmed => {
            names::answered(ShopNameStatus::Confirmed, name.as_deref(), &mut decision);
        }
        (TenantStatus::Closed, true) if command.confirmed => names::confirmed_late(name.as_deref(), &mut decision),
        // Its name was given back, or was another's before.
        (TenantStatus::Closed, false) => names::answered(ShopNameStatus::Released, name.as_deref(), &mut decision),
        _ => {} // Answered before.
    }
    Ok(decision)
}

fn open(tenant: &Tenant, decision: &mut Decision<AdminEvent>) {
    let opened = answered(tenant, TenantStatus::Active);
    let entity = EntityVersion::new(tenant.tenant_id, opened.version);
    decision.answer_for(tenant.requested_by.clone(), entity, |meta| TenantChanged { meta, tenant: opened });
}

fn refuse(tenant: &Tenant, decision: &mut Decision<AdminEvent>) {
    let refused = answered(tenant, TenantStatus::Refused);
    let entity = EntityVersion::new(tenant.tenant_id, refused.version);
    decision.event(entity, |meta| TenantChanged { meta, tenant: refused });
    // Whoever asked for the shop waits for this answer, unless the shop was opened before.
    if let Some(answers) = tenant.requested_by.clone() {
        let refused = Answers { outcome: Outcome::Refused, ..answers };
        decision.refuse_for(Some(refused), name_taken(&tenant.subdomain));
    }
}

/// The shop after its name is known to be its own, or not.
fn answered(tenant: &Tenant, status: TenantStatus) -> Tenant {
    Tenant { status, version: tenant.version + 1, requested_by: None, ..tenant.clone() }
}

/// Suspends or resumes; a shop that was never opened can't be either.
pub(super) fn set_status(
    meta: &CommandMeta,
    status: TenantStatus,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<AdminEvent> {
    let tenant_id = meta.tenant_id;
    let row = rows.get::<TenantRow>(TenantRow::at(tenant_id))?;
    let opened = |status| matches!(status, TenantStatus::Active | TenantStatus::Suspended);
    let Some(row) = row.filter(|row| opened(row.tenant.status)) else {
        return Err(not_found("A loja").into());
    };
    check_version(meta, row.tenant.version)?;
    if row.tenant.status == status {
        return Ok(Decision::unchanged(context, shown::tenant(&row.tenant)));
    }
    let mut decision = Decision::new(context);
    let tenant = Tenant { status, version: row.tenant.version + 1, ..row.tenant.clone() };
    decision
        .answer(Outcome::Updated, EntityVersion::new(tenant_id, tenant.version), |meta| TenantChanged { meta, tenant });
    Ok(decision)
}

/// Closes a shop that was opened, for good. Its name is kept for a time, and is then anybody's.
pub(super) fn close(command: &CloseTenant, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let tenant_id = command.meta.tenant_id;
    let row = rows.get::<TenantRow>(TenantRow::at(tenant_id))?;
    let opened = |status| matches!(status, TenantStatus::Active | TenantStatus::Suspended | TenantStatus::Closed);
    let Some(row) = row.filter(|row| opened(row.tenant.status)) else {
        return Err(not_found("A loja").into());
    };
    check_version(&command.meta, row.tenant.version)?;
    if row.tenant.status == TenantStatus::Closed {
        return Ok(Decision::unchanged(context, shown::tenant(&row.tenant)));
    }
    let name = names::known(&row.tenant.subdomain, rows, context)?;
    let mut decision = Decision::new(context);
    let tenant = Tenant { status: TenantStatus::Closed, version: row.tenant.version + 1, ..row.tenant.clone() };
    decision
        .answer(Outcome::Updated, EntityVersion::new(tenant_id, tenant.version), |meta| TenantChanged { meta, tenant });
    names::keep(&row.tenant.subdomain, name.as_deref(), &mut decision, context);
    domains::go_with_shop(&mut decision, rows, context)?;
    Ok(decision)
}

/// A new token; only its hash comes here. The operator makes one of a shop in any state, and its staff of one that is open.
pub(super) fn issue_token(command: &IssueToken, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let tenant_id = command.meta.tenant_id;
    if rows.get::<TenantRow>(TenantRow::at(tenant_id))?.is_none() {
        return Err(not_found("A loja").into());
    }
    if context.cause.actor != OPERATOR {
        check_open(tenant_id, rows)?;
    }
    let scopes = match &command.scopes {
        Some(words) => Some(groups::checked_permissions(tenant_id, "/scopes", words)?),
        None => None,
    };
    if let Some(row) = rows.get::<TokenRow>(TokenRow::at(tenant_id, &command.token_hash))? {
        return issued_before(&row.token, &command.label, scopes.as_ref(), context);
    }
    let tokens = rows.scan::<TokenRow>(TokenRow::all(tenant_id))?;
    if tokens.iter().filter(|row| row.token.status == TokenStatus::Active).count() >= limits::TOKENS {
        let detail = format!("A loja pode ter até {} tokens: revogue um que não usa mais.", limits::TOKENS);
        return Err(Refusal::new(Code::LimitReached, detail).into());
    }
    let mut decision = Decision::new(context);
    let token = new_token(&command.token_hash, &command.label, scopes, context);
    token_event(&mut decision, token, 1, Some(context.answers(Outcome::Created)));
    Ok(decision)
}

/// The token is made of its asker's key, which is remembered longer than the answer that it got: no other token is to be had by it, nor one
/// that is good again.
fn issued_before(
    token: &Token,
    label: &str,
    scopes: Option<&Vec<String>>,
    context: &DecisionContext,
) -> Decided<AdminEvent> {
    if token.status != TokenStatus::Active || token.label != label || token.scopes.as_ref() != scopes {
        let detail = "Esta chave de idempotência já criou outro token, ou um que foi revogado. Use uma nova.";
        return Err(Refusal::new(Code::IdempotencyMismatch, detail).into());
    }
    Ok(Decision::unchanged(context, Shown::without_json(TOKEN)))
}

/// Makes a token good for nothing, for good. One that is revoked already stays as it is.
pub(super) fn revoke_token(command: &RevokeToken, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let Some(row) = rows.get::<TokenRow>(TokenRow::at(command.meta.tenant_id, &command.token_hash))? else {
        return Err(Refusal::new(Code::NotFound, refusals::NO_SUCH_TOKEN).into());
    };
    if row.token.status == TokenStatus::Revoked {
        return Ok(Decision::unchanged(context, Shown::without_json(TOKEN)));
    }
    let mut decision = Decision::new(context);
    let token = Token { status: TokenStatus::Revoked, ..row.token.clone() };
    token_event(&mut decision, token, 2, Some(context.answers(Outcome::Updated)));
    Ok(decision)
}

fn new_token(token_hash: &str, label: &str, scopes: Option<Vec<String>>, context: &DecisionContext) -> Token {
    let (token_hash, label, made_by) = (token_hash.to_owned(), label.to_owned(), Some(context.cause.actor.clone()));
    Token { token_hash, label, status: TokenStatus::Active, created_at: context.now, scopes, made_by }
}

/// The token is now this. It is issued, and revoked once: it has two versions.
fn token_event(decision: &mut Decision<AdminEvent>, token: Token, version: i64, answers: Option<Answers>) {
    let entity = EntityVersion::new(&token.token_hash, version);
    decision.answer_for(answers, entity, |meta| TokenChanged { meta, token });
}

/// Settings are an entity of their own, beside the tenant: their versions count apart.
fn settings_entity(context: &DecisionContext, version: i64) -> EntityVersion {
    EntityVersion::new(format!("settings:{}", context.cause.tenant_id), version)
}

/// Name, sentence, colour and what the shop publishes of itself; what is not given stays.
pub(super) fn change_settings(command: &ChangeSettings, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let ChangeSettings { meta, shop_name, tagline, accent, interest_free_installments, cors_origins, .. } = command;
    let ChangeSettings { contact, seller, policies, .. } = command;
    change(meta, rows, context, false, |settings| {
        settings.shop_name = shop_name.clone().unwrap_or(settings.shop_name.clone());
        settings.tagline = tagline.clone().or(settings.tagline.clone());
        settings.accent = accent.clone().or(settings.accent.clone());
        settings.interest_free_installments = interest_free_installments.or(settings.interest_free_installments);
        settings.cors_origins = cors_origins.clone().unwrap_or(settings.cors_origins.clone());
        settings.contact = contact.clone().unwrap_or_default().over(settings.contact.take());
        settings.seller = seller.clone().unwrap_or_default().over(settings.seller.take());
        settings.policies = policies.clone().unwrap_or_default().over(settings.policies.take());
    })
}

/// Sets or removes the logo.
pub(super) fn change_logo(command: &ChangeLogo, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    change(&command.meta, rows, context, true, |settings| settings.logo = command.logo.clone())
}

fn change(
    meta: &CommandMeta,
    rows: &Rows,
    context: &DecisionContext,
    logo_changed: bool,
    edit: impl FnOnce(&mut Settings),
) -> Decided<AdminEvent> {
    let Some(row) = rows.get::<SettingsRow>(SettingsRow::at(meta.tenant_id))? else {
        return Err(not_found("A loja").into());
    };
    check_version(meta, row.settings.version)?;
    let mut settings = row.settings.clone();
    edit(&mut settings);
    if settings == row.settings {
        return Ok(Decision::unchanged(context, shown::settings(&settings)));
    }
    let logo = |settings: &Settings| settings.logo.as_ref().map(|logo| logo.image_id);
    let removed_logo = logo(&row.settings).filter(|had| logo(&settings) != Some(*had));
    settings.version += 1;
    settings.updated_at = context.now;
    let mut decision = Decision::new(context);
    let entity = settings_entity(context, settings.version);
    decision.answer(Outcome::Updated, entity, |meta| SettingsChanged { meta, settings, logo_changed, removed_logo });
    Ok(decision)
}
