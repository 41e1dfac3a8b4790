//! The table that people read: ruled and fitted on a terminal, plain aligned text in a pipe or a file.

use std::io::{self, Write};

use anstyle::Style;
use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use super::bars;
use super::fit::{self, Fitted};
use super::grid::{self, Grid, Headings, Holds, Side};
use super::heat;
use super::look::{HEADING, Look, QUIET};
use super::pages;
use super::strips;
use super::value::{NamedCurrency, Writer};
use super::width::{width, wrap};
use crate::metrics::chart::{Form, trends};
use crate::metrics::charts;
use crate::metrics::figures::{Figures, Section, Shape};

/// Writes the sections one under the other.
pub(super) fn write(
    figures: &Figures,
    sections: &[&Section],
    look: &Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut gap = Gap::None;
    for line in grid::scope_lines(figures, look) {
        write_text(&line, QUIET, look, out)?;
        gap = Gap::Line;
    }
    for section in sections {
        if gap == Gap::Line {
            writeln!(out)?;
        }
        gap = Gap::Line;
        if let Some(title) = grid::title(figures, section, look) {
            write_text(&title, HEADING, look, out)?;
        }
        if section.shape == Shape::Pages {
            pages::write(section, look, out)?;
            continue;
        }
        let grid = grid::of_section(figures, section, look);
        match look.limit() {
            Some(limit) => write_drawn(figures, section, grid, limit, look, out)?,
            None => write_plain(&grid, look, out)?,
        }
    }
    Ok(())
}

/// The table with the first of its charts: in its rows, or under it.
fn write_drawn(
    figures: &Figures,
    section: &Section,
    grid: Grid,
    limit: usize,
    look: &Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let writer = Writer { look, currency: NamedCurrency::of(figures, section) };
    let mut charts = charts(figures.name).iter().filter(|chart| chart.section == section.key);
    let Some(picture) = charts.find_map(|chart| chart.picture(figures)) else {
        write_fitted(&grid, &[], limit, look, out)?;
        return strips::write_trends(&trends(section), limit, &writer, out);
    };
    match picture.form {
        Form::Bars | Form::Funnel | Form::Waterfall => {
            let grid = bars::beside(grid, &picture, limit, look);
            write_fitted(&grid, &bars::colours(&picture), limit, look, out)
        }
        Form::Heat => write_fitted(&heat::shaded(grid, &picture, look), &[], limit, look, out),
        Form::Goal => {
            write_fitted(&grid, &[], limit, look, out)?;
            strips::write_goal(&picture, limit, &writer, out)
        }
        Form::Line => {
            write_fitted(&grid, &[], limit, look, out)?;
            strips::write_trends(&trends(section), limit, &writer, out)
        }
    }
}

/// Writes those sections that have a picture in a terminal, each below an empty line; in a pipe nothing.
pub(super) fn write_pictured(figures: &Figures, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    if !look.terminal {
        return Ok(());
    }
    let pictured = charts(figures.name).iter().filter_map(|chart| chart.picture(figures));
    for picture in pictured {
        writeln!(out)?;
        write(figures, &[picture.section], look, out)?;
    }
    Ok(())
}

/// What comes before the next section.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gap {
    None,
    Line,
}

fn write_text(text: &str, style: Style, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let lines = look.limit().map_or_else(|| vec![text.to_owned()], |limit| wrap(text, limit));
    lines.iter().try_for_each(|line| writeln!(out, "{}", look.paint(style, line)))
}

/// The grid within `limit` columns; `colours` are those of the bars in its rows, where it has any.
fn write_fitted(
    grid: &Grid,
    colours: &[Style],
    limit: usize,
    look: &Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mark = look.pick("…", "...");
    match fit::fit(grid, limit, mark) {
        Some(fitted) => write_ruled(grid, &fitted, colours, look, out),
        None => write_stacked(grid, limit, look, out),
    }
}

