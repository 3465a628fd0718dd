//! Payment methods: `/operator/payment-methods`, where the platform says what shops may offer, `/admin/payment-methods`, where a shop says
//! by which of them its buyers pay, and `/admin/products/{id}/payment-methods`, where a product says otherwise.
//!
//! What a shop lacks before a buyer could pay is found here too ([`warnings`]): its first page says it as well.

mod filled;
mod model;
mod operator;
mod product;
mod shop;
mod terms;

use feira_schemas::{
    records::payments::{Account, AccountStatus},
    rows::payments::AccountRow,
    topics::Context,
};
use feira_web::{
    context::Api,
    methods,
    problem::Problem,
    reads,
    routing::{Request, Route},
    sessions::{Access, Area},
};

use self::model::{Known, missing};
pub(crate) use self::{filled::Filled, model::Warning};

/// Accounts of a shop that are read: payments lets it have fewer.
const MOST: usize = 1_000;

pub(crate) fn routes() -> Vec<Route> {
    [operator::routes(), shop::routes(), product::routes()].concat()
}

/// What the request's shop lacks before a buyer could pay, for who may see its payments; nothing for others.
pub(crate) async fn warnings(api: &Api, request: &Request) -> Result<Vec<Warning>, Problem> {
    if !request.session()?.may(Access::read(Area::Payments)) {
        return Ok(Vec::new());
    }
    reads::point(api, request, Context::Payments).await?;
    let rows = api.platform.state.scan::<AccountRow>(&AccountRow::all(request.tenant), None, MOST).await?;
    let accounts: Vec<Known> = rows.into_iter().map(|row| known(row.account)).collect();
    let (offers, own) = (methods::offers(api, request).await?, methods::of_shop(api, request).await?);
    let is_offered = |method| offers.iter().any(|offer| offer.method == method);
    let takes_any = own.iter().any(|own| own.active && is_offered(own.method));
    Ok(missing(&accounts, takes_any))
}

fn known(account: Account) -> Known {
    let mending = (account.status == AccountStatus::Broken).then(|| account.mending());
    Known { name: account.name, status: account.status, is_default: account.is_default, mending }
}
