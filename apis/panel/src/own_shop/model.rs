//! What a shop's first page says.

use feira_schemas::records::{admin::TenantStatus, signup::PlanLimits};

use crate::format::whole;

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
    let sentence =
        "A loja está suspensa: fechada para compradores, e nada nela pode ser alterado até que a plataforma a reabra.";
    (status != TenantStatus::Active).then_some(sentence)
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
    fn a_suspended_shop_is_said_to_be_closed() {
        assert!(closed(TenantStatus::Suspended).is_some());
        assert_eq!(closed(TenantStatus::Active), None);
    }
}
