//! What the engine asks about the person (booking rules 18 and 20): block, eligibility, overlap and limits.
//! Unknown facts are not held against anybody.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::clock::local_day;
use super::{Eligibility, PatientFacts, Reason, Settings, Span};
use crate::person::age_on;

/// Why somebody may not have a visit on a day at all, whenever it is: a block, then eligibility.
pub fn refused_as_person(facts: &PatientFacts, eligibility: &Eligibility, date: Date) -> Option<Reason> {
    Patient { facts, active: 0, days: Vec::new() }.refusal_on(date, eligibility)
}

/// Why one more visit on the local day of `start` would be too many. The clinic is asked about it only where it books
/// anew, and then for a reason.
pub fn over_limit(
    facts: &PatientFacts,
    settings: &Settings,
    (zone, now, start): (&TimeZone, Timestamp, Timestamp),
) -> Option<Reason> {
    Patient::new(facts, zone, now).limit_on(local_day(zone, start), settings)
}

/// A patient's facts, counted once for a question.
#[derive(Debug)]
pub(super) struct Patient<'a> {
    facts: &'a PatientFacts,
    /// Visits of the asked service ahead of now.
    active: usize,
    /// Local days of all visits of the asked service, in order.
    days: Vec<i64>,
}

impl<'a> Patient<'a> {
    pub fn new(facts: &'a PatientFacts, zone: &TimeZone, now: Timestamp) -> Self {
        let starts = facts.same_service.iter().map(|cell| cell.start());
        let mut days: Vec<i64> = starts.clone().map(|at| local_day(zone, at)).collect();
        days.sort_unstable();
        Self { facts, active: starts.filter(|at| *at > now).count(), days }
    }

    /// Why this person may not have this visit on this day at all: a block, then eligibility.
    pub fn refusal_on(&self, date: Date, eligibility: &Eligibility) -> Option<Reason> {
        if let Some(reason) = &self.facts.blocked {
            return Some(Reason::Blocked { reason: reason.clone() });
        }
        match (eligibility.established, self.facts.established) {
            (Some(true), Some(false)) => return Some(Reason::OnlyEstablished),
            (Some(false), Some(true)) => return Some(Reason::OnlyNew),
            _ => {}
        }
        if let Some(sex) = eligibility.sex
            && self.facts.sex.is_some_and(|own| own.is_known() && own != sex)
        {
            return Some(Reason::OtherSex { sex });
        }
        if let Some(birth) = self.facts.birth_date {
            // Nobody is younger than zero: a visit before birth is asked about by expectant parents.
            let age = u32::try_from(age_on(birth, date)).unwrap_or(0);
            if let Some(min) = eligibility.min_age
                && age < min
            {
                return Some(Reason::TooYoung { min });
            }
            if let Some(max) = eligibility.max_age
                && age > max
            {
                return Some(Reason::TooOld { max });
            }
        }
        self.facts.intake.as_ref().and_then(|intake| eligibility.refusal(intake))
    }

    /// The patient is guarded like a resource, without buffers (rules 5 and 20).
    pub fn is_busy(&self, body: Span) -> bool {
        self.facts.busy.iter().any(|busy| busy.overlaps(body))
    }

    /// Why one more visit on this local day would be too many.
    pub fn limit_on(&self, day: i64, settings: &Settings) -> Option<Reason> {
        if let Some(most) = settings.max_active_per_patient
            && self.active >= most as usize
        {
            return Some(Reason::TooManyActive { most });
        }
        let (most, days) = settings.max_per_period.zip(settings.per_patient_period_days)?;
        self.period_is_full(day, most as usize, i64::from(days)).then_some(Reason::TooManyInPeriod { most, days })
    }

    /// Whether some run of `length` local days that contains `day` has `most` visits already.
    fn period_is_full(&self, day: i64, most: usize, length: i64) -> bool {
        most == 0
            || self.days.windows(most).any(|run| {
                let (first, last) = (run[0].min(day), run[most - 1].max(day));
                last - first < length
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::booking::Cell;

    fn full(visits: &[i64], day: i64, most: u32, days: u32) -> bool {
        let facts = PatientFacts {
            same_service: visits.iter().map(|day| Cell(day * 288 + 100)).collect(),
            ..Default::default()
        };
        let settings = Settings {
            max_active_per_patient: None,
            max_per_period: Some(most),
            per_patient_period_days: Some(days),
            ..Default::default()
        };
        Patient::new(&facts, &TimeZone::UTC, Timestamp::UNIX_EPOCH).limit_on(day, &settings).is_some()
    }

    #[test]
    fn a_period_is_any_run_of_days_around_the_visit() {
        // Two visits in seven days, on days 10 and 13: the runs 7–13 to 10–16 are full.
        assert!(!full(&[10, 13], 6, 2, 7));
        assert!(full(&[10, 13], 7, 2, 7));
        assert!(full(&[10, 13], 12, 2, 7));
        assert!(full(&[13, 10], 16, 2, 7));
        assert!(!full(&[10, 13], 17, 2, 7));
        // In whatever order they are given.
        assert!(!full(&[40, 12], 25, 2, 7));
        // Too far apart to be in one run.
        assert!(!full(&[10, 17], 13, 2, 7));
    }

    #[test]
    fn one_visit_a_day_means_the_local_day() {
        assert!(full(&[10], 10, 1, 1));
        assert!(!full(&[10], 11, 1, 1));
    }
}
