//! `pipeline import salesforce|hubspot|pipedrive`: the files of a sales system, its history among them.

use std::path::{Path, PathBuf};

use clap::Args;

use super::super::add::NewIds;
use super::super::context::Context;
use super::super::init;
use super::super::options::Changing;
use super::files::{mapping, pairs, tables, write_mapping};
use super::known::FromSource;
use super::told::{self, Told};
use crate::deal::event::HEADER;
use crate::deal::time::Zone;
use crate::error::{Error, Result};
use crate::exchange::crm::{Crm, Harvest, Setting};
use crate::exchange::first_process::{Heading, first_process};
use crate::exchange::incoming::Incoming;
use crate::exchange::mapping::Mapping;
use crate::exchange::plan::{Fate, Here, Planned, Planner};
use crate::exchange::table::{Table, Written};
use crate::folder::change::Change;
use crate::folder::door::Door;
use crate::folder::history::HistoryIndex;
use crate::folder::make::create;
use crate::folder::sheet::Sheet;
use crate::folder::{Folder, PROCESS_FILE};
use crate::grammar::{and, count};
use crate::process::{self, COLUMNS, RateSource};

/// The files of a sales system, and how to read them.
#[derive(Debug, Args)]
pub(super) struct Exports {
    /// The files, in any order
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Our column and theirs, where it is another than was found; may be given several times
    #[arg(long, value_name = "OURS=THEIRS")]
    map: Vec<String>,
    /// Their word for a stage and our stage; may be given several times
    #[arg(long, value_name = "THEIRS=OURS")]
    stage: Vec<String>,
    /// Their word for an owner and ours; may be given several times
    #[arg(long, value_name = "THEIRS=OURS")]
    owner: Vec<String>,
    /// Their word for a currency and its ISO 4217 code; may be given several times
    #[arg(long, value_name = "THEIRS=CODE")]
    currency: Vec<String>,
    /// What comes first in 03/04/26: dmy (the day) or mdy (the month) [default: told from all dates]
    #[arg(long, value_name = "ORDER")]
    dates: Option<String>,
    /// What stands before decimals: point or comma [default: told from all amounts]
    #[arg(long, value_name = "MARK")]
    decimal: Option<String>,
    /// Which of their pipelines to take
    #[arg(long, value_name = "NAME")]
    pipeline: Option<String>,
    /// A YAML file that says all this
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Write what was taken for what to a new YAML file, to be changed and given back
    #[arg(long, value_name = "FILE")]
    write_mapping: Option<PathBuf>,
    /// Make a new folder with the stages of the files, and import nothing yet
    #[arg(long)]
    process_from: bool,
    /// Of a dry run, this table alone: plan or taken
    #[arg(long, value_name = "NAME", requires = "dry_run")]
    section: Option<String>,
    #[command(flatten)]
    changing: Changing,
}

impl Exports {
    pub(super) fn run(self, crm: &Crm, context: &Context) -> Result<()> {
        let mapping = self.how()?;
        let tables = tables(&self.files, Written::of)?.into_iter().map(named_by_file).collect::<Vec<_>>();
        if self.process_from {
            return self.make_folder(crm, &tables, &mapping, context);
        }
        let folder = context.folder()?;
        let process = folder.process();
        let door = context.door(&folder, &self.changing)?;
        let clock = context.clock(process.zone)?;
        let setting = Setting { process, mapping: &mapping, today: clock.today, now: clock.now };
        let harvest = crm.read(&tables, &setting)?;
        if let Some(path) = &self.write_mapping {
            write_mapping(path, &harvest.mapping)?;
        }
        if !harvest.problems.is_empty() {
            return Err(harvest.problems.into());
        }
        let by = Context::user(&self.changing, &folder);
        let desk = Planner { process, now: clock.now, by: &by };
        let planned = plan(&door, &desk, crm, &harvest.deals)?;
        let change = self.change(&door, &planned, &desk);
        door.commit(&change)?;
        self.report(crm, context, &folder, &harvest, &planned, &change)
    }

    /// What is said of columns and words: the file first, then the flags.
    fn how(&self) -> Result<Mapping> {
        let mut all = mapping(self.mapping.as_ref())?;
        all.extend(Mapping {
            map: pairs(&self.map, "value=Amount")?,
            stages: pairs(&self.stage, "'Closed Won=won'")?,
            owners: pairs(&self.owner, "'Ana Ruiz=ana'")?,
            currencies: pairs(&self.currency, "'US Dollar=USD'")?,
            dates: self.dates.clone(),
            decimal: self.decimal.clone(),
            pipeline: self.pipeline.clone(),
        });
        Ok(all)
    }

    fn make_folder(&self, crm: &Crm, tables: &[Table], mapping: &Mapping, context: &Context) -> Result<()> {
        let root = context.named_folder()?;
        if root.join(PROCESS_FILE).exists() {
            return Err(Error::usage(format!("there is a {PROCESS_FILE} in {} already", root.display()))
                .hint("name a new folder with -C, or leave --process-from out"));
        }
        let zone = init::zone().and_then(|name| Zone::named(&name)).unwrap_or_default();
        let clock = context.clock(zone)?;
        // Nothing of it is kept but the zone: files are read by some process, and this one is still to be found.
        let stub = format!("timezone: {}\nstages: [{{id: open}}, {{id: won, outcome: won}}]\n", zone.name());
        let stub = process::read(PROCESS_FILE, &stub)?;
        let setting = Setting { process: &stub, mapping, today: clock.today, now: clock.now };
        let full = root.canonicalize().ok().or_else(|| std::path::absolute(root).ok());
        let name = full.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        let heading = Heading { name: name.unwrap_or_else(|| crm.name.to_owned()), zone };
        let (text, stages) = first_process(crm, tables, &setting, &heading)?;
        let stages = count(stages as u64, "stage");
        if self.changing.dry_run {
            return context.write(None, &text);
        }
        let deals = format!("{}\n", COLUMNS.join(","));
        create(root, &text, |all, history| {
            all.push(&deals)?;
            history.push(&format!("{HEADER}\n"))
        })?;
        context.tell(&format!("made a pipeline with {stages}\n"));
        context.note("look at their order in pipeline.yaml, then run the same without --process-from");
        Ok(())
    }

