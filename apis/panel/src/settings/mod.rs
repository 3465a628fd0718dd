//! `/admin/settings`: a shop's name, its sentence, its colour, instalments, logo, who may read its API from other sites, and what the shop
//! publishes of who sells.

mod model;
mod published;

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use askama::Template;
use feira_api_admin::{logo, settings};
use feira_schemas::{
    api::settings::{logo_json, schemas, settings_content},
    limits,
    problem::Code,
    records::admin::{Logo, Settings},
    refusals,
    rows::admin::SettingsRow,
};
use feira_web::{
    context::Api,
    json::Schemas,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area, VERSION_FIELD},
    settings::submit,
    writes::NotDecided,
};
use http::{Method, StatusCode};
use serde_json::{Map, Value};

use self::{
    model::{Colours, Stale, Typed},
    published::{Part, Section, Sent},
};
use crate::{
    answer,
    audience::SHOP,
    format::moment,
    frame::{Confirm, DONE, Frame, Wrong},
};

const ONE: &str = "/admin/settings";
const LOGO: &str = "/admin/settings/logo";
const REMOVE_LOGO: &str = "/admin/settings/logo/remove";
/// The word for these pages in the navigation.
const HERE: &str = "settings";
/// The name of what a button asks for, behind its `_`, and what it says where the colour is only to be looked at.
const ACT_FIELD: &str = "act";
const PREVIEW: &str = "preview";
/// The name of the input with the logo's file.
const FILE: &str = "/file";
/// Bytes of a form with policies: three times 20,000 characters, of which browsers write some as twelve, beside a token.
const POLICY_FORM_BYTES: usize = 1024 * 1024;
/// Bytes of a form beside the file itself: boundaries and a token.
const BESIDE_FILE: usize = 64 * 1024;
/// An upload may take longer than a request of text: 20 MiB over a telephone.
const UPLOAD: Duration = Duration::from_secs(60);

/// The JSON schemas that forms are checked against, as bodies of the API are.
static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(schemas()));

pub(crate) fn routes() -> Vec<Route> {
    let shows = |route: Route| SHOP.asks(route, Access::read(Area::Settings));
    let does = |route: Route| SHOP.does(route, Access::write(Area::Settings));
    let file = vec![("multipart/form-data", "Form")];
    vec![
        shows(Route::get(ONE, show)).query([DONE]).says("Shows the shop's settings and the forms that change them."),
        does(Route::new(Method::POST, ONE, change))
            .says("Changes the shop's settings, if nobody else has meanwhile; or only shows what a colour looks like."),
        does(Route::new(Method::POST, Part::Contact.action(), change_contact))
            .says("Changes how the shop is reached, if nobody else has changed its settings meanwhile."),
        does(Route::new(Method::POST, Part::Seller.action(), change_seller))
            .says("Changes what the shop says of who sells, if nobody else has changed its settings meanwhile."),
        does(Route::new(Method::POST, Part::Policies.action(), change_policies))
            .takes(vec![("application/x-www-form-urlencoded", "Form")], POLICY_FORM_BYTES)
            .says("Changes the shop's policies, if nobody else has changed its settings meanwhile."),
        does(Route::new(Method::POST, LOGO, set_logo))
            .takes(file, limits::IMAGE_BYTES + BESIDE_FILE)
            .within(UPLOAD)
            .says("Sets the shop's logo."),
        shows(Route::get(REMOVE_LOGO, ask_remove)).says("Asks whether the logo is to be removed."),
        does(Route::new(Method::POST, REMOVE_LOGO, remove_logo)).says("Removes the logo."),
    ]
}

/// The logo as it is.
struct Picture {
    url: String,
    width: i32,
    height: i32,
}

/// What is shown again of a form that was sent.
#[derive(Default)]
struct Again {
    /// What was typed; none is what is kept.
    typed: Option<Typed>,
    wrong: Wrong,
    refused: Option<String>,
    is_stale: bool,
    /// True if a colour is only looked at.
    is_preview: bool,
    /// What is wrong with the logo's file.
    logo: Option<String>,
    /// The part with a form of its own that was sent.
    sent: Option<Sent>,
}

