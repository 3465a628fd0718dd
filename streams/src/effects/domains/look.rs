//! What is found of a domain in DNS.

use std::{net::IpAddr, time::Duration};

use feira_connectors::dns::{DnsError, Resolver};
use feira_schemas::records::admin::{Domain, DomainFound};
use tokio::time::timeout;

use super::{DomainPorts, DomainTargets};

/// Aliases of a name that are followed; more are a circle, or nobody's intention.
const ALIASES: usize = 8;
/// The time in which it must be known where a domain leads to: name servers of several names may each take theirs.
const WITHIN: Duration = Duration::from_secs(15);

/// Looks for the record of proof of a domain, and where the domain and its `www.` lead to. What nobody says of the latter is as it was: name
/// servers that fail take no shop off the air, and keep no proof from being found.
pub(super) async fn look(ports: &DomainPorts, domain: &Domain) -> DomainFound {
    let DomainPorts { resolver, targets } = ports;
    let Domain { domain: name, proof, found: before, .. } = domain;
    let why = match proof_missing(resolver, name, proof).await {
        Ok(why) => why,
        Err(DnsError::Timeout(why)) => {
            tracing::info!(domain = %name, %why, "no name server answers for a shop's domain");
            return DomainFound::unanswered(DomainFound::TIMEOUT);
        }
        Err(error) => {
            tracing::info!(domain = %name, %error, "a name server refuses to answer for a shop's domain");
            return DomainFound::unanswered(DomainFound::REFUSED);
        }
    };
    let www = format!("www.{name}");
    let leads = async { tokio::join!(leads_here(resolver, targets, name), leads_here(resolver, targets, &www)) };
    let (address, www) = timeout(WITHIN, leads).await.unwrap_or_default();
    DomainFound {
        proof: why.is_none(),
        address: address.unwrap_or(before.address),
        www: www.unwrap_or(before.www),
        why: why.map(str::to_owned),
    }
}

/// The reason why the record of proof is not there; none where it is.
async fn proof_missing(resolver: &Resolver, domain: &str, proof: &str) -> Result<Option<&'static str>, DnsError> {
    match resolver.txt(&format!("_feira.{domain}")).await {
        Ok(texts) if texts.iter().any(|text| text.trim() == proof) => Ok(None),
        Ok(texts) if texts.is_empty() => Ok(Some(DomainFound::NO_TXT)),
        Ok(_) => Ok(Some(DomainFound::OTHER_TXT)),
        // Of a name that is not there the one above may be.
        Err(DnsError::NoSuchName) => match resolver.addresses(domain).await {
            Err(DnsError::NoSuchName) => Ok(Some(DomainFound::NO_SUCH_NAME)),
            Ok(_) | Err(_) => Ok(Some(DomainFound::NO_TXT)),
        },
        Err(error) => Err(error),
    }
}

/// True if a name is an alias of the platform, or has an address of its; `None`: nobody says.
async fn leads_here(resolver: &Resolver, targets: &DomainTargets, name: &str) -> Option<bool> {
    let alias = is_alias(resolver, targets, name).await;
    if alias == Some(true) {
        return alias;
    }
    let address = has_address(resolver, targets, name).await?;
    (address || alias.is_some()).then_some(address)
}

/// True if the aliases of a name lead to the platform's.
async fn is_alias(resolver: &Resolver, targets: &DomainTargets, name: &str) -> Option<bool> {
    let mut at = name.to_owned();
    for _ in 0..ALIASES {
        match resolver.cname(&at).await {
            Ok(Some(alias)) if targets.has(&alias) => return Some(true),
            Ok(Some(alias)) => at = alias,
            Ok(None) | Err(DnsError::NoSuchName) => return Some(false),
            Err(_) => return None,
        }
    }
    Some(false)
}

/// True if a name has an address that leads to the platform.
async fn has_address(resolver: &Resolver, targets: &DomainTargets, name: &str) -> Option<bool> {
    let addresses = addresses_of(resolver, name).await?;
    if addresses.is_empty() {
        return Some(false);
    }
    let (mut ours, mut all_are_known) = (targets.addresses.clone(), true);
    for target in targets.names.iter().chain([&targets.platform]) {
        match addresses_of(resolver, target).await {
            Some(more) => ours.extend(more),
            None => all_are_known = false,
        }
    }
    let is_ours = ours.iter().any(|one| addresses.contains(one));
    (is_ours || all_are_known).then_some(is_ours)
}

