//! No other site may post to us with a visitor's cookie (ASVS 3.5.1): a request that changes something must come from
//! our own pages, by `Sec-Fetch-Site`, or by `Origin` where a browser does not send that. Programs send neither, and
//! programs have no cookie that could be misused.

use app::request::COOKIE;
use axum::{
    extract::Request,
    http::{HeaderMap, Method, header},
};

use super::error::Problem;

pub(super) fn check(request: &Request, public_url: &str) -> Result<(), Problem> {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || from_here(request.headers(), public_url) {
        return Ok(());
    }
    Err(Problem::new(403, "cross_site", "This request came from another site, so nothing was done."))
}

fn from_here(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin == public_url,
        // Neither: not a browser of the last years. Without our cookie there is nothing to misuse.
        (None, None) => !has_session(headers) || text("referer").is_some_and(|r| is_ours(r, public_url)),
    }
}

fn has_session(headers: &HeaderMap) -> bool {
    headers.get_all(header::COOKIE).iter().any(|v| v.to_str().is_ok_and(|c| c.contains(COOKIE)))
}

fn is_ours(referer: &str, public_url: &str) -> bool {
    referer.strip_prefix(public_url).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap())).collect::<HeaderMap>()
    }

    #[test]
    fn only_our_own_pages_may_post() {
        let ours = "https://portal.example.com";
        let ok = |pairs: &[(&'static str, &str)]| from_here(&headers(pairs), ours);
        assert!(ok(&[("sec-fetch-site", "same-origin"), ("cookie", "__Host-portico=x")]));
        assert!(!ok(&[("sec-fetch-site", "cross-site"), ("origin", ours)]));
        assert!(!ok(&[("sec-fetch-site", "same-site")]));
        assert!(!ok(&[("sec-fetch-site", "none")]));
        assert!(ok(&[("origin", ours)]));
        assert!(!ok(&[("origin", "https://portal.example.com.evil.example")]));
        assert!(!ok(&[("origin", "null")]));
        assert!(!ok(&[("cookie", "__Host-portico=x")]));
        assert!(ok(&[("cookie", "__Host-portico=x"), ("referer", "https://portal.example.com/c/a")]));
        assert!(!ok(&[("cookie", "__Host-portico=x"), ("referer", "https://portal.example.com.evil.example/")]));
        assert!(ok(&[("authorization", "Bearer k")]));
    }
}
