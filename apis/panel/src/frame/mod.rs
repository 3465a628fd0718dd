//! The frame around every page: who is logged in, the areas that it may see, and what was just done.

mod nav;

use askama::Template;
use feira_schemas::problem::FieldError;
use feira_web::{
    context::Api,
    opening::opened,
    problem::Problem,
    routing::{Kind, Parameter, Request},
    sessions::{Holder, Visitor, visitor},
};
use uuid::Uuid;

use self::nav::Entry;
use crate::{assets, audience::House};

/// The parameter by which a page is told what was just done.
pub(crate) const DONE: Parameter = Parameter::new("done", Kind::Text(32), "A word for what was just done.");
/// The word for what is kept and not decided yet.
pub(crate) const SENT_OFF: &str = "pending";

/// The word for a link that was asked for, whether somebody gets it or not.
pub(crate) const MAILED: &str = "mailed";

/// What is said of each word; others say nothing.
const NOTICES: &[(&str, &str)] = &[
    ("out", "Você saiu."),
    ("ended", "Suas sessões foram encerradas em todos os aparelhos."),
    ("password", "Sua senha foi guardada. Entre com ela."),
    ("password-asked", "Enviamos a você um link para criar outra senha. Ele vale por 2 horas."),
    (
        MAILED,
        "Se este e-mail é de alguém da equipe, enviamos a ele um link para criar outra senha. O link vale por 2 horas.",
    ),
    ("suspended", "A loja foi suspensa: está fechada para compradores, e nada nela pode ser alterado."),
    ("resumed", "A loja foi reaberta."),
    ("disabled", "O acesso foi desativado, e as sessões dessa pessoa terminaram."),
    ("enabled", "O acesso foi reativado."),
    ("sessions", "As sessões dessa pessoa foram encerradas."),
    ("plan-made", "O plano foi criado. O gateway é pedido em seguida, se o plano aceita cartão."),
    ("plan-saved", "O plano foi guardado."),
    ("plan-active", "O plano está ativo: novas lojas podem assiná-lo."),
    ("plan-inactive", "O plano está inativo: ninguém mais o assina, e quem já assinou continua."),
    ("plan-asked", "O plano foi pedido de novo ao gateway. A resposta aparece aqui em instantes."),
    ("put-back", "A mensagem foi devolvida ao tópico e será processada de novo."),
    ("discarded", "A mensagem foi descartada, com o motivo que você informou."),
    ("method-saved", "A forma de pagamento foi guardada."),
    ("method-removed", "A forma de pagamento foi retirada."),
    ("shipping-made", "A forma de entrega foi criada."),
    ("shipping-saved", "A forma de entrega foi guardada."),
    ("shipping-moved", "A ordem das formas de entrega foi guardada."),
    ("shipping-removed", "A forma de entrega foi excluída."),
    ("product-made", "O produto foi criado. Agora ele pode ter imagens."),
    ("product-saved", "O produto foi guardado."),
    ("product-deleted", "O produto foi apagado."),
    ("product-images", "As imagens foram enviadas."),
    ("product-image-saved", "O texto da imagem foi guardado."),
    ("product-image-moved", "A ordem das imagens foi guardada."),
    ("product-image-removed", "A imagem foi removida."),
    ("category-made", "A categoria foi criada."),
    ("category-saved", "A categoria foi salva."),
    ("category-deleted", "A categoria foi apagada."),
    ("coupon-made", "O cupom foi criado."),
    ("coupon-saved", "O cupom foi guardado."),
    ("coupon-removed", "O cupom foi excluído."),
    ("stock-saved", "O estoque foi atualizado."),
    ("settings-saved", "As configurações foram salvas."),
    ("logo-saved", "O logotipo foi trocado."),
    ("logo-removed", "O logotipo foi removido."),
    ("domain-claimed", "O domínio foi pedido. Crie agora no DNS os registros que estão abaixo."),
    ("domain-checked", "O DNS foi consultado de novo. O que foi encontrado está abaixo, ou aparece em instantes."),
    ("domain-withdrawn", "O domínio foi retirado, e a loja fica no endereço da plataforma."),
    ("gateway-made", "A conta foi criada, e a chave foi enviada ao gateway para teste. O resultado está abaixo."),
    ("gateway-saved", "A conta foi salva."),
    ("gateway-default", "Agora é para esta conta que vão Pix e boleto."),
    ("gateway-retired", "A conta foi aposentada e não recebe novas cobranças."),
    ("member-saved", "O acesso dessa pessoa foi guardado e vale a partir de agora."),
    ("group-made", "O grupo foi criado. Ponha nele quem precisa do que ele dá."),
    ("group-saved", "O grupo foi guardado e vale a partir de agora para quem está nele."),
    ("group-removed", "O grupo foi excluído, e ninguém mais tem o que ele dava."),
    ("token-ended", "O token foi encerrado: quem o usa não entra mais na API."),
    ("shop-saved", "Os dados da loja foram guardados."),
    ("shop-closed", "A loja foi encerrada. O endereço dela fica guardado por 90 dias."),
    ("shop-alone", "A loja foi criada, mas o convite não saiu. Convide quem a administra nesta página."),
    (
        "shop-waits",
        "A loja está sendo criada, e ninguém foi convidado ainda. Quando ela abrir, convide na página dela quem a administra.",
    ),
    (SENT_OFF, "A solicitação foi registrada e será decidida em instantes. Recarregue a página para ver o resultado."),
];

/// Somebody who is logged in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub name: String,
    /// The areas to go to.
    pub entries: Vec<Entry>,
}

