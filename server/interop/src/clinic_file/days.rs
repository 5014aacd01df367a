//! Settings of single dates (`exceptions`): do they go together with what the date inherits, and do they leave the day a
//! start? Told at the exception that states them.

use domain::booking::{Exception, Settings, SettingsPatch};
use domain::clinic::ClinicProfile;
use jiff::civil::Date;

use super::amount::said;
use super::check::{exceptions, fits_on};
use super::clinic::CLINIC;
use super::hours::exception_on;
use super::resources::ReadResource;
use super::section::Section;
use super::settings;

pub(super) struct Days<'a> {
    root: &'a Section<'a>,
    clinic: &'a ClinicProfile,
}

impl<'a> Days<'a> {
    pub fn new(root: &'a Section<'a>, clinic: &'a ClinicProfile) -> Self {
        Self { root, clinic }
    }

    /// One practitioner doing one service. What another service would be told, too, is told once.
    pub fn check(&self, practitioner: &ReadResource<'_>, levels: &[&SettingsPatch], dated: &[(Date, Settings)]) {
        for (date, settings) in dated {
            let own = stated(exceptions(practitioner), *date);
            let of_clinic = stated(&self.clinic.opening.exceptions, *date);
            let levels: Vec<&SettingsPatch> = levels.iter().copied().chain(of_clinic).chain(own).collect();
            let mut odds = settings::at_odds(settings, &levels);
            if let Some(duration) = own.and_then(|own| own.duration)
                && !fits(settings, practitioner, *date)
            {
                let wrong = format!("{} fits in no window of this day", said(duration));
                odds.push((
                    "duration",
                    wrong,
                    "a duration and grid that leave at least one start in its hours".to_owned(),
                ));
            }
            let clinic = self.root.section("clinic", CLINIC);
            let at = if own.is_some() { &practitioner.at } else { &clinic };
            let Some(at) = exception_on(at, *date) else { continue };
            for (field, wrong, allowed) in odds {
                at.section("booking", settings::FIELDS).wrong(field, wrong, allowed);
            }
        }
    }
}

/// What a date's exception states, when it states something.
fn stated(exceptions: &[Exception], date: Date) -> Option<&SettingsPatch> {
    let found = exceptions.iter().find(|one| one.date == date);
    found.map(|one| &one.settings).filter(|settings| **settings != SettingsPatch::default())
}

/// Nobody is there on a day without hours, so nothing need fit. Hours that are wrong have been reported.
fn fits(settings: &Settings, practitioner: &ReadResource<'_>, date: Date) -> bool {
    let Some(hours) = &practitioner.plan.hours else { return true };
    practitioner.at.is_troubled() || hours.windows(date).next().is_none() || fits_on(settings, hours, date)
}
