//! `/api/docs`: the description as a plain page, made from the description itself. No script; the style sheet of all pages.

use axum::{extract::State, response::Html};
use serde_json::Value;
use utoipa::OpenApi;

use super::Description;
use crate::http::AppState;

pub async fn page(State(state): State<AppState>) -> Html<String> {
    let description = serde_json::to_value(Description::openapi()).unwrap_or_default();
    Html(render(&description, &state.assets.css))
}

fn render(api: &Value, css: &str) -> String {
    let (mut body, mut contents) = (String::new(), String::new());
    for tag in api["tags"].as_array().into_iter().flatten() {
        let name = tag["name"].as_str().unwrap_or_default();
        let mut operations = String::new();
        for (path, item) in api["paths"].as_object().into_iter().flatten() {
            for (method, operation) in item.as_object().into_iter().flatten() {
                if operation["tags"].as_array().is_some_and(|tags| tags.iter().any(|one| one == name)) {
                    operations.push_str(&operation_html(method, path, operation, api));
                }
            }
        }
        let (id, about) = (escape(name), words(tag["description"].as_str().unwrap_or_default()));
        contents.push_str(&format!("<li><a href=\"#tag-{id}\">{id}</a>: {about}</li>"));
        body.push_str(&format!("<h2 id=\"tag-{id}\">{id}</h2><p>{about}</p>{operations}"));
    }
    body.push_str("<h2>Schemas</h2>");
    for (name, schema) in api["components"]["schemas"].as_object().into_iter().flatten() {
        body.push_str(&format!("<section id=\"{0}\"><h3>{0}</h3>{1}</section>", escape(name), properties(schema)));
    }
    let codes: String = domain::booking::Reason::ALL_CODES
        .iter()
        .map(|code| format!("<li id=\"problem-{code}\"><code>{code}</code></li>"))
        .collect();
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{0} API</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\"><link rel=\"stylesheet\" href=\"{css}\"></head><body><main class=\"reference\">\
         <h1>{0} API</h1><p>{1}</p><p>Machine-readable: <a href=\"/api/openapi.json\">/api/openapi.json</a>. \
         Programs send <code>Authorization: Bearer KEY</code>; make a key with <code>portico api-key create</code>.</p>\
         <ul>{contents}</ul>{body}<h2>Reasons a time is refused</h2><ul>{codes}</ul></main></body></html>",
        escape(api["info"]["title"].as_str().unwrap_or_default()),
        words(api["info"]["description"].as_str().unwrap_or_default()),
    )
}

fn operation_html(method: &str, path: &str, operation: &Value, api: &Value) -> String {
    let summary = operation["summary"].as_str().or(operation["description"].as_str()).unwrap_or_default();
    let parameters: String = operation["parameters"].as_array().into_iter().flatten().map(parameter).collect();
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    let responses: String = operation["responses"].as_object().into_iter().flatten().map(response).collect();
    let sent = body["$ref"].as_str().map(|reference| {
        let sample = serde_json::to_string_pretty(&sample(body, api)).unwrap_or_default();
        format!("<p>Body: {}</p><pre tabindex=\"0\">{}</pre>", link(reference), escape(&sample))
    });
    format!(
        "<section><h3><code>{} {}</code></h3><p>{}</p><ul>{parameters}</ul>{}<p>Answers: {responses}</p></section>",
        method.to_uppercase(),
        escape(path),
        words(summary),
        sent.unwrap_or_default(),
    )
}

/// A value that fits a schema, of the examples that it gives; what has none is left out.
fn sample(schema: &Value, api: &Value) -> Value {
    if let Some(example) = schema.get("example") {
        return example.clone();
    }
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return sample(&api["components"]["schemas"][name], api);
    }
    for some in ["oneOf", "anyOf", "allOf"] {
        let one = schema[some].as_array().into_iter().flatten().find(|one| one["type"] != "null");
        if let Some(one) = one {
            return sample(one, api);
        }
    }
    if schema.get("items").is_some() {
        return match sample(&schema["items"], api) {
            Value::Null => Value::Array(Vec::new()),
            one => Value::Array(vec![one]),
        };
    }
    match schema["properties"].as_object() {
        Some(properties) => {
            let values = properties.iter().map(|(name, one)| (name.clone(), sample(one, api)));
            Value::Object(values.filter(|(_, value)| !value.is_null()).collect())
        }
        None => Value::Null,
    }
}

fn parameter(p: &Value) -> String {
    let required = if p["required"] == Value::Bool(true) { "required" } else { "optional" };
    format!(
        "<li><code>{}</code> ({}, {required}) {}</li>",
        escape(p["name"].as_str().unwrap_or_default()),
        escape(p["in"].as_str().unwrap_or_default()),
        words(p["description"].as_str().unwrap_or_default())
    )
}

fn response((status, value): (&String, &Value)) -> String {
    let schema =
        value["content"].as_object().and_then(|c| c.values().next()).and_then(|c| c["schema"]["$ref"].as_str());
    format!("{} {}. ", escape(status), schema.map(link).unwrap_or_default())
}

fn properties(schema: &Value) -> String {
    let rows: String = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, p)| {
            let example = match p.get("example") {
                Some(Value::String(text)) => format!(" Like <code>{}</code>", escape(text)),
                Some(other) => format!(" Like <code>{}</code>", escape(&other.to_string())),
                None => String::new(),
            };
            let about = words(p["description"].as_str().unwrap_or_default());
            format!("<li><code>{}</code> {about}{example}</li>", escape(name))
        })
        .collect();
    format!("<ul>{rows}</ul>")
}

fn link(reference: &str) -> String {
    let name = escape(reference.rsplit('/').next().unwrap_or(reference));
    format!("<a href=\"#{name}\">{name}</a>")
}

/// Words of the description, in which names stand between backticks.
fn words(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(n, part)| if n % 2 == 0 { escape(part) } else { format!("<code>{}</code>", escape(part)) }).collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
