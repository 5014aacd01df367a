//! Where on the schedule a new visit was begun: it goes along while somebody looks for whose it is.

use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use leptos::prelude::*;

use super::words::{typed_date, typed_time};
use crate::{staff::gate::AtDesk, ui::query_value};

const WAITS: &str = "waitlist";

/// Each of them if it was said and there is such a thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::staff) struct Pointed {
    pub day: Option<Date>,
    pub time: Option<Time>,
    /// A person's or a room's slug.
    pub with: String,
    /// A service's slug.
    pub service: String,
    /// Not for a visit, but for a place on the waitlist.
    pub waits: bool,
}

impl Pointed {
    /// Reads `day`, `time`, `with` and `service`; or `at`, an instant, for the first two.
    pub fn of(at: &AtDesk, asked: impl Fn(&str) -> String) -> Self {
        let clinic = &at.clinic;
        let instant = asked("at").parse::<Timestamp>().ok().map(|instant| clinic.zone.to_datetime(instant));
        let day = typed_date(clinic, &asked("day")).or(instant.map(|local| local.date()));
        let (with, service) = (asked("with"), asked("service"));
        Self {
            day: day.filter(|day: &Date| (1900..=9000).contains(&day.year())),
            time: instant.map(|local| local.time()).or_else(|| typed_time(&asked("time"))),
            with: if clinic.resources.iter().any(|one| one.plan.slug == with) { with } else { String::new() },
            service: if clinic.service(&service).is_some() { service } else { String::new() },
            waits: asked("for") == WAITS,
        }
    }

    fn values(&self) -> Vec<(&'static str, String)> {
        let time = self.time.map(|time| format!("{}:{:02}", time.hour(), time.minute()));
        let all = [
            ("day", self.day.map(|day| day.to_string())),
            ("time", time),
            ("with", Some(self.with.clone())),
            ("service", Some(self.service.clone())),
            ("for", self.waits.then(|| WAITS.to_owned())),
        ];
        let said = all.into_iter().filter_map(|(name, value)| Some((name, value?)));
        said.filter(|(_, value)| !value.is_empty()).collect()
    }

    /// A page of the desk that is told.
    pub fn url(&self, at: &AtDesk, path: &str) -> String {
        self.values().into_iter().fold(at.url(path), |url, (name, value)| {
            let joint = if url.contains('?') { '&' } else { '?' };
            format!("{url}{joint}{name}={}", query_value(&value))
        })
    }

    /// For a form that leads to such a page.
    pub fn hidden(&self) -> impl IntoView + use<> {
        let field = |(name, value)| view! { <input type="hidden" name=name value=value /> };
        self.values().into_iter().map(field).collect_view()
    }
}
