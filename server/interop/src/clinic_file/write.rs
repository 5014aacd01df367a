//! A plan as a clinic file: what `parse` reads back as the same plan. `portico export clinic` prints it, and edits on
//! screen go through it, so that they have the file's checks and its words.

use std::{collections::BTreeMap, fmt::Write};

use domain::{
    booking::{Exception, Gap, Hours, Settings, SettingsPatch, WallWindow, Week},
    clinic::{ClinicPlan, ClinicProfile, ResourceKind, ResourcePlan, ServicePlan},
    words::currency_digits,
};
use toml::Value;

use super::amount::said;
use super::hours::DAYS;
use super::windows;

/// The file's text.
pub fn write(plan: &ClinicPlan) -> String {
    let mut file = File::default();
    file.table("tenant");
    file.text("slug", &plan.tenant.slug);
    file.text("name", &plan.tenant.name);
    file.settings("tenant.booking", &plan.tenant.settings);
    if let Some(ages) = &plan.tenant.growing_up {
        file.table("tenant.growing_up");
        for (key, age) in [("hide_sensitive", ages.hide_sensitive), ("narrow", ages.narrow), ("of_age", ages.of_age)] {
            file.value(key, Value::Integer(age.into()));
        }
    }
    file.clinic(&plan.clinic);
    let digits = currency_digits(&plan.clinic.currency);
    plan.services.iter().for_each(|service| file.service(service, digits));
    plan.resources.iter().for_each(|resource| file.resource(resource, &plan.services));
    file.0
}

/// One day's windows as the file writes them: `08:00-12:00, 13:00-18:00`.
pub fn said_windows(windows: &[WallWindow]) -> String {
    windows.iter().map(|window| windows::said(*window)).collect::<Vec<_>>().join(", ")
}

/// Settings as the file writes them, by its names for them.
pub fn said_settings(patch: &SettingsPatch) -> Vec<(&'static str, String)> {
    let lines = settings(patch).into_iter().map(|(key, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (key, text)
    });
    lines.collect()
}

/// The same of settings that are in force; those that set no limit are left out.
pub fn said_in_force(settings: &Settings) -> Vec<(&'static str, String)> {
    let Settings { bookable_from, bookable_until, max_active_per_patient, .. } = *settings;
    said_settings(&SettingsPatch {
        duration: Some(settings.duration),
        buffer_before: Some(settings.buffer_before),
        buffer_after: Some(settings.buffer_after),
        gap: Some(settings.gap),
        grid_interval: Some(settings.grid_interval),
        grid_offset: Some(settings.grid_offset),
        notice_book: Some(settings.notice_book),
        notice_move: Some(settings.notice_move),
        notice_cancel: Some(settings.notice_cancel),
        horizon_days: Some(settings.horizon_days),
        bookable_from,
        bookable_until,
        hold_minutes: Some(settings.hold_minutes),
        hold_minutes_most: Some(settings.hold_minutes_most),
        waitlist: Some(settings.waitlist),
        waitlist_offer_minutes: Some(settings.waitlist_offer_minutes),
        max_active_per_patient,
        max_per_period: settings.max_per_period,
        per_patient_period_days: settings.per_patient_period_days,
        needs_approval: Some(settings.needs_approval),
    })
}

