//! Registering at a clinic without booking: oneself, or one's child. A chart that the clinic has already is connected
//! when the address on it is one that the account proved; otherwise there is a new chart, and whether an older one is
//! the same person's is found out as after a claim, or by the clinic. Nobody learns of a chart before that.

use domain::{
    grant::{Right, Rights},
    growing_up::Stage,
    ids::{AccountId, PatientId, TenantId},
    matching::Finding,
    person::{Name, PhoneNumber},
};
use entity::{account, chart_grant, registration};
use jiff::civil::Date;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, sea_query::OnConflict,
};
use uuid::Uuid;

use super::{
    ChartRecord, Claimed, claim,
    index::{self, Candidate},
};
use crate::{
    audit::{self, Entry},
    clinic::Clinic,
    cx::Cx,
    db::Tx,
    error::{Internal, MayConflict},
    identity::{
        addresses, charts,
        grants::{self, NewGrant},
        six_digits,
    },
    jobs::{self, Job},
    keys::ScopeKeys,
    who::{Actor, Patient},
};

const DAY_MS: i64 = 24 * 60 * 60_000;
/// Charts that one account makes in a day.
const MOST: u64 = 5;
/// Nobody waits for an import's charts to be indexed.
const MOST_BATCHES: u32 = 4;

/// Of the account to the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    Oneself,
    Child,
}

/// Who is registered. A single name stands in `family`.
#[derive(Clone, Debug)]
pub struct Registration {
    pub who: Registered,
    pub given: Option<Name>,
    pub family: Name,
    pub birth_date: Date,
    pub phone: Option<PhoneNumber>,
}

#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    #[error("too many people in a day")]
    TooMany,
    /// The account has a chart of its own here, of somebody with another birth date.
    #[error("the account is somebody else's")]
    SomebodyElse,
    /// Whoever is of age registers alone.
    #[error("not a child")]
    OfAge,
    /// There is such a chart, and it is not for this account to open.
    #[error("for the clinic to decide")]
    AskClinic,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<sea_orm::DbErr> for RegisterError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl MayConflict for RegisterError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Internal(error) if error.is_conflict())
    }
}

/// The chart, and the claim by which an older one may still be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisteredChart {
    pub patient: PatientId,
    pub claim: Option<Uuid>,
}

/// Registers. Sent twice, it answers the same chart.
pub async fn register(
    cx: &Cx,
    patient: &Patient,
    clinic: &Clinic,
    registration: &Registration,
) -> Result<RegisteredChart, RegisterError> {
    let caught_up = index::catch_up_most(cx, MOST_BATCHES).await?;
    let account = patient.account;
    let done = cx
        .db
        .write(|tx| async move {
            Registering::begin(cx, &tx, account, (clinic, registration), caught_up).await?.run().await
        })
        .await?;
    cx.job_bell.ring();
    Ok(done)
}

struct Registering<'a> {
    cx: &'a Cx,
    tx: &'a Tx,
    account: AccountId,
    clinic: &'a Clinic,
    ask: &'a Registration,
    keys: std::sync::Arc<ScopeKeys>,
    /// Folded.
    proved: Vec<String>,
    record: ChartRecord,
    /// Whether all charts can be found; otherwise jobs look later.
    caught_up: bool,
}

impl<'a> Registering<'a> {
    async fn begin(
        cx: &'a Cx,
        tx: &'a Tx,
        account: AccountId,
        (clinic, ask): (&'a Clinic, &'a Registration),
        caught_up: bool,
    ) -> Result<Self, RegisterError> {
        // One registration of an account at a time: of two at once, the second finds the first one's chart.
        account::Entity::find_by_id(account.0).lock_exclusive().one(tx).await?;
        let addresses = addresses::of_account(cx, tx, account).await?;
        let main = addresses.iter().find(|address| address.main).map(|address| address.email.clone());
        let record = ChartRecord {
            email: main,
            phone: ask.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            ..ChartRecord::named(ask.given.as_ref().map_or("", Name::as_str), ask.family.as_str(), ask.birth_date)
        };
        let proved = addresses.into_iter().map(|address| address.email.to_lowercase()).collect();
        let keys = cx.keys.scope(tx, clinic.tenant.0).await?;
        Ok(Self { cx, tx, account, clinic, ask, keys, proved, record, caught_up })
    }

