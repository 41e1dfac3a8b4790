//! From figures to text: every listing and every report in every format, and what is wrong, drawn for people.
//!
//! Knows cells, not reports, and no files but the writer it is given; what that can show, [`Look`] says.

mod axis;
mod bars;
mod board;
mod cards;
pub mod escape;
mod fit;
mod format;
mod grid;
mod groups;
mod heat;
mod html;
mod json;
mod json_cell;
mod json_shield;
mod labels;
mod look;
mod markdown;
pub mod page;
mod pages;
pub mod problem;
mod report_schema;
mod review;
mod separated;
mod strips;
mod svg;
mod table;
mod value;
mod width;

use std::io::{self, Write};
use std::path::Path;

use crate::error::{Error, Result};
use crate::metrics::board::Board;
use crate::metrics::figures::{Figures, Note, Section};
use crate::metrics::review::Review;

pub use format::Format;
pub use labels::label;
pub use look::Look;
pub use report_schema::report_schema;

/// What the format had no place for: the caller says it on standard error.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct LeftOut<'a> {
    /// Keys of the sections that were not written although nobody asked for one in particular.
    pub sections: Vec<&'static str>,
    /// The notes, where they were not written.
    pub notes: &'a [Note],
}

/// Writes figures in a format: all sections, or only the one called `section`.
///
/// CSV, TSV and JSON lines hold one table: the first section unless another is asked for. Fails when there is no
/// such section, when the writer does, and for a calendar, which figures are not.
pub fn render<'a>(
    figures: &'a Figures,
    format: Format,
    look: &Look,
    section: Option<&str>,
    out: &mut dyn Write,
) -> Result<LeftOut<'a>> {
    let sections = match section {
        Some(key) => vec![find(figures, key)?],
        None => figures.sections.iter().collect(),
    };
    let one = |write: &mut dyn FnMut(&Section) -> io::Result<()>| {
        sections.first().map_or(Ok(()), |first| write(first))
    };
    let written = match format {
        Format::Table => table::write(figures, &sections, look, out),
        Format::Markdown => markdown::write(figures, &sections, look, out),
        Format::Json => json::write(figures, &sections, look, out),
        Format::Csv => one(&mut |first| separated::write_csv(first, look, true, out)),
        Format::Tsv => one(&mut |first| separated::write_tsv(first, look, true, out)),
        Format::Jsonl => one(&mut |first| json::write_lines(first, json::Amounts::of(figures), look, out)),
        Format::Html => html::write(figures, &sections, &[], look, out),
        Format::Ics => return Err(no_calendar()),
    };
    written.and_then(|()| out.flush()).map_err(|error| Error::io("write", Path::new("the output"), error))?;
    let rest = match format {
        Format::Csv | Format::Tsv | Format::Jsonl => sections.get(1..).unwrap_or_default(),
        Format::Table | Format::Markdown | Format::Html | Format::Json | Format::Ics => &[],
    };
    let notes_written = match format {
        Format::Markdown | Format::Html => true,
        Format::Json => figures.scope.is_some(),
        Format::Table | Format::Csv | Format::Tsv | Format::Jsonl | Format::Ics => false,
    };
    Ok(LeftOut {
        sections: rest.iter().map(|section| section.key).collect(),
        notes: if notes_written { &[] } else { &figures.notes },
    })
}

/// Writes figures as one page of HTML, and below them what others have pictures of.
pub fn render_page<'a>(
    first: &'a Figures,
    others: &[Figures],
    look: &Look,
    out: &mut dyn Write,
) -> Result<LeftOut<'a>> {
    let sections: Vec<&Section> = first.sections.iter().collect();
    html::write(first, &sections, others, look, out)
        .map_err(|error| Error::io("write", Path::new("the output"), error))?;
    Ok(LeftOut { sections: Vec::new(), notes: &[] })
}

/// Writes a part of a listing that is rows one after the other: CSV, TSV or JSON lines, `headed` by the names of its
/// columns where the format has them. Parts one behind the other are what [`render`] writes of the whole.
///
/// Errors: the writer's; a format of another kind.
pub fn render_rows(
    section: &Section,
    format: Format,
    look: &Look,
    headed: bool,
    out: &mut dyn Write,
) -> Result<()> {
    let written = match format {
        Format::Csv => separated::write_csv(section, look, headed, out),
        Format::Tsv => separated::write_tsv(section, look, headed, out),
        Format::Jsonl => json::write_lines(section, json::Amounts::Alone, look, out),
        Format::Table | Format::Markdown | Format::Html | Format::Json | Format::Ics => {
            return Err(Error::usage("this format is one whole, not rows"));
        }
    };
    written.map_err(|error| Error::io("write", Path::new("the output"), error))
}

/// Writes a board: as columns of cards for people, in text and in a page, as its `figures` otherwise and where one table of them is asked for.
pub fn render_board<'a>(
    board: &Board,
    figures: &'a Figures,
    format: Format,
    look: &Look,
    section: Option<&str>,
    out: &mut dyn Write,
) -> Result<LeftOut<'a>> {
    let written = match (format, section) {
        (Format::Table, None) => {
            board::write(board, look, out).and_then(|()| table::write_pictured(figures, look, out))
        }
        (Format::Html, None) => cards::write(board, figures, look, out),
        (Format::Markdown, None) => board::write_markdown(board, look, out),
        _ => return render(figures, format, look, section, out),
    };
    written.and_then(|()| out.flush()).map_err(|error| Error::io("write", Path::new("the output"), error))?;
    Ok(LeftOut { sections: Vec::new(), notes: &figures.notes })
}

/// Writes a review: as a list with commands for people at a terminal, as its `figures` otherwise.
pub fn render_review<'a>(
    review: &Review,
    figures: &'a Figures,
    format: Format,
    look: &Look,
    out: &mut dyn Write,
) -> Result<LeftOut<'a>> {
    if format != Format::Table {
        return render(figures, format, look, None, out);
    }
    let written = review::write(review, look, out).and_then(|()| out.flush());
    written.map_err(|error| Error::io("write", Path::new("the output"), error))?;
    Ok(LeftOut { sections: Vec::new(), notes: &figures.notes })
}

/// What is said to those who want a calendar of something else than an agenda.
pub fn no_calendar() -> Error {
    Error::usage("only an agenda can be written as a calendar").hint("pipeline agenda -f ics")
}

fn find<'a>(figures: &'a Figures, key: &str) -> Result<&'a Section> {
    figures.sections.iter().find(|section| section.key == key).ok_or_else(|| {
        let known: Vec<&str> = figures.sections.iter().map(|section| section.key).collect();
        Error::usage(format!("{} has no section `{key}`", figures.name))
            .hint(format!("its sections: {}", known.join(", ")))
    })
}

#[cfg(test)]
mod tests;
