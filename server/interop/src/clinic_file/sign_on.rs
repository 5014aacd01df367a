//! A network's identity provider, in a file of its own: what `portico sso set` reads.
//!
//! # Single sign-on file reference
//!
//! | Field | Type | Allowed | Default |
//! |---|---|---|---|
//! | `name` | line | at most 40 characters; people read "Sign in with …" | required |
//! | `issuer` | address | `https://…`, as the provider itself writes it, to the letter; without `?` and `#`. `http://` on this machine only | required |
//! | `client_id` | line | at most 255 characters | required |
//! | `hosts` | list of texts | hosts besides the issuer's that may be asked: `keys.example`, `id.example:8443`; at most 10 | none |
//! | `scopes` | list of texts | besides `openid`; at most 20 | `["profile", "email"]` |
//! | `role_claim` | line | claim of the ID token that says what somebody is: a text or a list; `realm_access.roles` is `roles` inside of `realm_access` | required |
//! | `practitioner_claim` | line | claim that says whose schedule is somebody's own: a practitioner's slug | none |
//! | `acr` | list of texts | the way of signing in must be one of these; at most 10 | any |
//! | `amr` | list of texts | all of these must have been used, such as `"mfa"`; at most 10 | none |
//! | `only` | true or false | the network's people come by the provider alone; passkeys and apps open its desks no longer | `false` |
//! | `roles` | tables | below, at least one | required |
//!
//! `[[roles]]`: whoever has the value works here as that
//!
//! | Field | Type | Allowed | Default |
//! |---|---|---|---|
//! | `value` | line | at most 255 characters, to the letter | required |
//! | `role` | text | `front-desk`, `nurse`, `clinician`, `biller`, `lab`, `manager`, `privacy-officer`, `admin` | required |
//! | `clinic` | slug | a clinic of the network | `clinic` or `network` required |
//! | `network` | true or false | every clinic of the network; not for clinicians | `false` |
//! | `practitioner` | slug | whose schedule is theirs; for clinicians | what the claim says |

use domain::{
    single_sign_on::{RoleRule, SingleSignOn},
    staff::Role,
};
use toml::de::DeValue;

use super::{
    Problem, read_file,
    section::Section,
    text::Line,
    value::{Choice, Flag, Kind, Slug, shown, text},
};

const ROOT: &[&str] = &[
    "name",
    "issuer",
    "client_id",
    "hosts",
    "scopes",
    "role_claim",
    "practitioner_claim",
    "acr",
    "amr",
    "only",
    "roles",
];
const ROLE: &[&str] = &["value", "role", "clinic", "network", "practitioner"];
const ROLES: &[(&str, Role)] = &[
    ("front-desk", Role::FrontDesk),
    ("nurse", Role::Nurse),
    ("clinician", Role::Clinician),
    ("biller", Role::Biller),
    ("lab", Role::Lab),
    ("manager", Role::Manager),
    ("privacy-officer", Role::PrivacyOfficer),
    ("admin", Role::Admin),
];
const MOST_RULES: usize = 500;

/// Reads a single sign-on file. On failure gives every problem there is, in the order of the lines.
pub fn parse_sign_on(file_name: &str, text: &str) -> Result<SingleSignOn, Vec<Problem>> {
    read_file(file_name, text, ROOT, read)
}

fn read(root: &Section<'_>) -> SingleSignOn {
    let scopes = match root.field("scopes") {
        Some(_) => root.list("scopes", Word, 20),
        None => vec!["profile".to_owned(), "email".to_owned()],
    };
    let rules = root.tables("roles", ROLE);
    if rules.is_empty() && root.field("roles").is_none() {
        root.missing("roles", "at least one [[roles]]");
    }
    if rules.len() > MOST_RULES {
        root.wrong("roles", format!("{} entries", rules.len()), format!("at most {MOST_RULES} entries"));
    }
    SingleSignOn {
        name: root.must("name", Line(40)),
        issuer: root.must("issuer", Issuer),
        client_id: root.must("client_id", Line(255)),
        hosts: root.list("hosts", Host, 10),
        // Ours anyway.
        scopes: scopes.into_iter().filter(|scope| scope != "openid").collect(),
        role_claim: root.must("role_claim", Line(255)),
        practitioner_claim: root.get("practitioner_claim", Line(255)),
        acr: root.list("acr", Word, 10),
        amr: root.list("amr", Word, 10),
        only: root.get("only", Flag).unwrap_or(false),
        roles: rules.iter().filter_map(read_rule).collect(),
    }
}

fn read_rule(at: &Section<'_>) -> Option<RoleRule> {
    let value = at.must("value", Line(255));
    let role = at.get("role", Choice(ROLES));
    if role.is_none() && at.field("role").is_none() {
        at.missing("role", Choice(ROLES).allowed());
    }
    let clinic = at.get("clinic", Slug);
    let network = at.get("network", Flag).unwrap_or(false);
    match (at.field("clinic").is_some(), network) {
        (true, true) => at.wrong("network", "both a clinic and the network are named", "one of them"),
        (false, false) => at.missing("clinic", "a clinic’s slug, or network = true"),
        _ => {}
    }
    Some(RoleRule { value, role: role?, clinic, practitioner: at.get("practitioner", Slug) })
}

