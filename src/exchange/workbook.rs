//! The first sheet of an xlsx workbook as rows of text. Cells are read one after the other: a workbook that says that
//! its sheet has a million columns costs no more than the cells that are there.

use std::io::Cursor;

use calamine::{Data, ExcelDateTime, Reader, SheetVisible, Xlsx, open_workbook_from_rs};

/// More cells than this are no list of deals.
const MOST_CELLS: usize = 20_000_000;

/// The first sheet that can be seen.
#[derive(Debug, Default)]
pub(super) struct First {
    /// What it is called.
    pub(super) name: String,
    /// How many sheets can be seen.
    pub(super) several: usize,
    /// Its rows that hold anything: the number of each in the sheet, and its cells from the first column on.
    pub(super) rows: Vec<(u32, Vec<String>)>,
}

/// Reads the first sheet.
///
/// Errors: what is wrong with the workbook.
pub(super) fn first(bytes: &[u8]) -> Result<First, String> {
    let mut book: Xlsx<_> =
        open_workbook_from_rs(Cursor::new(bytes)).map_err(|error: calamine::XlsxError| error.to_string())?;
    let seen = book.sheets_metadata().iter().filter(|sheet| sheet.visible == SheetVisible::Visible);
    let names: Vec<String> = seen.map(|sheet| sheet.name.clone()).collect();
    let several = names.len();
    let Some(name) = names.into_iter().next() else { return Ok(First::default()) };
    let rows = rows(&mut book, &name)?;
    Ok(First { name, several, rows })
}

fn rows(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &str) -> Result<Vec<(u32, Vec<String>)>, String> {
    let mut cells = book.worksheet_cells_reader(sheet).map_err(|error| error.to_string())?;
    let (mut rows, mut filled): (Vec<(u32, Vec<String>)>, usize) = (Vec::new(), 0);
    while let Some(cell) = cells.next_cell().map_err(|error| error.to_string())? {
        let text = text(Data::from(cell.get_value().clone()));
        if text.trim().is_empty() {
            continue;
        }
        let (row, column) = cell.get_position();
        filled += 1;
        if filled > MOST_CELLS || column > 16_384 {
            return Err("it has more cells than a list of deals has".to_owned());
        }
        if rows.last().is_none_or(|(last, _)| *last != row + 1) {
            rows.push((row + 1, Vec::new()));
        }
        if let Some((_, cells)) = rows.last_mut() {
            let column = column as usize;
            if cells.len() <= column {
                cells.resize(column + 1, String::new());
            }
            cells[column] = text;
        }
    }
    Ok(rows)
}

fn text(cell: Data) -> String {
    match cell {
        Data::Empty => String::new(),
        // `#REF!` is no value, and no empty cell either.
        Data::Error(error) => error.to_string(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text,
        Data::Int(number) => number.to_string(),
        // The nearest number with so few digits that none of them is an echo of how the file holds it.
        Data::Float(number) => plain(number),
        Data::Bool(is) => is.to_string(),
        Data::DateTime(at) => moment(at),
    }
}

fn plain(number: f64) -> String {
    let text = format!("{number:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A day, or a day and a time.
fn moment(at: ExcelDateTime) -> String {
    // Days are counted from 1900; what is outside the years that it can write is no day.
    if !at.is_datetime() || !(0.0..2_958_466.0).contains(&at.as_f64()) {
        return plain(at.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DEALS: &[u8] = include_bytes!("../../examples/import/deals.xlsx");

    #[test]
    fn days_and_amounts_read_as_they_look() {
        let rows = first(DEALS).unwrap().rows;
        let row = |at: usize| rows[at].1.join("|");
        assert_eq!(row(1), "S-101|Crane scales|Needs analysis|15000|ana|2026-03-02|2026-09-30");
        assert_eq!(row(2), "S-102|Berth lights, long|Closing|1200.5|ben|2026-03-15 09:00:00");
        // An empty row is none, and the next one keeps its number.
        assert_eq!(
            (rows.len(), rows[4].0, row(4).as_str()),
            (5, 6, "S-104|Quay lamps|Qualification||ben|2026-04-01")
        );
        assert_eq!(
            (plain(0.1 + 0.2), plain(-3.0), plain(1e300).len()),
            ("0.3".to_owned(), "-3".to_owned(), 301)
        );
    }

    #[test]
    fn an_error_is_no_empty_cell() {
        assert_eq!(text(Data::Error(calamine::CellErrorType::Ref)), "#REF!");
    }

    proptest! {
        #[test]
        fn a_broken_workbook_is_refused(changes in prop::collection::vec((0..DEALS.len(), any::<u8>()), 1..6), end in 0..DEALS.len()) {
            let mut bytes = DEALS.to_vec();
            for (at, byte) in changes {
                bytes[at] = byte;
            }
            let _ = first(&bytes);
            prop_assert!(first(&bytes[..end]).is_err());
        }
    }
}
