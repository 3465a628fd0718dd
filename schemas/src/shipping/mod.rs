//! Freight: what a parcel costs by each way in which a shop delivers, and why it can't go by the others.
//!
//! The merchant's page, the cart and the decision on an order all ask here, so that nobody is shown another price than is charged.

mod typed;

pub use typed::{cep_of_begin, cep_of_end, grams, kilos, range_begin, range_end};

use crate::{
    money::Money,
    records::admin::{ShippingContent, ShippingKind, ShippingOption, ShippingRate},
};

/// What is to be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parcel<'a> {
    /// First five digits of the CEP that it goes to; none while nobody has said it.
    pub cep5: Option<&'a str>,
    /// Its weight, in which a variant without one counts nothing.
    pub grams: i64,
    /// The sum of the goods, after coupons.
    pub goods: Money,
}

/// A way in which a parcel can go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offered<'a> {
    /// The way.
    pub option: &'a ShippingOption,
    /// The price.
    pub price: Money,
    /// The fewest business days that it takes.
    pub min_days: i32,
    /// The most business days that it takes.
    pub max_days: i32,
}

/// Why a parcel can't go in some way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOffered {
    /// The shop offers it to nobody, or only a later program knows what it is.
    Inactive,
    /// It depends on the CEP, which nobody has said.
    CepMissing,
    /// No line of the table has the CEP.
    CepNotServed,
    /// The lines that have the CEP take less weight.
    TooHeavy,
}

impl NotOffered {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Inactive, Self::CepMissing, Self::CepNotServed, Self::TooHeavy];

    /// The word for it in bodies.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::CepMissing => "cep_missing",
            Self::CepNotServed => "cep_not_served",
            Self::TooHeavy => "too_heavy",
        }
    }

    /// What a merchant is told of it (pt-BR).
    pub const fn says(self) -> &'static str {
        match self {
            Self::Inactive => "Está inativa.",
            Self::CepMissing => "Depende do CEP, que não foi informado.",
            Self::CepNotServed => "Nenhuma linha da tabela atende este CEP.",
            Self::TooHeavy => "As linhas da tabela para este CEP não chegam a este peso.",
        }
    }
}

/// The ways of a shop for one parcel, each in one of both lists, in the shop's order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quote<'a> {
    /// Those in which it can go.
    pub offered: Vec<Offered<'a>>,
    /// The others.
    pub not_offered: Vec<(&'a ShippingOption, NotOffered)>,
}

/// Ways of delivery in the order that the shop has given them.
pub fn in_order(options: &mut [ShippingOption]) {
    options.sort_by_key(|option| (option.position, option.shipping_id));
}

/// What a parcel costs by each of a shop's ways of delivery.
pub fn quote<'a>(options: &'a [ShippingOption], parcel: Parcel<'_>) -> Quote<'a> {
    let mut sorted: Vec<&ShippingOption> = options.iter().collect();
    sorted.sort_by_key(|option| (option.position, option.shipping_id));
    let mut quote = Quote::default();
    for option in sorted {
        match price_of(&option.content, parcel) {
            Ok(Priced { price, min_days, max_days }) => {
                quote.offered.push(Offered { option, price, min_days, max_days });
            }
            Err(why) => quote.not_offered.push((option, why)),
        }
    }
    quote
}

/// A price with its days.
struct Priced {
    price: Money,
    min_days: i32,
    max_days: i32,
}

fn price_of(content: &ShippingContent, parcel: Parcel<'_>) -> Result<Priced, NotOffered> {
    if !content.active {
        return Err(NotOffered::Inactive);
    }
    let mut priced = match content.kind {
        ShippingKind::Flat | ShippingKind::Pickup => of_one_price(content).ok_or(NotOffered::Inactive)?,
        ShippingKind::Table => {
            let rate = rate_of(&content.rates, parcel)?;
            Priced { price: rate.price, min_days: rate.days, max_days: rate.days }
        }
        ShippingKind::Unknown => return Err(NotOffered::Inactive),
    };
    if content.free_from.is_some_and(|least| parcel.goods.amount >= least.amount) {
        priced.price = Money::brl(0);
    }
    Ok(priced)
}

fn of_one_price(content: &ShippingContent) -> Option<Priced> {
    Some(Priced { price: content.price?, min_days: content.min_days?, max_days: content.max_days? })
}

/// The line of a parcel: of those that have its CEP and take its weight, the one that takes the least. No two lines of one weight share a
/// CEP ([`overlaps`]), so there is one.
fn rate_of<'a>(rates: &'a [ShippingRate], parcel: Parcel<'_>) -> Result<&'a ShippingRate, NotOffered> {
    let cep5 = parcel.cep5.ok_or(NotOffered::CepMissing)?;
    let mut there =
        rates.iter().filter(|rate| rate.cep_from.as_str() <= cep5 && cep5 <= rate.cep_to.as_str()).peekable();
    if there.peek().is_none() {
        return Err(NotOffered::CepNotServed);
    }
    let fitting = there.filter(|rate| parcel.grams <= rate.up_to_grams);
    fitting.min_by_key(|rate| rate.up_to_grams).ok_or(NotOffered::TooHeavy)
}

/// The pairs of lines, by their places, that take the same weight to the same CEP: of two such nobody knows which holds. Each line is in one
/// pair at most as the later one of both.
pub fn overlaps(rates: &[ShippingRate]) -> Vec<(usize, usize)> {
    let mut sorted: Vec<(usize, &ShippingRate)> = rates.iter().enumerate().collect();
    sorted
        .sort_by(|(one, a), (other, b)| (a.up_to_grams, &a.cep_from, *one).cmp(&(b.up_to_grams, &b.cep_from, *other)));
    let mut found = Vec::new();
    // Of the lines before, the one that goes furthest: whatever begins before its end overlaps it.
    let mut furthest: Option<(usize, &ShippingRate)> = None;
    for (at, rate) in sorted {
        let before = furthest.filter(|(_, before)| before.up_to_grams == rate.up_to_grams);
        if let Some((place, _)) = before.filter(|(_, before)| rate.cep_from <= before.cep_to) {
            found.push((place.min(at), place.max(at)));
        }
        if before.is_none_or(|(_, before)| rate.cep_to > before.cep_to) {
            furthest = Some((at, rate));
        }
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests;
