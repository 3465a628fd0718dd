//! What the pages of plans say, and what is typed into their form.

use feira_schemas::{
    access::Area,
    api::signup::{PLAN_STATUSES, plan_status},
    money::Money,
    records::{
        payments::PaymentMethod,
        signup::{NewLimit, Plan, PlanChanges, PlanContent, PlanStatus, RemotePlanStatus},
    },
};
use feira_web::forms::Form;

use crate::{forms::Choice, shop::Status};

/// The ways to pay with their words, as forms send them and as people call them.
const METHODS: [(PaymentMethod, &str, &str); 3] = [
    (PaymentMethod::Card, "card", "Cartão"),
    (PaymentMethod::Boleto, "boleto", "Boleto"),
    (PaymentMethod::Pix, "pix", "Pix"),
];
/// The cycles: months, and their words.
const CYCLES: [(&str, &str); 4] = [("1", "Mensal"), ("6", "Semestral"), ("12", "Anual"), ("24", "A cada 24 meses")];

/// What is typed into the form, as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub name: String,
    pub description: String,
    pub features: String,
    pub price: String,
    pub months: String,
    pub products: String,
    pub staff: String,
    pub position: String,
    pub status: String,
    pub methods: Vec<String>,
}

impl Typed {
    /// What a form that was sent holds.
    pub fn sent(form: &Form) -> Self {
        let text = |name| form.text(name).unwrap_or_default().to_owned();
        Self {
            name: text("/name"),
            description: text("/description"),
            features: text("/features"),
            price: text("/price"),
            months: text("/months"),
            products: text("/limits/products"),
            staff: text("/limits/staff"),
            position: text("/position"),
            status: text("/status"),
            methods: form.texts("/methods").to_vec(),
        }
    }

    /// What the form of a plan is filled with.
    pub fn of(plan: &Plan) -> Self {
        let limit = |most: Option<i32>| most.map(|most| most.to_string()).unwrap_or_default();
        let methods = METHODS.iter().filter(|(method, ..)| plan.methods.contains(method));
        Self {
            name: plan.name.clone(),
            description: plan.description.clone(),
            features: plan.features.join("\n"),
            price: plan.price.figures(),
            months: plan.months.to_string(),
            products: limit(plan.limits.products),
            staff: limit(plan.limits.staff),
            position: plan.position.to_string(),
            status: plan_status(plan.status).to_owned(),
            methods: methods.map(|(_, word, _)| (*word).to_owned()).collect(),
        }
    }

    /// What a new plan's form is filled with.
    pub fn new() -> Self {
        let status = PLAN_STATUSES.first().copied().unwrap_or_default().to_owned();
        let methods = METHODS.iter().map(|(_, word, _)| (*word).to_owned()).collect();
        Self { months: CYCLES[0].0.to_owned(), position: "0".to_owned(), status, methods, ..Self::default() }
    }

    /// The cycles, of which one is chosen.
    pub fn cycles(&self) -> Vec<Choice> {
        let choice = |(value, word): (&'static str, &'static str)| Choice::new(value, word, self.months == value);
        CYCLES.into_iter().map(choice).collect()
    }

    /// The ways to pay, each ticked or not.
    pub fn ways(&self) -> Vec<Choice> {
        METHODS.into_iter().map(|(_, value, word)| Choice::new(value, word, self.has(value))).collect()
    }

    fn has(&self, method: &str) -> bool {
        self.methods.iter().any(|known| known == method)
    }

