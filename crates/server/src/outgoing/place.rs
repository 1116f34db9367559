//! Which networks an address belongs to, and which of them are asked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use clap::ValueEnum;
use serde::Deserialize;

/// How far requests go. These words are the values of the setting `outgoing_requests`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// To the internet, by https
    #[default]
    Public,
    /// To this machine too, also by http: for development
    Loopback,
    /// To this machine and to private networks too
    Private,
}

impl Reach {
    /// Whether this address is asked.
    pub(super) fn covers(self, address: IpAddr) -> bool {
        match Place::of(address) {
            Place::Public => true,
            Place::Loopback => matches!(self, Self::Loopback | Self::Private),
            Place::Private => self == Self::Private,
            Place::Nowhere => false,
        }
    }
}

/// A kind of network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The internet.
    Public,
    /// This machine.
    Loopback,
    /// A private network (RFC 1918, RFC 4193).
    Private,
    /// What is never asked: no single machine, one on the same cable, or an address with a meaning of its own.
    Nowhere,
}

/// Parts of the internet's room that are not the internet (IANA's registry of special-purpose addresses), each
/// with the number of its leading bits.
const SPECIAL_V4: [(Ipv4Addr, u32); 14] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),       // this network, unspecified
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // behind a carrier's NAT
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local, a cloud's own service among them
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation
    (Ipv4Addr::new(192, 31, 196, 0), 24), // AS112
    (Ipv4Addr::new(192, 52, 193, 0), 24), // AMT
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // relays of 6to4
    (Ipv4Addr::new(192, 175, 48, 0), 24), // AS112
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, broadcast
];

const PRIVATE_V4: [(Ipv4Addr, u32); 3] = [
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
];

/// The room of the internet: whatever is outside of it is something else.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Within that room. An address of Teredo or 6to4 leads to an IPv4 address that it holds; nobody needs one.
const SPECIAL_V6: [(Ipv6Addr, u32); 5] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments, Teredo and benchmarks
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48), // AS112
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

const PRIVATE_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7);

/// Where a network without IPv4 reaches it (RFC 6052 §2.1): what counts is the address inside.
const NAT64: (Ipv6Addr, u32) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);

impl Place {
    pub(super) fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        if address.is_loopback() {
            Self::Loopback
        } else if PRIVATE_V4.iter().any(|net| has_v4(*net, address)) {
            Self::Private
        } else if SPECIAL_V4.iter().any(|net| has_v4(*net, address)) {
            Self::Nowhere
        } else {
            Self::Public
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        if let Some(inside) = address.to_ipv4_mapped() {
            return Self::of_v4(inside);
        }
        if has_v6(NAT64, address) {
            let [.., a, b, c, d] = address.octets();
            return Self::of_v4(Ipv4Addr::new(a, b, c, d));
        }
        if address.is_loopback() {
            Self::Loopback
        } else if has_v6(PRIVATE_V6, address) {
            Self::Private
        } else if !has_v6(GLOBAL_V6, address) || SPECIAL_V6.iter().any(|net| has_v6(*net, address))
        {
            Self::Nowhere
        } else {
            Self::Public
        }
    }
}

fn has_v4((net, bits): (Ipv4Addr, u32), address: Ipv4Addr) -> bool {
    (net.to_bits() ^ address.to_bits()) >> (32 - bits) == 0
}

fn has_v6((net, bits): (Ipv6Addr, u32), address: Ipv6Addr) -> bool {
    (net.to_bits() ^ address.to_bits()) >> (128 - bits) == 0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn places(addresses: &[&str], place: Place) {
        for text in addresses {
            assert_eq!(Place::of(text.parse().unwrap()), place, "{text}");
        }
    }

    #[test]
    fn sf_01_an_address_is_known_for_what_it_is_however_it_is_written() {
        places(
            &["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"],
            Place::Loopback,
        );
        places(
            &[
                "10.0.0.1",
                "10.255.255.255",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "::ffff:10.0.0.1",
                "::ffff:c0a8:101",
                "64:ff9b::a00:1",
                "fc00::1",
                "fdff:ffff::1",
            ],
            Place::Private,
        );
        places(
            &[
                "0.0.0.0",
                "0.1.2.3",
                "100.64.0.1",
                "100.127.255.255",
                "169.254.0.1",
                "169.254.169.254",
                "192.0.0.1",
                "192.0.2.1",
                "192.88.99.1",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "239.255.255.255",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::127.0.0.1",
                "::ffff:0:127.0.0.1",
                "::ffff:169.254.169.254",
                "::ffff:0.0.0.0",
                "64:ff9b::a9fe:a9fe",
                "64:ff9b:1::1",
                "100::1",
                "2001::1",
                "2001:0:a00:1::",
                "2001:2::1",
                "2001:10::1",
                "2001:db8::1",
                "2002:7f00:1::1",
                "2002:a00:1::1",
                "3fff::1",
                "5f00::1",
                "fe80::1",
                "fec0::1",
                "ff02::1",
                "ff0e::1",
            ],
            Place::Nowhere,
        );
    }

    #[test]
    fn the_internet_is_what_remains() {
        places(
            &[
                "1.1.1.1",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "198.17.255.255",
                "223.255.255.255",
                "2606:4700::1",
                "2a00::1",
                "2001:4860::8888",
                "64:ff9b::101:101",
                "::ffff:1.1.1.1",
            ],
            Place::Public,
        );
    }

    #[test]
    fn sf_01_each_reach_adds_one_network_and_none_adds_the_rest() {
        let covered = |reach: Reach| {
            ["1.1.1.1", "127.0.0.1", "10.0.0.1", "169.254.169.254"]
                .map(|text| reach.covers(text.parse().unwrap()))
        };
        assert_eq!(covered(Reach::Public), [true, false, false, false]);
        assert_eq!(covered(Reach::Loopback), [true, true, false, false]);
        assert_eq!(covered(Reach::Private), [true, true, true, false]);
    }
}
