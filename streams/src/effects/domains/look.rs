//! What is found of a domain in DNS.

use std::net::IpAddr;

use feira_connectors::dns::{DnsError, Resolver};
use feira_schemas::records::admin::DomainFound;

use super::{DomainPorts, DomainTargets};

/// Aliases of a name that are followed; more are a circle, or nobody's intention.
const ALIASES: usize = 8;

/// Looks for the record of proof of a domain, and where the domain and its `www.` lead to.
pub(super) async fn look(ports: &DomainPorts, domain: &str, proof: &str) -> DomainFound {
    let DomainPorts { resolver, targets } = ports;
    let why = match proof_missing(resolver, domain, proof).await {
        Ok(why) => why,
        Err(DnsError::Timeout(why)) => {
            tracing::info!(domain, %why, "no name server answers for a shop's domain");
            return DomainFound::unanswered(DomainFound::TIMEOUT);
        }
        Err(error) => {
            tracing::info!(domain, %error, "a name server refuses to answer for a shop's domain");
            return DomainFound::unanswered(DomainFound::REFUSED);
        }
    };
    let www = format!("www.{domain}");
    let (address, www) = tokio::join!(leads_here(resolver, targets, domain), leads_here(resolver, targets, &www));
    DomainFound { proof: why.is_none(), address, www, why: why.map(str::to_owned) }
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

/// True if a name is an alias of the platform, or has an address of its.
async fn leads_here(resolver: &Resolver, targets: &DomainTargets, name: &str) -> bool {
    let mut at = name.to_owned();
    for _ in 0..ALIASES {
        match resolver.cname(&at).await {
            Ok(Some(alias)) if targets.has(&alias) => return true,
            Ok(Some(alias)) => at = alias,
            Ok(None) | Err(_) => break,
        }
    }
    let addresses = resolver.addresses(name).await.unwrap_or_default();
    !addresses.is_empty() && addresses_of(resolver, targets).await.iter().any(|ours| addresses.contains(ours))
}

/// The addresses that lead to the platform.
async fn addresses_of(resolver: &Resolver, targets: &DomainTargets) -> Vec<IpAddr> {
    let mut addresses = targets.addresses.clone();
    for name in targets.names.iter().chain([&targets.platform]) {
        addresses.extend(resolver.addresses(name).await.unwrap_or_default());
    }
    addresses
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_connectors::dns::{Records, Zone};

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

    #[tokio::test]
    async fn f05_the_proof_is_found_or_it_is_said_why_not() {
        let (ports, zone) = ports();
        let why = |found: DomainFound| (found.proof, found.why);
        let missed = |why: &str| (false, Some(why.to_owned()));
        assert_eq!(why(look(&ports, "loja.example", PROOF).await), missed("no_such_name"));
        zone.put("loja.example", Ok(addresses(&["203.0.113.1"])));
        assert_eq!(why(look(&ports, "loja.example", PROOF).await), missed("no_txt"));
        zone.put("_feira.loja.example", Ok(Records::default()));
        assert_eq!(why(look(&ports, "loja.example", PROOF).await), missed("no_txt"));
        zone.put("_feira.loja.example", Ok(texts(&["feira-verification=y", "x"])));
        assert_eq!(why(look(&ports, "loja.example", PROOF).await), missed("other_txt"));
        zone.put("_feira.loja.example", Ok(texts(&["other", " feira-verification=x "])));
        assert_eq!(why(look(&ports, "loja.example", PROOF).await), (true, None));
        for (error, word) in [
            (DnsError::Timeout("late".to_owned()), DomainFound::TIMEOUT),
            (DnsError::Refused("ServFail".to_owned()), DomainFound::REFUSED),
        ] {
            zone.put("_feira.loja.example", Err(error));
            assert_eq!(look(&ports, "loja.example", PROOF).await, DomainFound::unanswered(word));
        }
    }

    #[tokio::test]
    async fn f05_a_domain_leads_here_by_an_alias_or_an_address() {
        let (ports, zone) = ports();
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
            let found = look(&ports, "loja.example", PROOF).await;
            assert_eq!((found.address, found.www), (leads, false), "{records:?}");
            zone.put("www.loja.example", Ok(records.clone()));
            assert_eq!(look(&ports, "loja.example", PROOF).await.www, leads, "{records:?}");
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
