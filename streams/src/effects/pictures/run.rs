//! The loop: reads what admin says, asks for what is wanted, and keeps the position below which nothing is left to do.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use fail::fail_point;
use feira_connectors::{
    http::HttpClient,
    log::{LogError, LogRecord, Member, MemberEvent, NewRecord, Seat, TopicPartition, Transaction},
};
use feira_schemas::{
    ids::Micros,
    records::{AdminEvent, RecordSet, admin::ProductChanged, catalogue::ImageStatus},
    topics::{self, Context},
};
use tokio::{
    sync::watch,
    task::{AbortHandle, Id, JoinError, JoinSet},
};

use super::{
    GROUP,
    attempt::{Asked, Away, Tools, ask},
    queue::{Named, Queue, Wanted},
};
use crate::{
    commands::Commands,
    health::Doing,
    platform::{Backoff, Platform},
    reading::{Unread, read, unreadable},
    waiting::Patient,
};

/// Pictures asked for at once. Each may hold 20 MiB; fewer would let slow servers hold up the others.
const AT_ONCE: usize = 8;
/// Pictures that are known and not finished, beyond which no events are read: some 200 bytes each.
const MOST: usize = 50_000;
/// Events read at once.
const BATCH: usize = 500;
/// How long the loop waits for anything before it shows that it is alive.
const IDLE: Duration = Duration::from_secs(1);
/// How often the position is kept. What lies between is read again after a crash, and found done.
const KEEP_EVERY: Duration = Duration::from_millis(500);

/// How pictures are asked for.
pub struct PictureSettings {
    /// What asks.
    pub fetcher: HttpClient,
    /// Waits between tries of one whose server does not answer; after the last it is given up.
    pub again_after: Vec<Duration>,
}

impl PictureSettings {
    /// As a deployment has it: 5 s, 20 s and 80 s, as for whatever else is tried again. A server that is away for longer is
    /// asked again by the next import.
    pub fn new(fetcher: HttpClient) -> Self {
        Self { fetcher, again_after: [5, 20, 80].map(Duration::from_secs).into() }
    }
}

/// Why the effect ended.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct EffectError(#[from] pub LogError);

/// What is known of a partition that is owned.
struct Owned {
    /// The next offset to read.
    next: i64,
    /// The position that is kept.
    kept: i64,
}

/// The effect in this process.
pub struct Pictures {
    tools: Arc<Tools>,
    again_after: Vec<Duration>,
    member: Member,
    events: Arc<str>,
    partitions: BTreeMap<u32, Owned>,
    queue: Queue,
    attempts: JoinSet<Asked>,
    /// Those that are being asked for.
    asked: HashMap<Id, (Wanted, AbortHandle)>,
    letters: Vec<NewRecord>,
    full: bool,
    kept_at: Instant,
}

impl Pictures {
    /// Joins the effect's group, over what admin says.
    pub async fn join(
        platform: Platform,
        commands: Arc<Commands>,
        settings: PictureSettings,
        instance: Option<&str>,
    ) -> Result<Self, EffectError> {
        let events: Arc<str> = topics::events(Context::Admin).into();
        let inputs = [Arc::clone(&events)];
        let member =
            Patient::new(&platform, GROUP).log(|| platform.log.join(GROUP, &inputs, Seat::alone(instance))).await?;
        platform.health.report(GROUP, Doing::Restoring, platform.now());
        Ok(Self {
            tools: Arc::new(Tools { platform, commands, fetcher: settings.fetcher, away: Away::default() }),
            again_after: settings.again_after,
            member,
            events,
            partitions: BTreeMap::new(),
            queue: Queue::default(),
            attempts: JoinSet::new(),
            asked: HashMap::new(),
            letters: Vec::new(),
            full: false,
            kept_at: Instant::now(),
        })
    }

