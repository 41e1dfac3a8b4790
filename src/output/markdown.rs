//! Markdown for wikis and pull requests: a heading and a table for each section, or a heading and a list for each page,
//! and the notes under them.

use std::borrow::Cow;
use std::io::{self, Write};

use super::escape::{Breaks, escape};
use super::grid::{self, Grid, Holds, Lane, Side};
use super::look::Look;
use super::pages::{self, Body, Page, Part};
use crate::metrics::figures::{Figures, Section, Shape};

/// Writes the sections and the notes.
pub(super) fn write(
    figures: &Figures,
    sections: &[&Section],
    look: &Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut blocks: Vec<String> = grid::scope_lines(figures, look);
    for section in sections {
        blocks.extend(grid::title(figures, section, look).map(|title| format!("## {}", text(&title))));
        match section.shape {
            Shape::Pages => blocks.extend(pages::of_section(section, look).iter().map(page)),
            Shape::Record | Shape::List | Shape::Top(_) => {
                blocks.push(table(&grid::of_section(figures, section, look)));
            }
        }
    }
    if !figures.notes.is_empty() {
        let item = |note: &str| format!("- {}", text(&escape(note, Breaks::Ascii)));
        blocks.push(
            figures.notes.iter().map(|note| item(note.text.text(look.lang))).collect::<Vec<_>>().join("\n"),
        );
    }
    writeln!(out, "{}", blocks.join("\n\n"))
}

/// A heading, and a list of what there is to say.
fn page(page: &Page) -> String {
    let part = |part: &Part| {
        let heading = text(&part.heading);
        match &part.body {
            Body::Text(body) => format!("- **{heading}**: {}", text(body)),
            Body::Items(items) => {
                let items: Vec<String> = items.iter().map(|item| format!("\n  - {}", text(item))).collect();
                format!("- **{heading}**:{}", items.concat())
            }
        }
    };
    let parts = page.parts.iter().map(part).collect::<Vec<_>>().join("\n");
    format!("## {}\n\n{parts}", text(&page.head)).trim_end().to_owned()
}

fn table(grid: &Grid) -> String {
    let line = |cells: Vec<Cow<str>>| format!("| {} |", cells.join(" | "));
    let headings = line(grid.lanes.iter().map(|lane| text(&lane.heading)).collect());
    let sides = grid.lanes.iter().map(|lane| match lane.side {
        Side::Left => Cow::Borrowed("---"),
        Side::Right => Cow::Borrowed("---:"),
    });
    let cell = |(lane, cell): (&Lane, &'_ String)| match lane.holds {
        Holds::Text | Holds::Bars => text(cell.trim_end()).into_owned(),
        Holds::Commands => code(cell),
    };
    let rows =
        grid.rows.iter().map(|row| line(grid.lanes.iter().zip(row).map(cell).map(Cow::Owned).collect()));
    [headings, line(sides.collect())].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

/// A command that can be pasted from a table: a bar ends a cell even in code.
fn code(command: &str) -> String {
    let command = command.replace('|', r"\|");
    match command.contains('`') {
        _ if command.is_empty() => command,
        true => format!("`` {command} ``"),
        false => format!("`{command}`"),
    }
}

/// A text that means itself: no table, emphasis, link or HTML begins in it.
pub(super) fn text(plain: &str) -> Cow<'_, str> {
    const SPECIAL: [char; 11] = ['\\', '|', '`', '*', '_', '[', ']', '<', '&', '~', '#'];
    if !plain.contains(SPECIAL) {
        return Cow::Borrowed(plain);
    }
    let mut escaped = String::with_capacity(plain.len() + 8);
    for c in plain.chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            _ => {
                if SPECIAL.contains(&c) {
                    escaped.push('\\');
                }
                escaped.push(c);
            }
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_code() {
        assert_eq!(code("pipeline list next_date=..today"), "`pipeline list next_date=..today`");
        assert_eq!(code("pipeline list 'a|b'"), r"`pipeline list 'a\|b'`");
        assert_eq!(code("pipeline list '`'"), "`` pipeline list '`' ``");
        assert_eq!(code(""), "");
    }

    #[test]
    fn text_means_itself() {
        assert_eq!(text("Globex"), "Globex");
        assert_eq!(text("a|b\\|c"), "a\\|b\\\\\\|c");
        assert_eq!(text("<script> & *me* [x](y) #1"), "&lt;script> &amp; \\*me\\* \\[x\\](y) \\#1");
    }
}
