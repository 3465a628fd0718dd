//! The directory: who has which name. Keyed by the name, so that one writer decides who was first. Its events lie under the name,
//! where who asked does not read them, so it answers by a command.

use feira_schemas::{
    groups::Context,
    ids::TenantId,
    problem::{Code, Refusal},
    records::{
        AdminCommand, DirectoryCommand, DirectoryEvent, EventSet, Outgoing, SignupCommand,
        admin::AnswerNameClaim,
        common::CommandMeta,
        directory::{
            ClaimName, ConfirmName, Name, NameAsker, NameConfirmed, NameHeld, NameRefused, NameReleased, NameStatus,
            ReleaseName, entity::NAME,
        },
        signup,
    },
    row::Write,
    rows::directory::{AnswerRow, NameRow, ProgressRow, TimerRow},
};

use crate::{Decided, Decider, Decision, DecisionContext, EntityVersion, Input, Need, NoForeign, Owning, Rows, Shown};

/// The directory's `decide` and `apply`.
pub struct Directory;

impl Decider for Directory {
    const CONTEXT: Context = Context::Directory;
    const FOREIGN: &'static [Context] = &[];
    const OWNING: &'static [Owning] = &[];
    type Command = DirectoryCommand;
    type Event = DirectoryEvent;
    type Foreign = NoForeign;
    type Answer = AnswerRow;
    type Timer = TimerRow;
    type Progress = ProgressRow;

    fn decide(
        input: &Input<DirectoryCommand, NoForeign>,
        rows: &Rows,
        context: &DecisionContext,
    ) -> Decided<DirectoryEvent> {
        match input {
            Input::Command(DirectoryCommand::ClaimName(claim)) => claim_name(claim, rows, context),
            Input::Command(DirectoryCommand::ConfirmName(confirm)) => confirm_name(confirm, rows, context),
            Input::Command(DirectoryCommand::ReleaseName(release)) => release_name(release, rows, context),
            Input::Foreign(event) => match *event {},
            Input::Timer(_) => Ok(Decision::new(context)), // It sets none: who asks it asks again.
        }
    }

    fn apply(event: &DirectoryEvent) -> Vec<Write> {
        let name = match event {
            DirectoryEvent::NameHeld(NameHeld { name, .. })
            | DirectoryEvent::NameConfirmed(NameConfirmed { name, .. })
            | DirectoryEvent::NameReleased(NameReleased { name, .. })
            | DirectoryEvent::NameRefused(NameRefused { name, .. }) => name.clone(),
            DirectoryEvent::CommandAnswered(_) | DirectoryEvent::TimerSet(_) | DirectoryEvent::TimerCleared(_) => {
                return Vec::new();
            }
        };
        let meta = event.meta();
        vec![Write::put(NameRow { name, version: meta.aggregate_version }, meta.write_ts)]
    }

    fn of_partition(_: &DirectoryEvent, _: u32) -> Vec<Write> {
        Vec::new() // It has no such table.
    }

    fn shown(event: &DirectoryEvent) -> Option<Shown> {
        match event {
            DirectoryEvent::NameHeld(NameHeld { name, .. })
            | DirectoryEvent::NameConfirmed(NameConfirmed { name, .. })
            | DirectoryEvent::NameReleased(NameReleased { name, .. }) => {
                Some(Shown { entity: NAME, json: serde_json::to_string(name).ok() })
            }
            // Who has it is nobody else's matter.
            DirectoryEvent::NameRefused(_) => Some(Shown::without_json(NAME)),
            DirectoryEvent::CommandAnswered(_) | DirectoryEvent::TimerSet(_) | DirectoryEvent::TimerCleared(_) => None,
        }
    }

    fn key(event: &DirectoryEvent) -> Option<String> {
        match event {
            DirectoryEvent::NameHeld(NameHeld { name, .. })
            | DirectoryEvent::NameConfirmed(NameConfirmed { name, .. })
            | DirectoryEvent::NameReleased(NameReleased { name, .. })
            | DirectoryEvent::NameRefused(NameRefused { name, .. }) => Some(name.name.clone()),
            DirectoryEvent::CommandAnswered(_) | DirectoryEvent::TimerSet(_) | DirectoryEvent::TimerCleared(_) => None,
        }
    }
}

/// A name is free if nobody has it, or if who held it did not come back in time.
fn is_free(name: &Name, now: i64) -> bool {
    match name.status {
        NameStatus::Released => true,
        NameStatus::Held => name.until.is_some_and(|until| until < now),
        NameStatus::Confirmed | NameStatus::Unknown => false,
    }
}