    fn tenant(&self) -> TenantId {
        self.clinic.tenant
    }

    async fn run(self) -> Result<RegisteredChart, RegisterError> {
        match self.ask.who {
            Registered::Oneself => self.oneself().await,
            Registered::Child => self.child().await,
        }
    }

    async fn oneself(self) -> Result<RegisteredChart, RegisterError> {
        let own = self.reached(true).await?;
        if let Some((patient, _)) = own.iter().find(|(_, record)| record.birth_date == self.ask.birth_date) {
            self.note(*patient).await?;
            return Ok(RegisteredChart { patient: *patient, claim: None });
        }
        if !own.is_empty() {
            return Err(RegisterError::SomebodyElse);
        }
        self.count().await?;
        if let Some(chart) = self.provable().await?
            && self.is_theirs(&chart).await?
        {
            let id = (self.tenant(), chart.id);
            grants::connect(self.cx, self.tx, self.account, id, NewGrant::own("match")).await?;
            self.note(chart.id).await?;
            return Ok(RegisteredChart { patient: chart.id, claim: None });
        }
        let patient = self.create(NewGrant::own("registration")).await?;
        let claimed = Claimed {
            given: self.record.given.clone(),
            family: self.record.family.clone(),
            birth_date: self.record.birth_date,
            phone: self.record.phone.clone(),
            number: None,
            registered: true,
        };
        let code = six_digits(self.cx);
        let claim = claim::begin(self.cx, self.tx, self.account, self.clinic, &claimed, &code).await?;
        Ok(RegisteredChart { patient, claim: Some(claim) })
    }

    async fn child(self) -> Result<RegisteredChart, RegisterError> {
        let today = crate::booking::local_day(&self.clinic.zone, self.cx.now());
        if self.clinic.growing_up.stage(self.ask.birth_date, today) == Stage::OfAge {
            return Err(RegisterError::OfAge);
        }
        let folded = |record: &ChartRecord| record.full_name().to_lowercase();
        let same =
            |record: &ChartRecord| record.birth_date == self.ask.birth_date && folded(record) == folded(&self.record);
        if let Some((patient, _)) = self.reached(false).await?.iter().find(|(_, record)| same(record)) {
            self.note(*patient).await?;
            return Ok(RegisteredChart { patient: *patient, claim: None });
        }
        self.count().await?;
        // The clinic may have charts of two who share an address: what is known here must be this child's alone.
        if let Some(chart) = self.provable().await? {
            let id = (self.tenant(), chart.id);
            if grants::granted(self.cx, self.tx, self.account, id.0, id.1).await? {
                self.note(chart.id).await?;
                return Ok(RegisteredChart { patient: chart.id, claim: None });
            }
            if !grants::is_free_for(self.tx, self.account, id).await? {
                return Err(RegisterError::AskClinic);
            }
            grants::connect(self.cx, self.tx, self.account, id, NewGrant::booked("child")).await?;
            self.note(chart.id).await?;
            return Ok(RegisteredChart { patient: chart.id, claim: None });
        }
        // A chart that the clinic did not bring has nothing in it but what this parent says.
        let rights = Rights::of([Right::Book, Right::Messages, Right::Pay]);
        let new = NewGrant { relation: "child", rights, until: None, origin: "registration" };
        Ok(RegisteredChart { patient: self.create(new).await?, claim: None })
    }

