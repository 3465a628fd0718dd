//! The answers that commands get: of the event that answers, of a command that came before, and where nothing could be decided.

use feira_contexts::{Decider, Decision, DecisionContext, entity_and_body};
use feira_schemas::{
    ids::Micros,
    problem::{Code, Refusal},
    records::{
        EventSet,
        common::{CommandAnswered, CommandResult, Outcome},
    },
    refusals,
    rows::common::Answer,
};

/// The time for which an `Idempotency-Key` is remembered, in microseconds: 24 hours, as Stripe has it.
const KEY_REMEMBERED: Micros = 24 * 60 * 60 * 1_000_000;

/// The answer an event gives, if it gives one.
pub(super) fn answer_of<D: Decider>(event: &D::Event, partition: u32) -> Option<Answer> {
    let meta = event.meta();
    let answers = meta.answers.as_ref()?;
    let answer = Answer {
        tenant_id: meta.tenant_id,
        command_id: answers.command_id,
        body_hash: answers.body_hash.clone(),
        outcome: answers.outcome,
        code: None,
        detail: None,
        errors: Vec::new(),
        aggregate_id: None,
        version: None,
        entity: None,
        body: None,
        partition: i64::from(partition),
        write_ts: meta.write_ts,
    };
    if let Some(answered) = event.as_answered() {
        let CommandAnswered { code, detail, errors, .. } = answered.clone();
        let (entity, body) = entity_and_body(answered);
        return Some(Answer { code, detail, errors, entity, body, ..answer });
    }
    let (aggregate_id, version) = (Some(meta.aggregate_id.clone()), Some(meta.aggregate_version));
    let (entity, body) = D::shown(event).map_or((None, None), |shown| (Some(shown.entity.to_owned()), shown.json));
    Some(Answer { aggregate_id, version, entity, body, ..answer })
}

/// True if a key that was answered then is still remembered.
pub(super) fn remembered(answer: &Answer, context: &DecisionContext) -> bool {
    answer.write_ts + KEY_REMEMBERED > context.now
}

/// The result for a key that is used again: the same answer for the same body, a refusal for another.
pub(super) fn again(answer: Answer, decider: &str, context: &DecisionContext) -> CommandResult {
    let same = answer.body_hash == context.cause.body_hash;
    let result = answer.into_result(decider);
    if same {
        return result;
    }
    CommandResult {
        body_hash: context.cause.body_hash.clone(),
        outcome: Outcome::Refused,
        code: Some(Code::IdempotencyMismatch.to_string()),
        detail: Some("Esta Idempotency-Key já foi usada com outro conteúdo. Use outra chave.".into()),
        errors: Vec::new(),
        aggregate_id: None,
        version: None,
        entity: None,
        body: None,
        ..result
    }
}

/// A fault of ours: the command is among the dead letters, and who waits is told so.
pub(super) fn failed<E: EventSet>(context: &DecisionContext) -> Decision<E> {
    let mut decision = Decision::new(context);
    let detail = "A solicitação não pôde ser processada por uma falha nossa. Ela foi guardada e será examinada.";
    decision.refuse_for(Some(context.answers(Outcome::Failed)), Refusal::new(Code::CommandFailed, detail));
    decision
}

/// The refusal of a command whose result would not fit into a record.
pub(super) fn too_large<E: EventSet>(context: &DecisionContext) -> Decision<E> {
    let detail = format!("{} Reduza textos, variantes ou imagens.", refusals::beyond_a_record("O resultado"));
    Decision::refuse(context, Refusal::new(Code::TooLarge, detail))
}
