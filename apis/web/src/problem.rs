//! A refusal as HTTP says it: RFC 9457 `application/problem+json`. Here, and nowhere else, a code becomes a status.

use feira_connectors::search::ShardError;
use feira_connectors::{files::FilesError, log::LogError, state::StateError};
use feira_schemas::{
    problem::{Code, FieldError, Refusal},
    refusals,
    staff::SHOP_PANEL,
};
use feira_streams::images::NotKept;
use http::{
    HeaderValue, StatusCode,
    header::{self, HeaderName},
};
use serde_json::{Value, json};

use crate::reply::{self, Response};

/// Seconds after which a client may ask again when something of ours is away or busy.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// The looks of pages that are no shop's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// None: a shop's host, which has a look of its own, or an unknown one.
    Plain,
    /// That of the panel at this path, the operators' or a shop's.
    Panel(&'static str),
    /// That of the platform's site.
    Site,
}

/// A problem (RFC 9457): a request that is not answered with what it asked for.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Problem {
    /// The code, one of the closed list; it decides the status.
    pub code: Code,
    /// pt-BR: what is wrong and what to do.
    pub detail: String,
    /// Per field, where fields are to blame.
    pub errors: Vec<FieldError>,
    /// Headers that belong to the answer, such as `Allow`.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

/// The status that a code is answered with.
pub const fn status_of(code: Code) -> StatusCode {
    match code {
        Code::Malformed | Code::BadCursor | Code::BadPosition => StatusCode::BAD_REQUEST,
        Code::Unauthorized => StatusCode::UNAUTHORIZED,
        Code::Forbidden | Code::ShopSuspended | Code::ShopClosed => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::SlugTaken
        | Code::NameTaken
        | Code::CategoryInUse
        | Code::IdempotencyInProgress
        | Code::LimitReached
        | Code::NoAccount
        | Code::PaymentState
        | Code::EmailTaken
        | Code::LastAdministrator
        | Code::LinkSpent
        | Code::StaffDisabled
        | Code::NotGranted
        | Code::TooLate
        | Code::Stale => StatusCode::CONFLICT,
        Code::VersionMismatch => StatusCode::PRECONDITION_FAILED,
        Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UnsupportedMedia => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::Invalid
        | Code::Required
        | Code::TooLong
        | Code::OutOfRange
        | Code::Duplicate
        | Code::UnknownReference
        | Code::NameReserved
        | Code::IdempotencyMismatch
        | Code::InvalidGateway
        | Code::GatewayRefused
        | Code::PlanLimit
        | Code::StockBelowZero => StatusCode::UNPROCESSABLE_ENTITY,
        Code::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::CommandFailed | Code::Internal | Code::Unknown => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The title of a code: the same words whenever it occurs.
const fn title_of(code: Code) -> &'static str {
    match code {
        Code::Malformed => "Solicitação malformada",
        Code::Invalid => "Conteúdo inválido",
        Code::Required => "Campo obrigatório",
        Code::TooLong => "Longo demais",
        Code::OutOfRange => "Fora dos limites",
        Code::Duplicate => "Repetido",
        Code::UnknownReference => "Referência desconhecida",
        Code::NotFound => "Não encontrado",
        Code::MethodNotAllowed => "Método não permitido",
        Code::Unauthorized => "Credencial ausente ou inválida",
        Code::Forbidden => "Sem permissão",
        Code::SlugTaken => "Endereço já usado",
        Code::NameReserved => "Endereço reservado",
        Code::NameTaken => "Endereço de outra loja",
        Code::CategoryInUse => "Categoria em uso",
        Code::VersionMismatch => "Versão diferente",
        Code::IdempotencyMismatch => "Chave de idempotência já usada",
        Code::IdempotencyInProgress => "Solicitação em andamento",
        Code::StockBelowZero => "Estoque insuficiente",
        Code::ShopSuspended => "Loja suspensa",
        Code::ShopClosed => "Loja encerrada",
        Code::Stale => "Ainda não atualizado",
        Code::BadCursor => "Continuação inválida",
        Code::BadPosition => "Posição inválida",
        Code::TooLarge => "Grande demais",
        Code::UnsupportedMedia => "Formato não aceito",
        Code::LimitReached => "Limite alcançado",
        Code::PlanLimit => "Limite do plano",
        Code::InvalidGateway => "Gateway desconhecido",
        Code::NoAccount => "Sem conta no gateway",
        Code::PaymentState => "Pagamento em outra situação",
        Code::GatewayRefused => "Recusado pelo gateway",
        Code::EmailTaken => "E-mail já usado",
        Code::LastAdministrator => "Último administrador",
        Code::LinkSpent => "Link já usado",
        Code::StaffDisabled => "Acesso desativado",
        Code::NotGranted => "Tentativa não autorizada agora",
        Code::TooLate => "Tarde demais",
        Code::TooManyRequests => "Solicitações demais",
        Code::Unavailable => "Indisponível no momento",
        Code::CommandFailed => "Solicitação não processada",
        Code::Internal | Code::Unknown => "Falha nossa",
    }
}

impl Problem {
    /// A problem that no single field is to blame for.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        let mut problem = Self { code, detail: detail.into(), errors: Vec::new(), headers: Vec::new() };
        if matches!(code, Code::Unavailable | Code::TooManyRequests | Code::Stale | Code::IdempotencyInProgress) {
            problem.headers.push((header::RETRY_AFTER, RETRY_AFTER));
        }
        problem
    }

    /// A query parameter or header that can't be read; answered with 400.
    pub fn parameter(pointer: impl Into<String>, code: Code, detail: impl Into<String>) -> Self {
        let error = FieldError::new(pointer, code, detail);
        Self { errors: vec![error.clone()], ..Self::new(Code::Malformed, error.detail) }
    }

    /// A body whose fields are wrong; answered with 422.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        Refusal::fields(errors).into()
    }

    /// There is no such thing in this shop.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, refusals::not_in_this_shop(what))
    }

    /// There is nothing at this address.
    pub fn no_such_address() -> Self {
        Self::new(Code::NotFound, "Não há nada neste endereço.")
    }

    /// The address takes these methods alone, which `Allow` names as well.
    pub fn method_not_allowed(allow: &str) -> Self {
        let problem = Self::new(Code::MethodNotAllowed, format!("Este endereço aceita {allow}."));
        match HeaderValue::try_from(allow) {
            Ok(allow) => problem.with_header(header::ALLOW, allow),
            Err(_) => problem,
        }
    }

    /// The cursor is none that this list gave.
    pub fn bad_cursor() -> Self {
        Self::new(Code::BadCursor, "O parâmetro «after» não é desta lista; use o «next» da página anterior.")
    }

    /// The credential is missing or bad.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(Code::Unauthorized, detail)
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"feira\""))
    }

    /// A fault of ours: logged here, where its details end.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "request failed");
        Self::new(Code::Internal, "Algo falhou do nosso lado. Tente de novo em instantes.")
    }

    /// A dependency is away; nothing was changed by this request.
    pub fn unavailable(error: impl std::fmt::Display) -> Self {
        tracing::warn!(%error, "dependency unavailable");
        Self::new(Code::Unavailable, "O serviço está indisponível no momento. Tente de novo em instantes.")
    }

    /// More was asked for than one may; it may be asked again in so many seconds.
    pub fn too_many(detail: impl Into<String>, seconds: u64) -> Self {
        let mut problem = Self::new(Code::TooManyRequests, detail);
        problem.headers.retain(|(name, _)| name != header::RETRY_AFTER);
        problem.with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// The problem with one more header on its answer.
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The status it is answered with.
    pub const fn status(&self) -> StatusCode {
        status_of(self.code)
    }

    /// The members that RFC 9457 names, and ours.
    pub fn json(&self) -> Value {
        json!({
            "type": format!("urn:feira:problem:{}", self.code),
            "title": title_of(self.code),
            "status": self.status().as_u16(),
            "detail": self.detail,
            "code": self.code,
            "errors": self.errors,
        })
    }

    /// Turns the problem into an answer of `application/problem+json`.
    pub fn into_response(self) -> Response {
        let json = self.json();
        self.said(&json)
    }

    /// Turns the problem into such an answer, with these items of `errors`, which have more members than the usual ones.
    pub fn into_response_with(self, errors: Vec<Value>) -> Response {
        let mut json = self.json();
        json["errors"] = errors.into();
        self.said(&json)
    }

    fn said(self, json: &Value) -> Response {
        let status = self.status();
        let mut response = reply::bytes(json.to_string());
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(self.headers);
        response
    }
}