    /// Charts that the account reaches here: its own, or others'.
    async fn reached(&self, own: bool) -> Result<Vec<(PatientId, ChartRecord)>, Internal> {
        let relation = chart_grant::Column::Relation;
        let relation = if own { relation.eq("self") } else { relation.ne("self") };
        let grants = chart_grant::Entity::find()
            .filter(chart_grant::Column::AccountId.eq(self.account.0))
            .filter(chart_grant::Column::TenantId.eq(self.tenant().0))
            .filter(relation)
            .filter(grants::in_force(self.cx.now_ms()))
            .all(self.tx)
            .await?;
        let mut all = Vec::with_capacity(grants.len());
        for grant in grants {
            let patient = PatientId(grant.patient_id);
            let row = charts::row(self.tx, self.tenant(), patient).await?;
            all.push((patient, ChartRecord::open(&self.keys, &row)?));
        }
        Ok(all)
    }

    async fn count(&self) -> Result<(), RegisterError> {
        let made = registration::Entity::find()
            .filter(registration::Column::AccountId.eq(self.account.0))
            .filter(registration::Column::At.gt(self.cx.now_ms() - DAY_MS));
        if made.count(self.tx).await? >= MOST { Err(RegisterError::TooMany) } else { Ok(()) }
    }

    /// Whether the address on the chart is enough, and it is nobody else's.
    async fn is_theirs(&self, chart: &Candidate) -> Result<bool, Internal> {
        let id = (self.tenant(), chart.id);
        let proves = grants::address_proves(self.cx, self.tx, self.account, (id, chart.record.birth_date)).await?;
        Ok(proves && grants::is_free_for(self.tx, self.account, id).await?)
    }

    /// The chart that is surely this person's, and has an address that the account proved.
    async fn provable(&self) -> Result<Option<Candidate>, Internal> {
        if !self.caught_up {
            return Ok(None);
        }
        let mut particulars = self.record.particulars();
        for email in &self.proved {
            particulars = particulars.with_email(email);
        }
        let found = index::find(self.cx, self.tx, self.tenant(), &particulars, &[]).await?;
        let Finding::Chart(chart) = found else { return Ok(None) };
        let email = chart.record.email.as_ref().map(|email| email.to_lowercase());
        Ok(email.is_some_and(|email| self.proved.contains(&email)).then_some(chart))
    }

    /// The clinic's patient from now on: written down once, and in the audit.
    async fn note(&self, patient: PatientId) -> Result<(), Internal> {
        let row = registration::ActiveModel {
            tenant_id: Set(self.tenant().0),
            patient_id: Set(patient.0),
            clinic_id: Set(self.clinic.id.0),
            account_id: Set(Some(self.account.0)),
            at: Set(self.cx.now_ms()),
        };
        let key = [registration::Column::TenantId, registration::Column::PatientId, registration::Column::ClinicId];
        let known = OnConflict::columns(key).do_nothing().to_owned();
        let new = registration::Entity::insert(row).on_conflict(known).exec_without_returning(self.tx).await? > 0;
        if !new {
            return Ok(());
        }
        let entry = Entry {
            actor: Actor { kind: "account", id: Some(self.account.0) },
            action: "patient.register",
            entity: "patient",
            entity_id: Some(patient.0),
            patient_id: Some(patient.0),
            outcome: "ok",
        };
        audit::append(self.cx, self.tx, self.tenant(), entry).await
    }

    async fn create(&self, new: NewGrant<'_>) -> Result<PatientId, Internal> {
        let patient = charts::create_apart(self.cx, self.tx, &self.keys, self.tenant(), &self.record).await?;
        grants::grant(self.cx, self.tx, self.account, (self.tenant(), patient), new).await?;
        self.note(patient).await?;
        let look = Job::LookForDuplicates { tenant: self.tenant(), clinic: self.clinic.id, patients: vec![patient.0] };
        jobs::enqueue(self.cx, self.tx, &look).await?;
        Ok(patient)
    }
}
