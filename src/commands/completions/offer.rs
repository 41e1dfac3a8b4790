//! What may stand where the cursor is: told by the name of the argument, from the folder as it is.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::sync::{Arc, OnceLock};

use clap::{Arg, Command, Parser};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};

use super::super::context::{Clock, Context};
use super::super::help::TOPICS;
use super::super::{Cli, command_line};
use crate::deal::period::{Period, Unit};
use crate::folder::sheet::Sheet;
use crate::folder::{Folder, Need};
use crate::metrics::{REPORTS, Report, behind, review};
use crate::output::label;
use crate::process::{COLUMNS, DERIVED, Process, Stage, Written};
use crate::query::sight::Sight;
use crate::query::{Kind, quote};

/// Columns that hardly two deals share, so that nobody groups by them.
const ONE_EACH: [&str; 3] = ["id", "name", "next_step"];
/// What a day is often typed as, and what a range of days is.
const DAYS: [&str; 5] = ["today", "yesterday", "today+3d", "today+1w", "today+30d"];
const RANGES: [&str; 6] =
    ["today", "..today", "..yesterday", "today..today+7d", "this month", "this quarter"];
/// Other ranges that a term often asks for.
const LENGTHS: [&str; 4] = ["7d..", "14d..", "30d..", "90d.."];
const AMOUNTS: [&str; 3] = ["10k..", "50k..", "100k.."];
const SHARES: [&str; 3] = ["25%..", "50%..", "75%.."];
/// How many quarters, months and years back periods are offered.
const UNITS_BACK: [(Unit, usize); 3] = [(Unit::Quarter, 4), (Unit::Month, 6), (Unit::Year, 2)];

/// The command line, whose arguments know what may stand for them after these words.
pub(super) fn completed(command: Command, typed: &[String]) -> Command {
    attached(
        command,
        &Arc::new(Ground { typed: typed.to_vec(), folder: OnceLock::new(), deals: OnceLock::new() }),
    )
}

fn attached(command: Command, ground: &Arc<Ground>) -> Command {
    let name = command.get_name().to_owned();
    let command = command.mut_args(|argument| match Offer::of(&name, &argument) {
        None => argument,
        Some(offer) => {
            let ground = Arc::clone(ground);
            argument.add(ArgValueCompleter::new(move |word: &OsStr| {
                let word = word.to_str().unwrap_or_default();
                offer.candidates(&ground, word).unwrap_or_default()
            }))
        }
    });
    command.mut_subcommands(|command| attached(command, ground))
}

/// A word and what it is.
type Word = (String, String);

/// What may stand for an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Offer {
    Deals(Which),
    Stages,
    /// Deals, and behind them a stage.
    Move,
    /// Deals, and behind them assignments.
    Set,
    Assignments,
    Terms,
    /// A report, and behind it terms.
    Report,
    Groups,
    Columns,
    Days,
    Periods,
    Compared,
    Reasons,
    Owners,
    Rules,
    Behind,
    Help,
    Commands,
}

/// Which deals a command is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Any,
    Open,
    Closed,
}

impl Offer {
    /// What may stand for an argument of a command; none for a text that only its writer knows, and for what the command
    /// line knows itself.
    fn of(command: &str, argument: &Arg) -> Option<Offer> {
        let value = argument.get_value_names().and_then(|names| names.first())?;
        Some(match (value.as_str(), command) {
            ("DEAL…" | "DEAL… STAGE", _) => Offer::Move,
            ("DEAL… FIELD=VALUE…", _) => Offer::Set,
            ("DEAL" | "DEALS", "win" | "lose" | "disqualify") => Offer::Deals(Which::Open),
            ("DEAL" | "DEALS", "reopen") => Offer::Deals(Which::Closed),
            ("DEALS", "report") => Offer::Behind,
            ("DEAL" | "DEALS" | "DUPLICATE", _) => Offer::Deals(Which::Any),
            ("STAGE", "add" | "reopen") => Offer::Stages,
            ("FIELD=VALUE", _) => Offer::Assignments,
            ("TERMS", _) => Offer::Terms,
            ("NAME TERMS", _) => Offer::Report,
            ("FIELD", _) => Offer::Groups,
            ("COLUMNS", _) => Offer::Columns,
            ("DAY", _) => Offer::Days,
            ("PERIOD", _) if argument.get_long() == Some("vs") => Offer::Compared,
            ("PERIOD", _) => Offer::Periods,
            ("REASON", "lose" | "disqualify") => Offer::Reasons,
            ("NAME", _) if argument.get_long() == Some("user") => Offer::Owners,
            ("RULES", _) => Offer::Rules,
            ("COMMAND|TOPIC", _) => Offer::Help,
            ("COMMAND", "man") => Offer::Commands,
            _ => return None,
        })
    }

