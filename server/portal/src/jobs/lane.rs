//! The queue's lanes, and the bell that wakes their workers.

use entity::job;
use sea_orm::{ColumnTrait, Condition, sea_query::IntoCondition};
use tokio::sync::Notify;

/// What keeps nothing else waiting. Each has a worker of its own: six hundred mails, or a mail server that does not answer,
/// hold up neither a code, which is worth nothing after ten minutes, nor what needs no mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    Codes,
    /// What sends nothing.
    Work,
    /// Every other message.
    Mail,
}

impl Lane {
    pub const ALL: [Self; 3] = [Self::Codes, Self::Work, Self::Mail];
    const CODES: [&str; 2] = ["send_code", "send_claim_code"];
    const WORK: [&str; 5] = ["start_recovery", "resolve_claim", "look_for_duplicates", "offer_waitlist", "offer_times"];

    pub(super) fn of(self) -> Condition {
        let kind = job::Column::Kind;
        match self {
            Self::Codes => kind.is_in(Self::CODES).into_condition(),
            Self::Work => kind.is_in(Self::WORK).into_condition(),
            Self::Mail => kind.is_not_in([&Self::CODES[..], &Self::WORK].concat()).into_condition(),
        }
    }
}

/// Somebody queued something, so that the workers need not wait for their next look.
#[derive(Debug, Default)]
pub struct JobBell([Notify; Lane::ALL.len()]);

impl JobBell {
    pub fn ring(&self) {
        self.0.iter().for_each(Notify::notify_one);
    }

    /// When somebody does.
    pub async fn rung(&self, lane: Lane) {
        self.0[lane as usize].notified().await;
    }
}
