//! What a shop's first page says.

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
}

/// The steps that change something, each with the area that it changes.
const STEPS: [(Area, &str, &str); 7] = [
    (Area::Catalogue, "/admin/products/new", "Cadastre um produto"),
    (Area::Catalogue, "/admin/categories", "Organize as categorias"),
    (Area::Settings, "/admin/settings", "Dê à loja o nome, o logotipo e as cores dela"),
    (Area::Payments, "/admin/payment-methods", "Escolha como os compradores pagam"),
    (Area::Shipping, "/admin/shipping", "Diga como a loja entrega e quanto custa"),
    (Area::Team, "/admin/staff/new", "Convide quem trabalha com você"),
    (Area::Tokens, "/admin/tokens", "Ligue outros sistemas à loja, pela API"),
];

/// The steps that somebody may do who holds these permissions.
pub(super) fn steps(held: &[Access]) -> Vec<Step> {
    let may = |(area, ..): &(Area, &str, &str)| Access::write(*area).is_given_by(held);
    STEPS.into_iter().filter(may).map(|(_, href, words)| Step { href, words }).collect()
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
    fn a_suspended_shop_is_said_to_be_closed() {
        assert!(closed(TenantStatus::Suspended).is_some_and(|said| said.contains("suspensa")));
        assert!(closed(TenantStatus::Closed).is_some_and(|said| said.contains("encerrada")));
        assert_eq!(closed(TenantStatus::Active), None);
    }
}
