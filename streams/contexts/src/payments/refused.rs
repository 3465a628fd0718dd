//! Refusals that more than one decision of payments gives (pt-BR).

use feira_schemas::{
    problem::{Code, FieldError, Refusal},
    refusals,
};

/// Refuses what only a program of a later version can decide.
pub(super) fn of_later_version() -> Refusal {
    Refusal::new(Code::UnknownReference, "Isto é de uma versão mais nova da plataforma.")
}

/// Refuses what names a charge or subscription of another account, or another one.
pub(super) fn of_another() -> Refusal {
    Refusal::new(
        Code::UnknownReference,
        "O que o gateway mostra é de outra conta, de outra cobrança ou de outra assinatura.",
    )
}

/// Says that the effect is not there, or not any more.
pub(super) fn closed() -> Refusal {
    Refusal::new(
        Code::PaymentState,
        format!("{} Não há mais o que enviar.", refusals::not_in_this_shop("A tarefa em aberto")),
    )
}

/// Refuses what is asked for under an id that something else was asked for under; `what` comes with its article: «uma cobrança».
pub(super) fn another_request(what: &str) -> Refusal {
    let detail = format!("Já há {what} com este id, de outro pedido. Use outro id.");
    Refusal::new(Code::IdempotencyMismatch, detail)
}

/// Refuses one field of a body.
pub(super) fn field(pointer: &str, code: Code, detail: impl Into<String>) -> Refusal {
    Refusal::fields(vec![FieldError::new(pointer, code, detail)])
}
