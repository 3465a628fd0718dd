//! The store's API: what buyers' programs read, and the carts that they fill, as JSON.

mod carts;
mod categories;
mod payment_methods;
mod product;
mod products;
mod schemas;
mod search;
mod suggest;

use feira_web::routing::Route;

pub(super) use schemas::all as schemas;

/// The store API's routes, those asked for most first.
pub(super) fn routes() -> Vec<Route> {
    let reads = [
        product::route(),
        search::route(),
        suggest::route(),
        products::route(),
        categories::route(),
        payment_methods::route(),
    ];
    reads.into_iter().chain(carts::routes()).collect()
}
