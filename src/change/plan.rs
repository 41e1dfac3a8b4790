//! What a change comes to: the events that a command writes, or why the process refuses it. Pure.

use std::borrow::Cow;

use crate::deal::columns;
use crate::deal::event::{Event, Touch, What};
use crate::deal::past::Past;
use crate::deal::record::Record;
use crate::deal::time::{Day, Instant};
use crate::error::{Error, Result};
use crate::grammar;
use crate::problem::nearest;
use crate::process::{COLUMNS, Outcome, Process, StageIndex, Transition, Written};
use crate::query::sight::Deal;
use crate::query::{Conditions, Value};
use crate::shell;

/// Who makes a change, when, and why.
#[derive(Clone, Debug)]
pub struct Author<'a> {
    /// The process whose rules hold.
    pub process: &'a Process,
    /// The instant that the change is dated.
    pub at: Instant,
    /// The day it is today, for what is typed relative to it.
    pub today: Day,
    /// Who says so.
    pub by: &'a str,
    /// Why; empty when nobody said.
    pub note: &'a str,
}

/// Whether the rules of the process may be overridden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// They hold.
    Hold,
    /// They are overridden, which the history records.
    Forced,
}

/// A field and the text that it is to hold, as typed.
pub type Assignment = (String, String);

/// Reads `field=value`.
pub fn parse_assignment(text: &str) -> Result<Assignment> {
    match text.split_once('=') {
        Some((field, value)) if !field.trim().is_empty() => Ok((field.trim().to_owned(), value.to_owned())),
        _ => Err(Error::usage(format!("`{text}` is no assignment"))
            .hint("write it as field=value, such as owner=ana")),
    }
}