/// The page.
#[derive(Template)]
#[template(path = "settings/settings.html")]
struct Page<'a> {
    frame: &'a Frame,
    version: String,
    typed: Typed,
    wrong: Wrong,
    refused: Option<String>,
    stale: Option<Stale>,
    is_preview: bool,
    /// None where what was typed is no colour.
    colours: Option<Colours>,
    logo: Option<Picture>,
    logo_wrong: Option<String>,
    /// The version of the settings as they are, which the logo's form changes.
    present: i64,
    changed: String,
    may_change: bool,
    /// The parts with a form each: contact, seller, policies.
    sections: Vec<Section>,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    draw(&api, &request, StatusCode::OK, Again::default()).await
}

async fn draw(api: &Api, request: &Request, code: StatusCode, again: Again) -> Result<Response, Problem> {
    let settings = settings::load(api, request).await?;
    let (present, sent) = (settings.version, again.typed.is_some());
    let version = match request.form.said(VERSION_FIELD) {
        Some(version) if sent && !again.is_stale => version.to_owned(),
        _ => present.to_string(),
    };
    let typed = again.typed.unwrap_or_else(|| Typed::of(&settings));
    let stale = again.is_stale.then(|| Stale { differs: typed.differs(&settings) });
    let sections = published::sections(&settings, &request.form, request.form.said(VERSION_FIELD), again.sent.as_ref());
    let frame = Frame::around(api, request, HERE).await?;
    let page = Page {
        frame: &frame,
        version,
        colours: model::colours(&typed.accent),
        typed,
        wrong: again.wrong,
        refused: again.refused,
        stale,
        is_preview: again.is_preview,
        logo: settings.logo.as_ref().map(picture),
        logo_wrong: again.logo,
        present,
        changed: moment(settings.updated_at),
        may_change: request.session()?.may(Access::write(Area::Settings)),
        sections,
    };
    answer::page(code, page.render())
}

/// The logo's address and its sides in pixels; a file that does not say them is shown in a usual size.
fn picture(logo: &Logo) -> Picture {
    let url = logo_json(logo)["url"].as_str().unwrap_or_default().to_owned();
    Picture { url, width: logo.width.unwrap_or(480), height: logo.height.unwrap_or(160) }
}

async fn change(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let patch = request.form.patch(&BODIES, "SettingsPatch");
    if request.form.said(ACT_FIELD) == Some(PREVIEW) {
        return preview(&api, &request, patch).await;
    }
    let changed = match patch {
        Ok(patch) => submit(&api, &request, request.tenant, &patch).await,
        Err(problem) => Err(problem.into()),
    };
    match changed {
        Ok(_) => Ok(answer::done(ONE, "settings-saved")),
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            let is_stale = problem.code == Code::VersionMismatch;
            let (refused, code) = (refused(&problem).filter(|_| !is_stale), problem.status());
            let (typed, wrong) = (Some(Typed::sent(&request.form)), Wrong(problem.errors));
            draw(&api, &request, code, Again { typed, wrong, refused, is_stale, ..Again::default() }).await
        }
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, HERE).await?, ONE, not_decided),
    }
}

async fn change_contact(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    change_part(&api, &request, Part::Contact).await
}

async fn change_seller(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    change_part(&api, &request, Part::Seller).await
}

async fn change_policies(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    change_part(&api, &request, Part::Policies).await
}

/// Changes what one part's form holds; the rest of the settings stays.
async fn change_part(api: &Api, request: &Request, part: Part) -> Result<Response, Problem> {
    let changed = match request.form.patch(&BODIES, "SettingsPatch") {
        Ok(patch) => submit(api, request, request.tenant, &patch).await,
        Err(problem) => Err(problem.into()),
    };
    match changed {
        Ok(_) => Ok(answer::done(ONE, "settings-saved")),
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            let is_stale = problem.code == Code::VersionMismatch;
            let (refused, code) = (refused(&problem).filter(|_| !is_stale), problem.status());
            let sent = Some(Sent { part, wrong: Wrong(problem.errors), refused, is_stale });
            draw(api, request, code, Again { sent, ..Again::default() }).await
        }
        Err(not_decided) => answer::not_decided(&Frame::around(api, request, HERE).await?, ONE, not_decided),
    }
}

