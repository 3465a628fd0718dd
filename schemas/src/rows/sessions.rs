//! The rows of who is logged in, of who tried to, of what somebody without a log-in asks for, and of carts. They are no fold of the log: the APIs alone write and read them, in a store of
//! their own. So they are of no generation that another could follow, and stand in none of the lists of rows that are folded.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    ids::{Micros, ProductId, StaffId, TenantId, VariantId},
    row::{KeyPart, Row, RowKey, RowType, Stored, Table},
    time::{DAY, HOUR, MINUTE},
};

/// The keyspace without its prefix.
pub const KEYSPACE: &str = "sessions";
/// The text of the keyspace's file in `schemas/cql`.
pub const CQL: &str = include_str!("../../cql/sessions.cql");
/// The generation in the tables' names, for ever.
pub const GENERATION: u32 = 1;

/// The microseconds for which a session is good, however much it is used.
pub const SESSION_LASTS: Micros = 14 * DAY;
/// The microseconds without a request after which a session is over.
pub const SESSION_IDLES: Micros = 12 * HOUR;
/// The microseconds between two writes of when a session was seen: each request would be a write otherwise.
pub const SEEN_EVERY: Micros = 10 * MINUTE;
/// The microseconds for which a failed attempt to log in counts.
pub const FAILURE_COUNTS: Micros = 15 * MINUTE;
/// The microseconds for which is kept what somebody without a log-in has asked for: about as long as a boleto's name is held.
pub const ASKING_KEPT: Micros = 8 * DAY;
/// The microseconds for which a cart is kept that nobody changes.
pub const CART_KEPT: Micros = 30 * DAY;
/// The most writes with an `Idempotency-Key` that a cart remembers: with more it would be a row of hashes.
pub const CART_WRITES: usize = 64;
/// The microseconds for which a cart remembers a write by its `Idempotency-Key`, as every other route does.
pub const CART_WRITE_KNOWN: Micros = DAY;
/// The microseconds for which it remembers a form of its page: who presses a button twice does so at once, and one day's forms could be more
/// than it remembers.
pub const CART_FORM_KNOWN: Micros = HOUR;

/// `feira_sessions.session`.
pub const SESSION: Table = Table {
    keyspace: KEYSPACE,
    name: "session",
    generation: GENERATION,
    partition_key: &["tenant_id", "token_hash"],
    clustering_key: &[],
    kept: Some(SESSION_LASTS),
};

/// `feira_sessions.failure`.
pub const FAILURE: Table = Table {
    keyspace: KEYSPACE,
    name: "failure",
    generation: GENERATION,
    partition_key: &["tenant_id", "whose"],
    clustering_key: &["at", "failure_id"],
    kept: Some(FAILURE_COUNTS),
};

/// `feira_sessions.asking`.
pub const ASKING: Table = Table {
    keyspace: KEYSPACE,
    name: "asking",
    generation: GENERATION,
    partition_key: &["tenant_id", "whose"],
    clustering_key: &["newest_first", "shop_id", "entity_id"],
    kept: Some(ASKING_KEPT),
};

/// `feira_sessions.cart`.
pub const CART: Table = Table {
    keyspace: KEYSPACE,
    name: "cart",
    generation: GENERATION,
    partition_key: &["tenant_id", "cart_hash"],
    clustering_key: &[],
    kept: Some(CART_KEPT),
};

/// Every table.
pub const TABLES: &[Table] = &[SESSION, FAILURE, ASKING, CART];

/// The type of each table's rows.
pub const ROWS: &[RowType] = &[
    *RowType::of::<SessionRow>(),
    *RowType::of::<FailureRow>(),
    *RowType::of::<AskingRow>(),
    *RowType::of::<CartRow>(),
];

/// A session of a member of staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// The shop whose staff it is of, or the platform.
    pub tenant_id: TenantId,
    /// SHA-256 of the cookie's token, 64 hex digits.
    pub token_hash: String,
    /// The member.
    pub staff_id: StaffId,
    /// The host that the session was made on, in lower case and without port: it is good on no other.
    pub host: String,
    /// The time of the log-in.
    pub made_at: Micros,
    /// The time of a request with it: not the last one, but within [`SEEN_EVERY`] of it.
    pub seen_at: Micros,
    /// The member's `sessions_not_before` as it stood beside the password that was verified. The session holds while the member's is the
    /// same, whatever clocks say: another one means that sessions were ended since.
    pub ended_before: Micros,
}

impl SessionRow {
    /// The key of a session's row.
    pub fn at(tenant: TenantId, token_hash: &str) -> RowKey {
        RowKey::new([tenant.uuid().into(), token_hash.into()], [])
    }

    /// True if the session is over by the times in its row.
    pub fn is_over(&self, now: Micros) -> bool {
        now >= self.made_at + SESSION_LASTS || now >= self.seen_at + SESSION_IDLES
    }

    /// True if it is to be written that the session was seen.
    pub fn is_to_be_seen(&self, now: Micros) -> bool {
        now >= self.seen_at + SEEN_EVERY
    }

