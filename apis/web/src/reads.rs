//! Reading what was written: `Feira-At-Least`, and how each kind of read honours it.

use std::time::Duration;

use feira_connectors::state::State;
use feira_contexts::{Decider, ForContext, for_context};
use feira_schemas::{
    ids::{ProductId, TenantId},
    limits,
    problem::Code,
    records::admin::Product,
    rows::admin::ProductRow,
    topics::Context,
};

use crate::{
    context::Api,
    problem::Problem,
    routing::{Kind, Parameter, Request},
};

/// The time that a read waits for what it was told to show (`Feira-At-Least`).
pub const PATIENCE: Duration = Duration::from_millis(500);

/// `limit` of every list.
pub const LIMIT: Parameter =
    Parameter::new("limit", Kind::Integer(1, limits::PAGE_MAX as i64), "The most items of the page; 24 if left out.");
/// The entries of a list that are asked for, of those that have names and states.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// A part of the name.
    pub q: &'a str,
    /// The word of a status.
    pub status: Option<&'a str>,
    /// The `next` of the page before.
    pub after: Option<&'a str>,
    /// The most entries of a page.
    pub limit: usize,
}

/// `after` of every list.
pub const AFTER: Parameter = Parameter::new(
    "after",
    Kind::Text(2_048),
    "The `next` of an earlier page of the same query and sort: the page after it is shown.",
);

/// The page size a request asks for.
pub fn limit(request: &Request) -> usize {
    request.query.integer("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(limits::PAGE_DEFAULT)
}

/// Waits until `consumer`, which shows `source`'s events, shows everything the request asks for. What is not so far in time answers
/// this problem (409 `stale`); it never gives an older answer.
pub async fn caught_up(api: &Api, request: &Request, consumer: &str, source: Context) -> Result<(), Problem> {
    wait(api, request, consumer, source, |context| shows(source, context)).await
}

/// Waits as [`caught_up`] does, for who reads a context's own rows, be it to show one or to look up what a write
/// names: they may be written by another process, a moment after the log has the change.
pub async fn point(api: &Api, request: &Request, context: Context) -> Result<(), Problem> {
    wait(api, request, context.name(), context, |of| of == context).await
}

/// Waits until `consumer`, a view of `source`'s events, shows those that the request asks for. What other contexts have said is not
/// waited for: it changes nothing that the view shows.
pub async fn of_source(api: &Api, request: &Request, consumer: &str, source: Context) -> Result<(), Problem> {
    wait(api, request, consumer, source, |of| of == source).await
}

async fn wait(
    api: &Api,
    request: &Request,
    consumer: &str,
    source: Context,
    concerns: impl Fn(Context) -> bool,
) -> Result<(), Problem> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    for position in request.at_least.iter().filter(|position| concerns(position.context)) {
        let left = deadline.saturating_duration_since(tokio::time::Instant::now());
        let waited = api.platform.reached.wait(consumer, source, *position, left).await;
        waited.map_err(|_| {
            Problem::new(Code::Stale, "Essa alteração ainda não pode ser vista aqui. Tente de novo em instantes.")
        })?;
    }
    Ok(())
}

/// True if a context's events contain what another's say. A position of any other context asks nothing of this read.
fn shows(source: Context, position: Context) -> bool {
    struct Foreign;
    impl ForContext for Foreign {
        type Output = &'static [Context];
        fn run<D: Decider>(self) -> Self::Output {
            D::FOREIGN
        }
    }
    source == position || for_context(source, Foreign).contains(&position)
}

/// A product of a shop, or 404.
pub async fn product(state: &State, tenant: TenantId, id: ProductId) -> Result<Product, Problem> {
    let row = state.get::<ProductRow>(&ProductRow::at(tenant, id)).await?;
    row.map(|row| row.product).ok_or_else(|| Problem::not_found("O produto"))
}

/// The number of items, of these sizes in bytes, that a page holds: as many as its bytes do, and at least one.
pub fn fitting(sizes: impl Iterator<Item = usize>) -> usize {
    let mut left = limits::PAGE_BYTES;
    let mut count = 0;
    for size in sizes {
        match left.checked_sub(size) {
            Some(rest) => left = rest,
            None if count == 0 => return 1,
            None => return count,
        }
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f40_a_page_ends_where_its_bytes_do_and_holds_one_item_at_least() {
        let kib = |sizes: &[usize]| fitting(sizes.iter().map(|size| size * 1_024));
        for (sizes, count) in
            [(&[][..], 0), (&[1; 100], 100), (&[100, 100, 56], 3), (&[100, 100, 57], 2), (&[300, 1], 1), (&[0, 300], 1)]
        {
            assert_eq!(kib(sizes), count, "{sizes:?}");
        }
    }
}
