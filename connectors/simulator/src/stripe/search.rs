//! Search of payment intents, by clauses joined with AND; what is young is not found yet.

use serde_json::{Value, json};

use super::{answer::Refused, call::Call, kept::Intent, show};

/// Intents of a page, if none are asked for, and the most that may be.
const LIMIT: (i64, i64) = (10, 100);

/// A clause: a field, and the text that it has.
enum Clause {
    Metadata(String, String),
    Status(String),
    Customer(String),
}

pub(super) fn intents(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let query = call.must("query")?;
    let clauses = query.split(" AND ").map(clause).collect::<Option<Vec<Clause>>>();
    let clauses = clauses.ok_or_else(|| Refused::invalid("The query can't be read.", Some("query")))?;
    let limit = call.number("limit")?.unwrap_or(LIMIT.0).clamp(1, LIMIT.1);
    let skipped = call.number("page")?.unwrap_or(0).max(0);
    let now = call.ledger.now();
    let fits = |intent: &&Intent| {
        intent.account == call.account.id
            && intent.created + call.account.lag_millis * 1_000 <= now
            && clauses.iter().all(|clause| match clause {
                Clause::Metadata(name, text) => intent.metadata.get(name) == Some(text),
                Clause::Status(status) => intent.status == *status,
                Clause::Customer(id) => intent.customer.as_ref() == Some(id),
            })
    };
    let found: Vec<&Intent> = call.ledger.list::<Intent>().into_iter().filter(fits).collect();
    let (skip, take) = (usize::try_from(skipped).unwrap_or(0), usize::try_from(limit).unwrap_or(1));
    let data: Vec<Value> = found.iter().skip(skip).take(take).map(|intent| show::intent(call.ledger, intent)).collect();
    let has_more = skip + take < found.len();
    let next = has_more.then(|| (skip + take).to_string());
    Ok(
        json!({"object": "search_result", "url": "/v1/payment_intents/search", "has_more": has_more, "next_page": next, "data": data}),
    )
}

/// Reads `status:'x'`, `customer:'x'` or `metadata['x']:'y'`, with either kind of quotes.
fn clause(text: &str) -> Option<Clause> {
    let (field, value) = text.trim().split_once(':')?;
    let value = unquoted(value)?;
    match field {
        "status" => Some(Clause::Status(value)),
        "customer" => Some(Clause::Customer(value)),
        _ => Some(Clause::Metadata(unquoted(field.strip_prefix("metadata[")?.strip_suffix(']')?)?, value)),
    }
}

fn unquoted(text: &str) -> Option<String> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inner.contains(quote)).then(|| inner.to_owned())
}
