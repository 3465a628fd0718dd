//! What an event of payments changes: accounts, credentials, and the refunds and settlements of persons. What a shop owes the
//! platform is none of its own, so that the shop is told nothing of it.

use feira_schemas::{
    records::{
        EventSet, PaymentsEvent,
        common::EventMeta,
        payments::{
            EffectKind,
            entity::{ACCOUNT, CHARGE, CREDENTIAL, REFUND, SUBSCRIPTION},
        },
    },
    rows::audit::action,
};

use super::Changed;

/// First words of the actors that are people of the shop, or programs with a token of theirs. What a shop owes no other settles than an
/// operator, and an effect does not say of what it is.
const BY_HAND: [&str; 2] = ["staff", "token"];
/// First words of who asks that money be given back and settles that, of what is the shop's own: sign-up and operators do so of what it owes,
/// and a refund does not say of what it is.
const GIVES_BACK: [&str; 3] = ["staff", "token", "credential"];

/// The entity that an event changes; `None` of what buyers, gateways and the ledger move by themselves.
pub(super) fn changed(event: &PaymentsEvent) -> Option<Changed> {
    let (kind, entity_id) = match event {
        PaymentsEvent::AccountChanged(event) => (ACCOUNT, event.account.account_id.to_string()),
        PaymentsEvent::CredentialChanged(event) => (CREDENTIAL, event.credential.credential_id.to_string()),
        PaymentsEvent::RefundChanged(event) if is_of(&GIVES_BACK, &event.meta) => {
            (REFUND, event.refund.refund_id.to_string())
        }
        // What a person knows of a charge stands in the line of the ledger by which it was made.
        PaymentsEvent::EffectReported(event) if event.effect.settled.is_some() => {
            let charge = event.effect.charge_id.filter(|_| event.effect.kind == EffectKind::Charge)?;
            return by_hand(CHARGE, charge.to_string(), &event.meta);
        }
        PaymentsEvent::RemoteSubscriptionChanged(event)
            if event.subscription.note.is_some() && event.subscription.lent.is_none() =>
        {
            return by_hand(SUBSCRIPTION, event.subscription.subscription_id.to_string(), &event.meta);
        }
        PaymentsEvent::ChargeChanged(_)
        | PaymentsEvent::RefundChanged(_)
        | PaymentsEvent::EffectWanted(_)
        | PaymentsEvent::EffectGranted(_)
        | PaymentsEvent::EffectReported(_)
        | PaymentsEvent::CallbackKept(_)
        | PaymentsEvent::StandingChanged(_)
        | PaymentsEvent::DifferenceChanged(_)
        | PaymentsEvent::ReconciliationRequested(_)
        | PaymentsEvent::MailWanted(_)
        | PaymentsEvent::MailDone(_)
        | PaymentsEvent::PlanChanged(_)
        | PaymentsEvent::SavedCardChanged(_)
        | PaymentsEvent::RemoteSubscriptionChanged(_)
        | PaymentsEvent::CommandAnswered(_)
        | PaymentsEvent::TimerSet(_)
        | PaymentsEvent::TimerCleared(_) => return None,
    };
    let meta = event.meta();
    let action = if meta.aggregate_version == 1 { action::CREATED } else { action::CHANGED };
    Some(Changed { kind, entity_id, action, actor: meta.actor.clone() })
}

/// A thing that a person has settled: what was settled stays said in later events, which others cause.
fn by_hand(kind: &'static str, entity_id: String, meta: &EventMeta) -> Option<Changed> {
    is_of(&BY_HAND, meta).then(|| Changed { kind, entity_id, action: action::CHANGED, actor: meta.actor.clone() })
}

