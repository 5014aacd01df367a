//! What every answer says, and what no other site may do.

use serde_json::json;
use testkit::{Answer, Person, TestApp, on_both_engines};

on_both_engines![
    every_answer_is_guarded,
    answers_about_people_are_not_kept,
    other_sites_cannot_post,
    every_answer_has_an_id_of_our_own,
    a_wrong_method_is_told,
    the_description_names_every_route,
];

const GUARDS: [(&str, &str); 6] = [
    ("strict-transport-security", "max-age=63072000; includeSubDomains"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
];

#[track_caller]
fn assert_guarded(answer: &Answer, what: &str) {
    for (name, value) in GUARDS {
        assert_eq!(answer.header(name), value, "{name} of {what}");
    }
    let policy = answer.header("content-security-policy");
    for directive in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'"] {
        assert!(
            policy.contains(directive) || policy.contains(&directive.replace("'none'", "'self'")),
            "{what}: {policy}"
        );
    }
    assert!(!policy.contains("'unsafe-inline'") && !policy.contains('*'), "{what}: {policy}");
    assert!(policy.contains("frame-ancestors 'none'"), "{what}: {policy}");
    assert!(!answer.header("permissions-policy").is_empty(), "{what}");
    assert_eq!(answer.header("x-request-id").len(), 32, "{what}");
    assert_eq!((answer.header("server"), answer.header("x-powered-by")), ("", ""), "{what}");
}

async fn every_answer_is_guarded(app: TestApp) {
    let visitor = app.anonymous();
    for path in [
        "/",
        "/c/riverside",
        "/c/nowhere",
        "/sign-in",
        "/visits",
        "/nowhere",
        "/pkg/nothing.js",
        "/healthz",
        "/readyz",
        "/api/docs",
        "/api/openapi.json",
        "/api/nowhere",
        "/api/v1/clinics",
        "/api/v1/clinics/nowhere",
        "/api/v1/appointments",
        "/m/forged",
    ] {
        assert_guarded(&visitor.get(path).await, path);
    }
    assert_guarded(&visitor.delete("/api/v1/clinics").await.expect(405), "405");
    assert_guarded(&visitor.post("/api/v1/clinics/lab/holds", &json!({})).await.expect(400), "400");
    assert_guarded(&visitor.clone().with_key("wrong").get("/api/v1/clinics").await.expect(401), "401");
    assert_guarded(&visitor.get("/nowhere").await.expect(404), "404");
    // The last: the server does not read the rest of it, and ends the connection.
    let large = visitor.request("POST", "/api/v1/clinics/lab/holds").body("x".repeat(300_000));
    assert_guarded(&visitor.send(large).await.expect(413), "413");
}

async fn answers_about_people_are_not_kept(app: TestApp) {
    let patient = app.patient("amira@example.com").await;
    let person = Person { email: "amira@example.com".to_owned(), ..Person::new("Amira", "Khalil") };
    let hold = patient.hold("lab", "solo", "2026-11-24T10:00:00+01:00").await.expect(201);
    let visit = patient.confirm(&hold, &person, "1").await.expect(201);
    let id = visit.field("id");
    let list = patient.get("/api/v1/appointments").await.expect(200);
    let one = patient.get(&format!("/api/v1/appointments/{id}")).await.expect(200);
    let page = patient.get(&format!("/visits/{id}")).await.expect(200);
    let pages = patient.get("/visits").await.expect(200);
    let file = patient.get(&format!("/visits/{id}/calendar.ics")).await.expect(200);
    for answer in [&hold, &visit, &list, &one, &page, &pages, &file] {
        assert!(answer.header("cache-control").contains("no-store"), "{answer:?}");
    }
    let public = app.anonymous().get("/api/v1/clinics").await;
    assert_eq!(public.header("cache-control"), "public, max-age=60");
}

async fn other_sites_cannot_post(app: TestApp) {
    let patient = app.patient("amira@example.com").await;
    let person = Person { email: "amira@example.com".to_owned(), ..Person::new("Amira", "Khalil") };
    let visit = patient.book("lab", "solo", "2026-11-24T10:00:00+01:00", &person).await.field("id");
    let path = format!("/api/v1/appointments/{visit}/cancel");
    let cookie = format!("__Host-portico={}", patient.cookie());
    let ours = "http://localhost:3000";
    for headers in [
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![("sec-fetch-site", "cross-site"), ("origin", ours)],
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
        vec![("referer", "https://evil.example/")],
        vec![],
    ] {
        let mut browser = app.anonymous().with_header("cookie", &cookie);
        for (name, value) in &headers {
            browser = browser.with_header(name, value);
        }
        browser.post(&path, &json!({})).await.expect_problem(403, "cross_site");
        browser.form("/fn/sign-out", &[]).await.expect(403);
    }
    patient.get(&format!("/api/v1/appointments/{visit}")).await.expect(200);
    let same = app.anonymous().with_header("cookie", &cookie).with_header("origin", ours);
    same.post(&path, &json!({})).await.expect(200);
}

async fn every_answer_has_an_id_of_our_own(app: TestApp) {
    let visitor = app.anonymous().with_header("x-request-id", "mine");
    let (one, two) = (visitor.get("/api/v1/nowhere").await, visitor.get("/api/v1/nowhere").await);
    assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
    assert_ne!(one.header("x-request-id"), "mine");
    // The problem names it, so that it can be read out on the phone.
    assert_eq!(one.field("request_id"), one.header("x-request-id"));
    let program = app.program("lab").await;
    let read = program.get("/api/v1/appointments").await.expect(200);
    let id = read.header("x-request-id");
    assert_eq!(app.count(&format!("SELECT count(*) FROM audit WHERE request_id = '{id}'")).await, 1);
}

async fn a_wrong_method_is_told(app: TestApp) {
    let visitor = app.anonymous();
    for (method, path) in [("PUT", "/api/v1/clinics"), ("DELETE", "/api/v1/appointments"), ("PATCH", "/api/v1/holds/x")]
    {
        let answer = visitor.send(visitor.request(method, path)).await;
        answer.expect_problem(405, "method_not_allowed");
    }
}

async fn the_description_names_every_route(app: TestApp) {
    let description = app.anonymous().get("/api/openapi.json").await.expect(200).json();
    let availability = &description["paths"]["/api/v1/clinics/{clinic}/availability"]["get"]["parameters"];
    let places: Vec<_> =
        availability.as_array().unwrap().iter().map(|p| (&p["name"], &p["in"], &p["required"])).collect();
    let expected = serde_json::json!([
        ["clinic", "path", true],
        ["service", "query", true],
        ["practitioner", "query", false],
        ["from", "query", true],
        ["to", "query", true],
        ["explain", "query", false]
    ]);
    assert_eq!(serde_json::to_value(places).unwrap(), expected);
    let paths = description["paths"].as_object().unwrap();
    assert!(paths.len() > 50, "which there are is `api_matrix`'s to say");
    // Each exists: asked without parameters it is anything but an address that is not there.
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let name = parameter["name"].as_str().unwrap();
                let in_path = path.contains(&format!("{{{name}}}"));
                assert_eq!(parameter["in"] == "path", in_path, "{name} of {method} {path}");
            }
            let visitor = app.anonymous();
            let answer = visitor.send(visitor.request(&method.to_uppercase(), &path.replace(['{', '}'], ""))).await;
            assert_ne!(answer.status, 405, "{method} {path}");
        }
    }
    let docs = app.anonymous().get("/api/docs").await.expect(200);
    for path in paths.keys() {
        assert!(docs.text.contains(path.as_str()), "{path}");
    }
}
