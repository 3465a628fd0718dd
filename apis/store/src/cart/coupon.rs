//! The coupon of a cart: what it gives at this moment, or why it gives nothing. How often it was used whoever takes orders counts.

use std::{sync::Arc, time::Duration};

use feira_schemas::{
    api::coupon::code_of,
    brazil::local_date_time,
    coupons::{self, NotGiven, State},
    ids::{CategoryId, Micros},
    money::{Money, Rate},
    problem::{Code, FieldError},
    records::admin::Coupon,
    refusals,
    rows::admin::CouponRow,
    topics::Context,
};
use feira_web::{
    context::Api,
    problem::Problem,
    reads,
    routing::Request,
    sessions::{Allowed, Attempt},
};
use tokio::time::timeout;

use super::lines::Line;
use crate::{lists, tree::Tree};

/// The time for which a cart waits for its coupon: without it the rest of the cart is shown all the same.
const WITHIN: Duration = Duration::from_secs(1);

const AWAY: &str = "Não foi possível conferir o cupom agora. Tente de novo em instantes.";
const NOT_IN_FORCE: &str = "Este cupom não está valendo.";
const OVER: &str = "Este cupom já venceu.";
const NO_LINE: &str = "Este cupom não vale para os produtos do carrinho.";

/// A coupon in a cart.
#[derive(Debug, Clone)]
pub struct Applied {
    /// The code.
    pub code: String,
    /// What it takes off the goods.
    pub discount: Money,
    /// True if it gives the freight.
    pub free_shipping: bool,
    /// The words for why it gives nothing.
    pub wrong: Option<String>,
}

impl Applied {
    fn nothing(code: &str, wrong: impl Into<String>) -> Self {
        Self { code: code.to_owned(), discount: Money::brl(0), free_shipping: false, wrong: Some(wrong.into()) }
    }
}

/// A code and the coupon that it is of.
pub struct Coded {
    /// The code, as the cart has it.
    pub code: String,
    found: Read,
    /// The shop's categories, where the coupon asks for any.
    tree: Option<Arc<Tree>>,
}

/// Reads the coupon of a code.
pub async fn coded(api: &Api, request: &Request, code: &str) -> Result<Coded, Problem> {
    let found = read(api, request, code).await?;
    let tree = match &found {
        Read::Found(coupon) if !coupon.terms.categories.is_empty() => Some(lists::tree(api, request.tenant).await?),
        _ => None,
    };
    Ok(Coded { code: code.to_owned(), found, tree })
}

impl Coded {
    /// What the coupon gives the lines that can be bought, at this time.
    pub fn applied(&self, lines: &[Line], now: Micros) -> Result<Applied, Problem> {
        let code = self.code.as_str();
        let coupon = match &self.found {
            Read::Found(coupon) => coupon,
            Read::None => return Ok(Applied::nothing(code, refusals::NO_SUCH_COUPON)),
            Read::Away => return Ok(Applied::nothing(code, AWAY)),
        };
        let paths: Vec<Vec<CategoryId>> = lines.iter().map(|line| self.path(line)).collect();
        let counted = lines.iter().zip(&paths).filter_map(|(line, path)| {
            let (quantity, price) = (line.kept.quantity, line.bought()?.price);
            Some(coupons::Line { product_id: line.kept.product_id, categories: path, quantity, price })
        });
        let counted: Vec<coupons::Line<'_>> = counted.collect();
        let given = match coupons::given(coupon, &counted, now) {
            Ok(given) => given,
            Err(NotGiven::Sum(error)) => return Err(Problem::internal(error)),
            Err(why) => return Ok(Applied::nothing(code, words(why))),
        };
        let discount = given.discounts(Rate::default()).map_err(Problem::internal)?.coupon;
        Ok(Applied { code: code.to_owned(), discount, free_shipping: given.free_shipping, wrong: None })
    }

    /// The categories that a line's product lies in, where the coupon asks for any.
    fn path(&self, line: &Line) -> Vec<CategoryId> {
        let category = line.product.as_ref().and_then(|product| product.category_id);
        let path = self.tree.as_ref().zip(category).map(|(tree, category)| tree.path(category)).unwrap_or_default();
        path.into_iter().map(|category| category.category_id).collect()
    }
}

