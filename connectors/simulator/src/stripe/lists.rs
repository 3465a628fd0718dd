//! Lists: a page from behind a thing on, and whether there is more.

use serde_json::{Value, json};

use super::{
    answer::Refused,
    call::{Call, Owned},
};
use crate::core::ledger::{Ledger, SECOND};

/// Things of a page, if none are asked for, and the most that may be.
const LIMIT: (i64, i64) = (10, 100);

/// The page that was asked for of the account's things that fit, the newest first.
pub(super) fn list<T: Owned>(
    call: &Call,
    url: &str,
    fits: impl Fn(&T) -> bool,
    shown: impl Fn(&Ledger, &T) -> Value,
) -> Result<Value, Refused> {
    let limit = call.number("limit")?.unwrap_or(LIMIT.0);
    if !(1..=LIMIT.1).contains(&limit) {
        return Err(Refused::invalid("The limit is a number from 1 to 100.", Some("limit")));
    }
    let limit = usize::try_from(limit).unwrap_or(1);
    let created = within(call)?;
    let own = |row: &&T| row.account() == call.account.id && created(row.created()) && fits(row);
    let all: Vec<&T> = call.ledger.list::<T>().into_iter().filter(own).collect();
    let place = |name: &str| {
        let Some(id) = call.text(name) else { return Ok(None) };
        let place = all.iter().position(|row| row.id() == id);
        place.map(Some).ok_or_else(|| Refused::not_found(T::NAME, &id).with("param", json!(name)))
    };
    let (page, more) = match (place("starting_after")?, place("ending_before")?) {
        (Some(after), _) => (&all[after + 1..], true),
        (None, Some(before)) => (&all[before.saturating_sub(limit)..before], before > limit),
        (None, None) => (&all[..], true),
    };
    let has_more = if call.text("ending_before").is_some() { more } else { more && page.len() > limit };
    let data: Vec<Value> = page.iter().take(limit).map(|row| shown(call.ledger, row)).collect();
    Ok(json!({"object": "list", "url": url, "has_more": has_more, "data": data}))
}

/// Whether a time is within what `created` asks for: a moment, or bounds of one.
fn within(call: &Call) -> Result<impl Fn(i64) -> bool, Refused> {
    let exactly = call.number("created")?;
    let (gt, gte) = (call.number("created.gt")?, call.number("created.gte")?);
    let (lt, lte) = (call.number("created.lt")?, call.number("created.lte")?);
    Ok(move |time: i64| {
        let time = time / SECOND;
        exactly.is_none_or(|at| time == at)
            && gt.is_none_or(|at| time > at)
            && gte.is_none_or(|at| time >= at)
            && lt.is_none_or(|at| time < at)
            && lte.is_none_or(|at| time <= at)
    })
}
