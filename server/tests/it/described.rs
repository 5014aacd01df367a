//! The description of the JSON API: whole, with examples that are right, and readable.

use std::collections::BTreeSet;

use portal::Scope;
use serde_json::{Value, json};
use testkit::{Person, TestApp, on_both_engines};

use crate::matrix::NOBODYS;

on_both_engines![
    every_operation_says_what_it_may_answer,
    every_field_that_is_sent_has_an_example,
    every_field_that_is_answered_has_an_example,
    every_example_is_understood,
    the_page_shows_all_of_it,
];

async fn described(app: &TestApp) -> Value {
    app.anonymous().get("/api/openapi.json").await.expect(200).json()
}

/// Method, path and description of each operation.
fn operations(api: &Value) -> Vec<(String, String, &Value)> {
    let paths = api["paths"].as_object().expect("paths").iter();
    paths
        .flat_map(|(path, item)| {
            let methods = item.as_object().expect("methods").iter();
            methods.map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
        })
        .collect()
}

fn body(operation: &Value) -> Option<&str> {
    operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str()?.rsplit('/').next()
}

async fn every_operation_says_what_it_may_answer(app: TestApp) {
    let api = described(&app).await;
    for (method, path, operation) in operations(&api) {
        let what = format!("{method} {path}");
        let answers: BTreeSet<&str> =
            operation["responses"].as_object().expect("answers").keys().map(String::as_str).collect();
        assert!(answers.iter().any(|status| status.starts_with('2')), "{what}: {answers:?}");
        assert!(answers.is_superset(&BTreeSet::from(["401", "429"])), "{what}: {answers:?}");
        if operation["requestBody"].is_object() {
            assert!(answers.is_superset(&BTreeSet::from(["400", "413", "415"])), "{what}: {answers:?}");
        }
        for (status, answer) in operation["responses"].as_object().expect("answers") {
            let problem = status.starts_with(['4', '5']);
            let json = answer["content"].get("application/json").is_some();
            assert!(!(problem && json), "{what}: {status} is a problem");
        }
        if path.starts_with("/api/v1/staff/") {
            assert!(answers.is_superset(&BTreeSet::from(["401", "404"])), "{what}: {answers:?}");
        }
        let if_match = operation["parameters"].as_array().into_iter().flatten().any(|one| one["name"] == "If-Match");
        assert_eq!(if_match, answers.contains("412"), "{what}: {answers:?}");
        assert!(operation["summary"].is_string() || operation["description"].is_string(), "{what} says nothing");
    }
}

/// Fields of a schema and of those within it that say nothing to copy.
fn bare(api: &Value, name: &str, seen: &mut BTreeSet<String>) -> Vec<String> {
    if !seen.insert(name.to_owned()) {
        return Vec::new();
    }
    let schema = &api["components"]["schemas"][name];
    // One of several ways to say it, as a whole.
    if schema.get("example").is_some() {
        return Vec::new();
    }
    let mut all = Vec::new();
    for (field, property) in schema["properties"].as_object().into_iter().flatten() {
        let text = property.to_string();
        let within: Vec<&str> =
            text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        for one in &within {
            all.extend(bare(api, one, seen));
        }
        if within.is_empty() && property.get("example").is_none() {
            all.push(format!("{name}.{field}"));
        }
    }
    all
}

async fn every_field_that_is_sent_has_an_example(app: TestApp) {
    let api = described(&app).await;
    let mut all = BTreeSet::new();
    for (_, path, operation) in operations(&api) {
        if let (true, Some(name)) = (path.starts_with("/api/v1/staff/"), body(operation)) {
            all.extend(bare(&api, name, &mut BTreeSet::new()));
        }
    }
    assert_eq!(all, BTreeSet::new());
}

/// The bodies as the page shows them, by the operation.
fn shown(page: &str) -> Vec<(String, Value)> {
    let unescaped =
        |text: &str| text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let sections = page.split("<section><h3><code>").skip(1);
    sections
        .filter_map(|section| {
            let name = section.split("</code>").next()?;
            let sample =
                section.split("</section>").next()?.split("<pre tabindex=\"0\">").nth(1)?.split("</pre>").next()?;
            Some((name.to_owned(), serde_json::from_str(&unescaped(sample)).expect("JSON")))
        })
        .collect()
}

