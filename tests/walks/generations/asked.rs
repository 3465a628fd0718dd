//! The commands that were sent last in the folder of a build before, `g3`, and what must have become of the answers.

use std::{fs, path::Path};

use feira_connectors::{clock::wall_clock, state::State};
use feira_contexts::{
    admin::Admin,
    directory::Directory,
    store::{Store, stock_json},
};
use feira_schemas::{
    api::{category::category_json, product::product_json, settings::settings_json, tenant::tenant_json},
    ids::{CommandId, Micros, TenantId},
    records::{admin::ChangeSettings, store::ShopStatus},
    rows::{admin, common::Answer, store},
    time::Clock,
};
use feira_streams::{generations::fold, platform::Platform, processor::ContextFold};
use serde_json::{Value, json};
use tokio::sync::watch;

/// The commands that were sent in `g3` just before it was packed.
pub struct Asked {
    /// The shop that is suspended.
    pub closed: TenantId,
    /// The shop that is only asked for.
    pub opening: TenantId,
    /// The command that asks for settings as they are, under a key.
    pub again: ChangeSettings,
    at: Micros,
    commands: Vec<(String, TenantId, CommandId)>,
}

impl Asked {
    /// Reads it in the unpacked folder.
    pub fn read(folder: &Path) -> Self {
        let json: Value = serde_json::from_slice(&fs::read(folder.join("asked.json")).unwrap()).unwrap();
        let part = |name: &str| json[name].clone();
        Self {
            closed: serde_json::from_value(part("closed")).unwrap(),
            opening: serde_json::from_value(part("opening")).unwrap(),
            again: serde_json::from_value(part("again")).unwrap(),
            at: serde_json::from_value(part("at")).unwrap(),
            commands: serde_json::from_value(part("commands")).unwrap(),
        }
    }

    /// A clock that starts when the folder was packed: answers pass after days, and a test is for years.
    pub fn clock(&self) -> Clock {
        let (clock, at) = (wall_clock(), self.at);
        let begun = clock.now();
        Clock::passing(move || at + clock.now() - begun)
    }

    /// Folds the contexts' tables on a platform whose clock is this one.
    pub async fn fold(platform: &Platform) {
        let (_stop, stopped) = watch::channel(false);
        fold::<ContextFold<Directory>>(platform, None, stopped.clone()).await.unwrap();
        fold::<ContextFold<Admin>>(platform, None, stopped.clone()).await.unwrap();
        fold::<ContextFold<Store>>(platform, None, stopped).await.unwrap();
    }

    /// Every answer says what it shows, as the API shows it; and the shops are what events of before have said otherwise.
    pub async fn is_understood(&self, platform: &Platform) {
        let state = &platform.state;
        for (what, tenant, command) in &self.commands {
            let key = Answer::key(*tenant, *command);
            let answer: Answer = match state.get::<admin::AnswerRow>(&key).await.unwrap() {
                Some(row) => row.into(),
                None => state.get::<store::AnswerRow>(&key).await.unwrap().unwrap_or_else(|| panic!("{what}")).into(),
            };
            let (entity, outcome) = what.split_once(' ').unwrap();
            assert_eq!(answer.entity.as_deref(), Some(entity).filter(|entity| *entity != "none"), "{what}: {answer:?}");
            assert_eq!(serde_json::to_value(answer.outcome).unwrap(), outcome, "{what}: {answer:?}");
            let body = answer.body.as_deref().map(|body| serde_json::from_str::<Value>(body).unwrap());
            assert_eq!(body, present(state, *tenant, entity, outcome, body.as_ref()).await, "{what}");
        }
        let mut said: Vec<_> = self.commands.iter().map(|(what, ..)| what.as_str()).collect();
        said.sort_unstable();
        assert_eq!(said, SAID);
        for (shop, status) in [(self.closed, ShopStatus::Suspended), (self.opening, ShopStatus::Opening)] {
            let row = state.get::<store::ShopRow>(&store::ShopRow::at(shop)).await.unwrap().unwrap();
            assert_eq!(row.shop.status, status);
        }
    }
}

/// The answers of `g3`: what they show, and how the command ended.
const SAID: [&str; 13] = [
    "category CREATED",
    "category UNCHANGED",
    "none REFUSED",
    "product CREATED",
    "product DELETED",
    "product UNCHANGED",
    "settings UNCHANGED",
    "settings UPDATED",
    "stock UNCHANGED",
    "stock UPDATED",
    "tenant UNCHANGED",
    "tenant UPDATED",
    "token CREATED",
];

/// An entity as the API shows it now, which was not changed since it was the answer.
async fn present(state: &State, tenant: TenantId, entity: &str, outcome: &str, body: Option<&Value>) -> Option<Value> {
    let id = |name: &str| body.unwrap()[name].as_str().unwrap();
    match (entity, outcome) {
        ("none", _) | (_, "DELETED") => None,
        ("settings", _) => {
            let row = state.get::<admin::SettingsRow>(&admin::SettingsRow::at(tenant)).await.unwrap();
            Some(settings_json(&row.unwrap().settings))
        }
        ("tenant", _) => {
            let row = state.get::<admin::TenantRow>(&admin::TenantRow::at(tenant)).await.unwrap();
            Some(tenant_json(&row.unwrap().tenant))
        }
        ("product", _) => {
            let key = admin::ProductRow::at(tenant, id("id").parse().unwrap());
            Some(product_json(&state.get::<admin::ProductRow>(&key).await.unwrap().unwrap().product))
        }
        ("category", _) => {
            let key = admin::CategoryRow::at(tenant, id("id").parse().unwrap());
            Some(category_json(&state.get::<admin::CategoryRow>(&key).await.unwrap().unwrap().category))
        }
        ("stock", _) => {
            let (product, variant) = (id("product_id").parse().unwrap(), id("variant_id").parse().unwrap());
            let row = state.get::<store::StockRow>(&store::StockRow::at(tenant, product, variant)).await.unwrap();
            Some(stock_json(&row.unwrap().stock))
        }
        ("token", _) => Some(json!({"label": "caixa"})),
        (other, _) => panic!("{other}"),
    }
}
