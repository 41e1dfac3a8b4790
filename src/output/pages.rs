//! Rows with too much to read for one line: each is a page, headed by its first cell, with the others beside what they
//! are called.

use std::io::{self, Write};

use super::look::{HEADING, Look, QUIET};
use super::value::{NamedCurrency, Writer};
use super::width::{width, wrap};
use crate::metrics::figures::{Cell, Column, Row, Section};

/// Spaces between what a text is called and the text.
const GAP: usize = 2;

/// What a text needs beside its heading; with less it stands under it.
const LEAST: usize = 24;

/// A row as people read it.
#[derive(Debug)]
pub(super) struct Page {
    /// What it is about.
    pub(super) head: String,
    /// What there is to say: cells that hold nothing are left out.
    pub(super) parts: Vec<Part>,
}

/// A cell of a page.
#[derive(Debug)]
pub(super) struct Part {
    /// What it is called.
    pub(super) heading: String,
    pub(super) body: Body,
}

/// What a part says.
#[derive(Debug)]
pub(super) enum Body {
    /// One text.
    Text(String),
    /// One under the other.
    Items(Vec<String>),
}

/// The pages of a section.
pub(super) fn of_section(section: &Section, look: &Look) -> Vec<Page> {
    let writer = Writer { look, currency: NamedCurrency::Nowhere };
    let page = |row: &Row| {
        let mut cells = section.columns.iter().zip(&row.cells);
        let head = cells.next().map(|(_, cell)| writer.cell(cell)).unwrap_or_default();
        let part = |(column, cell): (&Column, &Cell)| {
            let heading = writer.text(&look.heading(column));
            let body = match cell {
                Cell::Texts(texts) => Body::Items(texts.iter().map(|text| writer.text(text)).collect()),
                cell => Body::Text(writer.cell(cell)),
            };
            Part { heading, body }
        };
        let says_something = |part: &Part| match &part.body {
            Body::Text(text) => !text.is_empty(),
            Body::Items(items) => !items.is_empty(),
        };
        Page { head, parts: cells.map(part).filter(says_something).collect() }
    };
    section.rows.iter().map(page).collect()
}

/// Writes a section page by page, within the width of a terminal.
pub(super) fn write(section: &Section, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let pages = of_section(section, look);
    let headings = pages.iter().flat_map(|page| &page.parts).map(|part| width(&part.heading));
    let column = headings.max().unwrap_or(0);
    for (index, page) in pages.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        for line in folded(&page.head, look.limit()) {
            writeln!(out, "{}", look.paint(HEADING, &line))?;
        }
        for part in &page.parts {
            write_part(part, column, look, out)?;
        }
    }
    Ok(())
}

fn write_part(part: &Part, column: usize, look: &Look, out: &mut dyn Write) -> io::Result<()> {
    let beside = look.limit().is_none_or(|limit| limit >= column + GAP + LEAST);
    let indent = if beside { column + GAP } else { GAP };
    let room = look.limit().map(|limit| limit.saturating_sub(indent));
    let mut heading = look.paint(QUIET, &part.heading);
    if beside {
        heading.push_str(&" ".repeat(indent - width(&part.heading)));
    } else {
        writeln!(out, "{heading}")?;
        heading = " ".repeat(indent);
    }
    let lines = match &part.body {
        Body::Text(text) => folded(text, room),
        Body::Items(items) => items.iter().flat_map(|item| bulleted(item, room)).collect(),
    };
    for line in lines {
        writeln!(out, "{}", format!("{heading}{line}").trim_end())?;
        heading = " ".repeat(indent);
    }
    Ok(())
}

/// A text with a dash before it, under which its further lines begin.
fn bulleted(text: &str, room: Option<usize>) -> Vec<String> {
    let lines = folded(text, room.map(|room| room.saturating_sub(2)));
    lines.iter().enumerate().map(|(index, line)| format!("{}{line}", ["- ", "  "][index.min(1)])).collect()
}

fn folded(text: &str, room: Option<usize>) -> Vec<String> {
    room.map_or_else(|| vec![text.to_owned()], |room| wrap(text, room))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::figures::{Kind, Shape};
    use crate::process::Lang;

    fn guide() -> Section {
        let columns =
            ["name", "stage", "on_enter", "goal", "checklist"].map(|key| Column::new(key, Kind::Text));
        let row = vec![
            Cell::Text("提案報價".to_owned()),
            Cell::Text("proposal".to_owned()),
            Cell::Texts(Vec::new()),
            Cell::Text("客戶是否清楚會得到什麼、要花多少錢？".to_owned()),
            Cell::Texts(vec!["當面逐項說明，不要只用寄的".to_owned(), "Say \u{1b}[2J".to_owned()]),
        ];
        let rows = vec![Row::total(row)];
        Section { key: "guide", shape: Shape::Pages, by: Vec::new(), columns: columns.into(), rows }
    }

    fn drawn(width: Option<usize>) -> String {
        let look = Look { terminal: width.is_some(), width, lang: Lang::ZhTw, ..Look::default() };
        let mut out = Vec::new();
        write(&guide(), &look, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_pipe_gets_every_text_on_one_line() {
        assert_eq!(
            drawn(None),
            "提案報價\n\
             階段      proposal\n\
             目標      客戶是否清楚會得到什麼、要花多少錢？\n\
             檢查清單  - 當面逐項說明，不要只用寄的\n          - Say \\x1b[2J\n"
        );
    }

    #[test]
    fn on_a_terminal_texts_go_on_under_themselves() {
        // 8 columns of headings, 2 between, 26 of text, in which 13 Chinese characters fit, 12 beside the dash.
        assert_eq!(
            drawn(Some(36)),
            "提案報價\n\
             階段      proposal\n\
             目標      客戶是否清楚會得到什麼、要\n          花多少錢？\n\
             檢查清單  - 當面逐項說明，不要只用寄\n            的\n          - Say \\x1b[2J\n"
        );
    }

    #[test]
    fn a_narrow_terminal_has_them_under_their_headings() {
        assert_eq!(
            drawn(Some(20)),
            "提案報價\n階段\n  proposal\n\
             目標\n  客戶是否清楚會得到\n  什麼、要花多少錢？\n\
             檢查清單\n  - 當面逐項說明，不\n    要只用寄的\n  - Say \\x1b[2J\n"
        );
    }
}
