//! The buyer's side: stock per variant, and the listing that the shop's views read. Admin's events are its inputs; what it
//! keeps of them it says again as events of its own, so that its state is a fold of these alone.

mod apply;
mod listing;
mod low;
mod methods;
mod pieces;
mod product_methods;
mod shop;
mod stock;

use feira_schemas::{
    groups::Context,
    records::{AdminEvent, EventSet, StoreCommand, StoreEvent},
    row::Write,
    rows::store::{AnswerRow, ProgressRow, TimerRow},
};

use crate::{Decided, Decider, Decision, DecisionContext, Input, Owning, Rows, Shown};

/// The store's `decide` and `apply`.
pub struct Store;

impl Decider for Store {
    const CONTEXT: Context = Context::Store;
    const FOREIGN: &'static [Context] = &[Context::Admin];
    const OWNING: &'static [Owning] = &[];
    type Command = StoreCommand;
    type Event = StoreEvent;
    type Foreign = AdminEvent;
    type Answer = AnswerRow;
    type Timer = TimerRow;
    type Progress = ProgressRow;

    fn decide(input: &Input<StoreCommand, AdminEvent>, rows: &Rows, context: &DecisionContext) -> Decided<StoreEvent> {
        match input {
            Input::Command(StoreCommand::SetStock(command)) => stock::set(command, rows, context),
            Input::Command(StoreCommand::AdjustStock(command)) => stock::adjust(command, rows, context),
            Input::Foreign(AdminEvent::TenantChanged(event)) => shop::tenant_changed(event, rows, context),
            Input::Foreign(AdminEvent::SettingsChanged(event)) => shop::settings_changed(event, rows, context),
            Input::Foreign(AdminEvent::CategoryChanged(event)) => shop::category_changed(event, rows, context),
            Input::Foreign(AdminEvent::CategoryDeleted(event)) => shop::category_deleted(event, rows, context),
            Input::Foreign(AdminEvent::ProductChanged(event)) => listing::product_changed(event, rows, context),
            Input::Foreign(AdminEvent::ProductDeleted(event)) => listing::product_deleted(event, rows, context),
            Input::Foreign(AdminEvent::ShopMethodChanged(event)) => methods::changed(event, rows, context),
            Input::Foreign(AdminEvent::ShopMethodRemoved(event)) => methods::removed(event, rows, context),
            Input::Foreign(AdminEvent::ProductMethodChanged(event)) => product_methods::changed(event, rows, context),
            Input::Foreign(AdminEvent::ProductMethodRemoved(event)) => product_methods::removed(event, rows, context),
            Input::Foreign(
                AdminEvent::TokenChanged(_)
                | AdminEvent::ShopNameChanged(_)
                | AdminEvent::StaffChanged(_)
                | AdminEvent::StaffGroupChanged(_)
                | AdminEvent::StaffGroupRemoved(_)
                | AdminEvent::StandingChanged(_)
                | AdminEvent::ShopReported(_)
                | AdminEvent::OfferedMethodChanged(_)
                | AdminEvent::OfferedMethodRemoved(_)
                | AdminEvent::DomainChanged(_)
                | AdminEvent::CouponChanged(_)
                | AdminEvent::CouponRemoved(_)
                | AdminEvent::ShippingChanged(_)
                | AdminEvent::ShippingRemoved(_)
                | AdminEvent::MailWanted(_)
                | AdminEvent::MailDone(_)
                | AdminEvent::CommandAnswered(_)
                | AdminEvent::TimerSet(_)
                | AdminEvent::TimerCleared(_),
            ) => Ok(Decision::new(context)),
            Input::Timer(_) => Ok(Decision::new(context)), // It sets none yet.
        }
    }

    fn apply(event: &StoreEvent) -> Vec<Write> {
        apply::apply(event)
    }

    fn of_partition(_: &StoreEvent, _: u32) -> Vec<Write> {
        Vec::new() // It has no such table.
    }

    fn shown(event: &StoreEvent) -> Option<Shown> {
        match event {
            StoreEvent::StockChanged(event) => Some(pieces::shown(&event.stock)),
            _ => None, // They answer nobody.
        }
    }

    fn key(event: &StoreEvent) -> Option<String> {
        Some(event.meta().tenant_id.to_string())
    }
}

pub use pieces::{json as stock_json, unknown as unknown_stock};
pub use shop::shop_of;
