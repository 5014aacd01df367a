//! The one function (booking rule 1): rules, occupancy and now in, candidates with verdicts out.
//! Listing, hold, commit, move, staff preview and explanation all ask it, so they can never disagree.

use std::collections::HashMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{Cell, Closure, Eligibility, Hours, Need, Occupancy, Reason, Settings, Span};
use crate::ids::ResourceId;

/// One practitioner doing one service, with every inherited setting resolved.
#[derive(Clone, Debug)]
pub struct Offer {
    pub practitioner: ResourceId,
    pub settings: Settings,
    /// Rooms and devices the visit needs as well.
    pub needs: Vec<Need>,
}

/// What the engine must know of a resource: a practitioner, room or device.
#[derive(Clone, Debug)]
pub struct ResourceRules {
    pub id: ResourceId,
    /// Parallel places (lanes), at least 1 (rule 10).
    pub capacity: u16,
    /// `None`: usable whenever the practitioner is there (most rooms and devices).
    pub hours: Option<Hours>,
}

/// Why the question is asked: it decides which notice counts (rule 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Book,
    Move,
    /// Staff: notice, horizon and past are not asked about; hours, closures and occupancy are.
    Staff,
}

/// What is known of the person the visit is for. Unknown facts are not held against anybody while listing;
/// the commit asks again with all facts.
#[derive(Clone, Debug, Default)]
pub struct PatientFacts {
    pub birth_date: Option<Date>,
    pub established: Option<bool>,
    pub has_referral: Option<bool>,
    /// A block with its reason, which is shown (rule 20).
    pub blocked: Option<String>,
    /// Live visits of this patient, in any clinic of the tenant (bodies, without buffers).
    pub busy: Vec<Span>,
    /// Starts of this patient's live visits of the asked service, past ones of the period included.
    pub same_service: Vec<Cell>,
}

/// The question. `offers` are the practitioners asked about; `occupancy` must cover the asked days widened
/// by `read_span` (rule 24).
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    pub zone: &'a TimeZone,
    pub now: Timestamp,
    /// Local days of the clinic, both included.
    pub from: Date,
    pub to: Date,
    pub purpose: Purpose,
    pub offers: &'a [Offer],
    pub resources: &'a HashMap<ResourceId, ResourceRules>,
    pub closures: &'a [Closure],
    pub eligibility: &'a Eligibility,
    pub occupancy: &'a Occupancy,
    pub patient: Option<&'a PatientFacts>,
}

/// One possible start of one practitioner and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub practitioner: ResourceId,
    /// The visit's body, without buffers.
    pub span: Span,
    /// The local day it is listed under.
    pub day: Date,
    pub verdict: Verdict,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Free(Placement),
    Refused(Reason),
}

/// Where the visit would go: every resource with its lane, sorted by resource id, the practitioner included (rule 9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    pub lanes: Vec<(ResourceId, u16)>,
    /// Body and buffers, in cells; the same for every resource of the visit.
    pub padded: Span,
    /// Parallel places left at this start, this one included: the fewest over the resources (rule 10).
    pub places: u16,
}
