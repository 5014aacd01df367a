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
    let mut body = String::new();
    for (path, item) in api["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            body.push_str(&operation_html(method, path, operation));
        }
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
         {body}<h2>Reasons a time is refused</h2><ul>{codes}</ul></main></body></html>",
        escape(api["info"]["title"].as_str().unwrap_or_default()),
        escape(api["info"]["description"].as_str().unwrap_or_default()),
    )
}

fn operation_html(method: &str, path: &str, operation: &Value) -> String {
    let summary = operation["summary"].as_str().or(operation["description"].as_str()).unwrap_or_default();
    let parameters: String = operation["parameters"].as_array().into_iter().flatten().map(parameter).collect();
    let body = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str();
    let responses: String = operation["responses"].as_object().into_iter().flatten().map(response).collect();
    format!(
        "<section><h2><code>{} {}</code></h2><p>{}</p><ul>{parameters}</ul>{}<p>Answers: {responses}</p></section>",
        method.to_uppercase(),
        escape(path),
        escape(summary),
        body.map(|b| format!("<p>Body: {}</p>", link(b))).unwrap_or_default(),
    )
}

fn parameter(p: &Value) -> String {
    let required = if p["required"] == Value::Bool(true) { "required" } else { "optional" };
    format!(
        "<li><code>{}</code> ({}, {required}) {}</li>",
        escape(p["name"].as_str().unwrap_or_default()),
        escape(p["in"].as_str().unwrap_or_default()),
        escape(p["description"].as_str().unwrap_or_default())
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
            format!("<li><code>{}</code> {}</li>", escape(name), escape(p["description"].as_str().unwrap_or_default()))
        })
        .collect();
    format!("<ul>{rows}</ul>")
}

fn link(reference: &str) -> String {
    let name = escape(reference.rsplit('/').next().unwrap_or(reference));
    format!("<a href=\"#{name}\">{name}</a>")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