/// The provider's own name for itself.
#[derive(Clone, Copy)]
struct Issuer;

impl Kind for Issuer {
    type Out = String;
    fn allowed(&self) -> String {
        "an address that begins with https://, without ? and #, such as https://id.example/realms/clinic".to_owned()
    }
    fn read(&self, value: &DeValue<'_>) -> Result<String, String> {
        let text = text(value)?;
        let (safe, rest) = match text.split_once("://") {
            Some(("https", rest)) => (true, rest),
            Some(("http", rest)) => (false, rest),
            _ => return Err(format!("{} is no such address", shown(text))),
        };
        let host = rest.split('/').next().unwrap_or_default();
        let plain = rest.bytes().all(|b| b.is_ascii_graphic()) && !rest.contains(['?', '#', '@', '\\', '"', '<', '>']);
        if host.is_empty() || !plain || text.len() > 512 {
            return Err(format!("{} is no such address", shown(text)));
        }
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        if !safe && !["localhost", "127.0.0.1"].contains(&name) {
            return Err(format!("{} is not safe from listeners", shown(text)));
        }
        Ok(text.to_owned())
    }
}

/// A host that may be asked.
#[derive(Clone, Copy)]
struct Host;

impl Kind for Host {
    type Out = String;
    fn allowed(&self) -> String {
        "a host, such as keys.example or id.example:8443".to_owned()
    }
    fn read(&self, value: &DeValue<'_>) -> Result<String, String> {
        let text = text(value)?;
        let (name, port) = text.split_once(':').unwrap_or((text, "443"));
        let named = !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b));
        if named && port.parse::<u16>().is_ok_and(|port| port > 0) && text.len() <= 255 {
            Ok(text.to_owned())
        } else {
            Err(format!("{} is no host", shown(text)))
        }
    }
}

/// A word without spaces.
#[derive(Clone, Copy)]
struct Word;

impl Kind for Word {
    type Out = String;
    fn allowed(&self) -> String {
        "text of 1 to 255 visible characters without spaces".to_owned()
    }
    fn read(&self, value: &DeValue<'_>) -> Result<String, String> {
        let text = text(value)?;
        let plain =
            (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\');
        if plain { Ok(text.to_owned()) } else { Err(format!("{} is no such word", shown(text))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
name = "Northgate ID"
issuer = "https://id.example/realms/clinic"
client_id = "portico"
role_claim = "groups"

[[roles]]
value = "desk"
role = "front-desk"
clinic = "riverside"

[[roles]]
value = "weber"
role = "clinician"
clinic = "riverside"
practitioner = "weber"

[[roles]]
value = "it"
role = "admin"
network = true
"#;

    fn problems(text: &str) -> Vec<String> {
        let problems = parse_sign_on("sso.toml", text).expect_err("it is wrong");
        problems.iter().map(|problem| format!("{}: {}", problem.field, problem.wrong)).collect()
    }

    #[test]
    fn a_file_is_read_with_its_defaults() {
        let read = parse_sign_on("sso.toml", GOOD).expect("it is right");
        assert_eq!(
            (read.scopes, read.only, read.roles.len()),
            (vec!["profile".to_owned(), "email".to_owned()], false, 3)
        );
        assert_eq!(read.roles[1].practitioner.as_deref(), Some("weber"));
        assert_eq!((read.roles[2].role, read.roles[2].clinic.as_deref()), (Role::Admin, None));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let all = problems("issue = \"x\"\n[[roles]]\nvalue = \"a\"\nrole = \"boss\"\nnetwork = true\nclinic = \"x\"");
        let expected = [
            "client_id: this is missing",
            "issue: unknown field, perhaps issuer is meant",
            "issuer: this is missing",
            "name: this is missing",
            "role_claim: this is missing",
            "roles[1].role: \"boss\" is not known here",
            "roles[1].network: both a clinic and the network are named",
        ];
        for line in expected {
            assert!(all.iter().any(|told| told == line), "{line} in {all:#?}");
        }
        assert!(
            problems(&GOOD.replace("clinic = \"riverside\"", ""))
                .contains(&"roles[1].clinic: this is missing".to_owned())
        );
    }

    #[test]
    fn an_issuer_is_safe_and_plain() {
        for bad in [
            "id.example",
            "ftp://id.example",
            "http://id.example",
            "https://",
            "https://id.example/?tenant=1",
            "https://user@id.example",
            "https://id example",
            "http://localhost.evil.example",
        ] {
            let text = GOOD.replace("https://id.example/realms/clinic", bad);
            assert!(problems(&text)[0].starts_with("issuer: "), "{bad}");
        }
        for good in ["http://localhost:8080/realm", "http://127.0.0.1:1", "https://id.example:8443"] {
            assert!(
                parse_sign_on("sso.toml", &GOOD.replace("https://id.example/realms/clinic", good)).is_ok(),
                "{good}"
            );
        }
    }
}
