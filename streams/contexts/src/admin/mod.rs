//! The merchant's side: tenants, settings and tokens, categories, products and their images, payment methods, a domain of its own, staff
//! and its groups. Of a subscription that is paid it makes the shop, and it keeps what somebody reports of one.

mod apply;
mod categories;
mod coupons;
mod domains;
mod groups;
mod images;
mod import;
mod links;
mod merge_patch;
mod methods;
mod names;
mod products;
mod provisioning;
mod reports;
mod shipping;
mod shown;
mod slugs;
mod staff;
mod standing;
mod tenants;

use feira_schemas::{
    groups::Context,
    ids::{StaffId, TenantId},
    problem::{Code, Refusal},
    records::{
        AdminCommand, AdminEvent, CommandSet, EventSet, SignupEvent,
        admin::{TenantStatus, entity::MAIL},
    },
    refusals,
    row::Write,
    rows::admin::{AnswerRow, MailRow, ProgressRow, StaffRow, TenantRow, TimerRow},
    sealed::SubjectKind,
};

use crate::{Decided, Decider, Decision, DecisionContext, Input, Owning, Rows, Shown, Stop, mails};

/// Admin's `decide` and `apply`.
pub struct Admin;

impl Decider for Admin {
    const CONTEXT: Context = Context::Admin;
    const FOREIGN: &'static [Context] = &[Context::Signup];
    const OWNING: &'static [Owning] =
        &[Owning::of::<StaffRow>(SubjectKind::Staff, |tenant, id| StaffRow::at(tenant, StaffId::from_uuid(id)))];
    type Command = AdminCommand;
    type Event = AdminEvent;
    type Foreign = SignupEvent;
    type Answer = AnswerRow;
    type Timer = TimerRow;
    type Progress = ProgressRow;

    fn decide(input: &Input<AdminCommand, SignupEvent>, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
        let command = match input {
            Input::Command(command) => command,
            Input::Foreign(event) => return provisioning::by_signup(event, rows, context),
            // Whatever the shop's status.
            Input::Timer(timer) if domains::is_of_domain(timer) => return domains::due(timer, rows, context),
            Input::Timer(timer) => return names::ask_again(timer, rows, context),
        };
        if !goes_on_once_closed(command) {
            check_not_closed(command.meta().tenant_id, rows)?;
        }
        match command {
            AdminCommand::ProvisionTenant(command) => tenants::provision(command, rows, context),
            AdminCommand::AnswerNameClaim(command) if domains::is_domain(&command.name) => {
                domains::answered(command, rows, context)
            }
            AdminCommand::AnswerNameClaim(command) => tenants::answer_name_claim(command, rows, context),
            AdminCommand::SuspendTenant(command) => {
                tenants::set_status(&command.meta, TenantStatus::Suspended, rows, context)
            }
            AdminCommand::ResumeTenant(command) => {
                tenants::set_status(&command.meta, TenantStatus::Active, rows, context)
            }
            AdminCommand::CloseTenant(command) => tenants::close(command, rows, context),
            AdminCommand::IssueToken(command) => tenants::issue_token(command, rows, context),
            AdminCommand::RevokeToken(command) => tenants::revoke_token(command, rows, context),
            AdminCommand::ChangeStaffGroup(command) => groups::change(command, rows, context),
            AdminCommand::RemoveStaffGroup(command) => groups::remove(command, rows, context),
            AdminCommand::SetStaffPassword(command) => staff::set_password(command, rows, context),
            AdminCommand::ChangeStaff(command) => staff::change(command, rows, context),
            AdminCommand::EndStaffSessions(command) => staff::end_sessions(command, rows, context),
            AdminCommand::AskStaffLink(command) => staff::ask_link(command, rows, context),
            AdminCommand::ReportDomain(command) => domains::report(command, rows, context),
            AdminCommand::ReportShop(command) => reports::report(command, rows, context),
            AdminCommand::ReportMail(command) => {
                mails::report::<_, MailRow>(command, Shown::without_json(MAIL), rows, context)
            }
            _ => {
                check_open(command.meta().tenant_id, rows)?;
                decide_in_open_shop(command, rows, context)
            }
        }
    }

    fn apply(event: &AdminEvent) -> Vec<Write> {
        apply::apply(event)
    }

    fn of_partition(event: &AdminEvent, partition: u32) -> Vec<Write> {
        apply::of_partition(event, partition)
    }

    fn shown(event: &AdminEvent) -> Option<Shown> {
        shown::shown(event)
    }

    fn key(event: &AdminEvent) -> Option<String> {
        Some(event.meta().tenant_id.to_string())
    }
}

