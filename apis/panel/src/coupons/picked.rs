//! The products of a coupon as its form offers them: those that are ticked, and those that a search finds, each with a box to tick.

use feira_api_admin::listing::{self, Named};
use feira_schemas::{ids::ProductId, limits};
use feira_web::{context::Api, forms::Form, problem::Problem, routing::Request};

use super::named;
use crate::{format::whole, forms::Choice};

/// Products that a search shows: who wants another one has written too little.
const FOUND: usize = 20;
/// Ticked products that are shown: as many as a coupon may name, and as many again, of which some must go.
const TICKED: usize = 2 * limits::COUPON_PRODUCTS;

/// The products of a form.
pub(super) struct Picker {
    /// Those that are ticked.
    pub ticked: Vec<Choice>,
    /// Those that a search has found, and that are not.
    pub found: Vec<Choice>,
    /// What is sought, as it was typed.
    pub q: String,
    /// What a search has come to; none where nothing was sought.
    pub said: Option<String>,
    /// True for who may see the catalogue.
    pub may_search: bool,
}

/// True if a form asks for products, and not to be kept: by the search's own button, or by the Enter key as long as words stand in the
/// search's box. That key presses the first button of a form, and nobody knows in which box it was pressed.
pub(super) fn is_search(form: &Form) -> bool {
    let said = |name: &str| form.said(name).unwrap_or_default().trim().to_owned();
    match said("act").as_str() {
        "search" => true,
        "enter" => !said("q").is_empty(),
        _ => false,
    }
}

impl Picker {
    /// The products of the form that a request shows or has sent, of which these are ticked.
    pub async fn of(api: &Api, request: &Request, ticked: &[String]) -> Result<Self, Problem> {
        let mut picker = Self {
            ticked: choices(api, request, ticked).await?,
            found: Vec::new(),
            q: request.form.said("q").unwrap_or_default().to_owned(),
            said: None,
            may_search: named::shows_names(request)?,
        };
        if is_search(&request.form) && picker.may_search {
            picker.search(api, request).await;
        }
        Ok(picker)
    }

    /// Seeks. A list that lags is shown all the same, and where none comes the form is shown without.
    async fn search(&mut self, api: &Api, request: &Request) {
        let is_behind = listing::caught_up(api, request).await.is_err();
        let Ok((products, total)) = listing::found(api, request.tenant, &self.q, FOUND).await else {
            self.said = Some("A busca não respondeu. Procure de novo em instantes.".to_owned());
            return;
        };
        let said = said(&self.q, products.len(), total);
        let behind = if is_behind { " O que acabou de mudar pode faltar." } else { "" };
        self.said = Some(format!("{said}{behind}"));
        let box_of =
            |Named { id, name, slug }: Named| Choice::new(id.to_string(), named::product_word(&name, &slug), false);
        let is_new = |choice: &Choice| self.ticked.iter().all(|ticked| ticked.value != choice.value);
        self.found = products.into_iter().map(box_of).filter(is_new).collect();
    }
}

/// The boxes of what is ticked. What is no id is shown as it was sent.
async fn choices(api: &Api, request: &Request, ticked: &[String]) -> Result<Vec<Choice>, Problem> {
    let mut choices: Vec<Choice> = Vec::new();
    for text in ticked.iter().take(TICKED) {
        let ids = text.parse::<ProductId>().ok();
        let lines = named::product_lines(api, request, ids.as_slice()).await?;
        let (value, word) = match lines.into_iter().next() {
            Some(line) => (line.id, line.text),
            None => (text.clone(), text.clone()),
        };
        if choices.iter().all(|choice| choice.value != value) {
            choices.push(Choice::new(value, word, true));
        }
    }
    Ok(choices)
}

/// What a search has come to, in words: so many are shown of so many that were found.
fn said(q: &str, shown: usize, total: u64) -> String {
    let number = |number: u64| whole(i64::try_from(number).unwrap_or(i64::MAX));
    let is_all = u64::try_from(shown).is_ok_and(|shown| shown >= total);
    match total {
        0 if q.trim().is_empty() => "A loja ainda não tem produtos.".to_owned(),
        0 => format!("Nenhum produto encontrado para «{}».", q.trim()),
        1 => "1 produto encontrado.".to_owned(),
        total if is_all => format!("{} produtos encontrados.", number(total)),
        total => {
            format!("Os {shown} primeiros de {} produtos encontrados. Para achar outro, escreva mais.", number(total))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f08_what_a_search_has_come_to_is_said_in_words() {
        for (q, shown, total, words) in [
            (" ", 0, 0, "A loja ainda não tem produtos."),
            (" bule ", 0, 0, "Nenhum produto encontrado para «bule»."),
            ("bule", 1, 1, "1 produto encontrado."),
            ("bule", 20, 20, "20 produtos encontrados."),
            ("", 20, 1_200, "Os 20 primeiros de 1.200 produtos encontrados. Para achar outro, escreva mais."),
        ] {
            assert_eq!(said(q, shown, total), words);
        }
    }
}
