//! Terms as typed, read against the columns of a folder; and a row of deals.csv as terms see it.

use std::borrow::Cow;

use super::context::Clock;
use crate::deal::columns::{FORECASTS, Holds, holds};
use crate::error::{Error, Result};
use crate::folder::load::{DealRows, Unsound, required};
use crate::folder::sheet::Sheet;
use crate::folder::{Folder, Need};
use crate::process::{COLUMNS, Process, StageIndex};
use crate::query::{self, Dictionary, FieldDef, Kind, Query, Subject, Value};

/// The field that says how a deal stands: worked out from its stage.
pub(super) const STATUS: &str = "status";

/// The field that says which team a deal is in: worked out from its owner.
pub(super) const TEAM: &str = "team";

/// The fields that terms may speak of: the columns of the file, those it could have, and those worked out.
pub(super) fn dictionary<'p>(process: &'p Process, columns: &[String], clock: &Clock) -> Dictionary<'p> {
    let mut names: Vec<&str> = columns.iter().map(String::as_str).collect();
    let declared = process.fields.iter().map(|field| field.id.as_str());
    for name in COLUMNS.into_iter().chain(declared).chain([STATUS, TEAM]) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let fields = names.into_iter().map(|name| FieldDef::new(name, kind(process, name))).collect();
    Dictionary { process, fields, calendar: process.calendar(clock.today), zone: process.zone }
}

fn kind(process: &Process, name: &str) -> Kind {
    match (name, holds(process, name)) {
        (STATUS, _) => Kind::Status,
        ("reason", _) => Kind::Choice(process.reasons.clone()),
        (_, Holds::Id | Holds::Currency) => Kind::Text,
        (_, Holds::Stage) => Kind::Stage,
        (_, Holds::Probability) => Kind::Percent,
        (_, Holds::Forecast) => Kind::Choice(FORECASTS.map(str::to_owned).into()),
        (_, Holds::Tags) => Kind::Tags,
        (_, Holds::Field(field)) => Kind::from(&field),
    }
}

/// Reads terms.
pub(super) fn parse(terms: &[String], dictionary: &Dictionary<'_>) -> Result<Query> {
    query::parse(terms, dictionary).map_err(Error::Terms)
}

/// The positions, among the dictionary's fields, of those that are worked out.
#[derive(Clone, Copy, Debug)]
pub(super) struct WorkedOut {
    pub(super) status: usize,
    pub(super) team: usize,
    owner: usize,
}

impl WorkedOut {
    pub(super) fn of(dictionary: &Dictionary<'_>) -> WorkedOut {
        let at = |name| position(dictionary, name);
        WorkedOut { status: at(STATUS), team: at(TEAM), owner: at("owner") }
    }
}

/// A row of deals.csv as terms see it.
#[derive(Debug)]
pub(super) struct Today<'a> {
    pub(super) process: &'a Process,
    pub(super) cells: &'a [Cow<'a, str>],
    pub(super) stage: StageIndex,
    pub(super) worked_out: WorkedOut,
}

impl Subject for Today<'_> {
    fn value(&self, field: usize) -> Value<'_> {
        if field == self.worked_out.status {
            return Value::Stage(self.stage);
        }
        if field == self.worked_out.team {
            let team = self.cells.get(self.worked_out.owner).and_then(|owner| self.process.team_of(owner));
            return team.map_or(Value::Empty, |team| Value::Text(Cow::Borrowed(team)));
        }
        self.cells.get(field).map_or(Value::Empty, |cell| Value::Text(Cow::Borrowed(cell)))
    }
}

/// The position of a field among the dictionary's.
pub(super) fn position(dictionary: &Dictionary<'_>, name: &str) -> usize {
    // Every dictionary of ours has the field; past the end there is none.
    dictionary.fields.iter().position(|field| field.name == name).unwrap_or(usize::MAX)
}

/// Deals that terms find, each its stage and its cells, in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Found<'a> {
    pub(super) deals: Vec<(StageIndex, Vec<Cow<'a, str>>)>,
    /// How many unsound rows were left out.
    pub(super) skipped: usize,
}

/// The deals of a sheet that terms find today; deleted ones never.
///
/// Errors: terms that were not understood; every unsound row at once, unless they are to be left out.
pub(super) fn found<'a>(
    process: &'a Process,
    sheet: &'a Sheet,
    terms: &[String],
    clock: &Clock,
    unsound: Unsound,
) -> Result<Found<'a>> {
    let dictionary = dictionary(process, sheet.columns(), clock);
    let query = parse(terms, &dictionary)?;
    let worked_out = WorkedOut::of(&dictionary);
    let mut found = Found::default();
    let Some(required) = required(sheet)? else { return Ok(found) };
    let mut rows = DealRows::new(process, sheet);
    let (mut cells, mut problems) = (Vec::new(), Vec::new());
    for line in sheet.rows() {
        let line = line?;
        let wrong = match sheet.split(line, &mut cells) {
            Ok(()) => rows.check(line, &cells, required.id),
            Err(problem) => vec![problem],
        };
        if !wrong.is_empty() {
            found.skipped += 1;
            problems.extend(wrong);
            continue;
        }
        let Some(stage) =
            process.lookup(&cells[required.stage]).filter(|stage| *stage != StageIndex::DELETED)
        else {
            continue;
        };
        if query.matches(&Today { process, cells: &cells, stage, worked_out }) {
            found.deals.push((stage, std::mem::take(&mut cells)));
        }
    }
    if unsound == Unsound::Refuse && !problems.is_empty() {
        return Err(problems.into());
    }
    Ok(found)
}

/// The ids of the deals that terms find today.
pub(super) fn deals_where(folder: &Folder, terms: &str, clock: &Clock) -> Result<Vec<String>> {
    let files = folder.read(Need::Deals)?;
    let Some(required) = required(&files.deals)? else { return Ok(Vec::new()) };
    let terms = [terms.to_owned()];
    let found = found(folder.process(), &files.deals, &terms, clock, Unsound::Refuse)?;
    Ok(found.deals.into_iter().map(|(_, cells)| cells[required.id].clone().into_owned()).collect())
}