    fn change<'p>(&self, door: &Door<'_>, planned: &'p [Planned], desk: &Planner<'_>) -> Change<'p> {
        let names: Vec<String> = self.files.iter().map(|path| path.display().to_string()).collect();
        let several = planned.iter().filter(|deal| !deal.events.is_empty() || deal.arrival.is_some()).count();
        let called = format!("imported {} from {}", count(several as u64, "deal"), and(&names));
        Change {
            events: planned.iter().flat_map(|deal| deal.events.iter().cloned()).collect(),
            arrivals: arrivals(door, planned),
            mended: Vec::new(),
            settled: planned
                .iter()
                .filter(|deal| !deal.settled.is_empty())
                .map(|deal| (deal.id.clone(), deal.settled.clone()))
                .collect(),
            called: Some(called),
            author: Some((desk.now, desk.by.to_owned())),
        }
    }

    fn report(
        &self,
        crm: &Crm,
        context: &Context,
        folder: &Folder,
        harvest: &Harvest,
        planned: &[Planned],
        change: &Change<'_>,
    ) -> Result<()> {
        let process = folder.process();
        let told = Told { deals: &harvest.deals, planned };
        let mut notes = harvest.notes.clone();
        notes.extend(told.notes());
        if let RateSource::Fixed(rates) = &process.rates {
            let day = context.clock(process.zone)?.today;
            for (_, code, _) in &harvest.words.currencies {
                let named = crate::deal::money::Currency::named(code);
                if let Some(currency) = named.filter(|currency| *currency != process.currency)
                    && rates.on(currency, day).is_none()
                {
                    notes.push(format!("pipeline.yaml has no rate for {code}: add `rates: {{{code}: …}}`, which reports ask for"));
                }
            }
        }
        if self.changing.dry_run {
            let none = harvest.deals.is_empty().then_some(crm.deal);
            let notes = told::notes(notes, told.unchanged(), none);
            let figures = told::figures(told.plan(), &harvest.columns, &harvest.words, notes);
            return context.show(process, &figures, self.section.as_deref());
        }
        if !context.wants_sentences() {
            return context.report_rows(process, change.rows());
        }
        context.tell(&told.sentence());
        for note in &notes {
            context.note(note);
        }
        Ok(())
    }
}

/// A changelog names its deal in each row; where it does not, the name of its file does, such as `42.json`.
fn named_by_file(mut table: Table) -> Table {
    let path = PathBuf::from(&table.file);
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let number: String =
        stem.chars().rev().take_while(char::is_ascii_digit).collect::<String>().chars().rev().collect();
    let has = |name: &str| table.column(name).is_some();
    if Written::of(&path) == Written::Json
        && has("field_key")
        && !has("deal_id")
        && !has("item_id")
        && !number.is_empty()
    {
        table.columns.push("deal_id".to_owned());
        table.rows.iter_mut().for_each(|row| row.cells.push(number.clone()));
    }
    table
}

/// The rows of the deals that are new.
fn arrivals(door: &Door<'_>, planned: &[Planned]) -> Sheet {
    let new = || planned.iter().filter_map(|deal| Some((&deal.id, deal.arrival.as_ref()?)));
    let mut rows = door.room(new().flat_map(|(_, cells)| cells.iter().map(|(field, _)| field.as_str())));
    let columns = rows.columns().to_vec();
    for (id, cells) in new() {
        let cell = |column: &String| cells.iter().find(|(field, _)| field == column).map(|(_, cell)| &**cell);
        rows.push(columns.iter().map(|column| if column == "id" { id } else { cell(column).unwrap_or("") }));
    }
    rows.into_sheet()
}

/// What each deal comes to, compared with what is here.
fn plan(door: &Door<'_>, desk: &Planner<'_>, crm: &Crm, deals: &[Incoming]) -> Result<Vec<Planned>> {
    let here = FromSource::of(door, crm.key)?;
    let past = if here.is_empty() { None } else { Some(HistoryIndex::of(door.history()?)?) };
    let mut ids = NewIds::of(door)?;
    let mut planned = Vec::with_capacity(deals.len());
    for deal in deals {
        planned.push(match here.record(door, (crm.key)(&deal.source_id))? {
            Some(record) => {
                let events =
                    past.as_ref().map_or_else(|| Ok(Vec::new()), |past| past.events_of(record.id()))?;
                desk.meet(&Here { record, events }, deal)
            }
            None if deal.deleted => Planned {
                id: String::new(),
                fate: Fate::GoneThere,
                events: Vec::new(),
                arrival: None,
                settled: Vec::new(),
                marks: crate::exchange::plan::Marks::default(),
            },
            None => desk.arrive(&ids.next()?, deal),
        });
    }
    Ok(planned)
}
