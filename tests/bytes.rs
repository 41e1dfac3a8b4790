//! A change touches what it changes: every other byte of deals.csv and history.csv stays as it was (design §2).
//!
//! The files are made up in every form that people and spreadsheets give them, and read back by a reader of this
//! test's own, which keeps what stands between the cells.

#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "the cases come one after the other")]
#[path = "many/mod.rs"]
mod many;

use std::fs;
use std::time::Duration;

use pipeline::change::plan::{Author, Rules};
use pipeline::deal::event::Event;
use pipeline::deal::time::{Instant, parse_day};
use pipeline::folder::Folder;
use pipeline::folder::door::{Door, Mode};
use pipeline::query::sight::Sight;
use proptest::prelude::*;

const PROCESS: &str = "\
currency: EUR
timezone: Europe/Berlin
stages:
  - id: needs
  - id: proposal
  - {id: won, outcome: won}
  - {id: lost, outcome: lost}
";

/// The instant of every change here, as the files write it.
const AT: &str = "2026-07-15T10:00:00.000Z";

/// Columns beside `id`, `name` and `stage`; `colour` and `備註` are none that the process knows.
const OTHERS: [&str; 7] = ["owner", "value", "closed", "stage_since", "colour", "備註", "next_step"];

/// A file as it was made up: its columns and its rows, each cell as it stands there, quotes included.
#[derive(Clone, Debug)]
struct Made {
    bom: bool,
    newline: &'static str,
    last_newline: bool,
    columns: Vec<&'static str>,
    quoted_header: bool,
    /// The cells of each row, and how many blank lines come before it.
    rows: Vec<(Vec<String>, usize)>,
    /// history.csv as it was, which may lack its last line break.
    history: &'static str,
}

impl Made {
    fn text(&self) -> String {
        let header = self
            .columns
            .iter()
            .map(|name| if self.quoted_header { format!("\"{name}\"") } else { (*name).to_owned() });
        let mut text = String::from(if self.bom { "\u{feff}" } else { "" });
        text += &header.collect::<Vec<_>>().join(",");
        for (cells, blank_lines) in &self.rows {
            text += &self.newline.repeat(1 + blank_lines);
            text += &cells.join(",");
        }
        if self.last_newline {
            text += self.newline;
        }
        text
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| *column == name)
    }
}

/// What is done to a deal.
#[derive(Clone, Debug)]
enum Act {
    Move(&'static str),
    Set(&'static str, String),
}

/// A text as people write it: Chinese, commas, quotes, line breaks, blanks at its ends.
fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a", "B c", " ", ",", "\"", "\"\"", "\n", "\r\n", "冷鏈", "é", "\\", "\\n", "'", ";", "=1+1", "\t",
        "🚢",
    ]);
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

/// A cell as it may stand in a file: quoted where it must be, or where somebody liked it so.
fn cell(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (value, any::<bool>()).prop_map(|(value, quoted)| {
        // A quote inside an unquoted cell is legal in practice, at its start it is not.
        let must = value.contains([',', '\n', '\r']) || value.starts_with('"');
        if must || quoted { format!("\"{}\"", value.replace('"', "\"\"")) } else { value }
    })
}

fn cell_of(column: &'static str, row: usize) -> BoxedStrategy<String> {
    let of = |values: Vec<&'static str>| cell(prop::sample::select(values).prop_map(str::to_owned)).boxed();
    match column {
        "id" => cell(Just(format!("deal-{row}"))).boxed(),
        "stage" => of(vec!["needs", "proposal", "won", "lost"]),
        "value" => of(vec!["", "12000", "12000.50", "-3"]),
        "closed" | "stage_since" => of(vec!["", "2026-07-01", "2026-06-30T10:00:00.123Z"]),
        _ => cell(text()).boxed(),
    }
}

prop_compose! {
    fn columns()(others in prop::sample::subsequence(OTHERS.to_vec(), 0..=OTHERS.len()))(
        all in Just([vec!["id", "name", "stage"], others].concat()).prop_shuffle()
    ) -> Vec<&'static str> {
        all
    }
}

fn rows(columns: Vec<&'static str>) -> impl Strategy<Value = (Vec<&'static str>, Vec<(Vec<String>, usize)>)> {
    (1_usize..5).prop_flat_map(move |number| {
        let row = |row| (columns.iter().map(|c| cell_of(c, row)).collect::<Vec<_>>(), 0_usize..3);
        (Just(columns.clone()), (0..number).map(row).collect::<Vec<_>>())
    })
}

