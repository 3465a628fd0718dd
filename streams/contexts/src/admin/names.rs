//! The names that a shop asks the directory for: it asks again until it is answered, since a command may be lost.

use std::sync::Arc;

use feira_schemas::{
    ids::Micros,
    records::{
        AdminEvent, DirectoryCommand, Outgoing,
        admin::{ShopName, ShopNameChanged, ShopNameStatus},
        common::Asked,
        directory::{ClaimName, ConfirmName, NameAsker, ReleaseName},
    },
    rows::{admin::ShopNameRow, common::Timer},
    time::MINUTE,
};

use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, NewTimer, Rows};

/// The microseconds that a name waits for its shop. Provisioning takes milliseconds; this bounds what a crash between can hold up.
const HOLD: Micros = 10 * MINUTE;
/// Begins the id of the entity, of which the name is the rest.
const NAME: &str = "name:";

/// A question to the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// Hold the name for the shop, which is being made.
    Claim,
    /// The shop is open: the name is its own for good.
    Confirm,
    /// The shop was closed before the name was confirmed: it is to be its own still, since a hold alone would end before its time.
    ConfirmKept,
    /// The shop was closed: the name may be another's.
    Release,
}

impl Question {
    const ALL: [Self; 4] = [Self::Claim, Self::Confirm, Self::ConfirmKept, Self::Release];

    /// The word for it in records.
    fn word(self) -> &'static str {
        match self {
            Self::Claim => "claim_name",
            Self::Confirm => "confirm_name",
            Self::ConfirmKept => ShopName::CONFIRM_KEPT,
            Self::Release => ShopName::RELEASE,
        }
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|question| question.word() == word)
    }

    /// The state of a name of which this is asked.
    fn status(self) -> ShopNameStatus {
        match self {
            Self::Claim => ShopNameStatus::Claimed,
            Self::Confirm => ShopNameStatus::Held,
            Self::ConfirmKept | Self::Release => ShopNameStatus::Kept,
        }
    }
}

/// A name of the shop that asks, as it is known.
pub(super) fn known(name: &str, rows: &Rows, context: &DecisionContext) -> Result<Option<Arc<ShopNameRow>>, Need> {
    rows.get::<ShopNameRow>(ShopNameRow::at(context.cause.tenant_id, name))
}

/// Asks the directory, first or again.
pub(super) fn ask(
    question: Question,
    name: &str,
    present: Option<&ShopNameRow>,
    decision: &mut Decision<AdminEvent>,
    context: &DecisionContext,
) {
    let present = present.map(|row| &row.name);
    let before = present.and_then(|present| present.asked.as_ref());
    let asked = decision.ask(&format!("{NAME}{name}"), question.word(), before);
    let (status, version) = (question.status(), present.map_or(0, |present| present.version) + 1);
    changed(ShopName { name: name.to_owned(), version, status, asked: Some(asked) }, decision);
    send(question, name, decision, context);
}

fn send(question: Question, name: &str, decision: &mut Decision<AdminEvent>, context: &DecisionContext) {
    let meta = decision.command_meta(context.cause.tenant_id, "system:admin");
    let (name, asker) = (name.to_owned(), NameAsker::Admin);
    let key = name.clone();
    let command = match question {
        Question::Claim => {
            DirectoryCommand::from(ClaimName { meta, name, until: context.now + HOLD, asker, held_for: HOLD })
        }
        Question::Confirm | Question::ConfirmKept => ConfirmName { meta, name, asker }.into(),
        Question::Release => ReleaseName { meta, name, asker: Some(asker) }.into(),
    };
    decision.commands.push(Outgoing::new(key, command));
}

/// The shop was closed: its name is kept, and given back when its time is over. One that is not confirmed yet is asked to be until the
/// directory has answered, and its time is set then ([`confirmed_late`]).
pub(super) fn keep(
    name: &str,
    present: Option<&ShopNameRow>,
    decision: &mut Decision<AdminEvent>,
    context: &DecisionContext,
) {
    match present.filter(|present| present.name.status == ShopNameStatus::Confirmed) {
        Some(ShopNameRow { name: present, .. }) => release_later(present, ShopName::kept_from(context.now), decision),
        None => ask(Question::ConfirmKept, name, present, decision, context),
    }
}

/// The directory has confirmed the name of a shop that was closed before: it is given back at its time, counted from the closing.
pub(super) fn confirmed_late(present: Option<&ShopNameRow>, decision: &mut Decision<AdminEvent>) {
    let Some(ShopNameRow { name: present, .. }) = present else { return };
    let waits = |asked: &&Asked| asked.what == ShopName::CONFIRM_KEPT;
    if let Some(closed_at) = present.asked.as_ref().filter(waits).map(|asked| asked.since) {
        release_later(present, ShopName::kept_from(closed_at), decision);
    }
}

/// Sets the timer by which a name is given back.
fn release_later(present: &ShopName, due: Micros, decision: &mut Decision<AdminEvent>) {
    let (name, what) = (present.name.clone(), Question::Release.word());
    let replaces = present.asked.as_ref().map(|asked| asked.timer);
    let timer = decision.set_timer(NewTimer { entity: &format!("{NAME}{name}"), what, due, replaces });
    let asked = Asked { what: what.to_owned(), since: due, times: 0, timer };
    let (status, version) = (Question::Release.status(), present.version + 1);
    changed(ShopName { name, version, status, asked: Some(asked) }, decision);
}

/// The directory has answered for good: nothing is asked any more. A name that a program before there were questions has asked
/// for is not known, and its answer leaves nothing.
pub(super) fn answered(status: ShopNameStatus, present: Option<&ShopNameRow>, decision: &mut Decision<AdminEvent>) {
    let Some(ShopNameRow { name: present, .. }) = present else { return };
    let Some(asked) = &present.asked else { return }; // Answered before.
    decision.clear_timer(asked.timer);
    let (name, version) = (present.name.clone(), present.version + 1);
    changed(ShopName { name, version, status, asked: None }, decision);
}

fn changed(name: ShopName, decision: &mut Decision<AdminEvent>) {
    let entity = EntityVersion::new(format!("{NAME}{}", name.name), name.version);
    decision.event(entity, |meta| ShopNameChanged { meta, name });
}

/// A timer is due: what it was set for is asked again, unless it was answered or something else is asked by now.
pub(super) fn ask_again(timer: &Timer, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let mut decision = Decision::new(context);
    let Some(name) = timer.entity.strip_prefix(NAME) else { return Ok(decision) };
    let row = known(name, rows, context)?;
    let asked = row.as_ref().and_then(|row| row.name.asked.as_ref());
    let still = asked.filter(|asked| asked.timer.timer_id == timer.timer_id);
    if let Some(question) = still.and_then(|asked| Question::of(&asked.what)) {
        ask(question, name, row.as_deref(), &mut decision, context);
    }
    Ok(decision)
}
