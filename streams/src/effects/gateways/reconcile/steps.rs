//! The steps of a reconciliation: the gateway's list, our charges that it should have had, those whose turn it is, and the differences
//! that were open before.

use feira_connectors::gateway::{ChargePage, LookUp};
use feira_schemas::{
    gateway::{Observed, Outcome, Refusal, RefusedFor},
    ids::{ChargeId, Micros, TenantId},
    records::payments::{Charge, ChargeSums, DifferenceFound, DifferenceKind, DifferenceStatus, ReportDifference},
    row::{KeyPart, Row, RowKey},
    rows::payments::{
        ChargeOfMonthRow, ChargeRow, DifferenceRow, LentChargeOfMonthRow, LentRemoteRow, OpenDifferenceRow,
        RemoteChargeRow, RemoteSubscriptionRow, SubscriptionRow,
    },
};
use uuid::Uuid;

use super::{
    GIVEN_UP,
    compare::{Ours, Verdict, counts_as_paid, sums_at, sums_of, verdict},
};
use crate::effects::gateways::{
    asked::Asked,
    gate::Wish,
    matters::{Memory, Next},
    nights::Span,
    runs::{Candidate, Own, Place, Run, Stage, difference},
    work::Work,
};

/// Rows that are read at once.
const PAGE: usize = 200;

/// A reconciliation that is gone on with.
pub(super) struct Reconciling<'a> {
    /// The parts that it works with.
    pub work: &'a Work,
    /// The account, and whose it is.
    pub place: Place,
    /// The partition of payments' events that it is of.
    pub partition: u32,
    /// The account, ready to be asked.
    pub asked: Asked,
    /// The memory of its matter.
    pub memory: Memory,
    /// The reconciliation.
    pub run: Run,
}

