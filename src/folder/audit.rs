//! Where deals.csv and history.csv disagree, and what would mend it: the one list that `check` shows and `reconcile`
//! acts on.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::deal_rows::required;
use super::history::{History, Row};
use super::load::Loaded;
use super::sheet::{Line, Sheet};
use crate::deal::book::{FieldChange, Move};
use crate::deal::columns::holds;
use crate::deal::event::{DEAL, Event, FROM, What};
use crate::deal::time::{Instant, parse_day};
use crate::problem::Problem;
use crate::process::{Process, StageIndex, Written};
use crate::{query, shell};

/// What would make the files agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mend {
    /// The deal was moved by hand: history lacks the move.
    Move {
        /// The deal.
        deal: String,
        /// The stage that history knows.
        from: String,
        /// The stage that the cell says.
        to: String,
    },
    /// A field was changed by hand: history lacks the change.
    Set {
        /// The deal.
        deal: String,
        /// The column.
        field: String,
        /// The cell that history knows.
        from: String,
        /// The cell as it is.
        to: String,
    },
    /// A cell that follows from the deal's moves is not what follows: history has the last word.
    Cell {
        /// The deal.
        deal: String,
        /// The column.
        field: String,
        /// What it should hold.
        to: String,
    },
}

impl Mend {
    /// The deal that it is about.
    pub fn deal(&self) -> &str {
        match self {
            Mend::Move { deal, .. } | Mend::Set { deal, .. } | Mend::Cell { deal, .. } => deal,
        }
    }
}

/// A disagreement, and what would mend it, where something of ours can.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What is wrong, and where.
    pub problem: Problem,
    /// What `reconcile` would do about it.
    pub mend: Option<Mend>,
}

impl Finding {
    fn warning(problem: Problem) -> Finding {
        Finding { problem: problem.as_warning(), mend: None }
    }
}

/// Every disagreement between the files. They are sound row by row: that is checked before.
pub fn audit(process: &Process, deals: &Sheet, history: &Sheet, loaded: &Loaded) -> Vec<Finding> {
    let Ok(Some(required)) = required(deals) else { return Vec::new() };
    let audit = Audit {
        process,
        deals,
        history,
        loaded,
        id: required.id,
        stage: required.stage,
        moves: OnceCell::new(),
    };
    let mut findings = Vec::new();
    for deal in 0..loaded.book.len() {
        let Some(line) = deals.row_at(loaded.rows[deal]) else { continue };
        // What two deals did says nothing of one.
        if let Some(finding) = audit.created_twice(deal) {
            findings.push(finding);
            continue;
        }
        audit.stage(deal, line, &mut findings);
        audit.fields(deal, line, &mut findings);
        audit.dates(deal, line, &mut findings);
        audit.required(deal, line, &mut findings);
    }
    audit.owners(&mut findings);
    if history.newline() == "\r\n" {
        let problem =
            Problem::error(history.file(), None, "the lines end with CRLF, which doubles them in a merge");
        findings.push(Finding::warning(
            problem.help("save it with LF line ends, as `.gitattributes` asks git to"),
        ));
    }
    findings
}

/// The rows of moves, by deal and instant.
type MoveRows<'a> = FxHashMap<(Cow<'a, str>, Instant), Vec<(Passage, Line<'a>)>>;

/// From which stage a move is, and into which.
type Passage = (Option<StageIndex>, Option<StageIndex>);

struct Audit<'a> {
    process: &'a Process,
    deals: &'a Sheet,
    history: &'a Sheet,
    loaded: &'a Loaded,
    id: usize,
    stage: usize,
    /// The rows of moves, by deal and instant; found when the first is to be shown.
    moves: OnceCell<MoveRows<'a>>,
}

impl<'a> Audit<'a> {
    /// The fields that the process requires of every deal.
    fn required(&self, deal: usize, line: Line<'_>, findings: &mut Vec<Finding>) {
        let card = self.loaded.book.deal(deal);
        if card.stage == StageIndex::DELETED {
            return;
        }
        for field in self.process.fields.iter().filter(|field| field.required) {
            let column = self.deals.column(&field.id);
            if self.cell(deal, &field.id).is_none_or(str::is_empty) {
                let id = self.id(deal);
                let message = format!("{id} has no {}, which the process requires", field.id);
                let help =
                    format!("{} {}", shell::about("set", id, &[], &[]), shell::assignment(&field.id, "…"));
                let problem = self.deals.at_cell(line, column.unwrap_or(self.id), message).help(help);
                findings.push(Finding::warning(problem));
            }
        }
    }

