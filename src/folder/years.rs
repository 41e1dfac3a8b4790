//! History as one file per year: read as one sheet, and added to by the year of each event.

use super::history::History;
use super::origin::{Origins, Part};
use super::sheet::Sheet;
use super::store::Named;
use crate::deal::event::{Event, HEADER};
use crate::deal::time::Instant;
use crate::problem::Problem;

/// How the names of its files end. Each of them is history, whatever year it is named for.
pub(super) const ENDING: &str = ".csv";

/// The file of an instant's year, in UTC.
pub(super) fn file_of(folder: &str, at: Instant) -> String {
    let at = at.to_string();
    format!("{folder}/{}{ENDING}", at.split_once('-').map_or("0000", |(year, _)| year))
}

/// Events as the lines that are added, by file.
pub(super) fn lines_by_year(folder: &str, events: &[Event<'_>]) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    for event in events {
        let file = file_of(folder, event.at);
        match files.iter_mut().find(|(other, _)| *other == file) {
            Some((_, lines)) => lines.push_str(&event.to_line()),
            None => files.push((file, event.to_line())),
        }
    }
    files
}

/// The files of all years as one sheet, in which each row knows its file.
pub(super) fn sheet(folder: &str, files: Vec<Named>) -> Result<Sheet, Vec<Problem>> {
    let (mut text, mut parts, mut problems) = (format!("{HEADER}\n"), Vec::new(), Vec::new());
    for (file, bytes) in files {
        let sheet = match Sheet::parse(&file, bytes) {
            Ok(sheet) => sheet,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        if sheet.columns().is_empty() {
            continue;
        }
        if let Err(problem) = History::of(&sheet) {
            problems.push(problem);
            continue;
        }
        // Put together, its quote would swallow the next file.
        if let Some(Err(problem)) = sheet.rows().find(std::result::Result::is_err) {
            problems.push(problem);
            continue;
        }
        let body = sheet.body();
        let head = sheet.text()[..sheet.text().len() - body.len()].to_owned();
        let ends = body.is_empty() || body.ends_with('\n');
        parts.push(Part { start: text.len(), file, head, ends });
        text.push_str(body);
        if !ends {
            text.push('\n');
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let sheet = Sheet::parse(&format!("{folder}/"), text.into_bytes()).map_err(|problem| vec![problem])?;
    Ok(sheet.in_files(Origins::Parts(parts)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_any_year_has_its_place() {
        let file = |name: &str, rows: &str| (name.to_owned(), format!("{HEADER}\n{rows}").into_bytes());
        let files = vec![
            file("history/2025.csv", "2025-01-01T00:00:00Z,deal-1,note,,,,ana,x"),
            ("history/2024.csv".to_owned(), Vec::new()),
            file("history/2026.csv", "\r\n2026-01-01T00:00:00Z,deal-1,note,,,,ana,y\r\n"),
        ];
        let sheet = sheet("history", files).unwrap();
        let places: Vec<String> =
            sheet.rows().map(|line| sheet.at_cell(line.unwrap(), 7, "here").to_string()).collect();
        assert_eq!(places, ["history/2025.csv:2:41: here", "history/2026.csv:3:41: here"]);
    }

    #[test]
    fn another_header_is_a_problem_of_its_file() {
        let files = vec![("history/2025.csv".to_owned(), b"at,deal\n".to_vec())];
        assert_eq!(
            sheet("history", files).unwrap_err()[0].to_string(),
            format!("history/2025.csv: the first line is not {HEADER}")
        );
    }

    #[test]
    fn a_quote_that_never_closes_does_not_swallow_the_next_year() {
        let file = |name: &str, rows: &str| (name.to_owned(), format!("{HEADER}\n{rows}").into_bytes());
        let files = vec![file("history/2025.csv", "a,\"b\n"), file("history/2026.csv", "c\n")];
        let problems = sheet("history", files).unwrap_err();
        assert_eq!(problems[0].to_string(), "history/2025.csv:2:3: this quote is never closed");
    }
}