impl Reconciling<'_> {
    /// Goes on to the end; or says when to come again.
    pub async fn on(&mut self) -> Result<(), Next> {
        loop {
            if let Some(candidate) = self.run.candidates.front().cloned() {
                self.look(&candidate).await?;
                self.run.candidates.pop_front();
                continue;
            }
            match self.run.stage.clone() {
                Stage::List(page) => self.list(page).await?,
                Stage::Unlisted(own) => self.unlisted(own).await,
                Stage::Own(spans, own) => self.own(spans, own).await,
                Stage::Known(after) => self.known(after).await,
                Stage::Done => return Ok(()),
            }
        }
    }

    /// Reads a page of the gateway's list, and has looked at what seems to be otherwise.
    async fn list(&mut self, page: Option<String>) -> Result<(), Next> {
        let pass = self.work.pass(self.place.0, self.place.1, Wish::Night, self.memory)?;
        let outcome = self.asked.list(&self.run.list(page)).await;
        pass.told(&outcome);
        let ChargePage { charges, next } = self.answer(outcome)?;
        for (look, (tenant, ours)) in charges.iter().zip(self.ours(&charges).await) {
            let remote = &look.charge.remote.charge;
            self.run.lists(remote);
            match verdict(&ours, self.place.1, look) {
                Verdict::Fits => {}
                // The list tells all there is to tell of what nobody here knows.
                Verdict::Differs(kind @ DifferenceKind::UnknownCharge) => {
                    if !self.renews(tenant, look).await {
                        self.differs(kind, remote, ours.charge(), Some(sums_at(&look.charge))).await;
                    }
                }
                Verdict::News | Verdict::Differs(_) => self.run.look_at(remote, None),
            }
        }
        let span = Span { from: self.run.plan.since, to: self.run.began_at };
        self.run.page_read(charges.len(), next, first_of(span));
        Ok(())
    }

    /// Has looked at those of our paid charges that the list did not have.
    async fn unlisted(&mut self, own: Own) {
        let (charges, next) = self.own_charges(own).await;
        for remote in self.paid_remotes(&charges) {
            if !self.run.has_listed(&remote) {
                self.run.look_at(&remote, None);
            }
        }
        self.run.stage = match next {
            Some(own) => Stage::Unlisted(own),
            None => {
                let mut spans = self.run.plan.spans.clone();
                spans.reverse();
                Stage::Own(spans, None)
            }
        };
    }

    /// Has looked at our paid charges whose turn it is.
    async fn own(&mut self, mut spans: Vec<Span>, own: Option<Own>) {
        let Some(own) = own.or_else(|| spans.pop().map(first_of)) else {
            self.run.stage = Stage::Known(None);
            return;
        };
        let (charges, next) = self.own_charges(own).await;
        for remote in self.paid_remotes(&charges) {
            self.run.look_at(&remote, None);
        }
        self.run.stage = Stage::Own(spans, next);
    }

    /// Has looked at what was found to differ before and was not found now.
    async fn known(&mut self, after: Option<RowKey>) {
        let (tenant, account) = self.place;
        let all = OpenDifferenceRow::of(self.partition, tenant);
        let open = self.work.page::<OpenDifferenceRow>(&all, after.as_ref(), PAGE).await;
        let keys: Vec<RowKey> = open.iter().map(|row| DifferenceRow::at(tenant, row.difference_id)).collect();
        let differences = self.work.many::<DifferenceRow>(&keys).await;
        for found in differences.into_iter().flatten().map(|row| row.difference.found) {
            if found.account_id == account && !self.run.found.contains(&found.difference_id) {
                let remote = found.remote_id.clone();
                self.run.look_at(&remote, Some(found));
            }
        }
        self.run.stage = match open.last().filter(|_| open.len() == PAGE) {
            Some(last) => Stage::Known(Some(last.key())),
            None => Stage::Done,
        };
    }

    /// Looks at one charge, and says what it is.
    async fn look(&mut self, candidate: &Candidate) -> Result<(), Next> {
        let pass = self.work.pass(self.place.0, self.place.1, Wish::Night, self.memory)?;
        let outcome = self.asked.look(&LookUp::Id(candidate.remote.clone())).await;
        pass.told(&outcome);
        if let Outcome::Refused(Refusal { why, .. }) = &outcome
            && *why != RefusedFor::Account
        {
            let (tenant, account) = self.place;
            tracing::warn!(tenant.id = %tenant, account.id = %account, ?why, "a charge can't be reconciled: the gateway does not show it");
            return Ok(());
        }
        let found = self.answer(outcome)?;
        self.run.counts.looked_at += 1;
        let kind = match found {
            Some(look) => self.judged(&look).await,
            None => self.missed(&candidate.remote).await,
        };
        if let Some(known) = candidate.known.as_ref().filter(|known| Some(known.kind) != kind) {
            self.report(known.clone(), false).await;
        }
        Ok(())
    }

    /// Says what a look shows; the kind of the difference, if there is one still.
    async fn judged(&mut self, look: &Observed) -> Option<DifferenceKind> {
        let account = self.place.1;
        let (tenant, mut ours) = self.one_of_ours(look).await;
        let mut verdict = verdict(&ours, account, look);
        if let (Verdict::News, Some(charge)) = (&verdict, ours.charge()) {
            self.work.observe_at(tenant, charge, account, look).await;
            self.run.counts.mended += 1;
            (_, ours) = self.one_of_ours(look).await;
            verdict = after_news(&ours, look);
        }
        let Verdict::Differs(kind) = verdict else { return None };
        if kind == DifferenceKind::UnknownCharge && self.renews(tenant, look).await {
            return None;
        }
        self.differs(kind, &look.charge.remote.charge, ours.charge(), Some(sums_at(&look.charge))).await;
        Some(kind)
    }

    /// Says a charge that the gateway has made for a period of a subscription of this tenant; false if it is of none.
    async fn renews(&mut self, tenant: TenantId, look: &Observed) -> bool {
        let account = self.place.1;
        let Some(remote) = &look.charge.remote.subscription else { return false };
        let key = RemoteSubscriptionRow::at(tenant, account, remote);
        let Some(known) = self.work.row::<RemoteSubscriptionRow>(&key).await else { return false };
        let key = SubscriptionRow::at(tenant, known.subscription_id);
        let Some(row) = self.work.row::<SubscriptionRow>(&key).await else { return false };
        self.work.observe_renewal(tenant, &row.subscription, look).await;
        self.run.counts.mended += 1;
        true
    }

    /// The gateway does not show a charge: that it was paid is said to differ.
    async fn missed(&mut self, remote: &str) -> Option<DifferenceKind> {
        let account = self.place.1;
        let tenant = self.borrower(remote).await.unwrap_or(self.place.0);
        let row = self.work.row::<RemoteChargeRow>(&RemoteChargeRow::at(tenant, account, remote)).await?;
        let charge = self.work.row::<ChargeRow>(&ChargeRow::at(tenant, row.charge_id)).await?.charge;
        if !counts_as_paid(&charge, account) {
            return None;
        }
        let kind = DifferenceKind::MissingCharge;
        self.differs(kind, remote, Some(&charge), None).await;
        Some(kind)
    }

    /// Says a difference, unless it was said before and is the same.
    async fn differs(&mut self, kind: DifferenceKind, remote: &str, ours: Option<&Charge>, there: Option<ChargeSums>) {
        let found = DifferenceFound {
            charge_id: ours.map(|charge| charge.charge_id),
            here: ours.and_then(|charge| charge.observed.as_ref()).map(sums_of),
            ..difference(self.place, self.asked.gateway.name(), remote, kind, there)
        };
        let key = DifferenceRow::at(self.place.0, found.difference_id);
        let known = self.work.row::<DifferenceRow>(&key).await.map(|row| row.difference);
        let status = known.filter(|known| known.found == found).map(|known| known.status);
        if status == Some(DifferenceStatus::Settled) {
            return;
        }
        let id = found.difference_id;
        if status == Some(DifferenceStatus::Open) || self.run.may_say() && self.report(found, true).await {
            self.run.found.insert(id);
        }
    }

    /// Reports a difference; false if that can't be written.
    async fn report(&self, found: DifferenceFound, is_there: bool) -> bool {
        let meta = self.work.meta_of_its_own(self.place.0, "report difference", &found.difference_id.to_string());
        self.work.send(ReportDifference { meta, found, is_there }).await.is_some()
    }

    /// The answer to a question; or when to ask it again.
    fn answer<T>(&mut self, outcome: Outcome<T>) -> Result<T, Next> {
        match outcome {
            Outcome::Done(answer) => {
                self.memory.tries = 0;
                Ok(answer)
            }
            Outcome::Refused(_) => {
                let (tenant, account) = self.place;
                tracing::warn!(tenant.id = %tenant, account.id = %account, "an account can't be reconciled: the gateway does not list its charges");
                Err(self.work.later(GIVEN_UP, self.memory))
            }
            Outcome::NotSent(_) | Outcome::Unknown(_) => Err(self.work.rest(self.memory)),
        }
    }

    /// The gateway's ids of those of these charges that count as paid.
    fn paid_remotes(&self, charges: &[Charge]) -> Vec<String> {
        let paid = charges.iter().filter(|charge| counts_as_paid(charge, self.place.1));
        paid.filter_map(|charge| Some(charge.observed.as_ref()?.remote.charge.clone())).collect()
    }

    async fn one_of_ours(&self, look: &Observed) -> (TenantId, Ours) {
        self.ours(std::slice::from_ref(look)).await.pop().unwrap_or((self.place.0, Ours::Nobody))
    }

    /// The tenant to which the charge or subscription of this id at the gateway is charged, where it is another one than the account's.
    async fn borrower(&self, remote: &str) -> Option<TenantId> {
        let (owner, account) = self.place;
        if owner != TenantId::PLATFORM {
            return None; // The platform alone lends.
        }
        let row = self.work.row::<LentRemoteRow>(&LentRemoteRow::at(owner, account, remote)).await;
        row.map(|row| row.borrower)
    }

    /// The tenants to which these are charged: of an account that the platform lends, those that they were made for. A charge that the
    /// gateway has made by itself says less than its subscription.
    async fn payers(&self, looks: &[Observed]) -> Vec<TenantId> {
        let (owner, account) = self.place;
        if owner != TenantId::PLATFORM {
            return vec![owner; looks.len()];
        }
        let keys: Vec<RowKey> =
            looks.iter().map(|look| LentRemoteRow::at(owner, account, &look.charge.remote.charge)).collect();
        let known = self.work.many::<LentRemoteRow>(&keys).await;
        let mut payers = Vec::with_capacity(looks.len());
        for (look, known) in looks.iter().zip(known) {
            let payer = match (known.map(|row| row.borrower).or(look.tenant), &look.charge.remote.subscription) {
                (Some(payer), _) => Some(payer),
                (None, Some(subscription)) => self.borrower(subscription).await,
                (None, None) => None,
            };
            payers.push(payer.unwrap_or(owner));
        }
        payers
    }

    /// Our charges that these are, by the gateway's ids, else by their codes, and whose they are.
    async fn ours(&self, looks: &[Observed]) -> Vec<(TenantId, Ours)> {
        let account = self.place.1;
        let payers = self.payers(looks).await;
        let of_payers = || looks.iter().zip(payers.iter().copied());
        let keys = of_payers().map(|(look, tenant)| {
            let remote = look.charge.remote.charge.as_str();
            RemoteChargeRow::at(tenant, account, remote)
        });
        let keys: Vec<RowKey> = keys.collect();
        let remotes = self.work.many::<RemoteChargeRow>(&keys).await;
        let named: Vec<Option<ChargeId>> = looks
            .iter()
            .zip(&remotes)
            .map(|(look, remote)| match remote {
                Some(row) => Some(row.charge_id),
                None => look.charge.remote.code.as_deref().and_then(|code| code.parse().ok()),
            })
            .collect();
        let of_named = named.iter().zip(&payers);
        let keys: Vec<RowKey> =
            of_named.filter_map(|(named, tenant)| named.map(|charge| ChargeRow::at(*tenant, charge))).collect();
        let mut charges = self.work.many::<ChargeRow>(&keys).await.into_iter();
        let charge_of = |named: Option<ChargeId>| named.and_then(|_| charges.next().flatten()).map(|row| row.charge);
        let named = named.into_iter().map(charge_of);
        let ours = of_payers().zip(named);
        ours.map(|((look, tenant), charge)| (tenant, one_of(charge, &look.charge.remote.charge))).collect()
    }

    /// A page of our charges of a span, and the place after it; `None` at the span's end, or where enough rows were read. Those that others
    /// owe at an account that is lent come after the owner's own.
    async fn own_charges(&mut self, own: Own) -> (Vec<Charge>, Option<Own>) {
        let rows = self.rows_of(&own).await;
        let (span, lends) = (own.span, self.place.0 == TenantId::PLATFORM && !own.lent);
        let is_in = |row: &&OfMonth| (span.from..span.to).contains(&row.asked_at);
        let keys: Vec<RowKey> = rows.iter().filter(is_in).map(|row| row.charge.clone()).collect();
        let charges = self.work.many::<ChargeRow>(&keys).await;
        let (whole, goes_on) = (rows.len() == PAGE, self.run.rows_read(rows.len()));
        let next = match rows.last().filter(|_| whole) {
            Some(last) => (last.asked_at >= span.from).then(|| Own { after: Some(last.key.clone()), ..own }),
            None => ChargeOfMonthRow::month_before(&own.month)
                .filter(|(_, ends)| *ends > span.from)
                .map(|(month, _)| Own { month, after: None, ..own }),
        };
        // The platform alone lends.
        let next = next.or_else(|| lends.then(|| first_lent(span)));
        (charges.into_iter().flatten().map(|row| row.charge).collect(), next.filter(|_| goes_on))
    }

    /// A page of the rows of a month.
    async fn rows_of(&self, own: &Own) -> Vec<OfMonth> {
        let (owner, month) = (self.place.0, &own.month);
        let after = own.after.clone().map(|after| keyed(owner.uuid(), month, after));
        if own.lent {
            let prefix = LentChargeOfMonthRow::all(owner, month);
            let rows = self.work.page::<LentChargeOfMonthRow>(&prefix, after.as_ref(), PAGE).await;
            let of = |row: &LentChargeOfMonthRow| OfMonth {
                asked_at: -row.newest_first,
                key: row.key(),
                charge: ChargeRow::at(row.borrower, row.charge_id),
            };
            return rows.iter().map(of).collect();
        }
        let prefix = ChargeOfMonthRow::all(owner, month);
        let rows = self.work.page::<ChargeOfMonthRow>(&prefix, after.as_ref(), PAGE).await;
        let of = |row: &ChargeOfMonthRow| OfMonth {
            asked_at: -row.newest_first,
            key: row.key(),
            charge: ChargeRow::at(owner, row.charge_id),
        };
        rows.iter().map(of).collect()
    }
}

