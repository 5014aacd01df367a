//! Whoever answers the questions, and does in the other system what they say they did.

use super::{super::*, World, family, stands};
use crate::ids::AppointmentId;

impl World {
    pub fn a_person_decides(&mut self, most: usize) -> usize {
        let mut decided = 0;
        while decided < most {
            let open = self.settle().findings.into_iter().find(|finding| !self.asked.contains(finding));
            let Some(finding) = open else { break };
            self.decide(&finding);
            assert!(self.asked.insert(finding), "asked once");
            decided += 1;
        }
        decided
    }

    fn decide(&mut self, finding: &Finding) {
        let wanted = self.chance.pick(finding.decisions()).unwrap();
        let (entry, at, id) = match *finding {
            Finding::Conflict { entry, at, visit, .. }
            | Finding::ChangedThere { entry, at, visit, .. }
            | Finding::MovedHere { entry, at, visit, .. }
            | Finding::CancelledHere { entry, at, visit, .. } => (Some(entry), Some(at), visit),
            Finding::CancelledThere { entry, visit, .. } | Finding::MissingThere { entry, visit, .. } => {
                (Some(entry), None, visit)
            }
            Finding::OnlyPortal { visit, .. } => (None, None, visit),
            Finding::Whose { .. } => unreachable!("every name is known"),
        };
        let key = entry.and_then(|id| self.known.iter().find(|(_, one)| one.id == id).map(|(key, _)| key.clone()));
        let n = key.as_ref().and_then(|key| self.theirs.iter().position(|one| one.uid.to_string() == *key));
        let linked = self.theirs.iter().position(|one| one.of.is_some_and(|(of, _)| of == id) && stands(one));
        match wanted {
            Decision::Move => match self.free_here() {
                Some(place) => self.shift(id, place),
                None => self.call_off(id),
            },
            Decision::Follow => {
                let at = at.unwrap();
                if !self.is_free_here(&at, key.as_deref()) {
                    return self.remember(finding, Decision::Keep, key, id);
                }
                self.known.get_mut(&key.unwrap()).unwrap().closed.clear();
                self.shift(id, at);
                let now = self.now;
                let (visit, _) = self.ours.get_mut(&id).unwrap();
                (visit.told, visit.told_at) = (Told::At(at), Some(now));
            }
            Decision::Cancel => self.call_off(id),
            Decision::Done => {
                let (ours, version) = self.ours[&id].clone();
                match (finding, n.or(linked)) {
                    (Finding::CancelledHere { .. }, Some(n)) => self.cancel_there(n),
                    (_, Some(n)) => {
                        self.theirs[n].place = ours.place;
                        self.theirs[n].sequence += 1;
                    }
                    (_, None) => {
                        self.enter(ours.place, Some((id, version)), Some(format!("Amira {}", family(&ours))));
                    }
                }
                self.remember(finding, wanted, key, id);
            }
            Decision::Same => {
                // Whoever says so about somebody else's entry has the visit twice there: a person looks first.
                let free = linked.is_none() && n.is_some_and(|n| self.theirs[n].of.is_none());
                match (free, n) {
                    (true, Some(n)) => {
                        self.theirs[n].of = Some((id, self.ours[&id].1));
                        self.theirs[n].carries_id = false;
                        self.remember(finding, wanted, key, id);
                    }
                    _ => self.remember(finding, Decision::Apart, key, id),
                }
            }
            Decision::Apart => {
                // What was taken over from the visit is the visit.
                if n.is_some_and(|n| self.theirs[n].of.is_some_and(|(of, _)| of == id)) {
                    return self.call_off(id);
                }
                self.remember(finding, wanted, key, id);
            }
            Decision::Close => {
                if let Some(n) = n {
                    (self.theirs[n].of, self.theirs[n].carries_id) = (None, false);
                }
                self.remember(finding, wanted, key, id);
            }
            Decision::Keep | Decision::Again => self.remember(finding, wanted, key, id),
        }
    }

    fn remember(&mut self, finding: &Finding, decision: Decision, key: Option<String>, id: AppointmentId) {
        let entry = key.and_then(|key| self.known.get_mut(&key));
        let visit = self.ours.get_mut(&id).map(|(visit, _)| visit);
        decide(finding, decision, entry, visit, self.now);
    }
}
