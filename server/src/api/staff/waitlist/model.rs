//! What the waitlist's operations take and answer.

use std::collections::BTreeMap;

use domain::{
    ids::ResourceId,
    waitlist::{Days, Part, Parts, Wishes},
};
use jiff::civil::{Date, Weekday};
use portal::{
    clinic::Clinic,
    waitlist::{DeskEntry, Figures, Offer},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{api::model::instant, http::error::Problem};

const WEEK: [(Weekday, &str); 7] = [
    (Weekday::Monday, "mon"),
    (Weekday::Tuesday, "tue"),
    (Weekday::Wednesday, "wed"),
    (Weekday::Thursday, "thu"),
    (Weekday::Friday, "fri"),
    (Weekday::Saturday, "sat"),
    (Weekday::Sunday, "sun"),
];

/// What somebody would come for. Days are the clinic's.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WaitlistWishesModel {
    /// Slug or id; whoever is free unless said.
    #[serde(default)]
    #[schema(example = "weber")]
    practitioner: Option<String>,
    /// `mon` to `sun`; any day unless said.
    #[serde(default)]
    #[schema(example = json!(["mon", "fri"]))]
    days: Vec<String>,
    /// `morning` (before 12:00), `afternoon`, `evening` (from 17:00); any time unless said.
    #[serde(default)]
    #[schema(example = json!(["morning"]))]
    parts: Vec<String>,
    /// First day; today unless said.
    #[serde(default)]
    #[schema(example = "2026-11-24")]
    from: Option<String>,
    /// Last day, at most a year ahead.
    #[schema(example = "2026-12-18")]
    until: String,
    /// Least minutes between an offer and its visit; any unless said.
    #[serde(default)]
    #[schema(example = 180)]
    notice: i64,
}

impl WaitlistWishesModel {
    fn of(wishes: &Wishes) -> Self {
        Self {
            practitioner: wishes.practitioner.map(|one| one.to_string()),
            days: wishes
                .days
                .iter()
                .filter_map(|day| Some(WEEK.iter().find(|(own, _)| *own == day)?.1.to_owned()))
                .collect(),
            parts: wishes.parts.iter().map(|part| part.as_str().to_owned()).collect(),
            from: Some(wishes.from.to_string()),
            until: wishes.until.to_string(),
            notice: wishes.notice,
        }
    }

    pub(super) fn read(&self, clinic: &Clinic, today: Date) -> Result<Wishes, Problem> {
        let wrong = |field: &str, why: &str| Problem::bad_request(format!("`wishes.{field}`: {why}."));
        let day = |field: &str, text: &str| {
            let day = text.parse::<Date>().ok().filter(|day| (1900..=9000).contains(&day.year()));
            day.ok_or_else(|| wrong(field, "Send a day, like 2026-12-18"))
        };
        let one = |text: &String| WEEK.iter().find(|(_, name)| name == text).map(|(day, _)| *day);
        let days = self
            .days
            .iter()
            .map(|text| one(text).ok_or_else(|| wrong("days", "Send mon, tue, wed, thu, fri, sat or sun")));
        let part = |text: &String| Part::ALL.into_iter().find(|part| part.as_str() == text);
        let parts = self
            .parts
            .iter()
            .map(|text| part(text).ok_or_else(|| wrong("parts", "Send morning, afternoon or evening")));
        Ok(Wishes {
            practitioner: self.practitioner.as_deref().map(|name| practitioner(clinic, name)).transpose()?,
            days: Days::of(days.collect::<Result<Vec<_>, _>>()?),
            parts: Parts::of(parts.collect::<Result<Vec<_>, _>>()?),
            from: self.from.as_deref().map(|from| day("from", from)).transpose()?.unwrap_or(today),
            until: day("until", &self.until)?,
            notice: Some(self.notice)
                .filter(|n| (0..=44_640).contains(n))
                .ok_or_else(|| wrong("notice", "Send 0 to 44640 minutes"))?,
        })
    }
}

pub(super) fn practitioner(clinic: &Clinic, name: &str) -> Result<ResourceId, Problem> {
    let found = clinic.practitioner(name).map(|one| one.id);
    found.ok_or_else(|| Problem::bad_request("`practitioner` must be a practitioner of the clinic: slug or id."))
}

/// A time that was offered.
#[derive(Serialize, ToSchema)]
pub struct WaitlistOfferModel {
    pub id: String,
    pub practitioner: String,
    pub start: String,
    pub end: String,
    /// `open`, `claimed`, `declined`, `unanswered` or `withdrawn`.
    #[schema(example = "open")]
    pub state: &'static str,
    pub made_at: String,
    /// Until when the time is kept.
    pub expires_at: String,
    /// What it became.
    pub appointment: Option<String>,
    /// Somebody chose it, whoever's turn it was.
    pub by_hand: bool,
}

impl WaitlistOfferModel {
    fn of(offer: &Offer, clinic: &Clinic) -> Self {
        let zone = &clinic.zone;
        Self {
            id: offer.id.to_string(),
            practitioner: offer.practitioner.to_string(),
            start: instant(offer.start, zone),
            end: instant(offer.end, zone),
            state: offer.state.as_str(),
            made_at: instant(offer.made, zone),
            expires_at: instant(offer.expires, zone),
            appointment: offer.appointment.map(|visit| visit.to_string()),
            by_hand: offer.by_hand,
        }
    }
}