impl From<ShardError> for Problem {
    fn from(error: ShardError) -> Self {
        match error {
            ShardError::BadCursor => Self::bad_cursor(),
            // A limit of the machine, a full disk, or another process' shard: the same request may be answered a moment later.
            ShardError::Storage { .. } | ShardError::Closed | ShardError::Elsewhere { .. } => Self::unavailable(error),
            ShardError::Config(_) => Self::internal(error),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self { errors: refusal.errors, ..Self::new(refusal.code, refusal.detail) }
    }
}

impl From<StateError> for Problem {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Unavailable(_) | StateError::Broken(_) => Self::unavailable(error),
            StateError::Corrupt(_) | StateError::Refused(_) => Self::internal(error),
        }
    }
}

impl From<FilesError> for Problem {
    fn from(error: FilesError) -> Self {
        match error {
            FilesError::Unavailable(_) => Self::unavailable(error),
            FilesError::Refused(_) => Self::internal(error),
        }
    }
}

impl From<NotKept> for Problem {
    fn from(not_kept: NotKept) -> Self {
        match not_kept {
            NotKept::Refused(refusal) => refusal.into(),
            NotKept::Files(error) => error.into(),
            NotKept::Ours(why) => Self::internal(why),
        }
    }
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Refused(_) | LogError::Corrupt(_) | LogError::TooLarge { .. } => Self::internal(error),
            _ => Self::unavailable(error),
        }
    }
}