/// What a shop has said of itself.
pub(crate) struct Said {
    /// What the law asks for and is missing.
    pub lacks: Vec<&'static str>,
    pub has_logo: bool,
    pub has_policies: bool,
}

/// What the request's shop has said of itself, for who may see its settings; none for others.
pub(crate) async fn said(api: &Api, request: &Request) -> Result<Option<Said>, Problem> {
    if !request.session()?.may(Access::read(Area::Settings)) {
        return Ok(None);
    }
    let row = api.platform.state.get::<SettingsRow>(&SettingsRow::at(request.tenant)).await?;
    Ok(row.map(|SettingsRow { settings, .. }| Said {
        lacks: published::lacks(&settings),
        has_logo: settings.logo.is_some(),
        has_policies: published::has_policies(&settings),
    }))
}

/// The page with what was typed, which is checked and kept nowhere.
async fn preview(
    api: &Api,
    request: &Request,
    patch: Result<Map<String, Value>, Problem>,
) -> Result<Response, Problem> {
    let checked = patch.and_then(|patch| settings_content(&patch).map_err(Problem::fields));
    let typed = Some(Typed::sent(&request.form));
    let (code, wrong) = match checked {
        Ok(_) => (StatusCode::OK, Wrong::default()),
        Err(problem) => (problem.status(), Wrong(problem.errors)),
    };
    let is_preview = wrong.is_empty();
    draw(api, request, code, Again { typed, wrong, is_preview, ..Again::default() }).await
}

/// What is wrong with a form as a whole, where no field is to blame.
fn refused(problem: &Problem) -> Option<String> {
    problem.errors.is_empty().then(|| problem.detail.clone())
}

async fn set_logo(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let file = request.form.files.iter().find(|file| file.name == FILE).map(|file| file.bytes.clone());
    let wrong = match &file {
        None => Some("Escolha o arquivo do logotipo.".to_owned()),
        Some(file) if file.is_empty() => Some(refusals::EMPTY_FILE.to_owned()),
        Some(file) if file.len() > limits::IMAGE_BYTES => Some(refusals::image_bytes()),
        Some(_) => None,
    };
    let file = match (wrong, file) {
        (None, Some(file)) => file,
        (logo, _) => {
            let again = Again { logo, ..Again::default() };
            return draw(&api, &request, StatusCode::UNPROCESSABLE_ENTITY, again).await;
        }
    };
    match logo::submit(&api, &request, file).await {
        Ok(_) => Ok(answer::done(ONE, "logo-saved")),
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            let code = problem.status();
            draw(&api, &request, code, Again { logo: Some(logo_refused(&problem)), ..Again::default() }).await
        }
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, HERE).await?, ONE, not_decided),
    }
}

/// Says why a logo was not taken.
fn logo_refused(problem: &Problem) -> String {
    if problem.code == Code::VersionMismatch {
        return "As configurações mudaram enquanto esta página estava aberta. Escolha o arquivo e envie de novo."
            .to_owned();
    }
    problem.errors.first().map_or_else(|| problem.detail.clone(), |error| error.detail.clone())
}

async fn ask_remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let Settings { logo: Some(_), .. } = settings::load(&api, &request).await? else {
        return Err(Problem::not_found("O logotipo"));
    };
    let frame = Frame::around(&api, &request, HERE).await?;
    let (title, text) =
        ("Remover o logotipo?", "No lugar dele a loja mostra o nome. Você pode enviar outro quando quiser.");
    let (action, word, back) = (REMOVE_LOGO, "Remover", ONE);
    answer::page(StatusCode::OK, Confirm { frame: &frame, title, text, action, word, risky: true, back }.html())
}

async fn remove_logo(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    match logo::remove(&api, &request).await {
        Ok(_) => Ok(answer::done(ONE, "logo-removed")),
        Err(not_decided) => answer::not_decided(&Frame::around(&api, &request, HERE).await?, ONE, not_decided),
    }
}
