//! One page of HTML that needs nothing else: the charts and the tables of figures, and the notes under them.
//!
//! It loads nothing and runs nothing. Text from files is only ever text in it.

use std::borrow::Cow;
use std::io::{self, Write};

use super::escape::{Breaks, escape};
use super::grid::{self, Grid, Headings, Holds, Lane, Side};
use super::look::Look;
use super::pages::{self, Body, Page, Part};
use super::svg::Pen;
use crate::metrics::chart::Picture;
use crate::metrics::charts;
use crate::metrics::figures::{Figures, Section, Shape};
use crate::process::Lang;

const STYLE: &str = include_str!("page.css");

/// Writes sections of figures as a page, with the sections of `others` that have a picture below them.
pub(super) fn write(
    figures: &Figures,
    sections: &[&Section],
    others: &[Figures],
    look: &Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    begin(figures, look, out)?;
    write_sections(figures, sections, look, out)?;
    let scope = grid::scope_lines(figures, look);
    for (nth, other) in others.iter().enumerate() {
        let shown = other.sections.iter().map(|section| (section, pictures(other, section)));
        let mut shown = shown.filter(|(_, pictures)| !pictures.is_empty()).enumerate().peekable();
        if shown.peek().is_none() {
            continue;
        }
        writeln!(out, "<section class=\"wide part\">\n<h2>{}</h2>", text(&look.label(other.name)))?;
        let own = grid::scope_lines(other, look);
        if own.first() != scope.first() {
            write_scope(&own, out)?;
        }
        writeln!(out, "</section>")?;
        for (place, (section, pictures)) in shown {
            write_section(
                other,
                section,
                &pictures,
                &Place { level: 3, id: format!("d{nth}-{place}") },
                look,
                out,
            )?;
        }
    }
    end(&[figures].into_iter().chain(others).collect::<Vec<_>>(), look, out)
}

/// What a page begins with.
pub(super) fn begin(figures: &Figures, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let lang = match look.lang {
        Lang::En => "en",
        Lang::ZhTw => "zh-TW",
    };
    let title = look.label(figures.name);
    let title = text(&title);
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>"
    )?;
    write_scope(&grid::scope_lines(figures, look), out)?;
    writeln!(out, "</header>\n<main>")
}

/// Sections with their pictures.
pub(super) fn write_sections(
    figures: &Figures,
    sections: &[&Section],
    look: &Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (place, section) in sections.iter().enumerate() {
        let pictures = pictures(figures, section);
        write_section(figures, section, &pictures, &Place { level: 2, id: format!("c{place}") }, look, out)?;
    }
    Ok(())
}

/// What a page ends with: the notes of all that stands in it.
pub(super) fn end(all: &[&Figures], look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let mut notes: Vec<&str> = Vec::new();
    for note in all.iter().flat_map(|figures| &figures.notes) {
        let said = note.text.text(look.lang);
        if !notes.contains(&said) {
            notes.push(said);
        }
    }
    if !notes.is_empty() {
        writeln!(out, "<section class=\"wide\">\n<h2>{}</h2>\n<ul>", text(&look.label("notes")))?;
        notes.iter().try_for_each(|note| writeln!(out, "<li>{}</li>", text(note)))?;
        writeln!(out, "</ul>\n</section>")?;
    }
    writeln!(out, "</main>\n</body>\n</html>")
}

/// Where a section stands in the page.
struct Place {
    /// Of its heading, from 1.
    level: u8,
    /// What the ids of its pictures begin with.
    id: String,
}

fn write_scope(lines: &[String], out: &mut dyn Write) -> io::Result<()> {
    lines.iter().try_for_each(|line| writeln!(out, "<p class=\"quiet\">{}</p>", text(line)))
}

fn pictures<'f>(figures: &'f Figures, section: &Section) -> Vec<Picture<'f>> {
    let of_section = charts(figures.name).iter().filter(|chart| chart.section == section.key);
    of_section.filter_map(|chart| chart.picture(figures)).collect()
}

