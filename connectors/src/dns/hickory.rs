//! The adapter by hickory's resolver: UDP, and TCP where an answer does not fit.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig},
    net::{DnsError as Semantic, NetError, runtime::TokioRuntimeProvider},
    proto::{
        op::ResponseCode,
        rr::{Name, RData, RecordType},
    },
};

use super::{DnsError, DnsSettings};

/// Asks name servers.
#[derive(Clone)]
pub(super) struct Hickory(TokioResolver);

impl Hickory {
    /// Asks the servers of these settings.
    pub fn new(settings: &DnsSettings) -> Result<Self, DnsError> {
        let mut builder = match settings.server {
            Some(server) => TokioResolver::builder_with_config(only(server), TokioRuntimeProvider::default()),
            None => TokioResolver::builder_tokio().map_err(|error| DnsError::Settings(error.to_string()))?,
        };
        let options = builder.options_mut();
        options.timeout = settings.within;
        options.attempts = 1; // Beyond the first.
        options.cache_size = 0;
        options.use_hosts_file = ResolveHosts::Never;
        let resolver = builder.build().map_err(|error| DnsError::Settings(error.to_string()))?;
        Ok(Self(resolver))
    }

    /// The texts of a name's TXT records.
    pub async fn txt(&self, name: &str) -> Result<Vec<String>, DnsError> {
        Ok(self.records(name, RecordType::TXT).await?.iter().filter_map(text).collect())
    }

    /// The addresses of a name: one that has some of one kind is there, whatever is said of the other kind.
    pub async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, DnsError> {
        let found = tokio::join!(self.records(name, RecordType::A), self.records(name, RecordType::AAAA));
        let records = match found {
            (Ok(v4), Ok(v6)) => [v4, v6].concat(),
            (Ok(some), Err(_)) | (Err(_), Ok(some)) if !some.is_empty() => some,
            (Err(error), _) | (_, Err(error)) => return Err(error),
        };
        Ok(records.iter().filter_map(address).collect())
    }

    /// The name that a name is an alias of.
    pub async fn cname(&self, name: &str) -> Result<Option<String>, DnsError> {
        Ok(self.records(name, RecordType::CNAME).await?.iter().find_map(alias))
    }

    /// The data of the records that answer a question; those of aliases on the way may stand among them.
    async fn records(&self, name: &str, kind: RecordType) -> Result<Vec<RData>, DnsError> {
        // With the point at its end it is whole.
        let Ok(name) = Name::from_ascii(format!("{name}.")) else { return Err(DnsError::NoSuchName) };
        match self.0.lookup(name, kind).await {
            Ok(lookup) => Ok(lookup.answers().iter().map(|record| record.data.clone()).collect()),
            Err(error) => failed(error),
        }
    }
}

fn text(data: &RData) -> Option<String> {
    let RData::TXT(txt) = data else { return None };
    let whole: Vec<u8> = txt.txt_data.iter().flat_map(|part| part.iter().copied()).collect();
    Some(String::from_utf8_lossy(&whole).into_owned())
}

fn address(data: &RData) -> Option<IpAddr> {
    match data {
        RData::A(address) => Some(address.0.into()),
        RData::AAAA(address) => Some(address.0.into()),
        _ => None,
    }
}

fn alias(data: &RData) -> Option<String> {
    let RData::CNAME(alias) = data else { return None };
    Some(alias.0.to_ascii().trim_end_matches('.').to_ascii_lowercase())
}

impl fmt::Debug for Hickory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hickory").finish_non_exhaustive()
    }
}

/// The configuration by which one server is asked.
fn only(server: SocketAddr) -> ResolverConfig {
    let (mut udp, mut tcp) = (ConnectionConfig::udp(), ConnectionConfig::tcp());
    (udp.port, tcp.port) = (server.port(), server.port());
    let server = NameServerConfig::new(server.ip(), true, vec![udp, tcp]);
    ResolverConfig::from_parts(None, Vec::new(), vec![server])
}

/// No records, where a server has said that there are none; else why nobody knows.
fn failed(error: NetError) -> Result<Vec<RData>, DnsError> {
    match error {
        NetError::Dns(Semantic::NoRecordsFound(none)) => match none.response_code {
            ResponseCode::NoError => Ok(Vec::new()),
            ResponseCode::NXDomain => Err(DnsError::NoSuchName),
            other => Err(DnsError::Refused(other.to_string())),
        },
        NetError::Dns(error) => Err(DnsError::Refused(error.to_string())),
        error => Err(DnsError::Timeout(error.to_string())),
    }
}
