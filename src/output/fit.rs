//! Fits a grid into a terminal: headings and sentences fold first, then texts give way, then headings and the space between
//! columns; numbers and ids never do.

use super::grid::{Grid, Headings, Lane, Room, Side};
use super::width::{cut, widest_word, width, wrap};

/// Spaces between columns, where there is room.
pub(super) const GAP: usize = 2;

/// A text folded into lines of so many columns can still be read with ease.
const READABLE: usize = 24;

/// How far columns may shrink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Squeeze {
    /// Every heading can be read.
    Little,
    /// As far as cells can still be told apart.
    Hard,
    /// The same, with columns side by side: better than no columns at all.
    Crowded,
}

impl Squeeze {
    /// Those that a grid may be put to, the gentlest first. Only rows of numbers can be crowded: texts would run together,
    /// and one row alone reads better line by line.
    fn of(grid: &Grid) -> &'static [Squeeze] {
        let all = &[Squeeze::Little, Squeeze::Hard, Squeeze::Crowded];
        let of_numbers = grid.lanes.iter().skip(1).all(|lane| lane.side == Side::Right);
        if of_numbers && grid.rows.len() > 1 { all } else { &all[..2] }
    }

    /// Spaces between columns.
    fn gap(self) -> usize {
        match self {
            Squeeze::Little | Squeeze::Hard => GAP,
            Squeeze::Crowded => 1,
        }
    }

    /// What is left of a text that gives way.
    fn least_text(self) -> usize {
        match self {
            Squeeze::Little => 8,
            Squeeze::Hard | Squeeze::Crowded => 6,
        }
    }

    /// What is left of a heading.
    fn least_heading(self, heading: &str) -> usize {
        match self {
            Squeeze::Little => widest_word(heading),
            Squeeze::Hard | Squeeze::Crowded => widest_word(heading).min(4),
        }
    }
}

/// A cell in its lines.
pub(super) type Folded = Vec<String>;

/// A grid whose every cell fits its column, and whose columns fit the terminal.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fitted {
    /// Spaces between columns.
    pub(super) gap: usize,
    pub(super) headings: Vec<Folded>,
    pub(super) rows: Vec<Vec<Folded>>,
}

/// The grid within `limit` columns, `mark` standing where a text was cut; `None` where it cannot stand side by side.
pub(super) fn fit(grid: &Grid, limit: usize, mark: &str) -> Option<Fitted> {
    let fitting = |squeeze: Squeeze| Some((squeeze.gap(), widths(grid, limit, squeeze)?));
    let (gap, widths) = Squeeze::of(grid).iter().copied().find_map(fitting)?;
    let headings = match grid.headings {
        Headings::Shown => grid
            .lanes
            .iter()
            .zip(&widths)
            .map(|(lane, room)| fold_heading(&lane.heading, *room, mark))
            .collect(),
        Headings::Implied => Vec::new(),
    };
    let fold = |(lane, room, text): (&Lane, usize, &String)| match lane.room {
        Room::Keep => vec![text.clone()],
        Room::Cut => vec![cut(text, room, mark)],
        Room::Wrap => wrap(text, room),
    };
    let lanes = || grid.lanes.iter().zip(&widths);
    let row =
        |row: &Vec<String>| lanes().zip(row).map(|((lane, room), text)| fold((lane, *room, text))).collect();
    Some(Fitted { gap, headings, rows: grid.rows.iter().map(row).collect() })
}

fn fold_heading(heading: &str, room: usize, mark: &str) -> Folded {
    if widest_word(heading) <= room { wrap(heading, room) } else { vec![cut(heading, room, mark)] }
}

/// How wide each column may be.
fn widths(grid: &Grid, limit: usize, squeeze: Squeeze) -> Option<Vec<usize>> {
    let spans: Vec<Span> = (0..grid.lanes.len()).map(|index| span(grid, index, squeeze)).collect();
    let room = limit.checked_sub(squeeze.gap() * spans.len().saturating_sub(1))?;
    if spans.iter().map(|span| span.least).sum::<usize>() > room {
        return None;
    }
    let mut widths: Vec<usize> = spans.iter().map(|span| span.natural.min(limit.max(span.least))).collect();
    // Headings fold first; texts that go on in the next line lose nothing, as long as it is no trickle; others lose their end.
    for (gives_way, down_to) in [(Room::Keep, 0), (Room::Wrap, READABLE), (Room::Cut, 0), (Room::Wrap, 0)] {
        while widths.iter().sum::<usize>() > room {
            let least = |index: usize| spans[index].least.max(down_to);
            let widest = (0..widths.len())
                .filter(|index| grid.lanes[*index].room == gives_way && widths[*index] > least(*index))
                .max_by_key(|index| widths[*index]);
            let Some(widest) = widest else { break };
            widths[widest] -= 1;
        }
    }
    Some(widths)
}

/// The widths that a column would like, and can do with.
struct Span {
    natural: usize,
    least: usize,
}

fn span(grid: &Grid, index: usize, squeeze: Squeeze) -> Span {
    let lane = &grid.lanes[index];
    let cells = grid.rows.iter().filter_map(|row| row.get(index)).map(|cell| width(cell)).max().unwrap_or(0);
    let (heading, least_heading) = match grid.headings {
        Headings::Shown => (width(&lane.heading), squeeze.least_heading(&lane.heading)),
        Headings::Implied => (0, 0),
    };
    let least = match lane.room {
        Room::Keep => cells,
        Room::Cut | Room::Wrap => cells.min(squeeze.least_text()),
    };
    Span { natural: cells.max(heading), least: least.max(least_heading) }
}

/// The grid as blocks of lines, a block for each row, for a terminal too narrow for columns.
pub(super) fn stack(grid: &Grid, limit: usize, mark: &str) -> Vec<Vec<String>> {
    let block = |row: &Vec<String>| match grid.headings {
        Headings::Shown => named_lines(grid, row, limit, mark),
        Headings::Implied => hanging_lines(row, limit),
    };
    grid.rows.iter().map(block).collect()
}

/// `heading  cell`, or the cell under its heading where both do not fit.
fn named_lines(grid: &Grid, row: &[String], limit: usize, mark: &str) -> Vec<String> {
    let column = grid.lanes.iter().map(|lane| width(&lane.heading)).max().unwrap_or(0);
    let mut lines = Vec::new();
    for (lane, text) in grid.lanes.iter().zip(row) {
        let text = text.trim_end();
        if column + GAP + width(text) <= limit {
            let pad = " ".repeat(column + GAP - width(&lane.heading));
            lines.push(format!("{}{pad}{text}", lane.heading).trim_end().to_owned());
            continue;
        }
        lines.extend(wrap(&lane.heading, limit));
        match lane.room {
            Room::Cut => lines.push(indented(&cut(text, limit - GAP, mark))),
            Room::Keep | Room::Wrap => {
                lines.extend(wrap(text, limit - GAP).iter().map(|line| indented(line)));
            }
        }
    }
    lines
}

/// The first cell, and the others under it.
fn hanging_lines(row: &[String], limit: usize) -> Vec<String> {
    let Some((first, rest)) = row.split_first() else { return Vec::new() };
    let rest = rest.iter().filter(|text| !text.is_empty());
    let rest = rest.flat_map(|text| wrap(text, limit - GAP)).map(|line| indented(&line));
    wrap(first, limit).into_iter().chain(rest).collect()
}

fn indented(line: &str) -> String {
    format!("{}{line}", " ".repeat(GAP))
}
