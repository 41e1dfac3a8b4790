//! What the targets share: a small process, every report on a pair of files, and a folder in which a change may go
//! wrong without harm, with a look at whether anything outside it moved.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use pipeline::deal::journey::Journeys;
use pipeline::deal::period::Unit;
use pipeline::deal::time::{Cut, Day, parse_day};
use pipeline::folder::audit::audit;
use pipeline::folder::load::{Unsound, load};
use pipeline::folder::sheet::Sheet;
use pipeline::metrics::group::By;
use pipeline::metrics::question::{Flow, Options, Picker, Probability, Question};
use pipeline::metrics::{REPORTS, Takes};
use pipeline::process::{self, Process, RateSource};
use pipeline::query::{Dictionary, FieldDef, Kind};

/// A process with a bit of everything.
pub const PROCESS: &str = "\
name: Fuzz
timezone: Europe/Berlin
currency: EUR
stages:
  - {id: contact, name: First contact, probability: 10%, was: [screening]}
  - {id: needs, name: {en: Needs analysis, zh-TW: 需求分析}, stale_after: 14d}
  - {id: proposal, probability: 50%}
  - {id: won, outcome: won}
  - {id: lost, outcome: lost}
  - {id: disqualified, outcome: disqualified}
fields:
  - {id: budget, type: choice, choices: [unknown, 'no', 'yes']}
  - {id: seats, type: number}
  - {id: renewal, type: yes/no}
reasons: [price, no decision]
teams: {north: [ana, ben], south: [cai]}
views: {mine: owner=ana, big: value=10k..}
rates: {USD: 0.92, JPY: 0.0061}
";

/// The process of [`PROCESS`].
pub static SMALL: LazyLock<Process> = LazyLock::new(|| {
    process::read("pipeline.yaml", PROCESS).unwrap_or_else(|problems| panic!("{problems:?}"))
});

/// The day it is.
pub fn today() -> Day {
    parse_day("2026-11-24").expect("a day")
}

/// What terms may speak of: a field of every kind.
pub fn dictionary(process: &Process) -> Dictionary<'_> {
    let reasons = Kind::Choice(process.reasons.clone());
    let fields = [
        ("id", Kind::Text),
        ("name", Kind::Text),
        ("owner", Kind::Text),
        ("stage", Kind::Stage),
        ("status", Kind::Status),
        ("value", Kind::Money),
        ("seats", Kind::Number),
        ("probability", Kind::Percent),
        ("close_date", Kind::Date),
        ("age", Kind::Days),
        ("reason", reasons),
        ("renewal", Kind::YesNo),
        ("tags", Kind::Tags),
        ("Deal size", Kind::Text),
    ];
    let fields = fields.into_iter().map(|(name, kind)| FieldDef::new(name, kind)).collect();
    Dictionary { process, fields, calendar: process.calendar(today()), zone: process.zone }
}

