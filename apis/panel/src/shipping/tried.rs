//! The box in which a merchant tries out what a buyer would see.

use feira_schemas::{
    brazil::Cep,
    money::Money,
    problem::{Code, FieldError},
    records::admin::ShippingOption,
    shipping::{NotOffered, Offered, Parcel, grams, quote},
};
use feira_web::routing::{Kind, Parameter, Request};

use super::model::days;
use crate::frame::Wrong;

/// The CEP that is tried.
pub(super) const CEP: Parameter = Parameter::new("cep", Kind::Text(100), "The CEP that is tried out.");
/// The weight that is tried, in kilograms.
pub(super) const WEIGHT: Parameter = Parameter::new("weight", Kind::Text(100), "The weight that is tried out, in kg.");
/// The sum of the goods that is tried, in reais.
pub(super) const GOODS: Parameter = Parameter::new("goods", Kind::Text(100), "The sum of goods that is tried out.");

/// The box: what was typed into it, what is wrong with that, and what comes of it.
#[derive(Default)]
pub(super) struct Tried {
    pub cep: String,
    pub weight: String,
    pub goods: String,
    pub wrong: Wrong,
    pub found: Option<Found>,
}

/// What buyers are offered, and the others.
pub(super) struct Found {
    pub offered: Vec<Line>,
    pub not_offered: Vec<Line>,
}

/// A way of delivery, and what is said of it.
pub(super) struct Line {
    pub name: String,
    pub says: String,
}

impl Tried {
    /// What a request asks to try; nothing where it asks nothing.
    pub fn of(request: &Request, options: &[ShippingOption]) -> Self {
        let text = |parameter: Parameter| request.query.text(parameter.name).map(str::trim);
        if [CEP, WEIGHT, GOODS].into_iter().all(|parameter| text(parameter).is_none()) {
            return Self::default();
        }
        let typed = |parameter: Parameter| text(parameter).unwrap_or_default().to_owned();
        Self::typed(typed(CEP), typed(WEIGHT), typed(GOODS), options)
    }

    fn typed(cep: String, weight: String, goods: String, options: &[ShippingOption]) -> Self {
        let mut wrong = Vec::new();
        let read_cep = filled(&cep).map(Cep::parse).transpose().unwrap_or_else(|_| {
            let detail = format!("«{cep}» não é um CEP: escreva como 01310-100.");
            wrong.push(FieldError::new("/cep", Code::Invalid, detail));
            None
        });
        let read_weight = filled(&weight).map_or(Ok(0), grams).unwrap_or_else(|why| {
            wrong.push(FieldError::new("/weight", Code::Invalid, format!("O peso «{weight}» {why}.")));
            0
        });
        let read_goods = filled(&goods).map_or(Ok(Money::brl(0)), Money::read).unwrap_or_else(|why| {
            wrong.push(FieldError::new("/goods", Code::Invalid, format!("O valor «{goods}» {why}.")));
            Money::brl(0)
        });
        let cep5 = read_cep.as_ref().map(Cep::first_five);
        let parcel = Parcel { cep5, grams: read_weight, goods: read_goods };
        let found = wrong.is_empty().then(|| Found::of(options, parcel));
        Self { cep, weight, goods, wrong: Wrong(wrong), found }
    }
}

fn filled(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

impl Found {
    fn of(options: &[ShippingOption], parcel: Parcel<'_>) -> Self {
        let quote = quote(options, parcel);
        let offered = |offered: &Offered<'_>| {
            let price = if offered.price.amount == 0 { "grátis".to_owned() } else { offered.price.to_string() };
            let says = format!("{price}, {}", days(offered.min_days, offered.max_days));
            Line { name: offered.option.content.name.clone(), says }
        };
        let not_offered = |(option, why): &(&ShippingOption, NotOffered)| Line {
            name: option.content.name.clone(),
            says: why.says().to_owned(),
        };
        Self {
            offered: quote.offered.iter().map(offered).collect(),
            not_offered: quote.not_offered.iter().map(not_offered).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f08_what_is_tried_out_is_read_as_people_write_it_and_kept() {
        let tried = |cep: &str, weight: &str, goods: &str| {
            Tried::typed(cep.to_owned(), weight.to_owned(), goods.to_owned(), &[])
        };
        for (cep, weight, goods) in [("", "", ""), ("01310-100", "0,3", "1.299,90"), ("01310100", "2", "10")] {
            assert!(tried(cep, weight, goods).found.is_some(), "{cep} {weight} {goods}");
        }
        for (tried, at) in
            [(tried("00000-000", "", ""), "/cep"), (tried("", "muito", ""), "/weight"), (tried("", "", "-1"), "/goods")]
        {
            assert!(tried.wrong.at(at).is_some() && tried.found.is_none(), "{at}");
        }
        assert_eq!(tried("x", "y", "z").weight, "y");
    }
}
