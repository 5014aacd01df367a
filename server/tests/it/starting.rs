//! The first start, and mistakes in the configuration: each is told in words that say what to put right.

use std::{fs, path::Path, process::Output, time::Duration};

use testkit::{Engine, TestDb};
use tokio::process::Command;

const PORTICO: &str = env!("CARGO_BIN_EXE_portico");

type Setting = (&'static str, &'static str);

/// Nothing is set but the folder; the settings come on top.
async fn portico(folder: &Path, command: &str, settings: &[Setting]) -> Output {
    let mut portico = Command::new(PORTICO);
    portico.env_clear().current_dir(folder).env("PORTICO_DATA_DIR", folder.join("data"));
    portico.arg(command).envs(settings.iter().copied()).kill_on_drop(true);
    // One that took its settings would serve for ever.
    tokio::time::timeout(Duration::from_secs(60), portico.output()).await.expect("it ends").expect("it runs")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
#[cfg(unix)]
async fn the_master_key_is_made_once_and_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let db = TestDb::empty(Engine::Sqlite).await.unwrap();
    let first = portico(&db.folder, "migrate", &[]).await;
    assert!(first.status.success() && told(&first).contains("A master key was made"), "{first:?}");
    let file = db.folder.join("data/master.key");
    let key = fs::read_to_string(&file).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(data_encoding::BASE64.decode(key.trim().as_bytes()).unwrap().len(), 32);
    assert!(!told(&first).contains(key.trim()), "a log is read by others");
    assert_eq!(fs::metadata(db.folder.join("data")).unwrap().permissions().mode() & 0o777, 0o700);
    let second = portico(&db.folder, "migrate", &[]).await;
    assert!(second.status.success() && !told(&second).contains("master key"), "{second:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), key);
    // Another key opens nothing, and is not put in its place.
    fs::write(&file, data_encoding::BASE64.encode(&[9; 32])).unwrap();
    let other = portico(&db.folder, "migrate", &[]).await;
    assert!(!other.status.success() && told(&other).contains("does not fit this database"), "{other:?}");
    // Nor is a new one made where the right one is missing.
    fs::remove_file(&file).unwrap();
    let missing = portico(&db.folder, "migrate", &[]).await;
    assert!(!missing.status.success() && told(&missing).contains("put the copy that was kept back"), "{missing:?}");
    assert!(!file.exists());
    db.remove().await;
}

#[tokio::test]
async fn the_demo_listens_on_this_machine_only() {
    let db = TestDb::empty(Engine::Sqlite).await.unwrap();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:3000"] {
        let refused = portico(&db.folder, "demo", &[("PORTICO_LISTEN", address)]).await;
        assert_eq!(refused.status.code(), Some(1));
        let told = told(&refused);
        for words in ["everybody's mail", address, "not a loopback address", "`portico serve`"] {
            assert!(told.contains(words), "{told}");
        }
        assert!(!db.folder.join("data").exists(), "nothing is made");
    }
    db.remove().await;
}

/// What the file says, what is set beside it, and what is told.
const MISTAKES: [(&str, &[Setting], &[&str]); 13] = [
    ("lissen = \"127.0.0.1:3000\"", &[], &["portico.toml: lissen is not a setting", "README"]),
    ("smtp_port = \"many\"", &[], &["portico.toml: smtp_port", "\"many\"", "one like 587"]),
    ("", &[("PORTICO_VISITOR_BURST", "many")], &["PORTICO_VISITOR_BURST", "\"many\"", "one like 120"]),
    ("listen = ", &[], &["portico.toml", "line 1"]),
    ("", &[("PORTICO_LISTEN", "everywhere")], &["PORTICO_LISTEN", "one like \"127.0.0.1:3000\""]),
    ("", &[("PORTICO_LISTEN", "192.0.2.1:1")], &["listen", "192.0.2.1:1"]),
    ("", &[("PORTICO_DATABASE_URL", "mysql://me:secret@db/portico")], &["database_url", "sqlite://", "postgres://"]),
    ("", &[("PORTICO_DATABASE_URL", "postgres://me:secret@127.0.0.1:1/portico")], &["database", "cannot be reached"]),
    ("", &[("PORTICO_DATABASE_URL", "sqlite:///nowhere/portico.db")], &["database", "cannot be reached"]),
    (
        "",
        &[("PORTICO_SMTP_PASSWORD_FILE", "/nowhere/secret")],
        &["smtp_password_file", "/nowhere/secret", "No such file"],
    ),
    ("", &[("PORTICO_MASTER_KEY", "c2VjcmV0")], &["master_key", "32 bytes in base64"]),
    ("", &[("PORTICO_CONFIG", "/nowhere/portico.toml")], &["there is no /nowhere/portico.toml"]),
    ("mail_from = \"me\"\nlog_format = \"xml\"", &[], &["mail_from: `me`", "log_format: `xml`", "json, text"]),
];

#[tokio::test]
async fn mistakes_in_the_configuration_are_told_in_words() {
    let db = TestDb::empty(Engine::Sqlite).await.unwrap();
    for (file, settings, words) in MISTAKES {
        fs::write(db.folder.join("portico.toml"), file).unwrap();
        let refused = portico(&db.folder, "serve", settings).await;
        let told = told(&refused);
        assert_eq!(refused.status.code(), Some(1), "{file} {settings:?}: {told}");
        for word in words {
            assert!(told.contains(word), "{file} {settings:?}: {word} is not in {told}");
        }
        for inside in ["panicked", ".rs:", "Error {", "secret@", "figment", "SocketAddr", "u16"] {
            assert!(!told.contains(inside), "{file} {settings:?}: {told}");
        }
    }
    db.remove().await;
}