    /// The `write_ts` of this row: a microsecond more for each time that it was seen. So what writes that a session was seen never
    /// brings back one that was ended meanwhile, which is written at a time seconds behind its making ([`Self::ended_at`]).
    pub fn written_at(&self) -> Micros {
        self.made_at + (self.seen_at - self.made_at) / SEEN_EVERY
    }

    /// The `write_ts` by which the session's row is deleted at this time: behind all that [`Self::written_at`] can be.
    pub fn ended_at(&self, now: Micros) -> Micros {
        now.max(self.made_at + SESSION_LASTS / SEEN_EVERY + 1)
    }
}

impl Stored for SessionRow {
    const TABLE: Table = SESSION;
}

impl Row for SessionRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, &self.token_hash)
    }
}

/// An attempt to log in that failed, or is not known to have succeeded. Each is a row of its own: rows that count would lose counts to one
/// another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureRow {
    /// The shop, or the platform.
    pub tenant_id: TenantId,
    /// The one that it counts for: `term:` and an e-mail address' term, or `source:` and the term of an address or of a /64 of IPv6;
    /// askings for a link by `asks:` and the same term, codes of no coupon by `coupon:`.
    pub whose: String,
    /// The time of the attempt.
    pub at: Micros,
    /// Random.
    pub failure_id: Uuid,
}

impl FailureRow {
    /// The beginning of the keys of all failures of one.
    pub fn all(tenant: TenantId, whose: &str) -> RowKey {
        RowKey::new([tenant.uuid().into(), whose.into()], [])
    }

    /// The place before the failures of one that were at this time or later.
    pub fn before(tenant: TenantId, whose: &str, at: Micros) -> RowKey {
        RowKey { clustering: vec![KeyPart::BigInt(at), Uuid::nil().into()], ..Self::all(tenant, whose) }
    }
}

impl Stored for FailureRow {
    const TABLE: Table = FAILURE;
}

impl Row for FailureRow {
    fn key(&self) -> RowKey {
        let clustering = vec![KeyPart::BigInt(self.at), self.failure_id.into()];
        RowKey { clustering, ..Self::all(self.tenant_id, &self.whose) }
    }
}

/// Something that somebody without a log-in has asked for: a subscription, or that a shop is looked at. Each is a row of its own, as failures
/// are, and counts for whoever asked by each term that it is known by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskingRow {
    /// The tenant that it is counted by: the platform, whatever shop it is about.
    pub tenant_id: TenantId,
    /// The one that it counts for: a word for what is asked, one for what one is known by, and its term, as `subscribe:email:0f…`.
    pub whose: String,
    /// Minus the time of the asking.
    pub newest_first: i64,
    /// The shop that it is about.
    pub shop_id: TenantId,
    /// What is asked for: the subscription, or the report.
    pub entity_id: Uuid,
}

impl AskingRow {
    /// The beginning of the keys of all that one has asked for.
    pub fn all(tenant: TenantId, whose: &str) -> RowKey {
        RowKey::new([tenant.uuid().into(), whose.into()], [])
    }

    /// The time of the asking.
    pub fn asked_at(&self) -> Micros {
        -self.newest_first
    }
}

impl Stored for AskingRow {
    const TABLE: Table = ASKING;
}

impl Row for AskingRow {
    fn key(&self) -> RowKey {
        let clustering = vec![self.newest_first.into(), self.shop_id.uuid().into(), self.entity_id.into()];
        RowKey { clustering, ..Self::all(self.tenant_id, &self.whose) }
    }
}

/// A buyer's cart as it was last changed. Who the buyer is does not stand in it, and what its products are is read from what the shop
/// shows each time that somebody looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// SHA-256 of the cart's id, 64 hex digits: who reads the rows gets into no cart.
    pub cart_hash: String,
    /// +1 each change.
    pub version: i64,
    /// The time of the first change.
    pub made_at: Micros,
    /// The time of the last change, from which the row's days are counted; it may be some milliseconds ahead of the clock. It is the
    /// row's `write_ts`.
    pub updated_at: Micros,
    /// The lines, in the order in which they came.
    pub lines: Vec<CartLine>,
    /// The code of the coupon that was typed.
    pub coupon: Option<String>,
    /// How many pieces could be bought when it was last changed, which pages say beside every title.
    pub pieces: i64,
    /// What these cost then, in centavos.
    pub goods: i64,
    /// The writes that came with an `Idempotency-Key` and are still known by it.
    pub done: Vec<CartWrite>,
    /// The text of the [`crate::sealed::Envelope`] of what the buyer has typed so far for the order.
    pub draft: Option<String>,
}

/// A change of a cart that is known by its `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartWrite {
    /// The hash of the key, and of where it came.
    pub key_hash: String,
    /// The hash of what it asked for.
    pub asked_hash: String,
    /// From then on the key is a new one.
    pub known_until: Micros,
}

/// A line of a cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
    /// The product.
    pub product_id: ProductId,
    /// Its variant.
    pub variant_id: VariantId,
    /// How many of it.
    pub quantity: i64,
    /// The price of one, in centavos, that the buyer saw last by what it says itself, or else the price at which the line was made.
    pub seen_price: i64,
}

