//! Other people's servers, asked over HTTP: bounded in size, time and redirects, and on the public internet alone.
//!
//! Whoever names the address is a stranger, and the one who asks stands inside the deployment's network (server-side request
//! forgery). So what counts is not the name but the IP address that is connected to. A name is resolved once per connection,
//! and of what it resolves to only public addresses are handed to the connection, so that no second answer of a name server
//! comes between check and use. An address written as a number is checked when it is asked, every redirect again. No proxy is
//! used, since a proxy would resolve names itself.
//!
//! The limits of a request are a [`HttpPolicy`]; every use has its own, and a client of its own. Services whose
//! addresses the operator names (registry, files) are asked by their adapters, without this guard.

mod addresses;
mod error;
mod guard;
mod hosts;
mod policy;

use std::{
    error::Error,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use bytes::{Bytes, BytesMut};
use reqwest::{Client, Response, StatusCode, Url, header, redirect::Policy};

pub use self::{
    error::{HttpError, NoTls},
    policy::HttpPolicy,
};
use self::{
    guard::{Guard, Lookup, NotPublic},
    hosts::Hosts,
};

/// Asks strangers' servers, within one policy. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct HttpClient {
    client: Client,
    guard: Guard,
    policy: Arc<HttpPolicy>,
    hosts: Arc<Mutex<Hosts>>,
}

impl HttpClient {
    /// A client with this policy.
    pub fn new(policy: HttpPolicy) -> Result<Self, NoTls> {
        Self::resolving(policy, guard::system_lookup())
    }

    /// A client with this policy that resolves names by `lookup`.
    fn resolving(policy: HttpPolicy, lookup: Lookup) -> Result<Self, NoTls> {
        let guard = Guard::new(policy.also.clone(), lookup);
        let client = Client::builder()
            .user_agent(concat!("Feira/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(guard.clone())
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| NoTls(chain(&error)))?;
        Ok(Self { client, guard, policy: Arc::new(policy), hosts: Arc::default() })
    }

    /// The whole body of what is at an address.
    pub async fn get(&self, address: &str) -> Result<Bytes, HttpError> {
        let url = Url::parse(address).map_err(|error| HttpError::Refused(format!("no address: {error}")))?;
        let server = server(&url);
        if self.hosts().rests(&server, Instant::now()) {
            return Err(HttpError::Unreachable("did not answer lately".to_owned()));
        }
        let within = self.policy.within;
        let in_vain = |_| Err(HttpError::Unreachable(format!("not whole after {within:?}")));
        let got = tokio::time::timeout(within, self.follow(url)).await.unwrap_or_else(in_vain);
        match &got {
            Err(HttpError::Unreachable(_)) => self.hosts().silent(&server, Instant::now()),
            _ => self.hosts().answered(&server),
        }
        got
    }

    fn hosts(&self) -> MutexGuard<'_, Hosts> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn follow(&self, mut url: Url) -> Result<Bytes, HttpError> {
        let mut redirects = 0;
        loop {
            self.guard.check(&url).map_err(HttpError::Refused)?;
            let asked = self.client.get(url.clone()).header(header::ACCEPT, self.policy.accept).send().await;
            let response = asked.map_err(|error| failed(&error))?;
            if !is_redirect(response.status()) {
                return self.body(response).await;
            }
            if redirects == self.policy.redirects {
                return Err(HttpError::Answered(response.status().as_u16()));
            }
            redirects += 1;
            url = target(&url, &response)?;
        }
    }

    async fn body(&self, mut response: Response) -> Result<Bytes, HttpError> {
        let (status, most) = (response.status(), self.policy.bytes);
        if !status.is_success() {
            return Err(answered(status));
        }
        let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
        if announced > most {
            return Err(HttpError::TooLarge(most));
        }
        let mut body = BytesMut::with_capacity(announced);
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
            if body.len() + chunk.len() > most {
                return Err(HttpError::TooLarge(most));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The address that a redirect's `Location` leads to; [`HttpError::Answered`] where it has none that is a URL.
fn target(from: &Url, response: &Response) -> Result<Url, HttpError> {
    let location = response.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
    let target = location.and_then(|location| from.join(location).ok());
    target.ok_or_else(|| HttpError::Answered(response.status().as_u16()))
}

/// A client's error stays; a server's, and being asked to come back, may pass.
fn answered(status: StatusCode) -> HttpError {
    let may_pass = status.is_server_error()
        || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS);
    if may_pass {
        HttpError::Unreachable(format!("the server answered {}", status.as_u16()))
    } else {
        HttpError::Answered(status.as_u16())
    }
}

fn failed(error: &reqwest::Error) -> HttpError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<NotPublic>() {
            return HttpError::Refused(refused.to_string());
        }
        cause = error.source();
    }
    HttpError::Unreachable(chain(error))
}

/// An error with its causes. The first alone says that sending failed, and the whole address, which may hold a secret.
pub(crate) fn chain(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    if causes.is_empty() { "no answer".to_owned() } else { causes.join(": ") }
}

/// A server, as it is told apart from others: its name, and the port where it is not the usual one.
fn server(url: &Url) -> String {
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    format!("{}{port}", url.host_str().unwrap_or_default())
}

#[cfg(test)]
mod tests;
