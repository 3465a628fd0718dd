//! What buyers get over HTTP: the store's API and the shop's pages, on the embedded parts.

mod changes;
mod hosts;
mod pages;
mod positions;
mod search;
mod world;
