//! The command line. Every command says what it did, and a mistake says what to do.

use std::{io::IsTerminal, path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Parser, Subcommand};
use domain::person::{Email, Name};
use portal::{
    Cx, Scope,
    api_keys::{self, Reach},
    clinic::{self, ImportError, Stranded, WhenStranded},
    doctor, patients,
    staff::{self, Appointing, InviteError},
};
use tokio::{net::TcpListener, sync::watch};

use crate::{
    config::Config,
    letter, serve,
    sso::{self, Sso},
    wiring,
};

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
    /// Check the booking invariants and the queue on a live database. Changes nothing; exit code 1 if something is wrong.
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

#[derive(Subcommand)]
enum Import {
    /// Create or update a clinic from its file. All or nothing; may be repeated.
    Clinic {
        file: PathBuf,
        /// What to do with booked visits that would lose their place: stop and list them, keep them as they are (they
        /// wait on the desk's list of new times), or cancel them and tell the patients.
        #[arg(long, value_parser = ["stop", "keep", "cancel"], default_value = "stop")]
        stranded: String,
        /// Take back what was changed on screen since the last import; without it such a file is refused.
        #[arg(long)]
        overwrite: bool,
    },
    /// Bring a clinic's charts from a CSV file. All or nothing; may be repeated: a row is its chart's by the number.
    Patients {
        file: PathBuf,
        /// The clinic's slug.
        #[arg(long)]
        clinic: String,
        /// Only say what would be done.
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Subcommand)]
enum Export {
    /// A clinic as its file, with everything that was changed on screen; importing it again changes nothing.
    Clinic {
        /// The clinic's slug.
        clinic: String,
        /// Where to write it; printed unless said.
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum User {
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
    /// Take a post away, at once.
    Disable { id: uuid::Uuid },
    /// Let the identity provider give a post again that was taken away here. Others are invited anew.
    Enable { id: uuid::Uuid },
    /// Everybody who works at a clinic's network.
    List {
        /// The clinic's slug.
        #[arg(long)]
        clinic: String,
    },
}

#[derive(Subcommand)]
enum ApiKey {
    /// Make a key; it is printed alone on the last line, once.
    Create {
        /// The clinic's slug.
        #[arg(long)]
        clinic: String,
        /// For every clinic of its network.
        #[arg(long)]
        network: bool,
        /// What the key is for, such as "Front desk".
        #[arg(long)]
        name: String,
        /// Scopes, separated by commas: appointments:read, appointments:write, appointments:override, hours:write, patients:read,
        /// patients:write.
        #[arg(long, value_delimiter = ',', required = true)]
        scope: Vec<String>,
    },
    /// Take a key back, at once.
    Revoke { id: uuid::Uuid },
    /// All keys, without their secrets.
    List,
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
            println!("The database is up to date.");
            Ok(ExitCode::SUCCESS)
        }
        Command::Import(Import::Clinic { file, stranded, overwrite }) => {
            import_clinic(&config, &file, &stranded, overwrite).await
        }
        Command::Export(Export::Clinic { clinic, out }) => export_clinic(&config, &clinic, out.as_ref()).await,
        Command::Import(Import::Patients { file, clinic, dry_run }) => {
            import_patients(&config, &file, &clinic, dry_run).await
        }
        Command::Letter { clinic, number, out } => print_letter(&config, &clinic, &number, &out).await,
        Command::Doctor => examine(&wiring::connect(&config).await?).await,
        Command::User(command) => user(&wiring::connect(&config).await?, command).await,
        Command::Sso(command) => sso::perform(&wiring::connect(&config).await?, command).await,
        Command::ApiKey(command) => api_key(&wiring::connect(&config).await?, command).await,
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
    let listener = TcpListener::bind(config.listen).await.map_err(|e| format!("{}: {e}", config.listen))?;
    let config = Arc::new(config);
    if demo {
        println!("{}", welcome(&config));
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

/// Links for networks that have nobody who could invite others.
async fn set_up(cx: &Cx) -> Result<(), String> {
    for (network, link) in staff::set_up_links(cx).await.map_err(|e| e.to_string())? {
        eprintln!("{network} has no administrator yet. Whoever opens this link within a day becomes it:");
        println!("{link}");
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

async fn export_clinic(config: &Config, clinic: &str, out: Option<&PathBuf>) -> Result<ExitCode, String> {
    let cx = wiring::connect(config).await?;
    let text = clinic::export(&cx, clinic).await.map_err(|e| e.to_string())?;
    let text = text.ok_or_else(|| format!("there is no clinic `{clinic}`"))?;
    match out {
        Some(file) => {
            std::fs::write(file, text).map_err(|e| format!("{}: {e}", file.display()))?;
            println!("{clinic} was written to {}.", file.display());
        }
        None => print!("{text}"),
    }
    Ok(ExitCode::SUCCESS)
}

async fn import_clinic(config: &Config, file: &PathBuf, stranded: &str, overwrite: bool) -> Result<ExitCode, String> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let plan = match interop::clinic_file::parse(&file.display().to_string(), &text) {
        Ok(plan) => plan,
        Err(problems) => {
            for problem in &problems {
                eprintln!("{problem}");
            }
            return Err(format!("nothing was imported: {} mistakes in {}", problems.len(), file.display()));
        }
    };
    let cx = wiring::connect(config).await?;
    let when = match stranded {
        "keep" => WhenStranded::Keep,
        "cancel" => WhenStranded::Cancel,
        _ => WhenStranded::Stop,
    };
    let done = match overwrite {
        true => clinic::import_over(&cx, &plan, when).await,
        false => clinic::import(&cx, &plan, when).await,
    };
    match done {
        Ok(done) => {
            let verb = if done.created { "created" } else { "updated" };
            println!(
                "{} was {verb}: {} services, {} practitioners, rooms and devices.",
                plan.clinic.name, done.services, done.resources
            );
            if !done.stranded.is_empty() {
                let did = if when == WhenStranded::Cancel {
                    "cancelled"
                } else {
                    "kept; they wait on the desk's list of new times"
                };
                println!("{} visits no longer fit and were {did}:", done.stranded.len());
                list(&done.stranded, &plan.clinic.zone);
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(ImportError::Stranded(visits)) => {
            println!("{} booked visits would lose their place:", visits.len());
            list(&visits, &plan.clinic.zone);
            Err("nothing was imported. Import again with --stranded keep (the visits stay as they are) or \
                 --stranded cancel (they are cancelled and the patients told)."
                .to_owned())
        }
        Err(ImportError::EditedOnScreen(places)) => {
            println!("The file would take back what was changed on screen since the last import:");
            places.iter().for_each(|place| println!("  {place}"));
            Err(format!(
                "nothing was imported. Write down what holds now with `portico export clinic {}`, and import that with \
                 your changes; or import this file with --overwrite.",
                plan.clinic.slug
            ))
        }
        Err(error) => Err(format!("nothing was imported: {error}")),
    }
}

async fn import_patients(config: &Config, file: &PathBuf, clinic: &str, dry_run: bool) -> Result<ExitCode, String> {
    let bytes = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let cx = wiring::connect(config).await?;
    let found = clinic::by_slug(&cx, clinic).await.map_err(|e| e.to_string())?;
    let clinic = found.ok_or_else(|| format!("there is no clinic `{clinic}`; import its file first"))?;
    let today = portal::booking::local_day(&clinic.zone, cx.now());
    let rows = match interop::patient_file::parse(&bytes, today) {
        Ok(rows) => rows,
        Err(problems) => {
            eprintln!("{problems}");
            let count = problems.told.len() as u64 + problems.more;
            return Err(format!("nothing was imported: {count} mistakes in {}", file.display()));
        }
    };
    let done = patients::import(&cx, &clinic, &rows, dry_run).await;
    let done = done.map_err(|e| format!("nothing was imported: {e}"))?;
    let would = if dry_run { "would be " } else { "" };
    println!(
        "{}: {} charts {would}created, {} updated, {} unchanged.",
        clinic.profile.name, done.created, done.updated, done.unchanged
    );
    if !dry_run && done.created > 0 {
        println!("Charts that may be somebody's who is here already are looked for now: GET /api/v1/match-cases.");
    }
    Ok(ExitCode::SUCCESS)
}

async fn print_letter(config: &Config, clinic: &str, number: &str, out: &PathBuf) -> Result<ExitCode, String> {
    let told = |e: portal::Internal| e.to_string();
    let cx = wiring::connect(config).await?;
    let found = clinic::by_slug(&cx, clinic).await.map_err(told)?;
    let clinic = found.ok_or_else(|| format!("there is no clinic `{clinic}`; import its file first"))?;
    let by = patients::ClinicActor::operator(&clinic);
    let chart = patients::chart_by_number(&cx, &by, &clinic, number).await.map_err(told)?;
    let chart = chart.ok_or_else(|| format!("there is no chart with the number `{number}`; import it first"))?;
    let made = patients::make_activation(&cx, &chart).await.map_err(told)?;
    let pdf = letter::activation(&cx, &clinic, &chart.record, &made).await.map_err(|e| e.to_string())?;
    std::fs::write(out, pdf).map_err(|e| format!("{}: {e}", out.display()))?;
    println!("{} was written. Codes made before for this chart no longer work.", out.display());
    Ok(ExitCode::SUCCESS)
}

fn list(visits: &[Stranded], zone: &str) {
    let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    for visit in visits {
        let local = zone.to_datetime(visit.start);
        println!("  {local}  {}  {}  ({})  {}", visit.service, visit.practitioner, visit.appointment, visit.why);
    }
}

async fn examine(cx: &Cx) -> Result<ExitCode, String> {
    let report = doctor::examine(cx).await.map_err(|e| e.to_string())?;
    let (waiting, dead) = portal::jobs::counts(cx).await.map_err(|e| e.to_string())?;
    println!(
        "{} appointments, {} live holds, {} allocations, {} occupancy rows, {waiting} jobs waiting, {dead} dead.",
        report.appointments, report.holds, report.allocations, report.occupancy_rows
    );
    for problem in &report.problems {
        println!("WRONG: {problem}");
    }
    if report.is_healthy() {
        println!("Every booking invariant holds.");
        Ok(ExitCode::SUCCESS)
    } else {
        println!("{} invariants are broken.", report.problems.len());
        Ok(ExitCode::FAILURE)
    }
}

async fn user(cx: &Cx, command: User) -> Result<ExitCode, String> {
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
            println!("{}", made.link);
        }
        User::SetUp => set_up(cx).await?,
        User::Disable { id } => {
            if !staff::disable_from_machine(cx, id).await.map_err(told)? {
                return Err(format!("there is nobody with the id {id} who works here; `portico user list` shows them"));
            }
            println!("{id} no longer works here.");
        }
        User::Enable { id } => {
            if !staff::enable_from_machine(cx, id).await.map_err(told)? {
                return Err(format!("{id} is no post by single sign-on that was taken away here"));
            }
            println!("{id} is given again at the next sign-in, if the provider still says so.");
        }
        User::List { clinic } => {
            let clinic = find(&clinic).await?;
            for member in staff::everybody(cx, clinic.tenant).await.map_err(told)? {
                let state = if member.disabled { "disabled" } else { "active" };
                let how = if member.by_provider { "sso" } else { "invited" };
                let place = match member.post.clinic {
                    Some(id) => {
                        clinic::by_id(cx, id).await.map_err(told)?.map(|c| c.profile.slug.clone()).unwrap_or_default()
                    }
                    None => "network".to_owned(),
                };
                let post = &member.post;
                println!(
                    "{}  {state}  {how}  {}  {place}  {}  {}",
                    post.id,
                    post.role.as_str(),
                    post.name,
                    member.email
                );
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn api_key(cx: &Cx, command: ApiKey) -> Result<ExitCode, String> {
    let told = |e: portal::Internal| e.to_string();
    match command {
        ApiKey::Create { clinic, network, name, scope } => {
            let reach = if network { Reach::Network } else { Reach::Clinic };
            let scopes: Vec<Scope> = scope.iter().map(|s| s.parse()).collect::<Result<_, _>>()?;
            let key = api_keys::create(cx, &clinic, reach, &name, &scopes).await.map_err(told)?;
            let key = key.ok_or_else(|| format!("there is no clinic `{clinic}`; import its file first"))?;
            eprintln!("Keep this key safe; it is not shown again.");
            println!("{key}");
        }
        ApiKey::Revoke { id } => {
            if !api_keys::revoke(cx, id).await.map_err(told)? {
                return Err(format!("there is no live key {id}; `portico api-key list` shows them"));
            }
            println!("The key {id} no longer works.");
        }
        ApiKey::List => {
            for (key, tenant) in api_keys::list(cx).await.map_err(told)? {
                let state = if key.revoked_at.is_some() { "revoked" } else { "live" };
                println!("{}  {tenant}  {}  {}  {state}", key.id, key.name, key.scopes);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
