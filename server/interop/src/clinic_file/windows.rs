//! Opening windows: `"08:00-12:30"`, what they cover, and where they would overlap.

use domain::booking::WallWindow;
pub(super) use domain::booking::stated::reach;
use jiff::civil::Time;
use toml::de::DeValue;

use super::raw::{Field, article};
use super::value::{Kind, shown};

pub(super) const DAY: i64 = 24 * 60;
const OVERLAP: &str = "windows of one day that do not overlap";
const MOST: usize = 24;

/// A window of one day; one that ends at or before its start ends on the next day.
#[derive(Clone, Copy)]
pub(super) struct Window;

impl Kind for Window {
    type Out = WallWindow;
    fn allowed(&self) -> String {
        "windows such as \"08:00-12:30\", on five minutes, from 00:00 to 24:00".to_owned()
    }
    fn read(&self, value: &DeValue<'_>) -> Result<WallWindow, String> {
        let text = value.as_str().ok_or_else(|| format!("this is {}", article(value)))?;
        let times = text.split_once(['-', '–']);
        let (open, close) = times
            .and_then(|(open, close)| Some((clock(open)?, clock(close)?)))
            .filter(|(open, _)| *open < DAY)
            .ok_or_else(|| format!("{} is not a window", shown(text)))?;
        if open % 5 != 0 || close % 5 != 0 {
            return Err(format!("{} is not on five minutes", shown(text)));
        }
        if open == close {
            return Err(format!("{} ends when it starts (a whole day is 00:00-24:00)", shown(text)));
        }
        Ok(WallWindow { open: time(open), close: time(close % DAY) })
    }
}

/// `8:00`, `08:00` or `24:00` in minutes after midnight.
fn clock(text: &str) -> Option<i64> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if !(1..=2).contains(&hour.len()) || minute.len() != 2 || !digits(hour) || !digits(minute) {
        return None;
    }
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    let minutes = hour * 60 + minute;
    (minute < 60 && minutes <= DAY).then_some(minutes)
}

fn time(minutes: i64) -> Time {
    Time::midnight() + jiff::SignedDuration::from_mins(minutes)
}

/// As the file would write it.
pub(super) fn said(window: WallWindow) -> String {
    let (open, close) = reach(window);
    let close = if close == DAY { DAY } else { close % DAY };
    format!("{:02}:{:02}-{:02}:{:02}", open / 60, open % 60, close / 60, close % 60)
}

/// The windows of one day, in order; overlaps are reported at the later window.
pub(super) fn read(field: &Field<'_>) -> Vec<WallWindow> {
    let mut windows: Vec<(WallWindow, Field<'_>)> = Vec::new();
    let items = field.items(&Window.allowed());
    if items.len() > MOST {
        field.wrong(format!("{} windows", items.len()), format!("at most {MOST} windows"));
        return Vec::new();
    }
    for item in items {
        let item = item.named(&field.path);
        let Some(window) = item.read(Window) else {
            continue;
        };
        for (earlier, _) in &windows {
            if overlap(reach(*earlier), reach(window)) {
                let (one, other) = (window.min(*earlier), window.max(*earlier));
                item.wrong(format!("{} and {} overlap", said(one), said(other)), OVERLAP);
            }
        }
        windows.push((window, item));
    }
    let mut windows: Vec<WallWindow> = windows.into_iter().map(|(window, _)| window).collect();
    windows.sort_unstable();
    windows
}

fn overlap(one: (i64, i64), other: (i64, i64)) -> bool {
    one.0 < other.1 && other.0 < one.1
}

/// A window of one day that runs past midnight into a window of the next: both, earlier day first.
pub(super) fn spill(earlier: &[WallWindow], later: &[WallWindow]) -> Option<(WallWindow, WallWindow)> {
    let pairs = earlier.iter().flat_map(|one| later.iter().map(move |other| (*one, *other)));
    let mut clashes = pairs.filter(|(one, other)| {
        let (open, close) = reach(*other);
        overlap(reach(*one), (open + DAY, close + DAY))
    });
    clashes.next()
}

/// Says of `field`, the later day's, that an earlier day's window runs into it.
pub(super) fn report_spill(field: &Field<'_>, earlier: &[WallWindow], later: &[WallWindow]) {
    if let Some((one, other)) = spill(earlier, later) {
        field.wrong(
            format!("{} of the day before runs into {}", said(one), said(other)),
            "windows that do not overlap, also after midnight",
        );
    }
}
