//! The caller's network address: the connection's, unless a proxy we trust says whose it was (ASVS 4.1.3).

use std::net::{IpAddr, SocketAddr};

use app::request::ClientAddress;
use axum::{
    extract::{ConnectInfo, Request},
    http::HeaderName,
};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Networks whose `X-Forwarded-For` is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies(Vec<(IpAddr, u8)>);

impl Proxies {
    /// `127.0.0.1, 10.0.0.0/8`
    pub fn parse(text: &str) -> Result<Self, String> {
        let one = |part: &str| {
            let (address, bits) = part.split_once('/').map_or((part, None), |(a, b)| (a, Some(b)));
            let address: IpAddr = address.parse().map_err(|_| format!("`{part}` is not an address"))?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            let bits = bits.map_or(Ok(most), str::parse).map_err(|_| format!("`{part}` is not a network"))?;
            if bits > most { Err(format!("`{part}` is not a network")) } else { Ok((address, bits)) }
        };
        text.split(',').map(str::trim).filter(|p| !p.is_empty()).map(one).collect::<Result<_, _>>().map(Self)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|(network, bits)| match (network, address) {
            (IpAddr::V4(n), IpAddr::V4(a)) => same(u32::from(*n).into(), u32::from(a).into(), 32, *bits),
            (IpAddr::V6(n), IpAddr::V6(a)) => same(u128::from(*n), u128::from(a), 128, *bits),
            _ => false,
        })
    }

    /// The nearest address that no trusted proxy vouches for.
    fn client(&self, peer: IpAddr, forwarded: &str) -> IpAddr {
        // A socket that takes both kinds writes IPv4 addresses as IPv6 ones.
        let mut client = peer.to_canonical();
        for hop in forwarded.rsplit(',').map(str::trim) {
            if !self.trusts(client) {
                break;
            }
            match hop.parse::<IpAddr>() {
                Ok(address) => client = address.to_canonical(),
                Err(_) => break,
            }
        }
        client
    }
}

fn same(a: u128, b: u128, width: u32, bits: u8) -> bool {
    let shift = width - u32::from(bits);
    bits == 0 || a >> shift == b >> shift
}

/// Puts `ClientAddress` into the request.
pub(super) fn note(proxies: &Proxies, request: &mut Request) {
    let address = of(proxies, request);
    request.extensions_mut().insert(ClientAddress(address));
}

/// An IPv6 customer has a whole /64, so that is what is counted.
pub(super) fn of(proxies: &Proxies, request: &Request) -> String {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map_or(IpAddr::from([0, 0, 0, 0]), |c| c.0.ip());
    let forwarded = request.headers().get_all(FORWARDED_FOR).iter().filter_map(|v| v.to_str().ok());
    let client = proxies.client(peer, &forwarded.collect::<Vec<_>>().join(","));
    match client {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("{:x}", u128::from(v6) >> 64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forwarded_address_is_believed_only_from_a_trusted_proxy() {
        let proxies = Proxies::parse("10.0.0.0/8, ::1").unwrap();
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert_eq!(proxies.client(ip("203.0.113.9"), "198.51.100.1"), ip("203.0.113.9"));
        assert_eq!(proxies.client(ip("10.1.2.3"), "198.51.100.1"), ip("198.51.100.1"));
        // What the client itself put in front is not believed.
        assert_eq!(proxies.client(ip("10.1.2.3"), "1.1.1.1, 198.51.100.1, 10.9.9.9"), ip("198.51.100.1"));
        assert_eq!(proxies.client(ip("10.1.2.3"), "nonsense"), ip("10.1.2.3"));
        assert_eq!(proxies.client(ip("::ffff:10.1.2.3"), "::ffff:198.51.100.1"), ip("198.51.100.1"));
        assert_eq!(proxies.client(ip("::ffff:203.0.113.9"), ""), ip("203.0.113.9"));
        assert!(Proxies::parse("10.0.0.0/33").is_err() && Proxies::parse("x").is_err());
    }
}
