//! Deals that come in from files with a deal a row: what of them is here already, and what becomes of each.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::add::NewIds;
use super::known::FromSource;
use super::told::{self, as_is};
use crate::deal::event::Event;
use crate::error::Result;
use crate::exchange::crm::Taken;
use crate::exchange::csv::{Amounts, Deal, Import as Reader, Others, Source, source_of};
use crate::exchange::incoming::Incoming;
use crate::exchange::plan::{Fate, Here, Planner};
use crate::folder::arrivals::Arrivals;
use crate::folder::door::Door;
use crate::folder::history::HistoryIndex;
use crate::folder::sheet::Sheet;
use crate::grammar::{agreeing, and, count};
use crate::metrics::figures::Row;
use crate::output::escape::{Breaks, escape};
use crate::process::{Process, SOURCE_ID, Written};

/// A file of deals, and what its columns are here.
pub(super) struct Opened {
    pub(super) name: String,
    pub(super) sheet: Sheet,
    pub(super) sources: Vec<Source>,
    pub(super) amounts: Amounts,
}

impl Opened {
    /// What its columns were taken for in so many rows.
    pub(super) fn taken_for(&self, rows: u64) -> impl Iterator<Item = Taken> + '_ {
        self.sources.iter().map(move |source| Taken {
            file: self.name.clone(),
            theirs: source.theirs.clone(),
            ours: source.target.clone(),
            rows,
        })
    }
}

/// Whether any of the files has a column of ours.
fn any_has(files: &[Opened], target: &str) -> bool {
    files.iter().any(|file| source_of(&file.sources, target).is_some())
}

/// What files are called in a sentence.
pub(super) fn from(files: &[Opened]) -> String {
    match files {
        [] | [_] | [_, _] | [_, _, _] => {
            and(&files.iter().map(|file| file.name.as_str()).collect::<Vec<&str>>())
        }
        _ => count(files.len() as u64, "file"),
    }
}

/// The deals that are here, and those of the files before.
pub(super) struct KnownDeals<'d> {
    here: FromSource<'d>,
    /// The ids of the deals here, as far as a file gives any.
    ids: FxHashSet<Cow<'d, str>>,
    /// The ids of the files before, and the file that each stands in.
    passed: FxHashMap<String, String>,
    /// The ids that the source gave the deals of the files before, likewise.
    told: FxHashMap<String, String>,
}

impl<'d> KnownDeals<'d> {
    pub(super) fn of(door: &'d Door<'_>, files: &[Opened]) -> Result<KnownDeals<'d>> {
        // Files without such a column have no deal that could be known again.
        let here =
            if any_has(files, SOURCE_ID) { FromSource::of(door, |id| id)? } else { FromSource::default() };
        let ids = if any_has(files, "id") { door.ids()?.into_iter().collect() } else { FxHashSet::default() };
        Ok(KnownDeals { here, ids, passed: FxHashMap::default(), told: FxHashMap::default() })
    }

    /// Remembers the deals of a file, which have just come in, for the files after it.
    pub(super) fn pass(&mut self, file: &Opened, met: Met) {
        let with_file = |id: String| (id, file.name.clone());
        self.passed.extend(met.ids.into_iter().map(with_file));
        self.told.extend(met.source_ids.into_iter().map(with_file));
    }
}

impl Others for KnownDeals<'_> {
    fn taken(&self, id: &str) -> Option<String> {
        if self.ids.contains(id) {
            return Some("in this pipeline".to_owned());
        }
        self.passed.get(id).map(|file| format!("in {file}"))
    }

    fn told(&self, source_id: &str) -> Option<String> {
        self.told.get(source_id).map(|file| format!("in {file}"))
    }

    fn known(&self, source_id: &str) -> bool {
        self.here.has(source_id)
    }
}

/// The ids that deals of a file have come in with.
#[derive(Default)]
pub(super) struct Met {
    /// Those that new deals have here.
    ids: Vec<String>,
    source_ids: Vec<String>,
}

/// What comes in.
pub(super) struct Arriving<'d, 'f> {
    door: &'d Door<'f>,
    desk: Planner<'d>,
    /// What happened to the deals that are here; read where any came from elsewhere.
    past: Option<HistoryIndex>,
    ids: NewIds,
    pub(super) arrivals: Arrivals,
    pub(super) events: Vec<Event<'static>>,
    pub(super) tally: Tally,
    /// Whether a plan is asked for.
    dry: bool,
    /// Of the file at hand, where more are to come.
    pub(super) met: Option<Met>,
}

/// Where the cells of a file's deals stand.
pub(super) struct Places {
    /// Of each column of deals.csv, with what it is.
    columns: Vec<(Fills, Option<usize>)>,
    name: Option<usize>,
    created: Option<usize>,
    stage: Option<usize>,
}

/// What fills a column of deals.csv where the file has nothing for it.
#[derive(Clone, Copy)]
enum Fills {
    /// It is the id that the deal gets.
    Id,
    /// The id does, too.
    Name,
    Nothing,
}

impl<'d, 'f> Arriving<'d, 'f> {
    pub(super) fn of(
        door: &'d Door<'f>,
        desk: Planner<'d>,
        files: &[Opened],
        dry: bool,
    ) -> Result<Arriving<'d, 'f>> {
        let mut ids = NewIds::of(door)?;
        for Opened { sheet, sources, .. } in files {
            Reader::given(sheet, sources).for_each(|id| ids.pass(&id));
        }
        let targets = files.iter().flat_map(|file| &file.sources).map(|source| source.target.as_str());
        let (arrivals, events, tally) = (door.room(targets), Vec::new(), Tally::default());
        Ok(Arriving { door, desk, past: None, ids, arrivals, events, tally, dry, met: None })
    }

