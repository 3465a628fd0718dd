//! What is asked without a grant, since asking it twice is asking it once: an account's key is tried, and a plan is made, whose effect is
//! the key of idempotency.

use fail::fail_point;
use feira_schemas::{rows::payments::EffectRow, time::HOUR};

use super::{
    about::About,
    asked::{Act, NotAsked},
    attempt::count,
    gate::Wish,
    matters::{Memory, Next},
    recurring,
    reporting::Report,
    work::Work,
};

impl Work {
    /// Tries an account's key. It needs no grant, since trying it twice is trying it once.
    pub async fn check(&self, row: &EffectRow, memory: Memory) -> Next {
        let (tenant, effect) = (row.tenant_id, &row.effect);
        let account = effect.account_id.or_else(|| effect.entity.parse().ok());
        let Some(account) = account else { return self.later(HOUR, memory) };
        let asked = match self.asked(tenant, account).await {
            Ok(asked) => asked,
            Err(NotAsked::Missing) => return self.rest(memory),
            Err(NotAsked::NotOpened(why)) => return self.unopened(tenant, &why, memory),
        };
        let pass = match self.pass(tenant, account, Wish::Act, memory) {
            Ok(pass) => pass,
            Err(next) => return next,
        };
        fail_point!("gateways::before_check");
        let outcome = asked.who_am_i().await;
        pass.told(&outcome);
        fail_point!("gateways::called");
        count(asked.gateway.name(), effect.kind, &outcome);
        self.report_check(row, account, &outcome).await;
        fail_point!("gateways::reported");
        self.rest(memory)
    }

    /// Makes a plan. It needs no grant either: the gateway knows a repetition by its key, and a plan that was made twice costs nobody
    /// anything.
    pub async fn make_plan(&self, row: &EffectRow, memory: Memory) -> Next {
        let (tenant, effect) = (row.tenant_id, &row.effect);
        let Some(about) = self.about(tenant, effect).await else { return self.later(HOUR, memory) };
        let About::Plan(plan) = &about else { return self.later(HOUR, memory) };
        let account = effect.account_id.unwrap_or(plan.account_id);
        let act = recurring::plan(plan).map_or_else(Act::Not, |facts| Act::Plan(Box::new(facts)));
        let asked = match self.asked(tenant, account).await {
            Ok(asked) => asked,
            Err(NotAsked::Missing) => return self.rest(memory),
            Err(NotAsked::NotOpened(why)) => return self.unopened(tenant, &why, memory),
        };
        let pass = match self.pass(tenant, account, Wish::Act, memory) {
            Ok(pass) => pass,
            Err(next) => return next,
        };
        fail_point!("gateways::before_plan");
        let outcome = asked.act(&act).await;
        pass.told(&outcome);
        fail_point!("gateways::called");
        let gateway = asked.gateway.name();
        count(gateway, effect.kind, &outcome);
        self.report(Report {
            tenant,
            effect,
            about: &about,
            attempt: effect.attempts.saturating_add(1),
            account_id: Some(account),
            gateway,
            outcome: &outcome,
            why: None,
            found: false,
        })
        .await;
        fail_point!("gateways::reported");
        self.rest(memory)
    }
}
