//! A file from elsewhere as rows under columns, whatever it was written as: CSV with any separator, JSON, JSON lines,
//! YAML, or a workbook.

use std::borrow::Cow;
use std::path::Path;

use rustc_hash::FxHashMap;
use serde_json::Value;

use super::text::{Encoding, decode};
use crate::deal::event::push_row;
use crate::deal::formula::guarded;
use crate::folder::sheet::Sheet;
use crate::grammar::count;
use crate::problem::{Place, Problem};
use crate::yaml::{Data, Problems, parse};

/// What a file is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Rows of cells between commas, semicolons or tabs.
    Separated,
    /// JSON, or an object a line.
    Json,
    /// YAML: a list of maps, or one map.
    Yaml,
    /// An xlsx workbook, of which the first sheet counts.
    Workbook,
}

impl Written {
    /// What the ending of a file's name says; rows of cells where it says nothing.
    pub fn of(path: &Path) -> Written {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        match ending.to_ascii_lowercase().as_str() {
            "json" | "jsonl" | "ndjson" => Written::Json,
            "yaml" | "yml" => Written::Yaml,
            "xlsx" | "xlsm" => Written::Workbook,
            _ => Written::Separated,
        }
    }
}

/// A row, and where it starts in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// A cell for each column.
    pub cells: Vec<String>,
    start: Option<usize>,
    /// Its number among the rows of the file, for where a text has no place of its own.
    number: usize,
}

/// Objects as rows: every key that any of them has is a column.
#[derive(Debug, Default)]
struct Objects {
    columns: Vec<String>,
    places: FxHashMap<String, usize>,
    rows: Vec<Row>,
}

impl Objects {
    /// Adds an object, given its keys and values, and where it starts in the text as far as that is known.
    fn add(&mut self, start: Option<usize>, cells: Vec<(String, String)>) {
        let mut row = Row { cells: Vec::with_capacity(cells.len()), start, number: self.rows.len() + 1 };
        for (key, cell) in cells {
            let place = if let Some(place) = self.places.get(&key) {
                *place
            } else {
                self.columns.push(key.clone());
                self.places.insert(key, self.columns.len() - 1);
                self.columns.len() - 1
            };
            if row.cells.len() <= place {
                row.cells.resize(place + 1, String::new());
            }
            row.cells[place] = cell;
        }
        self.rows.push(row);
    }
}

/// A file as rows under columns.
#[derive(Clone, Debug)]
pub struct Table {
    /// The file's name.
    pub file: String,
    /// How its text was written.
    pub encoding: Encoding,
    /// What the columns are called; a name may stand twice.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
    /// How many lines at the end were none: what reports print below their rows.
    pub footer: u64,
    /// Of a workbook, the sheet that was taken, and how many sheets can be seen in it.
    sheet: Option<(String, usize)>,
    text: String,
}

impl Table {
    /// Reads a file.
    ///
    /// Errors: it is no text, it is empty, or its rows do not fit its columns.
    pub fn read(file: &str, written: Written, bytes: &[u8]) -> Result<Table, Vec<Problem>> {
        if written == Written::Workbook {
            return Table::read_workbook(file, bytes).map_err(|problem| vec![problem]);
        }
        let (text, encoding) = decode(bytes).map_err(|at| {
            let problem =
                Problem::error(file, None, format!("this is no text: byte {} is none of any", at + 1));
            vec![problem.help("export it as CSV in UTF-8, UTF-16 or Latin-1")]
        })?;
        let mut table = Table {
            file: file.to_owned(),
            encoding,
            columns: Vec::new(),
            rows: Vec::new(),
            footer: 0,
            sheet: None,
            text,
        };
        match written {
            Written::Separated => table.read_rows()?,
            Written::Json => table.read_json().map_err(|problem| vec![problem])?,
            Written::Yaml | Written::Workbook => table.read_yaml()?,
        }
        if table.columns.is_empty() {
            let problem = Problem::error(file, None, "there is nothing in this file");
            return Err(vec![
                problem.help("its first line names the columns, and each line after it is a row"),
            ]);
        }
        Ok(table)
    }

    /// The position of a column, without regard to case; the first where a name stands twice.
    pub fn column(&self, name: &str) -> Option<usize> {
        let wanted = name.trim().to_lowercase();
        self.columns.iter().position(|column| column.trim().to_lowercase() == wanted)
    }

