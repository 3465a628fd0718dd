//! What a cart's delivery would cost, by the CEP that a buyer tries out and that is kept nowhere.

use feira_schemas::{
    brazil::Cep,
    ids::ShippingId,
    money::Money,
    problem::{Code, FieldError},
    records::admin::ShippingKind,
    shipping::{Offered, Parcel, quote},
};
use feira_web::{context::Api, problem::Problem, routing::Request, shipping};

use super::sums::Shown;

/// A way in which a cart can be delivered.
#[derive(Debug, Clone)]
pub struct Way {
    /// The id of the shop's way of delivery.
    pub id: ShippingId,
    /// Its name, which the buyer reads.
    pub name: String,
    /// Its kind.
    pub kind: ShippingKind,
    /// What it costs this cart.
    pub price: Money,
    /// The fewest business days that it takes.
    pub min_days: i32,
    /// The most business days that it takes.
    pub max_days: i32,
    /// What the cart costs with it.
    pub total: Money,
}

/// The ways in which a cart can go to a CEP, in the shop's order.
///
/// # Errors
/// 422 at `/cep` where the text is none.
pub async fn ways(api: &Api, request: &Request, cep: &str, shown: &Shown) -> Result<Vec<Way>, Problem> {
    let cep = Cep::parse(cep).map_err(|_| no_cep())?;
    let options = shipping::all(api, request).await?;
    let parcel = Parcel { cep5: Some(cep.first_five()), grams: shown.grams(), goods: shown.total };
    Ok(quote(&options, parcel).offered.iter().map(|offered| way(offered, shown)).collect())
}

fn way(offered: &Offered<'_>, shown: &Shown) -> Way {
    let price = if shown.is_freight_given() { Money::brl(0) } else { offered.price };
    Way {
        id: offered.option.shipping_id,
        name: offered.option.content.name.clone(),
        kind: offered.option.content.kind,
        price,
        min_days: offered.min_days,
        max_days: offered.max_days,
        total: Money::brl(shown.total.amount.saturating_add(price.amount)),
    }
}

fn no_cep() -> Problem {
    Problem::fields(vec![FieldError::new("/cep", Code::Invalid, "Informe um CEP do Brasil, com oito dígitos.")])
}
