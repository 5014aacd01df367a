//! Configuration: defaults, then `portico.toml`, then `PORTICO_*`. Every setting is listed in the README.
//! A secret may be given as a file (`smtp_password_file`, `master_key_file`), so that it stands in no environment.

use std::{net::SocketAddr, path::PathBuf};

use figment::{
    Figment, Source,
    error::Kind,
    providers::{Env, Format, Serialized, Toml},
};
use serde::{Deserialize, Serialize};
use url::Url;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// What patients type; passkeys and links are bound to it. No trailing slash.
    pub public_url: String,
    /// Database, keys, mailbox, documents.
    pub data_dir: PathBuf,
    /// `sqlite://…` or `postgres://…`; a SQLite file in `data_dir` when unset.
    pub database_url: Option<String>,
    pub database_url_file: Option<PathBuf>,
    /// The built site.
    pub site_dir: PathBuf,
    /// 32 bytes in base64; otherwise `master_key_file`; otherwise `data_dir/master.key`, made at the first start.
    pub master_key: Option<String>,
    pub master_key_file: Option<PathBuf>,
    pub smtp_host: Option<String>,
    pub smtp_port: u16,
    /// `tls`, `starttls` or `none`.
    pub smtp_security: String,
    pub smtp_user: Option<String>,
    pub smtp_password: Option<String>,
    pub smtp_password_file: Option<PathBuf>,
    /// Sender's address of every mail.
    pub mail_from: String,
    /// Addresses or networks (`10.0.0.0/8`) whose `X-Forwarded-For` is believed, separated by commas.
    pub trusted_proxies: String,
    /// Requests a visitor's address may make: a burst, refilled so many a second.
    pub visitor_burst: u32,
    pub visitor_per_second: u32,
    /// The same for one API key.
    pub api_burst: u32,
    pub api_per_second: u32,
    /// Live holds of one browser and of one address.
    pub holds_per_browser: u64,
    pub holds_per_address: u64,
    /// Codes sent in an hour to one address or from one browser, from one network address, and in all.
    pub codes_per_hour: u64,
    pub codes_per_network: u64,
    pub codes_in_all: u64,
    /// Hours between a right recovery code and a new address; until then the account's owner can stop it.
    pub recovery_hours: i64,
    pub session_idle_minutes: i64,
    pub session_minutes: i64,
    pub staff_idle_minutes: i64,
    pub staff_minutes: i64,
    /// Whether clinics' own calendars may stand in a private network, or be read by http.
    pub calendar_allow_private: bool,
    /// Largest request body in bytes.
    pub body_limit: usize,
    /// As `RUST_LOG`.
    pub log: String,
    /// `json` or `text`.
    pub log_format: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            public_url: "http://localhost:3000".to_owned(),
            data_dir: PathBuf::from("data"),
            database_url: None,
            database_url_file: None,
            site_dir: PathBuf::from("target/site"),
            master_key: None,
            master_key_file: None,
            smtp_host: None,
            smtp_port: 587,
            smtp_security: "starttls".to_owned(),
            smtp_user: None,
            smtp_password: None,
            smtp_password_file: None,
            mail_from: "portico@example.com".to_owned(),
            trusted_proxies: String::new(),
            visitor_burst: 120,
            visitor_per_second: 20,
            api_burst: 20_000,
            api_per_second: 10_000,
            holds_per_browser: 3,
            holds_per_address: 40,
            codes_per_hour: 5,
            codes_per_network: 60,
            codes_in_all: 10_000,
            recovery_hours: 24,
            session_idle_minutes: 60,
            session_minutes: 24 * 60,
            staff_idle_minutes: 15,
            staff_minutes: 12 * 60,
            calendar_allow_private: false,
            body_limit: 256 * 1024,
            log: "info,sqlx=warn,sea_orm=warn".to_owned(),
            log_format: "json".to_owned(),
        }
    }
}

const PREFIX: &str = "PORTICO_";
/// Of the command line and of the scripts around us.
const NOT_SETTINGS: [&str; 6] = ["config", "sso_secret", "test_postgres", "bin", "chromium", "cache"];