/// A charge among those of a month.
struct OfMonth {
    /// The time at which it was asked for.
    asked_at: Micros,
    /// The key of the month's row.
    key: RowKey,
    /// The key of the charge's own row.
    charge: RowKey,
}

/// What is left of it after a look was said: the sums that are known may be others still, and what is not known by its id now was not
/// taken.
fn after_news(ours: &Ours, look: &Observed) -> Verdict {
    match ours {
        Ours::Known(charge) => match charge.observed.as_ref().map(sums_of) == Some(sums_at(&look.charge)) {
            true => Verdict::Fits,
            false => Verdict::Differs(DifferenceKind::SumsDiffer),
        },
        Ours::Coded(_) | Ours::Nobody => Verdict::Differs(DifferenceKind::UnknownCharge),
    }
}

/// The charge that was named by the gateway's id or by a code, as one of ours.
fn one_of(charge: Option<Charge>, remote: &str) -> Ours {
    match charge {
        Some(charge) if charge.observed.as_ref().is_some_and(|known| known.remote.charge == remote) => {
            Ours::Known(Box::new(charge))
        }
        Some(charge) => Ours::Coded(Box::new(charge)),
        None => Ours::Nobody,
    }
}

/// The place before a span's newest charge.
fn first_of(span: Span) -> Own {
    let month = ChargeOfMonthRow::month(span.to - 1);
    // Charges of one time sort by their ids: none sorts after this one.
    let after = RowKey::new([], [KeyPart::BigInt(-span.to), KeyPart::Uuid(Uuid::max())]);
    Own { span, lent: false, month, after: Some(after) }
}

