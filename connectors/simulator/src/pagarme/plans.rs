//! Plans, and the items that they are made of.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    answer::Refused,
    call::Call,
    fields,
    kept::{Line, Plan, Terms},
    lists, tell, times,
};

/// Items of a plan or a subscription.
pub(super) const ITEMS: usize = 100;

/// An item as a body has it.
#[derive(Deserialize)]
pub(super) struct NewLine {
    name: Option<String>,
    description: Option<String>,
    quantity: Option<i64>,
    cycles: Option<i64>,
    pricing_scheme: Pricing,
}

#[derive(Deserialize)]
struct Pricing {
    scheme_type: String,
    price: i64,
}

impl NewLine {
    /// The item; `path` stands before the paths of errors.
    pub(super) fn line(self, call: &mut Call, prefix: &str, path: &str) -> Result<Line, Refused> {
        let quantity = self.quantity.unwrap_or(1);
        if self.pricing_scheme.scheme_type != "unit" {
            return Err(Refused::rule("Only the scheme unit is simulated."));
        }
        if self.pricing_scheme.price < 0 || quantity < 1 || self.cycles.is_some_and(|cycles| cycles < 1) {
            return Err(Refused::field(path, "Price, quantity and cycles are positive numbers."));
        }
        let name = self.name.or_else(|| self.description.clone());
        Ok(Line {
            id: call.ledger.id(prefix),
            name: name.ok_or_else(|| Refused::field(&format!("{path}.name"), "The name field is required."))?,
            description: self.description,
            quantity,
            price: self.pricing_scheme.price,
            cycles: self.cycles,
            created: call.ledger.now(),
        })
    }
}

/// Makes items out of a list of a body.
pub(super) fn lines(call: &mut Call, new: Vec<NewLine>, prefix: &str, path: &str) -> Result<Vec<Line>, Refused> {
    if new.is_empty() || new.len() > ITEMS {
        return Err(Refused::field(path, format!("The items field has 1 to {ITEMS} items.")));
    }
    let made = |(place, line): (usize, NewLine)| line.line(call, prefix, &format!("{path}[{place}]"));
    new.into_iter().enumerate().map(made).collect()
}

/// Looks at an interval; `path` stands before the paths of errors.
pub(super) fn check_interval(interval: &str, count: i64, path: &str) -> Result<(), Refused> {
    if !matches!(interval, "day" | "week" | "month" | "year") {
        return Err(Refused::field(&format!("{path}.interval"), "The interval field is day, week, month or year."));
    }
    if !(1..=1_000).contains(&count) {
        return Err(Refused::field(&format!("{path}.interval_count"), "The interval_count field is 1 to 1000."));
    }
    Ok(())
}

/// Looks at a billing type; `path` stands before the path of its error.
pub(super) fn check_billing(billing: &str, path: &str) -> Result<(), Refused> {
    match billing {
        "prepaid" | "postpaid" | "exact_day" => Ok(()),
        _ => Err(Refused::field(&format!("{path}.billing_type"), "The billing_type field is invalid.")),
    }
}

fn check(terms: &Terms) -> Result<(), Refused> {
    check_interval(terms.interval.as_deref().unwrap_or_default(), terms.interval_count.unwrap_or_default(), "plan")?;
    check_billing(terms.billing_type.as_deref().unwrap_or("prepaid"), "plan")?;
    if terms.currency.as_deref().is_some_and(|currency| currency != "BRL") {
        return Err(Refused::field("plan.currency", "The currency field is BRL."));
    }
    if terms.trial_period_days.is_some_and(|days| !(0..=3_650).contains(&days)) {
        return Err(Refused::field("plan.trial_period_days", "The trial_period_days field is invalid."));
    }
    Ok(())
}

#[derive(Deserialize)]
struct NewPlan {
    items: Vec<NewLine>,
    #[serde(flatten)]
    terms: Terms,
}

pub(super) fn create(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let new: NewPlan = call.body(&fields::PLAN, "plan")?;
    check(&new.terms)?;
    let items = lines(call, new.items, "pi", "plan.items")?;
    let now = call.ledger.now();
    let plan = Plan {
        id: call.ledger.id("plan"),
        account: call.account.id.clone(),
        terms: new.terms,
        items,
        status: "active".to_owned(),
        created: now,
        updated: now,
        deleted_at: None,
    };
    call.ledger.put(plan.clone());
    told(call, &plan, "plan.created");
    Ok(shown(&plan))
}

pub(super) fn get(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    Ok(shown(&call.own::<Plan>(path[1])?))
}

pub(super) fn list(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let created = lists::within(call, "created")?;
    let fits = |plan: &Plan| {
        created(plan.created)
            && lists::is(call, "name", plan.terms.name.as_deref().unwrap_or_default())
            && lists::is(call, "status", &plan.status)
            && lists::is(call, "billing_type", plan.terms.billing_type.as_deref().unwrap_or("prepaid"))
    };
    lists::list(call, fits, |_, plan| shown(plan))
}

#[derive(Deserialize)]
struct Change {
    status: Option<String>,
    #[serde(flatten)]
    terms: Terms,
}