impl CartRow {
    /// An empty cart, which is kept nowhere yet.
    pub fn empty(tenant_id: TenantId, cart_hash: String) -> Self {
        let (lines, done) = (Vec::new(), Vec::new());
        Self {
            tenant_id,
            cart_hash,
            version: 0,
            made_at: 0,
            updated_at: 0,
            lines,
            coupon: None,
            pieces: 0,
            goods: 0,
            done,
            draft: None,
        }
    }

    /// The key of a cart's row.
    pub fn at(tenant: TenantId, cart_hash: &str) -> RowKey {
        RowKey::new([tenant.uuid().into(), cart_hash.into()], [])
    }

    /// True if nobody has changed it for so long that it is not kept any more.
    pub fn is_over(&self, now: Micros) -> bool {
        now >= self.updated_at + CART_KEPT
    }

    /// The write that this key is known by at this time.
    pub fn done_by(&self, key_hash: &str, now: Micros) -> Option<&CartWrite> {
        self.done.iter().find(|write| write.key_hash == key_hash && now < write.known_until)
    }

    /// Keeps a write in mind, and lets go of those that are known no more. False where there are as many as may be: one of them would have to
    /// be forgotten before its time.
    pub fn remember(&mut self, write: CartWrite, now: Micros) -> bool {
        self.done.retain(|known| now < known.known_until);
        let has_room = self.done.len() < CART_WRITES;
        if has_room {
            self.done.push(write);
        }
        has_room
    }

    /// Makes this the next version, changed at this time, or behind the last change where the clock is not.
    pub fn change(&mut self, now: Micros) {
        self.updated_at = now.max(self.updated_at + 1);
        if self.version == 0 {
            self.made_at = self.updated_at;
        }
        self.version += 1;
    }
}

impl Stored for CartRow {
    const TABLE: Table = CART;
}

impl Row for CartRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, &self.cart_hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> SessionRow {
        let made_at = 1_700_000_000_000_000;
        SessionRow {
            tenant_id: TenantId::PLATFORM,
            token_hash: "00".into(),
            staff_id: StaffId::from_uuid(Uuid::nil()),
            host: "localhost".into(),
            made_at,
            seen_at: made_at,
            ended_before: 0,
        }
    }

    #[test]
    fn a_session_ends_unused_after_twelve_hours_and_used_after_fourteen_days() {
        let made = session();
        assert!(!made.is_over(made.made_at) && !made.is_over(made.made_at + SESSION_IDLES - 1));
        assert!(made.is_over(made.made_at + SESSION_IDLES));
        let used = SessionRow { seen_at: made.made_at + SESSION_LASTS - 1, ..made.clone() };
        assert!(!used.is_over(used.made_at + SESSION_LASTS - 1) && used.is_over(used.made_at + SESSION_LASTS));
        assert!(!made.is_to_be_seen(made.seen_at + SEEN_EVERY - 1) && made.is_to_be_seen(made.seen_at + SEEN_EVERY));
    }

    #[test]
    fn no_sight_of_a_session_is_written_behind_its_end() {
        let made = session();
        let mut last = made.written_at();
        assert_eq!(last, made.made_at);
        for times in 1..=SESSION_LASTS / SEEN_EVERY {
            let seen = SessionRow { seen_at: made.made_at + times * SEEN_EVERY, ..made.clone() };
            assert!(seen.written_at() > last, "each sight replaces the one before");
            last = seen.written_at();
        }
        assert!(made.ended_at(made.made_at) > last, "also where the clock of who ends it is behind");
    }
    #[test]
    fn s94_a_cart_is_kept_for_thirty_days_from_its_last_change_which_is_behind_all_before() {
        let mut cart = CartRow::empty(TenantId::PLATFORM, "00".into());
        cart.change(1_000);
        assert_eq!((cart.version, cart.made_at, cart.updated_at), (1, 1_000, 1_000));
        cart.change(400);
        assert_eq!((cart.version, cart.made_at, cart.updated_at), (2, 1_000, 1_001), "a clock that is behind");
        cart.change(DAY);
        assert!(!cart.is_over(31 * DAY - 1) && cart.is_over(31 * DAY));
    }

    #[test]
    fn s94_a_cart_knows_a_write_by_its_key_until_its_time_and_forgets_none_before() {
        let write = |number: usize, known_until: Micros| CartWrite {
            key_hash: format!("{number}"),
            asked_hash: "a".into(),
            known_until,
        };
        let mut cart = CartRow::empty(TenantId::PLATFORM, "00".into());
        assert!(cart.remember(write(0, 10), 1));
        assert!((1..CART_WRITES).all(|number| cart.remember(write(number, 20), 1)));
        assert!(!cart.remember(write(CART_WRITES, 20), 9), "it is full");
        assert_eq!((cart.done.len(), cart.done_by("0", 9)), (CART_WRITES, Some(&write(0, 10))));
        assert_eq!((cart.done_by("0", 10), cart.done_by("64", 9)), (None, None));
        assert!(cart.remember(write(CART_WRITES, 20), 10), "the first has had its time");
        assert_eq!((cart.done.len(), cart.done_by("64", 10)), (CART_WRITES, Some(&write(64, 20))));
    }
}