/// What every page has around it.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub house: House,
    pub person: Option<Person>,
    /// The word of the page's entry in the navigation ([`nav`]); one that nobody knows marks none.
    pub here: &'static str,
    /// The token of the page's forms.
    pub token: String,
    /// The `Idempotency-Key` of the page's form, new each time.
    pub key: Uuid,
    pub notice: Option<&'static str>,
}

impl Frame {
    /// The frame around a page of somebody who is logged in.
    pub async fn around(api: &Api, request: &Request, here: &'static str) -> Result<Self, Problem> {
        let (session, house) = (request.session()?, House::of(api, request).await?);
        let name = opened(api, request.tenant, &session.member.name).await?;
        let person = Person {
            name: name.map_or_else(|| ERASED.to_owned(), |name| name.expose().to_owned()),
            entries: nav::entries(house.audience.kind(), &session.permissions, here),
        };
        let notice = notice(request.query.text(DONE.name));
        Ok(Self { house, person: Some(person), here, token: session.holder().token(api), key: Uuid::new_v4(), notice })
    }

    /// The address of the stylesheet.
    pub fn stylesheet(&self) -> &'static str {
        assets::stylesheet(self.house.audience)
    }

    /// The address of the script, without which every page works as well.
    pub fn script(&self) -> &'static str {
        assets::script(self.house.audience)
    }

    /// The frame around a page of somebody who is not, with the visitor's cookie.
    pub fn of_visitor(api: &Api, request: &Request, house: House) -> (Self, Visitor) {
        let visitor = visitor(&request.headers);
        let token = Holder::Visitor(&visitor.cookie).token(api);
        let notice = notice(request.query.text(DONE.name));
        (Self { house, person: None, here: "", token, key: Uuid::new_v4(), notice }, visitor)
    }
}

/// What stands in the place of what was erased.
pub(crate) const ERASED: &str = "(apagado)";

fn notice(word: Option<&str>) -> Option<&'static str> {
    let word = word?;
    NOTICES.iter().find(|(known, _)| *known == word).map(|(_, notice)| *notice)
}

/// What is wrong with a form, by its fields.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wrong(pub Vec<FieldError>);

impl Wrong {
    /// True if nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with the field that has this name, or with a part of it.
    pub fn at(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|error| is_of(error, name)).map(|error| error.detail.as_str())
    }

    /// True if this field is the first one that is wrong: it is looked at first.
    pub fn begins_at(&self, name: &str) -> bool {
        self.0.first().is_some_and(|error| is_of(error, name))
    }
}

fn is_of(error: &FieldError, name: &str) -> bool {
    error.pointer.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A page that says one thing.
#[derive(Template)]
#[template(path = "frame/message.html")]
pub(crate) struct Message<'a> {
    pub frame: &'a Frame,
    pub title: &'a str,
    pub text: &'a str,
    /// The page that it leads back to.
    pub back: Option<&'a str>,
}

impl Message<'_> {
    pub fn html(&self) -> askama::Result<String> {
        self.render()
    }
}

/// A page that asks once more before something is done.
pub(crate) struct Confirm<'a> {
    pub frame: &'a Frame,
    pub title: &'a str,
    pub text: &'a str,
    /// The address that does it.
    pub action: &'a str,
    /// The word on the button that does it.
    pub word: &'a str,
    pub risky: bool,
    pub back: &'a str,
}

/// The page of [`Confirm`].
#[derive(Template)]
#[template(path = "frame/confirm.html")]
struct ConfirmPage<'a> {
    frame: &'a Frame,
    asked: &'a Confirm<'a>,
    /// The version that the answer is for; none of what has none.
    version: Option<i64>,
}

impl Confirm<'_> {
    pub fn html(&self) -> askama::Result<String> {
        ConfirmPage { frame: self.frame, asked: self, version: None }.render()
    }

    /// The page of something that is done in this version alone: what was asked about is what is done away with.
    pub fn html_for(&self, version: i64) -> askama::Result<String> {
        ConfirmPage { frame: self.frame, asked: self, version: Some(version) }.render()
    }
}

#[cfg(test)]
mod tests {
    use feira_schemas::problem::Code;

    use super::*;
    use crate::audience::SHOP;

    #[test]
    fn a_notice_is_one_of_ours_whatever_the_address_says() {
        assert_eq!(notice(Some("out")), Some("Você saiu."));
        for other in [None, Some(""), Some("Sua senha venceu, ligue para…")] {
            assert_eq!(notice(other), None);
        }
    }

    #[test]
    fn what_is_wrong_stands_at_its_field_and_the_first_of_them_is_looked_at() {
        let error = |pointer: &str| FieldError::new(pointer, Code::Invalid, format!("{pointer} não serve"));
        let wrong = Wrong(vec![error("/roles/0"), error("/name")]);
        assert_eq!(wrong.at("/roles"), Some("/roles/0 não serve"));
        assert_eq!((wrong.at("/role"), wrong.at("/email")), (None, None));
        assert!(wrong.begins_at("/roles") && !wrong.begins_at("/name"));
    }

    #[test]
    fn what_people_typed_never_becomes_markup() {
        let name = "<script>alert(1)</script>".to_owned();
        let house = House { audience: SHOP, name: name.clone(), shop: None };
        let person = Person { name, entries: Vec::new() };
        let (token, key) = (String::new(), Uuid::nil());
        let frame = Frame { house, person: Some(person), here: "", token, key, notice: None };
        let text = "<img src=x onerror=alert(1)>";
        let html = Message { frame: &frame, title: text, text, back: Some("/\"><b>") }.html();
        let html = html.unwrap_or_default();
        assert!(html.contains("&#60;script&#62;") && html.contains("&#60;img"), "{html}");
        assert!(!html.contains("<script>") && !html.contains("<img") && !html.contains("<b>"), "{html}");
    }
}
