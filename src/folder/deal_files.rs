//! Deals as one YAML file each: read as the rows of one sheet, and changed value by value.

use super::journal::{Edit, Patch};
use super::origin::{DealFile, Origins};
use super::sheet::Sheet;
use super::store::Named;
use super::text_of;
use crate::deal::columns::yaml_cell;
use crate::deal::event::push_row;
use crate::natural::natural;
use crate::problem::{Problem, floor_boundary};
use crate::process::{COLUMNS, Process};
use crate::yaml::{self, Data, Node, Problems};

/// How the names of its files end; the second only to say that it is the wrong one.
pub(super) const ENDINGS: &[&str] = &[ENDING, OTHER_ENDING];
const ENDING: &str = ".yaml";
const OTHER_ENDING: &str = ".yml";

/// What to do about a file that is larger than any deal.
const TOO_LARGE: &str = "keep only the deal here, and long texts in a file of their own";

/// The longest name of a file that every system can hold, in bytes.
const LONGEST: usize = 200;

/// The file of a deal.
///
/// Errors: its id cannot be the name of a file everywhere.
pub(super) fn file_of(folder: &str, id: &str) -> Result<String, Problem> {
    let forbidden = |c: char| c.is_control() || r#"/\:*?"<>|"#.contains(c);
    let stem = id.split('.').next().unwrap_or(id).to_ascii_lowercase();
    let numbered = stem
        .strip_prefix("com")
        .or(stem.strip_prefix("lpt"))
        .is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_digit()));
    let reserved = numbered || matches!(stem.as_str(), "con" | "prn" | "aux" | "nul");
    let why = if id.is_empty() {
        "it is empty"
    } else if id.contains(forbidden) {
        "it holds a character that no file name may have everywhere"
    } else if id.starts_with('.') || id.ends_with(['.', ' ']) || id.starts_with(' ') {
        "a dot or a blank stands at its edge"
    } else if id.len() > LONGEST {
        "it is too long"
    } else if reserved {
        "some systems keep that name for a device"
    } else {
        return Ok(format!("{folder}/{id}{ENDING}"));
    };
    let message = format!("the deal `{}` cannot have a file of its own: {why}", id.escape_debug());
    Err(Problem::error(format!("{folder}/"), None, message)
        .help("give it an id of letters, digits, `-` and `_`"))
}

/// The deals of a folder as one sheet: every known column, those that the process declares, then whatever else the
/// files hold. A file that cannot be read is a row that cannot be split.
pub(super) fn sheet(process: &Process, folder: &str, files: Vec<Named>) -> Result<Sheet, Vec<Problem>> {
    let mut deals: Vec<(String, Deal)> =
        files.into_iter().map(|(file, bytes)| Deal::read(file, bytes)).collect();
    deals.sort_by(|(a, _), (b, _)| natural(a, b));
    let declared = process.fields.iter().map(|field| field.id.clone());
    let mut columns: Vec<String> = COLUMNS.into_iter().map(str::to_owned).chain(declared).collect();
    let mut places: std::collections::HashMap<String, usize> =
        columns.iter().cloned().enumerate().map(|(at, column)| (column, at)).collect();
    for (key, _) in deals.iter().flat_map(|(_, deal)| &deal.cells) {
        if !places.contains_key(key) {
            places.insert(key.clone(), columns.len());
            columns.push(key.clone());
        }
    }
    let mut text = String::new();
    push_row(&mut text, columns.iter().map(String::as_str), "\n");
    let mut origins = Vec::with_capacity(deals.len());
    let mut row: Vec<&str> = Vec::new();
    for (id, deal) in &mut deals {
        let (file, broken) = (std::mem::take(&mut deal.file), deal.broken.take());
        let source = std::mem::take(&mut deal.text);
        origins.push(DealFile { start: text.len(), file, text: source, broken });
        if origins.last().is_some_and(|deal| deal.broken.is_some()) {
            push_row(&mut text, std::iter::once(id.as_str()), "\n");
            continue;
        }
        row.clear();
        row.resize(columns.len(), "");
        for (key, cell) in &deal.cells {
            row[places[key]] = cell;
        }
        row[0] = id;
        push_row(&mut text, row.iter().copied(), "\n");
    }
    let sheet = Sheet::parse(&format!("{folder}/"), text.into_bytes()).map_err(|problem| vec![problem])?;
    Ok(sheet.in_files(Origins::Deals(origins)))
}

/// The edit that gives the keys of a deal's file these values; `None` where they have them already.
///
/// It covers whole lines, so that `undo` finds them again.
pub(super) fn changed<'a>(
    file: &str,
    text: &'a str,
    values: &[(&str, &str)],
) -> Result<Option<Edit<'a>>, Vec<Problem>> {
    let new = yaml::set(file, text, values)?;
    Ok(patch(text, &new).map(|patch| Edit::Splice {
        file: file.to_owned(),
        original: text.into(),
        patches: vec![patch],
    }))
}

