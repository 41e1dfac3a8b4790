//! How long the parts of a command take, each alone, on ten thousand made-up deals: `cargo bench`, or `cargo bench --
//! terms` for some. Whole commands against other tools are `benches/compare`.

#![allow(clippy::unwrap_used)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput};
use pipeline::deal::book::Book;
use pipeline::deal::event::HEADER;
use pipeline::deal::journey::Journeys;
use pipeline::deal::money::Rates;
use pipeline::deal::past::Past;
use pipeline::deal::sample::Sample;
use pipeline::deal::time::{Cut, Day, Instant, parse_day};
use pipeline::folder::load::{Unsound, load};
use pipeline::folder::sheet::Sheet;
use pipeline::metrics::REPORTS;
use pipeline::metrics::question::{Flow, Options, Picker, Question};
use pipeline::output::{Format, Look, render};
use pipeline::process::{self, COLUMNS, Process, StageIndex, Template};
use pipeline::query::Value;
use pipeline::query::sight::{Deal, Sight};

const DEALS: usize = 10_000;
const TODAY: &str = "2026-11-20";
const PERIOD: &str = "2020-01-01..2026-11-20";

/// Cheap and dear terms: a column, several, ages and money, a search, and what the past tells.
const TERMS: [(&str, &str); 5] = [
    ("column", "owner=anna"),
    ("several", "stage=proposal,negotiation owner!=ben (value=10k..50k or source=referral)"),
    ("worked out", "status=open age=30d.. weighted=5k.."),
    ("search", "logistics"),
    ("past", "pushes=2.. idle=14d.."),
];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let made = Made::new();
    reading(&mut criterion, &made);
    let (deals, history) = made.sheets();
    let book = load(&made.process, &deals, &history, &fields(), Unsound::Refuse).unwrap().book;
    journeys(&mut criterion, &made, &book);
    reports(&mut criterion, &made, &book);
    terms(&mut criterion, &made, &book);
    criterion.final_summary();
}

/// The files of a folder, in memory.
struct Made {
    process: Process,
    deals: String,
    history: String,
    today: Day,
}

impl Made {
    fn new() -> Made {
        let process = process::read("pipeline.yaml", &Template::Seven.text()).unwrap();
        let today = parse_day(TODAY).unwrap();
        let declared = process.fields.iter().map(|field| field.id.as_str());
        let header: Vec<&str> = COLUMNS.into_iter().chain(declared).collect();
        let (mut deals, mut history) = (format!("{}\n", header.join(",")), format!("{HEADER}\n"));
        let sample = Sample { deals: DEALS, seed: 1, until: process.zone.noon_of(today), years: 2 };
        for piece in sample.pieces(&process) {
            deals.push_str(&piece.deals);
            history.push_str(&piece.history);
        }
        Made { process, deals, history, today }
    }

    fn sheets(&self) -> (Sheet, Sheet) {
        let sheet = |file, text: &str| Sheet::parse(file, text.to_owned().into_bytes()).unwrap();
        (sheet("deals.csv", &self.deals), sheet("history.csv", &self.history))
    }

    fn cut(&self) -> Cut {
        Cut::before(self.process.zone.end_of(self.today))
    }
}

/// The fields that the reports and terms here ask for.
fn fields() -> Vec<String> {
    let mut fields: Vec<&str> =
        vec!["name", "account", "owner", "source", "value", "currency", "probability"];
    for need in REPORTS.iter().flat_map(|report| report.needs) {
        if !fields.contains(need) {
            fields.push(need);
        }
    }
    fields.into_iter().map(str::to_owned).collect()
}

fn reading(criterion: &mut Criterion, made: &Made) {
    let mut group = criterion.benchmark_group("read");
    let (deals, history) = made.sheets();
    let empty = Sheet::parse("history.csv", HEADER.into()).unwrap();
    group.throughput(Throughput::Bytes(made.deals.len() as u64));
    group.bench_function("deals", |bench| {
        bench.iter(|| {
            load(&made.process, black_box(&deals), &empty, &fields(), Unsound::Refuse).unwrap().rows
        });
    });
    group.throughput(Throughput::Bytes((made.deals.len() + made.history.len()) as u64));
    for (name, fields) in [("deals and history", Vec::new()), ("deals and history, all fields", fields())] {
        group.bench_function(name, |bench| {
            bench.iter(|| {
                load(&made.process, &deals, black_box(&history), &fields, Unsound::Refuse).unwrap().rows
            });
        });
    }
    group.finish();
}