/// Settings in the environment, and variables that look like settings and are none. Those are no mistake: Kubernetes
/// sets some, such as `PORTICO_PORT`, for a service that is called `portico`.
fn variables(names: impl Iterator<Item = String>) -> (Vec<String>, Vec<String>) {
    let settings = serde_json::to_value(Config::default()).unwrap_or_default();
    let ours = names.filter(|name| name.starts_with(PREFIX)).map(|name| name[PREFIX.len()..].to_lowercase());
    let (known, strange): (Vec<_>, Vec<_>) = ours.partition(|name| settings.get(name).is_some());
    let strange = strange.into_iter().filter(|name| !NOT_SETTINGS.contains(&name.as_str()));
    (known, strange.map(|name| format!("{PREFIX}{}", name.to_uppercase())).collect())
}

/// Whether a setting is a number or a yes or no, and not text.
fn is_plain(name: &str) -> bool {
    let settings = serde_json::to_value(Config::default()).unwrap_or_default();
    settings.get(name).is_some_and(|value| value.is_number() || value.is_boolean())
}

/// Where a mistake is, what it is, and what could stand there instead.
fn told(error: &figment::Error) -> String {
    let setting = error.path.join(".");
    let place = match error.metadata.as_ref().and_then(|from| from.source.as_ref()) {
        Some(Source::File(file)) if setting.is_empty() => file.display().to_string(),
        Some(Source::File(file)) => format!("{}: {setting}", file.display()),
        _ => format!("{PREFIX}{}", setting.to_uppercase()),
    };
    let what = match &error.kind {
        Kind::UnknownField(..) => return format!("{place} is not a setting; the README lists them all"),
        Kind::InvalidType(found, _) | Kind::InvalidValue(found, _) => format!("{found} cannot be used"),
        other => other.to_string(),
    };
    let settings = serde_json::to_value(Config::default()).unwrap_or_default();
    let example = settings.get(&setting).filter(|example| !example.is_null());
    format!("{place}: {what}{}", example.map(|example| format!("; allowed: one like {example}")).unwrap_or_default())
}

/// As browsers write it in `Origin`: in small letters, and without a port that goes without saying.
fn origin(url: &str) -> Result<String, &'static str> {
    const SCHEME: &str = "must start with http:// or https://";
    let url = Url::parse(url).map_err(|_| SCHEME)?;
    if !["http", "https"].contains(&url.scheme()) || !url.has_host() {
        return Err(SCHEME);
    }
    let more = url.path() != "/" || url.query().is_some() || url.fragment().is_some();
    if more || !url.username().is_empty() || url.password().is_some() {
        return Err("must end after the host and its port: Portico has an address of its own, and no folder in one");
    }
    Ok(url.origin().ascii_serialization())
}

impl Config {
    /// Reads and checks the configuration. The error is one sentence a line, for people.
    pub fn load(file: Option<&PathBuf>) -> Result<Self, String> {
        let name = file.cloned().unwrap_or_else(|| PathBuf::from("portico.toml"));
        if file.is_some() && !name.exists() {
            return Err(format!("there is no {}", name.display()));
        }
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let (known, strange) = variables(names);
        for name in strange {
            eprintln!("portico: {name} is not a setting and is ignored; the README lists them all");
        }
        let (plain, text): (Vec<&str>, Vec<&str>) = known.iter().map(String::as_str).partition(|name| is_plain(name));
        let figment = Figment::from(Serialized::defaults(Self::default()))
            .merge(Toml::file(&name))
            .merge(Env::prefixed(PREFIX).only(&plain));
        // As it is written: a password of digits is no number.
        let figment = text.into_iter().fold(figment, |figment, name| {
            let value = std::env::var(format!("{PREFIX}{}", name.to_uppercase())).unwrap_or_default();
            figment.merge(Serialized::default(name, value))
        });
        let mut config: Self = figment.extract().map_err(|errors| {
            let told: Vec<String> = errors.into_iter().map(|error| told(&error)).collect();
            told.join("\n")
        })?;
        config.read_secrets()?;
        config.check()?;
        Ok(config)
    }

    fn read_secrets(&mut self) -> Result<(), String> {
        for (value, file, name) in [
            (&mut self.database_url, &self.database_url_file, "database_url"),
            (&mut self.smtp_password, &self.smtp_password_file, "smtp_password"),
            (&mut self.master_key, &self.master_key_file, "master_key"),
        ] {
            let Some(path) = file else { continue };
            if value.is_some() {
                return Err(format!("{name} and {name}_file are both set; set one of them"));
            }
            let text = std::fs::read_to_string(path).map_err(|e| format!("{name}_file: {}: {e}", path.display()))?;
            *value = Some(text.trim().to_owned());
        }
        Ok(())
    }

