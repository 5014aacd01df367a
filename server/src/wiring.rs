//! Everything is put together here, once.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use adapters::{HttpCalendars, LocalMailbox, OpenIdConnect, SmtpConfig, SmtpMailer};
use data_encoding::BASE64;
use migrations::{Migrator, Standing, standing};
use portal::{Cx, Db, Keys, MasterKey, PortalConfig};
use ports::{Clock, Mailer, Rng, SystemClock, SystemRng};
use sea_orm_migration::MigratorTrait;

use crate::config::Config;

/// A clinic's own calendar may take so long.
const CALENDAR_PATIENCE: Duration = Duration::from_secs(30);
/// Three requests of it fit into what a page may take.
const PROVIDER_PATIENCE: Duration = Duration::from_secs(8);

const KEY_DOES_NOT_FIT: &str =
    "the master key does not fit this database; give the key it was made with (master_key or master_key_file)";

/// What a command needs: the database reached and up to date, keys, mail.
pub async fn connect(config: &Config) -> Result<Cx, String> {
    connect_at(config, Arc::new(SystemClock)).await
}

/// The same by another clock.
pub async fn connect_at(config: &Config, clock: Arc<dyn Clock>) -> Result<Cx, String> {
    adapters::private_folder(&config.data_dir).map_err(|e| format!("{}: {e}", config.data_dir.display()))?;
    let rng: Arc<dyn Rng> = Arc::new(SystemRng);
    let db = Db::connect(&config.database()).await.map_err(|e| format!("the database cannot be reached: {e}"))?;
    let key = match kept_key(config)? {
        Some(key) => key,
        // A new key would lie where the right one belongs.
        None if has_keys(&db).await.map_err(|e| format!("the database does not answer: {e}"))? => {
            return Err(key_is_gone(config));
        }
        None => make_master_key(config, rng.as_ref())?,
    };
    let keys = Keys::new(&key);
    let mailer = mailer(config, &clock)?;
    let calendars = HttpCalendars::new(config.calendar_allow_private, CALENDAR_PATIENCE);
    let calendars = Arc::new(calendars.map_err(|e| format!("calendars: {e}"))?);
    let providers = OpenIdConnect::new(PROVIDER_PATIENCE).map_err(|e| format!("single sign-on: {e}"))?;
    let cx = Cx::new(db, clock, rng, keys, mailer, portal_config(config), calendars, Arc::new(providers));
    migrate(&cx).await?;
    cx.prepare().await.map_err(|e| match e {
        portal::Internal::Sealed(_) => "the master key does not fit this database; \
             give the key it was made with (master_key_file), or start with an empty data_dir"
            .to_owned(),
        other => other.to_string(),
    })?;
    cx.installation_keys().await.map_err(|_| KEY_DOES_NOT_FIT)?;
    Ok(cx)
}

/// Only a database without tables surely has no keys: one that does not answer may have some.
async fn has_keys(db: &Db) -> Result<bool, portal::Internal> {
    match standing(db.read()).await? {
        Standing::Empty => Ok(false),
        _ => Keys::any_made(db).await,
    }
}

/// The database as it is, for looking at: nothing is made and nothing is migrated.
pub async fn look(config: &Config) -> Result<Db, String> {
    let unreached = |e: &dyn std::fmt::Display| {
        format!("the database cannot be reached: {e}. If there is none yet, `portico migrate` makes it")
    };
    let db = Db::look(&config.database()).await.map_err(|e| unreached(&e))?;
    match standing(db.read()).await.map_err(|e| unreached(&e))? {
        Standing::Current => {}
        Standing::Empty => return Err("the database has no tables yet; `portico migrate` makes them".to_owned()),
        Standing::Older(missing) => {
            return Err(format!(
                "the database is older than this program: {} of its migrations have not run, the first of them {}. Nothing was \
                 looked at; run `portico migrate`, and then this again",
                missing.len(),
                missing[0]
            ));
        }
        Standing::Newer(unknown) => return Err(newer(&unknown)),
    }
    if let Some(key) = kept_key(config)? {
        Keys::new(&key).fit(db.read()).await.map_err(|_| KEY_DOES_NOT_FIT)?;
    }
    Ok(db)
}

