//! The shop itself and its categories, as buyers see them.

use feira_schemas::{
    ids::TenantId,
    problem::{Code, Refusal},
    records::{
        StoreEvent,
        admin::{Category, CategoryChanged, CategoryDeleted, SettingsChanged, TenantChanged, TenantStatus},
        store::{CategoryListed, CategoryUnlisted, ListedCategory, Shop, ShopChanged, ShopStatus},
    },
    refusals,
    rows::store::{CategoryRow, ShopRow},
};

use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, Rows, Stop};

pub(super) fn tenant_changed(event: &TenantChanged, rows: &Rows, context: &DecisionContext) -> Decided<StoreEvent> {
    let tenant = &event.tenant;
    let status = match tenant.status {
        TenantStatus::Requested => ShopStatus::Opening,
        TenantStatus::Active => ShopStatus::Open,
        TenantStatus::Suspended | TenantStatus::Refused | TenantStatus::Unknown => ShopStatus::Suspended,
        TenantStatus::Closed => ShopStatus::Closed,
    };
    change(rows, context, |shop| {
        if tenant.version > shop.tenant_version {
            (shop.status, shop.tenant_version) = (status, tenant.version);
            shop.subdomain.clone_from(&tenant.subdomain);
        }
    })
}

pub(super) fn settings_changed(event: &SettingsChanged, rows: &Rows, context: &DecisionContext) -> Decided<StoreEvent> {
    let settings = &event.settings;
    change(rows, context, |shop| {
        if settings.version > shop.settings_version {
            shop.settings_version = settings.version;
            shop.name.clone_from(&settings.shop_name);
            shop.tagline.clone_from(&settings.tagline);
            shop.accent.clone_from(&settings.accent);
            shop.logo.clone_from(&settings.logo);
            shop.interest_free_installments = settings.interest_free_installments;
            shop.cors_origins.clone_from(&settings.cors_origins);
            shop.contact.clone_from(&settings.contact);
            shop.seller.clone_from(&settings.seller);
            shop.policies.clone_from(&settings.policies);
        }
    })
}

/// Changes the shop, and says so where it differs from before.
pub(super) fn change(rows: &Rows, context: &DecisionContext, edit: impl FnOnce(&mut Shop)) -> Decided<StoreEvent> {
    let tenant = context.cause.tenant_id;
    let before = rows.get::<ShopRow>(ShopRow::at(tenant))?.map(|row| row.shop.clone());
    let mut shop = before.clone().unwrap_or_else(unopened);
    edit(&mut shop);
    let mut decision = Decision::new(context);
    if before.as_ref() != Some(&shop) {
        shop.version += 1;
        let entity = EntityVersion::new(tenant, shop.version);
        decision.event(entity, |meta| ShopChanged { meta, shop });
    }
    Ok(decision)
}

/// The version of a tenant that is opened or refused: the first says only that it is asked for.
const ANSWERED: i64 = 2;

/// The shop that an event says, also one of before: those called a shop suspended that was only asked for.
pub fn shop_of(event: &ShopChanged) -> Shop {
    let shop = &event.shop;
    let status = match shop.status {
        ShopStatus::Suspended if shop.tenant_version < ANSWERED => ShopStatus::Opening,
        status => status,
    };
    Shop { status, ..shop.clone() }
}

/// Refuses to write stock in a shop that is closed. What is not yet known to be open is not closed: a shop's first commands may
/// come here before the event of its opening.
pub(super) fn check_open(tenant: TenantId, rows: &Rows) -> Result<(), Stop> {
    let row = rows.get::<ShopRow>(ShopRow::at(tenant))?;
    match row.map(|row| row.shop.status) {
        None | Some(ShopStatus::Opening | ShopStatus::Open) => Ok(()),
        Some(ShopStatus::Suspended | ShopStatus::Unknown) => {
            Err(Refusal::new(Code::ShopSuspended, refusals::SHOP_NOT_ACTIVE).into())
        }
        Some(ShopStatus::Closed) => Err(Refusal::new(Code::ShopClosed, refusals::SHOP_CLOSED).into()),
    }
}

fn unopened() -> Shop {
    Shop {
        version: 0,
        status: ShopStatus::Opening,
        subdomain: String::new(),
        name: String::new(),
        tagline: None,
        accent: None,
        logo: None,
        interest_free_installments: None,
        cors_origins: Vec::new(),
        contact: None,
        seller: None,
        policies: None,
        methods: Vec::new(),
        tenant_version: 0,
        settings_version: 0,
    }
}

pub(super) fn category_changed(event: &CategoryChanged, rows: &Rows, context: &DecisionContext) -> Decided<StoreEvent> {
    let mut decision = Decision::new(context);
    if let Some(category) = newer(&event.category, rows, context)? {
        let entity = EntityVersion::new(category.category_id, category.version);
        decision.event(entity, |meta| CategoryListed { meta, category });
    }
    Ok(decision)
}

pub(super) fn category_deleted(event: &CategoryDeleted, rows: &Rows, context: &DecisionContext) -> Decided<StoreEvent> {
    let mut decision = Decision::new(context);
    let at = CategoryRow::at(context.cause.tenant_id, event.category.category_id);
    if let Some(row) = rows.get::<CategoryRow>(at)? {
        let category = ListedCategory { version: row.category.version + 1, ..row.category.clone() };
        let entity = EntityVersion::new(category.category_id, category.version);
        decision.event(entity, |meta| CategoryUnlisted { meta, category });
    }
    Ok(decision)
}

fn newer(source: &Category, rows: &Rows, context: &DecisionContext) -> Result<Option<ListedCategory>, Need> {
    let row = rows.get::<CategoryRow>(CategoryRow::at(context.cause.tenant_id, source.category_id))?;
    let (version, known) = row.map_or((0, 0), |row| (row.category.version, row.category.source_version));
    Ok((source.version > known).then(|| ListedCategory {
        category_id: source.category_id,
        version: version + 1,
        source_version: source.version,
        name: source.name.clone(),
        slug: source.slug.clone(),
        parent_id: source.parent_id,
        slug_history: source.slug_history.clone(),
    }))
}
