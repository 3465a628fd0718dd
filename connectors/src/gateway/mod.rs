//! The gateways port: charges, refunds and subscriptions at payment gateways, each behind its name.
//!
//! A vendor's words never leave its adapter: facts go in ([`ChargeFacts`]), the normal form comes out
//! ([`feira_schemas::gateway`]). Every call ends in an [`Outcome`] that says whether it may be repeated; nothing is repeated here.
//! The body of a request is made of its facts alone, and the key of idempotency is the effect's id, so that the same facts make the
//! same bytes.
//!
//! A further gateway is a folder with its adapter, and its line in the table below.

mod account;
mod answer;
mod brazil;
mod callback;
mod capabilities;
mod error;
mod facts;
mod http;
mod pagarme;
mod settings;
mod stripe;

use std::{fmt, sync::Arc};

use feira_schemas::{
    gateway::{Observed, Outcome, Subscription},
    time::{Clock, Micros},
};
use futures::future::BoxFuture;

use self::http::GatewayHttp;
pub use self::{
    account::{Account, AccountKind, BrowserKey, Identity},
    callback::{Callback, CallbackRequest},
    capabilities::{Capabilities, RefundNeeds, Refunds},
    error::{CallbackError, GatewayError, UnknownGateway},
    facts::{
        BankAccount, Buyer, CancelFacts, CardFacts, CardSource, ChargeFacts, EndFacts, Item, ListFacts, Listed, LookUp,
        Payment, Plan, PlanFacts, RefundFacts, SavedCard, Shipping, SubscriptionFacts,
    },
    settings::{CallLimits, GatewaySettings},
};

/// Every gateway that there is: its name, its vendor's address, and what makes its adapter.
const GATEWAYS: &[Vendor] = &[pagarme::VENDOR, stripe::VENDOR];

/// A call that is under way.
pub type Call<'a, T> = BoxFuture<'a, Outcome<T>>;

/// A payment gateway. Nothing here has a default body: an adapter that can't do something says so
/// ([`RefusedFor::Unsupported`](feira_schemas::gateway::RefusedFor)).
pub trait Gateway: Send + Sync {
    /// The gateway's name, by which [`Gateways::named`] finds it.
    fn name(&self) -> &'static str;

    /// Makes a charge. A payment that is refused is done, too: a charge that failed.
    fn create_charge<'a>(&'a self, account: &'a Account, facts: &'a ChargeFacts) -> Call<'a, Observed>;

    /// Looks at a charge; `None` if the gateway answers that it knows none.
    fn get_charge<'a>(&'a self, account: &'a Account, charge: &'a LookUp) -> Call<'a, Option<Observed>>;

    /// Gives back a sum of a charge that was paid. The answer is the charge as it is then; it may not show the sum yet.
    fn refund<'a>(&'a self, account: &'a Account, facts: &'a RefundFacts) -> Call<'a, Observed>;

    /// Cancels a charge that nobody has paid.
    fn cancel<'a>(&'a self, account: &'a Account, facts: &'a CancelFacts) -> Call<'a, Observed>;

    /// Has the gateway keep a card for later charges.
    fn save_card<'a>(&'a self, account: &'a Account, facts: &'a CardFacts) -> Call<'a, SavedCard>;

    /// Makes a plan.
    fn create_plan<'a>(&'a self, account: &'a Account, facts: &'a PlanFacts) -> Call<'a, Plan>;

    /// Makes a subscription to a plan.
    fn create_subscription<'a>(&'a self, account: &'a Account, facts: &'a SubscriptionFacts) -> Call<'a, Subscription>;

    /// Looks at a subscription; `None` if the gateway answers that it knows none.
    fn get_subscription<'a>(&'a self, account: &'a Account, subscription: &'a LookUp)
    -> Call<'a, Option<Subscription>>;

    /// Ends a subscription at once, with what it has not been paid for.
    fn cancel_subscription<'a>(&'a self, account: &'a Account, facts: &'a EndFacts) -> Call<'a, Subscription>;

    /// One page of the charges that were made since a time.
    fn list_charges<'a>(&'a self, account: &'a Account, facts: &'a ListFacts) -> Call<'a, ChargePage>;

    /// Says whom the account's key belongs to, or that it is taken.
    fn who_am_i<'a>(&'a self, account: &'a Account) -> Call<'a, Identity>;

    /// Reads where a callback says to look. Refused where nothing proves that it is the gateway's; `now` counts where a proof
    /// has a time.
    fn parse_callback(
        &self,
        account: &Account,
        request: CallbackRequest<'_>,
        now: Micros,
    ) -> Result<Callback, CallbackError>;

    /// The header in which the gateway signs its callbacks, in small letters; `None` if it doesn't.
    fn signature_header(&self) -> Option<&'static str>;

    /// The key and address by which a page turns a card into a token, of an account with this public key: nothing else of it is needed.
    fn browser_key(&self, public_key: &str) -> BrowserKey;

    /// The capabilities of an account of this kind.
    fn capabilities(&self, kind: AccountKind) -> Capabilities;
}

