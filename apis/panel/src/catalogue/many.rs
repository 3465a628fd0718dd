//! `/admin/products/many`: what is done to the products that were ticked in the list.

use std::{sync::Arc, time::Duration};

use askama::Template;
use feira_api_admin::many::{self, Action, Became, Chosen, Percent};
use feira_schemas::{
    ids::CategoryId,
    limits,
    problem::{Code, FieldError},
};
use feira_web::{
    context::Api,
    forms::Form,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area, below},
};
use http::{Method, StatusCode};

use super::{ALL, categories, model};
use crate::{
    answer,
    audience::SHOP,
    forms::Choice,
    frame::{Frame, Wrong},
};

/// The time in which all of a page's products are changed.
const WITHIN: Duration = Duration::from_secs(60);
/// The values of the select of what is done, with what people read.
const ACTIONS: [(&str, &str); 6] = [
    ("publish", "Publicar"),
    ("draft", "Voltar a rascunho"),
    ("categorise", "Pôr na categoria"),
    ("uncategorise", "Tirar da categoria"),
    ("reprice", "Mudar preços em %"),
    ("delete", "Apagar"),
];

pub(super) fn route() -> Route {
    Route::new(Method::POST, "/admin/products/many", act)
        .page()
        .for_session(Access::write(Area::Catalogue))
        .takes_own_form()
        .within(WITHIN)
        .problems(&[409, 422])
        .says("Changes the products that were ticked, each for itself, and says what was not done and why.")
}

/// The form as it was sent.
struct Sent {
    chosen: Vec<Chosen>,
    action: String,
    category: String,
    percent: String,
    is_confirmed: bool,
    /// The list that it came from.
    back: String,
}

impl Sent {
    fn of(form: &Form) -> Self {
        let text = |name| form.text(name).unwrap_or_default().trim().to_owned();
        let back = form.said("back").and_then(|back| below(SHOP.panel, back)).unwrap_or(ALL);
        Self {
            chosen: form.texts("/chosen").iter().filter_map(|value| chosen(value)).collect(),
            action: text("/action"),
            category: text("/category"),
            percent: text("/percent"),
            is_confirmed: text("/confirmed") == "true",
            back: back.to_owned(),
        }
    }

    /// What is to be done, or what is wrong with the form.
    fn action(&self, is_known: impl Fn(CategoryId) -> bool) -> Result<Action, FieldError> {
        if self.chosen.is_empty() {
            return Err(FieldError::new("/chosen", Code::Required, "Marque ao menos um produto."));
        }
        if self.chosen.len() > limits::PAGE_MAX {
            let detail = format!("Marque até {} produtos por vez.", limits::PAGE_MAX);
            return Err(FieldError::new("/chosen", Code::TooLong, detail));
        }
        match self.action.as_str() {
            "publish" => Ok(Action::Publish),
            "draft" => Ok(Action::Unpublish),
            "delete" => Ok(Action::Delete),
            "uncategorise" => Ok(Action::Categorise(None)),
            "categorise" => match self.category.parse().ok().filter(|id| is_known(*id)) {
                Some(id) => Ok(Action::Categorise(Some(id))),
                None => Err(FieldError::new("/category", Code::Required, "Escolha em qual categoria eles ficam.")),
            },
            "reprice" => {
                let percent = Percent::read(&self.percent);
                percent.map(Action::Reprice).map_err(|why| FieldError::new("/percent", Code::Invalid, why))
            }
            _ => Err(FieldError::new("/action", Code::Required, "Escolha o que fazer com os produtos marcados.")),
        }
    }
}

/// A product and its version, as a check box has them.
fn chosen(value: &str) -> Option<Chosen> {
    let (id, version) = value.split_once(':')?;
    Some(Chosen { id: id.parse().ok()?, version: version.parse().ok()? })
}

/// The question before something that is not easily undone.
struct Question {
    title: String,
    text: String,
    word: &'static str,
    is_risky: bool,
}

/// The question that an action asks; none of one that is done at once.
fn question(action: Action, number: usize) -> Option<Question> {
    let products = model::products(u64::try_from(number).unwrap_or(u64::MAX));
    match action {
        Action::Delete => Some(Question {
            title: format!("Apagar {products}?"),
            text: "Eles saem da loja, com as variantes e as imagens. Isso não pode ser desfeito.".to_owned(),
            word: "Apagar",
            is_risky: true,
        }),
        Action::Reprice(percent) => Some(Question {
            title: format!("Mudar os preços de {products}?"),
            text: format!(
                "O preço de cada variante muda em {percent}, arredondado ao centavo. O preço anterior fica como está, e sai de onde \
                 não passar do preço novo."
            ),
            word: "Mudar preços",
            is_risky: false,
        }),
        Action::Publish | Action::Unpublish | Action::Categorise(_) => None,
    }
}

/// A product that was ticked.
struct Ticked {
    /// The value of its check box.
    value: String,
    name: String,
}

/// The page that asks once more, or says what is wrong.
#[derive(Template)]
#[template(path = "catalogue/many.html")]
struct Page<'a> {
    frame: &'a Frame,
    sent: &'a Sent,
    ticked: Vec<Ticked>,
    actions: Vec<Choice>,
    categories: Vec<Choice>,
    wrong: Wrong,
    question: Option<Question>,
}