    /// The fields in which a plan as it is kept differs from what is typed: the field's word, and what is kept.
    pub fn differs(&self, kept: &Plan) -> Vec<(&'static str, String)> {
        let kept_as = Self::of(kept);
        let same = |one: &str, other: &str| one.trim() == other.trim();
        let lines = |text: &str| {
            text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect::<Vec<_>>()
        };
        let price = Money::read(&self.price);
        let or_none = |text: &str, none: &str| if text.is_empty() { none.to_owned() } else { text.to_owned() };
        let all = [
            ("Nome", same(&self.name, &kept_as.name), kept_as.name.clone()),
            ("Preço", price == Ok(kept.price), kept.price.to_string()),
            ("Ciclo", same(&self.months, &kept_as.months), cycle(kept.months)),
            (
                Area::Methods.name(),
                METHODS.iter().all(|(_, word, _)| self.has(word) == kept_as.has(word)),
                methods(&kept.methods),
            ),
            ("Descrição", same(&self.description, &kept_as.description), or_none(&kept_as.description, "vazia")),
            ("Itens", lines(&self.features) == lines(&kept_as.features), or_none(&kept.features.join("; "), "nenhum")),
            ("Limite de produtos", same(&self.products, &kept_as.products), or_none(&kept_as.products, "sem limite")),
            ("Limite de pessoas", same(&self.staff, &kept_as.staff), or_none(&kept_as.staff, "sem limite")),
            ("Posição", same(&self.position, &kept_as.position), kept_as.position.clone()),
        ];
        all.into_iter().filter(|(_, same, _)| !same).map(|(word, _, kept)| (word, kept)).collect()
    }
}

/// The change that makes a plan have this content. Whether it is offered is changed elsewhere.
pub(super) fn changes(content: PlanContent) -> PlanChanges {
    PlanChanges {
        name: Some(content.name),
        description: Some(content.description),
        features: Some(content.features),
        price: Some(content.price),
        months: Some(content.months),
        limit_products: Some(NewLimit { most: content.limits.products }),
        limit_staff: Some(NewLimit { most: content.limits.staff }),
        status: None,
        position: Some(content.position),
        methods: Some(content.methods),
    }
}

/// A cycle in words.
pub(super) fn cycle(months: i32) -> String {
    let known = CYCLES.iter().find(|(word, _)| *word == months.to_string());
    known.map_or_else(|| format!("A cada {months} meses"), |(_, word)| (*word).to_owned())
}

/// Ways to pay in words.
pub(super) fn methods(methods: &[PaymentMethod]) -> String {
    let words = METHODS.iter().filter(|(method, ..)| methods.contains(method)).map(|(_, _, word)| *word);
    words.collect::<Vec<_>>().join(", ")
}

/// Whether a plan is offered.
pub(super) fn status(status: PlanStatus) -> Status {
    match status {
        PlanStatus::Active => Status { word: "Ativo", look: "good" },
        PlanStatus::Inactive | PlanStatus::Unknown => Status { word: "Inativo", look: "" },
    }
}

/// How far the gateway is with a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AtGateway {
    pub status: Status,
    /// What that means, and what to do.
    pub means: &'static str,
    /// True if it helps to ask once more.
    pub may_ask: bool,
}

