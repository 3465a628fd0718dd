//! The client that the settings make, and why a server can't be used with it.

use std::time::Duration;

use redis::{AsyncConnectionConfig, Client, ClientTlsConfig, ErrorKind, RedisError, TlsCertificates};

use crate::{
    cache::{CacheError, RedisSettings},
    tls::{Tls, TlsError},
};

/// The time that a start waits for Redis to say who it is (`INFO`). Later starts of the connection do not depend on
/// it.
const FIRST_LOOK: Duration = Duration::from_secs(1);

impl RedisSettings {
    /// Checks that a client can be made of these settings, without connecting.
    pub fn check(&self) -> Result<(), CacheError> {
        self.client().map(drop)
    }

    pub(super) fn client(&self) -> Result<Client, CacheError> {
        let refused = |why: &str| CacheError(format!("redis_url (FEIRA_REDIS_URL) {why}"));
        let scheme = self.url.split_once("://").map_or("", |(scheme, _)| scheme);
        if scheme.contains("cluster") || scheme.contains("sentinel") || self.url.contains(',') {
            return Err(refused(
                "names a cluster or sentinels, which are not supported; name one server by redis:// or rediss://",
            ));
        }
        if !matches!(scheme, "redis" | "rediss" | "unix" | "redis+unix") {
            return Err(refused("must begin with redis:// or rediss://"));
        }
        let client = Client::open(self.url.as_str()).map_err(|error| refused(&format!("can't be used: {error}")))?;
        let info = client.get_connection_info().clone();
        let mut login = info.redis_settings().clone();
        for (set, in_address) in
            [(self.username.is_some(), login.username()), (self.password.is_some(), login.password())]
        {
            if set && in_address.is_some() {
                return Err(refused(
                    "names a user or a password, and redis.username or redis.password do so too; one of them",
                ));
            }
        }
        if let Some(username) = &self.username {
            login = login.set_username(username);
        }
        if let Some(password) = &self.password {
            login = login.set_password(password.expose());
        }
        let info = info.set_redis_settings(login);
        if self.tls == Tls::default() {
            return Client::open(info).map_err(|error| refused(&format!("can't be used: {error}")));
        }
        let unusable = |error: TlsError| CacheError(format!("redis.{error}"));
        let identity = self.tls.identity_pem().map_err(unusable)?;
        let certificates = TlsCertificates {
            client_tls: identity.map(|pem| ClientTlsConfig { client_cert: pem.certificate, client_key: pem.key }),
            root_cert: self.tls.ca_pem().map_err(unusable)?,
        };
        Client::build_with_tls(info, certificates).map_err(|error| refused(&format!("can't be used: {error}")))
    }
}

/// Asks the server once who it is. Redis that is away is no reason not to start; one that will never do is.
pub(super) async fn look_at(client: &Client) -> Result<(), CacheError> {
    let config =
        AsyncConnectionConfig::new().set_connection_timeout(Some(FIRST_LOOK)).set_response_timeout(Some(FIRST_LOOK));
    let asked = async {
        let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
        redis::cmd("INFO").arg("server").query_async::<String>(&mut connection).await
    };
    match asked.await {
        Ok(info) => match info.lines().find_map(|line| line.strip_prefix("redis_mode:")) {
            Some("cluster") => Err(CacheError(
                "the server is one of a cluster, which is not supported: set redis_url (FEIRA_REDIS_URL) to a single server".to_owned(),
            )),
            Some("sentinel") => Err(CacheError(
                "the server is a sentinel, which is not supported: set redis_url (FEIRA_REDIS_URL) to the server it watches".to_owned(),
            )),
            _ => Ok(()),
        },
        Err(error) => match what_to_do(&error) {
            Some(what_to_do) => Err(CacheError(format!("{what_to_do} ({error})"))),
            None => {
                tracing::warn!(%error, "Redis does not answer; pages are slower until it does");
                Ok(())
            }
        },
    }
}

/// Gives the setting to look at for this error; `None` where waiting may help.
pub(super) fn what_to_do(error: &RedisError) -> Option<&'static str> {
    let text = error.to_string();
    let code = error.code().unwrap_or_default();
    if error.kind() == ErrorKind::AuthenticationFailed || matches!(code, "WRONGPASS" | "NOAUTH") {
        return Some(
            "it does not let this process in: look at redis.username and redis.password (FEIRA_REDIS_USERNAME, \
             FEIRA_REDIS_PASSWORD), or at the user in redis_url",
        );
    }
    if text.contains("peer certificate") {
        return Some("its certificate is not believed: look at redis.ca (FEIRA_REDIS_CA)");
    }
    if text.contains("CertificateRequired") || text.contains("fatal alert") {
        return Some(
            "it does not take this client's certificate: look at redis.certificate and redis.key (FEIRA_REDIS_CERTIFICATE, FEIRA_REDIS_KEY)",
        );
    }
    if text.contains("corrupt message") || text.contains("InvalidContentType") {
        return Some("it does not speak TLS there: look at redis_url (FEIRA_REDIS_URL), redis:// or rediss://");
    }
    None
}
