//! Accounts at gateways, as adapters need them: keys in the open for the length of a call.

use feira_schemas::{sealed::GatewayKey, secret::Secret};

/// The kinds of account, by who has the contract with the acquirer. They differ in what a cancelled sum means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountKind {
    /// The gateway is the acquirer too, and moves the money.
    WholeService,
    /// The merchant has an acquirer or bank of its own, and the gateway passes requests on.
    OwnAcquirer,
}

/// An account at a gateway, with its keys opened. Its `Debug` shows no key.
#[derive(Debug, Clone)]
pub struct Account {
    /// The account's id in this program, which every charge names.
    pub id: String,
    /// The kind of the account.
    pub kind: AccountKind,
    /// The key by which the gateway takes requests.
    pub secret_key: GatewayKey,
    /// The key by which a browser turns a card into a token.
    pub public_key: String,
    /// The proof of callbacks: `user:password` where the gateway sends HTTP Basic, else the secret of its signatures.
    pub callback_secret: Secret,
}

/// The owner of a pair of keys, as the gateway knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The gateway's id of the account; `None` where it tells none, and only takes the key.
    pub remote_account: Option<String>,
}

/// The key and address by which a page turns a card into a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserKey {
    /// The public key.
    pub public_key: String,
    /// The address that the browser posts the card to: the page's one foreign `connect-src`.
    pub tokens: String,
}
