//! The rows that admin's events make, and the entity as its answer shows it.

use feira_schemas::{
    catalogue::{category_json, product_text},
    records::{
        AdminEvent, EventSet,
        admin::{CategoryChanged, CategoryDeleted, ProductChanged, ProductDeleted},
        common::EventMeta,
    },
    row::Write,
    rows::admin::{CategoryRow, CategorySlugRow, ProductRow, ProductSlugRow, SettingsRow, TenantRow, TokenRow},
};
use serde_json::json;

pub(super) fn apply(event: &AdminEvent) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = *event.meta();
    match event {
        AdminEvent::TenantChanged(event) => vec![Write::put(TenantRow { tenant: event.tenant.clone() }, write_ts)],
        AdminEvent::SettingsChanged(event) => {
            vec![Write::put(SettingsRow { tenant_id, settings: event.settings.clone() }, write_ts)]
        }
        AdminEvent::TokenChanged(event) => {
            vec![Write::put(TokenRow { tenant_id, token: event.token.clone() }, write_ts)]
        }
        AdminEvent::CategoryChanged(event) => category_changed(event),
        AdminEvent::CategoryDeleted(event) => category_deleted(event),
        AdminEvent::ProductChanged(event) => product_changed(event),
        AdminEvent::ProductDeleted(event) => product_deleted(event),
        AdminEvent::CommandAnswered(_) => Vec::new(),
    }
}

fn category_changed(event: &CategoryChanged) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = event.meta;
    let category = &event.category;
    let slug = CategorySlugRow { tenant_id, slug: category.slug.clone(), category_id: category.category_id };
    let mut writes =
        vec![Write::put(CategoryRow::new(tenant_id, category.clone()), write_ts), Write::put(slug, write_ts)];
    if let Some(previous) = &event.previous_slug {
        writes.push(Write::delete::<CategorySlugRow>(CategorySlugRow::at(tenant_id, previous), write_ts));
    }
    writes
}

fn category_deleted(event: &CategoryDeleted) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = event.meta;
    vec![
        Write::delete::<CategoryRow>(CategoryRow::at(tenant_id, event.category.category_id), write_ts),
        Write::delete::<CategorySlugRow>(CategorySlugRow::at(tenant_id, &event.category.slug), write_ts),
    ]
}

fn product_changed(event: &ProductChanged) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = event.meta;
    let product = &event.product;
    let slug = ProductSlugRow { tenant_id, slug: product.slug.clone(), product_id: product.product_id };
    // Rows of older slugs were made by the events that introduced them and stay as they are.
    let mut writes =
        vec![Write::put(ProductRow { tenant_id, product: product.clone() }, write_ts), Write::put(slug, write_ts)];
    let forgotten = event.forgotten_slugs.iter();
    writes.extend(forgotten.map(|slug| Write::delete::<ProductSlugRow>(ProductSlugRow::at(tenant_id, slug), write_ts)));
    writes
}

fn product_deleted(event: &ProductDeleted) -> Vec<Write> {
    let EventMeta { tenant_id, write_ts, .. } = event.meta;
    let product = &event.product;
    let slugs = std::iter::once(&product.slug).chain(&product.slug_history);
    let mut writes = vec![Write::delete::<ProductRow>(ProductRow::at(tenant_id, product.product_id), write_ts)];
    writes.extend(slugs.map(|slug| Write::delete::<ProductSlugRow>(ProductSlugRow::at(tenant_id, slug), write_ts)));
    writes
}

pub(super) fn answer_body(event: &AdminEvent) -> Option<String> {
    let body = match event {
        AdminEvent::TenantChanged(event) => {
            json!({"tenant_id": event.tenant.tenant_id, "subdomain": event.tenant.subdomain, "version": event.tenant.version})
        }
        AdminEvent::SettingsChanged(event) => serde_json::to_value(&event.settings).ok()?,
        AdminEvent::TokenChanged(event) => json!({"label": event.token.label}),
        AdminEvent::CategoryChanged(event) => category_json(&event.category),
        AdminEvent::ProductChanged(event) => return Some(product_text(&event.product)),
        AdminEvent::CategoryDeleted(_) | AdminEvent::ProductDeleted(_) | AdminEvent::CommandAnswered(_) => return None,
    };
    Some(body.to_string())
}