fn claim_name(claim: &ClaimName, rows: &Rows, context: &DecisionContext) -> Decided<DirectoryEvent> {
    if claim.asker == NameAsker::Unknown {
        // Nothing is held for somebody who would never hear of it.
        let detail = format!("Quem pede o endereço «{}» é de uma versão mais nova da plataforma.", claim.name);
        return Err(Refusal::new(Code::UnknownReference, detail).into());
    }
    let present = rows.get::<NameRow>(NameRow::at(&claim.name))?;
    let tenant_id = claim.meta.tenant_id;
    let version = present.as_ref().map_or(0, |row| row.version) + 1;
    let mut decision = Decision::new(context);
    let holder = present.as_ref().map(|row| &row.name).filter(|name| !is_free(name, context.now));
    let became = match holder {
        Some(name) if name.tenant_id != tenant_id => {
            let (name, entity) = (name.clone(), EntityVersion::new(&claim.name, version));
            decision.event(entity, |meta| NameRefused { meta, name, claimed_by: tenant_id });
            Became::Anothers
        }
        // Its own already, for good: a second claim changes nothing.
        Some(name) if name.status == NameStatus::Confirmed => Became::Confirmed,
        _ => {
            // From now on, not from when it was asked: while the directory was away, holds would end before they begin. What
            // the holder itself has longer already stays.
            let until = holder.and_then(|name| name.until).max(Some(context.now.saturating_add(claim.hold())));
            let name = Name { name: claim.name.clone(), tenant_id, status: NameStatus::Held, until };
            decision.event(EntityVersion::new(&claim.name, version), |meta| NameHeld { meta, name });
            Became::Held
        }
    };
    answer(&mut decision, claim.asker, tenant_id, &claim.name, became);
    Ok(decision)
}

/// The outcome of a question, for who asked it.
enum Became {
    Held,
    Confirmed,
    Anothers,
    Released,
}

/// Tells who asked whose the name is. Also where nothing has changed: who asks again has not heard the answer.
fn answer(decision: &mut Decision<DirectoryEvent>, asker: NameAsker, tenant: TenantId, name: &str, became: Became) {
    let meta = decision.command_meta(tenant, "system:directory");
    let (held, confirmed) = match became {
        Became::Held => (true, false),
        Became::Confirmed => (true, true),
        Became::Anothers | Became::Released => (false, false),
    };
    match asker {
        NameAsker::Admin => {
            let answer = AnswerNameClaim { meta, name: name.to_owned(), held, confirmed };
            decision.commands.push(Outgoing::new(tenant, AdminCommand::AnswerNameClaim(answer)));
        }
        NameAsker::Signup => {
            let answer = signup::AnswerNameClaim { meta, name: name.to_owned(), held, confirmed };
            decision.commands.push(Outgoing::new(tenant, SignupCommand::AnswerNameClaim(answer)));
        }
        NameAsker::Unknown => {}
    }
}

fn confirm_name(confirm: &ConfirmName, rows: &Rows, context: &DecisionContext) -> Decided<DirectoryEvent> {
    let tenant_id = confirm.meta.tenant_id;
    let Some(row) = own_name(&confirm.name, &confirm.meta, rows)? else {
        let mut decision = Decision::refuse(context, not_the_holder(&confirm.name));
        answer(&mut decision, confirm.asker, tenant_id, &confirm.name, Became::Anothers);
        return Ok(decision);
    };
    let mut decision = Decision::new(context);
    if row.name.status != NameStatus::Confirmed {
        let name = Name { status: NameStatus::Confirmed, until: None, ..row.name };
        decision.event(EntityVersion::new(&confirm.name, row.version + 1), |meta| NameConfirmed { meta, name });
    }
    answer(&mut decision, confirm.asker, tenant_id, &confirm.name, Became::Confirmed);
    Ok(decision)
}

fn release_name(release: &ReleaseName, rows: &Rows, context: &DecisionContext) -> Decided<DirectoryEvent> {
    let mut decision = Decision::new(context);
    match own_name(&release.name, &release.meta, rows)? {
        Some(row) => {
            let name = Name { status: NameStatus::Released, until: None, ..row.name };
            decision.event(EntityVersion::new(&release.name, row.version + 1), |meta| NameReleased { meta, name });
        }
        // It was released before, or is another's by now: who asks again has not heard that it is done.
        None if release.asker.is_some() => {}
        None => return Err(not_the_holder(&release.name).into()),
    }
    if let Some(asker) = release.asker {
        answer(&mut decision, asker, release.meta.tenant_id, &release.name, Became::Released);
    }
    Ok(decision)
}

/// The name's row, if the one who asks is its holder.
fn own_name(name: &str, meta: &CommandMeta, rows: &Rows) -> Result<Option<NameRow>, Need> {
    let row = rows.get::<NameRow>(NameRow::at(name))?;
    let own = |row: &NameRow| row.name.tenant_id == meta.tenant_id && row.name.status != NameStatus::Released;
    Ok(row.map(|row| NameRow::clone(&row)).filter(own))
}

fn not_the_holder(name: &str) -> Refusal {
    Refusal::new(Code::NameTaken, format!("O endereço «{name}» não pertence a esta loja."))
}
