//! Security headers on every answer, errors included (ASVS 3.4.1 … 3.4.6, 14.3.2).

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// For answers that are not pages of ours; a page brings its own policy with its nonce.
const BARE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'";

pub(super) fn set(headers: &mut HeaderMap) {
    headers.reserve(16);
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(BARE_POLICY));
    // Pages may show what is nobody else's business; static files and public lists say otherwise themselves.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    for (name, value) in [
        (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// A browser's and a program's answers at one address differ.
pub(super) fn vary(headers: &mut HeaderMap) {
    headers.append(header::VARY, HeaderValue::from_static("authorization, cookie"));
}
