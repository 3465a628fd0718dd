//! The rules of a plan's fields, from which come their checks and their JSON Schemas.

use crate::{
    api::rules::{List, Price, Text, Whole},
    records::{payments::PaymentMethod, signup::PlanStatus},
};

/// The name of a plan: gateways show a subscriber 64 characters of it.
pub(super) const NAME: Text = Text::words("O nome do plano", 60);
/// The words for a plan.
pub(super) const DESCRIPTION: Text = Text::or_blank("A descrição", 2_000).of_lines();
/// The list of what is in a plan: a card on a page shows no more of them.
pub(super) const FEATURES: List = List::new("O plano", "itens", 20);
/// One of those: a line.
pub(super) const FEATURE: Text = Text::words("O item", 120);
/// The price of one period.
pub(super) const PRICE: Price = Price("O preço do plano");
/// Centavos of the smallest price. Payments makes no plan that costs nothing, and no method charges less than R$ 1,00
/// everywhere.
pub(super) const SMALLEST_PRICE: i64 = 100;
/// Months of a period.
pub(super) const MONTHS: [i32; 4] = [1, 6, 12, 24];
/// Products of a shop.
pub(super) const PRODUCTS: Whole = Whole::new("O limite de produtos", 1, 1_000_000);
/// People of a shop's staff.
pub(super) const STAFF: Whole = Whole::new("O limite de pessoas da equipe", 1, 10_000);
/// The place of a plan on its page.
pub(super) const POSITION: Whole = Whole::new("A posição", 0, 1_000);
/// The list of ways to pay.
pub(super) const METHOD_LIST: List = List::new("O plano", "formas de pagamento", METHODS.len());
/// Ways to pay, and their words.
pub(super) const METHODS: [(PaymentMethod, &str); 3] =
    [(PaymentMethod::Card, "card"), (PaymentMethod::Boleto, "boleto"), (PaymentMethod::Pix, "pix")];
/// States of a plan, and their words.
pub(super) const STATUSES: [(PlanStatus, &str); 2] =
    [(PlanStatus::Active, "active"), (PlanStatus::Inactive, "inactive")];
