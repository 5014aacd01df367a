//! The command line. Every command says what it did, and a mistake says what to do.

/// A line of output, by `out`.
macro_rules! say {
    ($($word:tt)*) => { crate::cli::out(format_args!($($word)*)) };
}

mod files;
mod people;
mod sso;

use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use clap::{Parser, Subcommand};
use domain::person::{Email, Name};
use portal::{
    Cx, Db, clinic, doctor,
    staff::{self, Appointing},
};
use ports::{Clock, SystemClock};
use tokio::{net::TcpListener, sync::watch};

use self::{
    files::{Export, Import},
    people::{ApiKey, User},
    sso::Sso,
};
use crate::{config::Config, serve, wiring};

#[derive(Parser)]
#[command(
    name = "portico",
    version,
    about = "A patient self-service portal: booking, visits, and the clinic's side of both.",
    after_help = "Settings come from portico.toml and from PORTICO_* variables; the README lists them all.\n\
                  Try it out:      portico demo\n\
                  Run it:          portico import clinic my-clinic.toml && portico serve\n\
                  Check it:        portico doctor"
)]
struct Cli {
    /// Configuration file; portico.toml in the current folder when it is there.
    #[arg(long, global = true, env = "PORTICO_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Migrate the database and serve the portal.
    Serve,
    /// Migrate, fill an empty database with the demo network, and serve it on this machine only.
    Demo,
    /// Bring the database's tables up to date.
    Migrate,
    /// Bring data in.
    #[command(subcommand)]
    Import(Import),
    /// Write out what holds now.
    #[command(subcommand)]
    Export(Export),
    /// Print a letter with which a patient connects an account with their chart.
    Letter {
        /// The clinic's slug; its name and address stand on the letter.
        #[arg(long)]
        clinic: String,
        /// The clinic's own number of the patient.
        #[arg(long)]
        number: String,
        /// Where to write the PDF.
        #[arg(long, default_value = "letter.pdf")]
        out: PathBuf,
    },
    /// Check the booking invariants and the queue on a live database. Changes nothing, also where migrations are due; exit
    /// code 1 if something is wrong.
    Doctor,
    /// The clinic's people: inviting somebody, taking a post away, and who there is.
    #[command(subcommand)]
    User(User),
    /// Single sign-on for a network's people, by OpenID Connect.
    #[command(subcommand)]
    Sso(Sso),
    /// Keys for a clinic's own programs.
    #[command(subcommand)]
    ApiKey(ApiKey),
}

pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let outcome = Config::load(cli.config.as_ref()).and_then(|config| {
        logging(&config)?;
        let runtime = tokio::runtime::Runtime::new().map_err(|e| e.to_string())?;
        runtime.block_on(perform(cli.command, config))
    });
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("portico: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Where nobody reads any more (`| head`), what is done is done all the same. Where the output cannot be kept, as on a full
/// disk, nobody is to take it for whole.
fn out(line: std::fmt::Arguments<'_>) {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            eprintln!("portico: the output cannot be written: {error}");
            std::process::exit(1);
        }
        _ => {}
    }
}

fn logging(config: &Config) -> Result<(), String> {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log).map_err(|e| format!("log: {e}"))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if config.log_format == "json" {
        builder.json().flatten_event(true).init()
    } else {
        builder.init()
    }
    Ok(())
}

async fn perform(command: Command, config: Config) -> Result<ExitCode, String> {
    match command {
        Command::Serve => serve(config, false).await,
        Command::Demo => serve(config, true).await,
        Command::Migrate => {
            wiring::connect(&config).await?;
            say!("The database is up to date.");
            Ok(ExitCode::SUCCESS)
        }
        Command::Import(Import::Clinic { file, stranded, overwrite }) => {
            files::import_clinic(&config, &file, &stranded, overwrite).await
        }
        Command::Export(Export::Clinic { clinic, out }) => files::export_clinic(&config, &clinic, out.as_ref()).await,
        Command::Import(Import::Patients { file, clinic, dry_run }) => {
            files::import_patients(&config, &file, &clinic, dry_run).await
        }
        Command::Letter { clinic, number, out } => files::print_letter(&config, &clinic, &number, &out).await,
        Command::Doctor => examine(&wiring::look(&config).await?).await,
        Command::User(command) => people::user(&wiring::connect(&config).await?, command).await,
        Command::Sso(command) => sso::perform(&wiring::connect(&config).await?, command).await,
        Command::ApiKey(command) => people::api_key(&wiring::connect(&config).await?, command).await,
    }
}

