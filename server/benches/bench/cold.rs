//! From the start of the program to its first "ready", with a million visits in the database, and what it takes at rest.

use std::{
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use domain::booking::Cell;

use crate::{
    Outcome, bare,
    data::{self, DAY, Fill, HALF_HOURS, House, Ids, open},
    load::Client,
    median,
    report::{Goal, Report},
};

pub async fn measure(report: &mut Report) -> Outcome {
    let house = House::build("cold", 64).await?;
    fill(&house)?;
    let (database, config) = (house.database(), house.config.clone());
    drop(house);
    let visits = bare::number(&open(&database)?, "SELECT count(*) FROM appointment")?;
    let (mut times, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let (address, begun) = (free_address()?, Instant::now());
        let mut server = Server(
            Command::new(env!("CARGO_BIN_EXE_portico"))
                .arg("serve")
                .env("PORTICO_DATA_DIR", &config.data_dir)
                .env("PORTICO_MASTER_KEY", config.master_key.clone().unwrap_or_default())
                .env("PORTICO_LISTEN", address.to_string())
                .env("PORTICO_LOG", "error")
                .stdout(Stdio::null())
                .spawn()?,
        );
        ready(&mut server, address).await?;
        times.push(begun.elapsed().as_secs_f64());
        tokio::time::sleep(Duration::from_secs(2)).await;
        memory.extend(resident(&server));
    }
    let millions = visits as f64 / 1e6;
    report.value(&format!("Cold start with {millions:.2} million visits"), median(times), "s", Goal::AtMost(0.5));
    if memory.is_empty() {
        report.said("Memory at rest", "not told by this operating system");
    } else {
        report.value("Memory at rest of that process", median(memory), "MiB", Goal::None);
    }
    Ok(())
}

/// 64 practitioners, 22 visits a day, two years behind and ten days ahead.
fn fill(house: &House) -> Outcome {
    let clinic = &house.clinic;
    let resources: Vec<_> = clinic.practitioners().map(|r| r.id.0).collect();
    let places = Fill {
        tenant: clinic.tenant.0,
        clinic: clinic.id.0,
        service: clinic.service("visit").ok_or("no service")?.id.0,
        resources: &resources,
        days: (Cell::containing(house.cx.now()).0 / DAY - 700, 711),
        starts: &HALF_HOURS,
    };
    let mut connection = open(&house.database())?;
    data::fill(&mut connection, &mut Ids::new(1), &places)?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

/// Ended when it goes out of sight.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

pub fn free_address() -> Outcome<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

async fn ready(server: &mut Server, address: SocketAddr) -> Outcome {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(60) {
        if let Ok(mut client) = Client::connect(address).await {
            client.ok("/readyz").await?;
            return Ok(());
        }
        if let Some(ended) = server.0.try_wait()? {
            return Err(format!("the server ended: {ended}").into());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Err("the server was not ready in a minute".into())
}

/// MiB, on Linux.
fn resident(server: &Server) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.0.id())).ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? / 1024.0)
}