/// A product that was not done, and the reason.
struct Left {
    name: String,
    why: String,
}

/// The page that says what was done.
#[derive(Template)]
#[template(path = "catalogue/done.html")]
struct DonePage<'a> {
    frame: &'a Frame,
    done: String,
    unchanged: Option<String>,
    pending: Option<String>,
    left: Vec<Left>,
    back: String,
}

async fn act(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let sent = Sent::of(&request.form);
    let all = categories(&api, &request).await?;
    let action = match sent.action(|id| all.iter().any(|category| category.category_id == id)) {
        Ok(action) => action,
        Err(error) => {
            let (code, wrong) = (StatusCode::UNPROCESSABLE_ENTITY, Wrong(vec![error]));
            return draw(&api, &request, &sent, (code, wrong, None)).await;
        }
    };
    let question = question(action, sent.chosen.len()).filter(|_| !sent.is_confirmed);
    if question.is_some() {
        return draw(&api, &request, &sent, (StatusCode::OK, Wrong::default(), question)).await;
    }
    let done = many::change(&api, &request, &sent.chosen, action).await;
    let of = |wanted: &Became| {
        let number = done.products.iter().filter(|product| product.became == *wanted).count();
        u64::try_from(number).unwrap_or(u64::MAX)
    };
    let some = |number: u64| (number > 0).then(|| model::products(number));
    let left = done.products.iter().filter_map(|product| match &product.became {
        Became::Not(why) => {
            let name = product.name.clone().unwrap_or_else(|| product.id.to_string());
            Some(Left { name, why: why.clone() })
        }
        Became::Done | Became::Unchanged | Became::Pending => None,
    });
    let mark = if sent.back.contains('?') { '&' } else { '?' };
    let page = DonePage {
        frame: &Frame::around(&api, &request, "products").await?,
        done: model::products(of(&Became::Done)),
        unchanged: some(of(&Became::Unchanged)),
        pending: some(of(&Became::Pending)),
        left: left.collect(),
        back: done.position.map_or_else(|| sent.back.clone(), |at| format!("{}{mark}at={at}", sent.back)),
    };
    answer::page(StatusCode::OK, page.render())
}

async fn draw(
    api: &Api,
    request: &Request,
    sent: &Sent,
    (code, wrong, question): (StatusCode, Wrong, Option<Question>),
) -> Result<Response, Problem> {
    let shown = sent.chosen.iter().take(limits::PAGE_MAX);
    let shown: Vec<Chosen> = shown.copied().collect();
    let names = many::names(api, request.tenant, &shown).await?;
    let ticked = shown.iter().zip(names).map(|(chosen, name)| Ticked {
        value: format!("{}:{}", chosen.id, chosen.version),
        name: name.unwrap_or_else(|| chosen.id.to_string()),
    });
    let page = Page {
        frame: &Frame::around(api, request, "products").await?,
        sent,
        ticked: ticked.collect(),
        actions: ACTIONS.map(|(value, word)| Choice::new(value, word, sent.action == value)).into(),
        categories: model::tree(&categories(api, request).await?, &sent.category),
        wrong,
        question,
    };
    answer::page(code, page.render())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ID: &str = "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e";

    fn sent(action: &str, category: &str, percent: &str) -> Sent {
        Sent {
            chosen: vec![chosen(&format!("{ID}:3")).unwrap()],
            action: action.to_owned(),
            category: category.to_owned(),
            percent: percent.to_owned(),
            is_confirmed: false,
            back: ALL.to_owned(),
        }
    }

    #[test]
    fn a_form_says_what_is_done_or_what_is_missing() {
        let at = |sent: Sent| sent.action(|id| id.to_string() == ID).map_err(|error| error.pointer);
        assert_eq!(at(sent("publish", "", "")), Ok(Action::Publish));
        assert_eq!(at(sent("categorise", ID, "")), Ok(Action::Categorise(Some(ID.parse().unwrap()))));
        assert_eq!(at(sent("uncategorise", "", "")), Ok(Action::Categorise(None)));
        assert_eq!(at(sent("categorise", "", "")), Err("/category".to_owned()));
        assert_eq!(at(sent("categorise", "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4f", "")), Err("/category".to_owned()));
        assert_eq!(at(sent("reprice", "", "dez")), Err("/percent".to_owned()));
        assert_eq!(at(sent("", "", "")), Err("/action".to_owned()));
        assert_eq!(at(Sent { chosen: Vec::new(), ..sent("publish", "", "") }), Err("/chosen".to_owned()));
        for wrong in ["", ID, "x:3", &format!("{ID}:x")] {
            assert_eq!(chosen(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_not_easily_undone_is_asked_first() {
        let asks = |action| question(action, 1).map(|question| question.title);
        assert_eq!(asks(Action::Delete).as_deref(), Some("Apagar 1 produto?"));
        let percent = Action::Reprice(Percent::read("-5").unwrap());
        assert_eq!(asks(percent).as_deref(), Some("Mudar os preços de 1 produto?"));
        assert_eq!((asks(Action::Publish), asks(Action::Categorise(None))), (None, None));
    }
}
