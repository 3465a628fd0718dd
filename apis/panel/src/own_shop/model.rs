//! What a shop's first page says.

use feira_api_admin::{listing::Counts, low_stock};
use feira_schemas::{
    access::{Access, Area},
    records::{admin::TenantStatus, signup::PlanLimits},
};

use crate::format::whole;

/// A step that somebody may do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub href: &'static str,
    pub words: &'static str,
    pub is_done: bool,
}

/// What is known of a shop: none of what somebody may not see, or what could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Known {
    pub products: Option<u64>,
    pub has_logo: Option<bool>,
    pub has_policies: Option<bool>,
    /// True if nothing is missing for a buyer to pay.
    pub may_be_paid: Option<bool>,
    /// True if buyers are offered a way of delivery.
    pub has_shipping: Option<bool>,
}

/// Something to be done about products or their stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Matter {
    /// The list of just these.
    pub href: &'static str,
    pub words: String,
}

/// What is to be done about a shop's products.
pub(super) fn matters(counts: &Counts) -> Vec<Matter> {
    let all = [
        (Some(counts.drafts), "/admin/products?status=draft", "rascunho por publicar", "rascunhos por publicar"),
        (
            Some(counts.without_picture),
            "/admin/products?status=published&lacks=picture",
            "produto publicado sem imagem",
            "produtos publicados sem imagem",
        ),
        (
            counts.without_stock,
            "/admin/products?status=published&lacks=stock",
            "produto publicado sem estoque",
            "produtos publicados sem estoque",
        ),
        (
            Some(counts.without_weight),
            "/admin/products?status=published&lacks=weight",
            "produto publicado com variante sem peso, que conta 0 g no frete",
            "produtos publicados com variante sem peso, que conta 0 g no frete",
        ),
    ];
    let matter = |(count, href, one, several): (Option<u64>, &'static str, &str, &str)| {
        let count = count.filter(|count| *count > 0)?;
        let number = whole(i64::try_from(count).unwrap_or(i64::MAX));
        Some(Matter { href, words: format!("{number} {}", if count == 1 { one } else { several }) })
    };
    all.into_iter().filter_map(matter).collect()
}

/// What is to be done about variants that run low: so many, or more than are counted.
pub(super) fn running_low(variants: usize) -> Option<Matter> {
    let number = whole(i64::try_from(variants.min(low_stock::COUNTED)).unwrap_or(i64::MAX));
    let words = match variants {
        0 => return None,
        1 => "1 variante com estoque baixo".to_owned(),
        2..=low_stock::COUNTED => format!("{number} variantes com estoque baixo"),
        _ => format!("mais de {number} variantes com estoque baixo"),
    };
    Some(Matter { href: "/admin/stock?low=1", words })
}

/// What a new shop begins with, for who may do it, as far as it is known what is done; nothing once all of that is.
pub(super) fn first(held: &[Access], known: &Known) -> Vec<Step> {
    let Known { products, has_logo, has_policies, may_be_paid, has_shipping } = *known;
    let all = [
        (Area::Catalogue, "/admin/products/new", "Cadastre o primeiro produto", products.map(|count| count > 0)),
        (Area::Settings, "/admin/settings", "Dê à loja o nome, o logotipo e as cores dela", has_logo),
        (
            Area::Settings,
            "/admin/settings#politicas",
            "Escreva as políticas de devolução e de privacidade",
            has_policies,
        ),
        (Area::Payments, "/admin/payment-methods", "Escolha como os compradores pagam", may_be_paid),
        (Area::Shipping, "/admin/shipping", "Diga como a loja entrega", has_shipping),
    ];
    let steps = all.into_iter().filter(|(area, ..)| Access::write(*area).is_given_by(held));
    let steps = steps.filter_map(|(_, href, words, is_done)| Some(Step { href, words, is_done: is_done? }));
    let steps: Vec<Step> = steps.collect();
    if steps.iter().all(|step| step.is_done) { Vec::new() } else { steps }
}

/// The steps that change something, each with the area that it changes.
const STEPS: [(Area, &str, &str); 7] = [
    (Area::Catalogue, "/admin/products/new", "Cadastre um produto"),
    (Area::Catalogue, "/admin/categories", "Organize as categorias"),
    (Area::Settings, "/admin/settings", "Mude o que a loja mostra de si"),
    (Area::Payments, "/admin/payment-methods", "Cuide das formas de pagamento"),
    (Area::Shipping, "/admin/shipping", "Diga como a loja entrega e quanto custa"),
    (Area::Team, "/admin/staff/new", "Convide quem trabalha com você"),
    (Area::Tokens, "/admin/tokens", "Ligue outros sistemas à loja, pela API"),
];

/// The steps that somebody may do who holds these permissions.
pub(super) fn steps(held: &[Access]) -> Vec<Step> {
    let may = |(area, ..): &(Area, &str, &str)| Access::write(*area).is_given_by(held);
    STEPS.into_iter().filter(may).map(|(_, href, words)| Step { href, words, is_done: false }).collect()
}