fn decide_in_open_shop(command: &AdminCommand, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    match command {
        AdminCommand::ChangeSettings(command) => tenants::change_settings(command, rows, context),
        AdminCommand::ChangeLogo(command) => tenants::change_logo(command, rows, context),
        AdminCommand::CreateProduct(command) => products::create(command, rows, context),
        AdminCommand::ReplaceProduct(command) => products::replace(command, rows, context),
        AdminCommand::PatchProduct(command) => products::patch(command, rows, context),
        AdminCommand::DeleteProduct(command) => products::delete(command, rows, context),
        AdminCommand::ImportProduct(command) => import::import(command, rows, context),
        AdminCommand::AddProductImage(command) => images::add(command, rows, context),
        AdminCommand::ChangeProductImage(command) => images::change(command, rows, context),
        AdminCommand::RemoveProductImage(command) => images::remove(command, rows, context),
        AdminCommand::FailProductImage(command) => images::fail(command, rows, context),
        AdminCommand::CreateCategory(command) => categories::create(command, rows, context),
        AdminCommand::ReplaceCategory(command) => categories::replace(command, rows, context),
        AdminCommand::PatchCategory(command) => categories::patch(command, rows, context),
        AdminCommand::DeleteCategory(command) => categories::delete(command, rows, context),
        AdminCommand::InviteStaff(command) => staff::invite(command, rows, context),
        AdminCommand::CreateStaffGroup(command) => groups::create(command, rows, context),
        AdminCommand::SetOfferedMethod(command) => methods::set_offered(command, rows, context),
        AdminCommand::RemoveOfferedMethod(command) => methods::remove_offered(command, rows, context),
        AdminCommand::SetShopMethod(command) => methods::set_of_shop(command, rows, context),
        AdminCommand::RemoveShopMethod(command) => methods::remove_of_shop(command, rows, context),
        AdminCommand::SetProductMethod(command) => methods::set_of_product(command, rows, context),
        AdminCommand::RemoveProductMethod(command) => methods::remove_of_product(command, rows, context),
        AdminCommand::ClaimDomain(command) => domains::claim(command, rows, context),
        AdminCommand::WithdrawDomain(command) => domains::withdraw(command, rows, context),
        AdminCommand::CheckDomain(command) => domains::check(command, rows, context),
        AdminCommand::SetCoupon(command) => coupons::set(command, rows, context),
        AdminCommand::RemoveCoupon(command) => coupons::remove(command, rows, context),
        AdminCommand::CreateShipping(command) => shipping::create(command, rows, context),
        AdminCommand::ChangeShipping(command) => shipping::change(command, rows, context),
        AdminCommand::MoveShipping(command) => shipping::shift(command, rows, context),
        AdminCommand::RemoveShipping(command) => shipping::remove(command, rows, context),
        AdminCommand::ProvisionTenant(_)
        | AdminCommand::AnswerNameClaim(_)
        | AdminCommand::SuspendTenant(_)
        | AdminCommand::ResumeTenant(_)
        | AdminCommand::CloseTenant(_)
        | AdminCommand::IssueToken(_)
        | AdminCommand::RevokeToken(_)
        | AdminCommand::ChangeStaffGroup(_)
        | AdminCommand::RemoveStaffGroup(_)
        | AdminCommand::SetStaffPassword(_)
        | AdminCommand::ChangeStaff(_)
        | AdminCommand::EndStaffSessions(_)
        | AdminCommand::AskStaffLink(_)
        | AdminCommand::ReportShop(_)
        | AdminCommand::ReportDomain(_)
        | AdminCommand::ReportMail(_) => Ok(Decision::new(context)), // Decided before: they do not need an open shop.
    }
}

/// True of what is decided of a shop that is closed for good, too: nothing of it changes by that.
fn goes_on_once_closed(command: &AdminCommand) -> bool {
    matches!(
        command,
        AdminCommand::ProvisionTenant(_)
            | AdminCommand::AnswerNameClaim(_)
            | AdminCommand::CloseTenant(_)
            | AdminCommand::ReportShop(_)
            | AdminCommand::ReportDomain(_)
            | AdminCommand::ReportMail(_)
    )
}

/// Refuses what is asked of a shop that is closed for good.
fn check_not_closed(tenant: TenantId, rows: &Rows) -> Result<(), Stop> {
    if tenant == TenantId::PLATFORM {
        return Ok(());
    }
    let row = rows.get::<TenantRow>(TenantRow::at(tenant))?;
    match row.is_some_and(|row| row.tenant.status == TenantStatus::Closed) {
        true => Err(Refusal::new(Code::ShopClosed, refusals::SHOP_CLOSED).into()),
        false => Ok(()),
    }
}

/// Refuses what is asked of a shop in which nothing can be written. The platform itself is none, and always open.
fn check_open(tenant: TenantId, rows: &Rows) -> Result<(), Stop> {
    if tenant == TenantId::PLATFORM {
        return Ok(());
    }
    let row = rows.get::<TenantRow>(TenantRow::at(tenant))?;
    match row.map(|row| row.tenant.status) {
        Some(TenantStatus::Active) => Ok(()),
        Some(_) => Err(Refusal::new(Code::ShopSuspended, refusals::SHOP_NOT_ACTIVE).into()),
        None => Err(Refusal::new(Code::NotFound, refusals::NO_SUCH_SHOP).into()),
    }
}

fn not_found(what: &str) -> Refusal {
    Refusal::new(Code::NotFound, refusals::not_in_this_shop(what))
}
