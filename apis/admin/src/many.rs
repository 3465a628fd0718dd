//! One change of many products: each is a command of its own, for the version that was shown, and what is not done says why.

use std::{fmt, time::Duration};

use feira_schemas::{
    api::product::product_body,
    ids::{CategoryId, ProductId, TenantId},
    money::Money,
    problem::Code,
    records::{admin::Product, common::Outcome},
    row::Stored,
    rows::admin::ProductRow,
    topics::{Context, Position},
};
use feira_web::{context::Api, problem::Problem, reads, routing::Request, writes::NotDecided};
use futures::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    listing::PANEL,
    products::{ProductChange, submit_part},
};

/// Products that are changed at once: a part of the shop's places for commands, which its panel shares.
const AT_ONCE: usize = 8;
/// The time that the answer is held back until the list shows the changes.
const SHOWN: Duration = Duration::from_millis(500);

/// A change of prices by percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percent {
    /// Hundredths of a percent; below 0 prices fall.
    hundredths: i64,
}

impl Percent {
    /// The most by which prices rise: ten times as much is a slip of the finger.
    const MOST: i64 = 100_000;
    /// The most by which they fall: all of a price is none.
    const LEAST: i64 = -9_999;

    /// The percent that a person typed, such as `10`, `-5,25` or `+2.5%`; else what is wrong with it (pt-BR).
    pub fn read(text: &str) -> Result<Self, String> {
        let bare = text.trim().trim_end_matches('%').trim_end();
        let (sign, digits) = match (bare.strip_prefix('-'), bare.strip_prefix('+')) {
            (Some(digits), _) => (-1, digits),
            (None, Some(digits)) => (1, digits),
            (None, None) => (1, bare),
        };
        let (whole, decimals) = digits.split_once([',', '.']).unwrap_or((digits, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(decimals) || decimals.len() > 2 {
            return Err("Informe o percentual com até duas casas decimais, como 10 ou -5,25.".to_owned());
        }
        let hundredths = format!("{whole}{decimals:0<2}").parse::<i64>().ok().map(|number| sign * number);
        match hundredths.filter(|number| (Self::LEAST..=Self::MOST).contains(number)) {
            Some(0) => Err("Com 0% nenhum preço muda.".to_owned()),
            Some(hundredths) => Ok(Self { hundredths }),
            None => Err("O percentual vai de -99,99 a 1.000.".to_owned()),
        }
    }

    /// The price after the change: rounded to the centavo, half of one up, and at least one. What costs nothing goes on doing so.
    fn of(self, price: Money) -> Money {
        if price.amount == 0 {
            return price;
        }
        let changed = (i128::from(price.amount) * i128::from(10_000 + self.hundredths) + 5_000).div_euclid(10_000);
        // What is beyond a price's limit stays so, and is refused as such.
        let amount = i64::try_from(changed).unwrap_or(i64::MAX).max(1);
        Money { amount, ..price }
    }
}

impl fmt::Display for Percent {
    /// Writes the percent as Brazilians do, with its sign: `+10%`, `-5,25%`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, number) = (if self.hundredths < 0 { '-' } else { '+' }, self.hundredths.unsigned_abs());
        match number % 100 {
            0 => write!(f, "{sign}{}%", number / 100),
            decimals => write!(f, "{sign}{},{decimals:02}%", number / 100),
        }
    }
}

/// What is done to each product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Buyers see it.
    Publish,
    /// Staff alone sees it.
    Unpublish,
    /// It is removed.
    Delete,
    /// It lies in this category; with none, in none.
    Categorise(Option<CategoryId>),
    /// The prices of all its variants change. Prices before stay as they are.
    Reprice(Percent),
}

/// A product that was chosen, in the version that was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// The product.
    pub id: ProductId,
    /// Its version.
    pub version: i64,
}