/// The edit that makes a deal's file: its values in the order of the columns.
pub(super) fn new<'a>(
    folder: &str,
    id: &str,
    columns: &[String],
    get: impl Fn(&str) -> &'a str,
) -> Result<Edit<'static>, Problem> {
    let file = file_of(folder, id)?;
    let values: Vec<(&str, &str)> = columns.iter().map(|column| (column.as_str(), get(column))).collect();
    let text = yaml::written(&file, &values)?;
    Ok(Edit::Splice { file, original: "".into(), patches: vec![(0..0, text.into())] })
}

/// Two ids that are one name on some systems.
pub(super) fn same_but_for_case(folder: &str, id: &str) -> Problem {
    let message =
        format!("another deal is called `{id}` but for case, and some systems know one file for both");
    Problem::error(format!("{folder}/"), None, message).help("give the deal another id")
}

/// Whole lines of a text that give way to new text; `None` where the two are the same.
pub(super) fn patch(old: &str, new: &str) -> Option<Patch<'static>> {
    if old == new {
        return None;
    }
    let line_start = |at: usize| old[..at].rfind('\n').map_or(0, |at| at + 1);
    let same = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    let start = line_start(floor_boundary(old, same));
    let (before, after) = (&old[start..], &new[start..]);
    let same = before.bytes().rev().zip(after.bytes().rev()).take_while(|(a, b)| a == b).count();
    // The first line end within what is the same at the end: all after it stays.
    let tail = before.len() - same;
    let tail = if tail == 0 || before.as_bytes()[tail - 1] == b'\n' {
        tail
    } else {
        before.as_bytes()[tail..].iter().position(|byte| *byte == b'\n').map_or(before.len(), |at| tail + at)
    };
    let kept = before.len() - tail;
    Some((start..start + tail, after[..after.len() - kept].to_owned().into()))
}

/// One file, read.
struct Deal {
    file: String,
    text: String,
    cells: Vec<(String, String)>,
    broken: Option<Problem>,
}

impl Deal {
    /// The id that the file's name says, and what the file holds.
    fn read(file: String, bytes: Vec<u8>) -> (String, Deal) {
        let name = file.rsplit('/').next().unwrap_or(&file);
        let id = name.strip_suffix(ENDING).or(name.strip_suffix(OTHER_ENDING)).unwrap_or(name).to_owned();
        let mut deal = Deal { file, text: String::new(), cells: Vec::new(), broken: None };
        match text_of(&deal.file, bytes) {
            Ok(text) => deal.text = text,
            Err(problem) => {
                deal.broken = Some(problem);
                return (id, deal);
            }
        }
        match cells(&deal.file, &deal.text, &id) {
            Ok(cells) => deal.cells = cells,
            Err(problem) => deal.broken = Some(problem),
        }
        (id, deal)
    }
}