/// Reads both files, strictly and leniently, audits them, and asks every report about them in several ways; how many
/// answered.
pub fn reports(deals: &[u8], history: &[u8]) -> usize {
    let process = &*SMALL;
    let Ok(deals) = Sheet::parse("deals.csv", deals.to_vec()) else { return 0 };
    let Ok(history) = Sheet::parse("history.csv", history.to_vec()) else { return 0 };
    let needed = REPORTS.iter().flat_map(|report| report.needs).copied();
    let fields = ["value", "currency", "probability", "owner", "source"].into_iter().chain(needed);
    let fields: Vec<String> = fields.collect::<BTreeSet<_>>().into_iter().map(str::to_owned).collect();
    let _ = load(process, &deals, &history, &fields, Unsound::Refuse);
    let Ok(loaded) = load(process, &deals, &history, &fields, Unsound::Skip) else { return 0 };
    let _ = audit(process, &deals, &history, &loaded);
    let RateSource::Fixed(rates) = &process.rates else { return 0 };
    let place = |name: &str| fields.iter().position(|field| field == name).expect("one of them");
    let all = |journeys: &Journeys<'_>| (0..journeys.len()).collect();
    let mut answered = 0;
    for (until, asked) in
        [("2026-11-24", "90d"), ("2026-06-30", "2026-Q2"), ("9999-12-31", "0001-01-01..9999-12-31")]
    {
        let cut = Cut::before(process.zone.end_of(parse_day(until).expect("a day")));
        let journeys = Journeys::at(process, &loaded.book, cut);
        let period = process.calendar(cut.day(process.zone)).period(asked).expect("a period");
        let question = Question {
            process,
            book: &loaded.book,
            picked: all(&journeys),
            journeys: Arc::new(journeys),
            rates,
            currency: process.currency,
            flow: Flow::of(&period, process.zone, cut),
            period,
            by: Vec::new(),
            options: Options::default(),
            picker: Picker(&all),
        };
        for report in REPORTS {
            let mut splits = vec![Vec::new()];
            if report.takes(Takes::By) {
                splits.push(vec![By::Field("source".to_owned(), place("source")), By::Team(place("owner"))]);
                splits.push(vec![By::Stage]);
                if until != "9999-12-31" {
                    splits.push(vec![By::Time(Unit::Month)]);
                    splits.push(vec![By::Time(Unit::Week), By::Stage]);
                }
            }
            if report.takes(Takes::BySize) {
                splits.push(vec![By::Size(Vec::new())]);
            }
            let usual = Options::default();
            let mut options = vec![usual.clone()];
            if report.takes(Takes::Curve) {
                options.push(Options { curve: Some(vec![0, 30, u32::MAX]), ..usual.clone() });
            }
            if report.takes(Takes::Probability) {
                options.push(Options { probability: Probability::History, ..usual.clone() });
            }
            if report.takes(Takes::Backtest) {
                options.push(Options { backtest: Some(3), ..usual.clone() });
            }
            if report.takes(Takes::Idle) {
                options.push(Options { idle: 0, ..usual });
            }
            let in_each_way = options.iter().flat_map(|options| splits.iter().map(move |by| (options, by)));
            for (options, by) in in_each_way {
                let question = Question { by: by.clone(), options: options.clone(), ..question.clone() };
                answered += usize::from((report.run)(&question).is_ok());
            }
        }
    }
    answered
}

/// The largest file that a change of the targets could honestly leave behind.
const LARGEST: u64 = 8 << 20;

/// A pipeline's folder inside another, with links from the one to the other. It is gone when it is dropped.
pub struct Sandbox {
    outer: tempfile::TempDir,
    before: BTreeMap<PathBuf, Vec<u8>>,
}

impl Sandbox {
    /// A new one; `TMPDIR` says where.
    pub fn new() -> Sandbox {
        let outer = tempfile::tempdir().expect("a folder for temporary files");
        let root = outer.path().join("sales");
        let make = |name: &str, text: &str| {
            let path = outer.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        };
        make("victim", "precious\n");
        make("house/victim", "precious\n");
        make("sales/pipeline.yaml", PROCESS);
        make("sales/deals.csv", DEALS);
        make("sales/history.csv", HISTORY);
        make("sales/.git/config", "[core]\n");
        make("sales/.pipeline/new-0", DEALS);
        for (to, link) in [("../victim", "link"), ("../house", "way"), ("../nothing", "void")] {
            std::os::unix::fs::symlink(to, root.join(link)).expect("a link");
        }
        let before = others(outer.path());
        Sandbox { outer, before }
    }

    /// The pipeline's folder.
    pub fn root(&self) -> PathBuf {
        self.outer.path().join("sales")
    }

    /// Makes sure that nothing moved outside the folder or in git's, and that no file in it has become huge.
    pub fn check(&self) {
        assert_eq!(self.before, others(self.outer.path()), "what is not the pipeline's was changed");
        for_each_file(&self.root(), &mut |path| {
            let length = fs::symlink_metadata(path).map_or(0, |about| about.len());
            assert!(length <= LARGEST, "{} has {length} bytes", path.display());
        });
    }
}