    fn check(&mut self) -> Result<(), String> {
        let mut wrong = Vec::new();
        match origin(&self.public_url) {
            Ok(origin) => self.public_url = origin,
            Err(why) => wrong.push(format!("public_url: `{}` {why}", self.public_url)),
        }
        if self.smtp_user.is_some() != self.smtp_password.is_some() {
            wrong.push("smtp_user and smtp_password: a login needs both".to_owned());
        }
        if let Some(url) = &self.database_url
            && !["sqlite:", "postgres://", "postgresql://"].iter().any(|p| url.starts_with(p))
        {
            wrong.push("database_url: must start with sqlite:// or postgres://".to_owned());
        }
        if self.database_url.as_ref().is_some_and(|url| url.contains(":memory:")) {
            wrong.push("database_url: must name a file; what is in memory only would be lost".to_owned());
        }
        if !["tls", "starttls", "none"].contains(&self.smtp_security.as_str()) {
            wrong.push(format!("smtp_security: `{}` is not one of tls, starttls, none", self.smtp_security));
        }
        if !["json", "text"].contains(&self.log_format.as_str()) {
            wrong.push(format!("log_format: `{}` is not one of json, text", self.log_format));
        }
        if domain::person::Email::parse(&self.mail_from).is_err() {
            wrong.push(format!("mail_from: `{}` is not an email address", self.mail_from));
        }
        for (name, value) in [
            ("visitor_burst", self.visitor_burst),
            ("visitor_per_second", self.visitor_per_second),
            ("api_burst", self.api_burst),
            ("api_per_second", self.api_per_second),
        ] {
            if value == 0 {
                wrong.push(format!("{name}: must be at least 1"));
            }
        }
        if !(1..=720).contains(&self.recovery_hours) {
            wrong.push("recovery_hours: must be 1 to 720".to_owned());
        }
        if self.session_idle_minutes < 2 || self.session_minutes < self.session_idle_minutes {
            wrong.push("session_idle_minutes: must be at least 2 and at most session_minutes".to_owned());
        }
        if self.staff_idle_minutes < 2 || self.staff_minutes < self.staff_idle_minutes {
            wrong.push("staff_idle_minutes: must be at least 2 and at most staff_minutes".to_owned());
        }
        if let Err(error) = crate::http::address::Proxies::parse(&self.trusted_proxies) {
            wrong.push(format!("trusted_proxies: {error}"));
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    }

    /// Where the database is; a file in the data folder unless said otherwise.
    pub fn database(&self) -> String {
        self.database_url.clone().unwrap_or_else(|| format!("sqlite://{}", self.data_dir.join("portico.db").display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_address_is_one_that_can_work() {
        for (given, origin_of_it) in [
            ("https://portal.example.org", "https://portal.example.org"),
            ("https://Portal.Example.org:443/", "https://portal.example.org"),
            ("http://localhost:3000/", "http://localhost:3000"),
            ("https://zahnärzte.example", "https://xn--zahnrzte-3za.example"),
        ] {
            assert_eq!(origin(given).as_deref(), Ok(origin_of_it), "{given}");
        }
        for bad in [
            "portal.example.org",
            "ftp://portal.example.org",
            "https://",
            "https://example.org/portal",
            "https://example.org/?a=b",
            "https://me:secret@example.org",
            "https://example.org/#top",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_text_is_taken_as_it_is_written() {
        assert!(["smtp_password", "smtp_user", "master_key", "public_url", "log"].iter().all(|name| !is_plain(name)));
        assert!(["smtp_port", "calendar_allow_private", "body_limit"].iter().all(|name| is_plain(name)));
    }

    #[test]
    fn variables_that_are_no_settings_are_told_of() {
        let names = ["PATH", "PORTICO_LISTEN", "PORTICO_MASTER_KEY_FILE", "PORTICO_PORT", "PORTICO_BIN"];
        let (known, strange) = variables(names.into_iter().map(str::to_owned));
        assert_eq!(known, ["listen", "master_key_file"]);
        assert_eq!(strange, ["PORTICO_PORT"]);
    }
}
