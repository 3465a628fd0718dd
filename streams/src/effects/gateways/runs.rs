//! Reconciliations that are under way in this process: how far each is. Between two turns of an account nothing but this is kept, so
//! that none holds a place while it waits for its budget; who begins anew begins from the start.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, MutexGuard, PoisonError},
};

use feira_connectors::gateway::ListFacts;
use feira_schemas::{
    ids::{AccountId, DifferenceId, Micros, TenantId},
    records::payments::{ChargeSums, DifferenceFound, DifferenceKind},
    row::RowKey,
    time::HOUR,
};

use super::nights::{Plan, Span};

/// Reconciliations that are under way at once: each holds some hundred KiB at most.
const AT_ONCE: usize = 64;
/// The time after which one that nobody goes on with is forgotten: its account is another process's by now.
const FORGOTTEN_AFTER: Micros = 2 * HOUR;
/// Pages of a gateway's list that one reconciliation reads: some 10,000 charges in three days.
const PAGES: u32 = 200;
/// Looks at single charges that one reconciliation makes: at 150 a minute they fit into the night.
const LOOKS: u32 = 5_000;
/// Rows of charges that one reconciliation reads: some dozens of MB, page by page.
const ROWS: u32 = 100_000;
/// Differences that one reconciliation says anew: what differs in more is an account that others charge by, too.
const DIFFERENCES: u32 = 500;

/// The account, and whose it is.
pub(super) type Place = (TenantId, AccountId);

/// The reconciliations that are under way.
#[derive(Default)]
pub(super) struct Runs(Mutex<HashMap<Place, Run>>);

/// One reconciliation, as far as it has come.
#[derive(Debug)]
pub(super) struct Run {
    /// The plan of it.
    pub plan: Plan,
    /// The time at which it was asked for, if it was.
    pub asked_at: Option<Micros>,
    /// The time at which it began.
    pub began_at: Micros,
    /// The step that is next.
    pub stage: Stage,
    /// Charges that are looked at before that.
    pub candidates: VecDeque<Candidate>,
    /// Numbers of the gateway's ids that it has listed: of two ids with one number, one may be taken for listed, and is looked at another
    /// night.
    listed: HashSet<u64>,
    /// Differences that it has found.
    pub found: HashSet<DifferenceId>,
    /// Its counts.
    pub counts: Counts,
}

/// The counts of a reconciliation.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pages: u32,
    rows: u32,
    said: u32,
    /// Charges that the gateway has listed.
    pub listed: i64,
    /// Charges that were looked at one by one.
    pub looked_at: i64,
    /// Charges that were mended.
    pub mended: i64,
    /// True if something was left out, for being more than one reconciliation goes through.
    pub cut: bool,
}

/// The steps of a reconciliation, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stage {
    /// A page of the gateway's list.
    List(Option<String>),
    /// Charges of ours that the list should have had and did not have.
    Unlisted(Own),
    /// Charges of ours whose turn it is: the spans that are left, the last of them first.
    Own(Vec<Span>, Option<Own>),
    /// Differences that were open before, from this one on.
    Known(Option<RowKey>),
    /// Nothing is left.
    Done,
}

/// A place among the charges of a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Own {
    /// The span.
    pub span: Span,
    /// True among those that others owe at an account that is lent: they come after the owner's own.
    pub lent: bool,
    /// The month that is read, and the last row that was.
    pub month: String,
    /// See `month`.
    pub after: Option<RowKey>,
}

/// A charge that is to be looked at by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    /// The gateway's id.
    pub remote: String,
    /// The difference that is looked for once more.
    pub known: Option<DifferenceFound>,
}

impl Runs {
    /// Takes a reconciliation out to go on with it.
    pub fn take(&self, place: Place) -> Option<Run> {
        self.all().remove(&place)
    }

    /// True if there is room for one more.
    pub fn has_room(&self, now: Micros) -> bool {
        let mut all = self.all();
        if all.len() >= AT_ONCE {
            all.retain(|_, run| now < run.began_at + FORGOTTEN_AFTER);
        }
        all.len() < AT_ONCE
    }