impl Author<'_> {
    fn event(&self, deal: &str, what: What<'static>) -> Event<'static> {
        Event {
            at: self.at,
            deal: Cow::Owned(deal.to_owned()),
            what,
            by: Cow::Owned(self.by.to_owned()),
            note: Cow::Owned(self.note.to_owned()),
        }
    }

    fn stage_event(&self, deal: &str, from: &str, to: StageIndex, rules: Rules) -> Event<'static> {
        let what = What::Stage {
            from: Cow::Owned(from.to_owned()),
            to: Cow::Owned(self.process.stage_id(to).to_owned()),
            forced: rules == Rules::Forced,
        };
        self.event(deal, what)
    }

    /// The event of a field given a new cell; none where it holds that already.
    pub fn set_event(&self, deal: &str, field: &str, from: &str, to: &str) -> Option<Event<'static>> {
        let what = What::Set {
            field: Cow::Owned(field.to_owned()),
            from: Cow::Owned(from.to_owned()),
            to: Cow::Owned(to.to_owned()),
        };
        (from != to).then(|| Event { note: Cow::Borrowed(""), ..self.event(deal, what) })
    }

    /// A new deal in a stage, with its fields; `conditions` are those of the gates up to that stage.
    ///
    /// Errors: the rules of the process refuse it (exit 3), with everything that is missing.
    pub fn create(
        &self,
        id: &str,
        stage: StageIndex,
        fields: &[Assignment],
        conditions: &Conditions<'_>,
    ) -> Result<Vec<Event<'static>>> {
        let columns: Vec<String> = Vec::new();
        let empty = Record::new(&columns, Vec::new());
        let mut cells = self.cells(&[], fields)?;
        let with = With { author: self, record: &empty, cells: &cells, stage, conditions };
        let mut missing = self.missing(stage, &with);
        for field in self.process.fields.iter().filter(|field| field.required) {
            let gap = self.gap(&field.id);
            if with.get(&field.id).is_empty() && !missing.contains(&gap) {
                missing.push(gap);
            }
        }
        if !missing.is_empty() {
            let message = format!("{id} cannot start in {}", self.process.stage_id(stage));
            return Err(Error::Refused { message, missing });
        }
        self.fill(stage, &empty, &mut cells)?;
        let entered = self.stage_event(id, "", stage, Rules::Hold);
        let sets = cells.iter().filter_map(|(field, cell)| self.set_event(id, field, "", cell));
        Ok(std::iter::once(entered).chain(sets).collect())
    }

    /// A deal into another stage, with fields set on the way; no events where it is there already and nothing changes.
    /// `conditions` are those of the gates up to that stage.
    ///
    /// Errors: the rules of the process refuse it (exit 3), with everything that is missing.
    pub fn enter(
        &self,
        record: &Record<'_>,
        stage: StageIndex,
        fields: &[Assignment],
        rules: Rules,
        conditions: &Conditions<'_>,
    ) -> Result<Vec<Event<'static>>> {
        let id = record.id();
        let from = record.get("stage");
        let here = self.process.lookup(from);
        let reopens = here.is_some_and(|here| !self.process.is_open(here)) && self.process.is_open(stage);
        let mut cells = self.cells(&[], fields)?;
        if reopens && !cells.iter().any(|(field, _)| field == "reason") {
            cells.push(("reason".to_owned(), String::new()));
        }
        if here == Some(stage) {
            return Ok(self.sets(record, &cells));
        }
        let stands = here.unwrap_or(StageIndex::UNKNOWN);
        let with = With { author: self, record, cells: &cells, stage: stands, conditions };
        let mut missing = self.missing(stage, &with);
        missing.extend(here.and_then(|here| self.transition(here, stage)));
        if !missing.is_empty() && rules == Rules::Hold {
            let message = format!("{id} cannot move from {from} to {}", self.process.stage_id(stage));
            return Err(Error::Refused { message, missing });
        }
        let forced = if missing.is_empty() { Rules::Hold } else { Rules::Forced };
        self.fill(stage, record, &mut cells)?;
        let mut events = vec![self.stage_event(id, from, stage, forced)];
        events.extend(self.sets(record, &cells));
        Ok(events)
    }

    /// Fields of a deal set; no events where they hold that already.
    pub fn set(&self, record: &Record<'_>, fields: &[Assignment]) -> Result<Vec<Event<'static>>> {
        let extra: Vec<&str> = record.cells().map(|(column, _)| column).collect();
        Ok(self.sets(record, &self.cells(&extra, fields)?))
    }

    /// Something happened with the buyer; what comes next goes into `next_step` and `next_date`.
    pub fn log(&self, record: &Record<'_>, touch: Touch, next: &[Assignment]) -> Result<Vec<Event<'static>>> {
        let mut events = vec![self.event(record.id(), What::Touch(touch))];
        events.extend(self.set(record, next)?);
        Ok(events)
    }

    /// A deal that never was one goes to the reserved stage `deleted`; the note says why.
    pub fn delete(&self, record: &Record<'_>) -> Event<'static> {
        self.stage_event(record.id(), record.get("stage"), StageIndex::DELETED, Rules::Hold)
    }

    fn sets(&self, record: &Record<'_>, cells: &[Assignment]) -> Vec<Event<'static>> {
        let set = |(field, cell): &Assignment| self.set_event(record.id(), field, record.get(field), cell);
        cells.iter().filter_map(set).collect()
    }

    /// What was typed, as cells: checked, and without the fields that have a command of their own.
    fn cells(&self, extra: &[&str], fields: &[Assignment]) -> Result<Vec<Assignment>> {
        let mut cells: Vec<Assignment> = Vec::new();
        for (field, typed) in fields {
            self.may_set(extra, field)?;
            if cells.iter().any(|(other, _)| other == field) {
                return Err(Error::usage(format!("`{field}` is set twice")));
            }
            cells.push((field.clone(), self.cell(field, typed)?));
        }
        Ok(cells)
    }

    /// What was typed for a field, as a cell.
    ///
    /// Errors: the field does not hold such a thing (exit 2), or the process refuses it (exit 3).
    pub fn cell(&self, field: &str, typed: &str) -> Result<String> {
        if typed.trim() == "…" {
            let message = format!("the `…` of {field} stands for what only you know");
            return Err(Error::usage(message).hint("write that in its place"));
        }
        let cell = columns::typed(self.process, field, self.today, typed).map_err(|unfit| {
            let error = Error::usage(format!("{field}: {}", unfit.message));
            error.hint_if(unfit.help)
        })?;
        if cell.is_empty() && self.process.field(field).is_some_and(|field| field.required) {
            return Err(Error::refused(format!("{field} cannot be emptied: this process requires it"))
                .hint(format!("give it another value: {}", shell::assignment(field, "…"))));
        }
        if field == "name" && cell.is_empty() {
            return Err(Error::usage("a deal has a name"));
        }
        if field == "created" && self.process.zone.parse_moment(&cell).is_some_and(|at| self.is_future(at)) {
            return Err(Error::usage(format!("created: {cell} is in the future"))
                .hint("name today or a day before it"));
        }
        Ok(cell)
    }

    fn is_future(&self, at: Instant) -> bool {
        self.process.zone.day_of(at) > self.today
    }

    /// The fields of a deal that can be set: the known ones, those that the process declares, then others of its file.
    pub fn settable<'n>(&'n self, extra: &[&'n str]) -> Vec<&'n str> {
        let declared = self.process.fields.iter().map(|field| field.id.as_str());
        let mut fields: Vec<&str> = Vec::new();
        for name in COLUMNS.into_iter().chain(declared).chain(extra.iter().copied()) {
            if Written::of(name).may_be_set() && !fields.contains(&name) {
                fields.push(name);
            }
        }
        fields
    }

    /// Refuses a field that is none, or has a command of its own.
    pub fn may_set(&self, extra: &[&str], field: &str) -> Result<()> {
        let own_command = match Written::of(field) {
            Written::Once => Some("an id never changes"),
            Written::ByMoves => Some("a stage changes with `pipeline move DEAL STAGE`"),
            Written::WithMoves => Some("it follows from the deal's moves"),
            Written::WithDeal | Written::AboutMoves | Written::ByHand => None,
        };
        if let Some(why) = own_command {
            return Err(Error::usage(format!("`{field}` cannot be set: {why}")));
        }
        let known = self.settable(extra);
        if known.contains(&field) {
            return Ok(());
        }
        let error = Error::usage(format!("there is no field `{field}`"));
        let otherwise = format!("fields are {}; declare others under `fields:`", known.join(", "));
        Err(error.suggest(nearest(field, known.iter().copied()), otherwise))
    }

    /// Fills what is empty with what the stage gives on entry; what was typed is left alone, an emptied field too.
    fn fill(&self, stage: StageIndex, record: &Record<'_>, cells: &mut Vec<Assignment>) -> Result<()> {
        for (field, typed) in self.process.stage(stage).map_or(&[][..], |stage| &stage.on_enter) {
            if record.get(field).is_empty() && !cells.iter().any(|(set, _)| set == field) {
                cells.push((field.clone(), self.cell(field, typed)?));
            }
        }
        Ok(())
    }

    /// What the gates up to a stage ask for and the deal has not, each with the flag that would supply it.
    fn missing(&self, stage: StageIndex, with: &With<'_>) -> Vec<String> {
        let mut fields: Vec<&str> = Vec::new();
        for (_, gate) in self.process.gates_to(stage) {
            for field in &gate.require {
                if with.get(field).is_empty() && !fields.contains(&field.as_str()) {
                    fields.push(field);
                }
            }
        }
        let mut missing: Vec<String> = fields.into_iter().map(|field| self.gap(field)).collect();
        for failed in with.conditions.failed(with) {
            if !missing.contains(&failed) {
                missing.push(failed);
            }
        }
        missing
    }

    fn gap(&self, field: &str) -> String {
        format!("{field} is empty: {}", self.supply(field))
    }

    fn supply(&self, field: &str) -> String {
        match field {
            // Only the commands of those two outcomes have a flag of its own for it.
            "reason" if !self.process.reasons.is_empty() => {
                let reasons = self.process.reasons.join(", ");
                format!("add --reason … (lose, disqualify) or --set reason=…, one of: {reasons}")
            }
            "reason" => "add --reason … (lose, disqualify) or --set reason=…".to_owned(),
            _ => format!("add --set {}", shell::assignment(field, "…")),
        }
    }

    /// What the process asks of a move that is not one step forward.
    fn transition(&self, here: StageIndex, there: StageIndex) -> Option<String> {
        let rules = self.process.transitions;
        let order: Vec<StageIndex> = self.process.open_stages().map(|(index, _)| index).collect();
        let place = |stage| order.iter().position(|other| *other == stage);
        let (rule, what) = match (place(here), place(there)) {
            (None, Some(_)) => (rules.reopen, "reopening a closed deal"),
            (Some(from), Some(to)) if to < from => (rules.back, "moving back"),
            (Some(from), Some(to)) if to > from + 1 => (rules.skip, "skipping a stage"),
            _ => return None,
        };
        match rule {
            Transition::Allow => None,
            Transition::Note if !self.note.is_empty() => None,
            Transition::Note => Some(format!("{what} needs a reason: add --note TEXT")),
            Transition::Deny => {
                Some(format!("this process does not allow {what}: only --force with --note TEXT does it"))
            }
        }
    }
}

/// A deal as a change would leave it, but for its stage.
struct With<'a> {
    author: &'a Author<'a>,
    record: &'a Record<'a>,
    cells: &'a [Assignment],
    stage: StageIndex,
    conditions: &'a Conditions<'a>,
}

impl With<'_> {
    fn get(&self, field: &str) -> &str {
        let changed = self.cells.iter().find(|(name, _)| name == field);
        changed.map_or_else(|| self.record.get(field), |(_, cell)| cell)
    }

    fn moment(&self, field: &str) -> Option<Instant> {
        self.author.process.zone.parse_moment(self.record.get(field))
    }
}

impl Deal for With<'_> {
    fn stage(&self) -> StageIndex {
        self.stage
    }
    fn cell(&self, field: usize) -> Value<'_> {
        match self.conditions.field(field) {
            "stage" => Value::Stage(self.stage),
            name => Value::Text(Cow::Borrowed(self.get(name))),
        }
    }
    fn created(&self) -> Option<Instant> {
        let new = self.record.id().is_empty();
        if new { Some(self.author.at) } else { self.moment("created") }
    }
    fn entered(&self) -> Option<Instant> {
        let new = self.record.id().is_empty();
        if new { Some(self.author.at) } else { self.moment("stage_since") }
    }
    fn closed(&self) -> Option<Instant> {
        self.moment("closed")
    }
    fn until(&self) -> Instant {
        self.author.at
    }
    fn past(&self) -> Past {
        self.conditions.past(self.record.id())
    }
}

