//! One row of history.csv: what happened to a deal, when, and who says so.

use std::borrow::Cow;

use super::time::Instant;

/// The columns of history.csv, in their order.
pub const COLUMNS: [&str; 8] = ["at", "deal", "event", "field", "from", "to", "by", "note"];

/// The position of the instant in [`COLUMNS`].
pub const AT: usize = 0;
/// That of the deal's id.
pub const DEAL: usize = 1;
/// That of what happened.
pub const EVENT: usize = 2;
/// That of the field.
pub const FIELD: usize = 3;
/// That of what was before.
pub const FROM: usize = 4;
/// That of what is since.
pub const TO: usize = 5;
/// That of the note.
pub const NOTE: usize = 7;

/// The cells of a row, under [`COLUMNS`].
pub type Cells<'a> = [Cow<'a, str>; 8];

/// The first line of history.csv.
pub const HEADER: &str = "at,deal,event,field,from,to,by,note";

/// The field of the `set` row by which a deal that was merged into another names it; no column of deals.csv.
pub const MERGED_INTO: &str = "merged_into";

/// Something that happened with the buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Touch {
    /// A telephone or video call.
    Call,
    /// An e-mail either way.
    Email,
    /// A meeting.
    Meeting,
    /// Anything else worth writing down.
    Note,
}

impl Touch {
    /// Every kind, in the order that reports list them.
    pub const ALL: [Touch; 4] = [Touch::Call, Touch::Email, Touch::Meeting, Touch::Note];

    /// The word that history.csv uses.
    pub fn id(self) -> &'static str {
        match self {
            Touch::Call => "call",
            Touch::Email => "email",
            Touch::Meeting => "meeting",
            Touch::Note => "note",
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What<'a> {
    /// The deal entered a stage.
    Stage {
        /// The stage before; empty for a new deal.
        from: Cow<'a, str>,
        /// The stage entered.
        to: Cow<'a, str>,
        /// Whether a rule of the process was overridden.
        forced: bool,
    },
    /// A field changed.
    Set {
        /// The column of deals.csv.
        field: Cow<'a, str>,
        /// The old cell.
        from: Cow<'a, str>,
        /// The new cell.
        to: Cow<'a, str>,
    },
    /// Something happened with the buyer; the text is the event's note.
    Touch(Touch),
    /// A row is taken back, as if it had never been.
    Void {
        /// The event, and `:field` where it has one, of the row taken back.
        target: Cow<'a, str>,
        /// The `at` of that row.
        at: Instant,
    },
}

/// A row of history.csv.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// When.
    pub at: Instant,
    /// The deal's id.
    pub deal: Cow<'a, str>,
    /// What.
    pub what: What<'a>,
    /// Who did it: a claim.
    pub by: Cow<'a, str>,
    /// Why, or the text of a touch.
    pub note: Cow<'a, str>,
}

/// What is wrong with a row, and in which of its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadCell {
    /// The position of the column in [`COLUMNS`].
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl BadCell {
    fn new(column: usize, message: impl Into<String>) -> BadCell {
        BadCell { column, message: message.into(), help: None }
    }
}

/// A cell of a deal that changes without an event, as a row: neither an instant nor a person.
pub fn cells_without<'a>(deal: &'a str, field: &'a str, from: &'a str, to: &'a str) -> Cells<'a> {
    ["", deal, "", field, from, to, "", ""].map(Cow::Borrowed)
}

/// Rows as JSON, an object each with the columns as keys; what is empty is `null`.
pub fn as_json<'a>(rows: impl Iterator<Item = Cells<'a>>) -> serde_json::Value {
    let cell = |cell: Cow<'a, str>| if cell.is_empty() { None } else { Some(cell.into_owned()) };
    let row = |cells: Cells<'a>| {
        let keyed = COLUMNS.into_iter().zip(cells);
        keyed.map(|(column, text)| (column.to_owned(), cell(text).into())).collect()
    };
    rows.map(|cells| serde_json::Value::Object(row(cells))).collect()
}