/// The code of a coupon that a buyer typed, if the shop has it and it holds now. Only codes that the shop does not have count as guesses: of a
/// known coupon all may ask, however many share an address.
///
/// # Errors
/// 422 at `/code` where it is none, or holds no more or not yet; 429 where too many were guessed; 503 where nobody can say.
pub async fn typed(api: &Api, request: &Request, text: &str) -> Result<String, Problem> {
    let none = || refused(Code::UnknownReference, refusals::NO_SUCH_COUPON);
    let code = code_of(text).ok_or_else(none)?;
    let attempt = match Attempt::to_guess(api, request.tenant, request.client).await? {
        Allowed::Now(attempt) => attempt,
        Allowed::In(seconds) => return Err(guessed_too_many(seconds)),
    };
    let found = read(api, request, &code).await;
    if !matches!(found, Ok(Read::None)) {
        attempt.take_back(api).await?;
    }
    let coupon = match found? {
        Read::Found(coupon) => coupon,
        Read::None => return Err(none()),
        Read::Away => return Err(Problem::new(Code::Unavailable, AWAY)),
    };
    match (State::of(&coupon, api.platform.now()), coupon.terms.starts_at) {
        (State::Active, _) => Ok(code),
        (State::Upcoming, Some(start)) => Err(refused(Code::Invalid, words(NotGiven::NotYet(start)))),
        (State::Over, _) => Err(refused(Code::Invalid, OVER)),
        (State::Upcoming | State::Inactive, _) => Err(refused(Code::Invalid, NOT_IN_FORCE)),
    }
}

fn guessed_too_many(seconds: u64) -> Problem {
    let minutes = seconds.div_ceil(60);
    let detail = format!("Foram tentados cupons demais que esta loja não tem. Tente de novo em {minutes} min.");
    Problem::too_many(detail, seconds)
}

fn refused(code: Code, detail: impl Into<String>) -> Problem {
    Problem::fields(vec![FieldError::new("/code", code, detail)])
}

enum Read {
    Found(Box<Coupon>),
    None,
    /// The merchant's rows can't be read now.
    Away,
}

async fn read(api: &Api, request: &Request, code: &str) -> Result<Read, Problem> {
    reads::point(api, request, Context::Admin).await?;
    let key = CouponRow::at(request.tenant, code);
    match timeout(WITHIN, api.platform.state.get::<CouponRow>(&key)).await {
        Ok(Ok(Some(row))) => Ok(Read::Found(Box::new(row.coupon))),
        Ok(Ok(None)) => Ok(Read::None),
        Ok(Err(_)) | Err(_) => Ok(Read::Away),
    }
}

/// What a buyer is told of a coupon that gives nothing.
fn words(why: NotGiven) -> String {
    match why {
        NotGiven::Inactive | NotGiven::Sum(_) => NOT_IN_FORCE.to_owned(),
        NotGiven::NotYet(start) => match moment(start) {
            Some(moment) => format!("Este cupom vale a partir de {moment}."),
            None => NOT_IN_FORCE.to_owned(),
        },
        NotGiven::Over => OVER.to_owned(),
        NotGiven::BelowMinimum(missing) => format!("Faltam {missing} em produtos para usar este cupom."),
        NotGiven::NoLine => NO_LINE.to_owned(),
    }
}

/// A time as a buyer in Brazil reads it.
fn moment(time: Micros) -> Option<String> {
    let at = local_date_time(time).ok()?;
    let (day, month, year) = (at.day(), at.month(), at.year());
    Some(format!("{day:02}/{month:02}/{year}, {:02}:{:02}", at.hour(), at.minute()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::time::from_rfc3339;

    use super::*;

    #[test]
    fn f08_s95_a_buyer_reads_what_a_coupon_still_asks_for() {
        assert_eq!(
            words(NotGiven::BelowMinimum(Money::brl(1_050))),
            "Faltam R$ 10,50 em produtos para usar este cupom."
        );
        let start = from_rfc3339("2026-12-25T03:00:00Z").unwrap();
        assert_eq!(words(NotGiven::NotYet(start)), "Este cupom vale a partir de 25/12/2026, 00:00.");
        assert_eq!((words(NotGiven::Over).as_str(), words(NotGiven::NoLine).as_str()), (OVER, NO_LINE));
    }
}
