//! `/operator/shops/{id}/settings`: what a shop is called and looks like, changed by the door by which the API changes it.

use std::sync::{Arc, LazyLock};

use askama::Template;
use feira_schemas::{
    api::settings::schemas, ids::TenantId, problem::Code, records::admin::Settings, refusals, rows::admin::SettingsRow,
};
use feira_web::{
    context::Api,
    json::{self, Schemas},
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
    sessions::VERSION_FIELD,
    settings,
    writes::NotDecided,
};
use http::{Method, StatusCode};
use serde_json::json;

use super::{asks, does, found, page_of};
use crate::{
    answer,
    frame::{Frame, Wrong},
};

/// The JSON schemas that forms are checked against, as bodies of the API are.
static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(schemas()));

pub(super) fn routes() -> Vec<Route> {
    let form = "/operator/shops/{id}/settings";
    vec![
        asks(Route::get(form, show)).says("Shows the form by which a shop's name and look are changed."),
        does(Route::new(Method::POST, form, change))
            .says("Changes a shop's name and look, if nobody else has meanwhile."),
    ]
}

/// What is typed into the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Typed {
    shop_name: String,
    tagline: String,
    accent: String,
}

impl Typed {
    fn of(settings: &Settings) -> Self {
        Self {
            shop_name: settings.shop_name.clone(),
            tagline: settings.tagline.clone().unwrap_or_default(),
            accent: settings.accent.clone().unwrap_or_default(),
        }
    }

    fn sent(request: &Request) -> Self {
        let text = |name| request.form.text(name).unwrap_or_default().trim().to_owned();
        Self { shop_name: text("/shop_name"), tagline: text("/tagline"), accent: text("/accent") }
    }

    /// The fields in which what is kept differs from what is typed: the field's word, and what is kept.
    fn differs(&self, kept: &Settings) -> Vec<(&'static str, String)> {
        let kept = Self::of(kept);
        let all = [
            ("Nome", self.shop_name == kept.shop_name, kept.shop_name),
            ("Frase", self.tagline == kept.tagline, kept.tagline),
            ("Cor", self.accent.is_empty() || self.accent == kept.accent, kept.accent),
        ];
        all.into_iter().filter(|(_, same, _)| !same).map(|(word, _, kept)| (word, kept)).collect()
    }
}

/// What the form says where it is shown again.
#[derive(Default)]
struct Said {
    wrong: Wrong,
    refused: Option<String>,
    /// The fields in which what somebody else has kept meanwhile differs; none where nobody has.
    stale: Option<Vec<(&'static str, String)>>,
}

/// The form.
#[derive(Template)]
#[template(path = "shop/settings.html")]
struct Page<'a> {
    frame: &'a Frame,
    name: &'a str,
    /// The shop's page.
    back: &'a str,
    version: String,
    typed: Typed,
    said: Said,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (shop, _) = found(&api, &request).await?;
    let kept = kept(&api, shop.tenant_id).await?;
    draw(&api, &request, StatusCode::OK, Typed::of(&kept), kept.version.to_string(), Said::default()).await
}

/// The settings of a shop as they are kept.
async fn kept(api: &Api, tenant: TenantId) -> Result<Settings, Problem> {
    let row = api.platform.state.get::<SettingsRow>(&SettingsRow::at(tenant)).await?;
    row.map(|row| row.settings).ok_or_else(|| Problem::new(Code::NotFound, refusals::NO_SUCH_SHOP))
}

async fn draw(
    api: &Api,
    request: &Request,
    code: StatusCode,
    typed: Typed,
    version: String,
    said: Said,
) -> Result<Response, Problem> {
    let (shop, name) = found(api, request).await?;
    let (frame, back) = (Frame::around(api, request, "shops").await?, page_of(&shop));
    answer::page(code, Page { frame: &frame, name: &name, back: &back, version, typed, said }.render())
}

async fn change(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (shop, _) = found(&api, &request).await?;
    let typed = Typed::sent(&request);
    let mut patch = json!({"shop_name": typed.shop_name, "tagline": typed.tagline});
    // A colour can be another one, and not none.
    if !typed.accent.is_empty() {
        patch["accent"] = json!(typed.accent);
    }
    let changed = match json::patch_of(&BODIES, patch, "SettingsPatch") {
        Ok(patch) => settings::submit(&api, &request, shop.tenant_id, &patch).await,
        Err(problem) => Err(problem.into()),
    };
    match changed {
        Ok(_) => Ok(answer::done(&page_of(&shop), "shop-saved")),
        Err(NotDecided::Problem(problem)) if problem.status().is_client_error() => {
            again(&api, &request, shop.tenant_id, typed, problem).await
        }
        Err(not_decided) => {
            answer::not_decided(&Frame::around(&api, &request, "shops").await?, &page_of(&shop), not_decided)
        }
    }
}

/// The form with what is wrong and all that was typed. Where somebody else has changed the shop meanwhile, it says what differs, and sent
/// once more it changes what is kept now.
async fn again(
    api: &Api,
    request: &Request,
    tenant: TenantId,
    typed: Typed,
    problem: Problem,
) -> Result<Response, Problem> {
    let code = problem.status();
    if problem.code == Code::VersionMismatch {
        let kept = kept(api, tenant).await?;
        let said = Said { stale: Some(typed.differs(&kept)), ..Said::default() };
        return draw(api, request, code, typed, kept.version.to_string(), said).await;
    }
    let version = request.form.said(VERSION_FIELD).unwrap_or_default().to_owned();
    let refused = problem.errors.is_empty().then(|| problem.detail.clone());
    let said = Said { wrong: Wrong(problem.errors), refused, stale: None };
    draw(api, request, code, typed, version, said).await
}