    fn candidates(self, ground: &Ground, word: &str) -> Option<Vec<CompletionCandidate>> {
        let words = match self {
            Offer::Deals(which) => ground.deals(which)?,
            Offer::Stages => ground.stages()?,
            Offer::Move => ground.for_move(word)?,
            Offer::Set if word.contains('=') => ground.assignments(word)?,
            Offer::Set => {
                let mut words = ground.deals(Which::Any)?;
                if ground.names_deals() {
                    words.splice(0..0, ground.assignments(word)?);
                }
                words
            }
            Offer::Assignments => ground.assignments(word)?,
            Offer::Terms => ground.terms(word)?,
            Offer::Report => {
                let mut words: Vec<Word> = Vec::new();
                if !ground.names_report() {
                    words.extend(REPORTS.iter().map(|report| (report.name.to_owned(), "report".to_owned())));
                }
                words.extend(ground.terms(word)?);
                words
            }
            Offer::Groups => {
                let others = Unit::ALL.map(Unit::name).into_iter().chain(["size"]).map(plain);
                let splits = |name: &str, kind: &Kind| {
                    name == "team"
                        || !ONE_EACH.contains(&name) && !DERIVED.contains(&name) && kind_splits(kind)
                };
                let fields = ground.fields(splits)?;
                fields.into_iter().chain(others).collect()
            }
            Offer::Columns => {
                let (minus, _) = word.split_at(word.len() - word.trim_start_matches('-').len());
                let fields = ground.fields(|_, _| true)?.into_iter();
                fields.map(|(name, help)| (format!("{minus}{name}"), help)).collect()
            }
            Offer::Days => DAYS.map(plain).into(),
            Offer::Periods => ground.periods()?,
            Offer::Compared => std::iter::once(plain("previous")).chain(ground.periods()?).collect(),
            Offer::Reasons => ground.process()?.reasons.iter().map(plain).collect(),
            Offer::Owners => ground.owners()?.into_iter().map(plain).collect(),
            Offer::Rules => review::rules(ground.process()?).map(plain).collect(),
            Offer::Behind => {
                let names = behind::NAMES.split(", ").map(|name| name.trim_matches('`'));
                names.filter(|name| !name.contains("STAGE")).map(plain).collect()
            }
            Offer::Help => {
                commands().into_iter().chain(TOPICS.iter().map(|topic| plain(topic.name))).collect()
            }
            Offer::Commands => commands(),
        };
        let wanted = word.to_lowercase();
        let fits = words.into_iter().filter(|(word, _)| word.to_lowercase().starts_with(&wanted));
        let candidate = |(word, help): Word| {
            let help = Some(help).filter(|help| !help.is_empty() && *help != word);
            CompletionCandidate::new(word).help(help.map(Into::into))
        };
        Some(fits.map(candidate).collect())
    }
}

/// A word that says itself what it is.
fn plain(word: impl AsRef<str>) -> Word {
    (word.as_ref().to_owned(), String::new())
}

fn commands() -> Vec<Word> {
    let about = |command: &Command| command.get_about().map(ToString::to_string).unwrap_or_default();
    command_line().get_subcommands().map(|command| (command.get_name().to_owned(), about(command))).collect()
}

/// Whether figures can be split by what a field holds.
fn kind_splits(kind: &Kind) -> bool {
    matches!(kind, Kind::Text | Kind::Choice(_) | Kind::YesNo | Kind::Stage)
}

/// The folder that the words are about, read as far as it is asked for.
#[derive(Debug)]
struct Ground {
    typed: Vec<String>,
    folder: OnceLock<Option<(Folder, Clock)>>,
    deals: OnceLock<Option<Sheet>>,
}

impl Ground {
    /// The words between the command and the one that is typed.
    fn before(&self) -> &[String] {
        self.typed.split_last().map(|(_, before)| before).unwrap_or_default()
    }

    /// The folder that the options before name, else the environment, as for any command.
    fn opened(&self) -> Option<&(Folder, Clock)> {
        let open = || {
            let mut line = vec!["pipeline".to_owned()];
            let mut before = self.before().iter();
            while let Some(word) = before.next() {
                match word.strip_prefix("-C") {
                    Some("") => line.extend(["-C".to_owned()].into_iter().chain(before.next().cloned())),
                    Some(_) => line.push(word.clone()),
                    None => {}
                }
            }
            line.push("stages".to_owned());
            let context = Context::new(Cli::try_parse_from(line).ok()?.global);
            let folder = context.folder().ok()?;
            let clock = context.clock(folder.process().zone).ok()?;
            Some((folder, clock))
        };
        self.folder.get_or_init(open).as_ref()
    }

    fn process(&self) -> Option<&Process> {
        self.opened().map(|(folder, _)| folder.process())
    }

    fn sheet(&self) -> Option<&Sheet> {
        let read = || self.opened()?.0.read(Need::Deals).ok().map(|files| files.deals);
        self.deals.get_or_init(read).as_ref()
    }

