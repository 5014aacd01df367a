//! What patients do here, and the clinic there.

use uuid::Uuid;

use super::{super::*, Theirs, World, family, stands};
use crate::ids::AppointmentId;

impl World {
    pub fn patient_acts(&mut self) {
        let live: Vec<AppointmentId> = self.ahead();
        match (self.chance.below(10), self.chance.pick(&live)) {
            (0..=4, _) => {
                let Some(place) = self.free_here() else { return };
                let id = AppointmentId(Uuid::from_u128(self.id()));
                let who = Who { given: "Amira".into(), family: format!("Probe{}", self.next_id), ..Who::default() };
                let told = Told::Nothing;
                let visit = Visit {
                    id,
                    place,
                    also: Vec::new(),
                    live: true,
                    who: Some(who),
                    changed: self.now,
                    told,
                    told_at: None,
                };
                self.ours.insert(id, (visit, 1));
            }
            (5..=7, Some(id)) => {
                if let Some(place) = self.free_here() {
                    self.shift(id, place);
                }
            }
            (_, Some(id)) => self.call_off(id),
            _ => {}
        }
    }

    fn ahead(&self) -> Vec<AppointmentId> {
        let live = self.ours.values().filter(|(visit, _)| visit.live && visit.place.start > self.now);
        live.map(|(visit, _)| visit.id).collect()
    }

    pub fn shift(&mut self, id: AppointmentId, place: Place) {
        let now = self.now;
        let (visit, version) = self.ours.get_mut(&id).unwrap();
        (visit.place, visit.changed) = (place, now);
        *version += 1;
    }

    pub fn call_off(&mut self, id: AppointmentId) {
        let now = self.now;
        let (visit, version) = self.ours.get_mut(&id).unwrap();
        (visit.live, visit.changed) = (false, now);
        *version += 1;
        self.called_off.insert(id);
    }

    pub fn they_act(&mut self) {
        let place = self.any_place();
        let ahead: Vec<usize> = (0..self.theirs.len())
            .filter(|n| stands(&self.theirs[*n]) && self.theirs[*n].place.start > self.now)
            .collect();
        // Now and then they book over what they have.
        let free = self.is_free_there(&place) || (self.chance.percent(10) && place.start > self.now);
        match (self.chance.below(10), self.chance.pick(&ahead)) {
            (0..=3, _) if free => {
                let name = self.chance.percent(50).then(|| format!("Other{}, B.", self.next_id));
                self.enter(place, None, name);
            }
            (4..=6, Some(n)) if free => {
                self.theirs[n].place = place;
                self.theirs[n].sequence += 1;
            }
            (7..=8, Some(n)) => self.cancel_there(n),
            _ => {}
        }
    }

    pub fn cancel_there(&mut self, n: usize) {
        self.theirs[n].sequence += 1;
        if self.chance.percent(60) {
            self.theirs[n].state = EntryState::Cancelled;
        } else {
            self.theirs[n].deleted = true;
        }
    }

    pub fn enter(&mut self, place: Place, of: Option<(AppointmentId, u32)>, name: Option<String>) {
        let uid = u64::try_from(self.id()).unwrap();
        let carries_id = self.chance.percent(50);
        let state = EntryState::Busy;
        self.theirs.push(Theirs { uid, place, state, deleted: false, sequence: 0, of, carries_id, name });
    }

    /// They fetch what they have yet to take over; each item may get lost on its way, and so may the word that it came.
    pub fn they_take_over(&mut self, lossy: bool) {
        for Outgoing { visit, change } in self.settle().outgoing {
            if lossy && self.chance.percent(30) {
                continue;
            }
            let (ours, version) = self.ours[&visit].clone();
            let there = self.theirs.iter().position(|one| one.of.is_some_and(|(of, _)| of == visit) && stands(one));
            match (change, there) {
                (Change::Cancelled, Some(n)) => self.cancel_there(n),
                (Change::Cancelled, None) => {}
                (_, Some(n)) => {
                    self.theirs[n].place = ours.place;
                    self.theirs[n].sequence += 1;
                    self.theirs[n].of = Some((visit, version));
                }
                (_, None) => {
                    let name = Some(format!("{}, A.", family(&ours)));
                    self.enter(ours.place, Some((visit, version)), name);
                }
            }
            if lossy && self.chance.percent(20) {
                continue;
            }
            let told = if change == Change::Cancelled { Told::Off } else { Told::At(ours.place) };
            let now = self.now;
            let (visit, _) = self.ours.get_mut(&visit).unwrap();
            (visit.told, visit.told_at) = (told, Some(now));
        }
    }

    pub fn export(&mut self) -> Vec<Entry> {
        let shown = self.theirs.iter().filter(|one| !one.deleted);
        shown
            .map(|one| Entry {
                key: one.uid.to_string(),
                whose: one.place.resource.to_string(),
                start: one.place.start,
                end: one.place.end,
                state: one.state,
                revision: Revision { sequence: one.sequence, modified: None },
                visit: one.of.filter(|_| one.carries_id).map(|(visit, _)| visit),
                who: Evidence { name: one.name.clone(), ..Evidence::default() },
                title: "Busy".into(),
            })
            .collect()
    }

    pub fn calendar_is_read(&mut self) {
        let mut entries = self.export();
        // A file that was cut short.
        if self.chance.percent(10) {
            let keep = if self.chance.percent(50) { 90 } else { 20 };
            entries.retain(|_| self.chance.percent(keep));
        }
        self.in_transit.push((self.now, false, entries));
        while !self.in_transit.is_empty() && self.chance.percent(70) {
            let n = usize::try_from(self.chance.below(self.in_transit.len() as u64)).unwrap();
            let read = self.in_transit[n].clone();
            // Lost, kept to come again, or delivered once.
            if self.chance.percent(80) {
                self.in_transit.remove(n);
            }
            if self.chance.percent(85) {
                self.deliver(&read);
            }
        }
    }
}
