//! Carts, which are rows of no fold: they are there after a restart.

use feira_schemas::{
    ids::{ProductId, VariantId},
    rows::sessions::{CartLine, CartRow},
};
use uuid::Uuid;

use crate::common::{Bed, services::subdomain, tenant};

#[tokio::test(flavor = "multi_thread")]
async fn s94_a_cart_is_there_after_a_restart() {
    let Some(bed) = Bed::of_the_environment().await else { return };
    let node = bed.start().await;
    let shop = tenant(&node, &subdomain("carrinho")).await;
    let (product_id, variant_id) = (ProductId::from_uuid(Uuid::new_v4()), VariantId::from_uuid(Uuid::new_v4()));
    let lines = vec![CartLine { product_id, variant_id, quantity: 2, seen_price: 4_990 }];
    let empty = CartRow::empty(shop, Uuid::new_v4().simple().to_string().repeat(2));
    let mut cart = CartRow { lines, pieces: 2, goods: 9_980, ..empty };
    cart.change(node.platform.now());
    node.sessions.as_ref().unwrap().keep_cart(&cart).await.unwrap();
    node.stop().await.unwrap();

    let node = bed.start().await;
    let sessions = node.sessions.clone().unwrap();
    assert_eq!(sessions.cart(shop, &cart.cart_hash).await.unwrap(), Some(cart));
    node.stop().await.unwrap();
}
