//! Single cells: prices, counts, weights, yes and no. Nothing here passes through floating point.

use std::borrow::Cow;

use feira_schemas::{
    catalogue::{is_slug, slugify},
    money::Money,
};

/// The first signs of a cell that a spreadsheet takes for a formula, and the one by which a cell is marked as text.
const MARKED: [char; 5] = ['=', '+', '-', '@', '\''];

/// A cell as an export writes it: one that a spreadsheet would take for a formula is marked as text.
pub(super) fn marked(text: &str) -> Cow<'_, str> {
    if text.starts_with(MARKED) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// A cell without the mark of an export: what is left is meant as it is written. `None`: no export has marked it.
pub(super) fn unmarked(text: &str) -> Option<&str> {
    text.strip_prefix('\'').filter(|rest| rest.starts_with(MARKED))
}

/// A code as an export writes it: one that an import would read otherwise is marked as text, too.
pub(super) fn coded(text: &str) -> Cow<'_, str> {
    if is_altered(text) { Cow::Owned(format!("'{text}")) } else { marked(text) }
}

/// A code without the mark that it has lest it be read otherwise: what is left is the code. `None`: it has none, or needs none.
pub(super) fn uncoded(text: &str) -> Option<&str> {
    text.strip_prefix('\'').filter(|rest| is_altered(rest))
}

/// True if a code is not read as it is written.
fn is_altered(text: &str) -> bool {
    code(text).as_deref() != Ok(text)
}

/// A decimal text as centavos, or what is wrong with it (pt-BR); see [`Money::read`].
pub(super) fn price(text: &str) -> Result<Money, String> {
    Money::read(text).map_err(|why| format!("O preço «{text}» {why}. Escreva como 49.90."))
}

/// A count of pieces. Shopify exports fewer than none where it sold what was not there: that is none.
pub(super) fn count(text: &str) -> Result<i64, String> {
    let refuse = |why: &str| Err(format!("A quantidade «{text}» {why}."));
    match whole(text) {
        Whole::Number(count) => count.parse::<i64>().map(|count| count.max(0)).or_else(|_| refuse("é grande demais")),
        Whole::Ambiguous => refuse("é ambígua: três zeros depois do sinal podem ser milhares ou decimais"),
        Whole::None => refuse("não é um número inteiro"),
    }
}

/// A text, read as a whole number.
enum Whole<'t> {
    Number(&'t str),
    /// `1.000` is a thousand in Brazil and one elsewhere.
    Ambiguous,
    None,
}

/// A whole number, which spreadsheets and databases also write with decimals that are none: `3.0`, `3,00`.
fn whole(text: &str) -> Whole<'_> {
    let (number, decimals) = match text.rfind(['.', ',']) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, "0"),
    };
    let digits = number.strip_prefix('-').unwrap_or(number);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let no_decimals = !decimals.is_empty() && decimals.bytes().all(|byte| byte == b'0');
    match (is_number && no_decimals, decimals.len()) {
        (false, _) => Whole::None,
        (true, 3) => Whole::Ambiguous,
        (true, _) => Whole::Number(number),
    }
}

/// A code as it is printed, such as an SKU or the digits of a bar code.
pub(super) fn code(text: &str) -> Result<String, String> {
    if is_rounded(text) {
        return Err(format!(
            "«{text}» é como uma planilha mostra um número longo; os algarismos se perderam. Formate a coluna como texto e \
             digite o código de novo."
        ));
    }
    // A column of codes that was read as numbers ends each in a decimal that is none.
    let digits = text.strip_suffix(".0").or_else(|| text.strip_suffix(",0"));
    let digits = digits.filter(|digits| digits.len() >= 8 && digits.bytes().all(|byte| byte.is_ascii_digit()));
    Ok(digits.unwrap_or(text).to_owned())
}

/// True if a spreadsheet wrote a number as a power of ten: `7.89E+12`, `7,89123E+12`.
pub(super) fn is_rounded(text: &str) -> bool {
    let Some((number, power)) = text.split_once(['E', 'e']) else { return false };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let number = number.strip_prefix('-').unwrap_or(number);
    let (whole, decimals) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    // Without the sign it may be a code that somebody chose: `12E4`.
    power.strip_prefix(['+', '-']).is_some_and(digits) && digits(whole) && digits(decimals)
}

/// A cell without what spreadsheets put around digits so that they stay text: `'0123`, `="0123"`.
pub(super) fn unwrapped(text: &str) -> &str {
    let formula = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    formula.unwrap_or(text).trim_start_matches('\'').trim()
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
    let number = match whole(text) {
        Whole::Number(number) => number.parse::<u32>().ok(),
        Whole::Ambiguous | Whole::None => None,
    };
    number.filter(|number| *number > 0).ok_or_else(|| format!("A posição «{text}» não é um número a partir de 1."))
}

/// The value of the column `Status`. The words are Shopify's, in English as exported or in Portuguese as its panel
/// shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Active,
    Draft,
    Archived,
    /// In no list, reached by its address: it is taken as a draft.
    Unlisted,
}

pub(super) fn status(text: &str) -> Result<Said, String> {
    match text.to_lowercase().as_str() {
        "active" | "ativo" | "ativa" | "publicado" => Ok(Said::Active),
        "draft" | "rascunho" => Ok(Said::Draft),
        "archived" | "arquivado" | "arquivada" => Ok(Said::Archived),
        "unlisted" | "não listado" | "nao listado" => Ok(Said::Unlisted),
        _ => Err(format!("«{text}» não é active, draft, archived nem unlisted.")),
    }
}

/// Reads the column `Policy`: true (`continue`) if a variant that is sold out goes on being sold.
pub(super) fn goes_on(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "continue" | "continuar" => Ok(true),
        "deny" | "negar" => Ok(false),
        _ => Err(format!("«{text}» não é deny nem continue.")),
    }
}

/// Yes or no, as Shopify and spreadsheets in English or Portuguese write them.
pub(super) fn truth(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "true" | "verdadeiro" | "1" | "yes" | "sim" => Ok(true),
        "false" | "falso" | "0" | "no" | "não" | "nao" => Ok(false),
        _ => Err(format!("«{text}» não é TRUE nem FALSE.")),
    }
}

/// The address that a handle makes, if it makes one.
pub(super) fn slug_of(handle: &str) -> Option<String> {
    let slug = if is_slug(handle) { handle.to_owned() } else { slugify(handle) };
    Some(slug).filter(|slug| !slug.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f07_a_cell_that_looks_like_a_formula_is_marked_and_comes_back_as_it_was() {
        for text in ["=1+1", "+55 11", "-5", "@eu", "'aspas", "''", "'=", "=\"0123\""] {
            let cell = marked(text);
            assert_eq!(cell, format!("'{text}"));
            assert_eq!(unmarked(&cell), Some(text));
        }
        for text in ["", "a=b", "0123", "<p>=</p>", " =1"] {
            assert_eq!((marked(text).as_ref(), unmarked(text)), (text, None));
        }
        for text in ["12345678.0", "7891000315507,0", "1E+5", "1e-5", "-1E+5"] {
            let cell = coded(text);
            assert_eq!(cell, format!("'{text}"));
            assert_eq!(uncoded(&cell), Some(text));
        }
        for text in ["", "0123", "1234567.0", "12E4", "AB-1.0"] {
            assert_eq!((coded(text).as_ref(), uncoded(&format!("'{text}"))), (text, None));
        }
        // What spreadsheets and people have marked themselves.
        for foreign in ["'0123", "'", "' =1", "=\"0123\""] {
            assert_eq!(unmarked(foreign), None, "{foreign}");
        }
    }
}