/// How far the gateway is with a plan, in words.
pub(super) fn at_gateway(plan: &Plan) -> AtGateway {
    let said = |word, look, means, may_ask| AtGateway { status: Status { word, look }, means, may_ask };
    if !plan.wants_cards() {
        return said("Sem gateway", "", "O plano não aceita cartão, então nada é pedido ao gateway.", false);
    }
    match plan.fitting().map(|remote| remote.status) {
        Some(RemotePlanStatus::Made) => {
            said("No gateway", "good", "O gateway tem o plano: cartões podem pagá-lo.", false)
        }
        Some(RemotePlanStatus::Making) => said("Sendo criado", "", "O gateway ainda não respondeu.", false),
        Some(RemotePlanStatus::Asked | RemotePlanStatus::Unknown) => {
            said("Pedido", "", "O plano foi pedido e ainda não há resposta.", false)
        }
        Some(RemotePlanStatus::Refused) => {
            said("Recusado", "bad", "Cartões não podem pagá-lo até que seja pedido de novo e aceito.", true)
        }
        Some(RemotePlanStatus::NoAccount) => said(
            "Sem conta",
            "bad",
            "A plataforma não tem conta em um gateway que aceite planos. É pedido de novo assim que houver uma.",
            true,
        ),
        None => said("Não pedido", "bad", "Este preço e este ciclo ainda não foram pedidos ao gateway.", true),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::{
        ids::{CommandId, PlanId, SignupPlanId},
        records::signup::{PlanLimits, RemotePlan},
    };
    use uuid::Uuid;

    use super::*;

    fn plan() -> Plan {
        Plan {
            plan_id: SignupPlanId::from_uuid(Uuid::nil()),
            version: 3,
            name: "Básico".into(),
            description: "Um.\nDois.".into(),
            features: vec!["Loja".into(), "Pix".into()],
            price: Money::brl(123_456),
            months: 12,
            limits: PlanLimits { products: Some(10), staff: None },
            status: PlanStatus::Active,
            position: 2,
            methods: vec![PaymentMethod::Card, PaymentMethod::Pix],
            remote: None,
            earlier: Vec::new(),
            created_at: 0,
            changed_at: 0,
        }
    }

    fn remote(status: RemotePlanStatus) -> RemotePlan {
        RemotePlan {
            payments_plan_id: PlanId::from_uuid(Uuid::nil()),
            price: Money::brl(123_456),
            months: 12,
            status,
            command_id: CommandId::from_uuid(Uuid::nil()),
            account_id: None,
            remote_id: None,
            why: None,
            detail: None,
            reasons: Vec::new(),
            asked: None,
            asked_at: 0,
        }
    }

    #[test]
    fn what_a_form_is_filled_with_differs_in_nothing_and_what_is_typed_over_is_named() {
        let kept = plan();
        let filled = Typed::of(&kept);
        assert_eq!((filled.price.as_str(), filled.features.as_str()), ("1.234,56", "Loja\nPix"));
        assert!(filled.differs(&kept).is_empty());
        // Written otherwise, and the same.
        let price = "R$ 1234,56".to_owned();
        let again = Typed { price, features: "Loja\n\nPix\n".into(), ..filled.clone() };
        assert!(again.differs(&kept).is_empty(), "{:?}", again.differs(&kept));
        let typed = Typed { name: "Outro".into(), price: "doze".into(), methods: vec!["pix".into()], ..filled };
        let differs = typed.differs(&kept);
        assert_eq!(differs.iter().map(|(word, _)| *word).collect::<Vec<_>>(), ["Nome", "Preço", "Formas de pagamento"]);
        assert_eq!((differs[0].1.as_str(), differs[1].1.as_str()), ("Básico", "R$ 1.234,56"));
    }

    #[test]
    fn the_gateway_is_asked_again_where_it_has_refused_or_nobody_could_be_asked() {
        for (status, may_ask) in [
            (RemotePlanStatus::Asked, false),
            (RemotePlanStatus::Making, false),
            (RemotePlanStatus::Made, false),
            (RemotePlanStatus::Refused, true),
            (RemotePlanStatus::NoAccount, true),
        ] {
            let plan = Plan { remote: Some(remote(status)), ..plan() };
            assert_eq!(at_gateway(&plan).may_ask, may_ask, "{status:?}");
        }
        assert!(at_gateway(&plan()).may_ask, "it was never asked");
        let other_price = Plan { price: Money::brl(1), remote: Some(remote(RemotePlanStatus::Made)), ..plan() };
        assert!(at_gateway(&other_price).may_ask, "what the gateway has is another plan");
        assert!(!at_gateway(&Plan { methods: vec![PaymentMethod::Pix], ..plan() }).may_ask);
    }

    #[test]
    fn a_form_changes_all_that_it_shows_and_not_whether_the_plan_is_offered() {
        let other = PlanContent { status: PlanStatus::Inactive, ..plan().content() };
        assert_eq!(changes(plan().content()).over(other.clone()), other);
        assert_eq!((cycle(6).as_str(), cycle(3).as_str()), ("Semestral", "A cada 3 meses"));
    }
}
