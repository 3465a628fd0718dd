//! The watch over connections: what librdkafka says of them while a call waits for them.
//!
//! The library goes on trying whatever the reason is, so a call knows only that its time is over. Why a password or a
//! certificate does not do is told to whoever polls a client, which is done here for the clients that nobody else
//! polls.

use std::{
    sync::{Arc, Mutex, Weak},
    time::{Duration, Instant},
};

use rdkafka::{
    client::{ClientContext, DefaultClientContext},
    config::RDKafkaLogLevel,
    consumer::ConsumerContext,
    error::{KafkaError, RDKafkaErrorCode},
};

use super::{Cluster, lock, spawn};
use crate::log::error::LogError;

/// The time for which a reason counts: a call's patience and the library's longest pause between two attempts.
const FRESH: Duration = Duration::from_secs(10);

/// Whoever speaks in the clear to brokers that want TLS is hung up on without a word.
const CLOSED: &str = "the brokers take connections and close them: is kafka.security_protocol \
                      (FEIRA_KAFKA_SECURITY_PROTOCOL) what they speak?";

/// The last errors of connections, which explain a call whose time is over. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Watch(Arc<Mutex<Heard>>);

#[derive(Default)]
struct Heard {
    /// The time and text of the last refusal (login, certificate or protocol): no repetition mends it.
    refusal: Option<(Instant, String)>,
    /// The time and text of the last connection that could not be made.
    failure: Option<(Instant, String)>,
    /// The time at which connections were last taken and closed.
    closed: Option<Instant>,
}

impl ClientContext for Watch {
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::warn!(%error, reason, "a connection to Kafka");
        let (code, now, mut heard) = (error.rdkafka_error_code(), Instant::now(), lock(&self.0));
        match what_to_do(code, reason) {
            Some(what_to_do) => heard.refusal = Some((now, format!("{what_to_do} ({reason})"))),
            None if code == Some(RDKafkaErrorCode::AllBrokersDown) => heard.closed = Some(now),
            None => heard.failure = Some((now, reason.to_owned())),
        }
    }

    /// A connection that is closed before a first answer is no error to the library; it only logs that.
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        if facility == "FAIL" && message.contains("Disconnected") && message.contains("in state APIVERSION_QUERY") {
            lock(&self.0).closed = Some(Instant::now());
        }
        DefaultClientContext.log(level, facility, message);
    }
}

impl ConsumerContext for Watch {}

impl Watch {
    /// The error of a call that found no broker, by what the connections said meanwhile.
    pub(super) fn explain(&self, error: LogError) -> LogError {
        let LogError::Unavailable(why) = error else { return error };
        let heard = lock(&self.0);
        let fresh = |heard: &Option<(Instant, String)>| {
            heard.as_ref().filter(|(at, _)| at.elapsed() < FRESH).map(|(_, reason)| reason.clone())
        };
        if let Some(refusal) = fresh(&heard.refusal) {
            return LogError::Refused(format!("no connection to Kafka: {refusal}"));
        }
        let closed = heard.closed.is_some_and(|at| at.elapsed() < FRESH);
        match (fresh(&heard.failure), closed) {
            (None, false) => LogError::Unavailable(why),
            (None, true) => LogError::Refused(CLOSED.to_owned()),
            (Some(failure), false) => LogError::Unavailable(format!("{why} ({failure})")),
            (Some(failure), true) => LogError::Unavailable(format!("{why} ({failure}); or {CLOSED}")),
        }
    }
}

/// Polls the clients that only answer questions, until the cluster is dropped.
pub(super) fn start(cluster: &Arc<Cluster>) -> Result<(), LogError> {
    let cluster = Arc::downgrade(cluster);
    spawn("log-watch".to_owned(), "a thread", move || poll(&cluster))
}

fn poll(cluster: &Weak<Cluster>) {
    while let Some(cluster) = cluster.upgrade() {
        // Neither reads anything, so what comes is an error, which the context has been told.
        drop(cluster.probe.poll(Duration::from_millis(100)));
        drop(cluster.stable.poll(Duration::ZERO));
    }
}

