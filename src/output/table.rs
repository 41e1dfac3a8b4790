//! The table that people read: ruled and fitted on a terminal, plain aligned text in a pipe or a file.

use std::io::{self, Write};

use anstyle::Style;
use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use super::bars;
use super::fit::{self, Fitted, GAP};
use super::grid::{self, Grid, Headings, Side};
use super::look::{HEADING, Look, QUIET};
use super::pages;
use super::width::{width, wrap};
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
            Some(limit) => {
                let mut charts = charts(figures.name).iter().filter(|chart| chart.section == section.key);
                let grid = match charts.find_map(|chart| chart.picture(figures)) {
                    Some(picture) => bars::beside(grid, &picture, limit, look),
                    None => grid,
                };
                write_fitted(&grid, limit, look, out)?;
            }
            None => write_plain(&grid, look, out)?,
        }
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

fn write_fitted(grid: &Grid, limit: usize, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let mark = look.pick("…", "...");
    match fit::fit(grid, limit, mark) {
        Some(fitted) => write_ruled(grid, &fitted, look, out),
        None => write_stacked(grid, limit, look, out),
    }
}

fn write_ruled(grid: &Grid, fitted: &Fitted, look: &Look, out: &mut dyn Write) -> io::Result<()> {
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
            column.set_padding((0, if index == last { 0 } else { GAP as u16 }));
            column.set_cell_alignment(match lane.side {
                Side::Left => CellAlignment::Left,
                Side::Right => CellAlignment::Right,
            });
        }
    }
    let headed = fitted.headings.iter().map(Vec::len).max().unwrap_or(0);
    for (index, line) in table.lines().enumerate() {
        let line = line.trim_end();
        if index < headed {
            writeln!(out, "{}", look.paint(HEADING, line))?;
        } else if index == headed && headed > 0 {
            writeln!(out, "{}", look.paint(QUIET, line))?;
        } else {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
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