async fn serve(config: Config, demo: bool) -> Result<ExitCode, String> {
    if demo && !config.listen.ip().is_loopback() {
        return Err(format!(
            "demo mode shows everybody's mail, so it listens on this machine only; {} is not a loopback address. \
             Use `portico serve` for other addresses.",
            config.listen
        ));
    }
    if !demo {
        doubts(&config).iter().for_each(|doubt| tracing::warn!("{doubt}"));
    }
    let cx = wiring::connect(&config).await?;
    if demo {
        let seeded = portal::demo::seed(&cx).await.map_err(|e| format!("the demo could not be made: {e}"))?;
        if seeded {
            eprintln!("The demo network was made: three clinics, their people and visits.");
            invite_to_the_desk(&cx).await?;
        }
    }
    if !demo {
        // Only to somebody who looks: a log is read by others, and whoever opens the link becomes the administrator.
        if std::io::stderr().is_terminal() {
            set_up(&cx).await?;
        }
    }
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|e| format!("listen: nobody can listen on {}: {e}", config.listen))?;
    let config = Arc::new(config);
    if demo {
        say!("{}", welcome(&config));
    } else {
        tracing::info!(address = %config.listen, url = config.public_url, "serving");
    }
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        signal().await;
        stop.send(true).ok();
    });
    serve::run(cx, config, listener, demo, stopped).await.map_err(|e| e.to_string())?;
    Ok(ExitCode::SUCCESS)
}

/// What is allowed and hardly ever meant.
fn doubts(config: &Config) -> Vec<String> {
    let mut doubts = Vec::new();
    let plain = config.public_url.strip_prefix("http://").and_then(|rest| rest.split(['/', ':']).next());
    if plain.is_some_and(|host| !["localhost", "127.0.0.1", "[::1]"].contains(&host) && !host.ends_with(".localhost")) {
        doubts.push(format!("public_url is {}: without https browsers keep nobody signed in", config.public_url));
    }
    if config.smtp_host.is_none() {
        doubts.push("smtp_host is not set: mail is kept in the folder `mailbox` and reaches nobody".to_owned());
    }
    if !config.site_dir.join("hash.txt").exists() {
        doubts.push(format!("site_dir {} has no built site: pages have no styles", config.site_dir.display()));
    }
    doubts
}

/// Links for networks that have nobody who could invite others.
async fn set_up(cx: &Cx) -> Result<(), String> {
    for (network, link) in staff::set_up_links(cx).await.map_err(|e| e.to_string())? {
        eprintln!("{network} has no administrator yet. Whoever opens this link within a day becomes it:");
        say!("{link}");
    }
    Ok(())
}

/// Somebody to try the clinic's side with. The invitation is in the mailbox.
async fn invite_to_the_desk(cx: &Cx) -> Result<(), String> {
    let told = |e: &dyn std::fmt::Display| format!("the demo's desk could not be made: {e}");
    let found = clinic::by_slug(cx, "riverside").await.map_err(|e| told(&e))?;
    let clinic = found.ok_or("the demo has no clinic")?;
    let what = Appointing {
        tenant: clinic.tenant,
        clinic: Some(clinic.id),
        role: domain::staff::Role::Manager,
        practitioner: None,
        name: Name::parse("Robin Example").map_err(|e| told(&e.0))?,
        email: Email::parse("desk@example.com").map_err(|e| told(&e.0))?,
    };
    staff::appoint_from_machine(cx, &what).await.map(drop).map_err(|e| told(&e))
}

fn welcome(config: &Config) -> String {
    let url = &config.public_url;
    format!(
        "\n  Portico is running.\n\n  \
           Find a clinic    {url}/\n  \
           Book a visit     {url}/c/riverside/book\n  \
           Your visits      {url}/visits   (sign in as amira@example.com)\n  \
           Read the mail    {url}/dev/mailbox   (sign-in codes arrive here)\n  \
           The clinic's desk {url}/staff   (first open the invitation to desk@example.com in the mailbox)\n  \
           The API          {url}/api/docs\n\n  \
         Stop with Ctrl-C.\n"
    )
}

async fn signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    interrupt.await.ok();
}

async fn examine(db: &Db) -> Result<ExitCode, String> {
    let report = doctor::examine(db, SystemClock.now().as_millisecond()).await.map_err(|e| e.to_string())?;
    let (waiting, dead) = portal::jobs::counts(db).await.map_err(|e| e.to_string())?;
    say!(
        "{} appointments, {} live holds, {} allocations, {} occupancy rows, {waiting} jobs waiting, {dead} dead.",
        report.appointments,
        report.holds,
        report.allocations,
        report.occupancy_rows
    );
    for problem in report.problems.iter().chain(&report.stuck) {
        say!("WRONG: {problem}");
    }
    match report.problems.len() {
        0 => say!("Every booking invariant holds."),
        broken => say!("{broken} booking invariants are broken."),
    }
    Ok(if report.is_healthy() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