    /// The cells of some columns of each row that can be read; empty where the file has no such column.
    fn rows<const N: usize>(&self, columns: [&str; N]) -> Option<Vec<[String; N]>> {
        let sheet = self.sheet()?;
        let places = columns.map(|name| sheet.column(name));
        let mut cells = Vec::new();
        let mut rows = Vec::new();
        for line in sheet.rows().flatten() {
            if sheet.split(line, &mut cells).is_ok() {
                rows.push(places.map(|place| {
                    place.and_then(|at| cells.get(at)).map_or_else(String::new, ToString::to_string)
                }));
            }
        }
        Some(rows)
    }

    /// Deals with their name and stage; all but the deleted ones where none is of the kind that is wanted.
    fn deals(&self, which: Which) -> Option<Vec<Word>> {
        let process = self.process()?;
        let there = |stage: &str| process.lookup(stage).is_none_or(|stage| process.stage(stage).is_some());
        let wanted = |stage: &str| match (which, process.lookup(stage)) {
            (Which::Any, _) | (_, None) => true,
            (Which::Open, Some(stage)) => process.is_open(stage),
            (Which::Closed, Some(stage)) => process.outcome(stage).is_some(),
        };
        let mut rows = self.rows(["id", "name", "stage"])?;
        rows.retain(|[_, _, stage]| there(stage));
        if rows.iter().any(|[_, _, stage]| wanted(stage)) {
            rows.retain(|[_, _, stage]| wanted(stage));
        }
        Some(rows.into_iter().map(|[id, name, stage]| (id, format!("{name} · {stage}"))).collect())
    }

    fn stages(&self) -> Option<Vec<Word>> {
        let (process, lang) = (self.process()?, self.process()?.lang);
        let word = |stage: &Stage| (stage.id.clone(), stage.title(lang).to_owned());
        Some(process.stages.iter().map(word).collect())
    }

    /// Deals first. Behind one, or where terms pick them, a stage; and more deals as soon as one is begun.
    fn for_move(&self, word: &str) -> Option<Vec<Word>> {
        let mut words = Vec::new();
        let picked = self.before().iter().any(|word| word.starts_with("--where"));
        let named = self.names_deals();
        if picked || named {
            words.extend(self.stages()?);
        }
        if !picked && (!named || !word.is_empty()) {
            words.extend(self.deals(Which::Open)?);
        }
        Some(words)
    }

    /// Whether a deal stands before the word that is typed, or `-` for those of standard input.
    fn names_deals(&self) -> bool {
        let known = |word: &String| word == "-" || self.has_deal(word);
        self.before().iter().skip(1).any(known)
    }

    fn has_deal(&self, id: &str) -> bool {
        self.rows(["id"]).is_some_and(|rows| rows.iter().any(|[known]| known == id))
    }

    fn names_report(&self) -> bool {
        self.before().iter().skip(1).any(|word| Report::named(word).is_some())
    }

    /// The fields that terms may speak of, those that are wanted.
    fn fields(&self, wanted: impl Fn(&str, &Kind) -> bool) -> Option<Vec<Word>> {
        let (folder, clock) = self.opened()?;
        let process = folder.process();
        let sight = Sight::new(process, self.sheet()?.columns(), clock.today);
        let fields = sight.dictionary().fields.iter().filter(|field| wanted(&field.name, &field.kind));
        let help = |name: &str| match process.field(name) {
            Some(field) if !field.name.is_empty() => field.name.text(process.lang).to_owned(),
            _ if COLUMNS.contains(&name) || DERIVED.contains(&name) => label(name, process.lang).into_owned(),
            _ => String::new(),
        };
        Some(fields.map(|field| (field.name.clone(), help(&field.name))).collect())
    }

    fn kind_of(&self, name: &str) -> Option<Kind> {
        let (folder, clock) = self.opened()?;
        let sight = Sight::new(folder.process(), self.sheet()?.columns(), clock.today);
        sight.field(name).map(|field| sight.dictionary().fields[field].kind.clone())
    }

    /// `field=` and, behind it, what the field may be set to.
    fn assignments(&self, word: &str) -> Option<Vec<Word>> {
        let Some((field, _)) = word.split_once('=') else {
            let settable = |name: &str, _: &Kind| Written::of(name).is_by_hand() && !self.is_derived(name);
            let fields = self.fields(settable)?.into_iter();
            return Some(fields.map(|(name, help)| (format!("{name}="), help)).collect());
        };
        let values = match self.kind_of(field)? {
            Kind::Date => DAYS.map(str::to_owned).into(),
            kind => self.values(field, &kind)?,
        };
        Some(values.into_iter().map(|value| plain(format!("{field}={value}"))).collect())
    }