fn journeys(criterion: &mut Criterion, made: &Made, book: &Book) {
    let mut group = criterion.benchmark_group("journeys");
    group.throughput(Throughput::Elements(DEALS as u64));
    group.bench_function("now", |bench| {
        bench.iter(|| Journeys::at(&made.process, black_box(book), made.cut()).len());
    });
    let past = Cut::before(made.process.zone.start_of(parse_day("2025-11-20").unwrap()));
    group.bench_function("a year ago", |bench| {
        bench.iter(|| Journeys::at(&made.process, black_box(book), past).len());
    });
    group.finish();
}

fn reports(criterion: &mut Criterion, made: &Made, book: &Book) {
    let process = &made.process;
    let rates = Rates::default();
    let everything = |journeys: &Journeys<'_>| (0..journeys.len()).collect::<Vec<usize>>();
    let journeys = Arc::new(Journeys::at(process, book, made.cut()));
    let period = process.calendar(made.today).period(PERIOD).unwrap();
    let question = Question {
        process,
        book,
        picked: everything(&journeys),
        journeys,
        rates: &rates,
        currency: process.currency,
        flow: Flow::of(&period, process.zone, made.cut()),
        period,
        by: Vec::new(),
        options: Options::default(),
        picker: Picker(&everything),
    };
    let mut group = criterion.benchmark_group("report");
    for report in REPORTS {
        group.bench_function(report.name, |bench| bench.iter(|| (report.run)(black_box(&question)).unwrap()));
    }
    group.finish();

    let mut group = criterion.benchmark_group("render");
    let figures = (REPORTS[0].run)(&question).unwrap();
    for (name, format) in [
        ("table", Format::Table),
        ("csv", Format::Csv),
        ("json", Format::Json),
        ("markdown", Format::Markdown),
        ("html", Format::Html),
    ] {
        group.bench_function(name, |bench| {
            bench.iter(|| {
                let mut out = Vec::new();
                let _ = render(black_box(&figures), format, &Look::default(), None, &mut out).unwrap();
                out
            });
        });
    }
    group.finish();
}

fn terms(criterion: &mut Criterion, made: &Made, book: &Book) {
    let columns: Vec<String> = made.deals.lines().next().unwrap().split(',').map(str::to_owned).collect();
    let sight = Sight::new(&made.process, &columns, made.today);
    let journeys = Journeys::at(&made.process, book, made.cut());
    let places: Vec<Option<usize>> = columns.iter().map(|column| book.place(column)).collect();
    let mut group = criterion.benchmark_group("terms");
    for (name, terms) in TERMS {
        group.bench_function(format!("read, {name}"), |bench| {
            bench.iter(|| pipeline::query::parse(&[black_box(terms)], sight.dictionary()).unwrap());
        });
        let query = pipeline::query::parse(&[terms], sight.dictionary()).unwrap();
        group.throughput(Throughput::Elements(DEALS as u64));
        group.bench_function(format!("match, {name}"), |bench| {
            bench.iter(|| {
                let finds = |deal: &usize| {
                    let seen = SeenDeal { made, book, journeys: &journeys, places: &places, deal: *deal };
                    query.matches(&sight.of(&seen))
                };
                (0..journeys.len()).filter(finds).count()
            });
        });
    }
    group.finish();
}

/// A deal of the book, as terms see it.
struct SeenDeal<'a> {
    made: &'a Made,
    book: &'a Book,
    journeys: &'a Journeys<'a>,
    /// Where the columns of deals.csv are in the book.
    places: &'a [Option<usize>],
    deal: usize,
}

impl Deal for SeenDeal<'_> {
    fn stage(&self) -> StageIndex {
        self.journeys.stays(self.deal).last().map_or(StageIndex::UNKNOWN, |stay| stay.stage)
    }
    fn cell(&self, field: usize) -> Value<'_> {
        match self.places.get(field).copied().flatten() {
            Some(place) => Value::Text(self.journeys.field(place, self.deal).into()),
            None => Value::Empty,
        }
    }
    fn created(&self) -> Option<Instant> {
        self.journeys.deals[self.deal].created
    }
    fn entered(&self) -> Option<Instant> {
        self.journeys.stays(self.deal).last().map(|stay| stay.entered)
    }
    fn closed(&self) -> Option<Instant> {
        self.journeys.deals[self.deal].end.and_then(|end| end.at)
    }
    fn until(&self) -> Instant {
        self.journeys.cut.at
    }
    fn past(&self) -> Past {
        self.book.past(self.deal, &self.made.process, self.journeys.cut)
    }
}
