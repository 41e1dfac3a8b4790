//! A board in a page: a column of cards for each stage, and below them how many deals there are and since when.

use std::io::{self, Write};

use super::board::{facts, more_text, sums};
use super::html::{self, text};
use super::look::Look;
use super::value::{NamedCurrency, Writer};
use crate::metrics::board::{Board, Card, Lane};
use crate::metrics::figures::{Figures, Section};

/// Writes the board, and those of its `figures` that are not cards, as a page.
pub(super) fn write(board: &Board, figures: &Figures, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let writer = Writer { look, currency: NamedCurrency::Scope(board.currency) };
    html::begin(figures, look, out)?;
    writeln!(out, "<section class=\"wide cards\">")?;
    board.columns.iter().try_for_each(|lane| write_lane(lane, &writer, out))?;
    writeln!(out, "</section>")?;
    // The first section is the cards themselves.
    let others: Vec<&Section> = figures.sections.iter().skip(1).collect();
    html::write_sections(figures, &others, look, out)?;
    html::end(&[figures], look, out)
}

fn write_lane(lane: &Lane, writer: &Writer<'_>, out: &mut dyn Write) -> io::Result<()> {
    let stage = writer.text(writer.look.stage(&lane.stage));
    let sums = whole(&sums(lane, writer), writer);
    writeln!(out, "<div>\n<h2>{}</h2>\n<p class=\"quiet\">{sums}</p>", text(&stage))?;
    if !lane.cards.is_empty() {
        writeln!(out, "<ul>")?;
        lane.cards.iter().try_for_each(|card| write_card(card, writer, out))?;
        writeln!(out, "</ul>")?;
    }
    if let Some(more) = more_text(lane, writer) {
        writeln!(out, "<p class=\"quiet\">{}</p>", text(&more))?;
    }
    writeln!(out, "</div>")
}

fn write_card(card: &Card, writer: &Writer<'_>, out: &mut dyn Write) -> io::Result<()> {
    let [whose, what, marks] = facts(card, writer).map(|facts| whole(&facts, writer));
    let stalled = if card.stalled { " class=\"stalled\"" } else { "" };
    write!(out, "<li{stalled}><strong>{}</strong>", text(&writer.text(&card.name)))?;
    for line in [whose, what].iter().filter(|line| !line.is_empty()) {
        write!(out, "<br>{line}")?;
    }
    if !marks.is_empty() {
        write!(out, "<br><em>{marks}</em>")?;
    }
    writeln!(out, "</li>")
}

/// Facts on one line; where it is too short, it is broken between them.
fn whole(facts: &[String], writer: &Writer<'_>) -> String {
    let fact = |fact: &String| format!("<span>{}</span>", text(fact));
    writer.joined(&facts.iter().map(fact).collect::<Vec<_>>())
}
