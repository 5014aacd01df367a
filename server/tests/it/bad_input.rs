//! Whatever is sent, nothing breaks, nothing changes, and nothing of the inside is told.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::{Answer, Caller, Person, TestApp, on_both_engines};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

on_both_engines![
    bodies_that_are_not_what_is_expected_are_refused,
    ids_that_do_not_exist_are_not_found,
    starts_that_cannot_be_are_refused_with_their_reason,
    ranges_that_cannot_be_are_refused,
    names_that_cannot_be_are_refused,
    words_are_kept_as_they_were_written,
    a_body_too_large_is_not_read,
    whoever_looks_is_shown_a_page,
    headers_without_end_are_not_read,
    a_request_that_is_no_http_is_refused,
];

const START: &str = "2026-11-24T10:00:00+01:00";
const HOLDS: &str = "/api/v1/clinics/lab/holds";

/// Refused with this status, and without a word of the inside.
#[track_caller]
pub fn assert_refused(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.text);
    for inside in ["sqlx", "sea_orm", "SELECT", "panicked", "/work/", "/root/", ".rs:", "RUST", "sqlite", "postgres"] {
        assert!(!answer.text.contains(inside), "{what} tells of {inside}: {}", answer.text);
    }
}

/// Everything that a refused request must leave as it is.
pub async fn rows(app: &TestApp) -> i64 {
    let tables =
        ["hold", "allocation", "occupancy", "patient", "appointment", "appointment_event", "idempotency", "job"];
    let mut rows = 0;
    for table in tables {
        rows += app.count(&format!("SELECT count(*) FROM {table}")).await;
    }
    rows
}

async fn raw(caller: &Caller, path: &str, kind: &str, body: &str) -> Answer {
    let request = caller.request("POST", path).header("content-type", kind).header("idempotency-key", "k");
    caller.send(request.body(body.to_owned())).await
}

async fn bodies_that_are_not_what_is_expected_are_refused(app: TestApp) {
    let program = app.program("lab").await;
    let hold = program.hold("lab", "solo", START).await.expect(201);
    let confirm = format!("/api/v1/holds/{}/confirm", hold.field("id"));
    let before = rows(&app).await;
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    for path in [HOLDS, confirm.as_str()] {
        for body in ["", "{", "null", "[]", "1", "\"x\"", "{\"service\":1}", "{\"patient\":{}}", "\u{0}", &deep] {
            assert_refused(&raw(&program, path, "application/json", body).await, 400, body);
        }
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""] {
            assert_refused(&raw(&program, path, kind, "{}").await, 415, kind);
        }
    }
    let unknown = json!({ "service": "solo", "start": START, "practitioner": "any", "price": 0 });
    let answer = program.post(HOLDS, &unknown).await;
    assert_refused(&answer, 400, "an unknown field");
    assert!(answer.field("title").contains("price"), "{}", answer.text);
    let twice = format!("{{\"service\":\"solo\",\"service\":\"wide\",\"start\":\"{START}\"}}");
    assert_refused(&raw(&program, HOLDS, "application/json", &twice).await, 400, "a field twice");
    assert_eq!(rows(&app).await, before);
}

async fn ids_that_do_not_exist_are_not_found(app: TestApp) {
    let program = app.program("lab").await;
    let before = rows(&app).await;
    let nobody = "00000000-0000-7000-8000-000000000000";
    for id in [nobody, "x", "1", "%00", "..%2f..%2fetc%2fpasswd", "' OR 1=1 --", "%F0%9F%92%A9", &"9".repeat(3000)] {
        let id = id.replace(' ', "%20");
        for path in [
            format!("/api/v1/clinics/{id}"),
            format!("/api/v1/clinics/{id}/services"),
            format!("/api/v1/clinics/{id}/availability?service=solo&from=2026-11-24&to=2026-11-24"),
            format!("/api/v1/clinics/lab/availability?service={id}&from=2026-11-24&to=2026-11-24"),
            format!("/api/v1/appointments/{id}"),
        ] {
            assert_refused(&program.get(&path).await, 404, &path);
        }
        assert_refused(&program.cancel(&id).await, 404, &id);
        assert_refused(&program.delete(&format!("/api/v1/holds/{id}")).await, 404, &id);
        assert_refused(&program.hold("lab", &id, START).await, 404, &id);
        assert_refused(&program.hold_with("lab", "solo", START, &id).await, 404, &id);
        assert_refused(&program.hold(&id, "solo", START).await, 404, &id);
    }
    assert_eq!(rows(&app).await, before);
}

