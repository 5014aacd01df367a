//! Opening windows as instants (booking rule 2): wall windows of each local day, resolved on the clock and merged.
//!
//! A window is half open. An opening or closing time that daylight saving skips is the end of the gap; a repeated
//! opening time is the earlier one, a repeated closing time the later. Touching windows are one.

use jiff::civil::Date;

use super::clock::{Clock, DAY, date_of};
use super::{Cell, Hours, Span, WallWindow};
use crate::booking::hours::Exception;

/// A run of cells in which the practitioner is there, or would be but for an exception.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    pub span: Span,
    /// The exception without windows that took these hours away.
    pub away: Option<&'a Exception>,
}

/// The merged windows that open on local days `from..=to`, in order.
pub(super) fn open_spans(hours: &Hours, clock: &Clock, from: i64, to: i64) -> Vec<Span> {
    let mut spans: Vec<(i64, i64)> = Vec::new();
    let mut date = date_of(from);
    for day in from..=to {
        spans.extend(hours.windows(date).filter_map(|w| resolve(clock, day, w)));
        date = date.tomorrow().unwrap_or(Date::MAX);
    }
    spans.sort_unstable();
    let mut merged: Vec<(i64, i64)> = Vec::with_capacity(spans.len());
    for (open, close) in spans {
        match merged.last_mut() {
            Some(last) if open <= last.1 => last.1 = last.1.max(close),
            _ => merged.push((open, close)),
        }
    }
    merged.into_iter().filter_map(cells).collect()
}

/// The practitioner's windows, and the weekly hours that exceptions without windows took away, disjoint and in order.
pub(super) fn segments<'a>(hours: &'a Hours, clock: &Clock, from: i64, to: i64) -> Vec<Segment<'a>> {
    let open = open_spans(hours, clock, from, to);
    let mut away = Vec::new();
    for (day, exception) in absences(hours, from, to) {
        for window in weekly(hours).windows(date_of(day)) {
            let span = resolve(clock, day, window).and_then(cells);
            away.extend(span.map(|span| (span, exception)));
        }
    }
    let mut segments: Vec<Segment> = open.iter().map(|span| Segment { span: *span, away: None }).collect();
    if away.is_empty() {
        return segments;
    }
    away.sort_by_key(|(span, _)| *span);
    let mut covered = Cell(i64::MIN);
    for (span, exception) in away {
        let rest = Span::new(span.start.max(covered), span.end);
        covered = covered.max(span.end);
        segments.extend(without(rest, &open).into_iter().map(|span| Segment { span, away: Some(exception) }));
    }
    segments.sort_by_key(|segment| segment.span);
    segments
}

/// Whether a wall time lies in a window, for times that have no instant of their own.
pub(super) fn is_open_at_wall(hours: &Hours, wall: i64) -> bool {
    let day = wall.div_euclid(DAY);
    (day - 1..=day).any(|day| {
        hours.windows(date_of(day)).any(|window| {
            let (open, close) = walls(day, window);
            open <= wall && wall < close
        })
    })
}

/// Days on which an exception leaves no windows.
fn absences(hours: &Hours, from: i64, to: i64) -> impl Iterator<Item = (i64, &Exception)> {
    let any = hours.exceptions.iter().any(|e| e.windows.is_empty());
    let days = any.then_some(from..=to).into_iter().flatten();
    days.filter_map(|day| {
        let date = date_of(day);
        let exception = hours.exceptions.iter().find(|e| e.date == date)?;
        exception.windows.is_empty().then_some((day, exception))
    })
}

/// The hours as if there were no exceptions.
fn weekly(hours: &Hours) -> Hours {
    Hours { weekly: hours.weekly.clone(), exceptions: Vec::new() }
}

fn walls(day: i64, window: WallWindow) -> (i64, i64) {
    let second = |time: jiff::civil::Time| {
        i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second())
    };
    let overnight = if window.close <= window.open { DAY } else { 0 };
    (day * DAY + second(window.open), day * DAY + overnight + second(window.close))
}

/// The window's instants; `None` when daylight saving leaves nothing of it.
fn resolve(clock: &Clock, day: i64, window: WallWindow) -> Option<(i64, i64)> {
    let (open, close) = walls(day, window);
    let (open, close) = (clock.opening(open), clock.closing(close));
    (open < close).then_some((open, close))
}

/// The whole cells within two instants.
fn cells((open, close): (i64, i64)) -> Option<Span> {
    let span = Span::new(Cell(-(-open).div_euclid(300)), Cell(close.div_euclid(300)));
    (!span.is_empty()).then_some(span)
}

/// What is left of `span` outside the `open` spans, which are disjoint and in order.
fn without(span: Span, open: &[Span]) -> Vec<Span> {
    let mut pieces = Vec::new();
    let mut start = span.start;
    let first = open.partition_point(|o| o.end <= span.start);
    for o in open[first..].iter().take_while(|o| o.start < span.end) {
        pieces.push(Span::new(start, o.start));
        start = o.end;
    }
    pieces.push(Span::new(start, span.end));
    pieces.retain(|piece| !piece.is_empty());
    pieces
}
