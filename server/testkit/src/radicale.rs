//! A real CalDAV server (radicale) for one test: on a free port, with a folder and a user of its own. Its program stands in
//! `target/tools/radicale`, where `.ci/radicale.sh` puts it.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::process::{Child, Command};

use crate::Answer;

pub const USER: &str = "desk";
pub const PASSWORD: &str = "a secret of the tests";

pub struct Radicale {
    url: String,
    folder: PathBuf,
    client: reqwest::Client,
    /// Ends when it is dropped.
    _server: Child,
}

impl Radicale {
    /// `None` where the program is missing, which is said; with `TEST_REQUIRE_RADICALE` that is a failure.
    pub async fn start() -> Option<Self> {
        let Some(program) = program() else {
            assert!(
                std::env::var_os("TEST_REQUIRE_RADICALE").is_none(),
                "radicale is missing: .ci/radicale.sh makes it"
            );
            // Past the harness, which keeps what a test that passes prints.
            writeln!(std::io::stderr(), "SKIPPED: radicale is missing (.ci/radicale.sh makes it)").ok();
            return None;
        };
        rustls::crypto::ring::default_provider().install_default().ok();
        let folder = std::env::temp_dir().join(format!("portico-radicale-{}-{}", std::process::id(), free_port()));
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("users"), format!("{USER}:{PASSWORD}\n")).expect("a file of users");
        for _ in 0..5 {
            let port = free_port();
            let mut server = serve(&program, &folder, port);
            let url = format!("http://127.0.0.1:{port}");
            if answers(&url, &mut server).await {
                let client = reqwest::Client::builder().no_proxy().build().expect("a client");
                return Some(Self { url, folder, client, _server: server });
            }
        }
        panic!("radicale does not start");
    }

    /// The address of a calendar of the user's.
    pub fn calendar(&self, name: &str) -> String {
        format!("{}/{USER}/{name}/", self.url)
    }

    pub fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// Makes an empty calendar.
    pub async fn make(&self, name: &str) {
        self.send("MKCALENDAR", &self.calendar(name), "").await.expect(201);
    }

    /// Writes one entry of a calendar, or all of it where `url` ends in a slash.
    pub async fn put(&self, url: &str, body: &str) -> Answer {
        self.send("PUT", url, body).await
    }

    pub async fn get(&self, url: &str) -> Answer {
        self.send("GET", url, "").await
    }

    async fn send(&self, method: &str, url: &str, body: &str) -> Answer {
        let method = method.parse::<http::Method>().expect("a method");
        let request = self.client.request(method, url).basic_auth(USER, Some(PASSWORD));
        let request = request.header("content-type", "text/calendar; charset=utf-8").body(body.to_owned());
        Answer::of(request.send().await.expect("radicale answers")).await
    }
}

impl Drop for Radicale {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

/// Beside the tests: `target/debug/deps/it-…` is below `target`.
fn program() -> Option<PathBuf> {
    let here = std::env::current_exe().ok()?;
    here.ancestors().map(|folder| folder.join("tools/radicale/bin/radicale")).find(|program| program.exists())
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("an address").port()
}

fn serve(program: &Path, folder: &Path, port: u16) -> Child {
    let mut command = Command::new(program);
    command
        .args(["--config", ""])
        .args(["--server-hosts", &format!("127.0.0.1:{port}")])
        .args(["--storage-filesystem-folder", &folder.join("collections").display().to_string()])
        .args(["--auth-type", "htpasswd", "--auth-htpasswd-encryption", "plain", "--auth-delay", "0"])
        .args(["--auth-htpasswd-filename", &folder.join("users").display().to_string()])
        .args(["--rights-type", "owner_only", "--logging-level", "error"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command.spawn().expect("radicale starts")
}

async fn answers(url: &str, server: &mut Child) -> bool {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    for _ in 0..300 {
        if client.get(url).send().await.is_ok() {
            return true;
        }
        // Somebody else took the port.
        if server.try_wait().is_ok_and(|ended| ended.is_some()) {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}
