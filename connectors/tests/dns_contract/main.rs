//! The contract of the resolver, held by the adapter that asks a name server and by the list that tests have.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod server;

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use feira_connectors::dns::{DnsError, DnsSettings, Records, Resolver, Zone};

use self::server::{Record, Said, Server};

const V4: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);
const V6: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7);

/// A name server, and a resolver that asks it.
async fn served() -> (Resolver, Server) {
    let server = Server::start([
        (
            "_feira.loja.example",
            Said::Records(vec![Record::Txt(vec!["feira-", "verification=x"]), Record::Txt(vec!["other"])]),
        ),
        ("loja.example", Said::Records(vec![Record::Address(V4.into()), Record::Address(V6.into())])),
        (
            "www.loja.example",
            Said::Records(vec![Record::Alias("Loja.feira.example"), Record::AddressOf("Loja.feira.example", V4)]),
        ),
        ("empty.example", Said::Records(Vec::new())),
        ("failing.example", Said::Code(2)),
        ("refused.example", Said::Code(5)),
        ("silent.example", Said::Silence),
    ])
    .await;
    let settings = DnsSettings { server: Some(server.address), within: Duration::from_secs(3) };
    (Resolver::new(&settings).unwrap(), server)
}

/// The same out of a list.
fn listed() -> Resolver {
    let zone = Zone::default();
    let txt = vec!["feira-verification=x".to_owned(), "other".to_owned()];
    zone.put("_feira.loja.example", Ok(Records { txt, ..Records::default() }));
    zone.put("loja.example", Ok(Records { addresses: vec![V4.into(), V6.into()], ..Records::default() }));
    zone.put("www.loja.example", Ok(Records { cname: Some("loja.feira.example".into()), ..Records::default() }));
    zone.put("loja.feira.example", Ok(Records { addresses: vec![V4.into()], ..Records::default() }));
    zone.put("empty.example", Ok(Records::default()));
    zone.put("failing.example", Err(DnsError::Refused("ServFail".into())));
    zone.put("refused.example", Err(DnsError::Refused("Refused".into())));
    zone.put("silent.example", Err(DnsError::Timeout("silent".into())));
    Resolver::fixed(zone)
}

/// What every resolver says of these names.
async fn holds(resolver: &Resolver) {
    let mut txt = resolver.txt("_feira.loja.example").await.unwrap();
    txt.sort();
    assert_eq!(txt, ["feira-verification=x", "other"]);
    let mut addresses = resolver.addresses("LOJA.example").await.unwrap();
    addresses.sort();
    assert_eq!(addresses, [IpAddr::from(V4), V6.into()]);
    assert_eq!(resolver.cname("www.loja.example").await, Ok(Some("loja.feira.example".to_owned())));
    assert_eq!(resolver.addresses("www.loja.example").await, Ok(vec![V4.into()]), "an alias has its name's addresses");
    assert_eq!(resolver.txt("loja.example").await, Ok(Vec::new()), "a name without such a record");
    assert_eq!(resolver.cname("loja.example").await, Ok(None));
    assert_eq!(resolver.addresses("empty.example").await, Ok(Vec::new()));
    for name in ["none.example", "", "a..b", "lo ja.example"] {
        assert_eq!(resolver.txt(name).await, Err(DnsError::NoSuchName), "{name}");
        assert_eq!(resolver.addresses(name).await, Err(DnsError::NoSuchName), "{name}");
        assert_eq!(resolver.cname(name).await, Err(DnsError::NoSuchName), "{name}");
    }
    for name in ["failing.example", "refused.example"] {
        assert!(matches!(resolver.txt(name).await, Err(DnsError::Refused(_))), "{name}");
    }
    assert!(matches!(resolver.txt("silent.example").await, Err(DnsError::Timeout(_))));
}

#[tokio::test]
async fn f05_a_name_server_is_asked_and_its_answers_understood() {
    let (resolver, _server) = served().await;
    holds(&resolver).await;
}

#[tokio::test]
async fn f05_a_list_answers_as_a_name_server_does() {
    holds(&listed()).await;
}
