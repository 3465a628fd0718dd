//! A shop's own domain: the body that claims one, how the API shows it, and the records that its owner sets in DNS.

use std::net::IpAddr;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    rules::{Errors, Text},
    schema::{Named, list_of, object, reference, text, time, version, whole},
};
use crate::{
    hosts::{check_domain, normalise_domain},
    problem::{Code, FieldError},
    records::admin::{Domain, DomainFound, DomainStatus},
    time::rfc3339,
};

/// A domain as it is typed.
pub const DOMAIN: Text = Text::words("O domínio", 253);
/// The label in front of a domain under which the text of its proof lies.
const PROOF_LABEL: &str = "_feira";
/// The words of states.
const STATES: [&str; 5] = ["pending", "active", "lapsing", "ended", "unknown"];
/// The words for what a record is there for: the proof, the way to the shop, and the way from `www.`.
const PURPOSES: [&str; 3] = [PROOF, ADDRESS, WWW];
const PROOF: &str = "proof";
const ADDRESS: &str = "address";
const WWW: &str = "www";

/// The word of a state.
pub fn state_word(status: DomainStatus) -> &'static str {
    let [pending, active, lapsing, ended, unknown] = STATES;
    match status {
        DomainStatus::Pending => pending,
        DomainStatus::Active => active,
        DomainStatus::Lapsing => lapsing,
        DomainStatus::Ended => ended,
        DomainStatus::Unknown => unknown,
    }
}

/// A domain as a shop's staff claims it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainBody {
    /// See [`DOMAIN`].
    pub domain: String,
}

/// The domain that a body claims, in the one form in which it is kept.
///
/// # Errors
/// At `/domain` where it is none, or is the platform's or below it, which a decision can't see.
pub fn domain_content(body: &DomainBody, platform_domain: &str) -> Result<String, Vec<FieldError>> {
    let mut errors = Errors::default();
    DOMAIN.check(&mut errors, "/domain", Some(&body.domain));
    errors.or(())?;
    let domain = normalise_domain(&body.domain);
    let below = domain.strip_suffix(platform_domain);
    let checked = match below {
        Some(rest) if rest.is_empty() || rest.ends_with('.') => {
            Err(FieldError::new("/domain", Code::Invalid, "Este endereço é da plataforma. Informe um domínio seu."))
        }
        _ => check_domain(&domain).map_err(|refusal| FieldError::new("/domain", refusal.code, refusal.detail)),
    };
    checked.map(|()| domain).map_err(|error| vec![error])
}

/// A record that a domain's owner sets in DNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DnsRecord {
    /// The record's type, such as `TXT`.
    pub kind: &'static str,
    /// The name that has it.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The word for what it is there for. Of several records for one thing any serves.
    pub purpose: &'static str,
}

/// The records of a domain that leads to a shop: as an alias of the host `target`, or by one of these addresses.
pub fn dns_records(domain: &Domain, target: &str, addresses: &[IpAddr]) -> Vec<DnsRecord> {
    let name = &domain.domain;
    let record = |kind, name: String, value: &str, purpose| DnsRecord { kind, name, value: value.to_owned(), purpose };
    let proof = record("TXT", format!("{PROOF_LABEL}.{name}"), &domain.proof, PROOF);
    let by_address = |address: &IpAddr| {
        let kind = if address.is_ipv4() { "A" } else { "AAAA" };
        record(kind, name.clone(), &address.to_string(), ADDRESS)
    };
    let mut records = vec![proof, record("CNAME", name.clone(), target, ADDRESS)];
    records.extend(addresses.iter().map(by_address));
    records.push(record("CNAME", format!("www.{name}"), target, WWW));
    records
}

/// A domain as the API gives it, without the records, which follow from where the platform is ([`with_records`]).
pub fn domain_json(domain: &Domain, version: i64) -> Value {
    let Domain { domain: name, status, claimed_at, until, active_since, looked_at, found, ended_because, .. } = domain;
    json!({
        "domain": name,
        "version": version,
        "status": state_word(*status),
        "claimed_at": rfc3339(*claimed_at),
        "active_since": active_since.map(rfc3339),
        "until": until.map(rfc3339),
        "looked_at": looked_at.map(rfc3339),
        "found": {"proof": found.proof, "address": found.address, "www": found.www, "why": found.why},
        "ended_because": ended_because,
    })
}

/// A domain as the API gives it, with the records that its owner sets.
pub fn with_records(mut domain: Value, records: &[DnsRecord]) -> Value {
    let shown = |record: &DnsRecord| {
        let DnsRecord { kind, name, value, purpose } = record;
        json!({"type": kind, "name": name, "value": value, "purpose": purpose})
    };
    domain["records"] = records.iter().map(shown).collect();
    domain
}