async fn starts_that_cannot_be_are_refused_with_their_reason(app: TestApp) {
    let program = app.program("lab").await;
    let before = rows(&app).await;
    for (start, code) in [
        ("2026-11-24T10:07:00+01:00", "off_grid"),
        ("2026-11-24T10:05:00+01:00", "off_grid"),
        ("2026-11-24T10:00:00.5+01:00", "off_grid"),
        ("2026-11-22T10:00:00+01:00", "in_the_past"),
        ("1970-01-01T00:00:00Z", "in_the_past"),
        ("2028-11-24T10:00:00+01:00", "too_far_ahead"),
        ("2199-11-24T10:00:00+01:00", "too_far_ahead"),
        ("0001-01-01T00:00:00Z", "off_grid"),
        ("9999-12-30T00:00:00Z", "off_grid"),
    ] {
        let answer = program.hold("lab", "solo", start).await;
        assert_refused(&answer, 409, start);
        assert_eq!(answer.code(), code, "{start}");
    }
    for start in [
        "2026-11-24T10:00:00",
        "2026-11-24",
        "10:00",
        "tomorrow",
        "2026-02-30T10:00:00Z",
        "2026-11-24T25:00:00Z",
        "99999-01-01T00:00:00Z",
        "-2026-11-24T10:00:00Z",
        "2026-11-24T10:00:00+99:00",
        "",
    ] {
        assert_refused(&program.hold("lab", "solo", start).await, 400, start);
    }
    assert_eq!(rows(&app).await, before);
}

async fn ranges_that_cannot_be_are_refused(app: TestApp) {
    let visitor = app.anonymous();
    let ask = async |query: &str| visitor.get(&format!("/api/v1/clinics/lab/availability?{query}")).await;
    for query in [
        "",
        "service=solo",
        "service=solo&from=2026-11-24",
        "service=solo&from=2026-11-24&to=2026-11-23",
        "service=solo&from=2026-11-24&to=2027-02-24",
        "service=solo&from=2026-11-24&to=9999-12-31",
        "service=solo&from=0000-01-01&to=0000-01-02",
        "service=solo&from=-000001-01-01&to=2026-11-24",
        "service=solo&from=9999-12-31&to=9999-12-31",
        "service=solo&from=2026-02-30&to=2026-03-01",
        "service=solo&from=today&to=tomorrow",
        "service=solo&from=2026-11-24&to=2026-11-24&explain=perhaps",
        "service=solo&from=2026-11-24&to=2026-11-24&colour=blue",
        "service=solo&from=2026-11-24T00:00:00Z&to=2026-11-24",
    ] {
        assert_refused(&ask(query).await, 400, query);
    }
    // 92 days are the most.
    ask("service=rare&from=2026-11-24&to=2027-02-23").await.expect(200);
    for query in ["limit=x", "limit=-1", "after=x&limit=1&who=me"] {
        assert_refused(&visitor.get(&format!("/api/v1/clinics?{query}")).await, 400, query);
    }
    for query in ["q=%00", "q=%25_%5C%27", "city=%00&language=%00", "after=%00", "q=%F0%9F%92%A9", "limit=1000000"] {
        visitor.get(&format!("/api/v1/clinics?{query}")).await.expect(200);
    }
    for query in ["since=yesterday", "after=x", "limit=99999999999999999999"] {
        let program = app.program("lab").await;
        assert_refused(&program.get(&format!("/api/v1/appointments?{query}")).await, 400, query);
    }
}

async fn names_that_cannot_be_are_refused(app: TestApp) {
    let program = app.program("lab").await;
    let hold = program.hold("lab", "solo", START).await.expect(201);
    let before = rows(&app).await;
    let long = "x".repeat(121);
    let wrong: Vec<(&str, &str)> = vec![
        // A single name is a family name.
        ("family", ""),
        ("family", "   "),
        ("given", &long),
        ("given", "A\u{0}b"),
        ("family", "\u{202E}abc"),
        ("family", "a\u{7}"),
        ("family", "a\r\nBcc: x@example.com"),
        ("birth_date", "0000-01-01"),
        ("birth_date", "9999-12-31"),
        ("birth_date", "1980-02-30"),
        ("birth_date", "1.2.1980"),
        ("birth_date", "2026-11-25"),
        ("birth_date", "1850-01-01"),
        ("email", "a"),
        ("email", "a@example.com\r\nBcc: b@example.com"),
        ("email", "a@example.com\u{0}"),
        ("phone", "call me"),
    ];
    for (field, value) in wrong {
        let mut patient = Person::number(1).json();
        patient[field] = json!(value);
        let answer = program.confirm_body(&hold, &json!({ "patient": patient }), "k").await;
        assert_refused(&answer, 400, value);
        assert!(answer.field("title").contains(&format!("`patient.{field}`")), "{}", answer.text);
    }
    for reason in ["x\u{0}", &"x".repeat(1001)] {
        let body = json!({ "patient": Person::number(1).json(), "reason": reason });
        assert_refused(&program.confirm_body(&hold, &body, "k").await, 400, "the reason");
    }
    assert_eq!(rows(&app).await, before);
}

