//! What may be changed on screen, as changes of a clinic's plan: the same types a clinic file is read into, and the file's
//! own checks afterwards.

use domain::{
    booking::{Closure, DateRange, Exception, Hours, Period, SettingsPatch, Stated, WallWindow, Week},
    clinic::{ClinicPlan, ResourceKind, ResourcePlan},
    ids::ResourceId,
};
use interop::clinic_file::{Problem, typed};
use jiff::{
    ToSpan,
    civil::{Date, Time},
};
use serde::{Deserialize, Serialize};

use super::HoursError;
use crate::{
    booking::Extent,
    clinic::Clinic,
    staff::{Permit, permission::ChangeHours},
};

/// The longest absence at a time.
const MOST_DAYS: usize = 366;

/// Whose hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// When the clinic's doors are open.
    Clinic,
    /// A practitioner, room or device, by slug.
    Resource(String),
}

/// What holds on some dates instead of the weekly hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dates {
    Away,
    /// The usual hours without a part.
    AwayFrom {
        from: Time,
        to: Time,
    },
    Open(Vec<WallWindow>),
}

/// At which level booking settings are stated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Clinic,
    Service(String),
    Practitioner(String),
    Both {
        practitioner: String,
        service: String,
    },
    /// Dates with hours of their own: a practitioner's, or the whole clinic's.
    Dates {
        whose: Whose,
        from: Date,
        until: Date,
    },
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Edit {
    /// The usual week.
    Week {
        whose: Whose,
        week: Week,
    },
    /// A range of dates with a week of its own, new, in place of another, or no more.
    Period {
        whose: Whose,
        was: Option<DateRange>,
        period: Option<Period>,
    },
    /// Leave, or other hours, on every date from one to another.
    Dates {
        whose: Whose,
        from: Date,
        until: Date,
        hours: Dates,
        note: Option<String>,
    },
    /// The weekly hours hold again on these dates.
    Undated {
        whose: Whose,
        from: Date,
        until: Date,
    },
    /// The clinic closes, at other dates, or not any more.
    Closure {
        was: Option<Closure>,
        closure: Option<Closure>,
    },
    Settings {
        level: Level,
        settings: SettingsPatch,
    },
}

const BACKWARDS: &str = "The last day is before the first. Enter a later one";

/// A field of the form, as the clinic file calls it (`mon`, `from`, `duration`), and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mistake {
    pub field: String,
    pub words: String,
}

impl Mistake {
    fn new(field: &str, words: impl Into<String>) -> Self {
        Self { field: field.to_owned(), words: words.into() }
    }

    /// In the file's words; the field is the last part of its path.
    pub fn of(problem: &Problem) -> Self {
        let last = problem.field.rsplit('.').next().unwrap_or_default();
        let field = last.split('[').next().unwrap_or_default();
        Self::new(field, format!("{}. Enter {}", problem.wrong, problem.allowed))
    }
}

impl From<Mistake> for HoursError {
    fn from(mistake: Mistake) -> Self {
        Self::Mistakes(vec![mistake])
    }
}

impl Edit {
    /// One's own schedule may be changed by whoever may change their own alone; the rest is the whole clinic's.
    pub(super) fn allow(&self, permit: &Permit<ChangeHours>, clinic: &Clinic) -> Result<(), HoursError> {
        match self.whose(clinic)? {
            Some(resource) if permit.covers(resource) => Ok(()),
            None if permit.only().is_none() => Ok(()),
            _ => Err(HoursError::Forbidden),
        }
    }

    /// `None`: the clinic's.
    fn whose(&self, clinic: &Clinic) -> Result<Option<ResourceId>, HoursError> {
        let whose = match self {
            Self::Week { whose, .. }
            | Self::Period { whose, .. }
            | Self::Dates { whose, .. }
            | Self::Undated { whose, .. } => whose,
            Self::Closure { .. } | Self::Settings { .. } => return Ok(None),
        };
        let Whose::Resource(slug) = whose else { return Ok(None) };
        let found = clinic.resources.iter().find(|one| one.active && one.plan.slug == *slug);
        Ok(Some(found.ok_or(HoursError::NotFound)?.id))
    }

