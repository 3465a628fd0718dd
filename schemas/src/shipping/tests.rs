//! What a parcel costs, by hand and by a plain search over many tables that chance has made.

use uuid::Uuid;

use super::*;
use crate::ids::ShippingId;

fn option(number: u128, position: i64, content: ShippingContent) -> ShippingOption {
    let shipping_id = ShippingId::from_uuid(Uuid::from_u128(number));
    ShippingOption { shipping_id, version: 1, position, content, created_at: 0, changed_at: 0 }
}

fn flat(price: i64) -> ShippingContent {
    ShippingContent {
        name: "Fixo".into(),
        kind: ShippingKind::Flat,
        active: true,
        price: Some(Money::brl(price)),
        free_from: None,
        min_days: Some(2),
        max_days: Some(5),
        rates: Vec::new(),
    }
}

fn rate(from: &str, to: &str, up_to_grams: i64, price: i64) -> ShippingRate {
    ShippingRate { cep_from: from.into(), cep_to: to.into(), up_to_grams, price: Money::brl(price), days: 4 }
}

fn table(rates: Vec<ShippingRate>) -> ShippingContent {
    let (price, min_days, max_days) = (None, None, None);
    ShippingContent { kind: ShippingKind::Table, price, min_days, max_days, rates, ..flat(0) }
}

fn parcel(cep5: &str, grams: i64, goods: i64) -> Parcel<'_> {
    Parcel { cep5: Some(cep5), grams, goods: Money::brl(goods) }
}

/// The price of the only way, or why there is none.
fn only(content: &ShippingContent, parcel: Parcel<'_>) -> Result<i64, NotOffered> {
    let options = [option(1, 1, content.clone())];
    let quote = quote(&options, parcel);
    match (quote.offered.first(), quote.not_offered.first()) {
        (Some(offered), None) => Ok(offered.price.amount),
        (None, Some((_, why))) => Err(*why),
        both => panic!("neither or both: {both:?}"),
    }
}

#[test]
fn f08_one_price_goes_everywhere_and_is_free_from_a_sum_on() {
    let content = ShippingContent { free_from: Some(Money::brl(10_000)), ..flat(1_500) };
    assert_eq!(only(&content, parcel("01310", 0, 9_999)), Ok(1_500));
    assert_eq!(only(&content, parcel("01310", 99_999, 10_000)), Ok(0));
    let nowhere = Parcel { cep5: None, ..parcel("", 0, 0) };
    assert_eq!(only(&content, nowhere), Ok(1_500), "it does not depend on the CEP");
    let inactive = ShippingContent { active: false, ..flat(1) };
    let later = ShippingContent { kind: ShippingKind::Unknown, ..flat(1) };
    for content in [inactive, later] {
        assert_eq!(only(&content, parcel("01310", 0, 0)), Err(NotOffered::Inactive));
    }
}

#[test]
fn f08_a_table_is_asked_by_cep_and_weight() {
    let content = table(vec![
        rate("01000", "05999", 1_000, 2_000),
        rate("01000", "05999", 300, 1_000),
        rate("06000", "06999", 300, 3_000),
    ]);
    for (cep, grams, expected) in [
        ("01000", 0, Ok(1_000)),
        ("05999", 300, Ok(1_000)),
        ("03000", 301, Ok(2_000)),
        ("03000", 1_000, Ok(2_000)),
        ("03000", 1_001, Err(NotOffered::TooHeavy)),
        ("06500", 300, Ok(3_000)),
        ("06500", 301, Err(NotOffered::TooHeavy)),
        ("00999", 1, Err(NotOffered::CepNotServed)),
        ("07000", 1, Err(NotOffered::CepNotServed)),
    ] {
        assert_eq!(only(&content, parcel(cep, grams, 0)), expected, "{cep}, {grams} g");
    }
    assert_eq!(only(&content, Parcel { cep5: None, ..parcel("", 1, 0) }), Err(NotOffered::CepMissing));
    let free = ShippingContent { free_from: Some(Money::brl(100)), ..content };
    assert_eq!(only(&free, parcel("03000", 1, 100)), Ok(0));
    assert_eq!(only(&free, parcel("03000", 9_999, 100)), Err(NotOffered::TooHeavy), "free goes where the table goes");
}

#[test]
fn f08_ways_stand_in_the_shops_order_whatever_they_cost() {
    let mut options = [option(1, 3, flat(100)), option(2, 1, flat(300)), option(3, 2, table(Vec::new()))];
    let quote = quote(&options, parcel("01310", 1, 0));
    assert_eq!(quote.offered.iter().map(|offered| offered.price.amount).collect::<Vec<_>>(), [300, 100]);
    assert_eq!(quote.offered[0].min_days..=quote.offered[0].max_days, 2..=5);
    assert_eq!(quote.not_offered.len(), 1);
    in_order(&mut options);
    assert_eq!(options.map(|option| option.position), [1, 2, 3]);
}

