//! The real binary as processes of their own: several on one database, stopped in order, and killed without warning.

use std::process::{ExitStatus, Output, Stdio};

use reqwest::Client;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpListener,
    process::{Child, Command},
    task::JoinHandle,
};

use crate::{Answer, MASTER_KEY, Person, TestDb, clinics};

/// An installation that the binary runs on: the lab's clinic and one key for its program.
pub struct Installation {
    binary: &'static str,
    pub db: TestDb,
    pub key: String,
}

impl Installation {
    /// With nothing in it; `binary` is the test's `env!("CARGO_BIN_EXE_portico")`.
    pub fn untouched(binary: &'static str, db: TestDb) -> Self {
        Self { binary, db, key: String::new() }
    }

    pub async fn new(binary: &'static str, db: TestDb) -> Self {
        let mut this = Self::untouched(binary, db);
        let file = this.db.folder.join("lab.toml");
        std::fs::write(&file, clinics::LAB).expect("the clinic file is written");
        this.run(&["import", "clinic", &file.display().to_string()]).await;
        let scopes = "appointments:read,appointments:write";
        let told = this.run(&["api-key", "create", "--clinic", "lab", "--name", "Test", "--scope", scopes]).await;
        this.key = told.lines().last().expect("the key is on the last line").to_owned();
        this
    }

    /// Runs a command that must succeed; answers what it printed.
    pub async fn run(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments).await;
        let (told, wrong) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "portico {arguments:?}: {told}{wrong}");
        told.into_owned()
    }

    /// Runs a command that may fail.
    pub async fn output(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().await.expect("portico runs")
    }

    /// Starts `portico serve` and waits until it says that it serves.
    pub async fn serve(&self) -> Process {
        self.serve_with(&[]).await
    }

    /// The same with other settings.
    pub async fn serve_with(&self, settings: &[(&str, &str)]) -> Process {
        let port = TcpListener::bind("127.0.0.1:0").await.and_then(|l| l.local_addr()).expect("a port is free").port();
        let mut child = self
            .command()
            .arg("serve")
            .env("PORTICO_LISTEN", format!("127.0.0.1:{port}"))
            .envs(settings.iter().copied())
            .stderr(Stdio::piped())
            .spawn()
            .expect("portico starts");
        let mut log = BufReader::new(child.stderr.take().expect("its log")).lines();
        let mut told = String::new();
        loop {
            match log.next_line().await.expect("its log is read") {
                Some(line) if line.contains("serving") => break,
                Some(line) => told.push_str(&(line + "\n")),
                None => panic!("portico ended: {told}"),
            }
        }
        // A full pipe would stop it.
        let log = tokio::spawn(async move {
            while let Ok(Some(line)) = log.next_line().await {
                told.push_str(&(line + "\n"));
            }
            told
        });
        rustls::crypto::ring::default_provider().install_default().ok();
        let client = Client::builder().no_proxy().build().expect("a client");
        Process { child, address: format!("127.0.0.1:{port}"), client, key: self.key.clone(), log }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.binary);
        command
            .env_clear()
            .env("PORTICO_DATABASE_URL", &self.db.url)
            .env("PORTICO_DATA_DIR", &self.db.folder)
            .env("PORTICO_MASTER_KEY", data_encoding::BASE64.encode(&MASTER_KEY))
            .env("PORTICO_LOG", "warn,server::cli=info")
            .env("PORTICO_LOG_FORMAT", "text")
            .env("PORTICO_CONFIG", "/dev/null")
            .kill_on_drop(true);
        command
    }
}

/// A running server.
pub struct Process {
    child: Child,
    /// Host and port.
    pub address: String,
    client: Client,
    key: String,
    log: JoinHandle<String>,
}

impl Process {
    /// Without warning, as power goes.
    pub async fn kill(&mut self) {
        self.child.kill().await.expect("portico is killed");
    }

    /// The word to stop, as an orderly system gives it.
    pub async fn terminate(&self) {
        let id = self.child.id().expect("it runs").to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().await.expect("kill runs");
        assert!(told.success(), "the word to stop is given");
    }

    /// Waits until it has ended; answers how, and what it logged.
    pub async fn ended(mut self) -> (ExitStatus, String) {
        let status = self.child.wait().await.expect("it ends");
        (status, self.log.await.expect("its log is read"))
    }

    /// `None` when the server went away before it answered.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: &Value) -> Option<Answer> {
        let mut request = self.client.post(format!("http://{}{path}", self.address)).body(body.to_string());
        request =
            request.header("content-type", "application/json").header("authorization", format!("Bearer {}", self.key));
        request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Answer::try_of(request.send().await.ok()?).await
    }

    pub async fn get(&self, path: &str) -> Option<Answer> {
        let request = self
            .client
            .get(format!("http://{}{path}", self.address))
            .header("authorization", format!("Bearer {}", self.key));
        Answer::try_of(request.send().await.ok()?).await
    }

    pub async fn hold(&self, service: &str, start: &str) -> Option<Answer> {
        self.post("/api/v1/clinics/lab/holds", &[], &json!({ "service": service, "start": start })).await
    }

    pub async fn confirm(&self, hold: &str, person: &Person, key: &str) -> Option<Answer> {
        let path = format!("/api/v1/holds/{hold}/confirm");
        self.post(&path, &[("idempotency-key", key)], &json!({ "patient": person.json() })).await
    }

    pub async fn cancel(&self, appointment: &str) -> Option<Answer> {
        self.post(&format!("/api/v1/appointments/{appointment}/cancel"), &[], &json!({})).await
    }

    pub async fn reschedule(&self, appointment: &str, hold: &str) -> Option<Answer> {
        self.post(&format!("/api/v1/appointments/{appointment}/reschedule"), &[], &json!({ "hold": hold })).await
    }
}
