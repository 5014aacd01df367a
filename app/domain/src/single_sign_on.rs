//! Single sign-on (OpenID Connect): what a network says of its identity provider, and which posts a person's claims give.

use serde::{Deserialize, Serialize};

use crate::staff::Role;

/// A network's provider, as its administrator wrote it down. The client's secret is not in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SingleSignOn {
    /// On the button: "Sign in with Northgate ID".
    pub name: String,
    /// As the provider itself writes it, to the letter.
    pub issuer: String,
    pub client_id: String,
    /// Hosts besides the issuer's that may be asked: `host`, or `host:port` where the port is not HTTPS's.
    pub hosts: Vec<String>,
    /// Besides `openid`.
    pub scopes: Vec<String>,
    /// Which claim says what somebody is. `realm_access.roles` is `roles` inside of `realm_access`.
    pub role_claim: String,
    /// Which claim says whose schedule is somebody's own: a practitioner's slug.
    pub practitioner_claim: Option<String>,
    /// The way of signing in must be one of these (`acr`); any when empty.
    pub acr: Vec<String>,
    /// All of these must have been used (`amr`), such as `mfa`.
    pub amr: Vec<String>,
    /// The network's people come by the provider alone.
    pub only: bool,
    pub roles: Vec<RoleRule>,
}

/// Whoever has this value in the role's claim works here as that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRule {
    pub value: String,
    pub role: Role,
    /// A clinic's slug; `None`: every clinic of the network.
    pub clinic: Option<String>,
    /// A practitioner's slug, for roles with a schedule; `None`: the claim says it.
    pub practitioner: Option<String>,
}

/// A post that somebody's claims give.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Given {
    pub role: Role,
    /// A clinic's slug; `None`: every clinic of the network.
    pub clinic: Option<String>,
    /// A practitioner's slug: of every role with a schedule, and of no other.
    pub practitioner: Option<String>,
}

impl SingleSignOn {
    /// The posts of somebody with these values in the role's claim, each once. What no rule names gives nothing, and a role
    /// with a schedule gives nothing as long as nobody says whose.
    pub fn posts(&self, values: &[String], practitioner: Option<&str>) -> Vec<Given> {
        let mut posts: Vec<Given> = self
            .roles
            .iter()
            .filter(|rule| values.contains(&rule.value))
            .filter_map(|rule| {
                let own = rule.practitioner.as_deref().or(practitioner).map(str::to_owned);
                let own = if rule.role.has_schedule() { Some(own?) } else { None };
                Some(Given { role: rule.role, clinic: rule.clinic.clone(), practitioner: own })
            })
            .collect();
        posts.sort();
        posts.dedup();
        posts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(value: &str, role: Role, clinic: Option<&str>, practitioner: Option<&str>) -> RoleRule {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        RoleRule { value: value.to_owned(), role, clinic: owned(clinic), practitioner: owned(practitioner) }
    }

    fn said(roles: Vec<RoleRule>) -> SingleSignOn {
        SingleSignOn {
            name: "ID".to_owned(),
            issuer: "https://id.example".to_owned(),
            client_id: "portico".to_owned(),
            hosts: Vec::new(),
            scopes: Vec::new(),
            role_claim: "groups".to_owned(),
            practitioner_claim: None,
            acr: Vec::new(),
            amr: Vec::new(),
            only: false,
            roles,
        }
    }

    #[test]
    fn only_what_a_rule_names_gives_a_post() {
        let said = said(vec![
            rule("desk", Role::FrontDesk, Some("riverside"), None),
            rule("desk", Role::FrontDesk, Some("harbour"), None),
            rule("boss", Role::Manager, None, None),
        ]);
        let posts = |values: &[&str]| said.posts(&values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>(), None);
        assert_eq!(posts(&[]), []);
        assert_eq!(posts(&["Desk", "desk ", "admin"]), [], "to the letter");
        let two: Vec<_> = posts(&["desk", "desk"]).into_iter().map(|post| post.clinic.unwrap_or_default()).collect();
        assert_eq!(two, ["harbour", "riverside"], "each once");
        assert_eq!(posts(&["boss", "x"]), [Given { role: Role::Manager, clinic: None, practitioner: None }]);
    }

    #[test]
    fn a_role_with_a_schedule_needs_to_know_whose() {
        let said = said(vec![
            rule("doctor", Role::Clinician, Some("riverside"), None),
            rule("weber", Role::Clinician, Some("riverside"), Some("weber")),
            rule("nurse", Role::Nurse, Some("riverside"), None),
        ]);
        let whose = |value: &str, claim: Option<&str>| {
            let posts = said.posts(&[value.to_owned()], claim);
            posts.into_iter().map(|post| post.practitioner).collect::<Vec<_>>()
        };
        assert_eq!(whose("doctor", None), []);
        assert_eq!(whose("doctor", Some("okafor")), [Some("okafor".to_owned())]);
        assert_eq!(
            whose("weber", Some("okafor")),
            [Some("weber".to_owned())],
            "what the administrator wrote comes first"
        );
        assert_eq!(whose("nurse", Some("okafor")), [None]);
    }
}