/// The addresses of a name.
async fn addresses_of(resolver: &Resolver, name: &str) -> Option<Vec<IpAddr>> {
    match resolver.addresses(name).await {
        Ok(addresses) => Some(addresses),
        Err(DnsError::NoSuchName) => Some(Vec::new()),
        Err(_) => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_connectors::dns::{Records, Zone};
    use feira_schemas::records::admin::DomainStatus;

    use super::*;

    const PROOF: &str = "feira-verification=x";

    fn addresses(list: &[&str]) -> Records {
        Records { addresses: list.iter().map(|text| text.parse().unwrap()).collect(), ..Records::default() }
    }

    fn alias(name: &str) -> Records {
        Records { cname: Some(name.to_owned()), ..Records::default() }
    }

    fn texts(list: &[&str]) -> Records {
        Records { txt: list.iter().map(|text| (*text).to_owned()).collect(), ..Records::default() }
    }

    /// A platform whose domain has an address, and which a balancer leads to.
    fn ports() -> (DomainPorts, Zone) {
        let zone = Zone::default();
        zone.put("feira.example", Ok(addresses(&["198.51.100.1"])));
        zone.put("balancer.example", Ok(addresses(&["198.51.100.2"])));
        let targets = DomainTargets::parse("feira.example", "balancer.example, 2001:db8::9").unwrap();
        (DomainPorts { resolver: Resolver::fixed(zone.clone()), targets }, zone)
    }

    /// A domain of which a look has found this before.
    fn domain(found: DomainFound) -> Domain {
        Domain {
            domain: "loja.example".into(),
            proof: PROOF.into(),
            status: DomainStatus::Pending,
            claimed_at: 0,
            until: None,
            active_since: None,
            looked_at: None,
            found,
            ended_because: None,
        }
    }

    #[tokio::test]
    async fn f05_the_proof_is_found_or_it_is_said_why_not() {
        let ((ports, zone), loja) = (ports(), domain(DomainFound::default()));
        let why = |found: DomainFound| (found.proof, found.why);
        let missed = |why: &str| (false, Some(why.to_owned()));
        assert_eq!(why(look(&ports, &loja).await), missed("no_such_name"));
        zone.put("loja.example", Ok(addresses(&["203.0.113.1"])));
        assert_eq!(why(look(&ports, &loja).await), missed("no_txt"));
        zone.put("_feira.loja.example", Ok(Records::default()));
        assert_eq!(why(look(&ports, &loja).await), missed("no_txt"));
        zone.put("_feira.loja.example", Ok(texts(&["feira-verification=y", "x"])));
        assert_eq!(why(look(&ports, &loja).await), missed("other_txt"));
        zone.put("_feira.loja.example", Ok(texts(&["other", " feira-verification=x "])));
        assert_eq!(why(look(&ports, &loja).await), (true, None));
        for (error, word) in [
            (DnsError::Timeout("late".to_owned()), DomainFound::TIMEOUT),
            (DnsError::Refused("ServFail".to_owned()), DomainFound::REFUSED),
        ] {
            zone.put("_feira.loja.example", Err(error));
            assert_eq!(look(&ports, &loja).await, DomainFound::unanswered(word));
        }
    }

    #[tokio::test]
    async fn f05_a_domain_leads_here_by_an_alias_or_an_address() {
        let ((ports, zone), loja) = (ports(), domain(DomainFound::default()));
        for (records, leads) in [
            (alias("feira.example"), true),
            (alias("loja.feira.example"), true),
            (alias("balancer.example"), true),
            (alias("between.example"), true),
            (alias("evilfeira.example"), false),
            (alias("loja.example"), false),
            (addresses(&["203.0.113.1", "198.51.100.1"]), true),
            (addresses(&["198.51.100.2"]), true),
            (addresses(&["2001:db8::9"]), true),
            (addresses(&["203.0.113.1"]), false),
            (Records::default(), false),
        ] {
            zone.put("between.example", Ok(alias("outra.feira.example")));
            zone.put("loja.example", Ok(records.clone()));
            zone.remove("www.loja.example");
            let found = look(&ports, &loja).await;
            assert_eq!((found.address, found.www), (leads, false), "{records:?}");
            zone.put("www.loja.example", Ok(records.clone()));
            assert_eq!(look(&ports, &loja).await.www, leads, "{records:?}");
        }
    }

    #[tokio::test]
    async fn f05_where_nobody_says_where_a_domain_leads_to_it_is_as_it_was() {
        let (ports, zone) = ports();
        let places = ["loja.example", "www.loja.example"];
        zone.put("_feira.loja.example", Ok(texts(&[PROOF])));
        for (error, before) in [DnsError::Timeout("late".to_owned()), DnsError::Refused("ServFail".to_owned())]
            .into_iter()
            .flat_map(|error| [true, false].map(|before| (error.clone(), before)))
        {
            let loja = domain(DomainFound { address: before, www: before, ..DomainFound::default() });
            let expected = |leads| DomainFound { proof: true, address: leads, www: leads, why: None };
            for place in places {
                zone.put(place, Err(error.clone()));
            }
            assert_eq!(look(&ports, &loja).await, expected(before), "{error}");
            // Of the platform's own names one is not answered for.
            for (address, leads) in [("203.0.113.1", before), ("198.51.100.1", true)] {
                zone.put("balancer.example", Err(error.clone()));
                for place in places {
                    zone.put(place, Ok(addresses(&[address])));
                }
                assert_eq!(look(&ports, &loja).await, expected(leads), "{error} {address}");
            }
            zone.put("balancer.example", Ok(addresses(&["198.51.100.2"])));
            for place in places {
                zone.put(place, Ok(addresses(&["203.0.113.1"])));
            }
            assert_eq!(look(&ports, &loja).await, expected(false), "all is said");
        }
    }

    #[test]
    fn f05_targets_are_addresses_and_names() {
        let targets = DomainTargets::parse("feira.example", "").unwrap();
        assert_eq!(targets, DomainTargets { platform: "feira.example".into(), ..DomainTargets::default() });
        for wrong in ["one", "a b.example", "10.0.0.1:80", "http://feira.example"] {
            assert_eq!(DomainTargets::parse("feira.example", wrong), None, "{wrong}");
        }
    }
}