    pub(super) fn places(&self, sources: &[Source]) -> Places {
        let fills = |column: &str| match column {
            "id" => Fills::Id,
            "name" => Fills::Name,
            _ => Fills::Nothing,
        };
        let place = |column: &String| (fills(column), source_of(sources, column));
        let columns = self.arrivals.columns().iter().map(place).collect();
        let [name, created, stage] = ["name", "created", "stage"].map(|target| source_of(sources, target));
        Places { columns, name, created, stage }
    }

    /// Takes a deal in.
    pub(super) fn take(
        &mut self,
        known: &KnownDeals<'d>,
        sources: &[Source],
        places: &Places,
        deal: &Deal<'_>,
    ) -> Result<()> {
        self.tally.rows += 1;
        if let Some(met) = &mut self.met {
            met.source_ids.extend((!deal.source_id.is_empty()).then(|| deal.source_id.to_owned()));
            met.ids.extend((!deal.known && !deal.id.is_empty()).then(|| deal.id.to_owned()));
        }
        if !deal.known {
            return self.take_new(places, deal);
        }
        let Some(record) = known.here.record(self.door, deal.source_id)? else { return Ok(()) };
        let Some(incoming) = incoming(self.desk.process, sources, deal) else { return Ok(()) };
        if self.past.is_none() {
            self.past = Some(HistoryIndex::of(self.door.history()?)?);
        }
        let events = self.past.as_ref().map_or_else(|| Ok(Vec::new()), |past| past.events_of(record.id()))?;
        let planned = self.desk.meet(&Here { record, events }, &incoming);
        self.tally.changed += u64::from(planned.fate == Fate::Changed);
        self.tally.gone += u64::from(planned.fate == Fate::GoneHere);
        if self.dry && planned.fate != Fate::Unchanged {
            let (name, did) = (places.name.map_or("", |of| &*deal.cells[of]), told::what(&planned));
            self.tally.plan.push(told::fate(&planned.id, deal.source_id, name, planned.fate, &did));
        }
        self.events.extend(planned.events);
        Ok(())
    }

    fn take_new(&mut self, places: &Places, deal: &Deal<'_>) -> Result<()> {
        let cell = |of: Option<usize>| of.map_or("", |of| &*deal.cells[of]);
        let id = if deal.id.is_empty() { self.ids.next()?.into() } else { Cow::Borrowed(deal.id) };
        self.arrivals.push(places.columns.iter().map(|(fills, of)| match (fills, cell(*of)) {
            (Fills::Id, _) | (Fills::Name, "") => &id,
            (_, cell) => cell,
        }));
        self.tally.undated += u64::from(cell(places.created).is_empty());
        self.tally.new += 1;
        if self.dry {
            let did = format!("in {}", cell(places.stage));
            self.tally.plan.push(told::fate(&id, deal.source_id, cell(places.name), Fate::New, &did));
        }
        Ok(())
    }
}

/// A row of a deal that is here, as what the source says of it now.
fn incoming(process: &Process, sources: &[Source], deal: &Deal<'_>) -> Option<Incoming> {
    let stage = process.lookup(&deal.cells[source_of(sources, "stage")?])?;
    let is_cell = |name: &str| Written::of(name).is_by_hand() && name != SOURCE_ID;
    let cells = sources.iter().zip(deal.cells).filter(|(source, _)| is_cell(&source.target));
    let cells = cells.map(|(source, cell)| (source.target.clone(), cell.to_string())).collect();
    let (created, since, modified, deleted, steps) = (None, None, None, false, Vec::new());
    let source_id = deal.source_id.to_owned();
    Some(Incoming { source_id, stage, cells, created, since, modified, deleted, steps })
}

/// What becomes of the rows.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) rows: u64,
    pub(super) new: u64,
    /// Of the new ones, those without a date of creation.
    undated: u64,
    pub(super) changed: u64,
    /// Of the known ones, those that were deleted here.
    gone: u64,
    /// The plan of a dry run.
    pub(super) plan: Vec<Row>,
}

impl Tally {
    pub(super) fn unchanged(&self) -> u64 {
        self.rows - self.new - self.changed - self.gone
    }

    /// What was done, in one sentence.
    pub(super) fn sentence(&self, file: &str) -> String {
        let file = escape(file, Breaks::Ascii);
        let mut did = Vec::new();
        if self.new > 0 || self.rows == 0 {
            did.push(format!("imported {}", count(self.new, "deal")));
        }
        if self.changed > 0 {
            did.push(format!("changed {}", count(self.changed, "deal")));
        }
        let kept = count(self.unchanged(), "deal");
        if did.is_empty() {
            return format!("nothing to import from {file}: {kept} here as {}\n", as_is(self.unchanged()));
        }
        let rest = if self.unchanged() > 0 { format!("; {kept} unchanged") } else { String::new() };
        format!("{} from {file}{rest}\n", and(&did))
    }

    /// What is worth knowing.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.undated > 0 {
            notes.push(format!(
                "{} without a date of creation: {}, in no cohort, age or cycle",
                count(self.undated, "deal"),
                agreeing(self.undated, "it counts where it stands", "they count where they stand")
            ));
        }
        if self.gone > 0 {
            notes.push(format!("{} deleted here left as {}", count(self.gone, "deal"), as_is(self.gone)));
        }
        notes
    }
}
