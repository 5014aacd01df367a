//! Why a start is refused (booking rules 18 and 25), with a stable code for the API. `sentence` has the words for
//! people; the order in which reasons win is in `judge`.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};

use super::Payer;
use crate::patient::AdministrativeGender;

/// Why a start cannot be booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The start is before now.
    InThePast,
    /// Less than the minimum notice (rule 6). `first` is the first start that the hours and the notice allow,
    /// whether or not it is taken.
    TooSoon {
        notice_minutes: i64,
        first: Timestamp,
    },
    /// Beyond the horizon or after the bookable range (rule 7). `last` is the last bookable local day.
    TooFarAhead {
        last: Date,
    },
    /// Before the bookable range (rule 7).
    BeforeRange {
        first: Date,
    },
    /// The whole clinic is closed on this local day.
    Closed {
        reason: String,
        holiday: bool,
    },
    /// The practitioner is absent: an exception without windows took the hours away.
    Away {
        note: Option<String>,
    },
    /// In none of the practitioner's windows.
    OutsideHours,
    /// Starts within the hours and would end after them, at `close` local time.
    EndsAfterClosing {
        close: Time,
    },
    /// Within the hours, but not one of the starts of the grid (rule 4). `interval` is in minutes.
    OffGrid {
        interval: i64,
    },
    /// This wall time does not exist on this day (rule 2). The candidate carries the instant that jiff calls
    /// compatible, which has a candidate of its own.
    SkippedByClock {
        wall: DateTime,
    },
    /// The practitioner has another visit.
    Taken,
    /// Only buffers collide (rule 5).
    TooCloseToAnother,
    /// Every room or device that would do is in use (rule 9).
    RoomTaken,
    /// No room or device that would do is open for the whole visit (rule 9).
    RoomAway,
    /// The patient has another visit (rule 20).
    PatientBusy,
    /// The patient has `most` visits of this service ahead (rule 20).
    TooManyActive {
        most: u32,
    },
    /// The patient has `most` visits of this service within `days` days around this one (rule 20).
    TooManyInPeriod {
        most: u32,
        days: u32,
    },
    /// The clinic blocked the patient from booking (rule 20).
    Blocked {
        reason: String,
    },
    /// Younger than `min` completed years on the day of the visit (rule 18).
    TooYoung {
        min: u32,
    },
    /// Older than `max` completed years on the day of the visit (rule 18).
    TooOld {
        max: u32,
    },
    OnlyEstablished,
    OnlyNew,
    /// The visit is for people of one sex, and the chart says another (rule 18).
    OtherSex {
        sex: AdministrativeGender,
    },
    NeedsReferral,
    /// Who pays was not said (rule 18).
    NeedsPayer,
    /// Somebody else pays than the visit is for (rule 18).
    OtherPayer {
        accepted: Vec<Payer>,
    },
    /// A question of the clinic's was not answered (rule 18).
    NeedsAnswer {
        ask: String,
    },
    /// With this answer the visit is not the right one; the clinic's words say what to do (rule 18).
    OtherAnswer {
        otherwise: String,
    },
    /// This practitioner does not do this service.
    NotOffered,
}

impl Reason {
    /// Whether it is about who the patient is or what they have, and not about the time.
    pub fn is_about_the_patient(&self) -> bool {
        !self.another_time_helps() || matches!(self, Self::PatientBusy | Self::TooManyInPeriod { .. })
    }

    /// Whether another time of the same visit might be had instead; not when it is about who the patient is.
    pub fn another_time_helps(&self) -> bool {
        !matches!(
            self,
            Self::Blocked { .. }
                | Self::TooYoung { .. }
                | Self::TooOld { .. }
                | Self::OnlyEstablished
                | Self::OnlyNew
                | Self::OtherSex { .. }
                | Self::NeedsReferral
                | Self::NeedsPayer
                | Self::OtherPayer { .. }
                | Self::NeedsAnswer { .. }
                | Self::OtherAnswer { .. }
                | Self::TooManyActive { .. }
        )
    }
}

macro_rules! codes {
    ($($variant:ident => $code:literal),+ $(,)?) => {
        impl Reason {
            /// Every code, for the API's documentation. Codes are stable: never renamed, only added.
            pub const ALL_CODES: &[&'static str] = &[$($code),+];

            /// The stable code.
            pub fn code(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $code),+ }
            }
        }
    };
}

codes! {
    InThePast => "in_the_past",
    TooSoon => "too_soon",
    TooFarAhead => "too_far_ahead",
    BeforeRange => "before_range",
    Closed => "closed",
    Away => "away",
    OutsideHours => "outside_hours",
    EndsAfterClosing => "ends_after_closing",
    OffGrid => "off_grid",
    SkippedByClock => "skipped_by_clock",
    Taken => "taken",
    TooCloseToAnother => "too_close_to_another",
    RoomTaken => "room_taken",
    RoomAway => "room_away",
    PatientBusy => "patient_busy",
    TooManyActive => "too_many_active",
    TooManyInPeriod => "too_many_in_period",
    Blocked => "blocked",
    TooYoung => "too_young",
    TooOld => "too_old",
    OnlyEstablished => "only_established",
    OnlyNew => "only_new",
    OtherSex => "other_sex",
    NeedsReferral => "needs_referral",
    NeedsPayer => "needs_payer",
    OtherPayer => "other_payer",
    NeedsAnswer => "needs_answer",
    OtherAnswer => "other_answer",
    NotOffered => "not_offered",
}