impl<'a> Event<'a> {
    /// Reads the eight cells of a row, already unquoted.
    pub fn read(cells: Cells<'a>) -> Result<Event<'a>, BadCell> {
        let [at, deal, event, field, from, to, by, note] = cells;
        let at = read_instant(AT, &at)?;
        if deal.is_empty() {
            return Err(BadCell::new(DEAL, "this event names no deal"));
        }
        let what = match &*event {
            "stage" => match &*field {
                "" | "forced" if to.is_empty() => return Err(BadCell::new(TO, "this move names no stage")),
                "" | "forced" => {
                    What::Stage { from: unescape(from), to: unescape(to), forced: !field.is_empty() }
                }
                _ => return Err(BadCell::new(FIELD, "the field of a stage event is empty or `forced`")),
            },
            "set" if field.is_empty() => return Err(BadCell::new(FIELD, "this change names no field")),
            "set" => What::Set { field, from: unescape(from), to: unescape(to) },
            "void" if field.is_empty() => return Err(BadCell::new(FIELD, "this void names no event")),
            "void" => What::Void { target: field, at: read_instant(FROM, &from)? },
            other => {
                let Some(touch) = Touch::ALL.into_iter().find(|touch| touch.id() == other) else {
                    let known = "stage, set, call, email, meeting, note, void";
                    let message = format!("`{other}` is no event");
                    return Err(BadCell {
                        column: EVENT,
                        message,
                        help: Some(format!("events are {known}")),
                    });
                };
                What::Touch(touch)
            }
        };
        Ok(Event { at, deal, what, by, note: unescape(note) })
    }

    /// The event and, where it has one, `:field`: what a void row calls it.
    pub fn target(&self) -> String {
        match &self.what {
            What::Stage { forced: true, .. } => "stage:forced".to_owned(),
            What::Stage { forced: false, .. } => "stage".to_owned(),
            What::Set { field, .. } => format!("set:{field}"),
            What::Touch(touch) => touch.id().to_owned(),
            What::Void { target, .. } => format!("void:{target}"),
        }
    }

    /// The same event of another deal, with texts of its own.
    pub fn of_deal(self, deal: &str) -> Event<'static> {
        let own = |text: Cow<'a, str>| Cow::Owned(text.into_owned());
        let what = match self.what {
            What::Stage { from, to, forced } => What::Stage { from: own(from), to: own(to), forced },
            What::Set { field, from, to } => What::Set { field: own(field), from: own(from), to: own(to) },
            What::Touch(touch) => What::Touch(touch),
            What::Void { target, at } => What::Void { target: own(target), at },
        };
        Event { at: self.at, deal: Cow::Owned(deal.to_owned()), what, by: own(self.by), note: own(self.note) }
    }

    /// The eight cells of its row, under [`COLUMNS`], as the texts they stand for.
    pub fn cells(&self) -> Cells<'_> {
        let text = |text: &'a str| Cow::Borrowed(text);
        let (event, field, from, to) = match &self.what {
            What::Stage { from, to, forced } => {
                (text("stage"), text(if *forced { "forced" } else { "" }), from.clone(), to.clone())
            }
            What::Set { field, from, to } => (text("set"), field.clone(), from.clone(), to.clone()),
            What::Touch(touch) => (text(touch.id()), text(""), text(""), text("")),
            What::Void { target, at } => (text("void"), target.clone(), at.to_string().into(), text("")),
        };
        [
            self.at.to_string().into(),
            self.deal.clone(),
            event,
            field,
            from,
            to,
            self.by.clone(),
            self.note.clone(),
        ]
    }

    /// The row as history.csv holds it: one physical line, with its line end.
    pub fn to_line(&self) -> String {
        let mut line = String::with_capacity(96);
        for (column, cell) in self.cells().iter().enumerate() {
            if column > 0 {
                line.push(',');
            }
            // Readers take these three as escaped, and the others as they stand.
            match column {
                FROM | TO | NOTE => push_cell(&mut line, &escape(cell)),
                _ => push_cell(&mut line, cell),
            }
        }
        line.push('\n');
        line
    }
}

/// Puts events in the order in which they happened; those of one instant stay as they are.
pub fn sort_by_instant(events: &mut [Event<'_>]) {
    events.sort_by_key(|event| event.at);
}

fn read_instant(column: usize, text: &str) -> Result<Instant, BadCell> {
    Instant::parse(text).ok_or_else(|| BadCell {
        column,
        message: format!("`{text}` is no instant"),
        help: Some("write it as 2026-02-11T09:30:00.125Z".to_owned()),
    })
}

/// Writes a line break as `\n` and a backslash as `\\`, so that a row stays one physical line.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['\\', '\n', '\r']) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r"))
}