    fn id(&self, deal: usize) -> &str {
        self.loaded.book.id(deal)
    }

    /// The stage cell, and the cells that follow from it, against the deal's moves.
    fn stage(&self, deal: usize, line: Line<'_>, findings: &mut Vec<Finding>) {
        let moves = self.loaded.book.moves(deal);
        let Some(last) = moves.last() else { return };
        let (cell, id) = (self.loaded.book.deal(deal).stage, self.id(deal));
        self.gaps(deal, moves, findings);
        if last.to != cell {
            let (here, there) = (self.process.stage_id(cell), self.process.stage_id(last.to));
            let day = self.process.zone.day_of(last.at);
            let message = format!(
                "{id} stands in `{here}` here, but its last move in history was to `{there}` on {day}"
            );
            let help = format!("`pipeline reconcile` makes this a move; else write {there}");
            let mend = Mend::Move { deal: id.to_owned(), from: there.to_owned(), to: here.to_owned() };
            let problem = self.deals.at_cell(line, self.stage, message).help(help);
            findings.push(Finding { problem, mend: Some(mend) });
            return;
        }
        let closed = self.process.outcome(cell).is_some() || cell == StageIndex::DELETED;
        self.follows(deal, line, "stage_since", Some(last.at), findings);
        self.follows(deal, line, "closed", closed.then_some(last.at), findings);
    }

    /// A cell that follows from the last move.
    fn follows(
        &self,
        deal: usize,
        line: Line<'_>,
        field: &str,
        expected: Option<Instant>,
        findings: &mut Vec<Finding>,
    ) {
        let (Some(column), Some(text)) = (self.deals.column(field), self.cell(deal, field)) else { return };
        let agrees = match (parse_day(text), expected) {
            _ if text.is_empty() => expected.is_none(),
            (Some(day), Some(at)) => self.process.zone.day_of(at) == day,
            (None, Some(at)) => Instant::parse(text) == Some(at),
            (_, None) => false,
        };
        if agrees {
            return;
        }
        let id = self.id(deal);
        let to = expected.map(|at| at.to_string()).unwrap_or_default();
        let says = if to.is_empty() { "that it is empty".to_owned() } else { to.clone() };
        let message = format!("{field} of {id} is {} here; its moves say {says}", quoted(text));
        let problem = self.deals.at_cell(line, column, message).help("`pipeline reconcile` puts it right");
        findings.push(Finding {
            problem,
            mend: Some(Mend::Cell { deal: id.to_owned(), field: field.to_owned(), to }),
        });
    }

    /// A deal that two branches created.
    fn created_twice(&self, deal: usize) -> Option<Finding> {
        let id = self.id(deal);
        let second = self.loaded.book.moves(deal).iter().filter(|step| step.from.is_none()).nth(1)?;
        let line = self.row_of(deal, second)?;
        let message = format!("{id} is created for the second time here: two branches took the same id");
        let help = format!(
            "`{}` brings the lost one back under a new id; `ids: random` prevents it",
            shell::about("renumber", id, &[], &[])
        );
        Some(Finding { problem: self.history.at_cell(line, DEAL, message).help(help), mend: None })
    }

