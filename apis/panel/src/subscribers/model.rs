//! What the pages of subscribers say.

use feira_schemas::{
    api::payments::BuyerShown,
    brazil::Document,
    records::{
        payments::PaymentMethod,
        signup::{GivingBack, GivingBackStatus, Invoice, InvoiceStatus, PaymentStatus, SubscriptionStatus},
    },
    sealed::{AddressParts, Phone},
};

use crate::{format::day, shop::Status};

/// The states of a subscription: the words by which the list is filtered, and those that people read.
pub(super) const STATUSES: [(&str, SubscriptionStatus); 10] = [
    ("active", SubscriptionStatus::Active),
    ("paying", SubscriptionStatus::Paying),
    ("refused", SubscriptionStatus::Refused),
    ("expired", SubscriptionStatus::Expired),
    ("paid", SubscriptionStatus::Paid),
    ("securing", SubscriptionStatus::Securing),
    ("name_lost", SubscriptionStatus::NameLost),
    ("naming", SubscriptionStatus::Naming),
    ("name_taken", SubscriptionStatus::NameTaken),
    ("ended", SubscriptionStatus::Ended),
];

/// The ways to pay: the words by which the list is filtered, and those that people read.
pub(super) const METHODS: [(&str, PaymentMethod); 3] =
    [("card", PaymentMethod::Card), ("boleto", PaymentMethod::Boleto), ("pix", PaymentMethod::Pix)];

/// The state of a subscription.
pub(super) fn status(status: SubscriptionStatus) -> Status {
    let (word, look) = match status {
        SubscriptionStatus::Naming => ("Reservando endereço", ""),
        SubscriptionStatus::NameTaken => ("Endereço ocupado", ""),
        SubscriptionStatus::Paying => ("Aguarda pagamento", ""),
        SubscriptionStatus::Refused => ("Recusada", "bad"),
        SubscriptionStatus::Expired => ("Venceu sem pagar", "bad"),
        SubscriptionStatus::NameLost => ("Paga, sem endereço", "bad"),
        SubscriptionStatus::Securing => ("Paga, reservando", ""),
        SubscriptionStatus::Paid => ("Paga, abrindo", ""),
        SubscriptionStatus::Active => ("Ativa", "good"),
        SubscriptionStatus::Ended => ("Loja encerrada", "bad"),
        SubscriptionStatus::Unknown => ("Outra", ""),
    };
    Status { word, look }
}

/// The state of a payment.
pub(super) fn payment(status: PaymentStatus) -> Status {
    let (word, look) = match status {
        PaymentStatus::Waiting => ("Ainda não pedido", ""),
        PaymentStatus::Asked => ("Pedido", ""),
        PaymentStatus::Pending => ("Pendente", ""),
        PaymentStatus::Paid => ("Pago", "good"),
        PaymentStatus::Refused => ("Recusado", "bad"),
        PaymentStatus::Expired => ("Venceu", "bad"),
        PaymentStatus::Unknown => ("Outro", ""),
    };
    Status { word, look }
}

/// The way to pay.
pub(super) fn method(method: PaymentMethod) -> &'static str {
    match method {
        PaymentMethod::Card => "Cartão",
        PaymentMethod::Boleto => "Boleto",
        PaymentMethod::Pix => "Pix",
        PaymentMethod::Unknown => "Outro meio",
    }
}

/// Who subscribes, as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    pub name: String,
    pub document: String,
    pub email: String,
    pub phone: String,
    pub address: String,
}

impl Person {
    /// The person or company that was opened.
    pub fn of(shown: &BuyerShown) -> Self {
        let document = shown.document.expose();
        Self {
            name: shown.name.expose().to_owned(),
            document: Document::parse(document).map_or_else(|_| document.to_owned(), |document| document.formatted()),
            email: shown.email.expose().to_owned(),
            phone: shown.phone.as_ref().map_or("–", Phone::expose).to_owned(),
            address: address(shown.address.expose()),
        }
    }
}

