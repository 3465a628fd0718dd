//! Products and their prices.

use serde_json::Value;

use super::{
    answer::Refused,
    call::{Call, Metadata},
    events,
    kept::{Price, Product},
    lists, show,
};

pub(super) fn create_product(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let now = call.ledger.now();
    let id = call.text("id").unwrap_or_else(|| call.ledger.id("prod"));
    if call.ledger.get::<Product>(&id).is_some() {
        return Err(Refused::coded("resource_already_exists", "Product already exists."));
    }
    let product = Product {
        id,
        account: call.account.id.clone(),
        name: call.must("name")?,
        description: call.text("description"),
        active: call.flag("active")?.unwrap_or(true),
        metadata: call.metadata(Metadata::new())?,
        created: now,
        updated: now,
    };
    Ok(kept_product(call, product, "product.created"))
}

pub(super) fn get_product(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let product = call.own::<Product>(path[1])?;
    Ok(show::product(call.ledger, &product))
}

pub(super) fn change_product(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let known = call.own::<Product>(path[1])?;
    let product = Product {
        name: call.text("name").unwrap_or(known.name),
        description: call.text("description").or(known.description),
        active: call.flag("active")?.unwrap_or(known.active),
        metadata: call.metadata(known.metadata)?,
        updated: call.ledger.now(),
        ..known
    };
    Ok(kept_product(call, product, "product.updated"))
}

fn kept_product(call: &mut Call, product: Product, kind: &str) -> Value {
    let shown = show::product(call.ledger, &product);
    events::say(call.ledger, &product.account, kind, shown.clone(), &mut call.magic);
    call.ledger.put(product);
    shown
}

pub(super) fn list_products(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let active = call.flag("active")?;
    lists::list(call, "/v1/products", |product: &Product| active.is_none_or(|it| it == product.active), show::product)
}

pub(super) fn create_price(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    if !call.must("currency")?.eq_ignore_ascii_case("brl") {
        return Err(Refused::invalid("The currency of this account is brl.", Some("currency")));
    }
    let amount = call.number("unit_amount")?.ok_or_else(|| Refused::missing("unit_amount"))?;
    if !(0..=99_999_999).contains(&amount) {
        return Err(Refused::invalid("The unit_amount is not within what can be charged.", Some("unit_amount")));
    }
    let count = call.number("recurring.interval_count")?.unwrap_or(1);
    let interval = call.text("recurring.interval");
    if interval.as_deref().is_some_and(|it| !matches!(it, "day" | "week" | "month" | "year"))
        || !(1..=1_095).contains(&count)
    {
        return Err(Refused::invalid("Invalid interval.", Some("recurring")));
    }
    let product = product_of(call)?;
    let price = Price {
        id: call.ledger.id("price"),
        account: call.account.id.clone(),
        product,
        amount,
        interval: interval.map(|interval| (interval, count)),
        nickname: call.text("nickname"),
        lookup_key: call.text("lookup_key"),
        active: call.flag("active")?.unwrap_or(true),
        metadata: call.metadata(Metadata::new())?,
        created: call.ledger.now(),
    };
    Ok(kept_price(call, price, "price.created"))
}

/// The product of a new price: one that is there, or one that is made with it.
fn product_of(call: &mut Call) -> Result<String, Refused> {
    const KNOWN: [&str; 4] = ["id", "name", "active", "statement_descriptor"];
    let Some(data) = call.at("product_data").cloned() else {
        let product = call.must("product")?;
        return call.own::<Product>(&product).map(|product| product.id);
    };
    let mut names = data.as_object().into_iter().flatten().map(|(name, _)| name);
    if let Some(name) = names.find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(Refused::unknown_parameter(name));
    }
    let now = call.ledger.now();
    let product = Product {
        id: call.text("product_data.id").unwrap_or_else(|| call.ledger.id("prod")),
        account: call.account.id.clone(),
        name: call.must("product_data.name")?,
        description: None,
        active: call.flag("product_data.active")?.unwrap_or(true),
        metadata: Metadata::new(),
        created: now,
        updated: now,
    };
    let id = product.id.clone();
    kept_product(call, product, "product.created");
    Ok(id)
}

pub(super) fn get_price(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let price = call.own::<Price>(path[1])?;
    Ok(show::price(call.ledger, &price))
}

pub(super) fn change_price(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let known = call.own::<Price>(path[1])?;
    let price = Price {
        nickname: call.text("nickname").or(known.nickname),
        lookup_key: call.text("lookup_key").or(known.lookup_key),
        active: call.flag("active")?.unwrap_or(known.active),
        metadata: call.metadata(known.metadata)?,
        ..known
    };
    Ok(kept_price(call, price, "price.updated"))
}

fn kept_price(call: &mut Call, price: Price, kind: &str) -> Value {
    let shown = show::price(call.ledger, &price);
    events::say(call.ledger, &price.account, kind, shown.clone(), &mut call.magic);
    call.ledger.put(price);
    shown
}

pub(super) fn list_prices(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let (product, active, keys) = (call.text("product"), call.flag("active")?, call.texts("lookup_keys"));
    let fits = |price: &Price| {
        product.as_deref().is_none_or(|id| id == price.product)
            && active.is_none_or(|it| it == price.active)
            && (keys.is_empty() || price.lookup_key.as_ref().is_some_and(|key| keys.contains(key)))
    };
    lists::list(call, "/v1/prices", fits, show::price)
}