/// The limits of a plan, in words.
pub(super) fn limits(limits: PlanLimits) -> String {
    let products = match limits.products {
        None => "produtos sem limite".to_owned(),
        Some(1) => "até 1 produto".to_owned(),
        Some(most) => format!("até {} produtos", whole(most.into())),
    };
    let staff = match limits.staff {
        None => "equipe sem limite".to_owned(),
        Some(1) => "até 1 pessoa na equipe".to_owned(),
        Some(most) => format!("até {} pessoas na equipe", whole(most.into())),
    };
    format!("{products}, {staff}")
}

/// The sentence of a shop that is closed to buyers; none of one that is open.
pub(super) fn closed(status: TenantStatus) -> Option<&'static str> {
    match status {
        TenantStatus::Active => None,
        TenantStatus::Closed => Some("A loja está encerrada: fechada para sempre, e nada nela pode ser alterado."),
        TenantStatus::Requested | TenantStatus::Suspended | TenantStatus::Refused | TenantStatus::Unknown => Some(
            "A loja está suspensa: fechada para compradores, e nada nela pode ser alterado até que a plataforma a reabra.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_said_in_words() {
        let said = |products, staff| limits(PlanLimits { products, staff });
        assert_eq!(said(Some(1_000), Some(3)), "até 1.000 produtos, até 3 pessoas na equipe");
        assert_eq!(said(Some(1), Some(1)), "até 1 produto, até 1 pessoa na equipe");
        assert_eq!(said(None, None), "produtos sem limite, equipe sem limite");
    }

    #[test]
    fn steps_are_those_that_somebody_may_do() {
        let hrefs = |held: &[Access]| steps(held).into_iter().map(|step| step.href).collect::<Vec<_>>();
        assert_eq!(
            hrefs(&[Access::write(Area::Catalogue), Access::read(Area::Settings)]),
            ["/admin/products/new", "/admin/categories"]
        );
        assert!(hrefs(&[]).is_empty());
    }

    #[test]
    fn f23_first_steps_are_those_that_somebody_may_do_and_go_once_all_are_done() {
        let held = [Access::write(Area::Catalogue), Access::write(Area::Settings), Access::read(Area::Payments)];
        let done = |known: &Known| first(&held, known).iter().map(|step| step.is_done).collect::<Vec<_>>();
        let known = Known {
            products: Some(0),
            has_logo: Some(true),
            has_policies: Some(false),
            may_be_paid: Some(false),
            has_shipping: None,
        };
        assert_eq!(done(&known), [false, true, false]);
        assert_eq!(done(&Known { products: None, ..known }), [true, false], "what nobody could count is not said");
        assert!(done(&Known { products: Some(1), has_policies: Some(true), ..known }).is_empty());
        assert!(first(&[], &known).is_empty() && done(&Known::default()).is_empty());
        let delivers = |known: bool| {
            let known = Known { has_shipping: Some(known), ..Known::default() };
            first(&[Access::write(Area::Shipping)], &known).iter().map(|step| step.href).collect::<Vec<_>>()
        };
        assert_eq!((delivers(false), delivers(true)), (vec!["/admin/shipping"], vec![]));
    }

    #[test]
    fn f23_what_is_to_be_done_has_its_number_and_nothing_is_said_of_what_is_done() {
        let counts = Counts { products: 9, drafts: 1, without_picture: 1_200, ..Counts::default() };
        let said: Vec<String> = matters(&counts).into_iter().map(|matter| matter.words).collect();
        assert_eq!(said, ["1 rascunho por publicar", "1.200 produtos publicados sem imagem"]);
        let all = Counts { without_weight: 1, without_stock: Some(1), ..counts };
        assert!(matters(&all).iter().all(|matter| matter.href.starts_with("/admin/products?status=")));
        assert_eq!((matters(&all).len(), matters(&Counts::default()).len()), (4, 0));
        let unsaid = Counts { without_stock: None, ..all };
        assert_eq!(matters(&unsaid).len(), 3, "what one shard does not say takes nothing from the others");
    }

    #[test]
    fn f23_what_runs_low_is_said_by_its_number_up_to_what_is_counted() {
        let said = |variants| running_low(variants).map(|matter| matter.words);
        for (variants, words) in [
            (1, "1 variante com estoque baixo"),
            (1_000, "1.000 variantes com estoque baixo"),
            (1_001, "mais de 1.000 variantes com estoque baixo"),
        ] {
            assert_eq!(said(variants).as_deref(), Some(words));
        }
        assert_eq!(said(0), None);
    }

    #[test]
    fn a_suspended_shop_is_said_to_be_closed() {
        assert!(closed(TenantStatus::Suspended).is_some_and(|said| said.contains("suspensa")));
        assert!(closed(TenantStatus::Closed).is_some_and(|said| said.contains("encerrada")));
        assert_eq!(closed(TenantStatus::Active), None);
    }
}