/// An address in one line, without the parts that are empty.
fn address(parts: AddressParts<'_>) -> String {
    let AddressParts { postal_code, street, number, complement, district, city, state } = parts;
    let cep = postal_code.split_at_checked(5).map(|(first, rest)| format!("CEP {first}-{rest}"));
    let place = format!("{city}/{state}");
    let all = [street, number, complement, district, place.as_str(), cep.as_deref().unwrap_or_default()];
    all.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// An invoice, as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub number: i32,
    pub amount: String,
    pub method: &'static str,
    pub status: Status,
    pub made: String,
    pub paid: String,
}

/// An invoice in words.
pub(super) fn invoice(invoice: &Invoice) -> Shown {
    let (word, look) = match invoice.status {
        InvoiceStatus::Open => ("Aberta", ""),
        InvoiceStatus::Paid => ("Paga", "good"),
        InvoiceStatus::Void => ("Cancelada", ""),
        InvoiceStatus::Unknown => ("Outra", ""),
    };
    Shown {
        number: invoice.number,
        amount: invoice.amount.to_string(),
        method: method(invoice.method),
        status: Status { word, look },
        made: day(invoice.created_at),
        paid: invoice.paid_at.map_or_else(|| "–".to_owned(), day),
    }
}

/// Money that pays nothing, in one line for who has to see to it.
pub(super) fn giving_back(giving: &GivingBack) -> String {
    let word = match giving.status {
        GivingBackStatus::Asked => "devolução pedida",
        GivingBackStatus::Done => "devolvida",
        GivingBackStatus::ByHand => "a devolver à mão",
        GivingBackStatus::Unknown => "em outra situação",
    };
    let why = giving.why.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
    format!("Cobrança {}: {word}{why}", giving.charge_id)
}

/// A day such as 2026-12-31 as it is written in Brazil; what is no day stays as it is.
pub(super) fn written(day: &str) -> String {
    match day.split('-').collect::<Vec<_>>()[..] {
        [year, month, day] => format!("{day}/{month}/{year}"),
        _ => day.to_owned(),
    }
}

/// Months of a period, in words.
pub(super) fn cycle(months: i32) -> String {
    if months == 1 { "por mês".to_owned() } else { format!("a cada {months} meses") }
}

#[cfg(test)]
mod tests {
    use feira_schemas::{
        api::signup::{PAYMENT_METHODS, subscription_status},
        ids::{ChargeId, RefundId},
    };

    use super::*;

    #[test]
    fn the_words_of_the_filter_are_those_of_the_api() {
        for (word, status) in STATUSES {
            assert_eq!(subscription_status(status), word);
        }
        assert!(METHODS.iter().all(|(word, _)| PAYMENT_METHODS.contains(word)));
    }

    #[test]
    fn money_that_pays_nothing_is_told_with_what_is_left_to_do() {
        let id: ChargeId = "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e".parse().unwrap();
        let by_hand = GivingBack {
            charge_id: id,
            refund_id: RefundId::from_uuid(id.uuid()),
            status: GivingBackStatus::ByHand,
            why: Some("underpaid".into()),
            command_id: None,
            asked: None,
        };
        assert_eq!(giving_back(&by_hand), format!("Cobrança {id}: a devolver à mão (underpaid)"));
        let done = GivingBack { status: GivingBackStatus::Done, why: None, ..by_hand };
        assert_eq!(giving_back(&done), format!("Cobrança {id}: devolvida"));
    }

    #[test]
    fn an_address_is_one_line_of_what_is_there() {
        let all = AddressParts {
            postal_code: "01310100",
            street: "Avenida Paulista",
            number: "1000",
            complement: "",
            district: "Bela Vista",
            city: "São Paulo",
            state: "SP",
        };
        assert_eq!(address(all), "Avenida Paulista, 1000, Bela Vista, São Paulo/SP, CEP 01310-100");
        let some = AddressParts { complement: "ap. 7", district: "", postal_code: "", ..all };
        assert_eq!(address(some), "Avenida Paulista, 1000, ap. 7, São Paulo/SP");
    }

    #[test]
    fn days_and_cycles_are_written_as_people_do() {
        assert_eq!((written("2026-12-31").as_str(), written("x").as_str()), ("31/12/2026", "x"));
        assert_eq!((cycle(1).as_str(), cycle(12).as_str()), ("por mês", "a cada 12 meses"));
    }
}
