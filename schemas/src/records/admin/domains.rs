//! The domain of its own that a shop has, or is to have: claimed by its staff, proved in DNS, and looked at again.

use serde::{Deserialize, Serialize};

use crate::{
    ids::Micros,
    records::common::{CommandMeta, EventMeta},
    time::{DAY, HOUR, MINUTE},
};

/// The microseconds in which a claim must be proved, and in which a proof that is gone must come back.
const GIVEN: Micros = 14 * DAY;

/// Life of a shop's domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DomainStatus {
    /// `PENDING`: claimed, and not the shop's own yet. It keeps no other shop from the domain.
    Pending,
    /// `ACTIVE`: proved, and no other shop's.
    Active,
    /// `LAPSING`: its proof is gone, and it ends unless that comes back.
    Lapsing,
    /// `ENDED`.
    Ended,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// What the last look into DNS has found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainFound {
    /// True if the record of proof is there.
    pub proof: bool,
    /// True if the domain leads to the platform.
    pub address: bool,
    /// True if the domain with `www.` before it does.
    pub www: bool,
    /// The reason why there is no proof: `no_such_name`, `no_txt`, `other_txt`; or why nothing was learnt: `timeout`, `refused`.
    #[serde(default)]
    pub why: Option<String>,
}

impl DomainFound {
    /// The domain does not exist.
    pub const NO_SUCH_NAME: &str = "no_such_name";
    /// There is no TXT record where the proof is to be.
    pub const NO_TXT: &str = "no_txt";
    /// There are TXT records where the proof is to be, and it is none of them.
    pub const OTHER_TXT: &str = "other_txt";
    /// No name server has answered.
    pub const TIMEOUT: &str = "timeout";
    /// A name server has answered that it does not answer this.
    pub const REFUSED: &str = "refused";

    /// A look of which nothing was learnt, for this reason.
    pub fn unanswered(why: &str) -> Self {
        Self { why: Some(why.to_owned()), ..Self::default() }
    }

    /// True if name servers have said whether the proof is there.
    pub fn is_answered(&self) -> bool {
        match self.why.as_deref() {
            None | Some(Self::NO_SUCH_NAME | Self::NO_TXT | Self::OTHER_TXT) => true,
            Some(_) => false,
        }
    }
}

/// A shop's domain. A shop has one at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// The normalised domain, in ASCII and without `www.`.
    pub domain: String,
    /// The text of the TXT record that proves that the shop has the domain.
    pub proof: String,
    /// Status.
    pub status: DomainStatus,
    /// The time at which the shop's staff has claimed the domain.
    pub claimed_at: Micros,
    /// The end of a claim without proof, or of a domain whose proof is gone.
    #[serde(default)]
    pub until: Option<Micros>,
    /// The time from which on the domain is the shop's own.
    #[serde(default)]
    pub active_since: Option<Micros>,
    /// The time of the last look into DNS.
    #[serde(default)]
    pub looked_at: Option<Micros>,
    /// What that look has found.
    pub found: DomainFound,
    /// The reason of the end: `unproved`, `proof_gone`, `taken` or `withdrawn`.
    #[serde(default)]
    pub ended_because: Option<String>,
}

impl Domain {
    /// Nobody has proved the claim in time.
    pub const UNPROVED: &str = "unproved";
    /// The proof was gone for too long.
    pub const PROOF_GONE: &str = "proof_gone";
    /// Another shop has proved that the domain is its own.
    pub const TAKEN: &str = "taken";
    /// The shop has given the domain up, or was closed for good.
    pub const WITHDRAWN: &str = "withdrawn";

    /// True unless the domain has ended.
    pub fn is_live(&self) -> bool {
        match self.status {
            DomainStatus::Pending | DomainStatus::Active | DomainStatus::Lapsing => true,
            DomainStatus::Ended | DomainStatus::Unknown => false,
        }
    }

    /// True if the shop has given the domain up: to its staff it has none.
    pub fn is_withdrawn(&self) -> bool {
        self.status == DomainStatus::Ended && self.ended_because.as_deref() == Some(Self::WITHDRAWN)
    }

    /// The time until which a domain must be proved that was claimed, or whose proof was missed, at this time.
    pub fn given_from(time: Micros) -> Micros {
        time.saturating_add(GIVEN)
    }

