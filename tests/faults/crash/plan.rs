//! The commands that each client sends: a sequence that follows from a seed and the answers so far, so that a client that was
//! cut off asks for the very same thing again.

use feira_schemas::{
    api::{
        category::{CategoryBody, category_content},
        product::product_content,
    },
    ids::{CategoryId, CommandId, ProductId, TenantId, VariantId},
    records::{
        AdminCommand, StoreCommand,
        admin::{
            CategoryContent, CreateCategory, CreateProduct, DeleteCategory, DeleteProduct, PatchCategory, PatchProduct,
            ProductContent, ProvisionTenant,
        },
        common::{CommandMeta, Outcome},
        store::{AdjustStock, SetStock},
    },
};
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::journal::Entry;

/// The shops of this test.
pub const SHOPS: u32 = 2;
/// Clients per shop. The first of each asks for nothing but changes of one product, which some runs poison.
pub const CLIENTS: u32 = 4;

/// Somebody who asks for one thing after the other. Number 0 of a shop opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Client {
    pub shop: u32,
    pub number: u32,
}

/// All but those that open the shops.
pub fn clients() -> impl Iterator<Item = Client> {
    (0..SHOPS).flat_map(|shop| (1..=CLIENTS).map(move |number| Client { shop, number }))
}

/// A command to one of the contexts.
#[derive(Debug, Clone)]
#[allow(clippy::large_enum_variant)] // A few hundred in a test.
pub enum Order {
    Admin(AdminCommand),
    Store(StoreCommand),
}

/// The shop of a number.
pub fn tenant(shop: u32) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(0x018f_4d7e_3c1b_7a52_9d0e_0000_0000_0000 + u128::from(shop)))
}

/// The id of a client's step: always the same, as an `Idempotency-Key` makes it.
pub fn command_id(client: Client, step: usize) -> CommandId {
    let key = format!("{}-{step}", client.number);
    CommandId::from_client_key(tenant(client.shop), "crash", "POST", "crash", &key)
}

/// The next command of a client, given the answers it has.
pub fn next(seed: u64, client: Client, answered: &[Entry]) -> Order {
    let step = answered.len();
    let stream = u64::from(client.shop) << 48 | u64::from(client.number) << 32 | step as u64;
    let asking = Asking {
        random: StdRng::seed_from_u64(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ stream),
        meta: CommandMeta {
            command_id: command_id(client, step),
            tenant_id: tenant(client.shop),
            actor: "test".into(),
            issued_at: 0,
            body_hash: format!("{}-{step}", client.number),
            keyed: true,
            expected_version: None,
        },
        known: Known::of(answered),
        step,
    };
    match client.number {
        0 => asking.provision(client.shop),
        1 => asking.same_product(),
        _ => asking.anything(),
    }
}

/// The product that a shop's first client changes, once it is made.
pub fn first_product(answered: &[Entry]) -> Option<ProductId> {
    Known::of(answered).products.first().map(|product| product.id)
}

/// The products and categories that a client knows as its own.
#[derive(Default)]
struct Known {
    products: Vec<Product>,
    categories: Vec<CategoryId>,
}

struct Product {
    id: ProductId,
    variants: Vec<VariantId>,
}

impl Known {
    fn of(answered: &[Entry]) -> Self {
        let mut known = Self::default();
        for entry in answered {
            let result = &entry.result;
            let (Outcome::Created | Outcome::Deleted, Some(id)) = (result.outcome, &result.aggregate_id) else {
                continue;
            };
            let body: Value =
                result.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
            if result.outcome == Outcome::Deleted {
                known.products.retain(|product| product.id.to_string() != *id);
                known.categories.retain(|category| category.to_string() != *id);
            } else if let Some(variants) = body["variants"].as_array() {
                let variants =
                    variants.iter().map(|variant| variant["id"].as_str().unwrap().parse().unwrap()).collect();
                known.products.push(Product { id: id.parse().unwrap(), variants });
            } else if body["slug"].is_string() {
                known.categories.push(id.parse().unwrap());
            }
        }
        known
    }
}

struct Asking {
    random: StdRng,
    meta: CommandMeta,
    known: Known,
    step: usize,
}

impl Asking {
    fn provision(self, shop: u32) -> Order {
        let name = format!("loja-{shop}");
        let command = ProvisionTenant {
            meta: self.meta,
            subdomain: name.clone(),
            shop_name: name,
            token_hash: Some("t".repeat(64)),
        };
        Order::Admin(command.into())
    }