    /// Whether a field is worked out: also every score.
    fn is_derived(&self, name: &str) -> bool {
        DERIVED.contains(&name)
            || self.process().is_some_and(|process| process.scores.iter().any(|score| score.id == name))
    }

    /// The last term of a word: a view, a field with its sign, or one of its values.
    fn terms(&self, word: &str) -> Option<Vec<Word>> {
        let mut quoted = false;
        let ends = word.char_indices().filter(|(_, letter)| {
            quoted ^= *letter == '"';
            !quoted && matches!(letter, ' ' | '(')
        });
        let start = ends.last().map_or(0, |(at, _)| at + 1);
        let (before, term) = word.split_at(start);
        let words: Vec<Word> = match term.find(['=', '!', '~', '<', '>']) {
            None if term.starts_with('@') => self.views()?,
            None => {
                let fields = self.fields(|_, _| true)?.into_iter();
                let fields = fields.map(|(name, help)| (format!("{name}="), help));
                // One view and many fields begin with nothing typed.
                if term.is_empty() { fields.chain(self.views()?).collect() } else { fields.collect() }
            }
            Some(end) => {
                let (field, rest) = term.split_at(end);
                let signs = rest.len() - rest.trim_start_matches(['=', '!', '~', '<', '>']).len();
                let values = rest[signs..].rfind(',').map_or(signs, |at| signs + at + 1);
                let values_of = |value: String| plain(format!("{field}{}{value}", &rest[..values]));
                self.asked(field)?.into_iter().map(values_of).collect()
            }
        };
        Some(words.into_iter().map(|(term, help)| (format!("{before}{term}"), help)).collect())
    }

    fn views(&self) -> Option<Vec<Word>> {
        let views = self.process()?.views.iter();
        Some(views.map(|(name, terms)| (format!("@{name}"), terms.clone())).collect())
    }

    /// What a term may compare a field with.
    fn asked(&self, field: &str) -> Option<Vec<String>> {
        let process = self.process()?;
        let all = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Some(match self.kind_of(field)? {
            Kind::Stage => process.stages.iter().map(|stage| stage.id.clone()).collect(),
            Kind::Status => all(&["open", "won", "lost", "disqualified", "closed"]),
            Kind::Date => all(&RANGES),
            Kind::Days => all(&LENGTHS),
            Kind::Money => all(&AMOUNTS),
            Kind::Percent => all(&SHARES),
            Kind::Number => Vec::new(),
            _ if field == "team" => process.teams.iter().map(|(name, _)| quote(name)).collect(),
            kind => self.values(field, &kind)?.iter().map(|value| quote(value)).collect(),
        })
    }

    /// What stands, or may stand, in a column.
    fn values(&self, field: &str, kind: &Kind) -> Option<Vec<String>> {
        Some(match kind {
            Kind::Choice(choices) => choices.clone(),
            Kind::YesNo => vec!["yes".to_owned(), "no".to_owned()],
            Kind::Text if field == "owner" => self.owners()?,
            Kind::Text => self.texts(field)?.into_iter().collect(),
            Kind::Tags => {
                let texts = self.texts(field)?;
                let tags = texts.iter().flat_map(|tags| tags.split([' ', ',', ';']));
                let tags: BTreeSet<&str> = tags.filter(|tag| !tag.is_empty()).collect();
                tags.into_iter().map(str::to_owned).collect()
            }
            _ => Vec::new(),
        })
    }

    fn texts(&self, field: &str) -> Option<BTreeSet<String>> {
        let rows = self.rows([field])?;
        Some(rows.into_iter().map(|[text]| text).filter(|text| !text.is_empty()).collect())
    }

    fn owners(&self) -> Option<Vec<String>> {
        let mut owners = self.texts("owner")?;
        owners.extend(self.process()?.owners().into_iter().map(str::to_owned));
        Some(owners.into_iter().collect())
    }

    /// Periods that are asked for often, and the last of each unit.
    fn periods(&self) -> Option<Vec<Word>> {
        let (folder, clock) = self.opened()?;
        let calendar = folder.process().calendar(clock.today);
        let of_units = |which| Unit::ALL.map(|unit| format!("{which} {}", unit.name()));
        let named = ["this", "last"].into_iter().flat_map(of_units);
        let mut periods: Vec<String> = named.chain(["30d", "90d", "365d"].map(str::to_owned)).collect();
        for (unit, back) in UNITS_BACK {
            let first = calendar.containing(unit, clock.today);
            let before = |period: &Period| calendar.containing(unit, period.first.pred_opt()?);
            periods.extend(std::iter::successors(first, before).take(back).map(|period| period.name));
        }
        let shown = |name: String| {
            let days = calendar.period(&name).map(|period| format!("{} – {}", period.first, period.last));
            (name, days.unwrap_or_default())
        };
        Some(periods.into_iter().map(shown).collect())
    }
}