/// Somebody who waits, or waited.
#[derive(Serialize, ToSchema)]
pub struct WaitlistEntryModel {
    pub id: String,
    pub patient: String,
    /// "Kaya, A."; in full for whoever may see patients.
    pub name: String,
    pub service: String,
    /// `waiting`, `offered`, `claimed`, `withdrawn` or `expired`.
    #[schema(example = "waiting")]
    pub state: &'static str,
    pub wishes: WaitlistWishesModel,
    /// `routine`, `soon` or `urgent`.
    #[schema(example = "soon")]
    pub priority: &'static str,
    /// For whoever may change visits.
    pub priority_why: Option<String>,
    pub about: Option<String>,
    pub joined_at: String,
    /// From 1, among all of the clinic; null once it has ended.
    pub place: Option<usize>,
    /// Why there, in sentences.
    #[schema(example = json!(["Number 2 of 7.", "Has waited 12 days.", "Soon: counts 14 days more.", "Counts as 26 days in all."]))]
    pub because: Vec<String>,
    /// Why it ended: `left`, `removed`, `booked`, `past` or `merged`.
    pub ended: Option<String>,
    pub appointment: Option<String>,
    /// Newest first.
    pub offers: Vec<WaitlistOfferModel>,
    /// Why nothing can be offered to them, whatever becomes free.
    pub hindrance: Option<WaitlistHindranceModel>,
    /// Also the ETag; send it as If-Match with a change, so that none is made to what was not seen.
    pub version: i64,
}

impl WaitlistEntryModel {
    pub(super) fn of(one: &DeskEntry, clinic: &Clinic, changes: bool) -> Self {
        let entry = &one.entry;
        let service = clinic.service_by_id(entry.service).map(|service| service.plan.slug.clone());
        let text = |text: &Option<String>| text.clone().filter(|_| changes);
        Self {
            id: entry.id.to_string(),
            patient: entry.patient.to_string(),
            name: one.name.clone(),
            service: service.unwrap_or_default(),
            state: entry.state.as_str(),
            wishes: WaitlistWishesModel::of(&entry.wishes),
            priority: entry.priority.as_str(),
            priority_why: text(&entry.priority_why),
            about: text(&entry.about),
            joined_at: instant(entry.joined, &clinic.zone),
            place: one.ranked.as_ref().map(|ranked| ranked.place),
            because: one.ranked.as_ref().map(|ranked| ranked.because()).unwrap_or_default(),
            ended: entry.ended_why.clone(),
            appointment: entry.appointment.map(|visit| visit.to_string()),
            offers: one.offers.iter().map(|offer| WaitlistOfferModel::of(offer, clinic)).collect(),
            hindrance: one.hindrance.as_ref().map(|reason| WaitlistHindranceModel {
                code: reason.code(),
                sentence: one.record.is_some().then(|| reason.sentence(&clinic.zone)),
            }),
            version: entry.version,
        }
    }
}

/// What is in the way of every time: a question that is new since they joined, or an answer that does not do any more.
#[derive(Serialize, ToSchema)]
pub struct WaitlistHindranceModel {
    #[schema(example = "needs_answer")]
    pub code: &'static str,
    /// As the patient reads it, for whoever may see patients.
    #[schema(example = "Answer this first, then book: Do you have a pacemaker?")]
    pub sentence: Option<String>,
}

/// How the list does; offers are those of the last 90 days, times are minutes.
#[derive(Serialize, ToSchema)]
pub struct WaitlistFiguresModel {
    pub waiting: usize,
    pub median_minutes: i64,
    pub longest_minutes: i64,
    pub offers: i64,
    pub claimed: i64,
    pub declined: i64,
    pub unanswered: i64,
    /// Of visits that were booked by offers.
    pub filled_minutes: i64,
}

impl From<Figures> for WaitlistFiguresModel {
    fn from(figures: Figures) -> Self {
        let Figures { waiting, median_minutes, longest_minutes, made, claimed, declined, unanswered, filled_minutes } =
            figures;
        Self { waiting, median_minutes, longest_minutes, offers: made, claimed, declined, unanswered, filled_minutes }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WaitlistParams {
    /// `live` (those who wait; unless said) or `all`.
    pub(super) state: Option<String>,
    /// `next` of the page before.
    pub(super) after: Option<String>,
    /// 1 to 100; 50 unless said.
    pub(super) limit: Option<u64>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WaitlistAddRequest {
    /// A chart of the clinic's.
    #[schema(example = "019aa1c4-6a00-7000-8000-000000000001")]
    pub(super) patient: String,
    /// Slug or id.
    #[schema(example = "followup")]
    pub(super) service: String,
    pub(super) wishes: WaitlistWishesModel,
    /// The patient says they have a referral, where the service needs one.
    #[serde(default)]
    #[schema(example = false)]
    pub(super) referral: bool,
    /// Who pays, where the service asks: `public`, `private`, `self`, or `unknown` for the insured who do not know by which.
    #[schema(example = "public")]
    pub(super) paid_by: Option<String>,
    /// Yes or no to each of the service's `questions`, by slug.
    #[serde(default)]
    #[schema(example = json!({"implant": false}))]
    pub(super) answers: BTreeMap<String, bool>,
    /// What the visit is about; at most 1000 characters.
    #[schema(example = "Knee")]
    pub(super) about: Option<String>,
    /// `routine` unless said.
    pub(super) priority: Option<WaitlistPriorityRequest>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WaitlistPriorityRequest {
    /// `routine`, `soon` or `urgent`.
    #[schema(example = "soon")]
    pub(super) priority: String,
    /// The clinical reason; at most 500 characters.
    #[schema(example = "Wound to be looked at within two weeks")]
    pub(super) why: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WaitlistRemoveRequest {
    /// Why; at most 500 characters.
    #[schema(example = "Was seen elsewhere")]
    pub(super) reason: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WaitlistOfferRequest {
    /// RFC 3339, a free start.
    #[schema(example = "2026-11-24T10:00:00+01:00")]
    pub(super) start: String,
    /// Slug or id; whoever is free unless said.
    #[schema(example = "weber")]
    pub(super) practitioner: Option<String>,
}
