//! The loop of whoever consumes, written once: it takes what comes next, has it worked on, and goes on until told to stop.
//!
//! The work on records is the consumer's own ([`Consumer`]); this loop waits for a log that is away, and tells
//! `/readyz` and the log how each is.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use feira_connectors::log::{LogError, LogRecord, Member, MemberEvent, Seat, TopicPartition};
use tokio::sync::watch;

use crate::{backoff::Backoff, health::Doing, platform::Platform, waiting::Patient};

/// The longest wait for anything before a consumer shows that it is alive.
pub(crate) const IDLE: Duration = Duration::from_secs(1);
/// A step that takes longer is told to the log: so long, others of the consumer's partitions have waited for it.
const SLOW: Duration = Duration::from_secs(10);

/// A member of a group, and what it does with what the group gives it.
pub(crate) trait Consumer: Send {
    /// The error that ends the loop.
    type Error: From<LogError> + Send;

    /// The consumer group's name, by which health and log name it.
    fn group(&self) -> &str;
    /// Waits for what comes next; [`MemberEvent::Idle`] where there is something to do without it.
    ///
    /// Cancel safe: a dropped call has taken no event.
    fn next(&mut self) -> impl Future<Output = Result<MemberEvent, LogError>> + Send;
    /// Takes partitions, each with its committed position, and lets them flow.
    fn assigned(
        &mut self,
        partitions: Vec<(TopicPartition, Option<i64>)>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
    /// Lets partitions go: they are another's.
    fn revoked(&mut self, partitions: &[TopicPartition]);
    /// Takes records, which come in order within each partition.
    fn records(&mut self, records: Vec<LogRecord>) -> impl Future<Output = Result<(), Self::Error>> + Send;
    /// Does what is due, after each event.
    fn step(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send;
    /// Says what it is doing, after each step.
    fn doing(&mut self) -> Doing;
    /// Says why a failed round passes, so that the loop waits and goes on; `None` ends the loop.
    fn passes(error: &Self::Error) -> Option<String>;
    /// Goes back to what is, after a failed round or an outcome that is not known.
    fn rewind(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send;
    /// Passes over why a consumer that ends could not keep its positions, where that passes: a partition is another's by then, or the
    /// log is away, and the next owner reads again what lies behind the position that is kept.
    fn ended(&self, kept: Result<(), Self::Error>) -> Result<(), Self::Error> {
        let Err(error) = kept else { return Ok(()) };
        let Some(why) = Self::passes(&error) else { return Err(error) };
        tracing::info!(group = self.group(), why, "positions are not kept at the end; their next owner reads again");
        Ok(())
    }
    /// Finishes and keeps what is begun, and leaves the group.
    fn close(self) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// Joins a group, however long the log is away.
pub(crate) async fn join(
    platform: &Platform,
    group: &str,
    inputs: &[Arc<str>],
    seat: Seat<'_>,
) -> Result<Member, LogError> {
    let member = Patient::new(platform, group).log(|| platform.log.join(group, inputs, seat)).await?;
    platform.health.report(group, Doing::Restoring, platform.now());
    Ok(member)
}

/// Works until told to stop, then closes the consumer.
pub(crate) async fn run<C: Consumer>(
    mut consumer: C,
    platform: &Platform,
    mut stop: watch::Receiver<bool>,
) -> Result<(), C::Error> {
    let group = consumer.group().to_owned();
    let patient = Patient::new(platform, &group);
    let mut backoff = Backoff::default();
    loop {
        // Cancel safety: `next` takes no event when it is dropped, and `wait_for` holds no state.
        let event = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => break,
            event = consumer.next() => event,
        };
        match event {
            Ok(event) => match round(&mut consumer, platform, &group, event).await {
                Ok(()) => backoff = Backoff::default(),
                Err(error) => {
                    let Some(why) = C::passes(&error) else { return Err(error) };
                    patient.wait(&mut backoff, "log", &why).await;
                    timed(&group, "rewind", consumer.rewind()).await?;
                }
            },
            Err(LogError::Unavailable(why)) => patient.wait(&mut backoff, "log", &why).await,
            Err(error) => return Err(error.into()),
        }
    }
    consumer.close().await
}

/// Has an event worked on, and what is due after it, and says how the consumer is.
async fn round<C: Consumer>(
    consumer: &mut C,
    platform: &Platform,
    group: &str,
    event: MemberEvent,
) -> Result<(), C::Error> {
    match event {
        MemberEvent::Assigned(partitions) => {
            platform.health.assigned(group, platform.now());
            timed(group, "assigned", consumer.assigned(partitions)).await?;
        }
        MemberEvent::Revoked(partitions) => consumer.revoked(&partitions),
        MemberEvent::Records(records) => timed(group, "records", consumer.records(records)).await?,
        MemberEvent::Lacking(missing) => platform.health.lacks(group, &missing, platform.now()),
        MemberEvent::Idle => {}
    }
    timed(group, "step", consumer.step()).await?;
    platform.health.report(group, consumer.doing(), platform.now());
    Ok(())
}

/// Waits for a part of a round, and tells the log where it took long.
async fn timed<T>(group: &str, what: &str, part: impl Future<Output = T>) -> T {
    let started = Instant::now();
    let done = part.await;
    let took = started.elapsed();
    if took > SLOW {
        tracing::warn!(group, what, seconds = took.as_secs(), "a step of a consumer took long");
    }
    done
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::{collections::VecDeque, sync::Mutex};

    use super::*;
    use crate::testing::platform;

    const GROUP: &str = "sample";

    /// A consumer to which a test gives the events and how each step ends. It notes what is asked of it, and is told to stop once
    /// it has had all events.
    struct Sample {
        events: VecDeque<Result<MemberEvent, LogError>>,
        steps: VecDeque<Result<(), LogError>>,
        noted: Arc<Mutex<Vec<&'static str>>>,
        stop: watch::Sender<bool>,
    }

    impl Sample {
        fn note(&self, what: &'static str) {
            self.noted.lock().unwrap().push(what);
        }
    }

    impl Consumer for Sample {
        type Error = LogError;
        fn group(&self) -> &str {
            GROUP
        }
        async fn next(&mut self) -> Result<MemberEvent, LogError> {
            match self.events.pop_front() {
                Some(event) => event,
                None => {
                    self.stop.send(true).unwrap();
                    std::future::pending().await
                }
            }
        }
        async fn assigned(&mut self, _: Vec<(TopicPartition, Option<i64>)>) -> Result<(), LogError> {
            self.note("assigned");
            Ok(())
        }
        fn revoked(&mut self, _: &[TopicPartition]) {
            self.note("revoked");
        }
        async fn records(&mut self, _: Vec<LogRecord>) -> Result<(), LogError> {
            self.note("records");
            Ok(())
        }
        async fn step(&mut self) -> Result<(), LogError> {
            self.note("step");
            self.steps.pop_front().unwrap_or(Ok(()))
        }
        fn doing(&mut self) -> Doing {
            Doing::Working
        }
        fn passes(error: &LogError) -> Option<String> {
            match error {
                LogError::Aborted(why) => Some(why.clone()),
                _ => None,
            }
        }
        async fn rewind(&mut self) -> Result<(), LogError> {
            self.note("rewind");
            Ok(())
        }
        async fn close(self) -> Result<(), LogError> {
            self.note("close");
            self.ended(Err(LogError::Aborted("another's".into())))
        }
    }

    /// Runs a consumer over these events; what it noted, and how it ended.
    async fn noted(
        platform: &Platform,
        events: Vec<Result<MemberEvent, LogError>>,
        steps: Vec<Result<(), LogError>>,
    ) -> (Vec<&'static str>, Result<(), LogError>) {
        let noted = Arc::new(Mutex::new(Vec::new()));
        let (stop, stopped) = watch::channel(false);
        let sample = Sample { events: events.into(), steps: steps.into(), noted: Arc::clone(&noted), stop };
        let ended = run(sample, platform, stopped).await;
        let noted = noted.lock().unwrap().clone();
        (noted, ended)
    }

    #[tokio::test]
    async fn each_event_is_followed_by_a_step_and_a_stop_by_the_close() {
        let folder = tempfile::tempdir().unwrap();
        let platform = platform(folder.path()).await;
        let at = TopicPartition::new("admin.events", 0);
        let events = vec![
            Ok(MemberEvent::Idle),
            Ok(MemberEvent::Assigned(vec![(at.clone(), None)])),
            Ok(MemberEvent::Records(Vec::new())),
            Ok(MemberEvent::Revoked(vec![at.clone()])),
            Ok(MemberEvent::Lacking(vec![at])),
        ];
        let (noted, ended) = noted(&platform, events, Vec::new()).await;
        assert!(ended.is_ok());
        assert_eq!(
            noted,
            ["step", "assigned", "step", "records", "step", "revoked", "step", "step", "close"],
            "what it lacks is said for it"
        );
        assert_eq!(platform.health.all()[GROUP].0, Doing::Working);
        assert!(platform.health.lacking()[GROUP].contains("admin.events[0]"));
    }

    #[tokio::test]
    async fn what_passes_is_waited_for_and_only_a_failed_round_goes_back() {
        let folder = tempfile::tempdir().unwrap();
        let platform = platform(folder.path()).await;
        let away = || Err(LogError::Unavailable("away".into()));
        let events = vec![away(), Ok(MemberEvent::Idle), Ok(MemberEvent::Idle)];
        let (noted, ended) = noted(&platform, events, vec![Err(LogError::Aborted("fenced".into()))]).await;
        assert!(ended.is_ok());
        assert_eq!(noted, ["step", "rewind", "step", "close"]);
    }

    #[tokio::test]
    async fn what_does_not_pass_ends_the_loop() {
        let folder = tempfile::tempdir().unwrap();
        let platform = platform(folder.path()).await;
        let refused = || LogError::Refused("other topics".into());
        let (noted_of_step, ended) =
            noted(&platform, vec![Ok(MemberEvent::Idle), Ok(MemberEvent::Idle)], vec![Err(refused())]).await;
        assert!(matches!(ended, Err(LogError::Refused(_))), "{ended:?}");
        assert_eq!(noted_of_step, ["step"], "nothing is closed that can't go on");
        let (noted_of_next, ended) = noted(&platform, vec![Err(refused())], Vec::new()).await;
        assert!(matches!(ended, Err(LogError::Refused(_))), "{ended:?}");
        assert!(noted_of_next.is_empty());
    }
}
