//! Accounts of shops at payment gateways.

use serde::{Deserialize, Serialize};

use super::Why;
use crate::{
    ids::{AccountId, Micros},
    records::common::{CommandMeta, EventMeta},
    sealed::{CallbackSecret, Email, GatewayKey, Sealed},
};

/// Kinds of account at a gateway, by who has the contract with the acquirer: they differ in what a cancelled sum means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountKind {
    /// `WHOLE_SERVICE`: the gateway is the acquirer too, and moves the money.
    WholeService,
    /// `OWN_ACQUIRER`: the merchant has an acquirer or bank of its own, and the gateway passes requests on.
    OwnAcquirer,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// State of an account at a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountStatus {
    /// `UNTESTED`: its key was not tried yet: nothing is charged by it.
    Untested,
    /// `READY`: its key was taken.
    Ready,
    /// `BROKEN`: its key is refused, or a charge of it can't be found: nothing is charged by it until somebody mends it.
    Broken,
    /// `RETIRED`: it takes no new charges; those that it has are looked at and given back by it.
    Retired,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// An account of a shop at a payment gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The account.
    pub account_id: AccountId,
    /// The name by which the merchant knows it.
    pub name: String,
    /// The gateway's name: pagarme, stripe.
    pub gateway: String,
    /// The kind, by who has the contract with the acquirer.
    pub kind: AccountKind,
    /// The key by which a browser turns a card into a token.
    pub public_key: String,
    /// The key by which the gateway takes requests, sealed of account:<account_id>.
    pub key: Sealed<GatewayKey>,
    /// 1 for the first key, then +1 each time that another is saved.
    pub key_version: i32,
    /// The proof of callbacks, sealed: user:password where the gateway sends HTTP Basic, else the secret of its signatures.
    pub callback: Sealed<CallbackSecret>,
    /// SHA-256 of user:password, hex, by which a callback is compared; null where the gateway signs.
    #[serde(default)]
    pub callback_hash: Option<String>,
    /// The state, by which charges go to it or not.
    pub status: AccountStatus,
    /// The reason for which it is broken, one word of the closed list; null otherwise.
    #[serde(default)]
    pub why: Option<String>,
    /// The gateway's id of the account; null where it tells none, and until it was tested.
    #[serde(default)]
    pub remote_account: Option<String>,
    /// True if Pix and boleto go to it: of one account of a shop at most.
    pub is_default: bool,
    /// The time at which it was made.
    pub created_at: Micros,
    /// The time at which it was changed last.
    pub updated_at: Micros,
    /// The time at which its key was tried last; null until then.
    #[serde(default)]
    pub checked_at: Option<Micros>,
    /// True if its key is a simulator's, which moves no money; that of an account never changes.
    #[serde(default)]
    pub simulated: bool,
    /// The address that is told when the account is broken, sealed of account:<account_id>; null tells nobody.
    #[serde(default)]
    pub notify_email: Option<Sealed<Email>>,
}

impl Account {
    /// Says why nothing is charged by a broken account, and what to do (pt-BR).
    pub fn mending(&self) -> &'static str {
        Self::mending_of(self.why.as_deref())
    }

    /// Says of an account that is broken for this reason, a word of the closed list, what to do (pt-BR).
    pub fn mending_of(why: Option<&str>) -> &'static str {
        match why.and_then(Why::named) {
            Some(Why::Account) => "O gateway não aceita a chave desta conta. Salve uma chave que ele aceite.",
            Some(Why::AnotherAccount) => {
                "A chave que foi salva é de outra conta do gateway. Salve uma chave desta conta, ou crie outra conta com essa."
            }
            Some(Why::NotFound) => {
                "O gateway não encontra uma cobrança desta conta. Salve a chave da conta que fez a cobrança."
            }
            _ => "Esta conta de pagamento não está funcionando. Salve a chave dela de novo.",
        }
    }
}

/// Make an account or change one: its key is tried before it charges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaveAccount {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The account; one that is not there is made.
    pub account_id: AccountId,
    /// The name by which the merchant knows it.
    pub name: String,
    /// The gateway's name; that of an account never changes.
    pub gateway: String,
    /// The kind, by who has the contract with the acquirer.
    pub kind: AccountKind,
    /// The key by which a browser turns a card into a token.
    pub public_key: String,
    /// The key by which the gateway takes requests; null keeps the one that it has.
    #[serde(default)]
    pub key: Option<Sealed<GatewayKey>>,
    /// The proof of callbacks; null keeps the one that it has.
    #[serde(default)]
    pub callback: Option<Sealed<CallbackSecret>>,
    /// SHA-256 of user:password, hex, where the gateway sends HTTP Basic; of the same value as callback.
    #[serde(default)]
    pub callback_hash: Option<String>,
    /// True if Pix and boleto shall go to it. The first account of a shop is the default in any case.
    pub make_default: bool,
    /// True if the key is a simulator's. It counts where a key is there.
    #[serde(default)]
    pub simulated: bool,
    /// The address that is told when the account is broken; null keeps the one that it has.
    #[serde(default)]
    pub notify_email: Option<Sealed<Email>>,
    /// True if nobody is told any more.
    #[serde(default)]
    pub forget_notify_email: bool,
}

/// Pix and boleto shall go to this account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetDefaultAccount {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The account.
    pub account_id: AccountId,
}

/// An account shall take no new charges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetireAccount {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The account.
    pub account_id: AccountId,
}

/// The key of an account that is lent was refused: it is tried, and the account is broken where it is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckAccount {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The account.
    pub account_id: AccountId,
}

/// An account is now this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The account after this event.
    pub account: Account,
}