/// Undoes [`escape`]; a backslash before anything else stands for itself.
pub fn unescape(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains('\\') {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(next) = rest.next() {
        if next != '\\' {
            plain.push(next);
            continue;
        }
        match rest.clone().next() {
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            Some('\\') => plain.push('\\'),
            _ => {
                plain.push('\\');
                continue;
            }
        }
        rest.next();
    }
    Cow::Owned(plain)
}

/// Appends a row of cells.
pub fn push_row<'c>(text: &mut String, cells: impl Iterator<Item = &'c str>, newline: &str) {
    for (position, cell) in cells.enumerate() {
        if position > 0 {
            text.push(',');
        }
        push_cell(text, cell);
    }
    text.push_str(newline);
}

/// Appends a cell, quoted where RFC 4180 asks for it or a reader might trim it.
pub fn push_cell(line: &mut String, cell: &str) {
    if cell.is_empty() {
        return;
    }
    let edge = |byte: Option<&u8>| byte.is_some_and(|byte| matches!(byte, b' ' | b'\t'));
    let bytes = cell.as_bytes();
    let asks = bytes.iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'));
    if asks || edge(bytes.first()) || edge(bytes.last()) {
        line.push('"');
        line.push_str(&cell.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(row: [&str; 8]) -> [Cow<'_, str>; 8] {
        row.map(Cow::Borrowed)
    }

    fn event<'a>(what: What<'a>, note: &'a str) -> Event<'a> {
        Event {
            at: Instant::parse("2026-02-11T09:30:00.125Z").unwrap(),
            deal: "deal-1".into(),
            what,
            by: "ana".into(),
            note: note.into(),
        }
    }

    #[test]
    fn a_move_is_one_line() {
        let moved = What::Stage { from: "needs".into(), to: "proposal".into(), forced: false };
        let line = event(moved, "said \"yes\", twice\nand left C:\\").to_line();
        assert_eq!(
            line,
            "2026-02-11T09:30:00.125Z,deal-1,stage,,needs,proposal,ana,\"said \"\"yes\"\", twice\\nand left C:\\\\\"\n"
        );
    }

    #[test]
    fn escaped_text_comes_back() {
        for text in ["", "a\nb", "a\\nb", "\\", "\\\\n", "a\r\nb", "潛\n"] {
            assert_eq!(unescape(Cow::Borrowed(&*escape(text))), text);
        }
        assert_eq!(unescape(Cow::Borrowed("a\\tb\\")), "a\\tb\\");
    }

    #[test]
    fn a_backslash_in_an_id_or_a_user_stays_as_it_is() {
        let what = What::Stage { from: "a".into(), to: "b".into(), forced: false };
        let written = Event { deal: "x\\1".into(), by: "DOM\\ana".into(), ..event(what, "") };
        let line = written.to_line();
        assert_eq!(line, "2026-02-11T09:30:00.125Z,x\\1,stage,,a,b,DOM\\ana,\n");
        let row: Vec<&str> = line.trim_end().split(',').collect();
        assert_eq!(Event::read(cells(row.try_into().unwrap())), Ok(written));
    }

    #[test]
    fn a_void_says_which_row_it_takes_back() {
        let at = Instant::parse("2026-02-10T00:00:00Z").unwrap();
        let void = event(What::Void { target: "set:value".into(), at }, "");
        assert_eq!(void.target(), "void:set:value");
        assert_eq!(
            void.to_line(),
            "2026-02-11T09:30:00.125Z,deal-1,void,set:value,2026-02-10T00:00:00.000Z,,ana,\n"
        );
    }

    #[test]
    fn a_bad_row_names_its_column() {
        let at = "2026-02-11T09:30:00Z";
        for (row, column) in [
            (["11/02/2026", "deal-1", "stage", "", "", "won", "", ""], 0),
            ([at, "", "stage", "", "", "won", "", ""], 1),
            ([at, "deal-1", "moved", "", "", "won", "", ""], 2),
            ([at, "deal-1", "stage", "x", "", "won", "", ""], 3),
            ([at, "deal-1", "set", "", "", "won", "", ""], 3),
            ([at, "deal-1", "void", "stage", "yesterday", "", "", ""], 4),
            ([at, "deal-1", "stage", "", "needs", "", "", ""], 5),
        ] {
            assert_eq!(Event::read(cells(row)).unwrap_err().column, column, "{row:?}");
        }
    }
}
