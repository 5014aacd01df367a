//! Somebody at work. A session is at the desk when its account works somewhere, a passkey or an authenticator app proved
//! it lately, and somebody did something with it a moment ago (HIP-04).

use std::sync::Arc;

use domain::{
    ids::{AccountId, ClinicId, ResourceId, SessionId, TenantId},
    staff::{Action, Reach, Role},
};
use entity::{session, single_sign_on, staff};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, sea_query::Expr};
use uuid::Uuid;

use super::{Permission, Permit, members};
use crate::{
    clinic::{self, Clinic},
    cx::Cx,
    db::Tx,
    error::Internal,
    identity::FRESH_MS,
    who::{Actor, Browser, Patient, Vouched},
};

const MINUTE_MS: i64 = 60_000;
/// The last act is kept to half a minute.
const NOTED_MS: i64 = 30_000;

/// What somebody is at one place.
#[derive(Clone, Debug)]
pub struct Post {
    pub id: Uuid,
    pub tenant: TenantId,
    /// `None`: every clinic of the tenant.
    pub clinic: Option<ClinicId>,
    pub role: Role,
    /// Whose schedule is their own.
    pub practitioner: Option<ResourceId>,
    pub name: String,
}

impl Post {
    fn is_at(&self, clinic: &Clinic) -> bool {
        self.tenant == clinic.tenant && self.clinic.is_none_or(|own| own == clinic.id)
    }
}

/// Somebody at work.
#[derive(Clone, Debug)]
pub struct Desk {
    pub(crate) account: AccountId,
    posts: Vec<Post>,
    /// They proved a moment ago who they are.
    fresh: bool,
    /// UTC milliseconds.
    locks_at: i64,
}

/// Somebody at work who proved a moment ago who they are: what a desk that was left alone must not do asks for this.
#[derive(Clone, Copy, Debug)]
pub struct FreshDesk<'a>(&'a Desk);

impl std::ops::Deref for FreshDesk<'_> {
    type Target = Desk;
    fn deref(&self) -> &Desk {
        self.0
    }
}

#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    #[error("nobody is signed in")]
    SignIn,
    /// The account works nowhere. For its owner there is no desk.
    #[error("not one of the clinic's people")]
    NotStaff,
    /// Where they work, people come by the network's identity provider alone.
    #[error("single sign-on is needed")]
    SignOn,
    /// An address alone, or a proof of long ago, is not enough.
    #[error("a passkey or an authenticator app is needed")]
    Prove,
    /// Nobody did anything for a while.
    #[error("the desk is locked")]
    Locked,
    #[error(transparent)]
    Internal(#[from] Internal),
}

impl From<sea_orm::DbErr> for DeskError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl Desk {
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// `None`: the proof is too old for what asks for a fresh one.
    pub fn fresh(&self) -> Option<FreshDesk<'_>> {
        self.fresh.then_some(FreshDesk(self))
    }

    /// When it locks if nobody does anything, UTC milliseconds.
    pub fn locks_at(&self) -> i64 {
        self.locks_at
    }

    pub fn posts(&self) -> &[Post] {
        &self.posts
    }

    pub fn actor(&self) -> Actor {
        Actor { kind: "staff", id: Some(self.account.0) }
    }

    /// Their post at a clinic with the widest say, for showing who is at work.
    pub fn post_at(&self, clinic: &Clinic) -> Option<&Post> {
        self.posts.iter().filter(|post| post.is_at(clinic)).max_by_key(|post| post.role)
    }

    /// Leave for one action at one clinic. `None`: no post of theirs has it.
    pub fn permit<P: Permission>(&self, clinic: &Arc<Clinic>) -> Option<Permit<P>> {
        let reach = |post: &&Post| post.role.reach(P::ACTION);
        let post = self.posts.iter().filter(|post| post.is_at(clinic)).max_by_key(reach)?;
        let own = match post.role.reach(P::ACTION)? {
            Reach::Clinic => None,
            // Whose schedule is nobody's has nothing of their own.
            Reach::Own => Some(post.practitioner?),
        };
        Some(Permit::new(self.actor(), clinic, post.clinic, own))
    }

    /// The post by which they may do something at a clinic.
    pub(crate) fn post_for(&self, clinic: &Clinic, action: Action) -> Option<&Post> {
        self.posts.iter().filter(|post| post.is_at(clinic)).find(|post| post.role.reach(action).is_some())
    }

    /// Whether some post of theirs has the action anywhere in a tenant; in which clinics, `None` for all.
    pub(crate) fn reach_in(&self, tenant: TenantId, action: Action) -> impl Iterator<Item = &Post> {
        self.posts.iter().filter(move |post| post.tenant == tenant && post.role.reach(action).is_some())
    }

    /// The clinics they work at, in the order of their names.
    pub async fn clinics(&self, cx: &Cx) -> Result<Vec<Arc<Clinic>>, Internal> {
        let mut ids = Vec::new();
        for post in &self.posts {
            match post.clinic {
                Some(id) => ids.push(id),
                None => ids.extend(clinic::of_tenant(cx, post.tenant).await?),
            }
        }
        ids.sort_unstable();
        ids.dedup();
        let mut clinics = Vec::with_capacity(ids.len());
        for id in ids {
            clinics.extend(clinic::by_id(cx, id).await?);
        }
        clinics.sort_by(|a, b| a.profile.name.cmp(&b.profile.name));
        Ok(clinics)
    }
}