/// The names of products; none of one that is not there.
pub async fn names(api: &Api, tenant: TenantId, chosen: &[Chosen]) -> Result<Vec<Option<String>>, Problem> {
    let mut names = Vec::with_capacity(chosen.len());
    for one in chosen {
        let row = api.platform.state.get_in::<Named>(ProductRow::TABLE, &ProductRow::at(tenant, one.id)).await?;
        names.push(row.map(|row| row.name));
    }
    Ok(names)
}

/// The one column that [`names`] reads, of rows that may be large.
#[derive(Deserialize)]
struct Named {
    name: String,
}

/// What became of one product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Became {
    /// It is done.
    Done,
    /// It was so already.
    Unchanged,
    /// It is kept and will be decided.
    Pending,
    /// It is not done, for this reason (pt-BR).
    Not(String),
}

/// A product, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The product.
    pub id: ProductId,
    /// The name; none of a product that is not there.
    pub name: Option<String>,
    /// What became of it.
    pub became: Became,
}

/// The end of a change of many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Each product, in the order in which they were chosen.
    pub products: Vec<Changed>,
    /// The position from which on all is visible; none where nothing was decided.
    pub position: Option<Position>,
}

/// Changes products of the request's shop, each by a command of its own.
pub async fn change(api: &Api, request: &Request, chosen: &[Chosen], action: Action) -> Done {
    // Collected first: a stream of closures is not known to the compiler as sendable.
    let each: Vec<_> = chosen.iter().map(|one| changed(api, request, *one, action)).collect();
    let each: Vec<(Changed, Option<Position>)> = stream::iter(each).buffered(AT_ONCE).collect().await;
    // A shop's events lie in one partition, so the last says it of all.
    let position = each.iter().filter_map(|(_, position)| *position).max_by_key(|position| position.write_ts);
    if let Some(position) = position {
        // A list that lags is told the position, too.
        let _ = api.platform.reached.wait(PANEL, Context::Admin, position, SHOWN).await;
    }
    Done { products: each.into_iter().map(|(changed, _)| changed).collect(), position }
}

async fn changed(api: &Api, request: &Request, chosen: Chosen, action: Action) -> (Changed, Option<Position>) {
    let Chosen { id, version } = chosen;
    let not = |name, problem: Problem| (Changed { id, name, became: Became::Not(why(&problem)) }, None);
    let (name, asked) = match asked(api, request, chosen, action).await {
        Ok(found) => found,
        Err(problem) => return not(None, problem),
    };
    match submit_part(api, request, asked, (id, version), &format!("{action:?}")).await {
        Ok(decided) => {
            let became = if decided.outcome == Outcome::Unchanged { Became::Unchanged } else { Became::Done };
            (Changed { id, name, became }, Some(decided.position))
        }
        Err(NotDecided::Pending(_)) => (Changed { id, name, became: Became::Pending }, None),
        Err(NotDecided::Problem(problem)) => not(name, problem),
    }
}

/// The reason in words of the panel: who reads it has no headers, and no fields beside which errors could stand.
fn why(problem: &Problem) -> String {
    match (problem.code, problem.errors.as_slice()) {
        (Code::VersionMismatch, _) => CHANGED.to_owned(),
        (Code::Unavailable, _) => UNKNOWN.to_owned(),
        (Code::IdempotencyInProgress, _) => UNDER_WAY.to_owned(),
        (_, []) => problem.detail.clone(),
        (_, [only]) => only.detail.clone(),
        (_, [first, others @ ..]) => format!("{} (e mais {})", first.detail, others.len()),
    }
}

/// Says that nobody knows whether it is done.
const UNKNOWN: &str = "Não deu para saber se a mudança foi guardada. Veja como o produto está antes de repetir.";
/// Says that the same change is not at its end yet.
const UNDER_WAY: &str = "A mesma mudança ainda está em andamento. Espere um instante e veja como o produto está.";
/// Says that somebody else was faster.
const CHANGED: &str = "O produto mudou depois que a lista foi aberta. Confira como ele está agora e tente de novo.";

