//! Raw cards are kept out: a body that carries a card's number or its code, in whatever nesting, is refused before anything else looks
//! at it, and nothing of it is logged but the route that it came to.

use serde_json::Value;

use crate::{
    problem::Problem,
    raw_cards::{carries_card, refused},
    routing::Request,
};

/// The JSON of a request's body, which must carry no raw card.
///
/// # Errors
/// 400 where it is no JSON, 422 where it carries a card's number or code.
pub fn parse(request: &Request) -> Result<Value, Problem> {
    let body = crate::json::parse(&request.body)?;
    match carries_card(&body) {
        true => Err(refused(request.route)),
        false => Ok(body),
    }
}