fn settings(patch: &SettingsPatch) -> Vec<(&'static str, Value)> {
    let length = |minutes: Option<i64>| minutes.map(|minutes| Value::String(said(minutes)));
    let count = |count: Option<u32>| count.map(|count| Value::Integer(count.into()));
    let days = |days: Option<i64>| days.map(|days| Value::String(format!("{days} days")));
    let date = |date: Option<jiff::civil::Date>| date.map(|date| Value::String(date.to_string()));
    let gap = |gap: Gap| if gap == Gap::Sum { "sum" } else { "larger" };
    let all = [
        ("duration", length(patch.duration)),
        ("buffer_before", length(patch.buffer_before)),
        ("buffer_after", length(patch.buffer_after)),
        ("gap", patch.gap.map(|own| Value::String(gap(own).to_owned()))),
        ("grid", length(patch.grid_interval)),
        ("grid_offset", length(patch.grid_offset)),
        ("notice_book", length(patch.notice_book)),
        ("notice_move", length(patch.notice_move)),
        ("notice_cancel", length(patch.notice_cancel)),
        ("horizon", days(patch.horizon_days)),
        ("bookable_from", date(patch.bookable_from)),
        ("bookable_until", date(patch.bookable_until)),
        ("hold", length(patch.hold_minutes)),
        ("hold_most", length(patch.hold_minutes_most)),
        ("waitlist", patch.waitlist.map(Value::Boolean)),
        ("waitlist_offer", length(patch.waitlist_offer_minutes)),
        ("max_active", count(patch.max_active_per_patient)),
        ("max_per_period", count(patch.max_per_period)),
        ("period", days(patch.per_patient_period_days.map(i64::from))),
        ("needs_approval", patch.needs_approval.map(Value::Boolean)),
    ];
    all.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

fn list<T: AsRef<str>>(items: &[T]) -> Value {
    Value::Array(items.iter().map(|item| Value::String(item.as_ref().to_owned())).collect())
}

fn windows_of(windows: &[WallWindow]) -> Value {
    list(&windows.iter().map(|window| windows::said(*window)).collect::<Vec<_>>())
}

#[derive(Default)]
struct File(String);

impl File {
    fn head(&mut self, head: &str) {
        let between = if self.0.is_empty() { "" } else { "\n" };
        let _ = writeln!(self.0, "{between}{head}");
    }

    fn table(&mut self, name: &str) {
        self.head(&format!("[{name}]"));
    }

    fn item(&mut self, name: &str) {
        self.head(&format!("[[{name}]]"));
    }

    fn value(&mut self, key: &str, value: Value) {
        let _ = writeln!(self.0, "{key} = {value}");
    }

    fn text(&mut self, key: &str, text: &str) {
        self.value(key, Value::String(text.to_owned()));
    }

    /// Left out when it is empty, which is what it is then read as.
    fn some_text(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.text(key, text);
        }
    }

    fn date(&mut self, key: &str, date: Option<jiff::civil::Date>) {
        if let Some(date) = date {
            self.text(key, &date.to_string());
        }
    }

    fn settings(&mut self, table: &str, patch: &SettingsPatch) {
        let lines = settings(patch);
        if !lines.is_empty() {
            self.table(table);
            lines.into_iter().for_each(|(key, value)| self.value(key, value));
        }
    }

    fn clinic(&mut self, clinic: &ClinicProfile) {
        self.table("clinic");
        let texts = [
            ("slug", &clinic.slug),
            ("name", &clinic.name),
            ("kind", &clinic.kind),
            ("about", &clinic.about),
            ("zone", &clinic.zone),
            ("zone_name", &clinic.zone_name),
            ("currency", &clinic.currency),
            ("locale", &clinic.locale),
            ("phone", &clinic.phone),
            ("email", &clinic.email),
            ("emergency", &clinic.emergency),
            ("directions", &clinic.directions),
        ];
        texts.into_iter().for_each(|(key, text)| self.some_text(key, text));
        self.value("languages", list(&clinic.languages));
        self.table("clinic.address");
        let address = &clinic.address;
        let texts = [
            ("street", &address.street),
            ("postcode", &address.postcode),
            ("city", &address.city),
            ("region", &address.region),
            ("country", &address.country),
        ];
        texts.into_iter().for_each(|(key, text)| self.some_text(key, text));
        for (key, degrees) in [("latitude", &address.latitude), ("longitude", &address.longitude)] {
            self.some_text(key, degrees.as_deref().unwrap_or_default());
        }
        self.settings("clinic.booking", &clinic.settings);
        if clinic.opening != Hours::default() {
            self.hours("clinic", ("opening", "opening_period"), &clinic.opening);
        }
        for closure in &clinic.closures {
            self.item("clinic.closures");
            self.date("from", Some(closure.from));
            self.date("until", Some(closure.until));
            self.text("reason", &closure.reason);
            if closure.holiday {
                self.value("holiday", Value::Boolean(true));
            }
        }
    }

    fn hours(&mut self, of: &str, (usual, period): (&str, &str), hours: &Hours) {
        let stated = hours.stated();
        if !stated.usual.is_empty() || stated.periods.is_empty() {
            self.table(&format!("{of}.{usual}"));
            self.week(&stated.usual);
        }
        for one in &stated.periods {
            self.item(&format!("{of}.{period}"));
            self.date("from", one.from);
            self.date("until", one.until);
            self.week(&one.week);
        }
        hours.exceptions.iter().for_each(|exception| self.exception(of, exception));
    }

    fn week(&mut self, week: &Week) {
        for (key, windows) in DAYS.iter().zip(&week.0).filter(|(_, windows)| !windows.is_empty()) {
            self.value(key, windows_of(windows));
        }
    }

    fn exception(&mut self, of: &str, exception: &Exception) {
        self.item(&format!("{of}.exceptions"));
        self.date("date", Some(exception.date));
        self.value("hours", windows_of(&exception.windows));
        self.some_text("note", exception.note.as_deref().unwrap_or_default());
        // What an older file said of a room's or a device's day meant nothing, and is refused today.
        if ["clinic", "practitioners"].contains(&of) {
            self.settings(&format!("{of}.exceptions.booking"), &exception.settings);
        }
    }

    fn service(&mut self, service: &ServicePlan, digits: u32) {
        self.item("services");
        self.text("slug", &service.slug);
        self.text("name", &service.name);
        self.some_text("about", &service.about);
        self.some_text("speciality", &service.speciality);
        self.text("mode", service.mode.as_str());
        if !service.bring.is_empty() {
            self.value("bring", list(&service.bring));
        }
        if let Some(price) = service.price {
            self.text("price", &amount(price, digits));
        }
        if !service.needs.is_empty() {
            self.value("needs", Value::Array(service.needs.iter().map(|need| list(need)).collect()));
        }
        self.settings("services.booking", &service.settings);
        let who = &service.eligibility;
        let payers: Vec<_> = who.payers.iter().map(|payer| payer.as_str().to_owned()).collect();
        let number = |age: Option<u32>| age.map(|age| Value::Integer(age.into()));
        let lines = [
            ("established", who.established.map(Value::Boolean)),
            ("sex", who.sex.map(|sex| Value::String(sex.code().to_owned()))),
            ("min_age", number(who.min_age)),
            ("max_age", number(who.max_age)),
            ("referral", who.referral.then_some(Value::Boolean(true))),
            ("paid_by", (!who.payers.is_empty()).then(|| list(&payers))),
        ];
        let lines: Vec<_> = lines.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        if !lines.is_empty() {
            self.table("services.who");
            lines.into_iter().for_each(|(key, value)| self.value(key, value));
        }
        for question in &who.questions {
            self.item("services.who.questions");
            self.text("slug", &question.slug);
            self.text("ask", &question.ask);
            if let Some(answer) = question.must_be {
                self.text("answer", if answer { "yes" } else { "no" });
                self.text("otherwise", &question.otherwise);
            }
        }
    }

    fn resource(&mut self, resource: &ResourcePlan, services: &[ServicePlan]) {
        let table = match resource.kind {
            ResourceKind::Practitioner => "practitioners",
            ResourceKind::Room => "rooms",
            ResourceKind::Device => "devices",
        };
        self.item(table);
        self.text("slug", &resource.slug);
        self.text("name", &resource.name);
        self.some_text("role", &resource.role);
        self.some_text("about", &resource.about);
        if !resource.languages.is_empty() {
            self.value("languages", list(&resource.languages));
        }
        self.value("capacity", Value::Integer(resource.capacity.into()));
        let offered = services.iter().filter_map(|service| {
            let mut offerings = service.offered_by.iter();
            Some((service, offerings.find(|offering| offering.practitioner == resource.slug)?))
        });
        let offered: Vec<_> = offered.collect();
        if resource.kind == ResourceKind::Practitioner {
            self.value("services", list(&offered.iter().map(|(service, _)| &service.slug).collect::<Vec<_>>()));
        }
        self.settings(&format!("{table}.booking"), &resource.settings);
        for (service, offering) in offered.iter().filter(|(_, o)| o.settings != SettingsPatch::default()) {
            self.settings(&format!("{table}.differs.{}", service.slug), &offering.settings);
        }
        if let Some(hours) = &resource.hours {
            self.hours(table, ("hours", "hours_period"), hours);
        }
    }
}

fn amount(minor: i64, digits: u32) -> String {
    let unit = 10_i64.pow(digits);
    match digits {
        0 => minor.to_string(),
        _ => format!("{}.{:0width$}", minor / unit, minor % unit, width = digits as usize),
    }
}

/// What a file says, place by place: `practitioners.weber.hours.mon` and the value there. Things go by their slugs, lists
/// of windows and of single dates are one value.
pub fn places(text: &str) -> BTreeMap<String, String> {
    let mut places = BTreeMap::new();
    if let Ok(table) = text.parse::<toml::Table>() {
        flatten(String::new(), &Value::Table(table), &mut places);
    }
    places
}

fn flatten(path: String, value: &Value, places: &mut BTreeMap<String, String>) {
    let join = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    let slug = |item: &Value| item.get("slug").and_then(Value::as_str).map(str::to_owned);
    match value {
        Value::Table(table) => table.iter().for_each(|(key, value)| flatten(join(key), value, places)),
        Value::Array(items) if items.iter().any(|item| slug(item).is_some()) => {
            for item in items {
                flatten(join(&slug(item).unwrap_or_default()), item, places);
            }
        }
        other => {
            places.insert(path, other.to_string());
        }
    }
}