    /// Which visits may lose their place by it, or fit again. A room's or a device's hours touch everybody who uses it.
    pub(super) fn extent(&self, clinic: &Clinic) -> Result<Extent, HoursError> {
        let whose = self.whose(clinic)?.and_then(|id| clinic.resource(id));
        let practitioner = whose.filter(|one| one.plan.kind == ResourceKind::Practitioner).map(|one| one.id);
        let days = match self {
            Self::Dates { from, until, .. }
            | Self::Undated { from, until, .. }
            | Self::Settings { level: Level::Dates { from, until, .. }, .. } => Some((*from, *until)),
            Self::Closure { was, closure } => {
                let both = || was.iter().chain(closure);
                both().map(|one| one.from).min().zip(both().map(|one| one.until).max())
            }
            Self::Week { .. } | Self::Period { .. } | Self::Settings { .. } => None,
        };
        Ok(Extent { practitioner, days })
    }

    /// The plan with the change, as right as a file.
    pub(super) fn made(&self, clinic: &Clinic) -> Result<ClinicPlan, HoursError> {
        let mut plan = clinic.plan();
        self.change(&mut plan)?;
        typed::check(&plan).map_err(|problems| HoursError::Mistakes(problems.iter().map(Mistake::of).collect()))?;
        Ok(plan)
    }

    fn change(&self, plan: &mut ClinicPlan) -> Result<(), HoursError> {
        match self {
            Self::Week { whose, week } => {
                on_hours(plan, whose, |hours| {
                    put_week(hours, week);
                    Ok(())
                })?;
                always_when_empty(plan, whose);
                Ok(())
            }
            Self::Period { whose, was, period } => {
                on_hours(plan, whose, |hours| put_period(hours, *was, period.as_ref()))
            }
            Self::Dates { whose, from, until, hours: open, note } => {
                on_hours(plan, whose, |hours| put_dates(hours, (*from, *until), open, note.as_ref()))
            }
            Self::Undated { whose, from, until } => on_hours(plan, whose, |hours| {
                let hours = hours.as_mut().ok_or(HoursError::NotFound)?;
                let before = hours.exceptions.len();
                hours.exceptions.retain(|one| !(*from..=*until).contains(&one.date));
                if hours.exceptions.len() < before { Ok(()) } else { Err(HoursError::NotFound) }
            }),
            Self::Closure { was, closure } => {
                let closures = &mut plan.clinic.closures;
                if let Some(was) = was {
                    let at = closures.iter().position(|other| other == was).ok_or(HoursError::NotFound)?;
                    closures.remove(at);
                }
                if closure.as_ref().is_some_and(|closure| closure.until < closure.from) {
                    return Err(Mistake::new("until", BACKWARDS).into());
                }
                closures.extend(closure.clone());
                closures.sort_by_key(|closure| (closure.from, closure.until));
                Ok(())
            }
            Self::Settings { level, settings } => {
                stated_at(plan, level)?.into_iter().for_each(|stated| stated.clone_from(settings));
                Ok(())
            }
        }
    }
}

/// Does something to somebody's hours.
fn on_hours(
    plan: &mut ClinicPlan,
    whose: &Whose,
    change: impl FnOnce(&mut Option<Hours>) -> Result<(), HoursError>,
) -> Result<(), HoursError> {
    match whose {
        Whose::Resource(slug) => change(&mut resource(plan, slug)?.hours),
        Whose::Clinic => {
            let mut hours = Some(std::mem::take(&mut plan.clinic.opening));
            change(&mut hours)?;
            plan.clinic.opening = hours.unwrap_or_default();
            Ok(())
        }
    }
}

fn put_week(hours: &mut Option<Hours>, week: &Week) {
    let hours = hours.get_or_insert_default();
    let stated = Stated { usual: week.clone(), ..hours.stated() };
    hours.weekly = stated.weekly();
}

fn put_period(hours: &mut Option<Hours>, was: Option<DateRange>, period: Option<&Period>) -> Result<(), HoursError> {
    let hours = hours.get_or_insert_default();
    let mut stated = hours.stated();
    let before = stated.periods.len();
    stated.periods.retain(|other| Some(other.range()) != was);
    if was.is_some() && stated.periods.len() == before {
        return Err(HoursError::NotFound);
    }
    if let Some(period) = period {
        let range = period.range();
        let mistake = match range {
            (None, None) => Some(("from", "Enter the first day, the last day, or both")),
            (Some(from), Some(until)) if until < from => Some(("until", BACKWARDS)),
            _ if stated.periods.iter().any(|other| meet(other.range(), range)) => {
                Some(("from", "This period overlaps another. Enter days that are in no other"))
            }
            _ => None,
        };
        if let Some((field, words)) = mistake {
            return Err(Mistake::new(field, words).into());
        }
        stated.periods.push(period.clone());
        stated.periods.sort_by_key(Period::range);
    }
    hours.weekly = stated.weekly();
    Ok(())
}

