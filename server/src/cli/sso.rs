//! `portico sso`: a network's identity provider, from the command line.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::Subcommand;
use interop::clinic_file;
use portal::{
    Cx, clinic,
    staff::{self, ClientSecret, SettingsError},
};

use super::files::refused;

/// Where the client's secret may stand instead of in a file.
const SECRET: &str = "PORTICO_SSO_SECRET";

#[derive(Subcommand)]
pub enum Sso {
    /// Write down a network's identity provider, from a file (the README has its fields). The client's secret comes from
    /// --secret-file or PORTICO_SSO_SECRET; without either it stays as it is.
    Set {
        file: PathBuf,
        /// The slug of any clinic of the network.
        #[arg(long)]
        clinic: String,
        #[arg(long)]
        secret_file: Option<PathBuf>,
    },
    /// What is written down, without the secret; and what the provider has to know of us.
    Show {
        #[arg(long)]
        clinic: String,
    },
    /// Ask the provider what it says of itself, and say what does not fit.
    Check {
        #[arg(long)]
        clinic: String,
    },
    /// Forget the provider. Whom it signed in is signed out, and has no post any more.
    Remove {
        #[arg(long)]
        clinic: String,
    },
}

pub async fn perform(cx: &Cx, command: Sso) -> Result<ExitCode, String> {
    match command {
        Sso::Set { file, clinic, secret_file } => set(cx, &file, &find(cx, &clinic).await?, secret_file).await?,
        Sso::Show { clinic } => show(cx, &find(cx, &clinic).await?).await?,
        Sso::Check { clinic } => check(cx, &find(cx, &clinic).await?).await?,
        Sso::Remove { clinic } => {
            let clinic = find(cx, &clinic).await?;
            if !staff::remove_provider(cx, clinic.tenant).await.map_err(told)? {
                return Err(none(&clinic.tenant_name));
            }
            say!("{} has no single sign-on any more. Whom it signed in is signed out.", clinic.tenant_name);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn told(error: portal::Internal) -> String {
    error.to_string()
}

fn none(network: &str) -> String {
    format!("{network} has no single sign-on; `portico sso set` writes it down")
}

async fn find(cx: &Cx, slug: &str) -> Result<Arc<clinic::Clinic>, String> {
    let found = clinic::by_slug(cx, slug).await.map_err(told)?;
    found.ok_or_else(|| format!("there is no clinic `{slug}`; import its file first"))
}

async fn set(
    cx: &Cx,
    file: &PathBuf,
    clinic: &Arc<clinic::Clinic>,
    secret_file: Option<PathBuf>,
) -> Result<(), String> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let name = file.display().to_string();
    let settings = clinic_file::parse_sign_on(&name, &text).map_err(|problems| refused("changed", &problems))?;
    let secret = match (secret_file, std::env::var(SECRET)) {
        (Some(_), Ok(_)) => return Err(format!("--secret-file and {SECRET} are both set; set one of them")),
        (Some(path), Err(_)) => {
            let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            ClientSecret::New(text.trim().to_owned())
        }
        (None, Ok(text)) => ClientSecret::New(text.trim().to_owned()),
        (None, Err(_)) => ClientSecret::Keep,
    };
    if secret == ClientSecret::New(String::new()) {
        return Err("the secret is empty".to_owned());
    }
    let has_secret = staff::set_provider(cx, clinic, &settings, &secret).await;
    let has_secret = has_secret.map_err(|error| match error {
        SettingsError::Mistake(mistake) => refused("changed", &[mistake.in_file(&name, &text)]),
        SettingsError::Internal(error) => format!("nothing was changed: {error}"),
    })?;
    say!("People of {} sign in with {}.", clinic.tenant_name, settings.name);
    if !has_secret {
        say!("There is no client secret, so the provider must take {} as a public client.", settings.client_id);
    }
    say!("The provider must send browsers back to:");
    say!("{}", staff::redirect_uri(cx));
    Ok(())
}

async fn show(cx: &Cx, clinic: &Arc<clinic::Clinic>) -> Result<(), String> {
    let shown = staff::shown_provider(cx, clinic.tenant).await.map_err(told)?;
    let (settings, has_secret) = shown.ok_or_else(|| none(&clinic.tenant_name))?;
    let list = |all: &[String]| if all.is_empty() { "-".to_owned() } else { all.join(" ") };
    say!("network             {}", clinic.tenant_name);
    say!("name                {}", settings.name);
    say!("issuer              {}", settings.issuer);
    say!("client_id           {}", settings.client_id);
    say!("secret              {}", if has_secret { "yes" } else { "none" });
    say!("redirect            {}", staff::redirect_uri(cx));
    say!("hosts               {}", list(&settings.hosts));
    say!("scopes              openid {}", settings.scopes.join(" "));
    say!("role_claim          {}", settings.role_claim);
    say!("practitioner_claim  {}", settings.practitioner_claim.as_deref().unwrap_or("-"));
    say!("acr                 {}", list(&settings.acr));
    say!("amr                 {}", list(&settings.amr));
    say!("only                {}", settings.only);
    for rule in &settings.roles {
        let place = rule.clinic.as_deref().unwrap_or("network");
        let whose = rule.practitioner.as_deref().unwrap_or_default();
        say!("role                {} = {} at {place} {whose}", rule.value, rule.role.as_str());
    }
    Ok(())
}

async fn check(cx: &Cx, clinic: &Arc<clinic::Clinic>) -> Result<(), String> {
    match staff::try_provider(cx, clinic.tenant).await.map_err(told)? {
        None => Err(none(&clinic.tenant_name)),
        Some(Ok(())) => {
            say!("The provider answers, and what it says of itself fits.");
            Ok(())
        }
        Some(Err(why)) => Err(why),
    }
}