/// Copied as they are, but for the names of a clinic's own, with a key that may do everything: what is asked may not be there or
/// not be free; nothing is wrong with how it is asked.
/// Fields of an object and of what stands in its lists, with the objects' names.
fn leaves<'a>(of: &str, schema: &'a Value, all: &mut Vec<(String, &'a Value)>) {
    if schema["example"] != Value::Null {
        return;
    }
    if schema["items"].is_object() {
        leaves(of, &schema["items"], all);
    }
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let list_of_objects = field["items"]["properties"].is_object();
        if field["properties"].is_object() || list_of_objects {
            leaves(&format!("{of}.{name}"), field, all);
        } else if field["type"] != Value::Null && field["items"]["$ref"] == Value::Null {
            all.push((format!("{of}.{name}"), field));
        }
    }
}

async fn every_field_that_is_answered_has_an_example(app: TestApp) {
    let api = described(&app).await;
    let mut all = Vec::new();
    for (name, schema) in api["components"]["schemas"].as_object().expect("schemas") {
        leaves(name, schema, &mut all);
    }
    assert!(all.len() > 400, "{}", all.len());
    let mut wrong = Vec::new();
    for (name, field) in all {
        let example = &field["example"];
        let has_kind =
            |kind: &str| field["type"] == kind || field["type"].as_array().is_some_and(|of| of.contains(&json!(kind)));
        let fits = match example {
            Value::Null => field["enum"].is_array() || field["items"]["enum"].is_array(),
            Value::Bool(_) => has_kind("boolean"),
            Value::Number(number) => has_kind("number") || has_kind("integer") && number.is_i64(),
            Value::String(_) => has_kind("string"),
            Value::Array(_) => has_kind("array"),
            Value::Object(_) => has_kind("object"),
        };
        if !fits {
            wrong.push(format!("{name}: {example}"));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

async fn every_example_is_understood(app: TestApp) {
    let program = app.program_with("lab", &Scope::ALL.map(|(scope, _)| scope)).await;
    let visit = program.book("lab", "solo", "2026-11-24T10:00:00+01:00", &Person::number(1)).await.field("id");
    let patient =
        program.get(&format!("/api/v1/staff/clinics/lab/appointments/{visit}")).await.expect(200).field("patient");
    let page = app.anonymous().get("/api/docs").await.expect(200).text;
    let samples = shown(&page);
    let staff: Vec<_> = samples.iter().filter(|(name, _)| name.contains("/api/v1/staff/")).collect();
    assert!(staff.len() > 15, "{staff:?}");
    for (name, sample) in staff {
        let sample = sample.to_string().replace("\"weber\"", "\"solo\"").replace("\"followup\"", "\"solo\"");
        let (method, path) = name.split_once(' ').expect("a method");
        let id = match path {
            path if path.contains("/appointments") => &visit,
            path if path.contains("/patients") => &patient,
            _ => NOBODYS,
        };
        let path = path.replace("{clinic}", "lab").replace("{id}", id);
        let request = program.request(method, &path).header("content-type", "application/json");
        // A question is answered as it was seen.
        let seen = if path.ends_with("/decision") { "\"1\"" } else { "*" };
        let request = request.header("idempotency-key", name.replace(' ', "-")).header("if-match", seen);
        let request = request.body(sample.clone());
        let answer = program.send(request).await;
        let fits = matches!(answer.status, 200 | 201 | 204 | 404 | 409 | 412);
        assert!(fits, "{name} {sample}: {} {}", answer.status, answer.text);
    }
    assert!(json!(samples).to_string().contains("2026-11-23"), "{samples:?}");
}

async fn the_page_shows_all_of_it(app: TestApp) {
    let api = described(&app).await;
    let page = app.anonymous().get("/api/docs").await.expect(200).text;
    let shown: BTreeSet<&str> =
        page.split("<section><h3><code>").skip(1).filter_map(|section| section.split("</code>").next()).collect();
    let all: BTreeSet<String> =
        operations(&api).into_iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    assert_eq!(shown, all.iter().map(String::as_str).collect());
}
