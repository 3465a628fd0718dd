//! A subscription that is paid becomes a shop: its tenant, its settings, what it may have, its first administrator with
//! a mail, and the question for its name, all in one decision. Sign-up says that it is paid until it hears of the shop,
//! so the same may come again.

use feira_schemas::{
    hosts::check_subdomain,
    ids::TenantId,
    problem::{Code, Refusal},
    records::{
        AdminEvent, SignupEvent,
        admin::{StaffChanged, StaffMember, StaffStatus, Tenant, TenantChanged, TenantStatus},
        mails::MailTemplate,
        signup::{Owner, Subscription, SubscriptionStatus},
    },
    rows::admin::{StaffRow, TenantRow},
    staff::role,
};

use super::{
    links::{self, Shop},
    names::{self, Question},
    staff, standing, tenants,
};
use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, Rows, mails};

/// Decides upon what sign-up says.
///
/// # Errors
/// Of a subscription that is paid no shop can be made: the refusal says why.
pub(super) fn by_signup(event: &SignupEvent, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    match event {
        SignupEvent::SubscriptionChanged(event) => subscription_changed(&event.subscription, rows, context),
        SignupEvent::PlanChanged(_)
        | SignupEvent::InvoiceChanged(_)
        | SignupEvent::MailWanted(_)
        | SignupEvent::MailDone(_)
        | SignupEvent::CommandAnswered(_)
        | SignupEvent::TimerSet(_)
        | SignupEvent::TimerCleared(_) => Ok(Decision::new(context)),
    }
}

fn subscription_changed(subscription: &Subscription, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let is_paid = match subscription.status {
        SubscriptionStatus::Paid => true,
        SubscriptionStatus::Active => false,
        SubscriptionStatus::Naming
        | SubscriptionStatus::NameTaken
        | SubscriptionStatus::Paying
        | SubscriptionStatus::Refused
        | SubscriptionStatus::Expired
        | SubscriptionStatus::NameLost
        | SubscriptionStatus::Securing
        | SubscriptionStatus::Ended
        | SubscriptionStatus::Unknown => return Ok(Decision::new(context)),
    };
    let row = rows.get::<TenantRow>(TenantRow::at(context.cause.tenant_id))?;
    let of_subscription = Some(subscription.subscription_id);
    match row.as_ref().map(|row| &row.tenant) {
        None if is_paid => open(subscription, None, rows, context),
        None => Ok(Decision::new(context)),
        Some(tenant) if is_paid && tenant.subscription_id != of_subscription => {
            let detail = "A loja desta assinatura já existe e não é dela.";
            Err(Refusal::new(Code::Invalid, detail).into())
        }
        Some(tenant) if is_paid && tenant.status == TenantStatus::Refused => {
            open_again(subscription, tenant, rows, context)
        }
        Some(tenant) => {
            let mut decision = Decision::new(context);
            if tenant.subscription_id.is_none() || tenant.subscription_id == of_subscription {
                standing::follow(subscription, &mut decision, rows, context)?;
            }
            Ok(decision)
        }
    }
}

/// Opens a shop whose name went to another by its next name. What was said before sign-up heard of that names it as before.
fn open_again(
    subscription: &Subscription,
    tenant: &Tenant,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<AdminEvent> {
    match standing::is_named_anew(subscription, rows, context)? {
        true => open(subscription, Some(tenant), rows, context),
        false => Ok(Decision::new(context)),
    }
}

/// Opens the shop of a subscription that is paid: a new one, or one that was refused before. Sign-up has its name held, which
/// is confirmed from here on.
fn open(
    subscription: &Subscription,
    before: Option<&Tenant>,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<AdminEvent> {
    let tenant_id = context.cause.tenant_id;
    if tenant_id == TenantId::PLATFORM {
        return Err(Refusal::new(Code::Invalid, "A plataforma não é uma loja, e não tem assinatura.").into());
    }
    check_form(&subscription.subdomain)?;
    let mut decision = Decision::new(context);
    let tenant = Tenant {
        tenant_id,
        version: before.map_or(0, |before| before.version) + 1,
        status: TenantStatus::Active,
        subdomain: subscription.subdomain.clone(),
        created_at: before.map_or(context.now, |before| before.created_at),
        requested_by: None,
        subscription_id: Some(subscription.subscription_id),
    };
    decision.event(EntityVersion::new(tenant_id, tenant.version), |meta| TenantChanged { meta, tenant });
    tenants::name_shop(&subscription.shop_name, &mut decision, rows, context)?;
    standing::opened_by(subscription, &mut decision, rows, context)?;
    invite_owner(subscription, &mut decision, rows, context)?;
    let name = names::known(&subscription.subdomain, rows, context)?;
    names::ask(Question::Confirm, &subscription.subdomain, name.as_deref(), &mut decision, context);
    Ok(decision)
}

/// Refuses what is no name. One that was reserved since it was paid for stays the shop's: the directory holds it.
fn check_form(subdomain: &str) -> Result<(), Refusal> {
    match check_subdomain(subdomain) {
        Err(refusal) if refusal.code != Code::NameReserved => Err(refusal),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Invites the first administrator, by the mail that says that the shop is open. Who is in the staff already, since the shop was
/// open before, stays as it is and gets the mail.
fn invite_owner(
    subscription: &Subscription,
    decision: &mut Decision<AdminEvent>,
    rows: &Rows,
    context: &DecisionContext,
) -> Result<(), Need> {
    let tenant = context.cause.tenant_id;
    let owner = &subscription.owner;
    let member = match staff::of_email(tenant, &owner.email_term, rows)? {
        Some(present) => present,
        None => {
            let before = rows.get::<StaffRow>(StaffRow::at(tenant, owner.staff_id))?;
            let staff = invited(owner, before.as_ref().map(|row| &row.staff), context);
            let (entity, member) = (EntityVersion::new(staff.staff_id, staff.version), staff.clone());
            decision.event(entity, |meta| StaffChanged { meta, staff });
            member
        }
    };
    let shop = Shop { subdomain: subscription.subdomain.clone(), name: Some(subscription.shop_name.clone()) };
    let mut mail = links::link_mail(tenant, &member, Some(&shop), context);
    mail.template = MailTemplate::ShopOpened;
    mail.facts.push(("plan", subscription.terms.plan_name.clone()));
    mails::want(decision, context, mail);
    Ok(())
}

/// The owner as a member who has not come yet. One of the same id, with another address, gives way: its links and its password
/// are good no more.
fn invited(owner: &Owner, before: Option<&StaffMember>, context: &DecisionContext) -> StaffMember {
    StaffMember {
        staff_id: owner.staff_id,
        version: before.map_or(0, |before| before.version) + 1,
        email: owner.email.clone(),
        email_term: owner.email_term.clone(),
        name: owner.name.clone(),
        password: None,
        roles: vec![role::ADMINISTRATOR.to_owned()],
        groups: Vec::new(),
        permissions: Vec::new(),
        status: StaffStatus::Invited,
        link_version: before.map_or(0, |before| before.link_version.saturating_add(1)),
        sessions_not_before: before.map_or(0, |_| context.now),
        created_at: before.map_or(context.now, |before| before.created_at),
        changed_at: context.now,
    }
}
