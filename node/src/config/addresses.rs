//! Checks of the addresses that a configuration names, before any of them is asked.

use std::net::Ipv6Addr;

use feira_connectors::{
    cache::RedisSettings,
    files::{Files, S3Settings},
    tls::is_this_machine,
};

use super::{Config, ConfigError};

/// Kafka's limit for `group.instance.id`, less what the number of a thread takes.
const INSTANCE_CHARS: usize = 249 - "-4294967295".len();

/// Checks every address; what they lead to is not looked at.
pub(crate) fn check(config: &Config) -> Result<(), ConfigError> {
    let invalid = |key: &str, why: String| Err(ConfigError::Invalid(format!("{key} {why}")));
    for (key, list) in [("kafka_brokers", &config.kafka_brokers), ("scylla_nodes", &config.scylla_nodes)] {
        if let Some(wrong) = hosts(list).find(|host| !is_host_and_port(host)) {
            return invalid(key, format!("must be host:port,…, and {wrong:?} is not host:port"));
        }
    }
    if !config.redis_url.is_empty()
        && let Err(error) = RedisSettings::new(&config.redis_url).check()
    {
        return invalid("redis_url", format!("is no address of Redis such as redis://localhost:6379: {error}"));
    }
    if !config.s3_url.is_empty()
        && let Err(error) = S3Settings::parse(config.s3_url.expose()).and_then(|settings| Files::s3(&settings))
    {
        return invalid("s3_url", format!("can't be used: {error}"));
    }
    if !config.platform_domain.split('.').all(is_label) {
        return invalid("platform_domain", "must be a host name without a port, such as feira.example".into());
    }
    let named = |digit: char| digit.is_ascii_alphanumeric() || matches!(digit, '.' | '_' | '-');
    if config.instance.len() > INSTANCE_CHARS || !config.instance.chars().all(named) {
        return invalid("instance", format!("must be up to {INSTANCE_CHARS} of a-z, A-Z, 0-9, '.', '_' and '-'"));
    }
    Ok(())
}

impl Config {
    /// The beginning of addresses of the platform's pages, for who has no request to take it from, as mails: `https`
    /// and the domain, as a proxy serves it. On this machine no proxy is, so it is `http` and the listener's port.
    pub fn platform_origin(&self) -> String {
        let (domain, port) = (&self.platform_domain, self.listen.port());
        match is_this_machine(domain) || domain.ends_with(".localhost") {
            false => format!("https://{domain}"),
            true if port == 80 => format!("http://{domain}"),
            true => format!("http://{domain}:{port}"),
        }
    }
}

/// The hosts of a list; of an empty one none.
pub(crate) fn hosts(list: &str) -> impl Iterator<Item = &str> {
    (!list.is_empty()).then(|| list.split(',').map(str::trim)).into_iter().flatten()
}

/// `host:port`, the host a name or an address, one of IPv6 in brackets; without a port the usual one.
fn is_host_and_port(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, port)) if host.parse::<Ipv6Addr>().is_ok() => (None, port.strip_prefix(':')),
        Some(_) => return false,
        None => match text.split_once(':') {
            Some((host, port)) => (Some(host), Some(port)),
            None => (Some(text), None),
        },
    };
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    host.is_none_or(|host| host.split('.').all(is_label)) && port.is_none_or(is_port)
}

/// A part of a host's name. Names inside clusters hold underscores.
fn is_label(label: &str) -> bool {
    !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_hosts_is_read_as_people_write_it() {
        assert_eq!(hosts("").count(), 0);
        assert!(hosts("a:9092, b.example:9093,[::1]:9092,10.0.0.1,kafka_1:9092").all(is_host_and_port));
        for wrong in
            ["", "a:", "a:0", "a:65536", "a:x", ":9092", "a b:1", "::1", "[::1", "[a]:1", "kafka://a:1", "a..b:1"]
        {
            assert!(!is_host_and_port(wrong), "{wrong}");
        }
        assert!(!hosts("a:1,").all(is_host_and_port));
    }
}
