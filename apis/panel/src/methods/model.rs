//! What the pages of payment methods say in words, and what a shop lacks.

use feira_schemas::{
    api::payment_method::percent,
    records::{admin::PaymentTerms, payments::AccountStatus},
};

/// Something that a shop lacks before a buyer could pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Warning {
    /// What it is, and what to do.
    pub text: String,
    /// The page at which it is mended.
    pub page: &'static str,
    /// The page's name.
    pub word: &'static str,
}

/// The page on which a shop chooses its methods.
pub(super) const OF_SHOP: &str = "/admin/payment-methods";
/// The page of a shop's accounts at gateways, and its name.
const GATEWAYS: (&str, &str) = ("/admin/gateways", "Contas em gateways");
/// The page of a shop's methods, and its name.
const METHODS: (&str, &str) = (OF_SHOP, "Como a loja recebe");

/// What is known of an account at a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub name: String,
    pub status: AccountStatus,
    pub is_default: bool,
    /// What to do about one that is broken.
    pub mending: Option<&'static str>,
}

/// What a shop with these accounts lacks; `takes_any` if it takes a method that the platform offers.
pub(super) fn missing(accounts: &[Known], takes_any: bool) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = Vec::new();
    let mut warn = |text: String, (page, word)| warnings.push(Warning { text, page, word });
    let mut live = accounts.iter().filter(|account| account.status != AccountStatus::Retired).peekable();
    if live.peek().is_none() {
        let text = "A loja ainda não tem conta em um gateway, e sem uma ninguém consegue pagar. Cadastre a sua.";
        warn(text.to_owned(), GATEWAYS);
    }
    for Known { name, status, mending, .. } in live {
        match (status, mending) {
            (AccountStatus::Ready | AccountStatus::Retired, _) => {}
            (_, Some(mending)) => warn(format!("Nada é cobrado pela conta «{name}». {mending}"), GATEWAYS),
            (_, None) => warn(
                format!("A chave da conta «{name}» ainda não foi testada; até lá nada é cobrado por ela."),
                GATEWAYS,
            ),
        }
    }
    let is_ready = |account: &&Known| account.status == AccountStatus::Ready;
    let mut ready = accounts.iter().filter(is_ready).peekable();
    if ready.peek().is_some() && !ready.any(|account| account.is_default) {
        let text = "Pix e boletos não têm para onde ir: nenhuma conta que funciona é a padrão. Escolha uma.";
        warn(text.to_owned(), GATEWAYS);
    }
    if !takes_any {
        let text = "Nenhuma forma de pagamento está ativa, e sem uma ninguém consegue fechar um pedido.";
        warn(text.to_owned(), METHODS);
    }
    warnings
}

/// What terms offer to buyers, in words.
pub(super) fn offers(terms: &PaymentTerms) -> String {
    let PaymentTerms { max_installments, discounted_installments, discount } = *terms;
    let parcels = match max_installments {
        ..=1 => "à vista".to_owned(),
        most => format!("em até {most}x"),
    };
    if discount == 0 || discounted_installments == 0 {
        return parcels;
    }
    let reduced = format!("{parcels}, {} % de desconto", percent(discount, ','));
    match discounted_installments {
        _ if max_installments <= 1 => reduced,
        1 => format!("{reduced} à vista"),
        most => format!("{reduced} em até {most}x"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(status: AccountStatus, is_default: bool) -> Known {
        let mending = (status == AccountStatus::Broken).then_some("Salve outra chave.");
        Known { name: "Principal".into(), status, is_default, mending }
    }

    #[test]
    fn s59_what_is_missing_before_a_buyer_could_pay_is_said() {
        let (ready, retired) = (AccountStatus::Ready, AccountStatus::Retired);
        for (accounts, takes_any, said) in [
            (vec![account(ready, true)], true, vec![]),
            (vec![account(ready, true)], false, vec!["Nenhuma forma"]),
            (vec![], false, vec!["ainda não tem conta", "Nenhuma forma"]),
            (vec![account(retired, false)], true, vec!["ainda não tem conta"]),
            (vec![account(AccountStatus::Untested, true)], true, vec!["ainda não foi testada"]),
            (vec![account(AccountStatus::Broken, true)], true, vec!["«Principal». Salve outra chave."]),
            (vec![account(ready, false), account(retired, true)], true, vec!["não têm para onde ir"]),
            (
                vec![account(AccountStatus::Broken, true), account(ready, false)],
                true,
                vec!["Salve outra chave.", "não têm para onde ir"],
            ),
        ] {
            let found = missing(&accounts, takes_any);
            assert_eq!(found.len(), said.len(), "{accounts:?}: {found:?}");
            assert!(found.iter().zip(said).all(|(found, said)| found.text.contains(said)), "{accounts:?}: {found:?}");
        }
    }

    #[test]
    fn terms_are_said_as_people_say_them() {
        for ((max_installments, discounted_installments, discount), said) in [
            ((1, 0, 0), "à vista"),
            ((12, 0, 0), "em até 12x"),
            ((12, 0, 500), "em até 12x"),
            ((12, 3, 0), "em até 12x"),
            ((12, 1, 500), "em até 12x, 5 % de desconto à vista"),
            ((12, 3, 1_250), "em até 12x, 12,5 % de desconto em até 3x"),
            ((1, 1, 500), "à vista, 5 % de desconto"),
        ] {
            assert_eq!(offers(&PaymentTerms { max_installments, discounted_installments, discount }), said);
        }
    }
}