fn write_section(
    figures: &Figures,
    section: &Section,
    pictures: &[Picture<'_>],
    place: &Place,
    look: &Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let grid = grid::of_section(figures, section, look);
    // What two columns of a page have no room for goes over both, and what a sheet of paper has none for across it.
    let class = match grid.lanes.len() {
        lanes if lanes > 10 => " class=\"wide broad\"",
        lanes if lanes > 5 || section.shape == Shape::Pages => " class=\"wide\"",
        _ => "",
    };
    writeln!(out, "<section{class}>")?;
    let title = grid::title(figures, section, look);
    if let Some(title) = &title {
        writeln!(out, "<h{level}>{}</h{level}>", text(title), level = place.level)?;
    }
    let pen = Pen { look, currency: figures.scope.as_ref().map(|scope| scope.currency) };
    if !pictures.is_empty() {
        writeln!(out, "<div class=\"charts\">")?;
        for (nth, picture) in pictures.iter().enumerate() {
            out.write_all(pen.figure(picture, &format!("{}-{nth}", place.id)).as_bytes())?;
        }
        writeln!(out, "</div>")?;
    }
    if section.shape == Shape::Pages {
        pages::of_section(section, look)
            .iter()
            .try_for_each(|page| write_page(page, place.level + 1, out))?;
    } else {
        write_table(&grid, title.as_deref().unwrap_or(&look.label(figures.name)), out)?;
    }
    writeln!(out, "</section>")
}

/// The table, in a box that can be scrolled by pointer and keyboard where it is too wide.
fn write_table(grid: &Grid, name: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{}\"><table>",
        text(name)
    )?;
    let side = |lane: &Lane| if lane.side == Side::Right { " class=\"r\"" } else { "" };
    if grid.headings == Headings::Shown {
        let heading = |lane: &Lane| format!("<th scope=\"col\"{}>{}</th>", side(lane), text(&lane.heading));
        writeln!(out, "<thead><tr>{}</tr></thead>", grid.lanes.iter().map(heading).collect::<String>())?;
    }
    writeln!(out, "<tbody>")?;
    for row in &grid.rows {
        let cell = |(nth, (lane, cell)): (usize, (&Lane, &String))| {
            let shown = match lane.holds {
                Holds::Commands if !cell.is_empty() => format!("<code>{}</code>", text(cell)),
                _ => text(cell.trim_end()).into_owned(),
            };
            match grid.headings {
                Headings::Implied if nth == 0 => format!("<th scope=\"row\">{shown}</th>"),
                _ => format!("<td{}>{shown}</td>", side(lane)),
            }
        };
        writeln!(out, "<tr>{}</tr>", grid.lanes.iter().zip(row).enumerate().map(cell).collect::<String>())?;
    }
    writeln!(out, "</tbody></table></div>")
}

fn write_page(page: &Page, level: u8, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<h{level}>{}</h{level}>\n<dl>", text(&page.head))?;
    for Part { heading, body } in &page.parts {
        writeln!(out, "<dt>{}</dt>", text(heading))?;
        match body {
            Body::Text(body) => writeln!(out, "<dd>{}</dd>", text(body))?,
            Body::Items(items) => {
                items.iter().try_for_each(|item| writeln!(out, "<dd>{}</dd>", text(item)))?;
            }
        }
    }
    writeln!(out, "</dl>")
}

/// A text that means itself, between tags and in an attribute: nothing begins or ends in it, and nothing turns it round.
pub(super) fn text(plain: &str) -> Cow<'_, str> {
    let shown = escape(plain, Breaks::Symbols);
    if !shown.contains(['&', '<', '>', '"', '\'']) {
        return shown;
    }
    let mut escaped = String::with_capacity(shown.len() + 16);
    for c in shown.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_means_itself() {
        assert_eq!(text("Globex 永豐"), "Globex 永豐");
        assert_eq!(text("<script>alert('x')</script>"), "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
        assert_eq!(text("\"onload=\"x"), "&quot;onload=&quot;x");
        assert_eq!(text("a\u{202e}b\u{0}"), "a\\u{202e}b\\x00");
    }
}