fn newer(unknown: &[String]) -> String {
    format!(
        "the database is newer than this program: it went through {} migrations that this program does not know, such as \
         {}. Nothing was done; use the version of Portico that made them, or a later one",
        unknown.len(),
        unknown[0]
    )
}

pub async fn migrate(cx: &Cx) -> Result<(), String> {
    let found = standing(cx.db.schema()).await.map_err(|e| format!("the database cannot be read: {e}"))?;
    if let Standing::Newer(unknown) = found {
        return Err(newer(&unknown));
    }
    Migrator::up(cx.db.schema(), None).await.map_err(|e| format!("the database could not be migrated: {e}"))
}

/// What use cases need to know of the configuration.
pub fn portal_config(config: &Config) -> PortalConfig {
    PortalConfig {
        public_url: config.public_url.clone(),
        mail_from: config.mail_from.clone(),
        holds_per_browser: config.holds_per_browser,
        holds_per_address: config.holds_per_address,
        codes_per_hour: config.codes_per_hour,
        codes_per_network: config.codes_per_network,
        codes_in_all: config.codes_in_all,
        recovery_hours: config.recovery_hours,
        session_idle_minutes: config.session_idle_minutes,
        session_minutes: config.session_minutes,
        staff_idle_minutes: config.staff_idle_minutes,
        staff_minutes: config.staff_minutes,
    }
}

/// SMTP when a host is configured, else the folder `mailbox` in the data folder.
fn mailer(config: &Config, clock: &Arc<dyn Clock>) -> Result<Arc<dyn Mailer>, String> {
    let Some(host) = &config.smtp_host else {
        let folder = config.data_dir.join("mailbox");
        let mailbox = LocalMailbox::new(folder, config.mail_from.clone(), Arc::clone(clock));
        return Ok(Arc::new(mailbox.map_err(|e| format!("the local mailbox cannot be made: {e}"))?));
    };
    let smtp = SmtpConfig {
        host: host.clone(),
        port: config.smtp_port,
        security: config.smtp_security.clone(),
        user: config.smtp_user.clone(),
        password: config.smtp_password.clone(),
        from: config.mail_from.clone(),
    };
    Ok(Arc::new(SmtpMailer::new(&smtp).map_err(|e| format!("smtp: {e}"))?))
}

fn key_is_gone(config: &Config) -> String {
    format!(
        "{} is missing, and this database was made with a master key: put the copy that was kept back, or give it by \
         master_key or master_key_file. Without it no name, address or note in the database can be read.",
        key_file(config).display()
    )
}

/// `master.key`, which is made at the first start and readable by its owner only.
fn make_master_key(config: &Config, rng: &dyn Rng) -> Result<MasterKey, String> {
    let path = key_file(config);
    let mut bytes = [0_u8; 32];
    rng.fill(&mut bytes);
    write_key(&path, &BASE64.encode(&bytes)).map_err(|e| format!("{}: {e}", path.display()))?;
    eprintln!(
        "A master key was made: {}\nKeep a copy in a safe place, apart from the database. \
         Without it no name, address or note can ever be read again.",
        path.display()
    );
    Ok(MasterKey::new(bytes))
}

/// `None`: none has been made yet.
fn kept_key(config: &Config) -> Result<Option<MasterKey>, String> {
    if let Some(text) = &config.master_key {
        return decode_key(text).map(Some).ok_or_else(|| "master_key: must be 32 bytes in base64".to_owned());
    }
    let path = key_file(config);
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            let key = decode_key(&text).ok_or_else(|| format!("{}: must hold 32 bytes in base64", path.display()))?;
            Ok(Some(key))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

fn key_file(config: &Config) -> PathBuf {
    config.data_dir.join("master.key")
}

fn decode_key(text: &str) -> Option<MasterKey> {
    let bytes = BASE64.decode(text.trim().as_bytes()).ok()?;
    Some(MasterKey::new(bytes.try_into().ok()?))
}

/// Never over an existing key: of two first starts at once, one fails and is told why.
fn write_key(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}
