//! What a provider says of somebody, read.

use domain::{
    person::{Email, Name},
    single_sign_on::SingleSignOn,
};
use ports::Vouched;
use serde_json::{Map, Value};

/// Somebody, as their provider describes them.
pub(super) struct Person {
    pub issuer: String,
    pub subject: String,
    /// As colleagues read it.
    pub name: String,
    /// For messages about their work. Nobody signs in with it. Empty when the provider says none.
    pub email: String,
    /// In the role's claim.
    pub values: Vec<String>,
    pub practitioner: Option<String>,
    acr: Option<String>,
    amr: Vec<String>,
}

impl Person {
    pub fn read(settings: &SingleSignOn, said: &Vouched) -> Self {
        let claims = &said.claims;
        let one = |name: &str| texts(claims, name).into_iter().next();
        let both = || Some(format!("{} {}", one("given_name")?, one("family_name")?));
        let user = || one("preferred_username");
        let names = [one("name"), both(), user(), one("email")];
        let name = names.into_iter().flatten().find_map(|text| Name::parse(&text).ok());
        let emails = [one("email"), user()];
        let email = emails.into_iter().flatten().find_map(|text| Email::parse(&text).ok());
        Self {
            issuer: said.issuer.clone(),
            subject: said.subject.clone(),
            name: name.map_or_else(|| "Without a name".to_owned(), |name| name.as_str().to_owned()),
            email: email.map(|email| email.as_str().to_owned()).unwrap_or_default(),
            values: texts(claims, &settings.role_claim),
            practitioner: settings.practitioner_claim.as_deref().and_then(one),
            acr: one("acr"),
            amr: texts(claims, "amr"),
        }
    }

    /// Whether they signed in as the network asks for.
    pub fn way_is_enough(&self, settings: &SingleSignOn) -> bool {
        let acr = settings.acr.is_empty() || self.acr.as_ref().is_some_and(|acr| settings.acr.contains(acr));
        acr && settings.amr.iter().all(|way| self.amr.contains(way))
    }
}

/// A claim's text or texts. A name with dots is looked for as it is first (some providers' claims are called like
/// addresses), then as a way into tables.
fn texts(claims: &Map<String, Value>, name: &str) -> Vec<String> {
    let found = claims.get(name).or_else(|| {
        let (first, rest) = name.split_once('.')?;
        rest.split('.').try_fold(claims.get(first)?, |table, part| table.get(part))
    });
    match found {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_may_be_a_text_a_list_or_inside_of_a_table() {
        let Value::Object(claims) = json!({
            "role": "nurse",
            "groups": ["a", 1, "b"],
            "realm_access": { "roles": ["c"], "deep": { "er": "d" } },
            "https://portico.example/roles": ["e"],
            "number": 1
        }) else {
            unreachable!("an object")
        };
        let read = |name| texts(&claims, name).join(" ");
        assert_eq!(read("role"), "nurse");
        assert_eq!(read("groups"), "a b");
        assert_eq!(read("realm_access.roles"), "c");
        assert_eq!(read("realm_access.deep.er"), "d");
        assert_eq!(read("https://portico.example/roles"), "e");
        for nothing in ["number", "realm_access", "role.x", "x.y", "", "."] {
            assert_eq!(read(nothing), "", "{nothing}");
        }
    }
}
