//! Holding and confirming on SQLite, every commit on disk, against a bare rusqlite loop of the same statements.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use domain::{
    booking::Intake,
    person::{Email, Name},
};
use jiff::civil::date;
use portal::booking::{self, Booking, Hold, HoldAsk, Person};

use crate::{
    Outcome,
    bare::Bare,
    data::{House, Slot},
    median,
    report::{Goal, Report},
};

const ROUNDS: usize = 3;
const FEW: usize = 500;
const MANY: usize = 1600;

/// Bookings a second.
pub struct Rates {
    pub confirm_one: f64,
    pub book_one: f64,
    pub confirm_many: f64,
    pub book_many: f64,
}

pub async fn measure(report: &mut Report) -> Outcome {
    let house = Arc::new(House::build("booking", 20).await?);
    let mut bare = Bare::copy(&house)?;
    let mut slots = house.slots();
    book(&house, slots.by_ref().take(200).collect(), 1).await?;
    let (mut ours, mut bare_confirm, mut bare_book) = (Vec::new(), Vec::new(), Vec::new());
    let mut spare = house.slots();
    for _ in 0..ROUNDS {
        ours.push(rates(&house, &mut slots).await?);
        bare_confirm.push(bare.confirm(&spare.by_ref().take(MANY).collect::<Vec<_>>())?);
        bare_book.push(bare.book(&spare.by_ref().take(MANY).collect::<Vec<_>>())?);
    }
    let middle = |of: fn(&Rates) -> f64| median(ours.iter().map(of).collect());
    let (confirm, both) = (middle(|r| r.confirm_one), middle(|r| r.book_one));
    let name = "rusqlite, same statements";
    report.value("Confirm on SQLite, 1 client", confirm, "/s", Goal::AtLeast(1000.0));
    report.value("Hold and confirm on SQLite, 1 client", both, "/s", Goal::None);
    report.share("Confirm, 1 client", confirm, (median(bare_confirm), name), Goal::AtLeast(33.3));
    report.share("Hold and confirm, 1 client", both, (median(bare_book), name), Goal::AtLeast(33.3));
    let many = middle(|r| r.confirm_many);
    let detail = format!("{many:.0} to {confirm:.0} per second");
    report.times("Confirm, 16 clients to 1", detail, many / confirm, Goal::AtLeast(1.5));
    let many = middle(|r| r.book_many);
    let detail = format!("{many:.0} to {both:.0} per second");
    report.times("Hold and confirm, 16 clients to 1", detail, many / both, Goal::AtLeast(1.5));
    Ok(())
}

/// One round, each on starts of its own.
pub async fn rates(house: &Arc<House>, slots: &mut impl Iterator<Item = Slot>) -> Outcome<Rates> {
    let mut take = |n| slots.by_ref().take(n).collect::<Vec<Slot>>();
    let held = hold_all(house, take(FEW)).await?;
    let confirm_one = confirm_all(house, held, 1).await?;
    let book_one = book(house, take(FEW), 1).await?;
    let held = hold_all(house, take(MANY)).await?;
    let confirm_many = confirm_all(house, held, 16).await?;
    let book_many = book(house, take(MANY), 16).await?;
    Ok(Rates { confirm_one, book_one, confirm_many, book_many })
}

/// Holds and confirms each, by so many clients at once.
pub async fn book(house: &Arc<House>, slots: Vec<Slot>, clients: usize) -> Outcome<f64> {
    each(slots, clients, {
        let house = Arc::clone(house);
        move |slot| {
            let house = Arc::clone(&house);
            async move { book_one(&house, slot).await }
        }
    })
    .await
}

/// Holds and confirms one.
pub async fn book_one(house: &House, slot: Slot) -> Outcome {
    let held = hold(house, slot).await?;
    confirm(house, held).await
}

async fn confirm_all(house: &Arc<House>, held: Vec<Hold>, clients: usize) -> Outcome<f64> {
    let house = Arc::clone(house);
    each(held, clients, move |hold| {
        let house = Arc::clone(&house);
        async move { confirm(&house, hold).await }
    })
    .await
}

async fn hold_all(house: &Arc<House>, slots: Vec<Slot>) -> Outcome<Vec<Hold>> {
    let mut held = Vec::new();
    for some in slots.chunks(16) {
        held.extend(futures::future::try_join_all(some.iter().map(|slot| hold(house, *slot))).await?);
    }
    Ok(held)
}

/// Does `work` for all of them, so many at once; how many a second.
async fn each<T, F, Fut>(all: Vec<T>, clients: usize, work: F) -> Outcome<f64>
where
    T: Clone + Send + Sync + 'static,
    F: Fn(T) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Outcome> + Send,
{
    let (all, next) = (Arc::new(all), Arc::new(AtomicUsize::new(0)));
    let begun = Instant::now();
    let tasks = (0..clients).map(|_| {
        let (all, next, work) = (Arc::clone(&all), Arc::clone(&next), work.clone());
        tokio::spawn(async move {
            while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                work(one.clone()).await?;
            }
            Outcome::Ok(())
        })
    });
    for ended in futures::future::try_join_all(tasks).await? {
        ended?;
    }
    Ok(all.len() as f64 / begun.elapsed().as_secs_f64())
}

async fn hold(house: &House, slot: Slot) -> Outcome<Hold> {
    let ask = HoldAsk {
        clinic: &house.clinic,
        service: house.clinic.service("visit").ok_or("no service")?,
        practitioner: Some(slot.practitioner),
        start: slot.start,
        address: "127.0.0.1",
        moves: None,
    };
    Ok(booking::hold(&house.cx, &house.who, &ask).await?)
}

/// Somebody new each time.
async fn confirm(house: &House, hold: Hold) -> Outcome {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let booking = Booking {
        person: Person::Named {
            given: Some(Name::parse("Amira")?),
            family: Name::parse(&format!("Kaya {number}"))?,
            birth_date: date(1980, 1, 31),
            email: Email::parse(&format!("patient{number}@example.com"))?,
            phone: None,
        },
        relation: "self".to_owned(),
        reason: None,
        intake: Intake::default(),
        key: house.cx.id().to_string(),
        body: b"the request's body".to_vec(),
    };
    booking::confirm(&house.cx, &house.who, hold.id, Some(&hold.token), &booking).await?;
    Ok(())
}
