//! Single cells: prices, counts, weights, yes and no. Nothing here passes through floating point.

use feira_schemas::money::Money;

/// A decimal text as centavos, or what is wrong with it (pt-BR).
///
/// Read are `50`, `50.0`, `50.00`, `1234.5`, `49,90`, `1.234,50`, `1,234.50` and a leading `R$`. Three digits after a lone
/// point or comma may be thousands or thousandths, so they are refused and not guessed.
pub(super) fn price(text: &str) -> Result<Money, String> {
    let refuse = |why: &str| Err(format!("O preço «{text}» {why}. Escreva como 49.90."));
    let bare = text.trim().trim_start_matches("R$").trim();
    if bare.starts_with('-') {
        return refuse("é negativo");
    }
    let (whole, cents) = match bare.rfind(['.', ',']) {
        None => (bare, ""),
        Some(at) => (&bare[..at], &bare[at + 1..]),
    };
    // The sign that parts the centavos; before it only the other one may stand, between groups of three digits.
    let grouping = if bare.as_bytes().get(whole.len()) == Some(&b',') { '.' } else { ',' };
    let mut groups = whole.split(grouping);
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let grouped = rest.is_empty() || first.len() <= 3 && rest.iter().all(|group| group.len() == 3);
    if !digits(first) || !rest.iter().all(|group| digits(group)) || !grouped {
        return refuse("não é um número");
    }
    if whole.len() < bare.len() && !digits(cents) {
        return refuse("não é um número");
    }
    if cents.len() == 3 && rest.is_empty() {
        return refuse("é ambíguo: três algarismos depois do sinal podem ser milhares ou decimais");
    }
    if cents.len() > 2 {
        return refuse("tem mais de duas casas decimais");
    }
    let amount = format!("{first}{}{cents:0<2}", rest.concat()).parse::<i64>().ok();
    match amount.filter(|amount| *amount <= Money::MAX_AMOUNT) {
        Some(amount) => Ok(Money::brl(amount)),
        None => refuse("passa de R$ 100 milhões"),
    }
}

/// A count of pieces. Shopify exports fewer than none where it sold what was not there: that is none.
pub(super) fn count(text: &str) -> Result<i64, String> {
    let bare = text.strip_suffix(".0").unwrap_or(text);
    match bare.parse::<i64>() {
        Ok(count) => Ok(count.max(0)),
        Err(_) => Err(format!("A quantidade «{text}» não é um número inteiro.")),
    }
}

/// Grams, rounded to whole ones; Shopify writes fractions where the merchant weighed in pounds or ounces.
pub(super) fn grams(text: &str) -> Result<i64, String> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let is_number = [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    match whole.parse::<i64>() {
        Ok(grams) if is_number => Ok(grams.saturating_add(i64::from(fraction.as_bytes()[0] >= b'5'))),
        _ => Err(format!("O peso «{text}» não é um número de gramas.")),
    }
}

/// A position in a list, from 1.
pub(super) fn position(text: &str) -> Result<u32, String> {
    let bare = text.strip_suffix(".0").unwrap_or(text);
    let position = bare.parse::<u32>().ok().filter(|position| *position > 0);
    position.ok_or_else(|| format!("A posição «{text}» não é um número a partir de 1."))
}

/// Yes or no, as Shopify and spreadsheets in English or Portuguese write them.
pub(super) fn truth(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "true" | "verdadeiro" | "1" | "yes" | "sim" => Ok(true),
        "false" | "falso" | "0" | "no" | "não" | "nao" => Ok(false),
        _ => Err(format!("«{text}» não é TRUE nem FALSE.")),
    }
}
