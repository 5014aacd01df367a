//! What several files share.

use testkit::Answer;

/// How many answers have this status.
pub fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|a| a.status == status).count()
}

/// Fails unless exactly `won` answers say 201 and all others 409.
#[track_caller]
pub fn assert_won(answers: &[Answer], won: usize) {
    let lost = answers.len() - won;
    let told: Vec<_> = answers.iter().filter(|a| a.status != 409).map(|a| (a.status, &a.text)).collect();
    assert_eq!((count(answers, 201), count(answers, 409)), (won, lost), "{told:#?}");
}
