//! A platform on embedded parts, for tests of what needs one.
#![allow(clippy::unwrap_used)]

use std::{marker::PhantomData, path::Path};

use feira_connectors::{cache::Cache, clock::wall_clock, files::Files, log::Log, registry::Registry, state::State};

use feira_schemas::{
    budget::Budget,
    ids::{CommandId, Micros, TenantId},
    records::{
        CommandSet,
        common::{CommandMeta, InputPosition},
    },
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    platform::{Platform, Ports},
    task::{Cause, Decider, Decision, Input, Moment, Rows},
};

/// One with a single partition, in this folder.
pub(crate) async fn platform(folder: &Path) -> Platform {
    let at = |name: &str| folder.join(name);
    let ports = Ports {
        log: Log::embedded(&at("log")).unwrap(),
        state: State::embedded(&at("state")).unwrap(),
        cache: Cache::embedded(1 << 20),
        files: Files::embedded(&at("files")).unwrap(),
        registry: Registry::embedded(&at("registry")).unwrap(),
    };
    Platform::start(ports, 1, Budget::default(), wall_clock()).await.unwrap()
}

/// A shop of this number.
pub(crate) fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(number))
}

/// The common fields of a command of this shop that was asked at this time.
pub(crate) fn command_meta(tenant_id: TenantId, issued_at: Micros) -> CommandMeta {
    CommandMeta {
        command_id: CommandId::from_uuid(Uuid::new_v4()),
        tenant_id,
        actor: "operator".into(),
        issued_at,
        body_hash: String::new(),
        keyed: false,
        expected_version: None,
    }
}

/// What a context decides, one command after the other, by a clock that the test moves. Its rows are what its own events made.
pub(crate) struct Deciding<D> {
    platform: Platform,
    rows: Rows,
    decider: PhantomData<D>,
    _folder: TempDir,
}

impl<D: Decider> Deciding<D> {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let platform = platform(folder.path()).await;
        Self { platform, rows: Rows::within(10_000_000), decider: PhantomData, _folder: folder }
    }

    pub(crate) async fn command(&mut self, now: Micros, command: impl Into<D::Command>) -> Decision<D::Event> {
        let command = command.into();
        let CommandMeta { command_id, tenant_id, actor, body_hash, .. } = command.meta().clone();
        let input = InputPosition { topic: "test".into(), partition: 0, offset: 0 };
        let moment =
            Moment { context: D::CONTEXT, now, cause: Cause { command_id, tenant_id, actor, body_hash, input } };
        let input = Input::Command(command);
        let decision = loop {
            match D::decide(&input, &self.rows, &moment) {
                Ok(decision) => break decision,
                Err(need) => self.rows.load(&self.platform.state, &[need]).await.unwrap(),
            }
        };
        decision.events.iter().for_each(|event| self.rows.apply(&D::apply(event)));
        decision
    }
}