async fn words_are_kept_as_they_were_written(app: TestApp) {
    let program = app.program("lab").await;
    let lab = portal::clinic::by_slug(&app.cx, "lab").await.unwrap().unwrap();
    let nasty = [
        "Robert'); DROP TABLE patient;--",
        "</textarea><script>alert(1)</script>",
        "{{7*7}}${7*7}",
        "%s%n\\x00\\",
        "李小龍 عائشة O’Connor-Łuczak 👩🏽‍⚕️",
    ];
    for (n, words) in nasty.iter().enumerate() {
        let start = format!("2026-11-24T1{n}:00:00+01:00");
        let hold = program.hold("lab", "solo", &start).await.expect(201);
        let mut patient: Value = Person::number(n).json();
        patient["given"] = json!(words);
        let body = json!({ "patient": patient, "reason": words });
        let visit = program.confirm_body(&hold, &body, &n.to_string()).await.expect(201).field("id").parse().unwrap();
        let link = portal::visits::link_token(&app.cx, lab.tenant, visit).await.unwrap();
        let opened = app.anonymous().get(&format!("/m/{link}")).await.expect(303);
        let browser = app.anonymous().with_cookie_of(&opened);
        let page = browser.get(opened.header("location")).await.expect(200);
        let escaped = words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        assert!(page.text.contains(&escaped) && !page.text.contains("<script>alert(1)"), "{}", page.text);
    }
    app.run_jobs().await;
    for mail in app.mailer.sent() {
        assert!(!mail.html.contains("<script"), "{}", mail.html);
    }
}

/// A browser that sends a form shows what is answered, so that is no JSON.
async fn whoever_looks_is_shown_a_page(app: TestApp) {
    const LOOKS: (&str, &str) = ("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8");
    let nobody = app.anonymous();
    let long = || {
        let form = nobody.request("POST", "/fn/details").header("content-type", "application/x-www-form-urlencoded");
        form.body("reason=".to_owned() + &"a".repeat(400_000))
    };
    let shown = nobody.send(long().header(LOOKS.0, LOOKS.1)).await.expect(413);
    assert!(shown.header("content-type").starts_with("text/html"));
    for words in ["More was sent than is taken here. Shorten it, and send it again.", "what you typed is still there"] {
        assert!(shown.text.contains(words), "{}", shown.text);
    }
    assert!(shown.header("content-security-policy").contains("default-src"));
    nobody.send(long()).await.expect_problem(413, "body_too_large");
    let elsewhere = nobody.request("POST", "/fn/details").header("sec-fetch-site", "cross-site");
    let shown = nobody.send(elsewhere.header(LOOKS.0, LOOKS.1)).await.expect(403);
    assert!(shown.header("content-type").starts_with("text/html") && shown.text.contains("came from another site"));
    // Programs hear what they know, whatever they take.
    let unknown = nobody.request("GET", "/api/v1/clinics/nowhere").header(LOOKS.0, LOOKS.1);
    nobody.send(unknown).await.expect_problem(404, "not_found");
}

async fn a_body_too_large_is_not_read(app: TestApp) {
    let before = rows(&app).await;
    let start = format!("POST {HOLDS} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n");
    let told = format!("{start}content-length: {}\r\n\r\n{}", 10 * 1024 * 1024, "x".repeat(400_000));
    // Without a length the server counts for itself.
    let chunk = format!("{:x}\r\n{}\r\n", 100_000, "x".repeat(100_000));
    let untold = format!("{start}transfer-encoding: chunked\r\n\r\n{}", chunk.repeat(4));
    for request in [told, untold] {
        let answer = talk(&app, request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("body_too_large"), "{answer}");
    }
    // A form's length is looked at before anything of it is read.
    let form = "POST /fn/sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n";
    let answer = talk(&app, format!("{form}content-length: 300000\r\n\r\nemail=").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert_eq!(rows(&app).await, before);
}

async fn headers_without_end_are_not_read(app: TestApp) {
    let many: String = (0..500).map(|n| format!("x-{n}: x\r\n")).collect();
    let large = format!("x: {}\r\n", "x".repeat(1024 * 1024));
    let long_path = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "x".repeat(200_000));
    for request in [
        format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{many}\r\n"),
        format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{large}\r\n"),
        long_path,
    ] {
        let answer = talk(&app, request.as_bytes()).await;
        let refused = ["HTTP/1.1 431", "HTTP/1.1 400", "HTTP/1.1 414"].iter().any(|s| answer.starts_with(s));
        assert!(refused || answer.is_empty(), "{}", &answer[..answer.len().min(200)]);
    }
    app.anonymous().get("/healthz").await.expect(200);
}

async fn a_request_that_is_no_http_is_refused(app: TestApp) {
    for request in ["\u{16}\u{3}\u{1}hello\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"] {
        let answer = talk(&app, request.as_bytes()).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.0 4"), "{answer}");
    }
    app.anonymous().get("/healthz").await.expect(200);
}

/// Sends bytes, then listens until the server has answered or hung up.
async fn talk(app: &TestApp, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(app.url().trim_start_matches("http://")).await.unwrap();
    // The server may answer and hang up before it has read everything.
    stream.write_all(bytes).await.ok();
    let mut answer = vec![0; 4096];
    let read =
        tokio::time::timeout(Duration::from_secs(20), stream.read(&mut answer)).await.expect("an answer in time");
    let read = read.unwrap_or(0);
    String::from_utf8_lossy(&answer[..read]).into_owned()
}
