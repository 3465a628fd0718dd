//! The addresses of the public internet. The standard library's `is_global` is not stable; this is the same idea from
//! the same source: IANA's special-purpose address registries (RFC 6890), as of 2025.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

const fn v4(a: u8, b: u8, c: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, 0), length)
}

const fn v6(a: u16, b: u16, length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), length)
}

/// The IPv4 blocks that are not public; all others are.
const NOT_PUBLIC_V4: [Ipv4Net; 15] = [
    v4(0, 0, 0, 8),       // "This network" (RFC 791); Linux takes it for the machine itself.
    v4(10, 0, 0, 8),      // Private (RFC 1918).
    v4(100, 64, 0, 10),   // Shared, behind a carrier's NAT (RFC 6598).
    v4(127, 0, 0, 8),     // Loopback (RFC 1122).
    v4(169, 254, 0, 16),  // Link-local (RFC 3927), where clouds keep their metadata services.
    v4(172, 16, 0, 12),   // Private (RFC 1918).
    v4(192, 0, 0, 24),    // Protocol assignments (RFC 6890).
    v4(192, 0, 2, 24),    // Documentation (RFC 5737).
    v4(192, 88, 99, 24),  // 6to4 relays, given up (RFC 7526).
    v4(192, 168, 0, 16),  // Private (RFC 1918).
    v4(198, 18, 0, 15),   // Benchmarks (RFC 2544).
    v4(198, 51, 100, 24), // Documentation (RFC 5737).
    v4(203, 0, 113, 24),  // Documentation (RFC 5737).
    v4(224, 0, 0, 4),     // Multicast (RFC 5771).
    v4(240, 0, 0, 4),     // Reserved, and broadcast (RFC 1112, RFC 919).
];

/// Global unicast (RFC 4291): outside it lie loopback, link-local, unique local and multicast addresses, and those that hold
/// an IPv4 address (`::ffff:0:0/96`, `64:ff9b::/96`), which would lead around the list above.
const UNICAST_V6: Ipv6Net = v6(0x2000, 0, 3);

/// The blocks of IPv6's global unicast that are not public.
const NOT_PUBLIC_V6: [Ipv6Net; 4] = [
    v6(0x2001, 0, 23),     // Protocol assignments (RFC 2928), with Teredo, which holds an IPv4 address.
    v6(0x2001, 0xdb8, 32), // Documentation (RFC 3849).
    v6(0x2002, 0, 16),     // 6to4 (RFC 3056), which holds an IPv4 address.
    v6(0x3fff, 0, 20),     // Documentation (RFC 9637).
];

/// True if an address is of the public internet.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.iter().any(|block| block.contains(&address)),
        IpAddr::V6(address) => {
            UNICAST_V6.contains(&address) && !NOT_PUBLIC_V6.iter().any(|block| block.contains(&address))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        let public = [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:200::1",
            "2a00:1450::1",
            "2003::1",
        ];
        let not_public = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:8.8.8.8",
            "::ffff:127.0.0.1",
            "::8.8.8.8",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff:fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ];
        for address in public {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        for address in not_public {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }
}
