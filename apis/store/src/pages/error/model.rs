//! Pages that say why there is nothing to see: not found, suspended, closed for good, failed.

use crate::pages::filters;
use crate::pages::pieces::{Card, Shop};
use askama::Template;
use feira_web::theme::Theme;

/// The title where nothing is found.
const LOST: &str = "Página não encontrada";

/// A path that leads nowhere inside a shop (404): the shop's menu and search stay around it.
#[derive(Debug, Template)]
#[template(path = "error/not_found.html")]
pub struct NotFound<'a> {
    /// The shop around it.
    pub shop: &'a Shop,
    /// The kind of page that was looked for.
    pub what: Missing,
    /// Products to go on with; five fill a row.
    pub suggestions: Vec<Card>,
    /// See [`Failure::reference`].
    pub reference: Option<String>,
}

/// The kind of page that a path inside a shop was meant to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Any other page.
    Page,
    /// A product that does not exist or is not published.
    Product,
    /// A category that does not exist.
    Category,
}

/// A host that no shop holds (404).
#[derive(Debug, Template)]
#[template(path = "error/unknown_shop.html")]
pub struct UnknownShop {
    /// The host as it was asked for; empty where it is not known any more.
    pub host: String,
    /// The platform's own address, when there is a page to lead to.
    pub platform_url: Option<String>,
}

/// A shop that is not served for the time being (503).
#[derive(Debug, Template)]
#[template(path = "error/suspended.html")]
pub struct Suspended {
    /// The shop's name.
    pub shop_name: String,
    /// The shop's look.
    pub theme: Theme,
}

/// A shop that is closed for good (410).
#[derive(Debug, Template)]
#[template(path = "error/closed.html")]
pub struct Closed {
    /// The shop's name.
    pub shop_name: String,
    /// The shop's look.
    pub theme: Theme,
}

/// A request that is not answered with what it asked for, by whatever fault.
#[derive(Debug, Template)]
#[template(path = "error/failure.html")]
pub struct Failure {
    /// The HTTP status.
    pub status: u16,
    /// The problem's sentence; said where the fault is not ours.
    pub detail: String,
    /// The shop's name, when it was known by then.
    pub shop_name: Option<String>,
    /// The shop's look, or the default.
    pub theme: Theme,
    /// The reference to tell whoever runs the shop, so that they find the failure in the logs.
    pub reference: Option<String>,
}

/// [`NotFound`] as HTML.
pub fn render_not_found(page: &NotFound<'_>) -> askama::Result<String> {
    page.render()
}

/// [`UnknownShop`] as HTML.
pub fn render_unknown_shop(page: &UnknownShop) -> askama::Result<String> {
    page.render()
}

/// [`Suspended`] as HTML.
pub fn render_suspended(page: &Suspended) -> askama::Result<String> {
    page.render()
}

/// [`Closed`] as HTML.
pub fn render_closed(page: &Closed) -> askama::Result<String> {
    page.render()
}

/// [`Failure`] as HTML.
pub fn render_failure(page: &Failure) -> askama::Result<String> {
    page.render()
}

impl NotFound<'_> {
    fn here(&self) -> &str {
        ""
    }

    fn title(&self) -> &'static str {
        match self.what {
            Missing::Page => LOST,
            Missing::Product => "Produto não encontrado",
            Missing::Category => "Categoria não encontrada",
        }
    }

    fn explanation(&self) -> &'static str {
        match self.what {
            Missing::Page => "O endereço pode ter sido digitado errado, ou a página mudou de lugar.",
            Missing::Product => "Ele pode ter saído de linha ou mudado de endereço. Que tal procurar um parecido?",
            Missing::Category => "Ela pode ter mudado de nome. Veja as categorias que a loja tem hoje.",
        }
    }
}

impl UnknownShop {
    fn theme(&self) -> Theme {
        Theme::default()
    }
}

impl Suspended {
    fn theme(&self) -> Theme {
        self.theme
    }
}

impl Closed {
    fn theme(&self) -> Theme {
        self.theme
    }
}

impl Failure {
    fn theme(&self) -> Theme {
        self.theme
    }

    fn title(&self) -> &'static str {
        match self.status {
            401 | 403 => "Acesso não permitido",
            404 => LOST,
            409 | 412 => "Algo mudou enquanto isso",
            413 => "É grande demais",
            429 => "Muitas tentativas em pouco tempo",
            503 => "Voltamos já",
            500.. => "Algo deu errado do nosso lado",
            _ => "Não deu certo",
        }
    }

    fn lead(&self) -> &str {
        match self.status {
            503 => "Uma parte do sistema está se recompondo.",
            500.. => "Não foi culpa sua.",
            _ => &self.detail,
        }
    }

    fn advice(&self) -> &'static str {
        match self.status {
            401 | 403 => "Se você acha que deveria entrar aqui, fale com a loja e informe o código abaixo.",
            404 => "Confira o endereço ou comece pelo início.",
            409 | 412 => "Recarregue a página e veja como está agora.",
            413 => "Volte e envie menos de uma vez.",
            429 => "Espere um pouco e tente de novo.",
            503 => "Espere alguns instantes e tente de novo.",
            500.. => "Tente de novo; se continuar assim, avise a loja.",
            _ => "Volte e confira o que foi enviado.",
        }
    }

    /// True where the same request may be answered a moment later.
    fn may_pass(&self) -> bool {
        matches!(self.status, 409 | 429 | 500..)
    }
}
