//! A plan of the platform as an operator writes it.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::rules::{
    DESCRIPTION, FEATURE, FEATURES, METHOD_LIST, METHODS, MONTHS, NAME, POSITION, PRICE, PRODUCTS, SMALLEST_PRICE,
    STAFF, STATUSES,
};
use crate::{
    api::rules::Errors,
    money::Money,
    problem::{Code, FieldError},
    records::{
        payments::PaymentMethod,
        signup::{NewLimit, PlanChanges, PlanContent, PlanLimits, PlanStatus},
    },
};

/// The body of a new plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanBody {
    /// See [`PlanContent::name`].
    pub name: String,
    /// See [`PlanContent::description`]; nothing is said where it is left out.
    #[serde(default)]
    pub description: String,
    /// See [`PlanContent::features`].
    #[serde(default)]
    pub features: Vec<String>,
    /// See [`PlanContent::price`].
    pub price: Money,
    /// See [`PlanContent::months`].
    pub months: i64,
    /// See [`PlanContent::limits`]; no limit where they are left out.
    #[serde(default)]
    pub limits: LimitsBody,
    /// See [`PlanContent::status`]; active where it is left out.
    #[serde(default)]
    pub status: Option<String>,
    /// See [`PlanContent::position`]; 0 where it is left out.
    #[serde(default)]
    pub position: i64,
    /// See [`PlanContent::methods`].
    pub methods: Vec<String>,
}

/// The limits of a new plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsBody {
    /// See [`PlanLimits::products`].
    #[serde(default)]
    pub products: Option<i64>,
    /// See [`PlanLimits::staff`].
    #[serde(default)]
    pub staff: Option<i64>,
}

/// The content of a new plan, or everything that is wrong with its body.
pub fn plan_content(body: PlanBody) -> Result<PlanContent, Vec<FieldError>> {
    let mut errors = Errors::default();
    METHOD_LIST.check(&mut errors, "/methods", body.methods.len());
    let content = PlanContent {
        name: body.name.trim().to_owned(),
        description: body.description.trim().to_owned(),
        features: trimmed(body.features),
        price: body.price,
        months: whole(body.months),
        limits: PlanLimits { products: body.limits.products.map(whole), staff: body.limits.staff.map(whole) },
        status: body.status.as_deref().map_or(PlanStatus::Active, status),
        position: whole(body.position),
        methods: methods(body.methods.iter().map(String::as_str)),
    };
    look_through(&content, &mut errors);
    errors.or(content)
}

/// The changes that a merge patch (RFC 7396) asks for, or everything that is wrong with it.
pub fn plan_changes(patch: &Map<String, Value>) -> Result<PlanChanges, Vec<FieldError>> {
    let mut errors = Errors::default();
    let text = |name: &str| patch.get(name).and_then(Value::as_str).map(|text| text.trim().to_owned());
    let number = |name: &str| patch.get(name).and_then(Value::as_i64).map(whole);
    let list = |name: &str| patch.get(name).and_then(Value::as_array);
    let limit = |name: &str| {
        let value = patch.get("limits")?.get(name)?;
        Some(NewLimit { most: value.as_i64().map(whole) })
    };
    let texts = |list: &Vec<Value>| list.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
    let asked_methods = list("methods").map(texts);
    METHOD_LIST.check(&mut errors, "/methods", asked_methods.as_ref().map_or(0, Vec::len));
    let changes = PlanChanges {
        name: text("name"),
        description: text("description"),
        features: list("features").map(texts).map(trimmed),
        price: patch.get("price").and_then(|price| whole_price(price, &mut errors)),
        months: number("months"),
        limit_products: limit("products"),
        limit_staff: limit("staff"),
        status: patch.get("status").and_then(Value::as_str).map(status),
        position: number("position"),
        methods: asked_methods.map(|asked| methods(asked.iter().map(String::as_str))),
    };
    // What a patch leaves as it is was looked through when it was written.
    look_through(&changes.clone().over(faultless()), &mut errors);
    errors.or(changes)
}

