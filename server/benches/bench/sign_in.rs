//! Booking while others sign in: a hundred people a second ask for a code, read it in their mail, and prove it, and those
//! who book meanwhile should hardly notice.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use domain::person::Email;
use portal::{Cx, Keys, MasterKey, PortalConfig, identity, identity::Origin, jobs};
use ports::FakeMailer;
use server::wiring;

use crate::{
    Outcome,
    booking::book_one,
    data::{House, Slot},
    report::{Goal, Report},
};

const SIGN_INS: f64 = 100.0;
const BOOKINGS: f64 = 100.0;
const TIME: Duration = Duration::from_secs(6);

pub async fn measure(report: &mut Report) -> Outcome {
    let house = Arc::new(House::build("sign-in", 20).await?);
    let mailer = Arc::new(FakeMailer::default());
    let config =
        PortalConfig { codes_in_all: u64::MAX, codes_per_network: u64::MAX, ..wiring::portal_config(&house.config) };
    let keys = Keys::new(&MasterKey::new([7; 32]));
    let inner = &house.cx;
    let (clock, rng) = (Arc::clone(&inner.clock), Arc::clone(&inner.rng));
    let cx = Cx::new(
        inner.db.clone(),
        clock,
        rng,
        keys,
        Arc::clone(&mailer) as _,
        config,
        Arc::clone(&inner.calendar_reader),
        Arc::clone(&inner.providers),
    );
    let mut slots = house.slots();
    let codes = PostBox::default();
    // Mail goes out all the while, as it does.
    let stop = Arc::new(AtomicBool::new(false));
    let post = tokio::spawn(deliver(cx.clone(), mailer, Arc::clone(&codes), Arc::clone(&stop)));
    // Warm.
    bookings(&house, slots.by_ref().take(100).collect()).await?;
    let each = (BOOKINGS * TIME.as_secs_f64()) as usize;
    let quiet = bookings(&house, slots.by_ref().take(each).collect()).await?;
    let people = tokio::spawn(sign_ins(cx.clone(), codes));
    let busy = bookings(&house, slots.by_ref().take(each).collect()).await?;
    let signed_in = people.await??;
    stop.store(true, Ordering::Relaxed);
    post.await??;
    let (quiet, busy) = (p99(quiet), p99(busy));
    report.value("Sign-ins beside bookings", signed_in, "/s", Goal::AtLeast(SIGN_INS * 0.95));
    report.times(
        "Hold and confirm beside them, p99, to its quiet value",
        format!("{busy:.1} ms to {quiet:.1} ms, {BOOKINGS:.0} bookings a second"),
        busy / quiet,
        Goal::AtMost(2.0),
    );
    Ok(())
}

/// Codes that arrived, by address.
type PostBox = Arc<Mutex<HashMap<String, String>>>;

/// The worker: runs what is due, and puts the codes into the box.
async fn deliver(cx: Cx, mailer: Arc<FakeMailer>, codes: PostBox, stop: Arc<AtomicBool>) -> Outcome {
    while !stop.load(Ordering::Relaxed) {
        if jobs::run_due(&cx).await? == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        for mail in mailer.take() {
            let code: String = mail.subject.chars().filter(char::is_ascii_digit).collect();
            codes.lock().unwrap_or_else(PoisonError::into_inner).insert(mail.to, code);
        }
    }
    Ok(())
}

/// So many a second; answers how many were done a second.
async fn sign_ins(cx: Cx, codes: PostBox) -> Outcome<f64> {
    let begun = Instant::now();
    let next = Arc::new(AtomicUsize::new(0));
    let people = (0..64).map(|_| {
        let (cx, codes, next) = (cx.clone(), Arc::clone(&codes), Arc::clone(&next));
        tokio::spawn(async move {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let due = begun + Duration::from_secs_f64(n as f64 / SIGN_INS);
                if due > begun + TIME {
                    return Outcome::Ok(());
                }
                tokio::time::sleep_until(due.into()).await;
                sign_in(&cx, &codes, n).await?;
            }
        })
    });
    for person in futures::future::try_join_all(people).await? {
        person?;
    }
    Ok(next.load(Ordering::Relaxed).saturating_sub(64) as f64 / begun.elapsed().as_secs_f64())
}

async fn sign_in(cx: &Cx, codes: &PostBox, n: usize) -> Outcome {
    let address = format!("sign-in-{n}@example.com");
    let email = Email::parse(&address)?;
    let (browser, _) = identity::start(cx, None).await?;
    let network = format!("192.0.2.{}", n % 250);
    identity::request_code(cx, &browser, Origin { address: &network, known: None }, &email).await?;
    let code = loop {
        let arrived = codes.lock().unwrap_or_else(PoisonError::into_inner).remove(&address);
        match arrived {
            Some(code) => break code,
            None => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    };
    identity::prove(cx, &browser, &code).await?;
    Ok(())
}

/// Paced bookings; milliseconds each took from when it was due.
async fn bookings(house: &Arc<House>, slots: Vec<Slot>) -> Outcome<Vec<f64>> {
    let begun = Instant::now();
    let tasks = slots.into_iter().enumerate().map(|(n, slot)| {
        let house = Arc::clone(house);
        tokio::spawn(async move {
            let due = begun + Duration::from_secs_f64(n as f64 / BOOKINGS);
            tokio::time::sleep_until(due.into()).await;
            book_one(&house, slot).await?;
            Outcome::Ok(due.elapsed().as_secs_f64() * 1000.0)
        })
    });
    let mut times = Vec::new();
    for time in futures::future::try_join_all(tasks).await? {
        times.push(time?);
    }
    Ok(times)
}

fn p99(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() * 99 / 100).copied().unwrap_or_default()
}
