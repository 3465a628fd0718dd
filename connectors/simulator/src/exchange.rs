//! A request as the faces read it, and a reply with what is to become of its connection.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// A request whose body was read; the default one asks for nothing.
#[derive(Default)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path's segments, decoded; empty ones, as of a slash at the end, are left out.
    pub path: Vec<String>,
    /// The query's pairs, decoded.
    pub query: Vec<(String, String)>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Request {
    /// A request of its parts.
    pub fn new(parts: &http::request::Parts, body: Bytes) -> Self {
        let decoded = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
        let query = parts.uri.query().unwrap_or_default();
        Self {
            method: parts.method.clone(),
            path: parts.uri.path().split('/').filter(|segment| !segment.is_empty()).map(decoded).collect(),
            query: serde_urlencoded::from_str(query).unwrap_or_default(),
            headers: parts.headers.clone(),
            body,
        }
    }

    /// The text of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A value of the query; an empty one is none.
    pub fn asked(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The segments as they are matched.
    pub fn segments(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }
}

/// A reply.
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a reply on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives.
    Arrives,
    /// It arrives late.
    Late(Duration),
    /// Nothing arrives, and the connection stays open.
    Silent,
    /// The connection ends instead.
    Dropped,
}

impl Reply {
    /// JSON.
    pub fn json(status: StatusCode, body: &Value) -> Self {
        Self::new(status, "application/json; charset=utf-8", body.to_string().into())
    }

    /// A page.
    pub fn page(body: String) -> Self {
        Self::new(StatusCode::OK, "text/html; charset=utf-8", body.into())
    }

    /// Where to look instead.
    pub fn see_other(path: &'static str) -> Self {
        Self::new(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", Bytes::new())
            .with(header::LOCATION, HeaderValue::from_static(path))
    }

    /// A body of that type.
    pub fn new(status: StatusCode, kind: &'static str, body: Bytes) -> Self {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(kind))]);
        Self { status, headers, body, fate: Fate::Arrives }
    }

    /// This reply with a header.
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// This reply with another fate.
    pub fn but(mut self, fate: Fate) -> Self {
        self.fate = fate;
        self
    }
}
