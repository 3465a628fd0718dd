//! The one table of routes: what exists on which host, who may call it, and what it takes and gives.
//!
//! Three things are made of it: the filters that answer requests, the description at `/openapi.json`, and the list that
//! tests of isolation walk. A path that is not in the table does not exist.

mod body;
mod cors;
mod dispatch;
mod domains;
mod filters;
mod https;
mod openapi;
mod panels;
mod positions;
mod query;
mod raw;
mod request;
mod route;

pub(crate) use dispatch::measure;

pub use body::{BodyKind, BodyStream};
pub use filters::filter;
pub use openapi::document;
pub use query::{Kind, Parameter, Query, UUID};
pub use request::Request;
pub use route::{Answer, Auth, Dialect, Handler, HostKind, Route};
