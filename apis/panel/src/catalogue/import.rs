//! `/admin/products/import`: products from a file. It is tried first, and the answer tells of each product as soon as it is known: the
//! page grows while it is read, so that nobody needs a script to see how far it is.

use std::{convert::Infallible, sync::Arc};

use askama::Template;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use feira_api_admin::import::{self, Became, Begun, Encoding, Line, Settings, Summary, Told};
use feira_schemas::{
    limits,
    problem::{Code, FieldError},
};
use feira_web::{
    context::Api,
    forms::Form,
    problem::Problem,
    reply::{self, Response},
    routing::{Request, Route},
    sessions::{Access, Area},
};
use futures::{StreamExt, stream};
use http::{HeaderValue, Method, StatusCode};

use super::model;
use crate::{
    answer,
    format::whole,
    frame::{Frame, Wrong},
};

const PAGE: &str = "/admin/products/import";
/// The words for what is done with a file: it is only looked at, or imported.
const DRY: &str = "dry";
const REAL: &str = "real";
/// Bytes of the form beside the file itself: boundaries and texts.
const FORM_BYTES: usize = 64 * 1024;
/// The mark in the page at which products are told.
const PRODUCTS: &str = "<!--products-->";
/// The mark in the page at which they are counted.
const SUMMARY: &str = "<!--summary-->";
/// Products that are shown without there being anything to say of them: enough to see that it goes on.
const PLAIN: usize = 100;
/// Products that are shown at all: a browser holds a page of as many, and the file of results has all.
const SHOWN: usize = 2_000;
/// Every so many products the page says how far it is.
const STEP: u64 = 500;
/// Bytes of the file of results, which are held until the end: as an address they are a third more, and browsers follow none of over
/// 2 MiB.
const RESULTS: usize = 1_400 * 1024;
/// What to do where the file's stock is to count.
const TICK: &str = "marque «Usar também o estoque do arquivo»";
/// The beginning of the file of results: the mark by which spreadsheets know UTF-8, and the header.
const HEADER: &[u8] = "\u{feff}Handle,Resultado,Mensagens\n".as_bytes();

pub(super) fn routes() -> Vec<Route> {
    let may = |route: Route| route.page().for_session(Access::write(Area::Catalogue));
    vec![
        may(Route::get(PAGE, show)).says("Shows the form by which products are imported from Shopify's CSV."),
        may(Route::new(Method::POST, PAGE, take))
            .takes_own_form()
            .takes(vec![("multipart/form-data", "ImportForm")], limits::IMPORT_FILE_BYTES + FORM_BYTES)
            .within(import::WITHIN)
            .problems(&[409, 422])
            .says("Tries or does an import, and tells of each product what became of it."),
    ]
}

/// The form.
#[derive(Template)]
#[template(path = "catalogue/import.html")]
struct Page<'a> {
    frame: &'a Frame,
    /// The word for what is done that is chosen; another one chooses nothing.
    mode: &'a str,
    takes_stock: bool,
    /// True if who is there may set stock.
    may_stock: bool,
    wrong: Wrong,
    most: String,
}

/// The page of results, with a mark where they come.
#[derive(Template)]
#[template(path = "catalogue/results.html")]
struct Results<'a> {
    frame: &'a Frame,
    is_dry: bool,
    takes_stock: bool,
    /// The number of products of the file.
    products: String,
    /// What the file was read as, where that is not the usual.
    encoding: Option<&'static str>,
}

/// A product of the results.
#[derive(Template)]
#[template(path = "catalogue/row.html")]
struct Row<'a> {
    handle: &'a str,
    word: &'static str,
    look: &'static str,
    said: Vec<&'a str>,
    /// The number of images that are still to come.
    images: Option<String>,
}

/// How far it is.
#[derive(Template)]
#[template(path = "catalogue/step.html")]
struct Step<'a> {
    done: String,
    /// The number of products of the file.
    products: &'a str,
}