    /// The row of history.csv that tells a move of a deal.
    fn row_of(&self, deal: usize, step: &Move) -> Option<Line<'a>> {
        let moves = self.moves.get_or_init(|| {
            let mut moves: FxHashMap<_, Vec<_>> = FxHashMap::default();
            let rows = History::of(self.history).into_iter().flat_map(|history| history.rows(|_| true));
            for Row { line, event } in rows.flatten() {
                if let Event { at, deal, what: What::Stage { from, to, .. }, .. } = event {
                    let step = (self.process.lookup(&from), self.process.lookup(&to));
                    moves.entry((deal, at)).or_default().push((step, line));
                }
            }
            moves
        });
        let at_once = moves.get(&(Cow::Borrowed(self.id(deal)), step.at))?;
        at_once.iter().find(|(told, _)| *told == (step.from, Some(step.to))).map(|(_, line)| *line)
    }

    /// Moves that do not continue one another.
    fn gaps(&self, deal: usize, moves: &[Move], findings: &mut Vec<Finding>) {
        let id = self.id(deal);
        for pair in moves.windows(2) {
            let (before, step) = (pair[0].to, &pair[1]);
            if step.from != Some(before) {
                let Some(line) = self.row_of(deal, step) else { continue };
                let said = step.from.map_or("nowhere", |from| self.process.stage_id(from));
                let was = self.process.stage_id(before);
                let message = format!("{id} moves from `{said}` here, but it was in `{was}`");
                let problem = self.history.at_cell(line, FROM, message);
                let help = "two people moved it, or a row is missing; figures follow the rows as they stand";
                findings.push(Finding::warning(problem.help(help)));
            }
        }
    }

    /// A deal's cell of a column, where the file has it.
    fn cell(&self, deal: usize, name: &str) -> Option<&str> {
        let book = &self.loaded.book;
        book.place(name).map(|field| book.cell(deal, field))
    }

    /// Cells against the last change of each field.
    fn fields(&self, deal: usize, line: Line<'_>, findings: &mut Vec<Finding>) {
        let book = &self.loaded.book;
        let mut last: BTreeMap<usize, FieldChange<'_>> = BTreeMap::new();
        for change in book.changes(deal) {
            last.insert(change.field, change);
        }
        for (field, change) in last {
            let name = &book.fields()[field];
            let cell = book.cell(deal, field);
            if !Written::of(name).may_be_set() || holds(self.process, name).same(cell, change.to()) {
                continue;
            }
            let id = self.id(deal);
            let day = self.process.zone.day_of(change.at);
            let message = format!(
                "{name} of {id} is {} here, but history {} on {day}",
                quoted(cell),
                set_to(change.to())
            );
            let help = format!("`pipeline reconcile` makes this a change; else write {}", shown(change.to()));
            let column = self.deals.column(name).unwrap_or(self.id);
            let mend = Mend::Set {
                deal: id.to_owned(),
                field: name.clone(),
                from: change.to().to_owned(),
                to: cell.to_owned(),
            };
            let problem = self.deals.at_cell(line, column, message).help(help);
            findings.push(Finding { problem, mend: Some(mend) });
        }
    }

    /// Dates that cannot all be true.
    fn dates(&self, deal: usize, line: Line<'_>, findings: &mut Vec<Finding>) {
        let card = self.loaded.book.deal(deal);
        let zone = self.process.zone;
        let Some(created) = card.created else { return };
        let mut out_of_order = |field: &str, at: Option<Instant>, what: &str| {
            let Some(at) = at.filter(|at| zone.day_of(*at) < zone.day_of(created)) else { return };
            let column = self.deals.column(field).unwrap_or(self.id);
            let (then, began) = (zone.day_of(at), zone.day_of(created));
            let message = format!("{} {what} on {then}, before it was created on {began}", self.id(deal));
            let problem = self.deals.at_cell(line, column, message);
            findings.push(Finding::warning(problem.help("put one of the two dates right")));
        };
        out_of_order("closed", card.closed, "closed");
        let first = self.loaded.book.moves(deal).first().map(|step| step.at);
        out_of_order("created", first, "first moved");
    }

    /// Owners that differ only in case or blanks.
    fn owners(&self, findings: &mut Vec<Finding>) {
        let (Some(column), Some(field)) = (self.deals.column("owner"), self.loaded.book.place("owner"))
        else {
            return;
        };
        let mut spellings: BTreeMap<String, BTreeMap<&str, (usize, usize)>> = BTreeMap::new();
        for deal in 0..self.loaded.book.len() {
            let owner = self.loaded.book.cell(deal, field);
            let folded = owner.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
            let (count, _) = spellings.entry(folded).or_default().entry(owner).or_insert((0, deal));
            *count += 1;
        }
        for (_, mut spelled) in spellings.into_iter().filter(|(_, spelled)| spelled.len() > 1) {
            let Some(usual) = spelled.iter().max_by_key(|(_, (count, _))| *count).map(|(owner, _)| *owner)
            else {
                continue;
            };
            spelled.remove(usual);
            for (owner, (_, deal)) in spelled {
                let Some(line) = self.deals.row_at(self.loaded.rows[deal]) else { continue };
                let message = format!("the owner `{owner}` is spelled `{usual}` elsewhere");
                let misspelled = format!("owner={}", query::quote(owner));
                let command = shell::command(&["pipeline", "set", "--where", &misspelled]);
                let help = format!("{command} {}", shell::assignment("owner", usual));
                findings.push(Finding::warning(self.deals.at_cell(line, column, message).help(help)));
            }
        }
    }
}

fn quoted(cell: &str) -> String {
    if cell.is_empty() { "empty".to_owned() } else { format!("`{cell}`") }
}

fn set_to(cell: &str) -> String {
    if cell.is_empty() { "emptied it".to_owned() } else { format!("set it to `{cell}`") }
}

fn shown(cell: &str) -> String {
    if cell.is_empty() { "nothing".to_owned() } else { cell.to_owned() }
}
