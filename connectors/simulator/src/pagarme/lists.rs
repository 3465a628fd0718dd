//! Lists: pages with the addresses of the one before and the one behind.

use serde_json::{Value, json};

use super::{
    answer::Refused,
    call::{Call, Owned},
    times,
};
use crate::core::ledger::Ledger;

/// Things of a page, if none are asked for, and the most that may be.
const SIZE: (usize, usize) = (10, 100);

/// The page that was asked for of the account's things that fit, the newest first.
pub(super) fn list<T: Owned>(
    call: &Call,
    fits: impl Fn(&T) -> bool,
    shown: impl Fn(&Ledger, &T) -> Value,
) -> Result<Value, Refused> {
    let own = |row: &&T| row.account() == call.account.id && fits(row);
    let all: Vec<&T> = call.ledger.list::<T>().into_iter().filter(own).collect();
    page(call, all.len(), |range| all[range].iter().map(|row| shown(call.ledger, row)).collect())
}

/// The page that was asked for of so many things.
pub(super) fn page(
    call: &Call,
    total: usize,
    shown: impl FnOnce(std::ops::Range<usize>) -> Vec<Value>,
) -> Result<Value, Refused> {
    let page = number(call, "page", 1, usize::MAX)?;
    let size = number(call, "size", SIZE.0, SIZE.1)?;
    let from = (page - 1).saturating_mul(size).min(total);
    let to = (from + size).min(total);
    let next = (to < total).then(|| address(call, page + 1, size));
    let previous = (page > 1).then(|| address(call, page - 1, size));
    Ok(json!({
        "data": shown(from..to),
        "paging": {"total": total, "previous": previous, "next": next},
    }))
}

/// Whether a time is within what the query asks for by `<name>_since` and `<name>_until`.
pub(super) fn within(call: &Call, name: &str) -> Result<impl Fn(i64) -> bool, Refused> {
    let bound = |end: &str| {
        let asked = format!("{name}_{end}");
        call.request.asked(&asked).map(|text| times::read(text, &asked)).transpose()
    };
    let (since, until) = (bound("since")?, bound("until")?);
    Ok(move |time: i64| since.is_none_or(|since| time >= since) && until.is_none_or(|until| time <= until))
}

/// Whether the query asks for that value, or for none of this name.
pub(super) fn is(call: &Call, name: &str, value: &str) -> bool {
    call.request.asked(name).is_none_or(|asked| asked == value)
}

/// Whether something that young stands in lists already.
pub(super) fn is_listed(call: &Call, created: i64) -> bool {
    created + call.account.lag_millis * 1_000 <= call.ledger.now()
}

fn number(call: &Call, name: &str, default: usize, most: usize) -> Result<usize, Refused> {
    let Some(text) = call.request.asked(name) else { return Ok(default) };
    let number = text.parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| Refused::field(name, format!("The {name} field is a number from 1 on, {most} at most.")))
}

fn address(call: &Call, page: usize, size: usize) -> String {
    let mut query: Vec<(&str, String)> = call.request.query.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
    query.retain(|(name, _)| !matches!(*name, "page" | "size"));
    query.extend([("page", page.to_string()), ("size", size.to_string())]);
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    format!("{}/{}?{query}", call.ledger.public(), call.request.path.join("/"))
}
