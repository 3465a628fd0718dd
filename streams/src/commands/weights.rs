//! The weight of products in bytes, so that a command that changes a heavy one is known to be heavy, be it ever so short.

use feira_connectors::state::State;
use feira_schemas::{
    ids::{ProductId, TenantId},
    limits,
    records::common::{CommandResult, Outcome},
    rows::admin::ProductRow,
    weight::json_bytes,
};

/// Products whose weight is known, some 100 bytes each.
const KNOWN: u64 = 50_000;
/// Lighter ones are not worth a place among the known when an answer names them.
const HEAVY: usize = 32 * 1024;

/// Bytes of products, as this process has seen them.
pub(super) struct Weights {
    known: moka::sync::Cache<(TenantId, ProductId), usize>,
}

impl Default for Weights {
    fn default() -> Self {
        Self { known: moka::sync::Cache::new(KNOWN) }
    }
}

impl Weights {
    /// The weight of a product in bytes: as its last answer said, else as its row says. One that is not there, or can't be
    /// read now, weighs nothing.
    pub async fn of(&self, state: &State, tenant: TenantId, product: ProductId) -> usize {
        if let Some(weight) = self.known.get(&(tenant, product)) {
            return weight;
        }
        let Ok(Some(row)) = state.get::<ProductRow>(&ProductRow::at(tenant, product)).await else { return 0 };
        let weight = json_bytes(&row);
        self.known.insert((tenant, product), weight);
        weight
    }

    /// An answer of so many bytes: it holds the whole entity, or left it out as too long.
    pub fn saw(&self, result: &CommandResult, bytes: usize) {
        let Some(product) = result.aggregate_id.as_deref().and_then(|id| id.parse().ok()) else { return };
        let weight = match (result.outcome, &result.body) {
            (Outcome::Created | Outcome::Updated, None) => limits::ANSWER_BODY_BYTES,
            (Outcome::Created | Outcome::Updated, Some(_)) => bytes,
            _ => return,
        };
        let at = (result.tenant_id, product);
        if weight >= HEAVY || self.known.contains_key(&at) {
            self.known.insert(at, weight);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::ids::CommandId;
    use uuid::Uuid;

    use super::*;
    use crate::testing::platform;

    #[tokio::test]
    async fn f04_a_product_weighs_what_its_last_answer_did() {
        let folder = tempfile::tempdir().unwrap();
        let platform = platform(folder.path()).await;
        let weights = Weights::default();
        let (tenant, product) = (TenantId::from_uuid(Uuid::from_u128(1)), ProductId::from_uuid(Uuid::from_u128(2)));
        let answer = |body: Option<&str>| CommandResult {
            command_id: CommandId::from_uuid(Uuid::from_u128(3)),
            tenant_id: tenant,
            body_hash: String::new(),
            outcome: Outcome::Updated,
            code: None,
            detail: None,
            errors: Vec::new(),
            aggregate_id: Some(product.to_string()),
            version: Some(1),
            body: body.map(str::to_owned),
            context: "admin".into(),
            partition: 0,
            write_ts: 1,
            entity: Some("product".into()),
        };
        assert_eq!(weights.of(&platform.state, tenant, product).await, 0, "there is none");
        weights.saw(&answer(Some("{}")), HEAVY - 1);
        assert!(!weights.known.contains_key(&(tenant, product)), "light ones are not kept");
        weights.saw(&answer(Some("{}")), 2_000_000);
        weights.saw(&CommandResult { outcome: Outcome::Refused, ..answer(None) }, 100);
        assert_eq!(weights.of(&platform.state, tenant, product).await, 2_000_000);
        weights.saw(&answer(None), 100);
        assert_eq!(
            weights.of(&platform.state, tenant, product).await,
            limits::ANSWER_BODY_BYTES,
            "too long to be told"
        );
        weights.saw(&answer(Some("{}")), 100);
        assert_eq!(weights.of(&platform.state, tenant, product).await, 100, "it has become light");
    }
}