/// Whether a change was made or would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// It was made.
    Did,
    /// It would be made.
    Would,
}

impl Mood {
    /// A verb, given as it is when it was done and after "would".
    pub fn verb(self, did: &str, would: &str) -> String {
        match self {
            Mood::Did => did.to_owned(),
            Mood::Would => format!("would {would}"),
        }
    }
}

/// One line that says what events do to a deal; `None` where there are none of it.
pub fn told(process: &Process, events: &[Event<'_>], deal: &str, mood: Mood) -> Option<String> {
    let of_deal: Vec<&Event<'_>> = events.iter().filter(|event| event.deal == deal).collect();
    let verb = |did, would| mood.verb(did, would);
    let fields: Vec<&str> = of_deal.iter().filter_map(|event| set_field(event)).collect();
    // What a move or an addition always brings with it needs no words.
    let beside: Vec<&str> =
        fields.iter().copied().filter(|field| !matches!(*field, "name" | "reason")).collect();
    let and_set =
        if beside.is_empty() { String::new() } else { format!(" and set {}", grammar::and(&beside)) };
    Some(match &of_deal.first()?.what {
        What::Set { .. } => format!("{} {} of {deal}", verb("set", "set"), grammar::and(&fields)),
        What::Void { target, .. } => format!("{} {target} of {deal}", verb("took back", "take back")),
        What::Touch(touch) => {
            format!("{} {} with {deal}{and_set}", verb("logged", "log"), with_article(touch.id()))
        }
        What::Stage { from, to, .. } if from.is_empty() => {
            format!("{} {deal} to {to}{and_set}", verb("added", "add"))
        }
        What::Stage { from, to, .. } => {
            let stage = |id: &str| process.lookup(id);
            let ends = stage(to).and_then(|to| process.outcome(to));
            let moved = match ends {
                None if stage(to) == Some(StageIndex::DELETED) => {
                    format!("{} {deal}", verb("deleted", "delete"))
                }
                Some(Outcome::Won) => format!("{} {deal} from {from}", verb("won", "win")),
                Some(Outcome::Lost) => format!("{} {deal} from {from}", verb("lost", "lose")),
                Some(Outcome::Disqualified) => {
                    format!("{} {deal} from {from}", verb("disqualified", "disqualify"))
                }
                None if stage(from).is_some_and(|from| !process.is_open(from)) => {
                    format!("{} {deal} from {from} to {to}", verb("reopened", "reopen"))
                }
                None => format!("{} {deal} from {from} to {to}", verb("moved", "move")),
            };
            moved + &and_set
        }
    })
}

fn set_field<'e>(event: &'e Event<'_>) -> Option<&'e str> {
    match &event.what {
        What::Set { field, .. } => Some(field),
        _ => None,
    }
}

fn with_article(noun: &str) -> String {
    format!("{} {noun}", if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process;
    use crate::query::sight::Sight;

    const PROCESS: &str = "\
stages:
  - {id: qualify}
  - {id: needs, enter: {require: [account]}}
  - {id: proposal, enter: {require: [value]}}
  - {id: won, outcome: won}
  - {id: lost, outcome: lost, enter: {require: [reason]}}
transitions: {back: note, reopen: note, skip: allow}
reasons: [price, timing]
";

    fn process() -> Process {
        process::read("pipeline.yaml", PROCESS).unwrap()
    }

    fn author<'a>(process: &'a Process, note: &'a str) -> Author<'a> {
        let at = Instant::parse("2026-11-24T12:00:00Z").unwrap();
        Author { process, at, today: process.zone.day_of(at), by: "ana", note }
    }

    fn columns() -> Vec<String> {
        ["id", "name", "stage", "account", "value", "reason"].map(str::to_owned).into()
    }

    fn record<'a>(columns: &'a [String], cells: [&'a str; 6]) -> Record<'a> {
        Record::new(columns, cells.map(Cow::Borrowed).into())
    }

    fn lines(events: &[Event<'_>]) -> Vec<String> {
        events.iter().map(|event| event.cells()[2..6].join("|")).collect()
    }

    fn enter(
        process: &Process,
        note: &str,
        deal: &Record<'_>,
        stage: StageIndex,
        fields: &[Assignment],
        rules: Rules,
    ) -> Result<Vec<Event<'static>>> {
        let author = author(process, note);
        let sight = Sight::new(process, &columns(), author.today);
        author.enter(deal, stage, fields, rules, &sight.conditions(stage).unwrap())
    }

    fn create(process: &Process, stage: StageIndex, fields: &[Assignment]) -> Result<Vec<Event<'static>>> {
        let author = author(process, "");
        let sight = Sight::new(process, &columns(), author.today);
        author.create("deal-1", stage, fields, &sight.conditions(stage).unwrap())
    }

    fn set(field: &str, value: &str) -> Assignment {
        (field.to_owned(), value.to_owned())
    }

    #[test]
    fn a_new_deal_is_its_stage_and_then_its_fields() {
        let process = process();
        let stage = process.lookup("qualify").unwrap();
        let events = create(&process, stage, &[set("name", "Acme"), set("value", "10k")]).unwrap();
        assert_eq!(lines(&events), ["stage|||qualify", "set|name||Acme", "set|value||10000"]);
    }

    #[test]
    fn gates_add_up_over_skipped_stages() {
        let (process, columns) = (process(), columns());
        let deal = record(&columns, ["deal-1", "Acme", "qualify", "", "", ""]);
        let stage = process.lookup("proposal").unwrap();
        let refused = enter(&process, "", &deal, stage, &[], Rules::Hold).unwrap_err();
        assert_eq!(refused.exit_code(), 3);
        assert_eq!(
            refused.hints(),
            ["account is empty: add --set account=…", "value is empty: add --set value=…"]
        );
        let supplied = [set("account", "Acme Ltd"), set("value", "500")];
        let events = enter(&process, "", &deal, stage, &supplied, Rules::Hold).unwrap();
        assert_eq!(lines(&events), ["stage||qualify|proposal", "set|account||Acme Ltd", "set|value||500"]);
        let forced = enter(&process, "told to", &deal, stage, &[], Rules::Forced).unwrap();
        assert_eq!(lines(&forced), ["stage|forced|qualify|proposal"]);
    }

    #[test]
    fn moves_that_are_no_step_forward_ask_why() {
        let (process, columns) = (process(), columns());
        let deal = record(&columns, ["deal-1", "Acme", "needs", "Acme Ltd", "", ""]);
        let stage = process.lookup("qualify").unwrap();
        let refused = enter(&process, "", &deal, stage, &[], Rules::Hold).unwrap_err();
        assert_eq!(refused.hints(), ["moving back needs a reason: add --note TEXT"]);
        let events = enter(&process, "wrong number", &deal, stage, &[], Rules::Hold).unwrap();
        assert_eq!(lines(&events), ["stage||needs|qualify"]);
    }

    #[test]
    fn a_reopened_deal_loses_its_reason() {
        let (process, columns) = (process(), columns());
        let deal = record(&columns, ["deal-1", "Acme", "lost", "", "", "price"]);
        let events =
            enter(&process, "asked again", &deal, process.lookup("qualify").unwrap(), &[], Rules::Hold)
                .unwrap();
        assert_eq!(lines(&events), ["stage||lost|qualify", "set|reason|price|"]);
    }

    #[test]
    fn what_is_so_already_is_no_event() {
        let (process, columns) = (process(), columns());
        let deal = record(&columns, ["deal-1", "Acme", "qualify", "", "500", ""]);
        let here = enter(&process, "", &deal, process.lookup("qualify").unwrap(), &[], Rules::Hold).unwrap();
        assert!(here.is_empty());
        assert!(author(&process, "").set(&deal, &[set("value", "0.5k")]).unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_set_says_why() {
        let (process, columns) = (process(), columns());
        let deal = record(&columns, ["deal-1", "Acme", "qualify", "", "500", ""]);
        for (field, value, message) in [
            ("stage", "won", "`stage` cannot be set: a stage changes with `pipeline move DEAL STAGE`"),
            ("closed", "2026-01-01", "`closed` cannot be set: it follows from the deal's moves"),
            ("value", "a lot", "value: `a lot` is no amount"),
            ("ownr", "ana", "there is no field `ownr`"),
            ("reason", "weather", "reason: `weather` is no reason of this process"),
            ("name", "", "a deal has a name"),
        ] {
            let error = author(&process, "").set(&deal, &[set(field, value)]).unwrap_err();
            assert_eq!((error.to_string().as_str(), error.exit_code()), (message, 2));
        }
    }

    #[test]
    fn a_change_is_told_in_a_sentence() {
        let (process, columns) = (process(), columns());
        let deal = record(&columns, ["deal-1", "Acme", "qualify", "Acme Ltd", "500", ""]);
        let tell = |stage: &str, mood| {
            let fields = if stage == "lost" { vec![set("reason", "price")] } else { Vec::new() };
            let stage = process.lookup(stage).unwrap();
            let events = enter(&process, "", &deal, stage, &fields, Rules::Hold).unwrap();
            told(&process, &events, "deal-1", mood).unwrap()
        };
        assert_eq!(tell("needs", Mood::Did), "moved deal-1 from qualify to needs");
        assert_eq!(tell("needs", Mood::Would), "would move deal-1 from qualify to needs");
        assert_eq!(tell("won", Mood::Did), "won deal-1 from qualify");
        assert_eq!(tell("lost", Mood::Would), "would lose deal-1 from qualify");
    }

    const STRICT: &str = "\
stages:
  - {id: qualify}
  - {id: contact, enter: {when: [\"bant >= 50\"]}}
  - id: needs
    enter: {require: [account], when: [budget = yes, value=10k..]}
    on_enter: {next_step: Send the quote, next_date: today+3d}
  - {id: won, outcome: won}
fields:
  - {id: budget, type: choice, choices: [no, yes]}
  - {id: need, type: choice, choices: [no, yes], required: true}
scores:
  bant:
    - {when: budget = yes, points: 25}
    - {when: need = yes, points: 25}
    - {when: value=10k.., points: 5}
";

    #[test]
    fn every_failed_term_says_what_would_make_it_hold() {
        let process = process::read("pipeline.yaml", STRICT).unwrap();
        let columns = columns();
        let deal = record(&columns, ["deal-1", "Acme", "qualify", "", "500", ""]);
        let stage = process.lookup("needs").unwrap();
        let refused = enter(&process, "", &deal, stage, &[], Rules::Hold).unwrap_err();
        assert_eq!(
            refused.hints(),
            [
                "account is empty: add --set account=…",
                "`bant >= 50` does not hold: bant is 0; more points for --set budget=yes (25), --set need=yes \
                 (25), `value=10k..` (5)",
                "`budget = yes` does not hold: add --set budget=yes",
                "`value=10k..` does not hold: value is 500; add --set value=…",
            ]
        );
        let forced = enter(&process, "told to", &deal, stage, &[], Rules::Forced).unwrap();
        assert_eq!(lines(&forced)[0], "stage|forced|qualify|needs");
    }

    #[test]
    fn terms_that_want_the_same_are_said_together() {
        let strict = STRICT
            .replace("when: [budget = yes, value=10k..]", "when: [bant >= 55, value=10k.., bant >= 50]");
        let process = process::read("pipeline.yaml", &strict).unwrap();
        let columns = columns();
        let deal = record(&columns, ["deal-1", "Acme", "qualify", "Acme", "500", ""]);
        let stage = process.lookup("needs").unwrap();
        let refused = enter(&process, "", &deal, stage, &[], Rules::Hold).unwrap_err();
        // The gates of contact and of needs both ask for 50 points, which is said once.
        assert_eq!(
            refused.hints(),
            [
                "`bant >= 50` and `bant >= 55` do not hold: bant is 0; more points for --set budget=yes (25), \
                 --set need=yes (25), `value=10k..` (5)",
                "`value=10k..` does not hold: value is 500; add --set value=…",
            ]
        );
    }

    #[test]
    fn a_stage_fills_on_entry_what_is_empty() {
        let process = process::read("pipeline.yaml", STRICT).unwrap();
        let columns = columns();
        let deal = record(&columns, ["deal-1", "Acme", "qualify", "Acme", "10000", ""]);
        let stage = process.lookup("needs").unwrap();
        let fields = [set("budget", "yes"), set("need", "yes"), set("next_step", "Call")];
        let events = enter(&process, "", &deal, stage, &fields, Rules::Hold).unwrap();
        assert_eq!(
            lines(&events)[1..],
            ["set|budget||yes", "set|need||yes", "set|next_step||Call", "set|next_date||2026-11-27"]
        );
    }

    #[test]
    fn a_required_field_is_asked_for_and_never_emptied() {
        let process = process::read("pipeline.yaml", STRICT).unwrap();
        let stage = process.lookup("qualify").unwrap();
        let refused = create(&process, stage, &[set("name", "Acme")]).unwrap_err();
        assert_eq!((refused.exit_code(), refused.hints()), (3, vec!["need is empty: add --set need=…"]));
        let columns = columns();
        let deal = record(&columns, ["deal-1", "Acme", "qualify", "", "", ""]);
        let refused = author(&process, "").set(&deal, &[set("need", "")]).unwrap_err();
        assert_eq!(refused.to_string(), "need cannot be emptied: this process requires it");
    }
}
