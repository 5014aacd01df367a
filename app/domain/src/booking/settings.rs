//! Booking settings and their inheritance (booking rule 3), needs (rule 9) and eligibility (rule 18).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Payer, Question, hours::Exception};
use crate::{ids::ResourceId, patient::AdministrativeGender};

/// How two neighbouring visits' buffers add up (booking rule 5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gap {
    /// The larger of the earlier visit's after-buffer and the later one's before-buffer.
    #[default]
    Larger,
    /// Both, one after the other.
    Sum,
}

/// Settings in force for one practitioner doing one service on one day. Times are minutes, multiples of five.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    pub duration: i64,
    pub buffer_before: i64,
    pub buffer_after: i64,
    pub gap: Gap,
    /// Starts are offered at `grid_offset + n * grid_interval` minutes after the clinic's local midnight (rule 4).
    pub grid_interval: i64,
    pub grid_offset: i64,
    /// Minimum notice in minutes, separately for booking, moving and cancelling (rule 6).
    pub notice_book: i64,
    pub notice_move: i64,
    pub notice_cancel: i64,
    /// Days ahead, counted in local days from today; today + horizon is the last bookable day (rule 7).
    pub horizon_days: i64,
    /// A fixed bookable range, narrower than the horizon when set; both ends included.
    pub bookable_from: Option<Date>,
    pub bookable_until: Option<Date>,
    /// Minutes a hold lives, and the most it may live when kept longer.
    pub hold_minutes: i64,
    pub hold_minutes_most: i64,
    /// Whether people may wait for a time to become free, and the minutes of the day they have to answer an offer (rule 22).
    pub waitlist: bool,
    pub waitlist_offer_minutes: i64,
    /// Most live visits of this service one patient may have ahead (rule 20).
    pub max_active_per_patient: Option<u32>,
    /// Most live visits of this service one patient may have in any `per_patient_period_days` days.
    pub max_per_period: Option<u32>,
    pub per_patient_period_days: Option<u32>,
    /// The clinic confirms by hand: the visit is pending until then, and occupies like booked (rule 26).
    pub needs_approval: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            duration: 30,
            buffer_before: 0,
            buffer_after: 0,
            gap: Gap::Larger,
            grid_interval: 15,
            grid_offset: 0,
            notice_book: 120,
            notice_move: 24 * 60,
            notice_cancel: 24 * 60,
            horizon_days: 90,
            bookable_from: None,
            bookable_until: None,
            hold_minutes: 10,
            hold_minutes_most: 60,
            waitlist: true,
            waitlist_offer_minutes: 60,
            max_active_per_patient: Some(2),
            max_per_period: None,
            per_patient_period_days: None,
            needs_approval: false,
        }
    }
}

macro_rules! patch {
    ($($field:ident: $type:ty),+ $(,)?) => {
        /// Settings as one level states them: only what it changes. Levels are tenant, clinic, service,
        /// practitioner, practitioner × service, dated exception; a later one wins field by field.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct SettingsPatch {
            $(#[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<$type>,)+
        }

        impl SettingsPatch {
            /// `base` with every field this level states.
            pub fn apply(&self, base: &Settings) -> Settings {
                let mut settings = base.clone();
                $(if let Some(value) = &self.$field { settings.$field = value.clone().into(); })+
                settings
            }
        }
    };
}

patch! {
    duration: i64,
    buffer_before: i64,
    buffer_after: i64,
    gap: Gap,
    grid_interval: i64,
    grid_offset: i64,
    notice_book: i64,
    notice_move: i64,
    notice_cancel: i64,
    horizon_days: i64,
    bookable_from: Date,
    bookable_until: Date,
    hold_minutes: i64,
    hold_minutes_most: i64,
    waitlist: bool,
    waitlist_offer_minutes: i64,
    max_active_per_patient: u32,
    max_per_period: u32,
    per_patient_period_days: u32,
    needs_approval: bool,
}

/// The settings of the dates whose exceptions state some, by date: what holds on other dates, the clinic's exception
/// applied, and then the practitioner's own (rule 3).
pub fn on_dates(usual: &Settings, clinic: &[Exception], own: &[Exception]) -> Vec<(Date, Settings)> {
    let mut dated: Vec<(Date, Settings)> = Vec::new();
    for exception in clinic.iter().chain(own).filter(|one| one.settings != SettingsPatch::default()) {
        match dated.iter_mut().find(|(date, _)| *date == exception.date) {
            Some((_, settings)) => *settings = exception.settings.apply(settings),
            None => dated.push((exception.date, exception.settings.apply(usual))),
        }
    }
    dated.sort_by_key(|(date, _)| *date);
    dated
}

/// Something a visit needs beside its practitioner: one of these rooms or devices (rule 9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// Any one of these will do; tried in this order.
    pub any_of: Vec<ResourceId>,
}

/// Who may book a service (rule 18). Unset means everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Eligibility {
    /// `Some(true)`: only people who have been here before; `Some(false)`: only people who have not.
    pub established: Option<bool>,
    /// Where only people of one sex can have the visit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<AdministrativeGender>,
    /// Completed years on the day of the visit; both ends included.
    pub min_age: Option<u32>,
    pub max_age: Option<u32>,
    /// The patient must say that they have a referral.
    pub referral: bool,
    /// Who may pay; empty: nobody asks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub payers: Vec<Payer>,
    /// The clinic's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<Question>,
}