    /// The time of the next look into DNS. Whoever claims a domain sets its records soon after, that of the address perhaps once the proof
    /// is found; one who has not done so in a day may take weeks. Of what is proved and leads here, looks that learn nothing are made up for
    /// in a day.
    pub fn next_look(&self) -> Micros {
        let Some(looked_at) = self.looked_at else { return self.claimed_at.saturating_add(MINUTE) };
        let (minutes, hours) = (self.claimed_at.saturating_add(10 * MINUTE), self.claimed_at.saturating_add(HOUR));
        let after = |time: Micros| looked_at.saturating_add(time);
        let awaited = |since: Micros| after(if looked_at < since.saturating_add(DAY) { HOUR } else { 6 * HOUR });
        let leads_elsewhere = |since: &Micros| !self.found.address && looked_at < Self::given_from(*since);
        match (self.status, self.active_since.filter(leads_elsewhere)) {
            (DomainStatus::Pending, _) if looked_at < minutes => minutes,
            (DomainStatus::Pending, _) if looked_at < hours => hours,
            (DomainStatus::Pending, _) => awaited(self.claimed_at),
            (DomainStatus::Active, Some(since)) => awaited(since),
            (DomainStatus::Active, None) if self.found.is_answered() => after(7 * DAY),
            (DomainStatus::Active | DomainStatus::Lapsing | DomainStatus::Ended | DomainStatus::Unknown, _) => {
                after(DAY)
            }
        }
    }
}

/// Claim a domain for the shop. It keeps nobody from it before it is proved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimDomain {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// Normalised.
    pub domain: String,
    /// The text of the TXT record that is to prove it.
    pub proof: String,
}

/// Give the shop's domain up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithdrawDomain {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
}

/// Look into DNS without waiting for the next time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckDomain {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
}

/// Say what a look into DNS has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportDomain {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The domain that was looked at.
    pub domain: String,
    /// The time of the claim that it was looked at for.
    pub claimed_at: Micros,
    /// What was found.
    pub found: DomainFound,
}

/// A shop's domain was claimed, looked at, proved, missed or ended, or is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The domain after this event.
    pub domain: Domain,
    /// True if it is to be looked at.
    #[serde(default)]
    pub look_wanted: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f05_what_is_awaited_is_looked_at_soon_then_hourly_then_four_times_a_day_and_what_is_there_weekly() {
        let claimed = Domain {
            domain: "loja.example".into(),
            proof: "feira-verification=x".into(),
            status: DomainStatus::Pending,
            claimed_at: DAY,
            until: Some(Domain::given_from(DAY)),
            active_since: None,
            looked_at: None,
            found: DomainFound::default(),
            ended_because: None,
        };
        let next = |status, looked_at, why: Option<&str>| {
            let found = DomainFound { address: true, why: why.map(str::to_owned), ..DomainFound::default() };
            Domain { status, looked_at, found, active_since: Some(DAY), ..claimed.clone() }.next_look() - DAY
        };
        let pending = |after| next(DomainStatus::Pending, Some(DAY + after), Some(DomainFound::NO_TXT));
        assert_eq!(next(DomainStatus::Pending, None, None), MINUTE);
        assert_eq!([MINUTE, 10 * MINUTE, HOUR, DAY].map(pending), [10 * MINUTE, HOUR, 2 * HOUR, DAY + 6 * HOUR]);
        let looked_at = Some(2 * DAY);
        assert_eq!(next(DomainStatus::Active, looked_at, None), 8 * DAY);
        assert_eq!(next(DomainStatus::Lapsing, looked_at, Some(DomainFound::OTHER_TXT)), 2 * DAY);
        for why in [DomainFound::TIMEOUT, DomainFound::REFUSED] {
            for status in [DomainStatus::Active, DomainStatus::Lapsing] {
                assert_eq!(next(status, looked_at, Some(why)), 2 * DAY, "{status:?} {why}");
            }
        }
        let elsewhere = |after: Micros| {
            let (status, looked_at) = (DomainStatus::Active, Some(DAY + after));
            Domain { status, looked_at, active_since: Some(DAY), ..claimed.clone() }.next_look() - DAY
        };
        assert_eq!(
            [MINUTE, DAY, 13 * DAY, 14 * DAY].map(elsewhere),
            [MINUTE + HOUR, DAY + 6 * HOUR, 13 * DAY + 6 * HOUR, 21 * DAY],
            "its address is awaited as long as a proof"
        );
    }
}
