//! The closed list of reasons for which an attempt, an effect, a refund or an account is not done: its words stand in records.

use crate::gateway::{NotSent, RefusedFor, Unknown};

/// Writes the list: a reason and its word are one line.
macro_rules! reasons {
    ($($(#[$doc:meta])+ $reason:ident = $word:literal),+ $(,)?) => {
        /// A reason. A record has its word; one that is not in the list is a later version's.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Why { $($(#[$doc])+ $reason),+ }

        impl Why {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$reason),+];

            /// The word in records, in small letters.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$reason => $word),+ }
            }
        }
    };
}

reasons! {
    /// Nobody took the connection.
    NoConnection = "no_connection",
    /// The connection ended before the request was whole.
    Incomplete = "incomplete",
    /// The gateway had too many requests (429).
    TooMany = "too_many",
    /// No whole answer came in time.
    TimedOut = "timed_out",
    /// The connection ended after the request and before the answer was whole.
    Reset = "reset",
    /// The gateway failed (5xx).
    Status5xx = "status_5xx",
    /// The gateway's answer says neither yes nor no.
    StatusOther = "status_other",
    /// The gateway was asked under the same key before, otherwise or at the same time.
    KeyInUse = "key_in_use",
    /// The gateway's answer can't be read.
    Unreadable = "unreadable",
    /// The account's keys are not taken (401, 403).
    Account = "account",
    /// The card's token is not known, ran out or was used.
    CardToken = "card_token",
    /// The card's bank declined.
    Declined = "declined",
    /// The request breaks the gateway's contract.
    Request = "request",
    /// The gateway's rules forbid it in the state that the thing is in.
    State = "state",
    /// The gateway knows no such thing.
    NotFound = "not_found",
    /// The gateway offers no such thing.
    Unsupported = "unsupported",
    /// Its time ran out, or what it takes was erased, before the gateway was asked.
    Expired = "expired",
    /// The gateway gives it back only by the merchant's hand.
    ByHandOnly = "by_hand_only",
    /// The sum that the gateway shows is not the one that is known here.
    SumDiffers = "sum_differs",
    /// The attempt was never reported.
    NotReported = "not_reported",
    /// The key that was saved is that of another account at the gateway.
    AnotherAccount = "another_account",
    /// The plan that it is made of was not made.
    Plan = "plan",
    /// A person has settled it by hand.
    ByHand = "by_hand",
}

impl Why {
    /// The reason of a record's word; `None` for a later version's.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|why| why.word() == word)
    }
}

impl From<NotSent> for Why {
    fn from(why: NotSent) -> Self {
        match why {
            NotSent::NoConnection => Self::NoConnection,
            NotSent::Incomplete => Self::Incomplete,
            NotSent::TooMany { .. } => Self::TooMany,
        }
    }
}

impl From<Unknown> for Why {
    fn from(why: Unknown) -> Self {
        match why {
            Unknown::TimedOut => Self::TimedOut,
            Unknown::Reset => Self::Reset,
            Unknown::Status(500..=599) => Self::Status5xx,
            Unknown::Status(_) => Self::StatusOther,
            Unknown::KeyInUse => Self::KeyInUse,
            Unknown::Unreadable => Self::Unreadable,
        }
    }
}

impl From<RefusedFor> for Why {
    fn from(why: RefusedFor) -> Self {
        match why {
            RefusedFor::Account => Self::Account,
            RefusedFor::CardToken => Self::CardToken,
            RefusedFor::Declined => Self::Declined,
            RefusedFor::Request => Self::Request,
            RefusedFor::State => Self::State,
            RefusedFor::NotFound => Self::NotFound,
            RefusedFor::Unsupported => Self::Unsupported,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_reason_is_read_as_it_is_written_and_no_word_is_given_twice() {
        for why in Why::ALL {
            assert_eq!(Why::named(why.word()), Some(*why));
        }
        assert_eq!(Why::ALL.iter().map(|why| why.word()).collect::<BTreeSet<_>>().len(), Why::ALL.len());
        assert_eq!(Why::named("of_tomorrow"), None);
    }

    #[test]
    fn a_gateway_that_fails_is_told_from_one_whose_answer_is_neither_yes_nor_no() {
        assert_eq!(Why::from(Unknown::Status(500)), Why::Status5xx);
        assert_eq!(Why::from(Unknown::Status(302)), Why::StatusOther);
        assert_eq!(Why::from(NotSent::TooMany { retry_after: Some(1) }), Why::TooMany);
        assert_eq!(Why::from(RefusedFor::CardToken), Why::CardToken);
    }
}