/// The keys of a deal's file with their cells, `id` left out.
///
/// Errors: the first thing that is wrong in it.
fn cells(file: &str, text: &str, id: &str) -> Result<Vec<(String, String)>, Problem> {
    if file.ends_with(OTHER_ENDING) {
        return Err(Problem::error(file, None, "the file of a deal ends in .yaml")
            .help(format!("rename it to {id}{ENDING}")));
    }
    let mut found = Problems::new(file, text);
    let root = yaml::parse(&mut found, TOO_LARGE);
    let mut cells = Vec::new();
    match &root {
        Some(root @ Node { data: Data::Map(_), .. }) => {
            for (key, value) in root.entries() {
                match yaml_cell(&mut found, &key.text, value) {
                    // Without an id inside, the file's name is the id.
                    Some(cell) if key.text != "id" => cells.push((key.text.clone(), cell)),
                    Some(other) if !other.is_empty() && other != id => {
                        found
                            .error(&value.span, format!("this says `{other}`, the file's name `{id}`"))
                            .help("make the two the same");
                    }
                    _ => {}
                }
            }
        }
        Some(root) => found.error(&root.span, "a deal is a map").help("write lines of `key: value`"),
        None if found.is_empty() => {
            found.error(&(0..1), "the file is empty").help("write lines of `key: value`, or remove the file");
        }
        None => {}
    }
    match found.problems().into_iter().next() {
        Some(problem) => Err(problem),
        None => Ok(cells),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::{SEVEN_STAGES, read};

    fn table(files: &[(&str, &str)]) -> Vec<Result<Vec<(String, String)>, String>> {
        let process = read("pipeline.yaml", SEVEN_STAGES).unwrap();
        let files = files.iter().map(|(name, text)| (format!("deals/{name}"), text.as_bytes().to_vec()));
        let sheet = sheet(&process, "deals", files.collect()).unwrap();
        let mut cells = Vec::new();
        let mut row = |line| {
            sheet.split(line, &mut cells).map_err(|problem| problem.to_string())?;
            let filled = sheet.columns().iter().zip(&cells).filter(|(_, cell)| !cell.is_empty());
            Ok(filled.map(|(name, cell)| (name.clone(), cell.to_string())).collect())
        };
        sheet.rows().map(|line| row(line.unwrap())).collect()
    }

    #[test]
    fn a_file_is_a_row_of_what_was_typed() {
        let text = "# c\r\nid: deal-2\r\nname: \"a, \\\"b\\\"\"\r\nvalue: 12000.50\r\nclose_date: 2026-01-01\r\nneed: no\r\nreason: ~\r\nnote: |\r\n  潛\r\n  x\r\ntags: [k, l]";
        let rows = table(&[("deal-10.yaml", "{id: deal-10, name: x}"), ("deal-2.yaml", text)]);
        let cells = |row: &[(&str, &str)]| {
            row.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>()
        };
        let expected = [
            ("id", "deal-2"),
            ("name", "a, \"b\""),
            ("value", "12000.50"),
            ("close_date", "2026-01-01"),
            ("tags", "k, l"),
            ("need", "no"),
            ("note", "潛\nx\n"),
        ];
        assert_eq!(rows[0], Ok(cells(&expected)));
        assert_eq!(rows[1], Ok(cells(&[("id", "deal-10"), ("name", "x")])));
    }

    #[test]
    fn what_is_wrong_with_a_file_has_its_place() {
        let bomb = format!("a: &a [x]\nb: {}\n", "*a ".repeat(3));
        let deep = "[".repeat(100_000);
        for (name, text, expected) in [
            ("a.yaml", "id: b\n", "deals/a.yaml:1:5: this says `b`, the file's name `a`"),
            ("a.yaml", "id: a\nname: [x]\n", "deals/a.yaml:2:7: `name` is one text, not a list"),
            (
                "a.yaml",
                "id: a\nname: {x: y}\n",
                "deals/a.yaml:2:7: `name` is one text, not a map or a list of lists",
            ),
            ("a.yaml", "id: a\nid: a\n", "deals/a.yaml:2:1: `id` stands here twice"),
            ("a.yaml", "- a\n", "deals/a.yaml:1:1: a deal is a map"),
            ("a.yaml", "", "deals/a.yaml:1:1: the file is empty"),
            ("a.yml", "id: a\n", "deals/a.yml: the file of a deal ends in .yaml"),
            ("a.yaml", &bomb, "deals/a.yaml:2:4: aliases (`*name`) are not read here"),
            ("a.yaml", &deep, "deals/a.yaml:1:256: brackets are nested too deep"),
        ] {
            let found = table(&[(name, text)])[0].clone().unwrap_err();
            assert_eq!(found.split(": ").next(), expected.split(": ").next(), "{text:.40}: {found}");
            assert!(text.len() > 100 || found == expected, "{found}");
        }
    }

    #[test]
    fn a_problem_of_a_cell_is_at_its_value() {
        let process = read("pipeline.yaml", SEVEN_STAGES).unwrap();
        let file = ("deals/a.yaml".to_owned(), b"# c\nid: a\nstage: 'x'\nowner:\n".to_vec());
        let sheet = sheet(&process, "deals", vec![file]).unwrap();
        let line = sheet.rows().next().unwrap().unwrap();
        let place = |column: &str| sheet.at_cell(line, sheet.column(column).unwrap(), "here").to_string();
        assert_eq!(place("stage"), "deals/a.yaml:3:8: here");
        assert_eq!(place("owner"), "deals/a.yaml:4:1: here");
        assert_eq!(place("name"), "deals/a.yaml: here");
    }

    #[test]
    fn only_some_ids_can_name_a_file() {
        assert_eq!(file_of("deals", "deal-42").unwrap(), "deals/deal-42.yaml");
        assert_eq!(file_of("deals", "006Ab 潛.x").unwrap(), "deals/006Ab 潛.x.yaml");
        let long = "x".repeat(300);
        for id in ["", "../x", "a/b", ".x", "x.", " x", "a\\b", "a:b", "CON", "com1.x", "a\nb", &long] {
            assert!(file_of("deals", id).is_err(), "{id}");
        }
    }

    #[test]
    fn a_patch_is_whole_lines() {
        for (old, new, expected) in [
            ("a\nb # c\nd\n", "a\nx # c\nd\n", (2..7, "x # c")),
            ("a\nb\n", "a\nb\nc\n", (4..4, "c\n")),
            ("a", "a\nb", (0..1, "a\nb")),
            ("潛a\n", "潞a\n", (0..4, "潞a")),
            ("a\r\nb\r\n", "a\r\nc\r\n", (3..5, "c\r")),
            ("a\nb\nc", "a\nc", (2..4, "")),
        ] {
            let (span, text) = patch(old, new).unwrap();
            assert_eq!((span, &*text), expected, "{old:?} {new:?}");
        }
        assert_eq!(patch("a", "a"), None);
    }
}
