//! Differences between a gateway's charges and ours, and the asking for them to be looked for.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{AccountId, ChargeId, CommandId, DifferenceId, Micros, TenantId},
    records::common::{CommandMeta, EventMeta},
};

/// Kinds of what a gateway's charges and ours differ in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DifferenceKind {
    /// `UNKNOWN_CHARGE`: the gateway has a charge that nobody here has asked for.
    UnknownCharge,
    /// `DOUBLE_CHARGE`: the gateway has a charge with the code of one of ours which is another one there: a buyer may have paid twice.
    DoubleCharge,
    /// `MISSING_CHARGE`: the gateway does not show a charge that counts as paid here.
    MissingCharge,
    /// `SUMS_DIFFER`: the gateway shows other sums of a charge than are known here.
    SumsDiffer,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

impl DifferenceKind {
    /// Those that are found.
    pub const ALL: [Self; 4] = [Self::UnknownCharge, Self::DoubleCharge, Self::MissingCharge, Self::SumsDiffer];

    /// The word for it, in small letters.
    pub const fn word(self) -> &'static str {
        match self {
            Self::UnknownCharge => "unknown_charge",
            Self::DoubleCharge => "double_charge",
            Self::MissingCharge => "missing_charge",
            Self::SumsDiffer => "sums_differ",
            Self::Unknown => "unknown",
        }
    }
}

/// State of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DifferenceStatus {
    /// `OPEN`: it was found, and nobody has said what it is about.
    Open,
    /// `GONE`: a later reconciliation does not find it any more.
    Gone,
    /// `SETTLED`: a person has said what it is about.
    Settled,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// The sums of a charge on one of the two sides, in centavos.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeSums {
    /// The sum that was asked for.
    pub amount: i64,
    /// The sum that was paid.
    pub paid: i64,
    /// The sum that was cancelled of it.
    pub cancelled: i64,
}

/// What a gateway's charges and ours differ in, as a reconciliation has found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferenceFound {
    /// The difference ([`DifferenceFound::id`]).
    pub difference_id: DifferenceId,
    /// The kind.
    pub kind: DifferenceKind,
    /// The account whose charges were compared.
    pub account_id: AccountId,
    /// The gateway's name.
    pub gateway: String,
    /// The gateway's id of the charge.
    pub remote_id: String,
    /// Our charge; null where there is none.
    #[serde(default)]
    pub charge_id: Option<ChargeId>,
    /// The sums at the gateway; null where it shows no such charge.
    #[serde(default)]
    pub there: Option<ChargeSums>,
    /// The sums that are known here; null where no such charge is.
    #[serde(default)]
    pub here: Option<ChargeSums>,
}

impl DifferenceFound {
    /// The id of a difference: the same account, gateway's id and kind make the same one, whichever night finds it.
    pub fn id(tenant: TenantId, account: AccountId, remote: &str, kind: DifferenceKind) -> DifferenceId {
        let named = CommandId::from_client_key(tenant, "difference", &account.to_string(), kind.word(), remote);
        DifferenceId::from_uuid(named.uuid())
    }
}

/// What a gateway's charges and ours differ in, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The difference, as it was found last.
    pub found: DifferenceFound,
    /// The state.
    pub status: DifferenceStatus,
    /// The words of who settled it.
    #[serde(default)]
    pub note: Option<String>,
    /// The time at which it was found first.
    pub found_at: Micros,
    /// The time at which it was changed last.
    pub updated_at: Micros,
}

/// A reconciliation has found a difference, or does not find it any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportDifference {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The difference.
    pub found: DifferenceFound,
    /// False if it is not found any more.
    pub is_there: bool,
}

/// A person knows what a difference is about: it is not shown as open any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettleDifference {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The difference.
    pub difference_id: DifferenceId,
    /// What it is about, in words, up to 2,000 characters.
    pub note: String,
}

/// A difference is now this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferenceChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The difference after this event.
    pub difference: Difference,
}

/// Compare a shop's charges with its gateways' lists now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestReconciliation {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The account; null: all of the shop's.
    #[serde(default)]
    pub account_id: Option<AccountId>,
}

/// A shop's charges shall be compared with its gateways' lists now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconciliationRequested {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The accounts whose charges are compared.
    pub account_ids: Vec<AccountId>,
    /// The time at which it was asked for.
    pub asked_at: Micros,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_difference_has_the_same_id_whenever_it_is_found_and_another_by_account_charge_and_kind() {
        let account = |number| AccountId::from_uuid(Uuid::from_u128(number));
        let id = |number, remote, kind| DifferenceFound::id(TenantId::PLATFORM, account(number), remote, kind);
        let first = id(1, "ch_1", DifferenceKind::UnknownCharge);
        assert_eq!(first, id(1, "ch_1", DifferenceKind::UnknownCharge));
        for other in [
            id(2, "ch_1", DifferenceKind::UnknownCharge),
            id(1, "ch_2", DifferenceKind::UnknownCharge),
            id(1, "ch_1", DifferenceKind::SumsDiffer),
        ] {
            assert_ne!(first, other);
        }
    }
}
