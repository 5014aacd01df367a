//! Security headers on every answer, errors included (ASVS 3.4.1 … 3.4.6, 14.3.2).

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// For answers that are not pages of ours; a page brings its own policy with its nonce.
const BARE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'";

/// Checked and made when this is compiled, not with every answer.
static FIXED: [(HeaderName, HeaderValue); 7] = [
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "camera=(), microphone=(), geolocation=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)",
        ),
    ),
];
static POLICY: HeaderValue = HeaderValue::from_static(BARE_POLICY);
static PRIVATE: HeaderValue = HeaderValue::from_static("no-store");

pub(super) fn set(headers: &mut HeaderMap) {
    headers.reserve(16);
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert_with(|| POLICY.clone());
    // Pages may show what is nobody else's business; static files and public lists say otherwise themselves.
    headers.entry(header::CACHE_CONTROL).or_insert_with(|| PRIVATE.clone());
    for (name, value) in &FIXED {
        headers.insert(name, value.clone());
    }
}

/// A browser's and a program's answers at one address differ.
pub(super) fn vary(headers: &mut HeaderMap) {
    headers.append(header::VARY, HeaderValue::from_static("authorization, cookie"));
}