/// Gives the setting to look at for this error; `None` where waiting may help.
fn what_to_do(code: Option<RDKafkaErrorCode>, reason: &str) -> Option<&'static str> {
    use RDKafkaErrorCode as Code;
    let says = |text: &str| reason.contains(text);
    if says("broker listener?") {
        return Some("is kafka.security_protocol (FEIRA_KAFKA_SECURITY_PROTOCOL) what these brokers speak?");
    }
    if says("SSL alert") {
        return Some(
            "the brokers do not take this client's certificate: look at kafka.certificate and kafka.key \
             (FEIRA_KAFKA_CERTIFICATE, FEIRA_KAFKA_KEY)",
        );
    }
    if says("OAUTHBEARER token") {
        return Some(
            "no token: look at kafka.oauth_token_url, oauth_client_id and oauth_client_secret (FEIRA_KAFKA_OAUTH_…), and where its \
             certificate is the trouble at kafka.ca (FEIRA_KAFKA_CA)",
        );
    }
    match code {
        Some(Code::SSL) => Some(
            "the brokers' certificate is not believed (of another authority, expired, or of another name): look at kafka.ca \
             (FEIRA_KAFKA_CA)",
        ),
        Some(Code::Authentication) if says("mechanism handshake failed") => Some(
            "the brokers do not know this mechanism here: look at kafka.sasl_mechanism and kafka.security_protocol \
             (FEIRA_KAFKA_SASL_MECHANISM, FEIRA_KAFKA_SECURITY_PROTOCOL)",
        ),
        Some(Code::Authentication | Code::SaslAuthenticationFailed | Code::UnsupportedSASLMechanism) => Some(
            "the brokers do not let this process in: look at kafka.username and kafka.password (FEIRA_KAFKA_USERNAME, \
             FEIRA_KAFKA_PASSWORD)",
        ),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    /// Errors in the library's own words.
    #[test]
    fn every_way_of_not_being_let_in_names_its_setting() {
        use RDKafkaErrorCode as Code;
        for (code, reason, setting) in [
            (
                Code::Authentication,
                "k:1/bootstrap: SASL authentication error: Authentication failed: Invalid username or password",
                "PASSWORD",
            ),
            (
                Code::Authentication,
                "k:1/bootstrap: SASL PLAIN mechanism handshake failed: Broker: Unsupported SASL mechanism",
                "MECHANISM",
            ),
            (
                Code::Authentication,
                "Failed to acquire SASL OAUTHBEARER token: {\"error\": \"invalid_client\"}",
                "OAUTH",
            ),
            (
                Code::SSL,
                "k:1/bootstrap: SSL handshake failed: error:0A000086:SSL routines::certificate verify failed",
                "CA",
            ),
            (
                Code::BrokerTransportFailure,
                "k:1/bootstrap: Receive failed: error:0A000412:SSL routines::sslv3 alert bad certificate: SSL alert number 42",
                "CERTIFICATE",
            ),
            (
                Code::BrokerTransportFailure,
                "k:1/bootstrap: SSL handshake failed: Disconnected: connecting to a PLAINTEXT broker listener?",
                "PROTOCOL",
            ),
        ] {
            let watch = Watch::default();
            watch.error(KafkaError::Global(code), reason);
            let explained = watch.explain(LogError::Unavailable("timed out".into()));
            let LogError::Refused(why) = explained else { panic!("{reason}: {explained}") };
            assert!(why.contains(&format!("FEIRA_KAFKA_{setting}")) || why.contains(&format!("_{setting}")), "{why}");
        }
        let (down, in_the_clear) = (Watch::default(), Watch::default());
        down.error(KafkaError::Global(Code::AllBrokersDown), "3/3 brokers are down");
        let line = "sasl_plaintext://k:1/bootstrap: Disconnected: connection closed by peer: receive 0 after POLLIN (after 0ms in \
                    state APIVERSION_QUERY)";
        in_the_clear.log(RDKafkaLogLevel::Info, "FAIL", line);
        for watch in [down, in_the_clear] {
            let explained = watch.explain(LogError::Unavailable("timed out".into()));
            assert!(matches!(&explained, LogError::Refused(why) if why.contains("_PROTOCOL")), "{explained}");
        }
        let watch = Watch::default();
        watch.error(KafkaError::Global(Code::AllBrokersDown), "3/3 brokers are down");
        watch.error(
            KafkaError::Global(Code::BrokerTransportFailure),
            "k:1: Connect to ipv4#127.0.0.1:1 failed: Connection refused",
        );
        assert!(
            matches!(watch.explain(LogError::Unavailable("timed out".into())), LogError::Unavailable(_)),
            "it may come yet"
        );
    }
}