/// Changes what a plan says; its subscriptions stay as they are.
pub(super) fn change(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let mut plan = living(call, path[1])?;
    let new: Change = match call.request.method {
        Method::PATCH => call.body(&fields::METADATA, "plan")?,
        _ => call.body(&fields::PLAN_CHANGE, "plan")?,
    };
    if new.status.as_deref().is_some_and(|status| !matches!(status, "active" | "inactive")) {
        return Err(Refused::field("plan.status", "The status field is active or inactive."));
    }
    let terms = merged(plan.terms, new.terms);
    check(&terms)?;
    plan.terms = terms;
    plan.status = new.status.unwrap_or(plan.status);
    Ok(changed(call, plan, "plan.updated"))
}

fn merged(old: Terms, new: Terms) -> Terms {
    Terms {
        name: new.name.or(old.name),
        description: new.description.or(old.description),
        statement_descriptor: new.statement_descriptor.or(old.statement_descriptor),
        shippable: new.shippable.or(old.shippable),
        payment_methods: new.payment_methods.or(old.payment_methods),
        installments: new.installments.or(old.installments),
        currency: new.currency.or(old.currency),
        interval: new.interval.or(old.interval),
        interval_count: new.interval_count.or(old.interval_count),
        billing_days: new.billing_days.or(old.billing_days),
        billing_type: new.billing_type.or(old.billing_type),
        minimum_price: new.minimum_price.or(old.minimum_price),
        trial_period_days: new.trial_period_days.or(old.trial_period_days),
        metadata: new.metadata.or(old.metadata),
    }
}

pub(super) fn delete(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let mut plan = living(call, path[1])?;
    (plan.status, plan.deleted_at) = ("deleted".to_owned(), Some(call.ledger.now()));
    Ok(changed(call, plan, "plan.deleted"))
}

pub(super) fn add_item(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let mut plan = living(call, path[1])?;
    let new: NewLine = call.body(&fields::PLAN_ITEM, "item")?;
    if plan.items.len() >= ITEMS {
        return Err(Refused::rule("The plan has as many items as it may have."));
    }
    let line = new.line(call, "pi", "item")?;
    let shown = shown_line(&line);
    plan.items.push(line);
    changed(call, plan, "plan.updated");
    Ok(shown)
}

/// Reads, replaces or takes out an item.
pub(super) fn item(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let mut plan = living(call, path[1])?;
    let place = plan.items.iter().position(|line| line.id == path[3]);
    let place = place.ok_or_else(|| Refused::not_found("Plan item"))?;
    if call.request.method == Method::GET {
        return Ok(shown_line(&plan.items[place]));
    }
    let line = if call.request.method == Method::PUT {
        let new: NewLine = call.body(&fields::PLAN_ITEM, "item")?;
        let old = plan.items[place].clone();
        let line = Line { id: old.id, created: old.created, ..new.line(call, "pi", "item")? };
        plan.items[place] = line.clone();
        line
    } else {
        plan.items.remove(place)
    };
    changed(call, plan, "plan.updated");
    Ok(shown_line(&line))
}

/// The plan, if it was not deleted.
pub(super) fn living(call: &Call, id: &str) -> Result<Plan, Refused> {
    let plan = call.own::<Plan>(id)?;
    if plan.deleted_at.is_some() {
        return Err(Refused::rule("The plan is deleted."));
    }
    Ok(plan)
}

fn changed(call: &mut Call, mut plan: Plan, kind: &str) -> Value {
    plan.updated = call.ledger.now();
    call.ledger.put(plan.clone());
    told(call, &plan, kind);
    shown(&plan)
}

fn told(call: &mut Call, plan: &Plan, kind: &str) {
    tell::of(call.ledger, &plan.account, kind, shown(plan), &mut call.magic);
}

fn shown(plan: &Plan) -> Value {
    let terms = &plan.terms;
    json!({
        "id": plan.id,
        "name": terms.name,
        "description": terms.description,
        "url": format!("plans/{}", plan.id),
        "statement_descriptor": terms.statement_descriptor,
        "interval": terms.interval,
        "interval_count": terms.interval_count,
        "billing_type": terms.billing_type.as_deref().unwrap_or("prepaid"),
        "payment_methods": terms.payment_methods.clone().unwrap_or_else(|| vec!["credit_card".to_owned()]),
        "installments": terms.installments.clone().unwrap_or_else(|| vec![1]),
        "status": plan.status,
        "currency": "BRL",
        "billing_days": terms.billing_days,
        "shippable": terms.shippable.unwrap_or(false),
        "trial_period_days": terms.trial_period_days,
        "minimum_price": terms.minimum_price,
        "metadata": terms.metadata,
        "items": plan.items.iter().map(shown_line).collect::<Vec<_>>(),
        "created_at": times::shown(plan.created),
        "updated_at": times::shown(plan.updated),
        "deleted_at": times::or_null(plan.deleted_at),
    })
}

/// An item as answers have it.
pub(super) fn shown_line(line: &Line) -> Value {
    json!({
        "id": line.id,
        "name": line.name,
        "description": line.description,
        "quantity": line.quantity,
        "cycles": line.cycles,
        "status": "active",
        "pricing_scheme": {"scheme_type": "unit", "price": line.price},
        "created_at": times::shown(line.created),
        "updated_at": times::shown(line.created),
    })
}
