//! Settings of a registry with Confluent's API: address, login and TLS.

use feira_schemas::secret::Secret;
use percent_encoding::percent_decode_str;

use super::RegistryError;
use crate::tls::Tls;

/// The address and login of a schema registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfluentSettings {
    /// `http(s)://host:port[/base path]`, without a user.
    pub url: String,
    /// The login that requests are sent with.
    pub login: ConfluentLogin,
    /// The authorities that the registry is believed by, and this client's certificate.
    pub tls: Tls,
}

/// The HTTP authentication of requests to a registry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ConfluentLogin {
    /// No `Authorization` header.
    #[default]
    None,
    /// HTTP basic authentication.
    Basic {
        /// The user's name.
        username: String,
        /// The user's password; empty if the address has none.
        password: Secret,
    },
    /// A bearer token.
    Bearer(Secret),
}

impl ConfluentSettings {
    /// Settings from `http(s)://[user:password@]host:port[/base path]`.
    pub fn parse(text: &str) -> Result<Self, RegistryError> {
        let refused = |why: &str| RegistryError::Refused(format!("the registry's address {why}"));
        let mut url = reqwest::Url::parse(text).map_err(|error| refused(&format!("is no URL: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(refused("must be one such as http://localhost:8081"));
        }
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let login = match (url.username(), url.password()) {
            ("", None) => ConfluentLogin::None,
            (username, password) => ConfluentLogin::Basic {
                username: decoded(username),
                password: password.map(decoded).unwrap_or_default().into(),
            },
        };
        // Neither fails where there is a host.
        let _ = (url.set_username(""), url.set_password(None));
        Ok(Self { url: url.as_str().trim_end_matches('/').to_owned(), login, tls: Tls::default() })
    }
}
