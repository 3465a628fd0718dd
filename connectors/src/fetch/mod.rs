//! Files of other people's servers, by their address: bounded in size, time and redirects, and from the public internet alone.
//!
//! Whoever names the address is a stranger, and the one who asks stands inside the deployment's network (server-side request
//! forgery). So what counts is not the name but the IP address that is connected to. A name is resolved once per connection,
//! and of what it resolves to only public addresses are handed to the connection, so that no second answer of a name server
//! comes between check and use. An address written as a number is checked when it is asked, every redirect again. No proxy is
//! used, since a proxy would resolve names itself.

mod hosts;
mod public;

use std::{
    error::Error,
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use reqwest::{
    Client, Response, StatusCode, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header,
    redirect::Policy,
};

use hosts::Hosts;

/// What is asked, and for how much.
#[derive(Debug, Clone)]
pub struct FetchSettings {
    /// Bytes of a file.
    pub bytes: usize,
    /// How long a file may take, redirects and all.
    pub within: Duration,
    /// Redirects that are followed.
    pub redirects: usize,
    /// Addresses that are asked although they are not public. A deployment has none; a test has its own server here.
    pub also: Vec<IpAddr>,
}

impl Default for FetchSettings {
    /// As the contract has it for pictures. Browsers follow 20 redirects; a picture that needs more than five is lost.
    fn default() -> Self {
        let bytes = feira_schemas::limits::IMAGE_BYTES;
        Self { bytes, within: Duration::from_secs(10), redirects: 5, also: Vec::new() }
    }
}

/// Why a file was not got.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address is none that is asked: not http or https, or not public.
    #[error("refused: {0}")]
    Refused(String),
    /// The file is larger than it may be.
    #[error("larger than {0} bytes")]
    TooLarge(usize),
    /// The server answers that there is nothing; it will do so again.
    #[error("the server answered {0}")]
    Answered(u16),
    /// Nobody answers, or not now.
    #[error("unreachable: {0}")]
    Unreachable(String),
}

/// https can't be used, as a rule since the machine has no certificates of authorities.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("https can't be used: {0}")]
pub struct NoTls(String);

/// Gets files. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Fetcher {
    client: Client,
    settings: Arc<FetchSettings>,
    hosts: Arc<Mutex<Hosts>>,
}

impl Fetcher {
    /// A fetcher with these settings.
    pub fn new(settings: FetchSettings) -> Result<Self, NoTls> {
        let lookup = |name: String| -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
            Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.map(|found| found.ip()).collect()) })
        };
        Self::resolving(settings, Arc::new(lookup))
    }

    fn resolving(settings: FetchSettings, lookup: Lookup) -> Result<Self, NoTls> {
        let settings = Arc::new(settings);
        let client = Client::builder()
            .user_agent(concat!("Feira/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Checked { settings: Arc::clone(&settings), lookup })
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| NoTls(chain(&error)))?;
        Ok(Self { client, settings, hosts: Arc::default() })
    }

    /// The file at an address.
    pub async fn get(&self, address: &str) -> Result<Bytes, FetchError> {
        let url = Url::parse(address).map_err(|error| FetchError::Refused(format!("no address: {error}")))?;
        let server = server(&url);
        if self.hosts().rests(&server, Instant::now()) {
            return Err(FetchError::Unreachable("did not answer lately".to_owned()));
        }
        let within = self.settings.within;
        let in_vain = |_| Err(FetchError::Unreachable(format!("not whole after {within:?}")));
        let got = tokio::time::timeout(within, self.follow(url)).await.unwrap_or_else(in_vain);
        match &got {
            Err(FetchError::Unreachable(_)) => self.hosts().silent(&server, Instant::now()),
            _ => self.hosts().answered(&server),
        }
        got
    }

    fn hosts(&self) -> MutexGuard<'_, Hosts> {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn follow(&self, mut url: Url) -> Result<Bytes, FetchError> {
        let mut redirects = 0;
        loop {
            self.settings.check(&url)?;
            let asked = self.client.get(url.clone()).header(header::ACCEPT, "image/*").send().await;
            let response = asked.map_err(|error| failed(&error))?;
            if !is_redirect(response.status()) {
                return self.body(response).await;
            }
            if redirects == self.settings.redirects {
                return Err(FetchError::Answered(response.status().as_u16()));
            }
            redirects += 1;
            url = target(&url, &response)?;
        }
    }

    async fn body(&self, mut response: Response) -> Result<Bytes, FetchError> {
        let (status, most) = (response.status(), self.settings.bytes);
        if !status.is_success() {
            return Err(answered(status));
        }
        let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
        if announced > most {
            return Err(FetchError::TooLarge(most));
        }
        let mut body = BytesMut::with_capacity(announced);
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
            if body.len() + chunk.len() > most {
                return Err(FetchError::TooLarge(most));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

impl FetchSettings {
    fn allows(&self, address: IpAddr) -> bool {
        public::is_public(address) || self.also.contains(&address)
    }

    /// Refuses what is not http(s), and numbers that are not public; names are checked once they are resolved.
    fn check(&self, url: &Url) -> Result<(), FetchError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FetchError::Refused(format!("{}: is neither http nor https", url.scheme())));
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        match host.parse::<IpAddr>() {
            Ok(address) if !self.allows(address) => Err(FetchError::Refused(NotPublic(host.to_owned()).to_string())),
            _ => Ok(()),
        }
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where a redirect leads.
fn target(from: &Url, response: &Response) -> Result<Url, FetchError> {
    let location = response.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
    let target = location.and_then(|location| from.join(location).ok());
    target.ok_or_else(|| FetchError::Answered(response.status().as_u16()))
}

/// A client's error stays; a server's, and being asked to come back, may pass.
fn answered(status: StatusCode) -> FetchError {
    let may_pass = status.is_server_error()
        || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS);
    if may_pass {
        FetchError::Unreachable(format!("the server answered {}", status.as_u16()))
    } else {
        FetchError::Answered(status.as_u16())
    }
}

fn failed(error: &reqwest::Error) -> FetchError {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<NotPublic>() {
            return FetchError::Refused(refused.to_string());
        }
        cause = error.source();
    }
    FetchError::Unreachable(chain(error))
}

/// An error with its causes. The first alone says that sending failed, and the whole address, which may hold a secret.
fn chain(error: &reqwest::Error) -> String {
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

/// Finds the addresses of a name.
type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Resolves names to those of their addresses that may be asked.
struct Checked {
    settings: Arc<FetchSettings>,
    lookup: Lookup,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let (settings, name) = (Arc::clone(&self.settings), name.as_str().to_owned());
        let found = (self.lookup)(name.clone());
        Box::pin(async move {
            let mut found = found.await?;
            found.retain(|address| settings.allows(*address));
            if found.is_empty() {
                return Err(NotPublic(name).into());
            }
            // The port is the address', or its scheme's.
            let addresses = found.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

/// A host has no address that may be asked.
#[derive(Debug)]
struct NotPublic(String);

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not on the public internet", self.0)
    }
}

impl Error for NotPublic {}

#[cfg(test)]
mod tests;