/// Says everything that is wrong with a plan's content.
pub fn check(content: &PlanContent) -> Result<(), Vec<FieldError>> {
    let mut errors = Errors::default();
    look_through(content, &mut errors);
    errors.or(())
}

fn look_through(content: &PlanContent, errors: &mut Errors) {
    NAME.check(errors, "/name", Some(&content.name));
    DESCRIPTION.check(errors, "/description", Some(&content.description));
    if FEATURES.check(errors, "/features", content.features.len()) {
        for (place, feature) in content.features.iter().enumerate() {
            FEATURE.check(errors, &format!("/features/{place}"), Some(feature));
        }
    }
    PRICE.check(errors, "/price", Some(content.price));
    if (0..SMALLEST_PRICE).contains(&content.price.amount) {
        let detail = format!("O plano custa ao menos {}.", Money::brl(SMALLEST_PRICE));
        errors.add("/price/amount", Code::OutOfRange, detail);
    }
    if !MONTHS.contains(&content.months) {
        errors.add("/months", Code::Invalid, "O ciclo do plano é de 1, 6, 12 ou 24 meses.");
    }
    PRODUCTS.check(errors, "/limits/products", content.limits.products.map(i64::from));
    STAFF.check(errors, "/limits/staff", content.limits.staff.map(i64::from));
    if content.status == PlanStatus::Unknown {
        errors.add("/status", Code::Invalid, "O plano está ativo (active) ou inativo (inactive).");
    }
    POSITION.check(errors, "/position", Some(i64::from(content.position)));
    if content.methods.is_empty() {
        errors.add("/methods", Code::Required, "Informe ao menos uma forma de pagamento.");
    }
    if content.methods.contains(&PaymentMethod::Unknown) {
        errors.add("/methods", Code::Invalid, "As formas de pagamento são card, boleto e pix.");
    }
}

/// Content that breaks no rule, in which the fields of a patch take the place of its own.
fn faultless() -> PlanContent {
    PlanContent {
        name: "Plano".to_owned(),
        description: String::new(),
        features: Vec::new(),
        price: Money::brl(SMALLEST_PRICE),
        months: 1,
        limits: PlanLimits::default(),
        status: PlanStatus::Active,
        position: 0,
        methods: vec![PaymentMethod::Pix],
    }
}

/// The price of a patch, which replaces the present one as a whole.
fn whole_price(price: &Value, errors: &mut Errors) -> Option<Money> {
    let price = Money::deserialize(price).ok();
    if price.is_none() {
        errors.add("/price", Code::Required, "Informe o valor e a moeda do preço.");
    }
    price
}

