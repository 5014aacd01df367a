//! Who may come in: the clinic's people, and keys for its programs.

use std::process::ExitCode;

use clap::Subcommand;
use domain::{
    ids::ClinicId,
    person::{Email, Name},
};
use portal::{
    Cx, Scope,
    api_keys::{self, Reach},
    clinic,
    staff::{self, Appointing, InviteError},
};

use super::set_up;

#[derive(Subcommand)]
pub(super) enum User {
    /// Invite somebody. They get a mail; the link is printed alone on the last line, too.
    Invite {
        /// The clinic's slug.
        #[arg(long)]
        clinic: String,
        /// For every clinic of its network.
        #[arg(long)]
        network: bool,
        /// front-desk, nurse, clinician, biller, lab, manager, privacy-officer or admin.
        #[arg(long)]
        role: String,
        /// As colleagues know them.
        #[arg(long)]
        name: String,
        #[arg(long)]
        email: String,
        /// Whose schedule is their own: the practitioner's slug. Needed for clinicians.
        #[arg(long)]
        practitioner: Option<String>,
    },
    /// Print a link for each network without an administrator; whoever opens it becomes that. Older links are void.
    SetUp,
    /// Take a post or an open invitation away, at once.
    Disable { id: uuid::Uuid },
    /// Let the identity provider give a post again that was taken away here. Others are invited anew.
    Enable { id: uuid::Uuid },
    /// Everybody who works at a clinic's network, and who is invited to.
    List {
        /// The clinic's slug.
        #[arg(long)]
        clinic: String,
    },
}

#[derive(Subcommand)]
pub(super) enum ApiKey {
    /// Make a key; it is printed alone on the last line, once.
    Create {
        /// The clinic's slug.
        #[arg(long)]
        clinic: String,
        /// For every clinic of its network.
        #[arg(long)]
        network: bool,
        /// What the key is for, such as "Front desk".
        #[arg(long, value_parser = clap::builder::NonEmptyStringValueParser::new())]
        name: String,
        /// Scopes, separated by commas: appointments:read, appointments:write, appointments:override, hours:write, patients:read,
        /// patients:write, calendars:reconcile.
        #[arg(long, value_delimiter = ',', required = true)]
        scope: Vec<String>,
    },
    /// Take a key back, at once.
    Revoke { id: uuid::Uuid },
    /// All keys, without their secrets.
    List,
}

pub(super) async fn user(cx: &Cx, command: User) -> Result<ExitCode, String> {
    let told = |e: portal::Internal| e.to_string();
    let find = async |slug: &str| {
        let found = clinic::by_slug(cx, slug).await.map_err(told)?;
        found.ok_or_else(|| format!("there is no clinic `{slug}`; import its file first"))
    };
    match command {
        User::Invite { clinic, network, role, name, email, practitioner } => {
            let clinic = find(&clinic).await?;
            let practitioner = match practitioner {
                Some(slug) => {
                    let found = clinic.practitioner(&slug).map(|one| one.id);
                    Some(found.ok_or_else(|| format!("there is no practitioner `{slug}` at {}", clinic.profile.name))?)
                }
                None => None,
            };
            let what = Appointing {
                tenant: clinic.tenant,
                clinic: (!network).then_some(clinic.id),
                role: role.parse().map_err(|e: domain::staff::UnknownRole| e.to_string())?,
                practitioner,
                name: Name::parse(&name).map_err(|e| format!("--name: {}", e.0))?,
                email: Email::parse(&email).map_err(|e| format!("--email: {}", e.0))?,
            };
            let made = staff::appoint_from_machine(cx, &what).await.map_err(|error| match error {
                InviteError::Practitioner => {
                    "a clinician needs --practitioner with the slug of one of this clinic; nobody else has a schedule of \
                     their own"
                        .to_owned()
                }
                other => other.to_string(),
            })?;
            eprintln!(
                "The invitation is on its way by mail while Portico is served. It works once, within seven days:"
            );
            say!("{}", made.link);
        }
        User::SetUp => set_up(cx).await?,
        User::Disable { id } => {
            if staff::withdraw_from_machine(cx, id).await.map_err(told)? {
                say!("The invitation {id} does not work any more.");
                return Ok(ExitCode::SUCCESS);
            }
            if !staff::disable_from_machine(cx, id).await.map_err(told)? {
                return Err(format!("there is nobody with the id {id} who works here; `portico user list` shows them"));
            }
            say!("{id} no longer works here.");
        }
        User::Enable { id } => {
            if !staff::enable_from_machine(cx, id).await.map_err(told)? {
                return Err(format!("{id} is no post by single sign-on that was taken away here"));
            }
            say!("{id} is given again at the next sign-in, if the provider still says so.");
        }
        User::List { clinic } => {
            let clinic = find(&clinic).await?;
            let place_of = async |id: Option<ClinicId>| match id {
                Some(id) => {
                    Ok(clinic::by_id(cx, id).await.map_err(told)?.map(|c| c.profile.slug.clone()).unwrap_or_default())
                }
                None => Ok::<_, String>("network".to_owned()),
            };
            for member in staff::everybody(cx, clinic.tenant).await.map_err(told)? {
                let state = if member.disabled { "disabled" } else { "active" };
                let how = if member.by_provider { "sso" } else { "invited" };
                let place = place_of(member.post.clinic).await?;
                let post = &member.post;
                say!("{}  {state}  {how}  {}  {place}  {}  {}", post.id, post.role.as_str(), post.name, member.email);
            }
            for open in staff::all_open(cx, clinic.tenant).await.map_err(told)? {
                let (place, email) = (place_of(open.clinic).await?, open.email.unwrap_or_default());
                say!("{}  open  invited  {}  {place}  {}  {email}", open.id, open.role.as_str(), open.name);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn api_key(cx: &Cx, command: ApiKey) -> Result<ExitCode, String> {
    let told = |e: portal::Internal| e.to_string();
    match command {
        ApiKey::Create { clinic, network, name, scope } => {
            let reach = if network { Reach::Network } else { Reach::Clinic };
            let scopes: Vec<Scope> = scope.iter().map(|s| s.parse()).collect::<Result<_, _>>()?;
            let key = api_keys::create(cx, &clinic, reach, &name, &scopes).await.map_err(told)?;
            let key = key.ok_or_else(|| format!("there is no clinic `{clinic}`; import its file first"))?;
            eprintln!("Keep this key safe; it is not shown again.");
            say!("{key}");
        }
        ApiKey::Revoke { id } => {
            if !api_keys::revoke(cx, id).await.map_err(told)? {
                return Err(format!("there is no live key {id}; `portico api-key list` shows them"));
            }
            say!("The key {id} no longer works.");
        }
        ApiKey::List => {
            for (key, tenant) in api_keys::list(cx).await.map_err(told)? {
                let state = if key.revoked_at.is_some() { "revoked" } else { "live" };
                say!("{}  {tenant}  {}  {}  {state}", key.id, key.name, key.scopes);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