prop_compose! {
    fn made()((columns, rows) in columns().prop_flat_map(rows), bom: bool, crlf: bool, last_newline: bool,
        quoted_header: bool, history in prop::sample::select(vec![
            "",
            "at,deal,event,field,from,to,by,note\n",
            "at,deal,event,field,from,to,by,note\n2026-01-01T00:00:00.000Z,deal-0,call,,,,ana,\"Hello, \"\"you\"\"\"",
        ])) -> Made {
        let newline = if crlf { "\r\n" } else { "\n" };
        Made { bom, newline, last_newline, columns, quoted_header, rows, history }
    }
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        prop::sample::select(vec!["needs", "proposal", "won", "lost"]).prop_map(Act::Move),
        text().prop_map(|text| Act::Set("name", format!("n{text}"))),
        text().prop_map(|text| Act::Set("owner", text)),
        text().prop_map(|text| Act::Set("備註", text)),
        Just(Act::Set("value", "4711".to_owned())),
    ]
}

/// A piece of a CSV file: a cell as it stands, or what stands between cells.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Cell(String),
    Between(String),
}

/// Takes a file apart, letter by letter.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut letters = text.chars().peekable();
    let bom: String = std::iter::from_fn(|| letters.next_if_eq(&'\u{feff}')).collect();
    pieces.push(Piece::Between(bom));
    loop {
        let mut cell = String::new();
        if let Some(open) = letters.next_if_eq(&'"') {
            cell.push(open);
            while let Some(letter) = letters.next() {
                cell.push(letter);
                if letter == '"' {
                    match letters.next_if_eq(&'"') {
                        Some(second) => cell.push(second),
                        None => break,
                    }
                }
            }
        }
        while let Some(letter) = letters.next_if(|letter| !matches!(letter, ',' | '\n' | '\r')) {
            cell.push(letter);
        }
        pieces.push(Piece::Cell(cell));
        let mut between = String::new();
        if let Some(comma) = letters.next_if_eq(&',') {
            between.push(comma);
        } else {
            while let Some(letter) = letters.next_if(|letter| matches!(letter, '\n' | '\r')) {
                between.push(letter);
            }
        }
        let more = between == "," || letters.peek().is_some();
        pieces.push(Piece::Between(between));
        if !more {
            return pieces;
        }
    }
}

/// What a cell says.
fn said(raw: &str) -> String {
    match raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inside) => inside.replace("\"\"", "\""),
        None => raw.to_owned(),
    }
}

/// A text as a cell of history.csv holds it.
fn in_history(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\r', "\\r").replace('\n', "\\n")
}

/// Makes the folder, changes it, and gives both files as they are then.
fn changed(made: &Made, events: impl Fn(&Author<'_>, &Door<'_>) -> Vec<Event<'static>>) -> (String, String) {
    let dir = many::folder();
    let file = |name: &str| dir.path().join(name);
    fs::write(file("pipeline.yaml"), PROCESS).unwrap();
    fs::write(file("deals.csv"), made.text()).unwrap();
    fs::write(file("history.csv"), made.history).unwrap();
    let folder = Folder::open(dir.path().to_path_buf()).unwrap();
    let door = folder.door(Mode::Make(Duration::from_secs(1))).unwrap();
    let author = Author {
        process: folder.process(),
        at: Instant::parse(AT).unwrap(),
        today: parse_day("2026-07-15").unwrap(),
        by: "ana",
        note: "why, \"so\"\nit is",
    };
    door.commit(&events(&author, &door).into()).unwrap();
    (fs::read_to_string(file("deals.csv")).unwrap(), fs::read_to_string(file("history.csv")).unwrap())
}

fn done(made: &Made, row: usize, act: &Act) -> (String, String) {
    changed(made, |author, door| {
        let records = door.records(&[format!("deal-{row}")]).unwrap();
        match act {
            Act::Move(stage) => {
                let stage = author.process.find(stage).unwrap();
                let sight = Sight::new(author.process, door.deals().columns(), author.today);
                let conditions = sight.conditions(stage).unwrap();
                author.enter(&records[0], stage, &[], Rules::Forced, &conditions).unwrap()
            }
            Act::Set(field, value) => {
                author.set(&records[0], &[((*field).to_owned(), value.clone())]).unwrap()
            }
        }
    })
}