/// A whole number as records have it; what is too large for them is outside every rule.
fn whole(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn trimmed(lines: Vec<String>) -> Vec<String> {
    lines.into_iter().map(|line| line.trim().to_owned()).collect()
}

fn status(word: &str) -> PlanStatus {
    STATUSES.into_iter().find(|(_, known)| *known == word).map_or(PlanStatus::Unknown, |(status, _)| status)
}

/// Ways to pay in the order of the list of all, each once; a word of none of them is one of a later version.
fn methods<'a>(words: impl Iterator<Item = &'a str>) -> Vec<PaymentMethod> {
    let words: Vec<&str> = words.collect();
    let known = METHODS.into_iter().filter(|(_, word)| words.contains(word)).map(|(method, _)| method);
    let others = words.iter().any(|word| METHODS.iter().all(|(_, known)| known != word));
    known.chain(others.then_some(PaymentMethod::Unknown)).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body() -> Value {
        let (price, methods) = (json!({"amount": 4_990, "currency": "BRL"}), ["pix", "card", "pix"]);
        json!({"name": " Básico ", "price": price, "months": 1, "methods": methods})
    }

    fn content(change: impl Fn(&mut Value)) -> Result<PlanContent, Vec<String>> {
        let mut body = body();
        change(&mut body);
        let pointers = |errors: Vec<FieldError>| errors.into_iter().map(|error| error.pointer).collect();
        plan_content(serde_json::from_value(body).unwrap()).map_err(pointers)
    }

    fn changes(patch: &Value) -> Result<PlanChanges, Vec<String>> {
        let pointers = |errors: Vec<FieldError>| errors.into_iter().map(|error| error.pointer).collect();
        plan_changes(patch.as_object().unwrap()).map_err(pointers)
    }

    #[test]
    fn a_plan_is_active_first_and_without_limits_unless_it_says_otherwise() {
        let plan = content(|_| {}).unwrap();
        assert_eq!((plan.name.as_str(), plan.description.as_str(), plan.position), ("Básico", "", 0));
        assert_eq!((plan.status, plan.limits, plan.months), (PlanStatus::Active, PlanLimits::default(), 1));
        assert_eq!(plan.methods, [PaymentMethod::Card, PaymentMethod::Pix], "each once, in one order");
        let other = content(|body| {
            body["status"] = json!("inactive");
            body["limits"] = json!({"products": 100, "staff": null});
            body["features"] = json!([" Loja própria "]);
        });
        let other = other.unwrap();
        assert_eq!((other.status, other.limits.products, other.limits.staff), (PlanStatus::Inactive, Some(100), None));
        assert_eq!(other.features, ["Loja própria"]);
    }

    #[test]
    fn s46_a_period_is_of_1_6_12_or_24_months() {
        for months in -1..=25 {
            let expected = [1, 6, 12, 24].contains(&months);
            assert_eq!(content(|body| body["months"] = json!(months)).is_ok(), expected, "{months}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_plan_is_said_of_each_field_whether_it_is_new_or_changed() {
        for (pointer, field, value) in [
            ("/name", "name", json!(" ")),
            ("/name", "name", json!("é".repeat(61))),
            ("/description", "description", json!("é".repeat(2_001))),
            ("/features", "features", json!(vec!["x"; 21])),
            ("/features/1", "features", json!(["x", " "])),
            ("/features/0", "features", json!(["é".repeat(121)])),
            ("/price/amount", "price", json!({"amount": 0, "currency": "BRL"})),
            ("/price/amount", "price", json!({"amount": 99, "currency": "BRL"})),
            ("/price/amount", "price", json!({"amount": -1, "currency": "BRL"})),
            ("/price/amount", "price", json!({"amount": Money::MAX_AMOUNT + 1, "currency": "BRL"})),
            ("/price/currency", "price", json!({"amount": 100, "currency": "USD"})),
            ("/months", "months", json!(i64::MAX)),
            ("/limits/products", "limits", json!({"products": 0})),
            ("/limits/products", "limits", json!({"products": i64::MIN})),
            ("/limits/staff", "limits", json!({"staff": 10_001})),
            ("/status", "status", json!("paused")),
            ("/position", "position", json!(1_001)),
            ("/methods", "methods", json!([])),
            ("/methods", "methods", json!(["pix", "cheque"])),
            ("/methods", "methods", json!(["pix", "pix", "pix", "pix"])),
        ] {
            assert_eq!(content(|body| body[field] = value.clone()), Err(vec![pointer.to_owned()]), "{field}: {value}");
            assert_eq!(changes(&json!({field: value})), Err(vec![pointer.to_owned()]), "{field}: {value}");
        }
        assert_eq!(changes(&json!({"price": {"amount": 100}})), Err(vec!["/price".to_owned()]));
    }

    #[test]
    fn a_patch_changes_what_it_names_alone() {
        assert_eq!(changes(&json!({})), Ok(PlanChanges::default()));
        let present = PlanContent {
            limits: PlanLimits { products: Some(10), staff: Some(2) },
            features: vec!["Um".into()],
            ..content(|_| {}).unwrap()
        };
        let patch = changes(&json!({"limits": {"products": null}, "features": [], "name": "Outro"})).unwrap();
        let expected = PlanContent {
            limits: PlanLimits { products: None, staff: Some(2) },
            features: Vec::new(),
            name: "Outro".into(),
            ..present.clone()
        };
        assert_eq!(patch.over(present), expected);
    }
}
