//! The frame around every page of the site, and pages that say one thing.

use askama::Template;
use feira_web::{context::Api, problem::Problem, reply::Response};
use http::StatusCode;

use crate::answer;

/// What every page has around it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frame {
    /// The page's entry in the navigation; empty for none.
    pub here: &'static str,
    /// True where no money moves.
    pub simulated: bool,
    /// The page on which a payment is made by hand, where payments are simulated by this process.
    pub simulator: Option<String>,
}

impl Frame {
    /// The frame around a page of this process.
    pub fn of(api: &Api, here: &'static str) -> Self {
        let simulator = api.simulation.as_ref().map(|simulation| format!("{}/", simulation.address));
        Self { here, simulated: simulator.is_some(), simulator }
    }

    /// The same frame, of a page of payments of which no money moves, as their account says.
    pub fn simulated_by(self, account: bool) -> Self {
        Self { simulated: self.simulated || account, ..self }
    }
}

/// A page that says one thing.
#[derive(Template)]
#[template(path = "frame/message.html")]
struct Message<'a> {
    frame: &'a Frame,
    title: &'a str,
    text: &'a str,
}

/// A page that says one thing, with a way to the plans.
pub(crate) fn message(api: &Api, status: StatusCode, title: &str, text: &str) -> Result<Response, Problem> {
    let frame = Frame::of(api, "");
    answer::page(status, Message { frame: &frame, title, text }.render(), None)
}

/// The answer; in the place of a problem the page that says it.
pub(crate) fn or_message(api: &Api, answered: Result<Response, Problem>) -> Result<Response, Problem> {
    let problem = match answered {
        Ok(response) => return Ok(response),
        Err(problem) => problem,
    };
    let title = match problem.status() {
        StatusCode::NOT_FOUND => "Não encontramos esta página",
        StatusCode::SERVICE_UNAVAILABLE => "Estamos fora do ar por um instante",
        StatusCode::TOO_MANY_REQUESTS => "Espere um pouco",
        _ => "Não deu certo",
    };
    let mut response = message(api, problem.status(), title, &problem.detail)?;
    response.headers_mut().extend(problem.headers);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_typed_never_becomes_markup() {
        let frame = Frame::default();
        let html = Message { frame: &frame, title: "<b>", text: "<img src=x onerror=alert(1)>" }.render();
        let html = html.unwrap_or_default();
        assert!(html.contains("&#60;img") && !html.contains("<img") && !html.contains("<b>"), "{html}");
        assert!(!html.contains("nenhum dinheiro se move"), "payments are real here");
    }

    #[test]
    fn every_page_says_that_no_money_moves_where_none_does() {
        let frame = Frame { simulator: Some("http://127.0.0.1:8091/".into()), simulated: true, here: "" };
        let html = Message { frame: &frame, title: "a", text: "b" }.render().unwrap_or_default();
        assert!(html.contains("Pagamentos simulados: nenhum dinheiro se move."), "{html}");
        assert!(html.contains("href=\"http://127.0.0.1:8091/\""), "{html}");
        let by_account = Frame::default().simulated_by(true);
        let html = Message { frame: &by_account, title: "a", text: "b" }.render().unwrap_or_default();
        assert!(html.contains("nenhum dinheiro se move"), "{html}");
    }
}