/// Numbers that look like chance and come again (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// A line over few CEPs and few weights, so that many of them meet.
fn any_rate(numbers: &mut Numbers) -> ShippingRate {
    let (from, length) = (numbers.below(20), numbers.below(5));
    let weights = [100, 200, 300];
    let up_to = weights[usize::try_from(numbers.below(3)).unwrap_or_default()];
    let price = i64::try_from(numbers.below(1_000)).unwrap_or_default();
    rate(&format!("{from:05}"), &format!("{:05}", from + length), up_to, price)
}

fn meet(one: &ShippingRate, other: &ShippingRate) -> bool {
    one.up_to_grams == other.up_to_grams && one.cep_from <= other.cep_to && other.cep_from <= one.cep_to
}

#[test]
fn f08_overlaps_are_found_exactly_where_two_lines_meet() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let (mut with, mut without) = (0, 0);
    for _ in 0..2_000 {
        let rates: Vec<ShippingRate> = (0..1 + numbers.below(5)).map(|_| any_rate(&mut numbers)).collect();
        let found = overlaps(&rates);
        assert!(found.iter().all(|(one, other)| one < other && meet(&rates[*one], &rates[*other])), "{rates:?}");
        let any = (0..rates.len()).any(|one| (one + 1..rates.len()).any(|other| meet(&rates[one], &rates[other])));
        assert_eq!(!found.is_empty(), any, "{rates:?}");
        if any { with += 1 } else { without += 1 }
    }
    assert!(with > 100 && without > 100, "both came up: {with}, {without}");
}

#[test]
fn f08_the_price_of_a_table_is_that_of_its_one_line_and_never_depends_on_their_order() {
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    let mut priced = 0;
    for _ in 0..2_000 {
        let mut rates: Vec<ShippingRate> = (0..6).map(|_| any_rate(&mut numbers)).collect();
        while let Some((_, later)) = overlaps(&rates).first().copied() {
            rates.remove(later);
        }
        let (cep5, grams) =
            (format!("{:05}", numbers.below(25)), i64::try_from(numbers.below(350)).unwrap_or_default());
        let fits = |rate: &&ShippingRate| rate.cep_from <= cep5 && cep5 <= rate.cep_to && grams <= rate.up_to_grams;
        let least = rates.iter().filter(fits).map(|rate| rate.up_to_grams).min();
        let lines: Vec<i64> = rates
            .iter()
            .filter(fits)
            .filter(|rate| Some(rate.up_to_grams) == least)
            .map(|rate| rate.price.amount)
            .collect();
        let found = only(&table(rates.clone()), parcel(&cep5, grams, 0));
        assert_eq!(found.ok(), lines.first().copied(), "{rates:?} {cep5} {grams}");
        assert!(lines.len() <= 1, "one line at most");
        priced += lines.len();
        rates.reverse();
        assert_eq!(only(&table(rates), parcel(&cep5, grams, 0)), found);
    }
    assert!(priced > 100, "{priced} had a price");
}

#[test]
fn f08_ends_of_ranges_and_weights_are_read_as_people_write_them() {
    for (text, begin, end) in [
        ("01000-000", Some("01000"), None),
        ("01999999", None, Some("01999")),
        (" 01.000-000 ", Some("01000"), None),
        ("01000", Some("01000"), Some("01000")),
        ("1000", None, None),
        ("01310-100", None, None),
        ("0100é", None, None),
        ("", None, None),
    ] {
        let (begin, end) = (begin.map(str::to_owned), end.map(str::to_owned));
        assert_eq!((range_begin(text), range_end(text)), (begin, end), "{text}");
    }
    for (text, expected) in [
        ("0,3", Some(300)),
        ("0.300", Some(300)),
        ("1,500 kg", Some(1_500)),
        ("30", Some(30_000)),
        ("1.5", Some(1_500)),
        ("300 g", Some(300)),
        ("1.500", None),
        ("1,2345", None),
        ("0,5 g", None),
        ("-1", None),
        ("um", None),
        ("", None),
        (",5", None),
        ("5,", None),
        ("99999999", None),
    ] {
        assert_eq!(grams(text).ok(), expected, "{text}");
    }
    assert_eq!([0, 300, 1_000, 1_050, 30_000].map(kilos), ["0 kg", "0,3 kg", "1 kg", "1,05 kg", "30 kg"]);
    for grams_of in [0, 1, 99, 1_000, 12_345] {
        assert_eq!(grams(&kilos(grams_of)), Ok(grams_of), "what is shown is read back");
    }
}
