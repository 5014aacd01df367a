//! The lab's one day, as simply as it can be said: a list of what is taken, and every start tried by brute force. Nothing
//! of the engine's is used, so that a mistake there is not made here, too.

use std::collections::BTreeSet;

pub const DAY: &str = "2026-11-24";
pub const SERVICES: [&str; 5] = ["solo", "asked", "team", "roomy", "rare"];
pub const PEOPLE: [&str; 5] = ["solo", "ana", "ben", "cem", "crowd"];

/// Of the day, on the clinic's wall.
pub type Minute = i64;
/// Later than anything: whoever works until then works on through the night.
pub const NIGHT: Minute = 2 * 24 * 60;

/// When, and with whom.
pub type Start = (String, BTreeSet<&'static str>);

pub fn at(start: Minute) -> String {
    format!("{DAY}T{:02}:{:02}:00+01:00", start / 60, start % 60)
}

/// Something that takes time.
#[derive(Clone, Debug)]
pub struct Taken {
    pub service: &'static str,
    pub who: &'static str,
    pub start: Minute,
    pub what: What,
    pub id: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// When it was made and when it ends, by the clock.
    Hold {
        made: i64,
        until: i64,
    },
    Visit {
        person: usize,
        version: i64,
    },
}

impl Taken {
    pub fn person(&self) -> usize {
        if let What::Visit { person, .. } = self.what { person } else { unreachable!("a hold is nobody's yet") }
    }
}

pub struct Lab {
    /// What is over is not in the list.
    pub taken: Vec<Taken>,
    /// Minutes since the history began; the day itself is the next one.
    pub now: i64,
    /// When Dr Ana goes home.
    pub ana_until: Minute,
}

impl Lab {
    /// Every start of a service, with those who are free then.
    pub fn free(&self, service: &str) -> BTreeSet<Start> {
        let with = |start| people(service).iter().copied().filter(move |who| self.is_free(service, who, start));
        let all = (0..24 * 60).map(|start| (at(start), with(start).collect::<BTreeSet<_>>()));
        all.filter(|(_, with)| !with.is_empty()).collect()
    }

    /// By every rule of the lab: a quarter of an hour's grid, half an hour each and five minutes after a `solo`, one visit at
    /// a time and one in the room; the crowd has more places than anybody takes here.
    fn is_free(&self, service: &str, who: &str, start: Minute) -> bool {
        let pause = |service: &str| if service == "solo" { 5 } else { 0 };
        let clash = |t: &&Taken| start < t.start + 30 + pause(t.service) && t.start < start + 30 + pause(service);
        let in_the_way = |t: &Taken| (t.who == who && who != "crowd") || (service == "roomy" && t.service == "roomy");
        self.is_open(who, start) && !self.taken.iter().filter(clash).any(in_the_way)
    }

    fn is_open(&self, who: &str, start: Minute) -> bool {
        start % 15 == 0 && (who != "ana" || start + 30 <= self.ana_until)
    }

    /// Who gets it: whoever is asked for; else whoever has least to do, and among equals the first (rule 17).
    pub fn whom(&self, service: &str, with: Option<&'static str>, start: Minute) -> Option<&'static str> {
        let asked = people(service).iter().copied().filter(|who| with.is_none_or(|with| with == *who));
        let free = asked.filter(|who| self.is_free(service, who, start));
        free.min_by_key(|who| self.taken.iter().filter(|t| t.who == *who).count())
    }

    /// Whether somebody may have a held time beside their visits; one of them may be about to move away.
    pub fn suits(&self, person: usize, hold: &Taken, moving: &str) -> bool {
        let visit = |t: &&Taken| t.id != moving && matches!(t.what, What::Visit { person: p, .. } if p == person);
        let apart = |t: &Taken| (t.start - hold.start).abs() >= 30;
        let both_rare = |t: &Taken| t.service == "rare" && hold.service == "rare";
        let fits = self.taken.iter().filter(visit).all(|t| apart(t) && !both_rare(t));
        fits && self.is_open(hold.who, hold.start)
    }

    /// Dr Ana's visits for which there is no time when she goes home then.
    pub fn stranded(&self, until: Minute) -> Vec<Taken> {
        let hers = self.taken.iter().filter(|t| t.who == "ana" && matches!(t.what, What::Visit { .. }));
        hers.filter(|t| t.start + 30 > until).cloned().collect()
    }

    pub fn wait(&mut self, minutes: i64) {
        self.now += minutes;
        let now = self.now;
        self.taken.retain(|t| !matches!(t.what, What::Hold { until, .. } if until <= now));
    }

    /// Ten more minutes from now, up to thirty in all. `false` when it is none or can be no longer.
    pub fn keep(&mut self, id: &str) -> bool {
        let now = self.now;
        let mut live = self.taken.iter_mut().filter(|t| t.id == id);
        let Some(Taken { what: What::Hold { made, until }, .. }) = live.next() else { return false };
        let before = std::mem::replace(until, (now + 10).min(*made + 30));
        *until > before
    }

    pub fn end(&mut self, id: &str) {
        self.taken.retain(|t| t.id != id);
    }

    pub fn hold(&self, id: &str) -> Option<Taken> {
        self.taken.iter().find(|t| t.id == id && matches!(t.what, What::Hold { .. })).cloned()
    }

    pub fn visit(&self, id: &str) -> Option<Taken> {
        self.taken.iter().find(|t| t.id == id && matches!(t.what, What::Visit { .. })).cloned()
    }
}

fn people(service: &str) -> &'static [&'static str] {
    match service {
        "team" | "roomy" => &["ana", "ben", "cem"],
        "rare" => &["crowd"],
        _ => &["solo"],
    }
}
