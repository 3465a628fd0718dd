//! A payment gateway that moves no money: pagar.me v5 and Stripe as their own client libraries speak them, with faults to order.
//!
//! Its answers are those of the vendors as far as they are known from their published clients and from what integrators published;
//! what no one has published is this simulator's choice. Nobody pays anything here, and no card is charged.
//!
//! | path | is |
//! |---|---|
//! | `/core/v5/…` | pagar.me's API, asked with an account's secret key by HTTP Basic |
//! | `/v1/…` | Stripe's API, asked with another account's secret key: see [`stripe`] |
//! | `/admin/…` | accounts, faults, the clock, what was charged, hooks: see [`admin`] |
//! | `/` | a page on which a person pays a Pix or a boleto |
//!
//! What goes wrong is ordered by the admin API (see [`core::faults`]), by the sums in [`core::faults::MAGIC_AMOUNTS`] or by the card
//! numbers in [`core::card::MAGIC_NUMBERS`]; `feira-simulator --help` prints both tables. All state is in one folder: what was
//! answered is there after a `kill -9`.

pub mod admin;
pub mod cli;
pub mod core;
pub mod exchange;
mod faces;
pub mod pagarme;
mod page;
mod running;
pub mod stripe;
mod wire;

use std::{net::SocketAddr, path::PathBuf};

use thiserror::Error;

pub use running::{Keys, Running};

/// What a simulator needs to start.
pub struct Settings {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// Whether other machines may reach it: without, an address that is not of the loopback is refused.
    pub anywhere: bool,
    /// The folder of its state.
    pub folder: PathBuf,
    /// What time it is.
    pub clock: feira_schemas::time::Clock,
    /// The source of ids and keys.
    pub ids: core::ids::Ids,
}

/// Why a simulator does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The address is not of the loopback.
    #[error(
        "{0} can be reached from other machines; say --anywhere if that is meant: whoever reaches it orders faults and sees all"
    )]
    NotLoopback(SocketAddr),
    /// The state can't be used.
    #[error(transparent)]
    Store(#[from] core::StoreError),
    /// The address can't be listened on.
    #[error("{0} can't be listened on: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// There is no client to send hooks with.
    #[error("hooks can't be sent: {0}")]
    Hooks(#[from] reqwest::Error),
}