/// The end of the results.
#[derive(Template)]
#[template(path = "catalogue/summary.html")]
struct End {
    is_dry: bool,
    /// None where the import stopped before its end.
    counts: Option<[(&'static str, String); 4]>,
    images: Option<String>,
    /// Products that the page does not show.
    hidden: Option<String>,
    /// The file of results as an address.
    file: String,
    is_file_cut: bool,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    draw(&api, &request, StatusCode::OK, (DRY, false), Wrong::default()).await
}

async fn draw(
    api: &Api,
    request: &Request,
    code: StatusCode,
    (mode, takes_stock): (&str, bool),
    wrong: Wrong,
) -> Result<Response, Problem> {
    let may_stock = request.session()?.may(Access::write(Area::Stock));
    let most = format!("{} MiB", limits::IMPORT_FILE_BYTES / (1024 * 1024));
    let frame = Frame::around(api, request, "products").await?;
    answer::page(code, Page { frame: &frame, mode, takes_stock, may_stock, wrong, most }.render())
}

async fn take(api: Arc<Api>, mut request: Request) -> Result<Response, Problem> {
    // The form is here as it was sent and as it was read: the file alone is kept.
    let form = std::mem::take(&mut request.form);
    request.body = Bytes::new();
    // Whoever sends no word of it tries.
    let mode = form.text("/mode").unwrap_or(DRY).to_owned();
    let (is_dry, takes_stock) = (mode != REAL, form.text("/stock") == Some("true"));
    let session = request.session()?;
    let may_stock = session.may(Access::write(Area::Stock));
    let sees_stock = session.may(Access::read(Area::Stock));
    let stock_way = if may_stock { TICK } else { "peça a quem cuida do estoque" };
    let begun = match file(form) {
        _ if takes_stock && !may_stock => {
            let detail = "Você não tem permissão para mudar o estoque. Desmarque esta opção, ou peça acesso a quem administra a \
                          equipe.";
            Err(Problem::fields(vec![FieldError::new("/stock", Code::Forbidden, detail)]))
        }
        _ if ![DRY, REAL].contains(&mode.as_str()) => {
            let detail = "Escolha se o arquivo é só conferido ou importado de verdade.";
            Err(Problem::fields(vec![FieldError::new("/mode", Code::Invalid, detail)]))
        }
        Some(file) => {
            let by = (request.tenant, request.actor.clone());
            import::begin(&api, by, file, Settings { takes_stock, sees_stock, stock_way, is_dry }).await
        }
        None => Err(Problem::fields(vec![FieldError::new("/file", Code::Required, "Escolha o arquivo CSV.")])),
    };
    let Begun { encoding, products, told } = match begun {
        Ok(begun) => begun,
        Err(problem) if problem.status().is_client_error() => {
            let error = || FieldError::new("/file", problem.code, problem.detail.clone());
            let errors = if problem.errors.is_empty() { vec![error()] } else { problem.errors.clone() };
            return draw(&api, &request, problem.status(), (mode.as_str(), takes_stock), Wrong(errors)).await;
        }
        Err(problem) => return Err(problem),
    };
    let encoding = match encoding {
        Encoding::Utf8 => None,
        Encoding::Utf16 => Some("texto Unicode (UTF-16)"),
        Encoding::Windows1252 => Some("Windows-1252, de Excel antigo"),
    };
    let frame = Frame::around(&api, &request, "products").await?;
    let products = model::products(u64::try_from(products).unwrap_or(u64::MAX));
    let page = Results { frame: &frame, is_dry, takes_stock, products: products.clone(), encoding }.render();
    let page = page.map_err(Problem::internal)?;
    let (head, rest) = page.split_once(PRODUCTS).unwrap_or((page.as_str(), ""));
    let (between, tail) = rest.split_once(SUMMARY).unwrap_or((rest, ""));
    let mut telling = Telling::new(is_dry, products, between.to_owned(), tail.to_owned());
    let head = stream::iter([Bytes::from(head.to_owned())]);
    let rest = told.map(Some).chain(stream::iter([None])).map(move |told| telling.html(told));
    let body = head.chain(rest).map(Ok::<_, Infallible>);
    // The head of a page of the panel, and a body that comes as it is made.
    let (parts, _) = answer::page(StatusCode::OK, Ok(String::new()))?.into_parts();
    let body = reply::streamed(HeaderValue::from_static("text/html; charset=utf-8"), body).into_body();
    Ok(Response::from_parts(parts, body))
}

/// The file of a form.
fn file(form: Form) -> Option<Bytes> {
    form.files.into_iter().find(|file| file.name == "/file").map(|file| file.bytes)
}

/// The page of an import under way.
struct Telling {
    is_dry: bool,
    /// The number of products of the file, in words.
    products: String,
    /// What stands between the products and their counts, and after them.
    between: String,
    tail: String,
    counted: Summary,
    summary: Option<Summary>,
    shown: usize,
    plain: usize,
    hidden: u64,
    results: Vec<u8>,
    is_file_cut: bool,
}

impl Telling {
    fn new(is_dry: bool, products: String, between: String, tail: String) -> Self {
        Self {
            is_dry,
            products,
            between,
            tail,
            counted: Summary::default(),
            summary: None,
            shown: 0,
            plain: 0,
            hidden: 0,
            results: HEADER.to_vec(),
            is_file_cut: false,
        }
    }

    /// The next part of the page; none is the end.
    fn html(&mut self, told: Option<Told>) -> Bytes {
        let html = match told {
            Some(Told::Line(line)) => self.line(&line),
            Some(Told::Summary(summary)) => {
                self.summary = Some(summary);
                Ok(String::new())
            }
            None => self.end(),
        };
        let mut html = html.unwrap_or_else(|error| {
            tracing::error!(%error, "a part of a page of results can't be written");
            String::new()
        });
        // An empty part would be no part.
        html.push('\n');
        Bytes::from(html)
    }

    fn line(&mut self, line: &Line) -> askama::Result<String> {
        self.counted.count(line);
        let (word, look) = word(line.result, self.is_dry);
        self.keep(line, word);
        let mut html = String::new();
        if self.is_shown(line) {
            let images = u64::try_from(line.images_waiting.len()).unwrap_or(u64::MAX);
            let images = (images > 0).then(|| super::count(images, "imagem", "imagens"));
            let said = line.errors.iter().map(|said| said.detail.as_str()).collect();
            html = Row { handle: &line.handle, word, look, said, images }.render()?;
        }
        let done = all(self.counted);
        if done.is_multiple_of(STEP) {
            let done = whole(i64::try_from(done).unwrap_or(i64::MAX));
            html.push_str(&Step { done, products: &self.products }.render()?);
        }
        Ok(html)
    }

    /// True if the page shows a product: of those of which there is nothing to say the first ones.
    fn is_shown(&mut self, line: &Line) -> bool {
        let is_plain = line.errors.is_empty();
        let is_shown = self.shown < SHOWN && (!is_plain || self.plain < PLAIN);
        self.plain += usize::from(is_shown && is_plain);
        self.shown += usize::from(is_shown);
        self.hidden += u64::from(!is_shown);
        is_shown
    }

    /// Keeps a product's result for the file of results.
    fn keep(&mut self, line: &Line, word: &str) {
        match line.csv(word) {
            Ok(row) if self.results.len() + row.len() <= RESULTS => self.results.extend(row),
            Ok(_) => self.is_file_cut = true,
            Err(error) => {
                tracing::error!(%error, "a result can't be written");
                self.is_file_cut = true;
            }
        }
    }

    fn end(&mut self) -> askama::Result<String> {
        let counts = self.summary.map(|counts| {
            let [created, updated, unchanged, refused] =
                [Became::Created, Became::Updated, Became::Unchanged, Became::Refused]
                    .map(|result| word(result, self.is_dry).0);
            [
                (created, counts.created),
                (updated, counts.updated),
                (unchanged, counts.unchanged),
                (refused, counts.refused),
            ]
            .map(|(word, count)| (word, whole(i64::try_from(count).unwrap_or(i64::MAX))))
        });
        let waiting = u64::try_from(self.counted.images_waiting).unwrap_or(u64::MAX);
        let results = std::mem::take(&mut self.results);
        let end = End {
            is_dry: self.is_dry,
            counts,
            images: (waiting > 0).then(|| super::count(waiting, "imagem", "imagens")),
            hidden: (self.hidden > 0).then(|| model::products(self.hidden)),
            file: address(&results),
            is_file_cut: self.is_file_cut,
        };
        Ok(format!("{}{}{}", self.between, end.render()?, self.tail))
    }
}

/// The file of results as an address.
fn address(results: &[u8]) -> String {
    format!("data:text/csv;charset=utf-8;base64,{}", STANDARD.encode(results))
}

/// The number of all products that were counted.
fn all(counted: Summary) -> u64 {
    counted.created + counted.updated + counted.unchanged + counted.refused
}

/// The word of a result, and its look.
fn word(result: Became, is_dry: bool) -> (&'static str, &'static str) {
    match (result, is_dry) {
        (Became::Created, false) => ("Criado", "good"),
        (Became::Created, true) => ("Seria criado", "good"),
        (Became::Updated, false) => ("Alterado", "good"),
        (Became::Updated, true) => ("Seria alterado", "good"),
        (Became::Unchanged, _) => ("Igual", ""),
        (Became::Refused, false) => ("Recusado", "bad"),
        (Became::Refused, true) => ("Seria recusado", "bad"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s51_the_longest_file_of_results_is_an_address_that_browsers_follow() {
        assert!(address(&vec![b'x'; RESULTS]).len() < 2 * 1024 * 1024);
    }
}