/// The cells that the act is to leave behind in the row, by column, where the file has the column.
fn wanted(made: &Made, row: usize, act: &Act) -> Vec<(usize, String)> {
    let now = |column: &str| made.column(column).map(|at| said(&made.rows[row].0[at]));
    let changed: Vec<(&str, String)> = match act {
        Act::Move(stage) if now("stage").as_deref() == Some(stage) => Vec::new(),
        Act::Move(stage) => {
            let open = matches!(*stage, "needs" | "proposal");
            vec![
                ("stage", (*stage).to_owned()),
                ("stage_since", AT.to_owned()),
                ("closed", if open { String::new() } else { AT.to_owned() }),
            ]
        }
        Act::Set(field, value) => vec![(field, value.trim().to_owned())],
    };
    let place = |(column, cell): (&str, String)| made.column(column).map(|at| (at, cell));
    changed.into_iter().filter_map(place).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn only_the_changed_cells_differ(made in made(), pick in any::<prop::sample::Index>(), act in act()) {
        if let Act::Set(field, _) = &act {
            // A column that the file does not have is added to every row; that is not a plain change.
            prop_assume!(made.column(field).is_some());
        }
        let row = pick.index(made.rows.len());
        let wanted = wanted(&made, row, &act);
        let (deals, history) = done(&made, row, &act);

        let (before, after) = (pieces(&made.text()), pieces(&deals));
        prop_assert_eq!(before.len(), after.len(), "{:?}", deals);
        let mut cells = 0;
        let mut changes = 0;
        for (old, new) in before.iter().zip(&after) {
            let (Piece::Cell(old), Piece::Cell(new)) = (old, new) else {
                prop_assert_eq!(old, new);
                continue;
            };
            let (line, column) = (cells / made.columns.len(), cells % made.columns.len());
            cells += 1;
            match wanted.iter().find(|(at, _)| line == row + 1 && *at == column) {
                Some((_, cell)) if said(old) != *cell => {
                    prop_assert_eq!(&said(new), cell);
                    prop_assert_eq!(old.starts_with('"') && !new.starts_with('"'), false, "unquoted: {}", new);
                    changes += 1;
                }
                _ => prop_assert_eq!(old, new),
            }
        }

        let added = history.strip_prefix(made.history);
        prop_assert!(added.is_some(), "history was rewritten: {:?}", history);
        let added = added.unwrap_or_default();
        if changes == 0 {
            prop_assert_eq!(added, "");
            return Ok(());
        }
        // The line break that the last row lacked, or the header of an empty file, comes first.
        let added = match made.history {
            "" => added.strip_prefix("at,deal,event,field,from,to,by,note\n").unwrap_or_default(),
            history if !history.ends_with('\n') => added.strip_prefix('\n').unwrap_or_default(),
            _ => added,
        };
        prop_assert_eq!(added.matches('\n').count(), 1, "{:?}", added);
        prop_assert!(added.ends_with('\n'));
        let cells: Vec<String> = pieces(added)
            .into_iter()
            .filter_map(|piece| if let Piece::Cell(cell) = piece { Some(said(&cell)) } else { None })
            .collect();
        let (event, field, note) = match &act {
            Act::Move(_) => ("stage", "", "why, \"so\"\\nit is"),
            Act::Set(field, _) => ("set", *field, ""),
        };
        let main = made.column(if field.is_empty() { "stage" } else { field }).unwrap_or_default();
        let from = in_history(&said(&made.rows[row].0[main]));
        let to = wanted.iter().find(|(at, _)| *at == main).map(|(_, cell)| in_history(cell)).unwrap_or_default();
        let deal = format!("deal-{row}");
        prop_assert_eq!(cells, [AT, &deal, event, field, &from, &to, "ana", note]);
    }

    #[test]
    fn a_new_deal_is_one_line_more(made in made(), name in text()) {
        let name = format!("n{name}");
        let (deals, _) = changed(&made, |author, door| {
            let stage = author.process.find("needs").unwrap();
            let sight = Sight::new(author.process, door.deals().columns(), author.today);
            let conditions = sight.conditions(stage).unwrap();
            author.create("deal-9", stage, &[("name".to_owned(), name.clone())], &conditions).unwrap()
        });
        let gap = if made.last_newline { "" } else { made.newline };
        let before = made.text() + gap;
        prop_assert!(deals.starts_with(&before), "{:?}", deals);
        let mut added = pieces(&deals[before.len()..]);
        let end = added.pop();
        let end_wanted = if made.last_newline { made.newline } else { "" };
        prop_assert_eq!(end, Some(Piece::Between(end_wanted.to_owned())));
        let cell = |piece| if let Piece::Cell(cell) = piece { Some(said(&cell)) } else { None };
        let cells: Vec<String> = added.into_iter().filter_map(cell).collect();
        let wanted = made.columns.iter().map(|column| match *column {
            "id" => "deal-9",
            "name" => name.trim(),
            "stage" => "needs",
            "stage_since" => AT,
            _ => "",
        });
        prop_assert_eq!(cells, wanted.collect::<Vec<_>>());
    }
}
