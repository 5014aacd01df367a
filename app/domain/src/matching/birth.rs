//! How well two birth dates agree.

use jiff::civil::Date;

use super::level::Level;

pub(super) fn compare(a: Option<Date>, b: Option<Date>) -> Level {
    let (Some(a), Some(b)) = (a, b) else { return Level::Missing };
    if a == b {
        Level::Exact
    } else if a.year() == b.year() && turned(a) == turned(b) {
        Level::Swapped
    } else if one_slip(a, b) || about_leap_day(a, b) {
        Level::Near
    } else if a.year() == b.year() && (a.month() == b.month() || a.day() == b.day()) {
        Level::Part
    } else {
        Level::Disagree
    }
}

/// Day and month with the smaller first: one pair for a date and the same date with the two in the other order.
pub(super) fn turned(date: Date) -> (i8, i8) {
    (date.day().min(date.month()), date.day().max(date.month()))
}

/// 1 January is what is written where the day is not known, so it says little about who somebody is.
pub(super) fn is_stand_in(date: Option<Date>) -> bool {
    date.is_some_and(|date| date.day() == 1 && date.month() == 1)
}

/// One digit wrong, or two neighbours swapped.
fn one_slip(a: Date, b: Date) -> bool {
    let (a, b) = (a.strftime("%Y%m%d").to_string(), b.strftime("%Y%m%d").to_string());
    let wrong: Vec<usize> = a.bytes().zip(b.bytes()).enumerate().filter(|(_, (x, y))| x != y).map(|(i, _)| i).collect();
    let (a, b) = (a.as_bytes(), b.as_bytes());
    match wrong[..] {
        [_] => true,
        [i, j] => j == i + 1 && a[i] == b[j] && a[j] == b[i],
        _ => false,
    }
}

/// Some systems refuse 29 February and are given the day before or after.
fn about_leap_day(a: Date, b: Date) -> bool {
    let leap = |date: Date| (date.month(), date.day()) == (2, 29);
    let beside = |date: Date| matches!((date.month(), date.day()), (2, 28) | (3, 1));
    a.year() == b.year() && (leap(a) && beside(b) || leap(b) && beside(a))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn slips_in_a_date_are_near_and_other_dates_are_not() {
        let born = Some(date(1984, 3, 5));
        for (other, level) in [
            (date(1984, 3, 5), Level::Exact),
            (date(1984, 5, 3), Level::Swapped),
            (date(1984, 3, 6), Level::Near),
            (date(1948, 3, 5), Level::Near),
            (date(1984, 3, 26), Level::Part),
            (date(1984, 12, 5), Level::Part),
            (date(1985, 5, 3), Level::Disagree),
            (date(1986, 4, 5), Level::Disagree),
        ] {
            assert_eq!(compare(born, Some(other)), level, "{other}");
            assert_eq!(compare(Some(other), born), level, "{other}");
        }
        assert_eq!(compare(born, None), Level::Missing);
    }

    #[test]
    fn a_leap_day_is_near_the_days_beside_it() {
        for (other, level) in [
            (date(2008, 2, 28), Level::Near),
            (date(2008, 3, 1), Level::Near),
            (date(2009, 3, 1), Level::Disagree),
            (date(2008, 3, 2), Level::Disagree),
        ] {
            assert_eq!(compare(Some(date(2008, 2, 29)), Some(other)), level, "{other}");
        }
    }
}
