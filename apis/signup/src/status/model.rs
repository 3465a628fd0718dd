//! What the page of a subscription says, by how far it is.

use feira_schemas::{
    ids::Micros,
    problem::{Code, FieldError},
    records::{
        payments::PaymentMethod,
        signup::{Payment, PaymentStatus, Subscription, SubscriptionStatus},
    },
    refusals,
    time::MINUTE,
};

/// The time after which a question that nobody has answered is late: another context is away, and it goes on by itself.
const LATE: Micros = 10 * 1_000_000;
/// The time after which a command that nothing is seen of was decided too late: nobody waits for it any more.
const LOST: Micros = 11 * MINUTE;
/// The words by which sign-up and payments say that a card's token served no more, or had run out before the gateway was asked.
const TOKEN_OVER: [&str; 3] = ["token_expired", "expired", "card_token"];

/// What the page says, and what it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub title: &'static str,
    pub text: &'static str,
    /// The place in the list of steps: 1 the name, 2 the payment, 3 the shop, 4 when all is done; 0 where it is of no use.
    pub step: u8,
    /// True while the page waits for something that comes by itself.
    pub waits: bool,
    /// True where the way on is a new beginning.
    pub begins_anew: bool,
}

/// Whether a subscription can be paid in another way, or named anew, by whoever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// All of the form is shown again.
    Whole,
    /// A code waits to be paid: all of the form is shown to who asks for another way, which gives the code up.
    Otherwise,
    /// It is paid: another name is asked for alone.
    Names,
    /// Nothing is to be done.
    No,
}

/// What can be done about a subscription.
pub(super) fn again(known: &Subscription) -> Again {
    match known.status {
        SubscriptionStatus::NameTaken | SubscriptionStatus::Refused => Again::Whole,
        SubscriptionStatus::NameLost => Again::Names,
        SubscriptionStatus::Paying if known.may_be_paid_otherwise() => Again::Otherwise,
        SubscriptionStatus::Naming
        | SubscriptionStatus::Paying
        | SubscriptionStatus::Expired
        | SubscriptionStatus::Securing
        | SubscriptionStatus::Paid
        | SubscriptionStatus::Active
        | SubscriptionStatus::Ended
        | SubscriptionStatus::Unknown => Again::No,
    }
}

/// The word for a state, for scripts.
pub(super) fn word(known: Option<&Subscription>) -> &'static str {
    match known.map(|known| known.status) {
        None => "sent",
        Some(SubscriptionStatus::Naming) => "naming",
        Some(SubscriptionStatus::NameTaken) => "name_taken",
        Some(SubscriptionStatus::Paying) => "paying",
        Some(SubscriptionStatus::Refused) => "refused",
        Some(SubscriptionStatus::Expired) => "expired",
        Some(SubscriptionStatus::NameLost) => "name_lost",
        Some(SubscriptionStatus::Securing) => "securing",
        Some(SubscriptionStatus::Paid) => "paid",
        Some(SubscriptionStatus::Active) => "active",
        Some(SubscriptionStatus::Ended) => "ended",
        Some(SubscriptionStatus::Unknown) => "unknown",
    }
}

/// True if a question of the subscription has waited for so long that somebody is away.
pub(super) fn is_late(known: &Subscription, now: Micros) -> bool {
    known.asked.as_ref().is_some_and(|asked| now.saturating_sub(asked.since) > LATE)
}

/// What the address of a page says of what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sent {
    /// The number of the try, of another than the first.
    pub tried: Option<i32>,
    /// The time at which it was sent: that of the link.
    pub at: Micros,
}

/// The subscription as its page shows it: nothing of it while another try was sent and its row is still that of the one before, whose refusal
/// would be taken for the new one's.
pub(super) fn seen(known: Option<&Subscription>, sent: Sent, now: Micros) -> Option<&Subscription> {
    known.filter(|known| {
        let is_of_before = sent.tried.is_some_and(|tried| known.payment.attempt < tried);
        // What went on by itself meanwhile, as by money that came late, is shown as it is.
        !is_of_before || again(known) == Again::No || is_lost(sent.at, now)
    })
}

/// True if what was sent at this time was decided too late, where nothing is seen of it.
fn is_lost(sent_at: Micros, now: Micros) -> bool {
    now.saturating_sub(sent_at) > LOST
}

