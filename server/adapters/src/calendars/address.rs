//! Where we go: public addresses, by https. What a name leads to is found out here and connected to, in one step, so that it
//! cannot lead elsewhere in between.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ports::FetchError;
use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};
use url::Host;

/// A name leads to no public address.
#[derive(Debug, thiserror::Error)]
#[error("it leads to an address inside a private network")]
pub(super) struct NotPublic;

/// An address that may be asked. `webcal:` is https by another name.
pub(super) fn allowed(text: &str, private: bool) -> Result<Url, FetchError> {
    let not = |why: &str| FetchError::NotAllowed(why.to_owned());
    let text = text.trim();
    let text = match text.split_once("://") {
        Some((scheme, rest)) if ["webcal", "webcals"].iter().any(|own| scheme.eq_ignore_ascii_case(own)) => {
            format!("https://{rest}")
        }
        _ => text.to_owned(),
    };
    let url = Url::parse(&text).map_err(|_| not("it is no address; it must begin with https:// or webcal://"))?;
    if url.scheme() != "https" && !(private && url.scheme() == "http") {
        return Err(not("it must begin with https:// or webcal://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(not("user and password belong into their own fields"));
    }
    let public = match url.host() {
        None => return Err(not("it names no server")),
        Some(Host::Domain(name)) => !name.trim_end_matches('.').eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(ip)) => is_public(ip.into()),
        Some(Host::Ipv6(ip)) => is_public(ip.into()),
    };
    if public || private { Ok(url) } else { Err(FetchError::NotAllowed(NotPublic.to_string())) }
}

/// Looks names up, and keeps the public addresses.
pub(super) struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let public: Vec<SocketAddr> = found.filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// Whether anybody in the world could go there: by the registries of special addresses (RFC 6890 and its like).
pub(super) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || ip.is_multicast()
        || a == 0
        // Carriers' own, protocols, 6to4 relays, benchmarks, reserved and broadcast.
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 198 && (18..20).contains(&b))
        || a >= 240)
}

/// Of the addresses that are given out; those that carry another address inside are taken for it, or not at all.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    if let Some(inside) = ip.to_ipv4_mapped() {
        return is_public_v4(inside);
    }
    let [first, second, third, ..] = ip.segments();
    let given_out = (first & 0xe000) == 0x2000;
    let six_to_four = first == 0x2002;
    // 2001::/23 has Teredo and its like, 2001:db8::/32 and 3fff::/20 are for examples.
    let special = (first == 0x2001 && (second < 0x0200 || second == 0x0db8)) || (first == 0x3fff && second < 0x1000);
    let inside = Ipv4Addr::from((u32::from(second) << 16) | u32::from(third));
    given_out && !special && (!six_to_four || is_public_v4(inside))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_anybody_could_reach_is_public() {
        for ip in [
            "1.1.1.1",
            "93.184.216.34",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "2002:101:101::1",
        ] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in [
            "0.0.0.0",
            "10.0.0.1",
            "127.0.0.1",
            "127.1.2.3",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "192.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fc00::1",
            "fd00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::",
            "2002:a00:1::",
            "::127.0.0.1",
            "3fff::1",
            "4000::1",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn addresses_are_looked_at_before_anybody_goes_there() {
        for url in ["https://calendar.example.com/a.ics", " webcal://calendar.example.com/a ", "WEBCAL://1.1.1.1/"] {
            assert_eq!(allowed(url, false).unwrap().scheme(), "https", "{url}");
        }
        for url in [
            "http://calendar.example.com/",
            "ftp://calendar.example.com/",
            "file:///etc/passwd",
            "calendar.example.com",
            "",
            "https://",
            "https://user:secret@calendar.example.com/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest",
            "webcal://10.0.0.1/",
            "javascript:alert(1)",
            "https://0/",
        ] {
            assert!(matches!(allowed(url, false), Err(FetchError::NotAllowed(_))), "{url}");
        }
        assert!(allowed("http://127.0.0.1:5232/a", true).is_ok(), "where the configuration says so");
        assert!(allowed("ftp://127.0.0.1/a", true).is_err());
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_gone_to() {
        let found = PublicOnly.resolve("localhost".parse().unwrap()).await;
        assert!(found.err().expect("no address").is::<NotPublic>());
    }
}