/// Who is at work in this browser. A request that only watches, such as a live board's, keeps no desk open.
pub async fn desk(cx: &Cx, browser: Option<&Browser>, watches: bool) -> Result<Desk, DeskError> {
    let (session, account, posts) = match browser {
        Some(Browser::Patient(Patient { session, account })) => {
            let posts = own_posts(cx, *account).await?;
            if posts.is_empty() && works(cx, *account).await? {
                return Err(DeskError::SignOn);
            }
            (*session, *account, posts)
        }
        // A provider vouches for its own network alone.
        Some(Browser::Vouched(Vouched { session, account, tenant })) => {
            let live = live_posts(*account).filter(staff::Column::TenantId.eq(tenant.0));
            (*session, *account, read(cx, live).await?)
        }
        Some(Browser::Visitor(_)) | None => return Err(DeskError::SignIn),
    };
    if posts.is_empty() {
        return Err(DeskError::NotStaff);
    }
    let row = session::Entity::find_by_id(session.0).one(cx.db.read()).await?;
    let row = row.filter(|row| row.account_id == Some(account.0)).ok_or(DeskError::SignIn)?;
    let now = cx.now_ms();
    let within = |at: Option<i64>, minutes: i64| at.is_some_and(|at| now - at < minutes * MINUTE_MS);
    if !within(row.proved_at, cx.config.staff_minutes) {
        return Err(DeskError::Prove);
    }
    if !within(row.desk_at, cx.config.staff_idle_minutes) {
        return Err(DeskError::Locked);
    }
    if !watches && row.desk_at.is_none_or(|at| now - at > NOTED_MS) {
        cx.db.write(|tx| async move { note_act(&tx, session, now).await }).await?;
    }
    let acted = if watches { row.desk_at.unwrap_or(now) } else { now };
    let closes_at = row.proved_at.unwrap_or(now) + cx.config.staff_minutes * MINUTE_MS;
    let locks_at = closes_at.min(acted + cx.config.staff_idle_minutes * MINUTE_MS);
    Ok(Desk { account, posts, locks_at, fresh: row.proved_at.is_some_and(|at| (at..at + FRESH_MS).contains(&now)) })
}

fn live_posts(account: AccountId) -> Select<staff::Entity> {
    staff::Entity::find()
        .filter(staff::Column::AccountId.eq(account.0))
        .filter(staff::Column::DisabledAt.is_null())
        .order_by_asc(staff::Column::MadeAt)
}

/// The posts that one's own passkey or app opens: not those at networks whose people come by their provider alone.
async fn own_posts(cx: &Cx, account: AccountId) -> Result<Vec<Post>, Internal> {
    let by_provider = single_sign_on::Entity::find()
        .select_only()
        .column(single_sign_on::Column::TenantId)
        .filter(single_sign_on::Column::Only.eq(true))
        .into_query();
    read(cx, live_posts(account).filter(staff::Column::TenantId.not_in_subquery(by_provider))).await
}

/// Whether the account has a post at all, whatever opens it.
async fn works(cx: &Cx, account: AccountId) -> Result<bool, Internal> {
    Ok(live_posts(account).one(cx.db.read()).await?.is_some())
}

async fn read(cx: &Cx, posts: Select<staff::Entity>) -> Result<Vec<Post>, Internal> {
    let rows = posts.all(cx.db.read()).await?;
    let mut posts = Vec::with_capacity(rows.len());
    for row in rows {
        posts.push(members::post(cx, cx.db.read(), row).await?);
    }
    Ok(posts)
}

async fn note_act(tx: &Tx, session: SessionId, now: i64) -> Result<(), Internal> {
    session::Entity::update_many()
        .col_expr(session::Column::DeskAt, Expr::value(Some(now)))
        .filter(session::Column::Id.eq(session.0))
        .exec(tx)
        .await?;
    Ok(())
}

/// A session proved by more than an address: whoever works somewhere is at their desk with it.
pub(crate) async fn proved(cx: &Cx, tx: &Tx, session: SessionId) -> Result<(), Internal> {
    session::Entity::update_many()
        .col_expr(session::Column::ProvedAt, Expr::value(Some(cx.now_ms())))
        .col_expr(session::Column::DeskAt, Expr::value(Some(cx.now_ms())))
        .filter(session::Column::Id.eq(session.0))
        .exec(tx)
        .await?;
    Ok(())
}

/// Whether a code by mail is not enough for what needs a fresh proof: of the clinic's people, once they have a passkey or
/// an app. Otherwise whoever reads their mail could set up one of their own, and be at the desk.
pub async fn needs_proof(cx: &Cx, who: &Patient) -> Result<bool, Internal> {
    Ok(works(cx, who.account).await? && has_proof(cx, who).await?)
}

/// Locks the desk: only a new proof opens it.
pub async fn lock(cx: &Cx, browser: &Browser) -> Result<(), Internal> {
    let session = browser.session();
    cx.db
        .write(|tx| async move {
            session::Entity::update_many()
                .col_expr(session::Column::DeskAt, Expr::value(None::<i64>))
                // Nor may whoever sits down then set up a key of their own.
                .col_expr(session::Column::ProvedAt, Expr::value(None::<i64>))
                .filter(session::Column::Id.eq(session.0))
                .exec(&tx)
                .await?;
            Ok::<_, Internal>(())
        })
        .await
}

/// Whether the account has a passkey or an authenticator app at all.
pub async fn has_proof(cx: &Cx, who: &Patient) -> Result<bool, Internal> {
    let passkeys = crate::identity::passkeys(cx, who).await?;
    Ok(!passkeys.is_empty() || super::has_one_time(cx, who).await?)
}