/// True if the actor's first word is one of these.
fn is_of(words: &[&str], meta: &EventMeta) -> bool {
    words.contains(&meta.actor.split(':').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use feira_schemas::{
        ids::{ChargeId, CommandId, CredentialId, EffectId, EventId, RefundId},
        money::Money,
        records::{
            common::InputPosition,
            payments::{
                Credential, CredentialChanged, CredentialStatus, Effect, EffectReported, EffectState, EffectWanted,
                Refund, RefundChanged, RefundStatus, Settled,
            },
        },
    };
    use uuid::Uuid;

    use super::*;
    use crate::testing::tenant;

    const NUMBER: Uuid = Uuid::from_u128(5);

    fn meta(version: i64, actor: &str) -> EventMeta {
        EventMeta {
            event_id: EventId::from_uuid(Uuid::from_u128(2)),
            tenant_id: tenant(7),
            aggregate_id: "entity".into(),
            aggregate_version: version,
            write_ts: 1,
            causation_id: CommandId::from_uuid(Uuid::from_u128(3)),
            input: InputPosition { topic: "test".into(), partition: 0, offset: 0 },
            occurred_at: 1,
            actor: actor.to_owned(),
            answers: None,
        }
    }

    fn effect(kind: EffectKind, settled: bool) -> Effect {
        Effect {
            effect_id: EffectId::from_uuid(NUMBER),
            kind,
            entity: NUMBER.to_string(),
            charge_id: Some(ChargeId::from_uuid(NUMBER)),
            state: EffectState::Closed,
            account_id: None,
            not_after: None,
            wanted_at: 1,
            first_granted_at: None,
            attempts: 1,
            granted: None,
            last: None,
            settled: settled.then(|| Settled { remote_id: None, note: "Não consta".to_owned() }),
        }
    }

    #[test]
    fn f20_a_charge_is_told_where_a_person_settles_it_and_not_where_others_move_it() {
        for (actor, kind, settled, told) in [
            ("staff:1", EffectKind::Charge, true, true),
            ("token:1", EffectKind::Charge, true, true),
            ("operator:staff:1", EffectKind::Charge, true, false),
            ("system:gateways", EffectKind::Charge, true, false),
            ("credential:1", EffectKind::Charge, true, false),
            ("staff:1", EffectKind::Charge, false, false),
            ("staff:1", EffectKind::Refund, true, false),
        ] {
            let reported = EffectReported { meta: meta(4, actor), effect: effect(kind, settled) };
            let found = changed(&reported.into());
            assert_eq!(found.is_some(), told, "{actor} {kind:?} {settled}");
            if let Some(found) = found {
                assert_eq!((found.kind, found.entity_id, found.action), (CHARGE, NUMBER.to_string(), action::CHANGED));
            }
        }
        let wanted = EffectWanted { meta: meta(1, "staff:1"), effect: effect(EffectKind::Charge, true) };
        assert_eq!(changed(&wanted.into()), None);
    }

    #[test]
    fn f20_a_refund_of_what_a_shop_owes_is_told_to_nobody_of_the_shop() {
        for (actor, told) in [
            ("staff:1", true),
            ("token:1", true),
            ("credential:1", true),
            ("system:signup", false),
            ("system:gateways", false),
            ("operator:staff:1", false),
        ] {
            let refund = Refund {
                refund_id: RefundId::from_uuid(NUMBER),
                charge_id: ChargeId::from_uuid(NUMBER),
                reference: None,
                amount: Money::brl(100),
                bank_account: None,
                status: RefundStatus::ByHand,
                why: None,
                reasons: Vec::new(),
                note: Some("Pix para a mesma conta".to_owned()),
                refunded_before: None,
                attempts: Vec::new(),
                created_at: 1,
                updated_at: 1,
                simulated: false,
            };
            let found = changed(&RefundChanged { meta: meta(2, actor), refund }.into());
            assert_eq!(found.is_some(), told, "{actor}");
        }
    }

    #[test]
    fn a_credential_is_made_and_then_changed() {
        let status = CredentialStatus::Active;
        let credential_id = CredentialId::from_uuid(NUMBER);
        for (version, action) in [(1, action::CREATED), (2, action::CHANGED)] {
            let (name, hash) = ("ERP".to_owned(), "0af1".to_owned());
            let credential = Credential { credential_id, name, hash, status, created_at: 1 };
            let found = changed(&CredentialChanged { meta: meta(version, "staff:1"), credential }.into());
            let found = found.map(|found| (found.kind, found.action));
            assert_eq!(found, Some((CREDENTIAL, action)));
        }
    }
}