/// The place before the newest charge of a span that others owe.
fn first_lent(span: Span) -> Own {
    let after = [KeyPart::BigInt(-span.to), KeyPart::Uuid(Uuid::max()), KeyPart::Uuid(Uuid::max())];
    Own { lent: true, after: Some(RowKey::new([], after)), ..first_of(span) }
}

/// The key of a place in a shop's month.
fn keyed(tenant: Uuid, month: &str, after: RowKey) -> RowKey {
    RowKey::new([tenant.into(), month.into()], after.clustering)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_read_from_its_newest_charge_on() {
        let ends = "2026-03-01T00:00:00Z".parse::<jiff::Timestamp>().unwrap().as_microsecond();
        let own = first_of(Span { from: 0, to: ends });
        assert_eq!(own.month, "2026-02");
        let row = |asked_at| {
            ChargeOfMonthRow::of(feira_schemas::ids::TenantId::PLATFORM, asked_at, ChargeId::from_uuid(Uuid::nil()))
        };
        let after = own.after.unwrap().clustering;
        assert!(row(ends).key().clustering < after && row(ends - 1).key().clustering > after);
    }

    #[test]
    fn a_span_of_what_others_owe_is_read_from_its_newest_charge_on() {
        let ends = "2026-03-01T00:00:00Z".parse::<jiff::Timestamp>().unwrap().as_microsecond();
        let own = first_lent(Span { from: 0, to: ends });
        assert_eq!((own.month.as_str(), own.lent), ("2026-02", true));
        let (owner, charge) = (TenantId::PLATFORM, ChargeId::from_uuid(Uuid::nil()));
        let row = |asked_at| LentChargeOfMonthRow::of(owner, asked_at, TenantId::from_uuid(Uuid::nil()), charge);
        let after = own.after.unwrap().clustering;
        assert!(row(ends).key().clustering < after && row(ends - 1).key().clustering > after);
    }
}
