//! Records out of a list, which a test may change while it is asked.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock},
};

use super::DnsError;

/// Aliases that are followed; more are a circle.
const ALIASES: usize = 8;

/// The records of a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Records {
    /// The texts of TXT records.
    pub txt: Vec<String>,
    /// The addresses.
    pub addresses: Vec<IpAddr>,
    /// The name that it is an alias of.
    pub cname: Option<String>,
}

/// Names with their records. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Zone(Arc<RwLock<HashMap<String, Result<Records, DnsError>>>>);

impl Zone {
    /// Says what is answered for a name: its records, or an error.
    pub fn put(&self, name: &str, answer: Result<Records, DnsError>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_ascii_lowercase(), answer);
    }

    /// Takes a name away.
    pub fn remove(&self, name: &str) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&name.to_ascii_lowercase());
    }

    /// The records of a name.
    pub(super) fn get(&self, name: &str) -> Result<Records, DnsError> {
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        names.get(&name.to_ascii_lowercase()).cloned().unwrap_or(Err(DnsError::NoSuchName))
    }

    /// The addresses of a name and of those that it is an alias of.
    pub(super) fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, DnsError> {
        let mut records = self.get(name)?;
        for _ in 0..ALIASES {
            match records.cname.take() {
                Some(alias) => records = self.get(&alias)?,
                None => return Ok(records.addresses),
            }
        }
        Ok(Vec::new())
    }
}
