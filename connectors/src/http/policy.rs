//! Policies of requests: media types, bytes, time and redirects.

use std::{net::IpAddr, time::Duration};

use feira_schemas::limits::IMAGE_BYTES;

/// The media types, limits and redirects of a client's requests. That only the public internet is asked is no part of
/// it: that always holds.
#[derive(Debug, Clone)]
pub struct HttpPolicy {
    /// The header `accept`: media types that are of use.
    pub accept: &'static str,
    /// Bytes of a body, at most.
    pub bytes: usize,
    /// The time in which an answer must be whole, redirects included.
    pub within: Duration,
    /// Redirects that are followed.
    pub redirects: usize,
    /// Addresses that are asked although they are not public. A deployment has none; a test has its own server here.
    pub also: Vec<IpAddr>,
}

impl HttpPolicy {
    /// The policy for images, as the contract has it. Browsers follow 20 redirects; an image that needs more than five is lost.
    pub fn images() -> Self {
        Self { accept: "image/*", bytes: IMAGE_BYTES, within: Duration::from_secs(10), redirects: 5, also: Vec::new() }
    }
}