    /// Puts one back until its next turn.
    pub fn put(&self, place: Place, run: Run) {
        self.all().insert(place, run);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Place, Run>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Run {
    /// One that begins.
    pub fn new(plan: Plan, asked_at: Option<Micros>, began_at: Micros) -> Self {
        Self {
            plan,
            asked_at,
            began_at,
            stage: Stage::List(None),
            candidates: VecDeque::new(),
            listed: HashSet::new(),
            found: HashSet::new(),
            counts: Counts::default(),
        }
    }

    /// The list that is asked for, on this page.
    pub fn list(&self, page: Option<String>) -> ListFacts {
        ListFacts { since: self.plan.since, state: None, page }
    }

    /// A page was read, with so many charges; the stage after it.
    pub fn page_read(&mut self, charges: usize, next: Option<String>, until: Own) {
        self.counts.pages += 1;
        self.counts.listed += i64::try_from(charges).unwrap_or_default();
        self.counts.cut |= next.is_some() && self.counts.pages >= PAGES;
        self.stage = match next.filter(|_| self.counts.pages < PAGES) {
            Some(page) => Stage::List(Some(page)),
            None => Stage::Unlisted(until),
        };
    }

    /// The gateway has listed this charge.
    pub fn lists(&mut self, remote: &str) {
        self.listed.insert(number_of(remote));
    }

    /// True if the gateway has listed this charge.
    pub fn has_listed(&self, remote: &str) -> bool {
        self.listed.contains(&number_of(remote))
    }

    /// Has a charge looked at, unless enough are.
    pub fn look_at(&mut self, remote: &str, known: Option<DifferenceFound>) {
        match self.counts.looked_at + self.candidates.len() as i64 >= i64::from(LOOKS) {
            true => self.counts.cut = true,
            false => self.candidates.push_back(Candidate { remote: remote.to_owned(), known }),
        }
    }

    /// So many rows were read; false if those were the last that it reads.
    pub fn rows_read(&mut self, rows: usize) -> bool {
        self.counts.rows = self.counts.rows.saturating_add(u32::try_from(rows).unwrap_or(u32::MAX));
        self.counts.cut |= self.counts.rows >= ROWS;
        self.counts.rows < ROWS
    }

    /// True if one more difference may be said anew.
    pub fn may_say(&mut self) -> bool {
        self.counts.said += 1;
        self.counts.cut |= self.counts.said > DIFFERENCES;
        self.counts.said <= DIFFERENCES
    }
}

/// The difference of a kind between these sums.
pub(super) fn difference(
    (tenant, account_id): Place,
    gateway: &str,
    remote: &str,
    kind: DifferenceKind,
    there: Option<ChargeSums>,
) -> DifferenceFound {
    DifferenceFound {
        difference_id: DifferenceFound::id(tenant, account_id, remote, kind),
        kind,
        account_id,
        gateway: gateway.to_owned(),
        remote_id: remote.to_owned(),
        charge_id: None,
        there,
        here: None,
    }
}

fn number_of(remote: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    remote.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn run() -> Run {
        Run::new(Plan { night: 1, since: 0, spans: Vec::new() }, None, 5)
    }

    fn own() -> Own {
        Own { span: Span { from: 0, to: 9 }, lent: false, month: "1970-01".into(), after: None }
    }

    #[test]
    fn it_goes_through_so_many_pages_rows_looks_and_differences() {
        let mut run = run();
        for _ in 1..PAGES {
            run.page_read(50, Some("next".into()), own());
            assert!(matches!(run.stage, Stage::List(Some(_))) && !run.counts.cut);
        }
        run.page_read(50, Some("next".into()), own());
        assert_eq!((&run.stage, run.counts.cut), (&Stage::Unlisted(own()), true));
        assert_eq!(run.counts.listed, i64::from(PAGES) * 50);
        let mut run = self::run();
        assert!(run.rows_read(ROWS as usize - 1) && !run.counts.cut);
        assert!(!run.rows_read(1) && run.counts.cut);
        let mut run = self::run();
        for number in 0..LOOKS {
            run.look_at(&number.to_string(), None);
        }
        assert!(!run.counts.cut);
        run.look_at("more", None);
        assert_eq!((run.candidates.len(), run.counts.cut), (LOOKS as usize, true));
        let mut run = self::run();
        assert!((0..DIFFERENCES).all(|_| run.may_say()) && !run.counts.cut);
        assert!(!run.may_say() && run.counts.cut);
    }

    #[test]
    fn the_last_page_ends_the_list() {
        let mut run = run();
        run.lists("ch_1");
        run.page_read(1, None, own());
        assert_eq!((&run.stage, run.counts.cut), (&Stage::Unlisted(own()), false));
        assert!(run.has_listed("ch_1") && !run.has_listed("ch_2"));
    }

    #[test]
    fn so_many_are_under_way_at_once_and_those_of_others_are_forgotten() {
        let runs = Runs::default();
        let place = |number: usize| (TenantId::PLATFORM, AccountId::from_uuid(Uuid::from_u128(number as u128)));
        for number in 0..AT_ONCE {
            assert!(runs.has_room(5));
            runs.put(place(number), run());
        }
        assert!(!runs.has_room(5));
        assert!(runs.take(place(3)).is_some() && runs.take(place(3)).is_none());
        assert!(runs.has_room(5));
        runs.put(place(3), run());
        assert!(runs.has_room(5 + FORGOTTEN_AFTER), "their accounts are another process's");
    }
}