impl Default for Sandbox {
    fn default() -> Sandbox {
        Sandbox::new()
    }
}

/// What is in the outer folder, without what a change of the pipeline may touch.
fn others(outer: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let (own, git) = (outer.join("sales"), outer.join("sales/.git"));
    for_each_file(outer, &mut |path| {
        if !path.starts_with(&own) || path.starts_with(&git) {
            files.insert(path.to_path_buf(), fs::read(path).unwrap_or_default());
        }
    });
    files
}

fn for_each_file(folder: &Path, visit: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            for_each_file(&path, visit);
        } else {
            visit(&path);
        }
    }
}

/// A small deals.csv.
pub const DEALS: &str = "\
id,name,owner,source,stage,stage_since,value,currency,probability,created,closed
d1,Acme,ana,referral,won,2026-03-01,1000,EUR,,2026-01-10,2026-03-01
d2,\"Box, Ltd\",ben,web,proposal,2026-05-02,2500.50,USD,60%,2026-04-01,
d3,Cargo,cai,,needs,,,,,,
d4,Dune,,web,lost,2026-06-20,70,JPY,,2026-06-01T09:00:00Z,2026-06-20
";

/// The history of [`DEALS`].
pub const HISTORY: &str = "\
at,deal,event,field,from,to,by,note
2026-01-10T09:00:00.000Z,d1,stage,,,contact,ana,
2026-02-01T09:00:00.000Z,d1,stage,,contact,proposal,ana,
2026-03-01T09:00:00.000Z,d1,stage,,proposal,won,ana,
2026-04-01T09:00:00.000Z,d2,stage,,,needs,ben,
2026-05-02T09:00:00.000Z,d2,stage:forced,,needs,proposal,ben,hurry
2026-05-03T09:00:00.000Z,d2,set,value,2000,2500.50,ben,
2026-05-04T09:00:00.000Z,d2,call,,,,ben,said yes
2026-05-05T09:00:00.000Z,d2,void,call,2026-05-04T09:00:00.000Z,,ben,
";

/// Bytes taken one after another to decide things by; zeros when they have run out.
pub struct Choices<'a>(pub &'a [u8]);

impl Choices<'_> {
    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// One of these.
    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::from(self.byte()) % of.len()]
    }

    /// A number: mostly small, sometimes as large as numbers are.
    pub fn number(&mut self) -> u64 {
        match self.byte() {
            250.. => u64::MAX >> (self.byte() % 64),
            200.. => u64::from(self.byte()) << 8 | u64::from(self.byte()),
            small => u64::from(small),
        }
    }

    /// A text: a part of one of these, or bytes as they come.
    pub fn text(&mut self, of: &[&str]) -> String {
        let length = usize::from(self.byte());
        if length < 8 {
            let bytes: Vec<u8> = (0..self.byte() % 32).map(|_| self.byte()).collect();
            return String::from_utf8_lossy(&bytes).into_owned();
        }
        let text = self.one(of);
        let most = usize::from(self.byte()).min(text.len());
        let at = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        match length % 3 {
            0 => text.to_owned(),
            1 => text[at..].to_owned(),
            _ => text[..at].to_owned(),
        }
    }
}

/// Names of files that a folder which comes from elsewhere may want to have written.
pub const NAMES: &[&str] = &[
    "deals.csv",
    "history.csv",
    "pipeline.yaml",
    ".pipeline/undo",
    ".pipeline/lock",
    ".pipeline/journal",
    "../victim",
    "link",
    "way/victim",
    "way/new",
    "void",
    ".git/config",
    ".GIT/config",
    "./.git/config",
    "deals/../../victim",
    "/dev/null",
    "",
    ".",
    "new.csv",
];