/// What tells a page of now from one that shows something else: it is another one with each change.
pub(super) fn state(known: Option<&Subscription>, sent_at: Micros, now: Micros) -> String {
    match known {
        None if is_lost(sent_at, now) => "0-lost".to_owned(),
        None => "0".to_owned(),
        Some(known) if is_late(known, now) => format!("{}-late", known.version),
        Some(known) => known.version.to_string(),
    }
}

/// True if the code of a Pix or a boleto is there and waits to be paid.
pub(super) fn has_code(payment: &Payment) -> bool {
    let pix = payment.pix.as_ref().is_some_and(|pix| pix.code.is_some());
    let boleto = payment.boleto.as_ref().is_some_and(|boleto| boleto.line.is_some() || boleto.url.is_some());
    payment.status == PaymentStatus::Pending && (pix || boleto)
}

/// The reason of a payment that has brought less than was asked for.
const UNDERPAID: &str = "underpaid";

/// The titles of tries that were refused.
const CARD_NOT_CHARGED: &str = "O cartão não chegou a ser cobrado";
const REFUSED: &str = "Transação negada";

/// True if a card was never charged: its token had run out before the gateway was asked.
fn token_ran_out(payment: &Payment) -> bool {
    payment.status == PaymentStatus::Expired || payment.why.as_deref().is_some_and(|why| TOKEN_OVER.contains(&why))
}

/// What is wrong with the names of a subscription that needs others: a name that is still held for it is nobody else's.
pub(super) fn taken(known: &Subscription) -> Vec<FieldError> {
    match known.status {
        SubscriptionStatus::NameLost if known.held_until > 0 => Vec::new(),
        SubscriptionStatus::NameTaken | SubscriptionStatus::NameLost => {
            vec![FieldError::new("subdomain", Code::NameTaken, refusals::subdomain_taken(&known.subdomain))]
        }
        _ => Vec::new(),
    }
}

/// True if a try before the present one was by a Pix or a boleto: money of it may be on its way, though its code was given up.
fn had_a_code(known: &Subscription) -> bool {
    known.tries.iter().any(|before| before.attempt < known.payment.attempt && before.is_by_code())
}