/// A page of a list of charges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargePage {
    /// The charges, newest first.
    pub charges: Vec<Observed>,
    /// The next page's name; `None`: this is the last.
    pub next: Option<String>,
}

/// All gateways, at the addresses that the operator has set. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Gateways {
    all: Arc<[Arc<dyn Gateway>]>,
    simulated: bool,
}

impl fmt::Debug for Gateways {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all.iter().map(|gateway| gateway.name())).finish()
    }
}

impl Gateways {
    /// All gateways with these settings. Looks begin at the times that `clock` says. Refused where an address is set for a
    /// gateway that there is not, or can't be used; nothing is asked yet.
    pub fn new(settings: &GatewaySettings, clock: &Clock) -> Result<Self, GatewayError> {
        Self::check(settings)?;
        let open = |vendor: &Vendor| {
            let base = settings.address(vendor.name, vendor.address)?;
            let http = GatewayHttp::new(base, settings.limits)?;
            (vendor.open)(Parts { http, clock: clock.clone(), referer: settings.referer()?.map(str::to_owned) })
        };
        let all = GATEWAYS.iter().map(open).collect::<Result<_, _>>()?;
        Ok(Self { all, simulated: settings.simulated })
    }

    /// Checks all that can be told of settings before anything is made of them.
    pub fn check(settings: &GatewaySettings) -> Result<(), GatewayError> {
        if let Some(unknown) = settings.addresses.keys().find(|name| !GATEWAYS.iter().any(|known| known.name == *name))
        {
            return Err(GatewayError(format!("there is none called {unknown:?}")));
        }
        settings.referer()?;
        GATEWAYS.iter().try_for_each(|vendor| settings.address(vendor.name, vendor.address).map(drop))
    }

    /// The gateway of this name.
    pub fn named(&self, name: &str) -> Result<Arc<dyn Gateway>, UnknownGateway> {
        self.all.iter().find(|gateway| gateway.name() == name).cloned().ok_or(UnknownGateway)
    }

    /// True if they are a simulator's, which moves no money: an account of theirs is asked here alone, and no other is.
    pub fn are_simulated(&self) -> bool {
        self.simulated
    }

    /// The names of all gateways.
    pub fn names() -> impl Iterator<Item = &'static str> {
        GATEWAYS.iter().map(|vendor| vendor.name)
    }
}

/// One line of the table of gateways.
struct Vendor {
    /// The name.
    name: &'static str,
    /// The vendor's own address.
    address: &'static str,
    /// Makes the adapter.
    open: fn(Parts) -> Result<Arc<dyn Gateway>, GatewayError>,
}

/// The parts that every adapter is made of.
struct Parts {
    http: GatewayHttp,
    clock: Clock,
    /// The platform's name, for gateways that ask for one.
    referer: Option<String>,
}
