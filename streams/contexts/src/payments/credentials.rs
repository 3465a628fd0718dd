//! Credentials of other systems for a shop's payments API.

use std::sync::Arc;

use feira_schemas::{
    ids::TenantId,
    problem::{Code, Refusal},
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{
            Credential, CredentialChanged, CredentialStatus, IssueCredential, RevokeCredential, entity::CREDENTIAL,
        },
    },
    rows::payments::CredentialRow,
};
use serde_json::json;

use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, Rows, Shown};

/// Credentials of a shop that open its payments API at once: each is a system that somebody looks after.
pub const CREDENTIALS: usize = 20;

pub(super) fn issue(command: &IssueCredential, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let present = all(command.meta.tenant_id, rows)?;
    if let Some(row) = present.iter().find(|row| row.credential.credential_id == command.credential_id) {
        return Ok(Decision::unchanged(context, shown_as(&row.credential)));
    }
    let active = present.iter().filter(|row| row.credential.status == CredentialStatus::Active).count();
    if active >= CREDENTIALS {
        let detail = format!("A loja já tem {CREDENTIALS} credenciais de pagamento: revogue uma que não usa mais.");
        return Err(Refusal::new(Code::LimitReached, detail).into());
    }
    let credential = Credential {
        credential_id: command.credential_id,
        name: command.name.clone(),
        hash: command.hash.clone(),
        status: CredentialStatus::Active,
        created_at: context.now,
    };
    let mut decision = Decision::new(context);
    let entity = EntityVersion::new(command.credential_id, 1);
    decision.answer(Outcome::Created, entity, |meta| CredentialChanged { meta, credential });
    Ok(decision)
}

pub(super) fn revoke(command: &RevokeCredential, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let present = all(command.meta.tenant_id, rows)?;
    let Some(row) = present.iter().find(|row| row.credential.credential_id == command.credential_id) else {
        let detail = format!("Não há credencial {}.", command.credential_id);
        return Err(Refusal::new(Code::NotFound, detail).into());
    };
    if row.credential.status == CredentialStatus::Revoked {
        return Ok(Decision::unchanged(context, shown_as(&row.credential)));
    }
    let credential = Credential { status: CredentialStatus::Revoked, ..row.credential.clone() };
    let mut decision = Decision::new(context);
    let entity = EntityVersion::new(command.credential_id, row.version + 1);
    decision.answer(Outcome::Updated, entity, |meta| CredentialChanged { meta, credential });
    Ok(decision)
}

fn all(tenant: TenantId, rows: &Rows) -> Result<Vec<Arc<CredentialRow>>, Need> {
    rows.scan::<CredentialRow>(CredentialRow::all(tenant))
}

/// The credential that an event shows.
pub(super) fn shown(event: &CredentialChanged) -> Shown {
    shown_as(&event.credential)
}

/// A credential as the API gives it: its hash is nobody's matter.
fn shown_as(credential: &Credential) -> Shown {
    let Credential { credential_id, name, status, created_at, .. } = credential;
    Shown::new(CREDENTIAL, json!({"id": credential_id, "name": name, "status": status, "created_at": created_at}))
}
