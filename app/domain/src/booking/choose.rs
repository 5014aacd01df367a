//! Who is "any practitioner" (booking rule 17). The caller decides inside the transaction, from fresh numbers.

use std::cmp::Reverse;

use crate::ids::ResourceId;

/// A practitioner who is free at the asked time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contender {
    pub practitioner: ResourceId,
    /// The patient has been to this practitioner before.
    pub seen_before: bool,
    /// Minutes booked in the week of the visit.
    pub minutes_that_week: i64,
    /// The clinic's own order, lower first.
    pub position: u32,
}

/// One seen before, then the fewest minutes booked that week, then the clinic's order, then the id.
/// `None` when there is nobody to choose from.
pub fn choose(contenders: &[Contender]) -> Option<ResourceId> {
    contenders
        .iter()
        .min_by_key(|c| (Reverse(c.seen_before), c.minutes_that_week, c.position, c.practitioner))
        .map(|c| c.practitioner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn contender(id: u128, seen_before: bool, minutes_that_week: i64, position: u32) -> Contender {
        Contender { practitioner: ResourceId(Uuid::from_u128(id)), seen_before, minutes_that_week, position }
    }

    fn chosen(contenders: &[Contender]) -> Option<u128> {
        choose(contenders).map(|id| id.0.as_u128())
    }

    #[test]
    fn somebody_seen_before_wins_however_busy() {
        let all = [contender(1, false, 0, 0), contender(2, true, 900, 9)];
        assert_eq!(chosen(&all), Some(2));
    }

    #[test]
    fn among_equals_the_least_booked_wins_then_the_clinics_order_then_the_id() {
        let all = [contender(1, true, 60, 0), contender(2, true, 30, 5)];
        assert_eq!(chosen(&all), Some(2));
        let all = [contender(1, true, 30, 7), contender(2, true, 30, 5)];
        assert_eq!(chosen(&all), Some(2));
        let all = [contender(4, true, 30, 5), contender(3, true, 30, 5)];
        assert_eq!(chosen(&all), Some(3));
    }

    #[test]
    fn the_order_they_are_given_in_does_not_matter() {
        let mut all = [contender(1, false, 10, 1), contender(2, true, 20, 1), contender(3, true, 20, 0)];
        let first = chosen(&all);
        all.reverse();
        assert_eq!(chosen(&all), first);
    }

    #[test]
    fn nobody_is_chosen_from_nobody() {
        assert_eq!(chosen(&[]), None);
    }
}
