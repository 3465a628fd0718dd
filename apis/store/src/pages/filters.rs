//! The filters that templates use, named in Portuguese as the text around them.

use super::format;
use askama::Values;

/// `{{ price|reais }}`: see [`format::reais`].
#[askama::filter_fn]
pub fn reais(centavos: &i64, _: &dyn Values) -> askama::Result<String> {
    Ok(format::reais(*centavos))
}

/// `{{ total|produtos }}`: see [`format::products`].
#[askama::filter_fn]
pub fn produtos(number: &u64, _: &dyn Values) -> askama::Result<String> {
    Ok(format::products(*number))
}

/// `{{ total|contagem }}`: see [`format::count`].
#[askama::filter_fn]
pub fn contagem(number: &u64, _: &dyn Values) -> askama::Result<String> {
    Ok(format::count(*number))
}

/// `{{ name|monograma }}`: see [`format::monogram`].
#[askama::filter_fn]
pub fn monograma(name: &str, _: &dyn Values) -> askama::Result<String> {
    Ok(format::monogram(name))
}

/// `{{ name|inicial }}`: the first letter of [`format::monogram`].
#[askama::filter_fn]
pub fn inicial(name: &str, _: &dyn Values) -> askama::Result<String> {
    Ok(format::monogram(name).chars().take(1).collect())
}
