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
    time::{DAY, MINUTE},
};

use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, NewTimer, Rows};

/// The microseconds that a name waits for its shop. Provisioning takes milliseconds; this bounds what a crash between can hold up.
const HOLD: Micros = 10 * MINUTE;
/// The microseconds for which the name of a shop that was closed is nobody's: long enough that who knew the shop does not take another
/// for it. A longer time would keep names from who wants them.
const KEPT: Micros = 90 * DAY;
/// Begins the id of the entity, of which the name is the rest.
const NAME: &str = "name:";

/// A question to the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// Hold the name for the shop, which is being made.
    Claim,
    /// The shop is open: the name is its own for good.
    Confirm,
    /// The shop was closed: the name may be another's.
    Release,
}

impl Question {
    const ALL: [Self; 3] = [Self::Claim, Self::Confirm, Self::Release];

    /// The word for it in records.
    fn word(self) -> &'static str {
        match self {
            Self::Claim => "claim_name",
            Self::Confirm => "confirm_name",
            Self::Release => "release_name",
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
            Self::Release => ShopNameStatus::Kept,
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
        Question::Confirm => ConfirmName { meta, name, asker }.into(),
        Question::Release => ReleaseName { meta, name, asker: Some(asker) }.into(),
    };
    decision.commands.push(Outgoing::new(key, command));
}

/// The shop was closed: its name is kept, and given back when the timer is due that is set here. One that is not confirmed yet is asked
/// to be once more, since a hold alone would end before.
pub(super) fn keep(
    name: &str,
    present: Option<&ShopNameRow>,
    decision: &mut Decision<AdminEvent>,
    context: &DecisionContext,
) {
    let present = present.map(|row| &row.name);
    let (what, due) = (Question::Release.word(), context.now.saturating_add(KEPT));
    let replaces = present.and_then(|present| present.asked.as_ref()).map(|asked| asked.timer);
    let timer = decision.set_timer(NewTimer { entity: &format!("{NAME}{name}"), what, due, replaces });
    let asked = Asked { what: what.to_owned(), since: due, times: 0, timer };
    let (status, version) = (Question::Release.status(), present.map_or(0, |present| present.version) + 1);
    changed(ShopName { name: name.to_owned(), version, status, asked: Some(asked) }, decision);
    if present.is_none_or(|present| present.status != ShopNameStatus::Confirmed) {
        send(Question::Confirm, name, decision, context);
    }
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