    /// The cell of a row, without blanks around it. Of columns that have the same name, the first one that is filled.
    pub fn cell<'a>(&self, row: &'a Row, column: usize) -> &'a str {
        let first = row.cells.get(column).map_or("", |cell| cell.trim());
        if !first.is_empty() {
            return first;
        }
        let name = self.columns.get(column);
        let twins =
            self.columns.iter().enumerate().filter(|(at, other)| *at > column && Some(*other) == name);
        twins
            .filter_map(|(at, _)| row.cells.get(at))
            .map(|cell| cell.trim())
            .find(|cell| !cell.is_empty())
            .unwrap_or("")
    }

    /// The names that several columns have.
    pub fn twins(&self) -> Vec<&str> {
        let mut twins: Vec<&str> = Vec::new();
        for (at, name) in self.columns.iter().enumerate() {
            if !name.is_empty() && self.columns[..at].contains(name) && !twins.contains(&name.as_str()) {
                twins.push(name);
            }
        }
        twins
    }

    /// What its form is, where that is worth a word.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some((sheet, several)) = self.sheet.as_ref().filter(|(_, several)| *several > 1) {
            notes.push(format!("of the {several} sheets of {} the first was taken, {sheet}", self.file));
        }
        if self.encoding != Encoding::Utf8 {
            notes.push(format!("{} was read as {}", self.file, self.encoding.name()));
        }
        if self.footer > 0 {
            notes.push(format!("{} at the end of {} left out", count(self.footer, "line"), self.file));
        }
        let twins = self.twins();
        if !twins.is_empty() {
            let names = twins.join(", ");
            notes.push(format!(
                "{}: {names} stands more than once: the first one that is filled counts",
                self.file
            ));
        }
        notes
    }

    /// A problem with a row.
    pub fn problem(&self, row: &Row, message: impl Into<String>) -> Problem {
        let place = row.start.map(|start| {
            let end = self.text[start..].find('\n').map_or(self.text.len(), |end| start + end);
            Place::in_text(&self.text, start, end)
        });
        match place {
            Some(place) => Problem::error(&*self.file, Some(place), message),
            None => Problem::error(&*self.file, None, format!("row {}: {}", row.number, message.into())),
        }
    }

    #[cfg(feature = "xlsx")]
    fn read_workbook(file: &str, bytes: &[u8]) -> Result<Table, Problem> {
        let unread = |why: String| {
            Problem::error(file, None, format!("this is no workbook: {why}"))
                .help("save it as CSV, and import that")
        };
        let super::workbook::First { name, several, rows } = super::workbook::first(bytes).map_err(unread)?;
        let mut rows = rows.into_iter();
        let Some((_, header)) = rows.next() else {
            let problem = Problem::error(file, None, "there is nothing in its first sheet");
            return Err(problem.help("its first row names the columns, and each row after it is a deal"));
        };
        let columns: Vec<String> = header.iter().map(|name| heading(name)).collect();
        let width = columns.len();
        let row = |(number, mut cells): (u32, Vec<String>)| {
            cells.resize(width.max(cells.len()), String::new());
            Row { cells, start: None, number: number as usize }
        };
        let rows: Vec<Row> = rows.map(row).collect();
        let table = Table {
            file: file.to_owned(),
            encoding: Encoding::Utf8,
            columns,
            rows,
            footer: 0,
            sheet: Some((name, several)),
            text: String::new(),
        };
        match table.rows.iter().find(|row| row.cells.len() > width) {
            Some(row) => Err(table
                .problem(row, "there is a cell here under no column")
                .help("name the column in the first row")),
            None => Ok(table),
        }
    }

    #[cfg(not(feature = "xlsx"))]
    fn read_workbook(file: &str, _: &[u8]) -> Result<Table, Problem> {
        let problem = Problem::error(file, None, "this program was built without workbooks");
        Err(problem.help("save it as CSV, and import that"))
    }

    /// The same rows as a sheet with commas, for what reads sheets. Its problems are placed in the file itself where that
    /// is one already, else in the rows that it comes to. Texts of JSON and YAML are guarded as export does, so that a sheet has
    /// one way to hold them. Rows of a text or of a workbook keep the numbers of their lines.
    ///
    /// Errors: a name stands twice.
    pub fn into_sheet(self, written: Written) -> Result<Sheet, Problem> {
        let first = self.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        if written == Written::Separated && separator(first) == b',' {
            return Sheet::of_text(&self.file, self.text);
        }
        let Table { file, text, columns, mut rows, .. } = self;
        number_by_line(&mut rows, &text, written);
        // It is all in the rows, and may be long.
        drop(text);
        let (mut out, mut lines) = (String::new(), 0);
        let mut push = |cells: &[String], number: usize| {
            while lines + 1 < number {
                out.push('\n');
                lines += 1;
            }
            let cells = cells.iter().map(|text| match written {
                Written::Json | Written::Yaml => guarded(Cow::Borrowed(text)),
                Written::Separated | Written::Workbook => Cow::Borrowed(&**text),
            });
            let cells: Vec<Cow<'_, str>> = cells.collect();
            push_row(&mut out, cells.iter().map(|cell| &**cell), "\n");
            lines += 1 + cells.iter().map(|cell| cell.matches('\n').count()).sum::<usize>();
        };
        push(&columns, 1);
        for row in rows {
            push(row.cells.get(..columns.len()).unwrap_or(&row.cells), row.number);
        }
        Sheet::of_text(&format!("{file} as a table"), out)
    }

    fn read_rows(&mut self) -> Result<(), Vec<Problem>> {
        let first = self.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator(first))
            .has_headers(false)
            .flexible(true)
            .from_reader(self.text.as_bytes());
        let mut rows: Vec<Row> = Vec::new();
        for record in reader.records() {
            // The bytes are text and rows may be ragged, so a reader of memory has nothing left to refuse.
            let Ok(record) = record else { continue };
            let start = record.position().map_or(0, |position| position.byte() as usize);
            // The position is that of the blank lines before a row.
            let blank = self.text[start..].bytes().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let cells: Vec<String> = record.iter().map(str::to_owned).collect();
            rows.push(Row { cells, start: Some(start + blank), number: rows.len() + 1 });
        }
        let odd = self.text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1;
        if odd && let Some(last) = rows.last().filter(|row| row.cells.iter().any(|cell| cell.contains('\n')))
        {
            let problem = self.problem(last, "a quote in this row never closes");
            return Err(vec![problem.help("close it, or double a quote that is part of a cell")]);
        }
        let mut rows = rows.into_iter();
        let Some(header) = rows.next() else { return Ok(()) };
        self.columns = header.cells.iter().map(|name| heading(name)).collect();
        while self.columns.last().is_some_and(String::is_empty) {
            self.columns.pop();
        }
        self.rows = rows.collect();
        let width = self.columns.len();
        while width > 1 && self.rows.last().is_some_and(|row| row.cells.len() == 1) {
            self.rows.pop();
            self.footer += 1;
        }
        self.rows.retain(|row| row.cells.iter().any(|cell| !cell.trim().is_empty()));
        let mut problems = Vec::new();
        for row in &self.rows {
            let spare = row.cells.iter().skip(width).any(|cell| !cell.trim().is_empty());
            if row.cells.len() < width || spare {
                let cells = count(row.cells.len() as u64, "cell");
                problems.push(
                    self.problem(row, format!("this row has {cells}, the header has {width}"))
                        .help("add or remove separators, or quote a cell that holds one"),
                );
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    fn read_json(&mut self) -> Result<(), Problem> {
        let mut objects = Objects::default();
        match serde_json::from_str::<Value>(&self.text) {
            Ok(value) => collect(&value, &[], &mut objects),
            Err(whole) => match self.json_lines() {
                Ok(of_lines) => objects = of_lines,
                // A first line that is an object shows that the others are to be objects too.
                Err((0, _)) => return Err(self.no_json(0, &whole)),
                Err((start, error)) => return Err(self.no_json(start, &error)),
            },
        }
        self.take(objects);
        Ok(())
    }

    /// An object a line; where a line starts that is none, and why.
    fn json_lines(&self) -> Result<Objects, (usize, serde_json::Error)> {
        let (mut objects, mut start) = (Objects::default(), 0);
        for line in self.text.split_inclusive('\n') {
            if !line.trim().is_empty() {
                let value: Value = serde_json::from_str(line).map_err(|error| (start, error))?;
                let before = objects.rows.len();
                collect(&value, &[], &mut objects);
                objects.rows[before..].iter_mut().for_each(|row| row.start = Some(start));
            }
            start += line.len();
        }
        Ok(objects)
    }

    fn no_json(&self, start: usize, error: &serde_json::Error) -> Problem {
        let text = &self.text[start..];
        let line_start =
            text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
        let at = start + line_start + error.column().saturating_sub(1);
        let said = error.to_string();
        let said = said.split(" at line ").next().unwrap_or_default();
        Problem::error(
            &*self.file,
            Some(Place::in_text(&self.text, at, at + 1)),
            format!("this is no JSON: {said}"),
        )
        .help("write a list of objects, or an object a line")
    }

    fn read_yaml(&mut self) -> Result<(), Vec<Problem>> {
        let mut found = Problems::new(&self.file, &self.text);
        let root = parse(&mut found, "split it into several files");
        let mut objects = Objects::default();
        if let Some(root) = &root {
            let maps =
                if matches!(root.data, Data::List(_)) { root.items() } else { std::slice::from_ref(root) };
            for map in maps {
                if !matches!(map.data, Data::Map(_)) && !map.is_null() {
                    found
                        .error(&map.span, "this is no deal")
                        .help("write a list of maps: `- {name: Acme, stage: needs}`");
                }
                let cells = map.entries().iter().filter_map(|(key, value)| {
                    let cell = crate::deal::columns::yaml_cell(&mut found, &key.text, value)?;
                    Some((key.text.clone(), cell))
                });
                let cells: Vec<_> = cells.collect();
                if !cells.is_empty() {
                    let start = self.text.char_indices().nth(map.span.start).map_or(0, |(at, _)| at);
                    objects.add(Some(start), cells);
                }
            }
        }
        let problems = found.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        self.take(objects);
        Ok(())
    }

    fn take(&mut self, objects: Objects) {
        let width = objects.columns.len();
        (self.columns, self.rows) = (objects.columns, objects.rows);
        self.rows.iter_mut().for_each(|row| row.cells.resize(width, String::new()));
    }
}

/// Gives each row the number of the line that it starts on; those of a workbook have it, and objects have none.
fn number_by_line(rows: &mut [Row], text: &str, written: Written) {
    let (mut line, mut before) = (1, 0);
    for row in rows {
        match (written, row.start) {
            (Written::Separated, Some(start)) => {
                line += text[before..start].matches('\n').count();
                (row.number, before) = (line, start);
            }
            (Written::Workbook, _) => {}
            _ => row.number = 0,
        }
    }
}

/// The name of a column: a line break in it is for the eye.
fn heading(name: &str) -> String {
    name.split_whitespace().collect::<Vec<&str>>().join(" ")
}

/// What stands between the cells: the most frequent of the three in the first line.
pub fn separator(line: &str) -> u8 {
    let mut quoted = false;
    let mut several = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in line.bytes() {
        quoted ^= byte == b'"';
        if let Some((_, number)) = several.iter_mut().find(|(mark, _)| *mark == byte && !quoted) {
            *number += 1;
        }
    }
    several.iter().rev().max_by_key(|(_, number)| *number).map_or(b',', |(mark, _)| *mark)
}

/// How deep objects may stand in objects and still be rows of a table.
const DEEPEST: usize = 8;

/// An object of an object is `a.b`, and what stands beside a list of objects belongs to each of them.
fn collect(value: &Value, beside: &[(String, String)], into: &mut Objects) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, beside, into)),
        Value::Object(map) => {
            let list = map.values().find(|value| is_list_of_objects(value));
            let mut cells = beside.to_vec();
            let others = map.iter().filter(|(_, value)| !is_list_of_objects(value));
            others.for_each(|(key, value)| flatten(key, value, 0, &mut cells));
            match list {
                Some(list) => collect(list, &cells, into),
                None => into.add(None, cells),
            }
        }
        _ => {}
    }
}

fn is_list_of_objects(value: &Value) -> bool {
    matches!(value, Value::Array(items) if items.iter().any(Value::is_object))
}

fn flatten(key: &str, value: &Value, depth: usize, cells: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Object(map) if depth < DEEPEST => {
            map.iter().for_each(|(inner, value)| flatten(&format!("{key}.{inner}"), value, depth + 1, cells));
        }
        Value::String(text) => cells.push((key.to_owned(), text.clone())),
        Value::Array(items) => {
            let text = |item: &Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
            cells.push((key.to_owned(), items.iter().map(text).collect::<Vec<_>>().join(" ")));
        }
        other => cells.push((key.to_owned(), other.to_string())),
    }
}
