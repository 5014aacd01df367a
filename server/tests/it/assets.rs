//! The built site's files and packed answers: kept for ever where the name says what is in it, small on the way, and never
//! mixed up on the way by somebody who keeps them for others.

use std::{fs, io::Read};

use testkit::{Answer, TestApp, on_both_engines};

on_both_engines![
    files_named_after_their_content_never_change,
    what_is_not_there_is_kept_by_nobody,
    what_is_packed_is_told_apart,
    answers_are_packed_for_those_who_can_unpack_them,
];

const STYLE: &str = "/pkg/portico.0123456789abcdef.css";

/// A site as `make site` builds it, in small.
fn build(app: &TestApp) {
    let site = app.db.folder.join("site");
    fs::create_dir_all(site.join("pkg")).unwrap();
    fs::create_dir_all(site.join("icons")).unwrap();
    for (name, content) in [("", "plain"), (".br", "packed by brotli"), (".gz", "packed by gzip")] {
        fs::write(site.join(format!("{}{name}", &STYLE[1..])), content).unwrap();
        fs::write(site.join(format!("icons/icon.svg{name}")), content).unwrap();
    }
    fs::write(site.join("robots.txt"), "User-agent: *\nDisallow: /visits\n").unwrap();
}

async fn get(app: &TestApp, path: &str, accepts: &str) -> Answer {
    let visitor = app.anonymous();
    visitor.send(visitor.request("GET", path).header("accept-encoding", accepts)).await
}

async fn files_named_after_their_content_never_change(app: TestApp) {
    build(&app);
    let style = get(&app, STYLE, "identity").await.expect(200);
    assert_eq!(style.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!((style.header("content-type"), style.text.as_str()), ("text/css", "plain"));
    // Others keep their name when they change.
    for path in ["/robots.txt", "/icons/icon.svg"] {
        assert_eq!(get(&app, path, "identity").await.expect(200).header("cache-control"), "public, max-age=86400");
    }
    // Asked whether it changed, it did not.
    let visitor = app.anonymous();
    let again = visitor.request("GET", STYLE).header("if-modified-since", style.header("last-modified"));
    let again = visitor.send(again).await.expect(304);
    assert_eq!(again.header("cache-control"), "public, max-age=31536000, immutable");
}

async fn what_is_not_there_is_kept_by_nobody(app: TestApp) {
    build(&app);
    for path in ["/pkg/portico.fedcba9876543210.css", "/pkg/", "/pkg/../../portico.db", "/pkg/%2e%2e/%2e%2e/portico.db"]
    {
        let missing = get(&app, path, "br").await.expect(404);
        assert_eq!(missing.header("cache-control"), "no-store", "{path}");
    }
}

async fn what_is_packed_is_told_apart(app: TestApp) {
    build(&app);
    for path in [STYLE, "/icons/icon.svg"] {
        for (accepts, encoding, content) in [
            ("gzip, deflate, br, zstd", "br", "packed by brotli"),
            ("gzip", "gzip", "packed by gzip"),
            ("identity", "", "plain"),
            ("br;q=0", "", "plain"),
        ] {
            let answer = get(&app, path, accepts).await.expect(200);
            assert_eq!(
                (answer.header("content-encoding"), answer.text.as_str()),
                (encoding, content),
                "{path} {accepts}"
            );
            // Whoever keeps it for others must not give it to those who cannot read it.
            assert!(varies(&answer), "{path} {accepts}: {:?}", answer.headers);
        }
    }
}

fn varies(answer: &Answer) -> bool {
    let vary = answer.headers.get_all("vary").iter();
    vary.flat_map(|v| v.to_str().unwrap().split(',')).any(|v| v.trim().eq_ignore_ascii_case("accept-encoding"))
}

async fn answers_are_packed_for_those_who_can_unpack_them(app: TestApp) {
    let availability = "/api/v1/clinics/lab/availability?service=solo&from=2026-11-24&to=2026-11-24";
    for path in ["/", "/c/riverside", "/api/v1/clinics", "/api/openapi.json", availability, availability] {
        let plain = get(&app, path, "identity").await.expect(200);
        assert_eq!(plain.header("content-encoding"), "", "{path}");
        let gzip = get(&app, path, "gzip").await.expect(200);
        assert_eq!(gzip.header("content-encoding"), "gzip", "{path}");
        let mut text = String::new();
        flate2::read::GzDecoder::new(gzip.bytes.as_slice()).read_to_string(&mut text).unwrap();
        assert!(text.len() > gzip.bytes.len() && text.len() == plain.text.len(), "{path}");
        let packed = get(&app, path, "br, gzip").await.expect(200);
        assert!(["br", "gzip"].contains(&packed.header("content-encoding")), "{path}");
        for answer in [&plain, &gzip, &packed] {
            assert!(varies(answer), "{path}: {:?}", answer.headers);
        }
    }
}
