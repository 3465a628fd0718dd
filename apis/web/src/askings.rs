//! What somebody without a log-in asks for, counted so that nobody asks for much of it: by where it comes from, and by what of itself was typed.
//!
//! It is written down before it is counted: of many at once each sees the others. Nothing stands there in the clear: all is known by terms
//! that the platform's own tenant has.

use std::net::IpAddr;

use feira_schemas::{
    ids::{Micros, TenantId},
    rows::sessions::AskingRow,
    secrets::Term,
};
use uuid::Uuid;

use crate::{addresses::Source, context::Api, problem::Problem};

/// The tenant that all of it is counted by, whatever shop it is about.
const COUNTED_BY: TenantId = TenantId::PLATFORM;

/// Something that was asked for, written down for each of those that it counts for.
#[must_use]
pub struct Asking(Vec<AskingRow>);

impl Asking {
    /// Writes down that something of a shop is asked for, which counts for each of these.
    pub async fn begin(api: &Api, whose: Vec<String>, shop_id: TenantId, entity_id: Uuid) -> Result<Self, Problem> {
        let newest_first = -api.platform.now();
        let row = |whose| AskingRow { tenant_id: COUNTED_BY, whose, newest_first, shop_id, entity_id };
        let asking = Self(whose.into_iter().map(row).collect());
        api.sessions.ask(&asking.0).await?;
        Ok(asking)
    }

    /// The other things that each of those has asked for since a time, beside whom they count for: the newest of them, so many at most.
    pub async fn others(&self, api: &Api, since: Micros, most: usize) -> Result<Vec<(&str, Vec<AskingRow>)>, Problem> {
        let mut all = Vec::with_capacity(self.0.len());
        for own in &self.0 {
            let mut rows = api.sessions.askings(COUNTED_BY, &own.whose, most + 1).await?;
            // What is asked for again, as by a form that is sent twice, is the same.
            let another = |row: &AskingRow| (row.shop_id, row.entity_id) != (own.shop_id, own.entity_id);
            rows.retain(|row| another(row) && row.asked_at() > since);
            rows.truncate(most);
            all.push((own.whose.as_str(), rows));
        }
        Ok(all)
    }

    /// Takes it back: it counts for nobody.
    pub async fn take_back(&self, api: &Api) -> Result<(), Problem> {
        Ok(api.sessions.unask(&self.0).await?)
    }
}

/// The term of the place that somebody asks from, by which it is counted for all shops together.
pub fn source(api: &Api, client: IpAddr) -> String {
    term(api, Term::Source, &Source::from(client).to_string())
}

/// The term of a text by which somebody is counted for all shops together.
pub fn term(api: &Api, term: Term, text: &str) -> String {
    api.config.secrets.term(term, COUNTED_BY, text)
}