/// The product's name, and the change that is asked for.
async fn asked(
    api: &Api,
    request: &Request,
    chosen: Chosen,
    action: Action,
) -> Result<(Option<String>, ProductChange), Problem> {
    // One of 2,048 variants takes several megabytes meanwhile.
    let _turn = api.room.rows().await;
    let product = match reads::product(&api.platform.state, request.tenant, chosen.id).await {
        Ok(product) => product,
        // Sent again, it is answered as it was when it was removed.
        Err(problem) if problem.code == Code::NotFound && action == Action::Delete => {
            return Ok((None, ProductChange::Delete(chosen.id)));
        }
        Err(problem) => return Err(problem),
    };
    if product.version < chosen.version {
        // The patch would be made of what the product was before.
        return Err(Problem::new(Code::Stale, "A última alteração do produto ainda não chegou aqui. Tente de novo."));
    }
    let change = match action {
        Action::Delete => ProductChange::Delete(chosen.id),
        other => ProductChange::Patch(chosen.id, patch(&product, other)),
    };
    Ok((Some(product.name), change))
}

/// The merge patch of a change.
fn patch(product: &Product, action: Action) -> Map<String, Value> {
    let (name, value) = match action {
        Action::Publish => ("status", json!("published")),
        Action::Unpublish => ("status", json!("draft")),
        Action::Categorise(category) => ("category_id", json!(category)),
        Action::Reprice(percent) => {
            let mut variants = product_body(product).variants;
            for variant in &mut variants {
                variant.price = variant.price.map(|price| percent.of(price));
            }
            ("variants", json!(variants))
        }
        // Not by a patch.
        Action::Delete => return Map::new(),
    };
    Map::from_iter([(name.to_owned(), value)])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::problem::FieldError;

    use super::*;

    #[test]
    fn s51_a_reason_is_in_words_of_the_panel_and_says_how_many_more_there_are() {
        let error = |number: usize| FieldError::new(format!("/{number}"), Code::Invalid, format!("Erro {number}."));
        let fields = |count: usize| why(&Problem::fields((1..=count).map(error).collect()));
        assert_eq!([1, 2, 3].map(fields), ["Erro 1.", "Erro 1. (e mais 1)", "Erro 1. (e mais 2)"]);
        let said = |code| why(&Problem::new(code, "Repita com a mesma Idempotency-Key."));
        for code in [Code::Unavailable, Code::IdempotencyInProgress, Code::VersionMismatch] {
            assert!(!said(code).contains("Idempotency-Key"), "{code:?}");
        }
        assert_eq!(why(&Problem::new(Code::PlanLimit, "Não cabe.")), "Não cabe.");
    }

    #[test]
    fn a_percent_is_read_as_people_write_it() {
        for (text, hundredths, written) in [
            ("10", 1_000, "+10%"),
            (" +2,5 % ", 250, "+2,50%"),
            ("-5.25", -525, "-5,25%"),
            ("0,01", 1, "+0,01%"),
            ("-99,99", -9_999, "-99,99%"),
            ("1000", 100_000, "+1000%"),
        ] {
            let percent = Percent::read(text).unwrap();
            assert_eq!((percent.hundredths, percent.to_string().as_str()), (hundredths, written), "{text}");
        }
        for wrong in ["", "%", "-", "1,234", "1.", ",5", "dez", "--1", "0", "-100", "1000,01", "1e3"] {
            assert!(Percent::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn prices_change_to_the_centavo_half_of_one_up_and_never_to_nothing() {
        for (percent, before, after) in [
            ("10", 12_990, 14_289),
            ("10", 5, 6),
            ("-50", 5, 3),
            ("-50", 1, 1),
            ("-99,99", 1, 1),
            ("-99,99", 100, 1),
            ("0,01", 4_999, 4_999),
            ("0,01", 5_000, 5_001),
            ("33,33", 300, 400),
            ("-10", 0, 0),
        ] {
            let changed = Percent::read(percent).unwrap().of(Money::brl(before));
            assert_eq!(changed, Money::brl(after), "{before} by {percent}");
        }
    }
}