fn put_dates(
    hours: &mut Option<Hours>,
    (from, until): (Date, Date),
    open: &Dates,
    note: Option<&String>,
) -> Result<(), HoursError> {
    let Some(hours) = hours.as_mut() else {
        let words = "It is usable whenever the practitioner is there. Enter weekly hours of its own first";
        return Err(Mistake::new("from", words).into());
    };
    for date in days(from, until)? {
        let windows = match open {
            Dates::Away => Vec::new(),
            Dates::Open(windows) => windows.clone(),
            Dates::AwayFrom { from, to } => hours.without(date, *from, *to).ok_or_else(|| {
                Mistake::new("end", "What is left would begin on the next day. Enter other hours for both days")
            })?,
        };
        // What else was said of the date is not about its hours.
        let other = hours.exceptions.iter().find(|other| other.date == date);
        let settings = other.map(|other| other.settings.clone()).unwrap_or_default();
        hours.put(Exception { date, windows, note: note.cloned(), settings });
    }
    Ok(())
}

/// The dates from one to another.
fn days(from: Date, until: Date) -> Result<Vec<Date>, HoursError> {
    if until < from {
        return Err(Mistake::new("until", BACKWARDS).into());
    }
    let days: Vec<Date> = from.series(1.day()).take_while(|date| *date <= until).take(MOST_DAYS + 1).collect();
    if days.len() > MOST_DAYS {
        return Err(
            Mistake::new("until", "This is more than a year. Enter a period of the weekly hours instead").into()
        );
    }
    Ok(days)
}

fn meet(one: DateRange, other: DateRange) -> bool {
    let starts_in =
        |from: Option<Date>, until: Option<Date>| from.is_none_or(|from| until.is_none_or(|until| from <= until));
    starts_in(one.0, other.1) && starts_in(other.0, one.1)
}

fn resource<'a>(plan: &'a mut ClinicPlan, slug: &str) -> Result<&'a mut ResourcePlan, HoursError> {
    plan.resources.iter_mut().find(|one| one.slug == slug).ok_or(HoursError::NotFound)
}

/// A room or device without any hours is usable whenever the practitioner is there.
fn always_when_empty(plan: &mut ClinicPlan, whose: &Whose) {
    let Whose::Resource(slug) = whose else { return };
    let Ok(one) = resource(plan, slug) else { return };
    if one.kind != ResourceKind::Practitioner && one.hours == Some(Hours::default()) {
        one.hours = None;
    }
}

/// Where a level states its settings: in one place, or on each of its dates.
fn stated_at<'a>(plan: &'a mut ClinicPlan, level: &Level) -> Result<Vec<&'a mut SettingsPatch>, HoursError> {
    let one = match level {
        Level::Clinic => Some(&mut plan.clinic.settings),
        Level::Practitioner(slug) => Some(&mut practitioner(plan, slug)?.settings),
        Level::Service(slug) => plan.services.iter_mut().find(|one| one.slug == *slug).map(|one| &mut one.settings),
        Level::Both { practitioner, service } => {
            let service = plan.services.iter_mut().find(|one| one.slug == *service).ok_or(HoursError::NotFound)?;
            let both = service.offered_by.iter_mut().find(|offering| offering.practitioner == *practitioner);
            both.map(|offering| &mut offering.settings)
        }
        Level::Dates { whose, from, until } => {
            let hours = match whose {
                Whose::Clinic => Some(&mut plan.clinic.opening),
                Whose::Resource(slug) => practitioner(plan, slug)?.hours.as_mut(),
            };
            let dates = hours.into_iter().flat_map(|hours| &mut hours.exceptions);
            let stated: Vec<_> = dates
                .filter(|one| (*from..=*until).contains(&one.date) && !one.windows.is_empty())
                .map(|one| &mut one.settings)
                .collect();
            return if stated.is_empty() { Err(HoursError::NotFound) } else { Ok(stated) };
        }
    };
    one.map(|one| vec![one]).ok_or(HoursError::NotFound)
}

fn practitioner<'a>(plan: &'a mut ClinicPlan, slug: &str) -> Result<&'a mut ResourcePlan, HoursError> {
    Some(resource(plan, slug)?).filter(|one| one.kind == ResourceKind::Practitioner).ok_or(HoursError::NotFound)
}