/// The schemas of the routes of a shop's domain: what is written (`DomainBody`) and what is given (`ShopDomain`).
pub fn schemas() -> Vec<Named> {
    let mut written = DOMAIN.schema();
    written["description"] = json!("Without `www.`, path and port; letters beyond ASCII are kept as IDNA writes them.");
    written["example"] = json!("lojadamoda.com.br");
    let word_or_null = |words: &[&str], what: &str| {
        let what = format!("{what} One of {}, or a later version's word.", words.join(", "));
        json!({"type": ["string", "null"], "description": what})
    };
    let time_or_null = |what: &str| json!({"type": ["string", "null"], "format": "date-time", "description": what});
    let found = whole(&[
        ("proof", json!({"type": "boolean", "description": "The TXT record is there."})),
        ("address", json!({"type": "boolean", "description": "The domain leads to the platform."})),
        ("www", json!({"type": "boolean", "description": "`www.` in front of it leads there too."})),
        (
            "why",
            word_or_null(
                &[
                    DomainFound::NO_SUCH_NAME,
                    DomainFound::NO_TXT,
                    DomainFound::OTHER_TXT,
                    DomainFound::TIMEOUT,
                    DomainFound::REFUSED,
                ],
                "Why the proof was not found.",
            ),
        ),
    ]);
    let record = whole(&[
        ("type", json!({"type": "string", "enum": ["TXT", "CNAME", "A", "AAAA"]})),
        ("name", text()),
        ("value", text()),
        (
            "purpose",
            json!({"type": "string", "enum": PURPOSES, "description": "Of several records for one purpose any serves."}),
        ),
    ]);
    let domain = whole(&[
        ("domain", text()),
        ("version", version()),
        ("status", json!({"type": "string", "enum": STATES})),
        ("claimed_at", time()),
        (
            "active_since",
            time_or_null("Since when it is the shop's own. Pages live there while `found.address` is true."),
        ),
        ("until", time_or_null("Until when the proof must be there, while it is missing.")),
        ("looked_at", time_or_null("When DNS was last asked.")),
        ("found", found),
        (
            "ended_because",
            word_or_null(
                &[Domain::UNPROVED, Domain::PROOF_GONE, Domain::TAKEN, Domain::WITHDRAWN],
                "Why it is the shop's no more.",
            ),
        ),
        ("records", list_of(reference("DnsRecord"))),
    ]);
    vec![("DomainBody", object(&[("domain", written)], &["domain"])), ("DnsRecord", record), ("ShopDomain", domain)]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn content(domain: &str) -> Result<String, Vec<(String, Code)>> {
        let read = domain_content(&DomainBody { domain: domain.to_owned() }, "feira.example");
        read.map_err(|errors| errors.into_iter().map(|error| (error.pointer, error.code)).collect())
    }

    #[test]
    fn s43_a_domain_is_proved_by_one_record_and_leads_to_the_shop_by_the_others() {
        let domain = Domain {
            domain: "loja.example".into(),
            proof: "feira-verification=x".into(),
            status: DomainStatus::Pending,
            claimed_at: 0,
            until: None,
            active_since: None,
            looked_at: None,
            found: DomainFound::default(),
            ended_because: None,
        };
        let addresses: [IpAddr; 2] = ["198.51.100.7", "2001:db8::7"].map(|address| address.parse().unwrap());
        let records = dns_records(&domain, "moda.feira.example", &addresses);
        let shown: Vec<String> =
            records.iter().map(|record| format!("{} {} {}", record.kind, record.name, record.value)).collect();
        assert_eq!(
            shown,
            [
                "TXT _feira.loja.example feira-verification=x",
                "CNAME loja.example moda.feira.example",
                "A loja.example 198.51.100.7",
                "AAAA loja.example 2001:db8::7",
                "CNAME www.loja.example moda.feira.example",
            ]
        );
    }

    #[test]
    fn s43_a_domain_is_kept_in_one_form_and_is_not_the_platforms() {
        for typed in ["lojadamoda.com.br", " WWW.LojaDaModa.com.br ", "naofeira.example"] {
            assert!(content(typed).is_ok(), "{typed}: {:?}", content(typed));
        }
        assert_eq!(content(" WWW.LojaDaModa.com.br "), Ok("lojadamoda.com.br".to_owned()));
        for wrong in ["feira.example", "moda.feira.example", "www.feira.example", "loja", "203.0.113.7"] {
            assert_eq!(content(wrong), Err(vec![("/domain".to_owned(), Code::Invalid)]), "{wrong}");
        }
        assert_eq!(content(" "), Err(vec![("/domain".to_owned(), Code::Required)]));
    }
}
