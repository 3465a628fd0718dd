//! A platform that takes sign-ups: an account at the simulator to which people pay, and three plans to choose from.
//!
//! An account or plans that the platform has already are left as they are: an operator's own count more than the demo's.

use feira_schemas::{
    ids::{SignupPlanId, TenantId},
    money::Money,
    records::{
        SignupCommand,
        payments::PaymentMethod,
        signup::{CreatePlan, Plan, PlanContent, PlanLimits, PlanStatus},
    },
    rows::{payments::AccountRow, signup::PlanRow},
};
use feira_web::context::Api;

use crate::{
    payments::DemoAccount,
    seed::{done, meta, sent, until},
};

/// Accounts and plans that are looked through: decide lets the platform have fewer.
const MOST: usize = 1_000;
/// The ways in which each plan can be paid.
const METHODS: [PaymentMethod; 3] = [PaymentMethod::Card, PaymentMethod::Boleto, PaymentMethod::Pix];
/// The plans, in the order in which they are offered. Limits and ways to pay stand below the lines of each anyway.
const PLANS: [DemoPlan; 3] = [
    DemoPlan {
        word: "essencial",
        name: "Essencial",
        description: "Para abrir a primeira loja e mostrar o que você vende.",
        features: &[
            "Loja no seu endereço, com suas cores e seu logotipo",
            "Busca com sugestões e filtros",
            "Fotos, variantes e estoque em cada produto",
            "Importação de produtos por CSV, no formato da Shopify",
            "API documentada de catálogo e de pagamentos",
            "Área da loja com login por e-mail e senha",
        ],
        centavos: 4_990,
        months: 1,
        products: 100,
        staff: 2,
    },
    DemoPlan {
        word: "profissional",
        name: "Profissional",
        description: "Para um catálogo grande, cuidado por mais gente.",
        features: &["Tudo o que há no Essencial", "Espaço para milhares de produtos", "Mais pessoas na equipe"],
        centavos: 14_990,
        months: 1,
        products: 5_000,
        staff: 10,
    },
    DemoPlan {
        word: "profissional-anual",
        name: "Profissional anual",
        description: "O Profissional, pago uma vez por ano.",
        features: &["Tudo o que há no Profissional", "R$ 299,80 a menos do que doze mensalidades"],
        centavos: 149_900,
        months: 12,
        products: 5_000,
        staff: 10,
    },
];

/// A plan of the demo.
struct DemoPlan {
    /// What its id is made of.
    word: &'static str,
    name: &'static str,
    description: &'static str,
    features: &'static [&'static str],
    centavos: i64,
    months: i32,
    products: i32,
    staff: i32,
}

impl DemoPlan {
    fn content(&self, position: i32) -> PlanContent {
        PlanContent {
            name: self.name.to_owned(),
            description: self.description.to_owned(),
            features: self.features.iter().map(|line| (*line).to_owned()).collect(),
            price: Money::brl(self.centavos),
            months: self.months,
            limits: PlanLimits { products: Some(self.products), staff: Some(self.staff) },
            status: PlanStatus::Active,
            position,
            methods: METHODS.to_vec(),
        }
    }
}

/// The platform's account of the demo, whether it is saved or not; `None` where the platform has another one alone.
///
/// # Errors
/// The accounts could not be read, in words.
pub async fn account(api: &Api) -> Result<Option<DemoAccount>, String> {
    let all = AccountRow::all(TenantId::PLATFORM);
    let there = api.platform.state.scan::<AccountRow>(&all, None, MOST).await.map_err(|error| error.to_string())?;
    let account = DemoAccount::of_platform(api);
    let is_free = there.is_empty() || there.iter().any(|row| row.account.account_id == account.account_id);
    Ok(is_free.then_some(account))
}

/// Saves the account, which the simulator must have by now, and makes the plans, unless the platform has some that are not the demo's.
/// Returns once cards can pay them, too, or has waited for long enough.
///
/// # Errors
/// A command was refused or not answered, in words.
pub async fn open(api: &Api, account: &DemoAccount) -> Result<(), String> {
    account.save(api).await?;
    let (there, commands) = (plans(api).await?, commands(api));
    let ids: Vec<SignupPlanId> = commands.iter().map(|command| command.plan_id).collect();
    let has_own = there.iter().any(|plan| !ids.contains(&plan.plan_id));
    if has_own || there.len() == ids.len() {
        return Ok(());
    }
    for command in commands {
        done(sent(api, SignupCommand::CreatePlan(command)).await?)?;
    }
    until(async || cards_pay(api, &ids).await).await
}

/// True if the platform offers a plan, whoever made it.
///
/// # Errors
/// The plans could not be read, in words.
pub async fn offers(api: &Api) -> Result<bool, String> {
    Ok(plans(api).await?.iter().any(Plan::is_offered))
}

/// The platform's plans.
async fn plans(api: &Api) -> Result<Vec<Plan>, String> {
    let all = PlanRow::all(TenantId::PLATFORM);
    let rows = api.platform.state.scan::<PlanRow>(&all, None, MOST).await.map_err(|error| error.to_string())?;
    Ok(rows.into_iter().map(|row| row.plan).collect())
}

/// True if each of these plans is there, and the gateway has made it.
async fn cards_pay(api: &Api, ids: &[SignupPlanId]) -> Result<bool, String> {
    let plans = plans(api).await?;
    let pays = |id: &SignupPlanId| {
        plans.iter().any(|plan| plan.plan_id == *id && plan.payable_by().contains(&PaymentMethod::Card))
    };
    Ok(ids.iter().all(pays))
}

/// The commands that make the plans. A plan's id is its command's.
fn commands(api: &Api) -> Vec<CreatePlan> {
    let command = |(position, plan): (i32, &DemoPlan)| {
        let meta = meta(api, TenantId::PLATFORM, &format!("plan:{}", plan.word));
        let plan_id = SignupPlanId::from_uuid(meta.command_id.uuid());
        CreatePlan { meta, plan_id, content: plan.content(position) }
    };
    (1..).zip(&PLANS).map(command).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::HashSet;

    use feira_schemas::api::signup::check;

    use super::*;

    #[test]
    fn every_plan_breaks_no_rule_and_names_one_thing() {
        let mut words = HashSet::new();
        for (position, plan) in (1..).zip(&PLANS) {
            assert!(words.insert(plan.word) && words.insert(plan.name), "{} twice", plan.word);
            let content = plan.content(position);
            check(&content).unwrap();
            assert_eq!(content.methods.len(), 3, "{} can be paid in every way", plan.name);
            assert!(plan.features.iter().all(|line| words.insert(line)), "a line of {} stands twice", plan.name);
        }
    }

    #[test]
    fn the_plan_of_a_year_says_truly_how_much_less_it_costs_than_twelve_months() {
        let [_, month, year] = &PLANS;
        let less = Money::brl(month.centavos * 12 - year.centavos).to_string();
        assert_eq!((year.months, month.products, month.staff), (12, year.products, year.staff));
        assert!(year.features.iter().any(|line| line.starts_with(&format!("{less} a menos"))), "{less}");
    }

    #[test]
    fn the_first_plan_is_the_cheapest_and_has_the_least_room() {
        let [first, rest @ ..] = &PLANS;
        for other in rest {
            assert!(first.centavos < other.centavos && first.products < other.products, "{}", other.name);
            assert!(first.staff < other.staff, "{}", other.name);
        }
    }
}