    fn same_product(self) -> Order {
        let Some(product_id) = self.known.products.first().map(|product| product.id) else {
            return self.create_product(true);
        };
        let merge_patch = json!({"name": format!("Camisa vez {}", self.step)}).to_string();
        Order::Admin(PatchProduct { meta: self.meta, product_id, merge_patch }.into())
    }

    fn anything(mut self) -> Order {
        // Clients differ in nothing but their stream, so that all kinds of commands meet in the same batches.
        let dice = self.random.random_range(0..100);
        if self.random.random_ratio(1, 20) {
            self.meta.expected_version = Some(1_000); // Refused: nothing here gets so far.
        }
        if self.known.products.is_empty() || dice < 30 {
            let published = self.random.random_ratio(4, 5);
            return self.create_product(published);
        }
        if self.known.categories.is_empty() || dice < 38 {
            return self.create_category();
        }
        match dice {
            38..60 => self.patch_product(),
            60..68 => self.delete_product(),
            68..73 => self.patch_category(),
            73..78 => self.delete_category(),
            _ => self.stock(),
        }
    }

    /// Names repeat, so that clients meet in the shop's addresses.
    fn name(&mut self) -> String {
        let things = ["Calça", "Camisa", "Vestido", "Meia"];
        let kinds = ["azul", "de linho", "nova"];
        let (thing, kind) = (self.random.random_range(0..things.len()), self.random.random_range(0..kinds.len()));
        format!("{} {}", things[thing], kinds[kind])
    }

    fn create_product(mut self, published: bool) -> Order {
        let content = self.product(published);
        Order::Admin(CreateProduct { meta: self.meta, content }.into())
    }

    fn product(&mut self, published: bool) -> ProductContent {
        let variant = |size: &str, stock: i64| json!({"options": {"Tamanho": size}, "price": {"amount": 4_990, "currency": "BRL"}, "stock": stock});
        let variants = [variant("P", self.random.random_range(0..3)), variant("M", self.random.random_range(0..3))];
        let body = json!({
            "name": self.name(), "status": if published { "published" } else { "draft" },
            "options": [{"name": "Tamanho", "values": ["P", "M"]}], "variants": variants,
        });
        product_content(serde_json::from_value(body).unwrap()).unwrap()
    }

    fn patch_product(mut self) -> Order {
        let patch = match self.random.random_range(0..4) {
            0 => json!({"name": self.name()}),
            1 => json!({"name": self.name(), "slug": format!("endereco-{}", self.random.random_range(0..30))}),
            2 => json!({"status": if self.random.random() { "draft" } else { "published" }}),
            _ => json!({"category_id": self.known.categories[0].to_string(), "featured": true}),
        };
        let product_id = self.some_product().0;
        Order::Admin(PatchProduct { meta: self.meta, product_id, merge_patch: patch.to_string() }.into())
    }

    fn delete_product(mut self) -> Order {
        let product_id = self.some_product().0;
        Order::Admin(DeleteProduct { meta: self.meta, product_id }.into())
    }

    fn create_category(mut self) -> Order {
        let body = CategoryBody {
            name: self.name(),
            slug: None,
            parent_id: self.known.categories.first().map(ToString::to_string),
        };
        let content: CategoryContent = category_content(body).unwrap();
        Order::Admin(CreateCategory { meta: self.meta, content }.into())
    }

    fn patch_category(mut self) -> Order {
        let merge_patch = json!({"name": self.name()}).to_string();
        let category_id = self.some_category();
        Order::Admin(PatchCategory { meta: self.meta, category_id, merge_patch }.into())
    }

    fn delete_category(mut self) -> Order {
        let category_id = self.some_category();
        Order::Admin(DeleteCategory { meta: self.meta, category_id }.into())
    }

    fn stock(mut self) -> Order {
        let (product_id, variant_id) = self.some_product();
        let pieces = self.random.random_range(0..4);
        let set = self.random.random();
        let meta = self.meta;
        if set {
            return Order::Store(SetStock { meta, product_id, variant_id, on_hand: pieces, reason: None }.into());
        }
        Order::Store(AdjustStock { meta, product_id, variant_id, adjust: pieces - 2, reason: None }.into())
    }

    fn some_product(&mut self) -> (ProductId, VariantId) {
        let product = &self.known.products[self.random.random_range(0..self.known.products.len())];
        (product.id, product.variants[self.random.random_range(0..product.variants.len())])
    }

    fn some_category(&mut self) -> CategoryId {
        self.known.categories[self.random.random_range(0..self.known.categories.len())]
    }
}
