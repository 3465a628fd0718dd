//! TLS and SASL properties of librdkafka, and the properties of it that operators may set themselves.

use rdkafka::ClientConfig;

use crate::log::settings::{KafkaSecurity, PasswordMechanism, Sasl};

impl PasswordMechanism {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

/// The use of a client: properties that only consumers, or only producers, know are set for those alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Both,
    Reads,
    Writes,
}

/// Properties that only readers or only writers know; the library warns where the others are given them.
const OF_READERS: &[&str] =
    &["fetch.", "queued.", "max.partition.fetch.bytes", "check.crcs", "coordinator.", "consume."];
const OF_WRITERS: &[&str] = &[
    "queue.buffering.",
    "linger.ms",
    "batch.",
    "compression.",
    "sticky.",
    "request.timeout.ms",
    "topic.metadata.propagation.",
];

impl KafkaSecurity {
    /// Sets all of it but the further properties.
    pub(super) fn introduce(&self, client: &mut ClientConfig) {
        let protocol = match (&self.tls, &self.sasl) {
            (None, None) => "plaintext",
            (Some(_), None) => "ssl",
            (None, Some(_)) => "sasl_plaintext",
            (Some(_), Some(_)) => "sasl_ssl",
        };
        client.set("security.protocol", protocol);
        if let Some(tls) = &self.tls {
            // The TLS library is linked statically and has no place of its own for authorities.
            let ca = tls.ca.as_ref().map_or("probe".into(), |path| path.to_string_lossy());
            client.set("ssl.ca.location", ca);
            if let Some((certificate, key)) = &tls.identity {
                client.set("ssl.certificate.location", certificate.to_string_lossy());
                client.set("ssl.key.location", key.to_string_lossy());
            }
            if !self.key_password.is_empty() {
                client.set("ssl.key.password", self.key_password.expose());
            }
        }
        match &self.sasl {
            None => {}
            Some(Sasl::Password { mechanism, username, password }) => {
                client.set("sasl.mechanism", mechanism.name());
                client.set("sasl.username", username);
                client.set("sasl.password", password.expose());
            }
            Some(Sasl::Token { url, client_id, client_secret, scope }) => {
                client.set("sasl.mechanism", "OAUTHBEARER");
                client.set("sasl.oauthbearer.method", "oidc");
                client.set("sasl.oauthbearer.token.endpoint.url", url);
                client.set("sasl.oauthbearer.client.id", client_id);
                client.set("sasl.oauthbearer.client.secret", client_secret.expose());
                if !scope.is_empty() {
                    client.set("sasl.oauthbearer.scope", scope);
                }
                let ca = self.tls.as_ref().and_then(|tls| tls.ca.as_ref());
                client.set("https.ca.location", ca.map_or("probe".into(), |path| path.to_string_lossy()));
            }
        }
    }

    /// Sets the further properties, last, so that they count.
    pub(super) fn adjust(&self, client: &mut ClientConfig, by: Use) {
        for (name, value) in &self.properties {
            let of = |names: &[&str]| names.iter().any(|start| name.starts_with(start));
            if (by != Use::Reads && of(OF_READERS)) || (by != Use::Writes && of(OF_WRITERS)) {
                continue;
            }
            client.set(name, value);
        }
    }
}

