//! What is drawn under a table of a terminal, a line each: how a figure went over time, and how far a goal is.

use std::io::{self, Write};

use anstyle::Style;

use super::fit::GAP;
use super::look::{Look, QUIET, SERIES};
use super::value::Writer;
use super::width::{cut, width, wrap};
use crate::metrics::chart::{Picture, Trend, Value};

/// Shorter lines show nothing, and longer ones no more.
const LEAST: usize = 3;
const MOST: usize = 60;

/// A line of marks for each figure that was followed over time, with the lowest and the highest that it was.
pub(super) fn write_trends(
    trends: &[Trend<'_>],
    limit: usize,
    writer: &Writer<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let look = writer.look;
    let names: Vec<String> = trends
        .iter()
        .map(|trend| cut(&look.heading(trend.column), limit / 3, look.pick("…", "...")))
        .collect();
    let ranges: Vec<String> = trends.iter().map(|trend| range(trend, writer)).collect();
    let widest = |texts: &[String]| texts.iter().map(|text| width(text)).max().unwrap_or(0);
    let (name_room, range_room) = (widest(&names), widest(&ranges));
    let room = limit.saturating_sub(name_room + range_room + 2 * GAP).min(MOST);
    if trends.is_empty() || room < LEAST {
        return Ok(());
    }
    writeln!(out)?;
    let gap = " ".repeat(GAP);
    for ((trend, name), range) in trends.iter().zip(&names).zip(&ranges) {
        let pad = " ".repeat(name_room - width(name));
        let line = spark(&trend.values, room, look);
        writeln!(out, "{name}{pad}{gap}{}{gap}{range}", look.paint(SERIES[0], &line))?;
    }
    Ok(())
}

/// A mark a time, as high as its number, the last of them where not all have room; nothing where there is no number.
fn spark(values: &[Value<'_>], room: usize, look: &Look) -> String {
    const UNICODE: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const ASCII: [char; 8] = ['_', '.', ',', '-', '=', '+', '*', '#'];
    let marks = if look.unicode { UNICODE } else { ASCII };
    let shown = &values[values.len().saturating_sub(room)..];
    let ends = shown.iter().filter_map(|value| value.number);
    let (low, high) =
        ends.fold((0.0_f64, 0.0_f64), |(low, high), number| (low.min(number), high.max(number)));
    let mark = |number: f64| {
        let share = if high > low { (number - low) / (high - low) } else { 0.0 };
        marks[((share * 7.0).round() as usize).min(7)]
    };
    shown.iter().map(|value| value.number.map_or(' ', mark)).collect()
}

/// The lowest and the highest number.
fn range(trend: &Trend<'_>, writer: &Writer<'_>) -> String {
    let numbered = || trend.values.iter().filter_map(|value| Some((value.number?, value.cell)));
    let low = numbered().min_by(|a, b| a.0.total_cmp(&b.0));
    let high = numbered().max_by(|a, b| a.0.total_cmp(&b.0));
    let (Some((_, low)), Some((_, high))) = (low, high) else { return String::new() };
    format!("{} {} {}", writer.cell(low), writer.look.pick("–", "-"), writer.cell(high))
}

/// A bar of what was reached and what is likely to come, the goal marked on it; nothing where there is none.
pub(super) fn write_goal(
    picture: &Picture<'_>,
    limit: usize,
    writer: &Writer<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let look = writer.look;
    let marks = [look.pick("█", "#"), look.pick("▒", "="), look.pick("┃", "|")];
    for mark in &picture.marks {
        let Some((goal, parts)) = mark.values.split_last() else { continue };
        let Some(aim) = goal.number.filter(|aim| *aim > 0.0) else { continue };
        let part = |value: &Value<'_>| value.number.unwrap_or(0.0).max(0.0);
        let most = parts.iter().map(part).sum::<f64>().max(aim);
        let columns = limit.min(MOST);
        let place = |number: f64| ((number / most) * columns as f64).round() as usize;
        let ends = parts.iter().scan(0.0, |ran, value| {
            *ran += part(value);
            Some(place(*ran))
        });
        let ends: Vec<usize> = ends.collect();
        let aim = place(aim).clamp(1, columns) - 1;
        writeln!(out)?;
        let field = |column: usize| match ends.iter().position(|end| column < *end) {
            _ if column == aim => (marks[2], Style::new()),
            Some(part) => (marks[part.min(1)], SERIES[part.min(1)]),
            None => (" ", Style::new()),
        };
        let fields: Vec<(&str, Style)> = (0..columns).map(field).collect();
        let run = |run: &[(&str, Style)]| {
            let (shown, style) = run[0];
            let text = shown.repeat(run.len());
            if style == Style::new() { text } else { look.paint(style, &text) }
        };
        let line: String = fields.chunk_by(|a, b| a == b).map(run).collect();
        writeln!(out, "{}", line.trim_end())?;
        let named = mark.values.iter().zip(&picture.columns).enumerate().map(|(nth, (value, column))| {
            let shown = if nth + 1 == mark.values.len() { marks[2] } else { marks[nth.min(1)] };
            format!("{shown} {} {}", look.heading(column), writer.cell(value.cell))
        });
        let named: Vec<String> = named.collect();
        let on_one_line = named.join(&" ".repeat(GAP));
        let lines = if width(&on_one_line) <= limit { vec![on_one_line] } else { named };
        let lines = lines.iter().flat_map(|line| wrap(line, limit));
        lines.into_iter().try_for_each(|line| writeln!(out, "{}", look.paint(QUIET, &line)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::value::NamedCurrency;
    use super::*;
    use crate::metrics::chart::{Chart, trends};
    use crate::metrics::figures::{Cell, Column, Figures, Kind, Row, Section, Shape};

    fn section(by: &[&str], rows: Vec<Row>) -> Section {
        let columns = ["won", "weighted", "target"].map(|key| Column::new(key, Kind::Count)).into();
        let by = by.iter().map(|name| (*name).to_owned()).collect();
        Section { key: "outlook", shape: Shape::List, by, columns, rows }
    }

    fn row(group: &[&str], numbers: [u64; 3]) -> Row {
        let group = group.iter().map(|name| (*name).to_owned()).collect();
        Row { group, cells: numbers.into_iter().map(Cell::Count).collect() }
    }

    fn lines(
        write: impl FnOnce(&Writer<'_>, &mut dyn Write) -> io::Result<()>,
        unicode: bool,
    ) -> Vec<String> {
        let look = Look { unicode, terminal: true, ..Look::default() };
        let mut out = Vec::new();
        write(&Writer { look: &look, currency: NamedCurrency::Nowhere }, &mut out).unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_goal_is_marked_on_what_was_reached_and_what_may_come() {
        let rows = vec![row(&[], [6, 3, 12])];
        let figures = Figures::of("forecast", [section(&[], rows)]);
        let picture = Chart::goal("outlook", &["won", "weighted", "target"]).picture(&figures).unwrap();
        // Of 12 columns six are won and three are likely; the goal is the last.
        let shown = lines(|writer, out| write_goal(&picture, 12, writer, out), true);
        assert_eq!(shown[..2], ["", "██████▒▒▒  ┃"]);
        assert_eq!(shown[2..], ["█ Won 6", "▒ Weighted 3", "┃ Target 12"]);
        assert_eq!(lines(|writer, out| write_goal(&picture, 12, writer, out), false)[1], "######===  |");
    }

    #[test]
    fn a_trend_is_as_high_as_its_numbers() {
        let rows =
            vec![row(&["2026-01"], [0, 1, 0]), row(&["2026-02"], [7, 1, 0]), row(&["2026-03"], [14, 1, 0])];
        let section = section(&["month"], rows);
        let trends = trends(&section);
        let shown = lines(|writer, out| write_trends(&trends, 40, writer, out), true);
        assert_eq!(shown, ["", "Won       ▁▅█  0 – 14", "Weighted  ███  1 – 1"]);
        let ascii = lines(|writer, out| write_trends(&trends, 40, writer, out), false);
        assert_eq!(ascii[1], "Won       _=#  0 - 14");
        assert!(lines(|writer, out| write_trends(&trends, 12, writer, out), true).is_empty());
    }
}
