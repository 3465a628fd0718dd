//! What a command of an import would bring about: decided as admin decides it, upon the rows as they are, and never sent.

use std::sync::Arc;

use feira_contexts::{Cause, Decision, DecisionContext, Input, Need, NotKept, Rows, admin::Admin, decide};
use feira_schemas::{
    ids::TenantId,
    problem::Code,
    records::{
        AdminCommand, AdminEvent, CommandSet, EventSet, SignupEvent,
        common::{CommandMeta, CommandResult, InputPosition, Outcome},
    },
    refusals,
    row::AnyRow,
    rows::admin::{ProductCountRow, StandingRow},
    topics::Context,
};
use feira_web::{context::Api, problem::Problem};

use super::lines::{Became, Line, Said, refused_line};

/// The most rounds of loading rows for one decision: a few are usual, and one that never has enough is a fault of ours.
const ROUNDS: usize = 64;
/// Rows that are loaded at once where a decision asks for all below a key.
const ROWS: usize = 1_000;

/// The products that a shop's plan leaves room for. Each is decided upon the shop as it is, which knows nothing of those before it in the
/// file: here they add up.
pub(super) struct Room {
    left: i64,
    /// What is said of products beyond that (pt-BR).
    full: String,
}

impl Room {
    /// The room of a shop; none where its plan has no limit, or where there is no plan.
    pub(super) async fn of(api: &Api, tenant: TenantId) -> Result<Option<Self>, Problem> {
        let state = &api.platform.state;
        let Some(standing) = state.get::<StandingRow>(&StandingRow::at(tenant)).await? else { return Ok(None) };
        let standing = standing.standing;
        let Some(most) = standing.limits.products else { return Ok(None) };
        let products = state.get::<ProductCountRow>(&ProductCountRow::at(tenant)).await?.map_or(0, |row| row.products);
        let left = i64::from(most).saturating_sub(products).max(0);
        Ok(Some(Self { left, full: refusals::beyond_plan(&standing.plan_name, most, refusals::PRODUCTS) }))
    }

    /// The line of a product, with those before it: one that would be made takes a place, and there may be none left.
    pub(super) fn with(&mut self, line: Line) -> Line {
        if line.result != Became::Created {
            return line;
        }
        if self.left > 0 {
            self.left -= 1;
            return line;
        }
        let code = Some(Code::PlanLimit.to_string());
        refused_line(&line.handle, vec![Said { pointer: None, code, detail: self.full.clone() }])
    }
}

/// The result that the command would have. Its position is none: nothing was written.
pub(super) async fn decided(api: &Api, command: AdminCommand) -> Result<CommandResult, Problem> {
    let meta = command.meta().clone();
    let input_position = InputPosition { topic: String::new(), partition: 0, offset: 0 };
    let cause = Cause {
        command_id: meta.command_id,
        tenant_id: meta.tenant_id,
        actor: meta.actor.clone(),
        body_hash: meta.body_hash.clone(),
        input: input_position,
    };
    let context = DecisionContext { decider: Context::Admin, now: api.platform.now(), cause };
    let input: Input<AdminCommand, SignupEvent> = Input::Command(command);
    let mut rows = Rows::over(NotKept);
    for _ in 0..ROUNDS {
        match decide::<Admin>(&input, &rows, &context) {
            Ok(decision) => return Ok(result(meta, &decision)),
            Err(need) => load(api, &mut rows, need).await?,
        }
    }
    Err(Problem::internal("a decision on an import asks for rows again and again"))
}

async fn load(api: &Api, rows: &mut Rows, need: Need) -> Result<(), Problem> {
    let state = &api.platform.state;
    match need {
        Need::Rows(row_type, keys) => {
            for key in keys {
                let row = state.get_any(row_type, &key).await?;
                rows.know(&row_type.table, key, row);
            }
        }
        Need::Prefix(row_type, prefix) => {
            let mut all: Vec<Arc<dyn AnyRow>> = Vec::new();
            loop {
                let after = all.last().map(|row| row.row_key());
                let page = state.scan_any(row_type, &prefix, after.as_ref(), ROWS).await?;
                let is_last = page.len() < ROWS;
                all.extend(page);
                if is_last {
                    break;
                }
            }
            rows.know_prefix(&row_type.table, prefix, all);
        }
    }
    Ok(())
}

fn result(meta: CommandMeta, decision: &Decision<AdminEvent>) -> CommandResult {
    let answer = decision.events.iter().find(|event| event.meta().answers.is_some());
    let outcome = answer.and_then(|event| event.meta().answers.as_ref()).map_or(Outcome::Failed, |said| said.outcome);
    let refused = answer.and_then(|event| event.as_answered());
    CommandResult {
        command_id: meta.command_id,
        tenant_id: meta.tenant_id,
        body_hash: meta.body_hash,
        outcome,
        code: refused.and_then(|refused| refused.code.clone()),
        detail: refused.and_then(|refused| refused.detail.clone()),
        errors: refused.map(|refused| refused.errors.clone()).unwrap_or_default(),
        aggregate_id: None,
        version: None,
        body: None,
        context: String::new(),
        partition: 0,
        write_ts: 0,
        entity: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f07_products_that_a_dry_run_would_make_add_up_to_what_the_plan_leaves() {
        let mut room = Room { left: 1, full: "Cheio.".to_owned() };
        let mut became = |result| {
            let line = room.with(Line { result, ..refused_line("a", Vec::new()) });
            (line.result, line.errors.first().and_then(|said| said.code.clone()))
        };
        assert_eq!(became(Became::Updated), (Became::Updated, None));
        assert_eq!(became(Became::Created), (Became::Created, None));
        assert_eq!(became(Became::Created), (Became::Refused, Some("plan_limit".to_owned())));
        assert_eq!(became(Became::Unchanged), (Became::Unchanged, None));
    }
}