fn write_ruled(
    grid: &Grid,
    fitted: &Fitted,
    colours: &[Style],
    look: &Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut table = Table::new();
    // Every cell fits already: what the library does with a wide character in a column of one is never asked.
    table.set_content_arrangement(ContentArrangement::Disabled);
    let rule = look.pick("─", "-").chars().next().unwrap_or('-');
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill(rule)));
    if !fitted.headings.is_empty() {
        table.set_header(fitted.headings.iter().map(|lines| Cell::new(lines.join("\n"))));
    }
    for row in &fitted.rows {
        table.add_row(row.iter().map(|lines| Cell::new(lines.join("\n"))));
    }
    let last = grid.lanes.len().saturating_sub(1);
    for (index, lane) in grid.lanes.iter().enumerate() {
        if let Some(column) = table.column_mut(index) {
            column.set_padding((0, if index == last { 0 } else { fitted.gap as u16 }));
            column.set_cell_alignment(match lane.side {
                Side::Left => CellAlignment::Left,
                Side::Right => CellAlignment::Right,
            });
        }
    }
    let headed = fitted.headings.iter().map(Vec::len).max().unwrap_or(0);
    let mut bars = bars_by_line(grid, fitted, colours).into_iter();
    for (index, line) in table.lines().enumerate() {
        let line = line.trim_end();
        if index < headed {
            writeln!(out, "{}", look.paint(HEADING, line))?;
        } else if index == headed && headed > 0 {
            writeln!(out, "{}", look.paint(QUIET, line))?;
        } else {
            let bar = bars.next().flatten();
            match bar.and_then(|(bar, colour)| Some((line.strip_suffix(bar)?, bar, colour))) {
                Some((rest, bar, colour)) => writeln!(out, "{rest}{}", look.paint(colour, bar))?,
                None => writeln!(out, "{line}")?,
            }
        }
    }
    Ok(())
}

/// For each line under the headings the bar that it ends with, and its colour.
fn bars_by_line<'a>(grid: &Grid, fitted: &'a Fitted, colours: &[Style]) -> Vec<Option<(&'a str, Style)>> {
    if grid.lanes.last().is_none_or(|lane| lane.holds != Holds::Bars) {
        return Vec::new();
    }
    let lines = |(row, colour): (&'a Vec<fit::Folded>, &Style)| {
        let height = row.iter().map(Vec::len).max().unwrap_or(0);
        let bar = row.last().and_then(|lines| lines.first()).map(|bar| (bar.trim(), *colour));
        let mut lines = vec![None; height];
        if let Some(first) = lines.first_mut() {
            *first = bar;
        }
        lines
    };
    fitted.rows.iter().zip(colours).flat_map(lines).collect()
}

fn write_stacked(grid: &Grid, limit: usize, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let apart = grid.headings == Headings::Shown;
    for (index, block) in fit::stack(grid, limit, look.pick("…", "...")).iter().enumerate() {
        if apart && index > 0 {
            writeln!(out)?;
        }
        block.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(())
}

/// Columns two spaces apart, every cell whole: nothing that a script would have to undo.
fn write_plain(grid: &Grid, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let headings: Vec<String> = match grid.headings {
        Headings::Shown => grid.lanes.iter().map(|lane| lane.heading.clone()).collect(),
        Headings::Implied => Vec::new(),
    };
    let mut widths = vec![0; grid.lanes.len()];
    for row in grid.rows.iter().chain([&headings]) {
        for (most, text) in widths.iter_mut().zip(row) {
            *most = width(text).max(*most);
        }
    }
    if grid.headings == Headings::Shown {
        writeln!(out, "{}", look.paint(HEADING, &aligned(&headings, grid, &widths)))?;
    }
    grid.rows.iter().try_for_each(|row| writeln!(out, "{}", aligned(row, grid, &widths)))
}

fn aligned(row: &[String], grid: &Grid, widths: &[usize]) -> String {
    let mut line = String::new();
    for ((index, text), (lane, most)) in row.iter().enumerate().zip(grid.lanes.iter().zip(widths)) {
        if index > 0 {
            line.push_str("  ");
        }
        let pad = " ".repeat(most - width(text));
        match lane.side {
            Side::Left => line.extend([text, pad.as_str()]),
            Side::Right => line.extend([pad.as_str(), text]),
        }
    }
    line.truncate(line.trim_end_matches(' ').len());
    line
}