impl Problem {
    /// Turns the problem into a page of plain HTML, for where no shop's design is at hand; it names the request (`reference`). A page of a
    /// panel or of the site has its stylesheet, says what to do and leads back to its first page.
    pub fn into_page(self, look: Look, reference: Option<&str>) -> Response {
        let status = self.status();
        let mut response = reply::html(self.plain_html(look, reference));
        *response.status_mut() = status;
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response.headers_mut().extend(self.headers);
        response
    }

    fn plain_html(&self, look: Look, reference: Option<&str>) -> String {
        let (title, detail) = (title_of(self.code), escaped(&self.detail));
        let request = reference.map(request_of).unwrap_or_default();
        let (style, back) = match look {
            Look::Panel(panel) => {
                let back = if panel == SHOP_PANEL { "Voltar ao painel" } else { "Voltar à operação" };
                let advice = advice_of(self.status());
                let way = format!("<p class=\"quiet\">{advice}</p><p><a href=\"{panel}\">{back}</a></p>");
                (stylesheet(&format!("{panel}/assets/panel.css")), way)
            }
            Look::Site => {
                let back = "<p class=\"actions\"><a class=\"button\" href=\"/\">Voltar ao início</a> \
                            <a class=\"button plain\" href=\"/planos\">Ver os planos</a></p>";
                let advice = visitors_advice_of(self.status());
                (stylesheet("/site/assets/site.css"), format!("<p>{advice}</p>{back}"))
            }
            Look::Plain => Default::default(),
        };
        format!(
            "<!doctype html><html lang=\"pt-BR\"><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>{style}\
             <main class=\"wrap\"><div class=\"narrow stack\"><h1>{title}</h1><p>{detail}</p>{back}{request}</div></main></html>"
        )
    }
}

/// Says to who works with a panel what to do about a status.
fn advice_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::FORBIDDEN => "Se você precisa disso para o seu trabalho, peça acesso a quem administra a equipe.",
        StatusCode::NOT_FOUND => {
            "Confira o endereço, ou procure o que quer a partir do painel: talvez tenha sido apagado."
        }
        StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED => "Volte, recarregue a página e veja como está agora.",
        StatusCode::PAYLOAD_TOO_LARGE => "Volte e envie menos de uma vez, ou um arquivo menor.",
        StatusCode::TOO_MANY_REQUESTS => "Espere um pouco e tente de novo. Nada do que você já salvou se perdeu.",
        status if status.is_server_error() => {
            "Volte e tente de novo em alguns instantes. Se continuar, fale com o suporte e informe o código abaixo."
        }
        _ => "Volte à página anterior e confira o que foi enviado.",
    }
}

/// Says to a visitor of the platform's site what to do about a status.
fn visitors_advice_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::FORBIDDEN => {
            "Se você acha que deveria ver esta página, fale com o suporte e informe o código abaixo."
        }
        StatusCode::NOT_FOUND => "Confira o endereço, ou comece pelo início.",
        status => advice_of(status),
    }
}

/// Names a request on a page.
fn request_of(reference: &str) -> String {
    format!("<p class=\"small quiet\">Código do erro: {}</p>", escaped(reference))
}

/// The stylesheet at an address.
fn stylesheet(address: &str) -> String {
    format!("<link rel=\"stylesheet\" href=\"{address}\">")
}

/// A text between tags.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(detail: &str, look: Look) -> String {
        Problem::new(Code::Forbidden, detail).plain_html(look, Some("018f-<b>"))
    }

    #[test]
    fn a_plain_page_says_its_sentence_as_it_is_and_runs_nothing() {
        let page = page("Não há <script>alert(1)</script> & mais.", Look::Plain);
        assert!(page.contains("<p>Não há &lt;script&gt;alert(1)&lt;/script&gt; &amp; mais.</p>"), "{page}");
        assert!(!page.contains("style") && !page.contains("/operator"), "{page}");
    }

    #[test]
    fn a_plain_page_of_the_panel_has_its_stylesheet_and_a_way_back() {
        for (panel, back) in [("/operator", "Voltar à operação"), (SHOP_PANEL, "Voltar ao painel")] {
            let page = page("Não há nada aqui.", Look::Panel(panel));
            assert!(page.contains(&format!("rel=\"stylesheet\" href=\"{panel}/assets/panel.css\"")), "{page}");
            assert!(page.contains(&format!("href=\"{panel}\">{back}<")) && !page.contains("style="), "{page}");
            assert!(page.contains("peça acesso a quem") && page.contains("Código do erro: 018f-&lt;b&gt;"), "{page}");
        }
    }

    #[test]
    fn a_plain_page_of_the_site_has_its_stylesheet_and_a_way_on() {
        let page = page("Não há nada aqui.", Look::Site);
        let style = "rel=\"stylesheet\" href=\"/site/assets/site.css\"";
        assert!(page.contains(style) && !page.contains("style="), "{page}");
        assert!(page.contains("href=\"/\"") && page.contains("href=\"/planos\""), "{page}");
        assert!(page.contains("fale com o suporte") && page.contains("Código do erro: 018f-&lt;b&gt;"), "{page}");
    }
}
