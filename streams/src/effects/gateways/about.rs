//! What an effect is done for: the entity of it, read from its row.

use feira_schemas::{
    ids::{AccountId, CardId, PlanId, SubscriptionId, TenantId},
    records::payments::{Buyer, Charge, Effect, EffectKind, LentAccount, Plan, SavedCard, Subscription},
    rows::payments::{ChargeRow, PlanRow, SavedCardRow, SubscriptionRow},
    sealed::{Subject, SubjectKind},
};

use super::work::Work;

/// The thing that an effect is done for.
pub(super) enum About {
    Charge(Box<Charge>),
    Plan(Box<Plan>),
    Card(Box<SavedCard>),
    Subscription(Box<Subscription>),
}

impl About {
    /// The account that it goes to, as far as it says itself. A charge that names none goes to the default one, a subscription to its
    /// plan's.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Charge(charge) => charge.request.account_id,
            Self::Plan(plan) => Some(plan.account_id),
            Self::Card(card) => Some(card.account_id),
            Self::Subscription(subscription) => subscription.account_id.or(subscription.request.account_id),
        }
    }

    /// The account of another tenant that it goes to; none where it goes to one of its tenant's own.
    pub fn lent(&self) -> Option<&LentAccount> {
        match self {
            Self::Charge(charge) => charge.lent.as_ref(),
            Self::Subscription(subscription) => subscription.lent.as_ref(),
            Self::Plan(_) | Self::Card(_) => None,
        }
    }

    /// Whom the personal data in a gateway's answer are about: the buyer, whose key goes with the order's or its own. A plan is about
    /// nobody: what a gateway says of one goes with its account.
    pub fn subject(&self) -> Subject {
        match self {
            Self::Charge(charge) => subject_of(&charge.request.buyer),
            Self::Plan(plan) => Subject::new(SubjectKind::Account, plan.account_id.uuid()),
            Self::Card(card) => subject_of(&card.holder),
            Self::Subscription(subscription) => subject_of(&subscription.request.subscriber),
        }
    }
}

/// Whom the data of a buyer are about.
pub(super) fn subject_of(buyer: &Buyer) -> Subject {
    buyer.name.envelope().subject()
}

impl Work {
    /// The thing that an effect is done for; `None` if its row is not there, or a newer program's.
    pub async fn about(&self, tenant: TenantId, effect: &Effect) -> Option<About> {
        match effect.kind {
            EffectKind::Charge | EffectKind::Refund | EffectKind::Cancel => {
                let row = self.row::<ChargeRow>(&ChargeRow::at(tenant, effect.charge_id?)).await?;
                Some(About::Charge(Box::new(row.charge)))
            }
            EffectKind::Plan => {
                let plan: PlanId = effect.entity.parse().ok()?;
                let row = self.row::<PlanRow>(&PlanRow::at(tenant, plan)).await?;
                Some(About::Plan(Box::new(row.plan)))
            }
            EffectKind::SaveCard => {
                let card: CardId = effect.entity.parse().ok()?;
                let row = self.row::<SavedCardRow>(&SavedCardRow::at(tenant, card)).await?;
                Some(About::Card(Box::new(row.card)))
            }
            EffectKind::Subscription | EffectKind::EndSubscription => {
                let subscription: SubscriptionId = effect.entity.parse().ok()?;
                let row = self.row::<SubscriptionRow>(&SubscriptionRow::at(tenant, subscription)).await?;
                Some(About::Subscription(Box::new(row.subscription)))
            }
            EffectKind::Check | EffectKind::Unknown => None,
        }
    }
}