/// Properties of librdkafka that an operator may not set, each group with the reason. A name that ends in a dot
/// stands for all that begin with it.
const NOT_SET: &[(&[&str], &str)] = &[
    (
        &[
            "acks",
            "request.required.acks",
            "enable.idempotence",
            "enable.gapless.guarantee",
            "max.in.flight",
            "max.in.flight.requests.per.connection",
            "retries",
            "message.send.max.retries",
            "queuing.strategy",
            "delivery.report.only.error",
            "dr_cb",
            "dr_msg_cb",
            "isolation.level",
            "enable.auto.commit",
            "auto.commit.enable",
            "auto.commit.interval.ms",
            "enable.auto.offset.store",
            "auto.offset.reset",
            "offset.store.",
            "enable.partition.eof",
            "transactional.id",
            "transaction.timeout.ms",
            "message.timeout.ms",
            "delivery.timeout.ms",
            "group.id",
            "group.instance.id",
            "group.protocol",
            "group.protocol.type",
            "group.remote.assignor",
            "partition.assignment.strategy",
            "session.timeout.ms",
            "heartbeat.interval.ms",
            "max.poll.interval.ms",
            "partitioner",
            "partitioner_cb",
            "message.max.bytes",
            "allow.auto.create.topics",
        ],
        "what is done exactly once rests on it",
    ),
    (&["bootstrap.servers", "metadata.broker.list"], "it is kafka_brokers (FEIRA_KAFKA_BROKERS)"),
    (&["compression.codec", "compression.type"], "readers of the topics rest on it"),
    (&["security.protocol"], "it is kafka.security_protocol (FEIRA_KAFKA_SECURITY_PROTOCOL)"),
    (&["sasl.mechanism", "sasl.mechanisms"], "it is kafka.sasl_mechanism (FEIRA_KAFKA_SASL_MECHANISM)"),
    (&["sasl.username"], "it is kafka.username (FEIRA_KAFKA_USERNAME)"),
    (&["sasl.password"], "it is kafka.password (FEIRA_KAFKA_PASSWORD)"),
    (&["ssl.ca.location", "ssl.ca.pem", "ssl_ca"], "it is kafka.ca (FEIRA_KAFKA_CA)"),
    (
        &["ssl.certificate.location", "ssl.certificate.pem", "ssl_certificate"],
        "it is kafka.certificate (FEIRA_KAFKA_CERTIFICATE)",
    ),
    (&["ssl.key.location", "ssl.key.pem", "ssl_key"], "it is kafka.key (FEIRA_KAFKA_KEY)"),
    (&["ssl.key.password"], "it is kafka.key_password (FEIRA_KAFKA_KEY_PASSWORD)"),
    (
        &[
            "sasl.oauthbearer.method",
            "sasl.oauthbearer.token.endpoint.url",
            "sasl.oauthbearer.client.id",
            "sasl.oauthbearer.client.secret",
            "sasl.oauthbearer.client.credentials.",
            "sasl.oauthbearer.scope",
        ],
        "it is one of kafka.oauth_token_url, oauth_client_id, oauth_client_secret and oauth_scope",
    ),
    (
        &[
            "log.queue",
            "enabled_events",
            "opaque",
            "interceptors",
            "default_topic_conf",
            "test.mock.",
            "sasl.kerberos.",
            "plugin.library.paths",
        ],
        "this program has no use for it",
    ),
];

/// Checks that an operator may set this property of librdkafka to this value; the error says why not.
pub fn check_property(name: &str, value: &str) -> Result<(), String> {
    let is = |listed: &str| name == listed || (listed.ends_with('.') && name.starts_with(listed));
    if let Some((_, why)) = NOT_SET.iter().find(|(names, _)| names.iter().any(|listed| is(listed))) {
        return Err(format!("{name} can't be set: {why}"));
    }
    if name.ends_with("_cb") {
        return Err(format!("{name} can't be set: it is no text"));
    }
    let mut client = ClientConfig::new();
    client.set(name, value);
    client.create_native_config().map(drop).map_err(|error| match error {
        // The value may be a secret, and the library may know the property by another name.
        rdkafka::error::KafkaError::ClientConfig(_, why, ..) => format!("{name}: {why}"),
        other => other.to_string(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_exactly_once_rests_on_is_refused_by_name() {
        for name in [
            "acks",
            "enable.idempotence",
            "isolation.level",
            "transactional.id",
            "group.id",
            "retries",
            "auto.offset.reset",
        ] {
            let why = check_property(name, "all").unwrap_err();
            assert!(why.starts_with(name) && why.contains("exactly once"), "{why}");
        }
        let why = check_property("sasl.password", "s3cr3t").unwrap_err();
        assert!(why.contains("FEIRA_KAFKA_PASSWORD") && !why.contains("s3cr3t"), "{why}");
    }

    #[test]
    fn what_the_library_knows_passes_and_what_it_does_not_is_said() {
        for (name, value) in [
            ("ssl.endpoint.identification.algorithm", "none"),
            ("linger.ms", "5"),
            ("fetch.max.bytes", "1000000"),
            ("client.rack", "a"),
        ] {
            check_property(name, value).unwrap();
        }
        for (name, value) in [("no.such.property", "1"), ("linger.ms", "soon"), ("socket.keepalive.enable", "perhaps")]
        {
            let why = check_property(name, value).unwrap_err();
            assert!(why.contains(name), "{why}");
        }
    }

    #[test]
    fn properties_reach_the_clients_that_know_them() {
        let properties = [("linger.ms", "5"), ("fetch.max.bytes", "1"), ("client.rack", "a")];
        let properties = properties.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let security = KafkaSecurity { properties, ..KafkaSecurity::default() };
        for (by, linger, fetch) in
            [(Use::Reads, None, Some("1")), (Use::Writes, Some("5"), None), (Use::Both, None, None)]
        {
            let mut client = ClientConfig::new();
            security.adjust(&mut client, by);
            assert_eq!((client.get("linger.ms"), client.get("fetch.max.bytes")), (linger, fetch));
            assert_eq!(client.get("client.rack"), Some("a"));
        }
    }
}