    /// Works until told to stop, then leaves the group. What is being asked for is asked for again by whoever goes on.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) -> Result<(), EffectError> {
        let mut backoff = Backoff::default();
        loop {
            let wait = self.wait();
            // Cancel safety: `join_next_with_id` and `Member::next` take nothing when they are dropped, `wait_for` holds no
            // state.
            let event = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => break,
                Some(ended) = self.attempts.join_next_with_id() => {
                    self.ended(ended);
                    Ok(MemberEvent::Idle)
                }
                event = self.member.next(BATCH, wait) => event,
            };
            let done = match event {
                Ok(event) => self.round(event).await,
                Err(error) => Err(error),
            };
            match done {
                Ok(()) => backoff = Backoff::default(),
                Err(LogError::Unavailable(why) | LogError::Aborted(why)) => {
                    self.report(Doing::Waiting(format!("log: {why}")));
                    backoff.wait().await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.attempts.shutdown().await;
        self.keep().await?;
        Ok(self.member.leave().await?)
    }

    /// How long there is nothing to do, unless something happens.
    fn wait(&self) -> Duration {
        if self.asked.len() >= AT_ONCE {
            return IDLE; // What is due has no place before an attempt ends.
        }
        let until = |due: Micros| {
            let micros = u64::try_from(due - self.tools.platform.now()).unwrap_or_default();
            Duration::from_micros(micros)
        };
        self.queue.next_due().map_or(IDLE, until).min(IDLE)
    }

    fn report(&self, doing: Doing) {
        self.tools.platform.health.report(GROUP, doing, self.tools.platform.now());
    }

    async fn round(&mut self, event: MemberEvent) -> Result<(), LogError> {
        match event {
            MemberEvent::Assigned(partitions) => {
                self.tools.platform.health.assigned(GROUP, self.tools.platform.now());
                for (at, committed) in partitions {
                    self.take(at, committed).await?;
                }
            }
            MemberEvent::Revoked(partitions) => partitions.iter().for_each(|at| self.lose(at.partition)),
            MemberEvent::Records(records) => {
                for record in &records {
                    self.record(record).await;
                }
            }
            MemberEvent::Lacking(missing) => {
                self.tools.platform.health.lacks(GROUP, &missing, self.tools.platform.now());
            }
            MemberEvent::Idle => {}
        }
        self.start();
        self.bound().await?;
        if self.kept_at.elapsed() >= KEEP_EVERY {
            self.keep().await?;
        }
        self.report(self.tools.away.any().map_or(Doing::Working, Doing::Waiting));
        Ok(())
    }

    async fn take(&mut self, at: TopicPartition, committed: Option<i64>) -> Result<(), LogError> {
        let platform = &self.tools.platform;
        let patient = Patient::new(platform, GROUP);
        let from = match committed {
            Some(position) => position,
            None => patient.log(|| platform.log.start(&at)).await?,
        };
        self.partitions.insert(at.partition, Owned { next: from, kept: from });
        if self.full { Ok(()) } else { patient.resume(&mut self.member, &at, from).await }
    }

    fn lose(&mut self, partition: u32) {
        self.partitions.remove(&partition);
        let lost: Vec<Wanted> = self
            .asked
            .extract_if(|_, (wanted, _)| wanted.named.partition == partition)
            .map(|(id, (wanted, attempt))| {
                attempt.abort();
                self.tools.away.over(id);
                wanted
            })
            .collect();
        self.queue.forget(partition, &lost);
    }

    async fn record(&mut self, record: &LogRecord) {
        let Some(owned) = self.partitions.get_mut(&record.at.partition) else { return };
        if record.offset < owned.next {
            return;
        }
        owned.next = record.offset + 1;
        match read(&self.tools.platform, GROUP, record, AdminEvent::decode).await {
            Ok(AdminEvent::ProductChanged(event)) => self.product(record, &event),
            // What it does not know names no picture.
            Ok(_) | Err(Unread::Newer { .. }) => {}
            Err(unread) => self.letters.push(unreadable(GROUP, record, &unread.to_string())),
        }
    }

    fn product(&mut self, record: &LogRecord, event: &ProductChanged) {
        let meta = &event.meta;
        let named = Named {
            event: meta.event_id,
            partition: record.at.partition,
            offset: record.offset,
            write_ts: meta.write_ts,
        };
        let (tenant, product) = (meta.tenant_id, event.product.product_id);
        let waits = event.product.images.iter().filter(|image| image.status == ImageStatus::Waiting);
        for image in waits.filter(|image| image.source_url.is_some()) {
            self.queue.add(Wanted { tenant, product, image: image.image_id, named, tries: 0 });
        }
    }

    /// Asks for as many as may be asked for at once.
    fn start(&mut self) {
        while self.asked.len() < AT_ONCE {
            let Some(wanted) = self.queue.next(self.tools.platform.now()) else { return };
            let last = wanted.tries >= self.again_after.len();
            let attempt = self.attempts.spawn(ask(Arc::clone(&self.tools), wanted, last));
            self.asked.insert(attempt.id(), (wanted, attempt));
        }
    }

    fn ended(&mut self, ended: Result<(Id, Asked), JoinError>) {
        let id = ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        self.tools.away.over(id);
        // Of a partition that was lost.
        let Some((wanted, _)) = self.asked.remove(&id) else { return };
        match (ended, self.again_after.get(wanted.tries)) {
            (Ok((_, Asked::Again)), Some(wait)) => {
                let wait = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
                self.queue.again(wanted, self.tools.platform.now().saturating_add(wait));
            }
            (Ok(_), _) => self.queue.finished(wanted),
            (Err(panic), _) => {
                tracing::error!(tenant.id = %wanted.tenant, image.id = %wanted.image, %panic, "a picture was not asked for");
                self.queue.finished(wanted);
            }
        }
    }

    /// Reads no events while too much is not finished.
    async fn bound(&mut self) -> Result<(), LogError> {
        let full = if self.full { self.queue.len() > MOST / 2 } else { self.queue.len() > MOST };
        if full == self.full {
            return Ok(());
        }
        self.full = full;
        for (partition, owned) in &self.partitions {
            let at = TopicPartition { topic: Arc::clone(&self.events), partition: *partition };
            if full {
                self.member.pause(&at).await?;
            } else {
                Patient::new(&self.tools.platform, GROUP).resume(&mut self.member, &at, owned.next).await?;
            }
        }
        Ok(())
    }

    /// Keeps the positions if one has moved, with the dead letters of what could not be read.
    async fn keep(&mut self) -> Result<(), LogError> {
        self.kept_at = Instant::now();
        let position = |partition: &u32, owned: &Owned| self.queue.lowest(*partition).unwrap_or(owned.next);
        let positions: Vec<(u32, i64)> =
            self.partitions.iter().map(|(partition, owned)| (*partition, position(partition, owned))).collect();
        let moved = self.partitions.values().zip(&positions).any(|(owned, (_, position))| owned.kept != *position);
        if positions.is_empty() || !moved && self.letters.is_empty() {
            return Ok(());
        }
        let at = |partition| TopicPartition { topic: Arc::clone(&self.events), partition };
        let transaction = Transaction {
            records: self.letters.clone(),
            positions: positions.iter().map(|(partition, position)| (at(*partition), *position)).collect(),
        };
        fail_point!("pictures::before_keep");
        self.member.commit(transaction).await?;
        fail_point!("pictures::after_keep");
        self.letters.clear();
        for (owned, (_, position)) in self.partitions.values_mut().zip(positions) {
            owned.kept = position;
        }
        Ok(())
    }
}
