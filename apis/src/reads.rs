//! Reading what was written: `Feira-At-Least`, and how each kind of read honours it.

use std::time::Duration;

use feira_connectors::state::State;
use feira_schemas::{
    ids::{ProductId, TenantId},
    limits,
    problem::Code,
    records::admin::Product,
    rows::admin::ProductRow,
    topics::{Context, Position},
};
use http::{HeaderMap, HeaderName};

use crate::{
    context::Api,
    problem::Problem,
    routing::{Kind, Parameter, Request},
};

/// How long a read waits for what it was told to show.
pub(crate) const PATIENCE: Duration = Duration::from_millis(500);
/// What a read must show.
pub(crate) const AT_LEAST: HeaderName = HeaderName::from_static("feira-at-least");
/// Positions in one request: a client that wrote to more places at once does not exist.
const POSITIONS: usize = 16;

/// `limit` of every list.
pub const LIMIT: Parameter =
    Parameter::new("limit", Kind::Integer(1, limits::PAGE_MAX as i64), "Items of the page, 24 if left out.");
/// `after` of every list.
pub const AFTER: Parameter =
    Parameter::new("after", Kind::Text(2_048), "The `next` of a page of the same query and sort.");

/// The page size a request asks for.
pub fn limit(request: &Request) -> usize {
    request.query.integer("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(limits::PAGE_DEFAULT)
}

/// The positions of `Feira-At-Least`, which may come in several lines, each with several separated by commas.
pub(crate) fn positions(headers: &HeaderMap, partitions: u32) -> Result<Vec<Position>, Problem> {
    let bad = || {
        let detail = "Feira-At-Least traz uma posição inválida; use o valor de Feira-Position de uma resposta.";
        Problem::new(Code::BadPosition, detail)
    };
    let mut positions = Vec::new();
    for line in headers.get_all(AT_LEAST) {
        for text in line.to_str().map_err(|_| bad())?.split(',') {
            let position: Position = text.parse().map_err(|_| bad())?;
            // A partition that does not exist would be waited for in vain, and remembered.
            if position.partition >= partitions || positions.len() == POSITIONS {
                return Err(bad());
            }
            positions.push(position);
        }
    }
    Ok(positions)
}

/// Waits until `consumer`, which shows `source`'s events, shows everything the request asks for. What is not so far in time answers
/// this problem (409 `stale`); it never gives an older answer.
pub async fn caught_up(api: &Api, request: &Request, consumer: &str, source: Context) -> Result<(), Problem> {
    wait(api, request, consumer, source, |context| shows(source, context)).await
}

/// The same for who reads a context's own rows, be it to show one or to look up what a write names: they may be written by another
/// process, a moment after the log has the change.
pub async fn point(api: &Api, request: &Request, context: Context) -> Result<(), Problem> {
    wait(api, request, context.name(), context, |of| of == context).await
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
        let waited = api.platform.watermarks.wait(consumer, source, *position, left).await;
        waited.map_err(|_| {
            Problem::new(Code::Stale, "Essa alteração ainda não pode ser vista aqui. Tente de novo em instantes.")
        })?;
    }
    Ok(())
}

/// Whether a context's events contain what another's say. A position of any other context asks nothing of this read.
fn shows(source: Context, position: Context) -> bool {
    source == position || (source == Context::Store && position == Context::Admin)
}

/// A product of a shop, or 404.
pub async fn product(state: &State, tenant: TenantId, id: ProductId) -> Result<Product, Problem> {
    let row = state.get::<ProductRow>(&ProductRow::at(tenant, id)).await?;
    row.map(|row| row.product).ok_or_else(|| Problem::not_found("O produto"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Result<usize, u16> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(AT_LEAST, line.parse().unwrap());
        }
        positions(&headers, 4).map(|positions| positions.len()).map_err(|problem| problem.status().as_u16())
    }

    #[test]
    fn positions_are_read_from_all_lines_and_none_is_passed_over() {
        assert_eq!(read(&[]), Ok(0));
        assert_eq!(read(&["admin.1.5, store.3.9", "directory.0.1"]), Ok(3));
        for wrong in ["", "x", "admin.1", "admin.4.5", "admin.1.5,", "admin.1.5;store.1.2", "admin.-1.5"] {
            assert_eq!(read(&[wrong]), Err(400), "{wrong}");
        }
    }
}
