//! The merchant's side: tenants, settings and tokens, categories, products and their pictures.

mod apply;
mod categories;
mod images;
mod import;
mod products;
mod tenants;

use feira_schemas::{
    ids::TenantId,
    problem::{Code, Refusal},
    records::{
        AdminCommand, AdminEvent, CommandSet, EventSet,
        admin::TenantStatus,
        common::{CommandAnswered, CommandMeta},
    },
    row::Write,
    rows::admin::{AnswerRow, ProgressRow, TenantRow},
    topics::Context,
};

use crate::task::{Decider, Decision, Input, Moment, Need, NoForeign, Rows};

/// Admin's `decide` and `apply`.
pub struct Admin;

type Decided = Result<Decision<AdminEvent>, Need>;

impl Decider for Admin {
    const CONTEXT: Context = Context::Admin;
    const FOREIGN: &'static [Context] = &[];
    type Command = AdminCommand;
    type Event = AdminEvent;
    type Foreign = NoForeign;
    type Answer = AnswerRow;
    type Progress = ProgressRow;

    fn decide(input: &Input<AdminCommand, NoForeign>, rows: &Rows, moment: &Moment) -> Decided {
        let command = match input {
            Input::Command(command) => command,
            Input::Foreign(event) => match *event {},
        };
        match command {
            AdminCommand::ProvisionTenant(command) => tenants::provision(command, rows, moment),
            AdminCommand::AnswerNameClaim(command) => tenants::answer_name_claim(command, rows, moment),
            AdminCommand::SuspendTenant(command) => {
                tenants::set_status(&command.meta, TenantStatus::Suspended, rows, moment)
            }
            AdminCommand::ResumeTenant(command) => {
                tenants::set_status(&command.meta, TenantStatus::Active, rows, moment)
            }
            AdminCommand::IssueToken(command) => tenants::issue_token(command, rows, moment),
            _ => match closed(command.meta().tenant_id, rows)? {
                Some(refusal) => Ok(Decision::refuse(moment, refusal)),
                None => of_an_open_shop(command, rows, moment),
            },
        }
    }

    fn apply(event: &AdminEvent) -> Vec<Write> {
        apply::apply(event)
    }

    fn answer_body(event: &AdminEvent) -> Option<String> {
        apply::answer_body(event)
    }

    fn refusal(event: &AdminEvent) -> Option<&CommandAnswered> {
        match event {
            AdminEvent::CommandAnswered(answered) => Some(answered),
            _ => None,
        }
    }

    fn key(event: &AdminEvent) -> Option<String> {
        Some(event.meta().tenant_id.to_string())
    }
}

fn of_an_open_shop(command: &AdminCommand, rows: &Rows, moment: &Moment) -> Decided {
    match command {
        AdminCommand::ChangeSettings(command) => tenants::change_settings(command, rows, moment),
        AdminCommand::ChangeLogo(command) => tenants::change_logo(command, rows, moment),
        AdminCommand::CreateProduct(command) => products::create(command, rows, moment),
        AdminCommand::ReplaceProduct(command) => products::replace(command, rows, moment),
        AdminCommand::PatchProduct(command) => products::patch(command, rows, moment),
        AdminCommand::DeleteProduct(command) => products::delete(command, rows, moment),
        AdminCommand::ImportProduct(command) => import::import(command, rows, moment),
        AdminCommand::AddProductImage(command) => images::add(command, rows, moment),
        AdminCommand::ChangeProductImage(command) => images::change(command, rows, moment),
        AdminCommand::RemoveProductImage(command) => images::remove(command, rows, moment),
        AdminCommand::FailProductImage(command) => images::fail(command, rows, moment),
        AdminCommand::CreateCategory(command) => categories::create(command, rows, moment),
        AdminCommand::ReplaceCategory(command) => categories::replace(command, rows, moment),
        AdminCommand::PatchCategory(command) => categories::patch(command, rows, moment),
        AdminCommand::DeleteCategory(command) => categories::delete(command, rows, moment),
        AdminCommand::ProvisionTenant(_)
        | AdminCommand::AnswerNameClaim(_)
        | AdminCommand::SuspendTenant(_)
        | AdminCommand::ResumeTenant(_)
        | AdminCommand::IssueToken(_) => Ok(Decision::new(moment)), // Decided before: they do not need an open shop.
    }
}

/// Why nothing can be written in this shop, if so.
fn closed(tenant: TenantId, rows: &Rows) -> Result<Option<Refusal>, Need> {
    let row = rows.get::<TenantRow>(TenantRow::at(tenant))?;
    Ok(match row.map(|row| row.tenant.status) {
        Some(TenantStatus::Active) => None,
        Some(_) => {
            Some(Refusal::new(Code::ShopSuspended, "Esta loja não está ativa. Fale com o suporte da plataforma."))
        }
        None => Some(Refusal::new(Code::NotFound, "Esta loja não existe.")),
    })
}

/// `If-Match`: refuses a change that is meant for another version.
fn version_mismatch(meta: &CommandMeta, version: i64) -> Option<Refusal> {
    meta.expected_version.filter(|expected| *expected != version).map(|expected| {
        Refusal::new(
            Code::VersionMismatch,
            format!("A versão atual é {version}, e não {expected}. Leia de novo antes de alterar."),
        )
    })
}

fn not_found(what: &str) -> Refusal {
    Refusal::new(Code::NotFound, format!("{what} não existe nesta loja."))
}