/// What the page says of a subscription, or of one of which nothing is seen yet since it was sent.
pub(super) fn said(known: Option<&Subscription>, sent_at: Micros, now: Micros) -> Said {
    let waits = |step, title, text| Said { title, text, step, waits: true, begins_anew: false };
    let rests = |step, title, text| Said { title, text, step, waits: false, begins_anew: false };
    let ends = |title, text| Said { title, text, step: 0, waits: false, begins_anew: true };
    let Some(known) = known else {
        return match is_lost(sent_at, now) {
            true => ends(
                "Seu pedido demorou demais",
                "Não conseguimos registrá-lo a tempo, e nada foi cobrado. Comece de novo.",
            ),
            false => {
                waits(1, "Estamos registrando seu pedido", "Isso leva um instante. Esta página se atualiza sozinha.")
            }
        };
    };
    let late = is_late(known, now);
    match known.status {
        SubscriptionStatus::Naming if late => waits(
            1,
            "Estamos reservando o endereço",
            "Está demorando mais que o normal, e continua sozinho. Nada foi cobrado ainda.",
        ),
        SubscriptionStatus::Naming => {
            waits(1, "Estamos reservando o endereço da loja", "Isso leva um instante. Nada foi cobrado ainda.")
        }
        SubscriptionStatus::NameTaken => rests(
            1,
            "Este endereço acabou de ser ocupado",
            "Nada foi cobrado. Escolha outro endereço para a loja e envie de novo.",
        ),
        SubscriptionStatus::Paying if has_code(&known.payment) => code(known.payment.method),
        SubscriptionStatus::Paying if late => waits(
            2,
            "O pagamento está demorando mais que o normal",
            "Você não precisa fazer nada: ele continua sozinho, e nada é cobrado duas vezes. Pode voltar depois.",
        ),
        SubscriptionStatus::Paying => {
            waits(2, "Estamos confirmando o pagamento", "Isso leva alguns segundos. Esta página muda sozinha.")
        }
        SubscriptionStatus::Refused => refused(known),
        SubscriptionStatus::Expired if known.payment.why.as_deref() == Some(UNDERPAID) => rests(
            2,
            "Recebemos menos que o valor da assinatura",
            "Não pague de novo. Quem opera a plataforma viu o pagamento e vai falar com você.",
        ),
        // The gateway has not said what became of it, or of a code that was given up: money that comes later still counts.
        SubscriptionStatus::Expired
            if had_a_code(known) || matches!(known.payment.status, PaymentStatus::Asked | PaymentStatus::Pending) =>
        {
            ends(
                "O prazo terminou sem notícia do pagamento",
                "Se você já pagou, não pague de novo: o pagamento conta quando chegar, e a loja abre. Se não pagou, comece de novo.",
            )
        }
        SubscriptionStatus::Expired => ends(
            "O prazo do pagamento terminou",
            "Nada foi cobrado, e o endereço voltou a ficar livre. Se quiser, comece de novo.",
        ),
        SubscriptionStatus::NameLost if known.held_until > 0 => rests(
            2,
            "Seu pagamento foi confirmado, e falta confirmar seus dados",
            "O pagamento demorou, e por segurança pedimos de novo o endereço da loja e quem vai cuidar dela. Não há nada mais a pagar.",
        ),
        SubscriptionStatus::NameLost => rests(
            2,
            "Seu pagamento foi confirmado, e falta um novo endereço",
            "O endereço que você pediu foi ocupado antes de o pagamento chegar. Escolha outro: não há nada mais a pagar.",
        ),
        SubscriptionStatus::Securing | SubscriptionStatus::Paid if late => waits(
            3,
            "Seu pagamento foi confirmado",
            "A abertura da loja está demorando mais que o normal, e continua sozinha. Avisamos por e-mail quando abrir.",
        ),
        SubscriptionStatus::Securing | SubscriptionStatus::Paid => waits(
            3,
            "Seu pagamento foi confirmado, estamos abrindo a loja",
            "Falta pouco: o endereço dela aparece aqui.",
        ),
        SubscriptionStatus::Active => rests(
            4,
            "Sua loja está aberta",
            "Enviamos um e-mail com o link para você criar sua senha e entrar no painel.",
        ),
        SubscriptionStatus::Ended => {
            rests(4, "Sua loja não existe mais", "Ela foi encerrada, e com ela a assinatura: nada mais é cobrado.")
        }
        SubscriptionStatus::Unknown => {
            rests(0, "Seu pedido está em andamento", "Volte a esta página em alguns minutos.")
        }
    }
}

/// What is said of a try that was refused: that nothing was charged only where no code of before may be paid already.
fn refused(known: &Subscription) -> Said {
    let (title, text) = match (token_ran_out(&known.payment), had_a_code(known)) {
        (true, false) => (CARD_NOT_CHARGED, "Passou tempo demais até a cobrança. Informe-o de novo; nada foi cobrado."),
        (true, true) => (
            CARD_NOT_CHARGED,
            "Se você já pagou o código de antes, não pague de novo: ele conta quando chegar, e a loja abre. Se não pagou, informe o cartão de novo.",
        ),
        (false, false) => {
            (REFUSED, "Nada foi cobrado, e a loja ainda não foi criada. Confira os dados, ou pague de outro jeito.")
        }
        (false, true) => (
            REFUSED,
            "Se você já pagou o código de antes, não pague de novo: ele conta quando chegar, e a loja abre. Se não pagou, confira os dados, ou pague de outro jeito.",
        ),
    };
    Said { title, text, step: 2, waits: false, begins_anew: false }
}

/// What is said above the form by which a code that waits is given up.
pub(super) fn otherwise() -> Said {
    Said {
        title: "Pagar de outro jeito",
        text: "O código que você já tem vale até você enviar este formulário, e então é cancelado. Se você já o pagou, não envie nada: a loja abre sozinha.",
        step: 2,
        waits: true,
        begins_anew: false,
    }
}

/// What is said while a code waits to be paid.
fn code(method: PaymentMethod) -> Said {
    let (title, text) = match method {
        PaymentMethod::Boleto => (
            "Pague o boleto",
            "A loja abre quando o banco confirmar, em geral até o dia útil seguinte. Também o enviamos por e-mail.",
        ),
        _ => {
            ("Pague com Pix", "Abra o aplicativo do seu banco e leia o código. A loja abre assim que o pagamento cair.")
        }
    };
    Said { title, text, step: 2, waits: true, begins_anew: false }
}

#[cfg(test)]
mod tests;
